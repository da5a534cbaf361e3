"""Constrained decoding: labels, regular expressions and JSON Schemas hold a real model; what cannot be held is told."""

import json
import re

import pytest
from rung.case import read_case
from rung.endpoint import _response_format
from rung.errors import CaseError, Unsupported
from rung.measure import Measurement
from rung.models import LocalModel, Request, chat
from rung.settings import read_settings

from tests.rung.cases import label_case, write_table
from tests.rung.servers import MODEL

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"team": {"enum": ["loans", "fines"]}, "urgent": {"type": "boolean"}},
        "required": ["team", "urgent"],
        "additionalProperties": False,
    }
)
PROMPT = chat("I lost the red atlas on a train. What must I pay?", "Which team answers? Say how urgent it is.")


@pytest.fixture(scope="module")
def local():
    return LocalModel(MODEL)


def answered(model, *requests) -> list[str]:
    texts = dict(model.answers(requests))
    return [texts[place].text for place in range(len(requests))]


def test_a_pattern_holds_every_answer_of_a_batch(local):
    requests = [Request(chat(text), 12, pattern=r"[A-Z]{2}-\d{3}") for text in ("A code, please.", "Hm?", "x " * 60)]
    assert all(re.fullmatch(r"[A-Z]{2}-\d{3}", text) for text in answered(local, *requests))


def test_a_schema_holds_the_answer(local):
    first, plain = answered(local, Request(PROMPT, 24, schema=SCHEMA), Request(PROMPT, 24))
    assert set(json.loads(first)) == {"team", "urgent"}
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(plain)


@pytest.mark.parametrize("form", [{"pattern": "a(b"}, {"schema": '{"type": "nonsense"}'}])
def test_a_form_of_which_no_grammar_can_be_made_is_told(local, form):
    with pytest.raises(Unsupported, match="no grammar can be made"):
        list(local.answers([Request(PROMPT, 4, **form)]))


def test_a_case_with_a_pattern_measures_constrained_decoding(tmp_path, tiny):
    folder = label_case(tmp_path / "case", "[model]\nmax_new_tokens = 6\n[format]\npattern = 'loan|fine'\n")
    rows = [(f"Message {number} about a book", "loan" if number % 2 else "fine") for number in range(12)]
    write_table(folder / "messages.csv", ["text", "output"], rows)
    results = Measurement(read_case(folder), LocalModel(str(tiny))).run()
    constrained = [one for one in results.tried if one.arm.constrained]
    assert constrained and all(one.answer in ("loan", "fine") for one in constrained[0].predictions)


def test_a_pattern_that_is_none_is_refused_at_once(tmp_path):
    folder = label_case(tmp_path / "case", "[format]\npattern = 'a(b'\n")
    with pytest.raises(CaseError, match=r"\[format\] pattern is no regular expression"):
        read_settings(folder / "case.toml")


def test_a_server_is_asked_by_a_json_schema():
    by_label = _response_format(Request(PROMPT, 4, choices=("loans", "fines")))["json_schema"]["schema"]
    by_pattern = _response_format(Request(PROMPT, 4, pattern="a|b"))["json_schema"]["schema"]
    assert by_label["properties"]["answer"]["enum"] == ["loans", "fines"]
    assert re.search(by_pattern["properties"]["answer"]["pattern"], "b")
    assert not re.search(by_pattern["properties"]["answer"]["pattern"], "ba")
    assert _response_format(Request(PROMPT, 4, schema=SCHEMA))["json_schema"]["schema"] == json.loads(SCHEMA)
