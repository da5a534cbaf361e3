"""Put each document's title before its chunks, or not; and count what a model that reads 256 tokens never sees."""

import json
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
CUTS = {"whole": lambda text: [text], "headings": lambda text: re.split(r"\n(?=## )", text)}


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


try:
    documents = read("documents.jsonl", "id", "title", "status", "text")
    documents = {d["id"]: d for d in documents if d["status"] == "current"}
    questions = read("questions.jsonl", "split", "answerable", "direct", "paraphrase", "document", "accept")
    questions = [q for q in questions if q["answerable"] and q["split"] == "test"]
except (OSError, ValueError, LookupError, TypeError) as error:
    sys.exit(
        "data/documents.jsonl or data/questions.jsonl cannot be read: download both from the guide's page, "
        f"or fix yours ({type(error).__name__}: {error})."
    )
lost = [
    q for q in questions if q["document"] not in documents or not holds(documents[q["document"]]["text"], q["accept"])
]
if lost:
    print("Left out, because its document does not hold its answer:", file=sys.stderr)
    print(*(f"  {q['direct']}" for q in lost), sep="\n", file=sys.stderr)
    questions = [q for q in questions if q not in lost]
if not questions:
    sys.exit("data/questions.jsonl has no question with the split test that its document answers.")

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER}: {error}")
asked = {wording: embedder.encode_query([q[wording] for q in questions]) for wording in ("direct", "paraphrase")}


def search(name: str, titled: bool) -> dict[str, np.ndarray]:
    """By wording: is the answer to each question in one of its three most similar chunks?"""
    chunks = [(d["id"], d["title"], c) for d in documents.values() for c in CUTS[name](d["text"])]
    right = np.array([[i == q["document"] and holds(c, q["accept"]) for i, _, c in chunks] for q in questions])
    vectors = embedder.encode_document([f"{title}\n{c}" if titled else c for _, title, c in chunks], batch_size=8)
    hits = {}
    for wording, asked_vectors in asked.items():
        three = (-embedder.similarity(asked_vectors, vectors).numpy()).argsort()[:, :3]
        hits[wording] = np.take_along_axis(right, three, axis=1).any(axis=1)
    return hits


def rate(found: np.ndarray) -> str:
    low, high = (100 * bound for bound in proportion_confint(found.sum(), len(found), method="wilson"))
    return f"{found.sum():3}/{len(found)} = {found.mean():.0%} ({low:.0f}-{high:.0f})"


def compare(one: np.ndarray, other: np.ndarray) -> str:
    won = (one & ~other).sum()
    lost = (other & ~one).sum()
    p = mcnemar([[0, won], [lost, 0]], exact=True).pvalue
    return f"{won} won, {lost} lost, p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"


def stands_late(question: dict) -> bool:
    """Does the answer stand after the 256 tokens that MiniLM reads, in its document without the title?"""
    text = documents[question["document"]]["text"]
    marks = embedder.tokenizer(text, truncation=True, max_length=256, return_offsets_mapping=True)["offset_mapping"]
    return not holds(text[: max(end for _, end in marks)], question["accept"])


runs = {(name, titled): search(name, titled) for name in CUTS for titled in (False, True)}
for wording in asked:
    print(f"Test, {wording} wording: answer among the best 3")
    for name in CUTS:
        bare = runs[name, False][wording]
        titled = runs[name, True][wording]
        print(f"  {name:8}  alone       {rate(bare)}")
        print(f"  {name:8}  with title  {rate(titled)}")
        print(f"  {name:8}  the title   {compare(titled, bare)}")

late = np.array([stands_late(q) for q in questions])
for place, which in (("in the first 256 tokens", ~late), ("after them", late)):
    if not which.any():
        continue
    print(f"Test, direct wording, no title, answer {place}")
    whole = runs["whole", False]["direct"][which]
    headings = runs["headings", False]["direct"][which]
    print(f"  whole     {rate(whole)}")
    print(f"  headings  {rate(headings)}")
    print(f"  headings against whole: {compare(headings, whole)}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "numpy==2.4.6",
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
