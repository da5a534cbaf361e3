"""Run a lab as a reader would: a notebook below docs/labs/, cell after cell, in a folder that holds only its data.

A lab is committed with its outputs. What a run prints is kept as a record, a line `--- cell 3` and then what the third
code cell printed, so that it is compared, declared and cached as an .out file is.
"""

import os
import re
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from scripts.paths import DOCS, ROOT, SNIPPETS
from tests.programs.run_cache import digest_of, pins
from tests.programs.runner import Declaration, Run, declarations, environment, run_command

LABS = DOCS / "labs"
MARK = "--- cell "
COLOUR = re.compile(r"\x1b\[[\d;]*m")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def all_labs() -> list[Path]:
    """Every notebook of the guide."""
    return sorted(LABS.glob("*.ipynb"))


def lab_name(lab: Path) -> str:
    """A lab's path below docs/, its name in messages, test ids and declarations."""
    return lab.relative_to(DOCS).as_posix() if lab.is_relative_to(DOCS) else lab.name


def read_lab(lab: Path) -> NotebookNode:
    """The notebook."""
    return nbformat.reads(lab.read_text(encoding="utf-8"), as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that run, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose_of(notebook: NotebookNode) -> str:
    """The text between the programs."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def program_of(notebook: NotebookNode) -> str:
    """All code cells as one program."""
    return "\n\n".join(cell.source for cell in code_cells(notebook)) + "\n"


def printed_by(cell: NotebookNode) -> str:
    """What a cell printed. Raises ValueError for an output that is not printed text; stderr does not count."""
    text = ""
    for output in cell.outputs:
        if output.output_type != "stream":
            raise ValueError(f"shows a {output.output_type}: print text instead, and end no cell with a bare value")
        text += output.text if output.name == "stdout" else ""
    return text


def record_of(notebook: NotebookNode) -> str:
    """What a notebook printed, cell by cell. Raises ValueError, with the cell's number, for anything but text."""
    record = ""
    for number, cell in enumerate(code_cells(notebook), 1):
        try:
            text = printed_by(cell)
        except ValueError as error:
            raise ValueError(f"cell {number} {error}") from None
        if f"\n{MARK}" in f"\n{text}":
            raise ValueError(f"cell {number} prints a line that begins with `{MARK}`, which separates the cells here")
        record += f"{MARK}{number}\n{text}" + ("\n" if text and not text.endswith("\n") else "")
    return record


def data_of(lab: Path) -> list[Path]:
    """The files a lab finds in its folder `data`, as snippets/programs.toml declares them, below snippets/."""
    return [SNIPPETS / name for name in declarations().get(lab_name(lab), Declaration()).files]


def run_lab(lab: Path) -> Run:
    """Run a lab's cells in an empty folder with its data, in a kernel of this Python, as runner.run_program would."""
    temporary = partial(tempfile.TemporaryDirectory, ignore_cleanup_errors=True)
    with temporary(prefix="lab-") as name, temporary(prefix="home-") as home:
        folder = Path(name)
        (folder / "data").mkdir()
        for file in data_of(lab):
            shutil.copy(file, folder / "data")
        env = environment(Path(home)) | {"PYTHONPATH": str(ROOT), "GUIDE_LAB": str(lab)}
        return run_command(["-m", "tests.programs.labs"], folder, env)


def key_of(lab: Path) -> str:
    """A hash of everything a lab's run depends on: its code, not its prose or its outputs."""
    here = [Path(__file__), Path(__file__).with_name("runner.py"), ROOT / "scripts" / "lay_out_models.py"]
    return digest_of([program_of(read_lab(lab))], [*here, *pins(), *data_of(lab)])


def write_lab(lab: Path, record: str) -> None:
    """Put what a run printed into the notebook, and take out what editors and kernels leave behind."""
    notebook = read_lab(lab)
    texts = re.split(rf"^{MARK}\d+\n", record, flags=re.MULTILINE)[1:]
    for number, (cell, text) in enumerate(zip(code_cells(notebook), texts, strict=True), 1):
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []
        cell.execution_count = number
    for cell in notebook.cells:
        cell.metadata = {}
    notebook.metadata = {"description": notebook.metadata.get("description", "")} | METADATA
    notebook.nbformat_minor = 5
    lab.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8")


def main(lab: Path) -> None:
    """Run the notebook in the working folder and print its record; run_lab gives it a process of its own."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = read_lab(lab)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(notebook, timeout=None, kernel_name="python3", coalesce_streams=True)  # run_command has one
    client.resources = {"metadata": {"path": os.getcwd()}}
    try:
        client.execute(env=os.environ.copy())
        print(record_of(notebook), end="")
    except CellExecutionError as error:
        sys.exit(f"{lab.name}: {COLOUR.sub('', str(error))}")
    except ValueError as error:
        sys.exit(f"{lab.name}: {error}.")


if __name__ == "__main__":
    main(Path(os.environ["GUIDE_LAB"]))
