"""What the labelling experiment amounts to: each arm's score, what was compared and what survives Holm, and a plot."""

from statistics import mean

from kit.arm import Arm
from kit.draw import Bar, dots
from kit.rows import Rows
from kit.statistics import (
    by_arm,
    needed_words,
    over_seeds,
    over_seeds_words,
    p_words,
    paired_over_seeds,
    proportion_words,
    surviving,
    with_holm,
)
from kit.tables import table
from tasks import without_a_model

FIELDS = {
    "conforms": "In the format",
    "correct": "Every field correct",
    "by_keyword": "… with the product by keyword",
}
CONSTRAINED = "constrained"


def label(arm: Arm) -> str:
    """What an arm is called in the tables."""
    if arm.method not in {"prompt", "lora"}:
        return without_a_model.label(arm)
    if arm.method == "lora":
        name = f"fine-tuned on {arm.examples} examples"
    elif arm.selection == "fixed":
        name = f"instruction and {arm.examples} fixed examples"
    elif arm.selection == "nearest":
        name = f"rule and the {arm.examples} most similar examples"
    else:
        name = "rule" if arm.rule else "instruction"
    return f"{name}, constrained" if arm.constrained else name


def kind(arm: Arm) -> str:
    """Without a language model, prompted, or fine-tuned."""
    return {"prompt": "prompted", "lora": "fine-tuned"}.get(arm.method, "no model")


def measure(rows: Rows) -> dict:
    """The scores of each arm, what dev chose among, and the comparisons with their Holm-adjusted p-values."""
    parts = by_arm([row for row in rows if row["arm"].split == "test"])
    metrics: dict = {"arms": {}, "tried": {}}
    for arm, part in parts.items():
        figures: dict = {"kind": kind(arm)} | {field: over_seeds(part, field) for field in FIELDS}
        if "prompt_tokens" in part[0]:
            figures["tokens"] = round(mean(row["prompt_tokens"] for row in part))
        metrics["arms"][label(arm)] = figures
    for arm, part in by_arm([row for row in rows if row["arm"].split == "dev"]).items():
        setting = f"learning rate {arm.learning_rate:g}" if arm.method == "lora" else f"instruction {arm.instruction}"
        metrics["tried"][setting] = {field: sum(row[field] for row in part) for field in FIELDS} | {"n": len(part)}
    metrics["compared"] = compared(parts)
    return metrics


def compared(parts: dict[Arm, Rows]) -> dict:
    """The contrasts, each of all fields, the product by keyword, and how many of them there are."""
    by_name = {label(arm): (arm, part) for arm, part in parts.items()}
    contrasts: dict = {}
    for first, second in pairs(by_name):
        one, two = by_name[first][1], by_name[second][1]
        same = by_name[first][0].examples == by_name[second][0].examples
        contrasts[f"{first} against {second}"] = paired_over_seeds(
            one, two, "by_keyword", same_seeds=same and seeds(one) == seeds(two)
        )
    return with_holm(contrasts)


def seeds(rows: Rows) -> set:
    """The seeds of an arm's rows."""
    return {row["arm"].seed for row in rows}


def pairs(by_name: dict[str, tuple[Arm, Rows]]) -> list[tuple[str, str]]:
    """What is compared: constrained with free; the rule with none; fine-tuning and the classifiers with prompts."""
    arms = {name: arm for name, (arm, _) in by_name.items()}
    found = [(f"{name}, constrained", name) for name in arms if f"{name}, constrained" in arms]
    found.append(("rule", "instruction"))
    prompts = [name for name, arm in arms.items() if arm.method == "prompt" and arm.rule and not arm.constrained]
    tuned, embedded = (most_examples(arms, method) for method in ("lora", "embedding"))
    tfidf = most_examples(arms, "tf-idf")
    found += [(tuned, name) for name in [*prompts, embedded]]
    found += [(embedded, name) for name in [*prompts, tfidf]]
    return found


def most_examples(arms: dict[str, Arm], method: str) -> str:
    """The arm of a method, free, with the most examples."""
    return max(
        (name for name, arm in arms.items() if arm.method == method and not arm.constrained),
        key=lambda name: arms[name].examples,
    )


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the plot, by file name."""
    arms = metrics["arms"]
    lines = [
        [arm, *(proportion_words(figures[field]) for field in FIELDS), str(figures.get("tokens", ""))]
        for arm, figures in arms.items()
    ]
    contrasts = [
        [name, over_seeds_words(one), p_words(one["holm"]), needed_words(one)]
        for name, one in metrics["compared"].items()
    ]
    tried = [
        [setting, *(f"{figures[field]}/{figures['n']}" for field in FIELDS)]
        for setting, figures in metrics["tried"].items()
    ]
    survive = surviving(metrics["compared"])
    heads = list(FIELDS.values())
    bars = [
        Bar.of(arm, figures["by_keyword"], figures["kind"] == "no model")
        for arm, figures in arms.items()
        if not arm.endswith(CONSTRAINED) or figures["kind"] == "prompted"
    ]
    return {
        "table.md": table(["", *heads, "Tokens in the prompt"], lines, right=1),
        "compared.md": table(
            [
                "Every field, product by keyword",
                "Difference",
                "Holm-adjusted",
                f"Of {len(contrasts)}, {survive} survive",
            ],
            contrasts,
        ),
        "tried.md": table(["Tried on dev", *heads], tried),
        "plot.svg": dots("Every field correct, product by keyword", bars),
    }
