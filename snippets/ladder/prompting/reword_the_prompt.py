"""Say the same thing in eight ways, score each on dev, then take the best and the worst to test."""

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
        return [{"role": "user", "content": f"{chat[0]['content']}\n\n{chat[1]['content']}"}, *chat[2:]]


def chat_around(wording):
    """What stands before and after each message when it is asked about in this wording, with an example a team."""
    turns = [{"role": "system", "content": wording["instruction"]}]
    for example in examples[:: wording["step"]]:
        turns.append({"role": "user", "content": wording["text"].format(example["text"])})
        turns.append({"role": "assistant", "content": wording["team"](example["team"])})
    turns.append({"role": "user", "content": wording["text"].format("TEXT")})
    return tokenizer.apply_chat_template(fit(turns), tokenize=False, add_generation_prompt=True).rsplit("TEXT", 1)


@torch.no_grad()
def hits(changes, messages):
    """Whether the first token of the right team is the likeliest of four; what all messages share is read once."""
    wording = BASE | changes
    start, end = chat_around(wording)
    first_tokens = [encode(wording["team"](team)).input_ids[0, 0] for team in TEAMS]
    cache = model(encode(start).input_ids).past_key_values
    right = []
    for first in range(0, len(messages), 20):
        batch = messages[first : first + 20]
        rest = encode([message["text"] + end for message in batch])
        copied = copy.deepcopy(cache)
        copied.batch_repeat_interleave(len(batch))
        states = model.get_decoder()(rest.input_ids, past_key_values=copied).last_hidden_state
        last = rest.attention_mask.sum(1) - 1  # the padding is on the right
        scores = model.get_output_embeddings()(states[torch.arange(len(batch)), last])
        answers = [TEAMS[index] for index in scores[:, first_tokens].argmax(1)]
        right += [answer == message["team"] for answer, message in zip(answers, batch, strict=True)]
    return right


def share(right):
    """How many are right, the percentage, and its 95% interval."""
    low, high = proportion_confint(sum(right), len(right), method="wilson")
    return f"{sum(right):3}/{len(right)} = {sum(right) / len(right):4.0%} ({low * 100:2.0f}-{high * 100:2.0f})"


train = read_messages("train")
dev = read_messages("dev")
test = read_messages("test")
disable_progress_bar()
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="right")
    # float32, because many processors compute the 16-bit numbers of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
if tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
rng = random.Random(1)
examples = [rng.choice([message for message in train if message["team"] == team]) for team in TEAMS]
rng.shuffle(examples)

print(f"on dev, n = {len(dev)}")
on_dev = {name: hits(changes, dev) for name, changes in REWORDINGS.items()}
for name, right in on_dev.items():
    print(f"{name:32} {share(right)}")
scores = {name: sum(right) for name, right in on_dev.items()}
best = max(scores, key=scores.get)
worst = min(scores, key=scores.get)
print(f"from the worst to the best: {(scores[best] - scores[worst]) / len(dev) * 100:.0f} points")

print(f"\non test, n = {len(test)}")
best_correct = hits(REWORDINGS[best], test)
print(f"best on dev ({best}): {share(best_correct)}")
worst_correct = hits(REWORDINGS[worst], test)
print(f"worst on dev ({worst}): {share(worst_correct)}")
pairs = list(zip(best_correct, worst_correct, strict=True))
wins = pairs.count((True, False))
losses = pairs.count((False, True))
p = mcnemar([[0, wins], [losses, 0]], exact=True).pvalue
told = "< 0.001" if p < 0.001 else f"= {p:.3f}"
print(f"correct with the best alone {wins} times, with the worst alone {losses}, p {told} (McNemar, exact)")

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
