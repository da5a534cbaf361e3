"""Waiting: how long a reply takes, by what stands in the prompt.

The model is always the one that came: an adapter merged into the weights costs nothing more, so "tuned" is the bare
message. An adapter left apart is timed untrained: its numbers take as long as trained ones.
"""

import random
import time

import torch
from behaviour.experiment import INSTRUCTIONS, RANK, Trial
from kit import model as llm
from kit.evidence import Rows, Work
from sentence_transformers import SentenceTransformer

VERSION = 1  # raised when the computation changes
SEEDS = [0]
INSTRUCTION = INSTRUCTIONS["format"][0]  # the first: on dev no line was in form with any of the three
APART, NEAREST = "tuned, adapter apart", "nearest"
KINDS = {  # the instruction, and how many examples
    "tuned": ("", 0),
    APART: ("", 0),
    "instruction": (INSTRUCTION, 0),
    "1 example": (INSTRUCTION, 1),
    "4 examples": (INSTRUCTION, 4),
    "8 examples": (INSTRUCTION, 8),
    f"the 4 {NEAREST} examples": (INSTRUCTION, 4),
    f"the 8 {NEAREST} examples": (INSTRUCTION, 8),
}
TOKENS = 8  # the longest of the wanted lines, with the mark that ends it
PART = 20  # messages in a unit of work


class Watch:
    """What `generate` tells of each token as it is written: when the prompt came, then the time of each."""

    def __init__(self):
        """Start."""
        self.start, self.times = time.process_time(), []

    def put(self, _: torch.Tensor) -> None:
        """A token, or the prompt, has come."""
        self.times.append(time.process_time() - self.start)

    def end(self) -> None:
        """All have come."""


class Clock:
    """One reply at a time, on one thread, timed by the processor: to wait for a turn does not count."""

    def __init__(self, trial: Trial):
        """Load the model twice, once with an adapter, and what finds the nearest examples."""
        self.trial, (self.plain, self.tokenizer) = trial, llm.load()
        self.apart = llm.with_lora(llm.load()[0], RANK, SEEDS[0]).eval()
        self.embedder = SentenceTransformer(llm.EMBEDDER)
        self.vectors = self.embedder.encode([one["text"] for one in trial.train])
        for model in (self.plain, self.apart):  # the first reply of a model is slower
            self.reply(model, trial.prompt(trial.train[0], ""))

    def nearest(self, message: dict, count: int) -> list[dict]:
        """The examples most like the message, the most alike last."""
        order = (self.embedder.encode(message["text"]) @ self.vectors.T).argsort()
        return [self.trial.train[int(each)] for each in order[-count:]]

    def reply(self, model, prompt: str) -> dict:
        """Seconds until the first token and until the last, whatever it says; the prompt is cut into tokens before."""
        inputs, watch = self.tokenizer(prompt, return_tensors="pt", add_special_tokens=False), Watch()
        model.generate(**inputs, max_new_tokens=TOKENS, min_new_tokens=TOKENS, do_sample=False, streamer=watch)
        first, whole = watch.times[1], watch.times[-1]
        return {"prompt_tokens": inputs["input_ids"].shape[1], "first_s": round(first, 4), "whole_s": round(whole, 4)}

    def time(self, kind: str, message: dict) -> dict:
        """One reply of one kind; the search for the nearest examples is timed apart."""
        (instruction, count), found = KINDS[kind], {}
        examples = self.trial.train[:count]
        if NEAREST in kind:
            start = time.process_time()
            examples = self.nearest(message, count)
            found = {"find_s": round(time.process_time() - start, 4)}
        prompt = self.trial.prompt(message, instruction, examples)
        return found | self.reply(self.apart if kind == APART else self.plain, prompt)


def predict(work: Work) -> None:
    """Every kind of prompt for every test message of the strict line, the kinds in a new order for each message."""
    torch.set_num_threads(1)
    trial = Trial("format", work)
    kinds = list(KINDS)
    for start in range(0, len(trial.test), PART):
        part = trial.test[start : start + PART]

        def timed(part: list[dict] = part) -> Rows:
            clock = Clock(trial)
            rows = []
            for message in part:
                # What slows the machine for a while then falls on no kind more than on another.
                for kind in random.Random(f"{SEEDS[0]} {message['id']}").sample(kinds, len(kinds)):
                    rows.append({"id": message["id"], "kind": kind} | clock.time(kind, message))
            return sorted(rows, key=lambda row: (row["id"], kinds.index(row["kind"])))

        work.unit(f"messages {start + 1}-{start + len(part)}", timed)
