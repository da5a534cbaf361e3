"""Writing files."""

from pathlib import Path


def put(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises OSError that names it."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise OSError(problem.errno, problem.strerror or str(problem), str(path)) from problem
