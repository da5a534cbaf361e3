"""What the system forbids, for tests that may run as root, who is forbidden nothing."""

import os
import shutil
import subprocess

import pytest


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
