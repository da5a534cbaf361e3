"""Measure yours, in a real browser: the sample first, then the reader's own files; the fuzz corpus; what is saved."""

import json
import re

import pytest
from playwright.sync_api import expect
from rung.case import split_of
from rung.files import read_lines
from rung.verdict import judge

from scripts.paths import ROOT
from scripts.record_measure import FILE
from tests.browser.chromium import axe_problems
from tests.browser.fixtures import report
from tests.browser.fuzz_corpus import BAD_WORDS, FIRED, fuzz_inputs, fuzz_queries, visit

pytestmark = pytest.mark.browser

PAGE = "tools/measure/"
BUILT = ".measure-verdict"
SAMPLE = json.loads(FILE.read_text(encoding="utf-8"))["systems"]
LABELS = json.loads(FILE.read_text(encoding="utf-8"))["labels"]
SEARCHES = json.loads(FILE.read_text(encoding="utf-8"))["searches"]
RIGHT = sum(said == label for said, label in zip(LABELS["head"], LABELS["truth"], strict=True))
MESSAGES = ROOT / "rung" / "src" / "rung" / "sample" / "label" / "messages.csv"
# All but code: what cuts and searches is fetched once there is something to search.
REQUESTS = "performance.getEntriesByType('resource').map(one => one.name).filter(name => !name.endsWith('.js'))"


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
    page.wait_for_load_state("networkidle")  # an address is listed a moment after its answer came
    before = page.evaluate(REQUESTS)
    give(page, "#measure-systems", mine__jsonl=predictions(items, mine), theirs__jsonl=predictions(items, theirs))
    page.get_by_text("Your predictions.").wait_for()
    systems = [{"name": "mine", "hits": mine}, {"name": "theirs", "hits": theirs}]
    assert said(page) == sentence_of(systems)
    page.get_by_role("button", name="Move up: theirs").press("Enter")
    assert said(page) == sentence_of(systems[::-1])
    page.get_by_text("The items on which “theirs”").click()
    assert page.get_by_text("Only “mine” is correct on: private-4").is_visible()
    assert page.evaluate(REQUESTS) == before
    assert "private" not in page.url
    problems = axe_problems(page)
    assert not problems, report(problems)


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


def test_the_head_of_the_sample_is_trained_in_the_tab_to_the_recorded_count(tool):
    page = tool("phone")
    part = page.locator("#measure-part-labels")
    recorded = part.locator(".measure-systems").inner_text()
    assert "35 of 140" in recorded and f"{RIGHT} of 140" in recorded
    part.get_by_role("button", name="Run the sample in this tab").press("Enter")
    part.get_by_text("Trained in this tab.").wait_for()
    assert part.locator(".measure-systems").inner_text() == recorded


def test_own_messages_get_the_commonest_label_at_once_and_what_is_odd_is_told(tool):
    page = tool()
    part = page.locator("#measure-part-labels")
    rows = [f"{'billing' if number % 3 else 'repair'},message {number} of private words" for number in range(100)]
    file = "label,text\n" + "\n".join([*rows, "rare,", "lost,the only one of its kind"])
    give(page, "#measure-labels", own__csv=file.encode())
    part.get_by_text("Your messages:").wait_for()
    held_out = [number for number in range(100) if split_of(f"message {number} of private words", 0.6) == "test"]
    common = sum(number % 3 > 0 for number in held_out)
    every = len(held_out) + (split_of("the only one of its kind", 0.6) == "test")
    assert f"{common} of {every}" in part.locator(".measure-systems").inner_text()
    assert part.get_by_text("1 row was left out: no text, or no label.").is_visible()
    give(page, "#measure-labels", own__csv=b"text,label\na,b\n")
    part.get_by_text("own.csv has").wait_for()
    with page.expect_download() as coming:
        part.get_by_role("button", name="Save the predictions").press("Enter")
    lines = read_lines(coming.value.path())
    assert sum(line["right"] for line in lines) == common


@pytest.mark.usefixtures("manifest")
def test_the_head_of_own_messages_is_measured_by_the_model_in_the_tab_and_can_be_stopped(tool):
    page = tool()
    part = page.locator("#measure-part-labels")
    begun = re.compile(r"Read \d+ of 240 texts\.")  # each number stands there for a moment
    give(page, "#measure-labels", messages__csv=MESSAGES.read_bytes())
    part.get_by_text("Your messages: 96 to learn from, 144 held out").wait_for()
    part.get_by_role("button", name="Measure the head").press("Enter")
    part.get_by_role("button", name="Fetch 37 MB and go on").press("Enter")
    part.get_by_text(begun).wait_for()
    part.get_by_role("button", name="Cancel").press("Enter")
    part.get_by_text("Cancelled. What was fetched whole is kept.").wait_for()
    part.get_by_role("button", name="Measure the head").press("Enter")
    part.get_by_text(begun).wait_for()
    others = "text,label,split\n" + "".join(
        f"message {at},{'ab'[at % 2]},{'train' if at < 9 else 'test'}\n" for at in range(19)
    )
    give(page, "#measure-labels", others__csv=others.encode())
    part.get_by_text("Your messages: 9 to learn from, 10 held out").wait_for()
    expect(part.get_by_role("button", name="Measure the head")).to_be_enabled(timeout=240_000)
    assert not part.locator(".measure-table").count(), "a head of other messages is shown"
    give(page, "#measure-labels", messages__csv=MESSAGES.read_bytes())
    part.get_by_role("button", name="Measure the head").press("Enter")
    part.locator(".measure-table").wait_for(timeout=240_000)
    found = re.search(r"sentence vectors: (\d+) of 144", part.locator(".measure-systems").inner_text())
    assert 105 <= int(found[1]) <= 120  # Python's vectors, which are not rounded, give about as many


def test_the_sample_is_searched_in_the_tab_as_rung_searched_it(tool):
    page = tool("phone")
    part = page.locator("#measure-part-searches")
    first = part.locator(".measure-table").first.locator("tbody tr").first
    recorded = first.inner_text()
    assert f"{SEARCHES['first']['bm25']['3']} of {SEARCHES['n']}" in recorded
    part.get_by_role("button", name="Search the sample in this tab").press("Enter")
    part.get_by_text("searched in this tab: 24 documents").wait_for()
    assert first.inner_text() == recorded


def test_own_documents_wait_for_questions_and_an_answer_that_stands_nowhere_is_named(tool):
    page = tool()
    part = page.locator("#measure-part-searches")
    page.wait_for_load_state("networkidle")  # an address is listed a moment after its answer came
    before = page.evaluate(REQUESTS)
    give(
        page,
        "#measure-searches",
        loans__md=b"# Loans\n\nA loan lasts 21 days.\n",
        fines__txt="A lost book: £12.".encode(),
    )
    part.get_by_text("Now add the questions").wait_for()
    table = "question,answers\nHow long does a loan last?,21 days\nWhat does a lost book cost?,£12.00\nWho?,nobody\n"
    give(page, "#measure-searches", questions__csv=table.encode())
    part.get_by_text("Yours: 2 documents, 2 passages, 2 questions.").wait_for()
    assert part.get_by_text("The accepted answer stands in no document: q4 (Who?).").is_visible()
    assert "2 of 2 = 100%" in part.locator(".measure-table").first.inner_text()
    give(page, "#measure-searches", photo__png=b"PNG")
    part.get_by_text("photo.png is of a kind that is not read here.").wait_for()
    assert "2 of 2 = 100%" in part.locator(".measure-table").first.inner_text()
    assert page.evaluate(REQUESTS) == before


@pytest.mark.usefixtures("manifest")
def test_a_connection_that_breaks_is_told_and_the_search_by_meaning_goes_on_afterwards(fresh):
    tab = fresh("desktop")
    page = tab.show(PAGE)
    part = page.locator("#measure-part-searches")
    give(
        page,
        "#measure-searches",
        a__md=b"A loan lasts 21 days.",
        q__csv=b"question,answers\nHow long is a loan?,21 days",
    )
    page.context.route("**/model.onnx*", lambda route: route.abort())
    part.get_by_role("button", name="Search by meaning too").press("Enter")
    part.get_by_role("button", name="Fetch 37 MB and go on").press("Enter")
    part.get_by_text("The connection broke.").wait_for()
    page.context.unroute("**/model.onnx*")
    part.get_by_role("button", name="Search by meaning too").press("Enter")
    part.locator(".measure-table").first.get_by_text("BM25 + MiniLM").wait_for(timeout=120_000)
    tab.found.clear()  # the request that was cut off


def test_addresses_and_files_of_the_fuzz_corpus_are_answered_in_words(tool):
    page = tool()
    visit(page, fuzz_queries(["margin"], 400)[:200])
    document = "\n\n".join(fuzz_inputs(3000)[:200]).replace("\0", "")
    give(page, "#measure-searches", fuzz__md=document.encode(errors="replace"))
    page.get_by_text("Now add the questions").wait_for()
    for part, columns in (("systems", "item,right"), ("labels", "text,label"), ("searches", "question,answers")):
        box = page.locator(f"#measure-{part}-text")
        for number, text in enumerate(fuzz_inputs(3000)[:200]):
            value = text if number % 2 else f"{columns},{text}\n{text},yes,no\n{text} 2,no,{text}\n{text} 3,yes,no\n"
            box.evaluate(
                "(box, text) => { box.value = text; box.closest('details').querySelector('button').click() }", value
            )
    text = page.locator(".measure-tool").evaluate("place => place.innerText")
    assert not BAD_WORDS.search(text)
    assert not page.evaluate(FIRED)
