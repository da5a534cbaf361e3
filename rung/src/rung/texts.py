"""The vectors of the texts to label, each embedded once and kept on disk for every arm and every later run."""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from rung.embedding import Embedder
from rung.errors import ModelError
from rung.progress import StageProgress
from rung.retrieval import BATCH, identity

AT_ONCE = 500  # keys looked up in one question to the database; SQLite takes 999 at the least
TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, cut INTEGER NOT NULL, vector BLOB NOT NULL)"


class TextVectors:
    """Vectors of texts by what they say and the embedder. Those of the case's own texts are kept, others are not."""

    def __init__(
        self,
        embedder: Embedder,
        path: Path,
        own: Iterable[str],
        progress: StageProgress = lambda what, done, of: None,
    ):
        """Name the file, and the texts whose vectors are kept in it; nothing is embedded yet.

        `progress` is told what is done, how much of it, and how much there is.
        """
        self.embedder, self._path, self._own, self._progress = embedder, path, frozenset(own), progress
        self._identity = identity(embedder)

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts, as the embedder has them of questions: float32, one row a text, each of length one.

        Of many texts they are in memory once: each goes into its rows as it comes. Raises ModelError where the embedder
        is not to be had, or the file cannot be used; what was embedded is kept.
        """
        places: dict[bytes, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            places[self._key(text)].append(place)
        matrix = np.empty((len(texts), 0), dtype=np.float32)  # as wide as the first vector, once it is there
        for key, vector in self._each(texts):
            if not matrix.size:
                matrix = np.empty((len(texts), len(vector)), dtype=np.float32)
            matrix[places[key]] = vector
        return matrix

    def cut(self, texts: Sequence[str]) -> int:
        """How many of the texts that are embedded are longer than the embedder reads."""
        kept = dict(self._kept("key, cut", texts))
        return sum(kept.get(self._key(text), 0) for text in texts)

    def _each(self, texts: Sequence[str]) -> Iterator[tuple[bytes, np.ndarray]]:
        """The vector of each text with its key, once: those that are kept, then those that are made now."""
        missing = {self._key(text): text for text in texts}
        for key, vector in self._kept("key, vector", texts):
            del missing[key]
            yield key, np.frombuffer(vector, dtype=np.float32)
        new = list(missing.values())
        for start in range(0, len(new), BATCH):
            some = new[start : start + BATCH]
            vectors = self.embedder.queries(some)
            self._keep(some, vectors)
            yield from zip(map(self._key, some), vectors, strict=True)
            self._progress("Embedding texts", start + len(some), len(new))

    def _key(self, text: str) -> bytes:
        """What stands for a text and the embedder: 16 bytes of their hash."""
        return hashlib.sha256(f"{self._identity}\0{text}".encode()).digest()[:16]

    def _kept(self, columns: str, texts: Sequence[str]) -> Iterator[tuple]:
        """These columns of the texts that are kept, each once."""
        keys = [self._key(text) for text in dict.fromkeys(texts) if text in self._own]
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            asked = f"SELECT {columns} FROM vectors WHERE key IN ({','.join('?' * len(some))})"
            yield from self._done(asked, [some])

    def _keep(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Keep the vectors of the case's own texts."""
        limit = self.embedder.limit
        rows = zip(texts, self.embedder.count(texts), vectors, strict=True)
        new = [[self._key(text), tokens > limit, row.tobytes()] for text, tokens, row in rows if text in self._own]
        self._done("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", new)

    def _done(self, statement: str, rows: Sequence[Sequence[object]]) -> list[tuple]:
        """What a statement gives for each row of values, all together. Raises ModelError."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path)) as connection, connection:
                connection.execute(TABLE)
                return [line for row in rows for line in connection.execute(statement, row)]
        except sqlite3.Error as problem:
            hint = "make room, allow writing to it, or delete it: it is made anew"
            raise ModelError(f"{self._path} cannot be used ({problem}): {hint}.") from problem
