"""What others measured: each row says what contrasts.json holds, and its interval is what statsmodels gives."""

import pytest
import rung.statistics
from statsmodels.stats.proportion import confint_proportions_2indep

from scripts.pages import contrasts
from scripts.pages.contrasts import effect_words, interval_of, points_of, problems_of, row, tags_of, with_figures
from scripts.pages.kept_answers import rows_of

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
ALL = [with_figures(one) for one in contrasts.contrasts()]
WITH_COUNTS = [one for one in ALL if interval_of(one)]
OWN = [one for one in ALL if "ours" in one]


def direction_of(contrast: dict) -> str:
    """Which way a row points."""
    return contrast["direction"] or ("first" if points_of(contrast) > 0 else "second")


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
    [{"shares": None}, {"direction": "first"}, {"points": 10, "direction": "first"}],
    ids=["nothing", "shares and direction", "all three"],
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


def test_a_works_own_difference_goes_before_that_of_its_rounded_shares():
    rounded = EXAMPLE | {"shares": [0.533, 0.464], "points": 6.8}
    assert not problems_of([rounded])
    assert effect_words(rounded).startswith("+6.8 points (53.3% against 46.4%)")
    (problem,) = problems_of([rounded | {"points": 6.7}])
    assert "not the difference of its `shares`" in problem


def test_a_row_is_a_works_or_ours():
    ours = OWN[0] | {"shares": None, "n": None, "p": None}
    assert not problems_of([ours])
    for change in ({"paper": "ovadia-2023"}, {"seen": "table"}):
        (problem,) = problems_of([ours | change])
        assert "a row has a `paper`" in problem


@pytest.mark.parametrize("contrast", OWN, ids=lambda one: one["id"])
def test_our_own_rows_are_counted_from_the_kept_answers(contrast):
    ours, hits = contrast["ours"], []
    for arm in ("first", "second"):
        where = {name: value for name, value in ours[arm].items() if name != "experiment"} | {"arm": {}}
        passages = ours[arm].get("arm", {}).get("passages", "any")
        rows = [
            one
            for one in rows_of(ours[arm].get("experiment", ours["experiment"]), ours["size"])
            if where.items() <= (one | {"arm": {}}).items() and passages in {"any", one["arm"].get("passages")}
        ]
        hits.append({one["id"] for one in rows if one[ours["field"]]})
        assert len(rows) == contrast["n"] == 100
    first, second = hits
    assert contrast["shares"] == [len(first) / 100, len(second) / 100]
    assert contrast["p"].startswith(f"{len(first - second)} only the first, {len(second - first)} only the second, p")


def test_both_of_our_models_stand_in_each_comparison_of_ours():
    names = {one["id"].rsplit("-", 1)[0] for one in OWN}
    assert {one["id"] for one in OWN} == {f"{name}-{size}" for name in names for size in ("large", "small")}


def test_a_run_that_is_not_whole_says_so(monkeypatch):
    monkeypatch.setattr(contrasts, "is_whole", lambda *_: False)
    assert "the run is not" in row(OWN[0])
    monkeypatch.setattr(contrasts, "is_whole", lambda *_: True)
    assert "the run is not" not in row(OWN[0])


def test_the_page_says_which_works_point_which_way():
    rows = [one for one in ALL if one["group"] == "retrieval or tuning"]
    found = {side: {one["paper"] for one in rows if direction_of(one) == side} for side in ("first", "second")}
    told = contrasts.PAGE.read_text(encoding="utf-8")
    for side, opening in (("first", "- **Retrieval was ahead**"), ("second", "- **Fine-tuning was ahead**")):
        line = next(line for line in told.splitlines() if line.startswith(opening))
        assert all(f"papers.md#{paper})" in line for paper in found[side] - {None})
        assert line.count("papers.md#") == len(found[side] - {None})
    yang, sturm = (next(one for one in rows if one["paper"] == paper) for paper in ("yang-2026", "sturm-2026"))
    assert yang["case"] == sturm["case"] and set(yang["case"].values()) == {True}
    assert {direction_of(yang), direction_of(sturm)} == {"first", "second"}


def test_on_another_wording_only_tuning_on_four_is_told_from_retrieval():
    for one in OWN:
        if one["group"] == "retrieval or tuning":
            low, high = interval_of(one)
            apart = low > 0 or high < 0
            assert apart == ("direct" in one["id"] or "four" in one["id"]), one["id"]
            assert points_of(one) < 0 or not apart


def test_contradictions_stand_side_by_side():
    for group in ("retrieval or tuning", "both or tuning alone", "long context or retrieval"):
        signs = {direction_of(one) for one in ALL if one["group"] == group and one["paper"]}
        assert {"first", "second"} <= signs, f"{group}: no two results point different ways"
