"""Judgements corrected by hand: from round to round nothing that a person typed is lost, nor moves to another."""

import csv
from pathlib import Path

import pytest
from rung.arms import Arm, Prediction
from rung.case import Case, read_case, read_table
from rung.errors import CaseError
from rung.judgements import read_judgements
from rung.measure import Measurement, Results, measured, write
from rung.models import LocalModel
from rung.scoring import canonical
from rung.verdict import judge

from tests.rung.cases import answer_case, write_table

ASKED = [
    ("How long does a loan last?", "21 days"),
    ("What does a late book cost a day?", "15 cents"),
    ("On which day is the desk closed?", "Sunday"),
]
GIVEN = {
    ASKED[0][0]: "Three weeks.",
    ASKED[1][0]: "It costs £15 cents a day.",
    ASKED[2][0]: "Sunday, as\nit says.",
    "How many people does room 4 seat?": "A dozen.",
}
RULE = {ASKED[1][0], ASKED[2][0]}  # judged correct by the rule


def of_questions(folder: Path, asked: list[tuple[str, str]]) -> Path:
    """A case whose questions are all for testing, without ids of their own."""
    answer_case(folder)
    rows = [(*one, "test") for one in asked]
    write_table(folder / "questions.csv", ["question", "answers", "split"], rows)
    return folder


def round_of(folder: Path, given: dict[str, str] = GIVEN) -> Case:
    """Measure, as far as judgements go: read them, judge the answers that are given here, write the tables."""
    case = read_case(folder)
    judgements = read_judgements(case)
    arm = Arm("prompting", "closed")
    rows = []
    for item in case.of("test"):
        answer = given[item.text]
        right = judgements.right.get((item.id, canonical(answer)), item.text in RULE)
        rows.append(Prediction(item.id, arm.name, answer, right))
    one = measured(arm, rows)
    verdict = judge([("prompting", one.hits)], 0.05)
    write(Results(case, verdict, {"prompting": one}, None, [], judgements=judgements))
    return case


def rows_of(folder: Path) -> dict[str, dict]:
    """The rows of judge.csv by their questions."""
    return {str(row["question"]): row for row in read_table(folder / "judge.csv")}


def fill(folder: Path, said: dict[str, str], name: str = "judge.csv", **more: str) -> None:
    """Write into the last column, and into columns of one's own, as in a spreadsheet."""
    rows = read_table(folder / "judge.csv")
    for row in rows:
        row["right"] = said.get(str(row["question"]), row["right"])
    columns = [*dict.fromkeys(key for row in rows for key in row), *more]
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(row | more for row in rows)


def test_every_answer_is_there_to_be_judged_incorrect_ones_first(tmp_path):
    round_of(of_questions(tmp_path, ASKED))
    rows = read_table(tmp_path / "judge.csv")
    assert [(row["id"], row["counted"], row["right"]) for row in rows] == [
        ("q2", "no", ""),
        ("q3", "yes", ""),
        ("q4", "yes", ""),
    ]
    assert {row["given by"] for row in rows} == {"prompting"}
    header = (tmp_path / "judge.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header.split(",")[-1] == "right", "the column to fill in is the last"


@pytest.mark.parametrize("name", ["judge.csv", "judgements.csv"])
def test_two_rounds_with_a_row_put_in_between(tmp_path, name):
    round_of(of_questions(tmp_path, ASKED))
    fill(tmp_path, {ASKED[0][0]: "yes", ASKED[1][0]: "no"}, name)
    of_questions(tmp_path, [("How many people does room 4 seat?", "12"), *ASKED])
    case = round_of(tmp_path)
    assert {row["id"]: (row["counted"], row["right"]) for row in rows_of(tmp_path).values()} == {
        "q2": ("no", ""),
        "q3": ("yes", "yes"),
        "q4": ("no", "no"),
        "q5": ("yes", ""),
    }
    assert not [one for one in case.findings if "judge" in one.where]
    fill(tmp_path, {"How many people does room 4 seat?": "yes"}, name)
    round_of(tmp_path)
    rows = rows_of(tmp_path)
    assert [rows[text]["right"] for text in GIVEN] == ["yes", "no", "", "yes"], "round one counts as well as round two"
    assert rows[ASKED[2][0]]["answer"] == GIVEN[ASKED[2][0]]


def test_what_is_about_no_question_or_answer_any_more_is_named_and_kept(tmp_path):
    round_of(of_questions(tmp_path, ASKED))
    fill(tmp_path, {ASKED[0][0]: "yes", ASKED[1][0]: "no"}, remark="asked Ann")
    of_questions(tmp_path, ASKED[1:])
    other = GIVEN | {ASKED[1][0]: "A few cents."}
    case = round_of(tmp_path, other)
    assert [(one.level, one.where) for one in case.findings if "judge" in one.where] == [
        ("warning", "judge.csv, row 2")
    ]
    assert ASKED[0][0] in next(one.what for one in case.findings if "judge" in one.where)
    kept = [(row["question"], row["answer"], row["right"], row["remark"]) for row in read_table(tmp_path / "judge.csv")]
    assert (ASKED[0][0], GIVEN[ASKED[0][0]], "yes", "asked Ann") in kept
    assert (ASKED[1][0], GIVEN[ASKED[1][0]], "no", "asked Ann") in kept
    assert (ASKED[1][0], "A few cents.", "", "") in kept
    round_of(of_questions(tmp_path, ASKED))
    assert rows_of(tmp_path)[ASKED[0][0]]["right"] == "yes", "it counts again when its question is back"


def test_the_file_that_was_changed_last_counts(tmp_path):
    round_of(of_questions(tmp_path, ASKED))
    fill(tmp_path, {ASKED[0][0]: "yes"}, "judgements.csv")
    round_of(tmp_path)
    fill(tmp_path, {ASKED[0][0]: "no"}, "judge.csv")
    round_of(tmp_path)
    assert rows_of(tmp_path)[ASKED[0][0]]["counted"] == "no"
    table = (tmp_path / "judgements.csv").read_text(encoding="utf-8")
    (tmp_path / "judge.csv").unlink()
    round_of(tmp_path)
    assert rows_of(tmp_path)[ASKED[0][0]]["counted"] == "yes"
    fill(tmp_path, {ASKED[0][0]: "no"}, "judgements.csv")
    round_of(tmp_path)
    assert rows_of(tmp_path)[ASKED[0][0]]["counted"] == "no"
    assert (tmp_path / "judgements.csv").read_text(encoding="utf-8") != table


def test_a_table_that_was_changed_elsewhere_is_kept_as_it_was(tmp_path):
    round_of(of_questions(tmp_path, ASKED))
    text = (tmp_path / "judge.csv").read_text(encoding="utf-8").replace("21 days", "21 days | three weeks")
    (tmp_path / "judge.csv").write_text(text, encoding="utf-8")
    round_of(tmp_path)
    assert text in [file.read_text(encoding="utf-8") for file in (tmp_path / ".rung" / "judged").iterdir()]


def test_a_judgement_by_id_alone_counts_and_is_said_to_move(tmp_path):
    of_questions(tmp_path, ASKED)
    write_table(
        tmp_path / "judgements.csv", ["id", "answer", "right"], [("q2", "Three  weeks.", "yes"), ("q3", "x", "")]
    )
    case = read_case(tmp_path)
    assert read_judgements(case).right == {("q2", "three weeks."): True}
    assert "Add the column question" in next(one.what for one in case.findings if one.where == "judgements.csv, row 2")


@pytest.mark.parametrize("name", ["judge.csv", "judgements.csv"])
def test_neither_yes_nor_no_stops_before_anything_is_written(tmp_path, name):
    round_of(of_questions(tmp_path, ASKED))
    fill(tmp_path, {ASKED[1][0]: "perhaps"}, name)
    before = (tmp_path / name).read_bytes()
    with pytest.raises(CaseError, match=f'{name}, row 3: right is yes or no, not "perhaps"'):
        round_of(tmp_path)
    assert (tmp_path / name).read_bytes() == before


def test_a_table_that_says_nowhere_what_is_right_is_named(tmp_path):
    of_questions(tmp_path, ASKED)
    write_table(tmp_path / "judgements.csv", ["question", "answer", "verdict"], [(ASKED[0][0], "Three weeks.", "yes")])
    case = read_case(tmp_path)
    assert read_judgements(case).right == {}
    assert "no column right" in next(one.what for one in case.findings if one.where == "judgements.csv")


def test_what_is_filled_in_counts_in_a_measurement(tmp_path, tiny):
    settings = "[model]\nmax_new_tokens = 8\n[search]\nembedder = ''\npassage_tokens = 60\n"
    folder = answer_case(tmp_path, settings)
    model = LocalModel(str(tiny))
    first = Measurement(read_case(folder), model).run()
    write(first)
    rows = read_table(folder / "judge.csv")
    wrong = next(row for row in rows if row["counted"] == "no")
    with (folder / "judge.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"right": "yes"} if row == wrong else row for row in rows)
    again = Measurement(read_case(folder), model).run()
    judged = [one for each in again.tested for one in each.predictions if one.item == wrong["id"]]
    assert any(one.right for one in judged if one.answer.strip() == wrong["answer"])
    assert all(one.right for one in judged if one.answer.strip() == wrong["answer"])
