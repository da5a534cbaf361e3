"""The arms of `labelling` that need no language model: what they are called, and their kept predictions."""

from kit.arm import Arm
from kit.paths import results_of
from kit.rows import Rows
from kit.work import kept

NAMES = {"tf-idf": "TF-IDF and logistic regression", "embedding": "MiniLM and logistic regression"}
COMMONEST = "the commonest label"


def label(arm: Arm) -> str:
    """What an arm without a language model is called in the tables."""
    return f"{NAMES[arm.method]}, {arm.examples} examples" if arm.method in NAMES else COMMONEST


def classified() -> dict[str, Rows]:
    """The rows of each such arm by its label, all seeds together: the product of a line is the keyword's."""
    order = ["commonest label", *NAMES]
    rows = [row for row in kept(results_of("labelling")) if row["arm"].method in order]
    rows.sort(key=lambda row: (order.index(row["arm"].method), row["arm"].examples or 0, row["arm"].seed or 0))
    parts: dict[str, Rows] = {}
    for row in rows:
        parts.setdefault(label(row["arm"]), []).append(row)
    return parts
