"""Choose on dev the score below which to say "I don't know", then measure on test where it abstains and answers."""

import json
import re
import sys
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
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


def rate(hits: np.ndarray) -> str:
    low, high = (100 * bound for bound in proportion_confint(hits.sum(), len(hits), method="wilson"))
    return f"{hits.sum():3}/{len(hits)} = {hits.mean():.0%} ({low:.0f}-{high:.0f})"


try:
    documents = [d for d in read("documents.jsonl", "title", "status", "text") if d["status"] == "current"]
    chunks = [f"{d['title']}\n{c}" for d in documents for c in re.split(r"\n(?=## )", d["text"])]
    questions = read("questions.jsonl", "split", "answerable", "direct", "paraphrase")
    # Half the people who ask use the documents' words, half their own: both wordings count.
    asked = [(q, q[wording]) for wording in ("direct", "paraphrase") for q in questions]
    known = np.array([q["answerable"] for q, _ in asked])
    dev = np.array([q["split"] == "dev" for q, _ in asked])
except (OSError, ValueError, LookupError, TypeError) as error:
    sys.exit(
        "data/documents.jsonl or data/questions.jsonl cannot be read: download both from the guide's page, "
        f"or fix yours ({type(error).__name__}: {error})."
    )
if min((known & dev).sum(), (known & ~dev).sum(), (~known & dev).sum(), (~known & ~dev).sum()) == 0:
    sys.exit("data/questions.jsonl needs answerable and unanswerable questions, both with the split dev and with test.")

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER}: {error}")
vectors = embedder.encode_document(chunks, batch_size=8)
asked_vectors = embedder.encode_query([text for _, text in asked])
best = embedder.similarity(asked_vectors, vectors).numpy().max(axis=1)

print(f"Dev: what each threshold answers of {(dev & known).sum()} answerable and {(dev & ~known).sum()} unanswerable")
print("from   answerable  unanswerable  precision")
for threshold in np.arange(0.30, 0.71, 0.05):
    answered = (best >= threshold) & dev
    kept = answered[dev & known].mean()
    passed = answered[dev & ~known].mean()
    precision = known[answered].mean() if answered.any() else np.nan
    print(f"{threshold:.2f} {kept:12.0%} {passed:13.0%} {precision:10.0%}")

candidates = np.arange(0.20, 0.80, 0.01)
youden_j = [(best[dev & known] >= t).mean() - (best[dev & ~known] >= t).mean() for t in candidates]
threshold = candidates[int(np.argmax(youden_j))]
print(f"\nChosen on dev by Youden's J: answer from {threshold:.2f} on")
for place, wording in enumerate(("direct", "paraphrase")):
    half = (np.arange(len(asked)) // len(questions) == place) & ~dev
    print(f"Test, {wording} wording")
    print(f"  answerable, abstained:    {rate(best[half & known] < threshold)}")
    print(f"  unanswerable, answered:   {rate(best[half & ~known] >= threshold)}")
    higher = best[half & known][:, None] > best[half & ~known]
    print(f"  ROC AUC: {higher.mean():.2f}, over {higher.size} pairs")

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
