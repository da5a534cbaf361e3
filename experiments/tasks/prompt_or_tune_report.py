"""What the reports of `behaviour` and `voice` share: the labels of the arms, metrics and the learning curve."""

from statistics import mean

from kit.arm import Arm
from kit.contrasts import contrast, contrasts_table
from kit.draw import Level, Line, curve
from kit.rows import Rows
from kit.statistics import by_arm, over_seeds, spread
from kit.tables import table

# Of a reply; in the house style nothing is asked beyond the first.
FIELDS = ("conforms", "correct", "by_keyword")


def label(arm: Arm) -> str:
    """What an arm is called in the tables."""
    if arm.method == "lora":
        return f"fine-tuned on {arm.examples} examples"
    if not arm.examples:
        return "instruction"
    if arm.selection == "nearest":
        return f"the {arm.examples} most similar examples"
    return f"{arm.examples} example{'s' * (arm.examples > 1)}"


def setting_label(arm: Arm) -> tuple[str, str]:
    """What was tried on dev, and at which setting."""
    if arm.method == "lora":
        return "fine-tuned", f"learning rate {arm.learning_rate:g}, {arm.examples_seen} seen"
    return "instruction", str(arm.instruction)


def measure(rows: Rows) -> dict:
    """The proportions of each arm, prompt lengths, settings tried on dev, fine-tuning against prompts."""
    fields = [field for field in FIELDS if field in rows[0]]
    parts = by_arm([row for row in rows if row["arm"].split == "test"])
    prompted = {arm: part for arm, part in parts.items() if arm.method == "prompt"}
    tuned = {arm: parts[arm] for arm in sorted((arm for arm in parts if arm not in prompted), key=lambda a: a.examples)}
    metrics: dict = {"arms": {}, "tried": {}, "compared": {}}
    for arm, part in (prompted | tuned).items():
        metrics["arms"][label(arm)] = {"tokens": round(mean(row["prompt_tokens"] for row in part))} | {
            field: over_seeds(part, field) for field in fields
        }
    for arm, part in by_arm([row for row in rows if row["arm"].split == "dev"]).items():
        kind, setting = setting_label(arm)
        counts = {field: sum(row[field] for row in part) for field in fields} | {"n": len(part)}
        metrics["tried"].setdefault(kind, {})[setting] = counts
    most = list(tuned.values())[-1]
    for arm, part in prompted.items():
        # That a reply is in the format says little where its fields can be correct.
        metrics["compared"][label(arm)] = {field: contrast(most, part, field) for field in fields[1:] or fields}
    metrics["sizes"] = {label(arm): arm.examples for arm in tuned}
    return metrics


def compared_table(metrics: dict, heads: dict[str, str]) -> str:
    """The model fine-tuned on most examples against each prompt, by field."""
    lines = {(arm, heads[field]): one for arm, fields in metrics["compared"].items() for field, one in fields.items()}
    return contrasts_table([f"Fine-tuned on {max(metrics['sizes'].values())} examples, against", ""], lines, metrics)


def tried_table(metrics: dict, heads: list[str]) -> str:
    """What dev made of each setting, by field."""
    lines = [
        [kind, setting, *(f"{figures[field]}/{figures['n']}" for field in figures if field != "n")]
        for kind, settings in metrics["tried"].items()
        for setting, figures in settings.items()
    ]
    return table(["Tried on dev", "Setting", *heads], lines, right=len(heads))


def learning_curve(metrics: dict, title: str, labels: dict[str, str], more: dict[str, dict] | None = None) -> str:
    """The fields over the number of training examples, the last marked, beside the better prompts and `more`."""
    shown = list(labels)[-1]
    sizes = {size: metrics["arms"][arm] for arm, size in metrics["sizes"].items()}
    lines = [
        Line(
            text,
            [(size, *spread(one[field]["seeds"], one[field]["n"])) for size, one in sizes.items()],
            field == shown,
        )
        for field, text in labels.items()
    ]
    prompts = ("8 examples", "the 8 most similar examples")
    levels = [Level(f"{arm}, prompted", metrics["arms"][arm][shown]["share"]) for arm in prompts]
    levels += [Level(name, figures["share"]) for name, figures in (more or {}).items()]
    described = [f"{size} examples {figures[shown]['share']:.0%}" for size, figures in sizes.items()]
    described += [f"{level.label} {level.share:.0%}" for level in levels]
    return curve(title, "; ".join(described), lines, levels)
