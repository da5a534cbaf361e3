"""Code, prose and workflows follow the house style; each tool says itself what is wrong."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

TOOLS = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--diff"],
    "codespell": ["codespell"],
    "rumdl": ["rumdl", "check", "."],
    "zizmor": ["zizmor", "--offline", "--no-progress", "--color=never", "--persona=pedantic", ".github"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_tool_has_no_complaint(tool):
    program, *arguments = TOOLS[tool]
    path = shutil.which(program, path=str(Path(sys.executable).parent))
    assert path, f"{program} is not installed: run `make test`, which installs requirements/test.txt."
    result = subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, f"{tool} found something:\n{result.stdout[-6000:]}\n{result.stderr[-2000:]}"
