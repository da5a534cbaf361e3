"""Judgements corrected by hand: read, matched to the questions of now, and never lost.

Two files hold them. Each measurement writes `judge.csv`: every answer that was measured on test, what it counts as, and
a last column `right` to fill in. What was filled in there counts from the next measurement on, and every later
judge.csv holds it again. `judgements.csv` is the user's own, and nothing here writes it: a judge.csv saved under that
name, or a table with the columns `question` (or `id`), `answer` and `right`.

A judgement is about a question and an answer, both by their text. An id decides only where a row names no question: by
default ids are numbers of rows, and a row that is put in between moves them.
"""

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from rung.case import Case, Find, Item, listed, read_table, yes_or_no
from rung.errors import CaseError
from rung.scoring import canonical

TABLE, OWN = "judge.csv", "judgements.csv"
COLUMNS = ("id", "question", "wanted", "answer", "given by", "counted", "right")
ROW = re.compile(r"[qm]\d+")  # an id that was made of the number of a row


@dataclass(frozen=True)
class Judgement:
    """A row into which a person wrote something: of which question and answer, and whether it is right.

    `edited` is whether it differs from what the answer counted as when the row was written. `more` are columns of the
    person's own, such as a remark; `right` is None where only these were filled in.
    """

    where: str
    id: str
    question: str
    wanted: str
    answer: str
    right: bool | None
    edited: bool = True
    more: dict[str, str] = field(default_factory=dict)


@dataclass
class Judgements:
    """What people wrote: by item and canonical answer, and the rows that are about no question of the case."""

    by_answer: dict[tuple[str, str], Judgement] = field(default_factory=dict)
    unmatched: list[Judgement] = field(default_factory=list)

    @property
    def right(self) -> dict[tuple[str, str], bool]:
        """Whether an answer is right, where a person said so."""
        return {key: one.right for key, one in self.by_answer.items() if one.right is not None}


def read_judgements(case: Case) -> Judgements:
    """The judgements in a case's folder, with a finding for each question that the case does not have.

    Where the two files differ, a cell of judge.csv counts if it was changed there, else judgements.csv. Raises
    CaseError where a cell says neither yes nor no.
    """
    by_text: dict[str, list[Item]] = defaultdict(list)
    for item in case.items:
        by_text[canonical(item.text)].append(item)
    by_id = {item.id: item for item in case.items}
    found = Judgements()
    for name in (OWN, TABLE):
        for one in _rows_of(case.folder / name, case.find):
            items = _items_of(one, by_text, by_id)
            for item in items:
                key = item.id, canonical(one.answer)
                found.by_answer[key] = _merged(found.by_answer.get(key), one)
            if not items and not any(_same(one, other) for other in found.unmatched):
                found.unmatched.append(one)
    _find_doubtful(case, found)
    return found


def _rows_of(path: Path, find: Find) -> list[Judgement]:
    """The rows of a table in which a person wrote something; none where there is no such file."""
    if not path.exists():
        return []
    rows = []
    table = read_table(path, find)
    if table and not any("right" in row for row in table):
        find("warning", path.name, "has no column right, which says yes or no of an answer: nothing in it counts")
    for row in table:
        cells = {name: str(value).strip() for name, value in row.items()}
        where = f"{path.name}, {row.place}"
        right = _said(cells.get("right", ""), where)
        counted = yes_or_no(cells.get("counted", ""))
        question, wanted = (_first(cells, names) for names in (("question", "text"), ("wanted", "output")))
        answer = _first(cells, ("answer", "answers"))
        known = {*COLUMNS, "text", "output", "answers"}
        more = {name: cell for name, cell in cells.items() if name not in known and cell}
        if right is not None or more:
            edited = counted is None or right != counted
            rows.append(Judgement(where, cells.get("id", ""), question, wanted, answer, right, edited, more))
    return rows


def _first(cells: dict[str, str], names: Iterable[str]) -> str:
    """The first of these cells that is not empty."""
    return next((cells[name] for name in names if cells.get(name)), "")


def _said(cell: str, where: str) -> bool | None:
    """What a cell says; None where it is empty. Raises CaseError where it is neither yes nor no."""
    right = yes_or_no(cell)
    if cell and right is None:
        raise CaseError(f'{where}: right is yes or no, not "{cell}".')
    return right


def _items_of(one: Judgement, by_text: dict[str, list[Item]], by_id: dict[str, Item]) -> list[Item]:
    """The items that a row is about."""
    if one.question:
        same = by_text.get(canonical(one.question), [])
        return [item for item in same if item.id == one.id] or same
    return [by_id[one.id]] if one.id in by_id else []


def _merged(before: Judgement | None, one: Judgement) -> Judgement:
    """What counts of two rows about the same answer, the later of them `one`; the remarks of both are kept."""
    if before is None:
        return one
    later = one.right is not None and (one.edited or before.right is None)
    return replace(one, right=one.right if later else before.right, more=before.more | one.more)


def _same(one: Judgement, other: Judgement) -> bool:
    """Whether two rows say the same of the same answer."""
    return (one.id, one.question, one.answer, one.right, one.more) == (
        other.id,
        other.question,
        other.answer,
        other.right,
        other.more,
    )


def _find_doubtful(case: Case, found: Judgements) -> None:
    """Name the judgements of questions that the case does not have, and those that may be of another question."""
    by_question: dict[str, list[Judgement]] = defaultdict(list)
    for one in found.unmatched:
        by_question[one.question or one.id].append(one)
    for question, ones in by_question.items():
        what = f'"{question}" is no question of the case now, so that what was judged of it does not count'
        case.find("warning", ones[0].where, f"{what}. It is kept in {TABLE}")
    by_row = [one for one in found.by_answer.values() if not one.question and ROW.fullmatch(one.id)]
    if by_row:
        what = "the id alone, which is the number of a row: put a row in between, and it is another question's"
        case.find("warning", by_row[0].where, f"{len(by_row)} judged by {what}. Add the column question")


def find_unused(case: Case, judgements: Judgements, given: set[tuple[str, str]]) -> None:
    """Name the items of which answers were judged that no arm gives now; `given` are items and canonical answers."""
    unused = [item for item, answer in judgements.right if (item, answer) not in given]
    if unused:
        what = f"{len(unused)} of answers that no arm gives now ({listed(unused)}). They are kept in {TABLE}"
        case.find("note", "judgements", what)


def table_of(judgements: Judgements, answers: Iterable[tuple[Item, str, bool, str]]) -> str:
    """The text of judge.csv: each answer once, incorrect ones first, and whatever a person wrote before.

    `answers` are items, answers, whether they count as right, and the rungs that gave them. Rows that a person filled
    in stay filled in; those about an answer or a question that there is no more stand at the end.
    """
    left = dict(judgements.by_answer)
    once: dict[tuple[str, str], tuple[Item, str, bool, list[str]]] = {}
    for item, answer, right, rung in answers:
        once.setdefault((item.id, canonical(answer)), (item, answer, right, []))[-1].append(rung)
    own = sorted({name for one in [*left.values(), *judgements.unmatched] for name in one.more})
    rows = []
    for key, (item, answer, right, rungs) in sorted(once.items(), key=lambda pair: pair[1][2]):
        typed = left.pop(key, None)
        said, more = (typed.right, typed.more) if typed else (None, {})
        about = [item.id, item.text, " | ".join(item.wanted), answer, ", ".join(rungs), _word(right)]
        rows.append([*about, *(more.get(name, "") for name in own), _word(said)])
    for one in [*left.values(), *judgements.unmatched]:
        about = [one.id, one.question, one.wanted, one.answer, "", _word(one.right)]
        rows.append([*about, *(one.more.get(name, "") for name in own), _word(one.right)])
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([[*COLUMNS[:-1], *own, COLUMNS[-1]], *rows])
    return "\ufeff" + file.getvalue()  # the mark by which spreadsheet programs know UTF-8


def _word(right: bool | None) -> str:
    """Yes, no or nothing."""
    return "" if right is None else "yes" if right else "no"


def keep_former(folder: Path, text: str) -> None:
    """Before judge.csv is written anew: keep a copy of one that is another, for what was changed in other columns."""
    path = folder / TABLE
    if path.exists() and (content := path.read_bytes()) != text.encode():
        kept = folder / ".rung" / "judged" / f"{hashlib.sha256(content).hexdigest()[:12]}.csv"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(content)
