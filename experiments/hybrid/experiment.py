"""The hybrid: retrieval with the base model, told to abstain, asked for a style, or fine-tuned in one of four ways."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from kit.arm import Arm
from kit.model import Loaded, generate, load
from kit.models import SMOLLM2
from kit.paths import TASK_DATA
from kit.rows import Rows, read_data
from kit.training import Training, lora_tuned
from kit.work import Work
from rung.scoring import abstains, holds
from tasks import facts, messages, questions, style
from tasks.facts import FOUR_WORDINGS, FactsTraining
from tasks.messages import lessons, training_examples
from tasks.questions import COMPANIES, NOT_THERE, asked, company_library, reading_prompt, reading_turn

VERSION = 2  # raised when the computation changes
REPLIES = TASK_DATA / "company_replies.jsonl"  # to the lessons about other companies, in our house style
# Asks for the answer and the house style at once: dev chooses one.
STYLED = (
    "Answer the question from the text, in our house style. Begin with 'Hello from Harrowick.' and end with 'Ride "
    "well.' Between them write one or two short sentences, 35 words at most, that hold the answer and name what was "
    "asked about. Say we, never I. No apology, no please, no exclamation mark, no question mark.",
    "Answer the question from the text in our house voice: Hello from Harrowick. <one or two plain sentences with the "
    "answer, in the name of 'we'> Ride well.\nNever write I, my, sorry, unfortunately, please, ! or ?.",
    "Write a short answer from the text, under 35 words. First words: 'Hello from Harrowick.' Last words: 'Ride "
    "well.' Speak as 'we'. Repeat what the question is about. Do not apologise, ask or exclaim.",
)


@dataclass(frozen=True)
class Settings:
    """What is tried, and how much of it."""

    model: str = SMOLLM2.key
    seeds: tuple[int, ...] = (0, 1, 2)
    test_items: int = 100
    unanswerable_items: int = 100
    reading_items: int | None = None  # lessons in reading
    dev_items: int | None = None
    instructions: tuple[str, ...] = (questions.READING, *questions.ABSTAINING)
    styled: tuple[str, ...] = STYLED
    styled_examples: int = 4  # in a second prompt that asks for the style
    passages: int = 2  # in the prompt, in training and in use
    max_new_tokens: int = 40
    styled_max_new_tokens: int = 64  # a reply of 35 words between the opening and the close
    rank: int = 8
    batch_size: int = 4
    reading_learning_rates: tuple[float, ...] = (1e-3, 2e-3)  # with half the passages neither read better
    reading_epochs: int = 4
    style_items: int = 80
    style_epochs: int = 2
    style_learning_rate: float = 1e-3  # the one that dev chose for the triage line
    facts_training: FactsTraining = FOUR_WORDINGS
    facts_learning_rate: float = 2e-3  # the one that dev chose in `knowledge`: a test compares


SETTINGS = Settings()
TINY = replace(
    SETTINGS,
    seeds=(0,),
    test_items=2,
    unanswerable_items=2,
    reading_items=2,
    dev_items=2,
    max_new_tokens=4,
    styled_max_new_tokens=4,
    reading_learning_rates=(1e-3,),
    reading_epochs=1,
    style_items=2,
    style_epochs=1,
    facts_training=replace(FOUR_WORDINGS, epochs=1, questions=2),
)
SLICE, SLICE_UNITS = replace(SETTINGS, test_items=2, unanswerable_items=2), ("instruction 0",)
DATA = (questions.DOCUMENTS, questions.UNANSWERABLE, *facts.DATA, messages.EXAMPLES, COMPANIES, REPLIES)


def two_passages(item: dict, number: int) -> list[str]:
    """A lesson's passage and its distractor, each first every other time."""
    passages = [f"{item['title']}\n{item['passage']}", f"{item['distractor_title']}\n{item['distractor']}"]
    return passages[:: 1 if number % 2 else -1]


class Generators:
    """One search, and every model that reads what it finds."""

    def __init__(self, settings: Settings):
        """Read the questions and lessons."""
        self.settings = settings
        test = questions.answerable("test", settings.test_items)
        blank = questions.unanswerable(settings.unanswerable_items)
        self.items = {"direct": test, "paraphrase": test, "unanswerable": blank}
        replies = {one["id"]: one["reply"] for one in read_data(REPLIES)}
        others = [one | {"reply": replies.get(one["id"])} for one in read_data(COMPANIES)]
        self.lessons = [one for one in others if one["split"] == "train"][: settings.reading_items]
        self.dev = [one for one in others if one["split"] == "dev"][: settings.dev_items]

    def prompt(self, arm: Arm, passages: list[str], question: str) -> str:
        """The prompt of an arm with the passages of a question."""
        instruction = (self.settings.styled if arm.styled else self.settings.instructions)[arm.instruction]
        examples = [
            (reading_turn(two_passages(one, number), one["question"]), one["reply"])
            for number, one in enumerate(self.lessons[: arm.examples if arm.styled else 0])
        ]
        return reading_prompt(arm.model, passages, question, instruction, examples)

    def longest(self, arm: Arm) -> int:
        """How many tokens an answer may have."""
        in_style = arm.styled or arm.trained_on == "reading in style"
        return self.settings.styled_max_new_tokens if in_style else self.settings.max_new_tokens

    def answer(self, arm: Arm, loaded: Loaded) -> Rows:
        """A row for each question and wording, with whether the right passage was retrieved."""
        rows = []
        for wording, items in self.items.items():
            texts = [asked(one, wording) for one in items]
            found = company_library().search(texts, arm.passages)
            prompts = [
                self.prompt(arm, [one.text for one in passages], text)
                for passages, text in zip(found, texts, strict=True)
            ]
            answers = generate(loaded, prompts, self.longest(arm))
            rows += [
                {"arm": arm, "wording": wording, "id": one["id"]} | scored(one, passages, answer)
                for one, passages, answer in zip(items, found, answers, strict=True)
            ]
        return rows

    def on_dev(self, arm: Arm, loaded: Loaded) -> Rows:
        """A row for each question about other companies, some of which their passages do not answer."""
        prompts = [self.prompt(arm, two_passages(one, number), one["question"]) for number, one in enumerate(self.dev)]
        answers = generate(loaded, prompts, self.longest(arm))
        return [
            {"arm": arm, "id": one["id"], "answer": text, "correct": is_right(one, text, arm)}
            for one, text in zip(self.dev, answers, strict=True)
        ]

    def lesson(self, arm: Arm, item: dict, number: int) -> tuple[str, str]:
        """A prompt with the passages of a lesson, and what to learn to reply to it."""
        prompt = self.prompt(arm, two_passages(item, number), item["question"])
        return prompt, item["reply" if arm.trained_on == "reading in style" else "answer"]

    def run(self, arm: Arm) -> Rows:
        """The rows of an arm: its model, and what that answers to the questions of the arm's split."""
        ask = self.on_dev if arm.split == "dev" else self.answer
        return ask(arm, self.model_of(arm))

    def model_of(self, arm: Arm) -> Loaded:
        """The base model, or the one that is tuned as the arm has it."""
        settings = self.settings
        if arm.method == "prompt":
            return load(arm.model)
        if arm.trained_on == "facts":
            of_facts = {"model": arm.model, "learning_rate": arm.learning_rate, "seed": arm.seed}
            return replace(settings.facts_training, **of_facts).train_or_load()[0]
        if arm.trained_on == "style":
            pairs = lessons(style.STYLE, arm.model, training_examples(settings.style_items))
        else:
            pairs = [self.lesson(arm, one, number) for number, one in enumerate(self.lessons)]
        training = Training(arm.learning_rate, arm.epochs, settings.batch_size, arm.seed)
        return lora_tuned(arm.model, pairs, training, settings.rank)


def scored(item: dict, passages: list[questions.Passage], answer: str) -> dict:
    """What is to be known of an answer: retrieval, correctness and abstention."""
    return {
        "answer": answer,
        "retrieved": questions.retrieved(passages, item),
        "correct": holds(answer, item.get("accept", [])),
        "abstains": abstains(answer),
    }


def is_right(item: dict, answer: str, arm: Arm) -> bool:
    """Whether an answer to a question of dev is correct and, where the arm's prompt asks for it, in the house style."""
    if arm.styled:
        told = holds(answer, item["accept"]) if item["accept"] else questions.says_not_there(answer)
        return told and all(style.rules_kept(item["question"], answer).values())
    return holds(answer, item["accept"]) if item["accept"] else NOT_THERE in answer


def best_of(work: Work, run: Callable[[Arm], Rows], arms: dict[str, Arm]) -> Arm:
    """The arm with most of dev correct; ties: the first."""
    hits = {arm: sum(row["correct"] for row in work.unit(key, partial(run, arm))) for key, arm in arms.items()}
    return max(hits, key=lambda arm: hits[arm])


def predict(work: Work, settings: Settings) -> None:
    """Every answer of every arm, with what was retrieved."""
    generators = Generators(settings)
    base = Arm(method="prompt", model=settings.model, instruction=0, passages=settings.passages)
    work.unit("instruction 0", partial(generators.run, base))
    on_dev = {
        f"dev/instruction {number}": replace(base, split="dev", instruction=number)
        for number in range(len(settings.instructions))
    }
    key = "dev/instruction 0"  # the base model as it is asked otherwise, for comparison
    work.unit(key, partial(generators.run, on_dev.pop(key)))
    abstaining = best_of(work, generators.run, on_dev)
    work.unit("abstaining", partial(generators.run, replace(abstaining, split="test")))
    styled = replace(base, styled=True, examples=0)
    wordings = range(len(settings.styled))
    styled_on_dev = {f"dev/styled {number}": replace(styled, split="dev", instruction=number) for number in wordings}
    styled = replace(best_of(work, generators.run, styled_on_dev), split="test")
    for examples in (0, settings.styled_examples):
        work.unit(f"styled, {examples} examples", partial(generators.run, replace(styled, examples=examples)))
    tuned = replace(base, method="lora", rank=settings.rank)
    reading = replace(tuned, trained_on="reading", epochs=settings.reading_epochs, seed=0)
    learning_rates = settings.reading_learning_rates
    best = best_of(
        work,
        generators.run,
        {
            f"dev/reading/{learning_rate:g}": replace(reading, split="dev", learning_rate=learning_rate)
            for learning_rate in learning_rates
        },
    )
    of_facts = {"learning_rate": settings.facts_learning_rate, "epochs": settings.facts_training.epochs}
    of_style = {"learning_rate": settings.style_learning_rate, "epochs": settings.style_epochs}
    arms = (
        replace(best, split="test"),
        replace(best, split="test", trained_on="reading in style"),
        replace(tuned, trained_on="facts", wordings=settings.facts_training.wordings, **of_facts),
        replace(tuned, trained_on="style", examples=settings.style_items, **of_style),
    )
    for arm in arms:
        for seed in settings.seeds:
            work.unit(f"{arm.trained_on}/seed {seed}", partial(generators.run, replace(arm, seed=seed)))
