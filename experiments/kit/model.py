"""The small model: asking it in batches, and training it fast enough for two processor cores."""

import random
from collections.abc import Callable

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
NO_LABEL = -100


def load() -> tuple[AutoModelForCausalLM, AutoTokenizer]:
    """The model as it came, in 32-bit numbers, and its tokenizer."""
    tokenizer = AutoTokenizer.from_pretrained(NAME, padding_side="left")
    return AutoModelForCausalLM.from_pretrained(NAME, dtype=torch.float32).eval(), tokenizer


def with_lora(model, rank: int, seed: int, targets: str | list[str] = "all-linear"):
    """The model with a fresh LoRA adapter, its scale fixed at 2 so that ranks compare."""
    torch.manual_seed(seed)
    return get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=targets, task_type="CAUSAL_LM"))


def chat(user: str, system: str = "", examples: list[tuple[str, str]] = ()) -> str:
    """A prompt in the model's own format. Without `system` there is none: its default costs 20 tokens a question."""
    turns = [("system", system)] if system else []
    for question, answer in examples:
        turns += [("user", question), ("assistant", answer)]
    turns.append(("user", user))
    return "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns) + "<|im_start|>assistant\n"


def ask(model, tokenizer, prompts: list[str], most_tokens: int, batch: int = 32) -> list[str]:
    """What the model writes for each prompt, greedily, in the prompts' order; similar lengths go together."""
    model.eval()
    answers, waiting = {}, sorted(set(prompts), key=lambda prompt: (len(prompt), prompt))
    while waiting:
        part, waiting = waiting[:batch], waiting[batch:]
        inputs = tokenizer(part, padding=True, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            written = model.generate(**inputs, max_new_tokens=most_tokens, do_sample=False)
        texts = tokenizer.batch_decode(written[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        answers |= dict(zip(part, (text.strip() for text in texts), strict=True))
    return [answers[prompt] for prompt in prompts]


def encode(tokenizer, pairs: list[tuple[str, str]]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """For each (prompt, reply): token ids, and labels that count the reply and its end only."""
    encoded = []
    for prompt, reply in pairs:
        before = tokenizer(prompt, add_special_tokens=False).input_ids
        after = tokenizer(f"{reply}<|im_end|>", add_special_tokens=False).input_ids
        labels = [NO_LABEL] * len(before) + after
        encoded.append((torch.tensor(before + after), torch.tensor(labels)))
    return encoded


def loss_of(model, part: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
    """Mean cross-entropy of the reply tokens in a batch.

    The vocabulary is large and replies are short, so the last layer is computed at the reply's positions alone.
    """
    ids = pad_sequence([ids for ids, _ in part], batch_first=True)
    labels = pad_sequence([labels for _, labels in part], batch_first=True, padding_value=NO_LABEL)
    mask = pad_sequence([torch.ones_like(ids) for ids, _ in part], batch_first=True)
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    hidden = inner.model(input_ids=ids, attention_mask=mask).last_hidden_state[:, :-1]
    wanted = labels[:, 1:]
    chosen = wanted != NO_LABEL
    return torch.nn.functional.cross_entropy(inner.lm_head(hidden[chosen]), wanted[chosen])


def train(  # noqa: PLR0913 - a training run has this many settings
    model,
    tokenizer,
    pairs: list[tuple[str, str]],
    *,
    rate: float,
    epochs: int,
    seed: int,
    batch: int = 8,
    after_epoch: Callable[[int, float], None] = lambda epoch, loss: None,
) -> None:
    """Train what is trainable on (prompt, reply) pairs with AdamW, the rate falling linearly to nothing.

    `after_epoch` gets the epoch, from 1, and its mean training loss.
    """
    encoded, chooser = encode(tokenizer, pairs), random.Random(seed)
    torch.manual_seed(seed)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0)
    steps = epochs * -(-len(encoded) // batch)
    falling = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    for epoch in range(1, epochs + 1):
        model.train()
        chooser.shuffle(encoded)
        losses = []
        for start in range(0, len(encoded), batch):
            loss = loss_of(model, encoded[start : start + batch])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            optimiser.zero_grad()
            falling.step()
            losses.append(loss.item())
        after_epoch(epoch, sum(losses) / len(losses))
