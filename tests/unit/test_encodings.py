"""Files and output are read as UTF-8 whatever the system's locale is: none of them is left to it."""

import ast
import os
import subprocess
import sys

import pytest

from scripts.paths import EXPERIMENTS, ROOT, SNIPPETS

FOLDERS = [ROOT / "scripts", ROOT / "tests", ROOT / "rung", EXPERIMENTS, SNIPPETS]
PLACE_OF_ENCODING = {"read_text": 0, "write_text": 1}


def names_of(call: ast.Call) -> set[str]:
    """The keyword arguments of a call."""
    return {keyword.arg for keyword in call.keywords}


def leaves_it_to_the_locale(call: ast.Call) -> bool:
    """Whether a call reads or writes text without naming the encoding."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if names_of(call) & {"encoding", None}:  # None: `**more` may name it
        return False
    if name in PLACE_OF_ENCODING:
        return len(call.args) <= PLACE_OF_ENCODING[name]
    return any(keyword.arg == "text" and getattr(keyword.value, "value", False) is True for keyword in call.keywords)


def found_in(source: str) -> list[int]:
    """The lines of a program that leave an encoding to the locale."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if leaves_it_to_the_locale(call)]


def test_every_encoding_is_named():
    files = [file for folder in FOLDERS for file in folder.rglob("*.py") if "node_modules" not in file.parts]
    wrong = [f"{file.relative_to(ROOT)}:{line}" for file in files for line in found_in(file.read_text("utf-8"))]
    assert not wrong, 'Say encoding="utf-8" here, for Windows and others have another one:\n' + "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("path.read_text()", True),
        ("path.write_text(text)", True),
        ("subprocess.run(command, text=True)", True),
        ("path.read_text('utf-8')", False),
        ("path.write_text(text, encoding='utf-8')", False),
        ("path.read_bytes()", False),
        ("subprocess.run(command, encoding='utf-8')", False),
        ("subprocess.run(command, **more)", False),
    ],
)
def test_what_leaves_it_to_the_locale_is_found(source, wrong):
    assert bool(found_in(source)) == wrong


def test_the_pages_are_checked_under_a_locale_without_utf8():
    env = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "scripts.pages", "--check"]
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8")
    assert result.returncode == 0, result.stdout + result.stderr
