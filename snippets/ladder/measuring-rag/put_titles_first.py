"""Put each document's title before its chunks, or not; and count what a model that reads 256 tokens never sees."""

import json
import re
import sys
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint


def read(name: str, *fields: str) -> list[dict]:
    rows = Path("data", name).read_text(encoding="utf-8").strip().split("\n")
    return [{field: row[field] for field in fields} for row in map(json.loads, rows)]


def holds(text: str, accepted: list[str]) -> bool:
    text, *accepted = (re.sub(r"\s+", " ", t.lower().replace(",", "")) for t in (text, *accepted))
    return any(re.search(rf"(?<!\w)(?<!\d\.){re.escape(a)}(?!\w|\.\d)", text) for a in accepted)


try:
    documents = read("documents.jsonl", "id", "title", "status", "text")
    documents = {d["id"]: d for d in documents if d["status"] == "current"}
    questions = read("questions.jsonl", "split", "answerable", "direct", "paraphrase", "document", "accept")
    questions = [q for q in questions if q["answerable"] and q["split"] == "test"]
except (OSError, ValueError, LookupError, TypeError):  # an empty file fails as well: "" is not JSON
    sys.exit("data/documents.jsonl or data/questions.jsonl is missing or spoilt: download both from the guide's page.")
try:
    embedder = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")
asked = {wording: embedder.encode([q[wording] for q in questions]) for wording in ("direct", "paraphrase")}


CUTS = {"whole": lambda text: [text], "headings": lambda text: re.split(r"\n(?=## )", text)}


def search(name: str, titled: bool) -> dict[str, np.ndarray]:
    """By wording: is the answer to each question in one of its three nearest chunks?"""
    chunks = [(d["id"], d["title"], c) for d in documents.values() for c in CUTS[name](d["text"])]
    right = np.array([[i == q["document"] and holds(c, q["accept"]) for i, _, c in chunks] for q in questions])
    vectors = embedder.encode([f"{title}\n{c}" if titled else c for _, title, c in chunks], batch_size=8)
    near = {wording: (-(vectors_asked @ vectors.T)).argsort()[:, :3] for wording, vectors_asked in asked.items()}
    return {wording: np.take_along_axis(right, three, axis=1).any(axis=1) for wording, three in near.items()}


def rate(found: np.ndarray) -> str:
    low, high = (100 * bound for bound in proportion_confint(found.sum(), len(found), method="wilson"))
    return f"{found.sum():3}/{len(found)} = {found.mean():.0%} ({low:.0f}-{high:.0f})"


def compare(one: np.ndarray, other: np.ndarray) -> str:
    won, lost = (one & ~other).sum(), (other & ~one).sum()
    p = mcnemar([[0, won], [lost, 0]], exact=True).pvalue
    return f"{won} won, {lost} lost, p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"


def stands_late(question: dict) -> bool:
    """Does the answer stand after the 256 tokens that MiniLM reads, in its document without the title?"""
    text = documents[question["document"]]["text"]
    marks = embedder.tokenizer(text, truncation=True, max_length=256, return_offsets_mapping=True)["offset_mapping"]
    return not holds(text[: max(end for _, end in marks)], question["accept"])


runs = {(name, titled): search(name, titled) for name in CUTS for titled in (False, True)}
for wording in asked:
    print(f"Test, {wording} wording: answer among the best 3")
    for name in CUTS:
        bare, titled = runs[name, False][wording], runs[name, True][wording]
        print(f"  {name:8}  alone       {rate(bare)}")
        print(f"  {name:8}  with title  {rate(titled)}")
        print(f"  {name:8}  the title   {compare(titled, bare)}")

late = np.array([stands_late(q) for q in questions])
for place, which in (("in the first 256 tokens", ~late), ("after them", late)):
    print(f"Test, direct wording, no title, answer {place}")
    whole, headings = (runs[name, False]["direct"][which] for name in CUTS)
    print(f"  whole     {rate(whole)}")
    print(f"  headings  {rate(headings)}")
    print(f"  headings against whole: {compare(headings, whole)}")
