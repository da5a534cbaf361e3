"""The command as a user types it: run to its end, or stopped with Ctrl+C; and the answers that a case keeps."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

from scripts.paths import ROOT

COMMAND = [sys.executable, "-m", "rung"]


def environment(**more: str) -> dict[str, str]:
    """What the command needs where it is not installed."""
    return os.environ | {"PYTHONPATH": str(ROOT / "rung" / "src"), "COLUMNS": "100"} | more


def rung(*arguments: str, **more: str) -> subprocess.CompletedProcess:
    """The command, as a user runs it."""
    command = [*COMMAND, *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment(**more))


def answers_in(folder: Path) -> dict[str, str]:
    """The answers of the model that a case keeps."""
    for file in folder.rglob("answers.sqlite"):
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as kept, suppress(sqlite3.OperationalError):
            return dict(kept.execute("SELECT key, answer FROM answers"))
    return {}


def interrupt_once(command: list[str], folder: Path, count: int) -> tuple[int, str]:
    """Run a command and press Ctrl+C as soon as a case keeps so many answers: its exit code and what it told.

    POSIX only.
    """
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(),
        # Below a shell's background job it would be born deaf to the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads yet
    )
    while len(answers_in(folder)) < count:
        assert process.poll() is None, "it ended before it was stopped"
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    told = " ".join(process.communicate(timeout=300)[1].split())
    return process.returncode, told
