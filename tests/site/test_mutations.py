"""Mutation tests of the tests: each mutation, planted in a small copy of the guide, is caught and named."""

import re

import pytest
from filelock import FileLock

from scripts.paths import RESULTS
from tests.site.mutations import MUTATIONS, Mutation, run_tests

TABLE = RESULTS / "mutations.md"
HEAD = "# Mutations, and what caught each\n\n| Mutation | Test that fails | What it says |\n|---|---|---|\n"


def note(run: str, mutation: Mutation, sentence: str) -> None:
    """Write a row of the table for this test run, whichever process comes first."""
    mark = f"<!-- test run {run} -->\n"
    with FileLock(RESULTS / "mutations.lock"):
        text = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
        rows = text.partition(HEAD)[2].splitlines(keepends=True) if text.startswith(mark) else []
        cells = [mutation.kind, f"`{mutation.caught_by.removeprefix('tests/')}`", sentence.replace("|", "\\|")]
        rows.append(f"| {' | '.join(cells)} |\n")
        order = [one.kind for one in MUTATIONS]
        rows.sort(key=lambda row: order.index(row[2:].partition(" | ")[0]))
        TABLE.write_text(mark + HEAD + "".join(rows), encoding="utf-8")


def test_the_unharmed_copy_passes(copy):
    tests = {mutation.caught_by for mutation in MUTATIONS}
    result = run_tests(copy, *sorted(test for test in tests if "browser" not in test))
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert "skipped" not in result.stdout


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.kind)
def test_a_mutation_is_caught_and_named(mutation, copy, testrun_uid):
    mutation.plant(copy)
    result = run_tests(copy, mutation.caught_by)
    if "need Chromium" in result.stdout and result.returncode == 0:
        pytest.skip("needs Chromium")
    assert result.returncode == 1, f"Not caught: {mutation.kind}.\n{result.stdout[-3000:]}{result.stderr[-2000:]}"
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+?)(?:\[.*)?(?: - .*)?$", result.stdout, re.MULTILINE)
    assert set(failed) == {mutation.caught_by.partition("[")[0]}, result.stdout
    message = "\n".join(re.findall(r"^E   (.*)$", result.stdout, re.MULTILINE))
    for text in mutation.says:
        assert text in message, f"Caught, but the message does not say {text!r}:\n{result.stdout[-5000:]}"
    lines = [line for line in reversed(message.splitlines()) if not line.lstrip().startswith(("+  where", "assert"))]
    telling = max(lines, key=lambda line: sum(text in line for text in mutation.says))
    note(testrun_uid, mutation, telling.strip().removeprefix("AssertionError: "))


def test_each_mutation_has_a_kind_of_its_own():
    assert len({mutation.kind for mutation in MUTATIONS}) == len(MUTATIONS)
