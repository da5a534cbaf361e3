"""Ask for a numbered source with the answer, and check the citation instead of believing it."""

import re
import sys
import unicodedata
from functools import cache

import torch
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
SOURCES = [
    "Collection of a returned bike costs £35 for a Wrenlow or a Tolver and £70 for a Dray.",
    "You have 30 days from the day of delivery to return a bike.",
    "A test ride is free and lasts 45 minutes. An overnight loan costs £30.",
]
WRITTEN_BY_HAND = [
    "You have 30 days to return a bike [2].",
    "You have 30 days to return a bike [3].",
    "You have 30 days to return a bike [7].",
    "You have 90 days to return a bike [2].",
    "There is a 90-day return period [2].",
    "You have 30 days, and collecting a Dray costs £70 [1, 2].",
    "You have 30 days, and collecting a Dray costs £70 [2].",
    "You have 30 days to return a bike.",
    "Helmets cannot be returned [9].",
]
QUESTIONS = [
    "How long do I have to return a bike?",
    "How long is a test ride?",
    "What does it cost to have a Dray collected?",
]
# A sum of money, a percentage or a number with its unit, as `plain` writes them: £35, 12 %, 30 day.
NO_UNIT = r"(?:and|or|of|to|in|on|at|for|from|if|is|are|by|with)\b"
FIGURE = re.compile(rf"\u2212?(?:[£€$¥]\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*(?: (?:%|(?!{NO_UNIT})[^\W\d_]+))?)")

# Typographic apostrophes, quotes, hyphens, en dash and minus sign in plain ASCII; soft hyphens, zero-width spaces out.
MARKS = str.maketrans("\u2018\u2019\u02bc\u201c\u201d\u201e\u2010\u2011\u2013\u2212", "'''\"\"\"----", "\u00ad\u200b")
UNITS = "%|°c|mm|cm|km|kg|mg|ml|kwh|wh|nm|psi|ms|kb|mb|gb|tb|px|mph|am|pm"


@cache  # one passage is compared with the answers to many questions
def plain(text: str) -> str:
    """A text in one form where there are several: of case, accents, quotes, dashes, figures and their units."""
    text = " ".join(unicodedata.normalize("NFC", text).casefold().translate(MARKS).split())
    for pattern, form in (
        (r"(?<!\w)(?:-|minus )(?=[£€$¥]?\d)", "\u2212"),  # a sign, no hyphen
        (r"(?<=\d),(?=\d{3}(?!\d))|,(?!\d)|(?<!\d),", ""),  # 2,640 is 2640, commas between words go; 3,4 is not 34
        (r"(?<![\w.,])(\d+)(?:[.,]00|\.0)(?!\w|[.,]\d)", r"\1"),  # £5.00 is £5
        (r"(?<=[£€$¥]) (?=\d)", ""),  # £ 5 is £5
        (rf"(?<=\d)(?=(?:{UNITS})(?!\w))|(?<=[^\W_])-(?=[^\W\d_])", " "),  # 45km is 45 km, 30-day is 30 day; RX-3 stays
        (r"(?<=\d) ([^\W\d_]{2,}?)s'?(?!\w)", r" \1"),  # 30 days is 30 day
    ):
        text = re.sub(pattern, form, text)
    return text


def holds(text: str, accepted: list[str]) -> bool:
    """Whether a text has an accepted answer in whole words and figures: 5 is not in -5, 15, 5.2 or RX-5."""
    before = r"(?<![\w\u2212])(?<!\u2212[£€$¥])(?<!\d[.,])(?<![^\W\d_]-)"
    answers = [re.escape(answer) for answer in map(plain, accepted) if answer]
    return any(re.search(rf"{before}{answer}(?![\w+#]|[.,]\d)", plain(text)) for answer in answers)


def sources_cited(answer: str) -> set[int]:
    """The numbers in square brackets: [2], [1][2], [1, 2] and [1-3]."""
    numbers = set()
    for group in re.findall(r"\[([\d\s,;\u2013-]+)\]", answer):
        for first, last in re.findall(r"(\d+)(?:\s*[\u2013-]\s*(\d+))?", group):
            numbers.update(range(int(first), int(last or first) + 1))
    return numbers


def check(answer: str) -> str:
    """Compare the sources an answer cites with those there are, and with those that hold each figure in it."""
    cited = sources_cited(answer)
    figures = FIGURE.findall(plain(re.sub(r"\[[\d\s,;\u2013-]+\]", "", answer)))
    holding = [{number for number, source in enumerate(SOURCES, 1) if holds(source, [figure])} for figure in figures]
    if unknown := cited - set(range(1, len(SOURCES) + 1)):
        return f"no such source {unknown}"
    if not figures:
        return "no figure to check" if cited else "no citation, no figure to check"
    if not all(holding):
        return "reject, no source says this"
    wanted = set.intersection(*holding) or set.union(*holding)  # one source for all of it, else one for each figure
    if not cited:
        return f"no citation, attach {wanted}"
    if idle := cited - set.union(*holding):
        return f"wrong citation {idle}, it should be {wanted}"
    return "holds" if all(cited & sources for sources in holding) else f"citation missing, it should be {wanted}"


for answer in WRITTEN_BY_HAND:
    print(f"By hand:  {answer}\nCheck:    {check(answer)}")

disable_progress_bar()
try:
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    generator = pipeline("text-generation", MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
if generator.tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")

numbered = "\n".join(f"[{number}] {source}" for number, source in enumerate(SOURCES, 1))
request = f"Answer in one sentence, using only these sources, and cite the source by its number.\n\n{numbered}"
for question in QUESTIONS:
    messages = [{"role": "user", "content": f"{request}\n\nQuestion: {question}"}]
    answer = generator(messages, max_new_tokens=40, do_sample=False)[0]["generated_text"][-1]["content"]
    print(f"\nQuestion: {question}\nAnswer:   {answer}\nVerdict:  {check(answer)}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "torch==2.13.0",
#     "transformers==5.23.0",
# ]
#
# [tool.uv.sources]
# torch = { index = "pytorch-cpu" }  # spares gigabytes of CUDA; leave these lines out if you have a graphics card
#
# [[tool.uv.index]]
# name = "pytorch-cpu"
# url = "https://download.pytorch.org/whl/cpu"
# explicit = true
# ///
