"""Write the sample cases in src/rung/sample/ from the guide's data: python rung/scripts/make_sample.py."""

import csv
import json
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
DATA = HERE.parent / "snippets" / "data"
SAMPLE = HERE / "src" / "rung" / "sample"
DOCUMENTS = 24  # so few that the sample is measured in minutes on two cores

ANSWER = """\
# What is measured, and how. Every line but the first may go; docs: rung measure --help.
kind = "answer"          # questions answered from documents/
name = "Velmora Bikes (a fictional company)"
# guide = "https://…"    # where you read the guide: the report then links to its decision tool, filled in
margin = 5               # points by which a lower rung may be worse and still be enough
test_share = 0.6         # of the questions; the others choose search, prompt and threshold

[model]
name = "HuggingFaceTB/SmolLM2-135M-Instruct"
# endpoint = "http://localhost:11434/v1"   # any OpenAI-compatible server; only then does anything leave this process
max_new_tokens = 30

[search]
embedder = "sentence-transformers/all-MiniLM-L6-v2"
passage_tokens = 200     # at most; documents are cut at their headings
top = 3                  # passages read, where more than one is
"""
LABEL = """\
# What is measured, and how. Every line but the first may go; docs: rung measure --help.
kind = "label"           # texts in messages.csv
name = "Velmora Bikes (a fictional company)"
# guide = "https://…"    # where you read the guide: the report then links to its decision tool, filled in
margin = 5               # points by which a lower rung may be worse and still be enough
test_share = 0.6         # of the messages; the others are learned from and choose

[model]
name = "HuggingFaceTB/SmolLM2-135M-Instruct"
max_new_tokens = 12

[prompt]
label = "Which team handles this message from a customer?"
examples = 4
"""
RULE = """\
Billing: charges, invoices, refunds of money, payment cards, vouchers.
Delivery: anything on its way to or from the customer, with whatever was missing or broken in the parcel.
Repair: a bike, battery or charger that does not work as it should, spare parts for it, and service bookings.
Account: signing in, the app's settings, personal details, who may ride, plan changes, pauses and cancellations.
"""


def rows_of(name: str) -> list[dict]:
    """One of the guide's files."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def write_table(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    """A table as comma separated values."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])


def answer() -> None:
    """Documents that are public, in force and asked about most, with their questions and some without an answer."""
    folder = SAMPLE / "answer"
    (folder / "documents").mkdir(parents=True)
    questions = rows_of("questions.jsonl")
    known = [row for row in rows_of("documents.jsonl") if row["status"] == "current" and row["audience"] == "public"]
    asked = {row["id"]: sum(one["document"] == row["id"] for one in questions) for row in known}
    kept = sorted(known, key=lambda row: (-asked[row["id"]], row["id"]))[:DOCUMENTS]
    for row in kept:
        path = folder / "documents" / row["kind"] / f"{row['id']}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# {row['title']}\n\n{row['text']}\n", encoding="utf-8")
    names = {row["id"] for row in kept}
    rows = [
        [one["id"], one["direct"], "|".join(one["accept"]), one["document"], "yes"]
        for one in questions
        if one["document"] in names
    ]
    rows += [[one["id"], one["direct"], "", "", "no"] for one in questions if not one["answerable"]][: len(rows) // 5]
    write_table(folder / "questions.csv", ["id", "question", "answers", "document", "answerable"], rows)
    (folder / "case.toml").write_text(ANSWER, encoding="utf-8")


def label() -> None:
    """All messages, with their teams."""
    folder = SAMPLE / "label"
    folder.mkdir(parents=True)
    rows = [[row["id"], row["text"], row["team"]] for row in rows_of("messages.jsonl")]
    write_table(folder / "messages.csv", ["id", "text", "label"], rows)
    (folder / "rule.md").write_text(RULE, encoding="utf-8")
    (folder / "case.toml").write_text(LABEL, encoding="utf-8")


if __name__ == "__main__":
    shutil.rmtree(SAMPLE, ignore_errors=True)
    answer()
    label()
