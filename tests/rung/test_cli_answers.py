"""The command as a user types it, with a tiny model: it answers, asks before it sends, and says why it stops."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rung.cli import SHOWN

from tests.rung.cases import DOCUMENTS, answer_case
from tests.rung.command import COMMAND, answers_in, environment, interrupt_once, rung

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


def tiny_case(folder: Path, model: Path) -> Path:
    """A case for the tiny model, searched by words alone."""
    search = "[search]\nembedder = ''\npassage_tokens = 30\n"
    return answer_case(folder, f"{search}[model]\nname = '{model.as_posix()}'\nmax_new_tokens = 6\n")


@pytest.fixture(scope="module")
def measured(tmp_path_factory, tiny):
    """A measured case."""
    folder = tiny_case(tmp_path_factory.mktemp("cli"), tiny)
    result = rung("measure", str(folder))
    assert result.returncode == 0, result.stderr
    assert "report.html" in "".join(result.stdout.split())
    return folder


def answering_with(folder: Path, **arm) -> None:
    """Let another arm than the measured one answer."""
    path = folder / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    results["answers_with"] = {"rung": "retrieval", "method": "search", "search": "bm25", "top": 1} | arm
    path.write_text(json.dumps(results), encoding="utf-8")


def test_ask_prints_the_answer_and_its_sources_in_full(measured, tmp_path):
    folder = shutil.copytree(measured, tmp_path / "case")
    answering_with(folder, top=2)
    result = rung("ask", str(folder), "How often can a loan be renewed?")
    assert result.returncode == 0, result.stderr
    rate = json.loads((folder / "results.json").read_text(encoding="utf-8"))["chosen"]["retrieval"]["rate"]
    assert f"Correct on {rate['hits']} of {rate['n']} test items." in " ".join(result.stderr.split())
    answer, first, second = result.stdout.split("\n\n", 2)
    assert answer and first.startswith("[1] loans.md") and second.startswith("[2] loans.md")
    assert first.endswith("\nA loan can be renewed twice.") and second.endswith("\nA loan lasts 21 days.\n")


def test_ask_says_how_many_more_it_read_and_what_changed(measured, tmp_path):
    folder = shutil.copytree(measured, tmp_path / "case")
    answering_with(folder, rung="prompting", method="everything")
    for number in range(SHOWN):
        (folder / "documents" / f"z{number}.md").write_text(f"# Shelf {number}\n\nIt holds maps.", encoding="utf-8")
    text = (folder / "case.toml").read_text(encoding="utf-8")
    (folder / "case.toml").write_text(text.replace("tokens = 30", "tokens = 40"), encoding="utf-8")
    result = rung("ask", str(folder), "How long does a loan last?")
    assert result.returncode == 0, result.stderr
    said = " ".join(result.stderr.split())
    assert "case.toml has changed since it was measured; this answers as measured." in said
    assert "Changed since it was measured: the documents. This answers from what is there now" in said
    assert f"[{SHOWN}] " in result.stdout and f"[{SHOWN + 1}] " not in result.stdout
    passages = sum(len(file.read_bytes().splitlines()) for file in newest_index(folder).glob("passages.jsonl"))
    assert f"These are the first {SHOWN}; {passages - SHOWN} more passages were read." in " ".join(
        result.stdout.split()
    )
    assert passages >= SHOWN + len(DOCUMENTS)


def newest_index(folder: Path) -> Path:
    """The folder of the index that was made last."""
    return max((folder / ".rung" / "index").iterdir(), key=lambda one: one.stat().st_mtime_ns)


@pytest.mark.parametrize("said", ["n\n", ""])
def test_nothing_leaves_the_machine_without_a_yes(tmp_path, said):
    folder = answer_case(tmp_path, "[search]\nembedder = ''\n")
    away = "http://192.0.2.1:9/v1"  # an address that is kept free for documentation
    command = [*COMMAND, "measure", str(folder), "--endpoint", away, "--model", "any"]
    result = subprocess.run(
        command, input=said, capture_output=True, text=True, encoding="utf-8", env=environment(OPENAI_API_KEY="x")
    )
    told = " ".join(result.stderr.split())
    assert result.returncode == 1 and away in told and "Send them?" in told and "Traceback" not in told
    assert answers_in(folder) == {} and not (folder / "report.html").exists()
    if said:
        assert "Nothing was sent, and nothing was measured." in told


@on_posix
def test_ctrl_c_is_answered_with_what_is_kept(tmp_path, tiny):
    folder = tiny_case(tmp_path, tiny)
    code, told = interrupt_once([*COMMAND, "measure", str(folder)], folder, 1)
    assert code == 1 and "Traceback" not in told
    assert "Stopped. What was answered is kept: run the same command again, and it goes on from there." in told
    assert answers_in(folder)


def small_files_only() -> None:
    """In the child: no file may grow beyond a few bytes, as if the disk were full."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))


@on_posix
@pytest.mark.parametrize("what", ["index", "predictions.jsonl"])
def test_a_full_disk_is_one_sentence_and_leaves_what_was_there(measured, tmp_path, what):
    folder = shutil.copytree(measured, tmp_path / "case")
    before = (folder / "report.html").read_bytes()
    if what == "index":
        shutil.rmtree(folder / ".rung" / "index")
    result = subprocess.run(
        [*COMMAND, "measure", str(folder)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(),
        preexec_fn=small_files_only,
    )
    told = "".join(result.stderr.split())
    assert result.returncode == 1 and "Traceback" not in told, result.stderr
    assert f"{what}:Filetoolarge.Whatwasdonebeforeiskept" in told
    assert (folder / "report.html").read_bytes() == before and not list(folder.glob(".*.part"))
