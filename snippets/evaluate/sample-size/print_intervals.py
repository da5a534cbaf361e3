"""How wide a 95% Wilson interval is, for the numbers of test examples teams really use."""

from statsmodels.stats.proportion import proportion_confint

print("examples   60% correct      90% correct")
for examples in (10, 20, 50, 100, 200, 500, 1000):
    cells = []
    for share in (0.6, 0.9):
        low, high = proportion_confint(round(share * examples), examples, method="wilson")
        cells.append(f"{100 * low:3.0f} to {100 * high:3.0f} ({100 * (high - low):2.0f})")
    print(f"{examples:8d}   {cells[0]:15}  {cells[1]}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "statsmodels==0.15.0",
# ]
# ///
