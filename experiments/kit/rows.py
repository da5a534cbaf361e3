"""Rows of JSON-lines files: data, which is read, and predictions, which carry the arm that made them."""

import json
import os
from pathlib import Path

from rung.files import read_lines

from kit.arm import Arm
from kit.paths import EXPERIMENTS

Rows = list[dict]
# The data files that were read so far: a run compares them with those that the experiment declares.
READ: set[Path] = set()
# The experiments whose results were read so far: a report is held to those that it declares.
RESULTS_READ: set[str] = set()


def read_data(file: Path) -> Rows:
    """The objects of a data file, which is noted as read."""
    READ.add(file)
    return read_lines(file)


def read_predictions(file: Path) -> Rows:
    """The rows of a file of predictions, each with its `arm` as an Arm; whose results they are is noted as read."""
    if file.is_relative_to(EXPERIMENTS):
        RESULTS_READ.add(file.relative_to(EXPERIMENTS).parts[0])
    arms: dict[str, Arm] = {}  # the same few, thousands of times
    rows = read_lines(file)
    for row in rows:
        if "arm" in row:
            key = json.dumps(row["arm"])
            row["arm"] = arms.setdefault(key, Arm(**row["arm"]))
    return rows


def write_rows(file: Path, rows: Rows) -> None:
    """Write a JSON-lines file whole or not at all; an Arm is written as an object of the fields that apply."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    lines = (json.dumps(row, ensure_ascii=False, default=Arm.as_dict) + "\n" for row in rows)
    part.write_text("".join(lines), encoding="utf-8")
    part.replace(file)
