"""A real Chromium, and the questions put to each page that it shows."""

import json
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    Response,
)

MISSING = (
    "The browser tests need Chromium: type `sudo apt-get install chromium`, "
    "or `.venv/bin/playwright install chromium` where there is no apt."
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing but loopback can be reached, so that a page that asks another host is caught and a test run leaves no trace.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
DEVICES = {
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}
SCHEMES = {"light": "default", "dark": "slate"}

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A rule set aside by mistake would find nothing, and no test would notice.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]  # of those, the ones that look at colours
AXE_KEY_RULES = ["color-contrast", "target-size", "region", "landmark-unique", "scrollable-region-focusable"]

# A page of programs has thousands of spans, and axe takes minutes over them. Leaf spans of code that look the same are
# looked at once; the others become plain text. Two of the same classes look the same in light and in dark.
#
# Text that looks the same has the same contrast, the slowest rule: five of each look are marked to be measured. Five,
# because axe decides nothing on text that is covered or scrolled out of its box, nor on a single letter.
PREPARE = """() => {
  const behind = new Map(), seen = new Set(), same = [], times = new Map()
  const backgrounds = box => {
    if (!box) return ""
    if (!behind.has(box)) {
      const { backgroundColor, backgroundImage, opacity, filter } = getComputedStyle(box)
      const own = [backgroundColor, backgroundImage, opacity, filter].join()
      behind.set(box, (own === "rgba(0, 0, 0, 0),none,1,none" ? "" : own) + backgrounds(box.parentElement))
    }
    return behind.get(box)
  }
  const look = element => {
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element)
    const letter = element.textContent.trim().length === 1, off = element.closest(":disabled, [aria-disabled=true]")
    return [color, fontSize, fontWeight, textShadow, letter, !off, backgrounds(element)].join()
  }
  for (const span of document.querySelectorAll("pre span:not(:has(*))")) {
    const around = []
    for (let box = span; box.localName !== "pre"; box = box.parentElement) around.push(box.className)
    const key = [around, look(span)].join()
    if (seen.has(key)) same.push(span)
    seen.add(key)
  }
  for (const span of same) span.replaceWith(...span.childNodes)
  for (const block of document.querySelectorAll("pre")) block.normalize()

  const texts = [...document.querySelectorAll("input, select, textarea")]
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode.parentElement)
  for (const element of new Set(texts)) {
    element.removeAttribute("data-look")
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const key = look(element), before = times.get(key) ?? 0
    if (before < 5) element.setAttribute("data-look", before)
    times.set(key, before + 1)
  }
}"""

# A box that is wider than the screen either makes the page scroll sideways or is cut off, unless it scrolls by itself.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth, page = document.scrollingElement, found = []
  if (page.scrollWidth > width) found.push(`the page scrolls sideways: ${page.scrollWidth} of ${width} pixels`)
  const scrolls = element => /auto|scroll/.test(getComputedStyle(element).overflowX)
  for (const element of document.querySelectorAll("main article *, header > *, footer *")) {
    if (element.ownerSVGElement || !element.checkVisibility({ visibilityProperty: true })) continue
    const box = element.getBoundingClientRect()
    if (box.width <= 1 || (box.right <= width + 1 && box.left >= -1)) continue
    let parent = element.parentElement
    while (parent && !scrolls(parent)) parent = parent.parentElement
    if (!parent || parent === page || parent === document.body) {
      found.push(`${element.outerHTML.slice(0, 80)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)}`)
    }
  }
  return found.slice(0, 5)
}"""

# What is read in the main part, whatever needs JavaScript and says so aside.
TEXT = """() => {
  const article = document.querySelector("main article")
  const needing = [...article.querySelectorAll(".needs-js")], before = needing.map(element => element.style.display)
  for (const element of needing) element.style.display = "none"
  const text = article.innerText.replace(/\\s+/g, " ").trim()
  needing.forEach((element, index) => (element.style.display = before[index]))
  return text
}"""

# Text that is in the page and cannot be seen. A closed <details> opens without JavaScript.
HIDDEN_TEXT = """() => {
  const open = "details, script, style, template, svg, .visually-hidden, .needs-js"
  const walker = document.createTreeWalker(document.querySelector("main article"), NodeFilter.SHOW_TEXT), found = []
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), parent = walker.currentNode.parentElement
    if (!text || parent.closest(open) || parent.matches(".headerlink")) continue
    if (!parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) found.push(text.slice(0, 80))
  }
  return found.slice(0, 5)
}"""

# Everything that the Tab key should reach, with how it looks before it does. A group of radio buttons is one stop.
STOPS = """() => {
  const opacity = element => element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1
  const looks = element => {
    const parts = [element, ...(element.labels ?? []), element.nextElementSibling, element.parentElement, element.form]
    return parts.filter(part => part && opacity(part) > 0.1).map(part => {
      return [null, "::before", "::after"].map(pseudo => {
        const style = getComputedStyle(part, pseudo), box = part.getBoundingClientRect()
        if ((pseudo && style.content === "none") || box.width <= 1 || box.height <= 1) return ""
        const outline = style.outlineStyle === "none" ? "" : style.outline
        return [outline, style.boxShadow, style.backgroundColor, style.borderColor, style.color, style.textDecoration]
      }).join()
    }).join()
  }
  const stops = []
  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) {
    if (element.tabIndex < 0 || element.disabled || !element.checkVisibility({ visibilityProperty: true })) continue
    const group = element.type === "radio" ? [...document.getElementsByName(element.name)] : [element]
    if (element !== (group.find(one => one.checked) ?? group[0])) continue
    stops.push(element)
  }
  const before = stops.map(looks), header = document.querySelector("header")
  window.theStops = {
    count: stops.length,
    name: index => {
      const element = stops[index], words = element.getAttribute("aria-label") ?? element.textContent
      const marks = [element.localName, ...element.classList].filter(mark => mark !== "focus-visible").join(".")
      return `${marks} "${words.trim().replace(/\\s+/g, " ").slice(0, 40)}"`
    },
    now: () => {
      const element = document.activeElement, index = stops.indexOf(element), box = element.getBoundingClientRect()
      if (!element || element === document.body) return { end: true }
      const covered = !header.contains(element) && !element.matches(".md-skip") && element.matches("article *")
        && (box.bottom <= header.getBoundingClientRect().bottom || box.top >= innerHeight)
      return { index, covered, seen: index >= 0 && looks(element) !== before[index] }
    },
  }
  return stops.length
}"""


@cache
def axe_script() -> str:
    """The source of axe-core."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def start(playwright: Playwright) -> Browser | None:
    """The first Chromium that starts: an installed one, else the one that Playwright installs, else none."""
    installed = [path for path in map(shutil.which, NAMES) if path]
    own = playwright.chromium.executable_path
    for path in [*installed, *([own] if Path(own).exists() else [])]:
        try:
            return playwright.chromium.launch(executable_path=path, args=QUIET)  # Playwright adds --no-sandbox
        except Error as error:
            print(f"{path} does not start: {error}")
    return None


def open_context(browser: Browser, device: str, scheme: str, **more) -> BrowserContext:
    """A fresh profile on one device; without motion, so that what is measured has come to rest."""
    settings = DEVICES[device] | {"color_scheme": scheme, "reduced_motion": "reduce"} | more
    context = browser.new_context(**settings)
    context.set_default_timeout(60_000)
    return context


class Tab:
    """One tab of a profile, which shows a page of the site after the other and notes what goes wrong meanwhile."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        """Open the tab, for the site at an address."""
        self.context, self.address, self.host = context, address, urlsplit(address).netloc
        self.missing, self.found = "", []
        self.open()

    def open(self) -> None:
        """Start with an empty tab."""
        self.page = page = self.context.new_page()
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.found.append(f"error in a script: {error}"))
        page.on("request", lambda request: self.on_request(request.url))
        page.on("requestfailed", self.on_failure)
        page.on("response", self.on_response)

    def show(self, path: str = "", missing: bool = False) -> Page:
        """Go to a page of the site and forget what went wrong before; `missing` says that a 404 is the right answer."""
        self.missing = self.address + path if missing else ""
        try:
            self.page.goto("about:blank")
            self.found.clear()
            self.page.goto(self.address + path)
        except Error:  # a page that hangs must not take the next one with it
            self.page.close()
            self.open()
            raise
        self.page.evaluate("document.fonts.ready.then(() => 0)")
        if self.page.locator(":not(.no-js) > body [data-tool]").count():  # a tool builds itself after the page is there
            self.page.locator("[data-tool] > *").first.wait_for(state="attached")
        return self.page

    def on_console(self, message: ConsoleMessage) -> None:
        """Note errors, but not the one that only repeats that the missing page is missing."""
        source = message.location.get("url", "")
        if message.type == "error" and not (self.missing and source == self.missing):
            self.found.append(f"console error: {message.text} ({source})")

    def on_request(self, url: str) -> None:
        """Note a request to another host."""
        if not url.startswith(("data:", "blob:", "about:")) and urlsplit(url).netloc != self.host:
            self.found.append(f"request to another host: {url}")

    def on_failure(self, request: Request) -> None:
        """Note a request without an answer, but not one that the browser gave up because the reader moved on."""
        if request.failure != "net::ERR_ABORTED":
            self.found.append(f"failed: {request.url} ({request.failure})")

    def on_response(self, response: Response) -> None:
        """Note what the site itself does not have."""
        if response.status >= 400 and response.url != self.missing:
            self.found.append(f"answered with {response.status}: {response.url}")


def take_picture(page: Page, file: Path) -> None:
    """Take a picture of a whole page; of a phone's in a window as tall as the page.

    Playwright's own picture takes ten seconds where a phone's page is long. On a desktop it takes one, and there a tall
    window would move the list of contents.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    size, phone = page.viewport_size, page.viewport_size == DEVICES["phone"]["viewport"]
    if phone:
        page.set_viewport_size(size | {"height": page.evaluate("document.documentElement.scrollHeight")})
    page.screenshot(path=file, quality=80, full_page=not phone)
    page.set_viewport_size(size)


def keyboard_problems(page: Page) -> list[str]:
    """What the Tab key does not reach from the top of the page, or reaches without showing it; then the skip link."""
    count = page.evaluate(STOPS)
    later = page.locator("pre > code").count() + 20  # copy buttons and the like, made as they come near
    order, problems = [], []
    for _ in range(count + later):
        page.keyboard.press("Tab")
        now = page.evaluate("theStops.now()")
        if now.get("end"):
            page.keyboard.press("Tab")  # and round to the top
            break
        index = now["index"]
        if order[:1] == [index]:
            break
        if index in order:
            problems.append(f"Tab comes back to {stop_name(page, index)}")
            break
        if index < 0:
            continue  # came into sight on the way, such as what a search offers
        order.append(index)
        if not now["seen"]:
            problems.append(f"nothing shows that the focus is on {stop_name(page, index)}")
        if now["covered"]:
            problems.append(f"{stop_name(page, index)} has the focus out of sight")
    missed = [index for index in range(count) if index not in order]
    problems += [f"Tab does not reach {stop_name(page, index)}" for index in missed[:10]]

    if not page.evaluate("document.activeElement.matches('.md-skip')"):
        return [*problems, "the first Tab does not reach the skip link"]
    page.keyboard.press("Enter")
    page.wait_for_function("!document.activeElement.matches('.md-skip')")
    page.keyboard.press("Tab")
    if not page.evaluate("document.activeElement.matches('main *')"):
        problems.append("after the skip link, Tab goes on outside of the main part")
    return problems


def stop_name(page: Page, index: int) -> str:
    """What the reader would call an element that Tab reaches."""
    return page.evaluate("index => theStops.name(index)", index)


def axe_problems(page: Page, colours_alone: bool = False) -> list[str]:
    """The violations of WCAG 2.2 A and AA and of good practice that axe-core finds; or of what they say of colours.

    Takes code apart: call it last.
    """
    page.evaluate(PREPARE)
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(axe_script())
        page.evaluate("axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-look]' }] })")
    only = {"type": "rule", "values": COLOUR_RULES} if colours_alone else {"type": "tag", "values": AXE_TAGS}
    results = page.evaluate(f"axe.run({json.dumps({'runOnly': only, 'resultTypes': ['violations']})})")
    ran = {rule["id"] for kind in ("passes", "violations", "incomplete", "inapplicable") for rule in results[kind]}
    missing = {*(COLOUR_RULES if colours_alone else AXE_KEY_RULES)} - ran
    assert not missing, f"axe-core did not run {sorted(missing)}."
    return [
        f"axe {rule['id']}: {rule['help']}: {' '.join(map(str, node['target']))}: {node['html'][:120]}: "
        + " ".join(node.get("failureSummary", "").split()[:40])
        for rule in results["violations"]
        for node in rule["nodes"][:5]
    ]
