"""Reading: what the base model answers from better passages, with worked examples, leave to abstain, a reranker."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

from kit.arm import Arm
from kit.model import Loaded, chat, generate, load, token_count
from kit.models import SMOLLM2
from kit.rows import Rows, read_data
from kit.work import Work
from tasks import questions
from tasks.questions import Passage, asked, company_library, reading_prompt, reading_turn
from tasks.search import DEEP, HEADINGS, WITH_ANSWER, WORDS_40, HeadingLibrary, with_ranks

VERSION = 1  # raised when the computation changes
# The reranker reads ten passages a question, which takes long, and direct questions leave a search little to gain.
RERANKED = "paraphrase"
Find = Callable[[str, list[dict]], list[list[Passage]]]  # a wording and its questions to passages, the best first
RELEVANT = "Does the passage answer the question? Reply with yes or no only."


@dataclass(frozen=True)
class Settings:
    """What is tried, and how much of it."""

    model: str = SMOLLM2.key
    seeds: tuple[int, ...] = (0,)  # nothing is random, and nothing is trained
    test_items: int = 100  # those of the other experiments
    unanswerable_items: int = 50
    dev_items: int = 20  # for choosing a prompt, paraphrased, and so many without an answer:
    dev_unanswerable: int = 15
    passage_tokens: int = 128  # this and the search are what dev chose in `retrieval`: a test compares
    search: str = "embeddings"
    read: int = 3  # passages in the prompt
    instructions: tuple[str, ...] = (questions.READING, *questions.ABSTAINING)  # of those after the first dev chooses
    worked_examples: int = 1  # in the prompt; each makes every prompt longer by a passage
    mixed_examples: int = 2  # every other one without an answer
    max_new_tokens: int = questions.MAX_NEW_TOKENS


SETTINGS = Settings()
A_FEW = {"test_items": 2, "unanswerable_items": 2}
TINY = replace(SETTINGS, **A_FEW, dev_items=2, dev_unanswerable=2, max_new_tokens=4)
SLICE, SLICE_UNITS = replace(SETTINGS, **A_FEW), ("read/best", "read/published")
DATA = (questions.DOCUMENTS, questions.QUESTIONS, questions.UNANSWERABLE, questions.COMPANIES)
LIBRARIES = ("bm25s", "markdown-it-py")  # beside those of every experiment


def relevance(loaded: Loaded, pairs: list[tuple[str, str]]) -> list[float]:
    """For each (question, passage) how much likelier the generator says yes than no: the log of the ratio."""
    import torch

    spec, model, tokenizer = loaded
    yes, no = (
        [tokenizer(word, add_special_tokens=False).input_ids[0] for word in words]
        for words in (("Yes", "yes"), ("No", "no"))
    )
    prompts = [chat(spec.key, f"Passage:\n{passage}\n\nQuestion: {asked}\n\n{RELEVANT}") for asked, passage in pairs]
    order = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    scores = [0.0] * len(prompts)
    for start in range(0, len(order), spec.batch_size):
        part = order[start : start + spec.batch_size]
        texts = [prompts[number] for number in part]
        inputs = tokenizer(texts, padding=True, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            logits = model(**inputs, logits_to_keep=1).logits[:, -1].float()
        for number, row in zip(part, logits, strict=True):
            scores[number] = float(row[yes].logsumexp(0) - row[no].logsumexp(0))
    return scores


class Reading:
    """The questions, what is found for each, and how the generator is asked."""

    def __init__(self, settings: Settings):
        """Read the questions and the examples for prompts."""
        self.settings = settings
        counts = {"test": settings.test_items, "dev": settings.dev_items}
        blank = {"test": settings.unanswerable_items, "dev": settings.dev_unanswerable}
        self.items = {split: questions.answerable(split, count) for split, count in counts.items()}
        self.blank = {split: questions.unanswerable(count, split) for split, count in blank.items()}
        self.others = [one for one in read_data(questions.COMPANIES) if one["split"] == "train"]

    @cached_property
    def library(self) -> HeadingLibrary:
        """The documents cut at headings."""
        return HeadingLibrary(self.settings.passage_tokens)

    def asked_of(self, arm: Arm, wording: str) -> list[dict]:
        """The questions of a split that are asked in this wording."""
        return (self.blank if wording == "unanswerable" else self.items)[arm.split]

    def examples(self, arm: Arm) -> list[tuple[str, str]]:
        """Worked examples for the prompt, from other companies: answered, or every other one without an answer."""
        if not arm.examples:
            return []
        answered = [one for one in self.others if one["accept"]]
        blank = [one for one in self.others if not one["accept"]]
        if arm.selection == "mixed":
            chosen = [one for pair in zip(answered, blank, strict=False) for one in pair][: arm.examples]
        else:
            chosen = answered[: arm.examples]
        return [(reading_turn([f"{one['title']}\n{one['passage']}"], one["question"]), one["answer"]) for one in chosen]

    def read(self, arm: Arm, found: Find, wordings: tuple[str, ...]) -> Rows:
        """What the generator answers from the passages that `found` gives for a wording's questions."""
        rows, prompts, items = [], [], []
        for wording in wordings:
            part = self.asked_of(arm, wording)
            for one, passages in zip(part, found(wording, part), strict=True):
                texts = [passage.text for passage in passages[: arm.passages]]
                instruction = self.settings.instructions[arm.instruction]
                prompt = reading_prompt(arm.model, texts, asked(one, wording), instruction, self.examples(arm))
                prompts.append(prompt)
                items.append(one)
                rows.append(
                    {"arm": arm, "wording": wording, "id": one["id"], "prompt_tokens": token_count(arm.model, prompt)}
                    | {"retrieved": questions.retrieved(passages[: arm.passages], one)}
                )
        answers = generate(load(arm.model), prompts, self.settings.max_new_tokens)
        return [row | scored(one, answer) for row, one, answer in zip(rows, items, answers, strict=True)]

    def searched(self, arm: Arm, wording: str, items: list[dict]) -> list[list[Passage]]:
        """What an arm's search finds."""
        texts = [asked(one, wording) for one in items]
        if arm.cutting == WORDS_40:
            return company_library().search(texts, arm.passages)
        orders = self.library.ranked(texts, arm.search, arm.passages)
        return [[self.library.passages[number] for number in order] for order in orders]

    def given(self, wording: str, items: list[dict]) -> list[list[Passage]]:
        """The right passage."""
        return [[self.library.right(one)] for one in items]

    def reranked(self, arm: Arm) -> Rows:
        """The ten best passages of a search, ordered by what the generator says of each."""
        items, passages = self.asked_of(arm, RERANKED), self.library.passages
        found = self.library.ranked([asked(one, RERANKED) for one in items], arm.search, DEEP)
        pairs = [
            (asked(one, RERANKED), passages[number].text)
            for one, numbers in zip(items, found, strict=True)
            for number in numbers
        ]
        scores, orders = iter(relevance(load(arm.model), pairs)), []
        for numbers in found:
            scored_numbers = [(next(scores), -place, number) for place, number in enumerate(numbers)]
            orders.append([number for *_, number in sorted(scored_numbers, reverse=True)])
        return with_ranks(arm, RERANKED, items, orders, passages)

    def as_ranked(self, ranked: Rows, wording: str, items: list[dict]) -> list[list[Passage]]:
        """The passages in the order that was found before."""
        orders = {row["id"]: row["order"] for row in ranked if row["wording"] == wording}
        return [[self.library.passages[number] for number in orders[one["id"]]] for one in items]


def scored(item: dict, answer: str) -> dict:
    """Whether an answer is correct, and whether it says that the text does not say it."""
    correct = questions.holds(answer, item.get("accept", []))
    return {"answer": answer, "correct": correct, "abstains": not correct and questions.says_not_there(answer)}


def choose_instruction(work: Work, reading: Reading, arm: Arm) -> Arm:
    """The line that lets the model abstain with most of dev correct, an abstention where nothing answers; ties: the
    first."""
    hits = {}
    for number in range(1, len(reading.settings.instructions)):
        tried = replace(arm, split="dev", instruction=number)
        asking = partial(reading.read, tried, partial(reading.searched, tried), ("paraphrase", "unanswerable"))
        rows = work.unit(f"dev/instruction {number}", asking)
        hits[tried] = sum(row["abstains"] if row["wording"] == "unanswerable" else row["correct"] for row in rows)
    return replace(max(hits, key=lambda one: hits[one]), split="test")


def predict(work: Work, settings: Settings) -> None:
    """Every reading: those that decide most come first."""
    reading = Reading(settings)
    everything = (*WITH_ANSWER, "unanswerable")

    def read(key: str, arm: Arm, found: Find | None = None, wordings: tuple[str, ...] = everything) -> None:
        """One unit of reading."""
        found = found or partial(reading.searched, arm)
        work.unit(f"read/{key}", partial(reading.read, arm, found, wordings))

    base = Arm(method="prompt", model=settings.model, cutting=HEADINGS, search=settings.search, instruction=0)
    best = replace(base, passages=settings.read)
    read("published", replace(base, cutting=WORDS_40, search="embeddings", passages=1))
    read("best", best)
    read("worked example", replace(best, examples=settings.worked_examples, selection="answered"))
    read("mixed examples", replace(best, examples=settings.mixed_examples, selection="mixed"))
    read("told to abstain", choose_instruction(work, reading, best))
    read("one passage", replace(base, passages=1), wordings=WITH_ANSWER)
    read("given", replace(base, search="given", passages=1), reading.given, WITH_ANSWER)
    reranker = replace(base, method="retrieval", reranked=True, instruction=None)
    reordered = work.unit("rerank", partial(reading.reranked, reranker))
    read("reranked", replace(best, reranked=True), partial(reading.as_ranked, reordered), (RERANKED,))
