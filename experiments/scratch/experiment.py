"""A custom model: a small transformer trained from nothing on everything the company ever wrote."""

import copy
import math
import random
import re
import time
from functools import cache

import torch
from kit import model as llm
from kit.evidence import Rows, Work, read_rows
from kit.places import DATA, EXPERIMENTS
from knowledge import facts
from knowledge.experiment import MOST_TOKENS, holds
from spectrum.experiment import trained
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

VERSION = 1  # raised when the computation changes
SEEDS = [0, 1, 2]
VOCABULARY = 2048
WINDOW, BATCH = 128, 8
STEPS, LOOK_EVERY = 900, 300  # as many as take about as long as the adapter below
ADAPTER, ADAPTER_RATE = "LoRA, rank 4", 1e-3  # the strict line's, at the rate that dev chose for it
WIDTH, LAYERS = 128, 4
RATES = [2e-3, 5e-3]
HELD_OUT_EVERY = 9  # each ninth document is for dev, each ninth plus one for test
OPENINGS = ["You may return a bike", "The battery of the Tolver", "My bike"]
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


def new_model(seed: int) -> LlamaForCausalLM:
    """A transformer of SmolLM2's kind with numbers drawn at random."""
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=WIDTH,
            intermediate_size=3 * WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=WIDTH // 32,
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
    """Train on random windows: each look at dev, the weights of the best look and of the last, seconds without looks.

    The seconds are the processor's, as the adapter's are.
    """
    stream = torch.tensor([token for text in texts for token in [*tokenizer(text).input_ids, tokenizer.eos_token_id]])
    chooser = random.Random(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.1)
    warm = max(1, steps // 20)
    shape = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, 0.5 + 0.5 * math.cos(math.pi * step / steps))
    )
    fewest, best, looks, took_s = math.inf, {}, [], 0.0
    for step in range(1, steps + 1):
        start = time.process_time()
        model.train()
        starts = [chooser.randrange(len(stream) - WINDOW) for _ in range(BATCH)]
        ids = torch.stack([stream[at : at + WINDOW] for at in starts])
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        shape.step()
        took_s += time.process_time() - start
        if step % LOOK_EVERY == 0 or step == steps:
            bits = bits_per_byte(model, tokenizer, dev)
            looks.append({"steps": step, "train_loss": round(loss.item(), 3), "dev_bits": round(bits, 4)})
            if bits < fewest:
                fewest, best = bits, copy.deepcopy(model.state_dict())
    last = copy.deepcopy(model.state_dict())
    return {"looks": looks, "best": best, "last": last, "took_s": round(took_s, 1)}


def predict(work: Work) -> None:
    """Bits per byte, answers and samples, of a model from nothing; bits per byte of SmolLM2 as it came."""
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

    @cache  # the rate that dev chooses was tried with the first seed
    def made(rate: float, seed: int) -> tuple:
        model = new_model(seed)
        return model, train(model, tokenizer, texts, dev, rate, seed, steps)

    def about(model, arm: str, seed: int | None) -> dict:
        return {"arm": arm, "seed": seed, "weights": sum(weight.numel() for weight in model.parameters())}

    def on_dev(rate: float) -> Rows:
        looks = made(rate, 0)[1]["looks"]
        return [{"arm": "dev", "rate": rate, "looks": looks, "dev_bits": min(look["dev_bits"] for look in looks)}]

    def on_test(rate: float, seed: int) -> Rows:
        model, result = made(rate, seed)
        head = about(model, "from nothing", seed) | {"rate": rate}
        model.load_state_dict(result["best"])
        rows = [
            head
            | {"test_bits": round(bits_per_byte(model, tokenizer, test), 4)}
            | {"took_s": result["took_s"], "tokens_seen": steps * BATCH * WINDOW, "looks": result["looks"]}
            | company
        ]
        rows += [
            head | {"opening": text, "goes on": llm.ask(model, tokenizer, [text], 8 * most_tokens // 4)[0]}
            for text in OPENINGS
        ]
        model.load_state_dict(result["last"])  # these know the training text best, and answer from it
        for wording in ("direct", "paraphrase"):
            prompts = [f"Question: {one[wording]}\nAnswer:" for one in asked]
            said = [text.split("\n")[0] for text in llm.ask(model, tokenizer, prompts, most_tokens)]
            rows += [
                head | {"wording": wording, "id": one["id"], "answer": text, "right": holds(text, one["accept"])}
                for one, text in zip(asked, said, strict=True)
            ]
        return rows

    def as_it_came() -> Rows:
        model, tokens = llm.load()
        return [about(model, "SmolLM2, as it came", None) | {"test_bits": round(bits_per_byte(model, tokens, test), 4)}]

    def adapter() -> Rows:
        _, _, took_s = trained(ADAPTER, ADAPTER_RATE, 0, 0.0, work.tiny)
        return [{"arm": ADAPTER, "seed": 0, "took_s": round(took_s, 1)}]

    work.unit("as it came", as_it_came)
    work.unit("adapter", adapter)
    tried = [row for rate in RATES for row in work.unit(f"dev/{rate}", lambda rate=rate: on_dev(rate))]
    best = min(tried, key=lambda row: row["dev_bits"])["rate"]
    for seed in SEEDS[: 1 if work.tiny else None]:
        work.unit(f"seed {seed}", lambda seed=seed: on_test(best, seed))
