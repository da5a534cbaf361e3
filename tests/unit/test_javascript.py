"""What the tools do without a page is tested in Node, by tests/unit/js."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).with_name("js")


def test_javascript_keeps_its_promises():
    node = shutil.which("node")
    if not node:
        missing = "The tests of JavaScript need Node 20 or newer: install it, then run this again."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    files = sorted(FOLDER.glob("*.test.mjs"))
    assert files, "There is no test of JavaScript in tests/unit/js."
    command = [node, "--test", "--test-reporter=spec", *files]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    said = result.stdout.partition("failing tests:")[2] or result.stdout
    assert result.returncode == 0, f"node --test found something:\n{said[:6000]}{result.stderr[-2000:]}"
