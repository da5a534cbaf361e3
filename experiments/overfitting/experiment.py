"""Did it work? Training on and on, evaluated after each few epochs, beside the base model and a good prompt."""

from dataclasses import dataclass, replace
from functools import partial

from kit.arm import Arm
from kit.model import Loaded, load
from kit.models import SMOLLM2
from kit.rows import Rows
from kit.training import Training, encode, lora_tuned, reply_loss
from kit.work import Work
from tasks.messages import EXAMPLES, MESSAGES, answers, lessons, messages, prompt_of, training_examples
from tasks.triage import MAX_NEW_TOKENS, TRIAGE

VERSION = 1  # raised when the computation changes


@dataclass(frozen=True)
class Evaluations:
    """After which epochs over how many examples the model is evaluated."""

    examples: int
    epochs: tuple[int, ...]


@dataclass(frozen=True)
class Settings:
    """What is tried, and how much of it."""

    model: str = SMOLLM2.key
    seeds: tuple[int, ...] = (0, 1, 2)
    test_items: int = 120
    dev_items: int = 60
    trainings: tuple[Evaluations, ...] = (
        Evaluations(10, (4, 8, 16, 24, 40)),
        Evaluations(40, (1, 2, 3, 5, 8, 12)),
    )
    learning_rate: float = 2e-3
    examples_in_prompt: int = 8
    instruction: str = TRIAGE.instructions[0]
    rank: int = 8
    batch_size: int = 4
    max_new_tokens: int = MAX_NEW_TOKENS
    stop_after: int | None = None  # epochs, for a slice: the learning rate falls as if all were to come


SETTINGS = Settings()
HANDFULS = (Evaluations(2, (1, 2)), Evaluations(3, (1, 2)))
TINY = replace(SETTINGS, seeds=(0,), test_items=2, dev_items=2, trainings=HANDFULS, max_new_tokens=4)
# The slice trains: as far as the first evaluation, of which the loss needs the whole of dev.
SLICE, SLICE_UNITS = replace(SETTINGS, test_items=2, stop_after=4), ("base", "tuned on 10/seed 0")
DATA = (MESSAGES, EXAMPLES)


def mean_loss(loaded: Loaded, items: list[dict], batch_size: int = 16) -> float:
    """Mean loss of the wanted lines' tokens, each batch weighed by its messages, in nats."""
    import torch

    loaded.model.eval()
    pairs = lessons(TRIAGE, loaded.spec.key, items)
    encoded = sorted(encode(loaded.tokenizer, pairs), key=lambda one: len(one[0]))
    parts = [encoded[at : at + batch_size] for at in range(0, len(encoded), batch_size)]
    with torch.inference_mode():
        return sum(reply_loss(loaded.model, part).item() * len(part) for part in parts) / len(encoded)


class Course:
    """The messages, and a training that is evaluated on its way."""

    def __init__(self, settings: Settings):
        """Read the messages."""
        self.settings, self.examples = settings, training_examples()
        self.items = {"test": messages("test", settings.test_items), "dev": messages("dev", settings.dev_items)}

    def replies(self, loaded: Loaded, arm: Arm) -> Rows:
        """A row for each message of the arm's split."""
        settings, items = self.settings, self.items[arm.split]
        shown = self.examples[: arm.examples] if arm.method == "prompt" and arm.examples else []
        instruction = settings.instruction if shown else ""
        prompts = [prompt_of(TRIAGE, arm.model, one, instruction, shown) for one in items]
        return [{"arm": arm} | row for row in answers(TRIAGE, loaded, items, prompts, settings.max_new_tokens)]

    def base(self, arm: Arm) -> Rows:
        """What the base model replies."""
        return self.replies(load(arm.model), arm)

    def tuned(self, arm: Arm, epochs: tuple[int, ...]) -> Rows:
        """Losses and replies after each of the epochs."""
        settings, rows = self.settings, []

        def evaluate(loaded: Loaded, epoch: int, loss: float) -> None:
            if epoch in epochs:
                now = replace(arm, epochs=epoch)
                dev_loss = mean_loss(loaded, self.items["dev"])
                rows.append({"arm": now, "train_loss": round(loss, 4), "dev_loss": round(dev_loss, 4)})
                rows.extend(self.replies(loaded, now))
                rows.extend(self.replies(loaded, replace(now, split="dev")))

        pairs = lessons(TRIAGE, arm.model, self.examples[: arm.examples])
        learning_rate, stop = arm.learning_rate, settings.stop_after
        training = Training(learning_rate, epochs[-1], settings.batch_size, arm.seed, stop_after=stop)
        lora_tuned(arm.model, pairs, training, settings.rank, evaluate)
        return rows


def predict(work: Work, settings: Settings) -> None:
    """Losses and replies while training goes on; replies of the two baselines."""
    course = Course(settings)
    base = Arm(method="prompt", model=settings.model, examples=0)
    prompt = replace(base, instruction=0, examples=settings.examples_in_prompt, selection="fixed")
    for key, arm in {"base": base, "prompt": prompt}.items():
        work.unit(key, partial(course.base, arm))
    tuned = Arm(method="lora", model=settings.model, rank=settings.rank, learning_rate=settings.learning_rate)
    for one in settings.trainings:
        for seed in settings.seeds:
            arm = replace(tuned, examples=one.examples, seed=seed)
            work.unit(f"tuned on {one.examples}/seed {seed}", partial(course.tuned, arm, one.epochs))
