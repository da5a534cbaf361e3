"""What counts as the accepted answer: one text of `holds`, the same in every program and lab that has a copy."""

import ast
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from scripts.paths import all_programs, name_of
from tests.programs.answer_cases import DOES_NOT_HOLD, HOLDS
from tests.programs.labs import all_labs, lab_name, program_of, read_lab

PARTS = ("MARKS", "UNITS", "plain", "holds")
IMPORTS = "import re\nimport unicodedata\nfrom functools import cache\n"


def programs() -> Iterator[tuple[str, str]]:
    """The name and the text of every program and lab."""
    for program in all_programs():
        yield name_of(program), program.read_text(encoding="utf-8")
    for lab in all_labs():
        yield lab_name(lab), program_of(read_lab(lab))


def copy_in(text: str) -> dict[str, str]:
    """The source of those parts of `holds` that a program defines, by name."""
    found = {}
    for node in ast.parse(text).body:
        name = getattr(node, "name", None) or ast.unparse(getattr(node, "targets", [ast.Constant(0)])[0])
        if name in PARTS:
            decorators = "".join(f"@{ast.unparse(one)}\n" for one in getattr(node, "decorator_list", []))
            found[name] = decorators + ast.get_source_segment(text, node)
    return found


COPIES = {name: copy for name, text in programs() if "holds" in (copy := copy_in(text))}
CANONICAL = COPIES["ladder/measuring-rag/measure_reading.py"]


@cache
def canonical() -> dict[str, Callable]:
    """The functions of the copy that all are compared with."""
    scope: dict = {}
    exec(IMPORTS + "\n\n".join(CANONICAL[part] for part in PARTS), scope)
    return scope


@pytest.mark.parametrize("name", COPIES)
def test_every_copy_is_the_same_text(name):
    assert COPIES[name] == CANONICAL, f"{name}: copy MARKS, UNITS, plain and holds from measure_reading.py."


@pytest.mark.parametrize(("text", "accepted"), HOLDS)
def test_an_accepted_answer_however_it_is_written(text, accepted):
    assert canonical()["holds"](text, ["nothing like it", accepted])


@pytest.mark.parametrize(("text", "accepted"), DOES_NOT_HOLD)
def test_what_is_no_accepted_answer(text, accepted):
    assert not canonical()["holds"](text, [accepted])
