"""Measure reading apart from retrieval: a small model gets the right passage, the best one found, the best three."""

import json
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path

import torch
from jinja2 import TemplateError
from sentence_transformers import SentenceTransformer
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
REQUEST = "Answer the question from the text."  # chosen on dev, from six wordings
SAMPLE = 100  # of the 140 test questions, which lie in random order


def read(name: str, *fields: str) -> list[dict]:
    """The rows of a file in data/, with these fields of each."""
    lines = Path("data", name).read_text(encoding="utf-8-sig").split("\n")
    rows = [json.loads(line) for line in lines if line.strip()]
    if not rows:
        raise ValueError(f"{name} is empty")
    return [{field: row[field] for field in fields} for row in rows]


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


def cut(text: str, size: int = 40, overlap: int = 10) -> list[str]:
    words = text.split()
    return [" ".join(words[i : i + size]) for i in range(0, max(1, len(words) - overlap), size - overlap)]


def rate(hits: list[bool]) -> str:
    low, high = (100 * bound for bound in proportion_confint(sum(hits), len(hits), method="wilson"))
    return f"{sum(hits)}/{len(hits)} = {sum(hits) / len(hits):.0%} ({low:.0f}-{high:.0f})"


try:
    documents = [d for d in read("documents.jsonl", "id", "title", "status", "text") if d["status"] == "current"]
    chunks = [(d["id"], f"{d['title']}\n{c}") for d in documents for c in cut(d["text"])]
    questions = read("questions.jsonl", "split", "answerable", "direct", "document", "accept")
    questions = [q for q in questions if q["answerable"] and q["split"] == "test"][:SAMPLE]
except (OSError, ValueError, LookupError, TypeError) as error:
    sys.exit(
        "data/documents.jsonl or data/questions.jsonl cannot be read: download both from the guide's page, "
        f"or fix yours ({type(error).__name__}: {error})."
    )
right_chunks = [[i == q["document"] and holds(text, q["accept"]) for i, text in chunks] for q in questions]
if not questions:
    sys.exit("data/questions.jsonl has no answerable question with the split test.")
if lost := [q["direct"] for q, right in zip(questions, right_chunks, strict=True) if not any(right)]:
    print("Left out, because no passage of its document holds an accepted answer:", *lost, sep="\n  ", file=sys.stderr)
pairs = [pair for pair in zip(questions, right_chunks, strict=True) if any(pair[1])]
if not pairs:
    sys.exit("No accepted answer is in a passage of its document: fix `document` or `accept` in questions.jsonl.")
questions, right_chunks = zip(*pairs, strict=True)

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER} or {MODEL}: {error}")
if tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")
if tokenizer.pad_token is None:
    tokenizer.pad_token = tokenizer.eos_token
vectors = embedder.encode_document([text for _, text in chunks], batch_size=8)
scores = embedder.similarity(embedder.encode_query([q["direct"] for q in questions]), vectors).numpy()


def fit(chat: list[dict]) -> list[dict]:
    """The chat as it is; where the model's template takes no system turn, that text goes before the first message."""
    try:
        tokenizer.apply_chat_template(chat, tokenize=False)
        return chat
    except TemplateError:  # from a line of the template; Gemma's has one
        return [{"role": "user", "content": f"{chat[0]['content']}\n\n{chat[1]['content']}"}, *chat[2:]]


def write_prompt(question: dict, near: list[int]) -> str:
    text = "\n\n".join(chunks[i][1] for i in near)
    chat = [
        {"role": "system", "content": REQUEST},
        {"role": "user", "content": f"{text}\n\nQuestion: {question['direct']}\nAnswer:"},
    ]
    return tokenizer.apply_chat_template(fit(chat), add_generation_prompt=True, tokenize=False)


def answer(prompts: set[str]) -> dict[str, str]:
    """What the model writes for each prompt, in batches of similar length."""
    answers = {}
    waiting = sorted(prompts, key=lambda prompt: (len(prompt), prompt))
    for start in range(0, len(waiting), 32):
        batch = waiting[start : start + 32]
        inputs = tokenizer(batch, padding=True, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            written = model.generate(**inputs, max_new_tokens=24, do_sample=False)
        texts = tokenizer.batch_decode(written[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        answers |= zip(batch, texts, strict=True)
    return answers


given = {"right passage": [], "best 1 found": [], "best 3 found": []}
for question, row, right in zip(questions, scores, right_chunks, strict=True):
    order = [int(i) for i in (-row).argsort()]
    for name, near in zip(given, ([next(i for i in order if right[i])], order[:1], order[:3]), strict=True):
        given[name].append((write_prompt(question, near), any(right[i] for i in near)))
answers = answer({prompt for column in given.values() for prompt, _ in column})
correct_by = {}
for name, column in given.items():
    good = [holds(answers[prompt], q["accept"]) for q, (prompt, _) in zip(questions, column, strict=True)]
    correct_by[name] = good
    print(f"Given the {name}: answered correctly {rate(good)}")
    for label, wanted in (("retrieved", True), ("not retrieved", False)):
        answered = [g for g, (_, retrieved) in zip(good, column, strict=True) if retrieved == wanted]
        if answered:
            correct = sum(answered)
            print(f"  {label:13} {correct:3} correct, {len(answered) - correct:3} incorrect")
three = correct_by.pop("best 3 found")
for name, good in correct_by.items():
    won = sum(a > b for a, b in zip(good, three, strict=True))
    lost = sum(a < b for a, b in zip(good, three, strict=True))
    p = mcnemar([[0, won], [lost, 0]], exact=True).pvalue
    print(f"The {name} against the best 3: {won} won, {lost} lost, p = {p:.2g}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "jinja2==3.1.6",
#     "sentence-transformers==6.2.0",
#     "statsmodels==0.15.0",
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
