"""The site builds strictly, its links hold in the built HTML, and it asks no other host for anything."""

import json
import re
from pathlib import Path

import pytest

from scripts.markdown import all_pages, pages_that_lead_on
from scripts.paths import DOCS, ROOT, SNIPPETS, all_programs
from tests.site.markup import markup_of, target_of

# What makes a browser fetch something by itself; a link that the reader follows does not, nor does a <meta> address.
FETCHED = ("src", "srcset", "href", "xlink:href", "data", "poster", "imagesrcset", "background", "style")
FETCHING_RELS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch", "manifest", "prefetch"}
FOREIGN = re.compile(r"""(?:^\s*|,\s*|url\(\s*['"]?|@import\s*['"]?)((?:https?:)?//[^\s'"),]+)""")


# A block that an extension which is not switched on would have made: tabs, a note, an included file, an attribute list.
NOT_RENDERED = re.compile(
    r"""<p>\s*((?:===[!+]?\s*(?:"|&quot;)|!!!\s*\w|\?\?\?\+?\s*\w|-+8(?:<|&lt;)-+|\{:\s)[^\n<]{0,60})"""
)


def foreign_requests(page: Path) -> list[str]:
    """What a built page would fetch from another host."""
    found = []
    for name, attributes, _, text in markup_of(page).elements:
        if name == "a" or (name == "link" and not FETCHING_RELS & set(attributes.get("rel", "").split())):
            continue
        values = [attributes.get(attribute, "") for attribute in FETCHED] + [text] * (name == "style")
        found += [address for value in values for address in FOREIGN.findall(value)]
    return found


def dead_links(page: Path, site: Path, address: str) -> list[str]:
    """The links of a page, of any kind, that lead to no file of the site or to no place in a page of it."""
    found = []
    for name, attributes, line, _ in markup_of(page).elements:
        for link in (attributes.get("href"), attributes.get("src")):
            target = target_of(link, page, site, address) if link else None
            if not target:
                continue
            file, place = target
            if not file.is_file():
                found.append(f"<{name}> to {link}: no such file (line {line})")
            elif place and file.suffix == ".html" and place not in markup_of(file).anchors:
                found.append(f"<{name}> to {link}: no such place on that page (line {line})")
    return found


def test_no_page_fetches_from_another_host(site):
    for page in site.rglob("*.html"):
        found = foreign_requests(page)
        assert not found, (
            f"{page.relative_to(site)} would fetch {found[0]} from another host: keep a copy in docs/assets."
        )


def test_no_drawing_holds_a_term_that_is_explained_where_it_stands(site):
    """Inside a drawing a browser shows nothing of an <abbr>, so the term would be missing."""
    for page in site.rglob("*.html"):
        for drawing in re.findall(r"<svg.*?</svg>", page.read_text(encoding="utf-8"), re.DOTALL):
            found = re.search(r"<abbr[^>]*>([^<]*)", drawing)
            assert not found, f"{page.relative_to(site)}: a drawing says {found[1]}: say it there in other words."


def test_no_stylesheet_or_script_of_ours_names_another_host(site):
    for file in [*(ROOT / "docs" / "assets").rglob("*.css"), *(ROOT / "docs" / "assets").rglob("*.js")]:
        found = re.search(r"""(url\(|import\s|from\s|fetch\()\s*['"]?(https?:)?//[^\s'")]+""", file.read_text("utf-8"))
        assert not found, f"{file.relative_to(ROOT)} names another host: {found[0]}"


VENDOR = ROOT / "docs" / "assets" / "vendor"
# Syntax that came to Safari after 14, which reads all that our scripts are written with: `??=` and `1n` are as new as
# that. For one of these an older Safari refuses the whole file.
BEFORE_REGEX = (
    r"(?:^|[=(,:;!&|?{}\[\n]|\breturn|=>)[ \t]*"  # before a regular expression, where a division cannot stand
)
NEW_TO_SAFARI = {
    "lookbehind": r"\(\?<[=!]",
    "modifier in a regular expression": r"\(\?(?:[ims]+(?:-[ims]*)?|-[ims]+):",
    "flag d or v": rf"""{BEFORE_REGEX}/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[gimsuy]*[dv]|"""
    r"""\bRegExp\([^\n]*,\s*["'`][gimsuy]*[dv]""",
    "static block": r"\bstatic\s*\{",
    "static field": r"^\s*static\s+\w+\s*[=;]",
    "private name": r"\.#\w|^\s*(?:(?:static|async|get|set)\s+)*#\w+\s*[=;(]|(?:^|[\s(!])#\w+\s+in\b",
    "await outside a function": r"^(?:(?:export\s+)?(?:const|let|var)\s[^\n]*=\s*|\w+\s*=\s*|for\s+|\()?await\b",
    "import attribute": r"""\b(?:with|assert)\s*:?\s*\{\s*["']?type\b""",
    "using": r"^\s*(?:await\s+)?using\s+\w+\s*=",
}


def unreadable_in_old_safari(text: str) -> list[str]:
    """The names of what a script, or a setting that a script reads, may not contain.

    By the layout that Biome gives ours: what begins a line is outside every function.
    """
    return [name for name, pattern in NEW_TO_SAFARI.items() if re.search(pattern, text, re.MULTILINE)]


def test_no_script_of_ours_has_what_old_safari_cannot_read(site):
    scripts = [path for kind in ("js", "mjs") for path in (ROOT / "docs" / "assets").rglob(f"*.{kind}")]
    # What runs the models is other people's, and fetched when a reader asks for one; MiniSearch comes with the search.
    ours = [path for path in scripts if not path.is_relative_to(VENDOR) or path.is_relative_to(VENDOR / "minisearch")]
    assert len(ours) > 10
    pages = [*site.rglob("*.html"), site / "search" / "search_index.json"]
    separator = json.loads(pages[-1].read_text("utf-8"))["config"]["separator"]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in ours}
    texts |= {"`separator` in mkdocs.yml": separator}
    for page in pages[:-1]:
        inline = re.findall(r"<script>(.*?)</script>", page.read_text("utf-8"), re.DOTALL)
        assert inline, f"{page.relative_to(site)} has no script of its own: is it read?"
        texts[page.relative_to(site).as_posix()] = "\n".join(inline)
    found = [f"{name}: {each}" for name, text in texts.items() for each in unreadable_in_old_safari(text)]
    assert not found, "Older Safari cannot read: " + "; ".join(found)


@pytest.mark.parametrize(
    ("construct", "texts"),
    {
        "lookbehind": ["/(?<=a)b/", "/(?<!a)b/"],
        "modifier in a regular expression": ["/(?i:a)b/", "/(?i-s:a)b/", "/a(?-i:b)/i"],
        "flag d or v": [
            "const LETTERS = /[\\p{L}--[a-z]]/v",
            "return /a\\/b/gv.test(text)",
            "text.replace(/[/]/dg, one)",
            'new RegExp(`${word}(?=s)`, "gv")',
        ],
        "static block": ["class A { static { x() } }"],
        "static field": ["class A {\n  static most = 3\n}"],
        "private name": [
            "class A {\n  #most = 3\n}",
            "class A {\n  async #load() {\n  }\n}",
            "  return this.#most",
            "  return #most in it",
            "  if (!(#most in it)) return",
        ],
        "await outside a function": [
            'await import("./a.js")',
            "x()\nexport const a = await b()",
            "for await (const a of b) c(a)",
        ],
        "import attribute": [
            'import a from "./a.json" with { type: "json" }',
            'import("a", { with: {"type": "json"} })',
        ],
        "using": ["  using file = open()", "  await using file = open()"],
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_old_safari_cannot_read_is_seen(construct, texts):
    assert construct in NEW_TO_SAFARI
    for text in texts:
        assert unreadable_in_old_safari(text) == [construct], text


@pytest.mark.parametrize(
    "text",
    [
        r"/(?<year>\d+)/ class A { static x() {} }",
        "class A {\n  most = 3\n  static from(it) {\n  }\n}",
        "const share = (one / all) / value\nconst other = all / d",
        'const AT = "../a/v.json" // of a/v, a/d',
        "/** The address of a page, such as `ladder/rag.md#what-it-fixes`. */",
        'node.querySelector("#most")',
        "async function a() {\n  const b = await c()\n  for await (const d of e) f(d)\n}",
        "export const a = async () => (await b()).c",
        "loading ??= 1n",
        r"const PLAIN = /(?:a|b)(?=c)(?!d)[ims-]/giu",
    ],
)
def test_what_old_safari_reads_is_let_through(text):
    assert unreadable_in_old_safari(text) == []


def test_no_page_shows_markup_that_was_not_rendered(site):
    shown = [
        f"{page.relative_to(site)}: {block}"
        for page in sorted(site.rglob("*.html"))
        for block in NOT_RENDERED.findall(page.read_text(encoding="utf-8"))
    ]
    assert not shown, "Switch the extension on in mkdocs.yml, or write it without:\n" + "\n".join(shown)
    assert NOT_RENDERED.findall('<p>=== "One tab"</p>') and NOT_RENDERED.findall("<p>??? note &quot;More&quot;</p>")


def test_every_link_in_the_built_site_leads_somewhere(site, site_address):
    # Other hosts are tried once a week. For our own pages linkchecker took minutes: it reads a page for each anchor.
    dead = {page: dead_links(page, site, site_address) for page in sorted(site.rglob("*.html"))}
    assert sum(len(markup_of(page).elements) for page in dead), "No page was read."
    found = [f"{page.relative_to(site)}: {each}" for page, links in dead.items() for each in links]
    assert not found, "Dead links in the built site:\n" + "\n".join(found[:40])


def test_every_page_is_reached_from_the_home_page(site, site_address):
    # Through the pages' own text: the navigation leads to each of them, from wherever one is.
    index = site / "index.html"
    seen, waiting = {index}, [index]
    while waiting:
        page = waiting.pop()
        targets = {target[0] for link in markup_of(page).links if (target := target_of(link, page, site, site_address))}
        new = {file for file in targets if file.suffix == ".html" and file.is_file()} - seen
        seen |= new
        waiting += new
    leading_on = {site / old.relative_to(DOCS) for old in pages_that_lead_on()}
    orphans = [page for page in site.rglob("*.html") if page not in seen | leading_on and page.name != "404.html"]
    assert not orphans, (
        f"No link leads to {[page.relative_to(site).as_posix() for page in orphans]}, the navigation aside: "
        "link to it from a page that has to do with it."
    )


def test_an_old_address_leads_on_by_script_without_and_by_hand(site, site_address):
    pages = {(site / page.relative_to(DOCS)).with_suffix("") / "index.html" for page in all_pages()}
    for old in pages_that_lead_on():
        text, page = old.read_text(encoding="utf-8"), site / old.relative_to(DOCS)
        ways = {
            "the script": re.findall(r'location\.replace\("([^"]+)" \+ location\.search \+ location\.hash\)', text),
            "the refresh": re.findall(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', text),
            "the link": re.findall(r'<a href="([^"]+)">', text),
        }
        assert all(len(found) == 1 for found in ways.values()), f"{old.relative_to(ROOT)} needs one of each: {ways}"
        [address] = {found[0] for found in ways.values()}
        target = target_of(address, page, site, site_address)
        assert target and target[0] in pages, f"{old.relative_to(ROOT)} leads to {address}, where no page is."


def test_programs_and_data_can_be_downloaded_unchanged(site):
    for file in [*all_programs(), *SNIPPETS.rglob("*.jsonl"), *SNIPPETS.rglob("*.out")]:
        copy = site / "snippets" / file.relative_to(SNIPPETS)
        assert copy.exists(), f"The site lacks {copy.relative_to(site)}."
        assert copy.read_bytes() == file.read_bytes()
