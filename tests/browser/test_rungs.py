"""Recorded answers of each rung, in a real browser: filters, wordings, the address, the keyboard, a lost connection."""

import json
import re

import pytest
from playwright.sync_api import expect

from scripts.pages import rungs
from tests.browser.chromium import axe_problems
from tests.browser.fixtures import report
from tests.browser.fuzz_corpus import BAD_WORDS, FIRED, fuzz_queries, visit
from tests.browser.test_ask_writer import SLOW

pytestmark = pytest.mark.browser

PAGE = "tools/rungs/"
BUILT = ".rungs-answers"
RETURNS = "q050"  # retrieval and the tuned model both answer it: 60 days
DIRECT = json.loads((rungs.FOLDER / "direct.json").read_text(encoding="utf-8"))


def state(page) -> str:
    """How many questions are shown, of how many, and which kind."""
    return page.locator(".tool [role=status]").first.inner_text()


def test_a_question_shows_what_each_rung_said_and_what_the_score_calls_it(tool):
    page = tool(query="?asked=direct&only=all")
    assert state(page) == "100 of 100 questions: All questions."
    first = DIRECT[0]
    table = page.locator(".rungs-answers")
    assert page.locator(".rungs-question h2").inner_text() == first["text"]
    for one in first["answers"]:
        cells = table.locator("tr", has=page.get_by_role("rowheader", name=one["arm"], exact=True)).locator("td")
        cell = cells.filter(has_text=one["text"])
        assert one["verdict"] in cell.first.inner_text()
    assert table.locator("td").count() == len(first["answers"]) == 8, "both models in each of four rungs"


def test_filters_and_wordings_stand_in_the_address_and_back_goes_back(tool):
    page = tool("phone")
    before = state(page)
    page.get_by_label("Show").select_option("tuning")
    page.get_by_text("of 100 questions: Fine-tuning is correct, retrieval is not.").wait_for()
    paraphrased = state(page)
    page.get_by_label("Asked").select_option("direct")
    page.wait_for_function("said => document.querySelector('.tool [role=status]').innerText !== said", arg=paraphrased)
    page.wait_for_url("**/?asked=direct&only=tuning")
    said = state(page)
    page.reload()
    page.locator(".rungs-answers").wait_for()
    assert state(page) == said
    page.go_back()
    page.go_back()
    page.wait_for_function("said => document.querySelector('.tool [role=status]').innerText === said", arg=before)


def test_a_kind_that_no_question_is_of_shows_none(fresh):
    page = fresh("desktop").show(PAGE + "?asked=direct&only=retrieval")
    page.get_by_text("0 of 100 questions: Retrieval is correct, fine-tuning is not.").wait_for()
    assert page.locator(".rungs-question").inner_text() == ""


def test_the_keyboard_walks_through_the_questions(tool):
    page = tool()
    title = page.locator(".rungs-question h2")
    first = title.inner_text()
    page.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    second = title.inner_text()
    page.keyboard.press("Enter")
    assert len({first, second, title.inner_text()}) == 3
    page.get_by_role("button", name="Previous").press("Enter")
    assert title.inner_text() == second
    page.reload()
    page.locator(".rungs-answers").wait_for()
    assert title.inner_text() == second
    assert page.locator("dialog[open]").count() == 0, "the question's address opens nothing else"
    page.get_by_label("Show").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.tagName") == "SELECT", "the list that was turned keeps the focus"


def test_a_lost_connection_is_said_and_tried_again(fresh):
    tab = fresh("desktop")
    page = tab.show(PAGE)
    page.locator(".rungs-answers").wait_for()
    page.route("**/direct.json", lambda route: route.abort())
    page.get_by_label("Asked").select_option("direct")
    page.get_by_text("The answers could not be fetched.").wait_for()
    page.unroute("**/direct.json")
    page.get_by_role("button", name="Try again").press("Enter")
    page.get_by_text("of 100 questions: The rungs disagree.").wait_for()
    tab.found.clear()  # the request that was cut off


@pytest.mark.long
def test_the_small_model_answers_in_the_tab_and_retrieval_alone_follows_a_changed_document(fresh, writer_manifest):
    question = next(one for one in DIRECT if one["id"] == RETURNS)
    page = fresh("phone", "dark").show(f"{PAGE}?asked=direct&only=all&question={RETURNS}")
    page.locator("summary", has_text="Ask the small model in this tab").click()
    passage = page.get_by_label("The passage that the search found")
    live = json.loads((rungs.FOLDER / "live.json").read_text(encoding="utf-8"))
    assert passage.input_value() == live["passages"][live["of"]["direct"][RETURNS]]
    problems = axe_problems(page)
    assert not problems, report(problems)
    page.get_by_role("button", name="Answer here in all four ways").press("Enter")
    megabytes = round((writer_manifest["bytes"] + live["adapter"]["bytes"]) / 1e6)
    page.get_by_role("button", name=f"Fetch {megabytes} MB").press("Enter")
    done = page.get_by_text("All four are answered.")
    done.wait_for(timeout=SLOW)
    before = answers_in(page)
    assert before["Fine-tuned on the facts"]["verdict"].startswith("✓")
    tuned = {"arm": "Fine-tuned on the facts", "model": "135M"}
    (recorded,) = [one["text"] for one in question["answers"] if tuned.items() <= one.items()]
    assert before["Fine-tuned on the facts"]["text"] == recorded

    (fact, *_) = question["accept"]
    assert fact in passage.input_value()
    passage.fill(passage.input_value().replace(fact, "97 days"))
    page.get_by_role("button", name="Answer here in all four ways").press("Enter")
    done.wait_for(state="detached")
    done.wait_for(timeout=SLOW)
    after = answers_in(page)
    assert (
        "97 days" in after["Retrieval"]["text"]
        and after["Fine-tuned on the facts"] == before["Fine-tuned on the facts"]
    )
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, "the page scrolls sideways"
    problems = axe_problems(page)
    assert not problems, report(problems)
    page.get_by_role("button", name="Next").press("Enter")
    expect(page.locator(".rungs-live table")).to_be_hidden()
    expect(done).to_be_hidden()
    page.get_by_role("button", name="Answer here in all four ways").press("Enter")
    page.get_by_text("Taking the adapter out.").wait_for()
    page.get_by_role("button", name="Cancel").press("Enter")
    page.get_by_text("Cancelled.").wait_for()
    page.get_by_role("button", name="Answer here in all four ways").press("Enter")
    page.get_by_text("Prompt only: reading").wait_for(timeout=SLOW)
    page.get_by_role("button", name="Stop", exact=True).press("Enter")
    page.get_by_text("Stopped.").wait_for()


def test_an_adapter_that_does_not_come_is_told_and_so_is_a_part_that_does_not(fresh, writer_manifest):
    tab = fresh("desktop")
    page = tab.show(PAGE)
    page.route("**/rungs/live.json", lambda route: route.abort())
    fold = page.locator("summary", has_text="Ask the small model in this tab")
    fold.click()
    page.get_by_text("This part could not be fetched. Close it and open it again.").wait_for()
    page.unroute("**/rungs/live.json")
    fold.click()
    fold.click()
    page.route("**/facts.gguf*", lambda route: route.abort())
    answer = page.get_by_role("button", name="Answer here in all four ways")
    answer.press("Enter")
    page.get_by_role("button", name=re.compile(r"Fetch \d+ MB")).press("Enter")
    page.get_by_text("The connection broke. What came whole is kept").wait_for(timeout=SLOW)
    expect(page.locator(".rungs-live table")).to_be_hidden()
    page.reload()  # with the model on the device, what is missing is asked for by its own size
    fold.click()
    answer.press("Enter")
    page.get_by_role("button", name="Fetch 5 MB").wait_for()
    expect(page.get_by_role("button", name="Remove the language model from this device")).to_be_visible()
    tab.found.clear()  # what was cut off


def answers_in(page) -> dict[str, dict]:
    """What was written in the tab, by rung: the answer, and what the score says of it."""
    return page.locator(".rungs-live tr").evaluate_all(
        """rows => Object.fromEntries(rows.map(row => [row.querySelector("th").innerText, {
          text: row.querySelector("p").innerText,
          verdict: row.querySelector(".rungs-verdict")?.innerText ?? "",
        }]))"""
    )


def test_addresses_of_the_fuzz_corpus_show_a_question(tool):
    page = tool()
    visit(page, fuzz_queries(["asked", "only", "question"], 200)[:200])
    page.locator(".rungs-answers").wait_for()
    assert not BAD_WORDS.search(page.locator(".tool").evaluate("place => place.outerHTML + place.innerText"))
    assert not page.evaluate(FIRED)
