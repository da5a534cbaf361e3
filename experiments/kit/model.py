"""A language model: loading it, writing prompts in its own conversation format, and generating in batches."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kit.models import MODELS, Model

if TYPE_CHECKING:  # a report needs none of them, and they take seconds to load
    from torch.nn import Module
    from transformers import PreTrainedTokenizerBase


class Loaded(NamedTuple):
    """A model with its tokenizer and what is known of it."""

    spec: Model
    model: "Module"
    tokenizer: "PreTrainedTokenizerBase"


@cache
def tokenizer_of(key: str) -> "PreTrainedTokenizerBase":
    """The tokenizer of a model, which pads on the left, as generation needs it."""
    from transformers import AutoTokenizer

    spec = MODELS[key]
    tokenizer = AutoTokenizer.from_pretrained(spec.name, padding_side="left")
    if spec.chat_template:
        tokenizer.chat_template = spec.chat_template
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load(key: str) -> Loaded:
    """The base model, off the shelf, in its own dtype, and its tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM

    spec = MODELS[key]
    model = AutoModelForCausalLM.from_pretrained(spec.name, dtype=getattr(torch, spec.dtype)).eval()
    if spec.dtype == "bfloat16":
        # The last positions of a batch are no contiguous matrix. Of frozen weights, as under an adapter, oneDNN then
        # copies all for each prompt: with 152,000 words in the vocabulary that took 19 GB for forty prompts.
        model.get_output_embeddings().register_forward_pre_hook(lambda _, given: (given[0].contiguous(),))
    return Loaded(spec, model, tokenizer_of(key))


def with_lora(base: Loaded, rank: int, seed: int) -> Loaded:
    """The model with a fresh LoRA adapter on every linear layer, its scale fixed at 2 so that ranks compare."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")
    return base._replace(model=get_peft_model(base.model, config))


def with_adapter(base: Loaded, folder: Path) -> Loaded:
    """The model with a trained adapter from a folder."""
    from peft import PeftModel

    return base._replace(model=PeftModel.from_pretrained(base.model, folder).eval())


def chat(key: str, user: str, system: str = "", examples: Sequence[tuple[str, str]] = ()) -> str:
    """A prompt in the model's own conversation format: an instruction, examples as turns, then what the user says."""
    turns = [{"role": "system", "content": system}] if system else []
    for question, answer in examples:
        turns += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    turns.append({"role": "user", "content": user})
    return tokenizer_of(key).apply_chat_template(turns, tokenize=False, add_generation_prompt=True)


def token_count(key: str, prompt: str) -> int:
    """How many tokens a prompt has."""
    return len(tokenizer_of(key)(prompt, add_special_tokens=False).input_ids)


def generate(loaded: Loaded, prompts: Sequence[str], max_new_tokens: int) -> list[str]:
    """What the model writes after each prompt, greedily, in the prompts' order; similar lengths go together."""
    import torch

    _, model, tokenizer = loaded
    model.eval()
    answers, waiting = {}, sorted(set(prompts), key=lambda prompt: (len(prompt), prompt))
    for start in range(0, len(waiting), loaded.spec.batch_size):
        part = waiting[start : start + loaded.spec.batch_size]
        inputs = tokenizer(part, padding=True, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            written = model.generate(**inputs, max_new_tokens=max_new_tokens, do_sample=False)
        texts = tokenizer.batch_decode(written[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        answers |= dict(zip(part, (text.strip() for text in texts), strict=True))
    return [answers[prompt] for prompt in prompts]
