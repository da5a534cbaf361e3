"""Each commit runs the linters for what it changes, and a mistake stops it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.lint import LINTERS
from scripts.paths import ROOT
from tests.site.mutations import PAGE, PROGRAM, add

(REPOSITORY,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
HOOKS = {hook["id"]: hook for hook in REPOSITORY["hooks"]}


def test_the_hooks_run_every_linter_and_fetch_nothing():
    named = [name for hook in HOOKS.values() for name in re.findall(r"(?<=\s)[\w-]+", hook["entry"]) if name in LINTERS]
    assert sorted(named) == sorted(LINTERS), "Name each linter of scripts/lint.py once in .pre-commit-config.yaml."
    assert REPOSITORY["repo"] == "local"
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}


# Runs a module with --check, and then says which files it read, compiled from their source.
READ_BY = """
import runpy, sys
module, report = sys.argv[1:]
read = []
sys.addaudithook(lambda event, given: read.append(given[0]) if event == "open" and type(given[0]) is str else None)
sys.argv = [module, "--check"]
runpy.run_module(module, run_name="__main__", alter_sys=True)
open(report, "w").write("\\n".join(read))
"""


def test_the_hook_of_generated_pages_runs_where_anything_changes_that_they_are_made_from(tmp_path):
    report = tmp_path / "read.txt"
    command = [sys.executable, "-X", f"pycache_prefix={tmp_path}", "-c", READ_BY, "scripts.pages", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    read = {(ROOT / name).resolve() for name in report.read_text(encoding="utf-8").splitlines()}
    ours = [file.relative_to(ROOT) for file in read if file.is_relative_to(ROOT)]
    made_from = [file.as_posix() for file in ours if not file.parts[0].startswith(".")]
    assert {"requirements/test.in", "docs/evidence/claims.json"} <= set(made_from)
    passed_over = [name for name in sorted(made_from) if not re.search(HOOKS["pages"]["files"], name)]
    assert not passed_over, f"Name them in the hook `pages` of .pre-commit-config.yaml: {passed_over}"


@pytest.fixture
def repository(copy) -> Path:
    """The small copy as a repository, with this environment in place of .venv."""
    (copy / ".venv").symlink_to(sys.prefix)
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", "-C", str(copy), *command], check=True)
    return copy


def run_hooks(repository: Path, tmp_path: Path, *changed: str) -> subprocess.CompletedProcess:
    """What pre-commit makes of a commit that changes these files."""
    program = Path(sys.executable).with_name("pre-commit")
    env = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = [program, "run", "--files", *changed]
    return subprocess.run(command, cwd=repository, env=env, capture_output=True, encoding="utf-8")


# What each hook must stop: the file, what is added to it, and what is said.
MISTAKES = {
    "Python": (PROGRAM, "import os\nprint( 1 )\n", "imported but unused", "-print( 1 )"),
    "Types": ("rung/src/rung/errors.py", "def share(hits):\n    return sum(hits)\n", "missing a type annotation"),
    "Spelling": (PAGE, f"You {'rec' + 'ieve'} it.\n", "planted.md:"),
    "Markdown": (PAGE, "# Again\n", "MD025"),
    "Workflows": (".github/workflows/ci.yml", "on: pull_request_target\n", "ci.yml"),
}


def test_a_mistake_in_what_is_changed_stops_the_commit(repository, tmp_path):
    for file, mistake, *_ in MISTAKES.values():
        add(file, mistake)(repository)
    result = run_hooks(repository, tmp_path, *(file for file, *_ in MISTAKES.values()))
    assert result.returncode == 1
    for hook, (_, _, *told) in MISTAKES.items():
        said = re.search(rf"^{hook}\.+Failed\n(.*?)(?=^[A-Z][\w ]+\.\.\.|\Z)", result.stdout, re.MULTILINE | re.DOTALL)
        assert said, f"{hook} lets it through:\n{result.stdout}{result.stderr}"
        assert all(one in said[1] for one in told), said[1]


def test_what_is_in_order_passes_and_other_kinds_of_file_are_not_looked_at(repository, tmp_path):
    result = run_hooks(repository, tmp_path, "scripts/lint.py")
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"^Python\.+Passed$", result.stdout, re.MULTILINE)
    for hook in ("Types", "Markdown", "Workflows", "Generated pages"):
        assert re.search(rf"^{hook}\.+.*Skipped$", result.stdout, re.MULTILINE), result.stdout
