"""The spectrum: each way to fine-tune on one task, with its learning rate: what it trains, costs, scores, forgets."""

import copy
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import torch
from kit.arm import Arm
from kit.artefacts import Artefact
from kit.model import Loaded, chat, generate, load, with_lora
from kit.models import SMOLLM2
from kit.paths import EXPERIMENTS
from kit.provenance import peak_mb
from kit.rows import Rows, read_data
from kit.training import NO_LABEL, Example, Training, encode, logits_loss, reply_logits, train
from kit.work import Work
from tasks.messages import EXAMPLES, MESSAGES, answers, lessons, messages, prompt_of, training_examples
from tasks.prompt_or_tune import best_on_dev
from tasks.triage import MAX_NEW_TOKENS, TRIAGE
from torch.nn.functional import kl_div, log_softmax, softmax

VERSION = 1  # raised when the computation changes
TEXTS = EXPERIMENTS / "spectrum" / "general.jsonl"
QUESTIONS = EXPERIMENTS / "spectrum" / "general_questions.jsonl"


@dataclass(frozen=True)
class Method:
    """A way to tune, and the learning rates that dev sees of it at least."""

    method: str
    learning_rates: tuple[float, ...]
    epochs: int = 8  # over the examples; in `overfitting` four more brought two lines of 120
    rank: int | None = None
    signal: str | None = None  # what a student learns from
    teaches: bool = False  # its models answer for the students


@dataclass(frozen=True)
class Settings:
    """What is tried, and how much of it."""

    model: str = SMOLLM2.key
    seeds: tuple[int, ...] = (0, 1, 2)
    test_items: int = 100
    dev_items: int = 40
    examples: int = 40
    student_examples: int = 160  # messages, which the teacher answers
    general_items: int = 100  # paragraphs for perplexity, and questions, of general English
    methods: tuple[Method, ...] = (
        Method("full", (2e-5, 5e-5, 1e-4)),
        Method("lora", (5e-4, 1e-3, 2e-3), rank=1),
        Method("lora", (5e-4, 1e-3, 2e-3), rank=4),
        Method("lora", (5e-4, 1e-3, 2e-3), rank=16, teaches=True),
        Method("prompt tuning", (1e-2, 3e-2, 1e-1)),
        Method("distillation", (1e-4, 3e-4, 6e-4), epochs=3, signal="answers"),
        Method("distillation", (1e-4, 3e-4, 6e-4), epochs=3, signal="logits"),
    )
    grid_extensions: int = 2  # where the best is the first or the last, half or twice of it, so often
    batch_size: int = 4
    virtual_tokens: int = 16
    virtual_text: str = "Reply with one line: team / urgency / product. Teams: billing, delivery, repair, account."
    student_layers: int = 10
    temperature: float = 2.0
    max_new_tokens: int = MAX_NEW_TOKENS
    own_process: bool = True  # for each run, so that its memory can be told


SETTINGS = Settings()
A_FEW = {"seeds": (0,), "test_items": 2, "dev_items": 2, "examples": 2, "student_examples": 2, "general_items": 2}
TINY = replace(
    SETTINGS,
    **A_FEW,
    methods=tuple(
        replace(one, epochs=1, learning_rates=one.learning_rates[:1]) for one in SETTINGS.methods if one.rank != 1
    ),
    grid_extensions=0,
    max_new_tokens=4,
    own_process=False,
)
SLICE = replace(SETTINGS, test_items=3, dev_items=1, general_items=4, own_process=False)
UNTRAINED = "student, untrained"  # the unit of the cut model before any training
SLICE_UNITS = ("base", UNTRAINED)
DATA = (MESSAGES, EXAMPLES, TEXTS, QUESTIONS)


def shrunk(model, layers: int):
    """A smaller model: evenly spaced layers of a larger one, first and last among them, and its words as they are."""
    student = copy.deepcopy(model)
    old = student.model.layers
    places = [round(number * (len(old) - 1) / (layers - 1)) for number in range(layers)]
    student.model.layers = torch.nn.ModuleList([old[place] for place in places])
    for number, layer in enumerate(student.model.layers):
        layer.self_attn.layer_idx = number
    student.config.num_hidden_layers = layers
    return student


def distillation_loss(temperature: float) -> Callable:
    """How far the student's probabilities at each reply token are from the teacher's (Hinton et al., 2015)."""

    def loss(student, part: list[Example]) -> torch.Tensor:
        wanted = torch.cat([probabilities for *_, probabilities in part])
        said = log_softmax(reply_logits(student, part)[0] / temperature, dim=-1)
        return kl_div(said, wanted, reduction="batchmean") * temperature**2

    return loss


def teacher_of(arm: Arm) -> Artefact:
    """The adapter of a run that teaches students."""
    return Artefact("teacher", arm.model, replace(arm, split="test"), DATA)


def teacher_answers(arm: Arm, settings: Settings) -> Rows:
    """What the teacher answers to every message that its students will read."""
    items = training_examples(settings.student_examples)
    prompts = [chat(arm.model, one["text"]) for one in items]
    replies = generate(teacher_of(arm).load(), prompts, settings.max_new_tokens)
    return [
        {"arm": arm, "kind": "teacher", "id": one["id"], "answer": text}
        for one, text in zip(items, replies, strict=True)
    ]


def student_examples(arm: Arm, settings: Settings, tokenizer, taught: Rows) -> list[Example]:
    """The teacher's answers to learn from and, for one of the two signals, the probability it gave each token."""
    texts = {one["id"]: one["text"] for one in training_examples()}
    examples = encode(tokenizer, [(chat(arm.model, texts[one["id"]]), one["answer"]) for one in taught])
    if arm.signal == "answers":
        return examples
    teacher = teacher_of(taught[0]["arm"]).load().model
    with torch.inference_mode():
        soft = [softmax(reply_logits(teacher, [one])[0] / settings.temperature, dim=-1) for one in examples]
    return [(*example, one.clone()) for example, one in zip(examples, soft, strict=True)]


def with_virtual_tokens(base: Loaded, settings: Settings) -> Loaded:
    """The model with trainable vectors before each prompt, which begin as those of a text."""
    from peft import PromptTuningConfig, get_peft_model

    config = PromptTuningConfig(
        task_type="CAUSAL_LM",
        num_virtual_tokens=settings.virtual_tokens,
        prompt_tuning_init="TEXT",
        prompt_tuning_init_text=settings.virtual_text,
        tokenizer_name_or_path=base.spec.name,
    )
    return base._replace(model=get_peft_model(base.model, config))


def tuned(arm: Arm, settings: Settings, taught: Rows) -> tuple[Loaded, float]:
    """A model trained as the arm has it, and the processor seconds of that; a teacher is not counted."""
    loaded, loss_of = load(arm.model), logits_loss
    torch.manual_seed(arm.seed)
    if arm.method == "distillation":
        examples = student_examples(arm, settings, loaded.tokenizer, taught)
        loaded = loaded._replace(model=shrunk(loaded.model, settings.student_layers))
        loss_of = logits_loss if arm.signal == "answers" else distillation_loss(settings.temperature)
    else:
        examples = encode(loaded.tokenizer, lessons(TRIAGE, arm.model, training_examples(arm.examples)))
    if arm.method == "prompt tuning":
        loaded = with_virtual_tokens(loaded, settings)
    elif arm.method == "lora":
        loaded = with_lora(loaded, arm.rank, arm.seed)
    training = Training(arm.learning_rate, arm.epochs, settings.batch_size, arm.seed, fused=True)
    start = time.process_time()
    train(loaded.model, examples, training, loss_of)
    return loaded, time.process_time() - start


def losses_on(loaded: Loaded, texts: list[str], batch_size: int = 8) -> list[float]:
    """Mean loss of a token of each text, in nats."""
    _, model, tokenizer = loaded
    losses = []
    for at in range(0, len(texts), batch_size):
        inputs = tokenizer(texts[at : at + batch_size], return_tensors="pt", padding=True, padding_side="right")
        longest = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            logits = model(**inputs).logits[:, -longest:][:, :-1]
        logs = log_softmax(logits, dim=-1).gather(-1, inputs["input_ids"][:, 1:, None])[..., 0]
        counted = inputs["attention_mask"][:, 1:]
        losses += (-(logs * counted).sum(1) / counted.sum(1)).tolist()
    return losses


def knows(loaded: Loaded, questions: list[dict], batch_size: int = 4) -> list[bool]:
    """For each question whether the right answer, the first of four, is the likeliest per character."""
    known = []
    for at in range(0, len(questions), batch_size):
        part = questions[at : at + batch_size]
        scores = answer_scores(loaded, part)
        known += [of_question.index(max(of_question)) == 0 for of_question in scores]
    return known


def answer_scores(loaded: Loaded, questions: list[dict]) -> list[list[float]]:
    """The log-probability per character of each answer of each question, all computed as one batch."""
    pairs = [(f"Question: {one['question']}\nAnswer:", f" {text}") for one in questions for text in one["answers"]]
    encoded = []
    for prompt, answer in pairs:
        before, after = (loaded.tokenizer(text, add_special_tokens=False).input_ids for text in (prompt, answer))
        encoded.append((torch.tensor(before + after), torch.tensor([NO_LABEL] * len(before) + after)))
    with torch.inference_mode():
        logits, tokens = reply_logits(loaded.model, encoded)
    logs = log_softmax(logits, dim=-1).gather(-1, tokens[:, None])[:, 0]
    counts = [int((labels != NO_LABEL).sum()) for _, labels in encoded]
    scores = [part.sum().item() / len(answer) for part, (_, answer) in zip(logs.split(counts), pairs, strict=True)]
    return [scores[start : start + 4] for start in range(0, len(scores), 4)]


def size_on_disk(model) -> int:
    """Bytes of what has to be kept of a trained model."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return sum(file.stat().st_size for file in Path(folder).rglob("*.safetensors"))


def one_run(arm: Arm, settings: Settings, teaches: bool = False, taught: Rows = ()) -> Rows:
    """Train, then measure on dev and test and what was forgotten. In a process of its own the memory is the run's."""
    if arm.method in {"prompt", "cut"}:
        loaded, seconds = load(arm.model), 0.0
        if arm.method == "cut":
            loaded = loaded._replace(model=shrunk(loaded.model, settings.student_layers))
    else:
        loaded, seconds = tuned(arm, settings, taught)
    model = loaded.model
    trained = [weight.numel() for weight in model.parameters() if weight.requires_grad]
    rows = [
        {"arm": arm, "kind": "run", "trained": sum(trained)}
        | {"weights": sum(weight.numel() for weight in model.parameters())}
        | {"cpu_s": round(seconds, 3), "peak_mb": peak_mb(), "bytes": size_on_disk(model) if seconds else 0}
    ]
    if teaches:
        teacher_of(arm).keep(loaded, {})
    model.eval()
    for split, count in (("dev", settings.dev_items), ("test", settings.test_items)):
        items = messages(split, count)
        prompts = [prompt_of(TRIAGE, arm.model, one) for one in items]
        replies = answers(TRIAGE, loaded, items, prompts, settings.max_new_tokens)
        rows += [{"arm": replace(arm, split=split), "kind": "reply"} | reply for reply in replies]
    texts = read_data(TEXTS)[: settings.general_items]
    losses = losses_on(loaded, [one["text"] for one in texts])
    rows += [
        {"arm": arm, "kind": "text", "id": one["id"], "loss": round(loss, 4)}
        for one, loss in zip(texts, losses, strict=True)
    ]
    questions = read_data(QUESTIONS)[: settings.general_items]
    return rows + [
        {"arm": arm, "kind": "question", "id": one["id"], "knows": known}
        for one, known in zip(questions, knows(loaded, questions), strict=True)
    ]


def run_apart(*arguments) -> Rows:
    """One run in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(one_run, *arguments).result()


def choose_learning_rate(method: Method, more: int, run_at: Callable[[float], Rows]) -> float:
    """The best learning rate on dev. While that is the lowest or highest tried, half or twice it is tried too.

    So often at most: `more` times.
    """

    def on_dev(learning_rate: float) -> Rows:
        return [row for row in run_at(learning_rate) if row["kind"] == "reply" and row["arm"].split == "dev"]

    tried = [row for learning_rate in method.learning_rates for row in on_dev(learning_rate)]
    seen = set(method.learning_rates)
    for _ in range(more):
        best = best_on_dev(tried).learning_rate
        if best not in (min(seen), max(seen)):
            break
        learning_rate = best / 2 if best == min(seen) else best * 2
        seen.add(learning_rate)
        tried += on_dev(learning_rate)
    return best_on_dev(tried).learning_rate


class Spectrum:
    """The runs of every method, at every learning rate and seed."""

    def __init__(self, work: Work, settings: Settings):
        """Nothing is run yet, and no teacher has answered."""
        self.work, self.settings = work, settings
        self.run = run_apart if settings.own_process else one_run
        self.taught: dict[int, Rows] = {}  # what the teacher of each seed answered

    def arm(self, method: Method, learning_rate: float, seed: int) -> Arm:
        """The arm of one run."""
        count = self.settings.student_examples if method.method == "distillation" else self.settings.examples
        of_run = {"examples": count, "learning_rate": learning_rate, "epochs": method.epochs, "seed": seed}
        return Arm(method=method.method, model=self.settings.model, rank=method.rank, signal=method.signal, **of_run)

    def run_at(self, method: Method, learning_rate: float, seed: int = 0) -> Rows:
        """The rows of one run."""
        details = "".join(f" {one}" for one in (method.rank, method.signal) if one)
        taught = self.taught.get(seed, []) if method.method == "distillation" else []
        make = partial(self.run, self.arm(method, learning_rate, seed), self.settings, method.teaches, taught)
        return self.work.unit(f"{method.method}{details}/{learning_rate:g}/seed {seed}", make)

    def all_of(self, method: Method) -> None:
        """Every learning rate with one seed, then the other seeds at the one that dev chose; a teacher answers."""
        settings = self.settings
        learning_rate = choose_learning_rate(method, settings.grid_extensions, partial(self.run_at, method))
        for seed in settings.seeds[1:]:
            self.run_at(method, learning_rate, seed)
        if method.teaches:
            for seed in settings.seeds:
                make = partial(teacher_answers, self.arm(method, learning_rate, seed), settings)
                self.taught[seed] = self.work.unit(f"teacher/seed {seed}", make)


def predict(work: Work, settings: Settings) -> None:
    """The base model, then every method; and what a student is before it has learned anything."""
    spectrum = Spectrum(work, settings)
    base = Arm(method="prompt", model=settings.model, examples=0)
    work.unit("base", lambda: spectrum.run(base, settings))
    for method in settings.methods:
        spectrum.all_of(method)
    work.unit(UNTRAINED, lambda: spectrum.run(replace(base, method="cut"), settings))
