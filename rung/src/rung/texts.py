"""The vectors of the texts to label, each embedded once and kept on disk for every arm and every later run."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from rung.embedding import Embedder
from rung.errors import ModelError
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
        report: Callable[[str, int, int], None] = lambda what, done, of: None,
    ):
        """Name the file, and the texts whose vectors are kept in it; nothing is embedded yet.

        `report` is told what is done, how much of it, and how much there is.
        """
        self.embedder, self._path, self._own, self._report = embedder, path, frozenset(own), report
        self._identity = identity(embedder)

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts, as the embedder has them of questions: float32, one row a text, each of length one.

        Raises ModelError where the embedder is not to be had, or the file cannot be used; what was embedded is kept.
        """
        found = {key: vector for key, (_, vector) in self._kept(texts).items()}
        missing = [text for text in dict.fromkeys(texts) if self._key(text) not in found]
        for start in range(0, len(missing), BATCH):
            some = missing[start : start + BATCH]
            vectors = self.embedder.queries(some)
            self._keep(some, vectors)
            found |= {self._key(text): vector for text, vector in zip(some, vectors, strict=True)}
            self._report("Embedding texts", start + len(some), len(missing))
        return np.stack([found[self._key(text)] for text in texts])

    def cut(self, texts: Sequence[str]) -> int:
        """How many of the texts that are embedded are longer than the embedder reads."""
        kept = self._kept(texts)
        return sum(kept[key][0] for key in map(self._key, texts) if key in kept)

    def _key(self, text: str) -> bytes:
        """What stands for a text and the embedder: 16 bytes of their hash."""
        return hashlib.sha256(f"{self._identity}\0{text}".encode()).digest()[:16]

    def _kept(self, texts: Sequence[str]) -> dict[bytes, tuple[bool, np.ndarray]]:
        """Of the texts that are kept, by their keys: whether each was cut, and its vector."""
        keys = [self._key(text) for text in dict.fromkeys(texts) if text in self._own]
        found = {}
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            asked = f"SELECT key, cut, vector FROM vectors WHERE key IN ({','.join('?' * len(some))})"
            for key, cut, vector in self._done(asked, [some]):
                found[key] = bool(cut), np.frombuffer(vector, dtype=np.float32)
        return found

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
