"""The decision tool's rules keep their promises over every set of answers, and say what the scenarios' text says."""

import re
from itertools import combinations

import numpy as np
import pytest

from scripts.paths import DOCS
from tests.unit.decide_reference import (
    ANSWERS,
    BARRING,
    DATA,
    DESIGNS,
    KINDS,
    QUESTIONS,
    RULES,
    RUNG_OF,
    decide,
    decided,
    designs_of,
    every,
    given,
    has_reason,
    listed,
    near_the_scenarios,
    one_answer_away,
    places,
    places_of,
    pointed_to,
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


def found_in(array: np.ndarray) -> set[int]:
    """The places of designs that occur. Counted, for sorting millions takes long."""
    return set(np.flatnonzero(np.bincount(array.ravel(), minlength=len(DESIGNS))).tolist())


def test_every_set_of_answers_has_a_recommendation_and_a_reason():
    assert has_reason().all(), f"{(~has_reason()).sum()} sets of answers have no reason"
    for best in every():
        assert found_in(best) == set(range(len(DESIGNS))), "some design is never recommended"


def test_a_set_of_answers_comes_out_alike_in_the_array_of_all_and_in_a_list():
    for answers, result in decided():
        place = tuple(KINDS[name][answers.get(name, "unknown")] for name in QUESTIONS)
        assert [DESIGNS[best[place]] for best in every()] == [result["design"], result["direction"]], answers


UNMEASURED = ["no-test-set", "untried", "impression", "unknown"]
UP_TO_PROMPTING = {DESIGNS.index("classifier"), DESIGNS.index("prompting")}


def test_nothing_above_prompting_before_prompting_was_measured():
    assert found_in(given(prompt=UNMEASURED)) <= UP_TO_PROMPTING


def test_nothing_above_prompting_where_it_is_good_enough():
    assert found_in(given(prompt="enough")) <= UP_TO_PROMPTING
    assert found_in(pointed_to(prompt="enough")) <= UP_TO_PROMPTING


# A part of a design, and the answers that say that there is nothing for it to do. The design that has such a part is
# neither to be built nor pointed to, whatever the other answers are. A new rule needs no line here; one with a line is
# undone by no later rule.
POINTLESS = [
    ("classifier", {"output": ["text", "label-short", "unknown"]}),
    ("classifier", {"output": "label", "knowledge": ["fits", "large"]}),
    ("classifier", {"output": ["label", "label-enough"], "sources": "yes"}),
    ("retrieval", {"knowledge": "given", "paste": ["untried", "wrong", "unknown"]}),
    ("retrieval", {"knowledge": "fits"}),
    ("retrieval", {"prompt": "enough"}),
    ("retrieval", {"output": "label-enough", "sources": ["no", "unknown"]}),
    ("tuning", {"prompt": "enough"}),
    ("tuning", {"paste": "right"}),
    ("tuning", {"tuned": "worse"}),
    ("tuning", {"fault": "facts", "knowledge": ["given", "fits"], "paste": ["untried", "unknown"]}),
    ("tuning", {"fault": ["form", "domain"], "change": "days"}),
    (
        "tuning",
        {"output": "label-enough", "sources": ["no", "unknown"], "tuned": ["untried", "worse", "short", "unknown"]},
    ),
]
PARTS = {
    "classifier": ["classifier"],
    "retrieval": ["rag", "combined"],
    "tuning": ["tuning", "combined", "custom"],
}


@pytest.mark.parametrize(("part", "answers"), POINTLESS)
def test_no_design_has_a_part_that_the_answers_deny_a_purpose(part, answers):
    for found in (given(**answers), pointed_to(**answers)):
        assert not found_in(found) & {*places_of(*PARTS[part])}


def test_retrieval_is_not_built_for_facts_that_are_right_before_the_paste_test():
    found = given(fault="form", paste=["untried", "unknown"])
    assert not found_in(found) & {*places_of(*PARTS["retrieval"])}


def test_what_rules_out_an_unmeasured_classifier_rules_out_a_measured_one_or_does_not_go_together_with_it():
    measured = [answers for answers, _ in decided() if answers.get("output") == "label-enough"]
    unmeasured = decide([answers | {"output": "label"} for answers in measured])
    denied = 0
    for answers, result, other in zip(measured, decide(measured), unmeasured, strict=True):
        if "classifier" in other["barred"]:
            denied += 1
            assert "classifier" in result["barred"] or result["conflicts"], answers
    assert denied > 500


def test_without_a_language_model_nothing_is_advised_that_needs_one():
    assert not [answers for answers, one in decided() if one["direction"] == "classifier" and one["cheaper"]]


def test_tuning_for_facts_alone_is_only_for_reading_or_for_what_was_measured_or_has_no_time():
    nothing_else = {"paste": ["untried", "right", "unknown"], "tuned": ["untried", "worse", "short", "unknown"]}
    found = pointed_to(fault="facts", latency=["second", "relaxed"], volume=["low", "middle"], **nothing_else)
    assert not found_in(found) & {*places_of(*PARTS["tuning"])}


def test_answers_point_to_retrieval_where_documents_do_not_fit_and_facts_are_wrong():
    case = {"output": "text", "fault": "facts", "knowledge": "large", "latency": "relaxed", "volume": "middle"}
    case |= {"tuned": "untried", "prompt": UNMEASURED, "paste": ["untried", "right"]}
    assert found_in(pointed_to(**case)) == {DESIGNS.index("rag")}
    assert found_in(given(**case)) == {DESIGNS.index("prompting")}, "unmeasured, it is not to be built"


def private_documents(**more: str) -> dict:
    case = {"output": "text", "fault": "facts", "knowledge": "large", "sources": "yes", "control": "permissions"}
    return case | {"prompt": "no-test-set"} | more


def needs_of(result: dict) -> list[str]:
    return [rule["needs"] for rule in RULES if rule["id"] in result["waits"]]


def test_the_paste_test_leaves_retrieval_only_the_test_set_to_wait_for():
    before, after = decide([private_documents(paste="untried"), private_documents(paste="right")])
    assert [before["direction"], after["direction"]] == ["rag", "rag"]
    assert not {"rag"} & {*before["barred"], *after["barred"]}, "what is not yet measured is not forbidden"
    assert [len(needs_of(before)), len(needs_of(after))] == [2, 1] and "test set" in needs_of(after)[0]
    assert decide([private_documents(paste="right", prompt="short")])[0]["design"] == "rag"


def test_without_a_test_set_the_first_experiment_is_to_build_one():
    shown = [result for answers, result in decided() if answers.get("prompt") == "no-test-set"]
    assert len(shown) > 1000
    for result in shown:
        if result["design"] == "prompting":
            assert DATA["experiments"][result["experiments"][0]]["text"].startswith("Build the test set")


def test_most_sets_of_answers_that_may_only_build_a_prompt_are_told_what_may_follow():
    told = {True: 0, False: 0}
    for answers, result in decided()[10_000:]:  # those drawn from all sets
        if result["design"] == "prompting" and answers.get("prompt") != "enough":
            told[result["direction"] != "prompting" or result["ifShort"] is not None] += 1
    assert told[True] > told[False], told


def test_labelled_emails_lead_to_a_plain_classifier_and_past_it_once_it_was_measured():
    (mailbox,) = [one["answers"] for one in DATA["scenarios"] if one["id"] == "mailbox"]
    tried = mailbox | {"output": "label-short"}
    assert designs_of([mailbox, tried, tried | {"prompt": "short", "fault": "form"}]) == [
        "classifier", "prompting", "tuning",
    ]  # fmt: skip


def test_what_waits_is_not_ruled_out_and_what_is_ruled_out_does_not_wait():
    for answers, result in decided():
        assert not {*result["barred"]} & {*result["waiting"]}, answers
        assert result["direction"] not in result["barred"], answers
        assert (result["direction"] == result["design"]) == (result["direction"] not in result["waiting"]), answers


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
            if design not in result["barred"] and design not in result["waiting"]:
                more = result["open"][other] - result["open"][place]
                ties += more == 0 and other > place
                assert more > 0 or (more == 0 and other >= place), answers
    assert ties > 500


def test_prompting_is_never_ruled_out():
    assert not [rule["id"] for rule in RULES if rule["kind"] != "need" and "prompting" in rule["designs"]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_rule_can_fire_and_decides_some_case(rule):
    sets = [answers for answers, result in decided() if rule["id"] in result["fired"]]
    assert sets, f"{rule['id']} never fires: no set of answers fits its `when`."
    others = [one for one in RULES if one is not rule]
    has = listed(sets)
    decides = any((places(RULES, has, kinds) != places(others, has, kinds)).any() for kinds in BARRING)
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


@pytest.mark.parametrize("kind", ["against", "experiments", "cheaper", "conflicts"])
def test_every_argument_and_experiment_is_shown_in_some_case(kind):
    shown = {number for _, result in decided() for number in np.atleast_1d(result[kind]).tolist()}
    assert shown == set(range(len(DATA[kind]))), f"never shown: {set(range(len(DATA[kind]))) - shown}"


@each_scenario
def test_scenario_comes_out_as_its_text_says(scenario):
    (found,) = designs_of([scenario["answers"]])
    assert found == scenario["expect"], (
        f"rules.json, scenarios, {scenario['id']}: the rules lead its answers to {found}, and "
        f"docs/{scenario['page']} says {scenario['expect']}. Correct the rules, or `expect` and the page."
    )


def test_scenarios_are_those_of_the_guide_and_say_what_it_says():
    words = {"prompting": "prompt", "rag": "retrieval", "tuning": "fine-tuning", "combined": "combined"}
    text = (DOCS / "ladder" / "scenarios.md").read_text("utf-8")
    rows = re.findall(r"^\| \[.+?\]\(#([\w-]+)\) \| (.+?) \|", text, re.MULTILINE)
    here = [(one["page"].removeprefix("ladder/scenarios.md#"), one["expect"]) for one in DATA["scenarios"]]
    here = [(section, expect) for section, expect in here if ".md" not in section]
    assert [section for section, _ in rows] == list(dict.fromkeys(section for section, _ in here))
    for section, says in rows:
        path = [words[expect] for one, expect in here if one == section]
        assert re.search(".*".join(path), says), f"the text says “{says}”, the rules {path}"
        assert len(path) == 1 + says.count(";"), f"“{says}” has another number of steps than {path}"
