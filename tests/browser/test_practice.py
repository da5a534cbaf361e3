"""The mock interview in a real browser: everybody can use it, and it keeps what they judged."""

import json
import re
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from scripts.pages.practice import everything, practice
from tests.browser.chromium import SCHEMES, TEXT, TOO_WIDE, axe_problems
from tests.browser.fixtures import report
from tests.browser.fuzz_corpus import FIRED, fuzz_inputs, fuzz_queries

READ = practice()
EVERYTHING = everything()
PAGE = "tools/practice/"
BUILT = ".practice-question"
STORE = "prompt-retrieve-tune.practice"
DAY = 24 * 60 * 60 * 1000
in_browser = pytest.mark.browser


def spoken(text: str) -> list[str]:
    """The words of an answer, its links' addresses aside."""
    return re.sub(r"\]\([^)]*\)", "", text).split()


MEANING_SCORE = """
let loaded = false
export const available = async () => (READY)
export async function load(onProgress) { onProgress({ done: 1, total: 2 }); loaded = true }
export const unload = () => {}
export async function score(answer, points) {
  if (!loaded) throw new Error("not loaded")
  const verdicts = ["covered", "missed", "unsure"]
  return points.map(({ id }, index) => ({ id, similarity: 0.5, verdict: verdicts[index % 3], sentence: answer }))
}
"""


def asked(page) -> str:
    """The id of the prompt in the address."""
    return parse_qs(urlsplit(page.url).query)["prompt"][0]


def wait_for_prompt(page, prompt: str) -> None:
    """Wait until the address names a prompt: it follows a step back or forward a moment later."""
    page.wait_for_function("id => new URLSearchParams(location.search).get('prompt') === id", arg=prompt)


def prompt_of(page) -> dict:
    """The prompt that is open."""
    return next(prompt for prompt in EVERYTHING if prompt["id"] == asked(page))


def press(page, name: str) -> None:
    """Press a button by its words."""
    page.get_by_role("button", name=name, exact=True).click()


def show_rubric(page) -> None:
    """Ask for the rubric, and wait until it is there."""
    press(page, "Show the rubric")
    page.locator(".practice-result").wait_for()


def judge(page, *verdicts: bool) -> None:
    """Say of each point, in order, whether it was said."""
    for index, said in enumerate(verdicts):
        row = page.locator(".practice-point").nth(index)
        row.get_by_label("I said it" if said else "I left it out").check()


def stored(page) -> dict:
    """Progress as it is kept."""
    return json.loads(page.evaluate(f"localStorage.getItem('{STORE}')") or '{"points": {}}')["points"]


def progress_of(prompt: dict, box: int, at: float) -> dict:
    """Progress in which all points of a prompt lie in one box."""
    return {f"{prompt['id']}/{point['id']}": {"box": box, "at": at} for point in prompt["rubric"]}


def keep(page, points: dict) -> None:
    """Put progress into storage."""
    page.evaluate(
        "([key, text]) => localStorage.setItem(key, text)", [STORE, json.dumps({"version": 1, "points": points})]
    )


@in_browser
def test_a_round_from_question_to_next_probe(tool):
    page = tool()
    prompt = prompt_of(page)
    assert page.locator(".practice-question").inner_text() == prompt["prompt"]
    assert page.locator(".practice-clock").inner_text() == "2:00"
    page.get_by_label("Your answer").fill("First I would ask what is wrong with the answers today.")
    assert "10 words" in page.locator("#practice-answer-note").inner_text().replace("11", "10")
    assert not page.locator(".practice-result").is_visible()
    show_rubric(page)
    assert page.locator(".practice-point legend").all_inner_texts() == [point["point"] for point in prompt["rubric"]]
    assert page.evaluate("document.activeElement.textContent") == "Which of these did you say?"
    judge(page, True, False)
    left = len(prompt["rubric"]) - 2
    assert page.locator(".practice-sum").inner_text() == f"1 said, 1 left out, {left} still to judge."
    judge(page, *[True] * len(prompt["rubric"]))
    assert page.locator(".practice-sum").inner_text().startswith(f"All {len(prompt['rubric'])} points said.")
    strong = page.locator(".practice-strong")
    assert spoken(prompt["answer"].replace("[", ""))[:12] == strong.inner_text().split()[:12]
    for link in strong.locator("a").all() + page.locator(".practice-links a").all():
        assert page.request.get(link.get_attribute("href")).ok
    page.get_by_text("What to answer").click()
    assert page.locator("[data-part=more] p").is_visible()
    before = asked(page)
    press(page, "Next prompt")
    assert asked(page) != before
    assert page.evaluate("document.activeElement.className") == "practice-question"
    assert page.get_by_label("Your answer").input_value() == ""


@in_browser
def test_the_clock_runs_pauses_and_speaks_politely(fresh, tool):
    tab = fresh("desktop")
    page = tab.context.pages[0]
    page.clock.install(time=datetime(2030, 1, 1, 9))
    tool(tab)
    # Otherwise real time runs on, and is added to what the test lets pass.
    page.clock.pause_at(datetime(2030, 1, 1, 10))
    face, spoken_aloud = page.locator(".practice-clock"), page.locator(".practice > [role=status]")
    press(page, "Start the clock")
    page.clock.run_for(30_000)
    assert face.inner_text() == "1:30"
    press(page, "Pause")
    page.clock.run_for(60_000)
    assert face.inner_text() == "1:30"
    assert spoken_aloud.inner_text() == "Paused with 1:30 left."
    press(page, "Go on")
    page.clock.run_for(31_000)
    assert spoken_aloud.inner_text() == "One minute left."
    page.clock.run_for(60_000)
    assert face.inner_text() == "+0:01"
    assert spoken_aloud.inner_text().startswith("Two minutes are over.")
    press(page, "Back to 2:00")
    assert face.inner_text() == "2:00"
    page.clock.run_for(5000)
    assert face.inner_text() == "2:00"
    assert page.evaluate(
        "[...document.querySelectorAll('.practice *')].every(e => getComputedStyle(e).animationName === 'none')"
    )


@in_browser
def test_the_drill_has_the_four_rungs_and_their_reasons(tool):
    page = tool()
    press(page, "Drill the ladder")
    assert asked(page) == "ladder"
    show_rubric(page)
    legends = page.locator(".practice-point legend").all_inner_texts()
    assert sum(legend.startswith("Rung ") for legend in legends) == 4
    assert len(legends) == 8


@in_browser
def test_by_keyboard_alone(tool):
    page = tool()
    page.locator(".practice-question").focus()
    prompt = prompt_of(page)

    def tab_to(script: str) -> None:
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate(f"(() => {{ const at = document.activeElement; return {script} }})()"):
                return
        pytest.fail(f"Tab does not reach {script}")

    tab_to("at.textContent === 'Start the clock'")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Pause"
    tab_to("at.id === 'practice-answer'")
    page.keyboard.type("I would retrieve first.")
    tab_to("at.textContent === 'Show the rubric'")
    page.keyboard.press("Space")
    for index in range(len(prompt["rubric"])):
        tab_to(f"at.name === 'practice-point-{index}'")
        page.keyboard.press("ArrowRight" if index else "Space")
    assert sorted(kept["box"] for kept in stored(page).values()) == [1] * (len(prompt["rubric"]) - 1) + [2]
    tab_to("at.textContent === 'Next prompt'")
    page.keyboard.press("Enter")
    assert asked(page) != prompt["id"]


@in_browser
@pytest.mark.parametrize(("device", "scheme"), [*zip(["phone", "desktop"], SCHEMES, strict=True)])
def test_with_everything_open_it_fits_and_passes_axe(device, scheme, fresh, tool):
    tab = fresh(device, scheme)
    page = tool(tab, "?prompt=scenario-clinical-notes")
    page.get_by_label("Your answer").fill("An answer. " * 30)
    show_rubric(page)
    judge(page, True, False)
    for summary in page.locator(".practice summary").all():
        summary.click()
    press(page, "Erase")
    problems = page.evaluate(TOO_WIDE)
    small = """() => [...document.querySelector('.practice').querySelectorAll('button, select, summary, .tool-choice')]
      .filter(one => !one.matches('.practice-link'))
      .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
      .map(one => `too small for a finger: ${one.outerHTML.slice(0, 80)}`)"""
    problems += page.evaluate(small)
    problems += axe_problems(page)
    assert not problems, report(problems)


@in_browser
def test_the_address_says_which_prompt_and_back_and_reload_keep_it(tool):
    page = tool(query="?prompt=pricing&kind=follow-up&level=3")
    assert asked(page) == "pricing"
    page.get_by_label("Your answer").fill("Per answered question.")
    show_rubric(page)
    judge(page, True, False)
    page.reload()
    page.locator(".practice-result").wait_for()
    assert page.get_by_label("Your answer").input_value() == "Per answered question."
    assert page.locator(".practice-sum").inner_text().startswith("1 said, 1 left out")
    page.get_by_text("Choose: Follow-up, Hard").click()
    page.get_by_label("Level").select_option("1")
    first = asked(page)
    assert next(one for one in READ["prompts"] if one["id"] == first)["level"] == 1
    page.get_by_label("Prompt", exact=True).select_option("permissions")
    assert asked(page) == "permissions"
    page.go_back()
    wait_for_prompt(page, first)
    shown = next(one["prompt"] for one in READ["prompts"] if one["id"] == first)
    expect(page.locator(".practice-question")).to_have_text(shown, use_inner_text=True)
    page.go_back()
    wait_for_prompt(page, "pricing")
    expect(page.locator(".practice-sum")).to_have_text(re.compile("^1 said, 1 left out"))
    page.go_forward()
    wait_for_prompt(page, first)


@in_browser
def test_what_was_begun_is_there_on_the_way_back(fresh, tool):
    tab = fresh("desktop")
    page = tool(tab, "?prompt=permissions")
    press(page, "Start the clock")
    page.locator(".md-tabs__link", has_text="Ladder").click()
    page.wait_for_url("**/ladder/")
    page.locator("main h1", has_text="The ladder").wait_for()
    assert not page.locator(".practice").count()
    page.go_back()
    page.locator(".practice-question").wait_for()
    wait_for_prompt(page, "permissions")
    show_rubric(page)
    page.locator(".practice-strong a").first.click()
    page.wait_for_url("**/trade-offs/trust/**")
    page.go_back()
    page.locator(".practice-strong").wait_for()
    expect(page.locator(".practice")).to_have_count(1)


@in_browser
def test_what_was_left_out_comes_back_first(tool):
    page = tool(query="?prompt=permissions")
    now = page.evaluate("Date.now()")
    named = {prompt["id"]: prompt for prompt in EVERYTHING}
    points = progress_of(named["permissions"], 5, now) | progress_of(named["pricing"], 2, now - 2 * DAY)
    points |= progress_of(named["mistake-judge"], 1, now - DAY) | progress_of(named["after-launch"], 1, now)
    keep(page, points)
    page.goto(page.url.partition("?")[0])
    page.locator(".practice-question").wait_for()
    assert asked(page) == "mistake-judge", "the prompt most in need is not first"
    assert "left out every point" in page.locator(".practice-came").inner_text()
    press(page, "Another prompt")
    assert asked(page) == "pricing", "then what else is due"
    press(page, "Another prompt")
    assert asked(page) not in named.keys() & {"permissions", "pricing", "mistake-judge", "after-launch"}, (
        "then what is new"
    )
    everything_known = {}
    for prompt in READ["prompts"]:
        everything_known |= progress_of(prompt, 3, now)
    keep(page, everything_known | progress_of(named["long-context"], 2, now))
    page.goto(page.url.partition("?")[0])
    page.locator(".practice-question").wait_for()
    assert asked(page) == "long-context", "then what is due soonest"


@in_browser
def test_boxes_go_up_one_and_back_to_the_first(tool):
    page = tool(query="?prompt=permissions")
    prompt = prompt_of(page)
    keep(page, progress_of(prompt, 4, 1))
    page.reload()
    page.locator(".practice-question").wait_for()
    show_rubric(page)
    judge(page, True, False)
    judge(page, False, True)
    judge(page, True, False)  # a changed mind counts once
    boxes = [stored(page)[f"permissions/{point['id']}"]["box"] for point in prompt["rubric"]]
    assert boxes == [5, 1] + [4] * (len(prompt["rubric"]) - 2)


@in_browser
def test_the_drill_counts_as_tried(tool):
    drill = READ["drill"]
    page = tool(query=f"?prompt={drill['id']}")
    assert page.locator(".practice-question").inner_text() == drill["prompt"]
    show_rubric(page)
    judge(page, True)
    assert [*stored(page)] == [f"{drill['id']}/{drill['rubric'][0]['id']}"]
    assert f"1 of {len(READ['prompts']) + 1} prompts tried" in page.locator(".practice-standing").inner_text()


@in_browser
def test_progress_survives_reload_export_import_and_is_erased(tool, tmp_path):
    page = tool(query="?prompt=permissions")
    show_rubric(page)
    judge(page, True, False)
    page.reload()
    page.get_by_text(f"1 of {len(READ['prompts']) + 1} prompts tried").wait_for()
    page.locator("summary", has_text="Your progress").click()
    with page.expect_download() as waiting:
        press(page, "Export")
    file = tmp_path / "progress.json"
    waiting.value.save_as(file)
    assert {kept["box"] for kept in json.loads(file.read_text(encoding="utf-8"))["points"].values()} == {1, 2}
    press(page, "Erase")
    press(page, "Keep it")
    assert len(stored(page)) == 2
    press(page, "Erase")
    press(page, "Erase all of it")
    page.get_by_text("Erased.").wait_for()
    left = page.evaluate(
        "[...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter(key => key.includes('practice'))"
    )
    assert not left, f"still there: {left}"
    assert f"0 of {len(READ['prompts']) + 1}" in page.locator(".practice-standing").inner_text()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("2 points imported").wait_for()
    assert len(stored(page)) == 2
    page.reload()
    page.get_by_text(f"1 of {len(READ['prompts']) + 1} prompts tried").wait_for()


@in_browser
def test_it_works_where_nothing_may_be_kept(fresh):
    tab = fresh("desktop")
    tab.context.add_init_script("""for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError") } })""")
    page = tab.page
    page.goto(tab.address + PAGE)
    tab.found.clear()  # the theme itself wants storage; only what the tool does is asked here
    page.evaluate("""async () => {
      const tool = await import(new URL("../../assets/tools/practice.js", location).href)
      await tool.mount(document.querySelector("[data-tool]"))
    }""")
    page.locator(".practice-question").wait_for()
    show_rubric(page)
    judge(page, True, False)
    assert page.locator(".practice-sum").inner_text().startswith("1 said")
    page.locator("summary", has_text="Your progress").click()
    page.get_by_text("This browser keeps nothing for this page").wait_for()
    assert not tab.found, report(tab.found)


@in_browser
@pytest.mark.parametrize("ready", [True, False])
def test_comparing_is_asked_for_told_and_never_judges(ready, fresh, tool):
    state = {"ready": ready, "bytes": 36_900_000, "reason": "" if ready else "This copy was built without it."}
    tab, asked_for = fresh("desktop"), []

    def answer(route):
        asked_for.append(route.request.url)
        route.fulfill(body=MEANING_SCORE.replace("READY", json.dumps(state)), content_type="text/javascript")

    tab.context.route("**/meaning_score.js", answer)
    page = tool(tab, "?prompt=permissions")
    show_rubric(page)
    assert not page.locator(".practice-compare").is_visible(), "there is nothing to compare"
    page.get_by_label("Your answer").fill("I filter in the search. <img src=x onerror=window.fuzzed=1>")
    assert not asked_for, "fetched before the reader asked"
    press(page, "Compare my words with the rubric")
    words = page.locator(".practice-compare [role=status]")
    if not ready:
        page.get_by_text("This copy was built without it. You score yourself.").wait_for()
        return
    page.get_by_text("37 MB, and keeps it on your device").wait_for()
    press(page, "No, I score myself")
    assert words.inner_text() == "You score yourself."
    press(page, "Compare my words with the rubric")
    press(page, "Fetch 37 MB and go on")
    words.filter(has_text="2 spoken of, 2 not found, 1 unclear.").wait_for()
    assert "You: “I filter in the search. <img src=x onerror=" in page.locator(".practice-point").first.inner_text()
    assert not page.locator(".practice-point :checked").count(), "the comparison has judged for the reader"
    assert not stored(page)
    assert page.evaluate(FIRED) is None


@in_browser
def test_a_comparison_that_loads_for_ever_is_cancelled(fresh, tool):
    tab = fresh("desktop")
    state = json.dumps({"ready": True, "bytes": 36_900_000, "reason": "", "kept": True})
    body = MEANING_SCORE.replace("READY", state).replace("loaded = true", "await new Promise(() => {})")
    tab.context.route("**/meaning_score.js", lambda route: route.fulfill(body=body, content_type="text/javascript"))
    page = tool(tab, "?prompt=permissions")
    page.get_by_label("Your answer").fill("I filter in the search.")
    show_rubric(page)
    press(page, "Compare my words with the rubric")
    press(page, "Cancel")
    page.get_by_text("Cancelled. What was fetched whole is kept. You score yourself.").wait_for()
    assert page.get_by_role("button", name="Compare my words with the rubric").is_enabled()


@in_browser
@pytest.mark.parametrize("fault", ["absent", "breaks", "lies"])
def test_a_failing_comparison_leaves_self_scoring(fault, fresh, tool):
    tab = fresh("desktop")
    bodies = {
        "breaks": "export const available = () => Promise.reject(new TypeError('boom'))",
        "lies": "export const available = async () => null",
    }
    bodies = {name: f"{body}\nexport const unload = () => {{}}" for name, body in bodies.items()}
    if fault == "absent":
        tab.context.route("**/meaning_score.js", lambda route: route.abort())
    else:
        tab.context.route(
            "**/meaning_score.js", lambda route: route.fulfill(body=bodies[fault], content_type="text/javascript")
        )
    page = tool(tab, "?prompt=permissions")
    page.get_by_label("Your answer").fill("I filter in the search.")
    show_rubric(page)
    press(page, "Compare my words with the rubric")
    page.get_by_text("You score yourself.").wait_for()
    judge(page, True)
    assert page.locator(".practice-sum").inner_text().startswith("1 said")
    tab.found[:] = [one for one in tab.found if "meaning_score.js" not in one]


@in_browser
def test_printed_it_is_the_prompt_with_its_rubric_and_answer(tool):
    page = tool(query="?prompt=permissions")
    page.get_by_label("Your answer").fill("I filter in the search.")
    show_rubric(page)
    judge(page, True, False)
    page.emulate_media(media="print")
    for part in (".practice-question", ".practice-strong", ".practice-point >> nth=3", ".practice-probe", "textarea"):
        assert page.locator(part).first.is_visible(), f"{part} is not printed"
    for part in (".practice button", ".practice-timer", ".practice-filters", "#all ~ p", ".practice-compare"):
        for one in page.locator(part).all():
            assert not one.is_visible(), f"{part} is printed"
    assert page.locator(".practice .tool-choice:visible").all_inner_texts() == ["I said it", "I left it out"]
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) < 10


@in_browser
def test_without_javascript_all_prompts_are_there_as_text(tab):
    page = tab("phone", java_script=False).show(PAGE)
    assert not page.locator("[data-tool] :is(button, textarea)").count()
    page.locator("#all ~ p a", has_text="as text").click()
    page.wait_for_url("**/tools/prompts/")
    assert page.locator(".practice-static > summary").all_inner_texts() == [
        prompt["prompt"] for prompt in [EVERYTHING[0], *sorted(READ["prompts"], key=by_kind)]
    ]
    for name in ("permissions", "defend-lora"):
        page.locator(f"#{name} > summary").click()
        text = page.locator(f"#{name}").inner_text()
        prompt = next(one for one in EVERYTHING if one["id"] == name)
        for point in prompt["rubric"]:
            assert point["point"] in text
    assert prompt["answer"].splitlines()[-1] in text, "a strong answer that no other page has is here"
    page.locator("#permissions a", has_text="A strong answer").click()
    page.wait_for_url("**/interview/follow-ups/#permissions")
    assert page.evaluate(TEXT)


def by_kind(prompt: dict) -> int:
    """Where its kind stands on the page."""
    return [kind["id"] for kind in READ["kinds"]].index(prompt["kind"])


@in_browser
def test_fuzzed_answers_do_nothing(tool):
    page = tool(query="?prompt=permissions")
    show_rubric(page)
    fill = """texts => { for (const text of texts) {
      const field = document.getElementById("practice-answer")
      field.value = text
      field.dispatchEvent(new Event("input", { bubbles: true }))
    } }"""
    texts = fuzz_inputs()
    assert len(texts) >= 200
    page.evaluate(fill, texts)
    page.evaluate(fill, ["<img src=x onerror=window.fuzzed=1>"])
    page.reload()
    page.locator(".practice-result").wait_for()
    assert page.get_by_label("Your answer").input_value() == "<img src=x onerror=window.fuzzed=1>"
    assert page.evaluate(FIRED) is None


@in_browser
def test_fuzzed_addresses_get_a_prompt_and_one_sentence(tool):
    page = tool(query="?prompt=nowhere")
    wrong = page.get_by_text("The address names something that is not here, so this is the next prompt for you.").first
    wrong.wait_for()
    seen = page.evaluate(
        """async queries => {
          const wrong = []
          for (const query of queries) {
            history.replaceState(null, "", `${location.pathname}?${query}`)
            dispatchEvent(new PopStateEvent("popstate", { state: null }))
            const question = document.querySelector(".practice-question").textContent
            const text = document.querySelector(".practice").innerText
            if (!question || /undefined|NaN|\\[object/.test(text)) wrong.push(query.slice(0, 80))
            if (!new URLSearchParams(location.search).get("prompt")) wrong.push(`no prompt: ${query.slice(0, 80)}`)
          }
          return wrong
        }""",
        fuzz_queries(["prompt", "kind", "level"], longest=2000)[:400],
    )
    assert not seen, report(seen)
    assert page.evaluate(FIRED) is None


@in_browser
def test_fuzzed_storage_starts_fresh_and_keeps_the_old_text(fresh, tool):
    tab = fresh("desktop")
    page = tool(tab)
    module = "new URL('../../assets/tools/practice/progress.js', location).href"
    broken = page.evaluate(
        f"""async texts => {{
          const {{ parseProgress }} = await import({module})
          const keys = new Set(["a/b"])
          const taken = text => (read => !read.broken || read.points.size)(parseProgress(text, keys))
          return texts.filter(taken)
        }}""",
        [
            *fuzz_inputs(),
            '{"version":1,"points":{"a/b":{"box":99,"at":1}}}',
            '{"version":1,"points":{"a/b":{"box":1.5,"at":1}}}',
            '{"version":1,"points":{"a/b":{"box":1,"at":1e999}}}',
            '{"version":1,"points":{"a/b":{"box":1,"at":"1"}}}',
            '{"version":1,"points":[1,2]}',
            '{"version":2,"points":{}}',
        ],
    )
    assert not broken, f"taken for progress: {[text[:40] for text in broken]}"
    for text in ("<script>window.fuzzed=1</script>", '{"version":1,"points":{"__proto__":{"box":1}}}'):
        page.evaluate("([key, text]) => { localStorage.clear(); localStorage.setItem(key, text) }", [STORE, text])
        page.reload()
        page.get_by_text("could not be read, so this starts fresh").first.wait_for()
        page.locator("summary", has_text="Your progress").click()
        with page.expect_download() as waiting:
            press(page, "Export")
        exported = json.loads(waiting.value.path().read_text(encoding="utf-8"))
        assert exported == {"version": 1, "points": {}, "unreadable": text}
    page.reload()
    page.locator(".practice-question").wait_for()
    assert not page.get_by_text("could not be read").first.is_visible(), "said again at each visit"
    answers = page.evaluate(
        """([key, texts]) => texts.map(text => {
          sessionStorage.setItem(`${key}.attempt.permissions`, text)
          history.replaceState(null, "", "?prompt=permissions")
          dispatchEvent(new PopStateEvent("popstate"))
          return document.getElementById("practice-answer").value
        }).filter(answer => answer)""",
        [STORE, fuzz_inputs(longest=5000)],
    )
    assert not answers, "taken for an answer"
    assert page.evaluate(FIRED) is None


@in_browser
def test_fuzzed_files_change_nothing(tool):
    page = tool(query="?prompt=permissions")
    show_rubric(page)
    judge(page, True)
    before = stored(page)
    page.locator("summary", has_text="Your progress").click()
    field = page.locator("input[type=file]")
    files = [text.encode("utf-8", "surrogatepass") for text in fuzz_inputs(longest=5000)]
    files = [
        *files[::40],
        b"x" * 1_100_000,
        b"\xff\xfe\x00",
        b'{"version":1,"points":{"permissions/identity":{"box":0,"at":1}}}',
    ]
    for content in files:
        page.evaluate("document.querySelector('[data-part=kept] > [role=status]').textContent = ''")
        field.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": content})
        page.get_by_text("That file is not progress exported from here, so nothing was changed.").wait_for()
    field.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": b'{"version":1,"points":{}}'})
    page.get_by_text("That file holds no points").wait_for()
    assert stored(page) == before
    assert page.evaluate(FIRED) is None


@in_browser
def test_pages_without_the_tool_load_none_of_it(fresh):
    tab, loaded = fresh("desktop"), []
    tab.page.on("request", lambda request: loaded.append(request.url))
    tab.show("ladder/")
    tab.page.wait_for_timeout(300)
    assert not [url for url in loaded if "/tools/" in url]


@in_browser
def test_rubrics_and_answers_are_fetched_only_when_the_reader_begins(fresh, tool):
    tab, asked_for = fresh("desktop"), []
    tab.page.on("request", lambda request: asked_for.append(request.url.rsplit("/", 1)[-1]))
    page = tool(tab, "?prompt=permissions")
    page.wait_for_load_state("networkidle")
    assert "index.json" in asked_for and "prompts.json" not in asked_for
    page.get_by_label("Your answer").focus()
    page.wait_for_load_state("networkidle")
    show_rubric(page)
    judge(page, True)
    press(page, "Next prompt")
    show_rubric(page)
    assert asked_for.count("prompts.json") == 1


@in_browser
def test_a_rubric_that_cannot_be_fetched_loses_nothing_and_is_asked_for_again(fresh, tool):
    tab = fresh("desktop")
    page = tool(tab, "?prompt=permissions")
    tab.context.route("**/prompts.json", lambda route: route.abort())
    page.get_by_label("Your answer").fill("I filter in the search.")
    press(page, "Show the rubric")
    said = page.locator(".tool-message", has_text="The rubric could not be fetched. Try again, or read it as text.")
    said.wait_for()
    link = said.get_by_role("link", name="as text").get_attribute("href")
    assert link.endswith("/tools/prompts/#permissions") and page.request.get(link).ok
    assert page.get_by_label("Your answer").input_value() == "I filter in the search."
    assert not page.locator(".practice-result").is_visible() and not stored(page)
    tab.context.unroute("**/prompts.json")
    show_rubric(page)
    assert not said.is_visible()
    tab.found[:] = [one for one in tab.found if "prompts.json" not in one and "ERR_FAILED" not in one]


@in_browser
def test_without_the_list_of_prompts_the_page_leads_to_their_text(fresh):
    tab = fresh("desktop")
    tab.context.route("**/practice/index.json", lambda route: route.abort())
    page = tab.show(PAGE)
    said = page.locator("[data-tool=practice] .tool-message", has_text="The prompts could not be fetched.")
    said.wait_for()
    link = said.get_by_role("link").get_attribute("href")
    assert link.endswith("/tools/prompts/") and page.request.get(link).ok
    tab.found[:] = [one for one in tab.found if "index.json" not in one and "ERR_FAILED" not in one]
