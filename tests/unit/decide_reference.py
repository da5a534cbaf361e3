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

from scripts.pages.decide import UNKNOWN, answers_in, read

DATA = read()
RULES = DATA["rules"]
DESIGNS = [design["id"] for design in DATA["designs"]]
RUNG_OF = np.array([design["rung"] for design in DATA["designs"]], np.uint8)
ANSWERS = answers_in(DATA)
QUESTIONS = list(ANSWERS)
OWN_MODEL = {
    "output": "text", "fault": "domain", "knowledge": "given", "change": "seldom", "sources": "no",
    "control": "neither",
    "latency": "relaxed", "volume": "middle", "examples": "corpus", "team": "research", "prompt": "short",
    "paste": "wrong", "tuned": "short",
}  # fmt: skip
BARRED = 255
MOST_EXPERIMENTS = 3
KINDS_OF_RULE = ("bar", "wait", "need")
SHOWN = ("rules", "against", "experiments", "cheaper", "conflicts", "reviews")


def kinds_of_answers(question: str) -> dict[str, int]:
    """Each answer with a number that it shares with the answers from which no rule tells it apart.

    Rules see no difference within a number, so what holds for one answer of each holds for all of them, and the space
    of all sets is a tenth as large.
    """
    clauses = [clause for entry in [*RULES, DATA["ifShort"]] for clause in entry["when"] if question in clause]
    fits = {answer: tuple(answer in clause[question] for clause in clauses) for answer in ANSWERS[question]}
    numbers = list(dict.fromkeys(fits.values()))
    return {answer: numbers.index(fit) for answer, fit in fits.items()}


KINDS = {question: kinds_of_answers(question) for question in QUESTIONS}

# Tells for which sets of answers a question has one of these answers, as an array with a value for each set.
Has = Callable[[str, list[str]], np.ndarray]


def listed(sets: list[dict]) -> Has:
    """For a list of sets of answers. A question without an answer counts as "I don't know"."""
    places = {name: {one: place for place, one in enumerate(possible)} for name, possible in ANSWERS.items()}
    columns = {
        name: np.array([places[name][answers.get(name, UNKNOWN)] for answers in sets], np.uint8) for name in QUESTIONS
    }
    return lambda name, those: np.array([one in those for one in ANSWERS[name]])[columns[name]]


def everywhere(name: str, those: list[str]) -> np.ndarray:
    """For every set of answers: an array with an axis for each question, of length 1 where it makes no difference.

    An axis has a place for each number in KINDS.
    """
    length = max(KINDS[name].values()) + 1
    shape = [1] * len(QUESTIONS)
    shape[QUESTIONS.index(name)] = length
    fitting = {KINDS[name][answer] for answer in those}
    return np.array([number in fitting for number in range(length)]).reshape(shape)


# What the rules say.


def holds(entry: dict, has: Has) -> np.ndarray:
    """Where an entry's `when` holds: where one of its clauses does, in which every question has one of the answers."""
    always = np.array(True)
    clauses = (reduce(operator.and_, (has(*one) for one in clause.items()), always) for clause in entry["when"])
    return reduce(operator.or_, clauses)


def places(rules: list[dict], has: Has, barring: tuple[str, ...] = ("bar", "wait")) -> np.ndarray:
    """The place of the design to build now among DESIGNS. The rules always leave one, or this raises an AssertionError.

    It is the design, of those that need neither stay out nor wait, that leaves the fewest needs open; on a tie the
    first, which is the simpler. With `barring` of ("bar",) it is the one to which the answers point.
    """
    best = np.array(BARRED, np.uint8)
    for place, design in enumerate(DESIGNS):
        speaking = [rule for rule in rules if design in rule["designs"]]
        score = np.array(place, np.uint8)
        for rule in speaking:
            if rule["kind"] == "need":
                score = score + holds(rule, has) * np.uint8(len(DESIGNS))
        for rule in speaking:
            if rule["kind"] in barring:
                score = np.where(holds(rule, has), np.uint8(BARRED), score)
        best = np.minimum(best, score)
    assert best.max() < BARRED, "some set of answers leaves nothing to recommend"
    return best % np.uint8(len(DESIGNS))


def designs_of(sets: list[dict], rules: list[dict] = RULES) -> list[str]:
    """The design to build now for each of these sets of answers."""
    return [DESIGNS[place] for place in np.broadcast_to(places(rules, listed(sets)), len(sets))]


def directions_of(sets: list[dict], rules: list[dict] = RULES) -> list[str]:
    """The design to which each of these sets of answers points."""
    return [DESIGNS[place] for place in np.broadcast_to(places(rules, listed(sets), ("bar",)), len(sets))]


def experiments_for(designs: list[str], held: list[int]) -> list[int]:
    """The places of the experiments for these designs; one that always fits only where no other does."""
    found = []
    for design in designs:
        fitting = [number for number in held if design in DATA["experiments"][number]["designs"]]
        special = [number for number in fitting if {} not in DATA["experiments"][number]["when"]]
        found += special or fitting[:1]
    return list(dict.fromkeys(found))[:MOST_EXPERIMENTS]


def shown_for(design: str, direction: str, short: str, held: dict[str, list[int]]) -> dict:
    """What the page shows where these are the designs and these entries of each kind hold."""
    fired = [RULES[number] for number in held["rules"]]
    named = {
        kind: {name for rule in fired if rule["kind"] == kind for name in rule["designs"]} for kind in KINDS_OF_RULE
    }
    needs = [rule for rule in fired if rule["kind"] == "need"]
    return {
        "design": design,
        "direction": direction,
        "ifShort": None if short == direction else short,
        "fired": [rule["id"] for rule in fired],
        "barred": [name for name in DESIGNS if name in named["bar"]],
        "waiting": [name for name in DESIGNS if name in named["wait"] and name not in named["bar"]],
        "open": [sum(name in rule["designs"] for rule in needs) for name in DESIGNS],
        "reasons": [rule["id"] for rule in fired if direction not in rule["designs"]],
        "waits": [rule["id"] for rule in fired if rule["kind"] == "wait" and direction in rule["designs"]],
        "against": next(number for number in held["against"] if direction in DATA["against"][number]["designs"]),
        "experiments": experiments_for([design, direction], held["experiments"]),
        "cheaper": [number for number in held["cheaper"] if direction in DATA["cheaper"][number]["designs"]],
        "conflicts": held["conflicts"],
        "review": held["reviews"][0],
    }


def decide(sets: list[dict]) -> list[dict]:
    """What the page shows for each of these sets: the designs, and the ids or places of what stands beside them."""
    has = listed(sets)

    def where_each_holds(kind: str) -> list[np.ndarray]:
        return [np.broadcast_to(holds(entry, has), len(sets)) for entry in DATA[kind]]

    holding = {kind: where_each_holds(kind) for kind in SHOWN}
    unmeasured = np.broadcast_to(holds(DATA["ifShort"], has), len(sets))
    directions = directions_of(sets)
    supposed = directions_of([answers | DATA["ifShort"]["answers"] for answers in sets])
    found = []
    for index, design in enumerate(designs_of(sets)):
        held = {kind: [number for number, where in enumerate(every) if where[index]] for kind, every in holding.items()}
        short = supposed[index] if unmeasured[index] else directions[index]
        found.append(shown_for(design, directions[index], short, held))
    return found


def one_answer_away(answers: dict) -> Iterator[tuple[str, str, str]]:
    """Each single answer that would change where they point: question, answer, the design it leads to."""
    changes = [(name, one) for name, possible in ANSWERS.items() for one in possible if one != UNKNOWN]
    before, *after = directions_of([answers, *(answers | {name: one} for name, one in changes)])
    for (name, one), design in zip(changes, after, strict=True):
        if design != before:
            yield name, one, design


# Sets of answers to try it on.


def shape_of_all() -> list[int]:
    """The length of each axis of the space of all sets of answers."""
    return [max(KINDS[question].values()) + 1 for question in QUESTIONS]


@cache
def every() -> tuple[np.ndarray, np.ndarray]:
    """For every set of answers the place of the design to build now, and of the one to which they point."""
    now, direction = (np.broadcast_to(places(RULES, everywhere, kinds), shape_of_all()) for kinds in BARRING)
    return now, direction


BARRING = (("bar", "wait"), ("bar",))


@cache
def has_reason() -> np.ndarray:
    """For every set of answers whether a rule speaks for the design to which they point."""
    direction = every()[1]
    reason = np.zeros(direction.shape, bool)
    for place, design in enumerate(DESIGNS):
        speaks = (holds(rule, everywhere) for rule in RULES if design not in rule["designs"])
        reason |= reduce(operator.or_, speaks) & (direction == place)
    return reason


def part(array: np.ndarray, **answers: str | list[str]) -> np.ndarray:
    """What an array over all sets of answers holds where questions have these answers."""
    for name, those in answers.items():
        wanted = [those] if isinstance(those, str) else those
        numbers = sorted({KINDS[name][one] for one in wanted})
        array = array.take(numbers, axis=QUESTIONS.index(name))
    return array


def given(**answers: str | list[str]) -> np.ndarray:
    """The places of the designs to build now where questions have these answers."""
    return part(every()[0], **answers)


def pointed_to(**answers: str | list[str]) -> np.ndarray:
    """The places of the designs to which sets with these answers point."""
    return part(every()[1], **answers)


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
