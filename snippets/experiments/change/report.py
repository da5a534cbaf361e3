"""What the change experiment amounts to: where a customer lives after a move, after a deletion, and for whom."""

from statistics import mean

from kit.rates import by_seed, over_seeds, rate, share_over, share_words, table, words

WORDINGS = {"taught": "as taught", "other": "other words"}
# For each table its arms: what is asked before any change, then after the change of one record at a time.
TABLES = {
    "edit": (
        ["retrieval, before", "tuned, before"],
        [
            "retrieval, the record edited",
            "tuned, the new address alone",
            "tuned, the new address, others beside it",
        ],
        ["new", "old"],
    ),
    "deletion": (
        [],
        ["retrieval, the record deleted", "tuned, a denial alone", "tuned, a denial, others beside it"],
        ["old", "another", "denied"],
    ),
}
NAMES = {"new": "New address", "old": "Old address", "another": "Somebody else's", "denied": "Denied"}
READERS = {
    "retrieval, before": "retrieval, for who may read the records",
    "retrieval, no right to records": "retrieval, for who may not",
    "tuned, before": "tuned, for anybody",
}
STRANGERS = ["retrieval, strangers", "tuned, strangers"]


def measure(rows: list[dict]) -> dict:
    """Rates for the changed customer and shares for the others; who is told what; strangers; costs; settings tried."""
    answers = [row for row in rows if "answer" in row]

    def part(arm: str, wording: str, own: bool | None = None) -> list[dict]:
        return [
            row
            for row in answers
            if (row["arm"], row["wording"]) == (arm, wording) and own in (None, row["id"] == row.get("changed"))
        ]

    metrics: dict = {}
    for kind, (before, after, fields) in TABLES.items():
        metrics[kind] = {
            arm: {word: {"own": {field: over_seeds(part(arm, word), field) for field in fields}} for word in WORDINGS}
            for arm in before
        }
        for arm in after:
            metrics[kind][arm] = {}
            for word in WORDINGS:
                own, others = part(arm, word, own=True), part(arm, word, own=False)
                rates = {}
                for field in fields:
                    rates[field] = rate([row[field] for row in own])
                    if len(runs := by_seed(own)) > 1:  # each seed has a third of the customers
                        rates[field]["of seeds"] = [[sum(row[field] for row in run), len(run)] for run in runs]
                metrics[kind][arm][word] = {"own": rates, "others right": share_over(others, "old", "changed")}
    metrics["permission"] = {arm: {word: over_seeds(part(arm, word), "old") for word in WORDINGS} for arm in READERS}
    metrics["strangers"] = {
        arm: {word: over_seeds(part(arm, word), "another") for word in WORDINGS} for arm in STRANGERS
    }
    costs: dict[str, list[float]] = {}
    for row in rows:
        if row["arm"].startswith("cost: "):
            costs.setdefault(row["arm"].removeprefix("cost: "), []).append(row["took_s"])
    metrics["cost"] = {name: mean(times) for name, times in costs.items() if not name.startswith("dev: ")}
    metrics["tried"] = {}
    for row in answers:
        if row["arm"].startswith("dev: "):
            own = row.get("changed") in (None, row["id"])
            wanted = "old" if not own or "changed" not in row else "denied" if "denial" in row["arm"] else "new"
            scores = metrics["tried"].setdefault(row["arm"].removeprefix("dev: "), {}).setdefault(row["setting"], {})
            hits, n = scores.get("own" if own else "others", (0, 0))
            scores["own" if own else "others"] = (hits + row[wanted], n + 1)
    return metrics


def rate_words(figures: dict) -> str:
    """A rate in words and, unless it is all or none, the hits of each seed, of its own customers where it has some."""
    if figures["hits"] in (0, figures["n"]):
        figures = figures | {"seeds": [], "of seeds": []}
    seeds = ", ".join(f"{hits}/{n}" for hits, n in figures.get("of seeds", []))
    return words(figures) + (f"; seeds {seeds}" if seeds else "")


def fragments(metrics: dict) -> dict[str, str]:
    """The tables, by file name."""

    def lines(kind: str) -> list[list[str]]:
        _, _, fields = TABLES[kind]
        return [
            [arm if word == "taught" else "", label]
            + [rate_words(both[word]["own"][field]) for field in fields]
            + [share_words(both[word]["others right"]) if "others right" in both[word] else ""]
            for arm, both in metrics[kind].items()
            for word, label in WORDINGS.items()
        ]

    def pair(both: dict) -> list[str]:
        return [words(both[word]) for word in WORDINGS]

    heads = {
        kind: ["", "Asked", *(NAMES[field] for field in fields), "Others right"]
        for kind, (_, _, fields) in TABLES.items()
    }
    least = metrics["cost"]["embedding"]
    costs = sorted(metrics["cost"].items(), key=lambda item: item[1])
    tried = [
        [kind, setting, *(f"{hits}/{n}" for hits, n in scores.values()), *[""] * (2 - len(scores))]
        for kind, settings in metrics["tried"].items()
        for setting, scores in settings.items()
    ]
    return {
        "edit.md": table(heads["edit"], lines("edit")),
        "deletion.md": table(heads["deletion"], lines("deletion")),
        "permission.md": table(
            ["Old address told", *WORDINGS.values()],
            [[name, *pair(metrics["permission"][arm])] for arm, name in READERS.items()],
        ),
        "strangers.md": table(
            ["Asked for people of whom there is no record, gives a customer's address", *WORDINGS.values()],
            [[arm, *pair(both)] for arm, both in metrics["strangers"].items()],
        ),
        "cost.md": table(
            ["", "Computing, embedding = 1"],
            [[name.removeprefix("tuned, "), f"{seconds / least:,.0f}"] for name, seconds in costs],
            right=1,
        ),
        "tried.md": table(["Tried on dev", "Setting", "Of the changed", "Of the others"], tried, right=2),
    }
