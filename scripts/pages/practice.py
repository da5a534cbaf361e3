"""The practice page without JavaScript: its prompts as text, made from prompts.json, which the tool reads too."""

import re
from functools import cache
from html import escape
from itertools import product

from scripts.pages import data, ledger
from scripts.pages.generated import Generated
from scripts.paths import DOCS

PROMPTS = DOCS / "assets" / "tools" / "practice" / "prompts.json"
PAGE = DOCS / "tools" / "practice.md"
FEWEST_WORDS, MOST_WORDS = 90, 200
ADDRESS = re.compile(r"\]\([^)]*\)")
PHRASING = data.TEXT | {"not": {"pattern": "[.!?] [A-Z]"}, "description": "one sentence, as a good candidate says it"}


def prompt_schema(kind: dict, most_points: int) -> dict:
    """The schema of a prompt of this kind."""
    point = data.record({"id": data.ID, "point": data.TEXT, "phrasings": data.many(PHRASING, least=3, most=5)})
    return data.record(
        {
            "id": data.ID,
            "kind": kind,
            "level": {"type": "integer"},
            "prompt": data.TEXT,
            "rubric": data.many(point, least=4, most=most_points),
            "answer": data.TEXT,
            "probe": data.record({"question": data.TEXT, "answer": data.TEXT}),
            "page": data.PAGE,  # where the guide says it
            "claims": data.many(data.CLAIM_ID),
        }
    )


SCHEMA = data.record(
    {
        "about": data.TEXT,
        "kinds": data.many(data.record({"id": data.ID, "name": data.TEXT, "note": data.TEXT})),
        "levels": data.many(data.record({"id": {"type": "integer"}, "name": data.TEXT, "note": data.TEXT})),
        "drill": prompt_schema({"const": "drill"}, most_points=8),
        "prompts": data.many(prompt_schema(data.ID, most_points=6)),
    }
)


@cache
def practice() -> dict:
    """All of it: kinds, levels, the drill and the prompts. Raises BrokenData where it is not as it should be."""
    return data.read(PROMPTS, SCHEMA, problems_of)


def problems_of(found: dict) -> list[str]:
    """What no schema can say of the prompts: each id stands once, and what they name is there."""
    prompts = [found["drill"], *found["prompts"]]
    problems = [f"two prompts are called {name}: rename one" for name in data.repeated([one["id"] for one in prompts])]
    levels = [level["id"] for level in found["levels"]]
    kinds = [kind["id"] for kind in found["kinds"]]
    for prompt in prompts:
        wrong = data.strangers([prompt["kind"]], kinds, "kind") if prompt is not found["drill"] else []
        wrong += data.strangers([prompt["level"]], levels, "level")
        problems += [f"{prompt['id']}: {problem}" for problem in wrong + problems_of_prompt(prompt)]
    asked = {(prompt["kind"], prompt["level"]) for prompt in found["prompts"]}
    problems += [
        f"no prompt is of the kind {kind} and the level {level}: the tool, asked for both, would find nothing"
        for kind, level in product(kinds, levels)
        if (kind, level) not in asked
    ]
    return problems


def problems_of_prompt(prompt: dict) -> list[str]:
    """What is wrong with a prompt, besides its form, its kind and its level."""
    problems = data.strangers(prompt["claims"], [claim["id"] for claim in ledger.claims()], "claim")
    problems += [f"`page`: {problem}"] if (problem := data.page_problem(prompt["page"])) else []
    points = [point["id"] for point in prompt["rubric"]]
    problems += [f"two points are called {name}: rename one" for name in data.repeated(points)]
    words = len(ADDRESS.sub("", prompt["answer"]).split())
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        problems.append(f"`answer` has {words} words: write {FEWEST_WORDS} to {MOST_WORDS}, what two minutes hold")
    if not prompt["probe"]["question"].endswith(("?", ".", '"')):
        problems.append("`probe`: end the question with a question mark")
    return problems


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
    count = f"{len(read['prompts'])} prompts of {len(read['kinds'])} kinds, and the drill."
    lines = [count, "", "### The drill", "", *render_prompt(read["drill"], levels)]
    for kind in read["kinds"]:
        note = kind["note"][0].upper() + kind["note"][1:]
        lines += [f"### {kind['name']}", "", note if note.endswith("?") else f"{note}.", ""]
        for prompt in read["prompts"]:
            if prompt["kind"] == kind["id"]:
                lines += render_prompt(prompt, levels)
    return "\n".join(lines).rstrip()


GENERATED = Generated(PAGE, data.shown(PROMPTS), render)
