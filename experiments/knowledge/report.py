"""What the predictions of the knowledge experiment amount to: metrics, and the tables and plot for the page.

Beside the small model's stands what the larger one, as it is published, answered from the same passages; and beside
both what the same model answered from three longer passages in `reading`, where that has run.
"""

from kit.arm import Arm
from kit.contrasts import contrast, contrasts_table, of_items, with_family
from kit.draw import Bar, dots
from kit.models import QWEN2, SMOLLM2
from kit.paths import results_of
from kit.rows import Rows, read_predictions
from kit.statistics import by_arm, counted_words, over_seeds, proportion, proportion_or_none, proportion_words
from kit.tables import table
from kit.work import kept
from rung.scoring import abstains

READS = ("reading",)
CLOSED, RETRIEVAL, THREE = "closed book", "retrieval", "retrieval of three longer passages"
ONCE, FOUR = "fine-tuned on facts", "fine-tuned on facts, four wordings"
BOTH = f"{FOUR}, and retrieval"
ARMS = [CLOSED, ONCE, FOUR, RETRIEVAL, THREE, BOTH]
WORDINGS = {"direct": "as in training", "paraphrase": "paraphrased"}
LARGER = "retrieval, the larger generator"
GENERATORS = {SMOLLM2.key: "SmolLM2, 135M", QWEN2.key: "Qwen2.5-Coder, 1.5B"}


def label(arm: Arm) -> str:
    """What an arm is called in the tables."""
    if arm.method == "prompt":
        return RETRIEVAL if arm.passages else CLOSED
    if arm.wordings == 1:
        return ONCE
    return BOTH if arm.passages else FOUR


def measure(rows: Rows) -> dict:
    """Proportions by arm and wording, paired comparisons with retrieval, settings tried."""
    tests, dev = ({}, {})
    for arm, part in by_arm(rows).items():
        (tests if arm.split == "test" else dev)[arm] = part
    answers = {label(arm): by_wording(part) for arm, part in tests.items()} | three_passages(rows)
    metrics = {
        "arms": {arm: measure_arm(answers[arm]) for arm in ARMS if arm in answers},
        "against retrieval": {arm: compared(answers, arm, RETRIEVAL) for arm in (ONCE, FOUR, BOTH)},
        "with a passage": compared(answers, BOTH, FOUR, same_seeds=True),
        "four wordings": compared(answers, FOUR, ONCE),
        "by retrieval": by_retrieval(answers),
        "generator": GENERATORS[answers[RETRIEVAL]["direct"][0]["arm"].model],
        "reading": {wording: reading(answers[RETRIEVAL][wording]) for wording in WORDINGS},
        "tried": tried(dev),
        "chosen": chosen(tests),
    }
    if THREE in answers:
        metrics |= {"against three passages": {arm: compared(answers, arm, THREE) for arm in (ONCE, FOUR, BOTH)}}
    return with_family(metrics | beside_the_larger(answers))


def three_passages(rows: Rows) -> dict[str, dict[str, Rows]]:
    """What the same model answered to the same questions from three passages cut at headings; nothing if it did not."""
    file = results_of("reading", rows[0]["arm"].model) / "predictions.jsonl"
    known = {row.get("id") for row in rows}
    found = [
        row | {"abstains": abstains(row["answer"])}
        for row in (read_predictions(file) if file.exists() else [])
        if row["unit"] == "read/best" and row["id"] in known
    ]
    return {THREE: by_wording(found)} if found else {}


def by_wording(part: Rows) -> dict[str, Rows]:
    """The answers of an arm by how the question was asked."""
    asked = dict.fromkeys(row["wording"] for row in part if "wording" in row)
    return {wording: [row for row in part if row.get("wording") == wording] for wording in asked}


def compared(answers: dict, first: str, second: str, same_seeds: bool = False) -> dict:
    """Two arms in each wording; `same_seeds` where a seed of both is one model."""
    return {
        wording: contrast(answers[first][wording], answers[second][wording], "correct", same_seeds)
        for wording in WORDINGS
    }


def beside_the_larger(answers: dict[str, dict[str, Rows]]) -> dict:
    """What the larger model made of the same passages, against the small one's; nothing in a report on itself."""
    asked = answers[RETRIEVAL]
    if asked["direct"][0]["arm"].model != SMOLLM2.key:
        return {}
    rows = [row for row in kept(results_of("knowledge", QWEN2.key)) if row["arm"].method == "prompt"]
    larger = by_wording([row for row in rows if row["arm"].passages])
    larger = {wording: of_items(larger[wording], {row["id"] for row in asked[wording]}) for wording in asked}
    both = answers | {LARGER: larger}
    return {
        "larger": {wording: reading(larger[wording]) for wording in WORDINGS},
        "against the larger": {
            f"{first}, against {second}": compared(both, first, second)
            for first, second in ((LARGER, RETRIEVAL), (FOUR, LARGER))
        },
    }


def measure_arm(answers: dict[str, Rows]) -> dict:
    """Correct answers in each wording; answers made up where no document has one."""
    figures = {wording: over_seeds(answers[wording], "correct") for wording in WORDINGS}
    blank = [row | {"hallucinates": not row["abstains"]} for row in answers["unanswerable"]]
    return figures | {"hallucinates": over_seeds(blank, "hallucinates")}


def reading(part: Rows) -> dict:
    """How often the right passage was retrieved, and of those how often it was read correctly; whose the failures are.

    A failure is the search's where the right passage was not retrieved.
    """
    hits = [row["correct"] for row in part if row["retrieved"]]
    return {
        "retrieved": proportion([row["retrieved"] for row in part]),
        "read correctly": proportion_or_none(hits),
        "correct": proportion([row["correct"] for row in part]),
        "failures of the search": proportion_or_none([not row["retrieved"] for row in part if not row["correct"]]),
    }


def by_retrieval(answers: dict[str, dict[str, Rows]]) -> dict:
    """Of each arm the paraphrased questions answered correctly whose passage the search found, and whose it missed."""
    found = {row["id"]: row["retrieved"] for row in answers[RETRIEVAL]["paraphrase"]}
    return {
        arm: {
            name: over_seeds([row for row in answers[arm]["paraphrase"] if found[row["id"]] == is_found], "correct")
            for name, is_found in (("found", True), ("missed", False))
        }
        for arm in (RETRIEVAL, FOUR, BOTH)
    }


def tried(dev: dict[Arm, Rows]) -> dict:
    """Of each number of wordings and learning rate, the paraphrases of dev that were correct."""
    settings: dict = {}
    for arm, part in dev.items():
        hits = [row["correct"] for row in part if row["wording"] == "paraphrase"]
        kind = "facts" if arm.wordings == 1 else "wordings"
        settings.setdefault(kind, {})[f"{arm.learning_rate:g}"] = {"correct": sum(hits), "n": len(hits)}
    return settings


def chosen(tests: dict[Arm, Rows]) -> dict:
    """How each fine-tuned model was trained, and the training losses of its first seed."""
    return {
        label(arm): {"learning rate": arm.learning_rate, "epochs": arm.epochs, "losses": row["losses"]}
        for arm, part in tests.items()
        for row in part
        if "losses" in row and row["arm"].seed == 0
    }


def generators_table(generators: dict[str, dict]) -> str:
    """What each generator made of the same passages, and how many of its failures are the search's."""
    fields = ("retrieved", "read correctly", "correct", "failures of the search")
    lines = [
        [name, WORDINGS[wording], *(counted_words(one[field]) if one[field] else "" for field in fields)]
        for name, asked in generators.items()
        for wording, one in asked.items()
    ]
    heads = [
        "Correct passage retrieved",
        "Of those, answered correctly",
        "Correct",
        "Incorrect, passage not retrieved",
    ]
    return table(["Generator", "Asked", *heads], lines)


def of_one_model(metrics: dict) -> dict[str, str]:
    """What the pages show of one model alone: of the small one both generators beside each other, else the plot."""
    if "larger" in metrics:
        generators = {metrics["generator"]: metrics["reading"], GENERATORS[QWEN2.key]: metrics["larger"]}
        return {"generators.md": generators_table(generators)}
    bars = [
        Bar.of(f"{short}, {name}", metrics["arms"][arm][wording], wording == "paraphrase")
        for arm, short in (
            (ONCE, "fine-tuned"),
            (FOUR, "fine-tuned, four wordings"),
            (RETRIEVAL, "one passage"),
            (THREE, "three passages"),
            (BOTH, "both"),
        )
        if arm in metrics["arms"]
        for wording, name in (("direct", "as in training"), ("paraphrase", "paraphrased"))
    ]
    return {"plot.svg": dots("Correct answers by training and wording", bars)}


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the plot, by file name."""
    lines = [
        [arm, *(proportion_words(figures[name]) for name in (*WORDINGS, "hallucinates"))]
        for arm, figures in metrics["arms"].items()
    ]
    compared = {f"{arm}, against retrieval": both for arm, both in metrics["against retrieval"].items()}
    compared |= {
        f"{arm}, against three longer passages": both for arm, both in metrics.get("against three passages", {}).items()
    }
    compared |= {
        "fine-tuned, four wordings: with a passage against without": metrics["with a passage"],
        "fine-tuned: four wordings against one": metrics["four wordings"],
    } | metrics.get("against the larger", {})
    tried_lines = [
        [kind, f"learning rate {learning_rate}", f"{one['correct']}/{one['n']}"]
        for kind, learning_rates in metrics["tried"].items()
        for learning_rate, one in learning_rates.items()
    ]
    heads = ["", "Asked as in training", "Asked paraphrased", "Hallucinates, unanswerable"]
    return {
        "table.md": table(heads, lines),
        "compared.md": contrasts_table(
            ["", "Asked"],
            {(name, WORDINGS[wording]): one for name, both in compared.items() for wording, one in both.items()},
            metrics,
        ),
        "found.md": table(
            ["Paraphrased, correct", "Passage found", "Passage missed"],
            [[arm, *(proportion_words(one) for one in by.values())] for arm, by in metrics["by retrieval"].items()],
        ),
        "tried.md": table(["Tried on dev", "Setting", "Paraphrases correct"], tried_lines, right=1),
    } | of_one_model(metrics)
