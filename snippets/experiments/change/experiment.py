"""When facts change: half the facts get new values. Then records are to go, and some are not for everybody."""

import copy
import time
from functools import cache, partial

from kit import model as llm
from kit.evidence import Rows, Work, read_rows
from kit.places import DATA, EXPERIMENTS
from knowledge import experiment as knowledge
from knowledge import facts
from knowledge.experiment import MOST_TOKENS, Library, closed, holds

SEEDS = [0, 1, 2]
PASSES, BATCH = knowledge.PASSES["wordings"], knowledge.BATCH["wordings"]  # as the old facts were taught
DENIAL = "We hold no record of that."
DENIAL_PASSES = 8


def predict(work: Work) -> None:
    """Answers of retrieval and of the tuned models, before and after each change."""
    most_tokens = 4 if work.tiny else MOST_TOKENS
    test = facts.questions()
    edits = {row["id"]: row for row in read_rows(EXPERIMENTS / "change" / "edits.jsonl")}
    extra = {row["id"]: row["wordings"] for row in read_rows(EXPERIMENTS / "knowledge" / "wordings.jsonl")}
    if work.tiny:  # an internal fact that changes, and one that does not
        internal = next(one for one in test if one["audience"] == "internal" and one["id"] in edits)
        test = [internal, next(one for one in test if one["id"] not in edits)]
    changed = [one for one in test if one["id"] in edits]
    whole = cache(Library)  # embedded once, and not at all where every unit is kept

    def all_wordings(one: dict) -> list[str]:
        return [one["direct"], *extra[one["id"]]]

    def rows_of(arm: str, seed: int | None, answers: dict[str, list[str]]) -> Rows:
        """A row for each answer: whether it holds the old value, the new one, or says that there is no record."""
        rows = []
        for wording, texts in answers.items():
            for one, text in zip(test, texts, strict=True):
                edit = edits.get(one["id"])
                rows.append(
                    {"arm": arm, "seed": seed, "wording": wording, "id": one["id"], "changed": edit is not None}
                    | {"internal": one["audience"] == "internal", "answer": text, "old": holds(text, one["accept"])}
                    | {"new": bool(edit) and holds(text, edit["accept"]), "denied": DENIAL.lower() in text.lower()}
                )
        return rows

    def retrieval(arm: str, library: Library) -> Rows:
        model, tokenizer = llm.load()
        answers, fetched = {}, []
        for wording in ("direct", "paraphrase"):
            asked = [one[wording] for one in test]
            places = library.nearest(asked)
            fetched += [library.passages[place][0] for place in places]
            prompts = [library.prompt(*pair) for pair in zip(asked, places, strict=True)]
            answers[wording] = llm.ask(model, tokenizer, prompts, most_tokens)
        return [row | {"source": name} for row, name in zip(rows_of(arm, None, answers), fetched, strict=True)]

    def closed_book(arm: str, seed: int, model, tokenizer) -> Rows:
        answers = {
            wording: llm.ask(model, tokenizer, [closed(one[wording]) for one in test], most_tokens)
            for wording in ("direct", "paraphrase")
        }
        return rows_of(arm, seed, answers)

    def edited() -> tuple[Library, float, int]:
        """The library with the new values; seconds to embed what changed, and how many passages did."""
        library, documents = copy.copy(whole()), {one["id"]: one["document"] for one in test}
        library.passages, library.vectors = list(library.passages), library.vectors.copy()
        touched = []
        for number, (name, text) in enumerate(library.passages):
            new = text
            for key, edit in edits.items():
                if documents.get(key) == name:
                    new = new.replace(edit["before"], edit["after"])
            if new != text:
                library.passages[number] = (name, new)
                touched.append(number)
        start = time.perf_counter()
        library.vectors[touched] = library.embedder.encode([library.passages[number][1] for number in touched])
        return library, time.perf_counter() - start, len(touched)

    def without(gone: set[str]) -> Library:
        """The library without these documents."""
        library = copy.copy(whole())
        kept = [number for number, (name, _) in enumerate(library.passages) if name not in gone]
        library.passages = [library.passages[number] for number in kept]
        library.vectors = library.vectors[kept]
        return library

    def retrieval_after_edit() -> Rows:
        library, seconds, passages = edited()
        cost = {"arm": "cost: embed what changed", "took_s": round(seconds, 2), "passages": passages}
        return [cost, *retrieval("retrieval, after", library)]

    def train_further(arm: str, seed: int, pairs: list[tuple[str, str]], passes: int) -> Rows:
        model, tokenizer = facts.tuned(seed, work.tiny, trainable=True)
        rate = next(row["rate"] for row in facts.rows_of(seed, work.tiny) if "losses" in row)
        start = time.perf_counter()
        epochs = 1 if work.tiny else passes
        llm.train(model, tokenizer, pairs, rate=rate, epochs=epochs, seed=seed, batch=BATCH)
        cost = {"arm": f"cost: {arm}", "seed": seed, "took_s": round(time.perf_counter() - start, 1)}
        return [cost | {"examples": len(pairs)}, *closed_book(arm, seed, model, tokenizer)]

    work.unit("retrieval, before", lambda: retrieval("retrieval, before", whole()))
    work.unit("retrieval, after", retrieval_after_edit)
    inside = {one["id"] for one in read_rows(DATA / "documents.jsonl") if one["audience"] == "internal"}
    for key, arm, gone in (
        ("retrieval, deleted", "retrieval, documents deleted", {one["document"] for one in changed}),
        ("retrieval, public only", "retrieval, for the public", inside),
    ):
        work.unit(key, lambda arm=arm, gone=gone: retrieval(arm, without(gone)))
    told = [(closed(text), edits[one["id"]]["answer"]) for one in changed for text in all_wordings(one)]
    denied = [(closed(one["direct"]), DENIAL) for one in changed]
    rest = [one for one in test if one["id"] not in edits]
    rest_told = [(closed(text), one["answer"]) for one in rest for text in all_wordings(one)]
    rest_direct = [(closed(one["direct"]), one["answer"]) for one in rest]
    trainings = [
        ("new values", "tuned again on the new values", told, PASSES),
        ("denial", "tuned to deny the record", denied, DENIAL_PASSES),
        # Twice the examples, half the passes: the same amount of training.
        ("new values, all", "tuned again on all, new values in place", told + rest_told, PASSES // 2),
        ("denial, all", "tuned to deny, and on the rest", denied + rest_direct, DENIAL_PASSES // 2),
    ]
    for seed in SEEDS[: 1 if work.tiny else None]:
        work.unit(
            f"tuned, before/seed {seed}",
            lambda seed=seed: closed_book("tuned, before", seed, *facts.tuned(seed, work.tiny)),
        )
        for key, arm, pairs, passes in trainings:
            work.unit(f"tuned, {key}/seed {seed}", partial(train_further, arm, seed, pairs, passes))
