"""Mutations of meaning for what the guide says, drawn at random, without a look at what the register keeps.

Each kind takes a text and a random generator and returns the text with one mutation, or None where it finds no place.
A place may be anywhere a reader reads: in a sentence that the register holds or in any other.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.markdown import FENCE, all_pages
from scripts.paths import DOCS, ROOT
from scripts.register import book

Change = Callable[[str, random.Random], str | None]
OPPOSITES = """hurts/helps beats/loses_to higher/lower highest/lowest above/below better/worse best/worst rises/falls
rose/fell raises/lowers raised/lowered gains/loses gained/lost wins/loses win/lose won/lost improves/worsens
improved/worsened increases/decreases grew/shrank exceeds/falls_short_of twice/half at_least/at_most first/last
always/never more/fewer less/more least/most fewest/most cheaper/more_expensive cheapest/most_expensive faster/slower
fastest/slowest quicker/slower larger/smaller largest/smallest bigger/smaller biggest/smallest longer/shorter
longest/shortest stronger/weaker strongest/weakest easier/harder earlier/later sooner/later newer/older newest/oldest
nearer/further nearest/furthest closer/further deeper/shallower wider/narrower widest/narrowest stricter/looser
clearer/vaguer finer/coarser safer/riskier simpler/more_complex simplest/most_complex heaviest/lightest
commonest/rarest likelier/less_likely likeliest/least_likely""".split()  # noqa: SIM905
# A word in two pairs becomes its opposite in the first.
TURNED: dict[str, str] = {}
for one, other in (pair.replace("_", " ").split("/") for pair in OPPOSITES):
    TURNED |= {one: TURNED.get(one, other), other: TURNED.get(other, one)}
NUMBERS = "two three four five six seven eight nine ten twelve twenty thirty forty fifty sixty hundred".split()  # noqa: SIM905
TOLD_BY_TOOLS = (
    ("more", "less"), ("better", "worse"), ("lower", "higher"), ("below", "above"), ("enough", "too little"),
    ("first", "last"), ("nothing", "everything"), ("cannot", "can"), ("only", "also"), ("every", "no"),
    ("from", "up to"), ("never", "always"), ("without", "with"), ("before", "after"), ("correct", "incorrect"),
)  # fmt: skip
UNITS = {
    "%": " points",
    " points": "%",
    " MB": " GB",
    " GB": " MB",
    " ms": " s",
    " tokens": " words",
    " days": " weeks",
}


@dataclass(frozen=True)
class Mutation:
    """One mutation: its kind, the file it is in, and that file's text with it."""

    kind: str
    page: Path
    text: str

    @property
    def names(self) -> tuple[str, ...]:
        """What a line that is told of it may call the place by."""
        return (book.name_of(self.page),)

    def told(self) -> list[str]:
        """What is told of it, a line for each place."""
        return told_anew(self.page, self.text)


@cache
def told_already(page: Path) -> frozenset[str]:
    """What is told of a page as it is: nothing, once the register is up to date."""
    return frozenset(book.differences(page))


def told_anew(page: Path, text: str) -> list[str]:
    """What the register tells of a text in a page's place, and not of the page."""
    return [line for line in book.differences(page, text) if line not in told_already(page)]


def running_text(text: str) -> list[tuple[int, int]]:
    """Where the text that is read lies: not in fences, comments, addresses or front matter but the description."""
    hidden = [match.span() for match in FENCE.finditer(text)]
    hidden += [
        match.span()
        for match in re.finditer(r"<!--.*?-->|<svg.*?</svg>|\]\([^)]*\)|\{[^}]*\}|`[^`]*`|<[^>]*>", text, re.S)
    ]
    hidden += [
        match.span() for match in re.finditer(r"^\s*--8<--.*$|^(?:title|tags|hide|search|  boost):.*$", text, re.M)
    ]
    return sorted(hidden)


def places(text: str, pattern: str) -> list[re.Match]:
    """The matches of a pattern in the running text."""
    hidden = running_text(text)
    return [
        match
        for match in re.finditer(pattern, text)
        if not any(start < match.end() and match.start() < end for start, end in hidden)
    ]


def put(text: str, match: re.Match, new: str) -> str:
    """The text with something else in a match's place."""
    return text[: match.start()] + new + text[match.end() :]


def drawn(text: str, pattern: str, rng: random.Random) -> re.Match | None:
    """One of the matches in the running text."""
    found = places(text, pattern)
    return rng.choice(found) if found else None


def change_figure(text: str, rng: random.Random) -> str | None:
    """41 becomes 47."""
    match = drawn(text, r"(?<![\w.,#/-])\d[\d,]*(?:\.\d+)?(?![\w/])(?!\. )", rng)
    if not match:
        return None
    digit = rng.choice([place for place, one in enumerate(match[0]) if one.isdigit()])
    other = rng.choice([one for one in "123456789" if one != match[0][digit]])
    return put(text, match, match[0][:digit] + other + match[0][digit + 1 :])


def swap_figures(text: str, rng: random.Random) -> str | None:
    """Two figures of a line change places."""
    lines = [
        match
        for match in places(
            text, r"(?<![\w.,#/-])(\d[\d.,]*\d|\d)(?![\w/])([^\d\n]{2,60}?)(?<![\w.,#/-])(\d[\d.,]*\d|\d)(?![\w/])"
        )
        if match[1] != match[3]
    ]
    match = rng.choice(lines) if lines else None
    return put(text, match, match[3] + match[2] + match[1]) if match else None


def change_number_word(text: str, rng: random.Random) -> str | None:
    """Five becomes six."""
    match = drawn(text, rf"\b(?:{'|'.join(NUMBERS)})\b", rng)
    return put(text, match, rng.choice([one for one in NUMBERS if one != match[0]])) if match else None


def reverse_direction(text: str, rng: random.Random) -> str | None:
    """Hurts becomes helps."""
    longest_first = sorted(TURNED, key=len, reverse=True)  # "more expensive" before "more"
    match = drawn(text, rf"\b(?:{'|'.join(longest_first)})\b", rng)
    return put(text, match, TURNED[match[0]]) if match else None


def change_unit(text: str, rng: random.Random) -> str | None:
    """Points become per cent, megabytes gigabytes."""
    match = drawn(text, rf"(?<=\d)(?:{'|'.join(UNITS)})\b", rng)
    return put(text, match, UNITS[match[0]]) if match else None


def change_p(text: str, rng: random.Random) -> str | None:
    """A p-value loses or gains a nought."""
    match = drawn(text, r"(?<=p [=<] )0\.(?=\d)", rng)
    return put(text, match, "0.0") if match else None


COUNT = rf"(?:\d+|{'|'.join(NUMBERS)})"
WON_AND_LOST = (
    rf"\bwon ({COUNT})\b[^.|\n]{{0,40}}?\blost ({COUNT})\b",
    rf"(?<![\w./])({COUNT}) (?:\w+ )?won\b[^.|\n]{{0,10}}? ({COUNT}) (?:\w+ )?lost\b",
)


def change_won_and_lost(text: str, rng: random.Random) -> str | None:
    """Of items won and items lost one count is another, or they change places."""
    found = [match for pattern in WON_AND_LOST for match in places(text, pattern)]
    if not found:
        return None
    match = rng.choice(found)
    won, lost = match[1], match[2]
    changed = rng.choice([(another_count(won, rng), lost), (won, another_count(lost, rng)), (lost, won)])
    between = text[match.end(1) : match.start(2)]
    return text[: match.start(1)] + changed[0] + between + changed[1] + text[match.end(2) :]


def another_count(count: str, rng: random.Random) -> str:
    """Another count, written as this one is."""
    if count.isdigit():
        return str(int(count) + rng.randint(1, 9))
    return rng.choice([one for one in NUMBERS if one != count])


def change_arxiv_number(text: str, rng: random.Random) -> str | None:
    """A work's arXiv number has another digit: where it is read, in its address, or in both."""
    found = list(re.finditer(r"\[arXiv (\d{4}\.\d{5})\]\(https://arxiv\.org/abs/\1\)", text))
    if not found:
        return None
    match = rng.choice(found)
    digit = rng.choice([place for place, one in enumerate(match[1]) if one.isdigit()])
    wrong = (
        match[1][:digit] + rng.choice([one for one in "0123456789" if one != match[1][digit]]) + match[1][digit + 1 :]
    )
    read, address = rng.choice([(wrong, match[1]), (match[1], wrong), (wrong, wrong)])
    return put(text, match, f"[arXiv {read}](https://arxiv.org/abs/{address})")


def change_caption(text: str, rng: random.Random) -> str | None:
    """A caption says the mean of five for the median of three, or another interval."""
    captions = [match for match in re.finditer(r"<figcaption>.*?</figcaption>", text)]
    said = {"median": "mean", "of three": "of five", "95%": "90%", "questions": "messages", "messages": "questions"}
    found = [(one, old) for one in captions for old in said if old in one[0]]
    if not found:
        return None
    caption, old = rng.choice(found)
    return put(text, caption, caption[0].replace(old, said[old]))


def mean_for_median(text: str, rng: random.Random) -> str | None:
    """Running text says the mean of five for the median of three."""
    match = drawn(text, r"(?:middle|median) of (?:the )?three", rng)
    return put(text, match, "mean of five") if match else None


def exchange_year(text: str, rng: random.Random) -> str | None:
    """A cited work gets another year."""
    found = list(re.finditer(r"(?<=[a-z.,] )20[12]\d(?=[\])]|\*\*\])", text))
    match = rng.choice(found) if found else None
    return put(text, match, str(int(match[0]) - 1)) if match else None


def lead_elsewhere(pattern: str) -> Change:
    """A link gets the address of another on the page, which exists."""

    def change(text: str, rng: random.Random) -> str | None:
        text_only = [
            match for match in re.finditer(pattern, text) if not any(a < match.start() < b for a, b in fences(text))
        ]
        targets = sorted({match[1] for match in text_only})
        if len(targets) < 2:
            return None
        match = rng.choice(text_only)
        other = rng.choice([one for one in targets if one != match[1]])
        return text[: match.start(1)] + other + text[match.end(1) :]

    return change


def fences(text: str) -> list[tuple[int, int]]:
    """Where a page's fences are."""
    return [match.span() for match in FENCE.finditer(text)]


def exchange_two(pattern: str) -> Change:
    """Two things of one kind in a file change places."""

    def change(text: str, rng: random.Random) -> str | None:
        found = list(re.finditer(pattern, text))
        pairs = [(a, b) for a in found for b in found if a.start() < b.start() and a[1] != b[1]]
        if not pairs:
            return None
        a, b = rng.choice(pairs)
        return text[: a.start(1)] + b[1] + text[a.end(1) : b.start(1)] + a[1] + text[b.end(1) :]

    return change


IS = "is|are|does|can|was|were|has|will|would"


def negate(pattern: str) -> Change:
    """Something is said to be not so, in the places that a pattern ends at."""

    def change(text: str, rng: random.Random) -> str | None:
        match = drawn(text, pattern, rng)
        return put(text, match, f"{match[0]} not") if match else None

    return change


def drop_not(text: str, rng: random.Random) -> str | None:
    """What is not so is so."""
    match = drawn(text, r"\b(?:not|never) ", rng)
    return put(text, match, "") if match else None


def drop_sentence(text: str, rng: random.Random) -> str | None:
    """A sentence is gone."""
    match = drawn(text, r"(?<=[.?] )[A-Z][^.!?\n|]{20,}\.(?= |\n)", rng)
    return put(text, match, "") if match else None


def reverse_in_a_string(text: str, rng: random.Random) -> str | None:
    """What a script says to its reader becomes the contrary."""
    turned = {one: other for pair in TOLD_BY_TOOLS for one, other in (pair, pair[::-1])}
    strings = [one for one in re.finditer(r'"[^"\n]*"|`[^`\n]*`', text) if " " in one[0]]
    code = re.compile(r"\$\{[^}]*\}")
    found = [
        (string.start() + word.start(), word[0])
        for string in strings
        if not re.search(r"// |/?\*+ ", text[text.rfind("\n", 0, string.start()) + 1 : string.start()])  # no comment
        for word in re.finditer(rf"\b(?:{'|'.join(turned)})\b", code.sub(lambda one: "_" * len(one[0]), string[0]))
    ]
    if not found:
        return None
    start, word = rng.choice(found)
    return text[:start] + turned[word] + text[start + len(word) :]


def of_another(pattern: str, files: list[Path]) -> Change:
    """Something in a file is what it is in another."""

    def change(text: str, rng: random.Random) -> str | None:
        own = [match for match in re.finditer(pattern, text, re.S)]
        others = re.findall(pattern, rng.choice(files).read_text(encoding="utf-8"), re.S)
        if not own or not others:
            return None
        match = rng.choice(own)
        return text[: match.start(1)] + rng.choice(others) + text[match.end(1) :]

    return change


def new_description(text: str, rng: random.Random) -> str | None:
    """A page is described as another one is."""
    others = [page.read_text(encoding="utf-8") for page in rng.sample(all_pages(), 8)]
    own = re.search(r"^description: (?:>-\n\s+)?(.*)$", text, re.M)
    found = [match[1] for one in others if (match := re.search(r"^description: (?:>-\n\s+)?(.*)$", one, re.M))]
    return put(text, own, f"description: {next(one for one in found if one != own[1])}") if own else None


PAGES = all_pages()
PAPERS = DOCS / "evidence" / "papers.md"
GLOSSARY = DOCS / "interview" / "glossary.md"
THESIS = [DOCS / name for name in ("index.md", "ladder/index.md", "interview/glossary.md", "interview/two-minutes.md")]
TOOLS = sorted((DOCS / "assets" / "tools").rglob("*.js"))
TEMPLATES = sorted((ROOT / "overrides").rglob("*.html"))
RULE = r"(?m)^\| \*[^|\n]* is (?:anything but )?(“[^|\n]*”) \|"
SVGS = sorted((DOCS / "assets" / "diagrams").glob("*.svg"))
IN_WORDS = r"<(?:title|desc)[^>]*>([^<]*)</"
ALTERNATIVE = r'(?:alt="|!\[|og:image:alt" content=")([^"\]]+)'
WITH = {  # kind: how, how many, in which files
    "figure changed": (change_figure, 24, PAGES),
    "two figures swapped": (swap_figures, 14, PAGES),
    "number in words changed": (change_number_word, 12, PAGES),
    "direction reversed": (reverse_direction, 30, PAGES),
    "unit changed": (change_unit, 6, PAGES),
    "p-value changed": (change_p, 4, PAGES),
    "won or lost changed": (change_won_and_lost, 6, PAGES),
    "mean for median": (mean_for_median, 2, PAGES),
    "caption changed": (change_caption, 4, PAGES),
    "not added": (negate(rf"\b(?:{IS})\b"), 10, PAGES),
    "not left out": (drop_not, 10, PAGES),
    "sentence of the thesis dropped": (drop_sentence, 4, THESIS),
    "definitions of two terms exchanged": (exchange_two(r"(?m)^### [^\n]+\n\n([^\n]+)$"), 3, [GLOSSARY]),
    "year of a work exchanged": (exchange_year, 6, PAGES),
    "years of two works exchanged": (exchange_two(r"(?m)^### [^\n]*?\b(20\d\d)\b[^\n]* \{"), 2, [PAPERS]),
    "figure of a work changed": (change_figure, 4, [PAPERS]),
    "two figures of works swapped": (swap_figures, 2, [PAPERS]),
    "work's link exchanged": (lead_elsewhere(r"\]\(([\w./-]*papers\.md#[\w-]+)\)"), 5, PAGES),
    "work's own link exchanged": (exchange_two(r"\]\((https://[^)\s]+)\)"), 3, [PAPERS]),
    "arXiv number changed": (change_arxiv_number, 4, [PAPERS]),
    "arXiv number exchanged": (exchange_two(r"(\[arXiv [\d.]+\]\([^)]*\))"), 3, [PAPERS]),
    "link to a wrong page or section": (lead_elsewhere(r"\]\(([\w./-]+\.md(?:#[\w-]+)?)\)"), 12, PAGES),
    "anchors exchanged": (exchange_two(r"\{ (#[\w-]+)"), 5, PAGES),
    "description exchanged": (new_description, 4, PAGES),
    "navigation labels exchanged": (exchange_two(r"(?m)^ {6}- (\"?[A-Z][^:\n]*\"?): "), 3, [ROOT / "mkdocs.yml"]),
    "labels of a drawing exchanged": (exchange_two(r">([^<>\n]*[a-z][^<>\n]*)</text>"), 4, SVGS),
    "drawing described as another": (of_another(IN_WORDS, SVGS), 3, SVGS),
    "alternative text exchanged": (
        of_another(ALTERNATIVE, [ROOT / "README.md", ROOT / "overrides" / "main.html"]),
        1,
        [ROOT / "README.md", ROOT / "overrides" / "main.html"],
    ),
    "tooltips exchanged": (exchange_two(r"(?m)^\*\[[^\]]+\]: (.*)$"), 3, [DOCS / "_abbreviations.txt"]),
    "words of a template exchanged": (exchange_two(r"[\">]([A-Z][a-z]+[^<>{}\"]*)(?=[\"<])"), 3, TEMPLATES),
    "home page's answers crossed": (exchange_two(r'class="way">(.*?)</span>'), 2, [DOCS / "index.md"]),
    "verdicts of two claims exchanged": (exchange_two(r"(?m)^### C\d+: (.*?) \{"), 4, [DOCS / "evidence/claims.md"]),
    "claim negated": (negate(rf"(?<=\*\*)[^*\n]*?\b(?:{IS})\b(?=[^*\n]*\*\*)"), 6, PAGES),
    "rule of the decision tool loosened": (exchange_two(RULE), 2, [DOCS / "tools/decide.md"]),
    "rubric points exchanged": (exchange_two(r"(?m)^- \*\*[A-H]\*\* ([^\n]+)$"), 2, [DOCS / "tools/prompts.md"]),
    "sentence of the cost tool reversed": (reverse_in_a_string, 3, [DOCS / "assets/tools/cost/words.js"]),
    "sentence of a tool reversed": (reverse_in_a_string, 8, TOOLS),
}  # fmt: skip


def mutations(seed: int) -> Iterator[Mutation]:
    """The mutations of a seed, in the order of their kinds."""
    rng = random.Random(seed)
    for kind, (change, count, files) in WITH.items():
        planted, tries = 0, 0
        while planted < count and tries < 400:
            tries += 1
            page = rng.choice(files)
            text = page.read_text(encoding="utf-8")
            spoilt = change(text, rng)
            if spoilt and spoilt != text:
                planted += 1
                yield Mutation(kind, page, spoilt)
