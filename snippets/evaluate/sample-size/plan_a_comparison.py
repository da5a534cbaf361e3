"""How many test examples it takes to see one system beat another, when both answer the same."""

from functools import cache

from scipy.stats import binom, binomtest

ALPHA = 0.05
POWER = 0.80
PLANS = ((0.25, 0.05), (0.20, 0.05), (0.20, 0.10), (0.15, 0.05), (0.20, 0.15), (0.12, 0.07), (0.07, 0.02))


@cache
def wins_needed(disagreements: int) -> int:
    """The fewest wins among the disagreements that McNemar's exact test calls significant."""
    wins = range(disagreements // 2 + 1, disagreements + 1)
    return next((n for n in wins if binomtest(n, disagreements).pvalue < ALPHA), disagreements + 1)


def power(items: int, wins: float, losses: float) -> float:
    """The chance that the test sees the difference.

    wins and losses are the shares of items that only the new, or only the old, system answers correctly.
    """
    total = 0.0
    for n in range(items + 1):
        chance = binom.pmf(n, items, wins + losses)
        if chance > 1e-6:
            total += chance * binom.sf(wins_needed(n) - 1, n, wins / (wins + losses))
    return total


print("only new   only old   better   test examples")
print("correct    correct    by       for 80% power")
for wins, losses in PLANS:
    items = next(n for n in range(20, 2000, 10) if power(n, wins, losses) >= POWER)
    print(f"{wins:8.0%}   {losses:8.0%}   {wins - losses:6.0%}   {items:13d}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "scipy==1.17.1",
# ]
# ///
