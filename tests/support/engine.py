"""Run a snippet as a reader would, and compare what it prints with the .out file beside it.

An .out file is a terminal's record: a line `$ python name.py arguments`, then what that command printed. It may hold
several commands, which run one after the other in the same folder. It is both the golden output and the way to run.
"""

import difflib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.paths import DATA, HF_HOME, ROOT, name_of

DECLARATIONS = ROOT / "tests" / "snippets.toml"
NUMBER = re.compile(r"\d+(?:\.\d+)?")
TIME_LIMIT_S = 900


@dataclass(frozen=True)
class Rule:
    """What tests/snippets.toml declares about one snippet; each declaration needs a reason."""

    reason: str = ""
    generated: list[str] = field(default_factory=list)  # regexes of lines whose wording is the model's
    facts: list[str] = field(default_factory=list)  # what the output must contain on any machine, with any weights
    whole: float = 0  # how far a printed whole number may be from the .out file's
    decimal: float = 0  # the same for numbers printed with a decimal point
    server: str = ""  # a command that must be listening while the snippet runs; it ends with `--port N`
    lines: int = 60  # the most lines the program may have


@dataclass
class Run:
    """What happened when a snippet's commands ran."""

    record: str  # the terminal's record, as an .out file holds it
    returncode: int
    stderr: str
    seconds: float = 0.0
    peak_mb: float = 0.0


def rules() -> dict[str, Rule]:
    """The declarations, by snippet name."""
    return {name: Rule(**values) for name, values in tomllib.loads(DECLARATIONS.read_text()).items()}


def rule_for(snippet: Path) -> Rule:
    """What is declared about this snippet, or the plain rule: print exactly the .out file."""
    return rules().get(name_of(snippet), Rule())


def environment(home: Path, hf_home: Path | None = None) -> dict[str, str]:
    """A reader's environment: a fresh home, the project's models, the hub offline, one thread so that runs repeat."""
    keep = {name: os.environ[name] for name in ("PATH", "LANG", "SSL_CERT_FILE") if name in os.environ}
    hub = os.environ.get("GUIDE_HUB_HOME")  # set by the weekly run against the hub's own weights
    return keep | {
        "HOME": str(home),
        "HF_HOME": hub or str(hf_home or HF_HOME),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ANONYMIZED_TELEMETRY": "False",
    }


def run_command(arguments: list[str], folder: Path, env: dict[str, str]) -> Run:
    """Run one Python command in a folder and measure it.

    Raises subprocess.TimeoutExpired after TIME_LIMIT_S seconds.
    """
    start = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, env=env, stdout=out, stderr=err, stdin=subprocess.DEVNULL
        )
        usage = None
        while usage is None:
            pid, status, found = os.wait4(process.pid, os.WNOHANG)
            if pid:
                usage, process.returncode = found, os.waitstatus_to_exitcode(status)
            elif time.monotonic() - start > TIME_LIMIT_S:
                process.kill()
                raise subprocess.TimeoutExpired(arguments, TIME_LIMIT_S)
            else:
                time.sleep(0.02)
        out.seek(0)
        err.seek(0)
        kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
        seconds = time.monotonic() - start
        return Run(out.read(), process.returncode, err.read(), seconds, kilobytes / 1024)


def commands_of(snippet: Path) -> list[list[str]]:
    """The command lines the .out file records, without `python`; by default the program with no arguments."""
    golden = snippet.with_suffix(".out")
    text = golden.read_text(encoding="utf-8") if golden.exists() else ""
    lines = [line.removeprefix("$ python ") for line in text.splitlines() if line.startswith("$ python ")]
    return [shlex.split(line) for line in lines] or [[snippet.name]]


def prepare(snippet: Path, folder: Path, arguments: list[str]) -> None:
    """Put into a working folder what the reader would have: the program, the data it names, files it is given."""
    shutil.copy(snippet, folder)
    if re.search(r"""["']data["'/]""", snippet.read_text(encoding="utf-8")):
        shutil.copytree(DATA, folder / "data", dirs_exist_ok=True)
    for argument in arguments:
        given = snippet.parent / argument
        if argument and given != snippet and given.is_dir():
            shutil.copytree(given, folder / argument, dirs_exist_ok=True)
        elif argument and given != snippet and given.is_file():
            shutil.copy(given, folder)


@contextmanager
def serving(command: str, folder: Path, env: dict[str, str]):
    """Keep a server command running in a folder until the block ends; its last word is the port on loopback."""
    if not command:
        yield
        return
    port = int(command.rsplit(maxsplit=1)[-1])
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise RuntimeError(f"Port {port} is taken: stop what listens there, then run the test again.")
    program, *arguments = shlex.split(command)
    path = Path(sys.executable).parent / program
    server = subprocess.Popen([path, *arguments], cwd=folder, env=env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if server.poll() is not None:
                raise RuntimeError(f"`{command}` stopped with exit code {server.returncode}.")
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(timeout=20)


def run_snippet(snippet: Path) -> Run:
    """Run every command of a snippet in one empty folder; stops at the first that fails."""
    with tempfile.TemporaryDirectory(prefix="snippet-") as name, tempfile.TemporaryDirectory(prefix="home-") as home:
        folder, env = Path(name), environment(Path(home))
        total = Run("", 0, "")
        commands = commands_of(snippet)
        for arguments in commands:
            prepare(snippet, folder, arguments)
        with serving(rule_for(snippet).server, folder, env):
            for arguments in commands:
                run = run_command(arguments, folder, env)
                total.record += f"$ python {shlex.join(arguments)}\n{run.record}"
                total.stderr += run.stderr
                total.returncode = run.returncode
                total.seconds += run.seconds
                total.peak_mb = max(total.peak_mb, run.peak_mb)
                if run.returncode:
                    break
        return total


def masked(line: str, rule: Rule) -> str:
    """A line with what may differ between machines taken out: generated wording, and the figures given leeway."""
    for pattern in rule.generated:
        if match := re.match(pattern, line):
            return f"{match.group()}…"

    def placeholder(match: re.Match) -> str:
        has_leeway = rule.decimal if "." in match.group() else rule.whole
        return "#" if has_leeway else match.group()

    # Columns shift when a figure gains a digit, so runs of spaces count as one.
    return re.sub(r"\s+", " ", NUMBER.sub(placeholder, line)).rstrip()


def figures(line: str) -> list[str]:
    """The numbers in a line, as printed."""
    return NUMBER.findall(line)


def figures_agree(expected: str, actual: str, rule: Rule) -> bool:
    """Whether two lines of the same shape differ only by figures within the declared leeway."""
    if any(re.match(pattern, expected) for pattern in rule.generated):
        return True
    for wanted, found in zip(figures(expected), figures(actual), strict=True):
        leeway = rule.decimal if "." in wanted else rule.whole
        if wanted != found and abs(float(wanted) - float(found)) > leeway + 1e-9:
            return False
    return True


def difference(expected: str, actual: str, rule: Rule) -> str:
    """A readable diff of two records under a rule; empty when they agree."""
    wanted, found = expected.splitlines(), actual.splitlines()
    same_shape = [masked(line, rule) for line in wanted] == [masked(line, rule) for line in found]
    if same_shape and all(figures_agree(*pair, rule) for pair in zip(wanted, found, strict=True)):
        return ""
    return "\n".join(difflib.unified_diff(wanted, found, "the .out file", "what it printed", lineterm="", n=2))


def missing_facts(actual: str, rule: Rule) -> list[str]:
    """The declared facts that the output does not contain, letter case aside."""
    return [fact for fact in rule.facts if fact.lower() not in actual.lower()]
