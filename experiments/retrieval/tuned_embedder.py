"""Fine-tuning the embedder on pairs of a question and the passage that answers it."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.models import EMBEDDER


@dataclass(frozen=True)
class EmbedderTraining:
    """The settings of one run."""

    epochs: int
    learning_rate: float  # not scaled with the generator, as the embedder is always the same
    batch_size: int
    seed: int


def tuned_embedder(pairs: Sequence[tuple[str, ...]], training: EmbedderTraining) -> "tempfile.TemporaryDirectory[str]":
    """A folder with the embedder trained on (question, right passage) or (question, right passage, wrong passage).

    The loss makes a question more similar to its own passage than to the other passages of its batch (multiple
    negatives ranking). The folder is gone when the returned object is.
    """
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.training_args import BatchSamplers

    folder = tempfile.TemporaryDirectory(prefix="embedder-")
    columns = ("anchor", "positive", "negative")
    examples = Dataset.from_list([dict(zip(columns, pair, strict=False)) for pair in pairs])
    model = SentenceTransformer(EMBEDDER, device="cpu")
    arguments = SentenceTransformerTrainingArguments(
        output_dir=folder.name,
        num_train_epochs=training.epochs,
        learning_rate=training.learning_rate,
        per_device_train_batch_size=training.batch_size,
        batch_sampler=BatchSamplers.NO_DUPLICATES,  # two questions about one passage are no negatives of each other
        warmup_steps=0.1,  # below 1: a share of all steps
        seed=training.seed,
        use_cpu=True,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        logging_strategy="no",
    )
    SentenceTransformerTrainer(
        model, arguments, train_dataset=examples, loss=MultipleNegativesRankingLoss(model)
    ).train()
    model.save(str(Path(folder.name) / "model"))
    return folder
