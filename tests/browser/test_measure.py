"""Measure yours, in a real browser: the sample first, then the reader's own files; hostile input; what is saved."""

import json
import re

import pytest
from rung.verdict import judge

from scripts.record_measure import FILE
from tests.browser.fuzz_corpus import FIRED, fuzz_inputs, fuzz_queries

pytestmark = pytest.mark.browser

PAGE = "tools/measure/"
SAMPLE = json.loads(FILE.read_text(encoding="utf-8"))["systems"]
BAD_WORDS = re.compile(r"NaN|Infinity|undefined|\[object|null\b")
REQUESTS = "performance.getEntriesByType('resource').length"


@pytest.fixture
def tool(fresh):
    """Opens the page, on a device, at a query."""

    def show(device: str = "desktop", query: str = ""):
        page = fresh(device).show(PAGE + query)
        page.locator(".measure-verdict").first.wait_for()
        return page

    return show


def sentence_of(systems: list[dict], margin: float = 0.05) -> str:
    """What rung says of such systems."""
    return judge([(one["name"], one["hits"]) for one in systems], margin).sentence


def said(page, part: str = "#measure-part-systems") -> str:
    """The verdict that a part of the page shows."""
    return page.locator(f"{part} .measure-verdict > .tool-result").inner_text()


def predictions(items: list[str], hits: list[bool]) -> bytes:
    """A file of predictions, as `rung compare` takes it."""
    rows = ({"item": item, "right": right} for item, right in zip(items, hits, strict=True))
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def give(page, field: str, **files: bytes) -> None:
    """Picks files, by name."""
    picked = [
        {"name": name.replace("__", "."), "mimeType": "text/plain", "buffer": data} for name, data in files.items()
    ]
    page.locator(field).set_input_files(picked)


def test_the_sample_stands_first_and_says_what_rung_says(tool):
    page = tool()
    assert said(page) == sentence_of(SAMPLE["systems"][:2])
    page.get_by_role("button", name="Sample: three systems").press("Enter")
    assert said(page) == sentence_of(SAMPLE["systems"])
    margin = page.get_by_label("Margin, in points")
    margin.fill("20")
    assert said(page) == sentence_of(SAMPLE["systems"], 0.2)
    assert page.url.endswith("?margin=20")
    margin.fill("a few")
    assert page.get_by_text("Write the margin in points").is_visible()
    page.reload()
    page.locator(".measure-verdict").first.wait_for()
    assert page.get_by_label("Margin, in points").input_value() == "20"


def test_own_files_are_compared_in_the_order_that_the_reader_gives_them_and_nothing_is_sent(tool):
    page = tool("phone")
    items = [f"private-{number}" for number in range(60)]
    mine, theirs = [number % 3 > 0 for number in range(60)], [number % 4 > 0 for number in range(60)]
    before = page.evaluate(REQUESTS)
    give(page, "#measure-systems", mine__jsonl=predictions(items, mine), theirs__jsonl=predictions(items, theirs))
    page.get_by_text("Your predictions.").wait_for()
    systems = [{"name": "mine", "hits": mine}, {"name": "theirs", "hits": theirs}]
    assert said(page) == sentence_of(systems)
    page.get_by_role("button", name="Move up: theirs").press("Enter")
    assert said(page) == sentence_of(systems[::-1])
    page.get_by_text("The items on which").click()
    assert page.get_by_text("Only “mine” is correct on: private-4").is_visible()
    assert page.evaluate(REQUESTS) == before
    assert "private" not in page.url


def test_files_that_do_not_fit_are_told_and_what_stood_there_stays(tool):
    page = tool()
    before = said(page)
    give(page, "#measure-systems", a__jsonl=predictions(["q1"], [True]), b__jsonl=predictions(["q2"], [True]))
    page.get_by_text("“a” and “b” are not about the same items").wait_for()
    give(page, "#measure-systems", photo__png=b"\x89PNG\x00\x00")
    page.get_by_text("photo.png is not text.").wait_for()
    assert said(page) == before


def test_the_report_is_one_file_and_the_figures_have_the_names_of_rung(tool, fresh, tmp_path):
    page = tool()
    with page.expect_download() as coming:
        page.locator("#measure-part-systems").get_by_role("button", name="Save the figures").press("Enter")
    figures = json.loads(coming.value.path().read_text(encoding="utf-8"))
    verdict = judge([(one["name"], one["hits"]) for one in SAMPLE["systems"][:2]], 0.05)
    assert (figures["sentence"], figures["stop"], figures["more_items"]) == (
        verdict.sentence,
        verdict.rung,
        verdict.more,
    )
    assert figures["steps"][0]["p_better"] == pytest.approx(verdict.steps[0].p_better, abs=1e-9)
    assert figures["standings"][0]["rate"]["low"] == pytest.approx(verdict.standings[0].rate.low, abs=1e-9)
    give(page, "#measure-systems", **{"<img src=x onerror=window.fuzzed=1>__jsonl": predictions(["<b>q1"], [True])})
    page.get_by_text("Your predictions.").wait_for()
    with page.expect_download() as coming:
        page.locator("#measure-part-systems").get_by_role("button", name="Save the report").press("Enter")
    report = tmp_path / "report.html"
    coming.value.save_as(report)
    assert not re.search(r"<(?:script|link|img|iframe|button)", report.read_text(encoding="utf-8"))
    reader = fresh("phone")
    reader.page.goto(report.as_uri())
    assert reader.page.get_by_text("was measured.").is_visible() and not reader.page.evaluate(FIRED)
    reader.found.clear()  # that the file is of another host than the site


def test_hostile_addresses_and_files_are_answered_in_words(tool):
    page = tool()
    for query in fuzz_queries(["margin"], 400)[:200]:
        page.evaluate(
            "query => { history.replaceState(null, '', `?${query}`); dispatchEvent(new Event('popstate')) }", query
        )
    page.locator("#measure-part-systems").get_by_text("Paste text instead").click()
    box = page.locator("#measure-systems-text")
    for number, text in enumerate(fuzz_inputs(3000)[:200]):
        value = text if number % 2 else f"item,right,{text}\n{text},yes,no\n"
        box.evaluate(
            "(box, text) => { box.value = text; box.closest('details').querySelector('button').click() }", value
        )
    text = page.locator("#measure-part-systems").evaluate("place => place.innerText")
    assert not BAD_WORDS.search(text)
    assert not page.evaluate(FIRED)


def test_samples_that_cannot_be_fetched_are_told_in_a_sentence(fresh):
    tab = fresh("desktop")
    tab.page.route("**/measure/sample.json", lambda route: route.abort())
    page = tab.show(PAGE)
    page.get_by_text("The samples could not be fetched").wait_for()
    tab.found.clear()  # the request that was cut off
