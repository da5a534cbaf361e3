"""Proportions with their intervals, and comparisons of two systems on the same items, as rows, metrics and words.

What is computed is computed by rung.statistics, the package in rung/; here its results become the figures of
metrics.json, rounded, and the words of tables.
"""

from collections.abc import Sequence

from rung.statistics import ALPHA, holm, items_needed

from kit.arm import Arm
from rung import statistics

__all__ = ["ALPHA", "holm", "items_needed"]
MANY = 100  # so many items make a share worth printing


def proportion(hits: Sequence[bool]) -> dict:
    """Hits, items, share, and the ends of a 95% Wilson interval, as shares."""
    rate = statistics.rate(hits)
    ends = {name: round(value, 4) for name, value in (("share", rate.share), ("low", rate.low), ("high", rate.high))}
    return {"hits": rate.hits, "n": rate.n} | ends


def proportion_or_none(hits: Sequence[bool]) -> dict | None:
    """A proportion, or nothing where there is no item."""
    return proportion(hits) if hits else None


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
    units = [row[unit] for row in rows]
    share = statistics.share_over_units([row[field] for row in rows], units)
    figures = {"share": share.estimate, "low": share.low, "high": share.high}
    return {name: round(value, 4) for name, value in figures.items()} | {"n": len(rows), "units": len(set(units))}


def share_words(figures: dict) -> str:
    """A share of several rows a unit, in words."""
    low, high = (f"{100 * figures[end]:.0f}" for end in ("low", "high"))
    return f"{figures['share']:.0%} ({low}-{high})"


def paired(first: Sequence[bool], second: Sequence[bool]) -> dict:
    """Items that only the first and only the second got correct, and McNemar's exact p."""
    result = statistics.paired(first, second)
    return {"won": result.won, "lost": result.lost, "p": round(result.p, 6)}


def paired_over_seeds(first: list[dict], second: list[dict], field: str, same_seeds: bool = True) -> dict:
    """Two arms over all their seeds, from their rows: the mean difference as a share, its interval, p, items needed.

    `same_seeds` where a seed of one arm shares its draw of examples with the same seed of the other.
    """
    runs = [[[row[field] for row in run] for run in by_seed(rows)] for rows in (first, second)]
    result = statistics.paired_over_seeds(*runs, same_seeds=same_seeds)
    ends = {"difference": result.difference.estimate, "low": result.difference.low, "high": result.difference.high}
    rounded = {name: round(value, 4) for name, value in ends.items()}
    return rounded | {"p": round(result.p, 6), "n": result.n, "items needed": result.needed}


def with_holm(contrasts: dict[str, dict]) -> dict[str, dict]:
    """The same comparisons, each with its p-value adjusted for all of them by Holm's method."""
    adjusted = holm([one["p"] for one in contrasts.values()])
    return {name: one | {"holm": round(p, 6)} for (name, one), p in zip(contrasts.items(), adjusted, strict=True)}


def surviving(contrasts: dict[str, dict]) -> int:
    """How many comparisons are significant after Holm's adjustment."""
    return sum(one["holm"] < ALPHA for one in contrasts.values())


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


def over_seeds_words(figures: dict) -> str:
    """A paired comparison over seeds in words: `+7 points (-2 to 15), p = 0.03`."""
    difference, low, high = (round(100 * figures[name]) for name in ("difference", "low", "high"))
    return f"{difference:+d} points ({low:+d} to {high:+d}), {p_words(figures['p'])}"


def needed_words(figures: dict) -> str:
    """What a comparison with a Holm-adjusted p-value shows, and how many test examples would show what it does not."""
    if figures["holm"] < ALPHA:
        return "survives Holm"
    needed = figures["items needed"]
    shown = "does not survive Holm" if figures["p"] < ALPHA else "cannot be told apart"
    return f"{shown}; {f'{needed} test examples needed' if needed else 'more than 5000 test examples needed'}"
