"""JavaScript run in Node, for tests that need no page."""

import json
import os
import shutil
import subprocess

import pytest

from scripts.paths import DOCS

TOOLS = DOCS / "assets" / "tools"
MISSING = "The tests of JavaScript need Node 20 or newer: install it, then run this again."

# Infinity has no form in JSON. The function is given the module and what Python gave, and returns what Python gets.
PROGRAM = """
const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const module = await import(process.argv[1])
const answer = await (%s)(module, JSON.parse(Buffer.concat(chunks).toString("utf8")))
console.log(JSON.stringify(answer, (key, value) => (value === Infinity ? "Infinity" : value)))
"""


def node() -> str:
    """The path of Node; without it the test is left out, and fails where every test has to run."""
    path = shutil.which("node")
    if not path:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    return path


def run_module(name: str, function: str, given):
    """What a JavaScript function makes of a tool's module, such as `cost/model.js`, and of data; infinity is a word."""
    command = [node(), "--input-type=module", "--eval", PROGRAM % function, (TOOLS / name).as_uri()]
    result = subprocess.run(command, input=json.dumps(given), capture_output=True, encoding="utf-8", errors="replace")
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout)
