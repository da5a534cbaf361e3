"""What the tools and the search do without a page is tested in Node, by tests/unit/js."""

import hashlib
import subprocess
from pathlib import Path

from scripts.paths import DOCS
from tests.unit.node import node

FOLDER = Path(__file__).with_name("js")


def test_javascript_keeps_its_promises():
    files = sorted(FOLDER.glob("*.test.mjs"))
    assert files, "There is no test of JavaScript in tests/unit/js."
    command = [node(), "--test", "--test-reporter=spec", *files]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    said = result.stdout.partition("failing tests:")[2] or result.stdout
    assert result.returncode == 0, f"node --test found something:\n{said[:6000]}{result.stderr[-2000:]}"


def test_the_vendored_search_engine_is_the_file_of_its_package():
    folder = DOCS / "assets" / "vendor"
    digest = hashlib.sha256((folder / "minisearch" / "minisearch.js").read_bytes()).hexdigest()
    assert digest in (folder / "README.txt").read_text(encoding="utf-8"), "vendor/README.txt pins another file."
