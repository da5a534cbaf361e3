"""A folder that is whole or not there: what the programs share that lay out other people's files."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.paths import ROOT

CACHE = Path(os.environ.get("GUIDE_MODEL_CACHE", ROOT / ".cache"))
HIDDEN = ".partial-"  # beginning of the names of folders in the making


def sha256_of(path: Path) -> str:
    """The hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def made_whole(final: Path) -> Iterator[Path]:
    """An empty folder to fill; left without an error, it takes the place of `final` by one rename.

    What stood there is moved away and not removed in place: a run killed half-way would leave it with files missing.
    """
    with tempfile.TemporaryDirectory(prefix=HIDDEN, dir=final.parent, ignore_cleanup_errors=True) as hidden:
        new = Path(hidden) / "new"
        new.mkdir()
        yield new
        if final.exists():
            final.rename(Path(hidden) / "old")
        new.rename(final)


def remove_left_overs(*folders: Path) -> None:
    """Remove what killed runs left in these folders."""
    for folder in folders:
        for left_over in folder.glob(f"{HIDDEN}*"):
            shutil.rmtree(left_over)
