"""Every program in the guide runs and prints what its page shows."""

import pytest

from scripts.paths import all_programs, name_of
from tests.programs import run_cache
from tests.programs.labs import all_labs, lab_name
from tests.programs.runner import declarations, run_program
from tests.programs.snapshot import Snapshot, check

# Declared exceptions may not creep up unnoticed: raise this together with the reason you write in snippets.toml.
MOST_DECLARATIONS = 40

# The bars of loading weights go to stderr in these still.
NOISY_STILL = ("ladder/rag/", "ladder/measuring-rag/", "ladder/prompting/reword")


@pytest.mark.parametrize("program", all_programs(), ids=name_of)
def test_program_prints_its_output(program, request, record_property):
    out = program.with_suffix(".out")
    snapshot = Snapshot(
        name_of(program),
        run_cache.key_of(program),
        run=lambda: run_program(program),
        read=lambda: out.read_text(encoding="utf-8") if out.exists() else None,
        write=lambda record: out.write_text(record, encoding="utf-8"),
        kept_in=".out file",
        is_quiet=not name_of(program).startswith(NOISY_STILL),
    )
    check(snapshot, request.config.getoption, record_property)


def test_every_declaration_has_a_reason_and_a_program():
    names = {name_of(program) for program in all_programs()} | {lab_name(lab) for lab in all_labs()}
    for name, declaration in declarations().items():
        assert name in names, f"snippets/programs.toml declares {name}, which is not there: remove the entry."
        assert declaration.reason, f"snippets/programs.toml: {name} needs a reason."
        if declaration.generated:
            assert declaration.facts, f"snippets/programs.toml: {name} prints generated wording and so needs facts."
    assert len(declarations()) <= MOST_DECLARATIONS
