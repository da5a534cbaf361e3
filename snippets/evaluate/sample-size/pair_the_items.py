"""The same two scores, compared as if unrelated and item by item: only the second sees the difference."""

from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

ITEMS = 120
BOTH_RIGHT = 70
ONLY_NEW = 18
ONLY_OLD = 5

new = BOTH_RIGHT + ONLY_NEW
old = BOTH_RIGHT + ONLY_OLD
for name, right in (("old", old), ("new", new)):
    low, high = proportion_confint(right, ITEMS, method="wilson")
    print(f"{name}  {right}/{ITEMS} = {right / ITEMS:.0%} ({100 * low:.0f}-{100 * high:.0f})")

apart = proportions_ztest([new, old], [ITEMS, ITEMS])[1]
both_wrong = ITEMS - BOTH_RIGHT - ONLY_NEW - ONLY_OLD
paired = mcnemar([[BOTH_RIGHT, ONLY_NEW], [ONLY_OLD, both_wrong]], exact=True).pvalue
print(f"as two unrelated groups: p = {apart:.3f}")
print(f"item by item:            p = {paired:.3f}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "statsmodels==0.15.0",
# ]
# ///
