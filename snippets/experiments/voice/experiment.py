"""A house voice: asked for in words, by examples, and by training; seven rules score it without a judge model."""

from behaviour.experiment import SEEDS, ask_for  # noqa: F401 - the run reads SEEDS
from kit.evidence import Work


def predict(work: Work) -> None:
    """Every prediction of every arm for the house voice."""
    ask_for("voice", work)
