"""Fine-tuning a local model with LoRA on lessons from the case: told what it takes before, kept, and gone on with.

peft and transformers' Trainer do the work (Hu et al., 2021, "LoRA: Low-Rank Adaptation of Large Language Models"). What
is trained on is the very prompt that is asked later, and only the answer is learned.
"""

import hashlib
import importlib.util
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rung.errors import ModelError, Unsupported, install, out_of_memory
from rung.files import put
from rung.models import LocalModel, Request
from rung.progress import Progress
from rung.settings import TuneSettings

VERSION = 1  # raise it when the same lessons would be learned otherwise
BATCH = 4
SAVED_EVERY = 25  # steps
KEPT = "Its checkpoints are kept: make room, or give [tune] a smaller rank, and run the same command again"
BACKWARD = 3  # a step forward and back takes about three times a step forward


@dataclass(frozen=True)
class Lesson:
    """One example to learn from: what is asked, and what is to be answered."""

    request: Request
    wanted: str


@dataclass(frozen=True)
class Plan:
    """What training would take: lessons, their tokens over all epochs, and seconds on this machine, about."""

    lessons: int
    tokens: int
    seconds: float

    @property
    def words(self) -> str:
        """For people."""
        minutes = self.seconds / 60
        return f"{self.lessons} examples, {self.tokens:,} tokens over all epochs, about {max(1, round(minutes))} min"


class TunedModel(LocalModel):
    """A local model with an adapter that was trained here."""

    def __init__(self, name: str, adapter: Path, context: int = 0):
        """Name the model and the folder of its adapter."""
        super().__init__(name, context)
        self.adapter = adapter

    @property
    def identity(self) -> str:
        """What its answers are kept under: the model's name and version, and the adapter."""
        return f"{super().identity} with {self.adapter.name}"

    @property
    def loaded(self) -> tuple[Any, Any]:
        """The model with its adapter, and its tokenizer. Raises ModelError where the adapter is gone."""
        if self._loaded is None:
            from peft import PeftModel

            if not (self.adapter / "done").exists():
                raise ModelError(f"The adapter {self.adapter} is gone: run `rung measure --tune` again.")
            base = json.loads((self.adapter / "done").read_text(encoding="utf-8")).get("base")
            if base not in (None, super().identity):
                changed = f"{self.name} has changed since {self.adapter.name} was trained on it"
                raise ModelError(f"{changed}: run `rung measure --tune` again.")
            model, tokenizer = super().loaded
            self._loaded = PeftModel.from_pretrained(model, self.adapter).eval(), tokenizer
        return self._loaded


def plan_of(base: LocalModel, lessons: Sequence[Lesson], settings: TuneSettings) -> Plan:
    """What training on lessons would take. Raises ModelError where the model is not to be had."""
    tokens = sum(len(row["input_ids"]) for row in rows_of(base, lessons)) * settings.epochs
    return Plan(len(lessons), tokens, tokens * BACKWARD * base.seconds_per_token())


def rows_of(base: LocalModel, lessons: Sequence[Lesson]) -> list[dict[str, list[int]]]:
    """Lessons as token ids, the prompt's labels -100, so that only the answer is learned.

    A lesson longer than the model's context or 2,048 tokens, which take much memory, is left out.
    """
    tokenizer, most = base.loaded[1], min(base.context, 2048)
    rows = []
    for lesson in lessons:
        prompt = tokenizer(base.prompt(lesson.request), add_special_tokens=False).input_ids
        answer = [*tokenizer(lesson.wanted, add_special_tokens=False).input_ids, tokenizer.eos_token_id]
        if len(prompt) + len(answer) <= most:
            ids = prompt + answer
            labels = [-100] * len(prompt) + answer
            rows.append({"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels})
    return rows


def _place_of(base: LocalModel, lessons: Sequence[Lesson], settings: TuneSettings, folder: Path) -> Path:
    """The folder, below `folder`, of the adapter that these settings train on lessons."""
    kept = {name: value for name, value in asdict(settings).items() if name not in ("hours", "on")}
    content = json.dumps([VERSION, base.identity, [asdict(one) for one in lessons], kept])
    return folder / hashlib.sha256(content.encode()).hexdigest()[:16]


def is_trained(base: LocalModel, lessons: Sequence[Lesson], settings: TuneSettings, folder: Path) -> bool:
    """Whether the adapter that `adapter_of` gives was trained before, and is whole."""
    return (_place_of(base, lessons, settings, folder) / "done").exists()


def adapter_of(
    base: LocalModel,
    lessons: Sequence[Lesson],
    settings: TuneSettings,
    folder: Path,
    progress: Progress = lambda done, of: None,
) -> Path:
    """The folder of an adapter trained on lessons: found below `folder` where it was trained before, else trained now.

    A run that was stopped goes on from its last checkpoint. `progress` is told the steps done, and of how many.
    Raises Unsupported where there is nothing to train with, ModelError where training fails.
    """
    missing = [name for name in ("peft", "accelerate") if importlib.util.find_spec(name) is None]
    if missing:
        raise Unsupported(f"fine-tuning needs {install('tune')}")
    place = _place_of(base, lessons, settings, folder)
    if not (place / "done").exists():
        rows = rows_of(base, lessons)
        if not rows:
            raise Unsupported("every lesson is longer than the model's context")
        started = time.perf_counter()
        _train(base, rows, settings, place, progress)
        took = {"lessons": len(rows), "seconds": round(time.perf_counter() - started, 1), "base": base.identity}
        try:
            put(place / "done", json.dumps(took) + "\n")
        except OSError as problem:
            raise ModelError(f"{place} cannot be written to ({problem.strerror}). {KEPT}.") from problem
    shutil.rmtree(place / "checkpoints", ignore_errors=True)  # not before it is whole
    return place


def _train(base: LocalModel, rows: list[dict], settings: TuneSettings, place: Path, progress: Progress) -> None:
    """Train, and write the adapter into its folder; the checkpoints stay."""
    from peft import LoraConfig, get_peft_model
    from safetensors import SafetensorError
    from transformers import DataCollatorForSeq2Seq, Trainer, set_seed

    set_seed(settings.seed)
    model, tokenizer = LocalModel(base.name).loaded  # a copy of its own: peft changes it in place
    tokenizer.padding_side = "right"
    adapter = LoraConfig(
        r=settings.rank, lora_alpha=2 * settings.rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    try:
        trainer = Trainer(
            model=get_peft_model(model, adapter),
            args=_arguments(settings, place / "checkpoints"),
            train_dataset=rows,
            data_collator=DataCollatorForSeq2Seq(tokenizer, label_pad_token_id=-100),
            callbacks=[_callback(progress)],
        )
        trainer.train(resume_from_checkpoint=_last_checkpoint(place / "checkpoints"))
        trainer.model.save_pretrained(place)
    except (OSError, RuntimeError, ValueError, MemoryError, SafetensorError) as problem:
        if out_of_memory(problem):
            raise Unsupported("training needs more memory than there is: name a smaller model") from problem
        raise ModelError(f"Training stopped: {str(problem).splitlines()[0]}. {KEPT}.") from problem


def _arguments(settings: TuneSettings, checkpoints: Path) -> Any:
    """How it is trained, as transformers' Trainer is told."""
    import torch
    from transformers import TrainingArguments

    return TrainingArguments(
        output_dir=str(checkpoints),
        per_device_train_batch_size=BATCH,
        num_train_epochs=settings.epochs,
        learning_rate=settings.learning_rate,
        warmup_steps=5,
        lr_scheduler_type="linear",
        save_steps=SAVED_EVERY,
        save_total_limit=1,
        seed=settings.seed,
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
    )


def _callback(progress: Progress) -> Any:
    """What tells `progress` of each step."""
    from transformers import TrainerCallback

    class StepProgress(TrainerCallback):
        """Tells of each step."""

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            """One step more."""
            progress(state.global_step, state.max_steps)

    return StepProgress()


def _last_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint that is whole; one that was being written when the run was stopped is removed.

    The state is what the Trainer writes last.
    """
    for place in sorted(folder.glob("checkpoint-*"), key=lambda one: -int(one.name.rpartition("-")[2])):
        try:
            json.loads((place / "trainer_state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            shutil.rmtree(place, ignore_errors=True)
        else:
            return str(place)
    return None
