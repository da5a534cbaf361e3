"""Every set of answers at once, and samples of them, for the tests of the decision tool's rules and of its page."""

import random
from functools import cache

import numpy as np

from scripts.pages.decide import ANSWERS, DATA, DESIGNS, RUNGS, decide

QUESTIONS = list(ANSWERS)
EVERYTHING = int(np.prod([len(possible) for possible in ANSWERS.values()]))
OWN_MODEL = {
    "fault": "domain", "knowledge": "given", "change": "seldom", "sources": "no", "control": "neither",
    "latency": "relaxed", "volume": "middle", "examples": "corpus", "team": "research", "prompt": "short",
    "paste": "wrong", "tuned": "short",
}  # fmt: skip


# Every set of answers at once: an array with one axis for each question.


def where(name: str, those: list[str]) -> np.ndarray:
    """True where a question has one of these answers, in a shape that fits the array of all sets."""
    shape = [1] * len(QUESTIONS)
    shape[QUESTIONS.index(name)] = len(ANSWERS[name])
    return np.array([answer in those for answer in ANSWERS[name]]).reshape(shape)


def fires(rule: dict) -> np.ndarray:
    """True where a rule fires, in a shape that fits."""
    fired = np.zeros([1] * len(QUESTIONS), bool)
    for clause in rule["when"]:
        both = np.ones([1] * len(QUESTIONS), bool)
        for name, those in clause.items():
            both = both & where(name, those)
        fired = fired | both
    return fired


@cache
def every() -> tuple[np.ndarray, np.ndarray]:
    """For every set of answers the number of the recommended design, and whether a rule speaks for it."""
    shape = [len(possible) for possible in ANSWERS.values()]
    best = np.full(shape, 255, np.uint8)
    for number, design in enumerate(DESIGNS):
        score = np.full(shape, number, np.uint8)  # needs left open, then the place in the list
        for rule in DATA["rules"]:
            if rule["kind"] == "need" and design in rule["designs"]:
                score += fires(rule) * np.uint8(8)
        barred = np.zeros(shape, bool)
        for rule in DATA["rules"]:
            if rule["kind"] == "bar" and design in rule["designs"]:
                barred |= fires(rule)
        score[barred] = 255
        np.minimum(best, score, out=best)
    assert best.max() < 255, "some set of answers leaves nothing to recommend"
    best &= 7
    reason = np.zeros(shape, bool)
    for number, design in enumerate(DESIGNS):
        speaks = np.zeros(shape, bool)
        for rule in DATA["rules"]:
            if design not in rule["designs"]:
                speaks |= fires(rule)
        reason |= speaks & (best == number)
    return best, reason


def given(**answers: str | list[str]) -> np.ndarray:
    """The recommended designs where questions have these answers."""
    best = every()[0]
    for name, those in answers.items():
        wanted = [those] if isinstance(those, str) else those
        best = best.take([ANSWERS[name].index(one) for one in wanted], axis=QUESTIONS.index(name))
    return best


def numbers(*designs: str) -> list[int]:
    return [DESIGNS.index(design) for design in designs]


RUNG_OF = np.array([RUNGS[design] for design in DESIGNS], np.uint8)


@cache
def near_the_scenarios(count: int = 10_000) -> list[dict]:
    """Sets of answers that differ from a scenario, or from the case for a model of one's own, in a few places."""
    rng = random.Random(5)
    starts = [one["answers"] for one in DATA["scenarios"]] + [OWN_MODEL]
    made = []
    for _ in range(count):
        answers = dict(rng.choice(starts))
        for name in rng.sample(QUESTIONS, rng.randint(0, 6)):
            answers[name] = rng.choice(ANSWERS[name])
        made.append(answers)
    return made


@cache
def anywhere(count: int = 10_000) -> list[dict]:
    """Sets of answers drawn at random; about one question in twenty is left open."""
    rng = random.Random(7)
    return [
        {name: rng.choice(possible) for name, possible in ANSWERS.items() if rng.random() > 0.05} for _ in range(count)
    ]


@cache
def decided() -> list[tuple[dict, dict]]:
    """Both samples, each set with what the reference makes of it."""
    return [(answers, decide(answers)) for answers in [*near_the_scenarios(), *anywhere()]]
