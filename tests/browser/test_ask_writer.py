"""A language model writes the answer in the tab: real Chromium, the real model; fetched after leave, kept, removed."""

import re

import pytest
from playwright.sync_api import expect

from scripts.record_ask import read_runs
from tests.browser.chromium import axe_problems
from tests.browser.fixtures import report
from tests.browser.test_ask import LOANS, ask, give

pytestmark = pytest.mark.browser

PAGE = "tools/ask/"
BUILT = ".ask-passages"
START = "Let a model write the answer here"
REMOVE = "Remove the language model from this device"
WRITTEN = re.compile(r"^(\d+) tokens read in \d+\.\d s, (\d+) tokens? written in \d+\.\d s")
LONG = " ".join(f"key {number**9:x}." for number in range(1000, 2000)).encode()
SLOW = 400_000  # milliseconds: on a busy machine it reads a few tokens a second


def press(page, name: str) -> None:
    """Presses a button by keyboard."""
    page.get_by_role("button", name=name).press("Enter")


def parts_asked(page) -> list[str]:
    """Notes which parts of the model's file the page asks for from now on."""
    asked = []
    page.on("request", lambda request: asked.append(request.url) if ".gguf." in request.url else None)
    return asked


@pytest.mark.long
def test_an_answer_is_written_after_leave_checked_kept_and_removed(fresh, writer_manifest):
    tab = fresh("desktop")
    page = tab.show(f"{PAGE}?k=1")
    prompt = page.locator(".ask-prompt code").inner_text()
    recorded = next(one for one in read_runs()[0]["answers"] if one["prompt"] == prompt)
    asked = parts_asked(page)
    expect(page.get_by_role("button", name=REMOVE)).to_be_hidden()
    press(page, START)
    megabytes = round(writer_manifest["bytes"] / 1e6)
    page.get_by_text(f"SmolLM2-135M: {megabytes} MB from this site").wait_for()
    assert not asked
    press(page, f"Fetch {megabytes} MB and go on")
    press(page, "Cancel")
    page.get_by_text("Cancelled. What was fetched whole is kept.").wait_for()
    press(page, START)
    words = page.get_by_text(WRITTEN)
    words.wait_for(timeout=SLOW)
    assert len(set(asked)) == 6
    answer = page.locator(".ask-answer")
    assert answer.all_inner_texts() == [recorded["answer"]] * 2  # the recorded one, and the one written here
    assert WRITTEN.match(words.inner_text())[1] == str(recorded["tokens"])
    checks = page.locator(".ask-answer + p").all_inner_texts()
    assert len(checks) == 2 and checks[0] == checks[1] and checks[0].startswith("Source check:")
    problems = axe_problems(page)
    assert not problems, report(problems)

    page = tab.show(f"{PAGE}?k=1")  # another visit, without a connection for the model's files
    page.route("**/vendor/writer/**", lambda route: route.abort())
    asked = parts_asked(page)
    press(page, START)
    page.get_by_text(WRITTEN).wait_for(timeout=SLOW)
    assert not asked
    tab.found.clear()  # the list of files, which was cut off
    page.unroute("**/vendor/writer/**")
    press(page, REMOVE)
    page.get_by_text("The language model is off this device.").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "status"
    assert "prompt-retrieve-tune-writer" not in page.evaluate("caches.keys()")
    expect(page.get_by_role("button", name=REMOVE)).to_be_hidden()
    press(page, START)
    page.get_by_role("button", name=f"Fetch {megabytes} MB").wait_for()  # it asks again
    assert not asked


def test_it_can_be_stopped_on_a_phone_and_another_question_takes_the_answer_away(fresh, writer_manifest):
    tab = fresh("phone", "dark")
    page = tab.show(f"{PAGE}?score=0")
    page.get_by_text("Ask your own files instead").click()
    give(page, "loans.md", LOANS)
    page.get_by_text("Now ask them a question.").wait_for()
    ask(page, "how long may a loan bike be kept")
    page.get_by_text("No answer was recorded").wait_for()
    press(page, START)
    press(page, f"Fetch {round(writer_manifest['bytes'] / 1e6)} MB")
    stop = page.get_by_role("button", name="Stop", exact=True)
    stop.wait_for(timeout=SLOW)
    workers = len(page.workers)
    stop.press("Enter")
    page.get_by_text("Stopped.").wait_for()
    started = []
    page.on("worker", lambda worker: started.append(worker.url))
    press(page, START)
    page.get_by_text(WRITTEN).wait_for(timeout=SLOW)
    assert workers and not started, "The model was stopped with its answer."
    assert page.locator(".ask-answer").inner_text()
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, "the page scrolls sideways"
    problems = axe_problems(page)
    assert not problems, report(problems)
    ask(page, "what does a lost key cost")
    expect(page.locator(".ask-answer")).to_have_count(0)
    expect(page.get_by_text(WRITTEN)).to_have_count(0)
    give(page, "long.md", LONG)
    page.get_by_text("Now ask them a question.").wait_for()
    ask(page, "which key opens it")
    expect(page.locator(".ask-prompt code")).to_contain_text("Question: which key opens it")
    press(page, START)
    page.get_by_text("and the model reads 1,968 at most. Choose fewer or shorter passages.").wait_for(timeout=SLOW)


def test_a_connection_that_breaks_and_a_worker_that_dies_in_mid_load_are_told(fresh, writer_manifest):
    tab = fresh("desktop")
    page = tab.show(PAGE)
    page.route("**/*.gguf.04*", lambda route: route.abort())
    press(page, START)
    agree = f"Fetch {round(writer_manifest['bytes'] / 1e6)} MB"
    press(page, agree)
    page.get_by_text("The connection broke. What came whole is kept").wait_for(timeout=SLOW)
    page.unroute("**/*.gguf.04*")
    page.route("**/*.gguf.04*", lambda route: None)  # it never comes
    with (
        page.expect_event("request", lambda request: ".gguf." in request.url, timeout=SLOW) as first,
        page.expect_event("worker", timeout=SLOW) as started,
    ):
        press(page, START)
    assert ".gguf.04" in first.value.url, "what came whole is kept"
    started.value.evaluate("self.close()")
    page.get_by_text("The model stopped without a word").wait_for()
    expect(page.get_by_role("button", name=START)).to_be_enabled()
    tab.found.clear()  # the part that was cut off


def test_a_site_without_the_model_says_so(fresh):
    tab = fresh("desktop")
    page = tab.show(PAGE)
    page.route("**/vendor/writer/manifest.json", lambda route: route.fulfill(status=404))
    press(page, START)
    page.get_by_text("built without the language model").wait_for()
    expect(page.get_by_role("button", name=START)).to_be_enabled()
    tab.found.clear()  # the list of files that is not there


@pytest.mark.parametrize("where", ["tools/ask/", "tools/measure/", "tools/tune/", "tools/practice/"])
def test_a_kept_embedding_model_can_be_removed_in_every_tool_that_fetches_it(fresh, where):
    tab = fresh("desktop")
    page = tab.show(where)
    name = "Remove the embedding model from this device"
    expect(page.get_by_role("button", name=name)).to_be_hidden()
    keep = "caches.open('prompt-retrieve-tune-embedding').then(store => store.put('/model.onnx?1', new Response('')))"
    page.evaluate(keep)
    page = tab.show(where)
    page.evaluate("void (caches.delete = async () => { throw new Error('refused') })")
    page.get_by_role("button", name=name).press("Enter")
    page.get_by_text("The browser did not remove the embedding model.").wait_for()
    page.evaluate("delete caches.delete")  # the browser's own again
    page.get_by_role("button", name=name).press("Enter")
    page.get_by_text("The embedding model is off this device.").wait_for()
    assert page.evaluate("caches.keys()") == []
    expect(page.get_by_role("button", name=name)).to_be_hidden()
