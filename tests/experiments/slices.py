"""A slice of an experiment, run again, against the rows that were published for the same items."""

from dataclasses import dataclass

from kit.rows import Rows

# What names a prediction; everything else in a row was found out by it.
NAMES = ("arm", "kind", "id", "wording", "state", "changed", "opening")
# How long something took and how much memory: another machine has others.
OF_THE_MACHINE = {"took_s", "first_s", "whole_s", "find_s", "cpu_s", "peak_mb"}
# Of these there are fewer where a slice stops training early: the first of the published ones.
ON_THE_WAY = "evaluations"
TOLERANCE = 0.02  # of a loss, as a share: processors round differently


@dataclass(frozen=True)
class Comparison:
    """How many rows came out as they were published, and where others differ."""

    agreeing: int
    rows: int
    differing: list[str]

    @property
    def share(self) -> float:
        """The share of rows that agree."""
        return self.agreeing / self.rows


def key_of(row: dict) -> tuple:
    """What names a prediction."""
    return tuple(row.get(name) for name in NAMES)


def alike(now, before) -> bool:
    """Whether a value repeats: a float within the tolerance, also within a list or a dict, all else to the letter."""
    if isinstance(before, float):
        return abs(now - before) <= TOLERANCE * max(abs(before), 0.01)
    if isinstance(before, list):
        return len(now) == len(before) and all(map(alike, now, before))
    if isinstance(before, dict):
        return now.keys() == before.keys() and all(alike(now[name], before[name]) for name in before)
    return now == before


def compared(made: Rows, published: Rows) -> Comparison:
    """The rows made now against the published ones; a row of which none was published is an error."""
    before, differing = {key_of(row): row for row in published}, []
    for row in made:
        was = dict(before[key_of(row)])
        if row.get(ON_THE_WAY):
            was[ON_THE_WAY] = was[ON_THE_WAY][: len(row[ON_THE_WAY])]
        fields = [
            name
            for name in row
            if name != "unit" and name not in OF_THE_MACHINE and not alike(row[name], was.get(name))
        ]
        if fields:
            changes = ", ".join(f"{name} {was.get(name)!r} → {row[name]!r}" for name in fields)
            differing.append(f"{row['unit']}, {row.get('id')}: {changes}")
    return Comparison(len(made) - len(differing), len(made), differing)
