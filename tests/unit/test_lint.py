"""`make lint` says what it could not run, and never passes for having run nothing."""

import os
import subprocess
import sys

import pytest

from scripts.lint import LINTERS, NO_NODE, Linter
from scripts.paths import ROOT


def lint(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The command's result in an environment without Node."""
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PATH")}
    command = [sys.executable, "-m", "scripts.lint", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=kept | {"PATH": ""} | environment, capture_output=True, encoding="utf-8"
    )


def test_a_linter_that_does_not_exist_is_told_with_those_that_do():
    result = lint("ruf")
    assert result.returncode == 2
    assert f"there is no linter ruf; there are {', '.join(LINTERS)}" in result.stderr


def test_without_node_what_needs_it_is_left_out_and_said():
    result = lint("biome", "stylelint")
    assert (result.returncode, result.stdout) == (0, f"{NO_NODE}\n")


def test_without_node_the_check_of_a_change_fails():
    assert lint("biome", CI="true").returncode == 1


def test_a_linter_that_is_not_installed_is_told_with_what_to_type():
    with pytest.raises(FileNotFoundError, match="nosuch is not installed: run `make lint`"):
        Linter("nosuch", ()).command()


def test_where_it_cannot_mend_it_checks():
    assert LINTERS["codespell"].command(fix=True) == LINTERS["codespell"].command()
    assert "--fix" in LINTERS["ruff"].command(fix=True)
