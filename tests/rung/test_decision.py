"""What a measurement answers of the guide's decision tool: only what was measured, in the tool's own words."""

import json

import pytest
from rung.decision import query, tool_answers

from scripts.paths import ROOT
from tests.rung.cases import results_of

RULES = json.loads((ROOT / "docs/assets/tools/decide/rules.json").read_text(encoding="utf-8"))
KNOWN = {one["id"]: {answer["id"] for answer in one["answers"]} for one in RULES["questions"]}
TUNED = {"prompting": 0.3, "retrieval": 0.3}


@pytest.mark.parametrize(
    ("results", "question", "answer"),
    [
        (results_of({"prompting": 0.2, "retrieval": 0.8}), "prompt", "short"),
        (results_of({"prompting": 0.2, "retrieval": 0.8}), "output", "text"),
        (results_of({"no model": 0.8, "prompting": 0.2}, kind="label"), "output", "label-enough"),
        (results_of({"no model": 0.2, "prompting": 0.8}, kind="label"), "output", "label-short"),
        (results_of({"no model": 0.5, "prompting": 0.56}, items=20, kind="label"), "output", "label"),
        (results_of({"prompting": 0.8, "retrieval": 0.8}), "prompt", "enough"),
        (results_of({"prompting": 0.5, "retrieval": 0.56}, items=20), "prompt", None),
        (results_of({"no model": 0.8, "prompting": 0.2}, kind="label"), "prompt", None),
        (results_of({"prompting": 0.9}), "prompt", None),
        (results_of({"prompting": 0.2, "retrieval": 0.8}, ceiling=0.9), "paste", "right"),
        (results_of({"prompting": 0.2, "retrieval": 0.2}, ceiling=0.3), "paste", "wrong"),
        (results_of({"prompting": 0.2, "retrieval": 0.2}, ceiling=0.5), "paste", None),
        (results_of({"prompting": 0.2}), "paste", None),
        (results_of(TUNED), "tuned", "untried"),
        (results_of(TUNED | {"tuning": 0.8}), "tuned", "beats"),
        (results_of(TUNED | {"tuning": 0.3}), "tuned", "worse"),
        (results_of({"prompting": 0.5, "tuning": 0.6}, items=20), "tuned", None),
        (results_of({"prompting": 0.5}, fits=True), "knowledge", "fits"),
        (results_of({"prompting": 0.5}, fits=False), "knowledge", "large"),
        (results_of({"prompting": 0.5}, kind="label"), "knowledge", "given"),
        (results_of({"prompting": 0.5}, items=40), "examples", "few"),
    ],
)
def test_what_was_measured_is_answered_and_nothing_else(results, question, answer):
    answers = tool_answers(results)
    assert answers.get(question) == answer
    assert all(value in KNOWN[name] for name, value in answers.items())
    order = [name for name in KNOWN if name in answers]
    assert list(answers) == order, "the tool writes its address in this order"
    assert query(results) == "&".join(f"{name}={value}" for name, value in answers.items())
