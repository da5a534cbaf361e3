"""Learn sixteen vectors that stand before each message, starting from an instruction's words; the model is frozen."""

import json
import sys
from pathlib import Path

import torch
from peft import PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
WORDS = "Name the team that should handle the message: billing, delivery, repair or account."
RATE = 0.03  # tried on these 20 messages: 0.003, 0.03 and 0.3

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
    named = sum(word in {f" {m['team']}" for m in train} for word in words)
    right = sum(word == f" {m['team']}" for word, m in zip(words, held_out, strict=True))
    print(f"{name}: {named}/{len(held_out)} name a team, {right}/{len(held_out)} the right one")


report("no vectors         ")
start = {"prompt_tuning_init": "TEXT", "prompt_tuning_init_text": WORDS, "tokenizer_name_or_path": NAME}
model = get_peft_model(model, PromptTuningConfig(num_virtual_tokens=16, task_type="CAUSAL_LM", **start))
report("the words' vectors ")
vectors = [p for p in model.parameters() if p.requires_grad]
optimiser = torch.optim.AdamW(vectors, lr=RATE, weight_decay=0)
for _ in range(2):
    for indices in torch.randperm(len(train)).split(4):
        batch = [train[i] for i in indices]
        wanted = tokenizer([f" {m['team']}" for m in batch], return_tensors="pt").input_ids[:, 0]
        torch.nn.functional.cross_entropy(next_word(batch), wanted).backward()
        optimiser.step()
        optimiser.zero_grad()
report("the learned vectors")
trained = sum(p.numel() for p in vectors)
print(f"trained {trained:,} numbers at a rate of {RATE}: {4 * trained:,} bytes to store")

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
