"""Train a LoRA adapter on forty examples of one output format, and compare the replies before and after."""

import json
import re
import sys
import warnings
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
DATA = Path("data/messages.jsonl")
LINE = re.compile(r"(billing|delivery|repair|account) / (low|high) / (Tolver|Wrenlow|Dray|none)")
EPOCHS = 2
LEARNING_RATE = 1e-3


def read_messages():
    """Every message: its split, its text, and the line that answers it."""
    try:
        rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        if not {"train", "test"} <= {row["split"] for row in rows}:
            raise ValueError("it needs messages of the splits train and test")
        lines = [f"{row['team']} / {row['urgency']} / {row['product']}" for row in rows]
        return [
            {"split": row["split"], "text": row["text"], "line": line} for row, line in zip(rows, lines, strict=True)
        ]
    except (OSError, ValueError, TypeError, KeyError) as error:
        sys.exit(f"Cannot use {DATA} ({error!r}): download it from the guide into a folder called data.")


def as_prompt(message):
    """The message as the model's own template puts it to the model."""
    chat = [{"role": "user", "content": message["text"]}]
    return tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)


def encode(text):
    """The token ids of a text that holds every special token it needs."""
    return tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids


def replies(messages):
    """What the model writes to each message."""
    prompts = [as_prompt(message) for message in messages]
    batch = tokenizer(prompts, add_special_tokens=False, padding=True, return_tensors="pt")
    model.eval()
    made = model.generate(**batch, max_new_tokens=12, do_sample=False, pad_token_id=tokenizer.pad_token_id)
    texts = tokenizer.batch_decode(made[:, batch.input_ids.shape[1] :], skip_special_tokens=True)
    return [text.strip() for text in texts]


def train(messages):
    """Show the model each message and its line, `EPOCHS` times; the loss counts the line alone."""
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=LEARNING_RATE)
    model.train()
    for _ in range(EPOCHS):
        for index in torch.randperm(len(messages)).tolist():
            prompt = encode(as_prompt(messages[index]))
            reply = encode(messages[index]["line"] + tokenizer.eos_token)
            input_ids = torch.cat([prompt, reply], dim=1)
            labels = torch.cat([torch.full_like(prompt, -100), reply], dim=1)  # -100: not in the loss
            model(input_ids=input_ids, labels=labels).loss.backward()
            optimizer.step()
            optimizer.zero_grad()


def report(name, texts):
    valid = sum(bool(LINE.fullmatch(text)) for text in texts)
    correct = sum(text == message["line"] for text, message in zip(texts, held_out, strict=True))
    print(f"{name}: {valid}/{len(texts)} in the output format, {correct}/{len(texts)} with every field correct")


messages = read_messages()
examples = [message for message in messages if message["split"] == "train"]
held_out = [message for message in messages if message["split"] == "test"][::7]
disable_progress_bar()
# peft 0.21 asks transformers for a setting under its old name.
warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
torch.manual_seed(0)
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
    # float32, because many processors compute the 16-bit numbers of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
if tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")

report("before", replies(held_out))
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
train(examples)
trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
print(f"trained {trained:,} parameters, {trained / sum(p.numel() for p in model.parameters()):.1%} of the model")
after = replies(held_out)
report("after", after)
print(f"Example: {after[0]}")

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
