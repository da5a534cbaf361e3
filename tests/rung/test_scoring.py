"""Judging an answer, with the ways in which right and wrong ones come."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rung import scoring
from tests.programs.answer_cases import DOES_NOT_HOLD, HOLDS


@pytest.mark.parametrize(("answer", "accepted"), [*HOLDS, ("10-15 days", "15 days"), ("Use --quiet", "--quiet")])
def test_right_answers_hold(answer, accepted):
    assert scoring.holds(answer, ["never said", accepted])


@pytest.mark.parametrize(("answer", "accepted"), [*DOES_NOT_HOLD, ("undeskable", "desk"), ("2.5 years", "5 years")])
def test_wrong_answers_do_not(answer, accepted):
    assert not scoring.holds(answer, [accepted])


def test_nothing_accepted_is_never_held():
    assert not scoring.holds("anything", [])
    assert not scoring.holds("anything", ["", " "])


@given(st.integers(0, 10**7))
def test_a_number_holds_however_its_thousands_are_set(number):
    assert scoring.holds(f"It is {number:,} km.", [f"{number} km"])
    assert not scoring.holds(f"It is {number:,} km.", [f"{number + 1} km"])


@pytest.mark.parametrize(
    "answer",
    [
        "I don't know.",
        "I don’t know",
        "The text does not say.",
        "This is not mentioned in the text.",
        "I cannot answer that.",
        "There is no information about it.",
        "",
        "Sorry, I do not have that.",
        "The documents do not contain it.",
        "There is no mention of that.",
        "It isn't covered in the handbook.",
        "The text provides no details.",
        "I have no idea.",
        "We don't have access to that.",
        "The text does not have enough information.",
    ],
)
def test_refusals_are_seen(answer):
    assert scoring.abstains(answer)


NO_REFUSALS = [
    "No, you do not have to pay.",
    "The deposit is not given back.",
    "The warranty does not cover worn tyres.",
    "Children are not included when you count the guests.",
]


@pytest.mark.parametrize("answer", ["30 days.", "You know it: 30 days.", "It is not far: 5 km.", "No.", *NO_REFUSALS])
def test_answers_are_no_refusals(answer):
    assert not scoring.abstains(answer)


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("billing", "billing"),
        ("Billing.", "billing"),
        ("**billing**", "billing"),
        ("The team is billing.", "billing"),
        ('{"label": "billing"}', "billing"),
        ("billing or delivery", None),
        ("rebilling", None),
        ("", None),
        ("not urgent", "not urgent"),
        ("This is not urgent at all", "not urgent"),
        ("This is urgent", "urgent"),
    ],
)
def test_labels_are_read(answer, label):
    assert scoring.label_of(answer, ["billing", "delivery", "urgent", "not urgent"]) == label


ALIKE = ["A*", "A", ".NET", "net", ":)", ":(", "Spam", "spam", "1", "1.0", "30 days", "30 day", "!", "***", "*"]


@pytest.mark.parametrize("label", ALIKE)
def test_an_answer_that_is_a_label_is_that_one_whatever_is_like_it(label):
    assert scoring.label_of(f" {label}\n", ALIKE) == label
    assert scoring.label_of(json.dumps({"answer": label}), ALIKE) == label
    assert scoring.label_of(label.upper(), [label, "other"]) == label


@pytest.mark.parametrize("brackets", ["[" * 100_000, '{"a":' * 100_000])
def test_brackets_without_end_are_no_json(brackets):
    assert scoring.label_of(brackets, ["billing"]) is None
    assert not scoring.same_output(brackets, "{}")
    assert not scoring.fits_schema(brackets, {})


def test_a_number_that_is_too_large_does_not_fit():
    assert not scoring.fits_schema('{"price": 1e999}', {"properties": {"price": {"multipleOf": 0.01}}})


@pytest.mark.parametrize(
    ("answer", "accepted", "right"),
    [
        ("首都は東京です。", "東京", True),
        ("返品は30日以内です。", "30日", True),
        ("返品は130日以内です。", "30日", False),
        ("수도는 서울입니다.", "서울", True),
        ("เมืองหลวงคือกรุงเทพ", "กรุงเทพ", True),
        ("保证期为Pro型号两年", "Pro", True),
        ("保证期为Prowler型号两年", "Pro", False),
    ],
)
def test_answers_hold_where_nothing_stands_between_words(answer, accepted, right):
    assert scoring.holds(answer, [accepted]) == right


def test_formats():
    assert scoring.has_pattern(" RET123456\n", r"RET\d{6}")
    assert not scoring.has_pattern("Use RET123456", r"RET\d{6}")
    schema = {"type": "object", "required": ["team"], "properties": {"team": {"enum": ["billing"]}}}
    assert scoring.fits_schema('```json\n{"team": "billing"}\n```', schema)
    assert not scoring.fits_schema('{"team": "sales"}', schema)
    assert not scoring.fits_schema("billing", schema)
    assert scoring.same_output('{"a": 1, "b": 2}', '{"b": 2, "a": 1}')
    assert scoring.same_output('```json\n{"a": 1}\n```\n', '{"a": 1}')
    assert scoring.label_of('```\n{"label": "billing"}\n```', ["billing", "billing abroad"]) == "billing"
    assert not scoring.same_output('{"a": 1}', '{"a": 2}')


@pytest.mark.parametrize(
    ("answer", "wanted", "same"),
    [
        ("1", "true", False),
        ("false", "0", False),
        ('{"paid": 1}', '{"paid": true}', False),
        ('{"paid": [0.0, {"late": 1}]}', '{"paid": [0, {"late": true}]}', False),
        ('{"paid": [1, {"late": true}]}', '{"paid": [1.0, {"late": true}]}', True),
        ("true", "true", True),
        ("[1]", "[1, 1]", False),
        ('{"a": null}', "{}", False),
        ('{"a": null}', '{"b": null}', False),
        ("[]", "{}", False),
    ],
)
def test_a_number_is_not_true_or_false_in_json(answer, wanted, same):
    assert scoring.same_output(answer, wanted) == same
