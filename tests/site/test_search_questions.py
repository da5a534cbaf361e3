"""The questions by which the search is measured: enough of them, none twice, and each names sections that exist."""

import json
from collections import Counter

import pytest
from rung.files import read_lines

from scripts.pages.search import NAMES, RESULTS
from scripts.search.measure import DEFAULT, EARLIER, FORMER, FOUND, QUESTIONS, first_rank, results
from tests.browser.test_search import SEARCHES

KINDS = {"typo", "stop words", "synonym", "keywords", "question"}


@pytest.fixture(scope="module")
def questions() -> list[dict]:
    return read_lines(QUESTIONS)


def test_there_are_enough_of_each_kind_and_none_is_asked_twice(questions):
    assert Counter(one["split"] for one in questions)["test"] >= 150
    assert {one["kind"] for one in questions} == KINDS
    asked = Counter(one["question"].lower().rstrip("?") for one in questions)
    assert [question for question, times in asked.items() if times > 1] == []


def test_none_of_those_reported_on_was_asked_while_the_search_was_built(questions):
    asked_before = {question.lower() for question, _ in SEARCHES}
    tested = {one["question"].lower() for one in questions if one["split"] == "test"}
    assert not tested & asked_before


def test_each_names_sections_that_the_site_has(questions, site):
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    there = {one["location"] for one in index["docs"]}
    gone = [f"{one['id']}: {section}" for one in questions for section in one["sections"] if section not in there]
    assert not gone, f"{QUESTIONS.name} names sections that are no more; name those that answer now: {gone}"


def test_the_published_rates_follow_from_what_was_found():
    again = "run `.venv/bin/python -m scripts.search.measure`, then `make pages`"
    assert json.loads(RESULTS.read_text(encoding="utf-8")) == results(), again


def test_every_search_was_asked_every_question(questions):
    asked = Counter(one["search"] for one in read_lines(EARLIER) + read_lines(FOUND))
    assert asked == dict.fromkeys(NAMES, len(questions)), "run `make record only=search`"


def test_the_search_box_beats_the_themes_search():
    pair = next(one for one in results()["named"]["pairs"] if (one["first"], one["second"]) == (DEFAULT, FORMER))
    assert pair["won"] > pair["lost"]
    assert pair["p_holm"] < 0.05


def test_the_rank_is_that_of_the_first_right_section():
    assert first_rank(["a", "b", "c"], ["c", "b"]) == 2
    assert first_rank(["a"], ["b"]) is None
