"""Tune a teacher, cut a student from a third of its layers, and train it on the teacher's soft answers."""

import copy
import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
try:
    rows = Path("data/messages.jsonl").read_text(encoding="utf-8").strip().split("\n")
    messages = [{key: m[key] for key in ("id", "split", "text", "team")} for m in map(json.loads, rows)]
    labelled, dev = ([m for m in messages if m["split"] == split] for split in ("train", "dev"))
except (OSError, ValueError, LookupError, TypeError):  # an empty file fails as well: "" is not JSON
    sys.exit("There is no usable data/messages.jsonl here: download it from the guide into a folder called data.")
held_out, texts = dev[::3], labelled + dev[1::3] + dev[2::3]  # of these, the student is not told the right team
torch.manual_seed(0)
try:
    tokenizer = AutoTokenizer.from_pretrained(NAME, padding_side="left")
    teacher = AutoModelForCausalLM.from_pretrained(NAME, dtype=torch.float32)  # many processors are slow with 16 bits
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")
token = {m["id"]: tokenizer(f" {m['team']}").input_ids[0] for m in messages}  # each team's name is one token


def next_word(model, batch):
    prompts = tokenizer([f"Message: {m['text']}\nTeam:" for m in batch], return_tensors="pt", padding=True)
    return model(**prompts, logits_to_keep=1, use_cache=False).logits[:, -1]  # a score for each token


def train(model, batch, wanted, rate, temperature=1):
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate)
    for indices in [*torch.randperm(len(batch)).split(4), *torch.randperm(len(batch)).split(4)]:  # two passes
        scores = next_word(model, [batch[i] for i in indices])
        torch.nn.functional.cross_entropy(scores / temperature, wanted[indices]).backward()
        optimiser.step()
        optimiser.zero_grad()


@torch.no_grad()
def report(name, model):
    said, size = next_word(model, held_out).argmax(-1), f"{sum(p.numel() for p in model.parameters()):,} numbers"
    right, same = (sum(said == other).item() for other in (torch.tensor([token[m["id"]] for m in held_out]), taught))
    print(f"{name}: {len(model.model.layers)} layers, {size}; {right}/20 right, {same}/20 as the teacher says")


adapted = get_peft_model(teacher, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
train(adapted, labelled, torch.tensor([token[m["id"]] for m in labelled]), rate=1e-3)
teacher = adapted.merge_and_unload()
taught = next_word(teacher, held_out).argmax(-1)
report("teacher        ", teacher)
student = copy.deepcopy(teacher).requires_grad_(True)
student.model.layers = student.model.layers[::3]
report("student, as cut", student)
train(student, texts, (next_word(teacher, texts) / 2).softmax(-1), rate=1e-4, temperature=2)
report("student, taught", student)

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
