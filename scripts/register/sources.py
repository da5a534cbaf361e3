"""Where a figure comes from: `file > its line > its column`, or a reason in brackets why it has no source.

A file is named from the folder that holds it: `ladder/rag/measure.out` of snippets, `hybrid/results/table.md` of
experiments, `evidence/papers.md#ovadia-2023` of docs. A line is named by its first cells (`tuned | paraphrase`), by how
it begins, or by words that no other line holds; where several do, by a line above it: `file > Paraphrase > BM25`. Of
JSON, by its keys.
"""

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from scripts.paths import DOCS, ROOT, SNIPPETS
from scripts.register.text import NUMBER

FOLDERS = (SNIPPETS, ROOT / "experiments", DOCS, ROOT)
# What a figure may be that no result, program or paper holds.
REASONS = {
    "year": "a year or a date of the text's own",
    "name": "part of a name or a number of a rung, a row, a claim",
    "count": "a count of what stands on the page",
    "example": "an invented case, put in words or carried through a sum",
    "setting": "how something was run or is set; the program or its page states it too",
    "guess": "our judgement, called so on the page",
    "known": "a fact of the world or of arithmetic that needs no measurement",
    "generated": "written by `make pages` from the data named in the page",
    "read": "as it stands in the work, on the page that records what works say",
}


class NoSuchPlace(LookupError):
    """A source that names a file, a line or a column that is not there."""


@cache
def file_of(name: str) -> Path:
    """The file that a source names. Raises NoSuchPlace."""
    for folder in FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise NoSuchPlace(f"there is no {name}")


@cache
def lines_of(file: Path) -> tuple[str, ...]:
    """The lines of a text file, or of what a notebook printed, without spaces around them."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".ipynb":  # what its cells printed
        outputs = [one for cell in json.loads(text)["cells"] for one in cell.get("outputs", [])]
        text = "".join("".join(one.get("text", [])) for one in outputs)
    return tuple(line.strip() for line in text.splitlines())


def cells(row: str) -> list[str]:
    """The cells of a row of a Markdown table."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def is_called(line: str, words: str) -> tuple[bool, bool, bool]:
    """Whether a line is called so: by its first cells, by how it begins, by words in it."""
    named = cells(words) if "|" in words else [words]
    by_cells = line.startswith("|") and cells(line)[: len(named)] == named
    return by_cells, line.startswith(words), words in line


def line_called(file: Path, words: str, after: int = -1) -> int:
    """The number of the one line that is called so, or of the first one below another. Raises NoSuchPlace."""
    lines = lines_of(file)
    called = [(number, is_called(line, words)) for number, line in enumerate(lines) if number > after]
    for way in range(3):
        found = [number for number, ways in called if ways[way]]
        if len(found) == 1 or (found and after >= 0):
            return found[0]
        if found:
            raise NoSuchPlace(f"{file.name} has {len(found)} lines called “{words}”: name it by more words")
    raise NoSuchPlace(f"{file.name} has no line called “{words}”")


def header_over(lines: tuple[str, ...], number: int) -> list[str]:
    """The names of the columns of the table that a line belongs to."""
    while number > 0 and lines[number - 1].startswith("|"):
        number -= 1
    return cells(lines[number])


def entry_of(file: Path, anchor: str) -> str:
    """The section of a page that has this anchor, without its heading. Raises NoSuchPlace."""
    found = re.search(
        rf"^#+ [^\n]*\{{ ?#{re.escape(anchor)} ?\}}$\n(.*?)(?=^#|\Z)", file.read_text("utf-8"), re.M | re.S
    )
    if not found:
        raise NoSuchPlace(f"{file.name} has no entry #{anchor}")
    return found[1]


def value_in(data: object, keys: list[str]) -> str:
    """What JSON holds under these keys. Raises NoSuchPlace."""
    for key in keys:
        try:
            data = data[int(key)] if isinstance(data, list) else data[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise NoSuchPlace(f"there is nothing under {' > '.join(keys)}") from None
    return json.dumps(data)


@cache
def place(source: str) -> str:
    """The text that a source points to: a cell, a line, an entry. Raises NoSuchPlace."""
    name, *words = [part.strip() for part in source.split(" > ")]
    name, _, anchor = name.partition("#")
    file = file_of(name)
    if anchor:
        return entry_of(file, anchor)
    if not words:
        raise NoSuchPlace(f"{name} is a whole file: name the line after “ > ”")
    if file.suffix == ".json":
        return value_in(json.loads(file.read_text(encoding="utf-8")), words)
    lines, number = lines_of(file), -1
    for word in words:
        if number >= 0 and lines[number].startswith("|") and word in (header := header_over(lines, number)):
            return cells(lines[number])[header.index(word)]
        number = line_called(file, word, number)
    return lines[number]


def numbers(text: str) -> list[str]:
    """The numbers of a text, without commas between thousands."""
    return [match.replace(",", "") for match in NUMBER.findall(text)]


def holds(text: str, figure: str) -> bool:
    """Whether a text holds a figure: itself, or a number that rounds to it, or a share of which it is the per cent."""
    wanted = figure.replace(",", "")
    decimals = len(wanted.partition(".")[2])
    for number in numbers(text):
        values = [Decimal(number)] if Decimal(number) > 1 else [Decimal(number), 100 * Decimal(number)]
        rounded = {str(value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)) for value in values}
        if wanted == number or ("." in number and wanted in rounded):
            return True
    return False


def worked_out(sum_of: str) -> str:
    """The result of a sum such as `{a source} - {another}`, of the first number in each place. Raises NoSuchPlace."""

    def first(match: re.Match) -> str:
        found = numbers(place(match[1]))
        if not found:
            raise NoSuchPlace(f"{match[1]} holds no number")
        return found[0]

    terms = re.sub(r"\{([^{}]*)\}", first, sum_of)
    if not re.fullmatch(r"[\d.+*/() -]+", terms):
        raise NoSuchPlace(f"“{sum_of}” is no sum of places in braces")
    return repr(float(eval(terms, {"__builtins__": {}})))  # digits and signs alone


def problem(figure: str, source: str) -> str:
    """Why a figure is not what its source holds; empty where it is."""
    if source.startswith("("):
        reason = source.strip("()").partition(":")[0]
        return "" if reason in REASONS else f"“{reason}” is no reason: one of {', '.join(REASONS)}"
    if source == "?":
        return "it has no source yet"
    try:
        text = worked_out(source.removeprefix("=").strip()) if source.startswith("=") else place(source)
    except NoSuchPlace as error:
        return f"its source is not there: {error}"
    if holds(text, figure):
        return ""
    shown = " ".join(text.split())
    return f"its source, {source}, says {shown if len(shown) < 160 else shown[:160] + ' …'}"
