"""The triage line without a language model: a classifier for each field, the product by keyword."""

from collections import Counter

from kit.models import EMBEDDER
from rung.classifiers import regression_on, words_of
from tasks.triage import product_named

FIELDS = ("team", "urgency")


def commonest_lines(examples: list[dict], count: int) -> list[str]:
    """The commonest team, urgency and product of the examples, for each of so many messages."""
    fields = (Counter(one[field] for one in examples).most_common(1)[0][0] for field in (*FIELDS, "product"))
    return [" / ".join(fields)] * count


def vectors_of(learned_from: list[str], texts: list[str], method: str):
    """Two matrices, (examples, features) and (texts, features): TF-IDF of words and pairs of words, or embeddings."""
    if method == "tf-idf":
        words = words_of(learned_from)
        return words.transform(learned_from), words.transform(texts)
    from sentence_transformers import SentenceTransformer

    embedder = SentenceTransformer(EMBEDDER)
    return tuple(embedder.encode(part, normalize_embeddings=True) for part in (learned_from, texts))


def learned_lines(examples: list[dict], texts: list[str], method: str) -> list[str]:
    """The line of each text: team and urgency by logistic regression on the examples, the product by keyword."""
    known, asked = vectors_of([one["text"] for one in examples], texts, method)
    found = []
    for field in FIELDS:
        labels = [one[field] for one in examples]
        if len(set(labels)) == 1:  # a few examples may all have one label: then there is nothing to learn
            found.append([labels[0]] * len(texts))
        else:
            found.append(regression_on(known, labels).predict(asked))
    found.append([product_named(text) for text in texts])
    return [" / ".join(map(str, line)) for line in zip(*found, strict=True)]
