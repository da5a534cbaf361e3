"""Every lab runs, cell after cell, and prints what its page shows; and the notebook is clean enough to review."""

import ast
import gzip
import json
import re
import textwrap
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from scripts.markdown import FENCE, PYTHON
from scripts.paths import DATA, DOCS, SNIPPETS
from tests.programs.families import FAMILIES, tokenizer_of
from tests.programs.imports import imported_by, missing_from_pip_install
from tests.programs.labs import (
    METADATA,
    all_labs,
    code_cells,
    data_of,
    key_of,
    lab_name,
    program_of,
    prose_of,
    read_lab,
    record_of,
    run_lab,
    write_lab,
)
from tests.programs.runner import Declaration, difference
from tests.programs.snapshot import Snapshot, check
from tests.programs.test_style_of_programs import packed

MOST_LINES = 30
MOST_WEIGHT_KB = 40  # compressed, as it travels; the site's longest Markdown pages have 25
HOME = re.compile(r"/home/|/Users/|/root/|/tmp/|[A-Z]:\\\\Users")

each_lab = pytest.mark.parametrize("lab", all_labs(), ids=lab_name)


@pytest.mark.long
@each_lab
def test_lab_prints_its_outputs(lab, request, record_property):
    snapshot = Snapshot(
        lab_name(lab),
        key_of(lab),
        run=lambda: run_lab(lab),
        read=lambda: record_of(read_lab(lab)),
        write=lambda record: write_lab(lab, record),
        kept_in="notebook",
    )
    check(snapshot, request.config.getoption, record_property)


@each_lab
def test_lab_is_clean(lab):
    name, notebook = lab_name(lab), read_lab(lab)
    again = f"Run `make outputs only={name.removesuffix('.ipynb')}`."
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", lab.stem), f"{name}: name it in lower case, words joined by hyphens."
    description = notebook.metadata.get("description", "")
    assert 70 <= len(description) <= 155, f"{name}: its metadata needs a `description` of 70 to 155 characters."
    assert not set('"<>&') & set(description), f"{name}: no quotes or marks in the description: it stands in HTML."
    found = {key: value for key, value in notebook.metadata.items() if key != "description"}
    assert found == METADATA, f"{name} has other metadata than the kernel python3: {found}. {again}"
    for number, cell in enumerate(notebook.cells, 1):
        assert not cell.metadata, f"{name}: item {number} has metadata {dict(cell.metadata)}. {again}"
    for number, cell in enumerate(code_cells(notebook), 1):
        lines = len(cell.source.splitlines())
        assert lines <= MOST_LINES, f"{name}: cell {number} has {lines} lines, and {MOST_LINES} can be taken in."
        found = packed(cell.source)
        assert not found, f"{name}: cell {number} packs values: give each its own line.\n" + "\n".join(found)
        assert cell.execution_count == number, f"{name}: cell {number} was not run in order. {again}"
        assert cell.source.strip(), f"{name}: cell {number} is empty."
        kinds = {output.get("name", output.output_type) for output in cell.outputs}
        assert kinds <= {"stdout"}, f"{name}: cell {number} shows {sorted(kinds)}, not only printed text. {again}"
    for text in (prose_of(notebook), program_of(notebook), record_of(notebook)):
        path = HOME.search(text)
        assert not path, f"{name} names a path of one machine: {text[path.start() :][:60]!r}"
    ast.parse(program_of(notebook))


def code_of_recipe() -> str:
    """The code that the recipe for a lab gives, on the page for contributors."""
    page = (DOCS / "contribute" / "index.md").read_text(encoding="utf-8")
    return textwrap.dedent(page.partition("## Add a lab")[2].partition("{ .illustration }\n")[2].partition("```")[0])


@pytest.mark.parametrize("lab", [*all_labs(), None], ids=lambda lab: lab_name(lab) if lab else "the recipe")
def test_lab_reads_every_line_of_json_whole(lab, tmp_path):
    code = program_of(read_lab(lab)) if lab else code_of_recipe()
    functions = [one for one in ast.parse(code).body if isinstance(one, ast.FunctionDef) and one.name == "read"]
    scope = {"json": json, "Path": Path, "FOLDERS": [tmp_path]}
    exec(compile(ast.Module(functions, []), "read", "exec"), scope)
    rows = [{"text": "One\u2028paragraph, \x85 and another."}, {"text": "Two."}]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (tmp_path / "rows.jsonl").write_bytes(("\ufeff" + "\r\n\n \n".join(lines) + "\n").encode())
    assert scope["read"](tmp_path / "rows.jsonl") == rows


def test_code_keeps_what_looks_like_a_tag():
    notebook = read_lab(next(lab for lab in all_labs() if lab.stem == "rag-for-our-documentation"))
    scope = {"re": re}
    for first in ("FRONT_ENDS = ", "TAGS = "):
        exec(next(cell.source for cell in code_cells(notebook) if cell.source.startswith(first)), scope)
    code = "man <section> <file>"
    assert (
        scope["clean"](f"Run `{code}` <b>now</b>.<br>\n\n```console\n$ {code}\n```\n") == f"Run {code} now.\n\n$ {code}"
    )


def cell_that_defines(name: str, lab: Path) -> str:
    """The source of the only cell of a lab with a function of this name."""
    (found,) = [cell.source for cell in code_cells(read_lab(lab)) if f"\ndef {name}(" in f"\n{cell.source}"]
    return found


@pytest.mark.parametrize("family", [name for name, family in FAMILIES.items() if family.chat])
def test_prompts_of_the_tickets_lab_are_in_the_form_of_the_readers_model(family):
    """The beginning once, every turn in its place, and an instruction also where the template takes no system turn."""
    tokenizer = tokenizer_of(FAMILIES[family])
    scope = {"tokenizer": tokenizer}
    exec(cell_that_defines("prompt", next(lab for lab in all_labs() if lab.stem == "ten-years-of-tickets")), scope)
    for texts, made in [
        (["When?"], scope["prompt"]("When?")),
        (["Be brief.", "Why?", "So.", "When?"], scope["prompt"]("When?", "Be brief.", [("Why?", "So.")])),
    ]:
        places = [made.find(text) for text in texts]
        assert places == sorted(places) and places[0] >= 0, made
        assert not made.endswith("When?"), f"nothing says that it is the model's turn: {made}"
        ids = tokenizer(made, add_special_tokens=False).input_ids
        assert ids.count(tokenizer.bos_token_id) == (1 if FAMILIES[family].bos else 0), made


@each_lab
def test_lab_says_what_to_install_and_where_its_data_is(lab):
    name, notebook = lab_name(lab), read_lab(lab)
    prose = prose_of(notebook)
    for match in FENCE.finditer(prose):
        language = match["info"].strip().split(" ")[0].lower()
        assert language not in PYTHON, f"{name}: Python in a Markdown cell, which no test runs: make it a code cell."
    missing = missing_from_pip_install(name, imported_by(program_of(notebook), name), prose)
    assert not missing, f"{name}: its `pip install` line lacks {missing}."
    for file in data_of(lab):
        base = "snippets/data" if file.parent == DATA else f"snippets/{file.parent.relative_to(SNIPPETS).as_posix()}"
        assert f"{base}/{file.name})" in prose, f"{name} has no link to download {base}/{file.name}."


@each_lab
def test_lab_is_a_page_like_any_other(lab, site):
    folder = site / lab_name(lab).removesuffix(".ipynb")
    text = (folder / "index.html").read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    description = page.find("meta", attrs={"name": "description"})["content"]
    assert description == read_lab(lab).metadata["description"]
    assert len(page.select("article h1")) == 1
    assert not page.select("article style, article script"), "The plugin's own styles and scripts are on the page."
    weight = len(gzip.compress(text.encode())) / 1000
    assert weight < MOST_WEIGHT_KB, f"{lab_name(lab)}: the page weighs {weight:.0f} kB, compressed."
    blocks = [block.get_text() for block in page.select("article .language-python pre")]
    assert [block.strip() for block in blocks] == [cell.source.strip() for cell in code_cells(read_lab(lab))]
    link = page.select_one(f"article a[download][href$='{lab.name}']")
    assert link, f"{lab_name(lab)} cannot be downloaded from its page."
    assert (folder / lab.name).read_bytes() == lab.read_bytes()
    headings = {heading["id"] for heading in page.select("article h2")}
    contents = {link["href"].removeprefix("#") for link in page.select(".md-sidebar--secondary a[href^='#']")}
    assert headings <= contents, f"{lab_name(lab)}: {headings - contents} are not in the page's contents: no backticks."


@pytest.fixture
def planted(tmp_path):
    """Writes a notebook with these cells."""

    def plant(*sources: str):
        lab = tmp_path / "planted.ipynb"
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), lab)
        return lab

    return plant


def test_outputs_go_into_the_notebook_and_back(planted):
    lab = planted("print('0.71\\n')", "import sys\nprint('aside', file=sys.stderr)", "print('no line end', end='')")
    run = run_lab(lab)
    assert run.record == "--- cell 1\n0.71\n\n--- cell 2\n--- cell 3\nno line end\n", run.stderr
    write_lab(lab, run.record)
    assert record_of(read_lab(lab)) == run.record
    assert [cell.execution_count for cell in code_cells(read_lab(lab))] == [1, 2, 3]
    assert "0.71" in difference(record_of(read_lab(lab)), run.record.replace("0.71", "0.93"), Declaration())
    assert not difference(record_of(read_lab(lab)), run.record.replace("0.71", "0.72"), Declaration(decimal=0.02))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("{'a': 1}", "cell 2 shows a execute_result: print text instead"),
        ("print('--- cell 9')", "cell 2 prints a line that begins with"),
    ],
)
def test_what_a_lab_may_not_do_is_named(source, said, planted):
    run = run_lab(planted("print(1)", source))
    assert run.returncode == 1
    assert said in run.stderr
