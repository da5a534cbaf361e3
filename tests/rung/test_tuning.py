"""Fine-tuning with LoRA: the very prompt is learned, training goes on where it stopped, both kinds of case have it.

Whole measurements are of a tiny model with random weights: what they show does not depend on what it knows.
"""

import csv
from dataclasses import replace

import pytest
from rung.ask import Answerer
from rung.case import read_case
from rung.errors import CaseError, ModelError
from rung.measure import Measurement, write
from rung.models import LocalModel, Request, chat
from rung.settings import ModelSettings, TuneSettings
from rung.tuning import Lesson, TunedModel, adapter_of, plan_of, rows_of

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
def tiny(tmp_path_factory):
    return LocalModel(str(save(FAMILIES["qwen2"], tmp_path_factory.mktemp("tiny"))))


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


def test_labels_are_tuned_at_several_sizes_and_what_was_tuned_answers(tmp_path, tiny):
    folder = label_case(tmp_path / "case", f"[model]\nmax_new_tokens = 4\n{TUNE}")
    with (folder / "messages.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    splits = ["train"] * 24 + ["dev"] * 8 + ["test"] * 8
    parted = [(*row, split) for row, split in zip(rows, splits, strict=True)]
    write_table(folder / "messages.csv", ["text", "label", "split"], parted)
    told = []
    results = Measurement(read_case(folder), tiny, tell=told.append).run()
    tuned = [one.arm for one in results.tried if one.arm.rung == "tuning"]
    assert len({arm.top for arm in tuned}) >= 2 and all(arm.adapter for arm in tuned)
    assert list(results.chosen)[-1] == "tuning" and len(results.trained) == len(tuned)
    assert sum("Training" in words for words in told) == len(tuned)
    results = replace(results, verdict=replace(results.verdict, rung="tuning", open=None))
    write(results)
    answerer = Answerer(folder, model=tiny)
    for item, one in list(zip(results.case.of("test"), results.chosen["tuning"].predictions, strict=True))[:3]:
        assert answerer.answer(item.text).text == one.answer


def test_questions_are_tuned_on_facts_and_to_read(tmp_path, tiny):
    folder = answer_case(tmp_path / "case", f"[model]\nmax_new_tokens = 8\n[search]\npassage_tokens = 60\n{TUNE}")
    rows = [(*row, "dev" if place % 2 else "test") for place, row in enumerate(QUESTIONS)]
    write_table(folder / "questions.csv", ["question", "answers", "split"], rows)
    results = Measurement(read_case(folder), tiny).run()
    assert len(results.trained) == 2 and results.chosen["tuning"].arm.method in ("facts", "reading")
    assert {step.higher for step in results.verdict.steps} >= {"tuning"}


def test_an_arm_that_would_take_too_long_is_left_out_by_name(tmp_path, tiny):
    folder = label_case(tmp_path / "case", f"[model]\nmax_new_tokens = 4\n{TUNE}hours = 0.0\n")
    results = Measurement(read_case(folder), tiny).run()
    assert "tuning" not in results.chosen
    assert any("training would take about" in one.what for one in results.case.findings)
