"""Train an adapter on the vectors of forty questions for too long, and watch the hits on other questions fall."""

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
from statsmodels.stats.contingency_tables import mcnemar
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
EXAMPLES = 40
STEPS = 200
LEARNING_RATE = 10.0
TEMPERATURE = 0.05
SHOWN = [0, 1, 2, 5, 10, 20, 50, 100, 200]  # the steps that are printed


def read(name: str, *fields: str) -> list[dict]:
    """The rows of a file in data/, with these fields of each."""
    file = Path("data", name)
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        if not rows:
            raise ValueError("it is empty")
        return [{field: row[field] for field in fields} for row in rows]
    except (OSError, ValueError, LookupError, TypeError) as error:
        sys.exit(f"Cannot use {file} ({error!r}): download it again, or give each line {', '.join(fields)}.")


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


def train_adapter(
    vectors: np.ndarray, passages: np.ndarray, wanted: np.ndarray, steps: int, learning_rate: float
) -> Iterator[np.ndarray]:
    """A linear map that is added to a question's vector, trained to move it to its passage and away from the others.

    Gradient descent on all questions at once, from zero, on the softmax of similarities divided by TEMPERATURE.
    `vectors`: (questions, dimensions) and `passages`: (passages, dimensions), float64; `wanted`: (questions, passages),
    each row sums to 1. From zero, every step adds vectors.T @ something to the map, so the map is vectors.T @ weights:
    yielded are those weights, (questions, dimensions), before the first step and after each.
    """
    similarity = vectors @ vectors.T
    weights = np.zeros_like(vectors)
    yield weights
    for _ in range(steps):
        scores = (vectors + similarity @ weights) @ passages.T / TEMPERATURE
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        weights = weights - learning_rate * (shares - wanted) @ passages / len(vectors)
        yield weights


def first_is_right(vectors: np.ndarray, passages: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Of each question, whether the most similar passage answers it."""
    best = (vectors @ passages.T).argmax(axis=1)
    return right[np.arange(len(vectors)), best]


def answering(chunks: list[tuple[str, str]], questions: list[dict]) -> np.ndarray:
    """For each question, which passages answer it; where none does, the program ends and names the question."""
    right = np.array(
        [[source == q["document"] and holds(text, q["accept"]) for source, text in chunks] for q in questions]
    )
    lost = [q["direct"] for q, row in zip(questions, right, strict=True) if not row.any()]
    if lost:
        sys.exit(
            "data/questions.jsonl: correct `document` or `accept` where no passage holds the answer: " + " ".join(lost)
        )
    return right


def main() -> None:
    """Embed, train, and print how the hits move."""
    documents = [one for one in read("documents.jsonl", "id", "title", "status", "text") if one["status"] == "current"]
    chunks = [
        (one["id"], f"{one['title']}\n{part}") for one in documents for part in re.split(r"\n(?=## )", one["text"])
    ]
    questions = read("questions.jsonl", "split", "answerable", "direct", "document", "accept")
    asked = {split: [q for q in questions if q["answerable"] and q["split"] == split] for split in ("dev", "test")}
    asked["dev"] = asked["dev"][:EXAMPLES]
    if not all(asked.values()):
        sys.exit("data/questions.jsonl needs answerable questions with the split dev and others with test.")
    right = {split: answering(chunks, some) for split, some in asked.items()}

    disable_progress_bar()
    try:
        embedder = SentenceTransformer(EMBEDDER)
    except (OSError, ValueError) as error:
        sys.exit(f"Cannot load {EMBEDDER}: {error}")
    texts = [text for _, text in chunks]
    passages = embedder.encode_document(texts, normalize_embeddings=True).astype(np.float64)
    vectors = {}
    for split, some in asked.items():
        encoded = embedder.encode_query([q["direct"] for q in some], normalize_embeddings=True)
        vectors[split] = encoded.astype(np.float64)

    wanted = right["dev"] / right["dev"].sum(axis=1, keepdims=True)
    overlap = vectors["test"] @ vectors["dev"].T
    size = vectors["dev"].shape[1]
    print(f"{len(wanted)} questions train a map of {size} x {size}; {len(chunks)} passages; hit@1:")
    history = []
    for step, weights in enumerate(train_adapter(vectors["dev"], passages, wanted, STEPS, LEARNING_RATE)):
        moved = vectors["dev"] + vectors["dev"] @ vectors["dev"].T @ weights
        seen = first_is_right(moved, passages, right["dev"])
        history.append(first_is_right(vectors["test"] + overlap @ weights, passages, right["test"]))
        if step in SHOWN:
            unseen = f"{history[-1].sum()}/{len(overlap)} = {history[-1].mean():.0%}"
            print(f"step {step:3}   trained on {seen.sum():2}/{len(seen)}   held out {unseen}")
    won = int((history[-1] & ~history[0]).sum())
    lost = int((history[0] & ~history[-1]).sum())
    p = mcnemar([[0, won], [lost, 0]], exact=True).pvalue
    print(f"held out, the last step against the first: won {won}, lost {lost}, p = {p:.2g} (McNemar, exact)")


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
