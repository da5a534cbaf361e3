"""What the predictions of `voice` amount to: metrics, tables rule by rule, the learning curve, and a few replies.

And what needs no model: the same replies post-processed by a few lines of code, as the lab of the tickets does it, and
a template with one word of the message in it.
"""

import re

from kit.contrasts import contrast, contrasts_table, with_family
from kit.rows import Rows
from kit.statistics import by_arm, median_rows, over_seeds, proportion, proportion_words
from kit.tables import table
from tasks import prompt_or_tune_report as shared
from tasks import style
from tasks.messages import messages

PROMPTED = ["instruction", "8 examples", "the 8 most similar examples"]  # shown beside the model fine-tuned on the most
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
AGAINST = "4 examples"  # the best prompt once its replies are post-processed
HEAD = "All seven rules kept"
TEMPLATE = "a template with a word of the message, no model"


def measure(rows: Rows) -> dict:
    """What the two studies share; each rule and the first replies, of the median seed; all replies post-processed."""
    parts = {shared.label(arm): part for arm, part in by_arm(rows).items() if arm.split == "test"}
    metrics = shared.measure(rows) | {"rules": {}, "said": {}, "post-processed": {}}
    post_processed = post_processed_replies(parts)
    for arm in metrics["arms"]:
        metrics["post-processed"][arm] = over_seeds(post_processed[arm], "conforms")
        if arm in metrics["sizes"]:
            metrics["post-processed"][arm]["against"] = contrast(
                post_processed[arm], post_processed[AGAINST], "conforms"
            )
    metrics["template"] = measure_template([row["id"] for row in parts[AGAINST]])
    for arm in [*PROMPTED, list(metrics["arms"])[-1]]:
        part = median_rows(parts[arm], "conforms")
        metrics["rules"][arm] = {rule: sum(row["rules"][rule] for row in part) for rule in RULES} | {"n": len(part)}
        for row in part[:REPLIES]:
            metrics["said"].setdefault(row["id"], {})[arm] = row["reply"]
    return with_family(metrics)


def measure_template(ids: list[str]) -> dict:
    """How many of the template's replies keep all rules, and the first messages with what it replies."""
    texts = texts_by_id()
    replies = {id: style.templated(texts[id]) for id in ids}
    kept = [all(style.rules_kept(texts[id], reply).values()) for id, reply in replies.items()]
    return {"conforms": proportion(kept), "said": dict(list(replies.items())[:REPLIES])}


def post_processed_replies(parts: dict[str, Rows]) -> dict[str, Rows]:
    """The rows of each arm with the reply post-processed and scored again."""
    texts = texts_by_id()
    return {
        arm: [
            row | {"conforms": all(style.rules_kept(texts[row["id"]], post_process(row["reply"])).values())}
            for row in part
        ]
        for arm, part in parts.items()
    }


def texts_by_id() -> dict[str, str]:
    """What was written to the company."""
    return {one["id"]: one["text"] for one in messages("test")}


def post_process(reply: str) -> str:
    """At most two whole sentences of a reply, between the opening and the close."""
    two = re.findall(r"\S[^.!?]*[.!?]", style.between(reply))[: style.MOST_SENTENCES]
    return " ".join([style.OPENING, *two, style.CLOSE])


def plain(reply: str) -> str:
    """A reply as one line of a table's cell, without marks that Markdown would read."""
    return re.sub(r"([\\|*_`<\[])", r"\\\1", " ".join(reply.split()))


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the learning curve, by file name."""
    rules, texts = metrics["rules"], texts_by_id()
    lines = [
        [
            arm,
            proportion_words(metrics["arms"][arm]["conforms"]),
            proportion_words(post_processed),
            str(metrics["arms"][arm]["tokens"]),
        ]
        for arm, post_processed in metrics["post-processed"].items()
    ]
    lines.append([TEMPLATE, proportion_words(metrics["template"]["conforms"]), "", ""])
    against = {arm: one["against"] for arm, one in metrics["post-processed"].items() if "against" in one}
    rule_lines = [
        [description, *(f"{figures[rule]}/{figures['n']}" for figures in rules.values())]
        for rule, description in RULES.items()
    ]
    replies = [
        ["" if number else texts[id], arm, plain(reply)]
        for id, said in metrics["said"].items()
        for number, (arm, reply) in enumerate((said | {TEMPLATE: metrics["template"]["said"][id]}).items())
    ]
    return {
        "table.md": table(["", HEAD, "Post-processed", "Tokens in the prompt"], lines, right=1),
        "post-processed.md": contrasts_table([f"Both post-processed, against {AGAINST}"], against, metrics),
        "rules.md": table(["Kept", *rules], rule_lines, right=len(rules)),
        "said.md": table(["The message", "", "The reply"], replies),
        "compared.md": shared.compared_table(metrics, {"conforms": HEAD}),
        "tried.md": shared.tried_table(metrics, [HEAD]),
        "curve.svg": shared.learning_curve(
            metrics, "Learning a house style", {"conforms": "all seven rules kept, fine-tuned"}
        ),
    }
