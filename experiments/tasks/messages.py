"""Customers' messages, which two tasks answer: a line for the team that handles it, a reply in the house style."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kit.model import Loaded, chat, generate, token_count
from kit.paths import DATA, TASK_DATA
from kit.rows import Rows, read_data

MESSAGES = DATA / "messages.jsonl"
EXAMPLES = TASK_DATA / "messages_train.jsonl"
MORE_TEST = TASK_DATA / "messages_test_more.jsonl"


@dataclass(frozen=True)
class Task:
    """What is to be done with a message, how it is asked for, and how an answer is scored."""

    name: str
    instructions: tuple[str, ...]  # wordings, of which dev chooses
    target: Callable[[dict], str]  # the reply that examples and training show
    score: Callable[[dict, str], dict]  # `conforms`: keeps to the format or style; perhaps `correct`, and details


def messages(split: str, count: int | None = None) -> list[dict]:
    """The first messages of a split, in file order."""
    return [one for one in read_data(MESSAGES) if one["split"] == split][:count]


def all_test_messages(count: int | None = None) -> list[dict]:
    """The test messages that all programs share, and those that only experiments have: 300 in all, in file order."""
    return (messages("test") + read_data(MORE_TEST))[:count]


def drawn_examples(count: int, seed: int) -> list[dict]:
    """So many labelled examples, drawn anew for each number and seed: every way of using them gets the same ones."""
    return random.Random(f"{count} examples, seed {seed}").sample(training_examples(), count)


def training_examples(count: int | None = None) -> list[dict]:
    """The first labelled examples for training and for prompts, in file order."""
    return read_data(EXAMPLES)[:count]


def prompt_of(task: Task, model: str, message: dict, instruction: str = "", examples: Sequence[dict] = ()) -> str:
    """The instruction, the examples as turns of a conversation, then the message; without either, the bare message."""
    return chat(model, message["text"], instruction, [(one["text"], task.target(one)) for one in examples])


def lessons(task: Task, model: str, examples: Sequence[dict]) -> list[tuple[str, str]]:
    """What a model is trained on: the bare message, and the reply to learn."""
    return [(prompt_of(task, model, one), task.target(one)) for one in examples]


def by_similarity(items: Sequence[dict], examples: Sequence[dict], embedder) -> list[list[dict]]:
    """For each item all examples, the most similar last: next to the message itself when they stand in a prompt."""
    of_items, of_examples = (embedder.encode([one["text"] for one in part]) for part in (items, examples))
    return [[examples[int(place)] for place in row.argsort()] for row in of_items @ of_examples.T]


def answers(task: Task, loaded: Loaded, items: Sequence[dict], prompts: list[str], max_new_tokens: int) -> Rows:
    """For each item its reply and the score of that."""
    replies = generate(loaded, prompts, max_new_tokens)
    return [
        {"id": one["id"], "reply": reply} | task.score(one, reply) for one, reply in zip(items, replies, strict=True)
    ]


def prompt_tokens(model: str, prompts: list[str]) -> Rows:
    """The length of each prompt in tokens, as a part of its row."""
    return [{"prompt_tokens": token_count(model, prompt)} for prompt in prompts]
