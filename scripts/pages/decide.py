"""The decision ladder: rules.json is the truth, this is its reference reading, and its page's tables are made from it.

`python -m scripts.pages.decide` writes the page's tables again.
"""

import json
from collections.abc import Iterator

from scripts.paths import DOCS, address_of

RULES = DOCS / "assets" / "tools" / "decide" / "rules.json"
PAGE = DOCS / "tools" / "decide.md"
START, END = "<!-- made from rules.json: start -->", "<!-- made from rules.json: end -->"

DATA = json.loads(RULES.read_text(encoding="utf-8"))
DESIGNS = [design["id"] for design in DATA["designs"]]
RUNGS = {design["id"]: design["rung"] for design in DATA["designs"]}
ANSWERS = {question["id"]: [answer["id"] for answer in question["answers"]] for question in DATA["questions"]}


def holds(entry: dict, answers: dict) -> bool:
    """Whether an entry's `when` holds. A question without an answer counts as "I don't know"."""
    return any(all(answers.get(name, "unknown") in those for name, those in clause.items()) for clause in entry["when"])


def decide(answers: dict, rules: list[dict] = DATA["rules"]) -> dict:
    """What the rules say: the recommendation, and the ids of everything that is shown beside it."""
    fired = [rule for rule in rules if holds(rule, answers)]
    barred = {name for rule in fired if rule["kind"] == "bar" for name in rule["designs"]}
    open_needs = {name: [r["id"] for r in fired if r["kind"] == "need" and name in r["designs"]] for name in DESIGNS}
    allowed = [name for name in DESIGNS if name not in barred]
    best = min(allowed, key=lambda name: len(open_needs[name]))  # the first of the smallest: the simpler on a tie
    return {
        "design": best,
        "fired": [rule["id"] for rule in fired],
        "barred": [name for name in DESIGNS if name in barred],
        "open": [len(open_needs[name]) for name in DESIGNS],
        "reasons": [r["id"] for r in fired if best not in r["designs"]],
        "against": index_of("against", best, answers),
        "experiment": index_of("experiments", best, answers),
        "review": next(index for index, entry in enumerate(DATA["reviews"]) if holds(entry, answers)),
    }


def index_of(kind: str, design: str, answers: dict) -> int:
    """Which of the arguments or experiments for a design comes first."""
    every = enumerate(DATA[kind])
    return next(index for index, entry in every if design in entry["designs"] and holds(entry, answers))


def one_answer_away(answers: dict) -> Iterator[tuple[str, str, str]]:
    """Each single answer that would change the recommendation: question, answer, the design it leads to."""
    before = decide(answers)["design"]
    for question, possible in ANSWERS.items():
        for answer in possible:
            after = decide(answers | {question: answer})["design"]
            if answer != "unknown" and after != before:
                yield question, answer, after


# The page's tables.


def label(question: str, answer: str) -> str:
    """An answer as the reader sees it."""
    found = next(one for one in DATA["questions"] if one["id"] == question)
    return next(one["label"] for one in found["answers"] if one["id"] == answer)


def short(question: str) -> str:
    """What a question is called in a table."""
    return next(one["short"] for one in DATA["questions"] if one["id"] == question)


def names_of(designs: list[str]) -> str:
    """Designs by name, in a table."""
    return ", ".join(design["name"] for design in DATA["designs"] if design["id"] in designs)


def told(clause: dict) -> str:
    """A clause in words."""
    parts = []
    for name, those in clause.items():
        left_out = [one for one in ANSWERS[name] if one not in those]
        one_out = len(left_out) == 1 and len(those) > 2
        words = " or ".join(f"“{label(name, one)}”" for one in (left_out if one_out else those))
        parts.append(f"*{short(name)}* is {'anything but ' if one_out else ''}{words}")
    return " and ".join(parts)


def program_link(name: str | None) -> list[str]:
    """A link to a program, if there is one."""
    return [f"[`{name.rsplit('/', 1)[-1]}`](../{address_of(name)})"] if name else []


def questions_table() -> list[str]:
    lines = ["| Question | Answers besides \"I don't know\" | If you don't know, measure this first |", "|---|---|---|"]
    for question in DATA["questions"]:
        answers = "; ".join(one["label"] for one in question["answers"] if one["id"] != "unknown")
        measure = question["measure"]
        how = ", ".join([f"[how](../{measure['page']})", *program_link(measure["program"])])
        lines.append(f"| **{question['label']}** | {answers} | {measure['text']} ({how}) |")
    return lines


def rules_table(kind: str, head: str) -> list[str]:
    lines = [f"| When | Why | {head} | Evidence |", "|---|---|---|---|"]
    for rule in DATA["rules"]:
        if rule["kind"] == kind:
            claim = rule["claim"]
            evidence = [f"[{claim}](../evidence/claims.md#{claim.lower()})", f"[page](../{rule['page']})"]
            evidence += program_link(rule["program"])
            when = "; or ".join(map(told, rule["when"]))
            lines.append(f"| {when} | {rule['reason']} | {names_of(rule['designs'])} | {', '.join(evidence)} |")
    return lines


def scenarios_table() -> list[str]:
    lines = ["| Scenario | At which point | The rules say |", "|---|---|---|"]
    for one in DATA["scenarios"]:
        link = f"[{one['name']}](../ladder/scenarios.md#{one['section']})"
        lines.append(f"| {link} | {one['state']} | {names_of([one['expect']])} |")
    return lines


def designs_table() -> list[str]:
    lines = ["| Design | What would move you up | What would move you down |", "|---|---|---|"]
    lines += [f"| [{one['name']}](../{one['page']}) | {one['up']} | {one['down']} |" for one in DATA["designs"]]
    return lines


def render() -> str:
    """The generated part of the page."""
    parts = [
        ["## The questions", ""],
        questions_table(),
        ["", "## The rules", "", "### What rules a design out", ""],
        rules_table("bar", "Rules out"),
        ["", "### What a design leaves open", ""],
        rules_table("need", "Left open by"),
        ["", "## The scenarios", ""],
        scenarios_table(),
        ["", "## Up and down", ""],
        designs_table(),
        ["", "## What it does not know", ""],
        [f"- {limit}" for limit in DATA["limits"]],
    ]
    return "\n".join(line for part in parts for line in part)


def page_with(part: str) -> str:
    """The whole page with its generated part replaced."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    return f"{before}{START}\n\n{part}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page_with(render()), encoding="utf-8")
