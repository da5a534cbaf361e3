"""The search of the site: found by its words, by keyboard, on a phone, in the dark; fetched only when it is opened."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import SCHEMES, axe_problems
from tests.browser.fixtures import report
from tests.browser.fuzz_corpus import FIRED, fuzz_inputs
from tests.site.built_site import PREFIX

pytestmark = pytest.mark.browser

INPUT, RESULT, OPEN = ".search input", ".search-list a", "[data-search]"

# What a reader types, and what must be among the first three sections found: any of a page where that ends in a slash.
SEARCHES = [
    ("few-shot", "ladder/prompting/"),
    ("few shot", "ladder/prompting/"),
    ("fewshot", "ladder/prompting/"),
    ("rag", "ladder/rag/"),
    ("RAG", "ladder/rag/"),
    ("retrieval", "ladder/rag/"),
    ("retreival", "ladder/rag/"),
    ("hit@k", "ladder/measuring-rag/"),
    ("hit rate", "ladder/measuring-rag/"),
    ("fine-tuning", "ladder/fine-tuning/"),
    ("finetuning", "ladder/fine-tuning/"),
    ("fine tuning", "ladder/fine-tuning/"),
    ("fintuning", "ladder/fine-tuning/"),
    ("lora", "spectrum/lora/"),
    ("distillation", "spectrum/distillation/"),
    ("distilation", "spectrum/distillation/"),
    ("catastrophic forgetting", "spectrum/forgetting/"),
    ("prompt injection", "interview/glossary/#prompt-injection"),
    ("sample size", "evaluate/sample-size/"),
    ("GraphRAG", "ladder/where-it-fits/"),
    ("mcp", "ladder/where-it-fits/#mcp"),
    ("qlora", "interview/glossary/#qlora"),
    ("mcnemar", "interview/glossary/#mcnemars-test"),
    ("loraconfig", "spectrum/lora/#the-smallest-example-that-runs"),
    ("LoraConfig", "spectrum/lora/#the-smallest-example-that-runs"),
    ("huggingface", "evidence/models/"),
    ("sentencetransformer", "ladder/measuring-rag/"),
    ("lost in the middle", "interview/glossary/#lost-in-the-middle"),
    ("right to be forgotten", "interview/glossary/#unlearning"),
    ("tokens", "interview/glossary/#token"),
    ("the bot makes stuff up", "interview/follow-ups/#hallucination"),
    ("is it expensive", "trade-offs/cost/"),
    ("teach a tone of voice", "ladder/scenarios/#marketing-in-the-brands-voice"),
    ("error bars", "interview/glossary/#wilson-interval"),
]


# Puts a text into the field as a script would, uncut, and has it answered at once, without the pause that typing makes.
PUT = """async ({ text, module }) => {
  const [box, field, list, status] = [".search", ".search input", ".search ol", ".search [role=status]"].map(
    name => document.querySelector(name))
  const search = await import(module)
  field.value = text
  await search.start(box.closest("dialog"))
  return [list.children.length, status.textContent, field.value.trim()]
}"""


def put(page: Page, text: str) -> tuple[int, str, str]:
    """Puts a text into the field: how many results there are, the sentence, and what stands in the field."""
    return page.evaluate(PUT, {"text": text, "module": urljoin(PREFIX, "assets/search/ui.js")})


def search(page: Page, question: str) -> list[str]:
    """Types a question; the addresses of the sections found, below the site's own, best first."""
    page.locator(INPUT).fill("")
    page.locator(INPUT).press_sequentially(question)
    expect(page.locator(".search-list")).to_have_attribute("data-answers", question)
    links = page.locator(RESULT).evaluate_all("links => links.map(({ pathname, hash }) => pathname + hash)")
    return [link.removeprefix(PREFIX) for link in links]


def requested(page: Page) -> list[str]:
    """The paths of everything that a page asks for from now on."""
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    return asked


def of_the_search(paths: list[str]) -> list[str]:
    """Those of them that only the search needs; the module that opens it is small and comes with the page."""
    return [path for path in paths if re.search(r"search_index|minisearch|/search/(?!open\.js)", path)]


def test_it_finds_the_words_of_the_trade(desktop):
    problems = []
    desktop.locator(OPEN).click()
    for question, wanted in SEARCHES:
        found = search(desktop, question)[:3]
        if not any(section == wanted or (wanted.endswith("/") and section.startswith(wanted)) for section in found):
            problems.append(f"“{question}” finds {found}, not {wanted}")
    assert not problems, report(problems)


def test_nothing_of_it_is_fetched_and_no_worker_runs_before_it_is_opened(fresh):
    tab = fresh("desktop")
    asked, workers = requested(tab.page), []
    tab.page.on("worker", lambda worker: workers.append(worker.url))
    page = tab.show("ladder/rag/")
    page.keyboard.press("Tab")
    page.mouse.wheel(0, 2000)
    page.locator(".md-tabs__link", has_text="Trade-offs").click()
    page.wait_for_url("**/trade-offs/")
    expect(page.locator("main h1")).to_be_visible()
    assert asked and not of_the_search(asked) and not workers, of_the_search(asked) + workers
    page.locator(OPEN).click()
    expect(page.locator(INPUT)).to_be_focused()
    search(page, "lora")
    assert urljoin(PREFIX, "search/search_index.json") in asked
    assert not workers


@pytest.mark.parametrize("key", ["/", "s", "f"])
def test_it_works_by_keyboard(key, desktop):
    desktop.keyboard.press(key)
    expect(desktop.locator(INPUT)).to_be_focused()
    expect(desktop.locator(INPUT)).to_have_value("")
    desktop.keyboard.press("Escape")
    expect(desktop.locator(".search")).to_be_hidden()
    desktop.keyboard.press(key)
    desktop.keyboard.type("prompting")
    desktop.locator(RESULT).first.wait_for()
    expect(desktop.locator(".search-list")).to_have_attribute("data-answers", "prompting")
    desktop.keyboard.press("ArrowDown")
    expect(desktop.locator(RESULT).first).to_be_focused()
    desktop.keyboard.press("ArrowDown")
    expect(desktop.locator(RESULT).nth(1)).to_be_focused()
    desktop.keyboard.press("ArrowUp")
    desktop.keyboard.press("ArrowUp")
    expect(desktop.locator(INPUT)).to_be_focused()
    desktop.keyboard.press("ArrowDown")
    desktop.keyboard.press("n")  # goes on with the question; the theme would turn the page
    expect(desktop.locator(INPUT)).to_have_value("promptingn")
    desktop.keyboard.press("Backspace")
    expect(desktop.locator(".search-list")).to_have_attribute("data-answers", "prompting")
    desktop.keyboard.press("ArrowDown")
    desktop.keyboard.press("Enter")
    desktop.wait_for_url("**/prompting/**")
    expect(desktop.locator(".search")).to_be_hidden()


def test_enter_follows_the_best_result_even_before_it_is_shown(desktop):
    desktop.keyboard.press("/")
    desktop.keyboard.type("mcnemar")
    desktop.keyboard.press("Enter")
    desktop.wait_for_url("**/interview/glossary/#mcnemars-test")
    expect(desktop.locator("#mcnemars-test")).to_be_in_viewport()
    desktop.go_back()
    expect(desktop.locator(".home")).to_be_visible()
    assert "?" not in desktop.url


def test_a_key_that_goes_into_a_field_does_not_open_it(fresh):
    page = fresh("desktop").show("trade-offs/cost/")
    field = page.locator("article :is(input:not([type]), input[type=text], input[type=number])").first
    field.focus()
    page.keyboard.press("s")
    page.keyboard.press("/")
    expect(page.locator(".search")).to_be_hidden()
    page.locator("main h1").click()
    page.keyboard.press("Control+s")
    expect(page.locator(".search")).to_be_hidden()


def test_an_address_with_a_question_shows_its_answers_and_can_be_shared(fresh):
    page = fresh("desktop").show("evaluate/?q=mcnemar")
    expect(page.locator(INPUT)).to_have_value("mcnemar")
    expect(page.locator(RESULT).first).to_contain_text("McNemar")
    search(page, "lost in")
    assert urlsplit(page.url).query == "q=lost+in"
    page.keyboard.press("Escape")
    page.wait_for_url("**/evaluate/")


def test_the_words_found_are_marked_in_the_list_and_on_the_page(desktop):
    desktop.keyboard.press("/")
    search(desktop, "retreival latency")
    marks = {text.lower() for text in desktop.locator(".search-list mark").all_inner_texts()}
    assert marks == {"retrieval", "latency"} or {"retrieval", "latency"} < marks
    desktop.locator(RESULT).first.click()
    desktop.wait_for_url(lambda url: "q=" not in url and "h=" not in url and not url.endswith("/guide/"))
    painted = "[...(CSS.highlights.get('found') ?? [])].map(range => range.toString().toLowerCase())"
    desktop.wait_for_function(f"{painted}.length > 0")
    assert "latency" in desktop.evaluate(painted)


def test_the_count_is_said_and_what_is_not_found_too(desktop):
    desktop.keyboard.press("/")
    status = desktop.locator(".search [role=status]")
    search(desktop, "qlora")
    expect(status).to_have_text(re.compile(r"^\d+ sections$"))
    assert search(desktop, "zzzzqqq") == []
    expect(status).to_have_text("No section has these words.")
    desktop.locator(INPUT).fill("")
    expect(status).to_be_empty()


def test_the_rest_of_many_results_is_one_press_away(desktop):
    desktop.keyboard.press("/")
    first = search(desktop, "model")
    assert len(first) == 30
    pages = [section.split("#")[0] for section in first]
    assert max(map(pages.count, pages)) <= 3
    desktop.locator(".search-more").click()
    total = int(re.match(r"\d+", desktop.locator(".search [role=status]").inner_text())[0])
    expect(desktop.locator(RESULT)).to_have_count(total)
    expect(desktop.locator(RESULT).nth(30)).to_be_focused()


def test_why_a_result_stands_where_it_does_is_told_by_keyboard(fresh):
    tab = fresh("desktop")
    asked = requested(tab.page)
    page = tab.show()
    page.keyboard.press("/")
    why, reasons = page.get_by_role("button", name="Why these?"), page.locator(".search-reasons")
    expect(why).to_be_hidden()
    search(page, "made up zzzzqqq")
    assert not [path for path in asked if path.endswith("/why.js")]
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(why).to_be_focused()
    page.keyboard.press("Space")
    expect(why).to_have_attribute("aria-pressed", "true")
    expect(reasons).to_have_count(page.locator(RESULT).count())
    first = reasons.first
    expect(first).to_contain_text(re.compile(r"^Rank 1 of \d+, score [\d.]+"))
    expect(first).to_contain_text("“hallucination”, a synonym of “made up”")
    expect(first).to_contain_text("no section has it: “zzzzqqq”")
    expect(page.locator(RESULT).first).to_have_accessible_description(re.compile("Rank 1 of .*hallucination"))
    note = page.locator(".search-note")
    expect(note).to_contain_text("no similarity and no fused rank")
    links = note.locator("a").evaluate_all("links => links.map(link => link.pathname)")
    assert links == [urljoin(PREFIX, "tools/ask/"), urljoin(PREFIX, "evidence/search/")]
    search(page, "lora")  # what is asked next is explained too
    expect(reasons.first).to_contain_text("“lora”")
    page.locator(".search-more").click()
    expect(reasons).to_have_count(page.locator(RESULT).count())
    ranks = [int(re.search(r"\d+", text)[0]) for text in reasons.locator("p").all_inner_texts()]
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    why.press("Enter")
    expect(reasons).to_have_count(0)
    expect(note).to_be_hidden()


def test_why_that_cannot_be_loaded_says_so_and_tries_again(fresh):
    tab = fresh("desktop")
    tab.page.route("**/why.js", lambda route: route.abort())
    page = tab.show()
    page.keyboard.press("/")
    search(page, "lora")
    page.get_by_role("button", name="Why these?").click()
    expect(page.locator(".search [role=status]")).to_contain_text("could not be loaded")
    page.unroute("**/why.js")
    page.get_by_role("button", name="Why these?").click()
    expect(page.locator(".search-reasons").first).to_be_visible()
    tab.found.clear()


def test_a_question_has_an_end_and_the_reader_is_told(fresh):
    page = fresh("desktop").show("?q=" + "lora+" * 500)
    expect(page.locator(RESULT).first).to_be_visible()
    assert len(page.locator(INPUT).input_value()) == 200
    expect(page.locator(".search [role=status]")).to_contain_text("Only the first 200 characters are searched.")
    put(page, "rag " * 9999)
    expect(page.locator(".search-list")).to_have_attribute("data-answers", ("rag " * 50).strip())


def test_whatever_is_typed_nothing_of_it_runs_and_it_is_answered(fresh):
    page = fresh("desktop").show()
    page.keyboard.press("/")
    search(page, "lora")
    page.get_by_role("button", name="Why these?").click()
    expect(page.locator(".search-reasons").first).to_be_visible()
    problems, some = [], 0
    for text in fuzz_inputs():
        results, said, asked = put(page, text)
        some += results > 0
        answer = r"\d+ sections?(, the best \d+ first)?" if results else r"No section has these words\."
        wanted = rf"(Only .* searched\. )?{answer}" if asked else ""
        if not re.fullmatch(wanted, said):
            problems.append(f"{text[:60]!r}: {results} results, and it says {said!r}")
    assert not problems, report(problems)
    assert some > 50, "hardly any input found something: the reasons were not put to the test"
    assert page.evaluate(FIRED) is None
    assert page.locator(".search :is(script, iframe, img, object, embed)").count() == 0


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_it_is_sound_on_every_device_in_both_schemes(device, scheme, fresh):
    page = fresh(device, scheme).show()
    page.locator(OPEN).click()
    search(page, "retrieval of what it makes up")
    for step in ("results", "reasons"):
        if step == "reasons":
            page.get_by_role("button", name="Why these?").click()
            expect(page.locator(".search-reasons").first).to_be_visible()
        box = page.locator(".search").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
        for part in (".search", ".search-scroll"):
            assert page.locator(part).evaluate("box => box.scrollWidth <= box.clientWidth"), f"{part} scrolls sideways"
        problems = axe_problems(page)
        assert not problems, report(problems)


def test_without_its_words_it_says_so_and_tries_again(fresh):
    tab = fresh("desktop")
    tab.page.route("**/search_index.json", lambda route: route.abort())
    page = tab.show()
    page.keyboard.press("/")
    page.keyboard.type("lora")
    expect(page.locator(".search [role=status]")).to_contain_text("could not be loaded")
    page.unroute("**/search_index.json")
    page.keyboard.type(" ")
    expect(page.locator(RESULT).first).to_be_visible()
    tab.found.clear()


def test_without_javascript_there_is_no_button(fresh):
    page = fresh("phone", java_script_enabled=False).show()
    expect(page.locator(OPEN)).to_be_hidden()
    expect(page.locator(".search")).to_be_hidden()
