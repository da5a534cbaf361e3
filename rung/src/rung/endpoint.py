"""A model behind an OpenAI-compatible address, and what such servers and models do differently from one another."""

import json
import os
import re
import time
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from ipaddress import ip_address
from itertools import islice
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from rung.errors import ModelError, Unsupported
from rung.models import CHOICE_TOKENS, Answer, Request, after_thinking, without_system
from rung.readers import whole_letters
from rung.scoring import only_value
from rung.settings import ModelSettings, has_credentials

CHARACTERS_PER_TOKEN = 4  # of English, about: what is told before an endpoint has counted
NONSENSE_TRIES, PAUSE = 3, 0.5  # seconds after the first answer that is none; twice as many after the second
REFUSED = (400, 415, 422, 500, 501)  # how servers say that they know no response format, or fail to make a grammar
NOT_TAKEN = (400, 422)  # how they say that they know no such parameter
# A request that a server sends back, {"role": "system"}, says nothing of its template.
NO_SYSTEM = re.compile(r"system role|\brole\b(?!['\"]: ?['\"]).{0,40}\bsystem\b|roles must alternate", re.IGNORECASE)
NO_TURN = (400, 422, 500)  # how they say that the model's template has no such turn
LONG = (400, 413, 422, 500)  # how they say that a prompt is too long; 413 says nothing else
TOO_LONG = re.compile(
    r"context[ _-]?(?:length|window|size|limit)|(?:available|maximum|model'?s) context"
    r"|(?:prompt|input|request|messages?)\b.{0,60}\b(?:too (?:long|large)|exceed)|too many (?:input |prompt )?tokens",
    re.IGNORECASE,
)
FILTERED = re.compile(
    r"content[ _-]?(?:filter|management|policy)|responsible ?ai|safety (?:system|filter)|moderation|usage polic",
    re.IGNORECASE,
)
FILTERS = (400, 403, 422, 451)  # how servers say that a filter let a prompt not through
UNKNOWN_CONTEXT = 1_000_000  # tokens
WRAPPING = 16  # tokens of {"answer": "…"} round an answer that is no JSON
# A prompt of which a server counts less than this share was cut off, unless the estimate is far out: only prompts of at
# least so many tokens are judged by it.
CUT_OFF, JUDGED_FROM = 0.5, 1000


class TooLong(ModelError):
    """A server says that a prompt is too long for it."""


class Filtered(ModelError):
    """A server's filter lets one prompt not through."""


class Stopped(BaseException):
    """Nothing more may be sent. It is no Exception, so that the client does not take it for a failure to try again."""


class EndpointModel:
    """A model behind an OpenAI-compatible address: Ollama, llama.cpp, vLLM, `transformers serve`, a vendor.

    The key is read from OPENAI_API_KEY. Several requests are on their way at once; what fails in passing (429, 5xx, a
    timeout, a broken connection, an answer that is none) is tried again, with pauses that grow.
    """

    def __init__(self, settings: ModelSettings):
        """Name the server and its model; nothing is sent yet."""
        import openai

        if has_credentials(settings.endpoint):
            raise ModelError("An endpoint's address holds no name or password: put the key into OPENAI_API_KEY.")
        if not _is_address(settings.endpoint):
            like = "http://localhost:11434/v1"
            raise ModelError(f'An endpoint is an address such as {like}, unlike "{settings.endpoint}".')
        self.settings, self.identity = settings, f"{settings.endpoint} {settings.name}"
        self.context = settings.context or UNKNOWN_CONTEXT
        self._client = openai.OpenAI(
            base_url=settings.endpoint,
            api_key=_key() or "none",  # the client insists; local servers ignore it
            timeout=settings.timeout,
            max_retries=settings.retries,
            http_client=openai.DefaultHttpxClient(
                trust_env=self.leaves_the_machine,  # a proxy is no way to this machine
                event_hooks={"request": [self._before_sending]},
            ),
        )
        self._stopping = Event()
        # What is learned of the server: how it calls the limit of an answer, whether it takes a temperature and a
        # system's turn, whether it has ever said a word, or answered in a form that it was held to, and the tokens of
        # the shortest prompt that it did not read whole, with the reason.
        self._limit = "max_tokens"
        self._takes_temperature = self._takes_system = True
        self._has_spoken = self._has_held = False
        self._not_read: tuple[int, str] | None = None

    @property
    def leaves_the_machine(self) -> bool:
        """Whether what is asked goes to another computer."""
        return not is_this_machine(urlsplit(self.settings.endpoint).hostname or "")

    def _before_sending(self, _: Any) -> None:
        """Called before each request, also before those that the client tries again."""
        if self._stopping.is_set():
            raise Stopped

    def count(self, requests: Sequence[Request]) -> list[int]:
        """About how many tokens each prompt has, from its length without repeated spaces."""
        texts = ([" ".join(text.split()) for _, text in one.messages] for one in requests)
        return [sum(map(len, parts)) // CHARACTERS_PER_TOKEN + 8 for parts in texts]

    def answers(self, requests: Sequence[Request]) -> Generator[tuple[int, Answer], None, None]:
        """Each answer with the place of its request, as they come.

        When the server fails for good, or this is stopped, nothing more is sent; what is on its way is still taken, and
        what failed is raised after it. When it is stopped a second time, nothing is waited for.
        """
        failure: BaseException | None = None
        self._stopping.clear()
        pool = ThreadPoolExecutor(self.settings.concurrency)
        to_send = iter(enumerate(requests))
        waiting: dict[Future, int] = {}
        try:
            while True:
                try:
                    # No request before the answer to an earlier one is kept: what cannot be kept is paid for twice.
                    room = 0 if failure else self.settings.concurrency - len(waiting)
                    for place, request in islice(to_send, room):
                        waiting[pool.submit(self._answer, request)] = place
                    if not waiting:
                        break
                    for one in wait(waiting, return_when=FIRST_COMPLETED).done:
                        if problem := one.exception():
                            failure = failure or problem
                        else:
                            yield waiting[one], one.result()
                        del waiting[one]  # only now: an answer that could not be kept is given again
                except (KeyboardInterrupt, ModelError) as stop:
                    if isinstance(failure, KeyboardInterrupt):
                        raise
                    failure = stop
                    self._stopping.set()
        finally:
            self._stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
        if failure:
            raise failure

    def _answer(self, request: Request) -> Answer:
        """One answer; what comes back that is no answer is asked for again."""
        tokens = self.count([request])[0]
        if tokens + request.max_new_tokens > self.context:
            reason = f"longer than the [model] context of {self.context:,} tokens, the answer's included"
            return Answer("", 0, 0, 0.0, too_long=reason)
        if self._not_read and tokens >= self._not_read[0]:
            return Answer("", 0, 0, 0.0, too_long=self._not_read[1])
        said = ""
        for tries in range(NONSENSE_TRIES):
            if tries:
                self._stopping.wait(PAUSE * tries)
            started = time.perf_counter()
            try:
                completion = self._completion(request)
            except TooLong as problem:
                self._remember(tokens, str(problem))
                return Answer("", 0, 0, 0.0, too_long=str(problem))
            except Filtered as problem:
                return Answer("", 0, 0, 0.0, refused=str(problem))
            answer = self._read(completion, time.perf_counter() - started)
            if answer is not None:
                self._has_held = self._has_held or any(request.form)
                unwrapped = request.choices or request.pattern
                answer = replace(answer, text=only_value(answer.text)) if unwrapped else answer
                return self._checked(answer, tokens)
            said = _words_of(getattr(completion, "error", None))
        told = f" ({said})" if said else ""
        raise ModelError(f"{self.settings.endpoint} answers, but not as an OpenAI-compatible server does{told}.")

    def _remember(self, tokens: int, reason: str) -> None:
        """That a prompt of so many tokens was too long, so that none as long is sent again."""
        if self._not_read is None or tokens < self._not_read[0]:
            self._not_read = tokens, reason

    def _checked(self, answer: Answer, tokens: int) -> Answer:
        """The answer, with what is wrong where the server read much less than the prompt of about so many tokens.

        Some servers cut off what is too long without a word. One whose context the case gives is believed.
        """
        believed = self.settings.context or tokens < JUDGED_FROM or not answer.prompt_tokens
        if believed or answer.prompt_tokens >= CUT_OFF * tokens:
            return answer
        counted = f"the server counted only {answer.prompt_tokens:,} of about {tokens:,} tokens"
        hint = "give it a larger context or, if it does read all, set [model] context"
        reason = f"cut off without a word: {counted}; {hint}"
        self._remember(tokens, reason)
        return replace(answer, too_long=reason)

    def _options(self, request: Request) -> dict:
        """How a request is to be answered, in the words that the server knows."""
        most = most_tokens(request.max_new_tokens, bool(request.choices), bool(request.pattern))
        options: dict[str, Any] = {self._limit: most}
        if self._takes_temperature:
            options["temperature"] = 0
        if any(request.form):
            options["response_format"] = _response_format(request)
        return options

    def _completion(self, request: Request) -> Any:
        """What the server sends back, or None for what cannot be read; ModelError with the true cause."""
        import openai

        while True:
            options = self._options(request)
            turns = request.messages if self._takes_system else without_system(request.messages)
            try:
                return self._client.chat.completions.create(
                    model=self.settings.name,
                    messages=[{"role": role, "content": text} for role, text in turns],
                    **options,
                )
            except openai.APIStatusError as problem:
                said = f"{problem} {_said_by(problem)}"
                if not self._gives_way(problem.status_code, said, options, turns):
                    raise self._refused(problem, constrained=any(request.form)) from problem
            except openai.APITimeoutError as problem:
                where, tries = self.settings.endpoint, self.settings.retries + 1
                message = f"{where} took longer than {self.settings.timeout:g} s, {tries} times."
                raise ModelError(message) from problem
            except openai.APIConnectionError as problem:
                cause = str(problem.__cause__ or problem).rstrip(".")
                message = f"{self.settings.endpoint} cannot be reached, or breaks off: {cause}."
                raise ModelError(message) from problem
            except (openai.APIError, ValueError, RecursionError):  # a body that is not JSON, or nested without end
                return None

    def _gives_way(self, status: int, said: str, options: dict, turns: Sequence[tuple[str, str]]) -> bool:
        """Whether asking otherwise helps against a refusal, which is then done from now on.

        Newer models of vendors take `max_completion_tokens` for `max_tokens`, and no temperature but their own. Some
        models' templates, as Gemma's, know no system's turn.
        """
        if status in NO_TURN and NO_SYSTEM.search(said) and turns[0][0] == "system":
            self._takes_system = False
            return True
        if status not in NOT_TAKEN or TOO_LONG.search(said):
            return False
        if "max_tokens" in said and "max_tokens" in options:
            self._limit = "max_completion_tokens"
            return True
        if "temperature" in said and "temperature" in options:
            self._takes_temperature = False
            return True
        return False

    def _refused(self, problem: Any, *, constrained: bool) -> ModelError:
        """What a refusal, an `openai.APIStatusError`, means."""
        where, status = self.settings.endpoint, problem.status_code
        detail = _said_by(problem)
        said = f"{problem} {detail} {_code_of(problem.body)}"
        if status in FILTERS and FILTERED.search(said):
            return Filtered(f"kept back by the server's filter (status {status}: {detail})")
        if status == 413 or (status in LONG and TOO_LONG.search(said)):
            return TooLong(f"refused by the server as too long (status {status}: {detail})")
        if constrained and status in REFUSED and not (status >= 500 and self._has_held):
            return Unsupported(f"{where} refuses constrained decoding (status {status}: {detail})")
        name = self.settings.name
        what = {
            401: "refuses the key: put a valid one in OPENAI_API_KEY",
            403: "does not allow it",
            404: f"knows no model {name}, or is not the address of the API, which ends in /v1",
        }.get(status, "refuses")
        return ModelError(f"{where} {what} (status {status}: {detail}).")

    def _read(self, completion: Any, seconds: float) -> Answer | None:
        """The answer in what a server sent, or None where there is none.

        Raises ModelError where a model has spent all that it may write on thinking, and has never got further.
        """
        try:
            choice = completion.choices[0]
            message, usage = choice.message, completion.usage
            text = _text_in(message.content)
        except (AttributeError, LookupError, TypeError):
            return None
        thought = _has_thought(message, usage)
        refused = _refusal(choice)
        # A message that ended without a word; that of a provider which failed behind the server is no answer.
        silent = message.content is None and isinstance(choice.finish_reason, str) and choice.finish_reason != "error"
        if text is None and not silent and not thought and not refused:
            return None
        written_out = whole_letters(text or "").strip()
        said = after_thinking(written_out)
        cut = choice.finish_reason == "length"
        self._has_spoken = self._has_spoken or bool(said)
        if cut and not said and (thought or written_out) and not self._has_spoken:
            most = self.settings.max_new_tokens
            spent = f"{self.settings.name} spent all of its {most} tokens on thinking before it answered"
            hint = (
                "raise [model] max_new_tokens in case.toml, for instance to 4000, or name a model that does not think"
            )
            raise ModelError(f"{spent}: {hint}.")
        before, written = _counted(usage, "prompt_tokens"), _counted(usage, "completion_tokens")
        sampled = not self._takes_temperature
        return Answer(said, before, written, round(seconds, 4), cut, sampled=sampled, refused=refused)


def _text_in(content: object) -> str | None:
    """The text of a message's content, which may be in parts; what is no text in it is left out. None for no text."""
    if isinstance(content, str):
        return content
    found = [part.get("text") for part in _parts(content) if part.get("type") == "text"]
    texts = [text for text in found if isinstance(text, str)]
    return "".join(texts) if texts else None


def _parts(content: object) -> list[dict]:
    """The parts of a message's content; none where it is no list."""
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def most_tokens(asked: int, choices: bool, pattern: bool) -> int:
    """The most tokens that a server may write where `asked` are: labels have room, and so has what they come in."""
    return (max(CHOICE_TOKENS, asked) if choices else asked) + WRAPPING * (choices or pattern)


def _is_address(endpoint: str) -> bool:
    """Whether something is an address of the web, with a host and, where it has one, a port that can be."""
    try:
        parts = urlsplit(endpoint)
        port_can_be = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port_can_be and not re.search(r"\s", endpoint)


def _key() -> str:
    """The key for a vendor's server. Raises ModelError where it could not be sent, without showing it."""
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ModelError("OPENAI_API_KEY holds a sign that is in no key, such as … or a line's end: copy it again.")
    return key


def is_this_machine(host: str) -> bool:
    """Whether a host's name or address stands for this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _said_by(problem: Any) -> str:
    """What a server says of a refusal, an `openai.APIStatusError`: its own words, in one line."""
    return _words_of(problem.body) or whole_letters(str(problem.message))


def _words_of(body: object) -> str:
    """The words in the body of a refusal, in one line; "" where there are none but a page of HTML.

    Servers put them into a message, an error or a detail (FastAPI's: a list, each with the place of the fault), or send
    nothing but text.
    """
    if isinstance(body, list):
        return "; ".join(filter(None, map(_words_of, body)))[:300]
    if isinstance(body, dict):
        said = next(filter(None, (_words_of(body.get(name)) for name in ("message", "error", "detail", "msg"))), "")
        place = body.get("loc")
        return f"{'.'.join(map(str, place))}: {said}" if said and isinstance(place, list) else said
    is_text = isinstance(body, str) and not body.lstrip().startswith("<")
    return " ".join(whole_letters(str(body)).split())[:300].rstrip(".") if is_text else ""


def _code_of(body: object) -> str:
    """The code that the body of a refusal gives beside its words, such as context_length_exceeded; "" for none."""
    return str(body.get("code") or "") if isinstance(body, dict) else ""


def _counted(usage: object, name: str) -> int:
    """A number of tokens that a server counted; 0 where it gives none."""
    try:
        return int(getattr(usage, name, 0) or 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _refusal(choice: Any) -> str:
    """Why a filter or the model's maker kept an answer back; "" where none did."""
    said = getattr(choice.message, "refusal", None)
    if choice.finish_reason == "content_filter":
        return "kept back by the server's filter (content_filter)"
    return f"refused by the model ({' '.join(whole_letters(str(said)).split())[:200]})" if said else ""


def _has_thought(message: Any, usage: Any) -> bool:
    """Whether a model thought before it answered: servers show it under two names or as parts, or only count it."""
    details = getattr(usage, "completion_tokens_details", None)
    counted = getattr(details, "reasoning_tokens", 0)
    shown = getattr(message, "reasoning_content", None) or getattr(message, "reasoning", None)
    kinds = [part.get("type") for part in _parts(message.content)]
    return bool(shown or counted or "thinking" in kinds or "reasoning" in kinds)


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
