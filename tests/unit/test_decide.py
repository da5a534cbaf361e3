"""The decision tool's rules keep their promises over every set of answers, and lead to evidence that is there."""

import re
from itertools import combinations

import numpy as np
import pytest

from scripts.pages.decide import ANSWERS, DATA, DESIGNS, PAGE, decide, page_with, render
from scripts.pages.ledger import claims
from scripts.paths import DOCS, source_of
from tests.unit.decide_reference import (
    EVERYTHING,
    QUESTIONS,
    RUNG_OF,
    decided,
    every,
    given,
    near_the_scenarios,
    numbers,
)

SCENARIOS = {one["id"]: one for one in DATA["scenarios"]}
each_scenario = pytest.mark.parametrize("scenario", DATA["scenarios"], ids=SCENARIOS)


# What the rules promise.


def test_every_set_of_answers_has_a_recommendation_and_a_reason():
    best, reason = every()
    assert best.size == EVERYTHING
    assert f"{EVERYTHING:,} sets of answers" in PAGE.read_text("utf-8"), f"the page must say {EVERYTHING:,}"
    assert reason.all(), f"{(~reason).sum()} sets of answers have no reason"
    assert set(np.unique(best)) == set(range(len(DESIGNS))), "some design is never recommended"


def test_the_array_of_all_says_what_the_reference_says():
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
    assert not np.isin(found, numbers("tuning", "custom")).any()


@pytest.mark.parametrize(
    "answers", [{"sources": "yes"}, {"control": ["permissions", "deletion", "both"]}], ids=["cite", "hide or forget"]
)
def test_what_weights_cannot_do_never_leads_to_weights_alone(answers):
    assert not np.isin(given(**answers), numbers("tuning", "custom")).any()


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
    assert not [rule["id"] for rule in DATA["rules"] if rule["kind"] == "bar" and "prompting" in rule["designs"]]


@pytest.mark.parametrize("rule", DATA["rules"], ids=lambda rule: rule["id"])
def test_rule_can_fire_and_decides_some_case(rule):
    others = [one for one in DATA["rules"] if one is not rule]
    fired = [(answers, result) for answers, result in decided() if rule["id"] in result["fired"]]
    assert fired, "it never fires"
    if rule["id"] == "nothing-to-find":
        return  # the tie goes to prompting without it: it is there to say why rung 2 is skipped
    assert any(result["design"] != decide(answers, others)["design"] for answers, result in fired), (
        "the recommendation is the same without it: it may be dropped"
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_makes_a_difference(question):
    for one, other in combinations([answer for answer in ANSWERS[question] if answer != "unknown"], 2):
        assert any(
            decide(answers | {question: one}) != decide(answers | {question: other})
            for answers in near_the_scenarios(4000)
        ), f"“{one}” and “{other}” lead to the same page, whatever the rest"


@pytest.mark.parametrize("kind", ["against", "experiments"])
def test_every_argument_and_experiment_is_shown_in_some_case(kind):
    name = {"against": "against", "experiments": "experiment"}[kind]
    shown = {result[name] for _, result in decided()}
    assert shown == set(range(len(DATA[kind]))), f"never shown: {set(range(len(DATA[kind]))) - shown}"


@each_scenario
def test_scenario_comes_out_as_its_text_says(scenario):
    assert list(scenario["answers"]) == QUESTIONS
    assert decide(scenario["answers"])["design"] == scenario["expect"]


def test_scenarios_are_those_of_the_guide_and_say_what_it_says():
    words = {"prompting": "prompt", "rag": "retrieval", "tuning": "fine-tuning", "combined": "combined"}
    text = (DOCS / "ladder" / "scenarios.md").read_text("utf-8")
    rows = re.findall(r"^\| \[.+?\]\(#([\w-]+)\) \| (.+?) \|", text, re.MULTILINE)
    assert [section for section, _ in rows] == list(dict.fromkeys(one["section"] for one in DATA["scenarios"]))
    for section, says in rows:
        path = [words[one["expect"]] for one in DATA["scenarios"] if one["section"] == section]
        assert re.search(".*".join(path), says), f"the text says “{says}”, the rules {path}"
        assert len(path) == 1 + says.count(";"), f"“{says}” has another number of steps than {path}"


# The data leads to evidence that is there.


def entries() -> list[dict]:
    return [*DATA["rules"], *DATA["experiments"], *(question["measure"] for question in DATA["questions"])]


def test_ids_are_unique_and_conditions_name_answers():
    for one in (DATA["rules"], DATA["questions"], DATA["designs"], DATA["scenarios"]):
        assert len({each["id"] for each in one}) == len(one)
    for entry in [*DATA["rules"], *DATA["against"], *DATA["experiments"], *DATA["reviews"]]:
        for clause in entry["when"]:
            for name, those in clause.items():
                assert set(those) <= set(ANSWERS[name]), entry
        assert set(entry.get("designs", [])) <= set(DESIGNS), entry


def test_every_question_can_be_answered_with_i_dont_know():
    assert all(possible[-1] == "unknown" for possible in ANSWERS.values())
    assert all(question["measure"]["program"] for question in DATA["questions"])
    assert 8 <= len(QUESTIONS) <= 12


def test_rules_name_claims_pages_and_programs_that_exist(site):
    known = {claim["id"] for claim in claims()}
    assert not [rule["id"] for rule in DATA["rules"] if rule["claim"] not in known]
    for entry in [*entries(), *DATA["designs"]]:
        file, _, section = entry["page"].partition("#")
        built = site / re.sub(r"(^|/)index/$", r"\1", file.removesuffix(".md") + "/") / "index.html"
        assert built.exists(), f"{file} is not there"
        assert not section or f'id="{section}"' in built.read_text("utf-8"), f"{entry['page']}: no such section"
        if entry.get("program"):
            assert source_of(entry["program"]).exists(), f"{entry['program']} is not there"


def test_the_pages_tables_are_made_from_the_rules():
    assert PAGE.read_text("utf-8") == page_with(render()), (
        "docs/tools/decide.md is not what rules.json says: run `.venv/bin/python -m scripts.pages.decide`."
    )
