"""The decision tool's rules: rules.json is the truth, and the tables on its page are made from it.

What the rules say of a set of answers is read twice: by decide.js for the reader, and by the reference of the tests,
`tests/unit/decide_reference.py`, which goes through every set of answers.
"""

from functools import cache
from math import prod

from scripts.pages import data, ledger
from scripts.pages.generated import Generated
from scripts.paths import DOCS, address_of

RULES = DOCS / "assets" / "tools" / "decide" / "rules.json"
PAGE = DOCS / "tools" / "decide.md"
UNKNOWN = "unknown"

DESIGNS = data.many(data.TEXT)  # by their ids
PROGRAM_OR_NONE = data.PROGRAM | {"type": ["string", "null"]}
# A list of clauses, of which one must hold; a clause gives, for each question it names, the answers that fit.
CLAUSE = {"type": "object", "additionalProperties": data.many(data.TEXT)}
WHEN = data.many(CLAUSE | {"minProperties": 1})
WHEN_OR_ALWAYS = data.many(CLAUSE)  # an empty clause always holds
TEXTS = data.many(data.TEXT)
ANSWER = data.record({"id": data.ID, "label": data.TEXT})
MEASURE = data.record({"text": data.TEXT, "page": data.PAGE, "program": data.PROGRAM})
DESIGN = {name: data.TEXT for name in ("name", "says", "up", "down")}
RULE = {
    "id": data.ID,
    "kind": {"enum": ["bar", "wait", "need"]},
    "designs": DESIGNS,
    "when": WHEN,
    "reason": data.TEXT,
    "claim": data.CLAIM_ID,
    "page": data.PAGE,
    "program": PROGRAM_OR_NONE,
}
SCHEMA = data.record(
    {
        "about": data.TEXT,
        "designs": data.many(  # the simpler first
            data.record({"id": data.ID, "rung": {"type": "integer"}, "page": data.PAGE} | DESIGN)
        ),
        "groups": TEXTS,
        "questions": data.many(
            data.record(
                {
                    "id": data.ID,
                    "group": {"type": "integer", "minimum": 0},  # the place of its heading among the groups
                    "label": data.TEXT,
                    "short": data.TEXT,
                    "answers": data.many(ANSWER, least=2),
                    "measure": MEASURE,
                }
            )
        ),
        # `explains`: the recommendation is the same without the rule, which is there for its reason.
        # `needs`: of a `wait`, what has to be known or made before its designs are built.
        "rules": data.many(data.record(RULE, {"explains": {"const": True}, "needs": data.TEXT})),
        # Where prompting is not measured: with these answers in place of those given, where would they point?
        "ifShort": data.record(
            {"when": WHEN, "answers": {"type": "object", "additionalProperties": data.TEXT}, "text": data.TEXT}
        ),
        # Answers that do not go together.
        "conflicts": data.many(data.record({"when": WHEN, "text": data.TEXT})),
        # What to try before a higher rung, where the answers point to one of these designs.
        "cheaper": data.many(
            data.record(
                {
                    "name": data.TEXT,
                    "designs": DESIGNS,
                    "when": WHEN,
                    "text": data.TEXT,
                    "page": data.PAGE,
                    "program": PROGRAM_OR_NONE,
                }
            )
        ),
        "against": data.many(data.record({"designs": DESIGNS, "when": WHEN_OR_ALWAYS, "text": data.TEXT})),
        "experiments": data.many(
            data.record(
                {
                    "designs": DESIGNS,
                    "when": WHEN_OR_ALWAYS,
                    "text": data.TEXT,
                    "page": data.PAGE,
                    "program": PROGRAM_OR_NONE,
                }
            )
        ),
        "reviews": data.many(
            data.record({"weeks": {"type": "integer", "minimum": 1}, "when": WHEN_OR_ALWAYS, "text": data.TEXT})
        ),
        "limits": TEXTS,
        "scenarios": data.many(
            data.record(
                {
                    "id": data.ID,
                    "name": data.TEXT,
                    "page": data.PAGE,
                    "state": data.TEXT,
                    "expect": data.TEXT,
                    "answers": {"type": "object", "additionalProperties": data.TEXT},
                }
            )
        ),
    }
)


@cache
def read() -> dict:
    """All of rules.json. Raises BrokenData where it is not as it should be."""
    return data.read(RULES, SCHEMA, problems_of)


def answers_in(found: dict) -> dict[str, list[str]]:
    """The answers that each question offers, by their ids."""
    return {question["id"]: [answer["id"] for answer in question["answers"]] for question in found["questions"]}


def problems_of(found: dict) -> list[str]:
    """What no schema can say of the rules: each id stands once, and what they name is there."""
    problems = []
    for kind in ("designs", "questions", "rules", "scenarios"):
        names = [one["id"] for one in found[kind]]
        problems += [f"{kind}: two are called {name}: rename one" for name in data.repeated(names)]
    for question in found["questions"]:
        problems += [f"questions, {question['id']}: {problem}" for problem in problems_of_question(question, found)]
    for rule in found["rules"]:
        if (rule["kind"] == "wait") != ("needs" in rule):
            problems.append(f"rules, {rule['id']}: `needs` belongs to a `wait`, and each `wait` has it")
    problems += [f"ifShort: {problem}" for problem in problems_of_if_short(found)]
    for kind in ("rules", "against", "experiments", "reviews", "conflicts", "cheaper"):
        for number, entry in enumerate(found[kind], 1):
            where = f"{kind}, {entry.get('id', f'entry {number}')}"
            problems += [f"{where}: {problem}" for problem in problems_of_entry(entry, found)]
    for one in found["designs"]:
        problems += [f"designs, {one['id']}: {problem}" for problem in problems_of_links(one)]
    for one in found["scenarios"]:
        problems += [f"scenarios, {one['id']}: {problem}" for problem in problems_of_scenario(one, found)]
    return problems


def problems_of_question(question: dict, found: dict) -> list[str]:
    """What is wrong with a question, besides its form."""
    ids = [answer["id"] for answer in question["answers"]]
    problems = [f"two answers are called {name}: rename one" for name in data.repeated(ids)]
    if ids[-1] != UNKNOWN:
        problems.append(f"`answers`: the last must be `{UNKNOWN}`, for everybody may say that they don't know")
    if question["group"] >= len(found["groups"]):
        problems.append(f"`group` is {question['group']}: write a number below {len(found['groups'])}")
    return problems + problems_of_links(question["measure"])


def problems_of_links(entry: dict) -> list[str]:
    """What is wrong with the page, the program and the claim that an entry names."""
    page = data.page_problem(entry["page"]) if "page" in entry else ""
    program = data.program_problem(entry.get("program"))
    problems = [f"`{name}`: {problem}" for name, problem in (("page", page), ("program", program)) if problem]
    if "claim" in entry:
        problems += data.strangers([entry["claim"]], [claim["id"] for claim in ledger.claims()], "claim")
    return problems


def problems_of_entry(entry: dict, found: dict) -> list[str]:
    """What is wrong with something that stands under `when`, besides its form."""
    answers = answers_in(found)
    problems = data.strangers(entry.get("designs", []), [one["id"] for one in found["designs"]], "design")
    for clause in entry["when"]:
        problems += data.strangers(clause, answers, "question")
        for name in clause.keys() & answers.keys():
            problems += data.strangers(clause[name], answers[name], f"answer to {name} called")
    return problems + problems_of_links(entry)


def problems_of_if_short(found: dict) -> list[str]:
    """What is wrong with what is supposed where prompting is not measured, besides its form."""
    answers = answers_in(found)
    supposed = found["ifShort"]["answers"]
    problems = problems_of_entry(found["ifShort"], found) + data.strangers(supposed, answers, "question")
    for name in supposed.keys() & answers.keys():
        problems += data.strangers([supposed[name]], answers[name], f"answer to {name} called")
    return problems


def problems_of_scenario(scenario: dict, found: dict) -> list[str]:
    """What is wrong with a scenario, besides its form."""
    answers = answers_in(found)
    problems = data.strangers([scenario["expect"]], [one["id"] for one in found["designs"]], "design")
    problems += data.strangers(scenario["answers"], answers, "question")
    if missing := [name for name in answers if name not in scenario["answers"]]:
        problems.append(f"`answers` lacks {', '.join(missing)}: a scenario answers every question")
    for name in scenario["answers"].keys() & answers.keys():
        problems += data.strangers([scenario["answers"][name]], answers[name], f"answer to {name} called")
    if problem := data.page_problem(scenario["page"]):
        problems.append(f"`page`: {problem}")
    return problems


# The page's tables.


def label_of(question: str, answer: str) -> str:
    """An answer as the reader sees it."""
    found = next(one for one in read()["questions"] if one["id"] == question)
    return next(one["label"] for one in found["answers"] if one["id"] == answer)


def short_name(question: str) -> str:
    """What a question is called in a table."""
    return next(one["short"] for one in read()["questions"] if one["id"] == question)


def names_of(designs: list[str]) -> str:
    """Designs by name, in a table."""
    return ", ".join(design["name"] for design in read()["designs"] if design["id"] in designs)


def in_words(clause: dict) -> str:
    """A clause in words."""
    parts = []
    for name, those in clause.items():
        left_out = [one for one in answers_in(read())[name] if one not in those]
        one_out = len(left_out) == 1 and len(those) > 2
        words = " or ".join(f"“{label_of(name, one)}”" for one in (left_out if one_out else those))
        parts.append(f"*{short_name(name)}* is {'anything but ' if one_out else ''}{words}")
    return " and ".join(parts)


def program_link(name: str | None) -> list[str]:
    """A link to a program, if there is one."""
    return [f"[`{name.rsplit('/', 1)[-1]}`](../{address_of(name)})"] if name else []


def questions_table() -> list[str]:
    lines = ["| Question | Answers besides \"I don't know\" | If you don't know, measure this first |", "|---|---|---|"]
    for question in read()["questions"]:
        answers = "; ".join(one["label"] for one in question["answers"] if one["id"] != UNKNOWN)
        measure = question["measure"]
        how = ", ".join([f"[how](../{measure['page']})", *program_link(measure["program"])])
        lines.append(f"| **{question['label']}** | {answers} | {measure['text']} ({how}) |")
    return lines


def rules_table(kind: str, head: str) -> list[str]:
    waits = kind == "wait"
    lines = [f"| When | Why | {'First needed | ' if waits else ''}{head} | Evidence |", "|---|---|---|---|---|"]
    lines[1] = lines[1] if waits else lines[1][:-4]
    for rule in read()["rules"]:
        if rule["kind"] == kind:
            claim = rule["claim"]
            evidence = [f"[{claim}](../evidence/claims.md#{claim.lower()})", f"[page](../{rule['page']})"]
            evidence += program_link(rule["program"])
            when = "; or ".join(map(in_words, rule["when"]))
            needs = f"{rule['needs']} | " if waits else ""
            lines.append(f"| {when} | {rule['reason']} | {needs}{names_of(rule['designs'])} | {', '.join(evidence)} |")
    return lines


def scenarios_table() -> list[str]:
    lines = ["| Scenario | At which point | The rules say |", "|---|---|---|"]
    for one in read()["scenarios"]:
        link = f"[{one['name']}](../{one['page']})"
        lines.append(f"| {link} | {one['state']} | {names_of([one['expect']])} |")
    return lines


def cheaper_table() -> list[str]:
    lines = ["| What | When | Why |", "|---|---|---|"]
    for one in read()["cheaper"]:
        when = "; or ".join(map(in_words, one["when"]))
        lines.append(f"| [{one['name']}](../{one['page']}) | {when} | {one['text']} |")
    return lines


def designs_table() -> list[str]:
    lines = ["| Design | What would move you up | What would move you down |", "|---|---|---|"]
    lines += [f"| [{one['name']}](../{one['page']}) | {one['up']} | {one['down']} |" for one in read()["designs"]]
    return lines


def sets_of_answers() -> int:
    """How many sets of answers there are, "I don't know" included."""
    return prod(map(len, answers_in(read()).values()))


def folded(words: str, table: list[str]) -> list[str]:
    """A table under a line that opens it, with JavaScript or without; the number of its rows is in brackets."""
    return [
        '<details class="decide-static" markdown>',
        f"<summary>{words} ({len(table) - 2})</summary>",
        "",
        *table,
        "",
        "</details>",
        "",
    ]


def render() -> str:
    """The generated part of the page."""
    parts = [
        ["## The rules, to read { #the-rules }", ""],
        [f"The answers make {sets_of_answers():,} sets, and tests go through all of them.", ""],
        folded("The questions, and what to measure if you don't know", questions_table()),
        folded("What rules a design out", rules_table("bar", "Rules out")),
        folded("What a design has to wait for", rules_table("wait", "Not yet")),
        folded("What a design leaves open", rules_table("need", "Left open by")),
        folded("What to try before you climb", cheaper_table()),
        folded("The scenarios, and what the rules say of them", scenarios_table()),
        folded("For each design, what would move you up or down", designs_table()),
        ["## What it does not know", ""],
        [f"- {limit}" for limit in read()["limits"]],
    ]
    return "\n".join(line for part in parts for line in part)


GENERATED = Generated(PAGE, data.shown(RULES), render)
