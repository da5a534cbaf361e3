"""Where things are."""

from pathlib import Path

EXPERIMENTS = Path(__file__).resolve().parent.parent
ROOT = EXPERIMENTS.parent
SNIPPETS = ROOT / "snippets"
DATA = SNIPPETS / "data"
HF_HOME = ROOT / ".cache" / "huggingface"
UNITS = ROOT / ".cache" / "experiments"


def all_experiments() -> list[str]:
    """The names of the experiments, in order."""
    return sorted(path.parent.name for path in EXPERIMENTS.glob("*/experiment.py"))


def published() -> list[str]:
    """Those of them whose results stand beside their code."""
    return [name for name in all_experiments() if (results_of(name) / "provenance.json").exists()]


def results_of(name: str) -> Path:
    """The folder of an experiment's published results."""
    return EXPERIMENTS / name / "results"
