"""What the overfitting experiment amounts to: curves, the pass that dev would choose, comparisons with baselines."""

from statistics import median

from kit.draw import Line, curve
from kit.rates import contest, items_needed, over_seeds, paired, rate, spread, table, words


def measure(rows: list[dict]) -> dict:
    """Losses and rates after each look; for two ways to choose when to stop, how the runs compare with baselines."""
    looks = [row for row in rows if "train_loss" in row]
    replies = [row for row in rows if "right" in row]
    test = [row for row in replies if row["split"] == "test"]
    prompted = next(row["arm"] for row in test if row["arm"].startswith("prompt"))
    by_pass: dict = {}
    for passes in dict.fromkeys(row["passes"] for row in looks):
        here = [row for row in looks if row["passes"] == passes]
        by_pass[str(passes)] = {
            "train loss": sorted(row["train_loss"] for row in here),
            "dev loss": sorted(row["dev_loss"] for row in here),
        } | {name: over_seeds([row for row in test if row.get("passes") == passes], name) for name in ("form", "right")}
    baselines = {
        arm: {name: rate([row[name] for row in test if row["arm"] == arm]) for name in ("form", "right")}
        for arm in ("as it came", prompted)
    }
    seeds = dict.fromkeys(row["seed"] for row in looks)
    chosen: dict = {}
    for how, best in (
        ("the last pass", lambda seed: max(row["passes"] for row in looks)),
        (
            "lowest dev loss",
            lambda seed: min((r for r in looks if r["seed"] == seed), key=lambda r: r["dev_loss"])["passes"],
        ),
        ("most right on dev", lambda seed: most_right(replies, seed)),
    ):
        picked = {seed: best(seed) for seed in seeds}
        part = [row for row in test if row["arm"] == "tuned" and row["passes"] == picked[row["seed"]]]
        chosen[how] = {"passes": list(picked.values()), "right": over_seeds(part, "right"), "against": {}}
        for arm in baselines:
            other = [row["right"] for row in test if row["arm"] == arm]
            each = [paired([row["right"] for row in part if row["seed"] == seed], other) for seed in seeds]
            mid = sorted(each, key=lambda one: one["won"] - one["lost"])[len(each) // 2]
            needed = items_needed(mid["won"] / len(other), mid["lost"] / len(other))
            chosen[how]["against"][arm] = mid | {"items needed": needed}
    return {"passes": by_pass, "baselines": baselines, "chosen": chosen}


def most_right(replies: list[dict], seed: int) -> int:
    """The look at which most dev replies were right; ties go to less training."""
    score: dict[int, int] = {}
    for row in replies:
        if row["split"] == "dev" and row["seed"] == seed:
            score[row["passes"]] = score.get(row["passes"], 0) + row["right"]
    return min(score, key=lambda passes: (-score[passes], passes))


def fragments(metrics: dict) -> dict[str, str]:
    """Two curves and two tables, by file name."""
    looks = {int(passes): figures for passes, figures in metrics["passes"].items()}
    top = max(max(one["dev loss"][-1], one["train loss"][-1]) for one in looks.values())
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
    lines = [
        [
            str(at),
            f"{median(one['train loss']):.3f}",
            f"{median(one['dev loss']):.2f}",
            words(one["form"]),
            words(one["right"]),
        ]
        for at, one in looks.items()
    ]
    lines += [
        [arm, "", "", words(figures["form"]), words(figures["right"])] for arm, figures in metrics["baselines"].items()
    ]
    stops = []
    for how, figures in metrics["chosen"].items():
        for arm, against in figures["against"].items():
            needed = against["items needed"]
            stops.append(
                [
                    how,
                    ", ".join(map(str, figures["passes"])),
                    words(figures["right"]),
                    arm,
                    contest(against),
                    str(needed) if needed else "no gain to show",
                ]
            )
    return {
        "losses.svg": curve("Loss while training", told, losses, [], across="passes", tops=top),
        "right.svg": curve("Test messages while training", shares, rights, [], across="passes"),
        "passes.md": table(["Passes", "Train loss", "Dev loss", "In form", "Every field right"], lines),
        "stops.md": table(
            ["Stop at", "Passes by seed", "Right", "Against", "Test items", "Items for 80% power"], stops
        ),
    }
