"""Read the data files that pages are made from, and say in a sentence what is wrong: file, entry, field, what to do.

The form of a file is a JSON Schema, written in the module that makes the page: `ledger.py`, `decide.py`, `practice.py`,
`cost.py`. What a schema cannot say, such as that a claim exists, is checked there too.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from scripts.markdown import all_pages, page_name
from scripts.paths import DOCS, ROOT, source_of

MOST_SENTENCES = 10
MOST_LISTED = 20  # names that a message offers in place of an unknown one
KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "an object in braces",
    "boolean": "true or false",
    "null": "null",
}


class BrokenData(ValueError):
    """A data file that no page can be made from; the message has a sentence for each thing that is wrong."""


# The parts that schemas are made of.

TEXT = {"type": "string", "minLength": 1}
ID = {
    "type": "string",
    "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
    "description": "small letters and digits, words joined by hyphens",
}
CLAIM_ID = {"type": "string", "pattern": "^C[1-9][0-9]*$", "description": "C and a number, such as C41"}
PAGE = {
    "type": "string",
    "pattern": r"^[\w./-]+\.(md|ipynb)(#[\w-]+)?$",
    "description": "a page below docs/, such as ladder/rag.md or ladder/rag.md#what-it-fixes",
}
PROGRAM = {
    "type": "string",
    "pattern": r"^[\w./-]+\.(py|ipynb)$",
    "description": "a program below snippets/, or experiments/NAME/experiment.py",
}


def record(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """The schema of an object with these fields and no others."""
    fields = required | (optional or {})
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def many(item: dict[str, Any], least: int = 1, most: int | None = None) -> dict[str, Any]:
    """The schema of a list of at least so many entries and at most so many."""
    return {"type": "array", "items": item, "minItems": least} | ({"maxItems": most} if most else {})


# Reading, and saying what is wrong.


def shown(path: Path) -> str:
    """A file's path below the repository, for messages."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a JSON file. Raises BrokenData where it has a field twice, of which JSON would drop the first."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise BrokenData(f"`{name}` stands twice in one object: remove one of them")
    return dict(pairs)


def parse(path: Path) -> Any:
    """The content of a JSON file. Raises BrokenData where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=without_repeats)
    except FileNotFoundError:
        problem = f"{shown(path)} is missing: take it back from the last commit."
    except UnicodeDecodeError as error:
        problem = f"{shown(path)} is not UTF-8 at byte {error.start}: save it as UTF-8."
    except json.JSONDecodeError as error:
        problem = f"{shown(path)}:{error.lineno}:{error.colno} is not JSON ({error.msg}): correct it there or before."
    except BrokenData as error:
        problem = f"{shown(path)}: {error}."
    raise BrokenData(problem)


def entry_at(data: Any, path: list[str | int]) -> str:
    """Where in a file something is: the names of fields, and of entries by their ids, else by their number."""
    names, here = [], data
    for step in path:
        here = here[step]
        if isinstance(step, int):
            name = here.get("id") if isinstance(here, dict) else None
            names.append(str(name) if isinstance(name, str | int) else f"entry {step + 1}")
        else:
            names.append(step)
    return ", ".join(names)


def alternatives(values: list[Any]) -> str:
    """Values to choose from, in words."""
    *others, last = map(str, values)
    return f"{', '.join(others)} or {last}" if others else last


def counted(number: int, one: str, many: str) -> str:
    """A number of things, for messages."""
    return f"{number} {one if number == 1 else many}"


def complaint(error: ValidationError) -> str:
    """What is wrong with a value and what to do, without saying where."""
    value, wanted = error.instance, error.validator_value
    about = error.schema.get("description", "")
    said = f"is {str(value)[:80]!r}: write {about}" if about else error.message
    match error.validator:
        case "required":
            missing = [f"`{name}`" for name in wanted if name not in value]
            said = f"lacks {' and '.join(missing)}: add {'them' if len(missing) > 1 else 'it'}"
        case "additionalProperties":
            known = error.schema["properties"]
            extra = next(name for name in value if name not in known)
            near = difflib.get_close_matches(extra, known, 1)
            said = f"has `{extra}`, which nothing reads: " + (f"did you mean `{near[0]}`?" if near else "remove it")
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            said = f"is {json.dumps(value)[:60]}: write {alternatives([KINDS[kind] for kind in kinds])}"
        case "enum":
            said = f"is {value!r}: write {alternatives(wanted)}"
        case "const":
            said = f"is {value!r}: write {json.dumps(wanted)}"
        case "minLength":
            said = "is empty: write something"
        case "minItems" | "minProperties":
            said = f"has {counted(len(value), 'entry', 'entries')}: write at least {wanted}"
        case "maxItems":
            said = f"has {counted(len(value), 'entry', 'entries')}: write at most {wanted}"
        case "minimum":
            said = f"is {value}: write at least {wanted}"
    return said


def complaints(data: Any, schema: dict[str, Any]) -> list[str]:
    """What a schema does not allow in a file: where, and what is wrong there."""
    found = []
    for error in Draft202012Validator(schema).iter_errors(data):
        where = entry_at(data, list(error.absolute_path)) or "all of it"
        found.append(f"{where}: {complaint(error)}")
    return list(dict.fromkeys(found))


def read(path: Path, schema: dict[str, Any], problems_of: Callable[[Any], list[str]]) -> Any:
    """The content of a data file in the form that its schema asks for, and without what `problems_of` finds in it.

    Raises BrokenData, with a sentence for each problem. Only the first are told, for one slip can cause many.
    """
    data = parse(path)
    problems = complaints(data, schema) or problems_of(data)
    lines = [f"{shown(path)}, {problem}{'' if problem.endswith('?') else '.'}" for problem in problems[:MOST_SENTENCES]]
    if len(problems) > MOST_SENTENCES:
        lines.append(f"And {len(problems) - MOST_SENTENCES} more.")
    if problems:
        raise BrokenData("\n".join(lines))
    return data


# What schemas cannot say.


def repeated(names: list[Any]) -> list[Any]:
    """The names that stand more than once, each once."""
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]


@cache
def pages() -> list[str]:
    """The Markdown pages that data may name."""
    return sorted(map(page_name, all_pages()))


@cache
def anchors_of(page: str) -> set[str]:
    """The sections that links to a Markdown page may name: its own anchors, and those made from its headings."""
    text = (DOCS / page).read_text(encoding="utf-8")
    own = set(re.findall(r"""\{[^}\n]*#([\w-]+)[^}\n]*\}|\bid=["']([\w-]+)["']""", text))
    made = {
        re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())
        for heading in re.findall(r"^#+ (.+?)(?: \{[^}]*\})?$", text, re.MULTILINE)
    }
    return {name for pair in own for name in pair if name} | made


def page_problem(address: str) -> str:
    """What is wrong with the address of a page, `ladder/rag.md#what-it-fixes`; empty when nothing is."""
    page, _, section = address.partition("#")
    if page.endswith(".ipynb"):
        return "" if (DOCS / page).exists() else f"there is no docs/{page}"
    if page not in pages():
        near = difflib.get_close_matches(page, pages(), 1)
        return f"there is no docs/{page}" + (f": did you mean {near[0]}?" if near else "")
    if section and section not in anchors_of(page):
        near = difflib.get_close_matches(section, sorted(anchors_of(page)), 1)
        return f"docs/{page} has no section #{section}" + (f": did you mean #{near[0]}?" if near else "")
    return ""


def program_problem(name: str | None) -> str:
    """What is wrong with the name of a program or a lab; empty when nothing is, or none is named."""
    if name is None:
        return ""
    file = DOCS / name if name.endswith(".ipynb") else source_of(name)
    return "" if file.exists() else f"there is no {shown(file)}"


def strangers(names: Iterable[Any], known: Iterable[Any], what: str) -> list[str]:
    """A complaint for each name that is none of the known ones."""
    known, found = list(map(str, known)), []
    for name in dict.fromkeys(names):
        if str(name) not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            other = f"write {alternatives(known)}" if len(known) <= MOST_LISTED else "add it there, or write another"
            advice = f"did you mean {near[0]}?" if near else other
            found.append(f"there is no {what} {name}: {advice}")
    return found
