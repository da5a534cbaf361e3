"""What the tools do without a page is tested in Node, by tests/unit/js."""

import subprocess
from pathlib import Path

from tests.unit.node import node

FOLDER = Path(__file__).with_name("js")


def test_javascript_keeps_its_promises():
    files = sorted(FOLDER.glob("*.test.mjs"))
    assert files, "There is no test of JavaScript in tests/unit/js."
    command = [node(), "--test", "--test-reporter=spec", *files]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    said = result.stdout.partition("failing tests:")[2] or result.stdout
    assert result.returncode == 0, f"node --test found something:\n{said[:6000]}{result.stderr[-2000:]}"
