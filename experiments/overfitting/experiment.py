"""Did it work? Training on and on, looked at after each few passes, beside the model as it came and a good prompt."""

from functools import partial

import torch
from behaviour.experiment import INSTRUCTIONS, scored, wanted
from kit import model as llm
from kit.evidence import Rows, Work, read_rows
from kit.places import DATA, EXPERIMENTS

VERSION = 1  # raised when the computation changes
SEEDS = [0, 1, 2]
TEST, DEV = 120, 60
# After which passes over how many examples to look.
LOOK_AFTER = {10: [4, 8, 16, 24, 40], 40: [1, 2, 3, 5, 8, 12]}
RATE = 2e-3
SHOTS = 8
RANK = 8
MOST_TOKENS = 16


def pairs(messages: list[dict]) -> list[tuple[str, str]]:
    """The prompt, which is the bare message, and the line to learn."""
    return [(llm.chat(one["text"]), wanted(one, "format")) for one in messages]


def loss_on(model, tokenizer, messages: list[dict], batch: int = 16) -> float:
    """Mean loss of the wanted lines' tokens, each message counting the same."""
    model.eval()
    encoded = sorted(llm.encode(tokenizer, pairs(messages)), key=lambda one: len(one[0]))
    with torch.inference_mode():
        parts = [
            (llm.loss_of(model, encoded[at : at + batch]).item(), len(encoded[at : at + batch]))
            for at in range(0, len(encoded), batch)
        ]
    return sum(loss * count for loss, count in parts) / len(encoded)


def predict(work: Work) -> None:
    """Losses and replies while training goes on; replies of the two baselines."""
    few, most_tokens = (2, 4) if work.tiny else (None, MOST_TOKENS)
    messages = read_rows(DATA / "messages.jsonl")
    test = [one for one in messages if one["split"] == "test"][:TEST][:few]
    dev = [one for one in messages if one["split"] == "dev"][:DEV][:few]
    train = read_rows(EXPERIMENTS / "behaviour" / "train.jsonl")

    def replies(model, tokenizer, items: list[dict], prompts: list[str], about: dict) -> Rows:
        return [
            about | {"id": one["id"], "reply": reply} | scored(one, reply, "format")
            for one, reply in zip(items, llm.ask(model, tokenizer, prompts, most_tokens), strict=True)
        ]

    def bare(items: list[dict]) -> list[str]:
        return [llm.chat(one["text"]) for one in items]

    def shown(items: list[dict]) -> list[str]:
        examples = [(one["text"], wanted(one, "format")) for one in train[:SHOTS]]
        return [llm.chat(one["text"], INSTRUCTIONS["format"][0], examples) for one in items]

    def trained(size: int, seed: int) -> Rows:
        model, tokenizer = llm.load()
        model, rows = llm.with_lora(model, RANK, seed), []
        looks = [1, 2] if work.tiny else LOOK_AFTER[size]

        def look(passes: int, loss: float) -> None:
            if passes in looks:
                about = {"arm": f"tuned on {size}", "seed": seed, "passes": passes}
                dev_loss = loss_on(model, tokenizer, dev)
                rows.append(about | {"train_loss": round(loss, 4), "dev_loss": round(dev_loss, 4)})
                rows.extend(replies(model, tokenizer, test, bare(test), about | {"split": "test"}))
                rows.extend(replies(model, tokenizer, dev, bare(dev), about | {"split": "dev"}))

        lessons = pairs(train[: few or size])
        llm.train(model, tokenizer, lessons, rate=RATE, epochs=looks[-1], seed=seed, batch=4, after_epoch=look)
        return rows

    for arm, build in (("as it came", bare), (f"prompt with {SHOTS} examples", shown)):
        about = {"arm": arm, "seed": None, "split": "test"}
        work.unit(arm, lambda build=build, about=about: replies(*llm.load(), test, build(test), about))
    for size in LOOK_AFTER:
        for seed in SEEDS[: 1 if work.tiny else None]:
            work.unit(f"tuned on {size}/seed {seed}", partial(trained, size, seed))
