"""Every program in the guide runs and prints what its page shows."""

import pytest

from scripts.paths import all_snippets, name_of
from tests.programs import run_cache
from tests.programs.labs import all_labs, lab_name
from tests.programs.runner import rules, run_snippet
from tests.programs.snapshot import Snapshot, check

# Declared exceptions may not creep up unnoticed: raise this together with the reason you write in snippets.toml.
MOST_DECLARATIONS = 40


@pytest.mark.parametrize("snippet", all_snippets(), ids=name_of)
def test_snippet_prints_its_output(snippet, request, record_property):
    out = snippet.with_suffix(".out")
    snapshot = Snapshot(
        name_of(snippet),
        run_cache.key_of(snippet),
        run=lambda: run_snippet(snippet),
        read=lambda: out.read_text(encoding="utf-8") if out.exists() else None,
        write=lambda record: out.write_text(record, encoding="utf-8"),
        kept_in=".out file",
    )
    check(snapshot, request.config.getoption, record_property)


def test_every_declaration_has_a_reason_and_a_snippet():
    names = {name_of(snippet) for snippet in all_snippets()} | {lab_name(lab) for lab in all_labs()}
    for name, rule in rules().items():
        assert name in names, f"snippets/programs.toml declares {name}, which is not there: remove the entry."
        assert rule.reason, f"snippets/programs.toml: {name} needs a reason."
        if rule.generated:
            assert rule.facts, f"snippets/programs.toml: {name} prints generated wording and so needs facts."
    assert len(rules()) <= MOST_DECLARATIONS
