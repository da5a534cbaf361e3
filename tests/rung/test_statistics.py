"""The package's statistics: known values, the properties that must hold, and error rates by simulation."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm

from rung import statistics

margins = st.floats(0.01, 0.3)


@st.composite
def counts(draw):
    n = draw(st.integers(1, 300))
    won = draw(st.integers(0, n))
    return won, draw(st.integers(0, n - won)), n


def test_rate_is_wilsons_interval():
    rate = statistics.rate([True] * 12 + [False] * 8)
    assert (rate.hits, rate.n, rate.share) == (12, 20, 0.6)
    assert (round(rate.low, 4), round(rate.high, 4)) == (0.3866, 0.7812)  # as the guide's page on sample size prints


def test_rate_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one item"):
        statistics.rate([])


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.floats(0, n), st.just(n))), st.floats(0.5, 0.99))
def test_wilsons_interval_solves_its_equation_and_mirrors(case, confidence):
    hits, n = case
    one, other = statistics.wilson(hits, n, confidence), statistics.wilson(n - hits, n, confidence)
    assert 0 <= one.low <= one.estimate + 1e-9 and one.estimate - 1e-9 <= one.high <= 1
    assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-9)
    z = norm.isf((1 - confidence) / 2)
    for end in (one.low, one.high):  # each end is a true share from which the one seen lies z standard errors off
        assert n * (one.estimate - end) ** 2 == pytest.approx(z**2 * end * (1 - end), abs=1e-9)


@pytest.mark.parametrize(("hits", "n"), [(5, 4), (-1, 4), (0, 0)])
def test_hits_that_cannot_be_are_refused(hits, n):
    with pytest.raises(ValueError, match=f"{hits} cannot be hits of {n} items"):
        statistics.wilson(hits, n)


def test_the_interval_of_a_mean_is_students():
    # Student (1908), section IX: additional hours of sleep, differences of ten patients; 2.262 is t of 9 at 95%.
    gains = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    half = 2.262157 * float(np.std(gains, ddof=1)) / math.sqrt(10)
    interval = statistics.mean_interval(gains)
    assert interval.estimate == pytest.approx(1.58)
    assert (interval.low, interval.high) == pytest.approx((1.58 - half, 1.58 + half), abs=1e-6)


some_values = st.lists(st.floats(-100, 100).map(lambda value: round(value, 3)), min_size=2, max_size=60)


@pytest.mark.parametrize("interval_of", [statistics.mean_interval, statistics.median_interval])
@given(values=some_values, shift=st.integers(-50, 50), confidence=st.floats(0.5, 0.99))
def test_an_interval_of_values_moves_with_them_and_widens_with_its_coverage(interval_of, values, shift, confidence):
    one = interval_of(values, confidence)
    assert one.low <= one.estimate + 1e-9 and one.estimate <= one.high + 1e-9
    moved = interval_of([value + shift for value in reversed(values)], confidence)
    assert (moved.low - shift, moved.high - shift) == pytest.approx((one.low, one.high), abs=1e-6)
    wider = interval_of(values, confidence + 0.005)
    assert wider.low <= one.low + 1e-9 and one.high <= wider.high + 1e-9


@given(st.integers(6, 400), st.floats(0.5, 0.95))
def test_the_interval_of_a_median_is_the_narrowest_of_ranks_that_keeps_its_coverage(count, confidence):
    interval = statistics.median_interval(range(1, count + 1), confidence)
    rank = int(interval.low)
    assert interval.high == count + 1 - rank

    def coverage(rank: int) -> float:
        return 1 - 2 * float(binom.cdf(rank - 1, count, 0.5))

    assert coverage(rank) >= confidence - 1e-12
    assert 2 * (rank + 1) > count + 1 or coverage(rank + 1) < confidence + 1e-12


def test_too_few_values_have_no_interval_or_the_widest():
    assert statistics.median_interval([3, 1, 2]) == statistics.Interval(2, 1, 3)
    assert statistics.median_interval([7]) == statistics.Interval(7, 7, 7)
    assert statistics.mean_interval([2, 2, 2]) == statistics.Interval(2, 2, 2)
    with pytest.raises(ValueError, match="at least two"):
        statistics.mean_interval([1])
    with pytest.raises(ValueError, match="at least one"):
        statistics.median_interval([])


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=2, max_size=40))
def test_a_share_over_units_lies_in_its_interval_however_large_the_units(rows):
    hits, units = zip(*rows, strict=True)
    found = statistics.share_over_units(hits, units)
    assert found.estimate == pytest.approx(sum(hits) / len(hits))
    assert np.isnan(found.low) or found.low - 1e-9 <= found.estimate <= found.high + 1e-9


def test_mcnemar_is_exact_and_counts_pairs():
    first = [True] * 18 + [False] * 5 + [True] * 40
    second = [False] * 18 + [True] * 5 + [True] * 40
    result = statistics.paired(first, second)
    assert (result.won, result.lost, result.n) == (18, 5, 63)
    assert result.p == pytest.approx(binomtest(18, 23).pvalue)
    assert result.difference == pytest.approx(13 / 63)


def test_other_items_are_not_compared():
    with pytest.raises(ValueError, match="same items: 2 against 3"):
        statistics.paired([True, False], [True, False, True])


def test_tango_reproduces_published_intervals():
    # The airway example of Fagerland, Lydersen and Laake (2014), Statistics in Medicine 33: 1 against 7 of 21.
    interval = statistics.paired_difference(1, 7, 21)
    assert (round(interval.low, 3), round(interval.high, 3)) == (-0.517, -0.026)


@given(counts())
def test_paired_interval_holds_its_estimate_and_mirrors(case):
    won, lost, n = case
    interval = statistics.paired_difference(won, lost, n)
    assert -1 <= interval.low <= interval.estimate <= interval.high <= 1
    mirrored = statistics.paired_difference(lost, won, n)
    assert (mirrored.low, mirrored.high) == pytest.approx((-interval.high, -interval.low), abs=1e-6)


@given(counts(), margins)
def test_noninferiority_agrees_with_the_interval(case, margin):
    won, lost, n = case
    low = statistics.paired_difference(won, lost, n, confidence=0.90).low
    assume(abs(low + margin) > 1e-6)
    assert (statistics.noninferiority(won, lost, n, margin) < 0.05) == (low > -margin)


@given(counts(), margins)
def test_a_wider_margin_is_easier(case, margin):
    assert statistics.noninferiority(*case, margin + 0.05) <= statistics.noninferiority(*case, margin) + 1e-12


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_adjusts_and_keeps_order(p_values):
    adjusted = statistics.holm(p_values)
    assert all(p <= q <= min(1, p * len(p_values)) + 1e-12 for p, q in zip(p_values, adjusted, strict=True))
    by_size = [q for _, q in sorted(zip(p_values, adjusted, strict=True))]
    assert by_size == sorted(by_size)


def test_holm_of_a_textbook_case():
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.integers(0, 200))
def test_wins_needed_is_the_first_significant_count(disagreements):
    needed = int(statistics.wins_needed(disagreements))
    assert needed > disagreements or binomtest(needed, disagreements).pvalue < 0.05
    if needed - 1 > disagreements / 2:
        assert binomtest(needed - 1, disagreements).pvalue >= 0.05


@pytest.mark.parametrize(("won", "lost", "items"), [(0.20, 0.05, 90), (0.10, 0.05, 500), (0.15, 0.05, 160)])
def test_items_needed_reach_the_power_asked_for(won, lost, items):
    needed = statistics.items_needed(won, lost)
    assert (
        statistics.superiority_power(won, lost, needed) >= 0.80 > statistics.superiority_power(won, lost, needed - 10)
    )
    assert needed == pytest.approx(items, rel=0.15)


def test_no_number_of_items_shows_what_is_not_so():
    assert statistics.items_needed(0.1, 0.1) is None
    assert statistics.noninferiority_items_needed(0.05, 0.15, margin=0.05) is None
    assert statistics.noninferiority_items_needed(0.10, 0.15, margin=0.05) is None  # zero but for rounding


def test_noninferiority_items_needed_are_enough_by_simulation():
    items = statistics.noninferiority_items_needed(0.10, 0.10, margin=0.10)
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(items, [0.10, 0.10, 0.80], size=600)
    shown = np.mean([statistics.noninferiority(int(w), int(v), items, 0.10) < 0.05 for w, v, _ in drawn])
    assert 0.74 < shown < 0.87


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), min_size=1, max_size=40))
def test_sign_flip_does_not_mind_the_direction(differences):
    p = statistics.sign_flip(differences, flips=500)
    assert 0 < p <= 1
    assert p == pytest.approx(statistics.sign_flip([-d for d in differences], flips=500), abs=0.1)


def test_sign_flip_agrees_with_mcnemar_for_one_run():
    differences = [1.0] * 15 + [-1.0] * 4 + [0.0] * 30
    exact = binomtest(15, 19).pvalue
    assert statistics.sign_flip(differences) == pytest.approx(exact, abs=0.01)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=13))
def test_sign_flip_of_few_items_is_mcnemars_exact_test(differences):
    won, lost = differences.count(1.0), differences.count(-1.0)
    exact = binomtest(won, won + lost).pvalue if won + lost else 1.0
    assert statistics.sign_flip(differences) == pytest.approx(exact)


def test_seeds_are_not_items():
    # Ten seeds that always agree tell no more than one does.
    first = [[True] * 6 + [False] * 14] * 10
    second = [[False] * 20] * 10
    result = statistics.paired_over_seeds(first, second, resamples=499)
    assert result.difference.estimate == pytest.approx(0.3)
    assert result.p == pytest.approx(2 / 2**6)
    assert result.n == 20


runs_of_items = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(2, 25), st.integers(0, 2**32 - 1))


@settings(deadline=None, max_examples=40)
@given(runs_of_items, st.booleans())
def test_over_seeds_the_other_way_round_is_the_mirror_image(shape, same_seeds):
    seeds_one, seeds_two, items, seed = shape
    rng = np.random.default_rng(seed)
    first = rng.random((seeds_one, items)) < 0.6
    second = rng.random((seeds_one if same_seeds else seeds_two, items)) < 0.5
    one = statistics.paired_over_seeds(first, second, same_seeds, resamples=399)
    other = statistics.paired_over_seeds(second, first, same_seeds, resamples=399)
    assert one.difference.estimate == pytest.approx(first.mean() - second.mean())
    assert one.difference.estimate == pytest.approx(-other.difference.estimate)
    assert one.p == pytest.approx(other.p, abs=0.05) and one.needed == other.needed
    assert one.difference.low == pytest.approx(-other.difference.high, abs=0.25)


def test_runs_that_share_their_seeds_are_drawn_again_together():
    """What a seed does to both systems alike is no doubt about their difference."""
    rng = np.random.default_rng(5)
    base = rng.random((3, 200))
    level = np.array([[0.2], [0.5], [0.8]])  # a seed's luck, far larger than the difference
    first, second = base < level + 0.1, base < level
    together = statistics.paired_over_seeds(first, second, same_seeds=True).difference
    apart = statistics.paired_over_seeds(first, second).difference
    assert together.high - together.low < 0.5 * (apart.high - apart.low)


def test_intervals_over_seeds_cover():
    """95% intervals of 60 items and 5 seeds hold the true difference at least about 95 times in 100."""
    rng, covered = np.random.default_rng(11), 0
    for _ in range(150):
        item = rng.normal(size=60)
        luck = rng.normal(scale=0.2, size=(5, 1))
        first = rng.normal(size=(5, 60)) < item + luck + 0.4
        second = rng.normal(size=(5, 60)) < item + luck
        truth = 0.1112  # P(N(0, 1) < 0.4 / sqrt(2.04)) - 1/2
        interval = statistics.paired_over_seeds(first, second, same_seeds=True, resamples=399).difference
        covered += interval.low <= truth <= interval.high
    assert covered / 150 > 0.92


def test_items_needed_for_a_mean_reach_the_power_asked_for():
    rng = np.random.default_rng(2)
    pilot = rng.choice([-1, -1 / 3, 0, 1 / 3, 1], p=[0.05, 0.1, 0.5, 0.2, 0.15], size=5000)
    needed = statistics.items_needed_for_mean(pilot)
    shown = [
        statistics.sign_flip(rng.choice(pilot, size=needed), flips=999, seed=number) < 0.05 for number in range(300)
    ]
    assert 0.72 < np.mean(shown) < 0.88


@given(st.floats(0.05, 0.4), st.floats(0.0, 0.3))
def test_a_larger_difference_needs_fewer_items(won, lost):
    assume(won > lost + 0.02 and won + lost < 1)
    pilot = [1.0] * int(1000 * won) + [-1.0] * int(1000 * lost)
    pilot += [0.0] * (1000 - len(pilot))
    needed = statistics.items_needed_for_mean(pilot)
    larger = statistics.items_needed_for_mean([1.0] * 50 + pilot[:-50]) if pilot[-50:] == [0.0] * 50 else None
    assert needed is None or needed >= 10
    assert larger is None or needed is None or larger <= needed


def test_no_number_of_items_shows_a_mean_of_zero():
    assert statistics.items_needed_for_mean([1.0, -1.0, 0.0]) is None
    assert statistics.items_needed_for_mean([0.3]) is None


def test_runs_of_other_items_are_refused():
    with pytest.raises(ValueError, match="one row a seed"):
        statistics.paired_over_seeds([[True, False]], [[True, False, True]])
    with pytest.raises(ValueError, match="not 1 and 2"):
        statistics.paired_over_seeds([[True, False]], [[True, False]] * 2, same_seeds=True)


@pytest.mark.parametrize("difference", [-0.15, 0.0, 0.10])
def test_paired_intervals_cover(difference):
    """95% intervals of 40 items hold the true difference about 95 times in 100."""
    rng, disagree = np.random.default_rng(7), 0.30
    shares = [(disagree + difference) / 2, (disagree - difference) / 2, 1 - disagree]
    drawn = rng.multinomial(40, shares, size=1500)
    intervals = [statistics.paired_difference(int(won), int(lost), 40) for won, lost, _ in drawn]
    covered = np.mean([one.low <= difference <= one.high for one in intervals])
    assert 0.935 < covered < 0.965


def test_false_claims_of_noninferiority_stay_rare():
    """Where the first system is worse by exactly the margin, at most about one in twenty tests says otherwise."""
    rng = np.random.default_rng(3)
    drawn = rng.multinomial(60, [0.10, 0.20, 0.70], size=2000)
    claimed = np.mean([statistics.noninferiority(int(won), int(lost), 60, 0.10) < 0.05 for won, lost, _ in drawn])
    assert claimed < 0.065


def test_a_hypothesis_without_variance_is_decided_by_the_counts():
    assert statistics.tango_score(3, 0, 3, 1.0) == 0.0
    assert math.isinf(statistics.tango_score(0, 0, 5, 1.0))
