"""Train every weight on forty messages, and measure what changed: on the task, and on text that is none of it."""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
RATE = 1e-4  # tried on these 20 messages: 1e-5, 3e-5 and 1e-4
ELSEWHERE = [
    "The bridge was built of granite in 1834, and carts still cross it to the market on Fridays.",
    "Add the flour slowly, stir until the dough is smooth, and leave it in a warm place to rise.",
]

try:
    rows = Path("data/messages.jsonl").read_text(encoding="utf-8").strip().split("\n")
    messages = [{key: m[key] for key in ("split", "text", "team")} for m in map(json.loads, rows)]
    train = [m for m in messages if m["split"] == "train"]
    held_out = [m for m in messages if m["split"] == "dev"][::3]
except (OSError, ValueError, LookupError, TypeError):  # an empty file fails as well: "" is not JSON
    sys.exit("There is no usable data/messages.jsonl here: download it from the guide into a folder called data.")
torch.manual_seed(0)
try:
    tokenizer = AutoTokenizer.from_pretrained(NAME, padding_side="left")
    # 32-bit numbers: many processors compute the 16-bit ones of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(NAME, dtype=torch.float32)
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")


def next_word(batch):
    texts = tokenizer([f"Message: {m['text']}\nTeam:" for m in batch], return_tensors="pt", padding=True)
    return model(**texts, logits_to_keep=1).logits[:, -1]  # a score for each token; a team's name is one token


@torch.no_grad()
def report(name):
    words = tokenizer.batch_decode(next_word(held_out).argmax(-1, keepdim=True))
    right = sum(word == f" {m['team']}" for word, m in zip(words, held_out, strict=True))
    sentences = [tokenizer(text, return_tensors="pt").input_ids for text in ELSEWHERE]
    perplexities = [model(ids, labels=ids).loss.exp().item() for ids in sentences]
    print(f"{name}: {right}/{len(held_out)} right; perplexity elsewhere", *(f"{p:.1f}" for p in perplexities))
    return perplexities


print(f"trains all {sum(weights.numel() for weights in model.parameters()):,} numbers at a rate of {RATE:g}")
before = report("before")
optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
for indices in torch.randperm(len(train)).split(4):
    batch = [train[i] for i in indices]
    wanted = tokenizer([f" {m['team']}" for m in batch], return_tensors="pt").input_ids[:, 0]
    torch.nn.functional.cross_entropy(next_word(batch), wanted).backward()
    optimiser.step()
    optimiser.zero_grad()
after = report("after ")
print(f"both sentences got harder: {all(b < a for b, a in zip(before, after, strict=True))}")
