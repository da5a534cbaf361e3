"""The site builds strictly, its links hold in the built HTML, and it asks no other host for anything."""

import re
import subprocess
import sys
from pathlib import Path

from bs4 import BeautifulSoup

from tests.support.paths import ROOT, SNIPPETS, all_snippets

# What makes a browser fetch something by itself; a link that the reader follows does not, nor does a <meta> address.
FETCHED = ("src", "srcset", "href", "xlink:href", "data", "poster", "imagesrcset", "background", "style")
FETCHING_RELS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch", "manifest", "prefetch"}
FOREIGN = re.compile(r"""(?:^\s*|,\s*|url\(\s*['"]?|@import\s*['"]?)((?:https?:)?//[^\s'"),]+)""")


def foreign_requests(page: Path) -> list[str]:
    """What a built page would fetch from another host."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    found = []
    for tag in soup.find_all(True):
        if tag.name == "a" or (tag.name == "link" and not FETCHING_RELS & set(tag.get("rel") or [])):
            continue
        values = [tag.get(attribute, "") for attribute in FETCHED] + [tag.string or ""] * (tag.name == "style")
        found += [address for value in values for address in FOREIGN.findall(value)]
    return found


def test_no_page_fetches_from_another_host(site):
    for page in site.rglob("*.html"):
        found = foreign_requests(page)
        assert not found, (
            f"{page.relative_to(site)} would fetch {found[0]} from another host: keep a copy in docs/assets."
        )


def test_no_stylesheet_or_script_of_ours_names_another_host(site):
    for file in [*(ROOT / "docs" / "assets").rglob("*.css"), *(ROOT / "docs" / "assets").rglob("*.js")]:
        found = re.search(r"""(url\(|import\s|from\s|fetch\()\s*['"]?(https?:)?//[^\s'")]+""", file.read_text("utf-8"))
        assert not found, f"{file.relative_to(ROOT)} names another host: {found[0]}"


def test_every_link_in_the_built_site_leads_somewhere(site, site_address):
    command = [sys.executable, "-m", "linkcheck", "--no-status", "--no-robots", "--config", "tests/linkcheckerrc"]
    result = subprocess.run([*command, site_address], cwd=ROOT, capture_output=True, text=True)
    assert re.search(r"That's it\. \d{2,} links", result.stdout), f"The link check did not run:\n{result.stderr}"
    assert result.returncode == 0, f"Dead links in the built site:\n{result.stdout[-5000:]}"


def test_every_page_is_reached_from_the_home_page(site):
    index = site / "index.html"
    seen, waiting = {index}, [index]
    while waiting:
        page = waiting.pop()
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        for link in soup.find_all("a", href=True):
            address = link["href"].split("#")[0].split("?")[0]
            if not address or re.match(r"[a-z]+:|/", address):
                continue
            target = (page.parent / address).resolve()
            target = target / "index.html" if target.is_dir() else target
            if target.suffix == ".html" and target.exists() and target not in seen:
                seen.add(target)
                waiting.append(target)
    orphans = [page for page in site.rglob("*.html") if page not in seen and page.name != "404.html"]
    assert not orphans, f"No link leads to {[page.relative_to(site).as_posix() for page in orphans]}."


def test_programs_and_data_can_be_downloaded_unchanged(site):
    for file in [*all_snippets(), *SNIPPETS.rglob("*.jsonl"), *SNIPPETS.rglob("*.out")]:
        copy = site / "snippets" / file.relative_to(SNIPPETS)
        assert copy.exists(), f"The site lacks {copy.relative_to(site)}."
        assert copy.read_bytes() == file.read_bytes()
