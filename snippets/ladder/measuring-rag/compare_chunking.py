"""Cut the same documents in four ways, and count how often a chunk that holds the answer is found."""

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


def windows(pieces: list[str], size: int, overlap: int) -> list[str]:
    return [" ".join(pieces[i : i + size]) for i in range(0, max(1, len(pieces) - overlap), size - overlap)]


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+|\n+", text)


WAYS = [
    {"whole": lambda text: [text]},
    {f"{n} words": lambda text, n=n: windows(text.split(), n, n // 4) for n in (40, 80)},
    {f"{n} sentences": lambda text, n=n: windows(sentences(text), n, 1) for n in (4, 8)},
    {"headings": lambda text: re.split(r"\n(?=## )", text)},
]

try:
    documents = [d for d in read("documents.jsonl", "id", "title", "status", "text") if d["status"] == "current"]
    questions = read("questions.jsonl", "split", "answerable", "direct", "paraphrase", "document", "accept")
    questions = [q for q in questions if q["answerable"]]
    texts = {d["id"]: f"{d['title']}\n{d['text']}" for d in documents}
    lost = [q for q in questions if not holds(texts.get(q["document"], ""), q["accept"])]
    questions = [q for q in questions if q not in lost]
    dev = np.array([q["split"] == "dev" for q in questions])
except (OSError, ValueError, LookupError, TypeError) as error:
    sys.exit(
        "data/documents.jsonl or data/questions.jsonl cannot be read: download both from the guide's page, "
        f"or fix yours ({type(error).__name__}: {error})."
    )
if lost:
    print("Left out, because its document does not hold its answer:", file=sys.stderr)
    print(*(f"  {q['direct']}" for q in lost), sep="\n", file=sys.stderr)
if dev.all() or not dev.any():
    sys.exit("data/questions.jsonl needs answerable questions with the split dev, to choose by, and others with test.")

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER}: {error}")
asked = {wording: embedder.encode_query([q[wording] for q in questions]) for wording in ("direct", "paraphrase")}


def search(cut) -> tuple[int, dict, float]:
    """How many chunks; by wording, which of each question's nearest three hold the answer; tokens in those three."""
    chunks = [(d["id"], f"{d['title']}\n{chunk}") for d in documents for chunk in cut(d["text"])]
    right = np.array([[i == q["document"] and holds(c, q["accept"]) for i, c in chunks] for q in questions])
    tokens_of = embedder.tokenizer([c for _, c in chunks], add_special_tokens=False, verbose=False)["input_ids"]
    length = np.array([len(one) for one in tokens_of])
    vectors = embedder.encode_document([c for _, c in chunks], batch_size=8)
    hits = {}
    tokens = []
    for wording, asked_vectors in asked.items():
        three = (-embedder.similarity(asked_vectors, vectors).numpy()).argsort()[:, :3]
        hits[wording] = np.take_along_axis(right, three, axis=1)
        tokens.append(length[three].sum(axis=1).mean())
    return len(chunks), hits, np.mean(tokens)


def rate(found: np.ndarray) -> str:
    low, high = (100 * bound for bound in proportion_confint(found.sum(), len(found), method="wilson"))
    return f"{found.mean():.0%} ({low:.0f}-{high:.0f})"


def compare(first: np.ndarray, second: np.ndarray) -> str:
    won = (first & ~second).sum()
    lost = (second & ~first).sum()
    return f"{won}:{lost} (p = {mcnemar([[0, won], [lost, 0]], exact=True).pvalue:.2f})"


def columns(hits: dict) -> tuple[np.ndarray, ...]:
    direct = hits["direct"][~dev]
    paraphrase = hits["paraphrase"][~dev]
    return direct[:, 0], direct.any(axis=1), paraphrase.any(axis=1)


print(f"Dev, {2 * dev.sum()} look-ups: answer among the best 3")
chosen = {}
for sizes in WAYS:
    tried = {}
    for name, cut in sizes.items():
        number, hits, tokens = search(cut)
        on_dev = sum(found[dev].any(axis=1).sum() for found in hits.values())
        print(f"{name:12} {number:4} chunks  {on_dev:4} found")
        tried[on_dev] = name, hits, tokens
    name, hits, tokens = tried[max(tried)]
    chosen[name] = hits, tokens

print(f"\nTest, {(~dev).sum()} questions, each way at its size chosen on dev")
print("             direct:      direct:      paraphrase:  tokens")
print("             best 1       best 3       best 3       in 3")
for name, (hits, tokens) in chosen.items():
    print(f"{name:12}", *(f"{rate(found):12}" for found in columns(hits)), f"{tokens:5.0f}")
print("\nHeadings against each, question by question, won:lost")
ours = columns(chosen.pop("headings")[0])
for name, (hits, _) in chosen.items():
    print(f"{name:12}", "   ".join(compare(*both) for both in zip(ours, columns(hits), strict=True)))

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
