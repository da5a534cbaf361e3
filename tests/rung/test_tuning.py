"""Fine-tuning with LoRA: the very prompt is learned, training goes on where it stopped, both kinds of case have it.

Whole measurements are of a tiny model with random weights: what they show does not depend on what it knows.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from rung.ask import Answerer
from rung.case import read_case
from rung.errors import CaseError, ModelError
from rung.measure import Measurement, write
from rung.models import LocalModel, Request, chat
from rung.settings import ModelSettings, TuneSettings
from rung.tuning import Lesson, TunedModel, adapter_of, plan_of, rows_of

from scripts.paths import ROOT
from tests.programs.families import FAMILIES, save
from tests.rung.cases import QUESTIONS, answer_case, label_case, write_table
from tests.rung.servers import MODEL

SETTINGS = TuneSettings(on=True, rank=4, epochs=14, learning_rate=2e-3)
LESSONS = [Lesson(Request(chat(f"The code of {name}?"), 8), code) for name, code in [("Ada", "QX-7"), ("Bo", "ZR-2")]]
TUNE = "[tune]\non = true\nrank = 4\nepochs = 2\n"


@pytest.fixture(scope="module")
def local():
    return LocalModel(MODEL)


@pytest.fixture(scope="module")
def tiny_model(tiny):
    return LocalModel(str(tiny))


def test_only_the_answer_is_learned_and_the_prompt_is_the_one_asked(local):
    row = rows_of(local, LESSONS[:1])[0]
    tokenizer = local.loaded[1]
    learned = [label for label in row["labels"] if label != -100]
    assert tokenizer.decode(learned) == "QX-7" + tokenizer.eos_token
    assert tokenizer.decode(row["input_ids"][: -len(learned)]) == local.prompt(LESSONS[0].request)


def test_training_that_stops_goes_on_and_gives_the_lessons_back(local, tmp_path, monkeypatch):
    monkeypatch.setattr("rung.tuning.SAVED_EVERY", 2)
    seen = []

    def stopping(done: int, of: int) -> None:
        """Stop after three steps, as a killed run does."""
        seen.append((done, of))
        if len(seen) == 3:
            raise KeyboardInterrupt

    lessons = LESSONS * 2
    with pytest.raises(KeyboardInterrupt):
        adapter_of(local, lessons, SETTINGS, tmp_path, stopping)
    place = adapter_of(local, lessons, SETTINGS, tmp_path, stopping)
    assert seen[3][0] == 3, "it goes on from the checkpoint at step 2"
    assert adapter_of(local, lessons, SETTINGS, tmp_path, stopping) == place and seen[-1][0] == seen[-1][1]
    tuned = TunedModel(MODEL, place)
    assert tuned.identity != local.identity
    texts = dict(tuned.answers([one.request for one in LESSONS]))
    assert [texts[number].text for number in range(2)] == ["QX-7", "ZR-2"]


FULL_DISK = """
import resource, sys
from pathlib import Path
from rung import tuning
from rung.errors import RungError
from rung.models import LocalModel
from tests.rung.test_tuning import LESSONS, SETTINGS
model = LocalModel(sys.argv[1])
model.loaded
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, -1))
try:
    tuning.adapter_of(model, LESSONS, SETTINGS, Path(sys.argv[2]))
except RungError as problem:
    print(problem)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="files are limited as on Unix")
def test_a_disk_that_takes_no_more_is_one_sentence_and_training_goes_on_after_it(tiny_model, tmp_path):
    path = os.pathsep.join([str(ROOT), str(ROOT / "rung" / "src")])
    command = [sys.executable, "-c", FULL_DISK, tiny_model.name, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=os.environ | {"PYTHONPATH": path})
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("Training stopped: ") and "run the same command again" in done.stdout
    assert not list(tmp_path.glob("*/done"))
    place = adapter_of(tiny_model, LESSONS, SETTINGS, tmp_path)
    assert json.loads((place / "done").read_text(encoding="utf-8"))["lessons"] == len(LESSONS)
    assert not (place / "checkpoints").exists()


def test_a_checkpoint_that_was_half_written_is_passed_over(tiny_model, tmp_path, monkeypatch):
    monkeypatch.setattr("rung.tuning.SAVED_EVERY", 2)
    steps = []

    def stopping(done: int, of: int) -> None:
        """Stop after three steps."""
        steps.append(done)
        if len(steps) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adapter_of(tiny_model, LESSONS, SETTINGS, tmp_path, stopping)
    (whole,) = tmp_path.glob("*/checkpoints/checkpoint-*")
    torn = whole.with_name("checkpoint-4")
    shutil.copytree(whole, torn)
    (torn / "adapter_model.safetensors").write_bytes(b"\0" * 10)
    (torn / "trainer_state.json").unlink()
    place = adapter_of(tiny_model, LESSONS, SETTINGS, tmp_path, stopping)
    assert steps[3] == 3 and (place / "done").exists()


def test_an_adapter_of_a_model_that_was_trained_anew_since_does_not_answer(tmp_path):
    folder = save(FAMILIES["qwen2"], tmp_path / "model")
    first = LocalModel(str(folder))
    place = adapter_of(first, LESSONS, SETTINGS, tmp_path / "adapters")
    assert list(TunedModel(str(folder), place).answers([LESSONS[0].request]))
    first.loaded[0].save_pretrained(folder)
    with pytest.raises(ModelError, match=r"has changed since .* was trained on it: run"):
        list(TunedModel(str(folder), place).answers([LESSONS[0].request]))
    assert adapter_of(LocalModel(str(folder)), LESSONS, SETTINGS, tmp_path / "adapters") != place


def test_lessons_that_are_too_long_are_counted(tmp_path, tiny_model):
    folder = label_case(tmp_path / "case", f"[model]\nmax_new_tokens = 4\n{TUNE}")
    case = read_case(folder)
    longest = next(item for item in case.items if item.split == "train")
    case.items[case.items.index(longest)] = replace(longest, text="May I keep it? " * 2000)
    Measurement(case, tiny_model).run()
    assert any("1 of" in one.what and "too long to learn from" in one.what for one in case.findings)


def test_what_training_takes_is_told_before(local):
    plan = plan_of(local, LESSONS, SETTINGS)
    assert plan.lessons == 2 and plan.tokens == 14 * sum(len(row["input_ids"]) for row in rows_of(local, LESSONS))
    assert plan.seconds > 0 and "about" in plan.words


def test_a_model_behind_an_endpoint_is_not_trained(tmp_path):
    case = read_case(label_case(tmp_path / "case", TUNE))
    away = ModelSettings(endpoint="http://localhost:1/v1")
    case.settings = replace(case.settings, model=away)
    with pytest.raises(CaseError, match="not one behind an endpoint"):
        Measurement(case)


def test_an_adapter_that_is_gone_says_so(tmp_path):
    with pytest.raises(ModelError, match="is gone: run"):
        list(TunedModel(MODEL, tmp_path / "nothing").answers([LESSONS[0].request]))


def test_labels_are_tuned_at_several_sizes_and_what_was_tuned_answers(tmp_path, tiny_model):
    folder = label_case(tmp_path / "case", f"[model]\nmax_new_tokens = 4\n{TUNE}")
    with (folder / "messages.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    splits = ["train"] * 24 + ["dev"] * 8 + ["test"] * 8
    parted = [(*row, split) for row, split in zip(rows, splits, strict=True)]
    write_table(folder / "messages.csv", ["text", "label", "split"], parted)
    told = []
    results = Measurement(read_case(folder), tiny_model, tell=told.append).run()
    tuned = [one.arm for one in results.tried if one.arm.rung == "tuning"]
    assert len({arm.top for arm in tuned}) >= 2 and all(arm.adapter for arm in tuned)
    assert list(results.chosen)[-1] == "tuning" and len(results.trained) == len(tuned)
    assert sum("Training" in words for words in told) == len(tuned)
    told.clear()
    assert list(Measurement(read_case(folder), tiny_model, tell=told.append).run().trained) == list(results.trained)
    assert not any("Training" in words for words in told), "nothing is trained again"
    results = replace(results, verdict=replace(results.verdict, rung="tuning", open=None))
    write(results)
    answerer = Answerer(folder, model=tiny_model)
    for item, one in list(zip(results.case.of("test"), results.chosen["tuning"].predictions, strict=True))[:3]:
        assert answerer.answer(item.text).text == one.answer


def test_questions_are_tuned_on_facts_and_to_read(tmp_path, tiny_model):
    folder = answer_case(tmp_path / "case", f"[model]\nmax_new_tokens = 8\n[search]\npassage_tokens = 60\n{TUNE}")
    rows = [(*row, "dev" if place % 2 else "test") for place, row in enumerate(QUESTIONS)]
    write_table(folder / "questions.csv", ["question", "answers", "split"], rows)
    results = Measurement(read_case(folder), tiny_model).run()
    assert len(results.trained) == 2 and results.chosen["tuning"].arm.method in ("facts", "reading")
    assert {step.higher for step in results.verdict.steps} >= {"tuning"}


def test_an_arm_that_would_take_too_long_is_left_out_by_name(tmp_path, tiny_model):
    folder = label_case(tmp_path / "case", f"[model]\nmax_new_tokens = 4\n{TUNE}hours = 0.0\n")
    results = Measurement(read_case(folder), tiny_model).run()
    assert "tuning" not in results.chosen
    assert any("training would take about" in one.what for one in results.case.findings)
