"""Ask for JSON, check it, send the error back when it is wrong, and hand over to a person after three tries."""

import json
import sys
from pathlib import Path

import torch
from transformers import pipeline

TEAMS = ("billing", "delivery", "repair", "account")
INSTRUCTION = f'Say which team handles the message: {", ".join(TEAMS)}. Reply with JSON only: {{"team": "..."}}'
EXAMPLES = [
    ("E02 came up yesterday. The bike still goes, just without help from the motor.", "repair"),
    ("Any news of my Wrenlow? The link has said 'leaving the depot' since yesterday evening.", "delivery"),
    ("Can the invoices for my Tolver be made out to my company rather than to me?", "billing"),
    ("I have a new telephone number. Where do I put it in the app?", "account"),
]
TRIES = 3

path = Path("data/messages.jsonl")
if not path.exists():
    sys.exit("Download messages.jsonl from the guide into a folder named data beside this program.")
messages = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
try:
    writer = pipeline("text-generation", "HuggingFaceTB/SmolLM2-135M-Instruct", dtype=torch.float32)
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")


def check(reply):
    """The team that the reply names, or a ValueError whose text says what is wrong with it."""
    try:
        team = json.loads(reply)["team"]
    except (json.JSONDecodeError, KeyError, TypeError):
        raise ValueError('This is not JSON of the form {"team": "..."}.') from None
    if team not in TEAMS:
        raise ValueError(f"There is no team {team!r}. The teams are {', '.join(TEAMS)}.")
    return team


def route(message):
    """A team that exists, or a person; and the replies that were refused on the way."""
    chat, refused = [{"role": "system", "content": INSTRUCTION}], []
    for text, team in EXAMPLES:
        chat += [{"role": "user", "content": text}, {"role": "assistant", "content": json.dumps({"team": team})}]
    chat.append({"role": "user", "content": message})
    for _ in range(TRIES):
        chat = writer(chat, max_new_tokens=16, do_sample=False)[0]["generated_text"]
        try:
            return check(chat[-1]["content"]), refused
        except ValueError as error:
            refused.append(f"{chat[-1]['content']!r} -> {error}")
            chat.append({"role": "user", "content": f"{error} Reply again. The message: {message}"})
    return "a person", refused


dev = [m for m in messages if m["split"] == "dev"][:16]
routed = [route(m["text"]) for m in dev]
refusals = [line for _, refused in routed for line in refused]
print("First refusal:", refusals[0] if refusals else "none")
for n in range(TRIES):
    print(
        f"valid at try {n + 1}: {sum(team in TEAMS and len(refused) == n for team, refused in routed):2} of {len(dev)}"
    )
print(f"given to a person: {sum(team == 'a person' for team, _ in routed)} of {len(dev)}")
print(f"right team: {sum(team == m['team'] for (team, _), m in zip(routed, dev, strict=True))} of {len(dev)}")
