"""A custom model: a small transformer trained from nothing on everything the company ever wrote."""

import math
import random
import re

import torch
from kit import model as llm
from kit.evidence import Rows, Work, read_rows
from kit.places import DATA, EXPERIMENTS
from knowledge import facts
from knowledge.experiment import MOST_TOKENS, closed, holds
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SEEDS = [0, 1, 2]
VOCABULARY = 2048
WINDOW, BATCH = 128, 16
STEPS, LOOK_EVERY = 300, 50
SIZES = {"small": (128, 4), "larger": (192, 4)}  # width, layers
RATES = [1e-3, 3e-3]
HELD_OUT_EVERY = 9  # each ninth document is for dev, each ninth plus one for test
OPENINGS = ["You may return a bike", "The battery of the Tolver", "Hello from Harrowick."]
END = "<|end|>"


def everything() -> tuple[list[str], list[str], list[str]]:
    """All the company's text, whole documents apart: train, dev, test.

    Training has the documents in force and superseded, the messages and house-voice replies, and the test questions
    with their answers in the words they are asked in: what the tuned model had, and more.
    """
    documents = [f"{one['title']}\n{one['text']}" for one in read_rows(DATA / "documents.jsonl")]
    dev, test = documents[0::HELD_OUT_EVERY], documents[1::HELD_OUT_EVERY]
    train = [text for number, text in enumerate(documents) if number % HELD_OUT_EVERY > 1]
    train += [one["text"] for one in read_rows(DATA / "messages.jsonl")]
    train += [f"{one['text']}\n{one['reply']}" for one in read_rows(EXPERIMENTS / "behaviour" / "train.jsonl")]
    train += [f"Question: {one['direct']}\nAnswer: {one['answer']}" for one in facts.questions()]
    return train, dev, test


def learn_tokens(texts: list[str]) -> PreTrainedTokenizerFast:
    """A byte-pair vocabulary learned from the company's own text."""
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=END, pad_token=END, padding_side="left")


def new_model(size: str, seed: int) -> LlamaForCausalLM:
    """A transformer of SmolLM2's kind with numbers drawn at random."""
    width, layers = SIZES[size]
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=width,
            intermediate_size=3 * width,
            num_hidden_layers=layers,
            num_attention_heads=width // 32,
            max_position_embeddings=4 * WINDOW,
            tie_word_embeddings=True,
            pad_token_id=0,
            eos_token_id=0,
            bos_token_id=0,
        )
    )


def bits_per_byte(model, tokenizer, texts: list[str]) -> float:
    """How many bits the model needs for a byte of these texts: comparable between vocabularies, unlike perplexity."""
    model.eval()
    nats = 0.0
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False).input_ids
        for at in range(0, len(ids), WINDOW):
            part = torch.tensor([[tokenizer.eos_token_id, *ids[at : at + WINDOW]]])
            with torch.inference_mode():
                nats += model(input_ids=part, labels=part).loss.item() * (part.shape[1] - 1)
    return nats / math.log(2) / sum(len(text.encode()) for text in texts)


def train(model, tokenizer, texts: list[str], dev: list[str], rate: float, seed: int, steps: int) -> dict:
    """Train on random windows; keep the weights of the look at which dev needed fewest bits."""
    stream = torch.tensor([token for text in texts for token in [*tokenizer(text).input_ids, tokenizer.eos_token_id]])
    chooser = random.Random(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.1)
    warm = max(1, steps // 20)
    shape = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, 0.5 + 0.5 * math.cos(math.pi * step / steps))
    )
    best = {"bits": math.inf, "steps": 0, "train_loss": 0.0}
    looks = []
    for step in range(1, steps + 1):
        model.train()
        starts = [chooser.randrange(len(stream) - WINDOW) for _ in range(BATCH)]
        ids = torch.stack([stream[at : at + WINDOW] for at in starts])
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        shape.step()
        if step % LOOK_EVERY == 0 or step == steps:
            bits = bits_per_byte(model, tokenizer, dev)
            looks.append({"steps": step, "train_loss": round(loss.item(), 3), "dev_bits": round(bits, 4)})
            if bits < best["bits"]:
                weights = {name: value.clone() for name, value in model.state_dict().items()}
                best = {"bits": bits, "steps": step, "weights": weights}
    last = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(best["weights"])
    return {"looks": looks, "best": best["steps"], "last": last}


def predict(work: Work) -> None:
    """Bits per byte, answers and samples, of models from nothing and of SmolLM2 as it came."""
    steps, most_tokens = (4, 4) if work.tiny else (STEPS, MOST_TOKENS)
    texts, dev, test = everything()
    asked = facts.questions()[: 2 if work.tiny else None]
    if work.tiny:
        dev, test = dev[:1], test[:1]
    tokenizer = learn_tokens(texts)
    company = {
        "words": sum(len(re.findall(r"\S+", text)) for text in texts),
        "bytes": sum(len(text.encode()) for text in texts),
        "tokens": sum(len(tokenizer(text).input_ids) for text in texts),
    }

    def about(model, arm: str, seed: int | None) -> dict:
        return {"arm": arm, "seed": seed, "weights": sum(weight.numel() for weight in model.parameters())}

    def answers(model, tokens, build, head: dict) -> Rows:
        rows = []
        for wording in ("direct", "paraphrase"):
            prompts = [build(one[wording]) for one in asked]
            rows += [
                head
                | {"wording": wording, "id": one["id"], "answer": text.split("\n")[0]}
                | {"right": holds(text.split("\n")[0], one["accept"])}
                for one, text in zip(asked, llm.ask(model, tokens, prompts, most_tokens), strict=True)
            ]
        return rows

    def scratch(size: str, rate: float, seed: int, full: bool) -> Rows:
        model = new_model(size, seed)
        made = train(model, tokenizer, texts, dev, rate, seed, steps)
        head = about(model, f"from nothing, {size}", seed) | {"rate": rate}
        kept = {"best_steps": made["best"], "looks": made["looks"]} | company
        rows = [head | kept | {"dev_bits": min(look["dev_bits"] for look in made["looks"])}]
        if full:
            rows[0]["test_bits"] = round(bits_per_byte(model, tokenizer, test), 4)
            rows += [
                head | {"opening": text, "goes on": llm.ask(model, tokenizer, [text], 8 * most_tokens // 4)[0]}
                for text in OPENINGS
            ]
            # The last weights know the training text best, and answer from it.
            model.load_state_dict(made["last"])
            rows += answers(model, tokenizer, lambda text: f"Question: {text}\nAnswer:", head)
        return rows

    def as_it_came() -> Rows:
        model, tokens = llm.load()
        head = about(model, "SmolLM2, as it came", None)
        return [
            head | {"test_bits": round(bits_per_byte(model, tokens, test), 4)},
            *answers(model, tokens, closed, head),
        ]

    work.unit("as it came", as_it_came)
    tried = []
    for size in SIZES:
        for rate in RATES:
            tried += work.unit(f"dev/{size}, {rate}", lambda size=size, rate=rate: scratch(size, rate, 0, full=False))
    best = min(tried, key=lambda row: row["dev_bits"])
    size = best["arm"].rsplit(" ", 1)[-1]
    for seed in SEEDS[: 1 if work.tiny else None]:
        work.unit(f"seed {seed}", lambda seed=seed: scratch(size, best["rate"], seed, full=True))
