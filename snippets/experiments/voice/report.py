"""What the predictions of the house voice amount to: the report of the strict line, rule by rule, and a few replies."""

import re

from behaviour import report
from kit.evidence import read_rows
from kit.places import DATA
from kit.rates import middle_rows, table

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


def measure(rows: list[dict]) -> dict:
    """What `behaviour` measures, with each rule apart and the first replies, of the middle seed."""
    metrics = report.measure(rows) | {"rules": {}, "said": {}}
    for arm in [*PROMPTED, list(metrics["arms"])[-1]]:
        part = middle_rows([row for row in rows if row["arm"] == arm], "form")
        metrics["rules"][arm] = {rule: sum(row["rules"][rule] for row in part) for rule in RULES} | {"n": len(part)}
        for row in part[:REPLIES]:
            metrics["said"].setdefault(row["id"], {})[arm] = row["reply"]
    return metrics


def plain(reply: str) -> str:
    """A reply as one line of a table's cell, without marks that Markdown would read."""
    return re.sub(r"([\\|*_`<\[])", r"\\\1", " ".join(reply.split()))


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the curve of `behaviour`; the rules one by one; the replies to the first messages."""
    arms = metrics["rules"]
    lines = [[said, *(f"{figures[rule]}/{figures['n']}" for figures in arms.values())] for rule, said in RULES.items()]
    texts = {one["id"]: one["text"] for one in read_rows(DATA / "messages.jsonl")}
    replies = [
        ["" if number else texts[id], arm, plain(reply)]
        for id, said in metrics["said"].items()
        for number, (arm, reply) in enumerate(said.items())
    ]
    return report.fragments(metrics) | {
        "rules.md": table(["Kept", *arms], lines, right=len(arms)),
        "said.md": table(["The message", "", "The reply"], replies),
    }
