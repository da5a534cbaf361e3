"""Measure three ways of finding a passage: by words (BM25), by meaning (embeddings), and both fused."""

import json
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path

import bm25s
import numpy as np
from sentence_transformers import SentenceTransformer
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint


def read(name: str, *fields: str) -> list[dict]:
    rows = Path("data", name).read_text(encoding="utf-8").strip().split("\n")
    return [{field: row[field] for field in fields} for row in map(json.loads, rows)]


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
    documents = [d for d in read("documents.jsonl", "id", "title", "status", "text") if d["status"] == "current"]
    chunks = [(d["id"], f"{d['title']}\n{c}") for d in documents for c in re.split(r"\n(?=## )", d["text"])]
    texts = [text for _, text in chunks]
    questions = read("questions.jsonl", "split", "answerable", "direct", "paraphrase", "document", "accept")
    questions = [q for q in questions if q["answerable"]]
    right = np.array([[i == q["document"] and holds(t, q["accept"]) for i, t in chunks] for q in questions])
except (OSError, ValueError, LookupError, TypeError):  # an empty file fails as well: "" is not JSON
    sys.exit("data/documents.jsonl or data/questions.jsonl is missing or spoilt: download both from the guide's page.")
try:
    embedder = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")
vectors = embedder.encode(texts, batch_size=8)
words = bm25s.BM25()
words.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)


def ranks(scores: np.ndarray) -> np.ndarray:
    """The place of every chunk in each question's list, the best at 1; no place for a chunk without a score."""
    places = (-scores).argsort(axis=1, kind="stable").argsort(axis=1) + 1
    return np.where(scores > 0, places, np.inf)


def place_of_answer(places: np.ndarray) -> np.ndarray:
    return np.where(right, places, np.inf).min(axis=1)


def fuse(lists, k: int) -> np.ndarray:
    return ranks(sum(1 / (k + places) for places in lists))


def fraction(hits: np.ndarray) -> str:
    low, high = (100 * bound for bound in proportion_confint(hits.sum(), len(hits), method="wilson"))
    return f"{hits.mean():.0%} ({low:.0f}-{high:.0f})"


def mean_reciprocal(place: np.ndarray) -> str:
    """The mean of 1 / place, and where it lies in 95% of 10,000 draws of as many questions from these."""
    drawn = (1 / place)[np.random.default_rng(0).integers(len(place), size=(10_000, len(place)))].mean(axis=1)
    return f"{(1 / place).mean():.2f} ({np.quantile(drawn, 0.025):.2f}-{np.quantile(drawn, 0.975):.2f})"


lists, dev = {}, np.array([q["split"] == "dev" for q in questions])
for wording in ("direct", "paraphrase"):
    tokens = bm25s.tokenize([q[wording] for q in questions], stopwords="en", return_ids=False, show_progress=False)
    by_words = ranks(np.array([words.get_scores(t) for t in tokens]))
    by_meaning = ranks(embedder.encode([q[wording] for q in questions]) @ vectors.T)
    lists[wording] = {"BM25": by_words, "dense": by_meaning}


def quality(k: int) -> float:
    return sum((1 / place_of_answer(fuse(pair.values(), k))[dev]).mean() for pair in lists.values())


best = max((1, 10, 60), key=quality)
print(f"{len(chunks)} chunks; k = {best} for the fusion, chosen from 1, 10 and 60 on dev")
for wording, pair in lists.items():
    systems = pair | {"fused": fuse(pair.values(), best)}
    place = {name: place_of_answer(places)[~dev] for name, places in systems.items()}
    print(f"\n{wording.capitalize()} wording, {(~dev).sum()} test questions")
    print("        hit@1        hit@3        hit@5        MRR")
    for name, p in place.items():
        print(f"{name:6}", *(f"{fraction(p <= k):>12}" for k in (1, 3, 5)), "", mean_reciprocal(p))
    for one, other in (("dense", "BM25"), ("fused", "dense")):
        won, lost = sum((place[one] <= 3) & (place[other] > 3)), sum((place[one] > 3) & (place[other] <= 3))
        p = mcnemar([[0, won], [lost, 0]], exact=True).pvalue
        print(f"{one} against {other}, hit@3: {won} won, {lost} lost, p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "bm25s==0.3.16",
#     "numpy==2.4.6",
#     "sentence-transformers==6.2.0",
#     "statsmodels==0.15.0",
#     "torch==2.13.0",
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
