"""Every page in a real Chromium: nothing fails, nothing sticks out, everybody can read and use it."""

import difflib
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.markdown import PYTHON, all_pages, fences_of, page_name, pages_that_lead_on
from scripts.paths import DOCS, name_of, source_of
from tests.browser.chromium import (
    DEVICES,
    HIDDEN_TEXT,
    SCHEMES,
    TEXT,
    TOO_WIDE,
    Tab,
    axe_problems,
    keyboard_problems,
)
from tests.browser.fixtures import report
from tests.programs.labs import all_labs, lab_name

pytestmark = pytest.mark.browser

SWITCH = "scheme => document.querySelector(`[data-leads-to=${scheme}]`).click()"


def path_of(page: Path) -> str:
    """The address of a page below the site's."""
    return re.sub(r"(^|/)index/$", r"\1", page_name(page).removesuffix(".md") + "/")


def programs_on(page: Path) -> list[Path]:
    """The files that are included whole, alone in a fence."""
    alone = (fence for fence in fences_of(page) if fence.language in PYTHON and len(fence.body.splitlines()) == 1)
    return [source_of(fence.includes[0]) for fence in alone if fence.includes and ":" not in fence.includes[0]]


PATHS = {page_name(page): path_of(page) for page in all_pages()} | {"404": "404.html"}
PATHS |= {lab_name(lab): lab_name(lab).removesuffix(".ipynb") + "/" for lab in all_labs()}
PROGRAMS = {page_name(page): programs_on(page) for page in all_pages() if programs_on(page)}
TOP_SECTIONS = sorted({page.relative_to(DOCS).parts[0] for page in all_pages() if page.parent != DOCS})

MOVED = [f"{file.parent.relative_to(DOCS).as_posix()}/" for file in pages_that_lead_on()]
REPORTS = [file.relative_to(DOCS).as_posix() for file in sorted((DOCS / "assets" / "reports").rglob("*.html"))]

each_page = pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
each_page_with_programs = pytest.mark.parametrize("name", PROGRAMS)


def without_script_problems(tab: Tab, path: str, expected: str) -> list[str]:
    """What a page does not say, or hides, when JavaScript is off."""
    page = tab.show(path)
    problems = [f"hidden: {text}" for text in page.evaluate(HIDDEN_TEXT)] + page.evaluate(TOO_WIDE)
    words = expected.split(), page.evaluate(TEXT).split()
    problems += list(difflib.unified_diff(*words, "text with JavaScript", "text without", lineterm="", n=3))
    return problems + tab.found


def unsound(path: str, tab: Callable[..., Tab], picture: Callable[[Page, str], None]) -> list[str]:
    """What is wrong with a page on any device, in any scheme, with JavaScript and without; takes its pictures."""
    problems, name = [], path.removesuffix(".html").strip("/").replace("/", "-") or "home"
    for device in DEVICES:
        page = tab(device, "light").show(path)
        text, found = page.evaluate(TEXT), []
        for scheme, theme in SCHEMES.items():  # one visit for both, as for a reader who switches
            page.evaluate(SWITCH, theme)
            assert page.evaluate("document.body.dataset.mdColorScheme") == theme
            found += [f"{scheme}: {problem}" for problem in page.evaluate(TOO_WIDE)]
            picture(page, f"{name}-{device}-{scheme}")
        for scheme, theme in SCHEMES.items():  # axe takes code apart; of the two, only the colours differ
            page.evaluate(SWITCH, theme)
            found += [f"{scheme}: {problem}" for problem in axe_problems(page, colours_alone=scheme == "dark")]
        problems += [f"{device}, {problem}" for problem in [*found, *tab(device, "light").found]]
    found = without_script_problems(tab("phone", java_script=False), path, text)
    return problems + [f"without JavaScript: {problem}" for problem in found]


@each_page
def test_page_is_sound_on_every_device_in_both_schemes(path, tab, audit, picture):
    problems = audit(path, lambda: unsound(path, tab, picture))
    assert not problems, report(problems)


@each_page
def test_keyboard_reaches_everything_and_shows_where_it_is(path, tab, audit):
    problems = audit(path, lambda: keyboard_problems(tab("desktop").show(path)))
    assert not problems, report(problems)


def copy_of(block: Locator) -> str:
    """What the button of a block of code puts into the clipboard."""
    block.page.evaluate("navigator.clipboard.writeText('nothing')")
    block.locator(".copy").click()
    block.page.wait_for_function("navigator.clipboard.readText().then(text => text !== 'nothing')")
    return block.page.evaluate("navigator.clipboard.readText()")


def unfold(page: Page) -> None:
    """Open everything that a page keeps folded."""
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")


def copied_wrong(name: str, tab: Callable[..., Tab]) -> list[str]:
    """How what the copy buttons yield differs from the programs of a page."""
    page, copied, problems = tab("desktop").show(PATHS[name]), [], []
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    unfold(page)
    for block in page.locator("pre:has(> code)").all():
        copied.append(copy_of(block))
    for program in PROGRAMS[name]:
        text = program.read_text(encoding="utf-8")
        nearest = difflib.get_close_matches(text, copied, n=1, cutoff=0)[0]
        if text not in copied:
            lines = text.splitlines(), nearest.splitlines()
            difference = list(difflib.unified_diff(*lines, program.name, "what the button copies", lineterm="", n=1))
            problems += difference or [f"{program.name}: only the line ends at the end differ"]
    return problems


@each_page_with_programs
def test_copy_button_yields_the_file(name, tab, audit):
    problems = audit(PATHS[name], lambda: copied_wrong(name, tab), PROGRAMS[name])
    assert not problems, report(problems)


def test_of_a_session_the_copy_button_yields_the_commands(fresh):
    page = fresh("desktop").show(PATHS["contribute/index.md"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    session = page.locator(".language-console pre", has_text="$ make serve").first
    commands = copy_of(session)
    lines = commands.split("\n")
    assert lines[0].startswith("make serve") and not any(line.startswith("$") for line in lines)
    assert lines[-1], "the last command runs as soon as it is pasted"
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    output = fresh("desktop").show(PATHS["ladder/rag.md"])
    output.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for block in output.locator(".language-console pre", has_text="$ python").all()[:3]:
        shown = [line[2:] for line in block.locator("code").text_content().splitlines() if line.startswith("$ ")]
        assert copy_of(block).split("\n") == shown


def test_code_that_cannot_be_copied_is_selected(fresh):
    tab = fresh("desktop")
    tab.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    block = tab.show(PATHS["ladder/rag.md"]).locator(".language-python pre").first
    block.locator(".copy").click()
    expect(tab.page.get_by_role("status").filter(has_text="Ctrl+C")).to_have_count(1)
    assert tab.page.evaluate("getSelection().toString()").strip() == block.locator("code").inner_text().strip()


@each_page_with_programs
def test_download_link_yields_the_file(name, tab):
    page = tab("desktop").show(PATHS[name])
    unfold(page)
    for program in PROGRAMS[name]:
        link = page.locator(f"main a[download][href$='/{name_of(program)}']").first
        with page.expect_download() as waiting:
            link.click()
        assert waiting.value.suggested_filename == program.name
        assert Path(waiting.value.path()).read_bytes() == program.read_bytes(), f"{program.name} differs"


def tab_to_switch(page: Page) -> None:
    """Press Tab until the focus is on the switch between light and dark."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-leads-to]')"):
            return
    pytest.fail("Tab does not reach the switch between light and dark.")


def test_scheme_is_switched_by_keyboard_and_kept(desktop):
    tab_to_switch(desktop)
    body = desktop.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    desktop.keyboard.press("Enter")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    desktop.keyboard.press("Space")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    desktop.keyboard.press("Enter")
    desktop.reload()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    tab_to_switch(desktop)
    desktop.keyboard.press("Enter")
    expect(body).to_have_attribute("data-md-color-scheme", "default")


def test_a_dark_device_gets_dark_pages_before_any_script_file(fresh):
    tab = fresh("desktop", "dark")
    tab.page.route(
        "**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript")
    )  # as while they are still on their way
    tab.page.goto(tab.address + "ladder/rag/")
    expect(tab.page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


@pytest.mark.parametrize("kept", ["'junk'", "5", "null", '{"a": 1}', "not JSON"])
def test_a_kept_scheme_that_means_nothing_is_ignored(desktop, kept):
    desktop.evaluate("text => localStorage.setItem(`${new URL(__md_scope).pathname}.scheme`, text)", kept)
    desktop.reload()
    expect(desktop.locator("body")).to_have_attribute("data-md-color-scheme", "default")
    expect(desktop.locator("[data-leads-to]:visible")).to_have_count(1)


def test_scheme_is_switched_where_nothing_can_be_kept(fresh):
    tab = fresh("desktop")
    forbid = "() => { throw new DOMException('denied', 'SecurityError') }"
    tab.page.add_init_script(f"Object.defineProperty(window, 'localStorage', {{ get: {forbid} }})")
    page = tab.show()
    page.locator("[data-leads-to]:visible").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


def test_the_browsers_bar_has_the_colour_of_the_scheme_on_every_page(desktop):
    for _ in range(2):
        desktop.locator("[data-leads-to]:visible").click()
        desktop.locator(".md-tabs__link", has_text="Ladder").click()
        desktop.wait_for_url("**/ladder/**")
        paper = desktop.evaluate("getComputedStyle(document.body).getPropertyValue('--paper').trim()")
        assert desktop.locator("meta[name=theme-color]").first.get_attribute("content") == paper
        assert desktop.locator("meta[name=theme-color]").count() == 3
        desktop.locator(".wordmark").click()
        desktop.locator(".home").wait_for()


def test_tab_reaches_every_copy_button_of_a_long_page(fresh):
    page, reached = fresh("desktop").show("ladder/rag/"), set()
    page.locator("article h1").evaluate("title => { title.tabIndex = -1; title.focus() }")
    for _ in range(page.locator("article :is(a, button, summary, code)").count() + 50):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("[...document.querySelectorAll('.copy')].indexOf(document.activeElement)"))
    assert len(reached - {-1}) == page.locator("article pre > code:visible").count() > 12


def test_menu_on_a_phone_leads_to_a_page(fresh):
    page = fresh("phone").show()
    page.locator("header label[for='__drawer']").tap()
    drawer = page.locator(".md-sidebar--primary")
    expect(drawer).to_be_in_viewport()
    problems = axe_problems(page)
    assert not problems, report(problems)
    drawer.get_by_text("Ladder", exact=True).first.tap()
    drawer.get_by_role("link", name="prompting").tap()
    page.wait_for_url("**/ladder/prompting/")
    expect(page.locator("main h1")).to_contain_text("rompt")
    expect(drawer).not_to_be_in_viewport()


def test_menu_in_a_narrow_window_works_by_keyboard(fresh):
    page = fresh("desktop", viewport={"width": 400, "height": 700}).show()
    drawer = page.locator(".md-sidebar--primary")
    expect(drawer).not_to_be_in_viewport()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("/menu/i.test(document.activeElement.ariaLabel ?? document.activeElement.innerText)"):
            break
    page.keyboard.press("Enter")
    expect(drawer, "Tab and Enter do not open the menu").to_be_in_viewport(timeout=3000)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.md-sidebar--primary a[href]')"):
            break
    expect(drawer.locator("a[href]:focus")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_in_viewport()


def test_sections_open_at_once_and_back_works(desktop):
    tabs = desktop.locator(".md-tabs__link:visible")
    count, home = tabs.count(), desktop.title()
    assert count == len(TOP_SECTIONS), f"{count} tabs for the sections {TOP_SECTIONS}"
    titles = [home]
    for index in range(count):
        tabs.nth(index).click()
        desktop.wait_for_function("before => document.title !== before", arg=titles[-1])
        expect(desktop.locator("main h1")).to_be_visible()
        titles.append(desktop.title())
    assert len(set(titles)) == len(titles), f"two sections share a title: {titles}"
    for title in reversed(titles[:-1]):
        desktop.go_back()
        expect(desktop).to_have_title(title)


@pytest.mark.parametrize("address", ["nowhere", "ladder/nowhere/", "a/b/c", "a/b/c/d.html"])
def test_unknown_address_is_answered_with_help(address, fresh):
    tab = fresh("desktop")
    page = tab.show(address, missing=True)
    expect(page.locator("main h1")).to_have_text("This rung is missing")
    links = page.locator("main article a").all()
    assert len(links) >= 3, "the page offers nowhere to go"
    for link in links:
        target = urljoin(page.url, link.get_attribute("href"))
        assert page.request.get(target).ok, f"{target} is missing too"
    assert not tab.found, report(tab.found)
    links[-1].click()
    expect(page.locator("main h1")).not_to_have_text("This rung is missing")


@pytest.mark.parametrize("path", ["", "ladder/rag/"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_print_has_the_text_and_not_the_furniture(path, scheme, fresh):
    page = fresh("desktop", scheme).show(path)
    on_screen = page.evaluate(TEXT).split()
    page.emulate_media(media="print")
    for part in ("header", ".md-tabs", ".md-sidebar", ".search-open", "footer nav", ".copy", ".headerlink"):
        for element in page.locator(part).all():
            expect(element, f"{part} is printed").to_be_hidden()
    assert len(page.evaluate(TEXT).split()) > 0.8 * len(on_screen), "much of the text is not printed"
    ink = page.evaluate("getComputedStyle(document.querySelector('main h1')).color")
    assert max(map(int, re.findall(r"\d+", ink)[:3])) < 100, f"the title is printed in {ink}, too pale for paper"
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert 1 <= len(pages) <= 60, f"printed on {len(pages)} pages"


def test_nothing_moves_when_less_motion_is_asked_for(desktop):
    desktop.keyboard.press("/")
    slow = desktop.evaluate("""() => [...document.querySelectorAll("*")].flatMap(element =>
      [null, "::before", "::after"].flatMap(pseudo => {
        const style = getComputedStyle(element, pseudo), times = [style.transitionDuration, style.animationDuration]
        return Math.max(...times.join().split(",").map(parseFloat)) > 0.01 ? [element.outerHTML.slice(0, 80)] : []
      }))""")
    assert not slow, f"{len(slow)} elements still move, such as {slow[0]}"
    assert desktop.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_every_built_page_is_audited(site):
    built = {file.relative_to(site).as_posix().removesuffix("index.html") for file in site.rglob("*.html")}
    assert built == {*PATHS.values(), *REPORTS, *MOVED}


each_report = pytest.mark.parametrize("path", REPORTS)


@each_report
@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_report_of_rung_fits_and_breaks_no_rule(fresh, device, scheme, path, picture):
    page = fresh(device, scheme).show(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    unfold(page)
    problems = axe_problems(page)
    assert not problems, report(problems)
    picture(page, f"{path.removesuffix('.html').replace('/', '-')}-{device}-{scheme}")


PALE = """() => [...document.querySelectorAll("main *, footer *")].flatMap(one => {
  const ink = getComputedStyle(one).color.match(/\\d+/g).slice(0, 3).map(Number)
  const dark = 0.299 * ink[0] + 0.587 * ink[1] + 0.114 * ink[2]
  return one.checkVisibility() && one.innerText?.trim() && dark > 120 ? [`${one.outerHTML.slice(0, 60)}: ${ink}`] : []
})"""


@each_report
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_report_is_printed_whole_and_dark_on_white(fresh, scheme, path):
    page = fresh("desktop", scheme).show(path)
    folded = page.locator("details:not([open])").count()
    assert folded, "nothing is folded, so that nothing is shown here"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.evaluate(PALE)
    # Older browsers print of what is folded only the heading, unless a script unfolds it.
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert not page.evaluate(PALE)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == folded, "on the screen it is folded again"
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 30


PLANTED = """<!doctype html><title>Planted</title><body style="color: #000; background: #fff">
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="><p style="color: #aaa">Pale</p>
<button style="width: 9px; height: 9px; padding: 0" aria-label="One"></button
><button style="width: 9px; height: 9px; padding: 0" aria-label="Two"></button>
<p>One</p><p>Two</p><p>Three</p><p>Four</p><p>Five</p><p style="background: #222">Black on black</p>
<pre><code><span style="color: #000">fine</span> <span style="color: #bbb">pale</span>
<span style="color: #bbb">too</span>
</code></pre>"""


def test_the_accessibility_check_sees_planted_faults(browser):
    page = browser.new_page()
    page.set_content(PLANTED)
    found = axe_problems(page)
    page.close()
    for rule in ("html-has-lang", "image-alt", "color-contrast", "target-size", "landmark-one-main"):
        assert any(problem.startswith(f"axe {rule}:") for problem in found), f"{rule} is not found in {found}"
    pale = [problem for problem in found if problem.startswith("axe color-contrast: ") and "#bbb" in problem]
    assert any("#222" in problem for problem in found), (
        "text of a common look is not measured on a background of its own"
    )
    assert len(pale) == 1, f"code is not measured once for each look: {pale}"


# What a script has replaced of the browser's own: the source of what the browser wrote is `[native code]`. Elements get
# properties of their own only from a script.
REPLACED = """() => {
  const source = Function.prototype.toString
  const native = value => typeof value !== "function" || /\\{\\s*\\[native code\\]\\s*\\}$/.test(source.call(value))
  // What the theme and a test add has no namesake among them.
  const own = new Set(["__md_scope", "__md_hash", "__md_get", "__md_set", "applyFocusVisiblePolyfill", "axe"])
  const places = new Map([["window", window], ["document", document], ["history", history], ["location", location]])
  for (const name of Object.getOwnPropertyNames(window)) {
    const value = Object.getOwnPropertyDescriptor(window, name).value
    if (typeof value !== "function" || !/^[A-Z]/.test(name)) continue
    places.set(name, value)
    if (value.prototype) places.set(`${name}.prototype`, value.prototype)
  }
  const found = []
  for (const [where, place] of places) {
    for (const key of Reflect.ownKeys(place)) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(place, key)
      if (where === "window" && own.has(key)) continue
      if (key !== "constructor" && ![value, get, set].every(native)) found.push(`${where}.${String(key)}`)
    }
  }
  for (const element of document.querySelectorAll("head > *, html, body, script, dialog")) {
    for (const key of Object.getOwnPropertyNames(element)) found.push(`${element.localName}: own property ${key}`)
  }
  return found
}"""


@pytest.mark.parametrize(
    "path", ["", "ladder/rag/", "labs/ten-years-of-tickets/", "trade-offs/cost/", "tools/practice/", "404.html"]
)
def test_no_built_in_of_the_browser_is_replaced(path, fresh):
    page = fresh("desktop").show(path)
    assert page.evaluate(REPLACED) == [], "after the page has loaded"
    page.keyboard.press("/")
    page.keyboard.type("lora")
    page.locator(".search-list a").first.wait_for()
    assert page.evaluate(REPLACED) == [], "while the search is open"
    page.keyboard.press("Enter")
    page.wait_for_url("**/spectrum/lora/**")
    expect(page.locator("main h1")).to_contain_text("LoRA")
    assert page.evaluate(REPLACED) == [], "on the page it leads to"


def test_a_replaced_built_in_is_seen(browser):
    page = browser.new_page()
    page.set_content("<!doctype html><title>Planted</title><link rel=stylesheet href='data:text/css,'>")
    assert page.evaluate(REPLACED) == []
    page.evaluate("""() => {
      XMLHttpRequest.prototype.send = function () {}
      window.IntersectionObserver = class extends IntersectionObserver {}
      Object.defineProperty(HTMLLinkElement.prototype, "rel", { get() { return "" } })
      Object.defineProperty(document.querySelector("link"), "href", { get: () => "" })
      history.pushState = () => 0
      History.prototype.back = () => 0
    }""")
    found = " ".join(page.evaluate(REPLACED))
    page.close()
    for name in (
        "XMLHttpRequest.prototype.send",
        "IntersectionObserver",
        "HTMLLinkElement.prototype.rel",
        "own property href",
        "History.prototype.back",
    ):
        assert name in found, f"{name} is not found in {found}"


@pytest.mark.parametrize("tool", ["ask", "decide", "cost", "tune", "measure", "practice", "rungs"])
def test_a_tool_whose_script_does_not_load_says_so(tool, fresh):
    tab = fresh("phone")
    tab.context.route(f"**/assets/tools/{tool}.js", lambda route: route.abort())
    page = tab.show(f"tools/{tool}/")
    assert "did not load" in page.locator("[data-tool] [role=alert]").inner_text()
    tab.found[:] = [one for one in tab.found if f"{tool}.js" not in one]


DATA = {
    "tools/decide/": ("decide/rules.json", "The rules could not be fetched"),
    "trade-offs/cost/": ("cost/inputs.json", "The tool's figures could not be fetched"),
    "tools/tune/": ("tune/recorded.json", "The recorded runs could not be fetched"),
    "tools/measure/": ("measure/sample.json", "The samples could not be fetched"),
    "tools/practice/": ("practice/index.json", "The prompts could not be fetched"),
    "tools/ask/": ("ask/recorded.json", "The recorded run could not be fetched"),
}


@pytest.mark.parametrize("path", DATA)
@pytest.mark.parametrize("how", ["cut off", "not found"])
def test_a_tool_whose_data_does_not_come_says_so_and_what_to_do(path, how, fresh):
    tab, (file, sentence) = fresh("phone"), DATA[path]
    answer = {"status": 404, "body": "{}"}
    tab.context.route(f"**/{file}", lambda route: route.abort() if how == "cut off" else route.fulfill(**answer))
    said = tab.show(path).locator("[data-tool] > .tool-message[role=status]")
    said.wait_for()
    assert said.inner_text().startswith(sentence)
    tab.found[:] = [one for one in tab.found if file not in one and "ERR_FAILED" not in one]


def test_without_javascript_a_page_says_that_a_tool_is_missing(tab):
    for path in (*DATA, "tools/rungs/"):
        page = tab("phone", java_script=False).show(path)
        words = page.evaluate("getComputedStyle(document.querySelector('[data-tool]'), '::before').content")
        assert "needs JavaScript" in words and page.locator("[data-tool]").is_visible()
