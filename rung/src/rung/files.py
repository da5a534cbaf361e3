"""Reading lines of JSON, and writing files whole."""

import json
from pathlib import Path
from typing import Any


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file, as they stand there. Raises ValueError where a line is none.

    A line feed alone ends a line: a text within one may hold the other characters that end lines elsewhere.
    """
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def put(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises OSError that names it."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise OSError(problem.errno, problem.strerror or str(problem), str(path)) from problem
