"""What a larger model did to each finding: findings.json names comparisons, the results of both sizes fill them.

A finding is two arms on the same items. Each model either tells them apart (p < 0.05: McNemar's exact test or, of arms
with several seeds, their averages with signs flipped over items) or not. That one model tells them apart and the other
does not is no evidence that the models differ: that is tested by itself, on the difference of the two differences of
each item. Nobody words a result by hand.
"""

from fractions import Fraction
from functools import cache
from pathlib import Path

from scripts.pages import data
from scripts.pages.data import BrokenData
from scripts.pages.generated import Generated
from scripts.pages.kept_answers import (
    SIZES,
    averages,
    compared,
    is_begun,
    is_whole,
    outcomes,
    results_of,
    sign_flip,
)
from scripts.paths import DOCS, EXPERIMENTS

FINDINGS = DOCS / "evidence" / "findings.json"
PAGE = DOCS / "evidence" / "size.md"
ALPHA = 0.05
# What the larger model did to a finding, in the order in which the page counts it.
CHANGES = {
    "the same": "same outcome",
    "reversed": "reversed",
    "only the larger": "told apart with the larger model only",
    "only the smaller": "told apart with the smaller model only",
    "neither": "told apart by neither",
}
METRIC = {"type": "array", "items": data.TEXT, "minItems": 1, "description": "the fields of metrics.json on the way"}
ARM = data.record({"name": data.TEXT, "metric": METRIC})
# Which kept answers the arms are, so that the models can be compared item by item; needed once both have run. An arm of
# another experiment, on the same items, names it in `experiment`.
ITEMS = data.record({"field": data.TEXT, "first": {"type": "object"}, "second": {"type": "object"}})
# What is known of runs with the larger model that are not whole: experiment, unit, kind of question, what is counted.
PARTS = {
    "two passages, in the documents' words": ("hybrid", {"unit": "instruction 0", "wording": "direct"}, "correct"),
    "two passages, paraphrased": ("hybrid", {"unit": "instruction 0", "wording": "paraphrase"}, "correct"),
}
SCHEMA = data.many(
    data.record(
        {
            "id": data.ID,
            "question": data.TEXT,
            "experiment": data.TEXT,
            "page": data.PAGE,  # where the finding is told
            "first": ARM,
            "second": ARM,
            "paired": METRIC,  # the first against the second: won, lost, p; or the difference over seeds, p
        },
        {
            "fewer": data.TEXT,  # what is counted, where the arm with fewer is the better one
            "items": ITEMS,
        },
    )
)


@cache
def findings() -> list[dict]:
    """All findings, as findings.json holds them. Raises BrokenData where one is not as it should be."""
    return data.read(FINDINGS, SCHEMA, problems_of)


def problems_of(found: list[dict]) -> list[str]:
    """What no schema can say of the findings: each has an id of its own and an experiment that there is."""
    problems = [
        f"the id {name} stands twice: give each its own" for name in data.repeated([one["id"] for one in found])
    ]
    known = sorted(file.parent.name for file in EXPERIMENTS.glob("*/experiment.py"))
    for one in found:
        unknown = data.strangers([one["experiment"]], known, "experiment called")
        problems += [f"{one['id']}: `experiment`: {problem}" for problem in unknown]
        if not unknown and "items" not in one and has_both(one["experiment"]):
            problems.append(f"{one['id']}: add `items`, for both models have run and are compared item by item")
    return problems


def metrics_file(experiment: str, size: str) -> Path:
    """Where the metrics of an experiment with the model of a size are, once it has run."""
    return results_of(experiment, size) / "metrics.json"


def has_both(experiment: str) -> bool:
    """Whether an experiment has been run with both models, wholly."""
    return all(is_whole(experiment, size) for size in SIZES)


@cache
def metrics_of(experiment: str, size: str) -> dict:
    """The metrics of an experiment with the model of a size."""
    return data.parse(metrics_file(experiment, size))


def figure(finding: dict, size: str, path: list[str]) -> dict:
    """A figure of a finding. Raises BrokenData where the metrics have none there."""
    value = metrics_of(finding["experiment"], size)
    for step in path:
        if not isinstance(value, dict) or step not in value:
            file = data.shown(metrics_file(finding["experiment"], size))
            raise BrokenData(f"{data.shown(FINDINGS)}: {finding['id']}: {file} has no {' / '.join(path)}.")
        value = value[step]
    return value


def outcome(finding: dict, size: str) -> str:
    """Which of the two arms was better: "first", "second", or "neither" where the test cannot tell them apart."""
    paired = figure(finding, size, finding["paired"])
    if paired["p"] >= ALPHA:
        return "neither"
    lead = paired["difference"] if "difference" in paired else paired["won"] - paired["lost"]
    has_more, has_fewer = ("first", "second") if lead > 0 else ("second", "first")
    return has_fewer if "fewer" in finding else has_more


def change_of(finding: dict) -> str:
    """What the larger model did to a finding: one of CHANGES."""
    larger, smaller = (outcome(finding, size) for size in SIZES)
    if larger == smaller:
        return "neither" if larger == "neither" else "the same"
    if "neither" in {larger, smaller}:
        return "only the smaller" if larger == "neither" else "only the larger"
    return "reversed"


def answers_of(finding: dict, size: str, arm: str) -> dict[str, Fraction]:
    """In which share of its runs an arm of a finding was right, by item."""
    return averages(finding["experiment"], size, finding["items"][arm], finding["items"]["field"])


def interaction(finding: dict) -> dict:
    """How much more the first arm leads with the larger model than with the smaller: points, and a p-value.

    The items are the same, so each has a difference between the arms with each model, seeds averaged, and the test
    flips the signs of the difference of those two (exact, two-sided).
    """
    arms = [[answers_of(finding, size, arm) for arm in ("first", "second")] for size in SIZES]
    (first, second), (first_small, second_small) = arms
    if not first.keys() == second.keys() == first_small.keys() == second_small.keys():
        raise BrokenData(f"{finding['id']}: the two models must have answered the same items")
    more = [first[one] - second[one] - (first_small[one] - second_small[one]) for one in first]
    return {"points": float(100 * sum(more) / len(more)), "p": sign_flip(more)}


def interaction_words(figures: dict) -> str:
    """Whether the models were shown to differ in a finding, and how sure that is."""
    said = f"{figures['points']:+.0f} points, {p_words(figures['p'])}".replace("-", "\u2212", 1)
    return f"**the models differ**: {said}" if figures["p"] < ALPHA else f"not shown that the models differ: {said}"


def cell(finding: dict, size: str) -> str:
    """Both arms and their comparison with the model of a size, as a cell of the table."""
    first, second = (figure(finding, size, finding[arm]["metric"]) for arm in ("first", "second"))
    paired = figure(finding, size, finding["paired"])
    better = {
        "first": finding["first"]["name"],
        "second": finding["second"]["name"],
        "neither": "cannot be told apart",
    }[outcome(finding, size)]
    shares = f"{first['hits']}/{first['n']} against {second['hits']}/{second['n']}"
    return f"{shares}<br>**{better}**<br>{comparison_words(paired, 'fewer' in finding)}"


def p_words(p: float) -> str:
    """A p-value as the table prints it."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def comparison_words(paired: dict, fewer: bool) -> str:
    """A comparison in words: items won and lost (or more and fewer), or the difference over seeds with its interval."""
    p = p_words(paired["p"])
    if "difference" in paired:
        difference, low, high = (round(100 * paired[name]) for name in ("difference", "low", "high"))
        return f"{difference:+d} points ({low:+d} to {high:+d}), {p}"
    more, less = ("more", "fewer") if fewer else ("won", "lost")
    return f"{paired['won']} {more}, {paired['lost']} {less}, {p}"


def row(finding: dict) -> str:
    """A finding as a row of the table."""
    page = finding["page"]
    arms = f"{finding['first']['name']} against {finding['second']['name']}"
    counted = f"; {finding['fewer']}" if "fewer" in finding else ""
    what = f"[{finding['question']}](../{page})<br>{arms}{counted}"
    change = f"{CHANGES[change_of(finding)]}<br>{interaction_words(interaction(finding))}"
    cells = [what, *(cell(finding, size) for size in SIZES), change]
    return f"| {' | '.join(cells)} |"


def part_row(name: str) -> str:
    """What both models got of one part of a run that is not whole, and how the larger compares with the smaller."""
    experiment, where, field = PARTS[name]
    figures = compared(*(outcomes(experiment, size, where, field) for size in SIZES))
    shares = [f"{figures[arm]}/{figures['n']}" for arm in ("first", "second")]
    said = f"{figures['won']} won, {figures['lost']} lost, {p_words(figures['p'])}"
    return f"| {name} (`{experiment}`) | {' | '.join(shares)} | {said} |"


def coverage() -> str:
    """Which experiments were run with which model, in a sentence each."""
    larger, smaller = SIZES
    names = sorted(file.parent.name for file in EXPERIMENTS.glob("*/experiment.py"))
    groups = {
        "Run with both models": [name for name in names if has_both(name)],
        "Begun with the larger model, whole with the smaller": [
            name for name in names if is_whole(name, smaller) and is_begun(name, larger)
        ],
        "Run with the smaller model alone": [
            name for name in names if is_whole(name, smaller) and not (is_begun(name, larger) or is_whole(name, larger))
        ],
        "Not yet whole with either": [name for name in names if not is_whole(name, smaller)],
    }
    told = [f"{said}: {', '.join(f'`{name}`' for name in members)}." for said, members in groups.items() if members]
    return " ".join(told)


def render() -> str:
    """The generated part of the page: coverage, counts, a row for each finding of both models, then the parts."""
    both = [one for one in findings() if has_both(one["experiment"])]
    counts = {name: sum(change_of(one) == name for one in both) for name in CHANGES}
    told = "; ".join(f"{count} {CHANGES[name]}" for name, count in counts.items() if count)
    differ = sum(interaction(one)["p"] < ALPHA for one in both)
    shown = f"That the models differ has p < 0.05 for {differ}, not corrected for the number of tests."
    lines = [f"**{len(both)} comparisons with both models: {told}. {shown}**" if both else "No experiment has both."]
    lines += ["", coverage(), "", f"| Finding | {' | '.join(SIZES)} | With the larger model |", "|---|---|---|---|"]
    lines += [row(one) for one in both]
    lines += ["", "## Parts of runs that are not whole { #parts }", ""]
    lines += [f"| The same questions to both | {' | '.join(SIZES)} | 1.5B against 135M |", "|---|---|---|---|"]
    return "\n".join([*lines, *map(part_row, PARTS)])


GENERATED = Generated(PAGE, data.shown(FINDINGS), render)
