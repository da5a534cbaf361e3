"""The fixtures of every test that opens a browser; conftest.py loads them. Playwright is imported where it is used."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.fetch_browser_model import EMBEDDING, WRITER, Vendored
from scripts.paths import RESULTS
from tests.programs import run_cache

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.chromium import Tab


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One Chromium for a file's tests in a process. Not for all: Playwright keeps an event loop while it is up."""
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.chromium import MISSING, start

    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        chromium = start(playwright)
        if not chromium:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def tab(browser, site_address) -> Callable[..., "Tab"]:
    """A tab by device, colour scheme and whether JavaScript runs; made once, then shared."""
    from tests.browser.chromium import Tab, open_context

    made = {}

    def find(device: str, scheme: str = "light", java_script: bool = True) -> Tab:
        key = device, scheme, java_script
        if key not in made:
            context = open_context(browser, device, scheme, java_script_enabled=java_script)
            made[key] = Tab(context, site_address)
        return made[key]

    return find


@pytest.fixture
def picture(request) -> Callable[["Page", str], None]:
    """Takes a picture of a whole page, under a name in test-results/screenshots/; only with `--pictures`."""
    from tests.browser.chromium import take_picture

    def take(page: "Page", name: str) -> None:
        if request.config.getoption("--pictures"):
            take_picture(page, RESULTS / "screenshots" / f"{name}.jpg")

    return take


@pytest.fixture
def audit(request, browser, site, record_property) -> Callable[..., list[str]]:
    """Audits a page by its path and returns the problems found; one in order is not audited twice.

    But it is where pictures are to be taken, which are taken on the way.
    """
    afresh = run_cache.is_afresh(request.config.getoption) or request.config.getoption("--pictures")

    def at(path: str, find: Callable[[], list[str]], programs: list[Path] = ()) -> list[str]:
        page = site / path if path.endswith(".html") else site / path / "index.html"
        key = run_cache.key_of_audit(request.node.originalname, page, site, browser.version, list(programs))
        if not afresh and run_cache.was_in_order(key):
            record_property("audit", "not made again")
            return []
        problems = find()
        run_cache.store_audit(key, problems)
        return problems

    return at


@pytest.fixture
def fresh(browser, site_address) -> Iterator[Callable[..., "Tab"]]:
    """Makes a tab in a profile of its own; at the end nothing may have gone wrong in it."""
    from tests.browser.chromium import Tab, open_context

    made = []

    def make(device: str, scheme: str = "light", **more) -> Tab:
        context = open_context(browser, device, scheme, **more)
        made.append(Tab(context, site_address))
        return made[-1]

    yield make
    for one in made:
        one.page.context.close()
        assert not one.found, report(one.found)


@pytest.fixture
def tool(request, fresh) -> Callable[..., "Page"]:
    """Opens a file's tool, at a query, on a device or in a tab that is there, and waits until it is built.

    The file says where the tool is, `PAGE`, and what stands in it once it is built, `BUILT`.
    """

    def show(where: "str | Tab" = "desktop", query: str = "", **more) -> "Page":
        tab = fresh(where, **more) if isinstance(where, str) else where
        page = tab.show(request.module.PAGE + query)
        page.locator(request.module.BUILT).first.wait_for(state="attached")
        return page

    return show


def manifest_of(folder: Vendored) -> dict:
    """What `make vendor` laid out in a folder; without it the test is left out."""
    file = folder.final / "manifest.json"
    if not file.exists():
        missing = f"The browser's {folder.called} is not there: install Node, then run `make vendor`."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def manifest() -> dict:
    """The files of the model that turns sentences into vectors in the reader's browser."""
    return manifest_of(EMBEDDING)


@pytest.fixture(scope="session")
def writer_manifest() -> dict:
    """The files of the model that writes in the reader's browser."""
    return manifest_of(WRITER)


@pytest.fixture
def desktop(fresh) -> "Page":
    """The home page on a desktop, in a profile of its own."""
    return fresh("desktop").show()


def report(problems: list[str]) -> str:
    """One problem a line."""
    return "\n".join(["", *dict.fromkeys(problems)])
