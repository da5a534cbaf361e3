"""The embedder: texts to vectors of length one, and texts to numbers of tokens."""

import importlib.util
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rung.errors import ModelError, install, not_loaded
from rung.models import quiet

SPECIAL_TOKENS = 2  # that the embedder puts round a text


def available() -> bool:
    """Whether the libraries for local embeddings are installed."""
    return importlib.util.find_spec("sentence_transformers") is not None


class Embedder:
    """A sentence-transformers model, loaded at its first use."""

    def __init__(self, name: str):
        """Name the model; nothing is loaded yet."""
        self.name = name
        self._model: Any = None

    @property
    def model(self) -> Any:
        """The loaded model. Raises ModelError where it is not to be had."""
        if self._model is None:
            if not available():
                raise ModelError(f"Embeddings need {install('local')}.")
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
            from sentence_transformers import SentenceTransformer

            quiet()
            try:
                self._model = SentenceTransformer(self.name)
            except Exception as problem:  # each library that reads a part of a model has errors of its own
                instead = "name another one, or a local folder, in case.toml, [search] embedder"
                raise not_loaded("The embedder", self.name, problem, instead) from problem
        return self._model

    @property
    def limit(self) -> int:
        """The most tokens of a text that the model reads, special tokens not counted; it ignores the rest."""
        return int(self.model.max_seq_length or 512) - SPECIAL_TOKENS

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return len(self.queries(["?"])[0])

    def count(self, texts: Sequence[str]) -> list[int]:
        """Each text's number of tokens, special tokens not counted."""
        if not texts:
            return []
        encoded = self.model.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of passages: float32, one row a text, each of length one."""
        return self._encoded(self.model.encode_document, texts)

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of questions: float32, one row a text, each of length one."""
        return self._encoded(self.model.encode_query, texts)

    @staticmethod
    def _encoded(encode: Callable[..., Any], texts: Sequence[str]) -> np.ndarray:
        """What both have in common."""
        vectors = encode(list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)
