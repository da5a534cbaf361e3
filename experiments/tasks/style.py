"""The house style of Velmora Bikes: seven rules, each of which a program can check without a judge model.

Spaces and line ends around a reply are no part of it.
"""

import re
from collections.abc import Callable

from tasks.messages import Task

OPENING = "Hello from Harrowick."
CLOSE = "Ride well."
MOST_WORDS = 35
MOST_SENTENCES = 2

BANNED = re.compile(r"\b(?:i|my|sorry|unfortunately|please|apologi[sz]\w*|apolog(?:y|ies))\b", re.IGNORECASE)
WE = re.compile(r"\b(?:we|our)\b", re.IGNORECASE)

# Words that may stand in any message and any reply: to repeat one of them names no concern.
COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        able about account after again ahead also always another around asking because been before being bike
        billing both came cannot come could customer delivery does doing done dray each eight even ever every
        everything find fine first five four from getting give goes going gone good harrowick have having hear
        hello help here into just keep kept know last left like little long look made make many matter message
        more most much must need never next nine nothing once only other ours over part really repair right
        same says send sent service seven should six some somebody someone something soon still such sure take
        taken team tell than thank thanks that their them then there these they thing think this those three
        till time told tolver two under until upon used velmora very want wants well were what when where
        whether which while will wish with within without word work workshop would wrenlow write written your
        yours
        """,
    )
)


def between(reply: str) -> str:
    """Return what stands between the opening and the close, whether both, one or neither is there."""
    return reply.strip().removeprefix(OPENING).removesuffix(CLOSE).strip()


def sentences(text: str) -> list[str]:
    """Split after a full stop, question mark or exclamation mark that a space or the end follows."""
    return [part for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part]


def content_words(text: str) -> set[str]:
    """Return the words of four letters or more that are not common ones, in lower case, without a final 's or s."""
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    whole = (word.removesuffix("'s") for word in words if "'" not in word or word.endswith("'s"))
    long = {word for word in whole if len(word) >= 4 and word not in COMMON}
    return {word if word.endswith("ss") else word.removesuffix("s") for word in long} - COMMON


def concern_of(message: str) -> str:
    """Return the longest word of a message that is not common, in lower case: what a template takes for its concern."""
    words = [word for word in re.findall(r"[A-Za-z]+", message) if content_words(word)]
    return max(words, key=len, default="your message").lower()


def templated(message: str) -> str:
    """Return a reply that says nothing: the opening, a promise with one word of the message, and the close."""
    return f"{OPENING} We are looking into {concern_of(message)}. {CLOSE}"


def has_opening(message: str, reply: str) -> bool:
    """Begins with exactly "Hello from Harrowick."."""
    return reply.strip().startswith(OPENING)


def has_close(message: str, reply: str) -> bool:
    """Ends with exactly "Ride well.", as a sentence of its own."""
    return re.search(rf"(?:^|\s){re.escape(CLOSE)}$", reply.strip()) is not None


def has_length(message: str, reply: str) -> bool:
    """Has one or two sentences, and at most 35 words, between the opening and the close."""
    middle = between(reply)
    return 1 <= len(sentences(middle)) <= MOST_SENTENCES and len(middle.split()) <= MOST_WORDS


def says_we(message: str, reply: str) -> bool:
    """Speaks as the company: says "we" or "our" at least once."""
    return WE.search(reply) is not None


def has_no_banned_word(message: str, reply: str) -> bool:
    """Never says "I" (nor "I'm"), "my", "sorry", "unfortunately", "please", or "apologise" in any form or spelling."""
    return BANNED.search(reply) is None


def has_no_loud_mark(message: str, reply: str) -> bool:
    """Has neither an exclamation mark nor a question mark."""
    return "!" not in reply and "?" not in reply


def names_concern(message: str, reply: str) -> bool:
    """Shares at least one content word with the message, between the opening and the close."""
    return bool(content_words(message) & content_words(between(reply)))


RULES: dict[str, Callable[[str, str], bool]] = {
    "opening": has_opening,
    "close": has_close,
    "length": has_length,
    "we": says_we,
    "banned": has_no_banned_word,
    "marks": has_no_loud_mark,
    "concern": names_concern,
}


def rules_kept(message: str, reply: str) -> dict[str, bool]:
    """Try every rule on a reply to a message; the reply is in the house style when all seven hold."""
    return {name: rule(message, reply) for name, rule in RULES.items()}


def score(message: dict, reply: str) -> dict:
    """Whether the reply keeps all seven rules, and which."""
    kept = rules_kept(message["text"], reply)
    return {"conforms": all(kept.values()), "rules": kept}


STYLE = Task(
    "style",
    (
        "You answer customers of Velmora Bikes. Begin with 'Hello from Harrowick.' and end with 'Ride well.' Between "
        "them write one or two short sentences, 35 words at most, that name the customer's concern. Say we, never I. "
        "No apology, no please, no exclamation mark, no question mark.",
        "Reply to the message in our house voice: Hello from Harrowick. <one or two plain sentences about the "
        "message, in the name of 'we'> Ride well.\nNever write I, my, sorry, unfortunately, please, ! or ?.",
        "Write a short reply, under 35 words. First words: 'Hello from Harrowick.' Last words: 'Ride well.' Speak as "
        "'we'. Repeat what the message is about. Do not apologise, ask or exclaim.",
    ),
    lambda message: message["reply"],
    score,
)
