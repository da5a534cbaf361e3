"""Where an index keeps its vectors: in one flat file, or in a Chroma store; and those that other indexes have."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from rung.errors import ModelError, install

BLOCK = 65_536  # vectors compared at once


@dataclass(frozen=True)
class Hit:
    """A passage's number in the index and its score: BM25, cosine similarity, or fused ranks."""

    number: int
    score: float


class FlatVectors:
    """Vectors in one file of float32, read through the operating system's page cache, block by block."""

    def __init__(self, path: Path, count: int, block: int = BLOCK, dimension: int | None = None):
        """Open the vectors of `count` passages, to compare `block` of them at once.

        `dimension` is the length of one, needed where the file holds more than `count`.
        """
        self._block = block
        shape = None if dimension is None else (count, dimension)
        self._matrix = np.memmap(path, dtype=np.float32, mode="r", shape=shape).reshape(count, -1)

    def rows(self, numbers: Sequence[int]) -> dict[int, np.ndarray]:
        """The vectors of some passages, by their numbers."""
        return {number: np.asarray(self._matrix[number]) for number in numbers}

    def nearest(self, queries: np.ndarray, top: int) -> list[list[Hit]]:
        """The nearest vectors of each query, best first, by exact search; ties go to the lower number."""
        return [
            hits for start in range(0, len(queries), 64) for hits in self._nearest(queries[start : start + 64], top)
        ]

    def _nearest(self, queries: np.ndarray, top: int) -> list[list[Hit]]:
        """The same for so many queries that their scores fit in memory."""
        best = [(np.empty(0, np.float32), np.empty(0, np.int64))] * len(queries)
        for start in range(0, len(self._matrix), self._block):
            block = queries @ np.asarray(self._matrix[start : start + self._block]).T
            few = min(top, block.shape[1])
            places = np.argpartition(-block, few - 1, axis=1)[:, :few]
            for row, (scores, numbers) in enumerate(best):
                scores = np.concatenate([scores, block[row, places[row]]])  # noqa: PLW2901 - grown, then cut again
                numbers = np.concatenate([numbers, places[row] + start])  # noqa: PLW2901
                order = np.lexsort((numbers, -scores))[:top]
                best[row] = scores[order], numbers[order]
        return [[Hit(int(number), float(score)) for score, number in zip(*pair, strict=True)] for pair in best]


class FlatFile:
    """The file of FlatVectors while it is written: it grows by whole rows, so that a killed run goes on at its end."""

    def __init__(self, path: Path, dimension: int, most: int):
        """Open or make it, for `most` vectors; half a row, of a run that was killed, goes.

        Where it holds more, two runs have written into it, and whose rows are whose cannot be told: it begins anew.
        """
        self.path, width = path, 4 * dimension
        path.touch()
        held = path.stat().st_size // width
        self._count = held if held <= most else 0
        with path.open("r+b") as file:
            file.truncate(self._count * width)

    def lacking(self, numbers: Sequence[int]) -> list[int]:
        """Which of these passages have no vector yet."""
        return [number for number in numbers if number >= self._count]

    def add(self, numbers: Sequence[int], vectors: np.ndarray) -> None:
        """Append the vectors of the passages that come next."""
        with self.path.open("ab") as file:
            file.write(vectors.astype(np.float32, copy=False).tobytes())
        self._count += len(numbers)


class ChromaVectors:
    """Vectors in a Chroma store: a folder, or a server by its http address. Only vectors and numbers go there.

    Each method raises ModelError where the store is not to be had. What it holds is kept.
    """

    def __init__(self, where: str, name: str, is_new: bool = True):
        """Open the collection of that name; where it is not there, make it, or raise ModelError unless it `is_new`."""
        self.where, self.name = where, name
        if not (is_new or is_address(where) or Path(where).is_dir()):
            raise ModelError(f"There is no Chroma store {where}.")
        try:
            import chromadb
        except ImportError as problem:
            raise ModelError(f"A Chroma store needs {install('store')}.") from problem
        with self._errors_in_words():
            if is_address(where):
                parts = urlsplit(where)
                port = parts.port or (443 if parts.scheme == "https" else 8000)
                self._client = chromadb.HttpClient(host=parts.hostname, port=port, ssl=parts.scheme == "https")
            else:
                self._client = chromadb.PersistentClient(path=where)
            cosine = {"hnsw": {"space": "cosine"}}
            self._collection = (
                self._client.create_collection(name, configuration=cosine, get_or_create=True)
                if is_new
                else self._client.get_collection(name)
            )

    @contextmanager
    def _errors_in_words(self) -> Iterator[None]:
        """One sentence for whatever Chroma raises: a server's absence is a ValueError, a full disk one of its own."""
        try:
            yield
        except Exception as problem:
            what = "start it" if is_address(self.where) else "name a folder that can be written to"
            reason = " ".join(str(problem).split()) or type(problem).__name__
            why = f"The Chroma store {self.where} cannot be used ({reason.rstrip('.')})"
            raise ModelError(f"{why}: {what}, or change [search] chroma in case.toml.") from problem

    def count(self) -> int:
        """How many vectors there are."""
        with self._errors_in_words():
            return self._collection.count()

    def lacking(self, numbers: Sequence[int]) -> list[int]:
        """Which of these passages have no vector yet."""
        with self._errors_in_words():
            held = set(self._collection.get(ids=[str(number) for number in numbers], include=[])["ids"])
        return [number for number in numbers if str(number) not in held]

    def add(self, numbers: Sequence[int], vectors: np.ndarray) -> None:
        """Keep the vectors of some passages."""
        with self._errors_in_words():
            self._collection.upsert(ids=[str(number) for number in numbers], embeddings=vectors)

    def rows(self, numbers: Sequence[int]) -> dict[int, np.ndarray]:
        """The vectors of some passages, by their numbers; those that are not there are left out."""
        with self._errors_in_words():
            found = self._collection.get(ids=[str(number) for number in numbers], include=["embeddings"])
        return {int(name): np.asarray(row) for name, row in zip(found["ids"], found["embeddings"], strict=True)}

    def nearest(self, queries: np.ndarray, top: int) -> list[list[Hit]]:
        """The nearest vectors of each query, best first, by Chroma's approximate search."""
        with self._errors_in_words():
            found = self._collection.query(query_embeddings=queries, n_results=top, include=["distances"])
        return [
            [Hit(int(name), 1 - float(distance)) for name, distance in zip(*row, strict=True)]
            for row in zip(found["ids"], found["distances"], strict=True)
        ]

    def remove(self) -> None:
        """Remove the collection."""
        with self._errors_in_words():
            self._client.delete_collection(self.name)


def is_address(where: str) -> bool:
    """Whether a Chroma store is a server by its address; else it is a folder."""
    return where.startswith(("http://", "https://"))


class Kept:
    """The vectors of other indexes with the same embedder, by the text of their passages, so that none is made twice.

    Of the texts only hashes are in memory, 24 bytes a passage with their order.
    """

    def __init__(self, sources: Sequence[tuple[np.ndarray, FlatVectors | ChromaVectors]]):
        """Take the keys of each index's passages, in their order, with its vectors."""
        orders = [np.argsort(keys, kind="stable") for keys, _ in sources]
        self._sources = [(keys[order], order, rows) for (keys, rows), order in zip(sources, orders, strict=True)]

    def of(self, keys: np.ndarray) -> dict[int, np.ndarray]:
        """The vectors that there are for these keys, by the place of each key."""
        found: dict[int, np.ndarray] = {}
        for known, order, vectors in self._sources:
            at = np.searchsorted(known, keys)
            at[at == len(known)] = 0
            same = known[at] == keys
            numbers = {place: int(order[at[place]]) for place in range(len(keys)) if same[place] and place not in found}
            rows = vectors.rows(list(numbers.values())) if numbers else {}
            found |= {place: rows[number] for place, number in numbers.items() if number in rows}
        return found
