"""What the predictions of the knowledge experiment amount to: metrics, and the table and plot for the page."""

from kit.draw import Bar, dots
from kit.rates import contest, middle_run, over_seeds, paired, rate, table, told, words

ARMS = [
    "closed book",
    "tuned on facts",
    "tuned on facts, four wordings",
    "retrieval",
    "tuned on facts, four wordings, and retrieval",
]
WORDINGS = {"direct": "as in training", "paraphrase": "another wording"}


def of(rows: list[dict], arm: str, wording: str) -> list[dict]:
    """The answers of an arm to one kind of question, all seeds."""
    return [row for row in rows if row["arm"] == arm and row.get("wording") == wording]


def measure(rows: list[dict]) -> dict:
    """Rates by arm and wording, the spread over seeds, paired comparisons with retrieval, settings tried."""
    metrics: dict = {"arms": {}, "against retrieval": {}, "settings tried": {}, "chosen": {}}
    for arm in ARMS:
        figures = metrics["arms"][arm] = {}
        for wording in WORDINGS:
            figures[wording] = over_seeds(of(rows, arm, wording), "right")
        blank = [row | {"invents": not row["declines"]} for row in of(rows, arm, "unanswerable")]
        figures["invents"] = over_seeds(blank, "invents")
        if arm not in ("closed book", "retrieval"):
            metrics["against retrieval"][arm] = {
                wording: paired(*(middle_run(of(rows, one, wording), "right") for one in (arm, "retrieval")))
                for wording in WORDINGS
            }
    _, once, alone, _, both = ARMS
    for name, pair in {"with a passage": (both, alone), "four wordings": (alone, once)}.items():
        metrics[name] = {
            wording: paired(*(middle_run(of(rows, arm, wording), "right") for arm in pair)) for wording in WORDINGS
        }
    metrics["reading"] = {}
    for wording in WORDINGS:
        part = of(rows, "retrieval", wording)
        hits = [row["right"] for row in part if row["fetched"]]
        metrics["reading"][wording] = {"fetched": rate([row["fetched"] for row in part]), "read right": rate(hits)}
    for row in rows:
        if row["arm"].startswith("dev: ") and row["wording"] == "paraphrase":
            kind = metrics["settings tried"].setdefault(row["arm"].removeprefix("dev: "), {})
            one = kind.setdefault(f"rate {row['rate']:g}", {"right": 0, "n": 0})
            one["right"] += row["right"]
            one["n"] += 1
        if "losses" in row and row["seed"] == 0:
            metrics["chosen"][row["arm"]] = {name: row[name] for name in ("rate", "passes", "losses")}
    return metrics


def fragments(metrics: dict) -> dict[str, str]:
    """The table and the plot, by file name."""
    heads = ["", "Asked as in training", "Asked in another wording", "Invents, where no document answers"]
    lines = [
        [arm, *(words(figures[name]) for name in (*WORDINGS, "invents"))] for arm, figures in metrics["arms"].items()
    ]
    compared = [[arm, *(contest(one) for one in both.values())] for arm, both in metrics["against retrieval"].items()]
    for label, name in (
        ("tuned, four wordings: with a passage against without", "with a passage"),
        ("tuned: four wordings against one", "four wordings"),
    ):
        compared.append([label, *(contest(one) for one in metrics[name].values())])
    reading = [
        [label, words(metrics["reading"][wording]["fetched"]), told(metrics["reading"][wording]["read right"])]
        for wording, label in WORDINGS.items()
    ]
    tried = [
        [kind, key, f"{one['right']}/{one['n']}"]
        for kind, each in metrics["settings tried"].items()
        for key, one in each.items()
    ]
    bars = [
        Bar.of(f"{short}, {label}", metrics["arms"][arm][wording], wording == "paraphrase")
        for arm, short in (
            ("tuned on facts", "tuned"),
            ("tuned on facts, four wordings", "tuned, four wordings"),
            ("retrieval", "retrieval"),
            ("tuned on facts, four wordings, and retrieval", "both"),
        )
        for wording, label in (("direct", "same words"), ("paraphrase", "other words"))
    ]
    return {
        "table.md": table(heads, lines),
        "compared.md": table(["Against retrieval alone", "As in training", "Another wording"], compared),
        "reading.md": table(["Retrieval, asked", "Right passage found", "Of those, read right"], reading),
        "tried.md": table(["Tried on dev", "Setting", "Other wordings right"], tried, right=1),
        "plot.svg": dots("Right answers by training and wording", bars),
    }
