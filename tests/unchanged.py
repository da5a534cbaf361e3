"""Leave out of a second `make test` the tests that passed before, while nothing they depend on has changed.

Which passed is kept in a file for each module, named by a hash of what its tests depend on: the paths in DEPENDS_ON,
the module's own folder, what all tests share, the pinned packages and weights, Python and the processor. Tests are left
out only when everything is tested: those that were named are made, and so is everything afresh (`make test fresh=1`)
and under CI.
"""

import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

from scripts.paths import ROOT
from tests.programs import run_cache

PASSED = ROOT / ".cache" / "passed"
EVERYTHING = (".",)
PROGRAMS = ("snippets", "rung/src", "docs/labs")
# What the tests of a folder or module depend on, below the root; those that no line names are quick, and always made.
DEPENDS_ON = {
    "tests/browser": EVERYTHING,
    "tests/experiments": ("experiments", "rung/src", "snippets", "docs"),
    "tests/programs/test_ask_your_documents.py": PROGRAMS,
    "tests/programs/test_bad_input.py": PROGRAMS,
    "tests/programs/test_embedders.py": PROGRAMS,
    "tests/programs/test_model_families.py": PROGRAMS,
    "tests/programs/test_rag_programs.py": PROGRAMS,
    "tests/rung": ("rung", "snippets", "docs/assets/tools/decide"),
    "tests/site": EVERYTHING,
}
SHARED = ("tests/conftest.py", "tests/unchanged.py", "tests/programs", "scripts")
NOTE = "tests were not made again: they passed, and nothing they depend on has changed"
STILL_GOOD = pytest.StashKey[bool]()


@cache
def files_below(name: str) -> tuple[Path, ...]:
    """The files of a path below the root, those that git ignores left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", name]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True)
    if listed.returncode:  # no clone: a copy of its files
        at = ROOT / name
        found = at.rglob("*") if at.is_dir() else [at]
        return tuple(file for file in found if file.is_file() and file.suffix != ".pyc")
    found = {ROOT / os.fsdecode(path) for path in listed.stdout.split(b"\0") if path}
    return tuple(sorted(file for file in found if file.is_file()))


@cache
def named(file: Path) -> str:
    """A file's path and a hash of what is in it, when the tests began."""
    return f"{os.path.relpath(file, ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}"


@cache
def record_of(module: Path, names: tuple[str, ...]) -> Path:
    """The file that holds which tests of a module passed, with all that they depend on as it is now."""
    own = module.parent.relative_to(ROOT).as_posix()
    files = {file for name in (*SHARED, own, *names) for file in files_below(name)} | set(run_cache.pins())
    key = run_cache.digest_of([named(file) for file in sorted(files)], [])
    return PASSED / f"{module.relative_to(ROOT).with_suffix('').as_posix().replace('/', '-')}-{key[:32]}"


def record_for(item: pytest.Item) -> Path | None:
    """The file that holds whether this test passed, or None where its module is always made."""
    module = item.path.relative_to(ROOT)
    known = (DEPENDS_ON.get(path.as_posix()) for path in (module, module.parent))
    paths = next(filter(None, known), None)
    return record_of(item.path, paths) if paths else None


@cache
def passed(record: Path) -> frozenset[str]:
    """The tests that a record holds, when the tests began."""
    return frozenset(record.read_text(encoding="utf-8").splitlines()) if record.exists() else frozenset()


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    """Take out of the tests those that passed before and would again; returns these.

    Where none are, too, the records are named here: by what the tests depend on before the first of them begins.
    """
    known = [item for item in items if (record := record_for(item)) and item.nodeid in passed(record)]
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.getoption("keyword")
    if not everything or run_cache.is_afresh(config.getoption):
        return []
    left_out = set(known)
    items[:] = [item for item in items if item not in left_out]
    return known


def begin(record: Path) -> None:
    """Make room for a module's new record: those of its earlier states go."""
    PASSED.mkdir(parents=True, exist_ok=True)
    for older in PASSED.glob(f"{record.name[:-32]}*"):
        if older != record and len(older.name) == len(record.name):
            older.unlink(missing_ok=True)


def keep(item: pytest.Item, report: pytest.TestReport) -> None:
    """Note a test that passed, with what came before and after it."""
    good = item.stash.get(STILL_GOOD, True) and report.passed
    item.stash[STILL_GOOD] = good
    if not good or report.when != "teardown" or not (record := record_for(item)):
        return
    if not record.exists():
        begin(record)
    with record.open("a", encoding="utf-8") as file:  # a short line, at once: processes share the file
        file.write(f"{item.nodeid}\n")
