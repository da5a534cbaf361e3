"""Triage: a message becomes one line, `team / urgency / product`."""

import re

from tasks.messages import Task

LINE = re.compile(r"(billing|delivery|repair|account) / (low|high) / (Tolver|Wrenlow|Dray|none)")
MAX_NEW_TOKENS = 16


def target(message: dict) -> str:
    """The line of a labelled message."""
    return f"{message['team']} / {message['urgency']} / {message['product']}"


def score(message: dict, reply: str) -> dict[str, bool]:
    """Whether the reply is a line of the right format, and whether every field of it is correct."""
    return {"conforms": bool(LINE.fullmatch(reply)), "correct": reply == target(message)}


TRIAGE = Task(
    "triage",
    (
        "Reply with one line and nothing else: team / urgency / product. The team is billing, delivery, repair or "
        "account. The urgency is low or high. The product is Tolver, Wrenlow, Dray or none.",
        "You sort messages for Velmora Bikes. Answer in exactly this form, on one line:\n"
        "<billing|delivery|repair|account> / <low|high> / <Tolver|Wrenlow|Dray|none>",
        "Classify the customer's message. Output only three words separated by ' / ': which team handles it (billing, "
        "delivery, repair, account), how urgent it is (low, high), which bike it names (Tolver, Wrenlow, Dray, none).",
    ),
    target,
    score,
)
