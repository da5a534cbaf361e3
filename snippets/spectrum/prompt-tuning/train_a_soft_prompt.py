"""Learn sixteen vectors that stand before each message, starting from an instruction's words; the model is frozen."""

import json
import sys
import warnings
from pathlib import Path

import torch
from peft import PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
DATA = Path("data/messages.jsonl")
INSTRUCTION = "Name the team that should handle the message: billing, delivery, repair or account."
VECTORS = 16
EPOCHS = 2
LEARNING_RATE = 0.03  # the best of 0.003, 0.03 and 0.3 on messages of the split dev


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


def next_token_scores(messages):
    """A score for every token that could follow each message: a tensor of messages by tokens."""
    texts = [f"Message: {message['text']}\nTeam:" for message in messages]
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    padding = (batch.attention_mask == 0).sum(1)  # on the right, for the vectors go on the left
    return model(**batch).logits[torch.arange(len(messages)), -1 - padding]


@torch.no_grad()
def report(name):
    model.eval()
    said = next_token_scores(held_out).argmax(-1).tolist()
    wanted = [first_token(message["team"]) for message in held_out]
    named = sum(token in wanted for token in said)
    correct = sum(token == team for token, team in zip(said, wanted, strict=True))
    print(f"{name}: {named}/{len(held_out)} name a team, {correct}/{len(held_out)} the correct one")


examples = read_messages("train")
held_out = read_messages("test")[::7]
disable_progress_bar()
# peft 0.21 asks transformers for a setting under its old name.
warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
torch.manual_seed(0)
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="right")
    # float32, because many processors compute the 16-bit numbers of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token

report("no vectors         ")
config = PromptTuningConfig(
    task_type="CAUSAL_LM",
    num_virtual_tokens=VECTORS,
    prompt_tuning_init="TEXT",
    prompt_tuning_init_text=INSTRUCTION,
    tokenizer_name_or_path=MODEL,
)
model = get_peft_model(model, config)
report("the words' vectors ")
vectors = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(vectors, lr=LEARNING_RATE, weight_decay=0)
model.train()
for _ in range(EPOCHS):
    for indices in torch.randperm(len(examples)).split(4):
        batch = [examples[index] for index in indices]
        teams = torch.tensor([first_token(message["team"]) for message in batch])
        torch.nn.functional.cross_entropy(next_token_scores(batch), teams).backward()
        optimizer.step()
        optimizer.zero_grad()
report("the learned vectors")
trained = sum(p.numel() for p in vectors)
print(f"trained {trained:,} parameters at a learning rate of {LEARNING_RATE}: {4 * trained:,} bytes to store")

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
