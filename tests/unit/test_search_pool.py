"""The pool that readers judge, and what their judgements change in the scores of a search."""

import json
import re

import pytest

from scripts.pages import search as page
from scripts.paths import DOCS
from scripts.search import measure, pool
from tests.unit.node import node

QUESTIONS = [
    {"id": "test-1", "split": "test", "kind": "synonym", "question": "price", "sections": ["cost/"]},
    {"id": "test-2", "split": "test", "kind": "question", "question": "is it slow?", "sections": ["latency/#sums"]},
    {"id": "dev-1", "split": "dev", "kind": "typo", "question": "tokn", "sections": ["glossary/#token"]},
]
ARMS = list(page.NAMES)
SECTION = {"title": "The sums", "page": "Cost", "text": "word " * 300, "tags": "", "first": False}


def lines(rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with three questions. Every search finds the named section fourth, and `cost/#sums` first."""
    for name in ("QUESTIONS", "FOUND", "EARLIER", "RESULTS", "JUDGED"):
        monkeypatch.setattr(measure, name, tmp_path / getattr(measure, name).name)
    monkeypatch.setattr(page, "RESULTS", measure.RESULTS)
    measure.QUESTIONS.write_text(lines(QUESTIONS), encoding="utf-8")
    found = [
        {"search": arm, "question": one["id"], "found": ["cost/#sums", "a/", "b/", *one["sections"]]}
        for arm in ARMS
        for one in QUESTIONS
    ]
    measure.FOUND.write_text(lines(found), encoding="utf-8")
    measure.EARLIER.write_text("", encoding="utf-8")
    return tmp_path


def judge(folder, rows) -> None:
    given = folder / "given.jsonl"
    given.write_text(lines(rows), encoding="utf-8")
    measure.take_in(given)


def judged(question: str, section: str, answers: object) -> dict:
    return {"question": question, "section": section, "answers": answers}


def test_a_section_that_a_reader_judged_to_answer_counts_and_one_that_nobody_judged_is_a_miss(folder):
    judge(
        folder, [judged("test-1", "cost/#sums", True), judged("test-2", "a/", False), judged("test-1", "cost/", False)]
    )
    results = measure.results()
    named, by_readers = (results[kind]["searches"]["keyword"] for kind in ("named", "judged"))
    assert (named["hit@3"]["hits"], by_readers["hit@3"]["hits"]) == (0, 1)
    assert by_readers["hit@1"]["hits"] == 1
    assert by_readers["hit@3"]["n"] == 2  # the questions of dev chose the settings
    assert results["pool"]["named"] == {"judged": 1, "answer": 0}
    assert results["pool"]["others"] == {"judged": 2, "answer": 1}
    assert results["pool"]["unseen"]["keyword"] == 4  # of six shown


def test_a_search_that_finds_more_of_what_readers_judged_wins_in_pairs(folder):
    text = measure.FOUND.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    for row in rows:
        if row["search"] == "former":
            row["found"] = ["b/"]
    measure.FOUND.write_text(lines(rows), encoding="utf-8")
    judge(folder, [judged(question, "cost/#sums", True) for question in ("test-1", "test-2")])
    pair = measure.results()["judged"]["pairs"][0]
    assert (pair["first"], pair["second"], pair["won"], pair["lost"]) == ("keyword", "former", 2, 0)
    assert pair["p_holm"] >= pair["p"]


def test_without_judgements_the_page_shows_the_named_sections_alone(folder):
    measure.RESULTS.write_text(json.dumps(measure.results()), encoding="utf-8")
    assert "Judged by readers" not in page.render()
    judge(folder, [judged("test-1", "cost/#sums", True), judged("test-2", "cost/#sums", True)])
    measure.RESULTS.write_text(json.dumps(measure.results()), encoding="utf-8")
    text = page.render()
    assert text.index("### Judged by readers") < text.index("### Named by the author")
    assert "2 of 2 questions. That meets the goal" in text
    assert "0 of 2 questions. That misses the goal" in text


@pytest.mark.parametrize(
    "rows, said",
    [
        ([judged("test-1", "a/", "yes")], "true or false"),
        ([{"question": "test-1", "answers": True}], '"section"'),
        ([judged("test-9", "a/", True)], "no question test-9"),
        ([judged("test-1", "a/", True), judged("test-1", "a/", False)], "more than once: test-1, a/"),
    ],
)
def test_judgements_that_cannot_be_used_are_refused_and_what_is_wrong_is_said(rows, said, folder):
    with pytest.raises(SystemExit, match=said):
        judge(folder, rows)
    assert not measure.JUDGED.exists()


def test_the_pool_has_the_first_three_of_each_search_and_the_named_ones_and_names_no_search():
    found = [
        {"search": "keyword", "question": "test-1", "found": ["a/", "b/", "c/", "d/"]},
        {"search": "former", "question": "test-1", "found": ["b/", "e/"]},
    ]
    sections = {address: SECTION | {"id": address} for address in ("cost/", "a/", "b/", "c/", "d/", "e/")}
    rows = pool.pool(QUESTIONS[:1], found, sections)
    assert sorted(row["section"] for row in rows) == ["a/", "b/", "c/", "cost/", "e/"]
    assert all(set(row) == {"question", "asked", "section", "title", "text"} for row in rows)
    assert rows == pool.pool(QUESTIONS[:1], found[::-1], sections)  # who found it leaves no trace
    assert rows[0]["title"] == "Cost > The sums"


def test_a_reader_gets_the_beginning_of_a_long_section_cut_between_words():
    assert pool.opening("short") == "short"
    cut = pool.opening(SECTION["text"])
    assert len(cut) <= pool.LONGEST
    assert cut.endswith("word …")


def test_a_search_that_cannot_be_asked_names_the_command_that_its_page_gives(tmp_path):
    node()
    with pytest.raises(SystemExit) as ended:
        measure.read_sections(tmp_path)  # a folder in which no site was built
    (named,) = re.findall("`([^`]+)`", str(ended.value).partition("Node says:")[0])
    typed = re.findall(r"^\$ (.+)$", (DOCS / "evidence" / "search.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [named] == typed
    assert "ENOENT" in str(ended.value)
