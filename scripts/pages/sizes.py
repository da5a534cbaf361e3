"""What a larger model did to each finding: findings.json names comparisons, the results of both sizes fill them.

A finding is two arms on the same items. Each model either tells them apart (p < 0.05: McNemar's exact test or, of arms
with several seeds, their averages with signs flipped over items) or not, and what the larger one did to the finding is
read off that, so that nobody words a result by hand.
"""

from functools import cache
from pathlib import Path

from scripts.pages import data
from scripts.pages.data import BrokenData
from scripts.pages.generated import Generated
from scripts.paths import DOCS, EXPERIMENTS

FINDINGS = DOCS / "evidence" / "findings.json"
PAGE = DOCS / "evidence" / "size.md"
ALPHA = 0.05
# The models, the larger first, as the table names them; each with its folder below an experiment's results.
SIZES = {"1.5B": "qwen2.5-coder-1.5b", "135M": ""}
# What the larger model did to a finding, in the order in which the page counts it.
CHANGES = {
    "the same": "same outcome",
    "reversed": "reversed",
    "only the larger": "seen only with the larger model",
    "only the smaller": "seen only with the smaller model",
    "neither": "told apart by neither",
}
METRIC = {"type": "array", "items": data.TEXT, "minItems": 1, "description": "the fields of metrics.json on the way"}
ARM = data.record({"name": data.TEXT, "metric": METRIC})
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
        {"fewer": data.TEXT},  # what is counted, where the arm with fewer is the better one
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
    return problems


def metrics_file(experiment: str, size: str) -> Path:
    """Where the metrics of an experiment with the model of a size are, once it has run."""
    return EXPERIMENTS / experiment / "results" / SIZES[size] / "metrics.json"


def has_both(experiment: str) -> bool:
    """Whether an experiment has been run with both models."""
    return all(metrics_file(experiment, size).exists() for size in SIZES)


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


def comparison_words(paired: dict, fewer: bool) -> str:
    """A comparison in words: items won and lost (or more and fewer), or the difference over seeds with its interval."""
    p = "p < 0.001" if paired["p"] < 0.001 else f"p = {paired['p']:.2g}"
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
    cells = [what, *(cell(finding, size) for size in SIZES), CHANGES[change_of(finding)]]
    return f"| {' | '.join(cells)} |"


def render() -> str:
    """The generated part of the page: the counts, then a row for each finding that both models were asked."""
    both = [one for one in findings() if has_both(one["experiment"])]
    waiting = sorted({one["experiment"] for one in findings()} - {one["experiment"] for one in both})
    counts = {name: sum(change_of(one) == name for one in both) for name in CHANGES}
    told = "; ".join(f"{count} {CHANGES[name]}" for name, count in counts.items() if count)
    lines = [f"**{len(both)} comparisons with both models: {told}.**" if both else "No experiment has both yet.", ""]
    if waiting:
        lines += [f"Run with the smaller model alone so far: {', '.join(f'`{name}`' for name in waiting)}.", ""]
    lines += [f"| Finding | {' | '.join(SIZES)} | With the larger model |", "|---|---|---|---|"]
    return "\n".join([*lines, *(row(one) for one in both)])


GENERATED = Generated(PAGE, data.shown(FINDINGS), render)
