"""Cases for the cost model, and what the program, which is its definition, says of each."""

import importlib.util
import random
from types import SimpleNamespace as Case

from scripts.pages.cost import INPUTS, read

PROGRAM = INPUTS.with_name("reckon_the_cost.py")
DATA = read()
RANGES, SCENARIOS = DATA["inputs"], DATA["scenarios"]
EXAMPLE = {name: about["example"] for name, about in RANGES.items()}
CASES = 12_000


def load(path):
    """A program as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


model = load(PROGRAM)
PAIRS = [(way, other) for way in model.WAYS for other in model.WAYS if way != other]


def draw(rng: random.Random, name: str) -> float:
    """A value of an input: an end of its range, the example, nothing, or anything between, small values as often."""
    about = RANGES[name]
    lowest, highest = about["lowest"], about["highest"]
    kind = rng.random()
    if kind < 0.3:
        value = rng.choice([lowest, highest, about["example"], max(0, lowest)])
    elif kind < 0.6 or lowest < 0:
        value = rng.uniform(lowest, highest)
    else:
        value = max(lowest, highest * 10 ** -rng.uniform(0, 12))
    return round(value) if name in ("months", "cached") else value


def drawn_cases(count: int = CASES) -> list[dict]:
    """The scenarios, each input at each end of its range, then random cases, always the same."""
    cases = [
        EXAMPLE | {name: value for name, value in changes.items() if name in EXAMPLE} for changes in SCENARIOS.values()
    ]
    cases += [EXAMPLE | {name: about[end]} for name, about in RANGES.items() for end in ("lowest", "highest")]
    cases += [{name: about[end] for name, about in RANGES.items()} for end in ("lowest", "highest")]
    rng = random.Random(5)
    while len(cases) < count:
        # Half are drawn whole; the other half move a few inputs, so that ordinary cases come up too.
        names = list(EXAMPLE) if rng.random() < 0.5 else rng.sample(list(EXAMPLE), 4)
        cases.append(EXAMPLE | {name: draw(rng, name) for name in names})
    return cases


def reckon(case: dict, pair: tuple[str, str], deep: bool) -> list:
    """Everything the program says of a case."""
    c, found = Case(**case), []
    for way in model.WAYS:
        spent = model.cumulative(way, c)
        found += [model.per_query(way, c), *model.fixed(way, c), spent[0], spent[len(spent) // 2], spent[-1]]
    found += [model.break_even_month(*pair, c), model.break_even_queries(*pair, c)]
    if deep:
        found += [part for row in model.sensitivity(*pair, c, RANGES) for part in row]
    return found
