"""Recorded answers: the verdicts and tallies are those of the published results; nothing a model wrote is markup."""

import json

import pytest

from scripts.pages import rungs

METRICS = json.loads((rungs.RESULTS / "metrics.json").read_text(encoding="utf-8"))["arms"]
# Arms of which nothing is random, or of which the shown run is the one that the metrics report.
PUBLISHED = {"Prompt only": "closed book", "Retrieval": "retrieval"}


@pytest.mark.parametrize("arm", PUBLISHED)
@pytest.mark.parametrize("wording", ["direct", "paraphrase"])
def test_tallies_are_those_of_the_results(arm, wording):
    figures = METRICS[PUBLISHED[arm]][wording]
    assert rungs.tally(arm, "135M", wording) == f"{figures['hits']} of {figures['n']}"


@pytest.mark.parametrize("arm", PUBLISHED)
def test_where_no_document_answers_to_abstain_is_correct(arm):
    made_up = METRICS[PUBLISHED[arm]]["hallucinates"]
    assert rungs.tally(arm, "135M", "unanswerable") == f"{made_up['n'] - made_up['hits']} of {made_up['n']}"


@pytest.mark.parametrize(
    ("correct", "abstains", "wording", "said"),
    [
        (True, False, "direct", "correct"),
        (False, True, "direct", "abstained"),
        (True, True, "paraphrase", "abstained"),
        (False, False, "paraphrase", "incorrect"),
        (False, True, "unanswerable", "correct"),
        (False, False, "unanswerable", "incorrect"),
    ],
)
def test_what_an_answer_is_called(correct, abstains, wording, said):
    assert rungs.verdict({"correct": correct, "abstains": abstains}, wording) == said


def test_every_question_has_an_answer_of_every_arm():
    for wording in rungs.WORDINGS:
        for one in rungs.questions(wording):
            arms = [(answer["arm"], answer["model"]) for answer in rungs.recorded(wording, one)]
            assert arms == rungs.asked_arms(wording), one["id"]


def test_the_examples_are_of_the_kind_that_their_titles_say():
    kinds = {
        title: [
            rungs.answers_of("135M", arm, rungs.SHOWN)[question["id"]]["correct"]
            for arm in ("Retrieval", "Fine-tuned on the facts")
        ]
        for title, question in rungs.examples().items()
    }
    assert list(kinds.values()) == [[True, False], [False, True], [True, True], [False, False]]


def test_what_a_model_wrote_is_shown_and_never_markup():
    assert rungs.quoted("a | b\n*c* <script> [d](e) `f` $5") == (r"a \| b \*c\* &lt;script&gt; \[d\](e) \`f\` \$5")


def test_refusals_among_the_abstentions_are_counted():
    assert "5 of the 11 of “Prompt only”, 1.5B" in rungs.refusals_note()
    assert rungs.REFUSES.search("I cannot provide answers on political matters.")
    assert not rungs.REFUSES.search("I do not have access to your specific information.")
