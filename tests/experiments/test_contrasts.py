"""Comparisons over seeds: paired seed with seed and adjusted as one family; and what needs no model, beside them."""

import json
import sys
from dataclasses import replace

import pytest

from scripts.paths import EXPERIMENTS

sys.path.insert(0, str(EXPERIMENTS))  # as `python experiments/run.py` has it

import hybrid.report
from behaviour.report import with_product_by_keyword
from hybrid.report import styled
from kit import provenance
from kit.arm import Arm
from kit.contrasts import contrast, contrast_cells, contrasts_in, with_family
from kit.models import MODELS, QWEN2, for_model
from kit.paths import folder_of, results_of
from kit.rows import read_predictions, write_rows
from kit.work import kept
from knowledge import report as knowledge
from rung.statistics import holm
from spectrum.report import perplexity
from tasks import style
from tasks.messages import messages

SEED_AVERAGED = ["behaviour", "hybrid", "knowledge", "overfitting", "spectrum", "voice"]


def rows_of(*runs: str) -> list[dict]:
    """An arm's rows: a string a seed, a character an item, `x` where it is correct."""
    return [
        {"arm": Arm(method="lora", model="m", seed=seed), "id": str(item), "correct": mark == "x"}
        for seed, run in enumerate(runs)
        for item, mark in enumerate(run)
    ]


def test_a_seed_is_paired_with_the_same_seed_and_never_with_another():
    first, second = rows_of("xx..", ".xx.", "..xx"), rows_of("xx..", ".xx.", "....")
    figures = contrast(first, second, "correct", same_seeds=True)
    assert figures["by seed"] == [[0, 0], [0, 0], [2, 0]]
    assert figures["difference"] == pytest.approx(2 / 12, abs=1e-4)
    once = contrast(first, rows_of("xxxx"), "correct")
    assert once["by seed"] == [[0, 2]] * 3, "each seed against the only run"
    assert "by seed" not in contrast(first, rows_of("xxxx", "...."), "correct"), "which would be paired with which?"


def test_arms_of_other_items_are_not_compared():
    with pytest.raises(ValueError, match="same items"):
        contrast(rows_of("xx"), list(reversed(rows_of("xx"))), "correct")


def test_every_comparison_of_an_experiment_is_adjusted_for_all_of_them_wherever_it_stands():
    clear, unclear = rows_of("x" * 12 + "." * 8), rows_of("x" * 6 + "." * 14)
    none = rows_of("." * 20)
    metrics = with_family(
        {
            "a": {"deep": [contrast(clear, none, "correct")]},
            "b": contrast(unclear, none, "correct"),
            "c": contrast(clear, clear, "correct"),
        }
    )
    found = [one for _, one in contrasts_in(metrics)]
    assert [one["holm"] for one in found] == pytest.approx(holm([one["p"] for one in found]), abs=1e-6)
    assert metrics["family"] == {"compared": 3, "below alone": 2, "survive": 1}
    assert contrast_cells(metrics["b"])[-1].startswith("does not survive Holm; ")
    assert contrast_cells(metrics["c"])[-1].startswith("cannot be told apart; more than 5000")


@pytest.mark.parametrize("name", SEED_AVERAGED)
def test_published_tables_mark_every_comparison_and_say_how_many_there_are(name):
    results = results_of(name)
    metrics = json.loads((results / "metrics.json").read_text(encoding="utf-8"))
    tables = "".join(file.read_text(encoding="utf-8") for file in results.glob("*.md"))
    found = list(contrasts_in(metrics))
    assert found and metrics["family"]["compared"] == len(found)
    for path, one in found:
        assert f"| {' | '.join(contrast_cells(one))} |" in tables, f"{path} is compared and shown nowhere"
    assert f"Of {len(found)} comparisons, " in tables
    assert " won, " not in tables, "McNemar's test of one seed stands beside the comparison of all"


def test_predictions_of_an_experiment_that_is_not_whole_are_those_of_its_units(tmp_path):
    row = {"unit": "u", "arm": Arm(method="tf-idf", model="m"), "id": "1"}
    folder = tmp_path / "unfinished" / "one"
    folder.mkdir(parents=True)
    write_rows(folder / "u.jsonl", [{"seconds": 1, "peak_mb": 1}, row])
    assert kept(tmp_path) == [row]
    (tmp_path / "unfinished" / "two").mkdir()
    with pytest.raises(ValueError, match="units of 2 inputs"):
        kept(tmp_path)
    write_rows(tmp_path / "predictions.jsonl", [row, row])
    assert kept(tmp_path) == [row, row]


@pytest.mark.parametrize(
    ("name", "model"),
    [(file.parts[-3], "") for file in EXPERIMENTS.glob("*/results/unfinished")]
    + [(file.parts[-4], file.parts[-2]) for file in EXPERIMENTS.glob("*/results/*/unfinished")],
)
def test_kept_units_are_of_the_experiment_as_it_stands(name, model):
    key = next(key for key in MODELS if folder_of(key) == model)
    experiment = provenance.module_of(name)
    now = provenance.digest_of(provenance.inputs_of(experiment, for_model(experiment.SETTINGS, key)))[:16]
    kept_of = [folder.name for folder in (results_of(name, model) / "unfinished").iterdir()]
    assert kept_of == [now], f"{name}: what is kept was made with other settings, data or versions"


def test_the_larger_generator_answered_the_same_questions_from_the_same_passages():
    small, larger = (
        {
            (row["wording"], row["id"]): row
            for row in rows
            if row["arm"].method == "prompt" and row["arm"].passages and "retrieved" in row
        }
        for rows in (
            read_predictions(results_of("knowledge") / "predictions.jsonl"),
            kept(results_of("knowledge", QWEN2.key)),
        )
    )
    assert small and {key: row["retrieved"] for key, row in larger.items()} == {
        key: row["retrieved"] for key, row in small.items()
    }
    failed = [row for (wording, _), row in larger.items() if wording == "direct" and not row["correct"]]
    shown = json.loads((results_of("knowledge") / "metrics.json").read_text(encoding="utf-8"))["larger"]["direct"]
    assert shown["failures of the search"]["n"] == len(failed)
    assert shown["failures of the search"]["hits"] == sum(not row["retrieved"] for row in failed) > len(failed) / 2


def test_a_perplexity_beyond_a_thousand_keeps_two_digits():
    assert [perplexity(value) for value in (999.94, 1352.6, 5_744_000)] == ["999.9", "1,400", "5,700,000"]


def test_the_untrained_student_is_the_cut_model_and_was_added_to_the_same_run():
    results = results_of("spectrum")
    rows = [row for row in read_predictions(results / "predictions.jsonl") if row["arm"].method == "cut"]
    student = next(
        row for row in read_predictions(results / "predictions.jsonl") if row["arm"].method == "distillation"
    )
    (run,) = (row for row in rows if row["kind"] == "run")
    assert run["weights"] == student["weights"] and run["bytes"] == run["cpu_s"] == 0
    metrics = json.loads((results / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["arms"]["student, untrained"]["knows"]["hits"] == sum(row.get("knows", False) for row in rows)
    assert metrics["arms"]["student, untrained"]["trained"] == 0
    assert sum(row["kind"] == "question" for row in rows) == 100


def test_a_report_on_the_larger_model_names_it_and_compares_it_with_nothing_else():
    rows = read_predictions(results_of("knowledge") / "predictions.jsonl")
    metrics = knowledge.measure([row | {"arm": replace(row["arm"], model=QWEN2.key)} for row in rows])
    assert "larger" not in metrics and "against the larger" not in metrics
    assert metrics["generator"] == "Qwen2.5-Coder, 1.5B" and "generators.md" not in knowledge.fragments(metrics)


def test_the_product_by_keyword_mends_that_field_alone():
    message = next(one for one in messages("test", 100) if one["product"] == "Tolver")
    line = f"{message['team']} / {message['urgency']} / "
    replies = {line + message["product"]: True, line + "Dray": True, line: False, "other / low / Dray": False}
    for reply, correct in replies.items():
        assert with_product_by_keyword({"id": message["id"], "reply": reply})["by_keyword"] is correct, reply


def test_code_puts_an_answers_first_sentence_into_the_style_and_a_template_holds_no_fact():
    question, answer = "What is the deposit on a cake?", "The deposit is £19. It is kept."
    row = {"id": "q1", "wording": "direct", "answer": answer, "correct": True}
    texts = {"q1": {"direct": question, "accept": ["£19"]}}
    (by_code,), (template,) = (
        hybrid.report.by_code([row], texts, reply) for reply in (styled, hybrid.report.templated)
    )
    assert by_code["answer"] == f"{style.OPENING} On deposit, our documents say: The deposit is £19. {style.CLOSE}"
    assert by_code["correct in style"] and template["every rule"] and not template["correct"]
    (shouted,) = hybrid.report.by_code([row | {"answer": "I say £19!"}], texts, styled)
    assert shouted["correct"] and not shouted["correct in style"], "an answer that breaks a rule stays as it is"


def test_the_template_says_nothing_and_keeps_the_style():
    replies = {one["text"]: style.templated(one["text"]) for one in messages("test", 100)}
    assert all(all(style.rules_kept(text, reply).values()) for text, reply in replies.items())
    assert style.templated("It is on. Help!") == f"{style.OPENING} We are looking into your message. {style.CLOSE}"
