"""The verdict: what it says of clear cases, and how seldom it errs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rung.simulation import (
    MARGIN,
    NAMES,
    TRUTHS,
    differences_covered,
    lowest_left,
    shares_covered,
    too_high,
    too_low,
    verdicts,
)
from rung.verdict import judge

from scripts.paths import ROOT


def rungs(*shares: int, items: int = 100) -> list[tuple[str, list[bool]]]:
    """Rungs that get the first so many items right."""
    return [(name, [place < share for place in range(items)]) for name, share in zip("abcd", shares, strict=False)]


def test_the_lowest_of_equal_rungs_is_enough():
    verdict = judge(rungs(80, 80, 80), 0.05)
    assert verdict.rung == "a"
    assert verdict.sentence == "Stop at a: nothing above it (b, c) is better by 5 points or more."


def test_a_beaten_rung_is_climbed_past():
    verdict = judge(rungs(40, 80, 80), 0.05)
    assert verdict.rung == "b" and [one.state for one in verdict.standings] == ["beaten", "enough", "enough"]
    assert verdict.sentence == (
        "Stop at b: it is shown to be better than a, and nothing above it (c) is better by 5 points or more."
    )


def test_a_better_rung_beyond_a_bad_one_is_seen():
    verdict = judge(rungs(60, 20, 95), 0.05)
    assert verdict.rung == "c" and verdict.sentence == "Stop at c: it is shown to be better than a, b."


def test_the_rung_to_stop_at_is_not_said_to_beat_what_only_another_beats():
    verdict = judge(rungs(60, 63, 67), 0.1)
    assert verdict.rung == "b" and not verdict.steps[0].shows_higher_better()
    assert verdict.sentence.startswith("Stop at b: what is below it (a) is beaten by a higher rung, and nothing above")


def test_few_items_cannot_tell_and_say_how_many_would():
    verdict = judge(rungs(7, 8, items=12), 0.05)
    assert verdict.rung is None and verdict.more > 50
    assert f"about {verdict.more} more test items would tell" in verdict.sentence


def test_what_is_beaten_is_said_though_the_rest_is_open():
    verdict = judge(rungs(20, 80, 84), 0.05)
    assert verdict.rung is None and verdict.sentence.startswith("Leave a: ")
    assert (verdict.open.lower, verdict.open.higher) == ("b", "c")


def test_one_rung_alone_is_named_as_such():
    assert judge(rungs(50), 0.05).sentence == "Only a was measured."


def test_no_rungs_are_refused():
    with pytest.raises(ValueError, match="at least one rung"):
        judge([], 0.05)


hits = st.integers(5, 60).flatmap(
    lambda n: st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=2, max_size=4)
)


@settings(deadline=None, max_examples=60)
@given(hits, st.floats(0.02, 0.2))
def test_a_verdict_is_consistent(runs, margin):
    named = list(zip("abcd", runs, strict=False))
    verdict = judge(named, margin)
    states = {one.rung: one.state for one in verdict.standings}
    if verdict.rung:
        assert states[verdict.rung] == "enough"
        below = [one.state for one in verdict.standings][: list(states).index(verdict.rung)]
        assert set(below) <= {"beaten"}
    else:
        assert states[verdict.open.lower] == "open"
    # The order of the items says nothing.
    assert judge([(name, run[::-1]) for name, run in named], margin).rung == verdict.rung


@pytest.mark.parametrize("truth", [one for one in TRUTHS if one.items <= 200], ids=lambda truth: truth.name)
def test_errors_are_rare(truth):
    """A small run of the published simulation: 5% are allowed, and what chance adds to 300 cases."""
    judged = verdicts(truth, 300)
    assert too_high(truth, judged) < 0.08
    assert too_low(truth, judged) < 0.08
    if truth.right == ("prompting",):
        assert lowest_left(judged) < 0.08


def published() -> list[dict[tuple, list[float]]]:
    """The tables of simulation.md: by true shares and items, the shares in each row."""
    tables: list[dict[tuple, list[float]]] = []
    for line in (ROOT / "rung" / "simulation.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| True shares"):
            tables.append({})
        elif line.startswith("| ") and "---" not in line:
            shares, items, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            row = tuple(int(share) / 100 for share in shares.split("/")), int(items)
            tables[-1][row] = [float(cell.rstrip("%")) / 100 for cell in cells]
    return tables


def test_the_published_tables_are_what_the_simulation_gives():
    """Two rows again with 200 cases, within what chance adds."""
    stops, intervals = published()
    assert set(stops) == set(intervals) == {(truth.shares, truth.items) for truth in TRUTHS}
    for truth in TRUTHS[:2]:
        judged = verdicts(truth, 200, seed=9)
        again = [np.mean([one.rung == name for one in judged]) for name in (*NAMES, None)]
        again += [lowest_left(judged), too_high(truth, judged), too_low(truth, judged)]
        assert np.allclose(again, stops[truth.shares, truth.items], atol=0.09), truth.name
        covered = [shares_covered(truth, judged), differences_covered(truth, judged)]
        assert np.allclose(covered, intervals[truth.shares, truth.items], atol=0.04), truth.name


def test_the_published_errors_are_rare_but_where_a_rung_is_better_by_less_than_the_margin():
    """What README.md and the guide say of them."""
    for (shares, items), row in published()[0].items():
        gaps = [high - low for place, low in enumerate(shares) for high in shares[place + 1 :]]
        *_, high, low = row
        assert low < 0.05
        assert (high > 0.05) == any(0.001 < gap < MARGIN - 0.001 for gap in gaps), (shares, items)


def test_the_published_intervals_cover_what_they_promise():
    """Nominal is 95%; chance alone moves a row of 1,000 cases by about a point."""
    rows = published()[1]
    assert all(0.93 <= one <= 0.97 for covered in rows.values() for one in covered), rows
    assert np.allclose(np.mean(list(rows.values()), axis=0), 0.95, atol=0.005)


def test_an_interval_beside_the_truth_is_not_counted_as_covering():
    judged = verdicts(TRUTHS[0], 20)
    elsewhere = replace(TRUTHS[0], shares=(0.7, 0.99, 0.7))
    assert shares_covered(elsewhere, judged) < shares_covered(TRUTHS[0], judged) - 0.3
    assert differences_covered(elsewhere, judged) < differences_covered(TRUTHS[0], judged) - 0.6


def test_fifteen_points_are_found_with_two_hundred_items():
    truth = next(one for one in TRUTHS if "15 points" in one.name and one.items == 200)
    assert lowest_left(verdicts(truth, 200)) > 0.8
