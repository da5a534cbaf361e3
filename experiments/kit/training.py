"""The one training loop, and the losses that the experiments train with."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil

import torch
from torch.nn.utils.rnn import pad_sequence

from kit.model import Loaded, load, with_lora

NO_LABEL = -100
Example = tuple[torch.Tensor, ...]  # token ids, labels, and what else a loss needs
Loss = Callable[[torch.nn.Module, list[Example]], torch.Tensor]


@dataclass(frozen=True)
class Training:
    """The settings of a training run over examples."""

    learning_rate: float
    epochs: int
    batch_size: int
    seed: int
    fused: bool = False  # the optimiser's faster kernel, which rounds otherwise
    stop_after: int | None = None  # an epoch; the learning rate falls as if all were to come


def linear(steps: int) -> Callable[[int], float]:
    """A learning rate that falls linearly to nothing, as a share of the first."""
    return lambda step: 1 - step / steps


def encode(tokenizer, pairs: list[tuple[str, str]]) -> list[Example]:
    """For each (prompt, reply): token ids, and labels that count the reply and the token that ends it only."""
    encoded = []
    for prompt, reply in pairs:
        before, after = (tokenizer(text, add_special_tokens=False).input_ids for text in (prompt, reply))
        after = [*after, tokenizer.eos_token_id]
        labels = [NO_LABEL] * len(before) + after
        encoded.append((torch.tensor(before + after), torch.tensor(labels)))
    return encoded


def padded(part: list[Example]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Token ids, attention mask and labels of a batch, each of shape (examples, longest)."""
    ids = pad_sequence([ids for ids, *_ in part], batch_first=True)
    labels = pad_sequence([labels for _, labels, *_ in part], batch_first=True, padding_value=NO_LABEL)
    mask = pad_sequence([torch.ones_like(ids) for ids, *_ in part], batch_first=True)
    return ids, mask, labels


def reply_loss(model, part: list[Example]) -> torch.Tensor:
    """Mean cross-entropy of the reply tokens in a batch.

    The vocabulary is large and replies are short, so the last layer is computed at the reply's positions alone.
    """
    ids, mask, labels = padded(part)
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    hidden = inner.model(input_ids=ids, attention_mask=mask).last_hidden_state[:, :-1]
    wanted = labels[:, 1:]
    chosen = wanted != NO_LABEL
    return torch.nn.functional.cross_entropy(inner.lm_head(hidden[chosen]), wanted[chosen])


def reply_logits(model, part: list[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    """The logits before each token of the replies in a batch, and those tokens; also behind virtual tokens.

    The last layer is computed from where the first reply begins.
    """
    ids, mask, labels = padded(part)
    chosen = labels != NO_LABEL
    kept = ids.shape[1] - int(chosen.any(0).nonzero()[0])
    logits = model(input_ids=ids, attention_mask=mask, logits_to_keep=kept + 1).logits[:, :-1]
    return logits[chosen[:, -kept:]], labels[chosen]


def logits_loss(model, part: list[Example]) -> torch.Tensor:
    """Mean cross-entropy of the reply tokens, of any model: also one with virtual tokens or cut to fewer layers."""
    return torch.nn.functional.cross_entropy(*reply_logits(model, part))


def fit(  # noqa: PLR0913 - a model, what it reads, how it learns, who looks on
    model,
    batches: Iterable,
    loss_of: Loss,
    *,
    learning_rate: float,
    schedule: Callable[[int], float],
    weight_decay: float = 0.0,
    fused: bool = False,
) -> Iterator[tuple[int, float]]:
    """Train what is trainable with AdamW, a step for each batch; yields (step, its loss), so that a caller can look.

    `schedule` gives the learning rate of a step, from 0, as a share of `learning_rate`.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=weight_decay, fused=fused)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)
    for step, batch in enumerate(batches, start=1):
        model.train()
        loss = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        scheduler.step()
        yield step, loss.item()


def shuffled_batches(examples: list[Example], training: Training) -> Iterator[list[Example]]:
    """The examples in batches, in a new order in each epoch."""
    rng, size = random.Random(training.seed), training.batch_size
    for _ in range(training.epochs):
        rng.shuffle(examples)
        yield from (examples[start : start + size] for start in range(0, len(examples), size))


def train(
    model,
    examples: list[Example],
    training: Training,
    loss_of: Loss = reply_loss,
    after_epoch: Callable[[int, float], None] = lambda epoch, loss: None,
) -> None:
    """Train on encoded examples for some epochs, the learning rate falling linearly to nothing.

    `after_epoch` gets the epoch, from 1, and its mean training loss. The examples are shuffled in place.
    """
    torch.manual_seed(training.seed)
    steps_per_epoch = ceil(len(examples) / training.batch_size)
    steps = fit(
        model,
        shuffled_batches(examples, training),
        loss_of,
        learning_rate=training.learning_rate,
        schedule=linear(training.epochs * steps_per_epoch),
        fused=training.fused,
    )
    losses: list[float] = []
    for step, loss in steps:
        losses.append(loss)
        if step % steps_per_epoch == 0:
            epoch = step // steps_per_epoch
            after_epoch(epoch, sum(losses[-steps_per_epoch:]) / steps_per_epoch)
            if epoch == training.stop_after:
                return


def lora_tuned(
    key: str,
    pairs: list[tuple[str, str]],
    training: Training,
    rank: int,
    after_epoch: Callable[[Loaded, int, float], None] = lambda loaded, epoch, loss: None,
) -> Loaded:
    """A model with a LoRA adapter trained on (prompt, reply) pairs; `after_epoch` gets it on the way."""
    loaded = with_lora(load(key), rank, training.seed)
    examples = encode(loaded.tokenizer, pairs)
    train(loaded.model, examples, training, after_epoch=lambda *told: after_epoch(loaded, *told))
    return loaded
