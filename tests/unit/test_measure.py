"""What the page on measuring computes is what the `rung` command computes: both on the same random tables."""

import json
import math
import random

import numpy as np
import pytest
from rung.verdict import judge

from rung import statistics
from scripts import record_measure
from scripts.paths import DOCS
from tests.unit.node import run_module

NEAR = 1e-9
TABLES = """(statistics, tables) => tables.map(({ won, lost, n, margin, alpha }) => {
  const interval = statistics.pairedDifference(won, lost, n)
  return [
    statistics.mcNemar(won, lost),
    interval.estimate,
    interval.low,
    interval.high,
    statistics.noninferiority(won, lost, n, margin),
    ...statistics.wilson(won, n),
    statistics.winsNeeded(won + lost, alpha),
    statistics.superiorityPower((won + 0.5) / (n + 2), (lost + 0.5) / (n + 2), n, alpha),
    statistics.itemsNeeded(won / n, lost / n, alpha),
    statistics.noninferiorityItemsNeeded(won / n, lost / n, margin, alpha),
  ]
})"""
VERDICTS = """(verdict, cases) => cases.map(({ systems, margin, alpha }) => {
  const named = systems.map((hits, at) => ({ name: "abcdef"[at], hits: hits.map(Boolean) }))
  const { standings, steps, stop, more, sentence } = verdict.judge(named, margin, alpha)
  const standing = ({ rate, state, pEnough }) => [rate.hits, rate.n, rate.low, rate.high, state, pEnough]
  const step = ({ lower, higher, won, lost, n, difference, pBetter, pNotWorse }) =>
    [lower, higher, won, lost, n, difference.low, difference.high, pBetter, pNotWorse]
  return [stop, more, sentence, standings.map(standing), steps.map(step)]
})"""


def differing(found: object, wanted: object, where: str = "") -> list[str]:
    """Where two nested results are not the same: numbers by more than 1e-9, absolute and relative to the larger."""
    if isinstance(wanted, list | tuple):
        assert len(found) == len(wanted), where
        pairs = enumerate(zip(found, wanted, strict=True))
        return [one for place, pair in pairs for one in differing(*pair, f"{where}/{place}")]
    if isinstance(wanted, float) and isinstance(found, int | float):
        return [] if math.isclose(found, wanted, rel_tol=NEAR, abs_tol=NEAR) else [f"{where}: {found} not {wanted}"]
    return [] if found == wanted else [f"{where}: {found!r} not {wanted!r}"]


def drawn_tables(count: int) -> list[dict]:
    """Random tables of won and lost items, the extremes among them."""
    rng = random.Random(17)
    tables = [
        {"won": won, "lost": lost, "n": n} for n in (1, 2, 7) for won in range(n + 1) for lost in range(n + 1 - won)
    ]
    while len(tables) < count:
        n = rng.choice([5, 30, 100, 140, 400, 1500])
        won = rng.randint(0, n) if rng.random() < 0.3 else rng.randint(0, max(1, n // 5))
        tables.append({"won": won, "lost": rng.randint(0, min(n - won, max(1, n // 4))), "n": n})
    for table in tables:
        table |= {"margin": rng.choice([0.01, 0.05, 0.1, 0.25]), "alpha": rng.choice([0.05, 0.025, 0.05 / 3])}
    return tables


def of_python(won: int, lost: int, n: int, margin: float, alpha: float) -> list:
    """What rung.statistics makes of one table."""
    compared = statistics.paired(
        [True] * won + [False] * (n - won), [False] * won + [True] * lost + [False] * (n - won - lost)
    )
    interval, share = statistics.paired_difference(won, lost, n), statistics.rate([True] * won + [False] * (n - won))
    return [
        compared.p,
        interval.estimate,
        interval.low,
        interval.high,
        statistics.noninferiority(won, lost, n, margin),
        share.low,
        share.high,
        int(statistics.wins_needed(won + lost, alpha)),
        statistics.superiority_power((won + 0.5) / (n + 2), (lost + 0.5) / (n + 2), n, alpha),
        statistics.items_needed(won / n, lost / n, alpha=alpha),
        statistics.noninferiority_items_needed(won / n, lost / n, margin, alpha),
    ]


def test_every_statistic_of_random_tables_is_that_of_python():
    tables = drawn_tables(400)
    found = run_module("measure/statistics.js", TABLES, tables)
    assert len(found) == 400
    assert not differing(found, [of_python(**table) for table in tables])


def ends(interval: statistics.Interval) -> tuple[float, float]:
    """The two ends of an interval."""
    return interval.low, interval.high


def drawn_systems(rng: np.random.Generator) -> list[list[int]]:
    """One to five systems on the same items, which resemble each other as systems do."""
    items, count = int(rng.choice([8, 40, 140, 400])), int(rng.integers(1, 6))
    hardness = rng.random(items)
    return [
        [int(hard < level) for hard in np.clip(hardness + rng.normal(0, 0.2, items), 0, 1)]
        for level in rng.random(count)
    ]


def test_the_verdict_on_random_systems_is_that_of_python_in_the_same_words():
    rng = np.random.default_rng(17)
    cases = [
        {"systems": drawn_systems(rng), "margin": float(rng.choice([0.02, 0.05, 0.125])), "alpha": 0.05}
        for _ in range(150)
    ]
    found = run_module("measure/verdict.js", VERDICTS, cases)
    wanted, seen = [], set()
    for case in cases:
        verdict = judge(list(zip("abcdef", case["systems"], strict=False)), case["margin"], case["alpha"])
        standings = [
            [one.rate.hits, one.rate.n, one.rate.low, one.rate.high, one.state, one.p_enough]
            for one in verdict.standings
        ]
        steps = [
            [
                one.lower,
                one.higher,
                one.won,
                one.lost,
                one.n,
                one.difference.low,
                one.difference.high,
                one.p_better,
                one.p_not_worse,
            ]
            for one in verdict.steps
        ]
        wanted.append([verdict.rung, verdict.more, verdict.sentence, standings, steps])
        seen.add((verdict.rung is None, verdict.more is None, len(case["systems"])))
    assert len(seen) >= 8, "the drawn cases are too much alike"
    assert not differing(found, wanted)


@pytest.mark.parametrize("probability", [1e-12, 0.0123, 0.3, 0.5, 0.8, 0.975, 1 - 1e-9])
def test_the_normal_distribution_and_its_quantiles_are_those_of_scipy(probability):
    from scipy.special import ndtr, ndtri

    at = float(ndtri(probability))
    function = "(module, [share, at]) => [module.normalQuantile(share), module.normalBelow(at)]"
    found = run_module("measure/distributions.js", function, [probability, at])
    assert not differing(found, [at, float(ndtr(at))])


def test_the_sample_is_what_the_experiment_predicted_and_the_page_says_what_rung_says_of_it():
    sample = json.loads(record_measure.FILE.read_text(encoding="utf-8"))
    assert sample["systems"] == record_measure.systems()
    simple, forty, most = [(one["name"], one["hits"]) for one in sample["systems"]["systems"]]
    page = (DOCS / "tools" / "measure.md").read_text(encoding="utf-8")
    for other in (forty, most):
        verdict = judge([simple, other], 0.05)
        (step,) = verdict.steps
        better = f"{other[0].removesuffix(' messages')} is better"
        outcome = f"open: about {verdict.more} more test items would tell" if verdict.open else better
        assert f"| {step.won} | {step.lost} | {outcome} |" in page
