"""The decision ladder: its rules keep their promises over every set of answers, and the page says what they say."""

import json
import random
import re
from functools import cache
from itertools import combinations
from pathlib import Path
from urllib.parse import urlencode

import markdown
import numpy as np
import pytest

from scripts.pages.decide import ANSWERS, DATA, DESIGNS, PAGE, RUNGS, decide, one_answer_away, page_with, render
from scripts.pages.ledger import claims
from scripts.paths import DOCS, RESULTS, source_of
from tests.browser.fixtures import is_marked, mark, report
from tests.browser.fuzz_corpus import FIRED, fuzz_inputs, fuzz_queries

QUESTIONS = list(ANSWERS)
EVERYTHING = int(np.prod([len(possible) for possible in ANSWERS.values()]))
SCENARIOS = {one["id"]: one for one in DATA["scenarios"]}
OWN_MODEL = {
    "fault": "domain", "knowledge": "given", "change": "seldom", "sources": "no", "control": "neither",
    "latency": "relaxed", "volume": "middle", "examples": "corpus", "team": "research", "prompt": "short",
    "paste": "wrong", "tuned": "short",
}  # fmt: skip
each_scenario = pytest.mark.parametrize("scenario", DATA["scenarios"], ids=SCENARIOS)


# Every set of answers at once: an array with one axis for each question.


def where(name: str, those: list[str]) -> np.ndarray:
    """True where a question has one of these answers, in a shape that fits the array of all sets."""
    shape = [1] * len(QUESTIONS)
    shape[QUESTIONS.index(name)] = len(ANSWERS[name])
    return np.array([answer in those for answer in ANSWERS[name]]).reshape(shape)


def fires(rule: dict) -> np.ndarray:
    """True where a rule fires, in a shape that fits."""
    fired = np.zeros([1] * len(QUESTIONS), bool)
    for clause in rule["when"]:
        both = np.ones([1] * len(QUESTIONS), bool)
        for name, those in clause.items():
            both = both & where(name, those)
        fired = fired | both
    return fired


@cache
def every() -> tuple[np.ndarray, np.ndarray]:
    """For every set of answers the number of the recommended design, and whether a rule speaks for it."""
    shape = [len(possible) for possible in ANSWERS.values()]
    best = np.full(shape, 255, np.uint8)
    for number, design in enumerate(DESIGNS):
        score = np.full(shape, number, np.uint8)  # needs left open, then the place in the list
        for rule in DATA["rules"]:
            if rule["kind"] == "need" and design in rule["designs"]:
                score += fires(rule) * np.uint8(8)
        barred = np.zeros(shape, bool)
        for rule in DATA["rules"]:
            if rule["kind"] == "bar" and design in rule["designs"]:
                barred |= fires(rule)
        score[barred] = 255
        np.minimum(best, score, out=best)
    assert best.max() < 255, "some set of answers leaves nothing to recommend"
    best &= 7
    reason = np.zeros(shape, bool)
    for number, design in enumerate(DESIGNS):
        speaks = np.zeros(shape, bool)
        for rule in DATA["rules"]:
            if design not in rule["designs"]:
                speaks |= fires(rule)
        reason |= speaks & (best == number)
    return best, reason


def given(**answers: str | list[str]) -> np.ndarray:
    """The recommended designs where questions have these answers."""
    best = every()[0]
    for name, those in answers.items():
        wanted = [those] if isinstance(those, str) else those
        best = best.take([ANSWERS[name].index(one) for one in wanted], axis=QUESTIONS.index(name))
    return best


def numbers(*designs: str) -> list[int]:
    return [DESIGNS.index(design) for design in designs]


RUNG_OF = np.array([RUNGS[design] for design in DESIGNS], np.uint8)


@cache
def near_the_scenarios(count: int = 10_000) -> list[dict]:
    """Sets of answers that differ from a scenario, or from the case for a model of one's own, in a few places."""
    chance = random.Random(5)
    starts = [one["answers"] for one in DATA["scenarios"]] + [OWN_MODEL]
    made = []
    for _ in range(count):
        answers = dict(chance.choice(starts))
        for name in chance.sample(QUESTIONS, chance.randint(0, 6)):
            answers[name] = chance.choice(ANSWERS[name])
        made.append(answers)
    return made


@cache
def anywhere(count: int = 10_000) -> list[dict]:
    """Sets of answers drawn at random; about one question in twenty is left open."""
    chance = random.Random(7)
    return [
        {name: chance.choice(possible) for name, possible in ANSWERS.items() if chance.random() > 0.05}
        for _ in range(count)
    ]


@cache
def decided() -> list[tuple[dict, dict]]:
    """Both samples, each set with what the reference makes of it."""
    return [(answers, decide(answers)) for answers in [*near_the_scenarios(), *anywhere()]]


# What the rules promise.


def test_every_set_of_answers_has_a_recommendation_and_a_reason():
    best, reason = every()
    assert best.size == EVERYTHING
    assert f"{EVERYTHING:,} sets of answers" in PAGE.read_text("utf-8"), f"the page must say {EVERYTHING:,}"
    assert reason.all(), f"{(~reason).sum()} sets of answers have no reason"
    assert set(np.unique(best)) == set(range(len(DESIGNS))), "some design is never recommended"


def test_the_array_of_all_says_what_the_reference_says():
    best = every()[0]
    for answers, result in decided():
        place = tuple(possible.index(answers.get(name, "unknown")) for name, possible in ANSWERS.items())
        assert DESIGNS[best[place]] == result["design"], answers


def test_nothing_above_prompting_before_prompting_was_measured():
    assert (given(prompt=["untried", "impression", "unknown"]) == 0).all()


def test_nothing_above_prompting_where_it_is_good_enough():
    assert (given(prompt="enough") == 0).all()


def test_never_tuning_for_facts_that_change():
    found = given(fault=["facts", "both"], change=["months", "days"])
    assert not np.isin(found, numbers("tuning", "custom")).any()


@pytest.mark.parametrize(
    "answers", [{"sources": "yes"}, {"control": ["permissions", "deletion", "both"]}], ids=["cite", "hide or forget"]
)
def test_what_weights_cannot_do_never_leads_to_weights_alone(answers):
    assert not np.isin(given(**answers), numbers("tuning", "custom")).any()


# From weaker to stronger evidence for a rung. How well a rung does is not known where it was not measured; then it
# stands between. "No better than the prompt" may be a run done badly, "better, and still far" was done well: tuning
# that falls short in either way is compared with tuning that works, not one way with the other.
STRONGER = [
    ("prompt", 1, worse, better)
    for worse, better in [
        *[("short", one) for one in ("untried", "impression", "unknown", "enough")],
        *[(one, "enough") for one in ("untried", "impression", "unknown")],
    ]
]
STRONGER += [("paste", 2, "wrong", better) for better in ("untried", "unknown", "right")]
STRONGER += [("paste", 2, worse, "right") for worse in ("untried", "unknown")]
STRONGER += [("tuned", 3, worse, "beats") for worse in ("worse", "short", "untried", "unknown")]


@pytest.mark.parametrize(("question", "rung", "worse", "better"), STRONGER)
def test_better_evidence_for_a_rung_never_raises_the_recommendation_above_it(question, rung, worse, better):
    before, after = (RUNG_OF[given(**{question: one})] for one in (worse, better))
    assert (after <= np.maximum(before, rung)).all()


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_rung_is_reached_by_not_knowing(question):
    known = [one for one in ANSWERS[question] if one != "unknown"]
    highest = RUNG_OF[given(**{question: known})].max(axis=QUESTIONS.index(question), keepdims=True)
    assert (RUNG_OF[given(**{question: "unknown"})] <= highest).all()


def test_ties_go_to_the_simpler_design():
    ties = 0
    for answers, result in decided():
        place = DESIGNS.index(result["design"])
        for other, design in enumerate(DESIGNS):
            if design not in result["barred"]:
                more = result["open"][other] - result["open"][place]
                ties += more == 0 and other > place
                assert more > 0 or (more == 0 and other >= place), answers
    assert ties > 1000


def test_prompting_is_never_ruled_out():
    assert not [rule["id"] for rule in DATA["rules"] if rule["kind"] == "bar" and "prompting" in rule["designs"]]


@pytest.mark.parametrize("rule", DATA["rules"], ids=lambda rule: rule["id"])
def test_rule_can_fire_and_decides_some_case(rule):
    others = [one for one in DATA["rules"] if one is not rule]
    fired = [(answers, result) for answers, result in decided() if rule["id"] in result["fired"]]
    assert fired, "it never fires"
    if rule["id"] == "nothing-to-find":
        return  # the tie goes to prompting without it: it is there to say why rung 2 is skipped
    assert any(result["design"] != decide(answers, others)["design"] for answers, result in fired), (
        "the recommendation is the same without it: it may be dropped"
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_makes_a_difference(question):
    for one, other in combinations([answer for answer in ANSWERS[question] if answer != "unknown"], 2):
        assert any(
            decide(answers | {question: one}) != decide(answers | {question: other})
            for answers in near_the_scenarios(4000)
        ), f"“{one}” and “{other}” lead to the same page, whatever the rest"


@pytest.mark.parametrize("kind", ["against", "experiments"])
def test_every_argument_and_experiment_is_shown_in_some_case(kind):
    name = {"against": "against", "experiments": "experiment"}[kind]
    shown = {result[name] for _, result in decided()}
    assert shown == set(range(len(DATA[kind]))), f"never shown: {set(range(len(DATA[kind]))) - shown}"


@each_scenario
def test_scenario_comes_out_as_its_text_says(scenario):
    assert list(scenario["answers"]) == QUESTIONS
    assert decide(scenario["answers"])["design"] == scenario["expect"]


def test_scenarios_are_those_of_the_guide_and_say_what_it_says():
    words = {"prompting": "prompt", "rag": "retrieval", "tuning": "fine-tuning", "combined": "combined"}
    text = (DOCS / "ladder" / "scenarios.md").read_text("utf-8")
    rows = re.findall(r"^\| \[.+?\]\(#([\w-]+)\) \| (.+?) \|", text, re.MULTILINE)
    assert [section for section, _ in rows] == list(dict.fromkeys(one["section"] for one in DATA["scenarios"]))
    for section, says in rows:
        path = [words[one["expect"]] for one in DATA["scenarios"] if one["section"] == section]
        assert re.search(".*".join(path), says), f"the text says “{says}”, the rules {path}"
        assert len(path) == 1 + says.count(";"), f"“{says}” has another number of steps than {path}"


# The data leads to evidence that is there.


def entries() -> list[dict]:
    return [*DATA["rules"], *DATA["experiments"], *(question["measure"] for question in DATA["questions"])]


def test_ids_are_unique_and_conditions_name_answers():
    for one in (DATA["rules"], DATA["questions"], DATA["designs"], DATA["scenarios"]):
        assert len({each["id"] for each in one}) == len(one)
    for entry in [*DATA["rules"], *DATA["against"], *DATA["experiments"], *DATA["reviews"]]:
        for clause in entry["when"]:
            for name, those in clause.items():
                assert set(those) <= set(ANSWERS[name]), entry
        assert set(entry.get("designs", [])) <= set(DESIGNS), entry


def test_every_question_can_be_answered_with_i_dont_know():
    assert all(possible[-1] == "unknown" for possible in ANSWERS.values())
    assert all(question["measure"]["program"] for question in DATA["questions"])
    assert 8 <= len(QUESTIONS) <= 12


def test_rules_name_claims_pages_and_programs_that_exist(site):
    known = {claim["id"] for claim in claims()}
    assert not [rule["id"] for rule in DATA["rules"] if rule["claim"] not in known]
    for entry in [*entries(), *DATA["designs"]]:
        file, _, section = entry["page"].partition("#")
        built = site / re.sub(r"(^|/)index/$", r"\1", file.removesuffix(".md") + "/") / "index.html"
        assert built.exists(), f"{file} is not there"
        assert not section or f'id="{section}"' in built.read_text("utf-8"), f"{entry['page']}: no such section"
        if entry.get("program"):
            assert source_of(entry["program"]).exists(), f"{entry['program']} is not there"


def test_the_pages_tables_are_made_from_the_rules():
    assert PAGE.read_text("utf-8") == page_with(render()), (
        "docs/tools/decide.md is not what rules.json says: run `.venv/bin/python -m scripts.pages.decide`."
    )


# The page, in a real browser.

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
def test_page_and_reference_agree(tab):
    page = tab("desktop").show(TOOL)
    sample = [answers for answers, _ in decided()]  # as text: Playwright takes minutes over so many objects
    found = page.evaluate(
        f"async sample => {{ {IMPORT} const data = await tool.loadRules();"
        " return JSON.stringify(JSON.parse(sample).map(answers => tool.decide(data, answers))) }",
        json.dumps(sample),
    )
    found = json.loads(found)
    assert len(found) == len(sample) >= 20_000
    for (answers, expected), result in zip(decided(), found, strict=True):
        assert result == expected, answers
    found = page.evaluate(
        f"async sample => {{ {IMPORT} const data = await tool.loadRules();"
        " return sample.map(answers => tool.oneAnswerAway(data, answers)) }",
        sample[:300],
    )
    for answers, away in zip(sample[:300], found, strict=True):
        assert [tuple(one) for one in away] == list(one_answer_away(answers)), answers


@in_browser
def test_answers_given_one_by_one_lead_to_the_result(fresh):
    page = fresh("phone").show(TOOL)
    assert said(page) == "Prompting"
    scenario = SCENARIOS["clinical"]
    for name, answer in scenario["answers"].items():
        choose(page, name, answer)
    assert said(page) == name_of("combined")
    assert page.get_by_role("status").first.inner_text() == f"So far: {name_of('combined')}"
    assert page.url.endswith(urlencode(scenario["answers"]))
    reasons = decide(scenario["answers"])["reasons"]
    text = page.locator(".decide-details").inner_text()
    shown = [rule for rule in DATA["rules"] if rule["id"] in reasons and rule["reason"] in text]
    assert len(shown) >= len(reasons) - 1  # what holds for nearly everybody is left out
    for heading in ("Reasons", "The strongest argument against", "The cheapest next experiment", "What would move you"):
        assert page.get_by_role("heading", name=heading).is_visible()
    choose(page, "sources", "unknown")
    message = page.locator("#decide-sources .decide-measure")
    assert message.is_visible() and "Measure this first" in message.inner_text()
    assert said(page) == name_of(decide(scenario["answers"] | {"sources": "unknown"})["design"])
    links = page.locator(".decide a[href]").evaluate_all("all => [...new Set(all.map(one => one.href.split('#')[0]))]")
    assert all(page.request.get(link).ok for link in links)


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
    page.wait_for_function("document.querySelector('[aria-pressed=true]')?.textContent === 'Contract review'")
    page.reload()
    assert said(page) == name_of("prompting")
    assert page.locator("[data-scenario=contracts]").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Clear all").click()
    assert page.locator(".decide input:checked").count() == 0 and "?" not in page.url


@in_browser
def test_works_by_keyboard_alone(fresh):
    page = fresh("desktop").show(TOOL)
    said(page)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name === 'decide-fault'"):
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
def test_full_and_half_answered_it_is_accessible(device, scheme, tab):
    from tests.browser.chromium import TOO_WIDE, axe_problems, picture

    clinical = SCENARIOS["clinical"]["answers"]
    problems = []
    for answers in (clinical, dict(list(clinical.items())[:5]) | {"sources": "unknown"}):
        page = tab(device, scheme).show(at(answers))
        said(page)
        problems += page.evaluate(TOO_WIDE)
        picture(page, RESULTS / "screenshots" / f"decide-{len(answers)}-{device}-{scheme}.jpg")
        page.locator(".decide-preview summary").click()
        small = page.evaluate(SMALL)
        problems += [f"lower than 44 pixels: {one}" for one in small] + axe_problems(page) + tab(device, scheme).found
    assert not problems, report(problems)


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
    mark(page)
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
    assert is_marked(page)


@in_browser
@pytest.mark.parametrize("query", ["fault=nonsense", "fault=facts&fault=form", "prompt=__proto__&fault=%FF"])
def test_malformed_address_gets_the_default_and_one_sentence(query, fresh):
    page = fresh("desktop").show(f"{TOOL}?{query}")
    assert said(page) == "Prompting"
    alert = page.locator(".decide > [role=alert]")
    assert SENTENCE in alert.inner_text()
    choose(page, "fault", "form")
    assert alert.text_content() == ""


@in_browser
def test_hostile_addresses_are_told_and_do_nothing(fresh):
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
def test_hostile_names_stay_text_in_the_record(fresh):
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
