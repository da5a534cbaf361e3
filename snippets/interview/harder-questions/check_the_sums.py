"""Check the sums in the spoken answers; every figure that goes in is an example."""

# A small model first, a large one for what the small one seems unsure of. Prices are those of one question.
questions = 100
kept = 70  # questions that stop at the small model
small = 1
large = 20

for price in (large, large / 2):
    cascade = questions * small + (questions - kept) * price
    alone = questions * price
    print(
        f"large model at {price:.0f}: small first {cascade:.0f}, large alone {alone:.0f}, saved {alone - cascade:.0f}"
    )

# A live test of two groups of different people: how many answers each needs, four times in five, at p < 0.05.
old = 0.70
new = 0.75
spread = old * (1 - old) + new * (1 - new)
each = (1.960 + 0.842) ** 2 * spread / (new - old) ** 2
print(f"to see {old:.0%} become {new:.0%} live: {each:,.0f} answers in each half")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
