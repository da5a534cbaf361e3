"""Rates with intervals, and paired comparisons of two systems on the same items.

Everything here takes plain sequences of booleans, one value an item, and works without a model or a document.
Shares, differences and margins are fractions from -1 to 1, never percentages. A difference is always *first minus
second*, so a positive one favours the first system.

Sources, each implemented or called where it is named:

- Wilson (1927): the interval of one share.
- Student (1908): the interval of a mean.
- Thompson (1936), "On confidence ranges for the median and other expectation distributions for populations of unknown
  distribution form", Annals of Mathematical Statistics 7: the interval of a median.
- McNemar (1947), exact binomial form: is either of two paired systems better?
- Tango (1998), "Equivalence test and confidence interval for the difference in proportions for the paired-sample
  design", Statistics in Medicine 17: the score test behind the paired interval and the test of non-inferiority.
- Holm (1979): adjustment of several p-values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, inf, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri
from scipy.stats import binom, bootstrap, ttest_1samp
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

ALPHA = 0.05
POWER = 0.80
SIGN_FLIPS = 9_999


@dataclass(frozen=True)
class Rate:
    """How many of `n` items were right, their share, and the ends of its Wilson interval."""

    hits: int
    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval, as fractions."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Paired:
    """Two systems on the same `n` items.

    `won` items only the first got right, `lost` items only the second; `p` is McNemar's exact two-sided p-value.
    """

    won: int
    lost: int
    n: int
    p: float

    @property
    def difference(self) -> float:
        """The first system's share minus the second's."""
        return (self.won - self.lost) / self.n


def wilson(hits: float, n: int, confidence: float = 0.95) -> Interval:
    """The share of `n` items that `hits` are, with its Wilson interval.

    `hits` need not be whole: the sum of shares, say. Raises ValueError where they cannot be hits of so many items.
    """
    if n < 1 or not 0 <= hits <= n:
        raise ValueError(f"{hits} cannot be hits of {n} items")
    low, high = proportion_confint(hits, n, alpha=1 - confidence, method="wilson")
    return Interval(hits / n, float(low), float(high))


def rate(hits: Sequence[bool], confidence: float = 0.95) -> Rate:
    """The share of `hits` that are true, with its Wilson interval.

    Raises ValueError where there are no items.
    """
    if not len(hits):
        raise ValueError("a rate needs at least one item")
    right = int(np.sum(hits))
    share = wilson(right, len(hits), confidence)
    return Rate(right, len(hits), share.estimate, share.low, share.high)


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """The mean of values in any unit, with Student's interval: differences of paired losses, say.

    It supposes that means of so many such values are about normally distributed. Raises ValueError where there are
    fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("the interval of a mean needs at least two values")
    if len(set(values)) == 1:  # scipy divides by the spread, and there is none
        return Interval(float(values[0]), float(values[0]), float(values[0]))
    ends = ttest_1samp(values, 0).confidence_interval(confidence)
    return Interval(float(np.mean(values)), float(ends.low), float(ends.high))


def median_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """The median of values in any unit, with the interval between two of the values, which supposes nothing of how
    they are spread.

    The ends are the values whose rank from below and from above is the largest that keeps the coverage (Thompson,
    1936). Even the smallest and the largest value do not keep it where there are too few, for 95% fewer than six; they
    are the ends all the same. Raises ValueError where there are no values.
    """
    if not len(values):
        raise ValueError("a median needs at least one value")
    ordered = sorted(values)
    rank = max(int(binom.ppf((1 - confidence) / 2, len(ordered), 0.5)), 1)
    return Interval(float(np.median(ordered)), float(ordered[rank - 1]), float(ordered[-rank]))


def paired(first: Sequence[bool], second: Sequence[bool]) -> Paired:
    """Compare two systems item by item by McNemar's exact test.

    Both sequences hold one value an item, in the same order. Raises ValueError where their lengths differ or are zero.
    """
    if len(first) != len(second):
        raise ValueError(f"paired systems need the same items: {len(first)} against {len(second)}")
    if not len(first):
        raise ValueError("a comparison needs at least one item")
    won = sum(bool(a) and not b for a, b in zip(first, second, strict=True))
    lost = sum(bool(b) and not a for a, b in zip(first, second, strict=True))
    p = mcnemar([[0, won], [lost, 0]], exact=True).pvalue if won + lost else 1.0
    return Paired(won, lost, len(first), float(p))


def tango_score(won: int, lost: int, n: int, difference: float) -> float:
    """Tango's score statistic: how many standard errors the observed difference lies above `difference`.

    The standard error is that under the null hypothesis that the true difference *is* `difference` (-1 to 1), the
    probability of losing an item being at its maximum-likelihood value there. Infinite where the hypothesis leaves no
    variance and yet does not hold.
    """
    a = 2 * n
    b = -won - lost + (2 * n - won + lost) * difference
    c = -lost * difference * (1 - difference)
    losing = (sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = n * (2 * losing + difference * (1 - difference))
    distance = won - lost - n * difference
    if variance <= 1e-12 * n:
        return 0.0 if abs(distance) < 1e-9 else inf if distance > 0 else -inf
    return distance / sqrt(variance)


def paired_difference(won: int, lost: int, n: int, confidence: float = 0.95) -> Interval:
    """Tango's score interval of the paired difference.

    Args:
        won: items that only the first system got right.
        lost: items that only the second got right.
        n: all items, those on which both agree included.
        confidence: the interval's coverage.

    It keeps its coverage with few items and near the ends, where the textbook interval collapses to a point.
    Raises ValueError where the counts cannot be.
    """
    if won < 0 or lost < 0 or n < 1 or won + lost > n:
        raise ValueError(f"{won} won and {lost} lost cannot be counts of {n} items")
    z, estimate = float(ndtri((1 + confidence) / 2)), (won - lost) / n

    def end(sign: int) -> float:
        """Where the score has fallen to z on one side, or the end of the scale."""
        outer = sign * (1 - 1e-9)
        if abs(tango_score(won, lost, n, outer)) <= z:
            return float(sign)
        inner = min(max(estimate, -1 + 1e-9), 1 - 1e-9)
        if (outer - inner) * sign <= 0:
            return float(sign)
        return float(brentq(lambda value: tango_score(won, lost, n, value) + sign * z, inner, outer, xtol=1e-13))

    return Interval(estimate, end(-1), end(1))


def noninferiority(won: int, lost: int, n: int, margin: float) -> float:
    """One-sided p-value that the first system is *not* worse than the second by `margin` or more.

    `margin` is a fraction above 0; 0.05 is five points. A small p shows that the true difference lies above -margin.
    It is Tango's score test at -margin, so it agrees with the lower end of `paired_difference`.
    """
    if not 0 < margin < 1:
        raise ValueError(f"a margin is a fraction between 0 and 1, not {margin}")
    return float(ndtr(-tango_score(won, lost, n, -margin)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given; valid however the tests depend on each other.

    By hand, because statsmodels' `multipletests` collects garbage at each call, which a simulation cannot afford.
    """
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda one: p_values[one])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def wins_needed(disagreements: int | np.ndarray, alpha: float = ALPHA) -> np.ndarray:
    """The fewest wins among `disagreements` that McNemar's exact two-sided test calls significant at `alpha`.

    Takes one count or an array of them. More than the disagreements where no number of wins is enough.
    """
    just_below = np.nextafter(alpha / 2, 0)  # significant is p < alpha, not p <= alpha
    return binom.isf(just_below, disagreements, 0.5).astype(int) + 1


def superiority_power(won: float, lost: float, items: int, alpha: float = ALPHA) -> float:
    """The probability that McNemar's exact test finds the first system better on `items` items.

    `won` and `lost` are the true shares of items that only the first and only the second gets right.
    """
    if won + lost == 0:
        return 0.0
    disagreements = np.arange(items + 1)
    probabilities = binom.pmf(disagreements, items, won + lost)
    disagreements, probabilities = disagreements[probabilities > 1e-6], probabilities[probabilities > 1e-6]
    return float(probabilities @ binom.sf(wins_needed(disagreements, alpha) - 1, disagreements, won / (won + lost)))


def items_needed(won: float, lost: float, most: int = 5000, alpha: float = ALPHA, power: float = POWER) -> int | None:
    """How many items show the first system better with `power`, in steps of ten.

    `won` and `lost` are the shares of items that only the first and only the second gets right. None where `won` is
    not the greater, or `most` items are too few.
    """
    if won <= lost:
        return None
    # The normal approximation is near the answer: the search begins well below it, and gives up where it is far off.
    about = (ndtri(1 - alpha / 2) + ndtri(power)) ** 2 * (won + lost) / (won - lost) ** 2
    if about > 2 * most:
        return None
    sizes = range(max(10, int(about / 20) * 10), most + 1, 10)
    return next((items for items in sizes if superiority_power(won, lost, items, alpha) >= power), None)


def noninferiority_items_needed(
    won: float, lost: float, margin: float, alpha: float = ALPHA, power: float = POWER
) -> int | None:
    """About how many items show that the first system is not worse by `margin`, by the normal approximation.

    `won` and `lost` are the shares of items that only the first and only the second gets right. The variance is that
    of a paired difference, under the alternative in both places (Liu et al., 2002, Statistics in Medicine 21, equation
    for the Wald test). None where the true difference already lies at or below -margin: no number would show it.
    """
    distance = won - lost + margin
    if distance <= 1e-12:  # what rounding leaves of zero would ask for more items than there are atoms
        return None
    variance = max(won + lost - (won - lost) ** 2, 0.01)  # two systems that never differed yet may still differ
    return int(np.ceil((ndtri(1 - alpha) + ndtri(power)) ** 2 * variance / distance**2))


def sign_flip(differences: Sequence[float], flips: int = SIGN_FLIPS, seed: int = 0) -> float:
    """Two-sided p-value that the mean of paired `differences` is zero, by flipping their signs.

    One difference an item: with several seeds, the first system's share of seeds right minus the second's. The item is
    the unit, so ten seeds of one item are not ten items. Where there are no more than `flips` ways to give the items
    that differ a sign, all are tried and the p-value is exact; else so many are drawn, and the smallest p-value is
    1 / (flips + 1). Fisher (1935), The Design of Experiments; drawn: Phipson and Smyth (2010), Statistical Applications
    in Genetics and Molecular Biology 9.
    """
    values = np.asarray(differences, dtype=float)
    values = values[values != 0]
    if not values.size:
        return 1.0
    observed = abs(values.sum()) - 1e-9  # a tie is as extreme, whatever the order of adding
    if 2**values.size <= flips:
        signs = np.array(list(product((-1.0, 1.0), repeat=values.size)))
        return float((np.abs(signs @ values) >= observed).mean())
    rng = np.random.default_rng(seed)
    extreme = 0
    for start in range(0, flips, 1000):
        signs = rng.choice((-1.0, 1.0), size=(min(1000, flips - start), values.size))
        extreme += int((np.abs(signs @ values) >= observed).sum())
    return (extreme + 1) / (flips + 1)


def by_item(runs: Sequence[Sequence[bool]]) -> np.ndarray:
    """The share of runs (seeds) in which each item was right: runs are rows, items columns, in the same order."""
    return np.asarray(runs, dtype=float).mean(axis=0)


@dataclass(frozen=True)
class PairedOverSeeds:
    """Two systems that each ran under several seeds, on the same `n` items.

    `difference` is the first system's share minus the second's, averaged over seeds, with its interval; `p` is the
    two-sided p-value of flipping signs over items; `needed` is about how many items would show it with 80% power.
    """

    difference: Interval
    p: float
    n: int
    needed: int | None


def paired_over_seeds(
    first: Sequence[Sequence[bool]],
    second: Sequence[Sequence[bool]],
    same_seeds: bool = False,
    confidence: float = 0.95,
    resamples: int = 4_999,
) -> PairedOverSeeds:
    """Compare two systems that each ran under several seeds: the mean difference, its interval and its p-value.

    Args:
        first: one row a seed, one column an item; booleans, or shares from 0 to 1.
        second: likewise, with the same items in the same order.
        same_seeds: whether a row of `first` shares its seed (the draw of its training examples, say) with the same row
            of `second`, so that both are drawn again together. Otherwise the seeds may be more or fewer.
        confidence: the interval's coverage.
        resamples: how often items and seeds are drawn again, with replacement, for the percentile interval.

    The p-value flips signs over items, each item's seeds averaged: it speaks of these seeds. The interval draws items
    and seeds (Owen, 2007, "The pigeonhole bootstrap", Annals of Applied Statistics 1), so that it speaks of other seeds
    too; with three seeds it can only be rough, and is rather too wide than too narrow.
    Raises ValueError where the runs are not of the same items or, with `same_seeds`, of as many seeds.
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.ndim != 2 or two.ndim != 2 or one.shape[1] != two.shape[1] or not one.size or not two.size:
        raise ValueError("runs are rows of the same items: one row a seed, one column an item")
    if same_seeds and len(one) != len(two):
        raise ValueError(f"the same seeds are as many on both sides, not {len(one)} and {len(two)}")
    rng = np.random.default_rng(0)
    items = _drawn_again(one.shape[1], resamples, rng)
    seeds_one = _drawn_again(len(one), resamples, rng)
    seeds_two = seeds_one if same_seeds else _drawn_again(len(two), resamples, rng)
    means = ((seeds_one @ one - seeds_two @ two) * items).sum(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    differences = by_item(one) - by_item(two)
    interval = Interval(float(differences.mean()), float(low), float(high))
    return PairedOverSeeds(interval, sign_flip(differences), len(differences), items_needed_for_mean(differences))


def _drawn_again(count: int, times: int, rng: np.random.Generator) -> np.ndarray:
    """So many draws of `count` units with replacement: one row a draw, one column a unit's share of it."""
    return rng.multinomial(count, np.full(count, 1 / count), size=times) / count


def items_needed_for_mean(
    differences: Sequence[float], alpha: float = ALPHA, power: float = POWER, most: int = 5000
) -> int | None:
    """About how many items show that the mean of such paired `differences` is not zero, with `power`; at least ten.

    One difference an item, as for `sign_flip`. By the normal approximation of the paired test, with the variance of
    the differences as they are (Lachin, 1981, Controlled Clinical Trials 2, equation 1). None where the mean is zero,
    the differences are fewer than two, or `most` items are too few. It is an estimate from an estimate: where the
    difference itself is uncertain, so is this.
    """
    values = np.asarray(differences, dtype=float)
    if values.size < 2 or abs(values.mean()) < 1e-12:
        return None
    spread = max(values.var(ddof=1), 1e-9)
    needed = ceil((ndtri(1 - alpha / 2) + ndtri(power)) ** 2 * spread / values.mean() ** 2)
    return max(10, needed) if needed <= most else None


def share_over_units(hits: Sequence[bool], units: Sequence[object]) -> Interval:
    """The share of `hits`, where several are of one unit (a document, a customer) and so tend to agree.

    Its 95% interval is a bootstrap (BCa) over the units, which are drawn whole; Wilson's where all units agree.
    """
    of_unit: dict[object, list[bool]] = {}
    for hit, unit in zip(hits, units, strict=True):
        of_unit.setdefault(unit, []).append(hit)
    right, size = (np.array([count(each) for each in of_unit.values()], dtype=float) for count in (sum, len))
    if len(set(right / size)) == 1:
        return wilson(float(right[0] / size[0]) * len(size), len(size))

    def share(right: np.ndarray, size: np.ndarray, axis: int = -1) -> np.ndarray:
        return right.sum(axis=axis) / size.sum(axis=axis)

    drawn = bootstrap((right, size), share, paired=True, rng=np.random.default_rng(0)).confidence_interval
    return Interval(float(share(right, size)), float(drawn.low), float(drawn.high))
