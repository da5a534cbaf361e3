"""What the change experiment amounts to: where a customer lives after a move, after a deletion, and for whom."""

from dataclasses import dataclass
from statistics import mean

from kit.arm import Arm
from kit.rows import Rows
from kit.statistics import (
    by_arm,
    by_seed,
    clustered_share,
    over_seeds,
    paired,
    paired_words,
    proportion,
    proportion_words,
    share_words,
)
from kit.tables import table

WORDINGS = {"taught": "as trained", "other": "paraphrased"}
BEFORE, EDITED, DELETED = "retrieval, before", "retrieval, the record edited", "retrieval, the record deleted"
TUNED = "fine-tuned, before"
STRANGERS = ["retrieval, strangers", "fine-tuned, strangers"]
CHANGES = {
    ("edit", False): "fine-tuned, the new address alone",
    ("edit", True): "fine-tuned, the new address, others beside it",
    ("denial", False): "fine-tuned, a denial alone",
    ("denial", True): "fine-tuned, a denial, others beside it",
}
ALONE, BESIDE = CHANGES["edit", False], CHANGES["edit", True]


@dataclass(frozen=True)
class Table:
    """What a table shows: arms before any change and after one, and which answers are counted."""

    before: list[str]
    after: list[str]
    fields: list[str]
    fields_of_others: list[str]


TABLES = {
    "edit": Table([BEFORE, TUNED], [EDITED, ALONE, BESIDE], ["new", "old"], ["old"]),
    "deletion": Table(
        [],
        [DELETED, CHANGES["denial", False], CHANGES["denial", True]],
        ["old", "another", "denied"],
        ["old", "another", "denied"],
    ),
}
NAMES = {"new": "New address", "old": "Old address", "another": "Somebody else's", "denied": "Denied"}
OTHERS = {"old": "Others correct", "another": "Others, somebody else's", "denied": "Others denied"}
# Whose others the ones before are compared with: the same people, before and after.
AFTER = {BEFORE: EDITED, TUNED: ALONE}
TAUGHT = "training on all records"
COSTS = ["embedding", ALONE, BESIDE, TAUGHT]
READERS = {
    BEFORE: "retrieval, for those who may read the records",
    "retrieval, no right to records": "retrieval, for those who may not",
    TUNED: "fine-tuned, for anybody",
}
# What is compared, customer by customer: the arms, and which address each should give.
PAIRS = {
    "the new address: fine-tuned on it alone, against retrieval": ((ALONE, "new"), (EDITED, "new")),
    "retrieval: the new address after, against the old before": ((EDITED, "new"), (BEFORE, "old")),
}


def label(arm: Arm) -> str:
    """What an arm is called in the tables."""
    if arm.method == "lora":
        if arm.change:
            return CHANGES[arm.change, bool(arm.beside)]
        return STRANGERS[1] if arm.asked else TUNED
    changed = {"edit": EDITED, "deletion": DELETED, None: BEFORE}
    asked = {"strangers": STRANGERS[0], "without permission": "retrieval, no right to records"}
    return asked.get(arm.asked, changed[arm.change])


def cost_label(arm: Arm) -> str:
    """What is paid for in an arm."""
    if arm.method == "prompt":
        return "embedding"
    return label(arm) if arm.change else TAUGHT


class Answers:
    """The answers about customers, by arm and wording."""

    def __init__(self, rows: Rows):
        """Sort them."""
        self.parts: dict[tuple[str, str], Rows] = {}
        for arm, part in by_arm([row for row in rows if "answer" in row and row["arm"].split == "test"]).items():
            for row in part:
                self.parts.setdefault((label(arm), row["wording"]), []).append(row)

    def all(self, arm: str, wording: str) -> Rows:
        """Everything an arm answered."""
        return self.parts[arm, wording]

    def own(self, arm: str, wording: str) -> Rows:
        """Of the customer whose record is changed."""
        return [row for row in self.all(arm, wording) if row["id"] == row.get("changed")]

    def others(self, arm: str, wording: str) -> Rows:
        """Of other customers, after a change; before any change, of the same people as after it."""
        if arm not in AFTER:
            return [row for row in self.all(arm, wording) if row["id"] != row.get("changed")]
        known = {(row["arm"].seed, row["id"]): row for row in self.all(arm, wording)}
        after = self.others(AFTER[arm], wording)
        return [known[row["arm"].seed, row["id"]] | {"changed": row["changed"]} for row in after]

    def given(self, arm: str, field: str, wording: str) -> dict[str, bool]:
        """Of each customer, whether the customer's own old or new address was given."""
        rows = self.all(arm, wording) if arm in AFTER else self.own(arm, wording)
        return {row["id"]: row[field] for row in rows}


def measure(rows: Rows) -> dict:
    """Proportions of the changed customers, shares of the others; permission; strangers; costs; settings tried."""
    answers = Answers(rows)
    metrics = {kind: measure_table(answers, one) for kind, one in TABLES.items()}
    return metrics | {
        "permission": {arm: {word: over_seeds(answers.all(arm, word), "old") for word in WORDINGS} for arm in READERS},
        "strangers": {
            arm: {word: over_seeds(answers.all(arm, word), "another") for word in WORDINGS} for arm in STRANGERS
        },
        "compared": {name: {word: compared(answers, word, *both) for word in WORDINGS} for name, both in PAIRS.items()},
        "cost": measure_costs(rows),
        "tried": tried([row for row in rows if "answer" in row and row["arm"].split == "dev"]),
    }


def measure_table(answers: Answers, shown: Table) -> dict:
    """For each arm of a table and each wording, the changed customer's own answers and those of the others."""
    figures: dict = {}
    for arm in (*shown.before, *shown.after):
        for word in WORDINGS:
            if arm in shown.before:
                own = {field: over_seeds(answers.all(arm, word), field) for field in shown.fields}
            else:
                own = {field: own_proportion(answers.own(arm, word), field) for field in shown.fields}
            rest = answers.others(arm, word)
            others = {field: clustered_share(rest, field, "changed") for field in shown.fields_of_others}
            figures.setdefault(arm, {})[word] = {"own": own, "others": others}
    return figures


def own_proportion(rows: Rows, field: str) -> dict:
    """A proportion of the changed customers and, where there are several seeds, what each had: a third of them."""
    figures = proportion([row[field] for row in rows])
    if len(runs := by_seed(rows)) > 1:
        figures["of seeds"] = [[sum(row[field] for row in run), len(run)] for run in runs]
    return figures


def compared(answers: Answers, wording: str, first: tuple[str, str], second: tuple[str, str]) -> dict:
    """Two arms, customer by customer, of those that both have."""
    mine, other = (answers.given(arm, field, wording) for arm, field in (first, second))
    both = [id for id in mine if id in other]
    return paired([mine[id] for id in both], [other[id] for id in both])


def measure_costs(rows: Rows) -> dict:
    """The mean seconds of what each arm needs for one change, and of training on all records."""
    costs: dict[str, list[float]] = {}
    for row in rows:
        if row.get("kind") == "cost" and row["arm"].split == "test":
            costs.setdefault(cost_label(row["arm"]), []).append(row["took_s"])
    return {name: mean(times) for name, times in costs.items()}


def tried(rows: Rows) -> dict:
    """Correct answers on dev for each kind of training and setting, about the changed record and about others."""
    scores: dict[str, dict] = {}

    def count(kind: str, learning_rate: float, own: bool, hit: bool) -> None:
        figures = scores.setdefault(kind, {}).setdefault(f"{learning_rate:g}", {"own": [0, 0], "others": [0, 0]})
        figures["own" if own else "others"][0] += hit
        figures["own" if own else "others"][1] += 1

    taught = [row for row in rows if not row["arm"].change]
    changed = [row for row in rows if row["arm"].change]
    for row in taught:
        count(TAUGHT, row["arm"].learning_rate, True, row["old"])
    best = max(scores[TAUGHT], key=lambda learning_rate: scores[TAUGHT][learning_rate]["own"][0])
    known = {(row["id"], row["wording"]): row["old"] for row in taught if f"{row['arm'].learning_rate:g}" == best}
    for row in changed:
        if row["arm"] == changed[0]["arm"]:
            count("before any change", float(best), row["id"] == row["changed"], known[row["id"], row["wording"]])
    for row in changed:
        own = row["id"] == row["changed"]
        wanted = "old" if not own else "denied" if row["arm"].change == "denial" else "new"
        count(label(row["arm"]).removeprefix("fine-tuned, "), row["arm"].learning_rate, own, row[wanted])
    return scores


def own_words(figures: dict) -> str:
    """A proportion in words; unless it is all or none, with the hits of each seed, perhaps of its own customers."""
    if figures["hits"] in (0, figures["n"]):
        figures = figures | {"seeds": [], "of seeds": []}
    seeds = ", ".join(f"{hits}/{n}" for hits, n in figures.get("of seeds", []))
    return proportion_words(figures) + (f"; seeds {seeds}" if seeds else "")


def changes_table(metrics: dict, kind: str, own: bool = False, others: bool = False) -> str:
    """A table of what was given of the changed customer, of the others, or of both."""
    shown = TABLES[kind]
    fields, fields_of_others = shown.fields * own, shown.fields_of_others * others
    heads = ["", "Asked", *(NAMES[field] for field in fields), *(OTHERS[field] for field in fields_of_others)]
    lines = [
        [arm if word == "taught" else "", name]
        + [own_words(both[word]["own"][field]) for field in fields]
        + [share_words(both[word]["others"][field]) for field in fields_of_others]
        for arm, both in metrics[kind].items()
        for word, name in WORDINGS.items()
    ]
    return table(heads, lines)


def cost_table(costs: dict[str, float]) -> str:
    """What each way of changing a record takes, beside embedding it."""
    lines = [
        [
            name.removeprefix("fine-tuned, "),
            f"{costs[name] / costs['embedding']:,.0f}",
            f"{costs[name]:.2g}" if costs[name] < 10 else f"{costs[name]:.0f}",
        ]
        for name in COSTS
    ]
    return table(["", "Embedding = 1", "Seconds of one core"], lines, right=2)


def tried_table(tried: dict) -> str:
    """What dev made of each learning rate."""
    lines = [
        [kind, learning_rate, *(f"{hits}/{n}" if n else "" for hits, n in scores.values())]
        for kind, learning_rates in tried.items()
        for learning_rate, scores in learning_rates.items()
    ]
    return table(["Tried on dev", "Learning rate", "Changed record correct", "Others correct"], lines, right=2)


def fragments(metrics: dict) -> dict[str, str]:
    """The tables, by file name."""

    def both_wordings(name: str, figures: dict, words=proportion_words) -> list[str]:
        return [name, *(words(figures[word]) for word in WORDINGS)]

    strangers = "Asked about people without a record, gives a customer's address"
    return {
        "edit.md": changes_table(metrics, "edit", own=True, others=True),
        "deletion.md": changes_table(metrics, "deletion", own=True),
        "deletion-others.md": changes_table(metrics, "deletion", others=True),
        "compared.md": table(
            ["Customer by customer", *WORDINGS.values()],
            [both_wordings(name, both, paired_words) for name, both in metrics["compared"].items()],
        ),
        "permission.md": table(
            ["Old address given", *WORDINGS.values()],
            [both_wordings(name, metrics["permission"][arm]) for arm, name in READERS.items()],
        ),
        "strangers.md": table(
            [strangers, *WORDINGS.values()],
            [both_wordings(arm, both) for arm, both in metrics["strangers"].items()],
        ),
        "cost.md": cost_table(metrics["cost"]),
        "tried.md": tried_table(metrics["tried"]),
    }
