"""Run a program as a reader would, and compare what it prints with the .out file beside it.

An .out file is a terminal's record: a line `$ python name.py arguments`, then what that command printed. It may hold
several commands, which run one after the other in the same folder. It is both the snapshot output and the way to run.
"""

import difflib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from scripts import full_vectors
from scripts.paths import DATA, HF_HOME, SNIPPETS, name_of

DECLARATIONS = SNIPPETS / "programs.toml"
# A figure, with its sign. Not the digits of a name (q001, policy-2026, L6); the dash of a range (42-60) is no sign.
NUMBER = re.compile(r"(?:(?<![^\s(\[=:,])-)?(?<![\w.])(?<![A-Za-z]-)\d+(?:\.\d+)?")
COMMAND = "$ python "
# What the hub says of being offline, as environment() makes it: no reader online sees it. Its other warnings stay.
OFFLINE = re.compile(r"^Could not reach the Hub \(.*\)\. Using cached commit hash for '.*'\.\n", re.MULTILINE)
TIME_LIMIT_S = 900
MOST_LINES = 90
START_LIMIT_S = 60


@dataclass(frozen=True)
class Declaration:
    """What snippets/programs.toml declares about one program; each declaration needs a reason."""

    reason: str = ""
    generated: list[str] = field(default_factory=list)  # regexes of lines whose wording is the model's
    facts: list[str] = field(default_factory=list)  # what the output must contain on any machine, with any weights
    never: list[str] = field(default_factory=list)  # regexes of what no printed line may hold, on any machine either
    whole: float = 0  # how far a printed whole number may be from the .out file's
    decimal: float = 0  # the same for numbers printed with a decimal point
    server: str = ""  # a command that must be listening while the program runs; it ends with `--port N`
    lines: int = MOST_LINES  # the most lines the program may have
    long: str = ""  # why it needs more than others
    files: list[str] = field(default_factory=list)  # what it finds beside it: data/... of snippets/, else its own

    def __post_init__(self):
        """Refuse what would let any output pass."""
        for name in ("generated", "facts", "never", "files"):
            value = getattr(self, name)
            if not isinstance(value, list) or "" in value:
                raise ValueError(f"snippets/programs.toml: `{name}` is a list of texts, none empty; it is {value!r}.")
        if bool(self.long) != (self.lines > MOST_LINES):
            raise ValueError(f"snippets/programs.toml: `lines` goes beyond {MOST_LINES}, and `long` says why: both.")
        for pattern in [*self.generated, *self.never]:
            if re.match(pattern, ""):
                raise ValueError(f"snippets/programs.toml: {pattern!r} fits every line; give a fixed beginning.")


@dataclass
class Run:
    """What happened when a program's commands ran."""

    record: str  # the terminal's record, as an .out file holds it
    returncode: int
    stderr: str
    seconds: float = 0.0
    peak_mb: float = 0.0


def declarations() -> dict[str, Declaration]:
    """The declarations, by program name."""
    return {
        name: Declaration(**values) for name, values in tomllib.loads(DECLARATIONS.read_text(encoding="utf-8")).items()
    }


def declaration_of(program: Path) -> Declaration:
    """What is declared about this program, or the plain one: print exactly the .out file."""
    return declarations().get(name_of(program), Declaration())


def environment(home: Path, hf_home: Path | None = None) -> dict[str, str]:
    """A reader's environment: a fresh home, the project's models, the hub offline, one thread so that runs repeat.

    On some AMD processors also the vectors that Intel's would use, which takes half as long.
    """
    keep = {name: os.environ[name] for name in ("PATH", "LANG", "SSL_CERT_FILE") if name in os.environ}
    keep |= full_vectors.environment()
    hub = os.environ.get("GUIDE_HUB_HOME")  # set by the weekly run against the hub's own weights
    return keep | {
        "HOME": str(home),
        "HF_HOME": str(hf_home or hub or HF_HOME),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ANONYMIZED_TELEMETRY": "False",
    }


def stop(process: subprocess.Popen) -> None:
    """Kill a process and what it started: both live in a session of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


# Run by a process of its own, in a line of Python, because Linux counts to a program's memory what the process that
# started it had held: from the tests every small program would look large. It tells the largest of the program and what
# that started, in the system's unit, to the file whose number comes first.
LAUNCH = (
    "import os, sys; "
    "child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[2:]], os.environ); "
    "_, status, usage = os.wait4(child, 0); "
    "os.write(int(sys.argv[1]), str(usage.ru_maxrss).encode()); "
    "code = os.waitstatus_to_exitcode(status); "
    "sys.exit(code if code >= 0 else 128 - code)"
)


def run_command(arguments: list[str], folder: Path, env: dict[str, str]) -> Run:
    """Run one Python command in a folder and measure it; whatever it leaves running is stopped."""
    start = time.monotonic()
    text = {"mode": "w+", "encoding": "utf-8", "errors": "backslashreplace"}
    with tempfile.TemporaryFile(**text) as out, tempfile.TemporaryFile(**text) as err, tempfile.TemporaryFile() as took:
        command = [sys.executable, "-I", "-S", "-c", LAUNCH, str(took.fileno()), *arguments]
        streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err, "pass_fds": [took.fileno()]}
        process = subprocess.Popen(command, cwd=folder, env=env, start_new_session=True, **streams)
        note = ""
        try:
            process.wait(TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            note = f"Stopped: it ran longer than {TIME_LIMIT_S} seconds."
        finally:
            stop(process)
            process.wait()
        for file in (out, err, took):
            file.seek(0)
        seconds = time.monotonic() - start
        peak_mb = int(took.read() or 0) / 1024 / (1024 if sys.platform == "darwin" else 1)
        said = OFFLINE.sub("", err.read())
        return Run(out.read(), process.returncode, said + note, seconds, peak_mb)


def commands_of(program: Path) -> list[str]:
    """The command lines the .out file records, without `python`; by default the program with no arguments.

    Raises ValueError when a command runs anything but this program.
    """
    snapshot = program.with_suffix(".out")
    text = snapshot.read_text(encoding="utf-8", errors="backslashreplace") if snapshot.exists() else ""
    commands = [line.removeprefix(COMMAND) for line in text.splitlines() if line.startswith(COMMAND)]
    for command in commands:
        if shlex.split(command)[:1] != [program.name]:
            raise ValueError(f"{name_of(snapshot)} runs `{command}`: its commands must run {program.name}.")
    return commands or [program.name]


def files_of(program: Path) -> dict[str, Path]:
    """The files and folders that a program finds in its working folder, by where they lie there.

    They are declared in snippets/programs.toml and nowhere else. Raises ValueError where one of them is not there.
    """
    found = {}
    for name in declaration_of(program).files:
        file = (DATA.parent if name.startswith("data/") else program.parent) / name
        if not file.exists():
            raise ValueError(f"snippets/programs.toml: {name_of(program)} has `files` that are not there: {name}.")
        found[name] = file
    return found


def undeclared(program: Path, stderr: str) -> list[str]:
    """The files that a program asked for in vain, because its declaration does not name them."""
    beside = [file for file in program.parent.rglob("*") if file.is_file() and file.suffix not in (".py", ".out")]
    names = [f"data/{file.name}" for file in DATA.glob("*")] + [
        file.relative_to(program.parent).as_posix() for file in beside
    ]
    declared = declaration_of(program).files

    def is_declared(name: str) -> bool:
        return any(name == one or name.startswith(f"{one}/") for one in declared)

    return [name for name in names if name in stderr and not is_declared(name)]


def prepare(program: Path, folder: Path) -> None:
    """Put into a working folder what the reader would have: the program, and the files that are declared for it."""
    shutil.copy(program, folder)
    for name, file in files_of(program).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.is_dir():
            shutil.copytree(file, target, dirs_exist_ok=True)
        else:
            shutil.copy(file, target)


def listens(port: int) -> bool:
    """Whether something answers on this port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serving(command: str, folder: Path, env: dict[str, str]):
    """Keep a server command running in a folder until the block ends; its last word is the port on loopback."""
    if not command:
        yield
        return
    port = int(command.rsplit(maxsplit=1)[-1])
    if listens(port):
        raise RuntimeError(f"Port {port} is taken: stop what listens there, then run the test again.")
    program, *arguments = shlex.split(command)
    path = Path(sys.executable).parent / program
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace") as log:
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
        server = subprocess.Popen([path, *arguments], cwd=folder, env=env, start_new_session=True, **streams)
        try:
            deadline = time.monotonic() + START_LIMIT_S
            while not listens(port):
                ended = server.poll() is not None
                if ended or time.monotonic() > deadline:
                    log.seek(0)
                    what = f"stopped with exit code {server.returncode}" if ended else f"does not listen on port {port}"
                    raise RuntimeError(f"`{command}` {what}. It said:\n{log.read()[-2000:]}")
                time.sleep(0.1)
            yield
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=20)
            stop(server)
            server.wait()


def run_program(program: Path) -> Run:
    """Run every command of a program in one empty folder; stops at the first that fails."""
    temporary = partial(tempfile.TemporaryDirectory, ignore_cleanup_errors=True)
    with temporary(prefix="program-") as name, temporary(prefix="home-") as home:
        folder, env = Path(name), environment(Path(home))
        total = Run("", 0, "")
        commands = commands_of(program)
        prepare(program, folder)
        with serving(declaration_of(program).server, folder, env):
            for command in commands:
                run = run_command(shlex.split(command), folder, env)
                if f"\n{COMMAND}" in f"\n{run.record}":
                    raise ValueError(
                        f"{name_of(program)} prints a line that begins with `{COMMAND}`: only commands do."
                    )
                end = "" if run.record.endswith("\n") or not run.record else "\n"
                total.record += f"{COMMAND}{command}\n{run.record}{end}"
                total.stderr += run.stderr
                total.returncode = run.returncode
                total.seconds += run.seconds
                total.peak_mb = max(total.peak_mb, run.peak_mb)
                if run.returncode:
                    break
        return total


def tolerance(figure: str, declaration: Declaration) -> float:
    """How far a printed figure may be off under a declaration."""
    return declaration.decimal if "." in figure else declaration.whole


def masked(line: str, declaration: Declaration) -> str:
    """A line with what may differ between machines taken out: generated wording, and the figures given tolerance."""
    for pattern in declaration.generated:
        if match := re.match(pattern, line):
            return f"{match.group()}…"
    if not (declaration.whole or declaration.decimal):
        return line

    def placeholder(match: re.Match) -> str:
        figure = match.group()
        _, point, decimals = figure.partition(".")
        return f"#{point}{'#' * len(decimals)}" if tolerance(figure, declaration) else figure

    # Columns shift when a figure gains a digit or a sign, so runs of spaces count as one.
    return re.sub(r"\s+", " ", NUMBER.sub(placeholder, line)).rstrip()


def figures_agree(expected: str, actual: str, declaration: Declaration) -> bool:
    """Whether two lines of the same shape differ only by figures within the declared tolerance."""
    if any(re.match(pattern, expected) for pattern in declaration.generated):
        return True
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(actual), strict=True)
    return all(abs(float(wanted) - float(found)) <= tolerance(wanted, declaration) + 1e-9 for wanted, found in pairs)


def difference(expected: str, actual: str, declaration: Declaration) -> str:
    """A readable diff of two records under a declaration; empty when they agree."""
    if expected == actual:
        return ""
    wanted, found = expected.splitlines(), actual.splitlines()
    same_shape = [masked(line, declaration) for line in wanted] == [masked(line, declaration) for line in found]
    if (
        wanted != found
        and same_shape
        and all(figures_agree(*pair, declaration) for pair in zip(wanted, found, strict=True))
    ):
        return ""
    diff = difflib.unified_diff(wanted, found, "the .out file", "what it printed", lineterm="", n=2)
    return "\n".join(diff) or "They differ only in how lines end: a line feed each, one after the last line too."


def missing_facts(actual: str, declaration: Declaration) -> list[str]:
    """The declared facts that the output does not contain, letter case aside; what was typed does not count."""
    printed = "\n".join(line for line in actual.lower().splitlines() if not line.startswith(COMMAND))
    return [fact for fact in declaration.facts if fact.lower() not in printed]


def forbidden_lines(actual: str, declaration: Declaration) -> list[str]:
    """The printed lines that a declaration says must never be; what was typed does not count."""
    printed = [line for line in actual.splitlines() if not line.startswith(COMMAND)]
    return [line for line in printed if any(re.search(pattern, line) for pattern in declaration.never)]
