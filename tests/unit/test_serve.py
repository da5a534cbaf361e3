"""The preview says in one sentence when it cannot have its port, and serves the site in any locale."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from scripts.serve import port_number
from tests.site.mutations import HOME, add

# A locale in which text is ASCII, as on a bare server; Python's own way around it is barred.
ASCII = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def heed_interrupts() -> None:
    """Let Ctrl+C end a process again: the children of a test run in the background ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(root: Path, port: str | int, **more: str) -> subprocess.Popen:
    """Start the preview of a copy."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8", "errors": "replace"}
    command = [sys.executable, "-m", "scripts.serve", f"--port={port}"]
    environment = os.environ | more
    return subprocess.Popen(command, cwd=root, env=environment, preexec_fn=heed_interrupts, **streams)  # noqa: PLW1509


def page_when_ready(port: int, process: subprocess.Popen) -> str:
    """The home page, as soon as it is served; fails when the preview ends first."""
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)


def test_a_port_that_is_taken_is_told_in_one_sentence(miniature):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = start(miniature, port)
        said, _ = process.communicate()
    assert process.returncode == 1
    assert said.startswith(f"Port {port} cannot be used (Address already in use): type `make serve port=")
    assert len(said.splitlines()) == 1


def test_what_is_no_port_is_told(miniature):
    process = start(miniature, "80x")
    said, _ = process.communicate()
    assert process.returncode == 2
    assert "a port is a whole number from 1 to 65535, not '80x'" in said


@pytest.mark.parametrize("text", ["0", "65536", "-1", "", "8 000", "8000.0", "٣", "²"])
def test_only_a_port_counts_as_one(text):
    with pytest.raises(Exception, match="a port is a whole number"):
        port_number(text)


def test_ports_from_first_to_last_count():
    assert [port_number(text) for text in ("1", "8001", "65535")] == [1, 8001, 65535]


def previewed(root: Path, **more: str) -> str:
    """The home page as the preview of a copy shows it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start(root, port, **more)
    try:
        shown = page_when_ready(port, process)
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate()
    assert process.returncode == 0, said
    return shown


@pytest.mark.parametrize("locale", [{}, ASCII], ids=["utf-8", "ascii"])
def test_the_preview_serves_what_is_written(copy, locale):
    add(HOME, "Grüße: 30 °C, 今日は.\n")(copy)
    assert "Grüße: 30 °C, 今日は." in previewed(copy, **locale)


def test_what_a_strict_build_refuses_is_shown_all_the_same(copy):
    add(HOME, "See [a page that is still to be written](later.md).\n")(copy)
    assert "a page that is still to be written" in previewed(copy)
