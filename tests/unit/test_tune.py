"""Training in the tab is the training of the two programs: weight by weight in Node, and hit by hit as recorded."""

import json
import re

import numpy as np
import pytest

from scripts import record_tune as recording
from scripts.paths import SNIPPETS
from tests.unit.node import run_module

FOLDER = recording.FOLDER
DATA = json.loads((FOLDER / "data.json").read_text(encoding="utf-8"))
RECORDED = json.loads((FOLDER / "recorded.json").read_text(encoding="utf-8"))
AGAIN = "run `make outputs only=tools/tune`, then `make record only=tune`"
PRINTED = re.compile(r"^step +(\d+) +trained on +(\d+)/(\d+) +held out +(\d+)/(\d+)", re.MULTILINE)


def vectors_of(name: str) -> np.ndarray:
    """The vectors of a file, as the page reads them."""
    return np.frombuffer((FOLDER / name).read_bytes(), "<f4").reshape(-1, 384).astype(float)


@pytest.mark.parametrize(
    ("part", "program", "data"),
    [("head", "train_a_head", "messages"), ("adapter", "overfit_an_adapter", "questions")],
)
def test_the_recorded_hits_are_those_that_the_program_printed(part, program, data):
    printed = PRINTED.findall((SNIPPETS / "tools" / "tune" / f"{program}.out").read_text(encoding="utf-8"))
    assert len(printed) > 5
    sizes = [len(DATA[data]["learn"]), len(DATA[data]["test"])]
    for step, *figures in (map(int, row) for row in printed):
        recorded = [RECORDED[part][name][step] for name in ("trained", "heldOut")]
        assert figures == [recorded[0], sizes[0], recorded[1], sizes[1]]


def test_what_the_page_fetches_is_of_the_messages_questions_and_programs_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "FOLDER", tmp_path)
    rng = np.random.default_rng(0)
    recording.write(lambda texts: rng.normal(size=(len(texts), 384)))
    assert json.loads((tmp_path / "data.json").read_text(encoding="utf-8")) == DATA, AGAIN
    again = json.loads((tmp_path / "recorded.json").read_text(encoding="utf-8"))
    for part in ("head", "adapter"):
        for name in again[part].keys() - {"trained", "heldOut"}:
            assert again[part][name] == RECORDED[part][name], AGAIN
    for name in ("messages.bin", "questions.bin"):
        assert (tmp_path / name).stat().st_size == (FOLDER / name).stat().st_size, AGAIN


def test_the_prompt_beside_the_head_is_the_best_that_was_printed():
    assert RECORDED["prompt"] == recording.best_prompt()
    assert f"{RECORDED['prompt']['hits']}/{RECORDED['prompt']['items']}" in recording.PROMPTS.read_text(
        encoding="utf-8"
    )


HEAD = """(training, {vectors, labels, others, truth, steps, learningRate}) => {
  const rows = list => list.map(row => Float64Array.from(row))
  const [mine, unseen] = [rows(vectors), rows(others)]
  const hits = []
  let last
  for (const weights of training.trainHead(mine, labels, 4, steps, learningRate)) {
    hits.push([training.headHits(mine, labels, weights), training.headHits(unseen, truth, weights)])
    last = weights
  }
  return {hits, weights: last.map(row => [...row])}
}"""
ADAPTER = """(training, {vectors, others, passages, learn, test, settings}) => {
  const rows = list => list.map(row => Float64Array.from(row))
  const [mine, unseen, found] = [rows(vectors), rows(others), rows(passages)]
  const [alike, away] = [training.similarities(mine, mine), training.similarities(unseen, mine)]
  const hits = []
  let last
  for (const weights of training.trainAdapter(mine, found, learn, settings)) {
    hits.push([
      training.firstIsRight(training.adapted(mine, alike, weights), found, learn),
      training.firstIsRight(training.adapted(unseen, away, weights), found, test),
    ])
    last = weights
  }
  return {hits, weights: last.map(row => [...row])}
}"""


def recorded_hits(part: str) -> list[list[int]]:
    """The recorded hits, step by step."""
    return [list(both) for both in zip(RECORDED[part]["trained"], RECORDED[part]["heldOut"], strict=True)]


def largest_difference(found: list, wanted: np.ndarray) -> float:
    """How far the weights of the two lie apart, at most."""
    assert np.abs(wanted).max() > 0.1
    return float(np.abs(np.array(found) - wanted).max())


def test_the_head_has_the_weights_of_python_and_the_recorded_hits():
    tool = recording.program("train_a_head")
    vectors, labels = vectors_of("messages.bin"), [label for _, label in DATA["messages"]["learn"]]
    mine, others = vectors[: len(labels)], vectors[len(labels) :]
    given = {"vectors": mine.tolist(), "others": others.tolist(), "labels": labels, "truth": DATA["messages"]["test"]}
    given |= {key: RECORDED["head"][key] for key in ("steps", "learningRate")}
    found = run_module("tune/training.js", HEAD, given)
    *_, wanted = tool.train_head(mine, np.eye(4)[labels], tool.STEPS, tool.LEARNING_RATE)
    assert largest_difference(found["weights"], wanted) < 1e-9
    assert found["hits"] == recorded_hits("head")


def test_the_adapter_has_the_weights_of_python_and_the_recorded_hits():
    tool = recording.program("overfit_an_adapter")
    vectors, learn, test = vectors_of("questions.bin"), DATA["questions"]["learn"], DATA["questions"]["test"]
    mine, others, passages = np.split(vectors, [len(learn), len(learn) + len(test)])
    settings = {key: RECORDED["adapter"][key] for key in ("steps", "learningRate", "temperature")}
    given = {"vectors": mine.tolist(), "others": others.tolist(), "passages": passages.tolist()}
    found = run_module("tune/training.js", ADAPTER, given | {"learn": learn, "test": test, "settings": settings})
    wanted = np.zeros((len(learn), len(passages)))
    for row, places in enumerate(learn):
        wanted[row, places] = 1 / len(places)
    *_, weights = tool.train_adapter(mine, passages, wanted, tool.STEPS, tool.LEARNING_RATE)
    assert largest_difference(found["weights"], weights) < 1e-9
    assert found["hits"] == recorded_hits("adapter")
