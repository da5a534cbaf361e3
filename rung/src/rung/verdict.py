"""The verdict: the lowest rung that is not worse than a higher one by more than the margin, or that it cannot be told.

Each rung is stood for by one arm, chosen on dev; what follows uses test items alone, paired.

- A rung is *enough* when it is shown not to be worse by the margin than every rung above it. The tests are one-sided
  tests of non-inferiority (Tango). All must be passed, so that the largest p-value is the rung's (an intersection-union
  test); these are adjusted over the rungs by Holm.
- A rung is *beaten* when some rung above it is shown to be better: McNemar's exact test,
  adjusted over all pairs by Holm.
- Otherwise it is *open*.

From the lowest rung upwards: beaten rungs are climbed past, an enough one is the verdict, an open one means that it
cannot be told yet. The highest rung is enough by itself. So stopping too low and climbing for nothing each happen in at
most about one case in twenty (rung.simulation shows it). To climb to a rung that is better by less than the
margin is not for nothing and happens more often: the lower is then shown to be worse, and not shown to be enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rung import statistics
from rung.statistics import ALPHA, Interval, Rate

ENOUGH, BEATEN, OPEN = "enough", "beaten", "open"


@dataclass(frozen=True)
class Step:
    """One pair of rungs, compared item by item: `won` by the lower, `lost` to the higher.

    `difference` is the lower rung's share minus the higher's; `p_better` (the higher is better) is adjusted over all
    pairs, `p_not_worse` (the lower is not worse by the margin) is not.
    """

    lower: str
    higher: str
    won: int
    lost: int
    n: int
    difference: Interval
    p_better: float
    p_not_worse: float

    def shows_higher_better(self, alpha: float = ALPHA) -> bool:
        """Whether the higher rung is shown to be better than the lower."""
        return self.p_better <= alpha and self.lost > self.won


@dataclass(frozen=True)
class Standing:
    """What is shown of one rung: its rate, `state` (enough, beaten or open), and the adjusted p that it is enough."""

    rung: str
    rate: Rate
    state: str
    p_enough: float


@dataclass(frozen=True)
class Verdict:
    """The outcome: the `rung` to stop at, or None where it cannot be told, and `open` is the pair that leaves it so.

    `left_out` says of what could not be measured why, where a whole rung is missing for want of a model.
    """

    rung: str | None
    standings: tuple[Standing, ...]
    steps: tuple[Step, ...]
    margin: float
    alpha: float = ALPHA
    open: Step | None = None
    left_out: str = ""

    @cached_property
    def more(self) -> int | None:
        """About how many more test items would tell; None where it can be told, or where no number can be named."""
        comparisons = max(1, len(self.standings) - 1)
        return items_more(self.open, self.margin, self.alpha / comparisons) if self.open else None

    @property
    def sentence(self) -> str:
        """The verdict in one or two sentences, and what was left out."""
        return f"{self._shown} {self.left_out}".strip()

    @property
    def _shown(self) -> str:
        """What the test items show."""
        points = f"{100 * self.margin:g} points"
        names = [one.rung for one in self.standings]
        stop = self.open.lower if self.open else self.rung
        place = next(at for at, name in enumerate(names) if name == stop)
        below, above = ", ".join(names[:place]), ", ".join(names[place + 1 :])
        if self.open:
            more = (
                f"about {self.more} more test items would" if self.more else "no number of items that can be named will"
            )
            leave = f"Leave {below}: a higher rung is shown to be better. But it" if below else "It"
            pair = f"{self.open.lower} is enough or {self.open.higher} is better by {points} or more"
            return f"{leave} cannot be told yet whether {pair}: {more} tell."
        beats_all = all(step.shows_higher_better(self.alpha) for step in self.steps if step.higher == self.rung)
        shown = f"it is shown to be better than {below}"
        parts = [shown if beats_all else f"what is below it ({below}) is beaten by a higher rung"] * bool(below)
        parts += [f"nothing above it ({above}) is better by {points} or more"] * bool(above)
        return f"Stop at {self.rung}: {', and '.join(parts)}." if parts else f"Only {self.rung} was measured."


def judge(rungs: Sequence[tuple[str, Sequence[bool]]], margin: float, alpha: float = ALPHA) -> Verdict:
    """The verdict on rungs, from the lowest to the highest, each with whether it was right on each test item.

    `margin` is a fraction: 0.05 is five points. All rungs have the same items in the same order. Raises ValueError
    where there is no rung, or where their items differ in number.
    """
    if not rungs:
        raise ValueError("a verdict needs at least one rung")
    pairs = [(low, high) for low in range(len(rungs)) for high in range(low + 1, len(rungs))]
    results = {(low, high): statistics.paired(rungs[low][1], rungs[high][1]) for low, high in pairs}
    better = dict(zip(pairs, statistics.holm([results[pair].p for pair in pairs]), strict=True))
    not_worse = {pair: statistics.noninferiority(one.won, one.lost, one.n, margin) for pair, one in results.items()}
    top = len(rungs) - 1
    largest = [max(not_worse[low, high] for high in range(low + 1, top + 1)) for low in range(top)]
    enough = [*statistics.holm(largest), 0.0]
    standings, steps = [], []
    for low, (name, hits) in enumerate(rungs):
        beaten = any(
            better[low, high] <= alpha and results[low, high].lost > results[low, high].won
            for high in range(low + 1, top + 1)
        )
        state = ENOUGH if enough[low] <= alpha else BEATEN if beaten else OPEN
        standings.append(Standing(name, statistics.rate(hits), state, enough[low]))
    for low, high in pairs:
        one = results[low, high]
        difference = statistics.paired_difference(one.won, one.lost, one.n)
        p_values = better[low, high], not_worse[low, high]
        steps.append(Step(rungs[low][0], rungs[high][0], one.won, one.lost, one.n, difference, *p_values))
    return _climbed(standings, steps, margin, alpha)


def _climbed(standings: list[Standing], steps: list[Step], margin: float, alpha: float) -> Verdict:
    """Up from the lowest rung, past the beaten ones, to one that is enough or open."""
    first = next(one for one in standings if one.state != BEATEN)
    if first.state == ENOUGH:
        return Verdict(first.rung, tuple(standings), tuple(steps), margin, alpha)
    doubtful = max((step for step in steps if step.lower == first.rung), key=lambda step: step.p_not_worse)
    return Verdict(None, tuple(standings), tuple(steps), margin, alpha, doubtful)


def items_more(step: Step, margin: float, alpha: float = ALPHA) -> int | None:
    """About how many more test items would decide a step, if the shares won and lost stay what they are.

    They would show either that the lower rung is not worse by the margin, or that the higher is better, whichever takes
    fewer; with 80% power. None where neither can be named.
    """
    # Half an item is added to each cell (Agresti and Min, 2005), so that two or three items do not promise much.
    won, lost = (step.won + 0.5) / (step.n + 2), (step.lost + 0.5) / (step.n + 2)
    needs = [
        statistics.noninferiority_items_needed(won, lost, margin, alpha),
        statistics.items_needed(lost, won, alpha=alpha),
    ]
    named = [need for need in needs if need is not None]
    return max(10, min(named) - step.n) if named else None
