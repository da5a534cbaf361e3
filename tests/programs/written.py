"""What a run wrote, by a hash of each line: a line within its tolerance that no run wrote was written by hand.

A program whose figures or wording may differ between machines is compared with a tolerance, which would let somebody
type 9/20 where 3/20 was printed. So `make outputs` notes the hashes of what it writes.
"""

import difflib
import hashlib
import textwrap

from filelock import FileLock

from scripts.paths import RESULTS, ROOT

NOTED = ROOT / "tests" / "programs" / "written_outputs.txt"
HEAD = "# Written by `make outputs`: the hashes of the lines of each record that may differ between machines.\n"


def digests(record: str) -> list[str]:
    """A short hash of each line of a record, its end included."""
    return [hashlib.sha256(line.encode()).hexdigest()[:8] for line in record.splitlines(keepends=True)]


def noted() -> dict[str, list[str]]:
    """The hashes by the name of the program or lab."""
    found: dict[str, list[str]] = {}
    for line in NOTED.read_text(encoding="utf-8").splitlines() if NOTED.exists() else []:
        if line.startswith(" "):
            found[list(found)[-1]] += line.split()
        elif not line.startswith("#"):
            found[line] = []
    return found


def note(name: str, record: str) -> None:
    """Note what a run wrote, whichever process it is."""
    RESULTS.mkdir(exist_ok=True)
    with FileLock(RESULTS / f"{NOTED.name}.lock"):
        found = noted() | {name: digests(record)}
        rows = [f"{one}\n{textwrap.indent(textwrap.fill(' '.join(found[one]), 96), '    ')}\n" for one in sorted(found)]
        NOTED.write_text(HEAD + "".join(rows), encoding="utf-8")


def problem(name: str, record: str) -> str:
    """Why a record is not what a run wrote, by its first line that is not; empty where it is."""
    wanted, found = noted().get(name, []), digests(record)
    if wanted == found:
        return ""
    _, _, _, start, end = next(
        one for one in difflib.SequenceMatcher(None, wanted, found, False).get_opcodes() if one[0] != "equal"
    )
    line = (
        f"line {start + 1}, “{record.splitlines()[start].strip()}”, was not written by a run"
        if end > start
        else f"after line {start} it lacks what a run wrote"
    )
    page = name if name.endswith(".ipynb") else f"{name.rpartition('/')[0]}.md"
    return (
        f"docs/{page} shows what {name} did not print: {line}. Run `make outputs only={name.rpartition('.')[0]}`, "
        "which writes it, and change nothing in it by hand."
    )
