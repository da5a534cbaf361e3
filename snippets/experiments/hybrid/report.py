"""What the hybrid experiment amounts to: fetched or not against right or not, for each arm, and inventions."""

from kit.draw import Bar, dots
from kit.rates import contest, middle_rows, middle_run, over_seeds, paired, rate, table, words

WORDINGS = {"direct": "as the document", "paraphrase": "another wording"}


def measure(rows: list[dict]) -> dict:
    """For each arm and wording: fetched and right or not, in the voice, inventions; paired with retrieval alone."""
    metrics: dict = {"arms": {}, "tried": {}}
    arms = [arm for arm in dict.fromkeys(row["arm"] for row in rows) if not arm.startswith("dev: ")]

    def of(arm: str, wording: str) -> list[dict]:
        return [row for row in rows if row["arm"] == arm and row["wording"] == wording]

    for arm in arms:
        figures = metrics["arms"][arm] = {}
        for wording in WORDINGS:
            part = of(arm, wording)
            of_middle = middle_rows(part, "right")
            figures[wording] = {
                "fetched": rate([row["fetched"] for row in of_middle]),
                "right": over_seeds(part, "right"),
                "right when fetched": some([row["right"] for row in of_middle if row["fetched"]]),
                "right when not": some([row["right"] for row in of_middle if not row["fetched"]]),
                "boxes": [
                    sum(row["fetched"] is fetched and row["right"] is right for row in of_middle)
                    for fetched in (True, False)
                    for right in (True, False)
                ],
                "in voice": over_seeds(part, "in voice"),
                "against retrieval alone": paired(middle_run(part, "right"), middle_run(of(arms[0], wording), "right")),
            }
        figures["invents"] = over_seeds(
            [row | {"invents": not row["declines"]} for row in of(arm, "unanswerable")], "invents"
        )
    for row in rows:
        if row["arm"].startswith("dev: "):
            setting = f"{row['rate']:g}, {row['passes']} passes" if row["passes"] else "not tuned"
            one = metrics["tried"].setdefault(setting, {"right": 0, "n": 0})
            one["right"] += row["right"]
            one["n"] += 1
    return metrics


def some(hits: list[bool]) -> dict | None:
    """A rate, or nothing where there is no item."""
    return rate(hits) if hits else None


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the plot, by file name."""
    lines = [
        [arm, label]
        + [words(one[name]) if one[name] else "no such item" for name in ("right when fetched", "right when not")]
        + [words(one["right"]), contest(one["against retrieval alone"]) if arm != next(iter(metrics["arms"])) else ""]
        for arm, figures in metrics["arms"].items()
        for wording, label in WORDINGS.items()
        for one in [figures[wording]]
    ]
    rest = [
        [arm, words(figures["direct"]["in voice"]), words(figures["invents"])]
        for arm, figures in metrics["arms"].items()
    ]
    first = next(iter(metrics["arms"].values()))
    fetched = [[label, words(first[wording]["fetched"])] for wording, label in WORDINGS.items()]
    tried = [[setting, f"{one['right']}/{one['n']}"] for setting, one in metrics["tried"].items()]
    boxes = [
        [arm, label, *map(str, figures[wording]["boxes"])]
        for arm, figures in metrics["arms"].items()
        for wording, label in WORDINGS.items()
    ]
    bars = [
        Bar.of(f"{arm}, {label}", figures[wording]["right"], wording == "paraphrase")
        for arm, figures in metrics["arms"].items()
        for wording, label in WORDINGS.items()
    ]
    return {
        "table.md": table(
            ["", "Asked", "Right when fetched", "Right when not", "Right", "Against retrieval alone"], lines
        ),
        "boxes.md": table(
            ["", "Asked", "Fetched, right", "Fetched, wrong", "Not fetched, right", "Not fetched, wrong"],
            boxes,
            right=4,
        ),
        "rest.md": table(["", "Opens and ends in the voice", "Invents, where no document answers"], rest),
        "fetched.md": table(["Asked", "The right passage among two"], fetched),
        "tried.md": table(["Learning rate and passes", "Right on other companies' dev items"], tried, right=1),
        "plot.svg": dots("Right answers with retrieval, by tuning", bars),
    }
