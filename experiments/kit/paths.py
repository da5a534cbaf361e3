"""Where things are."""

import os
from pathlib import Path

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


def results_of(name: str, model: str = "") -> Path:
    """The folder of an experiment's published results: those of the guide's small model, or of another by its key."""
    return EXPERIMENTS / name / "results" / model


def cache() -> Path:
    """Where finished units of work and trained adapters are kept; a trial run keeps its own, below its results."""
    return Path(os.environ.get("EXPERIMENT_CACHE", ROOT / ".cache" / "experiments"))
