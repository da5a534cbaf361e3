"""What the reading experiment amounts to: correct, abstaining and incorrect answers of each arm, and comparisons."""

from kit.arm import Arm
from kit.draw import Bar, dots
from kit.rows import Rows
from kit.statistics import (
    by_arm,
    counted_words,
    items_needed,
    paired,
    paired_words,
    proportion,
    proportion_or_none,
)
from kit.tables import table
from tasks.search_report import TOPS, WORDINGS, compared, contrast_table, found_in, in_wording, with_hits

SIMPLE, BEST, ONE, GIVEN = "40 words, best passage", "best three", "best passage", "the right passage"
TOLD, WORKED, MIXED = "told that it may abstain", "one worked example", "two examples, one abstains"
RERANKED = "reranked by the model"
# In the order of the tables. Those after the best three differ from them in one thing.
READINGS = (SIMPLE, BEST, ONE, GIVEN, TOLD, WORKED, MIXED, RERANKED)
FIELDS = ("correct", "abstains", "incorrect")


def label(arm: Arm) -> str:
    """What a reading is called: the first thing that sets it apart from the best three with the plain request."""
    differs = {
        GIVEN: arm.search == "given",
        SIMPLE: arm.cutting != "headings",
        MIXED: arm.selection == "mixed",
        WORKED: arm.selection == "answered",
        TOLD: bool(arm.instruction),
        RERANKED: bool(arm.reranked),
        ONE: arm.passages == 1,
    }
    return next((name for name, applies in differs.items() if applies), BEST)


def judged(row: dict) -> dict:
    """An answer with whether it is incorrect: neither correct nor an abstention. An empty one is incorrect too."""
    return row | {"incorrect": not (row["correct"] or row["abstains"])}


def measure(rows: Rows) -> dict:
    """What each prompt made of its passages, what the reranker found, the comparisons, and what dev chose among."""
    parts = by_arm([row for row in rows if row["arm"].split == "test"])
    made = {label(arm): in_wording([judged(row) for row in part]) for arm, part in parts.items() if is_read(arm)}
    readings = {name: made[name] for name in READINGS}
    reranked = next(part for arm, part in parts.items() if not is_read(arm))
    pairs = [(BEST, SIMPLE), *((name, BEST) for name in readings if name not in {BEST, SIMPLE})]
    dev = by_arm([row for row in rows if row["arm"].split == "dev"])
    return {
        "arms": {
            name: {wording: measure_answers(part) for wording, part in asked.items()}
            for name, asked in readings.items()
        },
        "compared": compared(readings, pairs, compare),
        "reranked": {found_in(top): proportion([with_hits(row)[found_in(top)] for row in reranked]) for top in TOPS},
        "tried": {f"wording {arm.instruction}": answered_well(part) for arm, part in dev.items()},
    }


def is_read(arm: Arm) -> bool:
    """Whether an arm gives answers and not an order of passages."""
    return arm.method == "prompt"


def measure_answers(part: Rows) -> dict:
    """Of one arm and wording: correct, abstaining and incorrect answers, whether the passage was there, and tokens."""
    figures = {field: proportion([row[field] for row in part]) for field in (*FIELDS, "retrieved")}
    figures["correct when retrieved"] = proportion_or_none([row["correct"] for row in part if row["retrieved"]])
    return figures | {"tokens": round(sum(row["prompt_tokens"] for row in part) / len(part))}


def answered_well(part: Rows) -> dict:
    """Of the questions of dev those answered correctly, or with an abstention where no document answers them."""
    hits = [row["abstains"] if row["wording"] == "unanswerable" else row["correct"] for row in part]
    return {"hits": sum(hits), "n": len(hits)}


def compare(one: Rows, two: Rows) -> dict:
    """Two readings by McNemar's test; and about how many questions would show a difference like theirs."""
    figures = paired([row["correct"] for row in one], [row["correct"] for row in two])
    fewer, more = (count / len(one) for count in sorted((figures["won"], figures["lost"])))
    return figures | {"items needed": items_needed(more, fewer)}


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the plot, by file name."""
    answered = [(name, wording, asked[wording]) for name, asked in metrics["arms"].items() for wording in asked]
    lines = [
        [name, WORDINGS[wording]]
        + [counted_words(figures[field]) for field in (*FIELDS, "retrieved")]
        + [str(figures["tokens"])]
        for name, wording, figures in answered
        if wording in WORDINGS
    ]
    blank = [
        [name, *(counted_words(figures[field]) for field in ("abstains", "incorrect"))]
        for name, wording, figures in answered
        if wording not in WORDINGS
    ]
    bars = [
        Bar.of(f"{name}, {WORDINGS[wording]}", figures["correct"], wording == "paraphrase")
        for name, wording, figures in answered
        if wording in WORDINGS
    ]
    reranked = [counted_words(figures) for figures in metrics["reranked"].values()]
    tried = [[name, f"{one['hits']}/{one['n']}"] for name, one in metrics["tried"].items()]
    heads = ["Correct", "Abstains", "Incorrect or empty", "Right passage in the prompt", "Tokens"]
    return {
        "table.md": table(["", "Asked", *heads], lines, right=1),
        "compared.md": contrast_table("Correct answers", metrics["compared"], paired_words),
        "unanswerable.md": table(["No document has an answer", "Abstains", "Makes up an answer"], blank),
        "reranked.md": table([f"In the best {top}" for top in TOPS], [reranked]),
        "tried.md": table(["Lets the model abstain, tried on dev", "Answered well"], tried, right=1),
        "plot.svg": dots("Correct answers by passages and prompt", bars),
    }
