"""Small case folders for the tests, written as a user would."""

import csv
from pathlib import Path

from rung.arms import Arm, Prediction
from rung.case import Case, Item
from rung.measure import Results, measured
from rung.settings import Settings
from rung.verdict import judge

DOCUMENTS = {
    "loans.md": "# Loans\n\nA loan lasts 21 days.\n\n## Renewing\n\nA loan can be renewed twice.",
    "fines.txt": "A late book costs 15 cents a day. A lost book costs £12.",
    "desk/hours.md": "# Opening hours\n\nThe desk is open from 9 to 17. On Sunday it is closed.",
    "rooms.md": "# Rooms\n\nRoom 4 seats 12 people. Book it at the desk, no more than 30 days ahead.",
}
QUESTIONS = [
    ("How long does a loan last?", "21 days"),
    ("How often can a loan be renewed?", "twice|two times|2 times"),
    ("What does a late book cost a day?", "15 cents"),
    ("What does a lost book cost?", "£12"),
    ("Until when is the desk open?", "17"),
    ("How many people does room 4 seat?", "12|twelve"),
    ("How far ahead can a room be booked?", "30 days"),
    ("On which day is the desk closed?", "Sunday"),
]


METHODS = {
    "no model": "commonest",
    "prompting": "closed",
    "retrieval": "search",
    "tuning": "facts",
    "ceiling": "pasted",
}


def write_table(
    path: Path, columns: list[str], rows: list[tuple], encoding: str = "utf-8", delimiter: str = ","
) -> None:
    """A table as a spreadsheet program writes it."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([columns, *rows])


def answer_case(folder: Path, settings: str = "", questions: list[tuple] | None = None) -> Path:
    """A library's documents and eight questions."""
    for name, text in DOCUMENTS.items():
        path = folder / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "case.toml").write_text(f'kind = "answer"\n{settings}', encoding="utf-8")
    write_table(folder / "questions.csv", ["question", "answers"], QUESTIONS if questions is None else questions)
    return folder


def label_case(folder: Path, settings: str = "", rows: list[tuple] | None = None) -> Path:
    """Forty messages to a library, in two classes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.toml").write_text(f'kind = "label"\n{settings}', encoding="utf-8")
    things = ["red atlas", "old map", "long novel", "thin diary", "blue songbook"]
    made = [
        (f"{start} the {thing} {end}", label)
        for thing in things
        for start, end, label in [
            ("May I keep", "another month please", "loan"),
            ("I want to borrow", "over the holidays", "loan"),
            ("Can you extend", "once more for my exam", "loan"),
            ("Please reserve", "under my daughter's name", "loan"),
            ("Why was I charged for", "when it came back in time", "fine"),
            ("I lost", "on a train; what must I pay", "fine"),
            ("The bill about", "is twice what you told me", "fine"),
            ("Refund what I paid for", "since you found it yourselves", "fine"),
        ]
    ]
    write_table(folder / "messages.csv", ["text", "label"], made if rows is None else rows)
    return folder


def results_of(
    rungs: dict[str, float], ceiling: float | None = None, items: int = 100, kind: str = "answer", **more
) -> Results:
    """Results in which each rung is right on the first so many of its items."""
    asked = [Item(f"q{number}", f"Question {number}?", ("yes",), "test") for number in range(items)]

    def one(rung: str, share: float):
        """A rung's predictions."""
        arm = Arm(rung, METHODS[rung], search="bm25", top=1)
        found = True if rung == "ceiling" else None
        rights = [place < share * items for place in range(items)]
        rows = [
            Prediction(item.id, arm.name, "yes", right, found=found) for item, right in zip(asked, rights, strict=True)
        ]
        return measured(arm, rows)

    chosen = {rung: one(rung, share) for rung, share in rungs.items()}
    verdict = judge([(rung, each.hits) for rung, each in chosen.items()], 0.05)
    pasted = None if ceiling is None else one("ceiling", ceiling)
    return Results(Case(Path("case"), Settings(kind=kind), asked), verdict, chosen, pasted, [], **more)
