"""Rates with their intervals, and comparisons of two systems on the same items."""

from collections.abc import Sequence

from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint


def rate(hits: Sequence[bool]) -> dict:
    """Hits, items, share, and the ends of a 95% Wilson interval, as shares."""
    low, high = proportion_confint(sum(hits), len(hits), method="wilson")
    return {
        "hits": sum(hits),
        "n": len(hits),
        "share": round(sum(hits) / len(hits), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def paired(first: Sequence[bool], second: Sequence[bool]) -> dict:
    """Items that only the first and only the second got right, and McNemar's exact p."""
    won = sum(a and not b for a, b in zip(first, second, strict=True))
    lost = sum(b and not a for a, b in zip(first, second, strict=True))
    p = mcnemar([[0, won], [lost, 0]], exact=True).pvalue if won + lost else 1.0
    return {"won": won, "lost": lost, "p": round(float(p), 6)}


def words(figures: dict) -> str:
    """A rate in words: `61/120 = 51% (42-60)`."""
    low, high = (f"{100 * figures[end]:.0f}" for end in ("low", "high"))
    return f"{figures['hits']}/{figures['n']} = {figures['share']:.0%} ({low}-{high})"


def p_words(p: float) -> str:
    """A p-value in words."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
