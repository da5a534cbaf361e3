"""Say which words of programs and labs the field has better ones for: `make lint only=printed-terms`.

    python -m scripts.printed_terms

textlint reads pages. This reads what their readers run: every string of a program, messages of errors among them, and
every line that a program or lab prints, except those that its declaration says a model worded.
"""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.paths import DOCS, ROOT, SNIPPETS, all_programs, name_of

TERMS = Path(__file__).with_suffix(".toml")
COMMAND = "$ "  # the beginning of the line of an .out file that says how the program was run


@dataclass(frozen=True)
class Term:
    """A pattern of stale words, what to write instead, and whether only what is printed counts."""

    stale: re.Pattern[str]
    instead: str
    outputs: bool


@dataclass(frozen=True)
class Found:
    """Stale words at a place: the file as the exceptions name it, the line, the words, and what to write instead."""

    file: str
    line: int
    words: str
    instead: str


def whole_words(stale: str) -> re.Pattern[str]:
    """The pattern of these words where nothing adjoins them."""
    return re.compile(rf"\b(?:{stale})\b", re.IGNORECASE)


@cache
def terms() -> tuple[Term, ...]:
    """Those of the pages, which count in every text, and those of programs."""
    linter = json.loads((ROOT / ".textlintrc.json").read_text(encoding="utf-8"))
    listed = linter["rules"]["terminology"]["terms"]  # as textlint writes a group of a match: $1
    of_pages = [Term(whole_words(stale), re.sub(r"\$(\d)", r"\\\1", new), outputs=False) for stale, new in listed]
    own = tomllib.loads(TERMS.read_text(encoding="utf-8"))["term"]
    of_programs = [Term(whole_words(one["stale"]), one["instead"], one.get("outputs", False)) for one in own]
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


def stale_words(file: str, lines: list[tuple[int, str]], printed: bool) -> Iterator[Found]:
    """The stale words in numbered lines."""
    for number, line in lines:
        for term in terms():
            if printed or not term.outputs:
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
        yield from stale_words(name, strings_of(source), printed=False)
        if out.exists():
            lines = printed_lines(out.read_text(encoding="utf-8"), name)
            yield from stale_words(name_of(out), lines, printed=True)


def in_labs() -> Iterator[Found]:
    """The stale words in the text of all labs and in what they print; a line is counted within its cell."""
    for lab in sorted((DOCS / "labs").glob("*.ipynb")):
        name = lab.relative_to(DOCS).as_posix()
        for cell in json.loads(lab.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            printed = "".join("".join(output.get("text", "")) for output in cell.get("outputs", []))
            written = strings_of(source) if cell["cell_type"] == "code" else list(enumerate(source.splitlines(), 1))
            yield from stale_words(name, written, printed=False)
            yield from stale_words(name, printed_lines(printed, name), printed=True)


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
    wrong = complaints([*in_programs(), *in_labs()], exceptions())
    for sentence in wrong:
        print(sentence)
    if wrong:
        print(f"Reword it and run the program again, or say in scripts/{TERMS.name} why it stays.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
