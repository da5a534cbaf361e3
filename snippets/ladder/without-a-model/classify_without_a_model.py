"""Route messages to teams without any language model, and see how many labelled examples that takes."""

import json
import sys
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
FIELD = "team"  # or "urgency", or a field of your own
SIZES = [20, 40, 100]  # labelled examples to train on
STRENGTHS = [0.1, 1, 10, 100]  # how far the weights may grow; chosen by cross-validation on the training examples
WORD = r"\w+"  # also of one character, which scikit-learn leaves out by default


def read_messages(file: Path) -> tuple[list[dict], list[dict]]:
    """The labelled examples to learn from, and the test messages, which have no part in any choice."""
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        messages = [{"split": row["split"], "text": row["text"], "label": row[FIELD]} for row in rows]
    except (OSError, ValueError, LookupError, TypeError) as error:
        sys.exit(f"Cannot use {file} ({error!r}): download it again, or give each line split, text and {FIELD}.")
    learn = [message for message in messages if message["split"] != "test"]
    test = [message for message in messages if message["split"] == "test"]
    if len(learn) < max(SIZES) or not test:
        sys.exit(f"{file} needs {max(SIZES)} examples to learn from and one of test: add some, or download it again.")
    return learn, test


def some_of_each_label(labels: np.ndarray, size: int) -> np.ndarray:
    """The places of about `size` examples, of each label the same number, in file order."""
    names = np.unique(labels)
    return np.concatenate([np.flatnonzero(labels == name)[: -(-size // len(names))] for name in names])


def classifier(*steps) -> GridSearchCV:
    """Logistic regression after these steps, its strength chosen by cross-validation."""
    pipeline = make_pipeline(*steps, LogisticRegression(max_iter=2000))
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    return GridSearchCV(pipeline, {"logisticregression__C": STRENGTHS}, cv=folds)


def show(name: str, hits: np.ndarray) -> None:
    """Print a rate with its 95% interval."""
    low, high = proportion_confint(hits.sum(), len(hits), method="wilson")
    print(f"  {name:28}{hits.sum():4}/{len(hits)} = {hits.mean():4.0%} ({100 * low:.0f}-{100 * high:.0f})")


learn, test = read_messages(Path("data/messages.jsonl"))
disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER}: {error}")
texts = np.array([message["text"] for message in learn])
labels = np.array([message["label"] for message in learn])
test_texts = np.array([message["text"] for message in test])
test_labels = np.array([message["label"] for message in test])
vectors = embedder.encode(texts)
test_vectors = embedder.encode(test_texts)
words = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True)
ways = {
    "the commonest label": (DummyClassifier(), texts, test_texts),
    "words (TF-IDF)": (classifier(words), texts, test_texts),
    "vectors (MiniLM)": (classifier(), vectors, test_vectors),
}

for size in SIZES:
    chosen = some_of_each_label(labels, size)
    print(f"{len(chosen)} labelled examples, {FIELD}:")
    hits = {}
    for name, (way, inputs, test_inputs) in ways.items():
        way.fit(inputs[chosen], labels[chosen])
        hits[name] = way.predict(test_inputs) == test_labels
        show(name, hits[name])

won = int((hits["vectors (MiniLM)"] & ~hits["words (TF-IDF)"]).sum())
lost = int((~hits["vectors (MiniLM)"] & hits["words (TF-IDF)"]).sum())
p = mcnemar([[0, won], [lost, 0]], exact=True).pvalue
print(f"\nvectors against words: {won} won, {lost} lost, p = {p:.2g} (McNemar, exact)")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "numpy==2.4.6",
#     "scikit-learn==1.9.1",
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
