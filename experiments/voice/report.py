"""What the predictions of the house voice amount to: the report of the strict line, rule by rule, and a few replies.

And the same replies cut and framed by a few lines of code, as the lab of the tickets does it: what needs no model.
"""

import re

from behaviour import report
from kit.evidence import read_rows
from kit.places import DATA
from kit.rates import contest, middle_rows, middle_run, over_seeds, paired, table, words

from voice import rules

PROMPTED = ["instruction", "8 examples", "the 8 nearest examples"]  # shown beside the model tuned on the most
RULES = {
    "opening": "Opens with “Hello from Harrowick.”",
    "close": "Ends with “Ride well.”",
    "length": "One or two sentences, 35 words",
    "we": "Says “we” or “our”",
    "banned": "No “I”, no apology, no “please”",
    "marks": "No “!”, no “?”",
    "concern": "Names what the message is about",
}
REPLIES = 2  # of the first messages of the test, whatever they are
AGAINST = "4 examples"  # the best prompt once its replies are framed


def measure(rows: list[dict]) -> dict:
    """What `behaviour` measures; each rule apart and the first replies, of the middle seed; all replies framed."""
    metrics = report.measure(rows) | {"rules": {}, "said": {}, "framed": {}}
    texts = messages()
    framed = [
        row | {"form": all(rules.score(texts[row["id"]], frame(row["reply"])).values())}
        for row in rows
        if row["arm"] in metrics["arms"]
    ]
    prompted = middle_run([row for row in framed if row["arm"] == AGAINST], "form")
    for arm in metrics["arms"]:
        part = [row for row in framed if row["arm"] == arm]
        metrics["framed"][arm] = over_seeds(part, "form")
        if arm.startswith("tuned on "):
            metrics["framed"][arm]["against"] = paired(middle_run(part, "form"), prompted)
    for arm in [*PROMPTED, list(metrics["arms"])[-1]]:
        part = middle_rows([row for row in rows if row["arm"] == arm], "form")
        metrics["rules"][arm] = {rule: sum(row["rules"][rule] for row in part) for rule in RULES} | {"n": len(part)}
        for row in part[:REPLIES]:
            metrics["said"].setdefault(row["id"], {})[arm] = row["reply"]
    return metrics


def messages() -> dict[str, str]:
    """What was written to the company, by id."""
    return {one["id"]: one["text"] for one in read_rows(DATA / "messages.jsonl")}


def frame(reply: str) -> str:
    """At most two whole sentences of a reply, between the opening and the close."""
    two = re.findall(r"\S[^.!?]*[.!?]", rules.between(reply))[: rules.MOST_SENTENCES]
    return " ".join([rules.OPENING, *two, rules.CLOSE])


def plain(reply: str) -> str:
    """A reply as one line of a table's cell, without marks that Markdown would read."""
    return re.sub(r"([\\|*_`<\[])", r"\\\1", " ".join(reply.split()))


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the curve of `behaviour`; the rules one by one; the replies to the first messages."""
    arms = metrics["rules"]
    lines = [[said, *(f"{figures[rule]}/{figures['n']}" for figures in arms.values())] for rule, said in RULES.items()]
    texts = messages()
    framed = [
        [arm, words(metrics["arms"][arm]["form"]), words(figures), str(metrics["arms"][arm]["tokens"])]
        for arm, figures in metrics["framed"].items()
    ]
    against = [[arm, contest(one["against"])] for arm, one in metrics["framed"].items() if "against" in one]
    replies = [
        ["" if number else texts[id], arm, plain(reply)]
        for id, said in metrics["said"].items()
        for number, (arm, reply) in enumerate(said.items())
    ]
    return report.fragments(metrics) | {
        "table.md": table(
            ["", "All seven rules kept", "Cut and framed by code", "Tokens in the prompt"], framed, right=1
        ),
        "framed.md": table([f"Both framed by code, against {AGAINST}", "All seven rules kept"], against),
        "rules.md": table(["Kept", *arms], lines, right=len(arms)),
        "said.md": table(["The message", "", "The reply"], replies),
    }
