"""What the predictions of `behaviour` amount to: metrics, the tables and the learning curve for the page.

The classifiers are not of this experiment: `labelling` keeps what they made of the same messages.
"""

from functools import cache

from kit.contrasts import contrast, contrasts_table, of_items, with_family
from kit.rows import Rows
from kit.statistics import by_arm, over_seeds, proportion_words
from kit.tables import table
from tasks import prompt_or_tune_report as shared
from tasks.messages import messages
from tasks.triage import TRIAGE, with_keyword
from tasks.without_a_model import classified

READS = ("labelling",)
# The best prompts as they reply, and with the product by keyword.
BEST = {"correct": "the 8 most similar examples", "by_keyword": "the 4 most similar examples"}
HEADS = {
    "conforms": "In the format",
    "correct": "Every field correct",
    "by_keyword": "… with the product by keyword",
}
CLASSIFIERS = {"words": "TF-IDF and logistic regression", "vectors": "MiniLM and logistic regression"}


@cache
def messages_by_id() -> dict[str, dict]:
    """The messages of test and dev."""
    return {one["id"]: one for split in ("test", "dev") for one in messages(split)}


def with_product_by_keyword(row: dict) -> dict:
    """A reply with whether it is correct once its product is taken from the message's words: no model run for that."""
    message = messages_by_id()[row["id"]]
    return row | {"by_keyword": TRIAGE.score(message, with_keyword(message, row["reply"]))["correct"]}


def measure(rows: Rows) -> dict:
    """What the two studies share; each number of training examples against the best prompts; the classifiers."""
    rows = [with_product_by_keyword(row) for row in rows]
    parts = {shared.label(arm): part for arm, part in by_arm(rows).items() if arm.split == "test"}
    metrics = shared.measure(rows)
    smaller = list(metrics["sizes"])[:-1]  # the largest is in what the studies share
    metrics["against the best prompt"] = {
        arm: {field: contrast(parts[arm], parts[best], field) for field, best in BEST.items()} for arm in smaller
    }
    return with_family(metrics | measure_classifiers(parts, list(metrics["sizes"])))


def measure_classifiers(parts: dict[str, Rows], sizes: list[str]) -> dict:
    """What each classifier scores on the same messages and on all of its own; the largest against models and prompts.

    By its nature a classifier has the product by keyword, so it is compared with models and prompts that have it too.
    """
    ids = {row["id"] for part in parts.values() for row in part}
    every = classified()
    same = {name: of_items(part, ids) for name, part in every.items()}
    largest = {one: [name for name in same if name.startswith(one)][-1] for one in CLASSIFIERS.values()}
    others = [*sizes[-2:], *BEST.values()]
    against = {
        f"{name}, against {other}": contrast(same[name], parts[other], "by_keyword")
        for name in largest.values()
        for other in others
    }
    scores = {
        name: {"same": over_seeds(same[name], "by_keyword"), "all": over_seeds(every[name], "by_keyword")}
        for name in same
    }
    return {"classifiers": scores, "classifiers compared": against}


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the learning curve, by file name."""
    lines = [
        [arm, *(proportion_words(figures[field]) for field in HEADS), str(figures["tokens"])]
        for arm, figures in metrics["arms"].items()
    ]
    by_size = {
        (f"{arm}, against {BEST[field]}", HEADS[field]): one
        for arm, fields in metrics["against the best prompt"].items()
        for field, one in fields.items()
    }
    classifiers = [[name, *map(proportion_words, one.values())] for name, one in metrics["classifiers"].items()]
    same, every = (next(iter(metrics["classifiers"].values()))[of]["n"] for of in ("same", "all"))
    heads = list(HEADS.values())
    labels = {"conforms": "in the format, fine-tuned", "correct": "every field correct, fine-tuned"}
    best_classifier = {"classifier on 160 examples, no model": list(metrics["classifiers"].values())[-1]["same"]}
    return {
        "table.md": table(["", *heads, "Tokens in the prompt"], lines, right=1),
        "sizes.md": contrasts_table(["", ""], by_size, metrics),
        "compared.md": shared.compared_table(metrics, HEADS),
        "without-a-model.md": table(
            ["No language model, product by keyword", f"The same {same} messages", f"All {every}"], classifiers
        ),
        "classifiers.md": contrasts_table(["Product by keyword"], metrics["classifiers compared"], metrics),
        "tried.md": shared.tried_table(metrics, heads),
        "curve.svg": shared.learning_curve(metrics, "Learning a structured output", labels, best_classifier),
    }
