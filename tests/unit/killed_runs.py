"""Killing a run without warning: at each of its steps, or as soon as something has happened."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from scripts.paths import ROOT

# What Python reports when a program touches the disk.
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.listdir", "os.scandir", "shutil.rmtree"}


def start(module: str, call: str, env: dict[str, str]) -> subprocess.Popen:
    """Start a call of something in a module of tests, in a process of its own with these variables besides."""
    command = [sys.executable, "-c", f"from tests.unit import {module} as own; own.{call}"]
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | env
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def killed_at_every_step(prepare: Callable[[], None], run: Callable[[], None]) -> Iterator[int]:
    """Prepare and run, killed at the first step that touches the disk, then at the second, ...: each step's number.

    The last number is that of a run which came to its end before that step. To be used in a process without threads,
    because each run is in one that is forked from it.
    """
    for step in itertools.count(1):
        prepare()
        child = os.fork()
        if not child:
            run_until(step, run)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, -signal.SIGKILL), f"The run that was to be killed at step {step} ended with {code}."
        yield step
        if code == 0:
            return


def run_until(step: int, run: Callable[[], None]) -> None:
    """Run in this process, and kill it when it touches the disk for the nth time; it does not return."""
    count = itertools.count(1)

    def look(event: str, _: tuple) -> None:
        if event in STEPS and next(count) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    run()
    os._exit(0)


def kill_once(process: subprocess.Popen, happened: Callable[[], object]) -> tuple[str | None, str | None]:
    """Kill a process, and what it started where it leads a group, once something has happened; what it had printed."""
    while process.poll() is None and not happened():
        time.sleep(0.001)
    if process.poll() is None:
        leads = os.getpgid(process.pid) == process.pid
        (os.killpg if leads else os.kill)(process.pid, signal.SIGKILL)
    printed = process.communicate()
    assert process.returncode == -signal.SIGKILL, f"It ended by itself, with {process.returncode}: {printed}"
    return printed
