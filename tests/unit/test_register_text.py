"""Which sentences the register holds: every one whose meaning one word turns round."""

import json

import pytest

from scripts.paths import DOCS
from scripts.register.text import WHOLE, sentences_in, sentences_of


@pytest.mark.parametrize(
    "sentence",
    [
        "The short prompt is the cheapest way.",
        "A fine-tuned model is dearer to serve.",
        "A smaller chunk is easier to cite.",
        "The newest copy is the likeliest.",
        "An earlier stop is safer.",
        "The widest gap costs the longest search.",
        "Perplexity exceeds the base model's.",
        "Forgetting increases with the rank.",
        "Neither search finds it.",
        "It does not learn the facts.",
        "Train it before you measure.",
        "That is the wrong passage.",
        "## A heading { #with-an-anchor }",
    ],
)
def test_a_sentence_that_one_word_turns_round_is_held(sentence):
    assert [held.text for held in sentences_in(sentence)] == [sentence]


@pytest.mark.parametrize("sentence", ["Another customer asks the adapter.", "The order of the folder is the owner's."])
def test_a_sentence_that_only_sounds_like_one_is_not(sentence):
    assert not list(sentences_in(sentence))


PLAIN = "Another customer asks the adapter.\n"


def test_of_a_page_that_carries_the_thesis_every_sentence_is_held():
    assert [held.text for held in sentences_of(WHOLE[0], PLAIN)] == [PLAIN.strip()]
    assert not sentences_of(DOCS / "ladder" / "rag.md", PLAIN)


ANSWER = """## When?

??? quote "A strong answer"

    I measure first.

    ---

    The first page is [here](a.md).
"""


def test_what_stands_under_the_line_of_an_answer_is_not_said_aloud():
    held = [(one.section, one.text) for one in sentences_in(ANSWER) if "page" in one.text or "measure" in one.text]
    assert held == [("> When?", "I measure first."), ("When?", "The first page is [here](a.md).")]
    assert "---" not in [one.text for one in sentences_in(ANSWER)]


SCRIPT = """// Not said to anybody
const NAME = "md-button"
export const verdict = (is) => is ? "Stop at this rung." : `It ${word} more than ${other}.`
const broken = /["'] is read over/
"""
TEMPLATE = """{#- Why it is so. #}
<nav><p>There is <b>no page</b> here.</p>
<button aria-label="Close the search">{% include ".icons/close.svg" %}</button>
{{ "Previous" if side == "prev" else "Next" }}
<script>var first = 1</script>
"""
DATA = {
    "rules": [{"id": "a", "when": [{"paste": ["right"]}], "reason": "It helps."}],
    "prompts": [{"id": "p", "rubric": [{"id": "b", "point": "The price.", "phrasings": ["It costs more."]}]}],
}
TOOLTIPS = ["*[RAG]: Reading.", "", "*[SFT]: Training."]
SETTINGS = """site_name: The guide
site_description: >-
  What it
  is.

nav:
  - Home: index.md

theme:
  name: material
"""


@pytest.mark.parametrize(
    ("name", "text", "held"),
    [
        ("assets/tools/cost/words.js", SCRIPT, [(3, SCRIPT.splitlines()[2])]),
        ("overrides/404.html", TEMPLATE, [(line, TEMPLATE.splitlines()[line - 1]) for line in (2, 3, 4)]),
        ("_abbreviations.txt", "\n".join(TOOLTIPS), [(1, TOOLTIPS[0]), (3, TOOLTIPS[2])]),
        (
            "mkdocs.yml",
            SETTINGS,
            [
                (1, "site_name: The guide"),
                (2, "site_description: >- What it is."),
                (6, "nav:"),
                (7, "- Home: index.md"),
            ],
        ),
        (
            "rules.json",
            json.dumps(DATA, indent=1),
            [(12, json.dumps(DATA["rules"][0])), (21, json.dumps(DATA["prompts"][0]["rubric"][0]))],
        ),
    ],
)  # fmt: skip
def test_what_a_reader_sees_beside_the_pages_is_held_by_its_line(name, text, held):
    assert [(one.line, one.text) for one in sentences_of(DOCS / name, text)] == held
