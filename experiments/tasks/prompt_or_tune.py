"""Prompt or tune: what `behaviour` asks of the triage line and `voice` of the house style."""

from dataclasses import dataclass
from functools import partial
from math import ceil

from kit.arm import Arm
from kit.model import Loaded, load
from kit.models import EMBEDDER, SMOLLM2
from kit.rows import Rows
from kit.training import Training, lora_tuned
from kit.work import Work

from tasks.messages import (
    EXAMPLES,
    MESSAGES,
    Task,
    answers,
    by_similarity,
    lessons,
    messages,
    prompt_of,
    prompt_tokens,
    training_examples,
)

DATA = (MESSAGES, EXAMPLES)


@dataclass(frozen=True)
class Settings:
    """What is tried, and how much of it."""

    instructions: tuple[str, ...]
    max_new_tokens: int
    examples_seen: tuple[int, ...]  # how many a training run sees, some of them often; dev chooses
    model: str = SMOLLM2.key
    seeds: tuple[int, ...] = (0, 1, 2)
    test_items: int = 100
    dev_items: int = 40
    fixed_examples: tuple[int, ...] = (1, 4, 8)
    nearest_examples: tuple[int, ...] = (4, 8)
    train_sizes: tuple[int, ...] = (5, 10, 20, 40, 80, 160)
    train_size_on_dev: int = 40
    learning_rates: tuple[float, ...] = (5e-4, 1e-3, 2e-3)
    rank: int = 8
    batch_size: int = 4


# A handful of everything, to walk every path of the code.
A_HANDFUL = {"max_new_tokens": 4, "seeds": (0,), "test_items": 2, "dev_items": 2, "train_sizes": (2,)}
A_HANDFUL |= {"train_size_on_dev": 2, "examples_seen": (2,), "learning_rates": (1e-3,)}


def epochs_for(examples: int, examples_seen: int) -> int:
    """How often each example comes, for so many to be seen in all: once at least, and more when there are few."""
    return max(1, ceil(examples_seen / examples))


def best_on_dev(tried: Rows) -> Arm:
    """The arm of which most replies on dev were correct, or conformed where nothing more is asked; ties: the first."""
    scores: dict[Arm, tuple[int, int]] = {}
    for row in tried:
        correct, conforming = scores.get(row["arm"], (0, 0))
        scores[row["arm"]] = correct + row.get("correct", row["conforms"]), conforming + row["conforms"]
    return max(scores, key=lambda arm: scores[arm])


class Study:
    """One task, its messages and examples, and each way of getting it done."""

    def __init__(self, task: Task, settings: Settings):
        """Read the messages."""
        self.task, self.settings = task, settings
        self.examples = training_examples()
        self.items = {"test": messages("test", settings.test_items), "dev": messages("dev", settings.dev_items)}

    def answer(self, loaded: Loaded, arm: Arm, prompts: list[str]) -> Rows:
        """A row for each message of the arm's split: its reply, the score, and how long the prompt was."""
        scored = answers(self.task, loaded, self.items[arm.split], prompts, self.settings.max_new_tokens)
        lengths = prompt_tokens(arm.model, prompts)
        return [{"arm": arm} | length | one for length, one in zip(lengths, scored, strict=True)]

    def prompted(self, arm: Arm) -> Rows:
        """The base model, with the arm's instruction and examples in the prompt."""
        instruction = self.settings.instructions[arm.instruction]
        prompts = [
            prompt_of(self.task, arm.model, item, instruction, examples)
            for item, examples in zip(self.items[arm.split], self.examples_of(arm), strict=True)
        ]
        return self.answer(load(arm.model), arm, prompts)

    def examples_of(self, arm: Arm) -> list[list[dict]]:
        """The examples in the prompt of each message: none, the first of all, or those most similar to the message."""
        items = self.items[arm.split]
        if arm.selection == "nearest":
            from sentence_transformers import SentenceTransformer

            return [one[-arm.examples :] for one in by_similarity(items, self.examples, SentenceTransformer(EMBEDDER))]
        return [self.examples[: arm.examples] for _ in items]

    def tuned(self, arm: Arm) -> Rows:
        """A model trained on the first examples, with nothing but the message in the prompt."""
        training = Training(arm.learning_rate, arm.epochs, self.settings.batch_size, arm.seed)
        pairs = lessons(self.task, arm.model, self.examples[: arm.examples])
        loaded = lora_tuned(arm.model, pairs, training, self.settings.rank)
        return self.answer(loaded, arm, [prompt_of(self.task, arm.model, one) for one in self.items[arm.split]])

    def prompts_to_try(self, instruction: int) -> dict[str, Arm]:
        """The arms without training, by the key of their unit of work."""
        with_examples = partial(Arm, method="prompt", model=self.settings.model, instruction=instruction)
        return (
            {"instruction": with_examples(examples=0)}
            | {f"{n} fixed": with_examples(examples=n, selection="fixed") for n in self.settings.fixed_examples}
            | {f"{n} nearest": with_examples(examples=n, selection="nearest") for n in self.settings.nearest_examples}
        )


def trained_arm(  # noqa: PLR0913, PLR0917 - what tells one training run from another
    settings, examples: int, examples_seen: int, learning_rate: float, seed: int, split: str
) -> Arm:
    """The arm of one training run; of `settings` its model and rank."""
    return Arm(
        method="lora",
        model=settings.model,
        split=split,
        examples=examples,
        rank=settings.rank,
        learning_rate=learning_rate,
        examples_seen=examples_seen,
        epochs=epochs_for(examples, examples_seen),
        seed=seed,
    )


def predict(task: Task, work: Work, settings: Settings) -> None:
    """Every prediction of every arm for one task: settings chosen on dev, then each prompt and each training run."""
    study, tried = Study(task, settings), []
    for number in range(len(settings.instructions)):
        arm = Arm(method="prompt", model=settings.model, split="dev", instruction=number, examples=0)
        tried += work.unit(f"dev/instruction {number}", partial(study.prompted, arm))
    for key, arm in study.prompts_to_try(best_on_dev(tried).instruction).items():
        work.unit(key, partial(study.prompted, arm))
    tried = []
    for seen in settings.examples_seen:
        for learning_rate in settings.learning_rates:
            arm = trained_arm(settings, settings.train_size_on_dev, seen, learning_rate, 0, "dev")
            tried += work.unit(f"dev/tuned/{seen} seen/{learning_rate:g}", partial(study.tuned, arm))
    best = best_on_dev(tried)
    for size in settings.train_sizes:
        for seed in settings.seeds:
            arm = trained_arm(settings, size, best.examples_seen, best.learning_rate, seed, "test")
            work.unit(f"tuned on {size}/seed {seed}", partial(study.tuned, arm))
