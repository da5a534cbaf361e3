"""A cascade of two models, counted from kept answers: what is given, what it costs, and what the page's table shows."""

import sys

import pytest

from scripts.paths import EXPERIMENTS

sys.path.insert(0, str(EXPERIMENTS))

from cascade import READS, RESULTS, Question, cascade, fragment, measure, read_questions
from kit.rows import RESULTS_READ


def question(answers: str, small: bool, larger: bool) -> Question:
    """A question with the small model's answers, separated by bars."""
    return Question(tuple(answers.split("|")), small, larger)


QUESTIONS = [
    question("£18|£18.|£18", small=True, larger=True),
    question("Bay 7|bay  7|Bay 8", small=False, larger=True),  # confidently incorrect, and the larger model is not
    question("16|18|16", small=True, larger=False),
    question("3|2|1", small=False, larger=True),
]


@pytest.mark.parametrize(
    ("gate", "given", "correct", "against"),
    [
        ("never", 0, (0, 3), (0, 0)),
        ("where three prompts agree", 1, (1, 3), (0, 0)),
        ("where two prompts agree", 2, (1, 2), (0, 1)),
        ("always", 4, (2, 2), (1, 2)),
    ],
)
def test_where_the_small_models_answers_agree_its_first_is_given_else_the_larger_models(gate, given, correct, against):
    made = measure(QUESTIONS)[gate]
    assert (made["given"], made["larger calls"]) == (given, len(QUESTIONS) - given)
    assert (made["correct of those given"], made["cascade"]["hits"]) == correct
    assert (made["against the larger"]["won"], made["against the larger"]["lost"]) == against


def test_answers_agree_whatever_their_case_and_marks_and_not_where_a_figure_differs():
    assert question("£1,000|£1000.00 .", small=True, larger=True).agree(2)
    assert not question("£18|£1.8", small=True, larger=True).agree(2)


def test_the_ends_of_the_table_are_the_models_alone():
    questions = read_questions()
    alone = [cascade(questions, [kept] * len(questions))["cascade"]["hits"] for kept in (False, True)]
    assert alone == [sum(one.larger for one in questions), sum(one.small for one in questions)]
    for folder, hits in (("qwen2.5-coder-1.5b", alone[0]), ("", alone[1])):
        table = (RESULTS / folder / "table.md").read_text(encoding="utf-8")
        undefended = next(line for line in table.splitlines() if line.startswith("| no defence |"))
        assert undefended.split("|")[4].strip().startswith(f"{hits}/{len(questions)} = ")


def test_it_rests_on_the_results_that_it_names():
    RESULTS_READ.clear()
    read_questions()
    assert set(READS) == RESULTS_READ


def test_the_published_table_follows_from_the_answers():
    published = (RESULTS / "cascade.md").read_text(encoding="utf-8")
    assert published == fragment(measure(read_questions())), "run `make record only=cascade`"
