"""Messages about what is not installed: the command is true for how this rung was installed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rung.errors import install, out_of_memory

from scripts.paths import ROOT


def told(folder: Path, origin: dict | None, extra: str, where: Path = ROOT) -> str:
    """What a rung says that was installed from there, None for an index, asked in a folder."""
    about = folder / "rung_bench-9.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: rung-bench\nVersion: 9\n", encoding="utf-8")
    if origin:
        (about / "direct_url.json").write_text(json.dumps(origin), encoding="utf-8")
    (folder / "rung").mkdir()
    for name in ("__init__.py", "errors.py"):
        shutil.copyfile(ROOT / "rung" / "src" / "rung" / name, folder / "rung" / name)
    command = [sys.executable, "-c", f"from rung.errors import install; print(install({extra!r}))"]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", check=True, env=environment, cwd=where
    ).stdout.strip()


def test_in_a_clone_it_is_what_the_guide_says(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    assert install("local") == 'pip install "./rung[local]"'
    monkeypatch.chdir(tmp_path)
    assert install("tune") == f'pip install "{ROOT / "rung"}[tune]"'


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (None, "rung-bench[local]"),
        (
            {"url": "https://example.org/guide.git", "subdirectory": "rung", "vcs_info": {"vcs": "git"}},
            "rung-bench[local] @ git+https://example.org/guide.git#subdirectory=rung",
        ),
        (
            {"url": "https://example.org/guide.git", "vcs_info": {"vcs": "git", "requested_revision": "v2"}},
            "rung-bench[local] @ git+https://example.org/guide.git@v2",
        ),
        ({"url": "https://example.org/r-1.whl", "archive_info": {}}, "rung-bench[local] @ https://example.org/r-1.whl"),
    ],
)
def test_what_was_installed_is_asked_for_again(tmp_path, origin, wanted):
    assert told(tmp_path, origin, "local") == f'pip install "{wanted}"'


@pytest.mark.parametrize("near", [True, False])
def test_a_wheel_on_this_machine_is_named_by_its_path(tmp_path, near):
    wheel = tmp_path / "a folder" / "rung_bench-9-py3-none-any.whl"
    origin = {"url": wheel.as_uri(), "archive_info": {}}
    shown = "./a folder/rung_bench-9-py3-none-any.whl" if near else str(wheel)
    assert told(tmp_path, origin, "documents", tmp_path if near else ROOT) == f'pip install "{shown}[documents]"'


@pytest.mark.parametrize(
    ("problem", "wanted"),
    [
        (MemoryError(), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB"), True),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
            True,
        ),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."), True),
        (RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"), False),
        (OSError(28, "No space left on device"), False),
    ],
)
def test_too_little_memory_is_told_from_other_faults(problem, wanted):
    assert out_of_memory(problem) == wanted
