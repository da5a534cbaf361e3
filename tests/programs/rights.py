"""What the system forbids, for tests that may run as root, who is forbidden nothing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def run_with(modes: dict[Path, int], command: list[str], **how) -> subprocess.CompletedProcess:
    """What a command says while files and folders have these modes; `how` as subprocess.run takes it."""
    for path, mode in modes.items():
        path.chmod(mode)
    try:
        return subprocess.run(command, capture_output=True, check=False, encoding="utf-8", **how)
    finally:
        for path in modes:
            path.chmod(0o700)


def without_roots_rights() -> list[str]:
    """What a command begins with so that root, too, may not read what is forbidden to a file's owner."""
    if os.name == "nt":
        pytest.skip("files are forbidden as on Unix")
    if os.geteuid() != 0:
        return []
    bounded = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    if not shutil.which("setpriv") or subprocess.run([*bounded, "true"], check=False).returncode:
        pytest.skip("root is forbidden nothing, and cannot start a program here that is")
    return bounded
