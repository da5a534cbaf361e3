"""Asking a model on this machine, or behind an address (rung.endpoint); every answer is kept on disk."""

import errno
import hashlib
import importlib.util
import json
import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, cast

from rung import constraints
from rung.errors import ModelError, Unsupported, install, not_loaded, out_of_memory
from rung.progress import Progress
from rung.settings import ModelSettings

BATCH, BATCH_TOKENS = 32, 12_000  # prompts of a batch, and its tokens with padding
CHOICE_TOKENS = 64  # enough for any label


@dataclass(frozen=True)
class Request:
    """What a model is asked: turns of (role, text), and the most tokens of its answer.

    At most one of the others is given, and its decoding is constrained by it: the `choices` that it may write, a
    regular expression that its whole answer matches, or the text of a JSON Schema.
    """

    messages: tuple[tuple[str, str], ...]
    max_new_tokens: int
    choices: tuple[str, ...] = ()
    pattern: str = ""
    schema: str = ""

    @property
    def form(self) -> tuple[tuple[str, ...], str, str]:
        """What its decoding is constrained by; all empty where it may write what it likes."""
        return self.choices, self.pattern, self.schema


@dataclass(frozen=True)
class Answer:
    """What a model wrote, its numbers of tokens, and its seconds (a batch's, shared out).

    `cut` is whether it was cut off at the most tokens that it may have, `sampled` whether it was drawn by chance, so
    that it may be another one next time. Where the model did not read the whole prompt, `too_long` says why; where a
    filter kept an answer back, `refused` does.
    """

    text: str
    prompt_tokens: int
    new_tokens: int
    seconds: float
    cut: bool = False
    sampled: bool = False
    too_long: str = ""
    refused: str = ""

    @property
    def given(self) -> bool:
        """Whether it is one: nothing is one too, unless nothing came because of a limit or a filter."""
        return bool(self.text) or not (self.cut or self.too_long or self.refused)


class Model(Protocol):
    """What both kinds of model have."""

    @property
    def identity(self) -> str:
        """Of its weights or its server: answers are kept under it."""
        ...

    @property
    def context(self) -> int:
        """The most tokens of a prompt and its answer."""
        ...

    def count(self, requests: Sequence[Request]) -> list[int]:
        """Each prompt's number of tokens; an estimate where only the server could tell."""
        ...

    def answers(self, requests: Sequence[Request]) -> Generator[tuple[int, Answer], None, None]:
        """Each answer with the place of its request, as they come. Raises ModelError.

        An error that is thrown into it ends it; what it can still give without asking more, it gives before.
        """
        ...


def open_model(settings: ModelSettings) -> Model:
    """The model that the settings name."""
    if not settings.endpoint:
        return LocalModel(settings.name, settings.context)
    from rung.endpoint import EndpointModel

    return EndpointModel(settings)


def available() -> bool:
    """Whether the libraries for models on this machine are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "transformers"))


def needed() -> str:
    """What to do where a model on this machine is wanted and its libraries are not installed: one sentence."""
    return f"A local model needs {install('local')}; or name an endpoint."


def after_thinking(text: str) -> str:
    """What a model says after it has thought between <think> and </think>; nothing where it did not get so far."""
    if "</think>" in text:
        return text.rpartition("</think>")[2].strip()
    return "" if text.lstrip().startswith("<think>") else text


def version_of(name: str) -> str:
    """Which version of a model a name stands for; "" where that cannot be known.

    Of a folder it is a hash of its files' names, sizes and times, so that a model trained anew at the same place is
    another one. Of a model on the hub it is the commit that this machine has, and the hub is asked only where it has
    none: what was measured goes on answering until a newer one is downloaded.
    """
    folder = Path(name)
    if folder.is_dir():
        rows = [(file.relative_to(folder).as_posix(), file.stat()) for file in folder.rglob("*") if file.is_file()]
        content = sorted([path, about.st_size, about.st_mtime_ns] for path, about in rows)
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
    if not available():
        return ""
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    try:
        here = try_to_load_from_cache(name, "config.json")
        parts = Path(here if isinstance(here, str) else hf_hub_download(name, "config.json")).parts
    except (OSError, ValueError):  # no such model, or no way to the hub: loading it will say so
        return ""
    return parts[parts.index("snapshots") + 1] if "snapshots" in parts else ""


def chat(user: str, system: str = "", examples: Sequence[tuple[str, str]] = ()) -> tuple[tuple[str, str], ...]:
    """The turns of a conversation: an instruction, examples of (asked, answered), and what is asked."""
    turns = [("system", system)] if system else []
    for asked, answered in examples:
        turns += [("user", asked), ("assistant", answered)]
    return (*turns, ("user", user))


def without_system(turns: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The turns for a model that knows none of a system: its instruction stands before what the user says first."""
    (role, instruction), *rest = turns
    if role != "system" or not rest:
        return tuple(turns)
    return ((rest[0][0], f"{instruction}\n\n{rest[0][1]}"), *rest[1:])


def quiet() -> None:
    """Leave the libraries' bars of loading away; those of downloads stay, because they take minutes."""
    import huggingface_hub
    import transformers

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    huggingface_hub.utils.enable_progress_bars()
    huggingface_hub.utils.logging.set_verbosity_error()


class LocalModel:
    """A Hugging Face causal language model on this machine, decoding greedily in batches; loaded at its first use."""

    def __init__(self, name: str, context: int = 0):
        """Name the model, as the hub has it or as a folder.

        `context` is the most tokens of a prompt and its answer; 0 for what the model's configuration says.
        """
        self.name, self.asked_context = name, context
        self._batch = BATCH  # less where that was too much for the memory
        self._loaded: tuple[Any, Any] | None = None
        self._grammars: Any = None  # what llguidance makes of the tokenizer

    @cached_property
    def version(self) -> str:
        """Which version of the model the name stands for."""
        return version_of(self.name)

    @property
    def identity(self) -> str:
        """What its answers are kept under: its name and version."""
        return f"local {self.name} {self.version}"

    @property
    def loaded(self) -> tuple[Any, Any]:
        """The model and its tokenizer. Raises ModelError where they are not to be had."""
        if self._loaded is None:
            if not available():
                raise ModelError(needed())
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer

            quiet()
            where: dict[str, Any] = {"trust_remote_code": False}  # said, or transformers asks at the terminal
            if self.version and not Path(self.name).is_dir():
                where["revision"] = self.version
            gpu = torch.cuda.is_available()
            # Many processors have no fast half precision.
            dtype = "auto" if gpu else torch.float32
            try:
                tokenizer = AutoTokenizer.from_pretrained(self.name, padding_side="left", **where)
                model = AutoModelForCausalLM.from_pretrained(self.name, dtype=dtype, **where)
                model = model.to("cuda" if gpu else "cpu").eval()
            except Exception as problem:  # each library that reads a part of a model has errors of its own
                raise self._not_loaded(problem) from problem
            if tokenizer.pad_token is None:
                tokenizer.pad_token = tokenizer.eos_token
            self._loaded = model, tokenizer
        return self._loaded

    def _not_loaded(self, problem: Exception) -> ModelError:
        """Why the model cannot be loaded."""
        if out_of_memory(problem):
            return ModelError(f"The model {self.name} needs more memory than there is: name a smaller one.")
        if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
            return ModelError(f"The disk is full, so that {self.name} cannot be downloaded: make room.")
        return not_loaded("The model", self.name, problem, "name another model, a folder or an endpoint")

    def release(self) -> None:
        """Give its memory back; it is loaded again when it is next asked."""
        self._loaded = None

    def seconds_per_token(self, tokens: int = 256) -> float:
        """About how long one token of a prompt takes on this machine: a trial, without writing anything."""
        import torch

        model = self.loaded[0]
        ids = torch.full((1, tokens), 5, device=model.device)
        with torch.inference_mode():
            model(ids)  # the first is slower
            started = time.perf_counter()
            model(ids)
        return (time.perf_counter() - started) / tokens

    @property
    def context(self) -> int:
        """The most tokens of a prompt and its answer."""
        config = self.loaded[0].config.get_text_config()
        return self.asked_context or int(getattr(config, "max_position_embeddings", 2048))

    def prompt(self, request: Request) -> str:
        """A request in the model's own format."""
        tokenizer = self.loaded[1]
        if not tokenizer.chat_template:
            return "\n\n".join(text for _, text in request.messages) + "\n"

        def prompt_of(turns: Sequence[tuple[str, str]]) -> str:
            """Turns as the template has them."""
            said = [{"role": role, "content": text} for role, text in turns]
            return tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)

        try:
            return prompt_of(request.messages)
        except Exception:  # jinja's own: some templates know no system turn
            if request.messages[0][0] != "system":
                raise
            return prompt_of(without_system(request.messages))

    def count(self, requests: Sequence[Request]) -> list[int]:
        """Each prompt's number of tokens."""
        tokenizer = self.loaded[1]
        return [len(tokenizer(self.prompt(one), add_special_tokens=False).input_ids) for one in requests]

    def answers(self, requests: Sequence[Request]) -> Generator[tuple[int, Answer], None, None]:
        """Each answer with the place of its request; prompts of like length go together, the longest first.

        Longest first, so that too little memory shows at once and not after an hour: then batches are halved. A prompt
        that the context, or the memory, has no room for gets no answer.
        """
        counts = self.count(requests)
        beyond = [counts[place] + self._most([one]) > self.context for place, one in enumerate(requests)]
        for place, _ in (row for row in enumerate(beyond) if row[1]):
            reason = f"longer than the model's context of {self.context:,} tokens, the answer's included"
            yield place, Answer("", 0, 0, 0.0, too_long=reason)
        order = sorted(
            (place for place, out in enumerate(beyond) if not out),
            key=lambda place: (requests[place].form, -counts[place]),
        )
        while order:
            form, longest = requests[order[0]].form, counts[order[0]]
            size = max(1, min(self._batch, BATCH_TOKENS // max(1, longest)))
            part = [place for place in order[:size] if requests[place].form == form]
            started = time.perf_counter()
            texts = self._generated([requests[place] for place in part])
            if texts is None and len(part) > 1:
                self._batch = len(part) // 2
                continue
            order = order[len(part) :]
            if texts is None:
                yield part[0], Answer("", 0, 0, 0.0, too_long="more than this machine's memory has room for")
                continue
            seconds = (time.perf_counter() - started) / len(part)
            for place, (text, new_tokens, cut) in zip(part, texts, strict=True):
                yield place, Answer(text, counts[place], new_tokens, round(seconds, 4), cut)

    def _generated(self, requests: list[Request]) -> list[tuple[str, int, bool]] | None:
        """What `_generate` gives, or None where the memory has no room for so many at once."""
        import torch

        try:
            return self._generate(requests)
        except (RuntimeError, MemoryError) as problem:
            if not out_of_memory(problem):
                raise
        # Only here is what the error held on to given back.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return None

    @staticmethod
    def _most(requests: Sequence[Request]) -> int:
        """The most tokens that a batch, all constrained alike, may write."""
        most = max(request.max_new_tokens for request in requests)
        return max(CHOICE_TOKENS, most) if requests[0].choices else most

    def _generate(self, requests: list[Request]) -> list[tuple[str, int, bool]]:
        """One batch, all constrained alike: text, number of tokens, and whether it was cut off."""
        import torch

        model, tokenizer = self.loaded
        prompts = [self.prompt(request) for request in requests]
        inputs = tokenizer(prompts, padding=True, return_tensors="pt", add_special_tokens=False).to(model.device)
        length = inputs["input_ids"].shape[1]
        options = {"max_new_tokens": self._most(requests), "do_sample": False, "pad_token_id": tokenizer.pad_token_id}
        choices = requests[0].choices
        if any(requests[0].form):
            options["logits_processor"] = [self._held(requests[0], len(requests), length)]
        with torch.inference_mode():
            written = model.generate(**inputs, **options)[:, length:]
        ends = {tokenizer.eos_token_id, tokenizer.pad_token_id}
        results = []
        for row, request in zip(written.tolist(), requests, strict=True):
            end = next((place for place, token in enumerate(row) if token in ends), len(row))
            kept = row[:end] if choices else row[: min(end, request.max_new_tokens)]
            text = after_thinking(tokenizer.decode(kept, skip_special_tokens=True).strip())
            results.append((text, len(kept), not choices and end >= request.max_new_tokens))
        return results

    def _held(self, request: Request, rows: int, length: int) -> constraints.Held:
        """What holds a batch of `rows` answers, which begin after `length` tokens, to the form that a request asks."""
        grammar = constraints.grammar_of(*request.form)
        if self._grammars is None:
            import llguidance.hf

            self._grammars = llguidance.hf.from_tokenizer(self.loaded[1])
        return constraints.Held(self._grammars, grammar, rows, length)


class AnswerCache:
    """Every answer of every model, in one SQLite file; a run that is killed loses at most what is on its way."""

    def __init__(self, path: Path):
        """Open the file, or make it."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path)
            self._connection.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)")
        except OSError as problem:
            raise ModelError(f"{path.parent} cannot be written to: {problem.strerror}.") from problem
        except sqlite3.Error as problem:
            raise self._spoilt(problem) from problem

    def _spoilt(self, problem: sqlite3.Error) -> ModelError:
        """That the file cannot be used, and what to do: one that is only locked, or not reached, keeps its answers."""
        in_passing = isinstance(problem, sqlite3.OperationalError)
        hint = "Run the same command again" if in_passing else "Move it away to begin anew"
        return ModelError(f"{self._path} cannot be read: {problem}. {hint}.")

    @staticmethod
    def key(identity: str, request: Request) -> str:
        """What an answer is kept under: the model, and all of what it was asked."""
        return hashlib.sha256(json.dumps([identity, asdict(request)]).encode()).hexdigest()

    def get(self, key: str) -> Answer | None:
        """A kept answer. Raises ModelError where the file cannot be read."""
        try:
            row = self._connection.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as problem:
            raise self._spoilt(problem) from problem
        return Answer(**json.loads(row[0])) if row else None

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer. Raises ModelError where the disk takes no more."""
        try:
            with self._connection:
                row = key, json.dumps(asdict(answer), ensure_ascii=False)
                self._connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", row)
        except sqlite3.Error as problem:
            read_only = isinstance(problem, sqlite3.OperationalError) and "readonly" in str(problem)
            hint = "Allow writing to it" if read_only else "Make room"
            message = f"{self._path} takes no more answers ({problem}). {hint} and run the same command again."
            raise ModelError(message) from problem


def _each(answers: Generator[tuple[int, Answer], None, None], keep: Callable[[int, Answer], None]) -> None:
    """Keep each answer; where that is stopped or fails, also those that are on their way, and then raise why."""
    with closing(answers):
        try:
            for place, answer in answers:
                keep(place, answer)
        except (KeyboardInterrupt, ModelError) as problem:
            try:
                keep(*answers.throw(problem))
                for place, answer in answers:
                    keep(place, answer)
            except ModelError:  # the model's own again, or there is still no room: the first one is the cause
                pass
            raise


class CachedModel:
    """A model whose answers are kept; what was answered before is not asked again."""

    def __init__(self, model: Model, cache: AnswerCache):
        """Put a cache before a model."""
        self.model, self.cache = model, cache
        self.sampled = False  # whether an answer that it gave was drawn by chance

    def missing(self, requests: Sequence[Request]) -> list[Request]:
        """The requests, each once, that nobody has answered yet."""
        once = dict.fromkeys(requests)
        return [one for one in once if self.cache.get(AnswerCache.key(self.model.identity, one)) is None]

    def ask(self, requests: Sequence[Request], progress: Progress = lambda done, of: None) -> list[Answer]:
        """An answer for each request, in their order; each is kept as soon as it comes.

        Raises ModelError where the model fails, or the cache, and KeyboardInterrupt where it is stopped; what was
        answered until then, or is on its way, is kept. A prompt that was too long is asked again next time: a server
        may have been given more room until then.
        """
        missing = self.missing(requests)
        progress(0, len(missing))
        done: set[int] = set()
        not_kept: dict[Request, Answer] = {}

        def keep(place: int, answer: Answer) -> None:
            """Keep an answer as soon as it comes."""
            if answer.too_long:
                not_kept[missing[place]] = answer
            else:
                self.cache.put(AnswerCache.key(self.model.identity, missing[place]), answer)
            done.add(place)
            progress(len(done), len(missing))

        try:
            if missing:
                _each(self.model.answers(missing), keep)
        except Unsupported:
            raise
        except ModelError as problem:
            raise ModelError(
                f"{problem} {len(done)} of {len(missing)} answers came before and are kept: "
                "when that is fixed, run the same command again, and it goes on from there."
            ) from problem
        kept = [not_kept.get(one) or self.cache.get(AnswerCache.key(self.model.identity, one)) for one in requests]
        answers = cast("list[Answer]", kept)  # none is missing by now
        self.sampled = self.sampled or any(one.sampled for one in answers)
        return answers
