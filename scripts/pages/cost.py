"""The cost calculator: inputs.json is the truth, and the table of inputs on the page of costs is made from it."""

from functools import cache
from typing import Any

from scripts.pages import data
from scripts.pages.generated import Generated
from scripts.paths import DOCS, SNIPPETS

INPUTS = SNIPPETS / "trade-offs" / "cost" / "inputs.json"
PAGE = DOCS / "trade-offs" / "cost.md"
SCENARIOS_PAGE = "ladder/scenarios.md"


NUMBER = {"type": "number"}
SCHEMA = data.record(
    {
        "inputs": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {
                "pattern": "^[a-z]+(_[a-z]+)*$",
                "description": "a name in small letters, words joined by underscores",
            },
            "additionalProperties": data.record(
                {
                    "label": data.TEXT,
                    "unit": {"type": "string"},
                    "example": NUMBER,
                    "lowest": NUMBER,
                    "highest": NUMBER,
                    "group": data.TEXT,
                    "help": {"type": "string"},  # may be empty
                }
            ),
        },
        # By name: the ways it compares, its section in scenarios.md (empty for the example), and inputs it changes.
        "scenarios": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "ways": data.many({"enum": ["prompting", "retrieval", "tuned", "combined"]}),
                    "anchor": {"type": "string"},
                    "why": data.TEXT,
                },
                "required": ["ways", "anchor", "why"],
                "additionalProperties": NUMBER,
            },
        },
    }
)


@cache
def read() -> dict[str, Any]:
    """The inputs by name, with units, examples and ranges; the scenarios by name, with what they change.

    Raises BrokenData where the file is not as it should be.
    """
    return data.read(INPUTS, SCHEMA, problems_of)


def out_of_range(field: str, figure: float, about: dict[str, Any]) -> list[str]:
    """A complaint about a figure outside the range of its input."""
    lowest, highest = about["lowest"], about["highest"]
    fits = lowest <= figure <= highest
    return [] if fits else [f"`{field}` is {figure}: write a figure from {lowest} to {highest}"]


def problems_of(found: dict[str, Any]) -> list[str]:
    """What no schema can say of the inputs: figures lie in their ranges, groups are together, scenarios name inputs."""
    problems, groups = [], []
    for name, about in found["inputs"].items():
        problems += [f"inputs, {name}: {problem}" for problem in out_of_range("example", about["example"], about)]
        if about["group"] in groups[:-1]:
            problems.append(f"inputs, {name}: move it up to the other inputs of the group {about['group']}")
        groups += [about["group"]] if about["group"] not in groups else []
    for name, changes in found["scenarios"].items():
        figures = {key: value for key, value in changes.items() if key not in ("ways", "anchor", "why")}
        wrong = data.strangers(figures, found["inputs"], "input")
        for key in figures.keys() & found["inputs"].keys():
            wrong += out_of_range(key, figures[key], found["inputs"][key])
        if changes["anchor"] and (problem := data.page_problem(f"{SCENARIOS_PAGE}#{changes['anchor']}")):
            wrong.append(f"`anchor`: {problem}")
        problems += [f"scenarios, {name}: {problem}" for problem in wrong]
    return problems


def render() -> str:
    """The generated part of the page: a row for each input, in its group."""
    lines = ["| Input | Example | Unit | Range |", "|---|--:|---|---|"]
    group = ""
    for about in read()["inputs"].values():
        if about["group"] != group:
            group = about["group"]
            lines.append(f"| **{group}** | | | |")
        label = about["label"] + (f" ({about['help']})" if about["help"] else "")
        lines.append(
            f"| {label} | {about['example']:,} | {about['unit']} | {about['lowest']:,} to {about['highest']:,} |"
        )
    return "\n".join(lines)


GENERATED = Generated(PAGE, data.shown(INPUTS), render)
