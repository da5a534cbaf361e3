"""Train a LoRA adapter, save it, load it onto a fresh copy of the model, and switch it off again."""

import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
ELSEWHERE = "The bridge was built of granite in 1834, and carts still cross it to the market on Fridays."
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
    model, fresh = (AutoModelForCausalLM.from_pretrained(NAME, dtype=torch.float32) for _ in range(2))
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")


def next_word(model, batch):
    texts = tokenizer([f"Message: {m['text']}\nTeam:" for m in batch], return_tensors="pt", padding=True)
    return model(**texts, logits_to_keep=1).logits[:, -1]  # a score for each token; a team's name is one token


@torch.no_grad()
def report(name):
    scores, sentence = next_word(fresh, held_out), tokenizer(ELSEWHERE, return_tensors="pt").input_ids
    words, loss = [tokenizer.decode(token) for token in scores.argmax(-1)], fresh(sentence, labels=sentence).loss
    right = sum(word == f" {m['team']}" for word, m in zip(words, held_out, strict=True))
    print(f"{name}: {right}/20 right; the first message: {words[0].strip()!r}; perplexity elsewhere {loss.exp():.1f}")
    return scores


before = report("no adapter ")
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
optimiser = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
for indices in torch.randperm(len(train)).split(4):
    batch = [train[i] for i in indices]
    wanted = tokenizer([f" {m['team']}" for m in batch], return_tensors="pt").input_ids[:, 0]
    torch.nn.functional.cross_entropy(next_word(model, batch), wanted).backward()
    optimiser.step()
    optimiser.zero_grad()

model.save_pretrained("adapter")
size, whole = Path("adapter/adapter_model.safetensors").stat().st_size, sum(p.nbytes for p in fresh.parameters())
print(f"adapter on disk: {size / 1e6:.1f} MB; the model it belongs to: {whole / 1e6:.1f} MB")
fresh.load_adapter("adapter")
report("adapter on ")
fresh.disable_adapters()
print(f"off, no score is more than 0.001 from what it was: {(report('adapter off') - before).abs().max() < 0.001}")
