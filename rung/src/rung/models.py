"""Asking a model: one on this machine, or one behind an OpenAI-compatible address; every answer is kept on disk."""

import hashlib
import importlib.util
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from rung import constraints
from rung.errors import ModelError, Unsupported, install
from rung.scoring import only_value
from rung.settings import ModelSettings

CHARACTERS_PER_TOKEN = 4  # of English, about: what is told before an endpoint has counted
BATCH, BATCH_TOKENS = 32, 12_000  # prompts of a batch, and its tokens with padding
NONSENSE_TRIES = 3
REFUSED = (400, 415, 422, 501)  # how servers say that they know no response format
Progress = Callable[[int, int], None]


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
    """What a model wrote, its numbers of tokens, its seconds (a batch's, shared out), and whether it was cut off."""

    text: str
    prompt_tokens: int
    new_tokens: int
    seconds: float
    cut: bool = False


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

    def answers(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Each answer with the place of its request, as they come. Raises ModelError."""
        ...


def open_model(settings: ModelSettings) -> Model:
    """The model that the settings name."""
    return EndpointModel(settings) if settings.endpoint else LocalModel(settings.name)


def chat(user: str, system: str = "", examples: Sequence[tuple[str, str]] = ()) -> tuple[tuple[str, str], ...]:
    """The turns of a conversation: an instruction, examples of (asked, answered), and what is asked."""
    turns = [("system", system)] if system else []
    for asked, answered in examples:
        turns += [("user", asked), ("assistant", answered)]
    return (*turns, ("user", user))


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

    def __init__(self, name: str):
        """Name the model, as the hub has it or as a folder."""
        self.name, self.identity = name, f"local {name}"
        self._loaded: tuple[Any, Any] | None = None
        self._grammars: Any = None  # what llguidance makes of the tokenizer

    @property
    def loaded(self) -> tuple[Any, Any]:
        """The model and its tokenizer. Raises ModelError where they are not to be had."""
        if self._loaded is None:
            if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
                raise ModelError(f"A local model needs {install('local')}; or name an endpoint.")
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer

            quiet()
            try:
                tokenizer = AutoTokenizer.from_pretrained(self.name, padding_side="left")
                gpu = torch.cuda.is_available()
                # Many processors have no fast half precision.
                model = AutoModelForCausalLM.from_pretrained(self.name, dtype="auto" if gpu else torch.float32)
            except (OSError, ValueError) as problem:
                hint = "connect once to download it, or name a folder or an endpoint"
                raise ModelError(f"The model {self.name} is not to be had: {hint}.") from problem
            if tokenizer.pad_token is None:
                tokenizer.pad_token = tokenizer.eos_token
            self._loaded = model.to("cuda" if gpu else "cpu").eval(), tokenizer
        return self._loaded

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
        return int(getattr(self.loaded[0].config, "max_position_embeddings", 2048))

    def prompt(self, request: Request) -> str:
        """A request in the model's own format."""
        tokenizer = self.loaded[1]
        turns = [{"role": role, "content": text} for role, text in request.messages]
        if not tokenizer.chat_template:
            return "\n\n".join(text for _, text in request.messages) + "\n"
        try:
            return tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        except Exception:  # jinja's own: some templates know no system turn
            if turns[0]["role"] != "system":
                raise
            merged = [{"role": "user", "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}, *turns[2:]]
            return tokenizer.apply_chat_template(merged, tokenize=False, add_generation_prompt=True)

    def count(self, requests: Sequence[Request]) -> list[int]:
        """Each prompt's number of tokens."""
        tokenizer = self.loaded[1]
        return [len(tokenizer(self.prompt(one), add_special_tokens=False).input_ids) for one in requests]

    def answers(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Each answer with the place of its request; prompts of like length go together, the longest first.

        Longest first, so that too little memory shows at once and not after an hour.
        """
        counts = self.count(requests)
        order = sorted(range(len(requests)), key=lambda place: (requests[place].form, -counts[place]))
        while order:
            form, longest = requests[order[0]].form, counts[order[0]]
            size = max(1, min(BATCH, BATCH_TOKENS // max(1, longest)))
            part = [place for place in order[:size] if requests[place].form == form]
            order = order[len(part) :]
            started = time.perf_counter()
            texts = self._generate([requests[place] for place in part])
            seconds = (time.perf_counter() - started) / len(part)
            for place, (text, new_tokens, cut) in zip(part, texts, strict=True):
                yield place, Answer(text, counts[place], new_tokens, round(seconds, 4), cut)

    def _generate(self, requests: list[Request]) -> list[tuple[str, int, bool]]:
        """One batch, all constrained alike: text, number of tokens, and whether it was cut off."""
        import torch

        model, tokenizer = self.loaded
        most = max(request.max_new_tokens for request in requests)
        prompts = [self.prompt(request) for request in requests]
        inputs = tokenizer(prompts, padding=True, return_tensors="pt", add_special_tokens=False).to(model.device)
        length = inputs["input_ids"].shape[1]
        options = {"max_new_tokens": most, "do_sample": False, "pad_token_id": tokenizer.pad_token_id}
        choices = requests[0].choices
        if any(requests[0].form):
            options["logits_processor"] = [self._held(requests[0], len(requests), length)]
            options["max_new_tokens"] = max(64, most) if choices else most
        with torch.inference_mode():
            written = model.generate(**inputs, **options)[:, length:]
        ends = {tokenizer.eos_token_id, tokenizer.pad_token_id}
        results = []
        for row, request in zip(written.tolist(), requests, strict=True):
            end = next((place for place, token in enumerate(row) if token in ends), len(row))
            kept = row[:end] if choices else row[: min(end, request.max_new_tokens)]
            text = tokenizer.decode(kept, skip_special_tokens=True).strip()
            results.append((text, len(kept), not choices and end >= request.max_new_tokens))
        return results

    def _held(self, request: Request, rows: int, length: int) -> constraints.Held:
        """What holds a batch of `rows` answers, which begin after `length` tokens, to the form that a request asks."""
        grammar = constraints.grammar_of(*request.form)
        if self._grammars is None:
            import llguidance.hf

            self._grammars = llguidance.hf.from_tokenizer(self.loaded[1])
        return constraints.Held(self._grammars, grammar, rows, length)


class EndpointModel:
    """A model behind an OpenAI-compatible address: Ollama, llama.cpp, vLLM, `transformers serve`, a vendor.

    The key is read from OPENAI_API_KEY. Several requests are on their way at once; what fails in passing (429, 5xx, a
    timeout, a broken connection, an answer that is none) is tried again, with pauses that grow.
    """

    context = 1_000_000  # not known: a server says so when a prompt is too long

    def __init__(self, settings: ModelSettings):
        """Name the server and its model; nothing is sent yet."""
        import openai

        if urlsplit(settings.endpoint).scheme not in ("http", "https"):
            raise ModelError(f'An endpoint begins with http:// or https://, unlike "{settings.endpoint}".')
        self.settings, self.identity = settings, f"{settings.endpoint} {settings.name}"
        self._client = openai.OpenAI(
            base_url=settings.endpoint,
            api_key=os.environ.get("OPENAI_API_KEY") or "none",  # the client insists; local servers ignore it
            timeout=settings.timeout,
            max_retries=settings.retries,
        )

    @property
    def leaves_the_machine(self) -> bool:
        """Whether what is asked goes to another computer."""
        return urlsplit(self.settings.endpoint).hostname not in ("localhost", "127.0.0.1", "::1")

    def count(self, requests: Sequence[Request]) -> list[int]:
        """About how many tokens each prompt has, from its length."""
        return [sum(len(text) for _, text in one.messages) // CHARACTERS_PER_TOKEN + 8 for one in requests]

    def answers(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Each answer with the place of its request, as they come.

        When the server fails for good, what is on its way is still taken, and ModelError is raised after it.
        """
        failure: ModelError | None = None
        with ThreadPoolExecutor(self.settings.concurrency) as pool:
            waiting = {pool.submit(self._answer, request): place for place, request in enumerate(requests)}
            for done in as_completed(waiting):
                if done.cancelled():
                    continue
                try:
                    yield waiting[done], done.result()
                except ModelError as problem:
                    failure = failure or problem
                    for other in waiting:
                        other.cancel()
        if failure:
            raise failure

    def _answer(self, request: Request) -> Answer:
        """One answer; what comes back that is no answer is asked for again."""
        for _ in range(NONSENSE_TRIES):
            started = time.perf_counter()
            answer = self._read(self._completion(request), time.perf_counter() - started)
            if answer is not None:
                unwrapped = request.choices or request.pattern
                return replace(answer, text=only_value(answer.text)) if unwrapped else answer
        raise ModelError(f"{self.settings.endpoint} answers, but not as an OpenAI-compatible server does.")

    def _completion(self, request: Request) -> Any:
        """What the server sends back, or None for what cannot be read; ModelError with the true cause."""
        import openai

        where = self.settings.endpoint
        options = {"response_format": _response_format(request)} if any(request.form) else {}
        try:
            return self._client.chat.completions.create(
                model=self.settings.name,
                messages=[{"role": role, "content": text} for role, text in request.messages],
                max_tokens=request.max_new_tokens,
                temperature=0,
                **options,
            )
        except (openai.AuthenticationError, openai.PermissionDeniedError) as problem:
            raise ModelError(f"{where} refuses the key: put a valid one in OPENAI_API_KEY.") from problem
        except openai.NotFoundError as problem:
            message = f"{where} knows no model {self.settings.name}, or is not the address of the API (it ends in /v1)."
            raise ModelError(message) from problem
        except openai.APITimeoutError as problem:
            message = f"{where} took longer than {self.settings.timeout:g} s, {self.settings.retries + 1} times."
            raise ModelError(message) from problem
        except openai.APIConnectionError as problem:
            cause = problem.__cause__ or problem
            raise ModelError(f"{where} cannot be reached, or breaks off: {cause}.") from problem
        except openai.APIStatusError as problem:
            detail = str(getattr(problem, "message", problem)).split("\n")[0][:300]
            if options and problem.status_code in REFUSED:
                message = f"{where} refuses constrained decoding (status {problem.status_code}: {detail})"
                raise Unsupported(message) from problem
            raise ModelError(f"{where} answers with status {problem.status_code}: {detail}.") from problem
        except (openai.APIError, ValueError):  # a body that is not JSON
            return None

    @staticmethod
    def _read(completion: Any, seconds: float) -> Answer | None:
        """The answer in what a server sent, or None where there is none."""
        try:
            choice = completion.choices[0]
            text, usage = choice.message.content, completion.usage
        except (AttributeError, IndexError, TypeError):
            return None
        if not isinstance(text, str):
            return None
        before = int(getattr(usage, "prompt_tokens", 0) or 0)
        written = int(getattr(usage, "completion_tokens", 0) or 0)
        return Answer(text.strip(), before, written, round(seconds, 4), choice.finish_reason == "length")


def _response_format(request: Request) -> dict:
    """The response format that holds an answer to its form: a JSON Schema, in which text that is no JSON is wrapped."""
    if request.schema:
        schema = json.loads(request.schema)
    else:
        kept = {"enum": list(request.choices)} if request.choices else {"pattern": f"^(?:{request.pattern})$"}
        schema = {
            "type": "object",
            "properties": {"answer": {"type": "string"} | kept},
            "required": ["answer"],
            "additionalProperties": False,
        }
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


class AnswerCache:
    """Every answer of every model, in one SQLite file; a run that is killed loses at most what is on its way."""

    def __init__(self, path: Path):
        """Open the file, or make it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        try:
            self._connection = sqlite3.connect(path)
            self._connection.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)")
        except sqlite3.Error as problem:
            raise ModelError(f"{path} cannot be opened: {problem}. Move it away to begin anew.") from problem

    @staticmethod
    def key(identity: str, request: Request) -> str:
        """What an answer is kept under: the model, and all of what it was asked."""
        return hashlib.sha256(json.dumps([identity, asdict(request)]).encode()).hexdigest()

    def get(self, key: str) -> Answer | None:
        """A kept answer."""
        row = self._connection.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return Answer(**json.loads(row[0])) if row else None

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer. Raises ModelError where the disk takes no more."""
        try:
            with self._connection:
                row = key, json.dumps(asdict(answer), ensure_ascii=False)
                self._connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", row)
        except sqlite3.Error as problem:
            message = f"{self._path} takes no more answers ({problem}). Make room and run the same command again."
            raise ModelError(message) from problem


class CachedModel:
    """A model whose answers are kept; what was answered before is not asked again."""

    def __init__(self, model: Model, cache: AnswerCache):
        """Put a cache before a model."""
        self.model, self.cache = model, cache

    def missing(self, requests: Sequence[Request]) -> list[Request]:
        """The requests, each once, that nobody has answered yet."""
        once = dict.fromkeys(requests)
        return [one for one in once if self.cache.get(AnswerCache.key(self.model.identity, one)) is None]

    def ask(self, requests: Sequence[Request], progress: Progress = lambda done, of: None) -> list[Answer]:
        """An answer for each request, in their order; each is kept as soon as it comes.

        Raises ModelError where the model fails; what it answered until then is kept.
        """
        missing = self.missing(requests)
        progress(0, len(missing))
        done = 0
        try:
            for place, answer in self.model.answers(missing) if missing else ():
                self.cache.put(AnswerCache.key(self.model.identity, missing[place]), answer)
                done += 1
                progress(done, len(missing))
        except Unsupported:
            raise
        except ModelError as problem:
            raise ModelError(
                f"{problem} {done} of {len(missing)} answers came before and are kept: "
                "when it is mended, run the same command again, and it goes on from there."
            ) from problem
        kept = [self.cache.get(AnswerCache.key(self.model.identity, one)) for one in requests]
        return cast("list[Answer]", kept)  # none is missing by now
