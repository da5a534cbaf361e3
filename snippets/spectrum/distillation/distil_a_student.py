"""Tune a teacher, cut a student from a third of its layers, and train it on the teacher's soft answers."""

import copy
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
TEMPERATURE = 2
EPOCHS = 2


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


def distillation_loss(scores, soft_labels):
    """How far the student's softened probabilities are from the teacher's."""
    # The temperature makes gradients smaller by its square, which is made good here.
    return torch.nn.functional.cross_entropy(scores / TEMPERATURE, soft_labels) * TEMPERATURE**2


def train(model, messages, targets, loss, learning_rate):
    """Go through the messages `EPOCHS` times, four at a time."""
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=learning_rate)
    model.train()
    for _ in range(EPOCHS):
        for indices in torch.randperm(len(messages)).split(4):
            batch = [messages[index] for index in indices]
            loss(next_token_scores(model, batch), targets[indices]).backward()
            optimizer.step()
            optimizer.zero_grad()
    model.eval()


def cut(teacher):
    """A student of every third layer of the teacher. Its configuration says so, so that it can be saved and loaded."""
    config = copy.deepcopy(teacher.config)
    kept = range(0, config.num_hidden_layers, 3)
    config.num_hidden_layers = len(kept)
    if getattr(config, "layer_types", None):
        config.layer_types = [config.layer_types[layer] for layer in kept]
    student = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    weights = teacher.state_dict()
    for name, values in student.state_dict().items():
        # The first number in a weight's name is that of its layer.
        name_in_teacher = re.sub(r"\.(\d+)\.", lambda number: f".{kept[int(number[1])]}.", name, count=1)
        values.copy_(weights[name_in_teacher])
    return student.eval()


@torch.no_grad()
def report(name, model):
    said = next_token_scores(model, held_out).argmax(-1)
    correct = (said == torch.tensor([first_token(message["team"]) for message in held_out])).sum()
    same = (said == taught).sum()
    size = f"{model.config.num_hidden_layers} layers, {sum(p.numel() for p in model.parameters()):,} parameters"
    print(f"{name}: {size}; {correct}/{len(held_out)} correct, {same}/{len(held_out)} as the teacher says")


labelled = read_messages("train")
unlabelled = read_messages("dev")  # of these nobody tells the right team, only the teacher
held_out = read_messages("test")[::7]
disable_progress_bar()
# peft 0.21 asks transformers for a setting under its old name.
warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
torch.manual_seed(0)
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
    # float32, because many processors compute the 16-bit numbers of the hub's file slowly.
    teacher = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token

adapted = get_peft_model(teacher, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
teams = torch.tensor([first_token(message["team"]) for message in labelled])
train(adapted, labelled, teams, torch.nn.functional.cross_entropy, learning_rate=1e-3)
teacher = adapted.merge_and_unload()
with torch.no_grad():
    taught = next_token_scores(teacher, held_out).argmax(-1)
    soft_labels = (next_token_scores(teacher, labelled + unlabelled) / TEMPERATURE).softmax(-1)
report("teacher        ", teacher)

student = cut(teacher)
report("student, as cut", student)
train(student, labelled + unlabelled, soft_labels, distillation_loss, learning_rate=1e-4)
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
