"""A small model first, the larger one where the small one contradicts itself: `make record only=cascade`.

Counted from the answers that `trust` kept of both models to the same questions with the same passages, none of them
poisoned: nothing is run. The small model was asked in three prompts. Where its answers agree, the first is given;
where they differ, the larger model's. Nothing is chosen on these questions: the table has every strictness. Writes
`cascade.md` into the results of `trust`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.models import QWEN2, SMOLLM2
from kit.paths import results_of
from kit.rows import read_predictions
from kit.statistics import paired, paired_words, proportion, proportion_words
from kit.tables import table
from rung.scoring import canonical

READS = ("trust",)
RESULTS = results_of("trust")
DEFENCES = ("none", "warning", "warning, passages quoted")  # the prompts, the one whose answer is given first
HEADS = [
    "Small model's answer given",
    "Correct of those given",
    "Correct, the cascade",
    "Calls of the larger model",
    "Cascade against the larger model alone",
]


@dataclass(frozen=True)
class Question:
    """The small model's answers to a question, one a prompt; whether its first and the larger model's are correct."""

    answers: tuple[str, ...]
    small: bool
    larger: bool

    def agree(self, prompts: int) -> bool:
        """Whether the answers in the first so many prompts are the same but for case, marks and spaces."""
        return len({canonical(answer).strip(" .") for answer in self.answers[:prompts]}) == 1


def read_questions() -> list[Question]:
    """The questions of the study as both models answered them without an attack."""
    by_model = {}
    for model in (SMOLLM2.key, QWEN2.key):
        rows = read_predictions(results_of("trust", model) / "predictions.jsonl")
        by_model[model] = {(row["arm"].defence, row["id"]): row for row in rows if row["state"] == "clean"}
    small, larger = by_model[SMOLLM2.key], by_model[QWEN2.key]
    first = DEFENCES[0]
    return [
        Question(tuple(small[one, name]["answer"] for one in DEFENCES), row["correct"], larger[first, name]["correct"])
        for (defence, name), row in small.items()
        if defence == first
    ]


def cascade(questions: Sequence[Question], given: Sequence[bool]) -> dict:
    """What comes of giving the small model's answer where `given` says so, and the larger model's elsewhere."""
    of_small = [one.small for one, stops in zip(questions, given, strict=True) if stops]
    correct = [one.small if stops else one.larger for one, stops in zip(questions, given, strict=True)]
    return {
        "given": len(of_small),
        "correct of those given": sum(of_small),
        "cascade": proportion(correct),
        "larger calls": len(questions) - len(of_small),
        "against the larger": paired(correct, [one.larger for one in questions]),
    }


def measure(questions: Sequence[Question]) -> dict[str, dict]:
    """The cascade at each strictness, from never to always the small model's answer."""
    two, three = ([one.agree(prompts) for one in questions] for prompts in (2, 3))
    gates = {
        "never": [False] * len(questions),
        "where three prompts agree": three,
        "where two prompts agree": two,
        "always": [True] * len(questions),
    }
    return {name: cascade(questions, given) for name, given in gates.items()}


def fragment(metrics: dict[str, dict]) -> str:
    """The table."""
    lines = []
    for name, one in metrics.items():
        kept = f"{one['correct of those given']} of {one['given']}" if one["given"] else ""
        against = paired_words(one["against the larger"]) if one["given"] else ""
        lines.append([name, kept, proportion_words(one["cascade"]), str(one["larger calls"]), against])
    return table(HEADS, lines)


def main() -> None:
    """Write the table."""
    (RESULTS / "cascade.md").write_text(fragment(measure(read_questions())), encoding="utf-8")


if __name__ == "__main__":
    main()
