"""Every program in the guide runs and prints what its page shows."""

import pytest

from tests.support import memory
from tests.support.engine import difference, missing_facts, rule_for, rules, run_snippet
from tests.support.labs import all_labs, lab_name
from tests.support.paths import all_snippets, name_of

# Declared exceptions may not creep up unnoticed: raise this together with the reason you write in snippets.toml.
MOST_DECLARATIONS = 40


@pytest.mark.parametrize("snippet", all_snippets(), ids=name_of)
def test_snippet_prints_its_output(snippet, request, record_property):
    option = request.config.getoption
    rerun = option("--rerun-snippets") or option("--update-outputs") or option("--facts-only") or not memory.wanted()
    run = None if rerun else memory.recall(snippet)
    if run:
        record_property("note", memory.NOTE)
    else:
        run = run_snippet(snippet)
        memory.remember(snippet, run)
    name, rule, golden = name_of(snippet), rule_for(snippet), snippet.with_suffix(".out")
    record_property("snippet", name)
    record_property("seconds", run.seconds)
    record_property("peak_mb", run.peak_mb)
    assert run.returncode == 0, f"{name} ended with exit code {run.returncode}:\n{run.stderr[-3000:]}"
    missing = missing_facts(run.record, rule)
    assert not missing, f"{name} does not print the declared facts {missing}:\n{run.record}"
    if option("--update-outputs"):
        golden.write_text(run.record, encoding="utf-8")
        return
    if option("--facts-only") and rule.reason:
        return
    refresh = f"make outputs only={name.removesuffix('.py')}"
    assert golden.exists(), f"{name} has no .out file: write it with `{refresh}`."
    expected = golden.read_text(encoding="utf-8")
    if expected != run.record:
        record_property("note", "differs from the .out file within its declared leeway")
    found = difference(expected, run.record, rule)
    assert not found, f"{name} no longer prints what its page shows. If it is right, run `{refresh}`.\n{found}"


def test_every_declaration_has_a_reason_and_a_snippet():
    names = {name_of(snippet) for snippet in all_snippets()} | {lab_name(lab) for lab in all_labs()}
    for name, rule in rules().items():
        assert name in names, f"tests/snippets.toml declares {name}, which is not there: remove the entry."
        assert rule.reason, f"tests/snippets.toml: {name} needs a reason."
        if rule.generated:
            assert rule.facts, f"tests/snippets.toml: {name} prints generated wording and so needs facts."
    assert len(rules()) <= MOST_DECLARATIONS
