"""What a page shows of a program or lab holds its declared facts too, and was written by a run."""

import pytest

from scripts.paths import DOCS, SNIPPETS
from tests.programs import written
from tests.programs.labs import read_lab, record_of
from tests.programs.runner import Declaration, declarations, forbidden_lines, missing_facts


def published(name: str) -> str:
    """What the guide shows that a program or lab printed; empty where it shows nothing."""
    if name.endswith(".ipynb"):
        return record_of(read_lab(DOCS / name))
    out = (SNIPPETS / name).with_suffix(".out")
    return out.read_text(encoding="utf-8") if out.exists() else ""


TOLERANT = {name: one for name, one in declarations().items() if one.reason and published(name)}


@pytest.mark.parametrize("name", TOLERANT)
def test_the_published_output_holds_the_declared_facts(name):
    record = published(name)
    missing, forbidden = missing_facts(record, TOLERANT[name]), forbidden_lines(record, TOLERANT[name])
    assert not missing, f"What the page shows of {name} lacks the declared facts {missing}."
    assert not forbidden, f"What the page shows of {name} must never be printed: {forbidden}"


@pytest.mark.parametrize("name", [name for name, one in TOLERANT.items() if one != Declaration(reason=one.reason)])
def test_the_published_output_was_written_by_a_run(name):
    problem = written.problem(name, published(name))
    assert not problem, problem


@pytest.mark.parametrize(("truth", "lie"), [("3/20", "9/20"), ("30 days", "60 days"), ("0.71", "0.72")])
def test_a_figure_changed_within_its_tolerance_is_told(truth, lie, monkeypatch, tmp_path):
    monkeypatch.setattr(written, "NOTED", tmp_path / "written.txt")
    record, falsified = (f"$ python program.py\nright: {one}\nThe end.\n" for one in (truth, lie))
    written.note("a/page/program.py", record)
    assert not written.problem("a/page/program.py", record)
    told = written.problem("a/page/program.py", falsified)
    assert told.startswith(f"docs/a/page.md shows what a/page/program.py did not print: line 2, “right: {lie}”, ")
    assert "`make outputs only=a/page/program`" in told
    assert "after line 2" in written.problem("a/page/program.py", record.replace("The end.\n", ""))


def test_nothing_is_noted_of_a_program_that_is_gone():
    gone = [name for name in written.noted() if name not in declarations()]
    assert not gone, f"tests/programs/written_outputs.txt notes {gone}: take these lines out."
