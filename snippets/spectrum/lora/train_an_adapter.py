"""Train a LoRA adapter, save it, load it onto a fresh copy of the model, and switch it off again."""

import json
import sys
import warnings
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
DATA = Path("data/messages.jsonl")
FOLDER = Path("adapter")
LEARNING_RATE = 1e-3
ELSEWHERE = "The bridge was built of granite in 1834, and carts still cross it to the market on Fridays."


def read_messages(split):
    """The messages of one split: train, dev or test."""
    try:
        rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        messages = [{"text": row["text"], "team": row["team"]} for row in rows if row["split"] == split]
        if not messages:
            raise ValueError(f"no message has the split {split}")
    except (OSError, ValueError, TypeError, KeyError) as error:
        sys.exit(f"Cannot use {DATA} ({error!r}): download it from the guide into a folder called data.")
    return messages


def first_token(team):
    """The token with which a team's name begins after "Team:"; it stands for the name."""
    before = tokenizer("Team:", add_special_tokens=False).input_ids
    return tokenizer(f"Team: {team}", add_special_tokens=False).input_ids[len(before)]


def next_token_scores(model, messages):
    """A score for every token that could follow each message: a tensor of messages by tokens."""
    texts = [f"Message: {message['text']}\nTeam:" for message in messages]
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    positions = (batch.attention_mask.cumsum(1) - 1).clamp(min=0)  # the padding on the left is not counted
    return model(**batch, position_ids=positions, logits_to_keep=1).logits[:, -1]


@torch.no_grad()
def report(name):
    """Print what the fresh copy says of the held-out messages and of a sentence; return its scores."""
    scores = next_token_scores(fresh, held_out)
    teams = torch.tensor([first_token(message["team"]) for message in held_out])
    correct = (scores.argmax(-1) == teams).sum()
    first = tokenizer.decode(scores[0].argmax()).strip()
    sentence = tokenizer(ELSEWHERE, return_tensors="pt").input_ids
    perplexity = fresh(sentence, labels=sentence).loss.exp()
    print(f"{name}: {correct}/{len(held_out)} correct; ", end="")
    print(f"the first message: {first!r}; perplexity elsewhere {perplexity:.1f}")
    return scores


examples = read_messages("train")
held_out = read_messages("test")[::7]
disable_progress_bar()
# peft 0.21 asks transformers for a setting under its old name.
warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
torch.manual_seed(0)
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
    # float32, because many processors compute the 16-bit numbers of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
    fresh = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token

before = report("base model ")
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=LEARNING_RATE)
model.train()
for indices in torch.randperm(len(examples)).split(4):
    batch = [examples[index] for index in indices]
    teams = torch.tensor([first_token(message["team"]) for message in batch])
    torch.nn.functional.cross_entropy(next_token_scores(model, batch), teams).backward()
    optimizer.step()
    optimizer.zero_grad()
model.save_pretrained(FOLDER, save_embedding_layers=False)  # training left the vocabulary as it was
size = (FOLDER / "adapter_model.safetensors").stat().st_size
whole = sum(p.nbytes for p in fresh.parameters())
print(f"adapter on disk: {size / 1e6:.1f} MB; its base model: {whole / 1e6:.1f} MB")
fresh.load_adapter(FOLDER)
report("adapter on ")
fresh.disable_adapters()
after = report("adapter off")
print(f"off, no score is more than 0.001 from what it was: {(after - before).abs().max() < 0.001}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "peft==0.21.2",
#     "torch==2.13.0",
#     "transformers==5.23.0",
# ]
#
# [tool.uv.sources]
# torch = { index = "pytorch-cpu" }  # spares gigabytes of CUDA; leave these lines out if you have a graphics card
#
# [[tool.uv.index]]
# name = "pytorch-cpu"
# url = "https://download.pytorch.org/whl/cpu"
# explicit = true
# ///
