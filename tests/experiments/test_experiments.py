"""The experiments run, and what they published follows from their predictions and from the code as it stands."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from scripts.paths import EXPERIMENTS, HF_HOME, ROOT

sys.path.insert(0, str(EXPERIMENTS))  # as `python experiments/run.py` has it

from kit import evidence
from kit.places import all_experiments, published, results_of
from kit.rates import share_over
from run import GOES_ON_FROM, in_order, provenance_of, write_report

NAMES = all_experiments()
PUBLISHED = published()
RUN = EXPERIMENTS / "run.py"
WORKFLOWS = ROOT / ".github" / "workflows"
CHEAPEST = "scratch"  # minutes; the others take up to hours


def files_in(folder) -> dict[str, str]:
    """The texts of a folder's files, by name."""
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


def run_experiments(*arguments) -> None:
    """Run experiments in a process of their own."""
    # Two threads wait for each other for minutes where another test has one of two cores.
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, ROOT / "scripts" / "full_vectors.py", RUN, *arguments]
    result = subprocess.run(command, env=env, capture_output=True, encoding="utf-8")
    assert result.returncode == 0, result.stdout[-500:] + result.stderr[-3000:]


@pytest.mark.long
def test_the_cheapest_experiment_run_in_full_gives_what_it_published(tmp_path):
    run_experiments(CHEAPEST, "--results", tmp_path)
    texts = [
        (folder / "metrics.json").read_text(encoding="utf-8") for folder in (tmp_path / CHEAPEST, results_of(CHEAPEST))
    ]
    made, told = map(json.loads, texts)
    for arm, figures in told["arms"].items():
        assert made["arms"][arm]["weights"] == figures["weights"]
        # Another processor rounds otherwise, and a training run then goes its own way.
        assert made["arms"][arm]["bits per byte"] == pytest.approx(figures["bits per byte"], rel=0.02), arm
    for wording, figures in told["answers"].items():
        assert figures["low"] <= made["answers"][wording]["share"] <= figures["high"], wording


@pytest.mark.long
def test_experiments_run_from_end_to_end_at_a_tiny_size(tmp_path):
    tiny = [name for name in NAMES if name != CHEAPEST]
    # One process for all: loading the libraries takes longer than most of them.
    run_experiments(*tiny, "--tiny", "--results", tmp_path, "--jobs", "1")
    for name in tiny:
        made = files_in(tmp_path / name)
        rows = evidence.read_rows(tmp_path / name / "predictions.jsonl")
        assert {"metrics.json", "provenance.json"} < set(made), name
        assert len(rows) > len({row["unit"] for row in rows}), f"{name}: a unit of work without predictions"
        for file in (file for file in made if file.endswith(".svg")):
            root = ET.fromstring(made[file])
            assert root.find("title").text and root.find("desc").text, f"{file} has no words for who cannot see it."


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures_follow_from_the_predictions(name, tmp_path):
    results = results_of(name)
    write_report(name, tmp_path, evidence.read_rows(results / "predictions.jsonl"))
    for file, text in files_in(tmp_path).items():
        assert text == (results / file).read_text(encoding="utf-8"), (
            f"{name}/results/{file} is not what the predictions give: `make experiments only='{name} --report'`."
        )


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_results_are_not_stale(name):
    made = provenance_of(name)["inputs"]
    changed = [part for part, digest in evidence.inputs_of(name).items() if digest != made[part]]
    assert not changed, f"{name} is stale: {', '.join(changed)} changed since. Run `make experiments only={name}`."


def test_a_unit_of_work_is_done_once(tmp_path, monkeypatch):
    monkeypatch.setattr(evidence, "UNITS", tmp_path)
    done = []

    def make() -> list[dict]:
        done.append(1)
        return [{"id": "q1", "right": True}]

    first = evidence.Work(NAMES[0], tiny=True)
    again = evidence.Work(NAMES[0], tiny=True)
    assert first.unit("arm/seed 0", make) == again.unit("arm/seed 0", make)
    assert len(done) == 1
    with pytest.raises(RuntimeError):
        again.unit("arm/seed 1", lambda: (_ for _ in ()).throw(RuntimeError("killed")))
    assert [file.name for file in again.folder.iterdir()] == ["arm--seed 0.jsonl"]


def test_answers_that_agree_within_a_unit_do_not_narrow_the_interval():
    units = [{"unit": str(number), "right": number % 2 == 0} for number in range(20)]
    once, ten_times = share_over(units, "right", "unit"), share_over(units * 10, "right", "unit")
    assert (once["share"], once["low"], once["high"]) == (ten_times["share"], ten_times["low"], ten_times["high"])
    assert once["low"] < 0.35 and once["high"] > 0.65
    none = share_over([row | {"right": False} for row in units * 10], "right", "unit")
    assert none["low"] == 0 and none["high"] > 0.1, "nothing seen among twenty is not nothing"


def test_what_goes_on_from_another_experiment_comes_after_it():
    order = in_order(NAMES)
    assert sorted(order) == NAMES
    for name, before in GOES_ON_FROM.items():
        assert order.index(before) < order.index(name)


def test_a_kept_adapter_says_what_it_is(tmp_path, monkeypatch):
    from peft import LoraConfig

    class Trained:
        def __init__(self):
            self.peft_config = {"default": LoraConfig(r=8, base_model_name_or_path="a/base")}

        def save_pretrained(self, folder):
            folder.mkdir(parents=True)
            (folder / "README.md").write_text("[More Information Needed]", encoding="utf-8")

    monkeypatch.setattr(evidence, "UNITS", tmp_path)
    work = evidence.Work("behaviour", tiny=False)
    work.keep_adapter("format/tuned on 20/seed 1", Trained())
    card = (work.adapter("format/tuned on 20/seed 1") / "README.md").read_text(encoding="utf-8")
    wanted = ["`behaviour`", "`a/base`", "`format/tuned on 20/seed 1`", "LORA, rank 8", "CC0", "Not for use outside"]
    for text in [*wanted, *evidence.inputs_of("behaviour").values()]:
        assert text in card
    assert "More Information Needed" not in card and "tiny run" not in card


def test_experiments_take_the_weights_laid_out_here_whatever_is_exported(monkeypatch):
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME"):
        monkeypatch.setenv(name, "/other/weights")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "true")
    evidence.use_local_models()
    assert "/other/weights" not in os.environ.values()
    assert os.environ["HF_HOME"] == str(HF_HOME) and os.environ["HF_HUB_OFFLINE"] == "1"


def test_a_result_records_versions_that_its_hash_leaves_out(tmp_path, monkeypatch):
    monkeypatch.setattr(evidence, "UNITS", tmp_path)
    made = evidence.provenance(evidence.Work("scratch", tiny=True), [0], "")["versions"]
    assert {*evidence.LIBRARIES, *evidence.ALSO_RECORDED, "python"} == set(made)
    assert not set(evidence.ALSO_RECORDED) & set(evidence.pins()), "A new pin would make every result stale."


def test_the_weekly_check_runs_every_experiment():
    weekly = (WORKFLOWS / "weekly.yml").read_text(encoding="utf-8")
    listed = re.search(r"^ +experiment: \[(.+?)\]", weekly, re.MULTILINE | re.DOTALL)[1]
    assert [name.strip() for name in listed.split(",")] == NAMES, "weekly.yml lists the experiments by name."


def test_a_wrong_name_gets_one_sentence(tmp_path):
    result = subprocess.run([sys.executable, RUN, "nonesuch"], capture_output=True, encoding="utf-8")
    assert result.returncode == 1
    assert result.stderr.startswith("There is no experiment 'nonesuch'. There are: ")
    assert len(result.stderr.splitlines()) == 1
