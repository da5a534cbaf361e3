"""The hybrid: retrieval with the model as it came, tuned to read, tuned on the facts, tuned to a voice."""

from functools import cache, partial

from kit import model as llm
from kit.evidence import Rows, Work, read_rows
from kit.places import DATA, EXPERIMENTS
from knowledge import facts
from knowledge.experiment import READING, TEST, UNKNOWN, Library, holds
from trust.experiment import as_text
from voice import rules

SEEDS = [0, 1, 2]
RANK = 8
PASSAGES = 2  # in the prompt, in training and in use
READ_SETTINGS = [(rate, passes) for passes in (2, 4) for rate in (1e-3, 2e-3)]  # of which dev chooses
VOICE, VOICE_RATE = 80, 1e-3  # replies in the house voice; the rate that dev chose for the strict line
MOST_TOKENS = 40  # a reply in the voice is longer than a fact
NOT_THERE = "The text does not say."


def lesson(item: dict, number: int) -> tuple[str, str]:
    """A prompt with the passage and its distractor, each first every other time, and the answer."""
    passages = [f"{item['title']}\n{item['passage']}", f"{item['distractor_title']}\n{item['distractor']}"]
    return as_text(passages[:: 1 if number % 2 else -1], item["question"], READING), item["answer"]


def predict(work: Work) -> None:
    """Every answer of every arm, with what was fetched."""
    few, most_tokens = (2, 4) if work.tiny else (None, MOST_TOKENS)
    test = facts.questions()[:few]
    blank = [one for one in read_rows(DATA / "questions.jsonl") if not one["answerable"]]
    blank += [
        {"id": one["id"], "direct": one["question"]}
        for one in read_rows(EXPERIMENTS / "knowledge" / "unanswerable.jsonl")
    ]
    blank = blank[: few or TEST]
    others = read_rows(EXPERIMENTS / "hybrid" / "companies.jsonl")
    lessons = [one for one in others if one["split"] == "train"][:few]
    dev = [one for one in others if one["split"] == "dev"][:few]
    whole = cache(Library)  # not embedded where every unit is kept

    def answer(arm: str, seed: int | None, model, tokenizer) -> Rows:
        rows, library = [], whole()
        for wording, items in (("direct", test), ("paraphrase", test), ("unanswerable", blank)):
            asked = [one["paraphrase" if wording == "paraphrase" else "direct"] for one in items]
            likeness = library.embedder.encode(asked, batch_size=32) @ library.vectors.T
            found = [[library.passages[int(at)] for at in row.argsort()[::-1][:PASSAGES]] for row in likeness]
            prompts = [
                as_text([text for _, text in passages], question, READING)
                for passages, question in zip(found, asked, strict=True)
            ]
            for one, passages, text in zip(items, found, llm.ask(model, tokenizer, prompts, most_tokens), strict=True):
                accepted = one.get("accept", [])
                hit = any(source == one.get("document") and holds(passage, accepted) for source, passage in passages)
                voice = rules.score(one["direct"], text)
                rows.append(
                    {"arm": arm, "seed": seed, "wording": wording, "id": one["id"], "answer": text, "fetched": hit}
                    | {"right": holds(text, accepted), "declines": bool(UNKNOWN.search(text))}
                    | {"in voice": voice["opening"] and voice["close"]}
                )
        return rows

    def taught(pairs: list[tuple[str, str]], rate: float, passes: int, seed: int) -> tuple:
        model, tokenizer = llm.load()
        model = llm.with_lora(model, RANK, seed)
        epochs = 1 if work.tiny else passes
        llm.train(model, tokenizer, pairs, rate=rate, epochs=epochs, seed=seed, batch=4)
        return model, tokenizer

    def to_read(rate: float, passes: int, seed: int) -> tuple:
        pairs = [lesson(one, number) for number, one in enumerate(lessons)]
        return taught(pairs, rate, passes, seed)

    def try_reading(rate: float, passes: int) -> Rows:
        model, tokenizer = to_read(rate, passes, 0) if passes else llm.load()
        prompts = [lesson(one, number)[0] for number, one in enumerate(dev)]
        return [
            {"arm": "dev: tuned to read", "rate": rate, "passes": passes, "id": one["id"], "answer": text}
            | {"right": holds(text, one["accept"]) if one["accept"] else NOT_THERE in text}
            for one, text in zip(dev, llm.ask(model, tokenizer, prompts, most_tokens), strict=True)
        ]

    def to_speak(seed: int) -> tuple:
        replies = read_rows(EXPERIMENTS / "behaviour" / "train.jsonl")[: few or VOICE]
        pairs = [(llm.chat(one["text"]), one["reply"]) for one in replies]
        return taught(pairs, VOICE_RATE, 2, seed)

    work.unit("retrieval alone", lambda: answer("retrieval alone", None, *llm.load()))
    scores = {}
    for rate, passes in [(0, 0), *READ_SETTINGS][: 2 if work.tiny else None]:
        tried = work.unit(f"dev/read/{rate:g}, {passes} passes", partial(try_reading, rate, passes))
        scores[rate, passes] = sum(row["right"] for row in tried)
    best = max(READ_SETTINGS, key=lambda setting: scores.get(setting, 0))
    ways = {
        "tuned to read": partial(to_read, *best),
        "tuned on the facts": partial(facts.tuned, tiny=work.tiny),
        "tuned to the voice": to_speak,
    }
    for arm, make in ways.items():
        for seed in SEEDS[: 1 if work.tiny else None]:
            work.unit(f"{arm}/seed {seed}", lambda arm=arm, make=make, seed=seed: answer(arm, seed, *make(seed)))
