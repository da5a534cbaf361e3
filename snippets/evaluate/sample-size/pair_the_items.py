"""The same two scores, compared as independent groups and paired: only the second test sees the difference."""

from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

EXAMPLES = 120
BOTH_CORRECT = 70
ONLY_NEW = 18
ONLY_OLD = 5

new = BOTH_CORRECT + ONLY_NEW
old = BOTH_CORRECT + ONLY_OLD
for name, correct in (("old", old), ("new", new)):
    low, high = proportion_confint(correct, EXAMPLES, method="wilson")
    print(f"{name}  {correct}/{EXAMPLES} = {correct / EXAMPLES:.0%} ({100 * low:.0f}-{100 * high:.0f})")

unpaired = proportions_ztest([new, old], [EXAMPLES, EXAMPLES])[1]
both_incorrect = EXAMPLES - BOTH_CORRECT - ONLY_NEW - ONLY_OLD
paired = mcnemar([[BOTH_CORRECT, ONLY_NEW], [ONLY_OLD, both_incorrect]], exact=True).pvalue
print(f"two-sample test:       p = {unpaired:.3f}")
print(f"paired test (McNemar): p = {paired:.3f}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "statsmodels==0.15.0",
# ]
# ///
