"""Measure three ways of finding a passage: by words (BM25), by meaning (embeddings), and both fused."""

import json
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path

import bm25s
import numpy as np
from bm25s.stopwords import STOPWORDS_EN
from sentence_transformers import SentenceTransformer
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
# One character is a word too, for RX-3 and C++; the "s" and "t" after an apostrophe are none.
WORD = r"(?u)\b(?!(?<=['\u2019])(?:s|t|d|m|re|ve|ll)\b)\w+[+#]*"
STOP_WORDS = [*STOPWORDS_EN, "i"]


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
    documents = [d for d in read("documents.jsonl", "id", "title", "status", "text") if d["status"] == "current"]
    chunks = [(d["id"], f"{d['title']}\n{c}") for d in documents for c in re.split(r"\n(?=## )", d["text"])]
    texts = [text for _, text in chunks]
    questions = read("questions.jsonl", "split", "answerable", "direct", "paraphrase", "document", "accept")
    questions = [q for q in questions if q["answerable"]]
    right = np.array([[i == q["document"] and holds(t, q["accept"]) for i, t in chunks] for q in questions])
    dev = np.array([q["split"] == "dev" for q in questions])
except (OSError, ValueError, LookupError, TypeError) as error:
    sys.exit(
        "data/documents.jsonl or data/questions.jsonl cannot be read: download both from the guide's page, "
        f"or fix yours ({type(error).__name__}: {error})."
    )
if dev.all() or not dev.any():
    sys.exit("data/questions.jsonl needs answerable questions with the split dev, to choose by, and others with test.")
if not right.any(axis=1).all():
    lost = [q["direct"] for q, found in zip(questions, right, strict=True) if not found.any()]
    print("In no chunk of its document stands the answer to:", *lost, sep="\n  ", file=sys.stderr)

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER}: {error}")
vectors = embedder.encode_document(texts, batch_size=8)


def words_of(some: list[str]) -> list[list[str]]:
    """The words of each text that BM25 counts, a letter and its accents as one sign."""
    some = [unicodedata.normalize("NFC", text) for text in some]
    return bm25s.tokenize(some, token_pattern=WORD, stopwords=STOP_WORDS, return_ids=False, show_progress=False)


index = bm25s.BM25()
index.index(words_of(texts), show_progress=False)


def score_by_words(asked: list[str]) -> np.ndarray:
    """The BM25 score of each chunk for each question, a row; all 0 for a question of stop words only."""
    return np.array([index.get_scores(words) if words else np.zeros(len(texts)) for words in words_of(asked)])


def score_by_meaning(asked: list[str]) -> np.ndarray:
    """The cosine similarity of each chunk with each question, a row."""
    return embedder.similarity(embedder.encode_query(asked), vectors).numpy()


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


lists = {}
for wording in ("direct", "paraphrase"):
    asked = [q[wording] for q in questions]
    lists[wording] = {"BM25": ranks(score_by_words(asked)), "dense": ranks(score_by_meaning(asked))}


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
        won = sum((place[one] <= 3) & (place[other] > 3))
        lost = sum((place[one] > 3) & (place[other] <= 3))
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
