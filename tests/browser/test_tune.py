"""Training in the tab, in a real browser: recorded first, then to the count; labels in the address; the fuzz corpus."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import axe_problems
from tests.browser.fixtures import report
from tests.browser.fuzz_corpus import BAD_WORDS, FIRED, fuzz_inputs, fuzz_queries, visit
from tests.unit.test_tune import FOLDER, RECORDED

pytestmark = pytest.mark.browser

PAGE = "tools/tune/"
BUILT = ".tune-line"
HEAD = f"{RECORDED['head']['heldOut'][-1]} of 140"
ADAPTER = f"and {RECORDED['adapter']['heldOut'][-1]} after 200"


def results(page) -> list[str]:
    """What the two trainings came to, in words."""
    return page.locator(".tune-result").all_inner_texts()


def test_the_recorded_runs_stand_before_anything_is_fetched_and_training_gives_the_same_counts(tool):
    page = tool()
    head, adapter = results(page)
    assert head.startswith("Recorded. 30 labels") and HEAD in head and "67 of 140" in head
    assert adapter.startswith("Recorded.") and ADAPTER in adapter
    names = "performance.getEntriesByType('resource').map(one => one.name).filter(name => name.endsWith('.bin'))"
    assert page.evaluate(names) == []
    page.get_by_role("button", name="Train on our labels").press("Enter")
    page.get_by_text("Trained in this tab. 30 labels").wait_for()
    assert results(page)[0] == head.replace("Recorded.", "Trained in this tab.")
    page.get_by_role("button", name="Train it in this tab").press("Enter")
    page.get_by_text("Trained in this tab. Of 140 questions").wait_for()
    assert results(page)[1] == adapter.replace("Recorded.", "Trained in this tab.")
    assert len(page.evaluate(names)) == 2


def test_own_labels_are_kept_in_the_address_and_trained_on(tool):
    page = tool("phone")
    train = page.get_by_role("button", name="Train on my labels")
    train.click()
    assert page.get_by_text("Label messages of at least two teams first.").is_visible()
    page.get_by_text("Label the thirty messages yourself").press("Enter")
    given = [label for _, label in json.loads((FOLDER / "data.json").read_text(encoding="utf-8"))["messages"]["learn"]]
    for at, label in enumerate(given):
        page.locator(f"#tune-label-{at}").select_option(str(label))
    assert page.get_by_text("30 of 30 labelled.").is_visible()
    page.reload()
    page.get_by_text("30 of 30 labelled.").wait_for()
    train.click()
    page.get_by_text("Trained in this tab. 30 labels").wait_for()
    assert HEAD in results(page)[0]
    problems = axe_problems(page)
    assert not problems, report(problems)


@pytest.mark.usefixtures("manifest")
def test_messages_of_ones_own_are_trained_on_and_what_that_needs_is_fetched_when_it_is_opened(tool):
    page = tool()
    names = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [name for name in names if re.search(r"own\.js|model\.js|embed/(?!kept_models|models)", name)]
    page.get_by_text("Train on messages of your own").press("Enter")
    box, train = page.get_by_label("Your labelled messages"), page.get_by_role("button", name="Train on these")
    box.fill("late: Where is it?")
    train.press("Enter")
    page.get_by_text("All messages have the same label.").wait_for()
    late = [f"late: Parcel {number} has not come." for number in range(6)]
    box.fill("\n".join([*late, *(f"refund: Money for order {number} back, please." for number in range(6))]))
    train.press("Enter")
    page.get_by_text("This needs the embedding model: 37 MB from this site").wait_for()
    page.get_by_role("button", name="Fetch 37 MB and go on").press("Enter")
    page.get_by_text("Your messages: trained on 8, held out 4 of 4").wait_for(timeout=120_000)
    expect(train).to_be_enabled()


def test_the_form_for_messages_of_ones_own_may_not_come(fresh, tool):
    tab = fresh("phone")
    page = tool(tab)
    page.route("**/tune/own_messages.js", lambda route: route.abort())
    page.get_by_text("Train on messages of your own").tap()
    page.get_by_text("What trains on your messages could not be fetched.").wait_for()
    assert results(page)[0].startswith("Recorded.")
    tab.found.clear()  # the request that was cut off


def test_a_lost_connection_leaves_the_recorded_run_and_a_way_on(fresh):
    tab = fresh("desktop")
    page = tab.show(PAGE)
    page.locator(".tune-line").first.wait_for()
    page.route("**/*.bin", lambda route: route.abort())
    page.get_by_role("button", name="Train on our labels").click()
    page.get_by_text("The vectors could not be fetched.").wait_for()
    assert results(page)[0].startswith("Recorded.")
    page.unroute("**/*.bin")
    page.get_by_role("button", name="Train on our labels").click()
    page.get_by_text("Trained in this tab. 30 labels").wait_for()
    tab.found.clear()  # the request that was cut off


def test_addresses_and_messages_of_the_fuzz_corpus_are_answered_in_words(tool):
    page = tool()
    page.evaluate("history.replaceState(history.state, '', location.pathname)")
    visit(page, fuzz_queries(["labels"], 400)[:200])
    page.get_by_text("Train on messages of your own").click()
    box, button = page.get_by_label("Your labelled messages"), page.get_by_role("button", name="Train on these")
    for text in fuzz_inputs(3000)[:200]:
        box.evaluate("(box, text) => { box.value = text }", text)
        button.click()
    text = page.locator(".tune-tool").evaluate("place => place.outerHTML + place.innerText")
    assert not BAD_WORDS.search(text.replace(box.input_value(), ""))
    assert not page.evaluate(FIRED)
    assert len(results(page)) == 2
