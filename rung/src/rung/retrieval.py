"""The index of a case's passages on disk, and three searches in it: by words, by meaning, and by both.

An index is made once for its documents, cutting and embedder, and used again as long as these are the same. Passages
and vectors stay on disk: 100,000 documents are neither read nor held in memory twice.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import bm25s
import numpy as np
from bm25s.tokenization import Tokenizer

from rung import cutting
from rung.cutting import Passage
from rung.embedding import Embedder

VERSION = 2  # raise it when the same passages would be indexed otherwise
METHODS = ("bm25", "embeddings", "hybrid")
DEEP = 50  # results of each search that are fused
FUSION = 60  # the constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)
BATCH = 256  # passages embedded between two writes
BLOCK = 65_536  # vectors compared at once
WORD = r"(?u)\b\w+[+#]*"  # single figures and letters too, so that "bay 7" can be found; C++ and C# are not C
Progress = Callable[[int, int], None]  # done, of how many; 0 where that is not known


@dataclass(frozen=True)
class Hit:
    """A passage's number in the index and its score: BM25, cosine similarity, or fused ranks."""

    number: int
    score: float


class Passages(Sequence[Passage]):
    """The passages of an index, each read from disk when it is asked for."""

    def __init__(self, file: Path, starts: Path):
        """Open the file of passages by its table of line starts."""
        self._file = file.open("rb")
        self._starts = np.load(starts, mmap_mode="r")

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self._starts)

    def __getitem__(self, number: int) -> Passage:
        """The passage of a number."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        self._file.seek(int(self._starts[number]))
        return Passage(**json.loads(self._file.readline()))

    def __iter__(self) -> Iterator[Passage]:
        """All passages, in order, one at a time."""
        return (self[number] for number in range(len(self)))


@dataclass(frozen=True)
class Recipe:
    """What decides an index, beside the documents: how they are cut, and by what they are embedded ("" for nothing)."""

    passage_tokens: int
    embedder: str = ""
    chroma: str = ""

    def key(self, documents: str) -> str:
        """A name for the index of documents with this fingerprint."""
        content = json.dumps([documents, asdict(self), cutting.VERSION, VERSION])
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def fingerprint(files: Iterable[Path], folder: Path) -> str:
    """One hash of the files' names and contents."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


class Index:
    """Passages, a BM25 index of their words and, where there is an embedder, their vectors."""

    def __init__(self, folder: Path, recipe: Recipe, embedder: Embedder | None = None):
        """Open a finished index."""
        self.folder, self.recipe, self.embedder = folder, recipe, embedder
        self.passages = Passages(folder / "passages.jsonl", folder / "starts.npy")
        self._words = bm25s.BM25.load(folder / "bm25", mmap=True, show_progress=False)
        self._vectors = _open_vectors(folder, recipe, len(self.passages)) if embedder else None

    @property
    def methods(self) -> tuple[str, ...]:
        """The searches that this index has."""
        return METHODS if self.embedder else ("bm25",)

    def search(self, questions: Sequence[str], method: str, top: int) -> list[list[Hit]]:
        """The best passages for each question, best first: at most `top`, fewer where there are no more.

        `method` is "bm25", "embeddings" or "hybrid". A passage that shares no word with the question is no hit of bm25.
        Raises ValueError for a method that the index does not have.
        """
        if method not in self.methods:
            raise ValueError(f"this index has {', '.join(self.methods)}, not {method}")
        if not questions:
            return []
        if method == "bm25":
            return self._by_words(questions, top)
        if method == "embeddings":
            return self._by_meaning(questions, top)
        deep = max(DEEP, top)
        both = zip(self._by_words(questions, deep), self._by_meaning(questions, deep), strict=True)
        return [fused(list(lists))[:top] for lists in both]

    def similarity(self, questions: Sequence[str]) -> list[float]:
        """The cosine similarity of each question's nearest passage; without an embedder, its BM25 score."""
        hits = self.search(questions, "embeddings" if self.embedder else "bm25", 1)
        return [found[0].score if found else 0.0 for found in hits]

    def _by_words(self, questions: Sequence[str], top: int) -> list[list[Hit]]:
        """BM25."""
        top = min(top, len(self.passages))
        tokens = bm25s.tokenize(
            list(questions), token_pattern=WORD, stopwords=None, return_ids=False, show_progress=False
        )
        numbers, scores = self._words.retrieve(tokens, k=top, show_progress=False, n_threads=0)
        return [
            [Hit(int(number), float(score)) for number, score in zip(*row, strict=True) if score > 0]
            for row in zip(numbers, scores, strict=True)
        ]

    def _by_meaning(self, questions: Sequence[str], top: int) -> list[list[Hit]]:
        """Cosine similarity."""
        return self._vectors.nearest(self.embedder.queries(questions), min(top, len(self.passages)))


def _words_of(questions: Sequence[str]) -> list[list[str]]:
    """The words of each question, as the index has them."""
    return bm25s.tokenize(
        list(questions), token_pattern=WORD, stopwords=None, return_ids=False, show_progress=False, allow_empty=True
    )


def fused(lists: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Several rankings as one by reciprocal rank fusion, best first; ties go to the lower number."""
    scores: dict[int, float] = {}
    for hits in lists:
        for rank, hit in enumerate(hits, 1):
            scores[hit.number] = scores.get(hit.number, 0.0) + 1 / (FUSION + rank)
    return [Hit(number, scores[number]) for number in sorted(scores, key=lambda number: (-scores[number], number))]


class FlatVectors:
    """Vectors in one file of float32, read through the operating system's page cache, block by block."""

    def __init__(self, path: Path, count: int, block: int = BLOCK):
        """Open the vectors of `count` passages, to compare `block` of them at once."""
        self._block = block
        self._matrix = np.memmap(path, dtype=np.float32, mode="r").reshape(count, -1)

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


class ChromaVectors:
    """Vectors in a Chroma store: a folder, or a server by its http address."""

    def __init__(self, where: str, name: str):
        """Open the collection, or make it."""
        import chromadb

        if where.startswith(("http://", "https://")):
            from urllib.parse import urlsplit

            parts = urlsplit(where)
            port = parts.port or (443 if parts.scheme == "https" else 8000)
            client = chromadb.HttpClient(host=parts.hostname, port=port, ssl=parts.scheme == "https")
        else:
            client = chromadb.PersistentClient(path=where)
        self.collection = client.get_or_create_collection(name, configuration={"hnsw": {"space": "cosine"}})

    def nearest(self, queries: np.ndarray, top: int) -> list[list[Hit]]:
        """The nearest vectors of each query, best first, by Chroma's approximate search."""
        found = self.collection.query(query_embeddings=queries, n_results=top, include=["distances"])
        return [
            [Hit(int(name), 1 - float(distance)) for name, distance in zip(*row, strict=True)]
            for row in zip(found["ids"], found["distances"], strict=True)
        ]


def _open_vectors(folder: Path, recipe: Recipe, count: int) -> FlatVectors | ChromaVectors:
    """The vectors of a finished index, wherever they are."""
    if recipe.chroma:
        return ChromaVectors(recipe.chroma, f"rung-{folder.name}")
    return FlatVectors(folder / "vectors.f32", count)


def build(  # noqa: PLR0913, PLR0917 - an index is made of this much
    folder: Path,
    documents: Callable[[], Iterable[tuple[str, str]]],
    documents_fingerprint: str,
    recipe: Recipe,
    embedder: Embedder | None,
    progress: Progress = lambda done, of: None,
) -> Index:
    """The index of documents below `folder`: opened where it is finished, else made, or gone on with.

    Args:
        folder: where indexes are kept, one folder each.
        documents: gives (name, text) of each document; called only where the passages are not there yet.
        documents_fingerprint: what `fingerprint` gives for their files.
        recipe: how they are cut and embedded.
        embedder: the embedder that the recipe names, or None for search by words alone.
        progress: is told how many passages are embedded.
    """
    finished = folder / recipe.key(documents_fingerprint)
    if (finished / "done").exists():
        return Index(finished, recipe, embedder)
    finished.mkdir(parents=True, exist_ok=True)
    if not (finished / "starts.npy").exists():
        _write_passages(finished, documents(), recipe, embedder)
    passages = Passages(finished / "passages.jsonl", finished / "starts.npy")
    if not (finished / "bm25" / "params.index.json").exists():
        _index_words(finished / "bm25", passages)
    if embedder:
        _embed(finished, recipe, passages, embedder, progress)
    (finished / "done").touch()
    return Index(finished, recipe, embedder)


def _write_passages(
    folder: Path, documents: Iterable[tuple[str, str]], recipe: Recipe, embedder: Embedder | None
) -> None:
    """Cut every document, and write its passages as they come, with a table of where each begins."""
    limit = min(recipe.passage_tokens, embedder.limit) if embedder else recipe.passage_tokens
    count = embedder.count if embedder else cutting.count_words
    starts: list[int] = []
    with (folder / "passages.jsonl").open("wb") as file:
        for name, text in documents:
            for passage in cutting.cut(name, text, limit, count):
                starts.append(file.tell())
                file.write(json.dumps(asdict(passage), ensure_ascii=False).encode() + b"\n")
    part = folder / "starts.part.npy"
    np.save(part, np.array(starts, dtype=np.int64))
    part.rename(folder / "starts.npy")


def _index_words(folder: Path, passages: Passages) -> None:
    """BM25 of the passages, words tokenised as they are read."""
    tokenizer = Tokenizer(splitter=WORD, stopwords=None)
    ids = list(tokenizer.streaming_tokenize((passage.shown for passage in passages), update_vocab=True))
    words = bm25s.BM25()
    words.index((ids, tokenizer.get_vocab_dict()), show_progress=False)
    part = folder.with_name("bm25.part")
    shutil.rmtree(part, ignore_errors=True)
    words.save(part, show_progress=False)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def _embed(folder: Path, recipe: Recipe, passages: Passages, embedder: Embedder, progress: Progress) -> None:
    """Embed the passages that have no vector yet."""
    if recipe.chroma:
        store = ChromaVectors(recipe.chroma, f"rung-{folder.name}")
        done = store.collection.count()
        for start in range(done, len(passages), BATCH):
            numbers = range(start, min(start + BATCH, len(passages)))
            vectors = embedder.documents([passages[number].shown for number in numbers])
            store.collection.upsert(ids=[str(number) for number in numbers], embeddings=vectors)
            progress(numbers.stop, len(passages))
        return
    path = folder / "vectors.f32"
    width = 4 * embedder.dimension
    done = path.stat().st_size // width if path.exists() else 0
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(done * width)  # a row that was cut off when the run was killed
        file.seek(0, 2)
        for start in range(done, len(passages), BATCH):
            numbers = range(start, min(start + BATCH, len(passages)))
            file.write(embedder.documents([passages[number].shown for number in numbers]).tobytes())
            file.flush()
            progress(numbers.stop, len(passages))
