"""What goes wrong in a way that the user can fix: one clear sentence each, printed without a traceback."""

import json
import os
import re
import shlex
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

DISTRIBUTION = "rung-bench"
MEMORY = re.compile(r"out of memory|allocate memory|not enough memory", re.IGNORECASE)  # as torch and systems say it

GATED = re.compile(r"gated|\b40[13]\b", re.IGNORECASE)  # as the hub says that a model is not for everybody
AWAY = re.compile(r"connect|offline|outgoing traffic|resolve host|timed out", re.IGNORECASE)


class RungError(Exception):
    """A fault outside the program, told in one sentence that says what to do."""


class CaseError(RungError):
    """The case folder is not as it must be."""


class ModelError(RungError):
    """A model cannot be loaded, or a server does not answer as it should. What was answered before is kept."""


class Unsupported(ModelError):
    """A model or server that works cannot do what one arm asks: that arm is left out, the rest measured."""


def out_of_memory(problem: BaseException) -> bool:
    """Whether an error says that there is too little memory, of the processor or of a graphics card."""
    return isinstance(problem, MemoryError) or MEMORY.search(str(problem)) is not None


def not_loaded(what: str, name: str, problem: BaseException, instead: str) -> ModelError:
    """Why a model of the hub, or in a folder, cannot be loaded: its cause, and what to do where that is known.

    `what` is what it is called, with its article; `instead` what else may be named.
    """
    said = str(problem) or type(problem).__name__
    cause = next(line.strip() for line in [*said.splitlines(), type(problem).__name__] if line.strip()).rstrip(".:")
    if Path(name).is_dir():
        return ModelError(f"{what} in the folder {name} cannot be loaded ({cause}): fix it, or {instead}.")
    if GATED.search(said):
        hint = f"ask for access on its page of the hub, log in with `hf auth login`, or {instead}"
    elif "trust_remote_code" in said:
        hint = f"it brings a program of its own, which rung does not run: {instead}"
    elif AWAY.search(said):
        return ModelError(f"{what} {name} is not to be had: connect once to download it, or {instead} ({cause}).")
    else:
        hint = instead
    return ModelError(f"{what} {name} cannot be loaded ({cause}): {hint}.")


def typed(path: Path) -> str:
    """A path as it is typed after a command: in quotes where it holds a space or the like."""
    if os.name != "nt":
        return shlex.quote(str(path))
    return f'"{path}"' if " " in str(path) else str(path)


def install(extra: str) -> str:
    """The command that installs an extra of rung as this rung was installed: from a clone, a repository or a wheel."""
    return f'pip install "{_requirement(extra)}"'


def _requirement(extra: str) -> str:
    """What pip calls an extra of rung, by what it wrote down of where rung came from (PEP 610)."""
    source = Path(__file__).resolve().parents[2]
    if (source / "pyproject.toml").exists():  # run from a clone, or installed as it stands there
        return f"{_from_here(source)}[{extra}]"
    written = metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    if not written:
        return f"{DISTRIBUTION}[{extra}]"
    origin = json.loads(written)
    address = urlsplit(origin["url"])
    if "vcs_info" not in origin and address.scheme == "file":
        return f"{_from_here(Path(url2pathname(address.path)))}[{extra}]"
    kind, revision = "", ""
    if vcs := origin.get("vcs_info"):
        kind = f"{vcs['vcs']}+"
        revision = f"@{vcs['requested_revision']}" if vcs.get("requested_revision") else ""
    folder = f"#subdirectory={origin['subdirectory']}" if origin.get("subdirectory") else ""
    return f"{DISTRIBUTION}[{extra}] @ {kind}{origin['url']}{revision}{folder}"


def _from_here(path: Path) -> str:
    """A path as it is typed here: ./rung in a clone of the guide, whole elsewhere."""
    try:
        return f"./{path.relative_to(Path.cwd()).as_posix()}"
    except ValueError:
        return str(path)
