"""A reader may write another embedder's name: what is found does not hang on how long its vectors are.

Each program that compares vectors runs here with two tiny embedders that differ in one thing: one brings its vectors to
length one, as the guide's does, the other leaves them as long as they come.
"""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from rung.embedding import Embedder

from scripts.paths import all_programs, name_of
from tests.programs.families import FAMILIES, run_each, run_in, save, save_embedder
from tests.programs.runner import Run, declaration_of
from tests.programs.test_model_families import as_changed

NAMES = ("unit", "plain")
OURS = "sentence-transformers/all-MiniLM-L6-v2"
# Two train a classifier on vectors, which may well learn from their lengths; one chooses thresholds, and finds none for
# a model that knows nothing.
OTHERS = ("train_a_head", "classify_without_a_model", "score_coverage")
PROGRAMS = [
    program
    for program in all_programs()
    if f'"{OURS}"' in program.read_text(encoding="utf-8")
    and program.stem not in OTHERS
    and not declaration_of(program).server
]
TEXTS = ["A loan bike may be kept for 21 days.", "Where?", "The battery " + "is charged and charged " * 20, "No."]


@pytest.fixture(scope="session")
def embedders(made_once) -> dict[str, Path]:
    """The folders of the two embedders."""

    def make(root: Path) -> None:
        for name in NAMES:
            save_embedder(root / name, unit=name == "unit")

    root = made_once("embedders", make)
    return {name: root / name / "model" for name in NAMES}


def folder_of(root: Path, name: str, program: Path) -> Path:
    """Where a program runs with an embedder."""
    return root / name / name_of(program).replace("/", "-")


@pytest.fixture(scope="session")
def runs(embedders, made_once) -> dict[tuple[str, Path], Run]:
    """What each program printed with each embedder, with a tiny model that writes."""
    keys = list(product(NAMES, PROGRAMS))

    def make(root: Path) -> None:
        writer, jobs = save(FAMILIES["qwen2"], root / "writer"), []
        for name, program in keys:
            folder = folder_of(root, name, program)
            folder.mkdir(parents=True)
            command = as_changed(program, writer, folder)
            copy = folder / program.name
            copy.write_text(copy.read_text(encoding="utf-8").replace(OURS, str(embedders[name])), encoding="utf-8")
            jobs.append((folder, command))
        run_each(jobs, root)

    root = made_once("runs-of-embedders", make)
    return {key: run_in(folder_of(root, *key)) for key in keys}


def test_one_of_the_two_has_vectors_of_every_length(embedders):
    from sentence_transformers import SentenceTransformer

    lengths = {
        name: np.linalg.norm(SentenceTransformer(str(at)).encode(TEXTS), axis=1) for name, at in embedders.items()
    }
    assert np.allclose(lengths["unit"], 1)
    assert lengths["plain"].max() > 1.5 * lengths["plain"].min()


def test_rung_brings_them_to_length_one(embedders):
    unit, plain = (Embedder(str(embedders[name])) for name in ("unit", "plain"))
    for way in ("documents", "queries"):
        found = getattr(plain, way)(TEXTS)
        assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
        assert np.allclose(found, getattr(unit, way)(TEXTS), atol=1e-5)


@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_a_program_finds_the_same_however_long_the_vectors_are(program, runs):
    unit, plain = runs["unit", program], runs["plain", program]
    assert unit.returncode == 0, unit.stderr[-2000:]
    assert plain.record == unit.record, plain.stderr[-2000:]
