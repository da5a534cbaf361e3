"""A house style: asked for in words, by examples, and by training; seven rules score it without a judge model."""

from dataclasses import replace

from kit.work import Work
from tasks import prompt_or_tune
from tasks.style import STYLE

VERSION = 1  # raised when the computation changes
# A reply is three lines long, so fewer are seen in training.
SETTINGS = prompt_or_tune.Settings(STYLE.instructions, max_new_tokens=64, examples_seen=(100, 200))
TINY = replace(SETTINGS, **prompt_or_tune.A_HANDFUL)
SLICE, SLICE_UNITS = replace(SETTINGS, test_items=3), ("1 fixed",)
DATA = prompt_or_tune.DATA


def predict(work: Work, settings: prompt_or_tune.Settings) -> None:
    """Every prediction of every arm for the house style."""
    prompt_or_tune.predict(STYLE, work, settings)
