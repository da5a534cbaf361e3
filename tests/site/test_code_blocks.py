"""What the reader sees as code or output is, to the letter, what was run and printed.

test_pages.py reads the Markdown, which has more ways to write a block of code than a pattern knows: in a quotation, in
HTML, without a language, without an end. This reads the built pages, where each of them is a <pre>.
"""

import ast
import re
import textwrap
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from scripts.markdown import PYTHON
from scripts.paths import SNIPPETS
from tests.programs.labs import all_labs, code_cells, printed_by, read_lab

SECTION = re.compile(r"^[^\n]*--8<-- \[start:(\w+)\][^\n]*\n(.*?)^[^\n]*--8<-- \[end:\1\]", re.MULTILINE | re.DOTALL)
SHOWN = {".py", ".out", ".txt", ".md", ".jsonl", ".json"}
STATEMENTS = ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.With, ast.If, ast.Assign


def what_was_run() -> set[str]:
    """The texts that a page may show: the files beside the programs, their marked sections, and the labs' cells."""
    cells = [cell for lab in all_labs() for cell in code_cells(read_lab(lab))]
    texts = {cell.source for cell in cells} | {printed_by(cell) for cell in cells}
    for file in SNIPPETS.rglob("*"):
        if file.suffix in SHOWN and file.is_file():
            text = file.read_text(encoding="utf-8")
            texts.add(text)
            texts.update(textwrap.dedent(section) for _, section in SECTION.findall(text))
    return {text.strip() for text in texts}


def classes_of(block: Tag) -> set[str]:
    """The classes of a block, of what is around it and of what is in it."""
    return {name for tag in (block, *block.parents, *block.find_all("code")) for name in tag.get("class") or []}


def looks_like_python(text: str) -> bool:
    """Whether a text is a program, which parses and does more than name things, or a dialogue with Python."""
    if text.lstrip().startswith(">>> "):
        return True
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return False
    calls = (node for node in body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
    return any(isinstance(node, STATEMENTS) for node in body) or any(calls)


def has_output(text: str) -> bool:
    """Whether something follows a command that runs a program."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    runs = [number for number, line in enumerate(lines) if re.match(r"[$>] (\S*/)?python3? \S+\.py\b", line)]
    return any(not re.match(r"[$>] ", line) for number in runs for line in lines[number + 1 : number + 2])


def problem_of(block: Tag, known: set[str]) -> str:
    """What is wrong with a block of code; empty when nothing is."""
    text, classes = block.get_text(), classes_of(block)
    if text.strip() in known or "illustration" in classes:
        return ""
    if {f"language-{name}" for name in PYTHON} & classes or looks_like_python(text):
        return "is Python that no test runs: include a program, or mark the block `{ .python .illustration }`"
    if has_output(text):
        return "shows an output that no test compares: include the .out file"
    return ""


def test_code_and_output_on_the_built_pages_is_what_was_run(site: Path):
    known = what_was_run()
    for page in site.rglob("*.html"):
        blocks = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find_all("pre")
        for block in blocks:
            found = problem_of(block, known)
            first = block.get_text().strip().partition("\n")[0]
            assert not found, f"{page.relative_to(site)}: the block that begins with `{first}` {found}."
