"""Judging one answer: does it hold an accepted fact, does it decline, is it the label, has it the form?

The judges are blunt on purpose: each decides the same way on every machine, without a model. What they get wrong can be
corrected by hand in a case's judgements.csv.
"""

import json
import re
import unicodedata
from collections.abc import Sequence

import jsonschema

CURRENCY = "£€$¥"
SIGN = "⁻"  # stands for a minus that belongs to the number after it
UNITS = (  # whose plural is the same unit
    "second|minute|hour|day|night|week|month|year|mile|metre|meter|kilometre|kilometer|pound|euro|dollar|cent|point"
    "|degree|gram|kilogram|kilo|litre|liter|watt|volt|page|item|book|time"
)
SAME = str.maketrans("’‘ʼ−–—‐‑“”", "'''-----" + '""')
# A refusal to answer, in the ways small models word one.
ABSTAINS = re.compile(
    r"\b(?:don't|do not|doesn't|does not|didn't|did not|cannot|can't|couldn't|could not|isn't|is not|not|unable to)"
    r" (?:\w+ ){0,2}?"
    r"(?:know|say|tell|mention|mentioned|provide|provided|state|stated|specify|specified|answer|available|given|sure"
    r"|have|contain)\b"
    r"|\bunknown\b|\bno information\b|\bno answer\b|\bnot enough information\b"
)


def canonical(text: str) -> str:
    """The text in the form in which answers are compared.

    Lower case; accents composed; one kind of apostrophe and hyphen; no commas, so that 1,000 is 1000; £5.00 is £5;
    "30-day" and "30 days" are "30 day"; a minus sign stays with its number. Idempotent.
    """
    text = unicodedata.normalize("NFKC", text).translate(SAME).casefold()
    text = re.sub(r"(?<=\d)[ '](?=\d{3}(?!\d))", "", text) if re.search(r"\d[ ']\d{3}(?!\d)", text) else text
    text = text.replace(",", "")
    text = re.sub(rf"(?<![\w)\]}}%])-(?=[{CURRENCY}]? ?\.?\d)", SIGN, text)
    text = re.sub(rf"([{CURRENCY}]) (?=\d)", r"\1", text)
    text = re.sub(rf"([{CURRENCY}]\d+\.\d*?[1-9])0+(?![\d.]*\d)", r"\1", text)  # £5.50 is £5.5
    text = re.sub(r"(?<![\d.])(\d+)\.0+(?!\d|\.\d)", r"\1", text)  # 5.00 is 5; 2.0.1 is a version
    text = re.sub(r"(?<=\d)-(?=[^\W\d_])", " ", text)  # 30-day
    text = re.sub(r"(?<=\d) ?(?:%|per ?cent\b)", "%", text)
    text = re.sub(rf"\b({UNITS})s\b", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()


def holds(answer: str, accepted: Sequence[str]) -> bool:
    """Whether an answer holds one of the accepted strings, as whole words and whole numbers.

    "£490" does not hold "£49", "2.5 years" does not hold "5 years", "-5" does not hold "5". An answer that names the
    right number among wrong ones passes. False where nothing is accepted.
    """
    text = canonical(answer)
    return any(_stands_in(fact, text) for fact in map(canonical, accepted) if fact)


def _stands_in(fact: str, text: str) -> bool:
    """Whether a canonical fact stands in a canonical text with nothing glued to it."""
    before = rf"(?<!{SIGN})" if fact[0] != SIGN else ""
    before += rf"(?<!{SIGN}[{CURRENCY}])" if fact[0].isdigit() else ""
    before += r"(?<!\w)(?<!\d\.)" if fact[0].isalnum() else ""
    after = r"(?!\w|\.\d)" if fact[-1].isalnum() else ""
    return re.search(before + re.escape(fact) + after, text) is not None


def abstains(answer: str) -> bool:
    """Whether an answer declines: it says that it does not know, or that the text does not tell. Silence declines."""
    text = canonical(answer)
    return not text or ABSTAINS.search(text) is not None


def label_of(answer: str, labels: Sequence[str]) -> str | None:
    """The one label that an answer names, or None where it names none or several.

    An answer that *is* a label counts even where one label is a part of another. A label in a JSON answer's only value
    counts too, which is how servers answer whose decoding was constrained.
    """
    text = canonical(_only_value(answer)).strip(" .!*\"'`:")
    by_text = {canonical(label): label for label in labels}
    if text in by_text:
        return by_text[text]
    named = [form for form in by_text if _stands_in(form, text)]
    longest = [form for form in named if not any(form != other and form in other for other in named)]
    return by_text[longest[0]] if len(longest) == 1 else None


def _only_value(answer: str) -> str:
    """The value of a JSON object that has just one, else the answer itself."""
    try:
        value = json.loads(answer)
    except ValueError:
        return answer
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return value if isinstance(value, str) else answer


def has_pattern(answer: str, pattern: str) -> bool:
    """Whether the whole answer, without spaces at its ends, matches a regular expression."""
    return re.fullmatch(pattern, answer.strip(), re.DOTALL) is not None


def fits_schema(answer: str, schema: dict) -> bool:
    """Whether an answer is JSON that a JSON Schema accepts. A code fence round it is forgiven."""
    text = re.sub(r"^```\w*\n(.*?)\n?```$", r"\1", answer.strip(), flags=re.DOTALL)
    try:
        jsonschema.validate(json.loads(text), schema)
    except (ValueError, jsonschema.ValidationError):
        return False
    return True


def same_output(answer: str, wanted: str) -> bool:
    """Whether an answer is the wanted output: as JSON where both are, else as canonical text."""
    try:
        return json.loads(answer) == json.loads(wanted)
    except ValueError:
        return canonical(answer) == canonical(wanted)
