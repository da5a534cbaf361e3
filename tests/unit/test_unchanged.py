"""A second `make test` leaves out slow tests that passed, and only those, while nothing they depend on has changed."""

import os
import re
import subprocess
import sys

import pytest

from scripts.paths import ROOT
from tests import unchanged

# A repository of two modules with the guide's own hooks.
FILES = {
    "pyproject.toml": f"""
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["{ROOT.as_posix()}", "{(ROOT / "rung" / "src").as_posix()}"]
markers = ["long"]
""",
    "conftest.py": """
from pathlib import Path
from tests import unchanged
from tests.conftest import LEFT_OUT, pytest_addoption, pytest_collection_modifyitems, pytest_runtest_makereport
from tests.conftest import pytest_terminal_summary, pytest_testnodedown
unchanged.ROOT = Path(__file__).parent
unchanged.PASSED = unchanged.ROOT / "passed"
unchanged.DEPENDS_ON = {"tests/slow": ("data",)}
""",
    "data/number.txt": "1",
    "docs/page.md": "A page.",
    "tests/slow/test_slow.py": """
from pathlib import Path
import pytest

def test_number():
    assert Path("data/number.txt").read_text() != "2"

def test_nothing():
    pass

@pytest.fixture
def leaves_a_mess():
    yield
    raise OSError("a mess")

def test_a_mess(leaves_a_mess):
    pass

def test_elsewhere():
    pytest.skip("not here")
""",
    "tests/quick/test_quick.py": "def test_quick(): pass",
}


@pytest.fixture
def repository(tmp_path):
    """That repository."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def made_by(repository, *arguments: str, **more: str) -> tuple[set[str], int]:
    """The tests that a run of pytest made there, and how many it says that it left out."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CI"))} | more
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *arguments]
    run = subprocess.run(command, cwd=repository, env=env, capture_output=True, encoding="utf-8")
    left_out = re.search(r"^(\d+) tests were not made again", run.stdout, re.MULTILINE)
    return set(re.findall(r"::(test_\w+)", run.stdout)), int(left_out[1]) if left_out else 0


ALL = {"test_number", "test_nothing", "test_a_mess", "test_elsewhere", "test_quick"}
AGAIN = {"test_a_mess", "test_elsewhere", "test_quick"}  # what failed, was skipped, or is of a module always made


def test_what_passed_is_left_out_until_something_it_depends_on_changes(repository):
    assert made_by(repository) == (ALL, 0)
    assert made_by(repository) == (AGAIN, 2)
    (repository / "docs" / "page.md").write_text("Another page.", encoding="utf-8")
    assert made_by(repository, "-n", "2") == (AGAIN, 2)
    (repository / "data" / "number.txt").write_text("2", encoding="utf-8")
    assert made_by(repository) == (ALL, 0)
    assert made_by(repository) == (AGAIN | {"test_number"}, 1)
    (repository / "tests" / "slow" / "helper.py").write_text("", encoding="utf-8")
    assert made_by(repository) == (ALL, 0)
    assert len(list((repository / "passed").iterdir())) == 1, "records of earlier states pile up"


def test_what_tests_depend_on_is_there():
    names = [name for paths in unchanged.DEPENDS_ON.values() for name in paths]
    gone = [name for name in (*unchanged.DEPENDS_ON, *names, *unchanged.SHARED) if not (ROOT / name).exists()]
    assert not gone, f"tests/unchanged.py names {', '.join(gone)}, which is no more."


def test_what_is_named_and_all_of_it_afresh_or_under_ci_is_made(repository):
    made_by(repository)
    assert made_by(repository, "tests/slow") == (ALL - {"test_quick"}, 0)
    assert made_by(repository, "-k", "number") == ({"test_number"}, 0)
    assert made_by(repository, "--afresh") == (ALL, 0)
    assert made_by(repository, CI="true") == (ALL, 0)
