"""Each group of packages is pinned with checksums, says no index, and follows from what a person wrote."""

import re

import pytest

from scripts.paths import ROOT

REQUIREMENTS = ROOT / "requirements"
COMPILED = ["site", "lint", "test", "torch", "links"]
# A package as compiled: name, version, a condition, then its checksums, each on a line.
ENTRY = re.compile(
    r"^([\w.-]+)==(\S+)(?: ; [^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)
MEANT = re.compile(r"^([\w.-]+)==([^\s;#]+)", re.MULTILINE)


def text_of(file: str) -> str:
    return (REQUIREMENTS / file).read_text(encoding="utf-8")


def compiled(group: str) -> dict[str, str]:
    """{package: version} of a compiled file."""
    return {name: version for name, version, _ in ENTRY.findall(text_of(f"{group}.txt"))}


@pytest.mark.parametrize("group", COMPILED)
def test_every_package_has_a_version_and_a_checksum_and_nothing_else_is_said(group):
    left = ENTRY.sub("", text_of(f"{group}.txt"))
    said = [line for line in left.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert not said, f"requirements/{group}.txt says more than packages with checksums: {said[:3]}; type `make lock`."
    assert compiled(group), f"requirements/{group}.txt is empty."


@pytest.mark.parametrize("group", COMPILED)
def test_what_a_person_pinned_is_what_is_installed(group):
    pinned = compiled(group)
    wrong = [
        f"{name}=={version}" for name, version in MEANT.findall(text_of(f"{group}.in")) if pinned.get(name) != version
    ]
    assert not wrong, f"requirements/{group}.txt lacks {wrong}: type `make lock`."


def test_every_list_of_packages_is_compiled_from_what_a_person_wrote_by_make_lock():
    written = {file.stem for file in REQUIREMENTS.glob("*.in")} - {"cuda"}  # that is what is left out of test.txt
    # The models and the vendor files have lists of checksums in formats of their own.
    installed = {file.stem for file in REQUIREMENTS.glob("*.txt")} - {"models", "models-larger", "vendor"}
    assert written == installed == set(COMPILED)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    compiles = re.findall(r"\$\(LOCK\).* (\w+)\.in -o (\w+)\.txt$", makefile, re.MULTILINE)
    assert sorted(compiles) == sorted((group, group) for group in COMPILED)


def test_groups_agree_on_versions():
    versions = {}
    for group in COMPILED:
        for name, version in compiled(group).items():
            versions.setdefault(name, {})[version] = group
    torn = {name: found for name, found in versions.items() if len(found) > 1}
    assert not torn, f"Two groups install one package in two versions: {torn}; type `make lock`."


def test_every_line_that_a_person_wrote_is_pinned():
    for group in COMPILED:
        lines = [line.split("#")[0].strip() for line in text_of(f"{group}.in").splitlines()]
        loose = [line for line in lines if line and not MEANT.match(line) and not line.startswith("-r ")]
        assert not loose, f"requirements/{group}.in does not say which version of {loose}."


def test_the_light_group_and_the_linters_bring_nothing_heavy():
    heavy = {"torch", "transformers", "chromadb", "numpy", "scipy", "playwright"}
    for group in ("site", "lint"):
        assert not heavy & set(compiled(group)), f"requirements/{group}.txt brings {heavy & set(compiled(group))}."


def test_nothing_for_graphics_cards_is_installed_beside_the_build_for_the_processor():
    cuda = [name for name in compiled("test") if re.match(r"nvidia-|cuda-|triton$|torch$", name)]
    assert not cuda, f"requirements/test.txt brings {cuda}: name it in requirements/cuda.in, then `make lock`."
