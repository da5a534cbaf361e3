"""What the predictions of `behaviour` amount to: metrics, the tables and the learning curve for the page."""

from kit.rows import Rows
from kit.statistics import by_arm, by_seed, paired, paired_words, proportion_words
from kit.tables import table
from tasks import prompt_or_tune_report as shared

BEST = "the 8 most similar examples"  # the best prompt
HEADS = {"conforms": "In the format", "correct": "Every field correct"}


def measure(rows: Rows) -> dict:
    """What the two studies share; and every number of training examples against the best prompt, seed by seed."""
    parts = {shared.label(arm): part for arm, part in by_arm(rows).items() if arm.split == "test"}
    best = [row["correct"] for row in parts[BEST]]
    metrics = shared.measure(rows)
    metrics["against the best prompt"] = {
        arm: [paired([row["correct"] for row in run], best) for run in by_seed(parts[arm])] for arm in metrics["sizes"]
    }
    return metrics


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the learning curve, by file name."""
    lines = [
        [arm, *(proportion_words(figures[field]) for field in HEADS), str(figures["tokens"])]
        for arm, figures in metrics["arms"].items()
    ]
    by_size = [[arm, "; ".join(map(paired_words, seeds))] for arm, seeds in metrics["against the best prompt"].items()]
    heads = list(HEADS.values())
    labels = {"conforms": "in the format, fine-tuned", "correct": "every field correct, fine-tuned"}
    return {
        "table.md": table(["", *heads, "Tokens in the prompt"], lines, right=1),
        "sizes.md": table([f"Against {BEST}", "Every field correct, by seed"], by_size),
        "compared.md": shared.compared_table(metrics, heads),
        "tried.md": shared.tried_table(metrics, heads),
        "curve.svg": shared.learning_curve(metrics, "Learning a structured output", labels),
    }
