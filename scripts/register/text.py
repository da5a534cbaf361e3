"""Read a page as a reader would: its running text, sentence by sentence, and the figures in each."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.markdown import FENCE, INCLUDE

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
HIDDEN = re.compile(r"<!--.*?-->|<svg\b.*?</svg>", re.DOTALL)
# A block begins at a list item, a table row, a heading, an admonition or a tag of HTML; else at an empty line.
NEW_BLOCK = re.compile(r"\s*(?:[-*+] |\d+\. |\||#{1,6} |[!?]{3}|<)")
LIST_MARK = re.compile(r"^(?:[-*+]|\d+\.)\s+")
SENTENCE_END = re.compile(r"(?<=[.!?:])([\"”\u2019)*]*)\s+(?=[*\"“(\[]*[A-Z0-9£$“])")
ABBREVIATION = re.compile(r"(?:\be\.g|\bi\.e|\bvs|\bal|\bNo|\bArt)\.$")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\([^)]*\)")
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
    return bool(says_how_much or carries_the_thesis or text.startswith(("!", "|")))


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
    """What the register holds of a page, a lab, a drawing, a tool's words or the navigation, in order.

    With a text, what it would hold if the page were that.
    """
    text = page.read_text(encoding="utf-8") if text is None else text
    match page.suffix:
        case ".svg":
            return [
                Sentence("drawing", words, 1) for words in re.findall(r">([^<>]*\w[^<>]*)</(?:title|desc|text)>", text)
            ]
        case ".js":
            return list(lines_with_words(text))
        case ".yml":
            return list(labels(text))
        case ".ipynb":
            cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
            text = "\n\n".join("".join(cell["source"]) for cell in cells)
    return list(sentences_in(text))


def lines_with_words(text: str) -> Iterator[Sentence]:
    """The lines of a script that hold words for the reader: a string of two words or more."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"""(?:["'`}]|^)[^"'`]*[a-z]{2,} [a-z]+ [a-z]{2,}""", line) and not line.strip().startswith(
            ("//", "*", "/*")
        ):
            yield Sentence("script", line.strip(), number)


def labels(text: str) -> Iterator[Sentence]:
    """The lines of the navigation in the site's settings."""
    start = text.index("\nnav:") + 1
    for number, line in enumerate(text[start:].partition("\n\n")[0].splitlines(), text.count("\n", 0, start) + 1):
        yield Sentence("nav", line.strip(), number)


def sentences_in(text: str) -> Iterator[Sentence]:
    """What the register holds of Markdown: what search engines show, sentences, and the links of the others."""
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
        for one in split(block):
            yield from entries(one, f"> {section}" if quoted else section, line)


def entries(text: str, section: str, line: int) -> list[Sentence]:
    """A sentence as the register holds it: whole, or the links in it where it is not one to keep, or nothing."""
    if is_kept(text, section):
        return [Sentence(section, text, line)]
    return [Sentence(section, link, line) for link in LINK.findall(text)]
