"""The pages and the programs fit together: nothing on a page is unrun, nothing that is run is unread."""

import ast
import re
import sys
from pathlib import Path

import pytest

from scripts.markdown import PYTHON, all_pages, fences_of, page_name, page_of
from scripts.pages import inline_metadata
from scripts.paths import DOCS, SNIPPETS, all_programs, name_of, source_of
from scripts.readability import lix, prose_of
from tests.programs.imports import imported_by, installed, missing_from_pip_install
from tests.programs.runner import declaration_of, files_of

MARKER = re.compile(r"--8<--\s+\[(start|end):\s*([\w-]+)\s*\]")
each_page = pytest.mark.parametrize("page", all_pages(), ids=page_name)
each_program = pytest.mark.parametrize("program", all_programs(), ids=name_of)


def page_for(program: Path) -> Path:
    """The page of a program; fails with where to put it when there is none."""
    found = [page for page in page_of(program) if page.exists()]
    wanted = " or ".join(f"docs/{page_name(page)}" for page in page_of(program))
    assert found, f"{name_of(program)} has no page: the folder is the page, so write {wanted}."
    return found[0]


def imported(program: Path) -> set[str]:
    """The top-level modules a program imports, the standard library's aside."""
    return imported_by(program.read_text(encoding="utf-8"), name_of(program))


@each_page
def test_python_on_the_page_is_included_from_a_program(page):
    for fence in fences_of(page):
        if fence.language not in PYTHON or fence.is_illustration:
            continue
        rest = [line for line in fence.body.splitlines() if line.strip() and "8<" not in line]
        assert fence.includes and not rest, (
            f"{fence.where}: Python that no test runs. Move it to snippets/ and include it, "
            "or mark the fence `{ .python .illustration }`."
        )


@each_page
def test_includes_name_whole_files_or_closed_sections(page):
    for fence in fences_of(page):
        for target in fence.includes:
            path, _, section = target.partition(":")
            file = source_of(path)
            if not file.is_file():
                assert (DOCS / "assets" / "diagrams" / path).is_file(), f"{fence.where}: includes {path}: no such file."
                continue
            assert not re.match(r"\d", section), f"{fence.where}: {target} names lines; name a section instead."
            if section:
                found = [kind for kind, name in MARKER.findall(file.read_text(encoding="utf-8")) if name == section]
                assert found == ["start", "end"], (
                    f"{fence.where}: section {section} of {path} needs one start and one end marker; it has {found}."
                )


@each_page
def test_page_has_a_description_and_one_title(page):
    text = page.read_text(encoding="utf-8")
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    assert match, f"docs/{page_name(page)} has no front matter."
    found = re.search(r"^description:\s*(.+(?:\n[ \t]+.+)*)", match[1], re.MULTILINE)
    assert found, f"docs/{page_name(page)} has no description."
    length = len(re.sub(r"\s+", " ", found[1].strip("'\" >-")).strip())
    assert 70 <= length <= 155, f"docs/{page_name(page)}: its description has {length} characters; 70 to 155 are shown."


@each_program
def test_program_and_its_output_are_on_its_page(program):
    page = page_for(program)
    text, name = page.read_text(encoding="utf-8"), name_of(program)
    included = [target for fence in fences_of(page) for target in fence.includes]
    assert name in included, f"docs/{page_name(page)} does not include {name}."
    output = name.removesuffix(".py") + ".out"
    assert output in included, f"docs/{page_name(page)} does not show {output}."
    links = re.findall(r"\]\(([^)]*snippets/" + re.escape(name) + r")\)(\{[^}]*download[^}]*\})?", text)
    assert any(not download for _, download in links), f"docs/{page_name(page)} has no View link to {name}."
    assert any(download for _, download in links), f"docs/{page_name(page)} has no Download link to {name}."


def test_every_output_has_its_program():
    for output in SNIPPETS.rglob("*.out"):
        assert output.with_suffix(".py").exists(), f"snippets/{name_of(output)} has no program beside it: remove it."


def test_every_program_on_a_page_lives_in_that_pages_folder():
    for page in all_pages():
        for fence in fences_of(page):
            for target in fence.includes:
                file = source_of(target.split(":")[0])
                if file.suffix == ".py":
                    assert page in page_of(file), (
                        f"{fence.where} includes {target} of another page: link to it instead."
                    )


@each_program
def test_pip_install_line_covers_the_imports(program):
    page = page_for(program)
    missing = missing_from_pip_install(name_of(program), imported(program), page.read_text(encoding="utf-8"))
    assert not missing, f"docs/{page_name(page)}: its `pip install` line lacks {', '.join(missing)}."


@each_program
def test_program_can_be_copied(program):
    name, text = name_of(program), program.read_text(encoding="utf-8")
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", program.stem), f"{name}: name it verb_object.py, in lower case."
    taken = set(sys.stdlib_module_names) | set(installed())
    assert program.stem not in taken, f"{name} has the name of a module, which it would hide: rename it."
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring and "\n" not in docstring, f"{name} needs a one-line docstring that says what it shows."
    rule, length = declaration_of(program), len(inline_metadata.without_block(text).splitlines())
    assert length <= rule.lines, f"{name} has {length} lines; shorten it to {rule.lines}, or declare why not."
    assert not re.search(r"(?i)(api_key|token)\s*=\s*[\"'][\w-]{16,}", text), f"{name} holds a key."
    markers = MARKER.findall(text)
    starts, ends = ([part for kind, part in markers if kind == which] for which in ("start", "end"))
    assert sorted(starts) == sorted(ends), f"{name}: section markers do not pair: {starts} against {ends}."
    imported(program)


@each_program
def test_page_offers_the_data_its_program_reads(program):
    page = page_for(program)
    text = page.read_text(encoding="utf-8")
    included = {target for fence in fences_of(page) for target in fence.includes}
    for given in files_of(program).values():
        for file in [given] if given.is_file() else [file for file in given.rglob("*") if file.is_file()]:
            name = name_of(file)
            offered = f"snippets/{name})" in text or name in included  # what is short is shown whole
            assert offered, f"docs/{page_name(page)} has no link to download {name}."


def test_reading_ease_counts_sentences_and_long_words_of_the_prose_alone():
    fence = "```python\nimport everything\n```\n"
    easy = f"---\ntitle: Unreadable\n---\n\n# Heading\n\nThe cat sat on the mat. It was a fat cat.\n\n{fence}"
    assert lix(prose_of(easy)) == pytest.approx(11 / 2)
    hard = "Organisations [systematically](../x.md) overestimate.\n"
    assert lix(prose_of(easy + hard)) == pytest.approx(14 / 3 + 300 / 14)
