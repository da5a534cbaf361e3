"""A generated part follows from its source, is out of date when that changes, and is not edited by hand unnoticed."""

import pytest

from scripts.pages.__main__ import problems_of, write
from scripts.pages.data import BrokenData
from scripts.pages.generated import Generated, end_marker, start_marker

SOURCE = "docs/list.json"
PAGE = f"# A page\n\nBefore.\n\n{start_marker(SOURCE, 'x')}\n\nx\n\n{end_marker(SOURCE)}\n\nAfter.\n"


@pytest.fixture
def page(tmp_path):
    """A page with a generated part that is up to date."""
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def part(page, text: str) -> Generated:
    """The page's part, as its source says it now."""
    return Generated(page, SOURCE, lambda: text)


def test_a_part_that_follows_from_its_source_is_left_alone(page):
    assert not problems_of([part(page, "x")])
    assert not part(page, "x").write()


def test_a_part_is_written_again_when_its_source_changes(page):
    (problem,) = problems_of([part(page, "two\n\nlines")])
    assert problem == f"{page} is out of date with {SOURCE}: edit only that file, and run `make pages`."
    assert part(page, "two\n\nlines").write() == f"{page}: written from {SOURCE} (2 lines went, 4 came)."
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# A page\n\nBefore.\n\n<!-- ") and text.endswith(" -->\n\nAfter.\n")
    assert f"edit that file, then run make pages ({text.split('(')[1][:12]}) -->\n\ntwo\n\nlines\n\n<!-- end of" in text
    assert not problems_of([part(page, "two\n\nlines")])


@pytest.mark.parametrize("wanted", ["x", "a new source"])
def test_what_was_typed_into_a_part_is_told_and_not_overwritten(page, wanted, capsys):
    page.write_text(typed := PAGE.replace("\nx\n", "\nx, typed\n"), encoding="utf-8")
    for told in (problems_of([part(page, wanted)]), write([part(page, wanted)], discard=False)):
        assert told == [
            f"{page}:7 was edited where the page is generated: make the change in {SOURCE}, "
            "then run `make pages discard=1`, which replaces what was typed there."
        ]
    assert page.read_text(encoding="utf-8") == typed and not capsys.readouterr().out
    assert not write([part(page, wanted)], discard=True)
    assert "typed" not in page.read_text(encoding="utf-8")
    assert not problems_of([part(page, wanted)])


def test_the_same_change_in_source_and_part_is_taken(page):
    page.write_text(PAGE.replace("\nx\n", "\ny\n"), encoding="utf-8")
    assert part(page, "y").write()
    assert not problems_of([part(page, "y")])


@pytest.mark.parametrize(
    "spoilt",
    [
        PAGE.replace(end_marker(SOURCE), ""),
        PAGE.replace(start_marker(SOURCE, "x"), ""),
        PAGE + PAGE,
        PAGE.replace("docs/list.json", "docs/other.json"),
        "",
    ],
    ids=["no end", "no start", "twice", "of another source", "empty"],
)
def test_lost_markers_are_told(page, spoilt):
    page.write_text(spoilt, encoding="utf-8")
    (problem,) = write([part(page, "x")], discard=True)
    assert problem.startswith(
        f"{page} has lost its markers: it needs one line that begins `<!-- generated from {SOURCE}`"
    )
    assert page.read_text(encoding="utf-8") == spoilt


def test_where_a_command_makes_the_source_nobody_is_sent_to_edit_it(page):
    one = Generated(page, SOURCE, lambda: "x", made_by="make record only=ask")
    assert one.problem() == (
        f"{page} is out of date with {SOURCE}: that is made by `make record only=ask`; after it, run `make pages`."
    )
    assert one.write().startswith(f"{page}: written from {SOURCE}")  # the marker alone is another
    text = page.read_text(encoding="utf-8")
    assert f"<!-- generated from {SOURCE}: made by make record only=ask; after that, run make pages (" in text
    assert not problems_of([one])
    page.write_text(text.replace("\nx\n", "\nx, typed\n"), encoding="utf-8")
    assert one.problem() == (
        f"{page}:7 was edited where the page is generated: {SOURCE} is made by `make record only=ask`; "
        "run `make pages discard=1`, which replaces what was typed there."
    )


def test_a_whole_file_is_written_and_says_what_is_next(tmp_path):
    one = Generated(tmp_path / "new.json", SOURCE, lambda: "[1]\n", is_whole_file=True, afterwards="Run it.")
    (problem,) = problems_of([one])
    assert problem.endswith(
        f"is out of date with {SOURCE}, or was edited by hand: edit only that file, and run `make pages`."
    )
    assert one.write().endswith(f"written from {SOURCE} (0 lines went, 1 came). Run it.")
    assert not problems_of([one])


def test_a_broken_source_is_told_once_and_the_others_are_written(page, tmp_path, capsys):
    def broken() -> str:
        raise BrokenData("list.json, one: `a` is empty: write something.")

    other = Generated(tmp_path / "new.json", SOURCE, lambda: "[1]\n", is_whole_file=True)
    told = write([Generated(page, SOURCE, broken), Generated(page, SOURCE, broken), other], discard=False)
    assert told == ["list.json, one: `a` is empty: write something."]
    assert "new.json" in capsys.readouterr().out and other.target.exists()
