"""Waiting: how long a reply takes, by what is in the prompt.

The model is always the base model: an adapter merged into the weights costs nothing more, so "fine-tuned" is the bare
message. An adapter that is not merged is timed untrained: its parameters take as long as trained ones.
"""

import random
import time
from dataclasses import dataclass, replace
from functools import cached_property, partial

from kit.arm import Arm
from kit.model import Loaded, load, with_lora
from kit.models import EMBEDDER, SMOLLM2
from kit.rows import Rows
from kit.work import Work
from tasks.messages import EXAMPLES, MESSAGES, messages, prompt_of, training_examples
from tasks.triage import TRIAGE

VERSION = 1  # raised when the computation changes


@dataclass(frozen=True)
class Settings:
    """What is timed, and how often."""

    model: str = SMOLLM2.key
    seeds: tuple[int, ...] = (0,)
    test_items: int = 100
    items_per_unit: int = 20
    instruction: str = TRIAGE.instructions[0]  # the first: on dev no line was in form with any of the three
    fixed_examples: tuple[int, ...] = (1, 4, 8)
    nearest_examples: tuple[int, ...] = (4, 8)
    rank: int = 8
    new_tokens: int = 8  # the longest of the wanted lines, with the token that ends it


SETTINGS = Settings()
TINY = replace(SETTINGS, test_items=2)
SLICE, SLICE_UNITS = replace(SETTINGS, test_items=1), ("messages 1-1",)
DATA = (MESSAGES, EXAMPLES)


class Stopwatch:
    """A streamer for `generate` that notes when the prompt came, then when each token was written."""

    def __init__(self):
        """Start."""
        self.start, self.times = time.process_time(), []

    def put(self, _) -> None:
        """A token, or the prompt, has come."""
        self.times.append(time.process_time() - self.start)

    def end(self) -> None:
        """All have come."""


class Clock:
    """One reply at a time, on one thread, timed by the processor: to wait for a turn does not count."""

    def __init__(self, settings: Settings):
        """Load the model twice, once with an adapter, and what finds the nearest examples."""
        self.settings, self.examples = settings, training_examples()
        self.plain = load(settings.model)
        self.apart = with_lora(load(settings.model), settings.rank, settings.seeds[0])
        self.apart.model.eval()
        self.vectors = self.embedder.encode([one["text"] for one in self.examples])
        for loaded in (self.plain, self.apart):  # the first reply of a model is slower
            self.reply(loaded, prompt_of(TRIAGE, settings.model, self.examples[0]))

    @cached_property
    def embedder(self):
        """What turns texts into vectors."""
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(EMBEDDER)

    def nearest(self, message: dict, count: int) -> list[dict]:
        """The examples most similar to the message, the most similar last."""
        order = (self.embedder.encode(message["text"]) @ self.vectors.T).argsort()
        return [self.examples[int(place)] for place in order[-count:]]

    def reply(self, loaded: Loaded, prompt: str) -> dict:
        """Seconds until the first token and until the last, whatever it says; the prompt is tokenized before."""
        _, model, tokenizer = loaded
        inputs, watch = tokenizer(prompt, return_tensors="pt", add_special_tokens=False), Stopwatch()
        count = self.settings.new_tokens
        model.generate(**inputs, max_new_tokens=count, min_new_tokens=count, do_sample=False, streamer=watch)
        first, whole = watch.times[1], watch.times[-1]
        return {"prompt_tokens": inputs["input_ids"].shape[1], "first_s": round(first, 4), "whole_s": round(whole, 4)}

    def time(self, arm: Arm, message: dict) -> dict:
        """One reply of one arm; the search for the nearest examples is timed apart."""
        found, examples = {}, self.examples[: arm.examples or 0]
        if arm.selection == "nearest":
            start = time.process_time()
            examples = self.nearest(message, arm.examples)
            found = {"find_s": round(time.process_time() - start, 4)}
        instruction = "" if arm.instruction is None else self.settings.instruction
        prompt = prompt_of(TRIAGE, arm.model, message, instruction, examples)
        return found | self.reply(self.apart if arm.adapter == "apart" else self.plain, prompt)


def arms_of(settings: Settings) -> list[Arm]:
    """Every kind of prompt, and the bare message with an adapter merged or apart."""
    tuned = Arm(method="lora", model=settings.model, rank=settings.rank)
    prompt = Arm(method="prompt", model=settings.model, instruction=0, examples=0)
    return [
        replace(tuned, adapter="merged"),
        replace(tuned, adapter="apart"),
        prompt,
        *(replace(prompt, examples=count, selection="fixed") for count in settings.fixed_examples),
        *(replace(prompt, examples=count, selection="nearest") for count in settings.nearest_examples),
    ]


def timed(settings: Settings, items: list[dict]) -> Rows:
    """Every arm for every message, the arms in a new order for each: what slows the machine falls on none more."""
    clock, arms, rows = Clock(settings), arms_of(settings), []
    for message in items:
        rng = random.Random(f"{settings.seeds[0]} {message['id']}")
        took = {arm: clock.time(arm, message) for arm in rng.sample(arms, len(arms))}
        rows += [{"arm": arm, "id": message["id"]} | took[arm] for arm in arms]
    return rows


def predict(work: Work, settings: Settings) -> None:
    """Every kind of prompt for every test message of the triage line."""
    import torch

    torch.set_num_threads(1)
    items, size = messages("test", settings.test_items), settings.items_per_unit
    for start in range(0, len(items), size):
        part = items[start : start + size]
        work.unit(f"messages {start + 1}-{start + len(part)}", partial(timed, settings, part))
