"""The command line as a user types it, and what of a measurement needs no model."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL

import pytest
from rung.arms import Prediction, best_threshold
from rung.case import Item, read_case

from tests.programs.families import FAMILIES, save
from tests.rung.cases import answer_case, label_case
from tests.rung.command import COMMAND, answers_in, environment, rung
from tests.unit.killed_runs import kill_once


def test_a_threshold_declines_where_that_is_right():
    items = [Item(str(place), "", ("x",) if place > 3 else (), "dev", place > 3) for place in range(8)]
    near = [0.1, 0.2, 0.3, 0.35, 0.6, 0.7, 0.8, 0.9]
    lab_predictions = [_prediction(item.answerable) for item in items]
    assert 0.35 < best_threshold(lab_predictions, items, near) < 0.6
    assert best_threshold([_prediction(True)] * 8, items, near) is None


def _prediction(right: bool):
    return Prediction("x", "arm", "", right)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["measure", "nowhere"], "There is no folder nowhere. `rung init nowhere` makes one"),
        (["ask", "nowhere", "What?"], "There is no folder nowhere. `rung init nowhere` makes one"),
        (["compare", "a", "b"], "a cannot be read: No such file"),
        (["init", "x", "--kind", "rag"], '--kind is answer or label, not "rag".'),
        (["init", "file/x"], "file/x: Not a directory."),
        (["ask", "nowhere", "  "], "There is no question: put it in quotes after the folder."),
        (["measure", "file/x"], "There is no folder file/x."),
        (["compare", "a", "b", "--margin", "0"], "--margin is in points, above 0 and below 50, not 0."),
    ],
)
def test_errors_are_one_sentence(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("a file", encoding="utf-8")
    result = rung(*arguments)
    assert result.returncode == 1 and result.stdout == ""
    assert message in " ".join(result.stderr.split()) and "Traceback" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_the_question_before_sending_stands_at_a_terminal_until_it_is_answered(tmp_path):
    import pty

    folder = label_case(tmp_path, "[search]\nembedder = ''\n")
    away = ["--endpoint", "http://192.0.2.1/v1", "--model", "m"]  # an address that is nobody's (RFC 5737)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "measure", str(folder), *away], stdin=theirs, stdout=theirs, stderr=theirs, env=environment()
    )
    os.close(theirs)
    seen = ""
    while "Send them?" not in seen:
        seen += os.read(ours, 4096).decode("utf-8", "replace")
    time.sleep(0.5)  # a bar is drawn ten times a second
    os.write(ours, b"n\n")
    with suppress(OSError):  # which ends it on Linux
        while more := os.read(ours, 4096):
            seen += more.decode("utf-8", "replace")
    assert process.wait(30) == 1
    after = seen.partition("Send them? [y/N]: ")[2]
    assert after.startswith("n\r\n") and "Nothing was sent" in after, repr(after[:100])


@pytest.mark.parametrize("kind", ["answer", "label"])
def test_a_sample_case_can_be_read(tmp_path, kind):
    assert rung("init", str(tmp_path / "case"), "--kind", kind).returncode == 0
    case = read_case(tmp_path / "case")
    assert len(case.of("test")) > 50 and not [
        one for one in case.findings if one.level == "error" and "left out:" in one.what
    ]
    assert rung("init", str(tmp_path / "case")).returncode == 1


def test_a_measurement_killed_again_and_again_ends_as_one_that_was_not(tmp_path):
    model = save(FAMILIES["qwen2"], tmp_path / "model")
    settings = f"[model]\nname = '{model.as_posix()}'\nmax_new_tokens = 6\n"
    whole, killed = (answer_case(tmp_path / name, settings) for name in ("whole", "killed"))
    assert rung("measure", str(whole)).returncode == 0
    first = kill_after(killed, 3)
    second = kill_after(killed, len(first) + 3)
    assert rung("measure", str(killed)).returncode == 0
    last = answers_in(killed)
    assert first.items() < second.items() < last.items(), "what was answered is kept, with the seconds it took"
    assert last.keys() == answers_in(whole).keys()
    assert untimed(killed) == untimed(whole)


def kill_after(folder: Path, count: int) -> dict[str, str]:
    """Measure a case and kill it as soon as so many answers are kept; those that are kept then."""
    process = subprocess.Popen([*COMMAND, "measure", str(folder)], stdout=DEVNULL, stderr=DEVNULL, env=environment())
    kill_once(process, lambda: len(answers_in(folder)) >= count)
    return answers_in(folder)


def untimed(folder: Path) -> list[dict]:
    """The predictions of a case without the seconds that they took."""
    lines = (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    return [{name: value for name, value in json.loads(line).items() if name != "seconds"} for line in lines]
