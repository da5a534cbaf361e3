"""What others measured: each row says what contrasts.json holds, and its interval is what statsmodels gives."""

import pytest
import rung.statistics
from statsmodels.stats.proportion import confint_proportions_2indep

from scripts.pages import contrasts
from scripts.pages.contrasts import effect_words, interval_of, points_of, problems_of, row, tags_of

EXAMPLE = {
    "id": "example-2026-1",
    "group": "retrieval or tuning",
    "paper": "ovadia-2023",
    "year": 2026,
    "model": "a model",
    "parameters_b": 7,
    "task": "a task",
    "measure": "accuracy",
    "first": "retrieval",
    "second": "tuning",
    "n": 200,
    "shares": [0.6, 0.5],
    "points": None,
    "direction": None,
    "p": None,
    "seen": "table",
    "case": {"corpus_holds_answer": True, "supervised": False, "newer_than_model": None},
    "note": "",
}
WITH_COUNTS = [one for one in contrasts.contrasts() if interval_of(one)]


@pytest.mark.parametrize("contrast", [EXAMPLE, *WITH_COUNTS], ids=lambda one: one["id"])
def test_intervals_are_those_of_the_method_named(contrast):
    n = contrast["n"]
    first, second = (round(share * n) for share in contrast["shares"])
    low, high = confint_proportions_2indep(first, n, second, n, method="newcomb", compare="diff")
    assert interval_of(contrast) == pytest.approx((100 * low, 100 * high), abs=0.01)


@pytest.mark.parametrize(("hits", "n"), [(0, 7), (3, 7), (7, 7), (61, 120), (499, 1000)])
def test_each_shares_interval_is_the_packages(hits, n):
    ends = rung.statistics.wilson(hits, n)
    assert contrasts.wilson(hits / n, n) == pytest.approx((ends.low, ends.high), abs=1e-6)


def test_without_items_or_shares_there_is_no_interval():
    assert interval_of(EXAMPLE | {"n": None}) is None
    assert interval_of(EXAMPLE | {"shares": None, "points": 10}) is None


def test_a_difference_is_the_first_arm_minus_the_second():
    assert points_of(EXAMPLE) == pytest.approx(10)
    assert "+10.0 points (60.0% against 50.0%)" in effect_words(EXAMPLE)
    worse = EXAMPLE | {"shares": [0.5, 0.6]}
    assert "\u221210.0 points (50.0% against 60.0%)" in effect_words(worse)
    assert "lower" in effect_words(EXAMPLE | {"shares": None, "direction": "second"})


@pytest.mark.parametrize(
    "change",
    [{"points": 10}, {"shares": None}, {"direction": "first"}],
    ids=["shares and points", "nothing", "shares and direction"],
)
def test_each_contrast_says_its_result_once(change):
    (problem,) = problems_of([EXAMPLE | change])
    assert "example-2026-1" in problem and "fill in one of" in problem


def test_a_work_that_is_not_in_the_bibliography_is_named():
    (problem,) = problems_of([EXAMPLE | {"paper": "ovadia-2032"}])
    assert "did you mean ovadia-2023?" in problem


def test_a_row_can_be_filtered_by_its_case():
    assert tags_of(EXAMPLE) == "corpus-holds-answer up-to-8b"
    assert tags_of(EXAMPLE | {"parameters_b": 70}) == "corpus-holds-answer over-8b"
    assert tags_of(EXAMPLE | {"parameters_b": None}) == "corpus-holds-answer"
    assert row(EXAMPLE).count("|") == 3


def test_contradictions_stand_side_by_side():
    for group in ("retrieval or tuning", "both or tuning alone", "long context or retrieval"):
        signs = {
            (one["direction"] or ("first" if points_of(one) > 0 else "second"))
            for one in contrasts.contrasts()
            if one["group"] == group
        }
        assert {"first", "second"} <= signs, f"{group}: no two results point different ways"
