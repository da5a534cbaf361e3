"""The gate holds: each kind of defect, planted in a small copy of the guide, is caught and named."""

import re

import pytest
from filelock import FileLock

from scripts.paths import RESULTS
from tests.site.mutations import MUTATIONS, Mutation, run_tests

TABLE = RESULTS / "planted-defects.md"
HEAD = "# Planted defects, and what caught each\n\n| Mutation | Test that fails | What it says |\n|---|---|---|\n"


def note(run: str, defect: Mutation, sentence: str) -> None:
    """Write a row of the table for this test run, whichever process comes first."""
    mark = f"<!-- test run {run} -->\n"
    with FileLock(RESULTS / "planted-defects.lock"):
        text = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
        rows = text.partition(HEAD)[2].splitlines(keepends=True) if text.startswith(mark) else []
        cells = [defect.kind, f"`{defect.caught_by.removeprefix('tests/')}`", sentence.replace("|", "\\|")]
        rows.append(f"| {' | '.join(cells)} |\n")
        order = [one.kind for one in MUTATIONS]
        rows.sort(key=lambda row: order.index(row[2:].partition(" | ")[0]))
        TABLE.write_text(mark + HEAD + "".join(rows), encoding="utf-8")


def test_the_unharmed_copy_passes(copy):
    tests = {defect.caught_by for defect in MUTATIONS}
    result = run_tests(copy, *sorted(test for test in tests if "browser" not in test))
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert "skipped" not in result.stdout


@pytest.mark.parametrize("defect", MUTATIONS, ids=lambda defect: defect.kind)
def test_a_planted_defect_is_caught_and_named(defect, copy, testrun_uid):
    defect.plant(copy)
    result = run_tests(copy, defect.caught_by)
    if "need Chromium" in result.stdout and result.returncode == 0:
        pytest.skip("needs Chromium")
    assert result.returncode == 1, f"Not caught: {defect.kind}.\n{result.stdout[-3000:]}{result.stderr[-2000:]}"
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+?)(?:\[.*)?(?: - .*)?$", result.stdout, re.MULTILINE)
    assert set(failed) == {defect.caught_by.partition("[")[0]}, result.stdout
    message = "\n".join(re.findall(r"^E   (.*)$", result.stdout, re.MULTILINE))
    for text in defect.says:
        assert text in message, f"Caught, but the message does not say {text!r}:\n{result.stdout[-5000:]}"
    lines = [line for line in reversed(message.splitlines()) if not line.lstrip().startswith(("+  where", "assert"))]
    telling = max(lines, key=lambda line: sum(text in line for text in defect.says))
    note(testrun_uid, defect, telling.strip().removeprefix("AssertionError: "))


def test_enough_kinds_of_defect_are_planted():
    assert len({defect.kind for defect in MUTATIONS}) == len(MUTATIONS) >= 18
