"""The paired comparison of two systems out of files of predictions, whoever made them.

A file has one JSON object a line, or is a CSV, with `item` (or `id`) and `right` (yes or no, true or false). It may
hold several systems, told apart by `rung`, `arm` or `system`, as the predictions.jsonl of a measurement does. The page
"Measure yours" of the guide takes the same files (docs/assets/tools/measure/predictions.js).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rung.case import Row, listed, read_table, yes_or_no
from rung.errors import CaseError
from rung.scoring import canonical
from rung.statistics import Paired, paired

OPTIONS = ("--first", "--second")  # of the command: they name a system


@dataclass(frozen=True)
class System:
    """Whether a system was right on each item, and what was asked, where the file says so."""

    name: str
    right: dict[str, bool]
    asked: dict[str, str]


def compare(first: Path, second: Path, names: tuple[str, str] = ("", "")) -> tuple[Paired, list[str], list[str]]:
    """The comparison of two files of predictions, and the items won and lost by the first; see `systems`."""
    return compared(*systems(first, second, names))


def systems(first: Path, second: Path, names: tuple[str, str] = ("", "")) -> tuple[System, System]:
    """One system of each file: the one named, else the only one, else the one that a measurement chose to answer.

    Raises CaseError where a file cannot be read, does not hold the system, or holds several and none is named or
    chosen; and where both are the same.
    """
    one, other = _system_of(first, names[0], OPTIONS[0]), _system_of(second, names[1], OPTIONS[1])
    if first.resolve() == second.resolve() and one.name == other.name:
        raise CaseError(f"Both are {one.name}: name another with {OPTIONS[0]} or {OPTIONS[1]}.")
    return one, other


def compared(one: System, other: System) -> tuple[Paired, list[str], list[str]]:
    """The paired comparison of two systems, and the items won and lost by the first.

    Raises CaseError where they are not about the same items.
    """
    for system, without in ((one, other), (other, one)):
        only = [item for item in system.right if item not in without.right]
        if only:
            told = f"only {system.name} has {listed(only)}, {len(only)} in all"
            raise CaseError(f"{one.name} and {other.name} are not about the same items: {told}.")
    for item in one.right:
        first, second = one.asked.get(item), other.asked.get(item)
        if first and second and canonical(first) != canonical(second):
            told = f'{item} is "{first}" in one and "{second}" in the other'
            raise CaseError(f"{one.name} and {other.name} are not about the same items: {told}.")
    ids = list(one.right)
    result = paired([one.right[item] for item in ids], [other.right[item] for item in ids])
    won = [item for item in ids if one.right[item] and not other.right[item]]
    lost = [item for item in ids if other.right[item] and not one.right[item]]
    return result, won, lost


def _system_of(path: Path, name: str, option: str) -> System:
    """One system of a file."""
    rows = _rows_of(path)
    key = _key_of(rows)
    known = list(dict.fromkeys(str(row.get(key, "")) for row in rows))
    if not name and len(known) > 1:
        chosen = {str(row.get(key, "")) for row in rows if row.get("chosen") is True}
        if len(chosen) != 1:
            raise CaseError(f'{path} holds {len(known)} systems: {", ".join(known)}. Name one: {option} "{known[0]}".')
        name = chosen.pop()
    if name and name not in known:
        raise CaseError(f'{path} holds no "{name}" but: {", ".join(known)}.')
    mine = [row for row in rows if str(row.get(key, "")) == (name or known[0])]
    called = f"{path}, {name}" if name and len(known) > 1 else str(path)
    right: dict[str, bool] = {}
    for row in mine:
        item = str(row["item"])
        if item in right:
            raise CaseError(f"{called} has {item} more than once: give one prediction an item.")
        right[item] = _is_yes(row.get("right"), item, path)
    return System(called, right, {str(row["item"]): str(row.get("question") or row.get("text") or "") for row in mine})


def _rows_of(path: Path) -> list[Row]:
    """The rows of a file, each with its item. Raises CaseError where it cannot be read, or a row names none."""

    def refuse(level: str, where: str, what: str) -> None:
        """A row that cannot be read would be missing of one of the two."""
        if level == "error":
            raise CaseError(f"{where}, cannot be read: {what.removeprefix('left out: ')}.")

    rows = read_table(path, refuse)
    if not rows:
        raise CaseError(f"{path} has no predictions.")
    for row in rows:
        row.setdefault("item", row.get("id"))
        if row["item"] in (None, "") or "right" not in row:
            raise CaseError(f'{path}, {row.place}: a prediction has "item" (or "id") and "right" (yes or no).')
    return rows


def _key_of(rows: Sequence[Mapping[str, object]]) -> str:
    """The column that tells a file's systems apart: rungs, where each has one arm, else arms, else systems."""
    arms, rungs = ({str(row.get(name, "")) for row in rows} for name in ("arm", "rung"))
    if len(rungs) == len(arms) and len(rungs) > 1:
        return "rung"
    return "arm" if len(arms) > 1 else "system"


def _is_yes(said: object, item: str, path: Path) -> bool:
    """Whether a prediction is said to be right. Raises CaseError where it is neither yes nor no."""
    right = yes_or_no(str(int(said) if said in (0, 1) else said))
    if right is None:
        raise CaseError(f'{path}: of {item}, right is yes or no (true or false, 1 or 0), not "{said}".')
    return right
