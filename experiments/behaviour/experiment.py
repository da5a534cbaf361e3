"""Behaviour: prompt or tune? A structured output asked for in words, by examples chosen three ways, and by training."""

from dataclasses import replace

from kit.work import Work
from tasks import prompt_or_tune
from tasks.triage import MAX_NEW_TOKENS, TRIAGE

VERSION = 1  # raised when the computation changes
SETTINGS = prompt_or_tune.Settings(TRIAGE.instructions, MAX_NEW_TOKENS, examples_seen=(100, 400))
TINY = replace(SETTINGS, **prompt_or_tune.A_HANDFUL)
SLICE, SLICE_UNITS = replace(SETTINGS, test_items=4), ("4 nearest",)
DATA = prompt_or_tune.DATA


def predict(work: Work, settings: prompt_or_tune.Settings) -> None:
    """Every prediction of every arm for the triage line."""
    prompt_or_tune.predict(TRIAGE, work, settings)
