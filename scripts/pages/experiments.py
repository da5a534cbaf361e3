"""The overview of the experiments: made from what each says of itself and from what its run recorded.

It reads docstrings and results and imports no experiment, so that it needs none of the packages that they need.
"""

import ast
from pathlib import Path

from scripts.pages.data import BrokenData, parse, shown
from scripts.pages.generated import Generated
from scripts.paths import DOCS, EXPERIMENTS

PAGE = DOCS / "evidence" / "experiments.md"
SOURCE = "experiments/*/experiment.py"
FILES = {
    "program": "experiment.py",
    "predictions": "results/predictions.jsonl",
    "metrics": "results/metrics.json",
    "provenance": "results/provenance.json",
}


def published() -> list[Path]:
    """The folders of the experiments that have results, in order of their names."""
    return sorted(file.parents[1] for file in EXPERIMENTS.glob("*/results/provenance.json"))


def question_of(folder: Path) -> str:
    """What an experiment asks: the first line of its docstring. Raises BrokenData where it has none."""
    program = folder / "experiment.py"
    docstring = ast.get_docstring(ast.parse(program.read_text(encoding="utf-8")))
    if not docstring:
        raise BrokenData(f"{shown(program)} has no docstring: its first line is the question that the overview shows.")
    return docstring.splitlines()[0]


def run_of(folder: Path) -> dict:
    """What the run of an experiment recorded of itself. Raises BrokenData where something is missing."""
    file = folder / FILES["provenance"]
    run = parse(file)
    for field in ("seconds", "seeds", "peak_mb"):
        if field not in run:
            raise BrokenData(f"{shown(file)} lacks `{field}`: run `make experiments only={folder.name}`.")
    return run


def predictions_of(folder: Path) -> int:
    """How many predictions an experiment published."""
    with (folder / FILES["predictions"]).open(encoding="utf-8") as lines:
        return sum(1 for line in lines if line.strip())


def render() -> str:
    """The generated part of the page: a row for each experiment, with its files, and the minutes of all."""
    rows = ["| Name | Question and files | Rows | Seeds | Minutes | Peak MB |", "| --- | --- | --: | --: | --: | --: |"]
    seconds = 0.0
    for folder in published():
        run = run_of(folder)
        seconds += run["seconds"]
        links = " · ".join(
            f"[{label}](../experiments/{folder.name}/{file}){{ download }}" for label, file in FILES.items()
        )
        cells = [
            folder.name,
            f"{question_of(folder)}<br>{links}",
            f"{predictions_of(folder):,}",
            str(len(run["seeds"])),
            f"{run['seconds'] / 60:.0f}",
            f"{run['peak_mb']:,}",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, f"| together |  |  |  | {seconds / 60:.0f} |  |"])


GENERATED = Generated(PAGE, SOURCE, render)
