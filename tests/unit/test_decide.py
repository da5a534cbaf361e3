"""The decision tool's rules keep their promises over every set of answers, and say what the scenarios' text says."""

import re
from itertools import combinations

import numpy as np
import pytest

from scripts.paths import DOCS
from tests.unit.decide_reference import (
    ANSWERS,
    DATA,
    DESIGNS,
    QUESTIONS,
    RULES,
    RUNG_OF,
    decide,
    decided,
    designs_of,
    every,
    given,
    near_the_scenarios,
    one_answer_away,
    places_of,
)
from tests.unit.node import run_module

SCENARIOS = {one["id"]: one for one in DATA["scenarios"]}
each_scenario = pytest.mark.parametrize("scenario", DATA["scenarios"], ids=SCENARIOS)


def test_page_and_reference_agree():
    sample = [answers for answers, _ in decided()]
    assert len(sample) >= 20_000
    read = "(rules, { data, sample }) => sample.map((answers) => rules.%s(data, answers))"
    found = run_module("decide/rules.js", read % "decide", {"data": DATA, "sample": sample})
    for (answers, expected), result in zip(decided(), found, strict=True):
        assert result == expected, answers
    found = run_module("decide/rules.js", read % "oneAnswerAway", {"data": DATA, "sample": sample[:300]})
    for answers, away in zip(sample[:300], found, strict=True):
        assert [tuple(one) for one in away] == list(one_answer_away(answers)), answers


# What the rules promise.


def test_every_set_of_answers_has_a_recommendation_and_a_reason():
    best, reason = every()
    assert reason.all(), f"{(~reason).sum()} sets of answers have no reason"
    assert set(np.unique(best)) == set(range(len(DESIGNS))), "some design is never recommended"


def test_a_set_of_answers_comes_out_alike_in_the_array_of_all_and_in_a_list():
    best = every()[0]
    for answers, result in decided():
        place = tuple(possible.index(answers.get(name, "unknown")) for name, possible in ANSWERS.items())
        assert DESIGNS[best[place]] == result["design"], answers


def test_nothing_above_prompting_before_prompting_was_measured():
    assert (given(prompt=["untried", "impression", "unknown"]) == 0).all()


def test_nothing_above_prompting_where_it_is_good_enough():
    assert (given(prompt="enough") == 0).all()


def test_never_tuning_for_facts_that_change():
    found = given(fault=["facts", "both"], change=["months", "days"])
    assert not np.isin(found, places_of("tuning", "custom")).any()


@pytest.mark.parametrize(
    "answers", [{"sources": "yes"}, {"control": ["permissions", "deletion", "both"]}], ids=["cite", "hide or forget"]
)
def test_what_weights_cannot_do_never_leads_to_weights_alone(answers):
    assert not np.isin(given(**answers), places_of("tuning", "custom")).any()


# From weaker to stronger evidence for a rung. How well a rung does is not known where it was not measured; then it
# stands between. "No better than the prompt" may be a run done badly, "better, and still far" was done well: tuning
# that falls short in either way is compared with tuning that works, not one way with the other.
STRONGER = [
    ("prompt", 1, worse, better)
    for worse, better in [
        *[("short", one) for one in ("untried", "impression", "unknown", "enough")],
        *[(one, "enough") for one in ("untried", "impression", "unknown")],
    ]
]
STRONGER += [("paste", 2, "wrong", better) for better in ("untried", "unknown", "right")]
STRONGER += [("paste", 2, worse, "right") for worse in ("untried", "unknown")]
STRONGER += [("tuned", 3, worse, "beats") for worse in ("worse", "short", "untried", "unknown")]


@pytest.mark.parametrize(("question", "rung", "worse", "better"), STRONGER)
def test_better_evidence_for_a_rung_never_raises_the_recommendation_above_it(question, rung, worse, better):
    before, after = (RUNG_OF[given(**{question: one})] for one in (worse, better))
    assert (after <= np.maximum(before, rung)).all()


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_rung_is_reached_by_not_knowing(question):
    known = [one for one in ANSWERS[question] if one != "unknown"]
    highest = RUNG_OF[given(**{question: known})].max(axis=QUESTIONS.index(question), keepdims=True)
    assert (RUNG_OF[given(**{question: "unknown"})] <= highest).all()


def test_ties_go_to_the_simpler_design():
    ties = 0
    for answers, result in decided():
        place = DESIGNS.index(result["design"])
        for other, design in enumerate(DESIGNS):
            if design not in result["barred"]:
                more = result["open"][other] - result["open"][place]
                ties += more == 0 and other > place
                assert more > 0 or (more == 0 and other >= place), answers
    assert ties > 1000


def test_prompting_is_never_ruled_out():
    assert not [rule["id"] for rule in RULES if rule["kind"] == "bar" and "prompting" in rule["designs"]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_rule_can_fire_and_decides_some_case(rule):
    fired = [(answers, result["design"]) for answers, result in decided() if rule["id"] in result["fired"]]
    assert fired, f"{rule['id']} never fires: no set of answers fits its `when`."
    sets, designs = map(list, zip(*fired, strict=True))
    decides = designs != designs_of(sets, [one for one in RULES if one is not rule])
    assert decides != rule.get("explains", False), (
        f"{rule['id']} decides something: take `explains` out of it."
        if decides
        else f'The recommendation is the same without {rule["id"]}: drop it, or write `"explains": true` into it.'
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_makes_a_difference(question):
    cases = near_the_scenarios(4000)
    shown = {one: decide([answers | {question: one} for answers in cases]) for one in ANSWERS[question]}
    for one, other in combinations([answer for answer in shown if answer != "unknown"], 2):
        assert shown[one] != shown[other], f"“{one}” and “{other}” lead to the same page, whatever the rest"


@pytest.mark.parametrize("kind", ["against", "experiments"])
def test_every_argument_and_experiment_is_shown_in_some_case(kind):
    name = {"against": "against", "experiments": "experiment"}[kind]
    shown = {result[name] for _, result in decided()}
    assert shown == set(range(len(DATA[kind]))), f"never shown: {set(range(len(DATA[kind]))) - shown}"


@each_scenario
def test_scenario_comes_out_as_its_text_says(scenario):
    assert designs_of([scenario["answers"]]) == [scenario["expect"]]


def test_scenarios_are_those_of_the_guide_and_say_what_it_says():
    words = {"prompting": "prompt", "rag": "retrieval", "tuning": "fine-tuning", "combined": "combined"}
    text = (DOCS / "ladder" / "scenarios.md").read_text("utf-8")
    rows = re.findall(r"^\| \[.+?\]\(#([\w-]+)\) \| (.+?) \|", text, re.MULTILINE)
    assert [section for section, _ in rows] == list(dict.fromkeys(one["section"] for one in DATA["scenarios"]))
    for section, says in rows:
        path = [words[one["expect"]] for one in DATA["scenarios"] if one["section"] == section]
        assert re.search(".*".join(path), says), f"the text says “{says}”, the rules {path}"
        assert len(path) == 1 + says.count(";"), f"“{says}” has another number of steps than {path}"
