"""Measure five ways to ask for the right team, on 140 messages that had no part in any choice."""

import copy
import json
import random
import sys
from pathlib import Path

import torch
from jinja2 import TemplateError
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
DATA = Path("data/messages.jsonl")
TEAMS = ["billing", "delivery", "repair", "account"]
QUESTION = "Which team should handle this message: billing, delivery, repair or account?\n\n{}"
ONE_WORD = "Reply with one word only, the team that should handle the message: billing, delivery, repair or account."
RETRIES = 2


def read_messages(split):
    """The messages of one split, the shortest first: similar lengths share a batch, so less padding is computed."""
    try:
        rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        messages = [{"text": row["text"], "team": row["team"]} for row in rows if row["split"] == split]
        if not messages:
            raise ValueError(f"no message has the split {split}")
    except (OSError, ValueError, TypeError, KeyError) as error:
        sys.exit(f"Cannot use {DATA} ({error!r}): download it from the guide into a folder called data.")
    return messages if split == "train" else sorted(messages, key=lambda message: len(message["text"]))


def encode(texts):
    """Token ids and mask of texts in which the template has put every special token already."""
    return tokenizer(texts, add_special_tokens=False, padding=True, return_tensors="pt")


def fit(chat):
    """The chat as it is; where the model's template takes no system turn, that text goes before the first message."""
    try:
        tokenizer.apply_chat_template(chat, tokenize=False)
        return chat
    except TemplateError:  # from a line of the template; Gemma's has one
        if chat[0]["role"] != "system":
            raise
        return [{"role": "user", "content": f"{chat[0]['content']}\n\n{chat[1]['content']}"}, *chat[2:]]


@torch.no_grad()
def ask(turns, texts):
    """The reply to each text after these turns, and how likely each team is to begin it: a tensor of texts by teams."""
    turns = fit([*turns, {"role": "user", "content": "TEXT"}])
    chat = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    start, end = chat.rsplit("TEXT", 1)
    first_tokens = [encode(team).input_ids[0, 0] for team in TEAMS]
    shared = encode(start).input_ids  # what stands before every text is read once and kept
    cache = model(shared).past_key_values
    replies = []
    scores = []
    for first in range(0, len(texts), 20):
        rest = encode([text + end for text in texts[first : first + 20]])
        size = len(rest.input_ids)
        starts = shared.expand(size, -1)
        copied = copy.deepcopy(cache)
        copied.batch_repeat_interleave(size)
        made = model.generate(
            input_ids=torch.cat([starts, rest.input_ids], dim=1),
            attention_mask=torch.cat([torch.ones_like(starts), rest.attention_mask], dim=1),
            past_key_values=copied,
            max_new_tokens=4,
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
            return_dict_in_generate=True,
            output_logits=True,
        )
        new = made.sequences[:, starts.shape[1] + rest.input_ids.shape[1] :]
        replies += tokenizer.batch_decode(new, skip_special_tokens=True)
        scores.append(made.logits[0].log_softmax(-1)[:, first_tokens])
    return [reply.strip().lower().rstrip(".") for reply in replies], torch.cat(scores)


def with_examples(per_team):
    """The instruction, then examples as turns, shuffled: in a fixed order the model learns the order."""
    rng = random.Random(1)
    chosen = []
    for team in TEAMS:
        chosen += rng.sample([message for message in train if message["team"] == team], per_team)
    rng.shuffle(chosen)
    turns = [{"role": "system", "content": f"You route messages for Velmora Bikes. {ONE_WORD}"}]
    for message in chosen:
        turns.append({"role": "user", "content": message["text"]})
        turns.append({"role": "assistant", "content": message["team"]})
    return turns


def share(count, n):
    """A count, the percentage, and its 95% interval."""
    low, high = proportion_confint(count, n, method="wilson")
    return f"{count:3}/{n} = {count / n:4.0%} ({low * 100:2.0f}-{high * 100:2.0f})"


def show(name, replies, messages):
    """Print and return which replies are correct; one that is not exactly one team is neither valid nor correct."""
    hits = [reply == message["team"] for reply, message in zip(replies, messages, strict=True)]
    valid = sum(reply in TEAMS for reply in replies)
    favourite = max(TEAMS, key=replies.count)
    columns = f"{share(valid, len(messages)):24}{share(sum(hits), len(messages)):23}"
    print(f"{name:23}{columns}{favourite} {replies.count(favourite)}")
    return hits


train = read_messages("train")
dev = read_messages("dev")
test = read_messages("test")
disable_progress_bar()
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
    # float32, because many processors compute the 16-bit numbers of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
if tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token

print(f"{'chosen on dev':23}{'one team, nothing else':24}{'correct':23}named most")
dev_texts = [message["text"] for message in dev]
tried = {count: ask(with_examples(count), dev_texts) for count in (1, 2)}
dev_correct = {count: sum(show(f"{4 * count} examples", replies, dev)) for count, (replies, _) in tried.items()}
best_count = max(dev_correct, key=dev_correct.get)
few_shot = with_examples(best_count)

print("\nmeasured on test")
texts = [message["text"] for message in test]
results = {"always the same team": show("always the same team", ["billing"] * len(test), test)}
results["bare question"] = show("bare question", ask([], [QUESTION.format(text) for text in texts])[0], test)
results["instruction"] = show("instruction", ask(with_examples(0), texts)[0], test)
replies, scores = ask(few_shot, texts)
results["examples"] = show(f"{4 * best_count} examples", replies, test)
for _ in range(RETRIES):
    invalid = [place for place, reply in enumerate(replies) if reply not in TEAMS]
    if invalid:
        again = [f"{texts[place]}\n\n{replies[place]!r} is not a team. {ONE_WORD}" for place in invalid]
        for place, reply in zip(invalid, ask(few_shot, again)[0], strict=True):
            replies[place] = reply
results["checked"] = show(f"  with up to {RETRIES} retries", replies, test)
mean_on_dev = tried[best_count][1].mean(0)  # how much the prompt favours each team, whatever the message
calibrated = [TEAMS[index] for index in (scores - mean_on_dev).argmax(1)]
results["calibrated"] = show("  calibrated", calibrated, test)

*_, second, best = sorted(results, key=lambda name: sum(results[name]))
pairs = list(zip(results[best], results[second], strict=True))
wins = pairs.count((True, False))
losses = pairs.count((False, True))
p = mcnemar([[0, wins], [losses, 0]], exact=True).pvalue
print(f"\n{best} against {second}: correct alone {wins} times against {losses}, p = {p:.2f} (McNemar, exact)")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "jinja2==3.1.6",
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
