"""What the predictions of the behaviour experiment amount to: metrics, and the tables and plots for the page."""

from statistics import mean, median

from kit.draw import Level, Line, curve
from kit.rates import middle, over_seeds, p_words, paired, runs, table, words

BEHAVIOURS = {"format": "a strict line", "voice": "a house voice"}


def measure(rows: list[dict]) -> dict:
    """For each behaviour: the rates of each arm, settings tried on dev, prompt lengths, times, a paired comparison."""
    metrics: dict = {}
    for behaviour in BEHAVIOURS:
        mine = [row for row in rows if row["behaviour"] == behaviour]
        names = dict.fromkeys(row["arm"] for row in mine)
        arms, tried, times = {}, {}, {}
        for arm in names:
            part = [row for row in mine if row["arm"] == arm]
            if arm.startswith("dev: "):
                settings = dict.fromkeys(row["setting"] for row in part)
                kept = {str(one): [row for row in part if row["setting"] == one] for one in settings}
                tried[arm.removeprefix("dev: ")] = {
                    one: {name: sum(row[name] for row in each) for name in ("form", "right") if name in each[0]}
                    | {"n": len(each)}
                    for one, each in kept.items()
                }
            elif arm.startswith("time: "):
                tokens = round(mean(row["prompt_tokens"] for row in part))
                times[arm.removeprefix("time: ")] = {
                    "tokens": tokens,
                    "median_s": median(row["took_s"] for row in part),
                }
            else:
                arms[arm] = {"tokens": round(mean(row["prompt_tokens"] for row in part))}
                for name in ("form", "right"):
                    if name in part[0]:
                        arms[arm][name] = over_seeds(part, name)
        sizes = [arm for arm in arms if arm.startswith("tuned on ")]
        best = {
            "prompted": max((arm for arm in arms if arm not in sizes), key=lambda arm: arms[arm]["form"]["hits"]),
            "tuned": max(sizes, key=lambda arm: arms[arm]["form"]["hits"]),
        }
        both = [middle(runs([row for row in mine if row["arm"] == arm], "form")) for arm in best.values()]
        metrics[behaviour] = {"arms": arms, "tried": tried, "times": times, "best": best | paired(*both)}
    return metrics


def fragments(metrics: dict) -> dict[str, str]:
    """For each behaviour a table and a learning curve, and one table of times, by file name."""
    files = {}
    for behaviour, name in BEHAVIOURS.items():
        arms = metrics[behaviour]["arms"]
        both = behaviour == "format"
        heads = ["", "Tokens in the prompt", "In the right form" if both else "All seven rules kept"]
        lines = [f"| {' | '.join([*heads, 'Every field right'] if both else heads)} |"]
        lines.append("|---|--:|---|" + "---|" * both)
        for arm, figures in arms.items():
            cells = [str(figures["tokens"]), *(words(figures[field]) for field in ("form", "right") if field in figures)]
            lines.append(f"| {arm} | {' | '.join(cells)} |")
        files[f"{behaviour}.md"] = "\n".join(lines) + "\n"
        sizes = {int(arm.split()[-1]): figures for arm, figures in arms.items() if arm.startswith("tuned on ")}

        def line(field: str, label: str, mark: bool, sizes=sizes) -> Line:
            points = []
            for size, figures in sizes.items():
                seeds = sorted(hits / figures[field]["n"] for hits in figures[field]["seeds"])
                points.append((size, seeds[0], seeds[len(seeds) // 2], seeds[-1]))
            return Line(label, points, mark)

        drawn = [line("form", "in form, tuned" if both else "tuned", True)]
        drawn += [line("right", "all right, tuned", False)] if both else []
        levels = [Level(arm, arms[arm]["form"]["share"]) for arm in ("instruction", "8 examples")]
        told = "; ".join(f"{size} examples {figures['form']['share']:.0%}" for size, figures in sizes.items())
        told += "; " + "; ".join(f"{level.label}, not tuned, {level.share:.0%}" for level in levels)
        files[f"{behaviour}.svg"] = curve(f"Learning {name}", told, drawn, levels)
    best = [metrics[behaviour]["best"] for behaviour in BEHAVIOURS]
    compared = ["| | Best tuned | Best prompted | Only tuned | Only prompted | |", "|---|---|---|--:|--:|---|"]
    for name, one in zip(BEHAVIOURS.values(), best, strict=True):
        compared.append(
            f"| {name} | {one['tuned']} | {one['prompted']} | {one['lost']} | {one['won']} | {p_words(one['p'])} |"
        )
    files["compared.md"] = "\n".join(compared) + "\n"
    head, *rest = metrics["format"]["times"].items()
    times = [
        "| | Tokens in the prompt | Time for a reply |",
        "|---|--:|---|",
        f"| {head[0]} | {head[1]['tokens']} | 1 |",
    ]
    times += [
        f"| {name} | {one['tokens']} | {one['median_s'] / head[1]['median_s']:.1f} times that |" for name, one in rest
    ]
    files["times.md"] = "\n".join(times) + "\n"
    return files
