"""Weigh what tuning gained on the task against what it lost elsewhere, question by question."""

from math import comb


def p_value(one, other):
    """How often chance alone splits the changed items at least so unevenly (exact sign test, two-sided)."""
    n = one + other
    return min(1, 2 * sum(comb(n, k) for k in range(min(one, other) + 1)) / 2**n)


# Questions; right before and after; right only before; right only after. All counts are examples.
SETS = {
    "the task": (200, 104, 6, 64),
    "general questions": (200, 150, 22, 9),
    "general, 50 of them": (50, 38, 5, 2),
}

for name, (n, both, lost, gained) in SETS.items():
    before = both + lost
    after = both + gained
    print(f"{name}: {before / n:.0%} before, {after / n:.0%} after (n = {n})")
    print(f"  gained {gained}, lost {lost}, net {gained - lost:+d}, p = {p_value(gained, lost):.2g}")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
