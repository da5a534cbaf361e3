"""The practice page without JavaScript: its prompts as text, made from prompts.json, which the tool reads too.

`python -m scripts.pages.practice` writes the page's part again.
"""

import json
import re
from html import escape

from scripts.paths import DOCS

PROMPTS = DOCS / "assets" / "tools" / "practice" / "prompts.json"
PAGE = DOCS / "tools" / "practice.md"
START, END = "<!-- made from prompts.json: start -->", "<!-- made from prompts.json: end -->"


def practice() -> dict:
    """All of it: kinds, levels, the drill and the prompts."""
    return json.loads(PROMPTS.read_text(encoding="utf-8"))


def everything() -> list[dict]:
    """The drill and all prompts."""
    read = practice()
    return [read["drill"], *read["prompts"]]


def from_here(text: str) -> str:
    """Links below docs/, as the page writes them."""
    return re.sub(r"\]\((?=[\w./-]+\.md)", "](../", text)


def render_prompt(prompt: dict, levels: dict[int, str]) -> list[str]:
    """One prompt, closed: what it is, the rubric, the strong answer, the next probe."""
    lines = [f'<details class="practice-static" id="{prompt["id"]}" markdown>']
    lines += [f"<summary>{escape(prompt['prompt'], quote=False)}</summary>", ""]
    lines += [f"*{levels[prompt['level']]}.* A good answer says:", ""]
    lines += [f"- **{point['point']}** “{point['phrasings'][0]}”" for point in prompt["rubric"]]
    lines += ["", "A strong answer:", ""]
    lines += ["\n".join(f"> {line}".rstrip() for line in from_here(prompt["answer"]).split("\n")), ""]
    lines += [f"**The next probe:** {prompt['probe']['question']} → {from_here(prompt['probe']['answer'])}", ""]
    claims = [f"[{claim}](../evidence/claims.md#{claim.lower()})" for claim in prompt["claims"]]
    lines += [" · ".join([f"[Where the guide says it](../{prompt['page']})", *claims]), "", "</details>", ""]
    return lines


def render() -> str:
    """The generated part of the page: the drill, then the prompts by kind."""
    read = practice()
    levels = {level["id"]: level["name"] for level in read["levels"]}
    lines = ["### The drill", "", *render_prompt(read["drill"], levels)]
    for kind in read["kinds"]:
        note = kind["note"][0].upper() + kind["note"][1:]
        lines += [f"### {kind['name']}", "", note if note.endswith("?") else f"{note}.", ""]
        for prompt in read["prompts"]:
            if prompt["kind"] == kind["id"]:
                lines += render_prompt(prompt, levels)
    return "\n".join(lines).rstrip()


def page_with(part: str) -> str:
    """The whole page with its generated part replaced."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    return f"{before}{START}\n\n{part}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page_with(render()), encoding="utf-8")
