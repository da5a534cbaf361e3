"""What is made from the prompts of the practice tool.

All of them as text on a page of their own, in folded parts, and the short file that the tool fetches first: with the
prompts' rubrics and answers the tool's page would weigh a third more at first view.
"""

import json
import re
from functools import cache
from html import escape
from itertools import product
from string import ascii_uppercase

from scripts.pages import data, ledger
from scripts.pages.generated import Generated
from scripts.paths import DOCS

PROMPTS = DOCS / "assets" / "tools" / "practice" / "prompts.json"
INDEX = PROMPTS.with_name("index.json")
TEXTS = DOCS / "tools" / "prompts.md"
SPOKEN = [DOCS / "interview" / name for name in ("follow-ups.md", "harder-questions.md")]  # pages of strong answers
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
        length = data.counted(words, "word", "words")
        problems.append(f"`answer` has {length}: write {FEWEST_WORDS} to {MOST_WORDS}, what two minutes hold")
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


def answered_on(prompt: dict) -> str:
    """The page below docs/ on which the same question has a strong answer already; empty where none has it."""
    anchor = f"{{ #{prompt['id']} }}"
    pages = [page for page in SPOKEN if anchor in page.read_text(encoding="utf-8")]
    return f"{pages[0].relative_to(DOCS).as_posix()}#{prompt['id']}" if pages else ""


def render_answer(prompt: dict) -> list[str]:
    """The strong answer, or a link to the page that has it."""
    if page := answered_on(prompt):
        return [f"[A strong answer, and a weak one](../{page}).", ""]
    return [
        "A strong answer:",
        "",
        "\n".join(f"> {line}".rstrip() for line in from_here(prompt["answer"]).split("\n")),
        "",
    ]


def render_prompt(prompt: dict, levels: dict[int, str]) -> list[str]:
    """One prompt, closed: what it is, the rubric, the strong answer, the next probe."""
    lines = [f'<details class="practice-static" id="{prompt["id"]}" markdown>']
    lines += [f"<summary>{escape(prompt['prompt'], quote=False)}</summary>", ""]
    lines += [f"*{levels[prompt['level']]}.* A good answer says:", ""]
    lines += [
        f"- **{letter}** {point['point']}" for letter, point in zip(ascii_uppercase, prompt["rubric"], strict=False)
    ]
    lines += ["", *render_answer(prompt)]
    lines += [f"**The next probe:** {prompt['probe']['question']} → {from_here(prompt['probe']['answer'])}", ""]
    claims = [f"[{claim}](../evidence/claims.md#{claim.lower()})" for claim in prompt["claims"]]
    lines += [" · ".join([f"[Where the guide says it](../{prompt['page']})", *claims]), "", "</details>", ""]
    return lines


def count() -> str:
    """How many prompts there are, in a sentence."""
    read = practice()
    return f"{len(read['prompts'])} prompts of {len(read['kinds'])} kinds, and the drill."


def by_kind() -> list[tuple[str, str, list[dict]]]:
    """Each kind's name, what it is in a sentence, and its prompts."""
    groups = []
    for kind in practice()["kinds"]:
        note = kind["note"][0].upper() + kind["note"][1:]
        prompts = [prompt for prompt in practice()["prompts"] if prompt["kind"] == kind["id"]]
        groups.append((kind["name"], note if note.endswith("?") else f"{note}.", prompts))
    return groups


def render_texts() -> str:
    """The page of all prompts as text: the drill, then the prompts by kind."""
    levels = {level["id"]: level["name"] for level in practice()["levels"]}
    lines = [count(), "", "## The drill", "", *render_prompt(practice()["drill"], levels)]
    for name, note, prompts in by_kind():
        lines += [f"## {name}", "", note, ""]
        for prompt in prompts:
            lines += render_prompt(prompt, levels)
    return "\n".join(lines).rstrip()


def render_index() -> str:
    """What the tool needs to ask and to keep the score: kinds, levels, and each prompt with its points, one a line."""

    def line(prompt: dict) -> str:
        points = [{"id": point["id"], "point": point["point"]} for point in prompt["rubric"]]
        short = {key: prompt[key] for key in ("id", "kind", "level", "prompt")} | {"rubric": points}
        return json.dumps(short, ensure_ascii=False)

    read = practice()
    lines = [f'"{key}": {json.dumps(read[key], ensure_ascii=False)},' for key in ("kinds", "levels")]
    prompts = ",\n".join(map(line, read["prompts"]))
    return "\n".join(["{", *lines, f'"drill": {line(read["drill"])},', '"prompts": [', prompts, "]", "}", ""])


SOURCE = data.shown(PROMPTS)
GENERATED = [
    Generated(TEXTS, SOURCE, render_texts),
    Generated(INDEX, SOURCE, render_index, is_whole_file=True),
]
