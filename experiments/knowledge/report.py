"""What the predictions of the knowledge experiment amount to: metrics, and the tables and plot for the page."""

from kit.arm import Arm
from kit.draw import Bar, dots
from kit.rows import Rows
from kit.statistics import (
    by_arm,
    counted_words,
    median_run,
    over_seeds,
    paired,
    paired_words,
    proportion,
    proportion_words,
)
from kit.tables import table

CLOSED, RETRIEVAL = "closed book", "retrieval"
ONCE, FOUR = "fine-tuned on facts", "fine-tuned on facts, four wordings"
BOTH = f"{FOUR}, and retrieval"
ARMS = [CLOSED, ONCE, FOUR, RETRIEVAL, BOTH]
WORDINGS = {"direct": "as in training", "paraphrase": "paraphrased"}


def label(arm: Arm) -> str:
    """What an arm is called in the tables."""
    if arm.method == "prompt":
        return RETRIEVAL if arm.passages else CLOSED
    if arm.wordings == 1:
        return ONCE
    return BOTH if arm.passages else FOUR


def measure(rows: Rows) -> dict:
    """Proportions by arm and wording, paired comparisons with retrieval, settings tried."""
    tests, dev = ({}, {})
    for arm, part in by_arm(rows).items():
        (tests if arm.split == "test" else dev)[arm] = part
    answers = {
        label(arm): {wording: [row for row in part if row.get("wording") == wording] for wording in asked_of(part)}
        for arm, part in tests.items()
    }

    def compared(first: str, second: str) -> dict:
        return {
            wording: paired(*(median_run(answers[one][wording], "correct") for one in (first, second)))
            for wording in WORDINGS
        }

    return {
        "arms": {arm: measure_arm(answers[arm]) for arm in ARMS},
        "against retrieval": {arm: compared(arm, RETRIEVAL) for arm in (ONCE, FOUR, BOTH)},
        "with a passage": compared(BOTH, FOUR),
        "four wordings": compared(FOUR, ONCE),
        "reading": {wording: reading(answers[RETRIEVAL][wording]) for wording in WORDINGS},
        "tried": tried(dev),
        "chosen": chosen(tests),
    }


def asked_of(part: Rows) -> list[str]:
    """The wordings in which an arm was asked."""
    return list(dict.fromkeys(row["wording"] for row in part if "wording" in row))


def measure_arm(answers: dict[str, Rows]) -> dict:
    """Correct answers in each wording; answers made up where no document has one."""
    figures = {wording: over_seeds(answers[wording], "correct") for wording in WORDINGS}
    blank = [row | {"hallucinates": not row["abstains"]} for row in answers["unanswerable"]]
    return figures | {"hallucinates": over_seeds(blank, "hallucinates")}


def reading(part: Rows) -> dict:
    """How often the right passage was retrieved, and of those how often it was read correctly."""
    hits = [row["correct"] for row in part if row["retrieved"]]
    return {"retrieved": proportion([row["retrieved"] for row in part]), "read correctly": proportion(hits)}


def tried(dev: dict[Arm, Rows]) -> dict:
    """Of each number of wordings and learning rate, the paraphrases of dev that were correct."""
    settings: dict = {}
    for arm, part in dev.items():
        hits = [row["correct"] for row in part if row["wording"] == "paraphrase"]
        kind = "facts" if arm.wordings == 1 else "wordings"
        settings.setdefault(kind, {})[f"{arm.learning_rate:g}"] = {"correct": sum(hits), "n": len(hits)}
    return settings


def chosen(tests: dict[Arm, Rows]) -> dict:
    """How each fine-tuned model was trained, and the training losses of its first seed."""
    return {
        label(arm): {"learning rate": arm.learning_rate, "epochs": arm.epochs, "losses": row["losses"]}
        for arm, part in tests.items()
        for row in part
        if "losses" in row and row["arm"].seed == 0
    }


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the plot, by file name."""
    lines = [
        [arm, *(proportion_words(figures[name]) for name in (*WORDINGS, "hallucinates"))]
        for arm, figures in metrics["arms"].items()
    ]
    compared = metrics["against retrieval"] | {
        "fine-tuned, four wordings: with a passage against without": metrics["with a passage"],
        "fine-tuned: four wordings against one": metrics["four wordings"],
    }
    reading_lines = [
        [name, proportion_words(one["retrieved"]), counted_words(one["read correctly"])]
        for name, one in zip(WORDINGS.values(), metrics["reading"].values(), strict=True)
    ]
    tried_lines = [
        [kind, f"learning rate {learning_rate}", f"{one['correct']}/{one['n']}"]
        for kind, learning_rates in metrics["tried"].items()
        for learning_rate, one in learning_rates.items()
    ]
    bars = [
        Bar.of(f"{short}, {name}", metrics["arms"][arm][wording], wording == "paraphrase")
        for arm, short in (
            (ONCE, "fine-tuned"),
            (FOUR, "fine-tuned, four wordings"),
            (RETRIEVAL, RETRIEVAL),
            (BOTH, "both"),
        )
        for wording, name in (("direct", "as in training"), ("paraphrase", "paraphrased"))
    ]
    heads = ["", "Asked as in training", "Asked paraphrased", "Hallucinates, unanswerable"]
    return {
        "table.md": table(heads, lines),
        "compared.md": table(
            ["Against retrieval alone", "As in training", "Paraphrased"],
            [[name, *map(paired_words, both.values())] for name, both in compared.items()],
        ),
        "reading.md": table(
            ["Retrieval, asked", "Correct passage retrieved", "Of those, answered correctly"], reading_lines
        ),
        "tried.md": table(["Tried on dev", "Setting", "Paraphrases correct"], tried_lines, right=1),
        "plot.svg": dots("Correct answers by training and wording", bars),
    }
