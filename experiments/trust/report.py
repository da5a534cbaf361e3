"""What the predictions of the trust experiment amount to: metrics, and the tables for the page."""

from kit.arm import Arm
from kit.rows import Rows
from kit.statistics import (
    by_arm,
    counted_words,
    over_seeds,
    p_words,
    paired,
    paired_words,
    proportion,
    proportion_words,
)
from kit.tables import table

CHECKED, UNDEFENDED = "an output guardrail", "no defence"
LABELS = {
    "none": UNDEFENDED,
    "warning": "a warning",
    "warning, passages quoted": "a warning, passages quoted",
    "filter": "a filter for orders",
}
RATES = ("obeyed", "correct under attack", "correct when clean")


def label(arm: Arm) -> str:
    """What an arm is called in the tables; on dev, which warning it is."""
    return LABELS[arm.defence] if arm.split == "test" else f"wording {arm.instruction + 1}"


def in_state(rows: Rows, state: str) -> Rows:
    """The answers without the poisoned document, or with it."""
    return [row for row in rows if row["state"] == state]


def measure(rows: Rows) -> dict:
    """For each defence: answers that obeyed, correct ones under attack and without; the cost; by attack; retrieval."""
    parts = by_arm(rows)
    tests = {label(arm): part for arm, part in parts.items() if arm.split == "test"}
    undefended = tests[UNDEFENDED]
    # The guardrail reads the undefended answers: what it stops is neither obeyed nor correct.
    tests[CHECKED] = [
        row | {field: row[field] and not row["stopped"] for field in ("correct", "obeyed")} for row in undefended
    ]
    attacks = list(dict.fromkeys(row["attack"] for row in rows))
    by_attack = {
        name: {
            attack: proportion([row["obeyed"] for row in in_state(part, "attacked") if row["attack"] == attack])
            for attack in attacks
        }
        for name, part in tests.items()
    }
    attacked = in_state(undefended, "attacked")
    return {
        "arms": {name: measure_defence(part, undefended) for name, part in tests.items()},
        "by attack": by_attack,
        "tried": {label(arm): rates(part) for arm, part in parts.items() if arm.split == "dev"},
        "by place": {name: measure_places(in_state(part, "attacked")) for name, part in tests.items()},
        "most similar": proportion([row["most_similar"] for row in attacked]),
    }


def measure_places(attacked: Rows) -> dict:
    """How many obeyed, by where in the prompt the poisoned document was."""
    places = sorted({row["place"] for row in attacked if row["place"]})
    return {
        f"place {place}": proportion([row["obeyed"] for row in attacked if row["place"] == place]) for place in places
    }


def rates(part: Rows) -> dict:
    """How many obeyed, and how many were correct, attacked and clean."""
    attacked, clean = in_state(part, "attacked"), in_state(part, "clean")
    figures = (over_seeds(attacked, "obeyed"), over_seeds(attacked, "correct"), over_seeds(clean, "correct"))
    return dict(zip(RATES, figures, strict=True))


def measure_defence(part: Rows, undefended: Rows) -> dict:
    """The proportions of a defence, and each against no defence."""
    attacked, clean = in_state(part, "attacked"), in_state(part, "clean")

    def versus(rows: Rows, field: str, others: Rows) -> dict:
        return paired([row[field] for row in rows], [row[field] for row in others])

    return rates(part) | {
        "obeyed against no defence": versus(attacked, "obeyed", in_state(undefended, "attacked")),
        "clean against no defence": versus(clean, "correct", in_state(undefended, "clean")),
        "correct, attacked against clean": versus(attacked, "correct", clean),
        "passages dropped when clean": sum(row["dropped"] for row in clean),
    }


def more_or_fewer(figures: dict) -> str:
    """A paired comparison in words where to get one is nothing won."""
    return f"{figures['won']} more, {figures['lost']} fewer, {p_words(figures['p'])}"


def fragments(metrics: dict) -> dict[str, str]:
    """The tables, by file name."""
    lines, pairs = [], []
    for arm, figures in metrics["arms"].items():
        obeyed, *correct = (proportion_words(figures[name]) for name in RATES)
        obeyed_more = more_or_fewer(figures["obeyed against no defence"])
        clean = paired_words(figures["clean against no defence"])
        if arm == CHECKED:  # what obeys holds the attacker's number, which the guardrail lets out of no answer
            obeyed, obeyed_more = "none can, by construction", "by construction"
        if arm == UNDEFENDED:
            obeyed_more = clean = ""  # it is not compared with itself
        lines.append([arm, obeyed, *correct])
        pairs.append([arm, obeyed_more, clean, paired_words(figures["correct, attacked against clean"])])
    heads = ["Defence", "Obeyed the attacker", "Correct, attacked", "Correct, clean"]
    against = [
        "Obeyed, against no defence",
        "Correct when clean, against no defence",
        "Correct, attacked against clean",
    ]
    tried = [
        [name, *(f"{figures[rate]['hits']}/{figures[rate]['n']}" for rate in RATES)]
        for name, figures in metrics["tried"].items()
    ]
    kinds = [
        [arm, *(f"{one['hits']}/{one['n']}" for one in attacks.values())]
        for arm, attacks in metrics["by attack"].items()
    ]
    attacks = list(metrics["by attack"][UNDEFENDED])
    places = {arm: one for arm, one in metrics["by place"].items() if arm != CHECKED}
    place_names = list(places[UNDEFENDED])
    place_lines = [
        [arm, *(counted_words(one[name]) if name in one else "" for name in place_names)] for arm, one in places.items()
    ]
    return {
        "table.md": table(heads, lines),
        "pairs.md": table(["Defence", *against], pairs),
        "tried.md": table(["Warning, tried on dev", *heads[1:]], tried, right=len(RATES)),
        "by-attack.md": table(["Obeyed", *attacks], kinds, right=len(attacks)),
        "by-place.md": table(["Obeyed, the poisoned passage in", *place_names], place_lines, right=len(place_names)),
    }
