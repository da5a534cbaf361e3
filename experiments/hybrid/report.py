"""What the hybrid experiment amounts to: retrieved or not against correct or not, for each arm, and hallucinations.

And what needs no training: the house style put around an answer by code, and a template that answers nothing. A reply
counts when it holds the fact and keeps all seven rules: the template keeps them and holds none.
"""

from collections.abc import Callable

from kit.arm import Arm
from kit.contrasts import contrast, contrasts_table, with_family
from kit.draw import Bar, dots
from kit.models import SMOLLM2
from kit.paths import results_of
from kit.rows import Rows, read_data, read_predictions
from kit.statistics import (
    by_arm,
    by_seed,
    counted_words,
    median_rows,
    over_seeds,
    proportion,
    proportion_or_none,
    proportion_words,
)
from kit.tables import table
from rung.scoring import holds
from tasks import questions, style

READS = ("knowledge",)
ALONE, MAY_ABSTAIN = "retrieval alone", "told that it may abstain"
STYLED, STYLED_BY_EXAMPLES = "asked for the house style", "asked for the house style, four examples"
TEMPLATE = "a template, no model"
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
# Whose answers code puts into the house style, and what these are called: no model is asked anew.
BY_CODE = {
    name: f"{name}, its answer put into the style by code"
    for name in (ALONE, STYLED, STYLED_BY_EXAMPLES, TUNED["reading"])
}
# Of correct replies in the house style: the first arm against the second.
IN_STYLE = [
    (TUNED["reading in style"], STYLED_BY_EXAMPLES),
    (TUNED["reading in style"], BY_CODE[ALONE]),
    (TUNED["reading in style"], BY_CODE[TUNED["reading"]]),
    (STYLED_BY_EXAMPLES, BY_CODE[ALONE]),
]
# What is compared of the answers, by its name in the metrics, and in words.
AGAINST = {"against retrieval alone": "correct", "wrong less often": "neither incorrect nor empty"}
INSTRUCTIONS = (questions.READING, *questions.ABSTAINING)


def label(arm: Arm) -> str:
    """What an arm is called in the tables."""
    if arm.method == "lora":
        return TUNED[arm.trained_on]
    if arm.styled:
        return STYLED_BY_EXAMPLES if arm.examples else STYLED
    return MAY_ABSTAIN if arm.instruction else ALONE


def measure(rows: Rows) -> dict:
    """For each arm and wording: retrieved and correct or not, incorrect or abstaining, in style; comparisons."""
    texts = {one["id"]: one for one in read_data(questions.QUESTIONS)}
    parts: dict[str, dict[str, Rows]] = {}
    tried: dict = {}
    for arm, part in by_arm(rows).items():
        if arm.split == "dev":
            asked_for = f"wording {arm.instruction + 1}" if arm.styled else INSTRUCTIONS[arm.instruction]
            setting = f"{arm.learning_rate:g}" if arm.method == "lora" else asked_for
            kind = "base model" if label(arm) == ALONE else label(arm)
            tried.setdefault(kind, {})[setting] = {"correct": sum(row["correct"] for row in part), "n": len(part)}
        else:
            judged_rows = [row | judged(row, texts) for row in part]
            parts[label(arm)] = {
                wording: [row for row in judged_rows if row["wording"] == wording] for wording in ASKED
            }
    arms = {name: {wording: measure_answers(part) for wording, part in asked.items()} for name, asked in parts.items()}
    for name, asked in parts.items():
        for wording in WORDINGS:
            arms[name][wording] |= measure_correct(asked[wording])
        if name != ALONE:
            for wording in ASKED:
                arms[name][wording] |= compared(asked[wording], parts[ALONE][wording])
    pairs = [
        {"first": first, "second": second, "asked": wording} | compared(parts[first][wording], parts[second][wording])
        for first, second in PAIRS
        for wording in ASKED
    ]
    metrics = {"arms": arms, "tried": tried, "pairs": pairs} | measure_style(parts, texts)
    return with_family(metrics | measure_facts(parts[TUNED["facts"]]))


def compared(part: Rows, other: Rows) -> dict:
    """Two arms in one wording: by correct answers where there are any, and by those neither incorrect nor empty."""
    found = {"wrong less often": contrast(part, other, "not wrong")}
    if part[0]["wording"] in WORDINGS:
        found["against retrieval alone"] = contrast(part, other, "correct")
    return found


def measure_style(parts: dict[str, dict[str, Rows]], texts: dict[str, dict]) -> dict:
    """Of each arm and wording: replies that keep every rule, that are correct, and both; the last compared in pairs."""
    made = {(name, styled): called for name, called in BY_CODE.items()} | {(ALONE, templated): TEMPLATE}
    replies = parts | {
        called: {wording: by_code(parts[name][wording], texts, reply) for wording in WORDINGS}
        for (name, reply), called in made.items()
    }
    return {
        "style": {
            name: {wording: measure_replies(asked[wording]) for wording in WORDINGS} for name, asked in replies.items()
        },
        "style compared": [
            {"first": first, "second": second, "asked": wording}
            | {"in style": contrast(replies[first][wording], replies[second][wording], "correct in style")}
            for first, second in IN_STYLE
            for wording in WORDINGS
        ],
    }


def measure_replies(part: Rows) -> dict:
    """Of one arm and wording: replies that keep every rule, that are correct, and that are both."""
    return {field: over_seeds(part, field) for field in ("every rule", "correct", "correct in style")}


def by_code(rows: Rows, texts: dict[str, dict], reply: Callable[[str, str], str]) -> Rows:
    """The rows with what a few lines of code make of the question and the answer, scored as the others are."""
    made = []
    for row in rows:
        item = texts[row["id"]]
        answer = reply(item[row["wording"]], row["answer"])
        scored = row | {"answer": answer, "correct": holds(answer, item["accept"])}
        made.append(scored | judged(scored, texts))
    return made


def styled(question: str, answer: str) -> str:
    """The answer's first sentence after a word of the question, between the opening and the close."""
    first = next(iter(style.sentences(style.between(answer))), "").rstrip(".!?")
    return f"{style.OPENING} On {style.concern_of(question)}, our documents say: {first}. {style.CLOSE}"


def templated(question: str, _: str) -> str:
    """A reply that tells nothing but what was asked about."""
    return style.templated(question)


def measure_facts(asked: dict[str, Rows]) -> dict:
    """The model fine-tuned on the facts: correct without its passage, by seed; with one, against none at all.

    `knowledge` trained the same models and asked them without passages, so a seed is compared with itself; where it has
    not run, nothing is compared.
    """
    seeds = {
        str(run[0]["arm"].seed): proportion_or_none([row["correct"] for row in run if not row["retrieved"]])
        for run in by_seed(asked["direct"])
    }
    with_passage = [row for row in asked["paraphrase"] if row["retrieved"]]
    alone = without_passages(with_passage)
    return {"facts by seed": seeds} | (
        {"facts against no passages": contrast(with_passage, alone, "correct", same_seeds=True)} if alone else {}
    )


def without_passages(rows: Rows) -> Rows:
    """What the same fine-tuned models answered to the same paraphrased questions in `knowledge`, without passages."""
    model = rows[0]["arm"].model if rows else SMOLLM2.key
    file = results_of("knowledge", model) / "predictions.jsonl"
    known = {
        (row["arm"].seed, row["id"]): row
        for row in (read_predictions(file) if file.exists() else [])
        if (row["arm"].method, row["arm"].passages, row["arm"].split) == ("lora", None, "test")
        and row["arm"].wordings == rows[0]["arm"].wordings
        and row.get("wording") == "paraphrase"
    }
    keys = [(row["arm"].seed, row["id"]) for row in rows]
    return [known[key] for key in keys] if all(key in known for key in keys) else []


def measure_answers(part: Rows) -> dict:
    """Of any kind of question: how many answers are incorrect, and how many abstain."""
    of_median = median_rows(part, "wrong")
    return {
        "wrong": over_seeds(part, "wrong"),
        "abstained when retrieved": proportion_or_none([row["abstained"] for row in of_median if row["retrieved"]]),
        "abstained when not": proportion_or_none([row["abstained"] for row in of_median if not row["retrieved"]]),
    }


def measure_correct(part: Rows) -> dict:
    """Of questions that have an answer: how many are correct, by whether the passage was there."""
    of_median = median_rows(part, "correct")
    return {
        "retrieved": proportion([row["retrieved"] for row in of_median]),
        "correct": over_seeds(part, "correct"),
        "correct when retrieved": proportion_or_none([row["correct"] for row in of_median if row["retrieved"]]),
        "correct when not": proportion_or_none([row["correct"] for row in of_median if not row["retrieved"]]),
    }


def judged(row: dict, texts: dict[str, dict]) -> dict:
    """Whether an answer that is not correct abstains, or is incorrect or empty; whether it is in the house style."""
    abstained = not row["correct"] and questions.says_not_there(row["answer"])
    wrong = not (row["correct"] or abstained)
    question = texts[row["id"]][row["wording"]] if row["wording"] in WORDINGS else ""
    kept = all(style.rules_kept(question, row["answer"]).values())
    found = {"abstained": abstained, "wrong": wrong, "not wrong": not wrong}
    return found | {"every rule": kept, "correct in style": kept and row["correct"]}


def hits_and_misses(one: dict | None) -> list[str]:
    """How many of a proportion's cases were hits, and how many were not, for a table."""
    return [str(one["hits"]), str(one["n"] - one["hits"])] if one else ["0", "0"]


def lines_of(arms: dict, asked: dict[str, str], cells: Callable[[dict], list[str]]) -> list[list[str]]:
    """A line for each arm and each way of asking."""
    return [[arm, name, *cells(figures[wording])] for arm, figures in arms.items() for wording, name in asked.items()]


def picked(names: list[str], words: Callable[[dict], str]) -> Callable[[dict], list[str]]:
    """What writes some of an arm's figures as cells; a figure that is not there leaves its cell empty."""
    return lambda figures: [words(figures[name]) if figures.get(name) else "" for name in names]


def lines_of_comparisons(name: str, asked: str, figures: dict) -> dict[tuple[str, ...], dict]:
    """The comparisons of two arms in one wording, named as lines of a table."""
    return {(name, ASKED[asked], words): figures[field] for field, words in AGAINST.items() if field in figures}


def comparisons_tables(metrics: dict) -> dict[str, str]:
    """Every arm against retrieval alone, the pairs beside it, and the model fine-tuned on the facts against itself."""
    against, pairs = {}, {}
    for arm, figures in metrics["arms"].items():
        for wording in ASKED:
            against |= lines_of_comparisons(arm, wording, figures[wording])
    for one in metrics["pairs"]:
        pairs |= lines_of_comparisons(f"{one['first']}, against {one['second']}", one["asked"], one)
    in_style = {
        (f"{one['first']}, against {one['second']}", ASKED[one["asked"]]): one["in style"]
        for one in metrics["style compared"]
    }
    name = f"{TUNED['facts']}: passages against none, where the right one was retrieved"
    itself = {name: metrics["facts against no passages"]} if "facts against no passages" in metrics else {}
    seeds = [[seed, counted_words(one) if one else ""] for seed, one in metrics["facts by seed"].items()]
    return {
        "compared.md": contrasts_table(["Against retrieval alone", "Asked", ""], against, metrics),
        "pairs.md": contrasts_table(["", "Asked", ""], pairs, metrics),
        "style-compared.md": contrasts_table(["Correct, and in house style", "Asked"], in_style, metrics),
        "facts.md": contrasts_table(["Paraphrased questions"], itself, metrics),
        "seeds.md": table(["Seed", "Correct, passage not retrieved"], seeds),
    }


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the plot, by file name."""
    correct = picked(["correct when retrieved", "correct when not", "correct"], counted_words)
    wrong = picked(["wrong", "abstained when retrieved", "abstained when not"], counted_words)
    in_style = picked(["every rule", "correct", "correct in style"], proportion_words)
    tried = [
        [arm, setting, f"{one['correct']}/{one['n']}"]
        for arm, settings in metrics["tried"].items()
        for setting, one in settings.items()
    ]
    boxes = lines_of(
        metrics["arms"],
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
    return comparisons_tables(metrics) | {
        "table.md": table(
            ["", "Asked", "Correct when retrieved", "Correct when not", "Correct"],
            lines_of(metrics["arms"], WORDINGS, correct),
        ),
        "boxes.md": table(["", "Asked", *box_heads], boxes, right=len(box_heads)),
        "wrong.md": table(["", "Asked", *wrong_heads], lines_of(metrics["arms"], ASKED, wrong)),
        "style.md": table(
            ["", "Asked", "Keeps all seven rules", "Correct", "Correct, and keeps all seven"],
            lines_of(metrics["style"], WORDINGS, in_style),
        ),
        "tried.md": table(
            ["Tried on dev", "Instruction or learning rate", "Correct on other companies' questions"], tried, right=1
        ),
        "plot.svg": dots("Correct answers with retrieval, by fine-tuning", bars),
    }
