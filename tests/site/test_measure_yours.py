"""Whoever reads of a rung is told how to measure it on their own data, and shown what the samples' results hold."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rung.case import read_case
from rung.measure import sources_of
from rung.report import p_words, percent, points

from scripts.paths import DOCS, ROOT
from scripts.record_reports import ANSWERS, KINDS, REPORTS, lay_out

RUNG = re.compile(r'^ +- "Rung (\d): [^"]*": (\S+)$', re.MULTILINE)  # in mkdocs.yml
YOUR_OWN_CASE = "your-own-case.md)"  # where a link to it ends
AGAIN = "Run `make record only=reports`, which writes report and results."
SAMPLES = {  # what the guide shows of a sample case: the report of each, and the decision on the first
    "answer/report.html": "answer",
    "label/report.html": "label",
    "_shown.txt": "answer",
}


def measures_yours(page: Path) -> bool:
    """Whether a paragraph of the page names `rung measure` and links to the page on it."""
    paragraphs = page.read_text(encoding="utf-8").split("\n\n")
    return any("`rung measure" in paragraph and YOUR_OWN_CASE in paragraph for paragraph in paragraphs)


def test_each_rung_says_how_to_measure_it_on_your_own_data():
    rungs = dict(RUNG.findall((ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert list(rungs) == list("01234"), 'mkdocs.yml calls the page of each rung "Rung 0: ..." to "Rung 4: ...".'
    around = (
        "ladder/index.md",
        "ladder/measuring-rag.md",
        "ladder/combining.md",
        "evaluate/index.md",
        "tools/decide.md",
    )
    lost = [name for name in (*rungs.values(), *around) if not measures_yours(DOCS / name)]
    assert not lost, f"{lost}: name `rung measure` in a sentence, and link to your-own-case.md beside it."


def rates_in(data: object) -> Iterator[str]:
    """Each rate in a case's results, alone and with its interval, as a report prints it."""
    if isinstance(data, dict) and {"hits", "n", "share", "low", "high"} <= set(data):
        share, low, high = (percent(data[name]) for name in ("share", "low", "high"))
        rate = f"{data['hits']}/{data['n']} = {share}"
        yield from (rate, f"{rate}, {low} to {high}")
    for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from rates_in(value)


def steps_in(results: dict) -> Iterator[str]:
    """Each pair of rungs in a case's results, as a report prints it."""
    for step in results["steps"]:
        difference, low, high = (points(step["difference"][name]) for name in ("estimate", "low", "high"))
        pair = f"{step['lower']} {step['higher']} {step['won']} {step['lost']}"
        yield f"{pair} {difference} ({low} to {high}) {p_words(step['p_better'])} {p_words(step['p_not_worse'])}"


def not_in_the_results(name: str, shown: str) -> list[str]:
    """What a report, or the decision on the page, says that is not in the results beside it, or leaves out of them."""
    results = json.loads((REPORTS / SAMPLES[name] / "results.json").read_text(encoding="utf-8"))
    text = html.unescape(" ".join(re.sub(r"<[^>]*>", " ", shown).split()))
    with_intervals = re.findall(r"(\d+/\d+ = \d+%)[\s|]+(\d+% to \d+%)", text)
    said = {*re.findall(r"\d+/\d+ = \d+%", text), *(", ".join(rate) for rate in with_intervals)}
    rates, steps = set(rates_in(results)), list(steps_in(results)) if name.endswith(".html") else []
    wanted = [results["sentence"], results["fix_first"], *steps]
    place = f"docs/assets/reports/{name}"
    return [f"{place}: {rate} is in none of the results" for rate in sorted(said - rates)] + [
        f"{place}: does not say “{one}”, as the results do" for one in wanted if one not in text
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_report_of_a_sample_shows_what_its_results_hold(name):
    shown = (REPORTS / name).read_text(encoding="utf-8")
    problems = not_in_the_results(name, shown)
    assert not problems, "\n".join([*problems, AGAIN])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_rate_of_a_sample_that_was_changed_by_hand_is_told(name):
    shown = (REPORTS / name).read_text(encoding="utf-8")
    for rate in set(re.findall(r"\d+/\d+ = \d+%", shown)):
        hits, _, rest = rate.partition("/")
        other = f"{int(hits) + 10}/{rest}"
        assert other in "\n".join(not_in_the_results(name, shown.replace(rate, other)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_of_the_sample_case_as_it_is(kind, tmp_path):
    lay_out(kind, tmp_path)
    measured = json.loads((REPORTS / kind / "results.json").read_text(encoding="utf-8"))["answers_from"]
    now = sources_of(read_case(tmp_path))
    files = [name for name in measured if name not in ("the model", "the embedder")]
    changed = [name for name in files if measured[name] != now.get(name)]
    assert not changed, f"{', '.join(changed)} of the sample case changed since it was measured. {AGAIN}"


def test_a_sample_case_is_laid_out_anew_and_its_answers_stay(tmp_path):
    lay_out("answer", tmp_path)
    shipped = {path.relative_to(tmp_path) for path in tmp_path.rglob("*")}
    (tmp_path / ANSWERS).mkdir()
    (tmp_path / ANSWERS / "answers.sqlite").write_text("kept", encoding="utf-8")
    for old in ("report.html", "documents/no_longer_there.md"):
        (tmp_path / old).write_text("old", encoding="utf-8")
    lay_out("answer", tmp_path)
    left = {path.relative_to(tmp_path) for path in tmp_path.rglob("*")} - shipped
    assert left == {Path(ANSWERS), Path(ANSWERS) / "answers.sqlite"}
