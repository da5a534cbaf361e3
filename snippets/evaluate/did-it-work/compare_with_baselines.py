"""A fine-tuned model against two baselines on the same held-out examples, and what each comparison lets you say."""

import random

from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

# Example answers to 120 held-out items, made up for this page: True where the answer was correct.
# Replace the three lists with your own; item 17 must be the same question in each.
rng = random.Random(7)
difficulty = [rng.random() for _ in range(120)]
results = {
    "base": [rng.random() * 0.5 + d * 0.5 < 0.30 for d in difficulty],
    "prompt only": [rng.random() * 0.5 + d * 0.5 < 0.58 for d in difficulty],
    "fine-tuned": [rng.random() * 0.5 + d * 0.5 < 0.62 for d in difficulty],
}

for name, right in results.items():
    low, high = proportion_confint(sum(right), len(right), method="wilson")
    print(f"{name:12} {sum(right):3}/{len(right)} = {sum(right) / len(right):.0%} ({100 * low:.0f}-{100 * high:.0f})")

for baseline in ("base", "prompt only"):
    pairs = list(zip(results["fine-tuned"], results[baseline], strict=True))
    wins = pairs.count((True, False))
    losses = pairs.count((False, True))
    p = mcnemar([[0, wins], [losses, 0]], exact=True).pvalue
    print(f"fine-tuned against {baseline}: {wins} won, {losses} lost, p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "statsmodels==0.15.0",
# ]
# ///
