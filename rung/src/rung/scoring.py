"""Judging one answer: does it hold an accepted fact, does it decline, is it the label, has it the form?

The judges are blunt on purpose: each decides the same way on every machine, without a model. What they get wrong can be
corrected by hand (see rung.judgements).
"""

import json
import re
import unicodedata
from collections.abc import Sequence

import jsonschema

# Typographic apostrophes, quotes, hyphens, en dash and minus sign in plain ASCII; soft hyphens, zero-width spaces out.
MARKS = str.maketrans("\u2018\u2019\u02bc\u201c\u201d\u201e\u2010\u2011\u2013\u2212", "'''\"\"\"----", "\u00ad\u200b")
UNITS = "%|°c|mm|cm|km|kg|mg|ml|kwh|wh|nm|psi|ms|kb|mb|gb|tb|px|mph|am|pm"
SIGN = "\u2212"  # stands for a minus that belongs to the number after it
FORMS = [
    (re.compile(pattern), form)
    for pattern, form in (
        (r"(?<!\w)(?:-|minus )(?=[£€$¥]?\d)", SIGN),  # a sign, no hyphen
        (r"(?<=\d),(?=\d{3}(?!\d))|,(?!\d)|(?<!\d),", ""),  # 2,640 is 2640, commas between words go; 3,4 is not 34
        (r"(?<![\w.,])(\d+)(?:[.,]00|\.0)(?!\w|[.,]\d)", r"\1"),  # £5.00 is £5
        (r"(?<=[£€$¥]) (?=\d)", ""),  # £ 5 is £5
        (rf"(?<=\d)(?=(?:{UNITS})(?!\w))|(?<=[^\W_])-(?=[^\W\d_])", " "),  # 45km is 45 km, 30-day is 30 day; RX-3 stays
        (r"(?<=\d) ([^\W\d_]{2,}?)s'?(?!\w)", r" \1"),  # 30 days is 30 day
    )
]
NO_JSON = (ValueError, RecursionError)  # small models write brackets without end
# Writing without spaces between words (Thai, Lao, Burmese, Khmer, Japanese, Chinese), or with endings joined to names
# (Korean): where a word begins and ends there cannot be told from its neighbours.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
LETTER = rf"[^\W{UNSPACED}]"  # of a word that ends at a space
# A refusal to answer, in the ways small models word one.
ABSTAINS = re.compile(
    r"\b(?:don't|do not|doesn't|does not|didn't|did not|cannot|can't|couldn't|could not|isn't|is not|not|unable to)"
    r" (?:\w+ ){0,2}?"
    r"(?:know|say|tell|mention|mentioned|provide|provided|state|stated|specify|specified|answer|available|sure"
    r"|contain|(?:given|listed|covered|included) (?:in|here)|have (?:\w+ ){0,2}?(?:information|answer|details?|data))\b"
    r"|\b(?:i|we) (?:don't|do not|didn't) have\b|(?:not|n't) given$"
    r"|\bunknown\b|\bno (?:information|answer|mention|details?|idea)\b|\bnot enough information\b"
)


def canonical(text: str) -> str:
    """The text in the form in which answers are compared: one of case, accents, quotes, dashes, figures and units.

    It is what the guide's programs call `plain`: 1,000 is 1000, £5.00 is £5, "30-day" and "30 days" are "30 day", and a
    minus sign stays with its number.
    """
    text = " ".join(unicodedata.normalize("NFC", text).casefold().translate(MARKS).split())
    for pattern, form in FORMS:
        text = pattern.sub(form, text)
    return text


def holds(answer: str, accepted: Sequence[str]) -> bool:
    """Whether an answer holds one of the accepted strings, in whole words and figures: 5 is not in -5, 15, 5.2 or RX-5.

    An answer that names the right number among wrong ones passes. False where nothing is accepted.
    """
    return stands_in(canonical(answer), [canonical(fact) for fact in accepted])


def stands_in(text: str, facts: Sequence[str]) -> bool:
    """The same for what is canonical already: for one passage and many questions."""
    before = rf"(?<!{LETTER})(?<!{SIGN})(?<!{SIGN}[£€$¥])(?<!\d[.,])(?<![^\W\d_]-)"
    after = rf"(?!{LETTER}|[+#]|[.,]\d)"
    return any(fact in text and re.search(f"{before}{re.escape(fact)}{after}", text) for fact in facts if fact)


def is_unspaced(text: str) -> bool:
    """Whether most letters of a text are of a writing without spaces between words."""
    return 2 * len(re.findall(f"[{UNSPACED}]", text)) > len(re.findall(r"[^\W\d_]", text))


def abstains(answer: str) -> bool:
    """Whether an answer declines: it says that it does not know, or that the text does not tell. Silence declines."""
    text = canonical(answer)
    return not text or ABSTAINS.search(text) is not None


def label_of(answer: str, labels: Sequence[str]) -> str | None:
    """The one label that an answer names, or None where it names none or several.

    An answer that *is* a label counts even where one label is a part of another, or differs from it in no more than
    case or marks, as "A*" from "A". A label in a JSON answer's only value counts too, which is how servers answer whose
    decoding was constrained.
    """
    said = only_value(answer).strip()
    if said in labels:
        return said
    whole = canonical(said)
    text = whole.strip(" .!*\"'`:")
    by_text = {canonical(label): label for label in labels}
    for form in (whole, text):
        if form in by_text:
            return by_text[form]
    named = [form for form in by_text if stands_in(text, [form])]
    longest = [form for form in named if not any(form != other and form in other for other in named)]
    return by_text[longest[0]] if len(longest) == 1 else None


def only_value(answer: str) -> str:
    """The value of a JSON object that has just one, else the answer itself."""
    try:
        value = json.loads(unfenced(answer))
    except NO_JSON:
        return answer
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return value if isinstance(value, str) else answer


def unfenced(answer: str) -> str:
    """An answer without the code fence that models put round JSON unless they are told not to."""
    return re.sub(r"^```\w*\s*\n(.*?)\n?```$", r"\1", answer.strip(), flags=re.DOTALL)


def has_pattern(answer: str, pattern: str) -> bool:
    """Whether the whole answer, without spaces at its ends, matches a regular expression."""
    return re.fullmatch(pattern, answer.strip(), re.DOTALL) is not None


def fits_schema(answer: str, schema: dict) -> bool:
    """Whether an answer is JSON that a JSON Schema accepts. A code fence round it is forgiven."""
    try:
        jsonschema.validate(json.loads(unfenced(answer)), schema)
    except (*NO_JSON, OverflowError, jsonschema.ValidationError):  # 1e999 is more than a multiple can be told of
        return False
    return True


def same_output(answer: str, wanted: str) -> bool:
    """Whether an answer is the wanted output: as JSON where both are, a code fence forgiven, else as canonical text."""
    try:
        return _same_value(json.loads(unfenced(answer)), json.loads(wanted))
    except NO_JSON:
        return canonical(answer) == canonical(wanted)


def _same_value(one: object, other: object) -> bool:
    """Whether two JSON values are the same. 1 and 1.0 are one number; true, which is 1 to Python, is no number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same_value(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same_value, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other
