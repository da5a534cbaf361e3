"""What a reader who copies a program relies on: it can be read, and `uv run` knows what it needs."""

import ast
import re
import tomllib

import pytest

from scripts.pages import inline_metadata
from scripts.paths import all_programs, name_of
from tests.programs.imports import imported_by
from tests.programs.labs import all_labs, lab_name, program_of, read_lab
from tests.site.test_pages import page_for

PROGRAMS = pytest.mark.parametrize("program", all_programs(), ids=name_of)
# A turn's mark or an end token as model families write them: <|im_start|>, <start_of_turn>, [INST], </s>.
OF_ONE_FAMILY = re.compile(r"<\|\w+\|>|<(?:start|end)_of_turn>|\[/?INST\]|</?s>|<(?:bos|eos)>")
# The expression by which PEP 723 finds the block.
PEP_723 = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


def metadata_of(text: str) -> dict:
    """The metadata in a program, read as PEP 723 says."""
    (block,) = [match for match in PEP_723.finditer(text) if match["type"] == "script"]
    return tomllib.loads("".join(line[2:] or "\n" for line in block["content"].splitlines(keepends=True)))


@PROGRAMS
def test_uv_is_told_the_pinned_packages_that_the_page_installs(program):
    text = program.read_text(encoding="utf-8")
    metadata = metadata_of(text)
    versions = inline_metadata.pinned()
    packages = {wanted.partition("==")[0] for wanted in metadata["dependencies"]}
    assert metadata["dependencies"] == [f"{package}=={versions[package]}" for package in sorted(packages)]
    called = inline_metadata.OTHERWISE_CALLED
    imported = {called.get(module, module.replace("_", "-")) for module in imported_by(text, program.name)}
    assert packages - {"torch"} == imported - {"torch"}
    page = page_for(program).read_text(encoding="utf-8")
    offered = " ".join(re.findall(r"pip install ([^\n`]+)", page)).split()
    assert not imported - set(offered), f"{name_of(program)}: its page's `pip install` line lacks some."
    if "torch" in packages:
        assert metadata["tool"]["uv"]["sources"]["torch"] == {"index": "pytorch-cpu"}
        (index,) = metadata["tool"]["uv"]["index"]
        assert index["explicit"] and index["url"] == "https://download.pytorch.org/whl/cpu"


def test_the_block_follows_the_imports_and_says_what_is_not_pinned(tmp_path):
    program = tmp_path / "program.py"
    program.write_text('"""Add."""\n\nimport numpy\n', encoding="utf-8")
    once = inline_metadata.render(program)
    program.write_text(once.replace("import numpy", "import scipy"), encoding="utf-8")
    assert inline_metadata.render(program) == once.replace("import numpy", "import scipy").replace(
        f"numpy=={inline_metadata.pinned()['numpy']}", f"scipy=={inline_metadata.pinned()['scipy']}"
    )
    with pytest.raises(inline_metadata.BrokenData, match=r"imports nowhere: pin it in requirements/test\.in"):
        inline_metadata.block_of("import nowhere", "program.py")


def given_by_a_call(loop: ast.comprehension) -> bool:
    """Whether a comprehension goes over what one call gave, and not over so many things or so often."""
    return isinstance(loop.iter, ast.Call) and ast.unparse(loop.iter.func) not in ("range", "map", "zip", "enumerate")


def packed(text: str) -> list[str]:
    """The assignments of several values at once that could each have a line, as in `a, b = 1, 2`.

    What one call gives may be taken apart, and converted on the way: `low, high = (100 * end for end in pair())`.
    """
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Tuple) for target in node.targets):
            value = node.value
            repeated = isinstance(value, ast.GeneratorExp | ast.ListComp) and not given_by_a_call(value.generators[0])
            if isinstance(value, ast.Tuple | ast.List) or repeated:
                found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


@PROGRAMS
def test_nothing_is_packed_to_save_lines(program):
    found = packed(program.read_text(encoding="utf-8"))
    assert not found, f"{name_of(program)}: give each its own line.\n" + "\n".join(found)


def catching_all(text: str) -> list[int]:
    """The lines that catch every error, so that one nobody thought of passes for the one that is meant."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            caught = re.findall(r"\w+", ast.unparse(node.type)) if node.type else ["BaseException"]
            found += [node.lineno] if {"Exception", "BaseException"} & set(caught) else []
    return found


@PROGRAMS
def test_no_program_catches_every_error(program):
    lines = catching_all(program.read_text(encoding="utf-8"))
    assert not lines, f"{name_of(program)}:{lines[0]}: name the errors that are meant."


def test_catching_every_error_is_found():
    for caught in ("Exception", "(OSError, Exception) as error", "BaseException", ""):
        assert catching_all(f"try:\n    a()\nexcept {caught}:\n    b()\n") == [3], caught
    assert not catching_all("try:\n    a()\nexcept (OSError, MyException) as error:\n    b()\n")


@PROGRAMS
def test_no_program_writes_the_chat_form_of_one_model(program):
    found = OF_ONE_FAMILY.search(program.read_text(encoding="utf-8"))
    assert not found, f"{name_of(program)} writes {found[0]}: tokenizer.apply_chat_template has the model's own form."


@pytest.mark.parametrize("lab", all_labs(), ids=lab_name)
def test_no_lab_writes_the_chat_form_of_one_model(lab):
    found = OF_ONE_FAMILY.search(program_of(read_lab(lab)))
    assert not found, f"{lab_name(lab)} writes {found[0]}: tokenizer.apply_chat_template has the model's own form."


def test_packing_is_found():
    for text in (
        "a, b = 1, 2",
        "a, b = [1, 2]",
        "one, two = (load(NAME) for _ in range(2))",
        "train, test = [read(split) for split in ('train', 'test')]",
        "whole, half = (runs[name] for name in CUTS)",
        "x, y = (encode(some) for some in (learn, test))",
    ):
        assert packed(text), text
    for text in ("low, high = interval(3)", "pair = 1, 2", "low, high = (100 * end for end in interval(3))"):
        assert not packed(text), text
