"""Choose two thresholds for "this answer covers that point" and measure on other points how often they are right."""

import json
import re
import sys
from itertools import pairwise
from pathlib import Path

from sentence_transformers import SentenceTransformer
from statsmodels.stats.proportion import proportion_confint

try:
    labelled, points = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:])
    answers = [json.loads(line) for line in labelled.strip().split("\n")]
    phrasings = json.loads(points)
    for row in answers:  # each sentence, and each two that follow one another: a point may take two
        sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", row["answer"]) if part.strip()]
        row["parts"] = sentences + [f"{one} {two}" for one, two in pairwise(sentences)]
        row["wanted"] = phrasings[f"{row['prompt']} {row['point']}"]
    dev = [row for row in answers if row["split"] == "dev" and row["kind"] not in ("wrong", "negated")]
    texts = sorted({text for row in answers for text in row["parts"] + row["wanted"]})
except (OSError, ValueError, LookupError, TypeError):  # an empty file fails as well: "" is not JSON
    sys.exit("Download two files from the guide and name them in this order: labelled_answers.jsonl rubric_points.json")
try:
    model = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
except OSError:
    sys.exit("No models here yet: connect once to download them, or run `make models` in the guide's repository.")

vectors = dict(zip(texts, model.encode(texts, normalize_embeddings=True), strict=True))
for row in answers:  # how near the nearest part comes to the nearest phrasing
    row["score"] = max(float(vectors[part] @ vectors[text]) for part in row["parts"] for text in row["wanted"])

# Chosen on dev: "covered" from where nine in ten are right, "missed" below where one right answer in ten lies.
# Wrong and negated answers take no part in the choice: they speak of the point, and no threshold keeps them out.
right = [row["score"] for row in dev if row["kind"] == "right"]
grid = [step / 100 for step in range(100)]
covered = next(t for t in grid if sum(score >= t for score in right) >= 0.9 * sum(row["score"] >= t for row in dev))
unsure = max(t for t in grid if sum(score < t for score in right) <= 0.1 * len(right))
print(f"Chosen on dev: covered from {covered:.2f}, missed below {unsure:.2f}, unsure between")


def share(some, whole):
    low, high = (100 * end for end in proportion_confint(len(some), len(whole), method="wilson"))
    return f"{len(some)}/{len(whole)} = {100 * len(some) / len(whole):.0f}% ({low:.0f}-{high:.0f})"


def of(rows, *kinds):
    return [row for row in rows if row["kind"] in kinds]


test = [row for row in answers if row["split"] == "test"]
said, denied = [r for r in test if r["score"] >= covered], [r for r in test if r["score"] < unsure]
print(f"\nTest: {len(test)} answers to {len({(row['prompt'], row['point']) for row in test})} other points")
for kind in dict.fromkeys(row["kind"] for row in test):
    all_of_it, yes, no = of(test, kind), of(said, kind), len(of(denied, kind))
    print(f"{kind:12} covered {share(yes, all_of_it):22} unsure {len(all_of_it) - len(yes) - no:2}  missed {no:2}")
print("\nRecall: right answers called covered     ", share(of(said, "right"), of(test, "right")))
print("Precision: called covered, and right     ", share(of(said, "right"), said))
print("Called covered, and speaks of the point  ", share(of(said, "right", "wrong", "negated"), said))
print("Called missed, and says nothing of it    ", share(of(denied, "vague", "off-topic", "other point"), denied))
