"""Two files of predictions compared: those of anybody's systems, and those that a measurement writes."""

import json
from pathlib import Path

import pytest
from rung.comparison import compare
from rung.errors import CaseError
from rung.measure import write

from tests.rung.cases import results_of
from tests.rung.command import rung
from tests.unit.node import run_module


def predictions(path: Path, rows: list[dict]) -> Path:
    """A file of predictions."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def system(path: Path, rights: list, **more) -> Path:
    """One system's predictions of items q0, q1 and so on."""
    return predictions(path, [{"item": f"q{place}", "right": right, **more} for place, right in enumerate(rights)])


def test_two_systems_are_compared(tmp_path):
    one, other = system(tmp_path / "a.jsonl", [True, True, True, False, True]), tmp_path / "b.jsonl"
    system(other, [True, False, False, True, True])
    result, won, lost = compare(one, other)
    assert (result.won, result.lost, won, lost) == (2, 1, ["q1", "q2"], ["q3"])


@pytest.mark.parametrize("name", ["c.jsonl", "c.json", "c.txt"])
def test_yes_and_no_are_said_in_many_ways(tmp_path, name):
    one, other = system(tmp_path / name, ["yes", "No", 1]), tmp_path / "d.csv"
    other.write_text("id;correct\nq0;false\nq1;0\nq2;YES\n", encoding="utf-8")
    assert compare(one, other)[1:] == (["q0"], [])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"item": "q0", "right": "perhaps"}], 'of q0, right is yes or no .*, not "perhaps"'),
        ([{"item": "q0", "right": None}], 'not "None"'),
        ([{"item": "q0"}], 'line 1: a prediction has "item"'),
        ([{"right": True}], 'line 1: a prediction has "item"'),
        ([], "has no predictions"),
        ([{"item": "q0", "right": True}] * 2, "has q0 more than once"),
        ([{"item": "q9", "right": True}], r"not about the same items: only \S+a.jsonl has q0, 1 in all"),
        ([{"item": name, "right": True} for name in ("q0", "q1", "q2")], r"only \S+b.jsonl has q1, q2, 2 in all"),
        ([{"item": "q0", "right": True, "question": "Who?"}], 'q0 is "What\\?" in one and "Who\\?" in the other'),
        (
            [{"item": "q0", "right": True, "arm": arm} for arm in ("x", "y, z")],
            'holds 2 systems: x, y, z. Name one: --second "x"',
        ),
    ],
)
def test_what_cannot_be_compared_gets_one_sentence(tmp_path, rows, message):
    one = system(tmp_path / "a.jsonl", [True], question="What?")
    with pytest.raises(CaseError, match=message):
        compare(one, predictions(tmp_path / "b.jsonl", rows))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("b.csv", "item,right\nq0,yes,so, it is\n", 'b.csv, row 2, "q0", cannot be read: it has more cells than'),
        (
            "b.json",
            '[{"item": "q0", "right": true}]',
            "b.json is one list in JSON: write each of its objects on a line",
        ),
        ("b.json", '[\n {"item": "q0",\n  "right": true}\n]', "b.json is one list in JSON"),
    ],
)
def test_a_file_of_another_shape_is_told_what_is_wrong_with_it(tmp_path, name, text, message):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=message):
        compare(system(tmp_path / "a.jsonl", [True]), tmp_path / name)


@pytest.fixture
def measured(tmp_path) -> Path:
    """The predictions of a measurement: 20 of 100 with prompting, 80 with retrieval, 90 with the passage pasted."""
    results = results_of({"prompting": 0.2, "retrieval": 0.8}, ceiling=0.9)
    results.case.folder = tmp_path
    (tmp_path / "case.toml").touch()
    (tmp_path / "documents").mkdir()
    write(results)
    return tmp_path / "predictions.jsonl"


def test_of_a_measurement_the_arm_that_answers_is_taken(measured, tmp_path):
    mine = system(tmp_path / "mine.jsonl", [place < 85 for place in range(100)])
    result, _, lost = compare(measured, mine)
    assert (result.n, result.won, result.lost) == (100, 0, 5) and lost == [f"q{place}" for place in range(80, 85)]
    assert compare(measured, mine, ("prompting", ""))[0].lost == 65
    assert compare(mine, measured, ("", "ceiling"))[0].lost == 5
    with pytest.raises(CaseError, match='holds no "tuning" but: prompting, retrieval, ceiling'):
        compare(measured, mine, ("tuning", ""))
    with pytest.raises(CaseError, match="name another with --first or --second"):
        compare(measured, measured)


def test_rungs_of_one_arm_each_are_told_apart_by_rung_and_others_by_arm(tmp_path):
    rows = [
        {"item": "q0", "right": right, "rung": "retrieval", "arm": arm} for arm, right in (("bm25", 1), ("hybrid", 0))
    ]
    several = predictions(tmp_path / "several.jsonl", rows)
    assert compare(several, several, ("bm25", "hybrid"))[1] == ["q0"]


def test_the_command_says_what_it_compared(measured, tmp_path):
    result = rung("compare", str(measured), str(measured), "--first", "prompting")
    assert result.returncode == 0, result.stderr
    said = "".join(result.stdout.split())  # a long path breaks the lines
    expected = f"Only {measured}, prompting right on 0, only {measured}, retrieval on 60"
    assert "".join(expected.split()) in said
    assert "prompting:20of100right." in said and "retrieval:80of100right." in said
    assert "Thefirstminusthesecond:-60.0points,95%interval-" in said
    assert f"Stopat{measured},retrieval:".replace(" ", "") in said
    assert "q69and10more" in said


def test_the_page_reads_the_same_systems(measured):
    """The page on measuring lists a measurement's rungs, without its yardstick, and counts the same hits."""
    count = """(module, text) =>
      module.systemsOf(text, "it").map(({ name, right }) => [name, [...right.values()].filter(Boolean).length])"""
    found = run_module("measure/predictions.js", count, measured.read_text(encoding="utf-8"))
    assert found == [["prompting", 20], ["retrieval", 80]]
