"""Make the environment in .venv and install groups of packages: `python3 scripts/set_up.py site lint test`.

A group is a file in requirements/, with the checksums of all that it installs. A run that was stopped is finished by
the next. Only the standard library is needed, and nothing that keeps an older Python from saying that it is too old.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = Path(os.environ.get("GUIDE_VENV", ROOT / ".venv"))
REQUIREMENTS = ROOT / "requirements"
PACKAGE = ROOT / "rung"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11, 5)
GROUPS = ("site", "lint", "test")
# PyTorch's own index of builds for the processor, without gigabytes of CUDA on Linux. Empty: PyPI's build.
TORCH_INDEX = os.environ.get("TORCH_INDEX", "https://download.pytorch.org/whl/cpu")
UNREACHABLE = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Read timed out|Max retries exceeded|name resolution|ProxyError"
    r"|SSLError|Connection (?:refused|reset|broken|aborted)|Network is unreachable"
)


def check_python() -> None:
    """Stop with one sentence when this Python is too old, or cannot make an environment."""
    if sys.version_info < OLDEST:
        needed = ".".join(map(str, OLDEST))
        here = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Python {needed} or newer is needed, and this is {here}: try `make PYTHON=python3.12`.")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        sys.exit(f"This Python has no {error.name}: on Debian and Ubuntu, `apt install python3-venv` brings it.")


def is_whole() -> bool:
    """Whether the environment was made to the end, and its Python and pip still start."""
    if not any((VENV / stamp).exists() for stamp in ("made", *GROUPS)) or not PYTHON.exists():
        return False
    return not subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True).returncode


def make_environment() -> None:
    """Make the environment, from nothing when a killed run or a removed Python left it broken."""
    check_python()
    if is_whole():
        return
    if VENV.exists():
        print("The environment in .venv is not whole: making it again", flush=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, encoding="utf-8", errors="replace"
    )
    if made.returncode:
        said = (made.stdout + made.stderr).strip().splitlines() or ["nothing"]
        sys.exit(f"The environment could not be made in {VENV}: {said[-1]}")
    (VENV / "made").touch()


def pip_install(*arguments: str) -> str:
    """Let the environment's pip install something; returns what went wrong, or nothing."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "2"]
    result = subprocess.run([*command, *arguments], capture_output=True, encoding="utf-8", errors="replace")
    if not result.returncode:
        return ""
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    errors = [number for number, line in enumerate(lines) if re.match(r"\s*error", line, re.IGNORECASE)] or [-1]
    if UNREACHABLE.search(result.stderr) and "DO NOT MATCH" not in result.stderr:
        return f"check the connection to the package index, then type the same again; pip says: {lines[errors[0]]}"
    return "pip says:\n" + "\n".join(lines[errors[0] :])


def install_torch() -> None:
    """Install PyTorch: from its own index, else PyPI's build with the checksums in torch.txt."""
    pin = re.search(r"^torch==\S+", (REQUIREMENTS / "torch.in").read_text(encoding="utf-8"), re.MULTILINE)
    if TORCH_INDEX:
        problem = pip_install("--index-url", TORCH_INDEX, "--no-deps", pin.group())
        if not problem:
            return
        print("PyTorch's own index cannot be reached: taking PyPI's build, which brings CUDA on Linux", flush=True)
    problem = pip_install("--require-hashes", "--requirement", str(REQUIREMENTS / "torch.txt"))
    if problem:
        sys.exit(f"PyTorch could not be installed: {problem}")


def install_package() -> None:
    """Put the command `rung` into the environment; it runs what stands in rung/, edited or not. Nothing is fetched."""
    problem = pip_install("--no-deps", "--no-build-isolation", "--editable", str(PACKAGE))
    if problem:
        sys.exit(f"The command rung could not be installed from {PACKAGE.name}/: {problem}")


def install(group: str) -> None:
    """Install a group, unless it is there as its file says."""
    file, stamp = REQUIREMENTS / f"{group}.txt", VENV / group
    sources = [file, REQUIREMENTS / "torch.txt"] if group == "test" else [file]
    if stamp.exists() and all(stamp.stat().st_mtime >= source.stat().st_mtime for source in sources):
        return
    if group == "test":
        print("Installing PyTorch and what the tests need: some minutes without a word", flush=True)
        install_torch()
    problem = pip_install("--require-hashes", "--requirement", str(file))
    if problem:
        sys.exit(f"requirements/{file.name} could not be installed: {problem}")
    if group == "test":
        install_package()
    stamp.touch()


def main() -> None:
    """Install the groups that are named."""
    groups = sys.argv[1:]
    unknown = [group for group in groups if group not in GROUPS]
    if unknown or not groups:
        sys.exit(f"Name what to install: python3 scripts/set_up.py {' '.join(GROUPS)}")
    try:
        make_environment()
        for group in groups:
            install(group)
    except KeyboardInterrupt:
        sys.exit("Stopped; the next run goes on from here.")
    except OSError as error:
        sys.exit(f"The environment could not be made: {error}.")


if __name__ == "__main__":
    main()
