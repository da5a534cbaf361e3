"""The spectrum: each way to tune on one task, at its own learning rate: what it trains, costs, scores and forgets."""

import copy
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import torch
from behaviour.experiment import best_setting, scored
from kit import model as llm
from kit.evidence import Rows, Work, peak_mb, read_rows
from kit.places import DATA, EXPERIMENTS
from overfitting.experiment import MOST_TOKENS, pairs
from peft import PeftModel, PromptTuningConfig, get_peft_model
from torch.nn.functional import kl_div, log_softmax, softmax
from torch.nn.utils.rnn import pad_sequence

VERSION = 1  # raised when the computation changes
SEEDS = [0, 1, 2]
TEST, DEV = 100, 40
SIZE = 40  # examples; the students also read 160 messages without an answer
GENERAL = 100  # paragraphs for perplexity, and questions, of general English
RANKS = [1, 4, 16]
VIRTUAL_TOKENS = 16
BEGIN_WITH = "Reply with one line: team / urgency / product. Teams: billing, delivery, repair, account."
STUDENT_LAYERS = 10
TEMPERATURE = 2.0
PASSES = 8  # over the examples; in `overfitting` four more brought two lines of 120
STUDENT_PASSES = 3  # over four times as many messages
# The learning rates that dev sees of each method; where the best is the last or the first, up to BEYOND more.
RATES = {
    "full": [2e-5, 5e-5, 1e-4],
    **{f"LoRA, rank {rank}": [5e-4, 1e-3, 2e-3] for rank in RANKS},
    "prompt tuning": [1e-2, 3e-2, 1e-1],
    "student, teacher's answers": [1e-4, 3e-4, 6e-4],
    "student, teacher's logits": [1e-4, 3e-4, 6e-4],
}
BEYOND = 2
TEACHER = "LoRA, rank 16"


def messages(split: str) -> list[dict]:
    """The messages of a split, in file order."""
    return [one for one in read_rows(DATA / "messages.jsonl") if one["split"] == split]


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


def reply_logits(model, part) -> tuple[torch.Tensor, torch.Tensor]:
    """The logits before each token of the replies in a batch, and those tokens; also behind virtual tokens.

    The last layer is the largest, so it is computed from where the first reply begins.
    """
    ids = pad_sequence([ids for ids, _ in part], batch_first=True)
    labels = pad_sequence([labels for _, labels in part], batch_first=True, padding_value=llm.NO_LABEL)
    mask = pad_sequence([torch.ones_like(ids) for ids, _ in part], batch_first=True)
    chosen = labels != llm.NO_LABEL
    kept = ids.shape[1] - int(chosen.any(0).nonzero()[0])
    logits = model(input_ids=ids, attention_mask=mask, logits_to_keep=kept + 1).logits[:, :-1]
    return logits[chosen[:, -kept:]], labels[chosen]


def steps(model, encoded: list, rate: float, passes: int, seed: int, loss_of) -> None:
    """AdamW over batches of four, the rate falling linearly to nothing. Each lesson is (ids, labels, ...)."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0, fused=True)
    chooser, batch = random.Random(seed), 4
    count = passes * -(-len(encoded) // batch)
    falling = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / count)
    model.train()
    for _ in range(passes):
        chooser.shuffle(encoded)
        for start in range(0, len(encoded), batch):
            loss_of(model, encoded[start : start + batch]).backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            optimiser.zero_grad()
            falling.step()


def cross_entropy(model, part) -> torch.Tensor:
    """Mean cross-entropy of the reply tokens."""
    return torch.nn.functional.cross_entropy(*reply_logits(model, [lesson[:2] for lesson in part]))


def match(student, part) -> torch.Tensor:
    """How far the student's chances at each reply token are from the teacher's (Hinton et al., 2015)."""
    wanted = torch.cat([chances for *_, chances in part])
    said = log_softmax(reply_logits(student, [lesson[:2] for lesson in part])[0] / TEMPERATURE, dim=-1)
    return kl_div(said, wanted, reduction="batchmean") * TEMPERATURE**2


def teacher_of(seed: int, rate: float, tiny: bool):
    """The model that taught a seed's students: the run of that rate and seed kept it."""
    return PeftModel.from_pretrained(llm.load()[0], Work("spectrum", tiny).adapter(run_key(TEACHER, rate, seed))).eval()


def answers_of_teacher(rate: float, seed: int, tiny: bool) -> Rows:
    """What the teacher answers to every message that its students will read."""
    messages_read = read_rows(EXPERIMENTS / "behaviour" / "train.jsonl")[: 2 if tiny else None]
    prompts = [llm.chat(one["text"]) for one in messages_read]
    said = llm.ask(teacher_of(seed, rate, tiny), llm.load()[1], prompts, 4 if tiny else MOST_TOKENS)
    about = {"arm": "the teacher's answers", "rate": rate, "seed": seed}
    return [about | {"id": one["id"], "answer": text} for one, text in zip(messages_read, said, strict=True)]


def lessons_of_teacher(method: str, tokenizer, rate: float, seed: int, tiny: bool) -> list[tuple]:
    """The teacher's answers to learn from and, for one of the two methods, the chances it gave each word of them."""
    texts = {one["id"]: one["text"] for one in read_rows(EXPERIMENTS / "behaviour" / "train.jsonl")}
    answers = Work("spectrum", tiny).kept(f"teacher/seed {seed}")
    lessons = llm.encode(tokenizer, [(llm.chat(texts[one["id"]]), one["answer"]) for one in answers])
    if not method.endswith("logits"):
        return lessons
    teacher = teacher_of(seed, rate, tiny)
    with torch.inference_mode():
        chances = [softmax(reply_logits(teacher, [lesson])[0] / TEMPERATURE, dim=-1) for lesson in lessons]
    return [(*lesson, one.clone()) for lesson, one in zip(lessons, chances, strict=True)]


def trained(method: str, rate: float, seed: int, teacher_rate: float, tiny: bool) -> tuple:
    """A model trained by a method, its tokenizer, and the processor seconds of that; a teacher is not counted."""
    model, tokenizer = llm.load()
    torch.manual_seed(seed)
    passes, loss = PASSES, cross_entropy
    if method.startswith("student"):
        lessons = lessons_of_teacher(method, tokenizer, teacher_rate, seed, tiny)
        model, passes = shrunk(model, STUDENT_LAYERS), STUDENT_PASSES
        loss = match if method.endswith("logits") else cross_entropy
    else:
        examples = read_rows(EXPERIMENTS / "behaviour" / "train.jsonl")[: 2 if tiny else SIZE]
        lessons = llm.encode(tokenizer, pairs(examples))
    if method == "prompt tuning":
        config = PromptTuningConfig(
            task_type="CAUSAL_LM",
            num_virtual_tokens=VIRTUAL_TOKENS,
            prompt_tuning_init="TEXT",
            prompt_tuning_init_text=BEGIN_WITH,
            tokenizer_name_or_path=llm.NAME,
        )
        model = get_peft_model(model, config)
    elif method.startswith("LoRA"):
        model = llm.with_lora(model, int(method.rsplit(" ", 1)[-1]), seed)
    start = time.process_time()
    steps(model, lessons, rate, 1 if tiny else passes, seed, loss)
    return model, tokenizer, time.process_time() - start


def losses_on(model, tokenizer, texts: list[str], batch: int = 8) -> list[float]:
    """Mean loss of a token of each text, in nats."""
    losses = []
    for at in range(0, len(texts), batch):
        inputs = tokenizer(texts[at : at + batch], return_tensors="pt", padding=True, padding_side="right")
        longest = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            logits = model(**inputs).logits[:, -longest:][:, :-1]
        chances = log_softmax(logits, dim=-1).gather(-1, inputs["input_ids"][:, 1:, None])[..., 0]
        counted = inputs["attention_mask"][:, 1:]
        losses += (-(chances * counted).sum(1) / counted.sum(1)).tolist()
    return losses


def knows(model, tokenizer, questions: list[dict], batch: int = 4) -> list[bool]:
    """For each question whether the right answer is the likeliest of four, by chance per character."""
    right = []
    for at in range(0, len(questions), batch):
        part = questions[at : at + batch]
        items = [(f"Question: {one['question']}\nAnswer:", f" {text}") for one in part for text in one["answers"]]
        encoded = []
        for prompt, answer in items:
            before, after = (tokenizer(text, add_special_tokens=False).input_ids for text in (prompt, answer))
            labels = [llm.NO_LABEL] * len(before) + after
            encoded.append((torch.tensor(before + after), torch.tensor(labels)))
        with torch.inference_mode():
            logits, tokens = reply_logits(model, encoded)
        chances = log_softmax(logits, dim=-1).gather(-1, tokens[:, None])[:, 0]
        scores, place = [], 0
        for (_, answer), (_, labels) in zip(items, encoded, strict=True):
            count = int((labels != llm.NO_LABEL).sum())
            scores.append(chances[place : place + count].sum().item() / len(answer))
            place += count
        right += [
            scores[start : start + 4].index(max(scores[start : start + 4])) == 0 for start in range(0, len(scores), 4)
        ]
    return right


def size_on_disk(model) -> int:
    """Bytes of what has to be kept of a trained model."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return sum(file.stat().st_size for file in Path(folder).rglob("*.safetensors"))


def run_key(method: str, rate: float, seed: int) -> str:
    """Under what key a run, and an adapter it made, is kept."""
    return f"{method}/{rate:g}/seed {seed}"


def one_run(method: str, rate: float, seed: int, teacher_rate: float = 0.0, tiny: bool = False) -> Rows:
    """Train, then measure on dev and test and what was forgotten. In a process of its own the memory is the run's."""
    few = 2 if tiny else None
    if method == "as it came":
        (model, tokenizer), seconds = llm.load(), 0.0
    else:
        model, tokenizer, seconds = trained(method, rate, seed, teacher_rate, tiny)
    about = {"arm": method, "rate": rate, "seed": seed}
    learns = [weight.numel() for weight in model.parameters() if weight.requires_grad]
    rows = [
        about
        | {"trained": sum(learns), "weights": sum(weight.numel() for weight in model.parameters())}
        | {"cpu_s": round(seconds, 1), "peak_mb": peak_mb(), "bytes": size_on_disk(model) if seconds else 0}
    ]
    if method == TEACHER:
        Work("spectrum", tiny).keep_adapter(run_key(method, rate, seed), model)
    model.eval()
    for split, count in (("dev", DEV), ("test", TEST)):
        items = messages(split)[: few or count]
        prompts = [llm.chat(one["text"]) for one in items]
        for one, reply in zip(items, llm.ask(model, tokenizer, prompts, 4 if tiny else MOST_TOKENS), strict=True):
            of_reply = {"kind": "reply", "split": split, "id": one["id"], "reply": reply}
            rows.append(about | of_reply | scored(one, reply, "format"))
    folder = EXPERIMENTS / "spectrum"
    texts = read_rows(folder / "general.jsonl")[: few or GENERAL]
    for one, loss in zip(texts, losses_on(model, tokenizer, [one["text"] for one in texts]), strict=True):
        rows.append(about | {"kind": "text", "id": one["id"], "loss": round(loss, 4)})
    questions = read_rows(folder / "general_questions.jsonl")[: few or GENERAL]
    for one, right in zip(questions, knows(model, tokenizer, questions), strict=True):
        rows.append(about | {"kind": "question", "id": one["id"], "knows": right})
    return rows


def apart(*arguments) -> Rows:
    """One run in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(one_run, *arguments).result()


def choose_rate(rates: list[float], beyond: int, try_at: Callable[[float], Rows]) -> float:
    """The rate dev likes best. While that is the lowest or highest tried, half or twice it is too: `beyond` more."""

    def on_dev(rate: float) -> Rows:
        return [row | {"setting": rate} for row in try_at(rate) if row.get("split") == "dev"]

    tried = [row for rate in rates for row in on_dev(rate)]
    seen = set(rates)
    for _ in range(beyond):
        best = best_setting(tried)
        if best not in (min(seen), max(seen)):
            break
        rate = best / 2 if best == min(seen) else best * 2
        seen.add(rate)
        tried += on_dev(rate)
    return best_setting(tried)


def predict(work: Work) -> None:
    """Every method at each of its rates with one seed, then with the others at the rate that dev chose."""
    run = partial(one_run, tiny=True) if work.tiny else apart
    work.unit("as it came", lambda: run("as it came", 0.0, 0))
    best: dict[str, float] = {}
    for method, rates in RATES.items():
        if work.tiny and method == "LoRA, rank 1":
            continue

        def run_at(rate: float, seed: int = 0, method: str = method) -> Rows:
            arguments = (method, rate, seed, best.get(TEACHER, 0.0))
            return work.unit(run_key(method, rate, seed), partial(run, *arguments))

        best[method] = choose_rate(rates[:1] if work.tiny else rates, 0 if work.tiny else BEYOND, run_at)
        for seed in SEEDS[1 : 1 if work.tiny else None]:
            run_at(best[method], seed)
        if method == TEACHER:
            for seed in SEEDS[: 1 if work.tiny else None]:
                work.unit(f"teacher/seed {seed}", partial(answers_of_teacher, best[method], seed, work.tiny))
