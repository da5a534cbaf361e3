"""What a report says of a measurement, part by part."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rung.arms import Prediction
from rung.case import Item
from rung.report import APART, write_report
from rung.statistics import rate
from rung.thresholds import ROWS, levels_of

from tests.rung.cases import results_of


def page_of(results, folder) -> str:
    """The report's text, its spaces made one."""
    results.case.folder = folder
    write_report(results)
    text = re.sub(
        r"<(?:style|script)>.*?</(?:style|script)>", "", (folder / "report.html").read_text("utf-8"), flags=re.DOTALL
    )
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_a_report_names_the_items_that_each_rung_wins(tmp_path):
    results = results_of({"prompting": 0.02, "retrieval": 0.04}, items=100)
    said = page_of(results, tmp_path)
    assert (
        "prompting against retrieval: won 0, lost 2 Only retrieval is correct: Question 2? (q2) Question 3? (q3)"
        in said
    )
    assert "Only prompting is correct" not in said
    many = page_of(results_of({"prompting": 0.1, "retrieval": 0.9}, items=200), tmp_path)
    assert f"Only retrieval is correct: the first {APART} of 160; all are in predictions.jsonl." in many
    assert many.count("Question 119? (q119)") == 1 and "won 0, lost 160" in many


def test_a_report_says_what_was_read_and_what_a_search_takes(tmp_path):
    searches = {"bm25": {1: rate([True, False])}, "hybrid": {1: rate([True, True])}}
    seconds = {"bm25": 0.00123, "hybrid": 0.0456}
    results = results_of(
        {"prompting": 0.2}, items=20, searches=searches, search_seconds=seconds, files=24, passages=113
    )
    said = page_of(results, tmp_path)
    assert "24 files read, cut into 113 passages" in said
    assert "bm25 1/2 = 50% 0.0012" in said and "hybrid 2/2 = 100% 0.0456" in said
    one = results_of({"prompting": 0.2}, items=20, files=1, passages=3)
    assert "1 file read, cut into 3 passages" in page_of(one, tmp_path)


ASKED = [Item(f"q{place}", "?", ("x",) if place >= 3 else (), "dev", place >= 3) for place in range(6)]
NEAR = [0.1, 0.2, 0.6, 0.4, 0.7, 0.9]
ANSWERED = [
    Prediction("q0", "a", "y", False),
    Prediction("q1", "a", "", True, abstained=True),
    Prediction("q2", "a", "y", False),
    Prediction("q3", "a", "x", True),
    Prediction("q4", "a", "", False, abstained=True),
    Prediction("q5", "a", "x", True),
]


def test_the_table_of_a_threshold_counts_refused_and_let_through(tmp_path):
    levels = levels_of(ANSWERED, ASKED, NEAR, 0.15)
    counted = {one.threshold: (one.refused, one.let_through, one.withheld, one.correct) for one in levels}
    assert counted == {
        None: (1, 2, 1, 2),
        0.15: (2, 1, 1, 2),
        0.3: (2, 1, 1, 2),
        0.5: (2, 1, 2, 1),
        0.65: (3, 0, 2, 1),
        0.8: (3, 0, 2, 1),
    }
    assert [one.threshold for one in levels if one.chosen] == [0.15]
    results = results_of({"prompting": 0.5}, items=20)
    results.levels = levels
    said = page_of(results, tmp_path)
    assert "none 1 2 1 2 0.15 2 1 1 2 chosen 0.30 2 1 1 2 0.50 2 1 2 1" in said
    assert "What a threshold refuses" not in page_of(replace(results, levels=()), tmp_path)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_higher_threshold_refuses_no_less(rows):
    items = [
        Item(str(place), "?", ("x",) if known else (), "dev", known) for place, (_, known, _, _) in enumerate(rows)
    ]
    given_answers = [Prediction("q", "a", "", right, abstained) for _, _, right, abstained in rows]
    near = [score for score, *_ in rows]
    levels = levels_of(given_answers, items, near, None)
    assert 1 <= len(levels) <= ROWS + 1 and levels[0].chosen and levels[0].threshold is None
    unknown = sum(not item.answerable for item in items)
    assert all(one.refused + one.let_through == unknown for one in levels)
    for names in ("refused", "withheld"):
        counts = [getattr(one, names) for one in levels]
        assert counts == sorted(counts)
    correct = [one.correct for one in levels]
    assert correct == sorted(correct, reverse=True)


@pytest.mark.parametrize("guide", ["https://example.org/guide/", "https://example.org/guide", ""])
def test_the_decision_tool_is_linked_where_the_guides_address_is_set(tmp_path, guide):
    results = results_of({"prompting": 0.2, "retrieval": 0.8}, ceiling=0.9)
    results.case.settings = replace(results.case.settings, guide=guide)
    said = page_of(results, tmp_path)
    links = re.findall(r'href="(http[^"]*)"', (tmp_path / "report.html").read_text(encoding="utf-8"))
    if guide:
        assert len(links) == 1 and links[0].startswith(
            "https://example.org/guide/tools/decide/?output=text&amp;fault=facts"
        )
    else:
        assert not links and "with guide set to that address in case.toml" in said
