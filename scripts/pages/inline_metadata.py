"""The block at the end of each program that tells `uv run` which packages, of which versions, the program needs.

PEP 723 says how such a block is written. It stands at the end because the page shows the program from its first line,
and uv finds it anywhere.
"""

import ast
import re
import sys
from functools import partial
from pathlib import Path

from scripts.pages.data import BrokenData, shown
from scripts.pages.generated import Generated
from scripts.paths import ROOT, all_programs

PINS = [ROOT / "requirements" / name for name in ("torch.in", "test.in")]
# What a module is called on PyPI where that is more than a dash for an underscore.
OTHERWISE_CALLED = {"markdown_it": "markdown-it-py", "docx": "python-docx", "sklearn": "scikit-learn"}
NEED_TORCH = {"torch", "transformers", "sentence-transformers", "peft", "trl"}
BLOCK = re.compile(r"\n*^# /// script\n(?:#.*\n)*?# ///\n", re.MULTILINE)
PROCESSOR_ONLY = """\
#
# [tool.uv.sources]
# torch = { index = "pytorch-cpu" }  # spares gigabytes of CUDA; leave these lines out if you have a graphics card
#
# [[tool.uv.index]]
# name = "pytorch-cpu"
# url = "https://download.pytorch.org/whl/cpu"
# explicit = true
"""


def pinned() -> dict[str, str]:
    """The version that each package is pinned to."""
    lines = "\n".join(path.read_text(encoding="utf-8") for path in PINS)
    return dict(re.findall(r"^([\w-]+)==([\w.]+)", lines, re.MULTILINE))


def imported(program: str) -> set[str]:
    """The modules, by their first name, that a program imports and Python does not bring."""
    names = set()
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)


def without_block(program: str) -> str:
    """A program without the block."""
    return BLOCK.sub("\n", program).rstrip("\n") + "\n"


def block_of(program: str, name: str) -> str:
    """The block that a program needs. Raises BrokenData where it imports what no file of requirements pins."""
    versions = pinned()
    packages = {OTHERWISE_CALLED.get(module, module.replace("_", "-")) for module in imported(program)}
    if missing := sorted(packages - set(versions)):
        raise BrokenData(f"{name} imports {', '.join(missing)}: pin it in {shown(PINS[-1])}.")
    needs_torch = bool(packages & NEED_TORCH)
    packages |= {"torch"} if needs_torch else set()
    listed = "".join(f'#     "{package}=={versions[package]}",\n' for package in sorted(packages))
    dependencies = f"# dependencies = [\n{listed}# ]\n" if packages else "# dependencies = []\n"
    sources = PROCESSOR_ONLY if needs_torch else ""
    return f'# /// script\n# requires-python = ">=3.11"\n{dependencies}{sources}# ///\n'


def render(path: Path) -> str:
    """A program, and at its end the block that it needs."""
    program = without_block(path.read_text(encoding="utf-8"))
    return f"{program}\n{block_of(program, shown(path))}"


GENERATED = [
    Generated(path, f"what it imports and {shown(PINS[-1])}", partial(render, path), is_whole_file=True)
    for path in all_programs()
]
