"""The reference reading of rules.json, for many sets of answers at once, and sets of answers to try it on.

decide.js reads the rules for the reader, one set at a time. This reading was written apart from it: what the rules
promise is checked here for every set of answers, which takes arrays, and a test in the browser holds the two together,
so that a slip in either shows.
"""

import operator
import random
from collections.abc import Callable, Iterator
from functools import cache, reduce

import numpy as np

from scripts.pages.decide import UNKNOWN, answers_in, read, sets_of_answers

DATA = read()
RULES = DATA["rules"]
DESIGNS = [design["id"] for design in DATA["designs"]]
RUNG_OF = np.array([design["rung"] for design in DATA["designs"]], np.uint8)
ANSWERS = answers_in(DATA)
QUESTIONS = list(ANSWERS)
OWN_MODEL = {
    "fault": "domain", "knowledge": "given", "change": "seldom", "sources": "no", "control": "neither",
    "latency": "relaxed", "volume": "middle", "examples": "corpus", "team": "research", "prompt": "short",
    "paste": "wrong", "tuned": "short",
}  # fmt: skip
BARRED = 255

# Tells for which sets of answers a question has one of these answers, as an array with a value for each set.
Has = Callable[[str, list[str]], np.ndarray]


def listed(sets: list[dict]) -> Has:
    """For a list of sets of answers. A question without an answer counts as "I don't know"."""
    columns = {name: np.array([answers.get(name, UNKNOWN) for answers in sets]) for name in QUESTIONS}
    return lambda name, those: np.isin(columns[name], those)


def everywhere(name: str, those: list[str]) -> np.ndarray:
    """For every set of answers: an array with an axis for each question, of length 1 where it makes no difference."""
    shape = [1] * len(QUESTIONS)
    shape[QUESTIONS.index(name)] = len(ANSWERS[name])
    return np.array([answer in those for answer in ANSWERS[name]]).reshape(shape)


# What the rules say.


def holds(entry: dict, has: Has) -> np.ndarray:
    """Where an entry's `when` holds: where one of its clauses does, in which every question has one of the answers."""
    always = np.array(True)
    clauses = (reduce(operator.and_, (has(*one) for one in clause.items()), always) for clause in entry["when"])
    return reduce(operator.or_, clauses)


def places(rules: list[dict], has: Has) -> np.ndarray:
    """The place of the recommended design among DESIGNS. The rules always leave one, or this raises an AssertionError.

    It is the design, of those not barred, that leaves the fewest needs open; on a tie the first, which is the simpler.
    """
    best = np.array(BARRED, np.uint8)
    for place, design in enumerate(DESIGNS):
        speaking = {
            kind: [r for r in rules if r["kind"] == kind and design in r["designs"]] for kind in ("need", "bar")
        }
        score = np.array(place, np.uint8)
        for rule in speaking["need"]:
            score = score + holds(rule, has) * np.uint8(len(DESIGNS))
        for rule in speaking["bar"]:
            score = np.where(holds(rule, has), np.uint8(BARRED), score)
        best = np.minimum(best, score)
    assert best.max() < BARRED, "some set of answers leaves nothing to recommend"
    return best % np.uint8(len(DESIGNS))


def designs_of(sets: list[dict], rules: list[dict] = RULES) -> list[str]:
    """The design recommended for each of these sets of answers."""
    return [DESIGNS[place] for place in np.broadcast_to(places(rules, listed(sets)), len(sets))]


def first_for(design: str, kind: str, held: dict[str, list[int]]) -> int:
    """The place of the first entry of a kind that holds and is meant for a design."""
    return next(number for number in held[kind] if design in DATA[kind][number]["designs"])


def decide(sets: list[dict]) -> list[dict]:
    """What the page shows for each of these sets: the design, and the ids or places of what stands beside it."""
    has = listed(sets)

    def where_each_holds(kind: str) -> list[np.ndarray]:
        return [np.broadcast_to(holds(entry, has), len(sets)) for entry in DATA[kind]]

    holding = {kind: where_each_holds(kind) for kind in ("rules", "against", "experiments", "reviews")}
    found = []
    for index, place in enumerate(np.broadcast_to(places(RULES, has), len(sets))):
        best = DESIGNS[place]
        held = {kind: [number for number, where in enumerate(every) if where[index]] for kind, every in holding.items()}
        fired = [RULES[number] for number in held["rules"]]
        barred = {name for rule in fired if rule["kind"] == "bar" for name in rule["designs"]}
        needs = [rule for rule in fired if rule["kind"] == "need"]
        found.append(
            {
                "design": best,
                "fired": [rule["id"] for rule in fired],
                "barred": [name for name in DESIGNS if name in barred],
                "open": [sum(name in rule["designs"] for rule in needs) for name in DESIGNS],
                "reasons": [rule["id"] for rule in fired if best not in rule["designs"]],
                "against": first_for(best, "against", held),
                "experiment": first_for(best, "experiments", held),
                "review": held["reviews"][0],
            }
        )
    return found


def one_answer_away(answers: dict) -> Iterator[tuple[str, str, str]]:
    """Each single answer that would change the recommendation: question, answer, the design it leads to."""
    changes = [(name, one) for name, possible in ANSWERS.items() for one in possible if one != UNKNOWN]
    before, *after = designs_of([answers, *(answers | {name: one} for name, one in changes)])
    for (name, one), design in zip(changes, after, strict=True):
        if design != before:
            yield name, one, design


# Sets of answers to try it on.


@cache
def every() -> tuple[np.ndarray, np.ndarray]:
    """For every set of answers the place of the recommended design, and whether a rule speaks for it."""
    shape = [len(possible) for possible in ANSWERS.values()]
    best = np.broadcast_to(places(RULES, everywhere), shape)
    reason = np.zeros(shape, bool)
    for place, design in enumerate(DESIGNS):
        speaks = (holds(rule, everywhere) for rule in RULES if design not in rule["designs"])
        reason |= reduce(operator.or_, speaks) & (best == place)
    assert best.size == sets_of_answers()
    return best, reason


def given(**answers: str | list[str]) -> np.ndarray:
    """The places of the recommended designs where questions have these answers."""
    best = every()[0]
    for name, those in answers.items():
        wanted = [those] if isinstance(those, str) else those
        best = best.take([ANSWERS[name].index(one) for one in wanted], axis=QUESTIONS.index(name))
    return best


def places_of(*designs: str) -> list[int]:
    """Where these designs stand among DESIGNS."""
    return [DESIGNS.index(design) for design in designs]


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
    sets = [*near_the_scenarios(), *anywhere()]
    return list(zip(sets, decide(sets), strict=True))
