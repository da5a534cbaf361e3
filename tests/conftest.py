"""Options, shared fixtures and the closing report."""

import os
import shutil
from collections.abc import Callable, Generator
from itertools import islice
from pathlib import Path

import pytest
from filelock import FileLock

from scripts import full_vectors, link_sources
from scripts.pages import cost, decide, ledger, practice
from scripts.pages.data import BrokenData
from scripts.paths import LOCAL_MODELS, OTHER_MODELS, RESULTS
from tests import unchanged
from tests.programs import run_cache
from tests.site.built_site import build, served
from tests.site.mutations import copy_in_miniature

# Here, because libraries read it as they are imported, which a module of tests may do before the folder that needs a
# model is collected.
for name in OTHER_MODELS:
    os.environ.pop(name, None)
os.environ |= LOCAL_MODELS

pytest_plugins = ["tests.browser.fixtures"]
NO_BUILD = "The site does not build"
ALREADY_SHOWN = set()
LEFT_OUT = pytest.StashKey[int]()
READERS = {
    ledger.CLAIMS: ledger.claims,
    decide.RULES: decide.read,
    practice.PROMPTS: practice.practice,
    cost.INPUTS: cost.read,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ways of running the programs that are not a plain comparison."""
    group = parser.getgroup("programs")
    group.addoption("--update-outputs", action="store_true", help="rewrite the .out files from what the code prints")
    group.addoption(
        "--afresh", action="store_true", help="run slow programs and audit pages even if nothing has changed"
    )
    group.addoption(
        "--facts-only", action="store_true", help="check the declared facts, not the wording: for other weights"
    )
    parser.addoption("--pictures", action="store_true", help="take pictures of all pages: test-results/screenshots/")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder where reports and screenshots go, and stop at once where no test could read its data."""
    RESULTS.mkdir(exist_ok=True)
    if not hasattr(config, "workerinput"):  # before the processes that share the work begin
        link_sources.main()  # only where git could not make symbolic links
        if config.getoption("numprocesses", None):  # which inherit the environment
            # Tests that load a model compute as the programs do that tests start (runner.environment): with an AMD
            # processor's vectors in full and on one thread, for of two threads each waits for the other, busily, while
            # another process has its core.
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            os.environ |= full_vectors.environment()
    try:
        for file, read in READERS.items():
            if file.exists():  # in a small copy of the guide they are not
                read()
    except BrokenData as error:
        raise pytest.UsageError(str(error)) from None


def in_shares(long: list, short: list, shares: int) -> list:
    """An order for so many processes in which each begins with its part of what is long.

    Each is given an equal run of the order (xdist's worksteal), and one that is done takes from another's end: what is
    short is left there, so that none works on alone.
    """
    order, rest, left = [], iter(short), len(long) + len(short)
    for share in range(shares):
        size, mine = left // (shares - share), long[share::shares]
        order += [*mine, *islice(rest, max(0, size - len(mine)))]
        left -= size
    return [*order, *rest]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what passed and would again; begin with what takes minutes, in each of the processes that share it."""
    left_out = unchanged.leave_out(config, items)
    config.hook.pytest_deselected(items=left_out)
    getattr(config, "workeroutput", {})["left out"] = config.stash[LEFT_OUT] = len(left_out)
    long = [item for item in items if item.get_closest_marker("long")]
    short = [item for item in items if not item.get_closest_marker("long")]
    items[:] = in_shares(long, short, getattr(config, "workerinput", {"workercount": 1})["workercount"])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep that a slow test passed."""
    report = yield
    unchanged.keep(item, report)
    return report


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, worker_id) -> Callable[[str, Callable[[Path], None]], Path]:
    """Makes a folder that the processes of this test run share, and no other run: by whichever needs it first."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    def at(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}-is-made"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                done.touch()
        return folder

    return at


def build_into(folder: Path) -> None:
    """Build the site, strictly."""
    result = build(folder)
    (RESULTS / "mkdocs-build.log").write_text(result.stdout + result.stderr, encoding="utf-8")
    assert result.returncode == 0, f"{NO_BUILD}:\n{result.stderr[-4000:]}"


@pytest.fixture(scope="session")
def site(made_once) -> Path:
    """The built site's folder."""
    return made_once("site", build_into)


@pytest.fixture(scope="session")
def site_address(site) -> str:
    """The address of the built site, served below a folder as GitHub Pages would."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def miniature(tmp_path_factory) -> Path:
    """A small copy of the guide, unharmed; made once in each process."""
    root = tmp_path_factory.mktemp("guide")
    copy_in_miniature(root)
    return root


@pytest.fixture
def copy(miniature, tmp_path):
    """A copy of that, to be changed and thrown away."""
    root = tmp_path / "guide"
    shutil.copytree(miniature, root, symlinks=True)
    yield root
    shutil.rmtree(root)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Show once why the site does not build: every test that needs it would repeat the whole of it."""
    if report.failed and f"{NO_BUILD}:" in str(report.longrepr):
        if NO_BUILD in ALREADY_SHOWN:
            report.longrepr = f"{NO_BUILD}, as shown above and in test-results/mkdocs-build.log."
        ALREADY_SHOWN.add(NO_BUILD)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Hear from a process that shares the work how many tests were left out: the same in each."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left out", 0)


def pytest_terminal_summary(terminalreporter) -> None:
    """Print what each program cost, slowest first, so that the cost of the whole stays visible."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    rows = [dict(report.user_properties) for report in reports if report.when == "call"]
    if left_out := terminalreporter.config.stash.get(LEFT_OUT, 0):
        terminalreporter.section("unchanged")
        terminalreporter.write_line(f"{left_out} {unchanged.NOTE}")
    if audits := sum("audit" in row for row in rows):
        terminalreporter.section("pages")
        terminalreporter.write_line(f"{audits} page audits {run_cache.NOTE_AUDIT}")
    rows = sorted((row for row in rows if "program" in row), key=lambda row: -row["seconds"])
    if not rows:
        return
    terminalreporter.section("programs, slowest first")
    terminalreporter.write_line(f"{'seconds':>8} {'peak MB':>8}  program")
    for row in rows:
        note = f"  ({row['note']})" if "note" in row else ""
        terminalreporter.write_line(f"{row['seconds']:8.1f} {row['peak_mb']:8.0f}  {row['program']}{note}")
    total = sum(row["seconds"] for row in rows)
    terminalreporter.write_line(f"{total:8.1f} {max(row['peak_mb'] for row in rows):8.0f}  together; largest")
