"""What the hybrid experiment amounts to: fetched or not against right or not, for each arm, and inventions."""

import re
from collections.abc import Callable

from kit.draw import Bar, dots
from kit.evidence import read_rows
from kit.places import DATA
from kit.rates import contest, middle_rows, middle_run, over_seeds, paired, rate, table, told, words
from voice import rules

WORDINGS = {"direct": "as the document", "paraphrase": "another wording"}
ASKED = WORDINGS | {"unanswerable": "no document answers"}
# Besides retrieval alone: what each tuning is to be set against.
PAIRS = [
    ("tuned to read", "told that it may decline"),
    ("tuned to read, in the voice", "tuned to read"),
]
# Stricter than the mark in the predictions, which also takes "is not available" for a refusal.
DECLINES = re.compile(r"(?i)\b(?:does not|doesn't|do not|don't) (?:say|know|mention|state|tell|provide|give)\b")


def measure(rows: list[dict]) -> dict:
    """For each arm and wording: fetched and right or not, wrong or declined, in the voice; against retrieval alone."""
    metrics: dict = {"arms": {}, "tried": {}}
    asked = {one["id"]: one for one in read_rows(DATA / "questions.jsonl")}
    parts: dict[str, dict[str, list[dict]]] = {}
    for row in rows:
        if not row["arm"].startswith("dev: "):
            wordings = parts.setdefault(row["arm"], {wording: [] for wording in ASKED})
            wordings[row["wording"]].append(row | judged(row, asked))
    alone = next(iter(parts.values()))
    for arm, wordings in parts.items():
        figures = metrics["arms"][arm] = {}
        for wording, part in wordings.items():
            of_middle = middle_rows(part, "wrong")
            figures[wording] = {
                "wrong": over_seeds(part, "wrong"),
                "declined when fetched": some([row["declined"] for row in of_middle if row["fetched"]]),
                "declined when not": some([row["declined"] for row in of_middle if not row["fetched"]]),
                # Seeds that tie are told apart as for "right", so that the two comparisons are of one run.
                "wrong less often": paired(middle_run(part, "not wrong"), middle_run(alone[wording], "not wrong")),
            }
        for wording in WORDINGS:
            part = wordings[wording]
            of_middle = middle_rows(part, "right")
            figures[wording] |= {
                "fetched": rate([row["fetched"] for row in of_middle]),
                "right": over_seeds(part, "right"),
                "right when fetched": some([row["right"] for row in of_middle if row["fetched"]]),
                "right when not": some([row["right"] for row in of_middle if not row["fetched"]]),
                "in voice": over_seeds(part, "in voice"),
                "every rule": over_seeds(part, "every rule"),
                "against retrieval alone": paired(middle_run(part, "right"), middle_run(alone[wording], "right")),
            }
    metrics["pairs"] = [
        {"first": first, "second": second, "asked": wording}
        | {
            field: paired(*(middle_run(parts[arm][wording], field) for arm in (first, second)))
            for field in ("right", "not wrong")
        }
        for first, second in PAIRS
        for wording in ASKED
    ]
    for row in rows:
        if row["arm"].startswith("dev: "):
            settings = metrics["tried"].setdefault(row["arm"].removeprefix("dev: "), {})
            one = settings.setdefault(row["setting"], {"right": 0, "n": 0})
            one["right"] += row["right"]
            one["n"] += 1
    return metrics


def judged(row: dict, asked: dict[str, dict]) -> dict:
    """Whether an answer that is not right declines, or is wrong or empty; whether it keeps every rule of the voice."""
    declined = not row["right"] and bool(DECLINES.search(row["answer"]))
    wrong = not (row["right"] or declined)
    question = asked[row["id"]][row["wording"]] if row["wording"] in WORDINGS else ""
    kept = rules.score(question, row["answer"])
    return {"declined": declined, "wrong": wrong, "not wrong": not wrong, "every rule": all(kept.values())}


def some(hits: list[bool]) -> dict | None:
    """A rate, or nothing where there is no item."""
    return rate(hits) if hits else None


def both(one: dict | None) -> list[str]:
    """How many of a rate's cases were hits, and how many were not, for a table."""
    return [str(one["hits"]), str(one["n"] - one["hits"])] if one else ["0", "0"]


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the plot, by file name."""
    alone = next(iter(metrics["arms"]))

    def made_of(asked: dict[str, str], names: list[str], tell: Callable[[dict], str], but: str = "") -> list[list[str]]:
        return [
            [arm, label, *(tell(figures[wording][name]) if figures[wording].get(name) else "" for name in names)]
            for arm, figures in metrics["arms"].items()
            for wording, label in asked.items()
            if arm != but
        ]

    lines = made_of(WORDINGS, ["right when fetched", "right when not", "right"], told)
    wrong = made_of(ASKED, ["wrong", "declined when fetched", "declined when not"], told)
    compared = made_of(ASKED, ["against retrieval alone", "wrong less often"], contest, but=alone)
    voice = [
        [arm, label, words(figures[wording]["in voice"]), words(figures[wording]["every rule"])]
        for arm, figures in metrics["arms"].items()
        for wording, label in WORDINGS.items()
    ]
    fetched = [[label, words(metrics["arms"][alone][wording]["fetched"])] for wording, label in WORDINGS.items()]
    pairs = [
        [
            f"{one['first']}, against {one['second']}",
            ASKED[one["asked"]],
            contest(one["right"]),
            contest(one["not wrong"]),
        ]
        for one in metrics["pairs"]
    ]
    tried = [
        [arm, setting, f"{one['right']}/{one['n']}"]
        for arm, settings in metrics["tried"].items()
        for setting, one in settings.items()
    ]
    boxes = [
        [arm, label, *both(figures[wording]["right when fetched"]), *both(figures[wording]["right when not"])]
        for arm, figures in metrics["arms"].items()
        for wording, label in WORDINGS.items()
    ]
    bars = [
        Bar.of(f"{arm}, {label}", figures[wording]["right"], wording == "paraphrase")
        for arm, figures in metrics["arms"].items()
        for wording, label in WORDINGS.items()
    ]
    return {
        "table.md": table(["", "Asked", "Right when fetched", "Right when not", "Right"], lines),
        "compared.md": table(["Against retrieval alone", "Asked", "Right", "Neither wrong nor empty"], compared),
        "pairs.md": table(["", "Asked", "Right", "Neither wrong nor empty"], pairs),
        "boxes.md": table(
            ["", "Asked", "Fetched, right", "Fetched, not right", "Not fetched, right", "Not fetched, not right"],
            boxes,
            right=4,
        ),
        "wrong.md": table(["", "Asked", "Wrong or empty", "Declines, passage fetched", "Declines, not fetched"], wrong),
        "voice.md": table(["", "Asked", "Opens and ends in the voice", "Keeps all seven rules"], voice),
        "fetched.md": table(["Asked", "The right passage among two"], fetched),
        "tried.md": table(["Tried on dev", "Line or learning rate", "Right on other companies' items"], tried, right=1),
        "plot.svg": dots("Right answers with retrieval, by tuning", bars),
    }
