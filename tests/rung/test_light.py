"""Where no model is installed: what needs none is measured, and no more is claimed; what to install is said."""

import json
import os
import subprocess
import sys

import pytest

from scripts.paths import ROOT
from tests.rung.cases import answer_case, label_case, write_table

WITHOUT = """
import sys
from importlib.machinery import PathFinder

class Light(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        missing = name.split(".")[0] in ("torch", "transformers", "sentence_transformers", "llguidance")
        return None if missing else super().find_spec(name, path, target)

sys.meta_path = [Light if finder is PathFinder else finder for finder in sys.meta_path]
from rung.cli import main
main()
"""


def rung(*arguments: str) -> subprocess.CompletedProcess:
    """The command, as a user of the light installation runs it, in a clone of the guide."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "rung" / "src"), "COLUMNS": "200"}
    command = [sys.executable, "-c", WITHOUT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, cwd=ROOT)


def test_labels_are_measured_without_a_model(tmp_path):
    folder = label_case(tmp_path / "case")
    done = rung("measure", str(folder))
    assert done.returncode == 0, done.stderr
    assert "logistic regression on words" in done.stdout
    said = "Only no model was measured. Prompting, examples and fine-tuning were left out."
    assert f'{said} A local model needs pip install "./rung[local]"; or name an endpoint.' in done.stdout
    saved = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert saved["stop"] is None and list(saved["chosen"]) == ["no model"] and saved["sentence"].startswith(said)
    assert "<td>not compared</td>" in (folder / "report.html").read_text(encoding="utf-8")
    assert said in (folder / "decision.md").read_text(encoding="utf-8")
    assert saved["fix_first"].startswith("Fix the labels, the rule or the model")
    # As results were written once, when that sentence had another name.
    earlier = json.dumps({"mend" if name == "fix_first" else name: value for name, value in saved.items()})
    (folder / "results.json").write_text(earlier, encoding="utf-8")
    assert rung("ask", str(folder), "May I keep the red atlas another month please").stdout.strip() in ("loan", "fine")


def test_searches_are_measured_without_a_model(tmp_path):
    folder = answer_case(tmp_path / "case")
    done = rung("measure", str(folder))
    assert done.returncode == 0, done.stderr
    assert "bm25" in done.stdout and "First 3" in done.stdout
    assert 'Answers were not measured. A local model needs pip install "./rung[local]"' in done.stdout
    assert not (folder / "results.json").exists(), "there is no arm to answer with"
    asked = " ".join(rung("ask", str(folder), "How long is a loan?").stderr.split())
    assert asked.startswith("No answers were measured in") and asked.endswith("first, with a model.")


@pytest.mark.parametrize("train", [False, True])
def test_what_needs_a_model_throughout_says_what_to_install(tmp_path, train):
    folder = label_case(tmp_path / "case")
    column, splits = ("output", ("train", "test")) if train else ("label", ("test",))
    rows = [(f"Message {number} about a book", "ab"[number % 2], splits[number % len(splits)]) for number in range(12)]
    write_table(folder / "messages.csv", ["text", column, "split"], rows)
    done = rung("measure", str(folder))
    assert done.returncode == 1 and 'A local model needs pip install "./rung[local]"' in done.stderr
    assert "Traceback" not in done.stderr
