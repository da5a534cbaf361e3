"""Proportions with their intervals, and comparisons of two systems on the same items."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy.stats import binom, binomtest, bootstrap
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from kit.arm import Arm

ALPHA, POWER = 0.05, 0.80
MANY = 100  # so many items make a share worth printing


def proportion(hits: Sequence[bool]) -> dict:
    """Hits, items, share, and the ends of a 95% Wilson interval, as shares."""
    low, high = proportion_confint(sum(hits), len(hits), method="wilson")
    return {
        "hits": sum(hits),
        "n": len(hits),
        "share": round(sum(hits) / len(hits), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def by_arm(rows: list[dict]) -> dict[Arm, list[dict]]:
    """The rows of each arm, those of all its seeds together, in the order in which the arms come."""
    parts: dict[Arm, list[dict]] = {}
    for row in rows:
        parts.setdefault(row["arm"].any_seed, []).append(row)
    return parts


def by_seed(rows: list[dict]) -> list[list[dict]]:
    """The rows of each seed, in the order of the items."""
    seeds = dict.fromkeys(row["arm"].seed for row in rows)
    return [[row for row in rows if row["arm"].seed == seed] for seed in seeds]


def median_rows(rows: list[dict], field: str) -> list[dict]:
    """The rows of the seed with the median score: a proportion's interval is of one run, never of three pooled."""
    seeds = sorted(by_seed(rows), key=lambda run: sum(row[field] for row in run))
    return seeds[len(seeds) // 2]


def median_run(rows: list[dict], field: str) -> list[bool]:
    """One field of the rows of the seed with the median score."""
    return [row[field] for row in median_rows(rows, field)]


def over_seeds(rows: list[dict], field: str) -> dict:
    """The proportion of the median seed, and the hits of each."""
    return proportion(median_run(rows, field)) | {"seeds": [sum(row[field] for row in run) for run in by_seed(rows)]}


def spread(values: Sequence[float], whole: float) -> tuple[float, float, float]:
    """The lowest, median and highest of the seeds' values as shares of a whole: a point of a curve and its bar."""
    ordered = sorted(value / whole for value in values)
    return ordered[0], ordered[len(ordered) // 2], ordered[-1]


def clustered_share(rows: list[dict], field: str, unit: str) -> dict:
    """The share of rows with a field, where several rows are of one unit and so tend to agree.

    Its 95% interval is a bootstrap (BCa) over the units, not over the rows; where all units agree, Wilson's.
    """
    of_unit: dict[str, list[bool]] = {}
    for row in rows:
        of_unit.setdefault(row[unit], []).append(row[field])
    shares = [sum(each) / len(each) for each in of_unit.values()]
    share = sum(row[field] for row in rows) / len(rows)
    if len(set(shares)) > 1:
        low, high = bootstrap([shares], np.mean, rng=np.random.default_rng(0)).confidence_interval
    else:
        low, high = proportion_confint(share * len(shares), len(shares), method="wilson")
    figures = {"share": share, "low": float(low), "high": float(high)}
    return {name: round(value, 4) for name, value in figures.items()} | {"n": len(rows), "units": len(shares)}


def share_words(figures: dict) -> str:
    """A share of several rows a unit, in words."""
    low, high = (f"{100 * figures[end]:.0f}" for end in ("low", "high"))
    return f"{figures['share']:.0%} ({low}-{high})"


def paired(first: Sequence[bool], second: Sequence[bool]) -> dict:
    """Items that only the first and only the second got correct, and McNemar's exact p."""
    won = sum(a and not b for a, b in zip(first, second, strict=True))
    lost = sum(b and not a for a, b in zip(first, second, strict=True))
    p = mcnemar([[0, won], [lost, 0]], exact=True).pvalue if won + lost else 1.0
    return {"won": won, "lost": lost, "p": round(float(p), 6)}


@cache
def wins_needed(disagreements: int) -> int:
    """The fewest wins among the disagreements that McNemar's exact test calls significant."""
    wins = range(disagreements // 2 + 1, disagreements + 1)
    return next((n for n in wins if binomtest(n, disagreements).pvalue < ALPHA), disagreements + 1)


def examples_needed(won: float, lost: float, most: int = 5000) -> int | None:
    """How many items show a difference with 80% power, when these shares of items are won and lost.

    None where `most` items are too few.
    """
    if won <= lost:
        return None
    for items in range(10, most + 1, 10):
        power = 0.0
        for n in range(items + 1):
            chance = binom.pmf(n, items, won + lost)
            if chance > 1e-6:
                power += chance * binom.sf(wins_needed(n) - 1, n, won / (won + lost))
        if power >= POWER:
            return items
    return None


def proportion_words(figures: dict) -> str:
    """A proportion in words: `61/120 = 51% (42-60)`, with the hits of each seed where there are several."""
    low, high = (f"{100 * figures[end]:.0f}" for end in ("low", "high"))
    seeds = figures.get("seeds", [])
    spread = f"; seeds {', '.join(map(str, seeds))}" if len(seeds) > 1 else ""
    return f"{figures['hits']}/{figures['n']} = {figures['share']:.0%} ({low}-{high}){spread}"


def counted_words(figures: dict) -> str:
    """A proportion in words; of fewer than a hundred items only the count, since a share says more than they can."""
    return proportion_words(figures) if figures["n"] >= MANY else f"{figures['hits']} of {figures['n']}"


def p_words(p: float) -> str:
    """A p-value in words."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def paired_words(figures: dict) -> str:
    """A paired comparison in words."""
    return f"{figures['won']} won, {figures['lost']} lost, {p_words(figures['p'])}"
