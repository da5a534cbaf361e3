"""Train a LoRA adapter on forty examples of one strict line, and compare the format before and after."""

import json
import re
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
LINE = re.compile(r"(billing|delivery|repair|account) / (low|high) / (Tolver|Wrenlow|Dray|none)")

try:
    rows = Path("data/messages.jsonl").read_text(encoding="utf-8").strip().split("\n")
    messages = [{key: m[key] for key in ("split", "text", "team", "urgency", "product")} for m in map(json.loads, rows)]
    train = [m for m in messages if m["split"] == "train"]
    held_out = [m for m in messages if m["split"] == "dev"][:20]
except (OSError, ValueError, LookupError, TypeError):  # an empty file fails as well: "" is not JSON
    sys.exit("There is no usable data/messages.jsonl here: download it from the guide into a folder called data.")

torch.manual_seed(0)
try:
    tokenizer = AutoTokenizer.from_pretrained(NAME, padding_side="left")
    # 32-bit numbers: many processors compute the 16-bit ones of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(NAME, dtype=torch.float32)
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")


def as_prompt(message):
    chat = [{"role": "user", "content": message["text"]}]
    return tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)


def replies():
    batch = tokenizer([as_prompt(m) for m in held_out], return_tensors="pt", padding=True)
    made = model.generate(**batch, max_new_tokens=12, do_sample=False)
    return [text.strip() for text in tokenizer.batch_decode(made[:, batch.input_ids.shape[1] :], True)]


def report(name, texts):
    formed = sum(bool(LINE.fullmatch(text)) for text in texts)
    right = sum(t == f"{m['team']} / {m['urgency']} / {m['product']}" for t, m in zip(texts, held_out, strict=True))
    print(f"{name}: {formed}/{len(texts)} in the right form, {right}/{len(texts)} right in every field")


report("before", replies())
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
optimiser = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
for _ in range(2):
    for index in torch.randperm(len(train)).tolist():
        prompt = tokenizer(as_prompt(train[index]), return_tensors="pt").input_ids
        wanted = f"{train[index]['team']} / {train[index]['urgency']} / {train[index]['product']}<|im_end|>"
        target = tokenizer(wanted, return_tensors="pt").input_ids
        ids = torch.cat([prompt, target], dim=1)
        labels = torch.cat([torch.full_like(prompt, -100), target], dim=1)  # learn the reply, not the message
        model(input_ids=ids, labels=labels).loss.backward()
        optimiser.step()
        optimiser.zero_grad()

trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
print(f"trained {trained:,} numbers, {trained / sum(p.numel() for p in model.parameters()):.1%} of the model")
after = replies()
report("after", after)
print(f"Example: {after[0]}")
