"""Every generated part of a page follows from its data, and the command that writes it needs the light group alone."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest

from scripts.pages.__main__ import GENERATED, problems_of
from scripts.paths import DOCS, ROOT

# Checks the pages in a process of its own and prints what that loaded.
LOADED = """import runpy, sys
before = set(sys.modules)
sys.argv = ["pages", "--check"]
sys.exit = print
runpy.run_module("scripts.pages", run_name="__main__")
print("LOADED", *{name.partition(".")[0] for name in set(sys.modules) - before})
"""


@pytest.mark.parametrize("generated", GENERATED, ids=lambda generated: generated.name)
def test_what_is_generated_is_up_to_date(generated):
    problems = problems_of([generated])
    assert not problems, "\n".join(problems)


def test_no_marker_stands_on_a_page_that_nothing_writes():
    written = {generated.target for generated in GENERATED}
    for page in DOCS.rglob("*.md"):
        if re.search(r"^<!-- generated from", page.read_text(encoding="utf-8"), re.MULTILINE):
            assert page in written, f"{page.relative_to(ROOT)} has a part that `make pages` does not write."


def light_group() -> set[str]:
    """The packages of requirements/site.txt, with those that they need, by their normalised names."""
    lines = (ROOT / "requirements" / "site.txt").read_text(encoding="utf-8").splitlines()
    waiting = [re.split(r"[=<>;\[ ]", line)[0] for line in lines if re.match(r"[a-zA-Z]", line)]
    found = set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        found.add(name)
        try:
            needed = [need for need in requires(name) or [] if "extra ==" not in need]
        except PackageNotFoundError:  # for another system
            continue
        waiting += [re.split(r"[=<>!~;\[ (]", need)[0] for need in needed]
    return found


def test_make_pages_needs_no_more_than_the_site_does():
    result = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert result.returncode == 0 and "LOADED" in result.stdout, result.stdout + result.stderr
    modules = set(result.stdout.partition("LOADED")[2].split())
    from_packages = {module: names for module, names in packages_distributions().items() if module in modules}
    assert "jsonschema" in from_packages
    light = light_group()
    heavy = {
        module: names
        for module, names in from_packages.items()
        if not {re.sub(r"[-_.]+", "-", name).lower() for name in names} & light
    }
    assert not heavy, f"`make pages` loads {heavy}, which requirements/site.txt does not install."
