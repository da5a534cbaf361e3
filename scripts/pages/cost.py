"""The cost model's inputs: inputs.json is the truth, and the table of them on the tool's page is made from it.

`python -m scripts.pages.cost` writes the page's part again.
"""

import json
from typing import Any

from scripts.paths import DOCS, SNIPPETS

INPUTS = SNIPPETS / "tools" / "cost" / "inputs.json"
PAGE = DOCS / "tools" / "cost.md"
START, END = "<!-- made from inputs.json: start -->", "<!-- made from inputs.json: end -->"


def read() -> dict[str, Any]:
    """The inputs by name, with units, examples and ranges; the scenarios by name, with what they change."""
    return json.loads(INPUTS.read_text(encoding="utf-8"))


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


def page_with(part: str) -> str:
    """The whole page with its generated part replaced."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    return f"{before}{START}\n\n{part}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page_with(render()), encoding="utf-8")
