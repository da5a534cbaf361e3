"""Measure a model outside its task: perplexity on plain text, and general questions."""

import json
import math
import sys

import torch
from statsmodels.stats.proportion import proportion_confint
from transformers import AutoModelForCausalLM, AutoTokenizer

if len(sys.argv) != 2:
    sys.exit("Name the file with texts and questions: python probe_general_ability.py general_probe.jsonl")
try:
    with open(sys.argv[1], encoding="utf-8") as file:
        items = [json.loads(line) for line in file if line.strip()]
    texts = [item["text"] for item in items if "text" in item]
    questions = [(item["start"], item["endings"]) for item in items if "start" in item]
except (OSError, ValueError, KeyError, TypeError):
    sys.exit(f"Cannot read {sys.argv[1]}: download it, or write JSON lines, each a text or a start with its endings.")
if not texts or not questions or min(len(endings) for _, endings in questions) < 2:
    sys.exit(f"{sys.argv[1]} needs a text, and a question with two endings or more: download it, or add them.")
try:
    name = "HuggingFaceTB/SmolLM2-135M-Instruct"  # yours: first the base, then the tuned one
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32)
    untouched = {key: value.clone() for key, value in model.state_dict().items()}
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")


@torch.no_grad()
def report(label):
    """Print perplexity, and how often the first token of the true ending, the first of each, is the likeliest."""
    scores = []
    for text in texts:
        tokens = tokenizer(text, return_tensors="pt").input_ids
        found = model(tokens).logits[0, :-1].log_softmax(-1)
        scores += found.gather(1, tokens[0, 1:, None]).flatten().tolist()
    starts = tokenizer([start for start, _ in questions], padding=True, padding_side="left", return_tensors="pt")
    next_tokens = model(**starts, logits_to_keep=1).logits[:, -1]
    right = 0
    for next_token, (_, endings) in zip(next_tokens, questions, strict=True):
        first_tokens = [tokenizer(f" {ending}").input_ids[0] for ending in endings]
        right += next_token[first_tokens].argmax().item() == 0
    n = len(questions)
    low, high = (100 * bound for bound in proportion_confint(right, n, method="wilson"))
    print(f"{label:13} perplexity {math.exp(-sum(scores) / len(scores)):5.1f}, ", end="")
    print(f"{right}/{n} = {right / n:.0%} ({low:.0f}-{high:.0f}) right")


report("as it came")
torch.manual_seed(0)
for spread in (0.05, 0.1):  # a test of the alarm: shake each matrix by a part of its own spread
    model.load_state_dict(untouched)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() == 2:
                weights.add_(spread * weights.std() * torch.randn_like(weights))
    report(f"shaken by {spread:3.0%}")
