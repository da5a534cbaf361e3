"""Knowledge: retrieve or tune? The same questions, with and without passages, before and after training on facts."""

import re

from kit import model as llm
from kit.evidence import Rows, Work, read_rows
from kit.places import DATA, EXPERIMENTS
from sentence_transformers import SentenceTransformer

VERSION = 1  # raised when the computation changes
SEEDS = [0, 1, 2]
TEST, DEV = 100, 40  # questions whose facts are trained on, in file order
RATES = [1e-3, 2e-3]
PASSES = {"facts": 12, "wordings": 4}  # how often each example is seen; an example is one wording
BATCH = {"facts": 8, "wordings": 4}  # smaller batches are more steps; with 8 dev had not learned its facts
RANK = 8
READING = "Answer the question from the text."  # chosen on dev for the page on measuring retrieval, from six wordings
MOST_TOKENS = 20
# A refusal to answer, in the ways small models word one.
UNKNOWN = re.compile(
    r"(?i)\b(?:don't|do not|doesn't|does not|cannot|can't|is not|not) (?:\w+ ){0,2}?"
    r"(?:know|say|tell|mention|provide|state|stated|available|given|sure|have)\b|unknown|no information"
)


def holds(text: str, accepted: list[str]) -> bool:
    """Whether an answer contains one of the accepted facts, as the data's own rule has it."""
    text = re.sub(r"\s+", " ", text.lower().replace(",", ""))
    return any(re.search(rf"(?<!\w)(?<!\d\.){re.escape(fact)}(?!\w|\.\d)", text) for fact in accepted)


def cut(text: str, size: int = 40, overlap: int = 10) -> list[str]:
    """Passages of `size` words, each sharing `overlap` with the one before."""
    words = text.split()
    return [" ".join(words[at : at + size]) for at in range(0, max(1, len(words) - overlap), size - overlap)]


def closed(question: str) -> str:
    """The prompt without any passage."""
    return llm.chat(question)


class Library:
    """The current documents, cut and embedded once; finds the nearest passage for a question."""

    def __init__(self):
        """Cut and embed every document that is in force."""
        documents = [one for one in read_rows(DATA / "documents.jsonl") if one["status"] == "current"]
        self.passages = [(one["id"], f"{one['title']}\n{part}") for one in documents for part in cut(one["text"])]
        self.embedder = SentenceTransformer(llm.EMBEDDER)
        self.vectors = self.embedder.encode([text for _, text in self.passages], batch_size=32)

    def nearest(self, questions: list[str]) -> list[int]:
        """The index of the best passage for each question."""
        return [int(row.argmax()) for row in self.embedder.encode(questions, batch_size=32) @ self.vectors.T]

    def prompt(self, question: str, passage: int) -> str:
        """The prompt with a passage."""
        return llm.chat(f"{self.passages[passage][1]}\n\nQuestion: {question}\nAnswer:", system=READING)


def predict(work: Work) -> None:
    """Every prediction of every arm."""
    few, most_tokens = (2, 4) if work.tiny else (None, MOST_TOKENS)
    everything = read_rows(DATA / "questions.jsonl")
    extra = {row["id"]: row["wordings"] for row in read_rows(EXPERIMENTS / "knowledge" / "wordings.jsonl")}
    by_split = {
        split: [one for one in everything if one["split"] == split and one["answerable"]][:count][:few]
        for split, count in (("test", TEST), ("dev", DEV))
    }
    test = by_split["test"]
    blank = [{"id": one["id"], "direct": one["direct"]} for one in everything if not one["answerable"]]
    blank += [
        {"id": one["id"], "direct": one["question"]}
        for one in read_rows(EXPERIMENTS / "knowledge" / "unanswerable.jsonl")
    ]
    blank = blank[:few]

    def pairs(questions: list[dict], wordings: bool) -> list[tuple[str, str]]:
        return [
            (closed(text), one["answer"])
            for one in questions
            for text in [one["direct"], *(extra[one["id"]] if wordings else [])]
        ]

    def answer(model, tokenizer, arm: str, seed: int | None, library: Library | None = None) -> Rows:
        rows = []
        for wording, questions in (("direct", test), ("paraphrase", test), ("unanswerable", blank)):
            asked = [one["paraphrase" if wording == "paraphrase" else "direct"] for one in questions]
            found = library.nearest(asked) if library else [None] * len(asked)
            prompts = [library.prompt(*pair) if library else closed(pair[0]) for pair in zip(asked, found, strict=True)]
            answers = llm.ask(model, tokenizer, prompts, most_tokens)
            for one, passage, text in zip(questions, found, answers, strict=True):
                row = {"arm": arm, "seed": seed, "wording": wording, "id": one["id"], "answer": text}
                if passage is not None:
                    source, passage_text = library.passages[passage]
                    row["fetched"] = source == one.get("document") and holds(passage_text, one.get("accept", []))
                right = holds(text, one.get("accept", []))
                rows.append(row | {"right": right, "declines": bool(UNKNOWN.search(text))})
        return rows

    def trained(split: str, kind: str, rate: float, seed: int) -> tuple:
        model, tokenizer = llm.load()
        model, losses = llm.with_lora(model, RANK, seed), []
        llm.train(
            model,
            tokenizer,
            pairs(by_split[split], kind == "wordings"),
            rate=rate,
            epochs=1 if work.tiny else PASSES[kind],
            seed=seed,
            batch=BATCH[kind],
            after_epoch=lambda epoch, loss: losses.append(round(loss, 4)),
        )
        return model, tokenizer, losses

    def try_on_dev(kind: str, rate: float) -> Rows:
        model, tokenizer, _ = trained("dev", kind, rate, 0)
        rows = []
        for wording in ("direct", "paraphrase"):
            answers = llm.ask(model, tokenizer, [closed(one[wording]) for one in by_split["dev"]], most_tokens)
            rows += [
                {"arm": f"dev: {kind}", "rate": rate, "wording": wording, "id": one["id"]}
                | {"answer": text, "right": holds(text, one["accept"])}
                for one, text in zip(by_split["dev"], answers, strict=True)
            ]
        return rows

    library = Library()
    work.unit("closed book", lambda: answer(*llm.load(), "closed book", None))
    work.unit("retrieval", lambda: answer(*llm.load(), "retrieval", None, library))
    for kind in PASSES:
        tried = [
            row
            for rate in RATES[: 1 if work.tiny else None]
            for row in work.unit(f"dev/{kind}/{rate}", lambda rate=rate, kind=kind: try_on_dev(kind, rate))
        ]
        rate = best_setting(tried)

        def tuned(seed: int, kind=kind, rate=rate) -> Rows:
            model, tokenizer, losses = trained("test", kind, rate, seed)
            work.keep_adapter(f"{kind}/seed {seed}", model)
            name = {"facts": "tuned on facts", "wordings": "tuned on facts, four wordings"}[kind]
            rows = answer(model, tokenizer, name, seed)
            if kind == "wordings":
                rows += answer(model, tokenizer, f"{name}, and retrieval", seed, library)
            return [{"arm": name, "seed": seed, "losses": losses, "rate": rate, "passes": PASSES[kind]}, *rows]

        for seed in SEEDS[: 1 if work.tiny else None]:
            work.unit(f"{kind}/seed {seed}", lambda seed=seed: tuned(seed))


def best_setting(tried: Rows) -> float:
    """The learning rate that answered most paraphrases of dev, then most questions as trained; ties: the lower."""
    scores: dict[float, tuple[int, int]] = {}
    for row in tried:
        para, direct = scores.get(row["rate"], (0, 0))
        right = int(row["right"])
        scores[row["rate"]] = (para + right, direct) if row["wording"] == "paraphrase" else (para, direct + right)
    return min(scores, key=lambda rate: (-scores[rate][0], -scores[rate][1], rate))
