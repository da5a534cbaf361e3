"""The cost tool in a real browser: what is typed moves all of it, and nothing typed breaks it."""

import subprocess
import sys
from types import SimpleNamespace as Case
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import report
from tests.browser.fuzz_corpus import BAD_WORDS, FIRED, fuzz_inputs, fuzz_queries, visit
from tests.unit.cost_cases import EXAMPLE, PROGRAM, RANGES, SCENARIOS, model

browser_test = pytest.mark.browser

PAGE = "trade-offs/cost/"
BUILT = ".cost-chart .cost-name"


def said(page) -> str:
    """The result in words."""
    page.wait_for_timeout(280)  # it waits for the last key
    return page.locator(".cost-sentence").inner_text()


def whole_text(page) -> str:
    """Everything the tool shows, what stands in the chart and in names included."""
    return page.locator(".cost-tool").evaluate("place => place.outerHTML + place.innerText")


@browser_test
def test_typing_moves_sentence_chart_table_and_address(tool):
    page = tool()
    assert "A tuned model does not catch up with prompting" in said(page)
    before = page.locator(".cost-line.tuned").last.get_attribute("points")
    page.get_by_label("Queries in the first month").fill("3000000")
    assert "A tuned model is cheapest over 24 months" in said(page)
    assert "from the end of month" in said(page)
    assert page.locator(".cost-line.tuned").last.get_attribute("points") != before
    assert page.locator(".cost-mark").count() == 1
    spent = model.cumulative("tuned", Case(**EXAMPLE | {"queries_per_month": 3_000_000}))[-1]
    assert f"{spent:,.0f}" in page.locator(".cost-table:not(.cost-bills)").first.inner_text()
    assert "queries_per_month=3000000" in page.url
    page.reload()
    page.locator(BUILT).first.wait_for()
    assert "A tuned model is cheapest over 24 months" in said(page)
    assert page.get_by_label("Queries in the first month").input_value() == "3000000"
    page.get_by_role("button", name="Undo my changes").click()
    assert "A tuned model does not catch up" in said(page) and not urlsplit(page.url).query


@browser_test
def test_scenarios_go_back_and_forward(tool):
    page = tool()
    for name in SCENARIOS:
        page.get_by_label("Start from").select_option(name)
        c = Case(**EXAMPLE | SCENARIOS[name])
        least = min(model.cumulative(way, c)[-1] for way in c.ways)
        assert f"{least:,.0f}" in said(page), name
        ticked = page.locator(".cost-ways input:checked").evaluate_all("boxes => boxes.map(box => box.value)")
        assert ticked == SCENARIOS[name]["ways"]
    page.go_back()
    page.go_back()
    page.wait_for_function("document.querySelector('#cost-case')?.value === 'Code assistant'")
    page.go_forward()
    page.wait_for_function("document.querySelector('#cost-case')?.value === 'Live moderation'")
    assert "A tuned model is cheapest" in said(page)
    assert page.locator(".cost-tool").count() == 1


# Whether the focus is in the result, the fields, elsewhere in the tool, or outside of it.
PLACE = """() => {
  const within = (name) => document.activeElement.closest(`.cost-${name}`)
  return ["result", "fields"].find(within) ?? (within("tool") ? "elsewhere" : null)
}"""
FAULTS = {
    "": "Write a number",
    "-5": "At least 0",
    "\u22125": "At least 0",
    "1e308": "At most",
    "twelve": "in figures",
    "12 34": "by threes or not at all",
    "1.5k": "the figures alone",
    "60.000": "can be read in two ways",
    "1,000": "can be read in two ways",
    "Infinity": "in figures",
    "NaN": "in figures",
    "0x10": "in figures",
    "9" * 400: "in figures",
}


@browser_test
def test_nonsense_is_answered_at_its_field_and_the_last_result_stays(tool):
    page = tool()
    before, field = said(page), page.get_by_label("A day of work")
    for text, answer in FAULTS.items():
        field.fill(text)
        error = page.locator(f"#{field.get_attribute('id')}-error")
        assert answer in error.inner_text(), f"{text!r}: {error.inner_text()!r}"
        assert field.get_attribute("aria-invalid") == "true"
        assert error.get_attribute("id") in field.get_attribute("aria-describedby")
        now = said(page)
        assert now.startswith(before.split("\n")[0]) and "last usable figure for: A day of work" in now
        assert not BAD_WORDS.search(whole_text(page))
    assert "day_price" not in page.url
    field.fill("400")
    assert said(page) == before
    assert field.get_attribute("aria-invalid") is None
    page.get_by_label("Look ahead").fill("1.5")
    assert page.get_by_text("Write a whole number.").is_visible()
    for way in ("Prompting", "Retrieval", "Tuned", "Combined"):
        page.get_by_label(way, exact=True).uncheck()
    assert page.get_by_text("Tick at least one.").is_visible()


@browser_test
@pytest.mark.parametrize(("reading", "figure"), [("60000", 60_000), ("60", 60)])
def test_a_number_with_two_readings_is_asked_about_and_computed_as_chosen(reading, figure, tool):
    page = tool()
    before, field = said(page), page.get_by_label("Queries in the first month")
    field.click()
    page.keyboard.press("Control+A")
    for key in "60.000":
        page.keyboard.type(key)
        page.wait_for_timeout(260)  # each figure on the way is computed: 60 too
    error = page.locator("#cost-queries_per_month-error")
    assert error.inner_text() == "“60.000” can be read in two ways. Which is meant?"
    now = said(page)
    assert now.startswith(before) and now.endswith("last usable figure for: Queries."), "60 was only on the way"
    assert "queries_per_month" not in page.url
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent") != reading:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "cost-queries_per_month"
    assert field.input_value() == reading and error.inner_text() == "" and not field.get_attribute("aria-invalid")
    spent = model.cumulative("prompting", Case(**EXAMPLE | {"queries_per_month": figure}))[-1]
    assert f"{spent:,.0f} credits" in said(page)
    assert parse_qs(urlsplit(page.url).query) == {"queries_per_month": [reading]}
    assert not page.locator(".cost-readings button").count()


@browser_test
def test_a_reading_out_of_range_is_told_so(tool):
    page = tool()
    page.get_by_label("Look ahead").fill("1.000")
    page.get_by_role("button", name="1000", exact=True).click()
    assert page.locator("#cost-months-error").inner_text() == "At most 120."
    assert "over 24 months" in said(page)


@browser_test
def test_an_address_with_two_readings_is_asked_about_at_its_field(tool):
    page = tool(query="?queries_per_month=60.000&runs_per_tuning=1,500&months=12")
    note = page.locator(".cost-note").inner_text()
    assert "read in two ways (“Queries”, “Runs for one tuning”)" in note
    c = Case(**EXAMPLE | {"months": 12})
    assert f"{model.cumulative('prompting', c)[-1]:,.0f} credits" in said(page)
    assert page.get_by_label("Queries in the first month").input_value() == "60.000"
    assert page.get_by_role("button", name="1500", exact=True).is_visible(), "its group is closed"
    page.get_by_role("button", name="60000", exact=True).click()
    page.get_by_role("button", name="1.5 (between 1 and 2)", exact=True).click()
    said(page)
    assert parse_qs(urlsplit(page.url).query) == {
        "months": ["12"],
        "queries_per_month": ["60000"],
        "runs_per_tuning": ["1.5"],
    }
    assert not page.locator(".cost-note").inner_text()


@browser_test
def test_a_figure_with_three_decimals_survives_reload(tool):
    page = tool(query="?input_price=1,2345")
    page.locator(".cost-group", has_text="Input price").locator("summary").click()
    page.get_by_label("Input price").fill("1,2340")
    text = said(page)
    page.reload()
    page.locator(BUILT).first.wait_for()
    assert said(page) == text
    assert parse_qs(urlsplit(page.url).query) == {"input_price": ["1.2340"]}
    assert not page.locator(".cost-note").inner_text()


@browser_test
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?day_price=%3Cscript%3E", "“A day of work”"),
        ("?day_price=-1", "“A day of work”"),
        ("?months=1e308", "“Look ahead”"),
        ("?months=", "“Look ahead”"),
        ("?case=nowhere", "the scenario"),
        ("?ways=prompting.__proto__", "the ways"),
        ("?ways=", "the ways"),
        ("?pair=tuned.tuned", "the pair"),
        ("?__proto__=1&constructor=2&%00=%ff", ""),
    ],
)
def test_a_malformed_address_gets_the_default_and_one_sentence(query, told, tool):
    page = tool(query=query)
    note = page.locator(".cost-note").inner_text()
    assert told in note and bool(note) == bool(told)
    assert "Prompting is cheapest over 24 months: 12,784 credits" in said(page)


TYPE_ALL = """async ([texts, names]) => {
  const place = document.querySelector(".cost-tool")
  for (const [index, name] of names.entries()) {
    const field = document.getElementById(`cost-${name}`)
    for (const text of texts) {
      if (text.length > 10000 && index) continue
      field.value = text
      field.dispatchEvent(new Event("input"))
    }
    if (index % 6 === 0) await new Promise(done => setTimeout(done, 250))
  }
  return place.isConnected
}"""


@browser_test
def test_fuzzed_input_does_nothing(tool):
    page = tool()
    names = [name for name in RANGES if name != "cached"]
    assert len(fuzz_inputs()) >= 200
    assert page.evaluate(TYPE_ALL, [fuzz_inputs(), names])
    page.wait_for_timeout(300)
    assert page.evaluate(FIRED) is None
    assert not BAD_WORDS.search(whole_text(page))
    assert page.evaluate("({}).polluted ?? null") is None
    page.get_by_role("button", name="Undo my changes").click()
    assert "12,784 credits" in said(page)


@browser_test
def test_fuzzed_addresses_do_nothing(tool):
    page, names = tool(), [*RANGES, "case", "ways", "pair"]
    queries = fuzz_queries(names, 300)
    assert len(queries) >= 200
    # A dozen to an address, each time for other parameters.
    together = ["&".join(queries[start : start + 12]) for start in range(0, len(queries), 12)]
    together += ["&".join(fuzz_queries(names[turn:] + names[:turn], 60)[:60]) for turn in range(1, len(names), 4)]
    visit(page, together)
    page.wait_for_timeout(500)
    assert page.evaluate(FIRED) is None
    assert not BAD_WORDS.search(whole_text(page))
    for query in ("?q=%E0%A4%A&day_price=%00", "?%ED%A0%80=1&months=%F0%9F%98%80", "?" + "a" * 6000):
        page.goto(page.url.split("?")[0] + query)
        page.locator(BUILT).first.wait_for()
        assert page.evaluate(FIRED) is None


@browser_test
def test_the_largest_figures_fit_a_phone(tool):
    from tests.browser.chromium import TOO_WIDE, axe_problems

    largest = "&".join(f"{name}={about['highest']}" for name, about in RANGES.items())
    page = tool("phone", f"?{largest}", scheme="dark")
    for group in page.locator(".cost-group").all():
        group.locator("summary").tap()
    page.get_by_label("A day of work").fill("1,000")  # both readings are offered
    said(page)
    assert page.locator(".cost-readings button").count() == 2
    assert not page.evaluate(TOO_WIDE)
    assert not BAD_WORDS.search(whole_text(page))
    small = """boxes => boxes.filter(box => box.checkVisibility() && box.getBoundingClientRect().height < 43.5)
      .map(box => box.outerHTML)"""
    targets = ".cost-tool :is(input[type=text], select, button, summary, label:has(input))"
    assert not page.locator(targets).evaluate_all(small)
    page.evaluate("scrollTo(0, 0)")  # further down, what lies half under the result that stays in sight counts as small
    problems = axe_problems(page)
    assert not problems, report(problems)


@browser_test
def test_it_works_by_keyboard_alone(tool):
    page = tool()
    page.locator("#cost-case").focus()
    page.keyboard.press("End")  # the last scenario
    assert "The combination" in said(page) or "Retrieval" in said(page)
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.id") != "cost-queries_per_month":
        page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("3000000")
    assert "A tuned model is cheapest" in said(page)
    while page.evaluate("document.activeElement.localName") != "summary":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "cost-growth_percent_per_month"


@browser_test
@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_tab_goes_as_the_eye_does(tool, device):
    page = tool(device)
    page.locator("#cost-case").focus()
    places = ["elsewhere"]
    while places[-1]:
        page.keyboard.press("Tab")
        places.append(page.evaluate(PLACE))
    went = [place for place in places if place in {"result", "fields"}]
    assert went == sorted(went, reverse=True), "the focus left the fields for the result"
    chart, fields = (page.locator(f".cost-{name}").bounding_box() for name in ("figure", "fields"))
    assert chart["x"] + chart["width"] <= fields["x"] or chart["y"] + chart["height"] <= fields["y"]


@browser_test
def test_the_saved_file_runs_in_the_program(tool, tmp_path):
    page = tool(query="?case=brand-voice&day_price=500")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save for the program").click()
    waiting.value.save_as(tmp_path / "inputs.json")
    result = subprocess.run(
        [sys.executable, PROGRAM, "inputs.json"], cwd=tmp_path, capture_output=True, encoding="utf-8"
    )
    total = model.cumulative("prompting", Case(**EXAMPLE | SCENARIOS["Brand voice"] | {"day_price": 500}))[-1]
    assert f"prompting {total:,.0f}" in result.stdout and f"{total:,.0f} credits" in said(page), result.stderr


@browser_test
def test_print_shows_the_result_and_every_figure(tool):
    page = tool(query="?queries_per_month=3000000")
    page.emulate_media(media="print")
    assert page.locator(".cost-chart").is_visible()
    assert page.locator("#cost-tuned_price_factor").evaluate("field => field.checkVisibility()")
    assert page.get_by_text("Queries: 3,000,000 instead of 100,000 (in the first month)").is_visible()
    assert not page.get_by_role("button", name="Undo my changes").is_visible()


def follow(tab, old: str):
    """Goes to an address that leads on; Tab.show would ask something of the page while it leaves."""
    tab.page.goto(tab.address + old, wait_until="commit")
    return tab.page


@browser_test
def test_the_old_address_still_opens_what_was_shared_and_where(fresh):
    page = follow(fresh("phone"), "tools/cost/?queries_per_month=3000000&ways=prompting.tuned#the-inputs")
    page.wait_for_url("**/trade-offs/cost/?queries_per_month=3000000&ways=prompting.tuned#the-inputs")
    page.locator(BUILT).first.wait_for()
    assert "A tuned model is cheapest over 24 months" in said(page)
    assert page.get_by_label("Queries in the first month").input_value() == "3000000"
    ticked = page.locator(".cost-ways input:checked").evaluate_all("boxes => boxes.map(box => box.value)")
    assert ticked == ["prompting", "tuned"]
    expect(page.locator("#the-inputs table")).to_be_visible()


@browser_test
def test_the_old_address_leads_on_without_javascript(fresh):
    page = follow(fresh("desktop", java_script_enabled=False), "tools/cost/")
    page.wait_for_url("**/trade-offs/cost/")
    expect(page.locator("main h1")).to_contain_text("Cost")


@browser_test
def test_the_way_leads_away_and_back_and_no_other_page_loads_the_tool(tool):
    page = tool(query="?months=36")
    page.locator(".md-content a[href*='scenarios']").last.click()
    page.wait_for_url("**/scenarios/**")
    page.go_back()
    page.locator(BUILT).first.wait_for()
    assert "over 36 months" in said(page)
    page.get_by_label("Queries in the first month").fill("5000000")
    assert "A tuned model is cheapest" in said(page)
    assert parse_qs(urlsplit(page.url).query) == {"months": ["36"], "queries_per_month": ["5000000"]}
    page.goto(page.url.split("trade-offs/")[0])
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [name for name in loaded if "tools/cost" in name]
