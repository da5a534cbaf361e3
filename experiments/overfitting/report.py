"""What the overfitting experiment amounts to: curves, the epoch that dev would choose, comparisons with baselines.

The best prompt is not of this experiment: `behaviour` asked it for the first hundred of the same test messages.
"""

from math import ceil
from statistics import median

from kit.arm import Arm
from kit.contrasts import contrast, contrasts_table, of_items, with_family
from kit.draw import Line, curve
from kit.paths import results_of
from kit.rows import Rows, read_predictions
from kit.statistics import over_seeds, proportion, proportion_words, spread
from kit.tables import table

READS = ("behaviour",)
DRAWN = "10"  # the number of examples whose curves part
BASE, PROMPT, BEST = "base model", "prompt with 8 fixed examples", "prompt with the 8 most similar examples"


def label(arm: Arm) -> str:
    """What a baseline is called in the tables."""
    return PROMPT if arm.examples else BASE


def measure(rows: Rows) -> dict:
    """For each number of examples: losses and proportions at each evaluation, and how three ways to stop do on test."""
    baselines: dict[str, Rows] = {}
    runs: dict[int, Rows] = {}
    for row in rows:
        if row["arm"].method == "prompt":
            baselines.setdefault(label(row["arm"]), []).append(row)
        else:
            runs.setdefault(row["arm"].examples, []).append(row)
    prompted = best_prompt()
    return with_family(
        {
            "sizes": {str(examples): measure_runs(part, baselines, prompted) for examples, part in runs.items()},
            "baselines": {
                name: {field: proportion([row[field] for row in part]) for field in ("conforms", "correct")}
                for name, part in (baselines | {BEST: prompted}).items()
            },
        }
    )


def best_prompt() -> Rows:
    """What `behaviour` published of the best prompt."""
    asked = read_predictions(results_of("behaviour") / "predictions.jsonl")
    wanted = ("prompt", "nearest", 8, "test")
    return [
        row
        for row in asked
        if (row["arm"].method, row["arm"].selection, row["arm"].examples, row["arm"].split) == wanted
    ]


def measure_runs(rows: Rows, baselines: dict[str, Rows], best: Rows) -> dict:
    """The curves of the runs on one number of examples, and their scores where each rule would have stopped them."""
    evaluations = [row for row in rows if "train_loss" in row]
    replies = [row for row in rows if "correct" in row]
    test = [row for row in replies if row["arm"].split == "test"]
    seeds = list(dict.fromkeys(row["arm"].seed for row in evaluations))
    rules = {
        "the last epoch": {seed: max(row["arm"].epochs for row in evaluations) for seed in seeds},
        "lowest dev loss": {seed: least_loss(evaluations, seed) for seed in seeds},
        "most correct on dev": {seed: most_correct(replies, seed) for seed in seeds},
    }
    return {
        "epochs": {
            str(epochs): measure_epoch(epochs, evaluations, test)
            for epochs in dict.fromkeys(row["arm"].epochs for row in evaluations)
        },
        "stops": {rule: measure_stop(picked, test, baselines, best) for rule, picked in rules.items()},
    }


def measure_epoch(epochs: int, evaluations: Rows, test: Rows) -> dict:
    """The losses and proportions after one epoch."""
    here = [row for row in evaluations if row["arm"].epochs == epochs]
    losses = {
        "train loss": sorted(row["train_loss"] for row in here),
        "dev loss": sorted(row["dev_loss"] for row in here),
    }
    part = [row for row in test if row["arm"].epochs == epochs]
    return losses | {field: over_seeds(part, field) for field in ("conforms", "correct")}


def measure_stop(picked: dict[int, int], test: Rows, baselines: dict[str, Rows], best: Rows) -> dict:
    """The test score of the epochs picked for each seed, and comparisons with the baselines and the best prompt."""
    part = [row for row in test if row["arm"].epochs == picked[row["arm"].seed]]
    shared = of_items(part, {row["id"] for row in best})
    best = of_items(best, {row["id"] for row in shared})
    return {
        "epochs": list(picked.values()),
        "correct": over_seeds(part, "correct"),
        "against": {name: contrast(part, other, "correct") for name, other in baselines.items()},
        "of the same": over_seeds(shared, "correct"),
        "against the best prompt": contrast(shared, best, "correct"),
    }


def least_loss(evaluations: Rows, seed: int) -> int:
    """The epoch after which the loss on dev was lowest."""
    return min((row for row in evaluations if row["arm"].seed == seed), key=lambda row: row["dev_loss"])["arm"].epochs


def most_correct(replies: Rows, seed: int) -> int:
    """The epoch after which most dev replies were correct; ties go to less training."""
    score: dict[int, int] = {}
    for row in replies:
        arm = row["arm"]
        if arm.split == "dev" and arm.seed == seed:
            score[arm.epochs] = score.get(arm.epochs, 0) + row["correct"]
    return min(score, key=lambda epochs: (-score[epochs], epochs))


def plots(by_epoch: dict) -> dict[str, str]:
    """The losses and the proportions over the epochs, as plots by file name."""
    figures_at = {int(epochs): figures for epochs, figures in by_epoch.items()}
    highest = max(max(one["dev loss"][-1], one["train loss"][-1]) for one in figures_at.values())
    top = ceil(highest / 0.4) * 0.4  # so that the quarters of the axis are tenths
    losses = [
        Line(name, [(at, *(spread(one[name], top))) for at, one in figures_at.items()], mark)
        for name, mark in (("train loss", False), ("dev loss", True))
    ]
    shares = [
        Line(text, [(at, *(spread(one[name]["seeds"], one[name]["n"]))) for at, one in figures_at.items()], mark)
        for name, text, mark in (("conforms", "in the format", False), ("correct", "every field correct", True))
    ]
    loss_words = "; ".join(
        f"after {at} epochs train {median(one['train loss']):.2f}, dev {median(one['dev loss']):.2f}"
        for at, one in figures_at.items()
    )
    share_words = "; ".join(
        f"after {at} epochs {one['correct']['share']:.0%} correct" for at, one in figures_at.items()
    )
    return {
        "losses.svg": curve(f"Loss, {DRAWN} examples", loss_words, losses, [], across="epochs", tops=top),
        "right.svg": curve(f"Test messages, {DRAWN} examples", share_words, shares, [], across="epochs"),
    }


def low_high(values: list[float], digits: int) -> str:
    """The median of the seeds' values, the lowest and the highest."""
    low, of_the_median, high = (f"{value:.{digits}f}" for value in spread(values, 1))
    return f"{of_the_median} ({low}-{high})"


def of_replies(figures: dict) -> list[dict]:
    """How many replies conform and how many are correct."""
    return [figures["conforms"], figures["correct"]]


def epochs_table(by_epoch: dict) -> str:
    """The losses and proportions after each epoch at which the model was evaluated."""
    lines = [
        [at, low_high(one["train loss"], 4), low_high(one["dev loss"], 2), *map(proportion_words, of_replies(one))]
        for at, one in by_epoch.items()
    ]
    return table(["Epochs", "Train loss", "Dev loss", "In the format", "Every field correct"], lines)


def fragments(metrics: dict) -> dict[str, str]:
    """A table for each number of examples and the curves of one; the baselines; where to stop; all by file name."""
    stops, contests, nearest = [], {}, {}
    for examples, figures in metrics["sizes"].items():
        for rule, one in figures["stops"].items():
            stop = f"{examples} examples, {rule}"
            stops.append([stop, ", ".join(map(str, one["epochs"])), proportion_words(one["correct"])])
            contests |= {(stop, name): one["against"][name] for name in (BASE, PROMPT)}
            nearest[stop, proportion_words(one["of the same"])] = one["against the best prompt"]
    based = [
        [name, proportion_words(one["conforms"]), proportion_words(one["correct"])]
        for name, one in metrics["baselines"].items()
    ]
    tables = {f"epochs-{examples}.md": epochs_table(one["epochs"]) for examples, one in metrics["sizes"].items()}
    # A tiny run has other numbers of examples.
    drawn = metrics["sizes"].get(DRAWN) or next(iter(metrics["sizes"].values()))
    return (
        plots(drawn["epochs"])
        | tables
        | {
            "baselines.md": table(["", "In the format", "Every field correct"], based),
            "stops.md": table(["Stopped at", "Epochs by seed", "Every field correct"], stops),
            "contests.md": contrasts_table(["Stopped at", "Against the"], contests, metrics),
            "nearest.md": contrasts_table([f"Against the {BEST}", "Correct, of the same 100"], nearest, metrics),
        }
    )
