"""How often the verdict errs, by simulation: python -m rung.simulation [cases].

Each simulated case draws, for every item, whether each rung gets it right, from stated probabilities, and asks for the
verdict. What is printed is a table of how often it stopped where.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from rung.verdict import judge

NAMES = ("prompting", "retrieval", "tuning")
MARGIN = 0.05


@dataclass(frozen=True)
class Truth:
    """A world to draw cases from: each rung's true share of right answers, the items, and what the verdict should be.

    `agreement` is how much the rungs agree on which items are hard: 0 for not at all, 1 for as much as their shares
    allow.
    """

    name: str
    shares: tuple[float, ...]
    items: int
    right: tuple[str, ...]
    agreement: float = 0.6


TRUTHS = (
    Truth("all the same", (0.7, 0.7, 0.7), 200, ("prompting",)),
    Truth("all the same, few items", (0.7, 0.7, 0.7), 40, ("prompting",)),
    Truth("all the same, many items", (0.7, 0.7, 0.7), 1500, ("prompting",)),
    Truth("the second is better by 15 points", (0.6, 0.75, 0.75), 200, ("retrieval",)),
    Truth("the second is better by 15 points, many items", (0.6, 0.75, 0.75), 1500, ("retrieval",)),
    Truth("the second is better by the margin", (0.70, 0.75, 0.75), 1500, ("prompting", "retrieval")),
    Truth("the third is better by 10 points", (0.6, 0.6, 0.7), 1500, ("tuning",)),
    Truth("the second is worse, the third better", (0.6, 0.4, 0.8), 200, ("tuning",)),
)


def draw(truth: Truth, rng: np.random.Generator) -> list[np.ndarray]:
    """One case: for each rung, which items it gets right. Items share a difficulty by a Gaussian copula."""
    difficulty = rng.normal(size=truth.items)
    own = rng.normal(size=(len(truth.shares), truth.items))
    mixed = np.sqrt(truth.agreement) * difficulty + np.sqrt(1 - truth.agreement) * own
    return [row < ndtri(share) for row, share in zip(mixed, truth.shares, strict=True)]


def outcomes(truth: Truth, cases: int, seed: int = 0) -> Counter[str]:
    """How often the verdict stops at each rung ("" for: it cannot be told), in so many cases."""
    rng = np.random.default_rng(seed)
    verdicts = Counter()
    for _ in range(cases):
        drawn = [row.tolist() for row in draw(truth, rng)]
        verdicts[judge(list(zip(NAMES, drawn, strict=False)), MARGIN).rung or ""] += 1
    return verdicts


def climbed_for_nothing(truth: Truth, verdicts: Counter[str]) -> float:
    """The share of verdicts above the lowest rung that is right."""
    allowed = NAMES.index(truth.right[-1])
    return sum(count for rung, count in verdicts.items() if rung and NAMES.index(rung) > allowed) / verdicts.total()


def stopped_too_low(truth: Truth, verdicts: Counter[str]) -> float:
    """The share of verdicts below the lowest rung that is right."""
    allowed = NAMES.index(truth.right[0])
    return sum(count for rung, count in verdicts.items() if rung and NAMES.index(rung) < allowed) / verdicts.total()


def table(cases: int) -> str:
    """The simulation as a Markdown table, a row for each truth."""
    heads = ["Truth", "Items", *(f"Stop at {name}" for name in NAMES), "Cannot tell", "Too high", "Too low"]
    rows = [heads, ["---"] + ["--:"] * (len(heads) - 1)]
    for truth in TRUTHS:
        verdicts = outcomes(truth, cases)
        shares = [verdicts[name] / cases for name in (*NAMES, "")]
        errors = [climbed_for_nothing(truth, verdicts), stopped_too_low(truth, verdicts)]
        shares_text = ", ".join(f"{share:.0%}" for share in truth.shares)
        rows.append([f"{truth.name} ({shares_text})", str(truth.items), *(f"{one:.1%}" for one in shares + errors)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main(arguments: Sequence[str]) -> None:
    """Print the table of so many cases a truth, 1,000 where none are given."""
    print(table(int(arguments[0]) if arguments else 1000), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
