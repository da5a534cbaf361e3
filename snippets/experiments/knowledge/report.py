"""What the predictions of the knowledge experiment amount to: metrics, and the table and plot for the page."""

from kit.draw import Bar, dots
from kit.rates import p_words, paired, rate, words

ARMS = [
    "closed book",
    "tuned on facts",
    "tuned on facts, four wordings",
    "retrieval",
    "tuned on facts, and retrieval",
    "tuned on facts, four wordings, and retrieval",
]
WORDINGS = {"direct": "as in training", "paraphrase": "another wording"}


def of(rows: list[dict], arm: str, wording: str) -> list[dict]:
    """The answers of an arm to one kind of question, all seeds."""
    return [row for row in rows if row["arm"] == arm and row.get("wording") == wording]


def by_seed(rows: list[dict], field: str) -> dict[str, list[bool]]:
    """One field of the rows for each seed, in the order of the items."""
    seeds = dict.fromkeys(row["seed"] for row in rows)
    return {str(seed): [row[field] for row in rows if row["seed"] == seed] for seed in seeds}


def middle(seeds: dict[str, list[bool]]) -> list[bool]:
    """The run of the seed with the middle score: the rate with an interval is of one run, never of three pooled."""
    return sorted(seeds.values(), key=sum)[len(seeds) // 2]


def measure(rows: list[dict]) -> dict:
    """Rates by arm and wording, the spread over seeds, paired comparisons with retrieval, settings tried."""
    metrics: dict = {"arms": {}, "against retrieval": {}, "settings tried": {}, "chosen": {}}
    for arm in ARMS:
        figures = metrics["arms"][arm] = {}
        for wording in WORDINGS:
            seeds = by_seed(of(rows, arm, wording), "right")
            figures[wording] = rate(middle(seeds)) | {"seeds": [sum(one) for one in seeds.values()]}
        seeds = by_seed(of(rows, arm, "unanswerable"), "declines")
        invents = {seed: [not declined for declined in one] for seed, one in seeds.items()}
        figures["invents"] = rate(middle(invents)) | {"seeds": [sum(one) for one in invents.values()]}
        if arm not in ("closed book", "retrieval"):
            metrics["against retrieval"][arm] = {
                wording: paired(
                    middle(by_seed(of(rows, arm, wording), "right")),
                    middle(by_seed(of(rows, "retrieval", wording), "right")),
                )
                for wording in WORDINGS
            }
    for row in rows:
        if row["arm"].startswith("dev: ") and row["wording"] == "paraphrase":
            kind = metrics["settings tried"].setdefault(row["arm"].removeprefix("dev: "), {})
            key = f"rate {row['rate']:g}"
            kind[key] = kind.get(key, 0) + row["right"]
        if "losses" in row and row["seed"] == 0:
            metrics["chosen"][row["arm"]] = {name: row[name] for name in ("rate", "passes", "losses")}
    return metrics


def spread(figures: dict) -> str:
    """A rate in words, with the hits of each seed where there are several."""
    seeds = f"; seeds {', '.join(map(str, figures['seeds']))}" if len(figures["seeds"]) > 1 else ""
    return words(figures) + seeds


def fragments(metrics: dict) -> dict[str, str]:
    """The table and the plot, by file name."""
    lines = [
        "| | Asked as in training | Asked in another wording | Invents, where no document answers |",
        "|---|---|---|---|",
    ]
    for arm, figures in metrics["arms"].items():
        cells = [spread(figures[name]) for name in (*WORDINGS, "invents")]
        lines.append(f"| {arm} | {' | '.join(cells)} |")
    compared = ["| Against retrieval alone | As in training | Another wording |", "|---|---|---|"]
    for arm, both in metrics["against retrieval"].items():
        cells = [f"{one['won']} won, {one['lost']} lost, {p_words(one['p'])}" for one in both.values()]
        compared.append(f"| {arm} | {' | '.join(cells)} |")
    bars = [
        Bar(f"{short}, {label}", *(figures[wording][end] for end in ("share", "low", "high")), wording == "paraphrase")
        for arm, short in (
            ("tuned on facts", "tuned"),
            ("tuned on facts, four wordings", "tuned, four wordings"),
            ("retrieval", "retrieval"),
        )
        for figures in [metrics["arms"][arm]]
        for wording, label in (("direct", "same words"), ("paraphrase", "other words"))
    ]
    description = "; ".join(f"{bar.label} {bar.share:.0%}" for bar in bars)
    return {
        "table.md": "\n".join(lines) + "\n",
        "compared.md": "\n".join(compared) + "\n",
        "plot.svg": dots("Right answers by training and wording", description, bars),
    }
