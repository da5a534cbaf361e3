"""The comparisons of one experiment, seeds averaged and adjusted as one family, as metrics and as cells of tables."""

from collections.abc import Iterator

from kit.rows import Rows
from kit.statistics import (
    ALPHA,
    by_seed,
    needed_words,
    over_seeds_words,
    p_words,
    paired,
    paired_over_seeds,
    with_holm,
)
from kit.tables import table

HEADS = ["Won-lost by seed", "Difference, seeds averaged", "Holm-adjusted"]


def contrast(first: Rows, second: Rows, field: str, same_seeds: bool = False) -> dict:
    """Two arms over all their seeds; and what each seed won and lost, against the same seed or the only run.

    `same_seeds` as in kit.statistics. Raises ValueError where the two are not of the same items in the same order.
    """
    one, two = by_seed(first), by_seed(second)
    if any([row["id"] for row in run] != [row["id"] for row in one[0]] for run in one + two):
        raise ValueError("a comparison is of the same items in the same order")
    figures = paired_over_seeds(first, second, field, same_seeds)
    most = max(len(one), len(two))
    if {len(one), len(two)} <= {1, most}:
        pairs = zip(one * (most // len(one)), two * (most // len(two)), strict=True)
        each = [paired([row[field] for row in a], [row[field] for row in b]) for a, b in pairs]
        figures["by seed"] = [[seed["won"], seed["lost"]] for seed in each]
    return figures


def of_items(rows: Rows, ids: set[str]) -> Rows:
    """The rows of some items, whichever seed they are of."""
    return [row for row in rows if row["id"] in ids]


def contrasts_in(metrics: object, path: tuple = ()) -> Iterator[tuple[tuple, dict]]:
    """Every comparison over seeds that stands anywhere in metrics, with the keys on the way to it."""
    if isinstance(metrics, dict) and {"difference", "p"} <= metrics.keys():
        yield path, metrics
    elif isinstance(metrics, dict | list):
        for key, value in metrics.items() if isinstance(metrics, dict) else enumerate(metrics):
            yield from contrasts_in(value, (*path, key))


def with_family(metrics: dict) -> dict:
    """Metrics in which every comparison carries the p-value that Holm's method gives it among all of them.

    Under `family` stand how many there are, how many have p < 0.05 by themselves, and how many still after that.
    """
    found = dict(contrasts_in(metrics))
    for path, adjusted in with_holm(found).items():
        found[path] |= {"holm": adjusted["holm"]}
    family = {
        "compared": len(found),
        "below alone": sum(one["p"] < ALPHA for one in found.values()),
        "survive": sum(one["holm"] < ALPHA for one in found.values()),
    }
    return metrics | {"family": family}


def by_seed_words(figures: dict) -> str:
    """What each seed won and lost: `13-10, 13-7`."""
    return ", ".join(f"{won}-{lost}" for won, lost in figures.get("by seed", []))


def contrast_cells(figures: dict) -> list[str]:
    """A comparison as the cells under HEADS and `verdict_head`."""
    return [by_seed_words(figures), over_seeds_words(figures), p_words(figures["holm"]), needed_words(figures)]


def verdict_head(metrics: dict) -> str:
    """The head of the last column: how many comparisons the experiment makes, in all its tables, and what is left."""
    family = metrics["family"]
    return f"Of {family['compared']} comparisons, {family['survive']} survive"


def contrasts_table(heads: list[str], lines: dict[str | tuple[str, ...], dict], metrics: dict) -> str:
    """Comparisons as a table: their names, a cell for each of `heads`, then the figures."""
    rows = [[*((name,) if isinstance(name, str) else name), *contrast_cells(one)] for name, one in lines.items()]
    return table([*heads, *HEADS, verdict_head(metrics)], rows)
