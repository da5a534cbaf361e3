"""Triage: a message becomes one line, `team / urgency / product`."""

import re

from tasks.messages import Task

LINE = re.compile(r"(billing|delivery|repair|account) / (low|high) / (Tolver|Wrenlow|Dray|none)")
MAX_NEW_TOKENS = 16
# The rule by which people labelled the messages, as snippets/data/README.md has it.
RULE = (
    "The team is decided by what has to be done next. Billing: charges, invoices, refunds of money, payment cards, "
    "vouchers. Delivery: anything on its way to or from the customer, with whatever was missing or broken in the "
    "parcel. Repair: a bike, battery or charger that does not work as it should, spare parts for it, and service "
    "bookings. Account: signing in, the app's settings, personal details, who may ride, plan changes, pauses and "
    "cancellations.\n"
    "The urgency is high when somebody may be hurt (a fire, a failing brake, a blocked exit, a person being "
    "followed), when the customer has a bike and cannot ride it at all, or when money has been taken wrongly. "
    "Everything else is low. A bike that has not come yet is low. So is a question about a bill that may well be "
    "right. Shouting is not a criterion.\n"
    "The product is the bike that the message names, or none."
)


def target(message: dict) -> str:
    """The line of a labelled message."""
    return f"{message['team']} / {message['urgency']} / {message['product']}"


def score(message: dict, reply: str) -> dict[str, bool]:
    """Whether the reply is a line of the right format, and whether every field of it is correct."""
    return {"conforms": bool(LINE.fullmatch(reply)), "correct": reply == target(message)}


def product_named(text: str) -> str:
    """The bike that a message names, by a regular expression: no model is needed for this field."""
    found = re.search(r"\b(Wrenlow|Tolver|Dray)", text)
    return found[1] if found else "none"


def with_keyword(message: dict, reply: str) -> str:
    """A reply of the right form with its product taken from the message's words; any other reply as it is."""
    line = LINE.fullmatch(reply)
    return f"{line[1]} / {line[2]} / {product_named(message['text'])}" if line else reply


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
