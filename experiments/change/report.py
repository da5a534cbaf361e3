"""What the change experiment amounts to: where a customer lives after a move, after a deletion, and for whom."""

from statistics import mean

from kit.rates import by_seed, contest, over_seeds, paired, rate, share_over, share_words, table, words

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
        ["old"],
    ),
    "deletion": (
        [],
        ["retrieval, the record deleted", "tuned, a denial alone", "tuned, a denial, others beside it"],
        ["old", "another", "denied"],
        ["old", "another", "denied"],
    ),
}
NAMES = {"new": "New address", "old": "Old address", "another": "Somebody else's", "denied": "Denied"}
OTHERS = {"old": "Others right", "another": "Others, somebody else's", "denied": "Others denied"}
# Whose others the ones before are compared with: the same people, before and after.
AFTER = {"retrieval, before": "retrieval, the record edited", "tuned, before": "tuned, the new address alone"}
COSTS = [
    "embedding",
    "tuned, the new address alone",
    "tuned, the new address, others beside it",
    "teaching all records",
]
READERS = {
    "retrieval, before": "retrieval, for who may read the records",
    "retrieval, no right to records": "retrieval, for who may not",
    "tuned, before": "tuned, for anybody",
}
# What is set against what, customer by customer: the arms, and which address each should tell.
PAIRS = {
    "the new address: tuned on it alone, against retrieval": (
        ("tuned, the new address alone", "new"),
        ("retrieval, the record edited", "new"),
    ),
    "retrieval: the new address after, against the old before": (
        ("retrieval, the record edited", "new"),
        ("retrieval, before", "old"),
    ),
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

    def of_others(rows: list[dict], fields: list[str]) -> dict:
        return {field: share_over(rows, field, "changed") for field in fields}

    def others_before(arm: str, wording: str) -> list[dict]:
        """Of the people asked for after somebody else's change, what was told before it."""
        told = {(row["seed"], row["id"]): row for row in part(arm, wording)}
        asked = part(AFTER[arm], wording, own=False)
        return [told[row["seed"], row["id"]] | {"changed": row["changed"]} for row in asked]

    metrics: dict = {}
    for kind, (before, after, fields, fields_of_others) in TABLES.items():
        metrics[kind] = {arm: {} for arm in (*before, *after)}
        for word in WORDINGS:
            for arm in before:
                own = {field: over_seeds(part(arm, word), field) for field in fields}
                others = of_others(others_before(arm, word), fields_of_others)
                metrics[kind][arm][word] = {"own": own, "others": others}
            for arm in after:
                rows_of_own, own = part(arm, word, own=True), {}
                for field in fields:
                    own[field] = rate([row[field] for row in rows_of_own])
                    if len(runs := by_seed(rows_of_own)) > 1:  # each seed has a third of the customers
                        own[field]["of seeds"] = [[sum(row[field] for row in run), len(run)] for run in runs]
                others = of_others(part(arm, word, own=False), fields_of_others)
                metrics[kind][arm][word] = {"own": own, "others": others}
    metrics["permission"] = {arm: {word: over_seeds(part(arm, word), "old") for word in WORDINGS} for arm in READERS}
    metrics["strangers"] = {
        arm: {word: over_seeds(part(arm, word), "another") for word in WORDINGS} for arm in STRANGERS
    }

    def told(arm: str, field: str, wording: str) -> dict[str, bool]:
        """Of each customer, whether the customer's own address was told."""
        own = None if arm.endswith("before") else True
        return {row["id"]: row[field] for row in part(arm, wording, own)}

    def against(first: dict[str, bool], second: dict[str, bool]) -> dict:
        both = [id for id in first if id in second]
        return paired([first[id] for id in both], [second[id] for id in both])

    metrics["compared"] = {
        name: {word: against(*(told(arm, field, word) for arm, field in both)) for word in WORDINGS}
        for name, both in PAIRS.items()
    }
    costs: dict[str, list[float]] = {}
    for row in rows:
        if row["arm"].startswith("cost: "):
            costs.setdefault(row["arm"].removeprefix("cost: "), []).append(row["took_s"])
    metrics["cost"] = {name: mean(times) for name, times in costs.items() if not name.startswith("dev: ")}
    metrics["tried"] = tried([row for row in answers if row["arm"].startswith("dev: ")])
    return metrics


def tried(rows: list[dict]) -> dict:
    """Right answers on dev for each kind of training and setting, about the changed record and about others."""
    scores: dict[str, dict] = {}

    def count(kind: str, setting: str, own: bool, hit: bool) -> None:
        of = scores.setdefault(kind, {}).setdefault(setting, {"own": [0, 0], "others": [0, 0]})
        of["own" if own else "others"][0] += hit
        of["own" if own else "others"][1] += 1

    for row in (row for row in rows if row["arm"] == "dev: taught"):
        count("taught", row["setting"], True, row["old"])
    best = max(scores["taught"], key=lambda setting: scores["taught"][setting]["own"][0])
    known = {
        (row["id"], row["wording"]): row["old"] for row in rows if (row["arm"], row["setting"]) == ("dev: taught", best)
    }
    first = next(row for row in rows if "changed" in row)
    for row in rows:
        if (row["arm"], row["setting"]) == (first["arm"], first["setting"]):
            count("before any change", best, row["id"] == row["changed"], known[row["id"], row["wording"]])
    for row in (row for row in rows if "changed" in row):
        own = row["id"] == row["changed"]
        wanted = "old" if not own else "denied" if "denial" in row["arm"] else "new"
        count(row["arm"].removeprefix("dev: "), row["setting"], own, row[wanted])
    return scores


def rate_words(figures: dict) -> str:
    """A rate in words and, unless it is all or none, the hits of each seed, of its own customers where it has some."""
    if figures["hits"] in (0, figures["n"]):
        figures = figures | {"seeds": [], "of seeds": []}
    seeds = ", ".join(f"{hits}/{n}" for hits, n in figures.get("of seeds", []))
    return words(figures) + (f"; seeds {seeds}" if seeds else "")


def fragments(metrics: dict) -> dict[str, str]:
    """The tables, by file name."""

    def about(kind: str, own: bool = False, others: bool = False) -> str:
        """A table of what was told of the changed customer, of the others, or of both."""
        _, _, fields, fields_of_others = TABLES[kind]
        fields, fields_of_others = fields * own, fields_of_others * others
        heads = ["", "Asked", *(NAMES[field] for field in fields), *(OTHERS[field] for field in fields_of_others)]
        lines = [
            [arm if word == "taught" else "", label]
            + [rate_words(both[word]["own"][field]) for field in fields]
            + [share_words(both[word]["others"][field]) for field in fields_of_others]
            for arm, both in metrics[kind].items()
            for word, label in WORDINGS.items()
        ]
        return table(heads, lines)

    def pair(both: dict) -> list[str]:
        return [words(both[word]) for word in WORDINGS]

    seconds = {name: metrics["cost"][name] for name in COSTS}
    tries = [
        [kind, setting, *(f"{hits}/{n}" if n else "" for hits, n in scores.values())]
        for kind, settings in metrics["tried"].items()
        for setting, scores in settings.items()
    ]
    return {
        "edit.md": about("edit", own=True, others=True),
        "compared.md": table(
            ["Customer by customer", *WORDINGS.values()],
            [[name, *(contest(one) for one in both.values())] for name, both in metrics["compared"].items()],
        ),
        "deletion.md": about("deletion", own=True),
        "deletion-others.md": about("deletion", others=True),
        "permission.md": table(
            ["Old address told", *WORDINGS.values()],
            [[name, *pair(metrics["permission"][arm])] for arm, name in READERS.items()],
        ),
        "strangers.md": table(
            ["Asked for people of whom there is no record, gives a customer's address", *WORDINGS.values()],
            [[arm, *pair(both)] for arm, both in metrics["strangers"].items()],
        ),
        "cost.md": table(
            ["", "Embedding = 1", "Seconds of a core, here"],
            [
                [
                    name.removeprefix("tuned, "),
                    f"{took / seconds['embedding']:,.0f}",
                    f"{took:.2g}" if took < 10 else f"{took:.0f}",
                ]
                for name, took in seconds.items()
            ],
            right=2,
        ),
        "tried.md": table(["Tried on dev", "Setting", "Of the changed", "Of the others"], tries, right=2),
    }
