"""What a program imports, and whether a page's `pip install` line offers it."""

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions

from scripts.markdown import FENCE


@cache
def installed() -> dict[str, list[str]]:
    """Which packages each installed module comes from; looked up once, for it takes half a second."""
    return packages_distributions()


def imported_by(program: str, name: str) -> set[str]:
    """The top-level modules a program imports, the standard library's aside."""
    names = set()
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports from its own folder: a program must stand alone."
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)


def missing_from_pip_install(name: str, modules: set[str], text: str) -> list[str]:
    """The packages of these modules, imported by the program of this name, that no `pip install` line offers."""
    commands = [
        line
        for match in FENCE.finditer(text)
        if match["info"].strip().split(" ")[0] in {"console", "bash", "shell"}
        for line in match["body"].splitlines()
        if "pip install" in line
    ]
    offered = {
        re.split(r"[=<>\[]", word)[0].lower().replace("_", "-")
        for line in commands
        for word in line.split("pip install")[1].split()
        if not word.startswith("-")
    }
    missing = []
    for module in sorted(modules):
        assert module in installed(), f"{name} imports {module}, and requirements/test.in lacks it."
        names = {name.lower().replace("_", "-") for name in installed()[module]}
        missing += [] if names & offered else [f"{sorted(names)[0]} ({module})"]
    return missing
