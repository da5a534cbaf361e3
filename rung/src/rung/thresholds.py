"""What a threshold of similarity refuses and what it lets through, level by level, on dev items."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rung.arms import Prediction
from rung.case import Item

DIGITS = 2  # of a level, as the report shows it
ROWS = 8  # levels that are shown beside the one that was chosen


@dataclass(frozen=True)
class Level:
    """What comes of abstaining where the nearest passage is less similar than `threshold` (None for never).

    Of the items that the documents do not answer, `refused` and `let_through`; of those they do, `withheld` (abstained,
    by the threshold or by the model) and `correct`.
    """

    threshold: float | None
    refused: int
    let_through: int
    withheld: int
    correct: int
    chosen: bool


def levels_of(
    predictions: Sequence[Prediction], items: Sequence[Item], near: Sequence[float], chosen: float | None
) -> tuple[Level, ...]:
    """The table for answers that were given without a threshold, from never abstaining upwards.

    `near` are the items' similarities to their nearest passages. The levels lie between these, evenly by rank.
    """
    between = sorted({round((below + above) / 2, DIGITS) for below, above in pairwise(sorted(set(near)))})
    shown = {between[place * len(between) // ROWS] for place in range(ROWS)} if len(between) > ROWS else set(between)
    if chosen is not None:
        shown = {level for level in shown if level != round(chosen, DIGITS)} | {chosen}
    rows = list(zip(predictions, items, near, strict=True))
    return tuple(_level(rows, threshold, chosen) for threshold in (None, *sorted(shown)))


def _level(rows: list[tuple[Prediction, Item, float]], threshold: float | None, chosen: float | None) -> Level:
    """One row of the table."""
    refused = let_through = withheld = correct = 0
    for one, item, score in rows:
        below = threshold is not None and score < threshold
        abstains = below or one.abstained
        if not item.answerable:
            refused += abstains
            let_through += not abstains
        else:
            withheld += abstains
            correct += one.right and not below
    return Level(threshold, refused, let_through, withheld, correct, threshold == chosen)
