"""What a run wrote, by a hash: a record within its tolerance that no run wrote was written by hand.

A program whose figures or wording may differ between machines is compared with a tolerance, which would let somebody
type 9/20 where 3/20 was printed. So `make outputs` notes the hash of what it writes.
"""

import hashlib

from filelock import FileLock

from scripts.paths import RESULTS, ROOT

NOTED = ROOT / "tests" / "programs" / "written_outputs.txt"
HEAD = (
    "# Written by `make outputs`: the hash of each record that may differ between machines, as the last run wrote it.\n"
)


def digest(record: str) -> str:
    """A short hash of a record."""
    return hashlib.sha256(record.encode()).hexdigest()[:16]


def noted() -> dict[str, str]:
    """The hashes by the name of the program or lab."""
    lines = NOTED.read_text(encoding="utf-8").splitlines() if NOTED.exists() else []
    return dict(line.split() for line in lines if not line.startswith("#"))


def note(name: str, record: str) -> None:
    """Note what a run wrote, whichever process it is."""
    RESULTS.mkdir(exist_ok=True)
    with FileLock(RESULTS / f"{NOTED.name}.lock"):
        hashes = noted() | {name: digest(record)}
        text = "".join(f"{one} {hashes[one]}\n" for one in sorted(hashes))
        NOTED.write_text(HEAD + text, encoding="utf-8")


def problem(name: str, record: str) -> str:
    """Why a record is not what a run wrote; empty where it is."""
    if noted().get(name) == digest(record):
        return ""
    return (
        f"what {name} shows was not written by a run: run `make outputs only={name.rpartition('.')[0]}`, "
        "which writes it, and change nothing in it by hand."
    )
