"""Constrained decoding: a model on this machine may write only what a grammar allows.

llguidance does the work: it turns labels, a regular expression or a JSON Schema into the set of tokens that may come
next. It was taken because it has no dependencies, one wheel for every Python, and is what vLLM and llama.cpp can use.
"""

import importlib.util
import json
from typing import Any

from rung.errors import Unsupported, install


def grammar_of(choices: tuple[str, ...] = (), pattern: str = "", schema: str = "") -> str:
    """The grammar of one of the choices, of text that matches a regular expression whole, or of JSON by its schema.

    Raises Unsupported, with the reason, for an expression or a schema of which no grammar can be made.
    """
    if importlib.util.find_spec("llguidance") is None:
        raise Unsupported(f"constrained decoding needs {install('local')}")
    from llguidance import LLMatcher

    if choices:
        grammar = LLMatcher.grammar_from_lark("start: " + " | ".join(json.dumps(one) for one in choices))
    elif schema:
        try:
            # As servers do by default, without spaces that a small model would go on writing.
            grammar = LLMatcher.grammar_from_json_schema(schema, defaults={"whitespace_flexible": False})
        except ValueError as problem:
            raise Unsupported(f"no grammar can be made of the JSON Schema: {problem}") from problem
    else:
        grammar = LLMatcher.grammar_from_regex(pattern)
    if fault := LLMatcher.validate_grammar(grammar):
        raise Unsupported(f"no grammar can be made of it: {fault.splitlines()[0]}")
    return grammar


class Held:
    """What `generate` calls before each token: it makes every token impossible that the grammar does not allow."""

    def __init__(self, tokenizer: Any, grammar: str, rows: int, length: int):
        """Hold `rows` answers of one batch to a grammar; each begins after `length` tokens of prompt.

        `tokenizer` is what `llguidance.hf.from_tokenizer` gives.
        """
        from llguidance import LLMatcher

        self.length = length
        self.matchers = [LLMatcher(tokenizer, grammar) for _ in range(rows)]

    def __call__(self, ids: Any, scores: Any) -> Any:
        """Mask one step: `ids` has shape (rows, tokens so far), `scores` (rows, vocabulary), changed and returned."""
        import torch

        for row, matcher in enumerate(self.matchers):
            if ids.shape[1] > self.length and not matcher.is_stopped():
                matcher.consume_token(int(ids[row, -1]))
            bits = torch.frombuffer(bytearray(matcher.compute_bitmask()), dtype=torch.uint8)
            allowed = (bits[:, None] >> torch.arange(8, dtype=torch.uint8) & 1).flatten().bool()[: scores.shape[1]]
            scores[row, : len(allowed)].masked_fill_(~allowed.to(scores.device), float("-inf"))
            scores[row, len(allowed) :] = float("-inf")
        return scores
