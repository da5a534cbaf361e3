"""Kept answers: picked by arm, one run at a time; the two tests are those that scipy and enumeration give."""

from fractions import Fraction
from itertools import product

import pytest
from scipy.stats import binomtest

from scripts.pages import kept_answers
from scripts.pages.data import BrokenData

ROWS = tuple(
    {"unit": unit, "id": name, "correct": correct}
    for unit, name, correct in [("a", "q1", True), ("a", "q2", False), ("b", "q1", True), ("b", "q1", False)]
)
# Two runs of two items, one of them tuned further, in which an arm is a record.
SEEDS = tuple(
    {"unit": f"tuned/{seed}", "arm": {"method": "lora", "seed": seed} | more, "id": name, "correct": name in correct}
    for more, runs in (({}, (["q1"], ["q1", "q2"])), ({"passages": 1}, ([], ["q2"])))
    for seed, correct in enumerate(runs)
    for name in ("q1", "q2")
)
APART = (
    {"unit": "c", "id": "q1", "arm": "apart", "correct": True},
    {"unit": "d", "id": "q2", "arm": "apart", "correct": True},
)
RANKED = tuple({"unit": "ranked", "id": f"q{rank}", "rank": rank} for rank in (1, 3, 4, None))


@pytest.fixture
def answers(monkeypatch):
    """Rows of one experiment, of which unit b answered the same item twice."""
    monkeypatch.setattr(kept_answers, "rows_of", lambda *_: ROWS + RANKED + SEEDS + APART)


def test_an_arm_is_one_run(answers):
    assert kept_answers.outcomes("example", "135M", {"unit": "a"}, "correct") == {"q1": True, "q2": False}


def test_a_ranking_holds_where_the_right_passage_is_among_the_first_few(answers):
    found = kept_answers.outcomes("example", "135M", {"unit": "ranked"}, "best 3")
    assert found == {"q1": True, "q3": True, "q4": False, "qNone": False}


@pytest.mark.parametrize(("unit", "problem"), [("b", "several answers to one item"), ("e", "no answers")])
def test_what_is_no_single_run_is_named(answers, unit, problem):
    with pytest.raises(BrokenData, match=problem):
        kept_answers.outcomes("example", "135M", {"unit": unit}, "correct")


@pytest.mark.parametrize(("passages", "shares"), [(None, (1, 0.5)), (1, (0, 0.5))])
def test_seeds_are_averaged_item_by_item(answers, passages, shares):
    where = {"arm": {"method": "lora", "passages": passages}}
    found = kept_answers.averages("example", "135M", where, "correct")
    assert found == dict(zip(("q1", "q2"), map(Fraction, shares), strict=True))


@pytest.mark.parametrize("where", [{"unit": "b"}, {"unit": "e"}, {"arm": {"method": "lora"}}, {"arm": "apart"}])
def test_what_is_no_set_of_runs_is_named(answers, where):
    with pytest.raises(BrokenData, match=r"once each|no answers"):
        kept_answers.averages("example", "135M", where, "correct")


def test_two_arms_are_compared_on_the_same_items():
    first, second = {"1": True, "2": True, "3": False, "4": True}, {"1": True, "2": False, "3": True, "4": False}
    figures = kept_answers.compared(first, second)
    assert figures | {"p": None} == {"first": 3, "second": 2, "n": 4, "won": 2, "lost": 1, "p": None}
    with pytest.raises(BrokenData, match="the same items"):
        kept_answers.compared(first, {"1": True})


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (1, 0), (3, 15), (13, 17), (4, 28), (34, 1), (8, 8)])
def test_mcnemar_is_the_binomial_test(won, lost):
    expected = binomtest(won, won + lost).pvalue if won + lost else 1
    assert kept_answers.mcnemar(won, lost) == pytest.approx(expected)


@pytest.mark.parametrize(
    "differences",
    [[0], [1], [Fraction(1, 3), Fraction(-1, 2), 1], [2, -1, 0, 1], [1, 1, 1, 2, 2], [2, -2, 1, -1, 0, 0, 1, 1, -2]],
)
def test_signs_are_flipped_in_every_way(differences):
    sums = [
        sum(sign * one for sign, one in zip(signs, differences, strict=True))
        for signs in product((1, -1), repeat=len(differences))
    ]
    as_far = sum(abs(one) >= abs(sum(differences)) for one in sums)
    assert kept_answers.sign_flip(differences) == pytest.approx(as_far / len(sums))
