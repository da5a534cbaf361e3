"""Choose two thresholds for "this answer covers that point" and measure on other points how often they hold."""

import json
import re
import sys
from itertools import pairwise
from pathlib import Path

from sentence_transformers import SentenceTransformer
from statsmodels.stats.proportion import proportion_confint
from transformers.utils.logging import disable_progress_bar

MODEL = "sentence-transformers/all-MiniLM-L6-v2"


def parts_of(answer):
    """Each sentence of an answer, and each two that follow one another: a point may take two."""
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", answer) if part.strip()]
    return sentences + [f"{one} {two}" for one, two in pairwise(sentences)]


def read_answers(answers_file, points_file):
    """The labelled answers, each with its parts and with the phrasings of the point that it is compared with."""
    phrasings = json.loads(Path(points_file).read_text(encoding="utf-8-sig"))
    answers = []
    lines = Path(answers_file).read_text(encoding="utf-8-sig").split("\n")
    for row in (json.loads(line) for line in lines if line.strip()):
        point = f"{row['prompt']} {row['point']}"
        parts = parts_of(row["answer"])
        answers.append({"split": row["split"], "kind": row["kind"], "point": point, "parts": parts})
        answers[-1]["wanted"] = phrasings[point]
    if not answers:
        raise ValueError(f"{answers_file} is empty")
    return answers


try:
    answers = read_answers(*sys.argv[1:])
except (OSError, ValueError, LookupError, TypeError) as error:
    sys.exit(
        "Download two files from the guide and name them in this order: labelled_answers.jsonl rubric_points.json. "
        f"What is wrong: {error!r}"
    )
disable_progress_bar()
try:
    model = SentenceTransformer(MODEL)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")

texts = sorted({text for row in answers for text in row["parts"] + row["wanted"]})
vectors = dict(zip(texts, model.encode(texts), strict=True))
for row in answers:  # how near the nearest part comes to the nearest phrasing
    parts = [vectors[text] for text in row["parts"]]
    wanted = [vectors[text] for text in row["wanted"]]
    row["score"] = model.similarity(parts, wanted).max().item()

# Chosen on dev: "covered" from where nine in ten are correct, "missed" below where one correct answer in ten lies.
# Incorrect and negated answers take no part in the choice: they speak of the point, and no threshold keeps them out.
dev = [row for row in answers if row["split"] == "dev" and row["kind"] not in ("incorrect", "negated")]
correct = [row["score"] for row in dev if row["kind"] == "correct"]
grid = [step / 100 for step in range(100)]
covered = next(t for t in grid if sum(score >= t for score in correct) >= 0.9 * sum(row["score"] >= t for row in dev))
unsure = max(t for t in grid if sum(score < t for score in correct) <= 0.1 * len(correct))
print(f"Chosen on dev: covered from {covered:.2f}, missed below {unsure:.2f}, unsure between")


def share(some, whole):
    low, high = (100 * end for end in proportion_confint(len(some), len(whole), method="wilson"))
    return f"{len(some)}/{len(whole)} = {100 * len(some) / len(whole):.0f}% ({low:.0f}-{high:.0f})"


def of(rows, *kinds):
    return [row for row in rows if row["kind"] in kinds]


test = [row for row in answers if row["split"] == "test"]
said = [r for r in test if r["score"] >= covered]
denied = [r for r in test if r["score"] < unsure]
print(f"\nTest: {len(test)} answers to {len({row['point'] for row in test})} other points")
for kind in dict.fromkeys(row["kind"] for row in test):
    all_of_kind = of(test, kind)
    yes = of(said, kind)
    no = len(of(denied, kind))
    print(f"{kind:12} covered {share(yes, all_of_kind):22} unsure {len(all_of_kind) - len(yes) - no:2}  missed {no:2}")
print("\nRecall: correct answers called covered   ", share(of(said, "correct"), of(test, "correct")))
print("Precision: called covered, and correct   ", share(of(said, "correct"), said))
print("Called covered, and speaks of the point  ", share(of(said, "correct", "incorrect", "negated"), said))
print("Called missed, and says nothing of it    ", share(of(denied, "vague", "off-topic", "other point"), denied))

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sentence-transformers==6.2.0",
#     "statsmodels==0.15.0",
#     "torch==2.13.0",
#     "transformers==5.23.0",
# ]
#
# [tool.uv.sources]
# torch = { index = "pytorch-cpu" }  # spares gigabytes of CUDA; leave these lines out if you have a graphics card
#
# [[tool.uv.index]]
# name = "pytorch-cpu"
# url = "https://download.pytorch.org/whl/cpu"
# explicit = true
# ///
