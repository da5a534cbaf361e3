"""What a case sets in its case.toml, and what holds where it sets nothing."""

import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rung.errors import CaseError
from rung.readers import Unreadable, read_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

KINDS = ("answer", "label")
LEAST: dict[str, dict[str, float]] = {
    "model": {"context": 0, "max_new_tokens": 1, "concurrency": 1, "timeout": 1, "retries": 0},
    "search": {"passage_tokens": 1, "top": 1},
    "prompt": {"examples": 0},
    "tune": {"rank": 1, "epochs": 1, "learning_rate": 1e-7, "hours": 0},
}
Filled = TypeVar("Filled", bound="DataclassInstance")


@dataclass(frozen=True)
class ModelSettings:
    """Which model answers. With an `endpoint` it is asked there, and what it is asked leaves this machine."""

    name: str = "HuggingFaceTB/SmolLM2-135M-Instruct"
    endpoint: str = ""
    max_new_tokens: int = 40
    context: int = 0  # tokens of a prompt and its answer at the most; 0 for the model's own or, of a server, not known
    concurrency: int = 4
    input_price: float = 0.0  # of a million tokens read, in your currency, where there is a price
    output_price: float = 0.0  # of a million tokens written
    timeout: float = 120.0  # seconds an endpoint may take for one answer
    retries: int = 5


@dataclass(frozen=True)
class SearchSettings:
    """How documents are cut and searched."""

    embedder: str = "sentence-transformers/all-MiniLM-L6-v2"
    passage_tokens: int = 200
    top: int = 3
    chroma: str = ""  # a folder or http address of a Chroma store that keeps the vectors


@dataclass(frozen=True)
class PromptSettings:
    """What the model is told. A case answers from documents or labels texts, so that one of the two is used."""

    answer: str = "Answer the question in one short sentence, using only the text."
    label: str = "Label the message."
    examples: int = 4


@dataclass(frozen=True)
class FormatSettings:
    """What an answer must look like, beside being right: a regular expression, or a file with a JSON Schema."""

    pattern: str = ""
    schema: str = ""


@dataclass(frozen=True)
class TuneSettings:
    """How `--tune`, or `on`, trains: LoRA of this rank; an arm that would take more `hours` is left out."""

    on: bool = False
    rank: int = 8
    epochs: int = 4
    learning_rate: float = 5e-4
    hours: float = 2.0
    seed: int = 0


@dataclass(frozen=True)
class Settings:
    """Everything that a case.toml sets. `margin` is in points: 5 means 0.05."""

    kind: str = "answer"
    name: str = ""
    guide: str = ""  # the address of the guide, for the report's link to its decision tool
    margin: float = 5.0
    test_share: float = 0.6
    model: ModelSettings = field(default_factory=ModelSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    prompt: PromptSettings = field(default_factory=PromptSettings)
    format: FormatSettings = field(default_factory=FormatSettings)
    tune: TuneSettings = field(default_factory=TuneSettings)


def read_settings(path: Path) -> Settings:
    """The settings of a case.toml. Raises CaseError that names the line or the key that is wrong."""
    try:
        values = tomllib.loads(read_text(path)[0])
    except Unreadable as problem:
        line = 'kind = "answer", or kind = "label"'
        raise CaseError(f"{path} cannot be read: {problem}. One line is enough in it: {line}.") from problem
    except tomllib.TOMLDecodeError as problem:
        raise CaseError(f"{path} is not TOML: {problem}.") from problem
    settings = filled(Settings(), values, str(path))
    if settings.kind not in KINDS:
        raise CaseError(f'{path}: kind is "answer" (from documents) or "label" (a text), not "{settings.kind}".')
    if not 0 < settings.margin < 50:
        raise CaseError(f"{path}: margin is in points, above 0 and below 50, not {settings.margin:g}.")
    if not 0.2 <= settings.test_share <= 0.9:
        raise CaseError(f"{path}: test_share lies between 0.2 and 0.9, not {settings.test_share:g}.")
    for table, names in LEAST.items():
        for name, low in names.items():
            if (value := getattr(getattr(settings, table), name)) < low:
                raise CaseError(f"{path}: [{table}] {name} is at least {low:g}, not {value:g}.")
    if settings.kind == "answer" and settings.format != FormatSettings():
        raise CaseError(f'{path}: [format] is for kind = "label": an answer from documents is judged by what it holds.')
    if has_credentials(settings.search.chroma):
        where = "CHROMA_CLIENT_AUTH_PROVIDER and CHROMA_CLIENT_AUTH_CREDENTIALS"
        raise CaseError(f"{path}: [search] chroma holds no name or password: put them into {where}.")
    try:
        re.compile(settings.format.pattern)
    except re.error as problem:
        raise CaseError(f"{path}: [format] pattern is no regular expression: {problem}.") from problem
    return settings


def has_credentials(address: str) -> bool:
    """Whether an address of the web holds a name or a password, which would be kept and shown wherever it is."""
    return "@" in address.partition("://")[2].partition("/")[0]


def filled(settings: Filled, values: dict, where: str) -> Filled:
    """A settings object with the values that a table gives, each checked for its name and type."""
    known = {one.name: getattr(settings, one.name) for one in fields(settings)}
    for name, value in values.items():
        if name not in known:
            raise CaseError(f'{where} has no setting called "{name}". There are: {", ".join(known)}.')
        before = known[name]
        if hasattr(before, "__dataclass_fields__"):
            if not isinstance(value, dict):
                raise CaseError(f"{where}: {name} is a table, written [{name}].")
            known[name] = filled(before, value, f"{where}, [{name}],")
        elif isinstance(before, float) and type(value) in (int, float):
            known[name] = float(value)
        elif type(value) is not type(before):
            raise CaseError(f"{where}: {name} is a {_kind_of(before)}, not {value!r}.")
        else:
            known[name] = value
    return replace(settings, **known)


def _kind_of(value: object) -> str:
    """A type in a user's words."""
    return {str: "text in quotes", int: "whole number", float: "number", bool: "true or false"}[type(value)]
