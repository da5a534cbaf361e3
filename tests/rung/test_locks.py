"""Two runs on one case: the second says so, a killed one blocks nobody, and what two spoilt is made anew."""

import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest
from rung.errors import CaseError
from rung.locks import alone
from rung.vectors import FlatFile

from tests.programs.families import FAMILIES, save
from tests.rung.cases import answer_case
from tests.rung.command import environment, rung
from tests.rung.test_index import TEXTS, built

SENTENCE = "Another run is measuring this case: wait for it, or stop it."
HOLDER = """
import sys, time
from pathlib import Path
from rung.locks import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def holder(folder: Path) -> subprocess.Popen:
    """A process that holds a folder."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    process = subprocess.Popen(command, stdout=PIPE, text=True, encoding="utf-8", env=environment())
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_says_so_asking_goes_on_and_a_killed_run_blocks_nobody(tmp_path):
    model = save(FAMILIES["qwen2"], tmp_path / "model")
    settings = f"[search]\nembedder = ''\n[model]\nname = '{model.as_posix()}'\nmax_new_tokens = 4\n"
    folder = answer_case(tmp_path / "case", settings)
    assert rung("measure", str(folder)).returncode == 0
    other = holder(folder / ".rung")
    try:
        refused = rung("measure", str(folder))
        assert refused.returncode == 1 and SENTENCE in " ".join(refused.stderr.split())
        asked = rung("ask", str(folder), "How long does a loan last?")
        assert asked.returncode == 0, asked.stderr
    finally:
        other.kill()
        other.wait()
    assert rung("measure", str(folder)).returncode == 0


def test_an_index_is_made_by_one_run_and_opened_by_all(tmp_path, embedder):
    index = built(tmp_path, TEXTS, embedder)
    (index.folder / "done").unlink()
    with alone(index.folder), pytest.raises(CaseError, match=SENTENCE):
        built(tmp_path, TEXTS, embedder)
    built(tmp_path, TEXTS, embedder)
    with alone(index.folder):
        assert built(tmp_path, TEXTS, embedder).search(["Is b open?"], "embeddings", 1)


@pytest.mark.parametrize("done", [None, "the size", "gone"])
def test_vectors_that_two_runs_wrote_are_made_anew(tmp_path, embedder, done):
    index = built(tmp_path, TEXTS, embedder)
    before = index.search(["Is b open?"], "embeddings", 3)
    file = index.folder / "vectors.f32"
    rows = file.read_bytes()
    file.write_bytes(rows[::-1] + rows)
    if done == "the size":  # as it was written before a lock kept them apart
        (index.folder / "done").write_text(str(2 * len(rows)), encoding="utf-8")
    elif done == "gone":
        (index.folder / "done").unlink()
    changed = TEXTS | {"new.md": "# new\n\nIt is new."}
    assert built(tmp_path, changed, embedder).search(["Is b open?"], "embeddings", 1)[0][0].score > 0.3
    assert built(tmp_path, TEXTS, embedder).search(["Is b open?"], "embeddings", 3) == before
    assert len(file.read_bytes()) == len(rows)


def test_a_file_with_half_a_row_goes_on_and_one_with_too_many_begins_anew(tmp_path):
    file = tmp_path / "vectors.f32"
    for rows, kept in [(2.5, 2), (4, 4), (4.5, 4), (5, 0)]:
        file.write_bytes(np.ones(round(rows * 3 * 4), np.uint8).tobytes())
        assert FlatFile(file, 3, 4).lacking(range(4)) == list(range(kept, 4))
        assert file.stat().st_size == kept * 12
