"""The cheat sheet is printed on one side of paper, whole and legible."""

import re

import pytest

from tests.browser.chromium import SCHEMES, open_context

pytestmark = pytest.mark.browser

SHEET = "interview/cheat-sheet/"
MARGIN = dict.fromkeys(["top", "right", "bottom", "left"], "10mm")
SETTINGS = {
    "A4": {"format": "A4"},
    "A4, margins of the print dialogue": {"format": "A4", "margin": MARGIN},
    "Letter": {"format": "Letter"},
    "Letter, margins of the print dialogue": {"format": "Letter", "margin": MARGIN},
}
SECTIONS = [
    "The ladder",
    "Which gap?",
    "Two minutes",
    "Traps",
    "Was it retrieved? Was it used?",
    "Results to quote",
    "Ask of any plan",
    "Trade-offs in miniature",
]
PHRASES = [
    "Ask what is missing.",
    "Climb on evidence",
    "twenty failures, the right passage pasted in by hand",
    "retrieval changes the input, tuning changes the weights",
    "Facts go in the prompt; tune for how it writes.",
    "luck: do not count it",
    "What number would make us stop?",
    "Delete on request",
]

# The text as printed: without what the print stylesheet hides. Sizes in points, as type is measured on paper.
PRINTED = """() => {
  const walker = document.createTreeWalker(document.querySelector("main article"), NodeFilter.SHOW_TEXT)
  const words = [], small = [], pale = []
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), parent = walker.currentNode.parentElement
    if (!text || !parent.checkVisibility({ visibilityProperty: true })) continue
    const style = getComputedStyle(parent)
    words.push(text)
    if (parseFloat(style.fontSize) * 0.75 < 7.5) small.push(text)
    if (Math.max(...style.color.match(/\\d+/g).slice(0, 3)) > 110) pale.push(text)
  }
  return { text: words.join(" ").replace(/\\s+/g, " "), small, pale }
}"""


@pytest.fixture(scope="module", params=SCHEMES)
def sheet(request, browser, site_address):
    """The cheat sheet on a screen, light and dark."""
    context = open_context(browser, "desktop", request.param)
    page = context.new_page()
    page.goto(site_address + SHEET)
    page.evaluate("document.fonts.ready.then(() => 0)")
    yield page
    context.close()


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_sheet_fills_exactly_one_page(settings, sheet):
    pages = len(re.findall(rb"/Type\s*/Page\b", sheet.pdf(**settings)))
    assert pages == 1, f"printed on {pages} pages"


def test_sheet_has_every_section_in_its_outline(sheet):
    pdf = sheet.pdf(format="A4", tagged=True, outline=True)
    written = re.findall(rb"/Title\s*(?:<FEFF([0-9A-F]+)>|\(((?:[^()\\]|\\.)*)\))", pdf)
    titles = [bytes.fromhex(code.decode()).decode("utf-16-be") if code else text.decode() for code, text in written]
    assert [title for title in titles if title in SECTIONS] == SECTIONS


def test_sheet_prints_its_text_large_and_dark_enough(sheet):
    sheet.emulate_media(media="print")
    printed = sheet.evaluate(PRINTED)
    sheet.emulate_media(media="screen")
    missing = [phrase for phrase in [*SECTIONS, *PHRASES] if phrase not in printed["text"]]
    assert not missing, f"not printed: {missing}"
    assert "http" not in printed["text"] and "fits one side" not in printed["text"]
    assert not printed["small"], f"printed smaller than 7.5 points: {printed['small'][:5]}"
    assert not printed["pale"], f"too pale for paper: {printed['pale'][:5]}"


def test_nothing_on_the_sheet_is_cut_off(sheet):
    sheet.emulate_media(media="print")
    sheet.set_viewport_size(
        {"width": 718, "height": 1000}
    )  # the width of A4 within 10 mm margins, in pixels of 1/96 inch
    out = sheet.evaluate("""() => [...document.querySelectorAll(".sheet *")]
      .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
      .map(element => element.outerHTML.slice(0, 80))""")
    sheet.emulate_media(media="screen")
    assert not out, f"sticks out of the paper: {out[:3]}"
