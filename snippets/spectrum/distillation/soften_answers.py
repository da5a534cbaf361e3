"""Show what a teacher's softened answer tells a student that the label does not."""

from math import exp

# Made up: what a large model might think of "my charger hums and the bike did not arrive".
SCORES = {"delivery": 9.0, "battery": 6.0, "refund": 2.0, "praise": -3.0}


def soften(scores, temperature):
    """Probabilities; a higher temperature flattens them."""
    weights = {label: exp(score / temperature) for label, score in scores.items()}
    total = sum(weights.values())
    return {label: weight / total for label, weight in weights.items()}


best = max(SCORES, key=SCORES.get)
rows = {"label alone": {label: float(label == best) for label in SCORES}}
rows |= {f"teacher, T={temperature}": soften(SCORES, temperature) for temperature in (1, 4, 20)}

print(f"{'':14}" + "".join(f"{label:>10}" for label in SCORES))
for name, row in rows.items():
    print(f"{name:14}" + "".join(f"{value:10.3f}" for value in row.values()))

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
