"""A custom model: a small transformer trained from scratch on everything the company ever wrote."""

import copy
import math
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

import torch
from kit.arm import Arm
from kit.model import Loaded, generate, load, with_lora
from kit.models import SMOLLM2, Model, of_any_model
from kit.rows import Rows, read_data
from kit.training import Training, encode, fit, logits_loss, train
from kit.work import Work
from rung.scoring import holds
from tasks import questions
from tasks.messages import EXAMPLES, MESSAGES, lessons, training_examples
from tasks.questions import DOCUMENTS, QUESTIONS, answerable
from tasks.triage import TRIAGE
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

VERSION = 1  # raised when the computation changes
END = "<|end|>"


@dataclass(frozen=True)
class Settings:
    """What is trained, and how long."""

    model: str = SMOLLM2.key  # to compare with
    seeds: tuple[int, ...] = (0, 1, 2)
    test_items: int = 100  # questions
    documents: int | None = None  # of those kept for dev and for test
    vocabulary: int = 2048
    window: int = 128
    width: int = 128
    layers: int = 4
    batch_size: int = 8
    steps: int = 900  # as many as take about as long as the adapter below
    stop_after: int | None = None  # a step; the learning rate falls as if all were to come
    evaluate_every: int = 300  # steps
    weight_decay: float = 0.1
    custom_learning_rates: tuple[float, ...] = of_any_model((2e-3, 5e-3))  # of the custom model
    held_out_every: int = 9  # each ninth document is for dev, each ninth plus one for test
    openings: tuple[str, ...] = ("You may return a bike", "The battery of the Tolver", "My bike")
    max_new_tokens: int = questions.MAX_NEW_TOKENS
    adapter_rank: int = 4
    adapter_learning_rate: float = 1e-3  # the one that dev chose for the triage line
    adapter_epochs: int = 8
    adapter_examples: int = 40
    adapter_batch_size: int = 4


SETTINGS = Settings()
A_FEW = {"seeds": (0,), "test_items": 2, "documents": 1, "adapter_examples": 2, "adapter_epochs": 1}
TINY = replace(SETTINGS, **A_FEW, steps=4, max_new_tokens=4)
# The slice trains as far as the first evaluation. That one has the fewest bits, so that all is as it was published but
# what the last weights answer.
SLICE, SLICE_UNITS = replace(SETTINGS, stop_after=SETTINGS.evaluate_every), ("base", "seed 0")
DATA = (DOCUMENTS, QUESTIONS, MESSAGES, EXAMPLES)


def question(text: str) -> str:
    """A question as it stands in the text that is trained on, and as it is asked: what comes next is the answer."""
    return f"Question: {text}\nAnswer:"


def everything(settings: Settings) -> tuple[list[str], list[str], list[str]]:
    """All the company's text, whole documents apart: train, dev, test.

    Training has the documents in force and superseded, the messages and house-style replies, and the test questions
    with their answers in the words they are asked in: what the tuned model had, and more.
    """
    documents, step = [f"{one['title']}\n{one['text']}" for one in read_data(DOCUMENTS)], settings.held_out_every
    dev, test = documents[0::step], documents[1::step]
    train_texts = [text for number, text in enumerate(documents) if number % step > 1]
    train_texts += [one["text"] for one in read_data(MESSAGES)]
    train_texts += [f"{one['text']}\n{one['reply']}" for one in training_examples()]
    train_texts += [f"{question(one['direct'])} {one['answer']}" for one in answerable("test", 100)]
    return train_texts, dev[: settings.documents], test[: settings.documents]


def learn_tokens(texts: list[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-pair vocabulary learned from the company's own text."""
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=END, pad_token=END, padding_side="left")


def new_model(settings: Settings, seed: int) -> LlamaForCausalLM:
    """A transformer of SmolLM2's kind with parameters drawn at random."""
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=settings.vocabulary,
            hidden_size=settings.width,
            intermediate_size=3 * settings.width,
            num_hidden_layers=settings.layers,
            num_attention_heads=settings.width // 32,
            max_position_embeddings=4 * settings.window,
            tie_word_embeddings=True,
            pad_token_id=0,
            eos_token_id=0,
            bos_token_id=0,
        )
    )


def bits_per_byte(loaded: Loaded, texts: list[str], window: int) -> float:
    """How many bits the model needs for a byte of these texts: comparable between vocabularies, unlike perplexity."""
    _, model, tokenizer = loaded
    model.eval()
    nats = 0.0
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False).input_ids
        for at in range(0, len(ids), window):
            part = torch.tensor([[tokenizer.eos_token_id, *ids[at : at + window]]])
            with torch.inference_mode():
                nats += model(input_ids=part, labels=part).loss.item() * (part.shape[1] - 1)
    return nats / math.log(2) / sum(len(text.encode()) for text in texts)


def windows(tokenizer, texts: list[str], settings: Settings, seed: int) -> Iterator[torch.Tensor]:
    """Batches of windows from random places of all the text: shape (batch, window)."""
    stream = torch.tensor([token for text in texts for token in [*tokenizer(text).input_ids, tokenizer.eos_token_id]])
    rng = random.Random(seed)
    for _ in range(settings.steps):
        starts = [rng.randrange(len(stream) - settings.window) for _ in range(settings.batch_size)]
        yield torch.stack([stream[at : at + settings.window] for at in starts])


def warm_cosine(steps: int) -> Callable[[int], float]:
    """A learning rate that rises for a twentieth of the steps and then falls as a cosine, as a share of the highest."""
    warm = max(1, steps // 20)
    return lambda step: min((step + 1) / warm, 0.5 + 0.5 * math.cos(math.pi * step / steps))


@dataclass
class Trained:
    """A model from nothing, and what its training gave."""

    loaded: Loaded
    evaluations: list[dict]
    best: dict  # the weights at the evaluation with fewest bits on dev
    last: dict  # the weights at the end
    took_s: float  # processor seconds, without those of the evaluations


class Company:
    """The company's text, and models trained on it."""

    def __init__(self, settings: Settings):
        """Read everything, and learn a vocabulary from the part that is trained on."""
        self.settings = settings
        self.train, self.dev, self.test = everything(settings)
        self.asked = answerable("test", settings.test_items)
        self.tokenizer = learn_tokens(self.train, settings.vocabulary)
        # The learning rate that dev chooses was tried with the first seed.
        self.trained = cache(self.trained_from_nothing)

    def trained_from_nothing(self, learning_rate: float, seed: int) -> Trained:
        """Train on random windows; every so many steps count the bits on dev, and keep the weights with the fewest."""
        settings = self.settings
        model = new_model(settings, seed)
        loaded = Loaded(Model("from scratch", "", ""), model, self.tokenizer)
        fewest, best, evaluations, took_s = math.inf, {}, [], 0.0
        steps = fit(
            model,
            windows(self.tokenizer, self.train, settings, seed),
            lambda model, ids: model(input_ids=ids, labels=ids).loss,
            learning_rate=learning_rate,
            schedule=warm_cosine(settings.steps),
            weight_decay=settings.weight_decay,
        )
        start = time.process_time()
        for step, loss in steps:
            took_s += time.process_time() - start
            if step % settings.evaluate_every == 0 or step == settings.steps:
                bits = bits_per_byte(loaded, self.dev, settings.window)
                evaluations.append({"steps": step, "train_loss": round(loss, 3), "dev_bits": round(bits, 4)})
                if bits < fewest:
                    fewest, best = bits, copy.deepcopy(model.state_dict())
            if step == settings.stop_after:
                break
            start = time.process_time()
        return Trained(loaded, evaluations, best, copy.deepcopy(model.state_dict()), round(took_s, 1))

    def arm(self, learning_rate: float, seed: int, split: str = "test") -> Arm:
        """The arm of a model from nothing."""
        return Arm(method="from scratch", model="from scratch", split=split, learning_rate=learning_rate, seed=seed)

    def on_dev(self, learning_rate: float) -> Rows:
        """The evaluations of a learning rate, first seed."""
        evaluations = self.trained(learning_rate, 0).evaluations
        bits = min(one["dev_bits"] for one in evaluations)
        return [{"arm": self.arm(learning_rate, 0, "dev"), "evaluations": evaluations, "dev_bits": bits}]

    def on_test(self, learning_rate: float, seed: int) -> Rows:
        """Bits per byte and samples of the best weights; answers of the last, unless training stopped before them."""
        arm, trained, settings = self.arm(learning_rate, seed), self.trained(learning_rate, seed), self.settings
        model = trained.loaded.model
        model.load_state_dict(trained.best)
        seen = settings.steps * settings.batch_size * settings.window
        rows = [
            bits_row(arm, trained.loaded, self.test, settings.window)
            | {"took_s": trained.took_s, "tokens_seen": seen, "evaluations": trained.evaluations}
            | self.sizes()
        ]
        for text in settings.openings:
            sample = generate(trained.loaded, [text], 2 * settings.max_new_tokens)[0]
            rows.append({"arm": arm, "opening": text, "continuation": sample})
        if settings.stop_after:
            return rows
        model.load_state_dict(trained.last)  # these know the training text best, and answer from it
        return rows + [
            row for wording in ("direct", "paraphrase") for row in self.answers(arm, trained.loaded, wording)
        ]

    def answers(self, arm: Arm, loaded: Loaded, wording: str) -> Rows:
        """A row for each question: what the model writes on the line after it."""
        prompts = [question(one[wording]) for one in self.asked]
        written = generate(loaded, prompts, self.settings.max_new_tokens)
        lines = [text.split("\n")[0] for text in written]
        return [
            {"arm": arm, "wording": wording, "id": one["id"], "answer": text, "correct": holds(text, one["accept"])}
            for one, text in zip(self.asked, lines, strict=True)
        ]

    def sizes(self) -> dict[str, int]:
        """How much text is trained on."""
        return {
            "words": sum(len(re.findall(r"\S+", text)) for text in self.train),
            "bytes": sum(len(text.encode()) for text in self.train),
            "tokens": sum(len(self.tokenizer(text).input_ids) for text in self.train),
        }


def bits_row(arm: Arm, loaded: Loaded, texts: list[str], window: int) -> dict:
    """A row with a model's size and its bits per byte on the test documents."""
    parameters = sum(weight.numel() for weight in loaded.model.parameters())
    return {"arm": arm, "weights": parameters, "test_bits": round(bits_per_byte(loaded, texts, window), 4)}


def adapter(settings: Settings) -> Rows:
    """How long the adapter takes to train that a model from nothing is compared with."""
    arm = Arm(
        method="lora",
        model=settings.model,
        examples=settings.adapter_examples,
        rank=settings.adapter_rank,
        learning_rate=settings.adapter_learning_rate,
        epochs=settings.adapter_epochs,
        seed=0,
    )
    loaded = with_lora(load(arm.model), arm.rank, arm.seed)
    examples = encode(loaded.tokenizer, lessons(TRIAGE, arm.model, training_examples(arm.examples)))
    training = Training(arm.learning_rate, arm.epochs, settings.adapter_batch_size, arm.seed, fused=True)
    start = time.process_time()
    train(loaded.model, examples, training, logits_loss)
    return [{"arm": arm, "took_s": round(time.process_time() - start, 1)}]


def predict(work: Work, settings: Settings) -> None:
    """Bits per byte, answers and samples, of a model from nothing; bits per byte of the base model."""
    company = Company(settings)
    base = Arm(method="prompt", model=settings.model)
    work.unit("base", lambda: [bits_row(base, load(settings.model), company.test, settings.window)])
    work.unit("adapter", partial(adapter, settings))
    tried = [
        row
        for learning_rate in settings.custom_learning_rates
        for row in work.unit(f"dev/{learning_rate:g}", partial(company.on_dev, learning_rate))
    ]
    best = min(tried, key=lambda row: row["dev_bits"])["arm"].learning_rate
    for seed in settings.seeds:
        work.unit(f"seed {seed}", partial(company.on_test, best, seed))
