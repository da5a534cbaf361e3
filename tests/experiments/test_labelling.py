"""The labelling experiment: its messages, its draws, its scoring, and replies that are kept to a pattern."""

import json
import re
import sys
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from scripts.paths import EXPERIMENTS
from tests.experiments.test_experiments import run_code

sys.path.insert(0, str(EXPERIMENTS))  # as `python experiments/run.py` has it

from behaviour import report as behaviour_report
from kit.arm import Arm
from kit.decoding import shared_beginning
from kit.models import SMOLLM2
from kit.paths import results_of
from kit.rows import read_predictions, write_rows
from kit.work import kept
from labelling.classifiers import commonest_lines, learned_lines
from labelling.experiment import SETTINGS, arms_without_a_model
from tasks import without_a_model
from tasks.messages import MORE_TEST, all_test_messages, drawn_examples, messages, training_examples
from tasks.triage import LINE, TRIAGE, product_named, target, with_keyword

FIELDS = ["id", "split", "text", "team", "urgency", "product"]


def test_the_added_test_messages_are_like_the_others_and_labelled():
    added, before = all_test_messages()[140:], messages("test")
    assert len(added) == 160 and len(before) == 140
    assert all(list(one) == FIELDS and one["split"] == "test" for one in added)
    assert len({one["id"] for one in added + before}) == 300
    assert set(Counter(one["team"] for one in added).values()) == {40}, "teams are balanced exactly"
    high = [sum(one["urgency"] == "high" for one in part) / len(part) for part in (added, before)]
    assert abs(high[0] - high[1]) < 0.05
    assert all(LINE.fullmatch(target(one)) for one in added)
    assert json.loads(MORE_TEST.read_text(encoding="utf-8").splitlines()[0])["id"] == "u001"


def test_the_product_of_every_test_message_is_a_regular_expression_away():
    asked = all_test_messages()
    assert [one["product"] for one in asked] == [product_named(one["text"]) for one in asked]


def test_no_added_message_repeats_one_that_is_trained_on_or_chosen_with():
    def phrases(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[a-z0-9']+", text.lower())
        return {tuple(words[at : at + 4]) for at in range(len(words) - 3)}

    known = [phrases(one["text"]) for one in training_examples() + messages("train") + messages("dev")]
    for one in all_test_messages()[140:]:
        own = phrases(one["text"])
        for other in known:
            assert len(own & other) < 0.2 * len(own), f"{one['id']} is too like a message that is learned from."


def test_examples_are_drawn_anew_for_each_seed_and_number_and_alike_for_every_arm():
    small, other, larger = ([one["id"] for one in drawn_examples(*draw)] for draw in ((40, 0), (40, 1), (80, 0)))
    assert small == [one["id"] for one in drawn_examples(40, 0)] and len(set(small)) == 40
    assert set(small) != set(other) and not set(small) <= set(larger)


def test_a_keyword_replaces_the_product_alone():
    message = {"text": "The Dray's bell is dull.", "team": "repair", "urgency": "low", "product": "Dray"}
    assert with_keyword(message, "repair / low / none") == "repair / low / Dray"
    assert with_keyword(message, "billing / low / Dray") == "billing / low / Dray"
    assert with_keyword(message, "repair, low, Dray") == "repair, low, Dray", "what has not the form gets none"
    assert not TRIAGE.score(message, with_keyword(message, "repair, low, Dray"))["correct"]


def test_without_a_model_a_line_comes_of_any_number_of_examples():
    texts = ["I was charged twice for my Tolver.", "Where is my parcel?"]
    examples = training_examples()
    assert learned_lines(examples, texts, "tf-idf")[0].startswith("billing / ")
    alike = [one for one in examples if one["team"] == "account" and one["urgency"] == "low"][:3]
    assert learned_lines(alike, texts, "tf-idf") == ["account / low / Tolver", "account / low / none"]
    assert commonest_lines(alike, 2) == [target(alike[0])] * 2


def write_results(units: dict[str, list[dict]], folder: Path, are_whole: bool) -> None:
    """Results of labelling: whole, or of a run that has not finished."""
    if are_whole:
        folder.mkdir()
        write_rows(folder / "predictions.jsonl", [row for rows in units.values() for row in rows])
        return
    (folder / "unfinished" / "0123456789abcdef").mkdir(parents=True)
    for key, rows in units.items():
        file = folder / "unfinished" / "0123456789abcdef" / f"{key.replace('/', '--')}.jsonl"
        write_rows(file, [{"seconds": 1.0, "peak_mb": 1}, *rows])


@pytest.mark.parametrize("are_whole", [True, False])
def test_the_classifiers_are_those_of_behaviours_report_whether_labelling_has_finished_or_not(
    are_whole, tmp_path, monkeypatch
):
    made = {key: list(rows) for key, rows in groupby(kept(results_of("labelling")), lambda row: row["unit"])}
    arms = arms_without_a_model(SETTINGS)
    units = {key: made[key] for key in arms} | made  # in the order in which a run makes them
    tuned = Arm(method="lora", model=SMOLLM2.key, examples=160, seed=0)
    units["tuned on 160/seed 0"] = [
        row | {"arm": tuned, "unit": "tuned on 160/seed 0"} for row in made["tf-idf on 160/seed 0"]
    ]
    write_results(units, tmp_path / "results", are_whole)
    monkeypatch.setattr(without_a_model, "results_of", lambda name: tmp_path / "results")
    published = results_of("behaviour")
    metrics = behaviour_report.measure(read_predictions(published / "predictions.jsonl"))
    assert metrics == json.loads((published / "metrics.json").read_text(encoding="utf-8"))


def test_what_is_shared_ends_with_a_whole_turn():
    turns = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n"
    assert shared_beginning([turns + "Hello", turns + "Help"]) == "<|im_start|>system\nBe brief.<|im_end|>\n"
    assert not shared_beginning(["Hello", "Help"])


DECODING = """
from kit.environment import use_local_models
use_local_models()
import json
from kit.decoding import generate_after
from kit.model import generate, load
from tasks.messages import messages, prompt_of, training_examples
from tasks.triage import LINE, TRIAGE
loaded, items = load("smollm2-135m"), messages("test", 3)
def prompts(*more):
    return [prompt_of(TRIAGE, "smollm2-135m", one, *more) for one in items]
shown = prompts(TRIAGE.instructions[0], training_examples(4))
bare = generate_after(loaded, prompts(), 16, LINE.pattern)
print(json.dumps([generate(loaded, shown, 12), generate_after(loaded, shown, 12), bare]))
"""


def test_a_shared_beginning_changes_no_reply_and_a_pattern_is_always_kept():
    whole, shared, constrained = json.loads(run_code(DECODING).splitlines()[-1])
    assert whole == shared
    assert all(LINE.fullmatch(reply) for reply in constrained)
