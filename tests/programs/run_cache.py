"""Keep what a slow program printed, and which pages were in order, so that a second `make test` takes minutes less.

Of a program the run is kept, never the verdict: each test still compares the record with the .out file. A
run counts only while nothing it depends on has changed: the program, its commands and its declared files,
the pinned packages and weights, the engine, Python and the processor. An audit of a page counts while the page as
built, the site's scripts and styles, the tests, the pinned packages and the browser are the same; one that found
something is made again. So are the experiments tried again where anything of theirs has changed. Under CI everything is
run and audited.
"""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path

from scripts.paths import ROOT
from tests.programs.runner import Run, commands_of, declaration_of, files_of

FOLDER = ROOT / ".cache" / "runs"
AUDITS = ROOT / ".cache" / "audits"
WORTH_CACHING_S = 5
NOTE = "not run again: nothing it depends on has changed"
NOTE_AUDIT = "not made again: they found nothing wrong, and nothing they depend on has changed"


def wanted() -> bool:
    """Whether earlier runs may stand in for new ones: not where the result decides what is published."""
    return os.environ.get("CI") != "true" and not os.environ.get("GUIDE_HUB_HOME")


def is_afresh(option: Callable[[str], object]) -> bool:
    """Whether all is to be made again, as the command line says, or because earlier runs may not stand in."""
    return bool(option("--afresh")) or not wanted()


def processor() -> str:
    """The processor's name, since figures can move with it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith("model name")), platform.processor())


def pins() -> list[Path]:
    """What fixes the packages and weights that programs run on; the site's builder has pins of its own."""
    return [ROOT / "requirements" / name for name in ("torch.txt", "test.txt", "models.txt")]


def files_behind(program: Path) -> list[Path]:
    """Every file that what a program prints depends on."""
    tools = [ROOT / "scripts" / name for name in ("lay_out_models.py", "full_vectors.py")]
    files = [program, Path(__file__).with_name("runner.py"), *tools, *pins()]
    for given in files_of(program).values():
        files += given.rglob("*") if given.is_dir() else [given]
    return sorted({file.resolve() for file in files if file.is_file()})


def digest_of(parts: list[str], files: list[Path]) -> str:
    """A hash of what a run depends on: these texts and files, Python and the machine."""
    digest = hashlib.sha256()
    for part in (sys.version, platform.machine(), processor(), *parts):
        digest.update(f"{part}\n".encode())
    for file in sorted({file.resolve() for file in files}):
        digest.update(f"{os.path.relpath(file, ROOT)}\n".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def key_of(program: Path) -> str:
    """A hash of everything a program's run depends on."""
    return digest_of([*commands_of(program), declaration_of(program).server], files_behind(program))


def load(key: str) -> Run | None:
    """The kept run with this hash of what it depends on, if there is one."""
    file = FOLDER / f"{key}.json"
    try:
        return Run(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def store(key: str, run: Run) -> None:
    """Keep a run that ended well and took long."""
    if run.returncode or run.seconds < WORTH_CACHING_S:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{key}.json"
    part = file.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(asdict(run)), encoding="utf-8")
    part.replace(file)


@cache
def loaded_by(site: Path) -> str:
    """A hash of all that the pages of a built site load, and of the tests that audit them."""
    loaded = sorted(file for file in (site / "assets").rglob("*") if file.is_file())
    named = [f"{file.relative_to(site).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in loaded]
    return digest_of(named, [*(ROOT / "tests" / "browser").glob("*.py"), Path(__file__), *pins()])


def key_of_audit(kind: str, page: Path, site: Path, browser: str, programs: list[Path]) -> str:
    """A hash of everything that a kind of audit of a built page depends on, with the programs that the page offers."""
    built = [page.relative_to(site).as_posix(), hashlib.sha256(page.read_bytes()).hexdigest()]
    return digest_of([kind, *built, loaded_by(site), browser], programs)


def was_in_order(key: str) -> bool:
    """Whether an audit with this hash of what it depends on found nothing wrong."""
    return (AUDITS / key).exists()


def store_audit(key: str, problems: list[str]) -> None:
    """Keep that an audit found nothing wrong; what was in order and is not any more is forgotten."""
    AUDITS.mkdir(parents=True, exist_ok=True)
    if problems:
        (AUDITS / key).unlink(missing_ok=True)
    else:
        (AUDITS / key).touch()


def made(key: str, check: Callable[[], None], afresh: bool) -> bool:
    """Make a check, which raises where something is wrong; whether it was made.

    It is not where one with this hash of what it depends on found nothing wrong, unless all is to be made `afresh`.
    """
    if not afresh and was_in_order(key):
        return False
    store_audit(key, ["not known to be in order until it has ended"])
    check()
    store_audit(key, [])
    return True
