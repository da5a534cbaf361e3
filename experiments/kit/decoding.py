"""Greedy decoding of prompts that begin alike: their shared beginning is read once; a pattern may be forced."""

from collections.abc import Sequence
from copy import deepcopy
from os.path import commonprefix
from typing import TYPE_CHECKING

from kit.model import Loaded, generate
from rung import constraints

if TYPE_CHECKING:
    import torch

TURN = "<|im_start|>"  # a special token of both models: what is read before it does not depend on what follows
TOKENS_AT_ONCE = 48_000  # of a batch, all prompts together: some two gigabytes of keys and values
SHORT = 64  # a shared beginning of fewer tokens is not worth keeping


def shared_beginning(prompts: Sequence[str]) -> str:
    """What all prompts begin with, as far as the last whole turn of it."""
    common = commonprefix(list(prompts))  # noqa: RUF071 - of texts, not of paths
    return common[: common.rfind(TURN)] if TURN in common else ""


def generate_after(loaded: Loaded, prompts: Sequence[str], max_new_tokens: int, pattern: str = "") -> list[str]:
    """What the model writes after each prompt, greedily, in the prompts' order.

    With `pattern`, a regular expression, the reply is the likeliest token at each step that keeps to it. Without one,
    and without a beginning worth sharing, this is `generate`.
    """
    import torch

    beginning = shared_beginning(prompts) if len(set(prompts)) > 1 else ""
    before = loaded.tokenizer(beginning, add_special_tokens=False, return_tensors="pt")["input_ids"].long()
    if before.shape[1] < SHORT:
        beginning, before = "", before[:, :0]
    if not pattern and not beginning:
        return generate(loaded, prompts, max_new_tokens)
    loaded.model.eval()
    form = form_of(loaded, pattern) if pattern else None
    with torch.inference_mode():
        past = loaded.model(before, use_cache=True, logits_to_keep=1).past_key_values if beginning else None
    answers: dict[str, str] = {}
    for part in batches(loaded, sorted(set(prompts), key=lambda prompt: (len(prompt), prompt)), before.shape[1]):
        rests = [prompt[len(beginning) :] for prompt in part]
        answers |= dict(zip(part, written(loaded, before, past, rests, max_new_tokens, form), strict=True))
    return [answers[prompt] for prompt in prompts]


def form_of(loaded: Loaded, pattern: str) -> tuple:
    """The model's vocabulary as llguidance knows it, and the grammar of a regular expression."""
    from llguidance.hf import from_tokenizer

    return from_tokenizer(loaded.tokenizer), constraints.grammar_of(pattern=pattern)


def batches(loaded: Loaded, prompts: list[str], shared: int) -> list[list[str]]:
    """The prompts, which are sorted by length, in batches that fit into memory."""
    parts: list[list[str]] = []
    for prompt in prompts:
        longest = max(shared, len(loaded.tokenizer(prompt, add_special_tokens=False)["input_ids"]))
        most = max(1, min(loaded.spec.batch_size, TOKENS_AT_ONCE // longest))
        if not parts or len(parts[-1]) >= most:
            parts.append([])
        parts[-1].append(prompt)
    return parts


def written(  # noqa: PLR0913, PLR0917 - a model, what it has read, what it reads, how it writes
    loaded: Loaded, before: "torch.Tensor", past, rests: list[str], max_new_tokens: int, form: tuple | None
) -> list[str]:
    """The replies to one batch, each prompt being what was read before, of shape (1, tokens), and its own rest.

    `form` is what `form_of` gives, where replies must keep to one.
    """
    import torch

    inputs = loaded.tokenizer(rests, padding=True, return_tensors="pt", add_special_tokens=False)
    ids = torch.cat([before.expand(len(rests), -1), inputs["input_ids"]], dim=1)
    seen = torch.ones(len(rests), before.shape[1], dtype=inputs["attention_mask"].dtype)
    more = {}
    if past is not None:
        more["past_key_values"] = deepcopy(past)  # what is written is added to it
        more["past_key_values"].batch_repeat_interleave(len(rests))
    if form:
        more["logits_processor"] = [constraints.Held(*form, len(rests), ids.shape[1])]
    with torch.inference_mode():
        out = loaded.model.generate(
            input_ids=ids,
            attention_mask=torch.cat([seen, inputs["attention_mask"]], dim=1),
            max_new_tokens=max_new_tokens,
            do_sample=False,
            **more,
        )
    texts = loaded.tokenizer.batch_decode(out[:, ids.shape[1] :], skip_special_tokens=True)
    return [text.strip() for text in texts]
