"""How often the verdict errs, by simulation: python -m rung.simulation [cases].

Each simulated case draws, for every item, whether each rung gets it right, from stated probabilities, and asks for the
verdict. What is printed is a table of how often it stopped where, and one of how often its intervals held the truth.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from rung.verdict import BEATEN, Verdict, judge

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
    Truth("the second is better by less than the margin", (0.70, 0.73, 0.73), 1500, ("prompting",)),
    Truth("the third is better by 10 points", (0.6, 0.6, 0.7), 1500, ("tuning",)),
    Truth("the second is worse, the third better", (0.6, 0.4, 0.8), 200, ("tuning",)),
)


def draw(truth: Truth, rng: np.random.Generator) -> list[np.ndarray]:
    """One case: for each rung, which items it gets right. Items share a difficulty by a Gaussian copula."""
    difficulty = rng.normal(size=truth.items)
    own = rng.normal(size=(len(truth.shares), truth.items))
    mixed = np.sqrt(truth.agreement) * difficulty + np.sqrt(1 - truth.agreement) * own
    return [row < ndtri(share) for row, share in zip(mixed, truth.shares, strict=True)]


def verdicts(truth: Truth, cases: int, seed: int = 0) -> list[Verdict]:
    """The verdicts on so many cases."""
    rng = np.random.default_rng(seed)
    drawn = ([row.tolist() for row in draw(truth, rng)] for _ in range(cases))
    return [judge(list(zip(NAMES, rows, strict=False)), MARGIN) for rows in drawn]


def too_high(truth: Truth, judged: Sequence[Verdict]) -> float:
    """The share of verdicts above the lowest rung that is enough: climbed for nothing."""
    allowed = NAMES.index(truth.right[-1])
    return float(np.mean([one.rung is not None and NAMES.index(one.rung) > allowed for one in judged]))


def too_low(truth: Truth, judged: Sequence[Verdict]) -> float:
    """The share of verdicts below the lowest rung that is enough."""
    allowed = NAMES.index(truth.right[0])
    return float(np.mean([one.rung is not None and NAMES.index(one.rung) < allowed for one in judged]))


def lowest_left(judged: Sequence[Verdict]) -> float:
    """The share of verdicts that say to leave the lowest rung, whether or not they can tell the rest."""
    return float(np.mean([one.standings[0].state == BEATEN for one in judged]))


def shares_covered(truth: Truth, judged: Sequence[Verdict]) -> float:
    """The share of the rungs' 95% intervals that hold the rung's true share, over all rungs and verdicts."""
    pairs = [(one.rate, share) for each in judged for one, share in zip(each.standings, truth.shares, strict=True)]
    return float(np.mean([rate.low <= share <= rate.high for rate, share in pairs]))


def differences_covered(truth: Truth, judged: Sequence[Verdict]) -> float:
    """The share of the 95% intervals of paired differences that hold the true one, over all pairs and verdicts."""
    true = dict(zip(NAMES, truth.shares, strict=False))
    steps = [(one.difference, true[one.lower] - true[one.higher]) for each in judged for one in each.steps]
    return float(np.mean([interval.low <= difference <= interval.high for interval, difference in steps]))


def tables(cases: int) -> str:
    """The simulation as two Markdown tables with a row for each truth: where verdicts stop, what intervals hold."""
    stops = [["True shares", "Items", *(name.capitalize() for name in NAMES), "Cannot tell", "Leave the lowest"]]
    stops[0] += ["Too high", "Too low"]
    intervals = [["True shares", "Items", "Intervals of a share", "Intervals of a difference"]]
    for truth in TRUTHS:
        judged = verdicts(truth, cases)
        case = ["/".join(f"{100 * share:.0f}" for share in truth.shares), str(truth.items)]
        shares = [float(np.mean([one.rung == name for one in judged])) for name in (*NAMES, None)]
        shares += [lowest_left(judged), too_high(truth, judged), too_low(truth, judged)]
        stops.append(case + [f"{one:.1%}" for one in shares])
        covered = shares_covered(truth, judged), differences_covered(truth, judged)
        intervals.append(case + [f"{one:.1%}" for one in covered])
    return f"{_table(stops)}\nHow often 95% intervals held the true value:\n\n{_table(intervals)}"


def _table(rows: list[list[str]]) -> str:
    """Rows as a Markdown table; the first are its heads."""
    lines = [rows[0], ["---"] + ["--:"] * (len(rows[0]) - 1), *rows[1:]]
    return "".join(f"| {' | '.join(row)} |\n" for row in lines)


def main(arguments: Sequence[str]) -> None:
    """Print the tables of so many cases a truth, 1,000 where none are given."""
    print(tables(int(arguments[0]) if arguments else 1000), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
