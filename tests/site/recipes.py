"""Read what the page of recipes says to type, and type it in a copy of the guide."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.paths import DOCS
from tests.site.mutations import run_tests

RECIPES = DOCS / "contribute" / "index.md"
BIN = Path(sys.executable).parent

requires_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


def recipe(heading: str) -> str:
    """A section of the page of recipes."""
    text = RECIPES.read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(heading)}(?: \{{ .* \}})?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/contribute/index.md has no section “{heading}”: if it has another name, change it here."
    return found[1]


def step(pattern: str, heading: str) -> str:
    """What a recipe says to type or write: the first thing in it that fits."""
    found = re.search(pattern, recipe(heading))
    assert found, f"docs/contribute/index.md, “{heading}”, no longer says {pattern!r}: follow here what it says now."
    return found[1]


def commands_of_make(root: Path, target: str, *more: str) -> list[list[str]]:
    """What make would run for a target; the environment counts as installed and the models as laid out."""
    made = (".venv/site", ".venv/lint", ".venv/test", "models", "links")
    old = [f"--assume-old={file}" for file in made if file != target]
    command = ["make", "--dry-run", "--no-print-directory", *old, target, *more]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    result = subprocess.run(command, cwd=root, env=env, capture_output=True, encoding="utf-8")
    assert result.returncode == 0, f"`make {target}` cannot be run: {result.stderr}"
    return [shlex.split(line, comments=True) for line in result.stdout.splitlines()]


def run_make(root: Path, command: str) -> subprocess.CompletedProcess:
    """Do in a copy what a command of make does; the tests' own Python stands for the one that make installs."""
    ((program, *arguments),) = commands_of_make(root, *command.removeprefix("make ").split())
    if program == ".venv/bin/pytest":
        return run_tests(root, *arguments)
    assert program == ".venv/bin/python", f"`{command}` runs {program}."
    return subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True, encoding="utf-8")


def make(root: Path, command: str) -> None:
    """Do that, and fail where it fails."""
    result = run_make(root, command)
    assert result.returncode == 0, f"`{command}` fails:\n{result.stdout[-3000:]}{result.stderr[-2000:]}"


def expect_to_pass(result: subprocess.CompletedProcess, heading: str) -> None:
    """Fail where a test failed in a copy in which a recipe was followed."""
    said = result.stdout[-5000:] + result.stderr[-2000:]
    where = f"docs/contribute/index.md, “{heading}”"
    assert result.returncode == 0, f"{where}, does not lead to what the tests ask for: correct it.\n{said}"
