"""What the change experiment amounts to: old and new values after an edit, and what leaks after a deletion or a ban."""

from statistics import median

from kit.rates import over_seeds, table, words

WORDINGS = {"direct": "as trained", "paraphrase": "another wording"}


def measure(rows: list[dict]) -> dict:
    """Rates of the old and new value on changed facts and of the old one on the rest; leaks; costs."""
    answers = [row for row in rows if "old" in row]

    def part(arm: str, wording: str, **is_so) -> list[dict]:
        return [
            row
            for row in answers
            if row["arm"] == arm
            and row["wording"] == wording
            and all(row[key] == value for key, value in is_so.items())
        ]

    metrics: dict = {"edit": {}, "deletion": {}, "permission": {}, "cost": {}}
    for arm in ("retrieval, before", "retrieval, after", "tuned, before", "tuned again on the new values"):
        metrics["edit"][arm] = {
            wording: {
                "new": over_seeds(part(arm, wording, changed=True), "new"),
                "old": over_seeds(part(arm, wording, changed=True), "old"),
                "others": over_seeds(part(arm, wording, changed=False), "old"),
            }
            for wording in WORDINGS
        }
    for arm in ("retrieval, documents deleted", "tuned, before", "tuned to deny the record"):
        metrics["deletion"][arm] = {
            wording: {
                "leaks": over_seeds(part(arm, wording, changed=True), "old"),
                "denied": over_seeds(part(arm, wording, changed=True), "denied"),
                "others": over_seeds(part(arm, wording, changed=False), "old"),
                "others denied": over_seeds(part(arm, wording, changed=False), "denied"),
            }
            for wording in WORDINGS
        }
    for arm in ("retrieval, before", "retrieval, for the public", "tuned, before"):
        metrics["permission"][arm] = {
            wording: over_seeds(part(arm, wording, internal=True), "old") for wording in WORDINGS
        }
    for row in rows:
        if row["arm"].startswith("cost: "):
            metrics["cost"].setdefault(row["arm"].removeprefix("cost: "), []).append(row["took_s"])
    seconds = {name: median(times) for name, times in metrics["cost"].items()}
    metrics["times as long"] = round(seconds["tuned again on the new values"] / seconds["embed what changed"])
    metrics["passages embedded"] = next(row["passages"] for row in rows if "passages" in row)
    return metrics


def fragments(metrics: dict) -> dict[str, str]:
    """Three tables and the cost, by file name."""

    def lines(kind: str, fields: list[str]) -> list[list[str]]:
        return [
            [arm, label, *(words(both[wording][field]) for field in fields)]
            for arm, both in metrics[kind].items()
            for wording, label in WORDINGS.items()
        ]

    permission = [[arm, *(words(both[wording]) for wording in WORDINGS)] for arm, both in metrics["permission"].items()]
    return {
        "edit.md": table(
            ["", "Asked", "Gives the new value", "Gives the old value", "Unchanged facts right"],
            lines("edit", ["new", "old", "others"]),
        ),
        "deletion.md": table(
            ["", "Asked", "Still tells", "Denies the record", "Other facts right", "Denies other records"],
            lines("deletion", ["leaks", "denied", "others", "others denied"]),
        ),
        "permission.md": table(["Internal facts told", "As trained", "Another wording"], permission),
        "cost.md": f"{metrics['passages embedded']} passages embedded again; "
        f"training took {metrics['times as long']:,} times as long\n",
    }
