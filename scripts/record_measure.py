"""Write the sample data of the tool "Measure yours", and no report: `make record only=measure`.

In docs/assets/tools/measure: `sample.json`, the predictions of an experiment, item by item, what a head says of the
messages of the page on training, and what the searches of rung find in its sample case; and `case.json`, that case.
"""

import json
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from rung.files import read_lines

from scripts.paths import DOCS, EXPERIMENTS, ROOT

TUNE = DOCS / "assets" / "tools" / "tune"
FILE = DOCS / "assets" / "tools" / "measure" / "sample.json"
CASE = FILE.with_name("case.json")
SAMPLE_CASE = ROOT / "rung" / "src" / "rung" / "sample" / "answer"
PASSAGE_WORDS = 150  # in a passage, at most; about 200 pieces of words, as rung has them by default
PREDICTIONS = EXPERIMENTS / "behaviour" / "results" / "predictions.jsonl"
ABOUT = (
    "SmolLM2-135M sorts 100 messages to a fictional company, from the experiment on behaviour in this guide. "
    "Correct means team, urgency and product correct in the output format that was asked for."
)
ARMS = {
    "8 similar examples in the prompt": {"selection": "nearest", "examples": 8},
    "fine-tuned on 40 messages": {"method": "lora", "examples": 40, "seed": 0},
    "fine-tuned on 160 messages": {"method": "lora", "examples": 160, "seed": 0},
}


def systems() -> dict:
    """The predictions of three arms on the test messages: items, and for each arm whether it was correct, as 0 or 1."""
    rows = read_lines(PREDICTIONS)
    rows = [row for row in rows if row["arm"]["split"] == "test"]
    hits = {
        name: {row["id"]: int(row["correct"]) for row in rows if wanted.items() <= row["arm"].items()}
        for name, wanted in ARMS.items()
    }
    items = list(next(iter(hits.values())))
    arms = [{"name": name, "hits": [of_item[item] for item in items]} for name, of_item in hits.items()]
    return {"about": ABOUT, "items": items, "systems": arms, "verdicts": [verdict_of(arms[0], one) for one in arms[1:]]}


def verdict_of(first: dict, second: dict) -> dict:
    """What rung finds of two arms with a margin of 5 points: the page quotes it."""
    from rung.verdict import judge

    verdict = judge([(one["name"], one["hits"]) for one in (first, second)], 0.05)
    (step,), rates = verdict.steps, [one.rate.hits for one in verdict.standings]
    found = {"first": rates[0], "second": rates[1], "n": step.n, "won": step.won, "lost": step.lost}
    return found | {"more": verdict.more}


def vectors() -> np.ndarray:
    """The vectors of the messages to learn from, then of those held out, as the page on training has them."""
    return np.frombuffer((TUNE / "messages.bin").read_bytes(), "<f4").reshape(-1, 384).astype(float)


def truth() -> list[int]:
    """The label of each of them, as a number."""
    messages = json.loads((TUNE / "data.json").read_text(encoding="utf-8"))["messages"]
    return [label for _, label in messages["learn"]] + messages["test"]


def labels() -> dict:
    """The held-out messages with their label, and what a head that learned from the others says."""
    from rung.classifiers import regression_on

    messages = json.loads((TUNE / "data.json").read_text(encoding="utf-8"))["messages"]
    known = len(messages["learn"])
    every, rows = truth(), vectors()
    head = regression_on(rows[:known], every[:known])
    said = head.predict(rows[known:]).tolist()
    commonest = Counter(every[:known]).most_common(1)[0][0]
    right = {
        "learn": known,
        "n": len(said),
        "commonest": every[known:].count(commonest),
        "head": sum(one == label for one, label in zip(said, every[known:], strict=True)),
    }
    return {"labels": messages["labels"], "learn": every[:known], "truth": every[known:], "head": said, "right": right}


def case() -> dict:
    """The documents and questions of rung's sample case, as a reader would drop them in."""
    documents = [
        {"name": path.relative_to(SAMPLE_CASE / "documents").as_posix(), "text": path.read_text(encoding="utf-8")}
        for path in sorted((SAMPLE_CASE / "documents").rglob("*.md"))
    ]
    return {"documents": documents, "questions": (SAMPLE_CASE / "questions.csv").read_text(encoding="utf-8")}


def searches() -> dict:
    """At which rank each search of rung has the first passage with an accepted answer; 0 for not among the first 50."""
    from rung.arms import gold_passages
    from rung.case import read_case
    from rung.embedding import Embedder
    from rung.retrieval import Recipe, build

    from rung import cutting

    class ByWords(Embedder):
        """Counts words where the page counts words, which has no pieces of words before the model is fetched."""

        limit = PASSAGE_WORDS

        def count(self, texts: list[str]) -> list[int]:
            return cutting.count_words(texts)

    read = read_case(SAMPLE_CASE)
    with tempfile.TemporaryDirectory() as folder:
        embedder = ByWords(read.settings.search.embedder)
        index = build(Path(folder), read.documents, "sample", Recipe(PASSAGE_WORDS, embedder.name), embedder)
        items = [item for item in read.items if item.wanted]
        gold = gold_passages(items, index)
        known = sorted((item for item in items if gold[item.id]), key=lambda item: item.id)
        questions = [item.text for item in known]
        found = {method: index.search(questions, method, 50) for method in index.methods}
        passages = len(index.passages)
    ranks = {
        method: [
            next((rank for rank, hit in enumerate(hits, 1) if hit.number in gold[item.id]), 0)
            for item, hits in zip(known, rows, strict=True)
        ]
        for method, rows in found.items()
    }
    nowhere = [item.id for item in items if not gold[item.id]]
    first = {
        method: {str(top): sum(0 < rank <= top for rank in some) for top in (1, 3, 5)} for method, some in ranks.items()
    }
    names = [item.id for item in known]
    return {"passages": passages, "n": len(names), "items": names, "ranks": ranks, "nowhere": nowhere, "first": first}


def sample() -> dict:
    """Everything in the file of samples."""
    return {"systems": systems(), "labels": labels(), "searches": searches()}


def main() -> None:
    """Write the files."""
    for file, content in ((FILE, sample()), (CASE, case())):
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
