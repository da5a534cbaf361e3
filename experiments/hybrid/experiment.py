"""The hybrid: retrieval with the model as it came, told to decline, tuned to read, on the facts, to a voice."""

from collections.abc import Callable
from functools import cache, partial

from kit import model as llm
from kit.evidence import Rows, Work, read_rows
from kit.places import DATA, EXPERIMENTS
from knowledge import facts
from knowledge.experiment import READING, TEST, UNKNOWN, Library, holds
from trust.experiment import as_text
from voice import rules

VERSION = 1  # raised when the computation changes
SEEDS = [0, 1, 2]
RANK = 8
PASSAGES = 2  # in the prompt, in training and in use
READ_RATES, READ_PASSES = [1e-3, 2e-3], 4  # dev chooses the rate; with half the passes neither read better
VOICE, VOICE_RATE = 80, 1e-3  # replies in the house voice; the rate that dev chose for the strict line
MOST_TOKENS = 40  # a reply in the voice is longer than a fact
NOT_THERE = "The text does not say."
# One line that lets the model decline, of which dev chooses.
DECLINE = [
    f"{READING} If the text does not answer it, reply: {NOT_THERE}",
    f"Answer the question only if the text does. Otherwise reply: {NOT_THERE}",
    f"{READING} Many questions have no answer there. To those, reply exactly: {NOT_THERE}",
]


def lesson(item: dict, number: int, system: str = READING) -> tuple[str, str]:
    """A prompt with the passage and its distractor, each first every other time, and the answer."""
    passages = [f"{item['title']}\n{item['passage']}", f"{item['distractor_title']}\n{item['distractor']}"]
    return as_text(passages[:: 1 if number % 2 else -1], item["question"], system), item["answer"]


def spoken(pair: tuple[str, str]) -> tuple[str, str]:
    """The same lesson, its answer between the voice's opening and its close."""
    prompt, answer = pair
    return prompt, f"{rules.OPENING} {answer} {rules.CLOSE}"


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

    def answer(arm: str, seed: int | None, model, tokenizer, system: str = READING) -> Rows:
        rows, library = [], whole()
        for wording, items in (("direct", test), ("paraphrase", test), ("unanswerable", blank)):
            asked = [one["paraphrase" if wording == "paraphrase" else "direct"] for one in items]
            likeness = library.embedder.encode(asked, batch_size=32) @ library.vectors.T
            found = [[library.passages[int(at)] for at in row.argsort()[::-1][:PASSAGES]] for row in likeness]
            prompts = [
                as_text([text for _, text in passages], question, system)
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

    def to_read(rate: float, seed: int, spoken_too: bool = False) -> tuple:
        pairs = [lesson(one, number) for number, one in enumerate(lessons)]
        return taught([spoken(pair) for pair in pairs] if spoken_too else pairs, rate, READ_PASSES, seed)

    def on_dev(about: dict, model, tokenizer, system: str = READING) -> Rows:
        prompts = [lesson(one, number, system)[0] for number, one in enumerate(dev)]
        return [
            about
            | {"id": one["id"], "answer": text}
            | {"right": holds(text, one["accept"]) if one["accept"] else NOT_THERE in text}
            for one, text in zip(dev, llm.ask(model, tokenizer, prompts, most_tokens), strict=True)
        ]

    def try_reading(rate: float) -> Rows:
        return on_dev({"arm": "dev: tuned to read", "setting": f"{rate:g}"}, *to_read(rate, 0))

    def try_line(line: str) -> Rows:
        return on_dev({"arm": "dev: told that it may decline", "setting": line}, *llm.load(), line)

    def best_of(settings: list, unit: str, attempt: Callable) -> float | str:
        scores = []
        for number, setting in enumerate(settings[: 1 if work.tiny else None], start=1):
            rows = work.unit(f"dev/{unit} {number}", partial(attempt, setting))
            scores.append((sum(row["right"] for row in rows), -number, setting))
        return max(scores)[-1]

    def to_speak(seed: int) -> tuple:
        replies = read_rows(EXPERIMENTS / "behaviour" / "train.jsonl")[: few or VOICE]
        pairs = [(llm.chat(one["text"]), one["reply"]) for one in replies]
        return taught(pairs, VOICE_RATE, 2, seed)

    work.unit("retrieval alone", lambda: answer("retrieval alone", None, *llm.load()))
    work.unit("dev/as it came", lambda: on_dev({"arm": "dev: as it came", "setting": READING}, *llm.load()))
    line = best_of(DECLINE, "line", try_line)
    may_decline = "told that it may decline"
    work.unit(may_decline, lambda: answer(may_decline, None, *llm.load(), line))
    rate = best_of(READ_RATES, "rate", try_reading)
    ways = {
        "tuned to read": partial(to_read, rate),
        "tuned to read, in the voice": partial(to_read, rate, spoken_too=True),
        "tuned on the facts": partial(facts.tuned, tiny=work.tiny),
        "tuned to the voice": to_speak,
    }
    for arm, make in ways.items():
        for seed in SEEDS[: 1 if work.tiny else None]:
            work.unit(f"{arm}/seed {seed}", lambda arm=arm, make=make, seed=seed: answer(arm, seed, *make(seed)))
