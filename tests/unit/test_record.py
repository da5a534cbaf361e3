"""What `make record` runs: a program for each name, with what it needs; and every recorded file has its command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import record
from scripts.paths import DOCS, HF_HOME, ROOT
from tests.site.recipes import commands_of_make, requires_make

CONTRIBUTE = DOCS / "contribute" / "index.md"
PROGRAMS = {file.stem for file in (ROOT / "scripts").glob("record_*.py")}


def ran(*arguments: str) -> subprocess.CompletedProcess:
    """What `python -m scripts.record` says."""
    command = [sys.executable, "-m", "scripts.record", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")


def test_every_program_that_records_has_a_name_and_every_name_a_program():
    commands = [command for one in record.RECORDS.values() for command in one.commands]
    modules = {command[2] for command in commands if command[1] == "-m"}
    assert {f"scripts.{name}" for name in PROGRAMS} <= modules
    files = [f"{name.replace('.', '/')}.py" for name in modules] + [one[1] for one in commands if one[1] != "-m"]
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_without_a_name_it_lists_them_and_an_unknown_one_gets_a_sentence():
    assert re.findall(r"only=(\w+)", ran().stdout) == list(record.RECORDS)
    wrong = ran("nonesuch")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("Nothing is recorded under 'nonesuch'. There are: ask, ")


def test_what_else_was_typed_goes_to_the_program_and_then_the_pages_are_written():
    recording, pages = record.commands_for("ask", ["--run"])
    assert recording == (sys.executable, "-m", "scripts.record_ask", "site", "--run")
    assert pages == record.PAGES == (sys.executable, "-m", "scripts.pages")


def test_a_recording_finds_the_models_of_this_tree_and_takes_no_others(monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", "/elsewhere")
    made = record.environment()
    assert (made["HF_HOME"], made["HF_HUB_OFFLINE"]) == (str(HF_HOME), "1") and "HF_HUB_CACHE" not in made
    assert Path(made["PYTHONPATH"].split(os.pathsep)[1], "rung", "cutting.py").is_file()


def test_without_node_it_is_said_that_it_is_needed(monkeypatch):
    monkeypatch.setattr(record.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["record", "search"])
    with pytest.raises(SystemExit, match="needs Node"):
        record.main()


@requires_make
@pytest.mark.parametrize("name", record.RECORDS)
def test_make_first_builds_the_site_where_it_is_needed(name):
    commands = commands_of_make(ROOT, "record", f"only={name}")
    assert any("mkdocs" in command[0] for command in commands) == record.RECORDS[name].needs_site
    assert any("scripts.fetch_browser_model" in command for command in commands) == record.RECORDS[name].needs_site
    assert commands[-1] == [".venv/bin/python", "-m", "scripts.record", name]


def test_the_page_for_contributors_says_what_each_writes_and_which_test_notices():
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", CONTRIBUTE.read_text(encoding="utf-8"), re.MULTILINE)
    rows = {name: row for name, row in rows if name in record.RECORDS}
    assert list(rows) == list(record.RECORDS)
    for name, row in rows.items():
        assert re.search(r"`tests/[\w/]+\.py`", row), f"{name}: which test notices?"
