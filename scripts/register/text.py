"""Read a page as a reader would: its running text, sentence by sentence, and the figures in each."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.markdown import FENCE, INCLUDE
from scripts.paths import DOCS

# The pages that carry the thesis: of these every sentence is held.
WHOLE = tuple(
    DOCS / page
    for page in (
        "index.md",
        "ladder/index.md",
        "understand/core-difference.md",
        "interview/two-minutes.md",
        "interview/glossary.md",
    )
)
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
HIDDEN = re.compile(r"<!--.*?-->|<svg\b.*?</svg>", re.DOTALL)
# A block begins at a list item, a table row, a heading, an admonition or a tag of HTML; else at an empty line.
NEW_BLOCK = re.compile(r"\s*(?:[-*+] |\d+\. |\||#{1,6} |[!?]{3}|<)")
LIST_MARK = re.compile(r"^(?:[-*+]|\d+\.)\s+")
SENTENCE_END = re.compile(r"(?<=[.!?:])([\"”\u2019)*]*)\s+(?=[*\"“(\[]*[A-Z0-9£$“])")
ABBREVIATION = re.compile(r"(?:\be\.g|\bi\.e|\bvs|\bal|\bNo|\bArt)\.$")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\([^)]*\)")
LINE = "---"
FIGURE = re.compile(r"(?<![\w.])(?:\d[\d,]*\d|\d)(?:\.\d+)?(?!\w*-\d)")
NUMBER = re.compile(r"(?:\d[\d,]*\d|\d)(?:\.\d+)?|(?<!\d)\.\d+")
# Words that compare or give a direction: the sentence is a finding, with a figure or without.
COMPARED = (
    "big|bold|brief|broad|cheap|clean|clear|clever|close|coarse|cool|costl[iy]|dear|deep|dense|earl[iy]|eas[iy]|fair|fast|few"
    "|fine|fresh|full|great|hard|heav[iy]|high|kind|large|late|light|likel[iy]|long|loose|low|mild|narrow|near|new|nois[iy]"
    "|old|plain|poor|quick|rare|rich|risk[iy]|safe|sharp|short|simple|slow|small|soon|steep|strict|strong|sure|thin|tight"
    "|vague|warm|weak|wide|young"
)
DIRECTION = re.compile(
    rf"\b(?:(?:{COMPARED})(?:e?r|e?st|ger|gest)|beats?|beaten|better|worse|best|worst|wins?|won|lose|loses|lost|hurts?|helps?"
    r"|helped|above|below|neither|rises?|rose|falls?|fell|raise[sd]?|improve[sd]?|more|less|first|last|most|least|further"
    r"|gain(?:s|ed)?|drop(?:s|ped)?|outperform\w*|level with|twice|half|double[sd]?|than|never|always|exceed(?:s|ed)?"
    r"|increase[sd]?|decrease[sd]?|reduce[sd]?|gr[eo]w(?:s|n)?|shr[iau]nks?|degrade[sd]?|suffer(?:s|ed)?|match(?:es|ed)?"
    r"|equals?)\b",
    re.IGNORECASE,
)
NUMBER_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|sixteen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|third|quarter|dozen|mean|median)\b",
    re.IGNORECASE,
)
# Words that deny or limit, and those that have an opposite: one of them turns a sentence round.
TURNING = re.compile(
    r"\b(?:not|no|nor|none|nothing|nobody|nowhere|cannot|without|only|unless|except|must|should|correct|incorrect|right"
    r"|wrong|true|false|before|after|same|different|fails?|failed|works?|worked|all|every|both|few|many|much|enough"
    r"|cheap|dear|expensive|fast|slow|high|low|good|bad|strong|weak|easy|hard|large|small|big|little|long|short)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)
# What a script says stands in its strings; comments and regular expressions are read over.
LITERAL = re.compile(
    r"//[^\n]*|/\*.*?\*/|(?<=[(,=:\[!&|?{};])\s*/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*"
    r"""|(?P<said>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)""",
    re.DOTALL,
)
WORDS = re.compile(r"[A-Za-z…]{2,}[,;:.!?]?(?: /)? (?:[a-z]{2,}|…)|[…✓✗\u2013] [a-z]{2,}")
# What a template says: between tags, in what is read aloud or shown, or as a word that an expression gives.
SHOWN = re.compile(
    r"""\w[^<>]*</|>\s*[A-Z][a-z]|(?:aria-label|alt|placeholder|title|content)="[^"{]*[A-Za-z]{3}|{{[^}]*"[A-Z][a-z]+\b"""
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a page, as it is in the Markdown but on one line."""

    section: str  # the heading it is under
    text: str
    line: int

    @property
    def figures(self) -> list[str]:
        """Its figures in digits, in order; not those of a name (GPT-4), a link's address or code."""
        return [match[0] for match in figures_in(plain(self.text))]

    @property
    def key(self) -> tuple[str, str]:
        """What the register holds it by."""
        return self.section, self.text


def plain(text: str) -> str:
    """A sentence without addresses, attributes, tags and code."""
    text = re.sub(r"\]\([^)]*\)|\{[^{}]*\}|`[^`]*`|<[^>]*>|\b\d+[a-z]+\">", " ", text)
    return re.sub(r"\[C\d+", "", text)


def figures_in(text: str) -> list[re.Match]:
    """The figures of a plain text; a number that is part of a name is none."""
    return [match for match in FIGURE.finditer(text) if not re.search(r"[A-Za-z]-$", text[: match.start()])]


def is_kept(text: str, section: str) -> bool:
    """Whether a sentence is one that the register holds."""
    words = plain(text)
    says_how_much = re.search(r"\d", words) or NUMBER_WORDS.search(words) or DIRECTION.search(words)
    carries_the_thesis = ".claim" in text or "**" in text or section.startswith(">")
    has_an_anchor = re.search(r"\{[^}]*#[\w-]|\bid=", text)
    is_turned_by_a_word = TURNING.search(words)
    return bool(
        says_how_much or is_turned_by_a_word or carries_the_thesis or has_an_anchor or text.startswith(("!", "|", "#"))
    )


def blocks_of(text: str) -> Iterator[tuple[int, str]]:
    """The blocks of a page's Markdown, each with the number of its first line."""
    start, lines = 0, []
    for number, line in enumerate(text.splitlines(), 1):
        if lines and (not line.strip() or NEW_BLOCK.match(line)):
            yield start, "\n".join(lines)
            lines = []
        if line.strip():
            start = start if lines else number
            lines.append(line)
    if lines:
        yield start, "\n".join(lines)


def split(block: str) -> list[str]:
    """A block's sentences. A row of a table is one, whatever its cells hold."""
    text = " ".join(block.split())
    if text.startswith(("|", "#")):
        return [] if re.fullmatch(r"[|:\- ]+", text) else [text]
    parts, start = [], 0
    text = LIST_MARK.sub("", text)
    for end in SENTENCE_END.finditer(text):
        if not ABBREVIATION.search(text[: end.start()]):
            parts.append(text[start : end.end()].strip())
            start = end.end()
    return [*parts, text[start:].strip()]


def blank(match: re.Match) -> str:
    """Nothing, over as many lines."""
    return "\n" * match[0].count("\n")


def sentences_of(page: Path, text: str | None = None) -> list[Sentence]:
    """What the register holds of a page, a lab, a drawing, a tool, a template or the settings, in order.

    With a text, what it would hold if the page were that.
    """
    text = page.read_text(encoding="utf-8") if text is None else text
    if page.suffix in READERS:
        return list(READERS[page.suffix](text))
    return list(sentences_in(text, page in WHOLE))


def words_of_a_lab(text: str) -> Iterator[Sentence]:
    """What the Markdown cells of a notebook say."""
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
    return sentences_in("\n\n".join("".join(cell["source"]) for cell in cells))


def labels_of_a_drawing(text: str) -> Iterator[Sentence]:
    """A drawing's title, its description and the words in it."""
    for words in re.findall(r">([^<>]*\w[^<>]*)</(?:title|desc|text)>", text):
        yield Sentence("drawing", words, 1)


def tooltips(text: str) -> Iterator[Sentence]:
    """The terms that are explained where the pointer rests on them, one a line."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield Sentence("tooltips", line, number)


def lines_with_words(text: str) -> Iterator[Sentence]:
    """The lines of a script with a string of two words or more, which a reader may see."""
    lines, held = text.splitlines(), []
    for literal in LITERAL.finditer(text):
        first = text.count("\n", 0, literal.start())
        for number, part in enumerate((literal["said"] or "").splitlines(), first):
            if WORDS.search(re.sub(r"\$\{[^{}]*\}", "…", part)):
                held.append(number)
    for number in dict.fromkeys(held):
        yield Sentence("script", lines[number].strip(), number + 1)


def lines_shown(text: str) -> Iterator[Sentence]:
    """The lines of a template with words for the reader."""
    bare = re.sub(r"\{#.*?#\}|<script\b.*?</script>|<style\b.*?</style>", blank, text, flags=re.DOTALL)
    for number, line in enumerate(bare.splitlines(), 1):
        if SHOWN.search(line):
            yield Sentence("template", line.strip(), number)


def records_in(text: str) -> Iterator[Sentence]:
    """The records of a tool's data as they are there: a rule with its conditions, a rubric point with its phrasings.

    Of a recorded run, what the model answered to each prompt.
    """
    data = json.loads(text)
    if "hits" in data:
        for found in data["answers"]:
            yield Sentence(f"> {data['question']}", " ".join(found["answer"].split()), line_of(found["answer"], text))
        return
    for name, found in data.items():
        for record in found if isinstance(found, list) else [found]:
            rubric = record.get("rubric") if isinstance(record, dict) else None
            section = f"{name} > {record['id']}" if rubric else name
            for part in rubric or [record]:
                yield Sentence(section, json.dumps(part, ensure_ascii=False), line_of(part, text))


def line_of(record: object, text: str) -> int:
    """The line of JSON on which the longest text of a record stands."""
    texts = [one for one in record.values() if isinstance(one, str)] if isinstance(record, dict) else [str(record)]
    at = text.find(json.dumps(max(texts, key=len, default=""), ensure_ascii=False))
    return text.count("\n", 0, max(at, 0)) + 1


def settings(text: str) -> Iterator[Sentence]:
    """What the settings say to the reader: the site's name, what it is, the licences, the edition; the navigation."""
    said = r"^(?:site_name|site_description|copyright): .*(?:\n  .*)*|\bname: [A-Z][^\n}]*"
    for match in re.finditer(said, text, re.MULTILINE):
        yield Sentence("settings", " ".join(match[0].split()), text.count("\n", 0, match.start()) + 1)
    start = text.index("\nnav:") + 1
    for number, line in enumerate(text[start:].partition("\n\n")[0].splitlines(), text.count("\n", 0, start) + 1):
        yield Sentence("nav", line.strip(), number)


READERS = {
    ".svg": labels_of_a_drawing,
    ".js": lines_with_words,
    ".json": records_in,
    ".html": lines_shown,
    ".txt": tooltips,
    ".yml": settings,
    ".ipynb": words_of_a_lab,
}


def sentences_in(text: str, whole: bool = False) -> Iterator[Sentence]:
    """What the register holds of Markdown: what search engines show, sentences, and the links of the others.

    With `whole`, every sentence.
    """
    front = FRONT_MATTER.match(text)
    if front:
        shown = " ".join(front[1].replace(">-", "").split())
        shown = re.sub(r"\s(?=(?:title|description|tags|search|hide|boost):)", "\n", shown)
        yield from (Sentence("front matter", one, 1) for one in shown.splitlines() if one.startswith(("title", "desc")))
        text = blank(front) + text[front.end() :]
    for pattern in (FENCE, HIDDEN):
        text = pattern.sub(blank, text)
    text = INCLUDE.sub("", text)
    section, quoted = "", False
    for line, block in blocks_of(text):
        if heading := re.match(r"\s*#{1,6} (.*)", block):
            section = re.sub(r"\s*\{[^}]*\}", "", heading[1]).strip()
        is_indented = block.startswith("    ")
        quoted = block.startswith(("!!! quote", "??? quote")) or (quoted and is_indented)
        if block.strip() == LINE:  # below it stand the sources of what is said aloud
            quoted = False
            continue
        for one in split(block):
            yield from entries(one, f"> {section}" if quoted else section, line, whole)


def entries(text: str, section: str, line: int, whole: bool) -> list[Sentence]:
    """A sentence as the register holds it: whole, or the links in it where it is not one to keep, or nothing."""
    if is_kept(text, section) or (whole and re.search(r"\w", plain(text))):
        return [Sentence(section, text, line)]
    return [Sentence(section, link, line) for link in LINK.findall(text)]
