"""Say which words the field has better ones for where textlint does not look: `make lint only=printed-terms`.

    python -m scripts.printed_terms

textlint reads the running text of pages. This reads what readers run: every string of a program, messages of errors
among them, and every line that a program or lab prints, except those that its declaration says a model worded; and the
words of the tools' data and scripts. It also reads what textlint takes for code or a quotation: whatever is indented on
a page, as each answer to be said aloud is.
"""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from pathlib import Path

from scripts.markdown import all_pages, page_name
from scripts.pages.cost import INPUTS
from scripts.pages.decide import RULES
from scripts.pages.ledger import CLAIMS
from scripts.pages.practice import PROMPTS
from scripts.paths import DOCS, ROOT, SNIPPETS, all_programs, name_of
from scripts.register.book import OTHERS
from scripts.register.text import plain, sentences_in, sentences_of

TERMS = Path(__file__).with_suffix(".toml")
DATA_OF_TOOLS = (PROMPTS, RULES, CLAIMS, INPUTS)
COMMAND = "$ "  # the beginning of the line of an .out file that says how the program was run


class Text(Enum):
    """What is read: a program's output, the words that a program or a tool holds, or a page."""

    OUTPUT = auto()
    STRINGS = auto()
    PAGE = auto()


@dataclass(frozen=True)
class Term:
    """A pattern of stale words, what to write instead, and in which texts they count."""

    stale: re.Pattern[str]
    instead: str
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Found:
    """Stale words at a place: the file as the exceptions name it, the line, the words, and what to write instead."""

    file: str
    line: int
    words: str
    instead: str


def whole_words(stale: str) -> re.Pattern[str]:
    """The pattern of these words where nothing adjoins them; nor a hyphen before them, as textlint has it."""
    return re.compile(rf"(?<!-)\b(?:{stale})\b", re.IGNORECASE)


@cache
def terms() -> tuple[Term, ...]:
    """Those of textlint, which count in every text, and those that count in programs or in what they print alone."""
    linter = json.loads((ROOT / ".textlintrc.json").read_text(encoding="utf-8"))
    listed = linter["rules"]["terminology"]["terms"]  # as textlint writes a group of a match: $1
    of_pages = [Term(whole_words(stale), re.sub(r"\$(\d)", r"\\\1", new), tuple(Text)) for stale, new in listed]
    own = tomllib.loads(TERMS.read_text(encoding="utf-8"))["term"]
    of_programs = [
        Term(
            whole_words(one["stale"]),
            one["instead"],
            (Text.OUTPUT,) if one.get("outputs") else (Text.OUTPUT, Text.STRINGS),
        )
        for one in own
    ]
    return (*of_pages, *of_programs)


@cache
def exceptions() -> dict[tuple[str, str], str]:
    """{(file, words): why they stay}"""
    listed = tomllib.loads(TERMS.read_text(encoding="utf-8")).get("exception", [])
    return {(one["file"], words): one["reason"] for one in listed for words in one["words"]}


@cache
def worded_by_a_model(name: str) -> tuple[str, ...]:
    """The regexes of the beginnings of lines whose words are a model's, as snippets/programs.toml declares them."""
    declared = tomllib.loads((SNIPPETS / "programs.toml").read_text(encoding="utf-8"))
    return tuple(declared.get(name, {}).get("generated", []))


def stale_words(file: str, lines: list[tuple[int, str]], text: Text) -> Iterator[Found]:
    """The stale words in numbered lines."""
    for number, line in lines:
        for term in terms():
            if text in term.texts:
                for found in term.stale.finditer(line):
                    yield Found(file, number, found[0], found.expand(term.instead))


def printed_lines(text: str, name: str) -> list[tuple[int, str]]:
    """The numbered lines that are the program's own words."""
    generated = worded_by_a_model(name)
    return [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if not line.startswith(COMMAND) and not any(re.match(pattern, line) for pattern in generated)
    ]


def strings_of(source: str) -> list[tuple[int, str]]:
    """The strings of a program, each with its line."""
    constants = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return [(node.lineno, node.value) for node in constants if isinstance(node.value, str)]


def in_programs() -> Iterator[Found]:
    """The stale words in the strings of all programs and in what they print."""
    for program in all_programs():
        source, out = program.read_text(encoding="utf-8"), program.with_suffix(".out")
        name = name_of(program)
        yield from stale_words(name, strings_of(source), Text.STRINGS)
        if out.exists():
            lines = printed_lines(out.read_text(encoding="utf-8"), name)
            yield from stale_words(name_of(out), lines, Text.OUTPUT)


def in_labs() -> Iterator[Found]:
    """The stale words in the text of all labs and in what they print; a line is counted within its cell."""
    for lab in sorted((DOCS / "labs").glob("*.ipynb")):
        name = lab.relative_to(DOCS).as_posix()
        for cell in json.loads(lab.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            printed = "".join("".join(output.get("text", "")) for output in cell.get("outputs", []))
            written = strings_of(source) if cell["cell_type"] == "code" else list(enumerate(source.splitlines(), 1))
            yield from stale_words(name, written, Text.STRINGS)
            yield from stale_words(name, printed_lines(printed, name), Text.OUTPUT)


def in_pages() -> Iterator[Found]:
    """The stale words in the sentences of all pages, answers to be said aloud and quotations among them."""
    for page in all_pages():
        sentences = sentences_in(page.read_text(encoding="utf-8"), whole=True)
        yield from stale_words(page_name(page), [(one.line, plain(one.text)) for one in sentences], Text.PAGE)


def around_pages() -> Iterator[Found]:
    """The stale words in what scripts, templates, tooltips and the settings say to readers."""
    for file in OTHERS:
        if file.suffix in {".js", ".html", ".txt", ".yml"}:
            said = [(one.line, one.text) for one in sentences_of(file)]
            yield from stale_words(file.relative_to(ROOT).as_posix(), said, Text.PAGE)


def words_in(data: object) -> Iterator[str]:
    """The texts of a tool's data: its strings of several words, without the addresses in them. Others are ids."""
    if isinstance(data, str):
        if " " in data:
            yield plain(data)
    elif isinstance(data, list | dict):
        for part in data.values() if isinstance(data, dict) else data:
            yield from words_in(part)


def in_tools() -> Iterator[Found]:
    """The stale words in the data of tools, of which some are on no page; a text is counted within its file."""
    for file in filter(Path.exists, DATA_OF_TOOLS):
        name = file.relative_to(ROOT).as_posix().removeprefix("docs/").removeprefix("snippets/")
        texts = words_in(json.loads(file.read_text(encoding="utf-8")))
        yield from stale_words(name, list(enumerate(texts, 1)), Text.STRINGS)


def complaints(found: list[Found], kept: dict[tuple[str, str], str]) -> list[str]:
    """A sentence for each stale word that no exception keeps, and for each exception that keeps nothing."""
    stale = [
        f"{one.file}:{one.line}: “{one.words}”, where the field says: {one.instead}."
        for one in found
        if (one.file, one.words) not in kept
    ]
    idle = set(kept) - {(one.file, one.words) for one in found}
    return stale + [f"{TERMS.name}: “{words}” is no longer in {file}: take the exception out." for file, words in idle]


def main() -> int:
    """Print what is wrong; 1 where anything is."""
    wrong = complaints([*in_programs(), *in_labs(), *in_pages(), *around_pages(), *in_tools()], exceptions())
    for sentence in wrong:
        print(sentence)
    if wrong:
        print(f"Reword it and run the program again, or say in scripts/{TERMS.name} why it stays.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
