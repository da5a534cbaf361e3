"""What the change experiment amounts to: old and new values after an edit, and what leaks after a deletion or a ban."""

from statistics import median

from kit.rates import over_seeds, table, words

AGAIN = "tuned again on the new values"
WORDINGS = {"direct": "as trained", "paraphrase": "another wording"}


# For each table its arms, and for each of its columns: of facts that changed or of the others, what an answer does.
TABLES = {
    "edit": (
        ["retrieval, before", "retrieval, after", "tuned, before", AGAIN, "tuned again on all, new values in place"],
        {"new": (True, "new"), "old": (True, "old"), "others": (False, "old")},
    ),
    "deletion": (
        ["retrieval, documents deleted", "tuned, before", "tuned to deny the record", "tuned to deny, and on the rest"],
        {
            "leaks": (True, "old"),
            "others": (False, "old"),
            "others denied": (False, "denied"),
        },
    ),
}


def measure(rows: list[dict]) -> dict:
    """Rates of the old and new value on changed facts and of the old one on the rest; leaks; costs."""
    answers = [row for row in rows if "old" in row]

    def share(arm: str, wording: str, field: str, **is_so: bool) -> dict:
        wanted = {"arm": arm, "wording": wording} | is_so
        return over_seeds([row for row in answers if wanted.items() <= row.items()], field)

    metrics: dict = {
        kind: {
            arm: {
                wording: {
                    name: share(arm, wording, field, changed=changed) for name, (changed, field) in columns.items()
                }
                for wording in WORDINGS
            }
            for arm in arms
        }
        for kind, (arms, columns) in TABLES.items()
    } | {"permission": {}, "cost": {}}
    for arm in ("retrieval, before", "retrieval, for the public", "tuned, before"):
        metrics["permission"][arm] = {wording: share(arm, wording, "old", internal=True) for wording in WORDINGS}
    for row in rows:
        if row["arm"].startswith("cost: "):
            metrics["cost"].setdefault(row["arm"].removeprefix("cost: "), []).append(row["took_s"])
    seconds = {name: median(times) for name, times in metrics["cost"].items()}
    metrics["times as long"] = round(seconds[AGAIN] / seconds["embed what changed"])
    metrics["passages embedded"] = next(row["passages"] for row in rows if "passages" in row)
    return metrics


def fragments(metrics: dict) -> dict[str, str]:
    """Three tables and the cost, by file name."""

    def lines(kind: str) -> list[list[str]]:
        return [
            [arm, label, *map(words, both[wording].values())]
            for arm, both in metrics[kind].items()
            for wording, label in WORDINGS.items()
        ]

    permission = [[arm, *(words(both[wording]) for wording in WORDINGS)] for arm, both in metrics["permission"].items()]
    return {
        "edit.md": table(
            ["", "Asked", "Gives the new value", "Gives the old value", "Unchanged facts right"],
            lines("edit"),
        ),
        "deletion.md": table(
            ["", "Asked", "Still tells", "Other facts right", "Denies other facts"],
            lines("deletion"),
        ),
        "permission.md": table(["Internal facts told", "As trained", "Another wording"], permission),
        "cost.md": f"{metrics['passages embedded']} passages embedded again; "
        f"training took {metrics['times as long']:,} times as long.\n",
    }
