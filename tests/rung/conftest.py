"""What the package's tests share: the embedder laid out for the guide, and a tiny model."""

from pathlib import Path

import pytest

from tests.programs.families import FAMILIES, save, save_narrow


@pytest.fixture(scope="session")
def embedder():
    """The guide's embedder, loaded once."""
    from rung.embedding import Embedder

    return Embedder("sentence-transformers/all-MiniLM-L6-v2")


@pytest.fixture(scope="session")
def narrow(tmp_path_factory) -> Path:
    """The folder of a model with random weights that reads and writes tokens as the small model does."""
    return save_narrow(tmp_path_factory.mktemp("narrow") / "model", spread=0.5)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """The folder of a model with random weights."""
    return save(FAMILIES["qwen2"], tmp_path_factory.mktemp("tiny") / "model")
