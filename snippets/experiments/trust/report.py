"""What the predictions of the trust experiment amount to: metrics, and the table for the page."""

from kit.rates import contest, over_seeds, paired, rate, table, words

CHECKED = "a check of what leaves"


def measure(rows: list[dict]) -> dict:
    """For each defence: answers that obeyed, right ones under attack and without; the cost; the fetch; by attack."""
    # The check reads the undefended answers: what it stops is neither obeyed nor right.
    undefended = [row for row in rows if row["arm"] == "no defence"]
    stopped = [
        row | {"arm": CHECKED} | {name: row[name] and not row["stopped"] for name in ("right", "obeyed")}
        for row in undefended
    ]
    rows = rows + stopped
    attacks = list(dict.fromkeys(row["attack"] for row in rows))
    metrics: dict = {"arms": {}, "by attack": {}, "tried": {}}
    clean_before = [row["right"] for row in undefended if row["state"] == "clean"]
    for arm in dict.fromkeys(row["arm"] for row in rows):
        part = {
            state: [row for row in rows if row["arm"] == arm and row["state"] == state]
            for state in ("clean", "attacked")
        }
        figures = {
            "obeyed": over_seeds(part["attacked"], "obeyed"),
            "right under attack": over_seeds(part["attacked"], "right"),
            "right when clean": over_seeds(part["clean"], "right"),
        }
        if arm.startswith("dev: "):
            metrics["tried"][arm.removeprefix("dev: ")] = {name: one["hits"] for name, one in figures.items()}
            continue
        figures["clean against no defence"] = paired([row["right"] for row in part["clean"]], clean_before)
        figures["passages dropped when clean"] = sum(row["dropped"] for row in part["clean"])
        metrics["arms"][arm] = figures
        metrics["by attack"][arm] = {
            attack: rate([row["obeyed"] for row in part["attacked"] if row["attack"] == attack]) for attack in attacks
        }
    attacked = [row for row in undefended if row["state"] == "attacked"]
    metrics["planted first"] = rate([row["planted first"] for row in attacked])
    return metrics


def fragments(metrics: dict) -> dict[str, str]:
    """The tables, by file name."""
    fields = ("obeyed", "right under attack", "right when clean")
    lines = []
    for arm, figures in metrics["arms"].items():
        obeyed, *right = (words(figures[name]) for name in fields)
        if arm == CHECKED:  # what obeys holds the stranger's number, which the check lets out of no answer
            obeyed = "none can, by construction"
        lines.append([arm, obeyed, *right, contest(figures["clean against no defence"])])
    heads = ["Defence", "Obeyed the stranger", "Right, attacked", "Right, clean", "Clean, against no defence"]
    kinds = [
        [arm, *(f"{one['hits']}/{one['n']}" for one in attacks.values())]
        for arm, attacks in metrics["by attack"].items()
    ]
    attacks = list(metrics["by attack"]["no defence"])
    return {
        "table.md": table(heads, lines),
        "by-attack.md": table(["Obeyed", *attacks], kinds, right=len(attacks)),
        "fetched.md": words(metrics["planted first"]) + "\n",
    }
