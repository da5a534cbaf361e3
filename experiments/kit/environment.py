"""The environment that the libraries are to find, set before they are imported."""

import os

from kit.paths import HF_HOME


def use_local_models() -> None:
    """Point the libraries at the project's own model cache, offline, before they are imported.

    Whatever was exported: other weights would give other results under the same checksum.
    """
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME"):
        os.environ.pop(name, None)
    os.environ["HF_HOME"] = str(HF_HOME)
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # oneDNN keeps what it prepared for each shape of a batch, by default of 1,024: with the larger model's vocabulary
    # that is gigabytes, and the lengths of batches hardly repeat.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
