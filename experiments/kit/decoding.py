"""Greedy decoding of prompts that begin alike: their shared beginning is read once; a pattern may be forced."""

from collections.abc import Sequence
from copy import deepcopy
from os.path import commonprefix
from typing import TYPE_CHECKING

from kit.model import Loaded, generate

if TYPE_CHECKING:
    import torch

TURN = "<|im_start|>"  # a special token of both models: what is read before it does not depend on what follows
TOKENS_AT_ONCE = 48_000  # of a batch, all prompts together: some two gigabytes of keys and values
SHORT = 64  # a shared beginning of fewer tokens is not worth keeping


class OnlyPattern:
    """A logits processor that leaves the tokens with which a reply can still become a line of the pattern.

    The grammar is llguidance's, one matcher a prompt; when the line is complete, only the end of the turn is left.
    """

    def __init__(self, loaded: Loaded, pattern: str):
        """Compile the pattern for the model's vocabulary."""
        from llguidance.hf import from_tokenizer

        # The model's last layer may be wider than its vocabulary, the masks are as wide as that.
        self.width = loaded.model.config.vocab_size
        self.tokenizer = from_tokenizer(loaded.tokenizer, n_vocab=self.width, eos_token=loaded.tokenizer.eos_token_id)
        self.pattern, self.end, self.matchers = pattern, loaded.tokenizer.eos_token_id, []

    def start(self, prompts: int) -> "OnlyPattern":
        """Begin anew, for a batch of so many prompts."""
        from llguidance import LLMatcher

        grammar = LLMatcher.grammar_from_regex(self.pattern)
        self.matchers = [LLMatcher(self.tokenizer, grammar) for _ in range(prompts)]
        self.begun = False
        return self

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        """Take the tokens written last, of shape (prompts,), and mask the scores, (prompts, vocabulary)."""
        import torch
        from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

        if self.begun:
            for matcher, token in zip(self.matchers, input_ids[:, -1].tolist(), strict=True):
                if not matcher.is_stopped():
                    matcher.consume_token(token)
        self.begun = True
        masks = allocate_token_bitmask(len(self.matchers), self.width)
        for row, matcher in enumerate(self.matchers):
            fill_next_token_bitmask(matcher, masks, row)
        bits = torch.from_numpy(masks)[:, :, None] >> torch.arange(32, dtype=torch.int32) & 1
        allowed = bits.reshape(len(masks), -1)[:, : scores.shape[1]].bool()
        for row, matcher in enumerate(self.matchers):
            if matcher.is_stopped():  # the line is complete: the turn ends
                allowed[row] = False
                allowed[row, self.end] = True
        return scores.masked_fill(~allowed, float("-inf"))


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
    only = OnlyPattern(loaded, pattern) if pattern else None
    with torch.inference_mode():
        past = loaded.model(before, use_cache=True, logits_to_keep=1).past_key_values if beginning else None
    answers: dict[str, str] = {}
    for part in batches(loaded, sorted(set(prompts), key=lambda prompt: (len(prompt), prompt)), before.shape[1]):
        rests = [prompt[len(beginning) :] for prompt in part]
        answers |= dict(zip(part, written(loaded, before, past, rests, max_new_tokens, only), strict=True))
    return [answers[prompt] for prompt in prompts]


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
    loaded: Loaded, before: "torch.Tensor", past, rests: list[str], max_new_tokens: int, only: OnlyPattern | None
) -> list[str]:
    """The replies to one batch, each prompt being what was read before, of shape (1, tokens), and its own rest."""
    import torch

    inputs = loaded.tokenizer(rests, padding=True, return_tensors="pt", add_special_tokens=False)
    ids = torch.cat([before.expand(len(rests), -1), inputs["input_ids"]], dim=1)
    seen = torch.ones(len(rests), before.shape[1], dtype=inputs["attention_mask"].dtype)
    more = {}
    if past is not None:
        more["past_key_values"] = deepcopy(past)  # what is written is added to it
        more["past_key_values"].batch_repeat_interleave(len(rests))
    if only:
        more["logits_processor"] = [only.start(len(rests))]
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
