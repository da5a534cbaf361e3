"""Choose on dev the score below which to say "I don't know", then measure on test what it refuses and lets through."""

import json
import re
import sys
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
from statsmodels.stats.proportion import proportion_confint


def read(name: str) -> list[dict]:
    return [json.loads(line) for line in Path("data", name).read_text(encoding="utf-8").strip().split("\n")]


def rate(hits: np.ndarray) -> str:
    low, high = (100 * bound for bound in proportion_confint(hits.sum(), len(hits), method="wilson"))
    return f"{hits.sum():3}/{len(hits)} = {hits.mean():.0%} ({low:.0f}-{high:.0f})"


try:
    documents = [d for d in read("documents.jsonl") if d["status"] == "current"]
    chunks = [f"{d['title']}\n{c}" for d in documents for c in re.split(r"\n(?=## )", d["text"])]
    questions = read("questions.jsonl")
    # Half the people who ask use the documents' words, half their own: both wordings count.
    asked = [(q, q[wording]) for wording in ("direct", "paraphrase") for q in questions]
    known = np.array([q["answerable"] for q, _ in asked])
    dev = np.array([q["split"] == "dev" for q, _ in asked])
except (OSError, ValueError, LookupError, TypeError):  # an empty file fails as well: "" is not JSON
    sys.exit("data/documents.jsonl or data/questions.jsonl is missing or spoilt: download both from the guide's page.")
try:
    embedder = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")
vectors = embedder.encode(chunks, batch_size=8)
best = (embedder.encode([text for _, text in asked]) @ vectors.T).max(axis=1)

print(f"Dev: what each threshold answers of {(dev & known).sum()} answerable and {(dev & ~known).sum()} unanswerable")
print("from   answerable  unanswerable  precision")
for threshold in np.arange(0.30, 0.71, 0.05):
    yes, no = (best >= threshold) & dev & known, (best >= threshold) & dev & ~known
    kept, passed = yes.sum() / (dev & known).sum(), no.sum() / (dev & ~known).sum()
    print(f"{threshold:.2f} {kept:12.0%} {passed:13.0%} {yes.sum() / (yes.sum() + no.sum()):10.0%}")

candidates = np.arange(0.20, 0.80, 0.01)
gain = [(best[dev & known] >= t).mean() - (best[dev & ~known] >= t).mean() for t in candidates]
threshold = candidates[int(np.argmax(gain))]
print(f"\nChosen on dev: answer from {threshold:.2f} on")
for place, wording in enumerate(("direct", "paraphrase")):
    half = (np.arange(len(asked)) // len(questions) == place) & ~dev
    print(f"Test, {wording} wording")
    print(f"  answerable, refused:        {rate(best[half & known] < threshold)}")
    print(f"  unanswerable, let through:  {rate(best[half & ~known] >= threshold)}")
    higher = best[half & known][:, None] > best[half & ~known]
    print(f"  of two, the answerable one scores higher: {higher.mean():.0%} of {higher.size} pairs")

# /// script
# requires-python = ">=3.11"
# dependencies = [
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
