"""Train every weight on forty messages, and measure what changed: on the task, and on text that is none of it."""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
DATA = Path("data/messages.jsonl")
LEARNING_RATE = 1e-4  # the best of 1e-5, 3e-5 and 1e-4 on messages of the split dev
ELSEWHERE = [
    "The bridge was built of granite in 1834, and carts still cross it to the market on Fridays.",
    "Add the flour slowly, stir until the dough is smooth, and leave it in a warm place to rise.",
]


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


def next_token_scores(messages):
    """A score for every token that could follow each message: a tensor of messages by tokens."""
    texts = [f"Message: {message['text']}\nTeam:" for message in messages]
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    positions = (batch.attention_mask.cumsum(1) - 1).clamp(min=0)  # the padding on the left is not counted
    return model(**batch, position_ids=positions, logits_to_keep=1).logits[:, -1]


@torch.no_grad()
def report(name):
    """Print the score on the held-out messages and the perplexity of each sentence; return the perplexities."""
    model.eval()
    teams = torch.tensor([first_token(message["team"]) for message in held_out])
    correct = (next_token_scores(held_out).argmax(-1) == teams).sum()
    sentences = [tokenizer(text, return_tensors="pt").input_ids for text in ELSEWHERE]
    perplexities = [model(ids, labels=ids).loss.exp().item() for ids in sentences]
    print(f"{name}: {correct}/{len(held_out)} correct; perplexity elsewhere", *(f"{p:.1f}" for p in perplexities))
    return perplexities


def train(messages):
    """Go once through the messages, four at a time."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    model.train()
    for indices in torch.randperm(len(messages)).split(4):
        batch = [messages[index] for index in indices]
        teams = torch.tensor([first_token(message["team"]) for message in batch])
        torch.nn.functional.cross_entropy(next_token_scores(batch), teams).backward()
        optimizer.step()
        optimizer.zero_grad()


examples = read_messages("train")
held_out = read_messages("test")[::7]
disable_progress_bar()
torch.manual_seed(0)
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
    # float32, because many processors compute the 16-bit numbers of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token

print(f"trains all {sum(p.numel() for p in model.parameters()):,} parameters at a learning rate of {LEARNING_RATE:g}")
before = report("before")
train(examples)
after = report("after ")
print(f"both sentences got harder: {all(b < a for b, a in zip(before, after, strict=True))}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
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
