"""What the predictions of a behaviour amount to: metrics, the tables and the learning curve for the page."""

from statistics import mean

from kit.draw import Level, Line, curve
from kit.rates import by_seed, contest, middle_run, over_seeds, paired, spread, table, words

BEST = "the 8 nearest examples"  # the best prompt for the strict line
TITLES = {"format": "Learning a strict line", "voice": "Learning a house voice"}


def measure(rows: list[dict]) -> dict:
    """The rates of each arm, settings tried on dev, prompt lengths, and tuned against prompted."""
    arms, tried = {}, {}
    # The few times that are among the rows are not reported: `waiting` has more of them.
    for arm in dict.fromkeys(row["arm"] for row in rows if not row["arm"].startswith("time: ")):
        part = [row for row in rows if row["arm"] == arm]
        tokens = round(mean(row["prompt_tokens"] for row in part))
        if arm.startswith("dev: "):
            settings = dict.fromkeys(row["setting"] for row in part)
            each = {str(one): [row for row in part if row["setting"] == one] for one in settings}
            tried[arm.removeprefix("dev: ")] = {
                one: {name: sum(row[name] for row in kept) for name in ("form", "right") if name in kept[0]}
                | {"n": len(kept)}
                for one, kept in each.items()
            }
        else:
            scores = {name: over_seeds(part, name) for name in ("form", "right") if name in part[0]}
            arms[arm] = {"tokens": tokens} | scores
    sizes = sorted((arm for arm in arms if arm.startswith("tuned on ")), key=lambda arm: int(arm.split()[-1]))
    arms = {arm: arms[arm] for arm in [*(arm for arm in arms if arm not in sizes), *sizes]}
    tuned, compared = [row for row in rows if row["arm"] == sizes[-1]], {}
    for arm in (arm for arm in arms if arm not in sizes):
        prompted = [row for row in rows if row["arm"] == arm]
        compared[arm] = {
            name: paired(middle_run(tuned, name), [row[name] for row in prompted])
            for name in ("form", "right")
            if name in prompted[0]
        }
    metrics = {"behaviour": rows[0]["behaviour"], "arms": arms, "tried": tried, "compared": compared}
    if "right" not in rows[0]:
        return metrics
    # Which number of examples in the weights is worth as much as the best prompt: all sizes against it, each seed.
    best = [row["right"] for row in rows if row["arm"] == BEST]
    metrics["sizes"] = {
        arm: [
            paired([row["right"] for row in run], best) for run in by_seed([row for row in rows if row["arm"] == arm])
        ]
        for arm in sizes
    }
    return metrics


def fragments(metrics: dict) -> dict[str, str]:
    """The table, the learning curve, the comparison and the settings tried, by file name."""
    arms = metrics["arms"]
    fields = [field for field in ("form", "right") if field in arms["instruction"]]
    names = {"form": "In the right form" if "right" in fields else "All seven rules kept", "right": "Every field right"}
    lines = [
        [arm, *(words(figures[field]) for field in fields), str(figures["tokens"])] for arm, figures in arms.items()
    ]
    sizes = {int(arm.split()[-1]): figures for arm, figures in arms.items() if arm.startswith("tuned on ")}

    def line(field: str, label: str) -> Line:
        points = [(size, *spread(one[field]["seeds"], one[field]["n"])) for size, one in sizes.items()]
        return Line(label, points, field == fields[-1])

    drawn = [line(field, {"form": "in form, tuned", "right": "all right, tuned"}[field]) for field in fields]
    shown = fields[-1]
    levels = [Level(f"{arm}, prompted", arms[arm][shown]["share"]) for arm in ("8 examples", "the 8 nearest examples")]
    told = "; ".join(f"{size} examples {figures[shown]['share']:.0%}" for size, figures in sizes.items())
    told += "; " + "; ".join(f"{level.label} {level.share:.0%}" for level in levels)
    compared = [[arm, *(contest(both[field]) for field in fields)] for arm, both in metrics["compared"].items()]
    tried = [
        [kind, one, *(f"{figures[field]}/{figures['n']}" for field in fields)]
        for kind, settings in metrics["tried"].items()
        for one, figures in settings.items()
    ]
    heads = [names[field] for field in fields]
    files = {}
    if "sizes" in metrics:
        lines_of_sizes = [[arm, "; ".join(map(contest, each))] for arm, each in metrics["sizes"].items()]
        files["sizes.md"] = table([f"Against {BEST}", "Every field right, by seed"], lines_of_sizes)
    return files | {
        "table.md": table(["", *heads, "Tokens in the prompt"], lines, right=1),
        "curve.svg": curve(TITLES[metrics["behaviour"]], told, drawn, levels),
        "compared.md": table([f"Tuned on {max(sizes)}, against", *heads], compared),
        "tried.md": table(["Tried on dev", "Setting", *heads], tried, right=len(fields)),
    }
