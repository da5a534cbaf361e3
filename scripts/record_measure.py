"""Write the samples that the page on measuring shows first: `python -m scripts.record_measure`.

docs/assets/tools/measure/sample.json holds the predictions of an experiment, item by item: the page computes from them.
"""

import json
import sys

from scripts.paths import DOCS, EXPERIMENTS, ROOT

FILE = DOCS / "assets" / "tools" / "measure" / "sample.json"
PREDICTIONS = EXPERIMENTS / "behaviour" / "results" / "predictions.jsonl"
ABOUT = (
    "SmolLM2-135M sorts 100 messages to a fictional company, from the experiment on behaviour in this guide. "
    "Correct means team, urgency and product correct in the form that was asked for."
)
ARMS = {
    "8 similar examples in the prompt": {"selection": "nearest", "examples": 8},
    "fine-tuned on 40 messages": {"method": "lora", "examples": 40, "seed": 0},
    "fine-tuned on 160 messages": {"method": "lora", "examples": 160, "seed": 0},
}


def systems() -> dict:
    """The predictions of three arms on the test messages: items, and for each arm whether it was correct, as 0 or 1."""
    rows = [json.loads(line) for line in PREDICTIONS.read_text(encoding="utf-8").splitlines()]
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
    return found | {"more": verdict.more, "sentence": verdict.sentence}


def sample() -> dict:
    """Everything in the file."""
    return {"systems": systems()}


def main() -> None:
    """Write the file. The package is taken from this repository, not from where it may be installed."""
    sys.path.insert(0, str(ROOT / "rung" / "src"))
    text = json.dumps(sample(), ensure_ascii=False, separators=(",", ":"))
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
