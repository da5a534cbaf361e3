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
FILES = ("predictions.jsonl", "metrics.json", "provenance.json")


def published() -> list[Path]:
    """The folders of results, by experiment: those of the small model, then those of a larger one."""
    found = [file.parent for file in EXPERIMENTS.glob("*/results/**/provenance.json")]
    return sorted(found, key=lambda results: (experiment_of(results).name, model_of(results)))


def experiment_of(results: Path) -> Path:
    """The experiment's folder that results belong to."""
    return EXPERIMENTS / results.relative_to(EXPERIMENTS).parts[0]


def model_of(results: Path) -> str:
    """The model that results are of; empty for the small one, which all experiments have."""
    return "" if results.name == "results" else results.name


def question_of(folder: Path) -> str:
    """What an experiment asks: the first line of its docstring. Raises BrokenData where it has none."""
    program = folder / "experiment.py"
    docstring = ast.get_docstring(ast.parse(program.read_text(encoding="utf-8")))
    if not docstring:
        raise BrokenData(f"{shown(program)} has no docstring: its first line is the question that the overview shows.")
    return docstring.splitlines()[0]


def run_of(results: Path) -> dict:
    """What a run recorded of itself. Raises BrokenData where something is missing."""
    file = results / "provenance.json"
    run = parse(file)
    for field in ("seconds", "seeds", "peak_mb"):
        if field not in run:
            larger = " larger=1" if model_of(results) else ""
            command = f"make experiments only={experiment_of(results).name}{larger}"
            raise BrokenData(f"{shown(file)} lacks `{field}`: run `{command}`.")
    return run


def predictions_of(results: Path) -> int:
    """How many predictions a run published."""
    with (results / "predictions.jsonl").open(encoding="utf-8") as lines:
        return sum(1 for line in lines if line.strip())


def links_to(results: Path) -> str:
    """The files of a run; with the small model's the program too, which is one for all models."""
    folder = experiment_of(results)
    files = {name.partition(".")[0]: results / name for name in FILES}
    if not model_of(results):
        files = {"program": folder / "experiment.py"} | files
    return " · ".join(
        f"[{label}](../experiments/{file.relative_to(EXPERIMENTS).as_posix()}){{ download }}"
        for label, file in files.items()
    )


def render() -> str:
    """The generated part of the page: a row for each run, with its files, and the minutes of all."""
    rows = ["| Name | Question and files | Rows | Seeds | Minutes | Peak MB |", "| --- | --- | --: | --: | --: | --: |"]
    seconds = 0.0
    for results in published():
        run, model, folder = run_of(results), model_of(results), experiment_of(results)
        seconds += run["seconds"]
        what = f"The same with `{model}`." if model else question_of(folder)
        cells = [
            folder.name,
            f"{what}<br>{links_to(results)}",
            f"{predictions_of(results):,}",
            str(len(run["seeds"])),
            f"{run['seconds'] / 60:.0f}",
            f"{run['peak_mb']:,}",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, f"| together |  |  |  | {seconds / 60:.0f} |  |"])


GENERATED = Generated(PAGE, SOURCE, render)
