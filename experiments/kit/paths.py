"""Where things are."""

import os
from pathlib import Path

from kit.models import SMOLLM2

EXPERIMENTS = Path(__file__).resolve().parent.parent
ROOT = EXPERIMENTS.parent
DATA = ROOT / "snippets" / "data"  # the fictional company, shared with the readers' programs
TASK_DATA = EXPERIMENTS / "tasks" / "data"  # what several experiments use beside it
HF_HOME = ROOT / ".cache" / "huggingface"


def all_experiments() -> list[str]:
    """The names of the experiments, in order."""
    return sorted(path.parent.name for path in EXPERIMENTS.glob("*/experiment.py"))


def published() -> list[str]:
    """Those of them whose results stand beside their code."""
    return [name for name in all_experiments() if (results_of(name) / "provenance.json").exists()]


def folder_of(model: str) -> str:
    """Where below a folder of results those of a model are, by its key: the guide's small model has none of its own."""
    return "" if model == SMOLLM2.key else model


def results_of(name: str, model: str = SMOLLM2.key) -> Path:
    """The folder of an experiment's published results with a model, by its key."""
    return EXPERIMENTS / name / "results" / folder_of(model)


def cache() -> Path:
    """Where finished units of work and trained adapters are kept; a trial run keeps its own, below its results."""
    return Path(os.environ.get("EXPERIMENT_CACHE", ROOT / ".cache" / "experiments"))
