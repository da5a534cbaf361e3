"""The experiments on search and on reading: ranks, examples, the reranker, the tuned embedder, what is compared."""

import json
import sys

import pytest

from scripts.paths import EXPERIMENTS
from tests.experiments.test_experiments import run_code

sys.path.insert(0, str(EXPERIMENTS))  # as `python experiments/run.py` has it

from kit.arm import Arm
from kit.models import SMOLLM2
from kit.paths import TASK_DATA, published, results_of
from kit.rows import read_data
from kit.work import Work
from reading import report as reading_report
from reading.experiment import SETTINGS as READING_SETTINGS
from reading.experiment import Reading, choose_instruction, scored
from retrieval import report as search_report
from retrieval.experiment import OTHERS, OWN, SETTINGS, Collection
from rung.scoring import abstains, holds
from tasks import questions, style
from tasks.questions import NOT_THERE, Passage, says_not_there
from tasks.search import HEADINGS, WITH_ANSWER, rank_of_right
from tasks.search_report import compared

PROMPT = Arm(method="prompt", model=SMOLLM2.key, cutting=HEADINGS, search="hybrid", passages=3, instruction=0)


@pytest.fixture(scope="module")
def reading() -> Reading:
    """The questions as the experiment has them; nothing is embedded."""
    return Reading(READING_SETTINGS)


def test_the_rank_is_that_of_the_first_passage_of_the_right_document_with_the_fact():
    item = {"document": "returns", "accept": ["£35"]}
    other, silent = Passage("prices", "It costs £35."), Passage("returns", "It costs £350.")
    right = Passage("returns", "Collection is £35.")
    assert rank_of_right([other, silent, right, right], item) == 3
    assert rank_of_right([other, silent], item) is None


def test_examples_in_the_prompt_are_other_companies_answered_from_their_own_passages(reading):
    def examples(**fields) -> list[tuple[str, str]]:
        return reading.examples(Arm(method="prompt", model=SMOLLM2.key, **fields))

    ours = {one["direct"] for one in read_data(questions.QUESTIONS)}
    assert examples() == []
    answered, mixed = examples(examples=3, selection="answered"), examples(examples=4, selection="mixed")
    assert all(answer != NOT_THERE for _, answer in answered) and len(answered) == 3
    assert [answer == NOT_THERE for _, answer in mixed] == [False, True, False, True]
    for turn, _ in answered + mixed:
        assert not any(question in turn for question in ours) and turn.endswith("\nAnswer:")


def test_an_abstention_is_correct_nowhere_and_an_answer_with_the_fact_never_abstains():
    item = {"accept": ["£35"]}
    assert scored(item, NOT_THERE) == {"answer": NOT_THERE, "correct": False, "abstains": True}
    assert scored(item, "£35; the text does not say more.")["abstains"] is False
    assert scored({}, "£35")["correct"] is False, "where no document answers it nothing is correct"


def test_dev_chooses_the_line_by_answers_and_abstentions(reading, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPERIMENT_CACHE", str(tmp_path))
    rows = [
        {"unit": f"dev/instruction {number}", "wording": wording, "correct": correct, "abstains": abstains}
        for number, correct, abstains in ((1, True, False), (2, True, True), (3, False, True))
        for wording in ("paraphrase", "unanswerable")
    ]
    done = Work("reading", {}, published=rows, only=("none",))
    assert choose_instruction(done, reading, PROMPT) == Arm(**PROMPT.as_dict() | {"instruction": 2})


def test_each_arm_has_a_name_of_its_own():
    changes = (
        {},
        {"cutting": "40 words", "search": "embeddings", "passages": 1},
        {"passages": 1},
        {"passages": 1, "search": "given"},
        {"instruction": 2},
        {"examples": 1, "selection": "answered"},
        {"examples": 2, "selection": "mixed"},
        {"reranked": True},
    )
    arms = [Arm(**PROMPT.as_dict() | change) for change in changes]
    assert len({reading_report.label(arm) for arm in arms}) == len(arms)
    searches = [
        Arm(method="retrieval", model=SMOLLM2.key, cutting=HEADINGS, search=method, **more)
        for method in ("bm25", "embeddings", "hybrid")
        for more in ({}, {"embedder_trained_on": OTHERS}, {"embedder_trained_on": OWN})
    ]
    assert len({search_report.label(arm) for arm in searches}) == len(searches)


def answers(arm: Arm, hits: dict[str, bool], wording: str = "paraphrase") -> list[dict]:
    """Rows of one arm: which question was answered correctly."""
    more = {"abstains": False, "retrieved": True, "prompt_tokens": 9, "wording": wording}
    return [{"arm": arm, "id": name, "correct": hit} | more for name, hit in hits.items()]


def test_two_readings_are_compared_on_the_questions_that_both_were_asked():
    first = answers(PROMPT, {f"q{number}": True for number in range(10)})
    second = answers(PROMPT, {f"q{number}": False for number in range(6)})
    found = compared({"a": {"paraphrase": first}, "b": {"paraphrase": second}}, [("a", "b")], reading_report.compare)
    (name, figures), *more = found.items()
    assert name == "a, against b; paraphrased" and not more, "the other wording was asked of neither"
    assert (figures["won"], figures["lost"], figures["holm"]) == (6, 0, figures["p"])


def test_an_answer_is_correct_abstaining_or_incorrect():
    correct, abstaining, wrong = answers(PROMPT, {"q1": True, "q2": False, "q3": False})
    rows = [reading_report.judged(row) for row in (correct, abstaining | {"abstains": True}, wrong)]
    figures = reading_report.measure_answers(rows)
    assert [figures[field]["hits"] for field in reading_report.FIELDS] == [1, 1, 1]


DENSE = Arm(method="retrieval", model=SMOLLM2.key, cutting=HEADINGS, search="embeddings")


def searches(tuned_ranks: tuple[int | None, ...]) -> list[dict]:
    """Rows of every search for two questions that embeddings off the shelf find second and not at all."""
    tuned = {"embedder_trained_on": OWN, "learning_rate": 2e-5, "epochs": 3}
    seeds = [pairs | {"seed": seed} for pairs in (tuned, tuned | {"embedder_trained_on": OTHERS}) for seed in range(3)]
    others = ({"search": "hybrid"}, {"cutting": "40 words"}, *seeds)
    ranks = {arm: (2, None) for arm in [DENSE, *(Arm(**DENSE.as_dict() | other) for other in others)]}
    ranks[Arm(**DENSE.as_dict() | tuned | {"seed": 1})] = tuned_ranks
    return [
        {"arm": arm, "id": f"q{place}", "wording": wording, "order": [8, 4, 6], "rank": rank}
        for arm, both in ranks.items()
        for wording in WITH_ANSWER
        for place, rank in enumerate(both)
    ]


def on_dev(number: int) -> list[dict]:
    """A search on dev that finds its question's passage first: the one of this number."""
    row = {"kind": "64 tokens", "id": "q9", "wording": "direct", "order": [number, 1, 2], "rank": 1}
    return [
        row | {"arm": Arm(**DENSE.as_dict() | {"split": "dev", "search": name})} for name in ("embeddings", "hybrid")
    ]


def test_a_search_is_counted_by_rank_and_a_fine_tuned_one_over_its_seeds():
    metrics = search_report.measure(searches((1, 3)) + on_dev(4))
    name = "headings, embeddings, embedder fine-tuned on own questions"
    before, after = (metrics["searches"][one]["paraphrase"] for one in ("headings, embeddings", name))
    assert [before[f"found in {top}"]["hits"] for top in (1, 3, 10)] == [0, 1, 1]
    assert after["found in 3"]["seeds"] == [1, 2, 1] and after["found in 3"]["hits"] == 1
    difference = metrics["compared"][f"{name}, against headings, embeddings; paraphrased"]["difference"]
    assert difference == pytest.approx(1 / 6, abs=1e-4)
    assert metrics["chosen"] == {"passages": "64 tokens", "search": "embeddings", "learning rate": 2e-5, "epochs": 3}


def test_questions_whose_passage_the_embedder_was_trained_on_are_counted_apart():
    trained, other = (search_report.measure(searches((1, 3)) + on_dev(number))["by passage"] for number in (4, 8))
    assert list(trained) == ["in a training pair"] and list(other) == ["in none"]
    figures = trained["in a training pair"]["paraphrase"]
    assert [one["n"] for one in figures.values()] == [1, 1], "of a question that no search finds nothing is known"


@pytest.mark.skipif("retrieval" not in published(), reason="retrieval has no results yet")
def test_reading_takes_the_passages_and_the_search_that_dev_chose_in_retrieval():
    chosen = json.loads((results_of("retrieval") / "metrics.json").read_text(encoding="utf-8"))["chosen"]
    assert chosen["passages"] == f"{READING_SETTINGS.passage_tokens} tokens"
    assert chosen["search"] == READING_SETTINGS.search


RELEVANCE = """
from kit.environment import use_local_models
use_local_models()
import json
from kit.model import load
from reading.experiment import relevance
loaded = load("smollm2-135m")
pairs = [("What does collection cost?", "Collection is £35."), ("Who?", "A long passage. " * 20), ("Why?", "No.")]
together = relevance(loaded, pairs)
alone = [relevance(loaded, [pair])[0] for pair in pairs]
print(json.dumps([together, alone]))
"""


def test_the_reranker_scores_a_passage_alike_alone_and_beside_others():
    together, alone = json.loads(run_code(RELEVANCE).splitlines()[-1])
    assert together == pytest.approx(alone, abs=1e-3), "padding must not change what is read"
    assert len(set(together)) == 3


EMBEDDER = """
from kit.environment import use_local_models
use_local_models()
import json
from pathlib import Path
from rung.embedding import Embedder
from kit.models import EMBEDDER
from retrieval.tuned_embedder import EmbedderTraining, tuned_embedder
pairs = [("the folding one", "The Wrenlow weighs 14 kg."), ("the one with a box", "The Dray carries 180 kg.")]
def similarity(name):
    asked, found = (Embedder(name).queries([pair[number] for pair in pairs]) for number in (0, 1))
    return (asked @ found.T).tolist()
training = EmbedderTraining(epochs=8, learning_rate=1e-4, batch_size=2, seed=0)
def trained():
    with tuned_embedder(pairs, training) as folder:
        return similarity(str(Path(folder) / "model"))
print(json.dumps([similarity(EMBEDDER), trained(), trained()]))
"""


def test_a_tuned_embedder_brings_a_question_nearer_to_its_own_passage_and_repeats_with_its_seed():
    before, after, again = json.loads(run_code(EMBEDDER).splitlines()[-1])

    def lead(similarities: list[list[float]]) -> float:
        """By how much the own passages are more similar than the others."""
        (own, other), (another, own_too) = similarities
        return own + own_too - other - another

    assert lead(after) > lead(before) + 0.1
    assert [value for row in after for value in row] == pytest.approx([value for row in again for value in row])


def test_the_embedder_is_trained_on_other_companies_or_on_our_dev_questions_never_on_test():
    collection = Collection(SETTINGS)
    others = collection.pairs(OTHERS)
    assert len(others) > 100 and all(len(pair) == 3 for pair in others)
    ours, dev = (
        {one[wording] for one in collection.items[split] for wording in WITH_ANSWER} for split in ("test", "dev")
    )
    assert not ours & {question for question, *_ in others} and not ours & dev


def test_the_replies_about_other_companies_are_in_the_house_style_and_hold_the_fact_or_abstain():
    lessons = [one for one in read_data(questions.COMPANIES) if one["split"] == "train"]
    replies = read_data(TASK_DATA / "company_replies.jsonl")
    assert [one["id"] for one in replies] == [one["id"] for one in lessons]
    assert len({one["reply"] for one in replies}) == len(replies)
    for lesson, reply in ((one, other["reply"]) for one, other in zip(lessons, replies, strict=True)):
        broken = [rule for rule, kept in style.rules_kept(lesson["question"], reply).items() if not kept]
        assert not broken, f"{lesson['id']} breaks {broken}: {reply}"
        if lesson["accept"]:
            assert holds(reply, lesson["accept"]), f"{lesson['id']} holds none of {lesson['accept']}: {reply}"
        silent = not lesson["accept"]
        assert (abstains(reply), says_not_there(reply)) == (silent, silent), f"{lesson['id']}: {reply}"
