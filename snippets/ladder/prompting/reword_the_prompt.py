"""Say the same thing in eight ways, score each on dev, then take the best and the worst to test."""

import copy
import json
import random
import sys
from pathlib import Path

import torch
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
TEAMS = ["billing", "delivery", "repair", "account"]
WORDS = "Reply with one word only, the team that should handle the message: billing, delivery, repair or account."
BASE = {"instruction": f"You route messages for Velmora Bikes. {WORDS}", "text": "{}", "team": str.lower, "step": 1}
REWORDINGS = {
    "as measured above": {},
    "teams listed in another order": {
        "instruction": BASE["instruction"].split(":")[0] + ": account, repair, delivery or billing."
    },
    "no full stops": {"instruction": BASE["instruction"].replace(".", "")},
    "'department' for 'team'": {"instruction": BASE["instruction"].replace("team", "department")},
    "asked politely": {"instruction": BASE["instruction"].replace("Reply", "Please reply")},
    "'Message:' before each message": {"text": "Message: {}"},
    "teams written with a capital": {"team": str.title},
    "the same examples, reversed": {"step": -1},
}

try:
    rows = Path("data/messages.jsonl").read_text(encoding="utf-8").strip().split("\n")
    messages = [{key: m[key] for key in ("split", "text", "team")} for m in map(json.loads, rows)]
    train, dev, test = ([m for m in messages if m["split"] == split] for split in ("train", "dev", "test"))
    for part in (dev, test):
        part.sort(key=lambda m: len(m["text"]))  # similar lengths share a batch, so less padding is computed
except (OSError, ValueError, LookupError, TypeError):  # an empty file fails as well: "" is not JSON
    sys.exit("There is no usable data/messages.jsonl here: download it from the guide into a folder called data.")
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)  # bfloat16 is slow on many CPUs
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")
rng = random.Random(1)
EXAMPLES = [rng.choice([m for m in train if m["team"] == team]) for team in TEAMS]
rng.shuffle(EXAMPLES)


@torch.no_grad()
def hits(wording, split):
    """Whether the first token of the right team is the likeliest of four; what all messages share is read once."""
    ways = BASE | wording
    turns = [{"role": "system", "content": ways["instruction"]}]
    for m in EXAMPLES[:: ways["step"]]:
        turns += [{"role": "user", "content": ways["text"].format(m["text"])}]
        turns += [{"role": "assistant", "content": ways["team"](m["team"])}]
    turns += [{"role": "user", "content": ways["text"].format("TEXT")}]
    start, end = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True).rsplit("TEXT", 1)
    cache = model(tokenizer(start, return_tensors="pt").input_ids).past_key_values
    first_tokens = [tokenizer(ways["team"](team)).input_ids[0] for team in TEAMS]
    right = []
    for batch in (split[i : i + 20] for i in range(0, len(split), 20)):
        rest = tokenizer([m["text"] + end for m in batch], return_tensors="pt", padding=True)  # padded on the right
        copied = copy.deepcopy(cache)
        copied.batch_repeat_interleave(len(batch))
        last = rest.attention_mask.sum(1) - 1
        states = model.model(rest.input_ids, past_key_values=copied).last_hidden_state[torch.arange(len(batch)), last]
        answers = model.lm_head(states)[:, first_tokens].argmax(1).tolist()
        right += [TEAMS[a] == m["team"] for a, m in zip(answers, batch, strict=True)]
    return right


def rate(right, n):
    low, high = proportion_confint(right, n, method="wilson")
    return f"{right:3}/{n} = {right / n:4.0%} ({low * 100:2.0f}-{high * 100:2.0f})"


print(f"on dev, n = {len(dev)}")
scores = {name: sum(hits(wording, dev)) for name, wording in REWORDINGS.items()}
for name, right in scores.items():
    print(f"{name:32} {rate(right, len(dev))}")
spread = (max(scores.values()) - min(scores.values())) / len(dev)
print(f"from the worst to the best: {spread * 100:.0f} points\n\non test, n = {len(test)}")
measured = []
for label, choose in (("best", max), ("worst", min)):
    name = choose(scores, key=scores.get)
    measured.append(hits(REWORDINGS[name], test))
    print(f"{label} on dev ({name}): {rate(sum(measured[-1]), len(test))}")
pairs = list(zip(*measured, strict=True))
wins, losses = pairs.count((True, False)), pairs.count((False, True))
p = mcnemar([[0, wins], [losses, 0]], exact=True).pvalue
told = "< 0.001" if p < 0.001 else f"= {p:.3f}"
print(f"right with the best alone {wins} times, with the worst alone {losses}, p {told} (McNemar, exact)")

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
