"""Every program in the guide runs and prints what its page shows."""

import pytest

from scripts.paths import all_programs, name_of
from tests.programs import run_cache
from tests.programs.labs import all_labs, lab_name
from tests.programs.runner import Declaration, commands_of, declarations, files_of, run_program
from tests.programs.snapshot import Snapshot, check


@pytest.mark.long
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
        is_quiet=True,
    )
    check(snapshot, request.config.getoption, record_property)


def test_every_declaration_has_a_reason_and_a_program():
    names = {name_of(program) for program in all_programs()} | {lab_name(lab) for lab in all_labs()}
    for name, declaration in declarations().items():
        assert name in names, f"snippets/programs.toml declares {name}, which is not there: remove the entry."
        same_everywhere = Declaration(files=declaration.files, lines=declaration.lines, long=declaration.long)
        assert declaration == same_everywhere or declaration.reason, f"snippets/programs.toml: {name} needs a reason."
        if declaration.generated:
            assert declaration.facts, f"snippets/programs.toml: {name} prints generated wording and so needs facts."


@pytest.mark.parametrize("program", all_programs(), ids=name_of)
def test_declared_files_are_there_and_asked_for(program):
    text = "\n".join([program.read_text(encoding="utf-8"), *commands_of(program)])
    for name, file in files_of(program).items():
        assert file.name in text, f"snippets/programs.toml: {name_of(program)} never asks for {name}: take it out."
