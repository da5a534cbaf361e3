"""Ask for JSON, check it, send the error back when it is wrong, and hand over to a person after three tries."""

import json
import sys
from pathlib import Path

import torch
from jinja2 import TemplateError
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
TEAMS = ("billing", "delivery", "repair", "account")
JSON_ONLY = 'Reply with JSON only: {"team": "..."}'
INSTRUCTIONS = {
    "teams not listed": f"Say which team handles the message. {JSON_ONLY}",
    "teams listed": f"Say which team handles the message: {', '.join(TEAMS)}. {JSON_ONLY}",
}
EXAMPLES = [
    ("E02 came up yesterday. The bike still goes, just without help from the motor.", "repair"),
    ("Any news of my Wrenlow? The link has said 'leaving the depot' since yesterday evening.", "delivery"),
    ("Can the invoices for my Tolver be made out to my company rather than to me?", "billing"),
    ("I have a new telephone number. Where do I put it in the app?", "account"),
]
DATA = Path("data/messages.jsonl")


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


def check(reply):
    """The team that the reply names, or a ValueError whose text says what is wrong with it."""
    try:
        team = json.loads(reply)["team"]
    except (json.JSONDecodeError, KeyError, TypeError):
        raise ValueError('This is not JSON of the form {"team": "..."}.') from None
    if team not in TEAMS:
        raise ValueError(f"There is no team {team!r}. The teams are {', '.join(TEAMS)}.")
    return team


def fit(chat):
    """The chat as it is; where the model's template takes no system turn, that text goes before the first message."""
    try:
        generator.tokenizer.apply_chat_template(chat, tokenize=False)
        return chat
    except TemplateError:  # from a line of the template; Gemma's has one
        return [{"role": "user", "content": f"{chat[0]['content']}\n\n{chat[1]['content']}"}, *chat[2:]]


def route(message, instruction, tries=3):
    """A team that exists, or a person; and the replies that were rejected on the way."""
    rejected = []
    chat = [{"role": "system", "content": instruction}]
    for text, team in EXAMPLES:
        chat += [{"role": "user", "content": text}, {"role": "assistant", "content": json.dumps({"team": team})}]
    chat.append({"role": "user", "content": message})
    chat = fit(chat)
    for _ in range(tries):
        chat = generator(chat, max_new_tokens=16, do_sample=False)[0]["generated_text"]
        try:
            return check(chat[-1]["content"]), rejected
        except ValueError as error:
            rejected.append(f"{chat[-1]['content']!r} -> {error}")
            chat.append({"role": "user", "content": f"{error} Reply again. The message: {message}"})
    return "a person", rejected


dev = read_messages("dev")[:12]
disable_progress_bar()
try:
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    generator = pipeline("text-generation", MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
if generator.tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")

for name, instruction in INSTRUCTIONS.items():
    routed = [route(m["text"], instruction) for m in dev]
    rejections = [line for _, rejected in routed for line in rejected]
    counts = [sum(team in TEAMS and len(rejected) == n for team, rejected in routed) for n in range(3)]
    correct = sum(team == m["team"] for (team, _), m in zip(routed, dev, strict=True))
    print(f"{name}, {len(dev)} messages")
    print("  First rejected:", rejections[0] if rejections else "none")
    print(f"  valid at once {counts[0]}, at the 2nd try {counts[1]}, at the 3rd {counts[2]}")
    print(f"  given to a person {len(dev) - sum(counts)}; sent to the correct team {correct}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "jinja2==3.1.6",
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
