"""What the overfitting experiment amounts to: curves, the pass that dev would choose, comparisons with baselines.

The best prompt is not of this experiment: `behaviour` asked it for the first hundred of the same test messages.
"""

from math import ceil
from statistics import median

from behaviour.report import BEST
from kit.draw import Line, curve
from kit.evidence import read_rows
from kit.places import results_of
from kit.rates import by_seed, contest, items_needed, over_seeds, paired, rate, spread, table, words

TUNED = "tuned on "
DRAWN = "10"  # the number of examples whose curves part
BASELINES = ["as it came", "prompt with 8 examples"]


def measure(rows: list[dict]) -> dict:
    """For each number of examples: losses and rates after each look, and how three ways to stop do on test."""
    test = [row for row in rows if "right" in row and row["split"] == "test"]
    baselines = {arm: [row for row in test if row["arm"] == arm] for arm in BASELINES}
    asked = read_rows(results_of("behaviour") / "predictions.jsonl")
    prompted = [row for row in asked if row["arm"] == BEST]
    best = {row["id"]: row["right"] for row in prompted}
    return {
        "sizes": {
            arm.removeprefix(TUNED): measure_runs([row for row in rows if row["arm"] == arm], baselines, best)
            for arm in dict.fromkeys(row["arm"] for row in rows)
            if arm.startswith(TUNED)
        },
        "baselines": {
            arm: {name: rate([row[name] for row in part]) for name in ("form", "right")}
            for arm, part in (baselines | {BEST: prompted}).items()
        },
    }


def measure_runs(rows: list[dict], baselines: dict[str, list[dict]], best: dict[str, bool]) -> dict:
    """The curves of the runs on one number of examples, and their scores where each rule would have stopped them."""
    looks = [row for row in rows if "train_loss" in row]
    replies = [row for row in rows if "right" in row]
    test = [row for row in replies if row["split"] == "test"]
    by_pass = {}
    for passes in dict.fromkeys(row["passes"] for row in looks):
        here = [row for row in looks if row["passes"] == passes]
        by_pass[str(passes)] = {
            "train loss": sorted(row["train_loss"] for row in here),
            "dev loss": sorted(row["dev_loss"] for row in here),
        } | {name: over_seeds([row for row in test if row["passes"] == passes], name) for name in ("form", "right")}
    seeds = list(dict.fromkeys(row["seed"] for row in looks))
    rules = {
        "the last pass": {seed: max(row["passes"] for row in looks) for seed in seeds},
        "lowest dev loss": {seed: least_loss(looks, seed) for seed in seeds},
        "most right on dev": {seed: most_right(replies, seed) for seed in seeds},
    }
    stops = {}
    for rule, picked in rules.items():
        part = [row for row in test if row["passes"] == picked[row["seed"]]]
        against = {
            arm: middle_contest(contests_of(part, {row["id"]: row["right"] for row in other}), len(other))
            for arm, other in baselines.items()
        }
        shared = [row for row in part if row["id"] in best]
        each = contests_of(shared, best)
        stops[rule] = {
            "passes": list(picked.values()),
            "right": over_seeds(part, "right"),
            "against": against,
            "against the best prompt": {"right": over_seeds(shared, "right"), "of seeds": each}
            | middle_contest(each, len({row["id"] for row in shared})),
        }
    return {"passes": by_pass, "stops": stops}


def contests_of(rows: list[dict], other: dict[str, bool]) -> list[dict]:
    """Each seed against another way of answering the same messages."""
    return [paired([row["right"] for row in run], [other[row["id"]] for row in run]) for run in by_seed(rows)]


def middle_contest(each: list[dict], items: int) -> dict:
    """The seed in the middle, and how many items would show what it won, four times in five."""
    middle = sorted(each, key=lambda one: one["won"] - one["lost"])[len(each) // 2]
    return middle | {"items needed": items_needed(middle["won"] / items, middle["lost"] / items)}


def least_loss(looks: list[dict], seed: int) -> int:
    """The look at which the loss on dev was lowest."""
    return min((row for row in looks if row["seed"] == seed), key=lambda row: row["dev_loss"])["passes"]


def most_right(replies: list[dict], seed: int) -> int:
    """The look at which most dev replies were right; ties go to less training."""
    score: dict[int, int] = {}
    for row in replies:
        if row["split"] == "dev" and row["seed"] == seed:
            score[row["passes"]] = score.get(row["passes"], 0) + row["right"]
    return min(score, key=lambda passes: (-score[passes], passes))


def plots(by_pass: dict) -> dict[str, str]:
    """The losses and the rates over the passes, as plots by file name."""
    looks = {int(passes): figures for passes, figures in by_pass.items()}
    highest = max(max(one["dev loss"][-1], one["train loss"][-1]) for one in looks.values())
    top = ceil(highest / 0.4) * 0.4  # so that the quarters of the axis are tenths
    losses = [
        Line(name, [(at, *(spread(one[name], top))) for at, one in looks.items()], mark)
        for name, mark in (("train loss", False), ("dev loss", True))
    ]
    rights = [
        Line(label, [(at, *(spread(one[name]["seeds"], one[name]["n"]))) for at, one in looks.items()], mark)
        for name, label, mark in (("form", "in form", False), ("right", "every field right", True))
    ]
    told = "; ".join(
        f"after {at} passes train {median(one['train loss']):.2f}, dev {median(one['dev loss']):.2f}"
        for at, one in looks.items()
    )
    shares = "; ".join(f"after {at} passes {one['right']['share']:.0%} right" for at, one in looks.items())
    return {
        "losses.svg": curve(f"Loss, {DRAWN} examples", told, losses, [], across="passes", tops=top),
        "right.svg": curve(f"Test messages, {DRAWN} examples", shares, rights, [], across="passes"),
    }


def low_high(values: list[float], digits: int) -> str:
    """The middle of the seeds' values, the lowest and the highest."""
    low, middle, high = (f"{value:.{digits}f}" for value in spread(values, 1))
    return f"{middle} ({low}-{high})"


def needed_words(figures: dict) -> str:
    """How many items would show a gain, in words."""
    return str(figures["items needed"] or "no gain to show")


def fragments(metrics: dict) -> dict[str, str]:
    """A table for each number of examples and the curves of one; the baselines; where to stop; all by file name."""
    files, stops, contests, nearest = plots(metrics["sizes"][DRAWN]["passes"]), [], [], []
    for size, figures in metrics["sizes"].items():
        lines = [
            [
                at,
                low_high(one["train loss"], 4),
                low_high(one["dev loss"], 2),
                words(one["form"]),
                words(one["right"]),
            ]
            for at, one in figures["passes"].items()
        ]
        files[f"passes-{size}.md"] = table(["Passes", "Train loss", "Dev loss", "In form", "Every field right"], lines)
        for rule, one in figures["stops"].items():
            stop = f"{size} examples, {rule}"
            stops.append([stop, ", ".join(map(str, one["passes"])), words(one["right"])])
            fixed, best = one["against"][BASELINES[-1]], one["against the best prompt"]
            contests.append([stop, *(contest(one["against"][arm]) for arm in BASELINES), needed_words(fixed)])
            nearest.append([stop, words(best["right"]), "; ".join(map(contest, best["of seeds"])), needed_words(best)])
    against = ["Against the model as it came", f"Against the {BASELINES[-1]}"]
    based = [[arm, words(one["form"]), words(one["right"])] for arm, one in metrics["baselines"].items()]
    heads = ["Stopped at", "Right, of the same 100", f"Against {BEST}, by seed", "Items for 80% power"]
    return files | {
        "baselines.md": table(["", "In form", "Every field right"], based),
        "stops.md": table(["Stopped at", "Passes by seed", "Every field right"], stops),
        "contests.md": table(["Stopped at", *against, "Items for 80% power"], contests),
        "nearest.md": table(heads, nearest),
    }
