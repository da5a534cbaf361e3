"""Measure five ways to ask for the right team, on 140 messages that had no part in any choice."""

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
QUESTION = "Which team should handle this message: billing, delivery, repair or account?\n\n{}"
ONE_WORD = "Reply with one word only, the team that should handle the message: billing, delivery, repair or account."

try:
    rows = Path("data/messages.jsonl").read_text(encoding="utf-8").strip().split("\n")
    messages = [{key: m[key] for key in ("split", "text", "team")} for m in map(json.loads, rows)]
    train, dev, test = ([m for m in messages if m["split"] == split] for split in ("train", "dev", "test"))
    for part in (dev, test):
        part.sort(key=lambda m: len(m["text"]))  # similar lengths share a batch, so less padding is computed
except (OSError, ValueError, LookupError, TypeError):  # an empty file fails as well: "" is not JSON
    sys.exit("There is no usable data/messages.jsonl here: download it from the guide into a folder called data.")
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)  # bfloat16 is slow on many CPUs
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")
FIRST_TOKENS = [tokenizer(team).input_ids[0] for team in TEAMS]


@torch.no_grad()
def ask(head, texts):
    """The reply to each text after the shared turns, which are read once, and how likely each team is to start it."""
    turns = [*head, {"role": "user", "content": "TEXT"}]
    start, end = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True).rsplit("TEXT", 1)
    shared = tokenizer(start, return_tensors="pt").input_ids
    cache, replies, scores = model(shared).past_key_values, [], []
    for batch in (texts[i : i + 20] for i in range(0, len(texts), 20)):
        rest = tokenizer([text + end for text in batch], return_tensors="pt", padding=True)
        heads, copied = shared.expand(len(batch), -1), copy.deepcopy(cache)
        copied.batch_repeat_interleave(len(batch))
        inputs = torch.cat([heads, rest.input_ids], 1)
        mask = torch.cat([torch.ones_like(heads), rest.attention_mask], 1)
        options = {"max_new_tokens": 4, "do_sample": False, "return_dict_in_generate": True, "output_logits": True}
        made = model.generate(inputs, attention_mask=mask, past_key_values=copied, **options)
        replies += tokenizer.batch_decode(made.sequences[:, inputs.shape[1] :], skip_special_tokens=True)
        scores.append(made.logits[0].log_softmax(-1)[:, FIRST_TOKENS])
    return [reply.strip().lower().rstrip(".") for reply in replies], torch.cat(scores)


def with_examples(per_team):
    """The instruction, then examples as turns, shuffled: in a fixed order the model learns the order."""
    rng, turns = random.Random(1), [{"role": "system", "content": f"You route messages for Velmora Bikes. {ONE_WORD}"}]
    chosen = [m for team in TEAMS for m in rng.sample([t for t in train if t["team"] == team], per_team)]
    rng.shuffle(chosen)
    for m in chosen:
        turns += [{"role": "user", "content": m["text"]}, {"role": "assistant", "content": m["team"]}]
    return turns


def show(name, replies, split):
    """Print and return which replies were right; a reply that is not exactly one team is not valid and not right."""
    hits, cells = [reply == m["team"] for reply, m in zip(replies, split, strict=True)], []
    for count in (sum(reply in TEAMS for reply in replies), sum(hits)):
        low, high = proportion_confint(count, len(split), method="wilson")
        cells.append(f"{count:3}/{len(split)} = {count / len(split):4.0%} ({low * 100:2.0f}-{high * 100:2.0f})")
    favourite = max(TEAMS, key=replies.count)
    print(f"{name:23}{cells[0]:24}{cells[1]:23}{favourite} {replies.count(favourite)}")
    return hits


texts = [m["text"] for m in test]
print(f"{'chosen on dev':23}{'one team, nothing else':24}{'right':23}named most")
tried = {k: ask(with_examples(k), [m["text"] for m in dev]) for k in (1, 2)}
dev_right = {k: sum(show(f"{4 * k} examples", replies, dev)) for k, (replies, _) in tried.items()}
k = max(dev_right, key=dev_right.get)

print("\nmeasured on test")
results = {"always the same team": show("always the same team", ["billing"] * len(test), test)}
results["bare question"] = show("bare question", ask([], [QUESTION.format(t) for t in texts])[0], test)
results["instruction"] = show("instruction", ask(with_examples(0), texts)[0], test)
replies, scores = ask(with_examples(k), texts)
results["examples"] = show(f"{4 * k} examples", replies, test)
for _ in range(2):
    bad = [i for i, reply in enumerate(replies) if reply not in TEAMS]
    again = [f"{texts[i]}\n\n{replies[i]!r} is not a team. {ONE_WORD}" for i in bad]
    for i, reply in zip(bad, ask(with_examples(k), again)[0] if bad else [], strict=True):
        replies[i] = reply
results["checked"] = show("  with up to 2 retries", replies, test)
levelled = [TEAMS[i] for i in (scores - tried[k][1].mean(0)).argmax(1)]
results["levelled"] = show("  levelled", levelled, test)

*_, second, best = sorted(results, key=lambda name: sum(results[name]))
pairs = list(zip(results[best], results[second], strict=True))
wins, losses = pairs.count((True, False)), pairs.count((False, True))
p = mcnemar([[0, wins], [losses, 0]], exact=True).pvalue
print(f"\n{best} against {second}: right alone {wins} times against {losses}, p = {p:.2f} (McNemar, exact)")

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
