"""What the hybrid experiment amounts to: retrieved or not against correct or not, for each arm, and hallucinations."""

from collections.abc import Callable

from kit.arm import Arm
from kit.draw import Bar, dots
from kit.models import SMOLLM2
from kit.paths import results_of
from kit.rows import Rows, read_data, read_predictions
from kit.statistics import (
    by_arm,
    by_seed,
    counted_words,
    median_rows,
    median_run,
    over_seeds,
    paired,
    paired_words,
    proportion,
    proportion_words,
)
from kit.tables import table
from tasks import questions, style

ALONE, MAY_ABSTAIN = "retrieval alone", "told that it may abstain"
TUNED = {
    "reading": "fine-tuned on retrieved context",
    "reading in style": "fine-tuned on retrieved context, in house style",
    "facts": "fine-tuned on the facts",
    "style": "fine-tuned on house style",
}
WORDINGS = {"direct": "in the documents' words", "paraphrase": "paraphrased"}
SHORT = {"direct": "direct", "paraphrase": "paraphrased"}  # where a plot has room for no more
ASKED = WORDINGS | {"unanswerable": "unanswerable"}
# Besides retrieval alone: what each fine-tuning is compared with.
PAIRS = [(TUNED["reading"], MAY_ABSTAIN), (TUNED["reading in style"], TUNED["reading"])]
INSTRUCTIONS = (questions.READING, *questions.ABSTAINING)


def label(arm: Arm) -> str:
    """What an arm is called in the tables."""
    if arm.method == "lora":
        return TUNED[arm.trained_on]
    return MAY_ABSTAIN if arm.instruction else ALONE


def measure(rows: Rows) -> dict:
    """For each arm and wording: retrieved and correct or not, incorrect or abstaining, in style; comparisons."""
    texts = {one["id"]: one for one in read_data(questions.QUESTIONS)}
    parts: dict[str, dict[str, Rows]] = {}
    tried: dict = {}
    for arm, part in by_arm(rows).items():
        if arm.split == "dev":
            setting = f"{arm.learning_rate:g}" if arm.method == "lora" else INSTRUCTIONS[arm.instruction]
            kind = "base model" if label(arm) == ALONE else label(arm)
            tried.setdefault(kind, {})[setting] = {"correct": sum(row["correct"] for row in part), "n": len(part)}
        else:
            judged_rows = [row | judged(row, texts) for row in part]
            parts[label(arm)] = {
                wording: [row for row in judged_rows if row["wording"] == wording] for wording in ASKED
            }
    arms = {
        name: {wording: measure_answers(part, parts[ALONE][wording]) for wording, part in wordings.items()}
        for name, wordings in parts.items()
    }
    for name, wordings in parts.items():
        for wording in WORDINGS:
            arms[name][wording] |= measure_correct(wordings[wording], parts[ALONE][wording])
    pairs = [
        {"first": first, "second": second, "asked": wording}
        | {
            field: paired(*(median_run(parts[arm][wording], field) for arm in (first, second)))
            for field in ("correct", "not wrong")
        }
        for first, second in PAIRS
        for wording in ASKED
    ]
    return {"arms": arms, "tried": tried, "pairs": pairs, "facts by seed": facts_by_seed(parts[TUNED["facts"]])}


def facts_by_seed(wordings: dict[str, Rows]) -> list[dict]:
    """Each seed fine-tuned on the facts: correct without its passage; with one, against `knowledge`'s without any.

    `knowledge` trained the same models and asked them without passages; where it has not run, nothing is compared.
    """
    seeds = []
    for direct, paraphrased in zip(*(by_seed(wordings[wording]) for wording in WORDINGS), strict=True):
        arm = direct[0]["arm"]
        alone = without_passages(arm)
        found = [(row["correct"], alone[row["id"]]) for row in paraphrased if row["retrieved"] and row["id"] in alone]
        seeds.append(
            {
                "seed": arm.seed,
                "correct when not": some([row["correct"] for row in direct if not row["retrieved"]]),
                "against no passages": paired(*zip(*found, strict=True)) if found else None,
            }
        )
    return seeds


def without_passages(arm: Arm) -> dict[str, bool]:
    """Which paraphrased questions the same fine-tuned model answered correctly in `knowledge`, without passages."""
    file = results_of("knowledge", "" if arm.model == SMOLLM2.key else arm.model) / "predictions.jsonl"
    wanted = ("lora", arm.wordings, None, "test", arm.seed)
    return {
        row["id"]: row["correct"]
        for row in (read_predictions(file) if file.exists() else [])
        if (row["arm"].method, row["arm"].wordings, row["arm"].passages, row["arm"].split, row["arm"].seed) == wanted
        and row.get("wording") == "paraphrase"
    }


def measure_answers(part: Rows, alone: Rows) -> dict:
    """Of any kind of question: how many answers are incorrect, and how many abstain."""
    of_median = median_rows(part, "wrong")
    return {
        "wrong": over_seeds(part, "wrong"),
        "abstained when retrieved": some([row["abstained"] for row in of_median if row["retrieved"]]),
        "abstained when not": some([row["abstained"] for row in of_median if not row["retrieved"]]),
        # Seeds that tie are told apart as for "correct", so that the two comparisons are of one run.
        "wrong less often": paired(median_run(part, "not wrong"), median_run(alone, "not wrong")),
    }


def measure_correct(part: Rows, alone: Rows) -> dict:
    """Of questions that have an answer: how many are correct, by whether the passage was there; and the style."""
    of_median = median_rows(part, "correct")
    return {
        "retrieved": proportion([row["retrieved"] for row in of_median]),
        "correct": over_seeds(part, "correct"),
        "correct when retrieved": some([row["correct"] for row in of_median if row["retrieved"]]),
        "correct when not": some([row["correct"] for row in of_median if not row["retrieved"]]),
        "opens and closes": over_seeds(part, "opens_and_closes"),
        "every rule": over_seeds(part, "every rule"),
        "against retrieval alone": paired(median_run(part, "correct"), median_run(alone, "correct")),
    }


def judged(row: dict, texts: dict[str, dict]) -> dict:
    """Whether an answer that is not correct abstains, or is incorrect or empty; whether it keeps every rule."""
    abstained = not row["correct"] and questions.says_not_there(row["answer"])
    wrong = not (row["correct"] or abstained)
    question = texts[row["id"]][row["wording"]] if row["wording"] in WORDINGS else ""
    kept = style.rules_kept(question, row["answer"])
    return {"abstained": abstained, "wrong": wrong, "not wrong": not wrong, "every rule": all(kept.values())}


def some(hits: list[bool]) -> dict | None:
    """A proportion, or nothing where there is no item."""
    return proportion(hits) if hits else None


def hits_and_misses(one: dict | None) -> list[str]:
    """How many of a proportion's cases were hits, and how many were not, for a table."""
    return [str(one["hits"]), str(one["n"] - one["hits"])] if one else ["0", "0"]


def lines_of(
    metrics: dict, asked: dict[str, str], cells: Callable[[dict], list[str]], but: str = ""
) -> list[list[str]]:
    """A line for each arm, but one, and each way of asking."""
    return [
        [arm, name, *cells(figures[wording])]
        for arm, figures in metrics["arms"].items()
        for wording, name in asked.items()
        if arm != but
    ]


def picked(names: list[str], words: Callable[[dict], str]) -> Callable[[dict], list[str]]:
    """What writes some of an arm's figures as cells; a figure that is not there leaves its cell empty."""
    return lambda figures: [words(figures[name]) if figures.get(name) else "" for name in names]


def seeds_table(seeds: list[dict]) -> str:
    """The model fine-tuned on the facts, seed by seed."""
    words = picked(["correct when not"], counted_words), picked(["against no passages"], paired_words)
    lines = [[str(one["seed"]), *(cell for cells in words for cell in cells(one))] for one in seeds]
    return table(["Seed", "Correct, passage not retrieved", "Paraphrased, with passages against without"], lines)


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the plot, by file name."""
    correct = picked(["correct when retrieved", "correct when not", "correct"], counted_words)
    wrong = picked(["wrong", "abstained when retrieved", "abstained when not"], counted_words)
    against = picked(["against retrieval alone", "wrong less often"], paired_words)
    in_style = picked(["opens and closes", "every rule"], proportion_words)
    of_alone = metrics["arms"][ALONE]
    retrieved = [[name, proportion_words(of_alone[wording]["retrieved"])] for wording, name in WORDINGS.items()]
    pairs = [
        [f"{one['first']}, against {one['second']}", ASKED[one["asked"]]]
        + [paired_words(one[field]) for field in ("correct", "not wrong")]
        for one in metrics["pairs"]
    ]
    tried = [
        [arm, setting, f"{one['correct']}/{one['n']}"]
        for arm, settings in metrics["tried"].items()
        for setting, one in settings.items()
    ]
    boxes = lines_of(
        metrics,
        WORDINGS,
        lambda figures: (
            hits_and_misses(figures["correct when retrieved"]) + hits_and_misses(figures["correct when not"])
        ),
    )
    bars = [
        Bar.of(f"{arm}, {name}", figures[wording]["correct"], wording == "paraphrase")
        for arm, figures in metrics["arms"].items()
        for wording, name in SHORT.items()
    ]
    box_heads = ["Retrieved, correct", "Retrieved, not correct", "Not retrieved, correct", "Not retrieved, not correct"]
    wrong_heads = ["Incorrect or empty", "Abstains, passage retrieved", "Abstains, not retrieved"]
    compared_heads = ["Asked", "Correct", "Neither incorrect nor empty"]
    return {
        "table.md": table(
            ["", "Asked", "Correct when retrieved", "Correct when not", "Correct"], lines_of(metrics, WORDINGS, correct)
        ),
        "compared.md": table(
            ["Against retrieval alone", *compared_heads], lines_of(metrics, ASKED, against, but=ALONE)
        ),
        "pairs.md": table(["", *compared_heads], pairs),
        "seeds.md": seeds_table(metrics["facts by seed"]),
        "boxes.md": table(["", "Asked", *box_heads], boxes, right=len(box_heads)),
        "wrong.md": table(["", "Asked", *wrong_heads], lines_of(metrics, ASKED, wrong)),
        "voice.md": table(
            ["", "Asked", "Opens and closes in house style", "Keeps all seven rules"],
            lines_of(metrics, WORDINGS, in_style),
        ),
        "fetched.md": table(["Asked", "Correct passage in the top two"], retrieved),
        "tried.md": table(
            ["Tried on dev", "Instruction or learning rate", "Correct on other companies' questions"], tried, right=1
        ),
        "plot.svg": dots("Correct answers with retrieval, by fine-tuning", bars),
    }
