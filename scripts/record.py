"""Record anew what pages and tools show of a run: `make record only=tune`. Without a name it lists what there is.

These runs need models, Node or a built site, so neither `make pages` nor a test repeats them. Each has a program of its
own; here is what it needs around it. Afterwards the pages that are generated from what was recorded are written.
"""

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from scripts import full_vectors
from scripts.paths import LOCAL_MODELS, OTHER_MODELS, ROOT

SITE = "site"  # where `make build` writes it


@dataclass(frozen=True)
class Record:
    """What is recorded under a name, and the commands that do it, in order."""

    what: str
    commands: tuple[tuple[str, ...], ...]
    needs_site: bool = False  # Node, the browser's model and a built site: what `make vendor build` makes


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module of this repository."""
    return (sys.executable, "-m", name, *arguments)


RECORDS = {
    "ask": Record(
        "vectors of the guide's passages for Ask this guide; with --run its questions and answers too",
        (module("scripts.record_ask", SITE),),
        needs_site=True,
    ),
    "cascade": Record(
        "the table of a small model first, the larger one where the small one contradicts itself",
        ((sys.executable, "experiments/cascade.py"),),
    ),
    "measure": Record("the sample data of Measure yours", (module("scripts.record_measure"),)),
    "reports": Record("rung's reports on its two sample cases", (module("scripts.record_reports"),)),
    "rungs": Record(
        "the adapter, prompts and passages with which Three rungs, one question answers in the tab",
        (module("scripts.record_rungs"),),
    ),
    "search": Record(
        "what each search of the guide finds, and the rates",
        (("node", "scripts/search/distil.mjs"), module("scripts.search.measure", SITE)),
        needs_site=True,
    ),
    "tune": Record("the two trainings of Tune it in front of me, step by step", (module("scripts.record_tune"),)),
}
PAGES = module("scripts.pages")


def environment() -> dict[str, str]:
    """What every recording finds: this tree's packages and models, no connection, a processor's full vectors."""
    inherited = {name: value for name, value in os.environ.items() if name not in OTHER_MODELS}
    paths = [str(ROOT), str(ROOT / "rung" / "src")]
    return inherited | {"PYTHONPATH": os.pathsep.join(paths)} | LOCAL_MODELS | full_vectors.environment()


def listed() -> str:
    """What there is to record, a line each."""
    return "\n".join(f"  make record only={name:<8} {one.what}" for name, one in RECORDS.items())


def commands_for(name: str, more: list[str]) -> list[tuple[str, ...]]:
    """What to run for a name; the last of its own commands gets what else was typed."""
    *before, last = RECORDS[name].commands
    return [*before, (*last, *more), PAGES]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.record", description=__doc__)
    parser.add_argument("name", nargs="?", help=f"one of: {', '.join(RECORDS)}")
    given, more = parser.parse_known_args()
    if not given.name:
        print(listed())
        return
    if given.name not in RECORDS:
        sys.exit(f"Nothing is recorded under {given.name!r}. There are: {', '.join(RECORDS)}.")
    if RECORDS[given.name].needs_site and not shutil.which("node"):
        sys.exit(f"Recording {given.name} needs Node, which is not installed.")
    for command in commands_for(given.name, more):
        if code := subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode:
            sys.exit(code)


if __name__ == "__main__":
    main()
