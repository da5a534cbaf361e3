"""Train a linear head on sentence vectors from thirty labelled messages, and measure it on messages it never saw."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
from statsmodels.stats.proportion import proportion_confint
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
FIELD = "team"
EXAMPLES = 30
STEPS = 100
LEARNING_RATE = 2.0
SHOWN = [0, 1, 2, 5, 10, 20, 50, 100]  # the steps that are printed


def read_messages(file: Path) -> tuple[list[dict], list[dict]]:
    """The first labelled examples, and the test messages, which have no part in any choice."""
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        messages = [{"split": row["split"], "text": row["text"], "label": row[FIELD]} for row in rows]
    except (OSError, ValueError, LookupError, TypeError) as error:
        sys.exit(f"Cannot use {file} ({error!r}): download it again, or give each line split, text and {FIELD}.")
    learn = [message for message in messages if message["split"] == "train"][:EXAMPLES]
    test = [message for message in messages if message["split"] == "test"]
    if len(learn) < EXAMPLES or not test:
        sys.exit(
            f"{file} needs {EXAMPLES} messages of the split train and one of test: add some, or download it again."
        )
    return learn, test


def train_head(vectors: np.ndarray, wanted: np.ndarray, steps: int, learning_rate: float) -> Iterator[np.ndarray]:
    """Logistic regression for several labels, by gradient descent on all examples at once, from zero.

    `vectors`: (examples, dimensions), float64; `wanted`: (examples, labels), 1 at the label and 0 elsewhere. Yields the
    weights before the first step and after each: (dimensions + 1, labels), the last row the bias.
    """
    inputs = np.hstack([vectors, np.ones((len(vectors), 1))])
    weights = np.zeros((inputs.shape[1], wanted.shape[1]))
    yield weights
    for _ in range(steps):
        scores = inputs @ weights
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        weights = weights - learning_rate * inputs.T @ (shares - wanted) / len(inputs)
        yield weights


def hits(vectors: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> int:
    """How many vectors get their own label; of equal scores the first label counts."""
    return int(((vectors @ weights[:-1] + weights[-1]).argmax(axis=1) == labels).sum())


def main() -> None:
    """Embed, train, and print how the hits move."""
    learn, test = read_messages(Path("data/messages.jsonl"))
    disable_progress_bar()
    try:
        embedder = SentenceTransformer(EMBEDDER)
    except (OSError, ValueError) as error:
        sys.exit(f"Cannot load {EMBEDDER}: {error}")
    names = sorted({message["label"] for message in learn})
    learned = np.array([m["label"] for m in learn])
    held_out = np.array([m["label"] for m in test])
    wanted = (learned[:, None] == np.array(names)).astype(float)
    numbers = {name: place for place, name in enumerate(names)}
    labels = np.array([numbers[name] for name in learned])
    test_labels = np.array([numbers.get(name, -1) for name in held_out])
    vectors = embedder.encode([m["text"] for m in learn]).astype(np.float64)
    test_vectors = embedder.encode([m["text"] for m in test]).astype(np.float64)

    print(f"{len(learn)} labelled messages; {len(names)} labels; {vectors.shape[1] + 1} x {len(names)} parameters")
    for step, weights in enumerate(train_head(vectors, wanted, STEPS, LEARNING_RATE)):
        if step in SHOWN:
            seen = hits(vectors, labels, weights)
            unseen = hits(test_vectors, test_labels, weights)
            low, high = (100 * bound for bound in proportion_confint(unseen, len(test), method="wilson"))
            rate = f"{unseen}/{len(test)} = {unseen / len(test):.0%} ({low:.0f}-{high:.0f})"
            print(f"step {step:3}   trained on {seen:2}/{len(learn)}   held out {rate:>20}")


if __name__ == "__main__":
    main()

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
