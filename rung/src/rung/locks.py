"""One run at a time: what two would write into one place, one of them keeps to itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rung.errors import CaseError


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder of `.rung`, made where it is not there, against other runs.

    The system lets go of the lock when its process ends, however it ends, so that a run that was killed blocks nobody.
    Raises CaseError where another run holds it, OSError where the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as problem:
        raise CaseError("Another run is measuring this case: wait for it, or stop it.") from problem
    try:
        yield
    finally:
        lock.release()
