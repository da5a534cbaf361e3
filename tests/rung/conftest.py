"""What the package's tests share: the models laid out for the guide, and indexes of small cases."""

import os

import pytest

from scripts.paths import ROOT

# Before any library that reads them is imported.
os.environ["HF_HOME"] = str(ROOT / ".cache" / "huggingface")
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def embedder():
    """The guide's embedder, loaded once."""
    from rung.embedding import Embedder

    return Embedder("sentence-transformers/all-MiniLM-L6-v2")
