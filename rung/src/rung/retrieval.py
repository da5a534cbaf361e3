"""The index of a case's passages on disk, and three searches in it: by words, by meaning, and by both.

An index is made once for its documents, their readers, cutting and embedder, and used again as long as these are the
same. Passages and vectors stay on disk: 100,000 documents are neither read nor held in memory twice. Where documents
have changed, the vectors of passages that have not are taken over from the index before.
"""

import hashlib
import json
import os
import re
import shutil
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import bm25s
import numpy as np
from bm25s.tokenization import Tokenizer

from rung import cutting, readers
from rung.case import Finding
from rung.cutting import Passage
from rung.embedding import Embedder
from rung.errors import CaseError, ModelError
from rung.locks import alone
from rung.progress import Progress
from rung.vectors import ChromaVectors, FlatFile, FlatVectors, Hit, Kept, is_address

VERSION = 4  # raise it when the same passages would be indexed otherwise
METHODS = ("bm25", "embeddings", "hybrid")
DEEP = 50  # results of each search that are fused
FUSION = 60  # the constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)
BATCH = 256  # passages embedded between two writes
NAME = re.compile(r"[0-9a-f]{16}")  # of an index: see Recipe.key
KEPT = 3  # indexes of a case that stay, the last used
RECENT = 3600  # seconds since its last use within which an index is not removed: another run may be using it
WORD = r"(?u)\b\w+[+#]*"  # single figures and letters too, so that "bay 7" can be found; C++ and C# are not C


class Passages(Sequence[Passage]):
    """The passages of an index, each read from disk when it is asked for."""

    def __init__(self, file: Path, starts: Path):
        """Open the file of passages by its table of line starts."""
        self._file = file.open("rb")
        self._starts = np.load(starts, mmap_mode="r")

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self._starts)

    def __getitem__(self, number: int) -> Passage:  # type: ignore[override]  # no slices: one is read at a time
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
    """What decides an index, beside the documents: how they are read, cut, and by what embedded ("" for nothing).

    `embedder` is what `identity` gives for it. `chroma` is where the vectors are kept: a folder, the address of a
    server, or "" for a file of the index. `readers` is what rung.readers.readers_of gives for the documents' files.
    """

    passage_tokens: int
    embedder: str = ""
    chroma: str = ""
    readers: str = ""

    def key(self, documents: str) -> str:
        """A name for the index of documents with this fingerprint."""
        content = json.dumps([documents, asdict(self), readers.VERSION, cutting.VERSION, VERSION])
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def composed(text: str) -> str:
    """A text with each letter and its accents as one sign: "u" and its dots behind it would end a word at the "u"."""
    return unicodedata.normalize("NFC", text)


def fingerprint(files: Iterable[Path], folder: Path) -> str:
    """One hash of the files' names and contents; of one that cannot be opened, the reason stands for its content."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(os.fsencode(f"{path.relative_to(folder).as_posix()}\0"))
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as problem:
            digest.update(str(problem.strerror).encode())
    return digest.hexdigest()


class Index:
    """Passages, a BM25 index of their words and, where there is an embedder, their vectors."""

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        embedder: Embedder | None = None,
        vectors: FlatVectors | ChromaVectors | None = None,
    ):
        """Open a finished index. `findings` is what was found while its documents were read."""
        self.folder, self.recipe, self.embedder, self._vectors = folder, recipe, embedder, vectors
        self.passages = Passages(folder / "passages.jsonl", folder / "starts.npy")
        self.findings = _findings(folder)
        self._words = bm25s.BM25.load(folder / "bm25", mmap=True, show_progress=False)

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
            [composed(one) for one in questions],
            token_pattern=WORD,
            stopwords=None,
            return_ids=False,
            show_progress=False,
        )
        numbers, scores = self._words.retrieve(tokens, k=top, show_progress=False, n_threads=0)
        return [
            [Hit(int(number), float(score)) for number, score in zip(*row, strict=True) if score > 0]
            for row in zip(numbers, scores, strict=True)
        ]

    def _by_meaning(self, questions: Sequence[str], top: int) -> list[list[Hit]]:
        """Cosine similarity."""
        assert self._vectors is not None and self.embedder is not None  # `search` refuses the method otherwise
        return self._vectors.nearest(self.embedder.queries(questions), min(top, len(self.passages)))


def fused(lists: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Several rankings as one by reciprocal rank fusion, best first; ties go to the lower number."""
    scores: dict[int, float] = {}
    for hits in lists:
        for rank, hit in enumerate(hits, 1):
            scores[hit.number] = scores.get(hit.number, 0.0) + 1 / (FUSION + rank)
    return [Hit(number, scores[number]) for number in sorted(scores, key=lambda number: (-scores[number], number))]


def build(  # noqa: PLR0913, PLR0917 - an index is made of this much
    folder: Path,
    documents: Callable[[], Iterable[tuple[str, str]]],
    documents_fingerprint: str,
    recipe: Recipe,
    embedder: Embedder | None,
    progress: Progress = lambda done, of: None,
    found: Callable[[], Sequence[Finding]] = list,
    home: Path = Path(),
) -> Index:
    """The index of documents below `folder`: opened where it is finished, else made, or gone on with.

    Args:
        folder: where indexes are kept, one folder each.
        documents: gives (name, text) of each document; called only where the passages are not there yet.
        documents_fingerprint: what `fingerprint` gives for their files.
        recipe: how they are read, cut and embedded.
        embedder: the embedder that the recipe names, or None for search by words alone.
        progress: is told how many passages are embedded.
        found: gives, after `documents`, what was found while they were read. It is kept with the passages.
        home: the folder that a Chroma folder is below, unless it is absolute.

    Raises CaseError where the documents hold no text or another run is making the index, ModelError where the embedder
    or the Chroma store is not to be had, OSError where the folder cannot be written to. What was made is kept.
    """
    finished = folder / recipe.key(documents_fingerprint)
    store = _store(finished, recipe.chroma, home, is_new=True) if embedder and recipe.chroma else None
    with _errors_name(folder):
        if not _is_whole(finished, store):
            with alone(finished):
                if not (finished / "starts.npy").exists():
                    _write_passages(finished, documents, found, recipe, embedder)
                passages = _passages(finished)
                _finish(finished, passages, embedder, store, lambda one: _kept(finished, recipe, one, home), progress)
        passages = _passages(finished)
        with suppress(PermissionError):
            (finished / "done").touch()  # when it was last used
        vectors = store or (FlatVectors(finished / "vectors.f32", len(passages)) if embedder else None)
        index = Index(finished, recipe, embedder, vectors)
        _remove_unused(folder, finished, home)
    return index


def _passages(index: Path) -> Passages:
    """The passages of an index. Raises CaseError where there are none."""
    passages = Passages(index / "passages.jsonl", index / "starts.npy")
    if not len(passages):
        why = "".join(f" {one.where}: {one.what}." for one in _findings(index)[:5])
        raise CaseError(f"The documents hold no text.{why}")
    return passages


@contextmanager
def _errors_name(folder: Path) -> Iterator[None]:
    """Name the folder where the system refuses something of it: a write that fails does not name its file."""
    try:
        yield
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror or str(problem), problem.filename or str(folder)) from problem


def _store(index: Path, chroma: str, home: Path, is_new: bool = False) -> ChromaVectors:
    """The vectors of an index that a Chroma store keeps; ModelError where it has none of it, unless it `is_new`."""
    where = chroma if is_address(chroma) else str(home / Path(chroma).expanduser())
    return ChromaVectors(where, f"rung-{index.name}", is_new)


def _findings(folder: Path) -> list[Finding]:
    """What was found while the documents of an index were read."""
    return [Finding(**one) for one in json.loads((folder / "findings.json").read_text(encoding="utf-8"))]


def _write_passages(
    folder: Path,
    documents: Callable[[], Iterable[tuple[str, str]]],
    found: Callable[[], Sequence[Finding]],
    recipe: Recipe,
    embedder: Embedder | None,
) -> None:
    """Cut every document, and write its passages as they come, with tables of where each begins and of their keys.

    The table of beginnings is written last: where it is, all is.
    """
    limit = min(recipe.passage_tokens, embedder.limit) if embedder else recipe.passage_tokens
    count = embedder.count if embedder else cutting.count_words
    starts: list[int] = []
    keys: list[bytes] = []
    with (folder / "passages.jsonl").open("wb") as file:
        for name, text in documents():
            for passage in cutting.cut(name, text, limit, count):
                starts.append(file.tell())
                keys.append(_key_of(passage))
                file.write(json.dumps(asdict(passage), ensure_ascii=False).encode() + b"\n")
    findings = [asdict(one) for one in found()]
    if embedder and limit < recipe.passage_tokens:
        what = f"{recipe.passage_tokens} is more than {embedder.name} reads of a text: lowered to {limit}"
        findings.append(asdict(Finding("warning", "[search] passage_tokens", what)))
    (folder / "findings.json").write_text(json.dumps(findings, ensure_ascii=False), encoding="utf-8")
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe) | {"version": VERSION}), encoding="utf-8")
    np.save(folder / "keys.npy", np.array(keys, dtype="S16"))
    part = folder / "starts.part.npy"
    np.save(part, np.array(starts, dtype=np.int64))
    part.rename(folder / "starts.npy")


def _key_of(passage: Passage) -> bytes:
    """What stands for the text of a passage that is embedded: 16 bytes of its hash."""
    return hashlib.sha256(passage.shown.encode()).digest()[:16]


def _is_whole(folder: Path, store: ChromaVectors | None) -> bool:
    """Whether an index is finished, and has a vector for each passage still, or none where nothing is embedded.

    What `done` holds is the length of a vector; an index of before, whose `done` holds another number, is finished
    again, which costs nothing where its vectors are all there.
    """
    done, vectors = folder / "done", folder / "vectors.f32"
    if not (done.exists() and (folder / "starts.npy").exists()):
        return False
    count = len(np.load(folder / "starts.npy", mmap_mode="r"))
    if store:
        return store.count() == count
    held = vectors.stat().st_size if vectors.exists() else 0
    return done.read_text(encoding="utf-8") == f"dimension {held // (4 * count)}" and held % (4 * count) == 0


def _finish(  # noqa: PLR0913, PLR0917 - what build() has at its end
    folder: Path,
    passages: Passages,
    embedder: Embedder | None,
    store: ChromaVectors | None,
    kept: Callable[[Embedder], Kept],
    progress: Progress,
) -> None:
    """Whatever an index lacks beside its passages."""
    if not (folder / "bm25" / "params.index.json").exists():
        _index_words(folder / "bm25", passages)
    if embedder:
        target = store or FlatFile(folder / "vectors.f32", embedder.dimension, len(passages))
        _embed(np.load(folder / "keys.npy"), passages, embedder, target, kept(embedder), progress)
    if store and store.count() != len(passages):
        what = f"{store.count()} vectors for {len(passages)} passages"
        raise ModelError(f"{store.where}, collection {store.name}, holds {what}: remove that collection.")
    dimension = 0 if store or not embedder else embedder.dimension
    (folder / "done").write_text(f"dimension {dimension}", encoding="utf-8")


class _Words(Sequence[list[int]]):
    """The numbers of each passage's words, as bm25s asks for them, in a file of int32 while an index is made."""

    def __init__(self, file: Path, ids: Iterable[Sequence[int]]):
        """Write them as they come."""
        self._ends = [0]
        with file.open("wb") as target:
            for some in ids:
                target.write(np.array(some, dtype=np.int32).tobytes())
                self._ends.append(self._ends[-1] + len(some))
        self._all = np.memmap(file, dtype=np.int32, mode="r")

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> list[int]:  # type: ignore[override]  # no slices, as above
        """The numbers of one passage's words."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self._all[self._ends[number] : self._ends[number + 1]].tolist()


def _index_words(folder: Path, passages: Passages) -> None:
    """BM25 of the passages, words tokenised as they are read, and their numbers read back from disk."""
    tokenizer = Tokenizer(splitter=WORD, stopwords=None)
    file = folder.with_name("words.i32")
    ids = _Words(file, tokenizer.streaming_tokenize((composed(one.shown) for one in passages), update_vocab=True))
    words = bm25s.BM25()
    words.index(bm25s.tokenization.Tokenized(ids=ids, vocab=tokenizer.get_vocab_dict()), show_progress=False)
    part = folder.with_name("bm25.part")
    shutil.rmtree(part, ignore_errors=True)
    words.save(part, show_progress=False)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    del ids
    file.unlink()


def _embed(  # noqa: PLR0913, PLR0917 - what is embedded, by what, and where the vectors go
    keys: np.ndarray,
    passages: Passages,
    embedder: Embedder,
    target: FlatFile | ChromaVectors,
    kept: Kept,
    progress: Progress,
) -> None:
    """Give a vector to each passage that has none yet: one that is kept elsewhere, else a new one."""
    for start in range(0, len(passages), BATCH):
        numbers = target.lacking(range(start, min(start + BATCH, len(passages))))
        if not numbers:
            continue
        found = kept.of(keys[numbers])
        new = [place for place in range(len(numbers)) if place not in found]
        made = embedder.documents([passages[numbers[place]].shown for place in new]) if new else []
        found |= dict(zip(new, made, strict=True))
        target.add(numbers, np.stack([found[place] for place in range(len(numbers))]))
        progress(numbers[-1] + 1, len(passages))


def _indexes(folder: Path) -> list[Path]:
    """The indexes below a folder, finished or not, the last used first."""
    return sorted((one for one in folder.iterdir() if NAME.fullmatch(one.name)), key=_last_used, reverse=True)


def _last_used(index: Path) -> float:
    """When anything in an index was last written, which opening it does too; in seconds since 1970."""
    return max((file.stat().st_mtime for file in index.iterdir()), default=0.0)


def _recipe_of(index: Path) -> dict:
    """The recipe of an index, and the version by which it was made; empty where its passages are not cut yet."""
    path = index / "recipe.json"
    return json.loads(path.read_text(encoding="utf-8")) if (index / "starts.npy").exists() and path.exists() else {}


def _kept(finished: Path, recipe: Recipe, embedder: Embedder, home: Path) -> Kept:
    """The vectors that other indexes of the same embedder have, also those that are not finished."""
    sources: list[tuple[np.ndarray, FlatVectors | ChromaVectors]] = []
    for index in _indexes(finished.parent):
        other, flat = _recipe_of(index), index / "vectors.f32"
        if index == finished or (other.get("embedder"), other.get("version")) != (recipe.embedder, VERSION):
            continue
        keys = np.load(index / "keys.npy")
        count = flat.stat().st_size // (4 * embedder.dimension) if flat.exists() else 0
        if 0 < count <= len(keys):
            sources.append((keys[:count], FlatVectors(flat, count, dimension=embedder.dimension)))
        elif other["chroma"] and len(keys):
            with suppress(ModelError):  # that store is gone: then nothing is taken over
                sources.append((keys, _store(index, other["chroma"], home)))
    return Kept(sources)


def _remove_unused(folder: Path, used: Path, home: Path) -> None:
    """Remove what was used before the last few indexes; what cannot be removed now is left for another time.

    Their collections in a Chroma folder go with them. Those on a server stay, where others may use them.
    """
    for index in _indexes(folder)[KEPT:]:
        if index == used or time.time() - _last_used(index) < RECENT:
            continue
        chroma = _recipe_of(index).get("chroma", "")
        if chroma and not is_address(chroma):
            with suppress(ModelError):
                _store(index, chroma, home).remove()
        with suppress(OSError):
            gone = index.rename(index.with_name(f".{index.name}"))  # at once, so that no half of it is ever opened
            shutil.rmtree(gone)


def identity(embedder: Embedder) -> str:
    """What decides an embedder's vectors: its name or, where that is a folder, what is in it too."""
    folder = Path(embedder.name)
    if not folder.is_dir():
        return embedder.name
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return f"{folder.name} {fingerprint(files, folder)}"
