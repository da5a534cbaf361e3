"""The recorded answers of each rung to the same questions: files that the tool fetches, and the text on its page.

The answers are the predictions of the `knowledge` experiment. Of a model whose run is not whole yet, the units that are
done are shown.
"""

import json
import re
from collections import Counter
from functools import cache, partial
from html import escape

from rung.files import read_lines

from scripts.pages import data
from scripts.pages.data import BrokenData
from scripts.pages.generated import Generated
from scripts.pages.kept_answers import SIZES, is_as, rows_of
from scripts.paths import DOCS, EXPERIMENTS, ROOT

PAGE = DOCS / "tools" / "rungs.md"
FOLDER = DOCS / "assets" / "tools" / "rungs"
EXPERIMENT = "knowledge"
RESULTS = EXPERIMENTS / EXPERIMENT / "results"
SOURCE = f"{data.shown(RESULTS)}/**/*.jsonl"
MADE_BY = f"make experiments only={EXPERIMENT}"
QUESTIONS = ROOT / "snippets" / "data" / "questions.jsonl"
UNANSWERABLE = EXPERIMENTS / "tasks" / "data" / "unanswerable.jsonl"
TUNED = {"method": "lora", "wordings": 4, "seed": 0, "split": "test"}  # of what is random the first seed
# Each arm by the fields that set it apart; None is a field that it lacks.
ARMS = {
    "Prompt only": {"method": "prompt", "passages": None},
    "Retrieval": {"method": "prompt", "passages": 1},
    "Fine-tuned on the facts": TUNED | {"passages": None},
    "Fine-tuned, with retrieval": TUNED | {"passages": 1},
}
WORDINGS = {
    "direct": "In the documents' words",
    "paraphrase": "In a customer's words",
    "unanswerable": "Not in the documents",
}
SHOWN = "paraphrase"  # the wording of the questions that stand on the page as text
# A refusal of a subject, where the score sees an abstention: it says nothing of what the model knows.
REFUSES = re.compile(r"(?i)\bpolitical\b|\bsensitive\b")
Rows = list[dict]


@cache
def answers_of(model: str, arm: str, wording: str) -> dict[str, dict]:
    """What a model answered in an arm, by question; empty where it was not asked yet."""
    return {
        row["id"]: row
        for row in rows_of(EXPERIMENT, model)
        if row.get("wording") == wording and is_as(row["arm"], ARMS[arm])
    }


def asked_arms(wording: str = "direct") -> list[tuple[str, str]]:
    """Each arm with each model that was asked in it, in the order in which they are shown."""
    return [(arm, model) for arm in ARMS for model in SIZES if answers_of(model, arm, wording)]


def verdict(row: dict, wording: str) -> str:
    """What the score calls an answer. Where the documents hold none, to abstain is correct."""
    if row["abstains"]:
        return "correct" if wording == "unanswerable" else "abstained"
    return "correct" if row["correct"] else "incorrect"


@cache
def questions(wording: str) -> list[dict]:
    """The questions in a wording: id, text, the accepted answers and the document that holds one.

    Raises BrokenData where a recorded answer belongs to no question.
    """
    if wording == "unanswerable":
        more = [one | {"direct": one["question"]} for one in read_lines(UNANSWERABLE)]
        everything = [one for one in read_lines(QUESTIONS) if not one["answerable"]] + more
        found = [{"id": one["id"], "text": one["direct"], "accept": []} for one in everything]
    else:
        found = [
            {"id": one["id"], "text": one[wording], "accept": one["accept"], "document": one["document"]}
            for one in read_lines(QUESTIONS)
            if one["answerable"]
        ]
    asked = {name for arm, model in asked_arms(wording) for name in answers_of(model, arm, wording)}
    if strangers := asked - {one["id"] for one in found}:
        raise BrokenData(f"{SOURCE} answers {sorted(strangers)[0]}, which no file of questions holds.")
    return [one for one in found if one["id"] in asked]


def recorded(wording: str, question: dict) -> Rows:
    """The answers to a question: arm, model, text, verdict, and whether the right passage was in the prompt."""
    found = []
    for arm, model in asked_arms(wording):
        row = answers_of(model, arm, wording).get(question["id"])
        if row:
            one = {"arm": arm, "model": model, "text": row["answer"], "verdict": verdict(row, wording)}
            found.append(one | ({"retrieved": row["retrieved"]} if "retrieved" in row else {}))
    return found


def render_file(wording: str) -> str:
    """The file that the tool fetches for a wording: one question a line."""
    lines = [
        json.dumps(one | {"answers": recorded(wording, one)}, ensure_ascii=False, separators=(",", ":"))
        for one in questions(wording)
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def tally(arm: str, model: str, wording: str) -> str:
    """How many answers of an arm are correct; on unanswerable questions, how often it abstained."""
    rows = answers_of(model, arm, wording).values()
    counts = Counter(verdict(row, wording) for row in rows)
    return f"{counts['correct']} of {len(rows)}" if rows else ""


def quoted(text: str) -> str:
    """What a model wrote, as the cell of a table: on one line, and nothing of it Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]|~^$])", r"\\\1", escape(" ".join(text.split()), quote=False))


def render_table() -> list[str]:
    """How often each arm is correct, by model and wording."""
    heads = ["Arm", "Model", *WORDINGS.values()]
    lines = [f"| {' | '.join(heads)} |", f"|---|---|{'--:|' * len(WORDINGS)}"]
    lines += [
        f"| {arm} | {model} | {' | '.join(tally(arm, model, wording) for wording in WORDINGS)} |"
        for arm, model in asked_arms()
    ]
    return lines


def refusals_note() -> str:
    """How many abstentions on unanswerable questions are refusals of a subject, by arm and model."""
    told = []
    for arm, model in asked_arms():
        abstained = [row for row in answers_of(model, arm, "unanswerable").values() if row["abstains"]]
        refused = sum(bool(REFUSES.search(row["answer"])) for row in abstained)
        if refused:
            told.append(f"{refused} of the {len(abstained)} of “{arm}”, {model}")
    if not told:
        return ""
    which = "; ".join(told)
    return f"Some answers that count as abstaining refuse “political” or “sensitive” matters instead: {which}."


def examples() -> dict[str, dict]:
    """A question of each kind that teaches something, by what the smaller model answered: the first of the file."""

    def first(is_such) -> dict:
        for one in questions(SHOWN):
            said = {row["arm"]: row["verdict"] for row in recorded(SHOWN, one) if row["model"] == "135M"}
            if is_such(said["Retrieval"] == "correct", said["Fine-tuned on the facts"] == "correct"):
                return one
        raise BrokenData(f"{SOURCE} has no question of a kind that the page shows.")

    return {
        "With the smaller model, only retrieval is correct": first(lambda retrieved, tuned: retrieved and not tuned),
        "With the smaller model, only fine-tuning is correct": first(lambda retrieved, tuned: tuned and not retrieved),
        "With the smaller model, both are correct": first(lambda retrieved, tuned: retrieved and tuned),
        "With the smaller model, neither is correct": first(lambda retrieved, tuned: not retrieved and not tuned),
    }


def render() -> str:
    """The generated part of the page: the tally, and four questions with all answers."""
    lines = [*render_table(), "", refusals_note()]
    for title, question in examples().items():
        accepted = " or ".join(f"“{one}”" for one in question["accept"])
        lines += ["", f"### {title}", "", f"*{question['text']}* An answer that holds {accepted} is correct.", ""]
        lines += ["| Arm | Model | Answer | |", "|---|---|---|---|"]
        lines += [
            f"| {one['arm']} | {one['model']} | {quoted(one['text'])} | {one['verdict']} |"
            for one in recorded(SHOWN, question)
        ]
    return "\n".join(lines)


GENERATED = [
    *(
        Generated(
            FOLDER / f"{wording}.json", SOURCE, partial(render_file, wording), is_whole_file=True, made_by=MADE_BY
        )
        for wording in WORDINGS
    ),
    Generated(PAGE, SOURCE, render, made_by=MADE_BY),
]
