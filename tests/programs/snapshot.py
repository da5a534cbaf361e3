"""One test for all that is committed with what it prints: run it or recall its run, then compare, or write it anew."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from scripts.paths import SNIPPETS
from tests.programs import run_cache, written
from tests.programs.runner import Declaration, Run, declarations, difference, forbidden_lines, missing_facts, undeclared

MOST_MB = 3900  # two run side by side, within 8 GB
# What one program says beside its output, because it is another on each machine.
TIME = re.compile(r"^The update took \d+\.\d\d s on this computer\.$\n?", re.MULTILINE)


@dataclass(frozen=True)
class Snapshot:
    """A program or a lab: its name, a hash of what its run depends on, and how to run it, read its record, write it."""

    name: str
    key: str
    run: Callable[[], Run]
    read: Callable[[], str | None]
    write: Callable[[str], object]
    kept_in: str  # what holds the record, in messages
    is_quiet: bool = False  # whether it must write nothing to stderr, the time aside


def check(snapshot: Snapshot, option: Callable[[str], bool], record_property: Callable[[str, object], None]) -> None:
    """Fail, and say what to type, where it does not run, lacks a declared fact, or prints something else."""
    name, declaration = snapshot.name, declarations().get(snapshot.name, Declaration())
    update, facts_only = option("--update-outputs"), option("--facts-only")
    rerun = update or facts_only or run_cache.is_afresh(option)
    run = None if rerun else run_cache.load(snapshot.key)
    if run:
        record_property("note", run_cache.NOTE)
    else:
        run = snapshot.run()
        run_cache.store(snapshot.key, run)
    record_property("program", name)
    record_property("seconds", run.seconds)
    record_property("peak_mb", run.peak_mb)
    lacking = undeclared(SNIPPETS / name, run.stderr) if run.returncode and name.endswith(".py") else []
    assert not lacking, (
        f"{name} was not given {', '.join(lacking)}: name it in the program's `files` in snippets/programs.toml."
    )
    assert run.returncode == 0, f"{name} ended with exit code {run.returncode}:\n{run.stderr[-3000:]}"
    beside = TIME.sub("", run.stderr) if snapshot.is_quiet else ""
    assert not beside, f"{name} writes beside its output:\n{beside[-2000:]}"
    assert run.peak_mb < MOST_MB, f"{name} took {run.peak_mb:.0f} MB of memory: at most {MOST_MB}."
    missing = missing_facts(run.record, declaration)
    assert not missing, f"{name} does not print the declared facts {missing}:\n{run.record}"
    forbidden = forbidden_lines(run.record, declaration)
    assert not forbidden, f"{name} prints what its page says it does not: {forbidden}"
    if update:
        snapshot.write(run.record)
        if declaration.reason:
            written.note(name, run.record)
        return
    if facts_only and declaration.reason:
        return
    refresh, expected = f"make outputs only={name.rpartition('.')[0]}", snapshot.read()
    assert expected is not None, f"{name} has no {snapshot.kept_in}: write it with `{refresh}`."
    if expected != run.record:
        record_property("note", f"differs from the {snapshot.kept_in} within its declared tolerance")
    found = difference(expected, run.record, declaration).replace("the .out file", f"the {snapshot.kept_in}")
    assert not found, f"{name} no longer prints what its page shows. If it is right, run `{refresh}`.\n{found}"
