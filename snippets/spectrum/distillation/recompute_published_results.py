"""Express the published results of distillation in comparable terms."""

from math import sqrt
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)


def wilson(count, n):
    """A 95% interval for a rate, in percent."""
    rate = count / n
    spread = Z * sqrt(count * (n - count) / n + Z * Z / 4) / (n + Z * Z)
    middle = (rate + Z * Z / 2 / n) / (1 + Z * Z / n)
    return 100 * (middle - spread), 100 * (middle + spread)


# Hinton et al., 2015: errors on the 10,000 test digits of MNIST.
DIGITS = 10_000
LARGE = 67
SMALL = 146
DISTILLED = 74
print("Hinton et al.: errors in 10,000 test digits")
for name, errors in [("large network", LARGE), ("small, alone", SMALL), ("small, distilled", DISTILLED)]:
    low, high = wilson(errors, DIGITS)
    print(f"  {name:17}{errors:4}  {errors / DIGITS:.2%}  ({low:.2f}-{high:.2f})")
print(f"  of the gap, distillation closed {SMALL - DISTILLED} of {SMALL - LARGE} errors: ", end="")
print(f"{(SMALL - DISTILLED) / (SMALL - LARGE):.0%}")

# DistilBERT keeps BERT's width and halves its layers; segment embeddings and the pooler go.
WIDTH = 768
MLP = 3072
WORDS = 30522
PLACES = 512
layer = 4 * (WIDTH * WIDTH + WIDTH) + (2 * WIDTH * MLP + MLP + WIDTH) + 4 * WIDTH
embeddings = (WORDS + PLACES + 2) * WIDTH
bert = embeddings + 2 * WIDTH + 12 * layer + WIDTH * WIDTH + WIDTH
distilled = embeddings + 6 * layer
print(f"\nDistilBERT: {distilled:,} parameters, BERT {bert:,}: {1 - distilled / bert:.0%} fewer")

print(f"\nDistilling step-by-step: 770M against 540B, {540e9 / 770e6:,.0f} times smaller")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
