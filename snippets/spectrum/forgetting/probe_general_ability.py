"""Measure a model outside its task: perplexity on plain text, and general questions."""

import json
import math
import sys
from pathlib import Path

import torch
from statsmodels.stats.proportion import proportion_confint
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"  # yours: first the base model, then the fine-tuned one


def read_probe(name):
    """The texts in a file, and its questions: each a start and its endings, the true one first."""
    try:
        lines = [json.loads(line) for line in Path(name).read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        texts = [line["text"] for line in lines if "text" in line]
        questions = [(line["start"], line["endings"]) for line in lines if "start" in line]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(
            f"Cannot use {name} ({error!r}): download it, or write JSON lines, each a text or a start and endings."
        )
    if not texts or not questions or min(len(endings) for _, endings in questions) < 2:
        sys.exit(f"{name} needs a text, and a question with two endings or more: download it, or add them.")
    return texts, questions


def first_token(start, ending):
    """The token with which an ending begins after its start."""
    before = tokenizer(start, add_special_tokens=False).input_ids
    return tokenizer(f"{start} {ending}", add_special_tokens=False).input_ids[len(before)]


def perplexity():
    """The perplexity of all the texts together."""
    losses = []
    for text in texts:
        tokens = tokenizer(text, return_tensors="pt").input_ids
        found = model(tokens).logits[0, :-1].log_softmax(-1)
        losses += (-found.gather(1, tokens[0, 1:, None])).flatten().tolist()
    return math.exp(sum(losses) / len(losses))


def count_correct():
    """How many questions have the first token of the true ending as the likeliest of the endings' first tokens."""
    batch = tokenizer([start for start, _ in questions], padding=True, return_tensors="pt")
    positions = (batch.attention_mask.cumsum(1) - 1).clamp(min=0)  # the padding on the left is not counted
    scores = model(**batch, position_ids=positions, logits_to_keep=1).logits[:, -1]
    correct = 0
    for row, (start, endings) in zip(scores, questions, strict=True):
        candidates = row[[first_token(start, ending) for ending in endings]]
        correct += (candidates[0] > candidates[1:]).all().item()  # endings that begin alike are not told apart
    return correct


@torch.no_grad()
def report(label):
    """Print both measures, the second with its 95% interval."""
    correct = count_correct()
    low, high = (100 * bound for bound in proportion_confint(correct, len(questions), method="wilson"))
    print(f"{label:10} perplexity {perplexity():5.1f}, ", end="")
    print(f"{correct}/{len(questions)} = {correct / len(questions):.0%} ({low:.0f}-{high:.0f}) correct")


if len(sys.argv) != 2:
    sys.exit("Name the file with texts and questions: python probe_general_ability.py general_probe.jsonl")
texts, questions = read_probe(sys.argv[1])
disable_progress_bar()
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
    # float32, because many processors compute the 16-bit numbers of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
untouched = {key: value.clone() for key, value in model.state_dict().items()}

report("base model")
torch.manual_seed(0)
for spread in (0.05, 0.1):  # a test of the alarm: add noise of this part of its own spread to each matrix
    model.load_state_dict(untouched)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() == 2:
                weights.add_(spread * weights.std() * torch.randn_like(weights))
    report(f"{spread:3.0%} noise")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "statsmodels==0.15.0",
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
