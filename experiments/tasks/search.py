"""The company's documents cut at their headings and searched three ways, by the package in rung/; ranks of passages."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kit.arm import Arm
from kit.models import EMBEDDER
from kit.rows import Rows, read_data
from rung.embedding import Embedder

from rung import retrieval
from tasks import questions
from tasks.questions import DOCUMENTS, Passage

METHODS = retrieval.METHODS
DEEP = 10  # so many passages are kept of a search
WORDS_40, HEADINGS = "40 words", "headings"
WITH_ANSWER = ("direct", "paraphrase")  # the wordings of a question that a document answers


class HeadingLibrary:
    """The documents in force, cut at headings, then between blocks; searched by words, by meaning, or by both."""

    def __init__(self, passage_tokens: int, embedder: str = EMBEDDER):
        """Cut, embed and index.

        Args:
            passage_tokens: the most tokens of a passage, its headings included.
            embedder: a sentence-transformers model by name, or a folder with a tuned one.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="passages-")  # the index is read from disk
        documents = [one for one in read_data(DOCUMENTS) if one["status"] == "current"]
        named = [(one["id"], f"---\ntitle: {one['title']}\n---\n{one['text']}") for one in documents]
        self._index = retrieval.build(
            Path(self._folder.name),
            lambda: named,
            hashlib.sha256(repr(named).encode()).hexdigest(),
            retrieval.Recipe(passage_tokens, embedder),
            Embedder(embedder),
        )
        self.passages = [Passage(one.document, one.shown) for one in self._index.passages]

    def ranked(self, questions: Sequence[str], method: str, count: int) -> list[list[int]]:
        """The numbers of the best passages for each question, the best first; `method` is one of METHODS."""
        return [[hit.number for hit in hits] for hits in self._index.search(questions, method, count)]

    def right(self, item: dict) -> Passage:
        """The passage that answers a question: of the right document, with an accepted fact; of several the nearest."""
        nearest_first = self.ranked([item["direct"]], "hybrid", len(self.passages))[0]
        found = (self.passages[number] for number in nearest_first)
        return next(one for one in found if questions.retrieved([one], item))


def rank_of_right(passages: Sequence[Passage], item: dict) -> int | None:
    """The place, from 1, of the first passage that holds the answer; none where it is not among them."""
    right = (place for place, one in enumerate(passages, start=1) if questions.retrieved([one], item))
    return next(right, None)


def with_ranks(
    arm: Arm, wording: str, items: Sequence[dict], orders: Sequence[list[int]], passages: Sequence[Passage]
) -> Rows:
    """A row for each question with the numbers of its passages, the best first, and the rank of the right one."""
    return [
        {"arm": arm, "wording": wording, "id": one["id"], "order": order}
        | {"rank": rank_of_right([passages[number] for number in order], one)}
        for one, order in zip(items, orders, strict=True)
    ]
