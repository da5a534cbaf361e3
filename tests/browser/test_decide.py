"""The decision tool in a real browser: it says what the reference reading of its rules says, to everybody."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import markdown
import pytest
from rung.decision import tool_answers
from rung.report import write_report

from tests.browser.fixtures import report
from tests.browser.fuzz_corpus import FIRED, fuzz_inputs, fuzz_queries
from tests.rung.cases import results_of
from tests.unit.decide_reference import ANSWERS, DATA, QUESTIONS, decide

SCENARIOS = {one["id"]: one for one in DATA["scenarios"]}
TOOL = "tools/decide/"
RESULT = ".decide-result > .tool-card .tool-result"
SENTENCE = "The address held answers that do not exist"
SMALL = """() => [...document.querySelectorAll(".decide :is(button, .tool-choice, summary, a.tool-button)")]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44).map(one => one.textContent)"""
IMPORT = "const tool = await import(new URL('../../assets/tools/decide.js', location.origin + location.pathname)); "
in_browser = pytest.mark.browser


def at(answers: dict) -> str:
    return f"{TOOL}?{urlencode(answers)}"


def name_of(design: str) -> str:
    return next(one["name"] for one in DATA["designs"] if one["id"] == design)


def choose(page, question: str, answer: str) -> None:
    page.locator(f"input[name=decide-{question}][value={answer}]").check()


def said(page) -> str:
    page.locator(RESULT).wait_for()
    return page.locator(RESULT).inner_text()


@in_browser
def test_answers_given_one_by_one_lead_to_the_result(fresh):
    page = fresh("phone").show(TOOL)
    assert said(page) == "Prompting"
    scenario = SCENARIOS["clinical"]
    for name, answer in scenario["answers"].items():
        choose(page, name, answer)
    assert said(page) == name_of("combined")
    assert page.locator(".decide-summary [role=status]").inner_text() == f"So far: {name_of('combined')}"
    assert page.url.endswith(urlencode(scenario["answers"]))
    (shown,) = decide([scenario["answers"]])
    reasons = shown["reasons"]
    text = page.locator(".decide-details").inner_text()
    shown = [rule for rule in DATA["rules"] if rule["id"] in reasons and rule["reason"] in text]
    assert len(shown) >= len(reasons) - 2  # what holds for nearly everybody is left out
    for heading in ("Reasons", "The strongest argument against", "The cheapest next experiment", "What would move you"):
        assert page.get_by_role("heading", name=heading).is_visible()
    choose(page, "sources", "unknown")
    message = page.locator("#decide-sources .decide-measure")
    assert message.is_visible() and "Measure this first" in message.inner_text()
    (result,) = decide([scenario["answers"] | {"sources": "unknown"}])
    assert result["direction"] == "combined" and result["design"] == "rag"
    assert said(page) == f"{name_of('combined')}, provisionally"
    assert name_of("rag") in page.locator(".decide-now").inner_text()
    assert page.get_by_role("heading", name=f"Before you build {name_of('combined')}").is_visible()
    links = page.locator(".decide a[href]").evaluate_all("all => [...new Set(all.map(one => one.href.split('#')[0]))]")
    assert all(page.request.get(link).ok for link in links)


@in_browser
def test_opens_with_the_answers_that_rung_measured(fresh):
    """The link of a report: its answers are filled in, the others open, and the reader can go on."""
    answers = tool_answers(results_of({"prompting": 0.2, "retrieval": 0.8}, ceiling=0.9))
    assert len(answers) > 3
    page = fresh("phone").show(at(answers))
    (result,) = decide([answers])
    assert name_of(result["direction"]) in said(page)
    assert page.locator(".decide > [role=alert]").text_content() == ""
    filled = page.locator(".decide input:checked").evaluate_all("all => all.map(one => [one.name, one.value])")
    assert {name.removeprefix("decide-"): value for name, value in filled if value != "unknown"} == answers
    choose(page, "change", "days")
    assert page.url.count("&") == len(answers)


@in_browser
def test_the_link_of_a_users_own_report_opens_with_what_was_measured(fresh, site_address, tmp_path):
    results = results_of({"prompting": 0.2, "retrieval": 0.8}, ceiling=0.9)
    case = results.case
    case.folder, case.settings = tmp_path, replace(case.settings, guide=site_address)
    write_report(results)
    tab, own = fresh("phone"), (tmp_path / "report.html").as_uri()
    page = tab.page
    page.goto(own)
    tab.found.remove(f"request to another host: {own}")  # the user's own file, which asks for nothing more
    page.get_by_role("link", name="decision tool").click()
    page.wait_for_url("**/tools/decide/?*")
    said(page)
    filled = page.locator(".decide input:checked").evaluate_all("all => all.map(one => [one.name, one.value])")
    given = {name.removeprefix("decide-"): value for name, value in filled if value != "unknown"}
    assert given == tool_answers(results) and given["paste"] == "right"
    assert page.locator(".decide > [role=alert]").text_content() == ""


@in_browser
def test_scenarios_reload_back_and_forward(fresh):
    page = fresh("desktop").show(TOOL)
    for one in DATA["scenarios"]:
        page.locator(f"[data-scenario={one['id']}]").click()
        assert said(page) == name_of(one["expect"])
        assert page.locator("[data-scenario][aria-pressed=true]").count() == 1
    for one in reversed(DATA["scenarios"][:-1]):
        page.go_back()
        page.wait_for_function(
            "text => document.querySelector('[aria-pressed=true]')?.textContent === text", arg=one["name"]
        )
        assert said(page) == name_of(one["expect"])
    page.go_forward()
    second = DATA["scenarios"][1]
    page.wait_for_function(
        "name => document.querySelector('[aria-pressed=true]')?.textContent === name", arg=second["name"]
    )
    page.reload()
    assert said(page) == name_of(second["expect"])
    assert page.locator(f"[data-scenario={second['id']}]").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Clear all").click()
    assert page.locator(".decide input:checked").count() == 0 and "?" not in page.url


@in_browser
def test_works_by_keyboard_alone(fresh):
    page = fresh("desktop").show(TOOL)
    said(page)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name === 'decide-output'"):
            break
    for answer in SCENARIOS["voice-later"]["answers"].values():
        name = page.evaluate("document.activeElement.name")
        possible = ANSWERS[name.removeprefix("decide-")]
        page.keyboard.press("Space")
        for _ in range(possible.index(answer)):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement.matches('.decide-measure a')"):
            page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "See why"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "decide-result"
    assert said(page) == name_of("tuning")


@in_browser
@pytest.mark.parametrize("device", ["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_full_and_half_answered_it_is_accessible(device, scheme, tab, picture):
    from tests.browser.chromium import TOO_WIDE, axe_problems

    clinical = SCENARIOS["clinical"]["answers"]
    problems = []
    private = {"output": "text", "fault": "facts", "knowledge": "large", "sources": "yes", "control": "permissions"}
    for answers in (clinical, private | {"prompt": "no-test-set", "paste": "right", "latency": "unknown"}):
        page = tab(device, scheme).show(at(answers))
        said(page)
        problems += page.evaluate(TOO_WIDE)
        picture(page, f"decide-{len(answers)}-{device}-{scheme}")
        page.locator(".decide-preview summary").click()
        small = page.evaluate(SMALL)
        problems += [f"lower than 44 pixels: {one}" for one in small] + axe_problems(page) + tab(device, scheme).found
    assert not problems, report(problems)


@in_browser
def test_what_is_not_yet_is_told_apart_from_what_is_ruled_out(fresh):
    answers = {"output": "text", "fault": "facts", "knowledge": "large", "sources": "yes", "prompt": "no-test-set"}
    page = fresh("desktop").show(at(answers))
    assert said(page) == "Retrieval (RAG), provisionally"
    page.wait_for_load_state("networkidle")  # the tool asks for its styles itself
    struck = "one => getComputedStyle(one.querySelector('.decide-rung-name')).textDecorationLine === 'line-through'"
    rung = page.locator(".decide-rung")
    assert rung.and_(page.locator("[data-design=tuning]")).evaluate(struck)
    assert not rung.and_(page.locator("[data-design=rag]")).evaluate(struck)
    assert "not yet: needs" in page.locator("[data-design=rag]").inner_text()
    assert page.locator("[data-design=prompting]").inner_text().endswith("what to build now")
    first = page.locator(".decide-details section", has_text="The cheapest next experiment").locator("li").first
    assert first.inner_text().startswith("Build the test set")
    choose(page, "knowledge", "given")
    assert said(page) == "Prompting"
    assert page.get_by_role("heading", name="Two answers that do not go together").is_visible()


@in_browser
def test_prints_the_answers_and_the_result_without_the_buttons(fresh):
    page = fresh("desktop", "dark").show(at(SCENARIOS["clinical"]["answers"]))
    said(page)
    page.emulate_media(media="print")
    assert page.locator(RESULT).is_visible()
    assert page.locator(".decide input:checked").first.is_visible()
    assert page.locator(".tool-choice:visible").count() == len(QUESTIONS)
    assert page.locator(".decide button:visible").count() == 0
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert 2 <= len(pages) <= 20


@in_browser
def test_moving_between_pages_mounts_it_again_and_only_there(fresh):
    page = fresh("desktop").show()
    loaded = "() => performance.getEntriesByType('resource').filter(one => one.name.includes('/assets/tools/')).length"
    assert page.evaluate(loaded) == 0, "a page without a tool loads the tools' code"
    for _ in range(2):
        page.locator(".md-tabs__link", has_text="Tools").click()
        assert said(page) == "Prompting"
        choose(page, "fault", "facts")
        assert "fault=facts" in page.url
        page.locator(".md-tabs__link", has_text="Ladder").click()
        page.wait_for_url("**/ladder/")
        page.locator(".decide").wait_for(state="detached")
    page.go_back()
    page.locator("input[name=decide-fault][value=facts]:checked").wait_for()


@in_browser
@pytest.mark.parametrize("query", ["fault=nonsense", "fault=facts&fault=form", "prompt=__proto__&fault=%FF"])
def test_malformed_address_gets_the_default_and_one_sentence(query, fresh):
    page = fresh("desktop").show(f"{TOOL}?{query}")
    assert said(page) == "Prompting"
    alert = page.locator(".decide > [role=alert]")
    assert SENTENCE in alert.inner_text()
    choose(page, "fault", "form")
    assert alert.text_content() == ""


# Safari refuses more than 100 addresses in ten seconds; no other browser throws, so this one is made to.
REFUSES = """() => {
  const write = history.replaceState.bind(history)
  window.refused = 0
  history.replaceState = () => { window.refused += 1; throw new DOMException("Too many calls.", "SecurityError") }
  window.relent = () => { history.replaceState = write }
}"""


@in_browser
def test_a_browser_that_takes_no_more_addresses_gets_the_result_and_the_next_address(fresh):
    page = fresh("desktop").show(TOOL)
    said(page)
    page.evaluate(REFUSES)
    answers = SCENARIOS["mailbox"]["answers"]
    for question, answer in answers.items():
        choose(page, question, answer)
    assert said(page) == name_of("classifier")
    assert page.evaluate("window.refused") >= len(answers)
    assert "output=" not in page.url
    page.evaluate("window.relent()")
    choose(page, "paste", "wrong")
    assert "output=label" in page.url and "paste=wrong" in page.url


@in_browser
def test_fuzzed_addresses_are_told_and_do_nothing(fresh):
    page = fresh("desktop").show(TOOL)
    said(page)
    queries = fuzz_queries(QUESTIONS)
    assert len(queries) >= 200
    wrong = page.evaluate(
        f"""async queries => {{ {IMPORT}
          const wrong = [], place = document.querySelector("[data-tool]"), start = location.pathname
          for (const query of queries) {{
            history.replaceState(history.state, "", start + "?" + query)
            await tool.mount(place)
            const text = place.innerText
            if (!text.includes("What the rules say") || /undefined|NaN|\\[object/.test(text)) wrong.push(query)
          }}
          history.replaceState(history.state, "", start)
          return wrong
        }}""",
        queries,
    )
    assert not wrong, report([query[:80] for query in wrong])
    page.wait_for_timeout(300)
    assert page.evaluate(FIRED) is None


@in_browser
def test_fuzzed_names_stay_text_in_the_record(fresh):
    page = fresh("desktop").show(at(SCENARIOS["support"]["answers"]))
    said(page)
    names = fuzz_inputs()
    records = page.evaluate(
        """names => names.map(name => {
          const field = document.querySelector("#decide-name")
          field.value = name
          field.dispatchEvent(new Event("input"))
          return document.querySelector(".decide-preview pre").textContent
        })""",
        names,
    )
    page.wait_for_timeout(300)
    assert page.evaluate(FIRED) is None
    clean = markdown.markdown(records[names.index("")])
    tags = sorted(re.findall(r"<\w+", clean))
    for name, text in zip(names, records, strict=True):
        html = markdown.markdown(text)
        assert sorted(re.findall(r"<\w+", html)) == tags, f"{name[:60]!r} became markup: {html[:200]}"
        assert len(text) < 20_000


@in_browser
def test_record_is_copied_and_downloaded(fresh):
    page = fresh("desktop").show(at(SCENARIOS["support"]["answers"]))
    said(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#decide-name").fill("The *new* bot")
    page.get_by_role("button", name="Copy the record").click()
    page.get_by_text("Copied.").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("# Decision: Retrieval (RAG), for The \\*new\\* bot\n")
    for part in ("Context", "Options", "Decision", "Reasons", "Evidence to collect"):
        assert f"\n## {part}\n" in text
    assert re.search(r"^- Review: 20\d\d-\d\d-\d\d \(each quarter\)$", text, re.MULTILINE)
    assert page.url in text
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download it").click()
    assert waiting.value.suggested_filename == "decision-rag.md"
    assert Path(waiting.value.path()).read_text("utf-8") == text
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    page.get_by_role("button", name="Copy the record").click()
    page.get_by_text("the record is selected below").wait_for()
    assert page.evaluate("getSelection().toString()").startswith("# Decision")
