"""The answers that the experiments keep: read per model, picked by arm, and two arms compared on the same items.

Pages are made without the libraries of the experiments, so the tests are written out here; unit tests hold them
against scipy and enumeration.
"""

import re
from collections import Counter
from fractions import Fraction
from functools import cache
from math import comb, lcm
from pathlib import Path

from rung.files import read_lines

from scripts.pages.data import BrokenData
from scripts.paths import EXPERIMENTS

# The models, the larger first; each with its folder below an experiment's results.
SIZES = {"1.5B": "qwen2.5-coder-1.5b", "135M": ""}


def results_of(experiment: str, size: str) -> Path:
    """Where the results of an experiment with the model of a size are."""
    return EXPERIMENTS / experiment / "results" / SIZES[size]


def is_whole(experiment: str, size: str) -> bool:
    """Whether an experiment with the model of a size is done: each of its arms, with all seeds."""
    return (results_of(experiment, size) / "metrics.json").exists()


def is_begun(experiment: str, size: str) -> bool:
    """Whether some units of an experiment with the model of a size are done, and not all."""
    return not is_whole(experiment, size) and bool(unfinished_files(experiment, size))


def unfinished_files(experiment: str, size: str) -> list[Path]:
    """The files of the units that are done, of an experiment that is not."""
    return sorted(results_of(experiment, size).glob("unfinished/*/*.jsonl"))


@cache
def rows_of(experiment: str, size: str) -> tuple[dict, ...]:
    """The answers to questions and messages: all of them, or those of the units that are done."""
    whole = results_of(experiment, size) / "predictions.jsonl"
    files = [whole] if whole.exists() else unfinished_files(experiment, size)
    return tuple(row for file in files for row in read_lines(file) if "id" in row)


def outcomes(experiment: str, size: str, where: dict, field: str) -> dict[str, bool]:
    """Whether `field` holds, by item, in the rows of one run: those whose fields are as `where` says.

    Of a ranking, "best 3" holds where the right passage is among the first three. Of an arm, which is a record, `where`
    names some fields; null is a field that the arm lacks. Rows of another experiment on the same items are asked for by
    naming it in `where`, as "experiment".

    Raises BrokenData where there is no such row, or where an item has several: then `where` picks more than one run.
    """
    rows = _rows_where(experiment, size, where)
    found = {row["id"]: _holds(row, field) for row in rows}
    if not rows or len(found) != len(rows):
        said = "no answers" if not rows else "several answers to one item"
        raise BrokenData(f"{experiment}, {size}: there are {said} where {where}: name one unit and one kind of item.")
    return found


def averages(experiment: str, size: str, where: dict, field: str) -> dict[str, Fraction]:
    """In which share of the runs `field` holds, by item: of an arm with several seeds, each of them a run.

    `where` and `field` are as `outcomes` takes them. Raises BrokenData where there is no such row, or where the runs
    have not answered the same items once each.
    """
    rows = _rows_where(experiment, size, where)
    runs, units = Counter(row["id"] for row in rows), {row["unit"] for row in rows}
    answered = {(row["id"], row["unit"]) for row in rows}
    if not rows or not len(rows) == len(answered) == len(runs) * len(units):
        said = "each run must have answered the same items, once each" if rows else "there are no answers"
        raise BrokenData(f"{experiment}, {size}: {said} where {where}.")
    hits = Counter(row["id"] for row in rows if _holds(row, field))
    return {name: Fraction(hits[name], count) for name, count in runs.items()}


def _rows_where(experiment: str, size: str, where: dict) -> list[dict]:
    """The rows that are as asked, of the experiment that `where` names, or else of the one given."""
    asked = {name: value for name, value in where.items() if name != "experiment"}
    return [row for row in rows_of(where.get("experiment", experiment), size) if is_as(row, asked)]


def is_as(value, where) -> bool:
    """Whether a row, or a field of it, is as asked; of a record only the fields that are asked for count."""
    if isinstance(value, dict) and isinstance(where, dict):
        return all(is_as(value.get(name), asked) for name, asked in where.items())
    return value == where


def _holds(row: dict, field: str) -> bool:
    """Whether a field of a row is true, or the right passage among the first few."""
    top = re.fullmatch(r"best (\d+)", field)
    return row["rank"] is not None and row["rank"] <= int(top[1]) if top else bool(row[field])


def compared(first: dict[str, bool], second: dict[str, bool]) -> dict:
    """Two arms on the same items: hits of each, items, and how many each alone has, with McNemar's exact p-value.

    Raises BrokenData where they are not of the same items.
    """
    if first.keys() != second.keys():
        raise BrokenData("two arms that are compared must have answered the same items")
    won = sum(first[name] and not second[name] for name in first)
    lost = sum(second[name] and not first[name] for name in first)
    shares = {"first": sum(first.values()), "second": sum(second.values()), "n": len(first)}
    return shares | {"won": won, "lost": lost, "p": mcnemar(won, lost)}


def mcnemar(won: int, lost: int) -> float:
    """The exact two-sided p-value of McNemar's test: of a fair coin on the items that the two arms differ on."""
    n, fewer = won + lost, min(won, lost)
    return min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n)


def sign_flip(differences: list[Fraction]) -> float:
    """The exact two-sided p-value that differences have mean zero, their signs flipped at random.

    Counts, over all ways to flip, the sums at least as far from zero as the one seen. In units of what divides them
    all, differences are whole numbers, so the number of ways to reach each sum is built up item by item.
    """
    units = lcm(*(one.denominator for one in differences))
    whole = [int(one * units) for one in differences]
    ways = {0: 1}
    for size in (abs(one) for one in whole if one):
        flipped: dict[int, int] = {}
        for total, count in ways.items():
            for one in (total + size, total - size):
                flipped[one] = flipped.get(one, 0) + count
        ways = flipped
    seen = abs(sum(whole))
    return sum(count for total, count in ways.items() if abs(total) >= seen) / sum(ways.values())
