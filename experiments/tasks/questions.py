"""Questions about the company: its documents, searched in passages; prompts; and how an answer is scored."""

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from kit.model import chat
from kit.models import EMBEDDER
from kit.paths import DATA as COMPANY
from kit.paths import TASK_DATA
from kit.rows import read_data
from rung.scoring import holds

DOCUMENTS, QUESTIONS = COMPANY / "documents.jsonl", COMPANY / "questions.jsonl"
UNANSWERABLE = TASK_DATA / "unanswerable.jsonl"
COMPANIES = TASK_DATA / "companies.jsonl"  # questions and passages of other invented companies
WORDINGS = ("direct", "paraphrase", "unanswerable")  # in the document's words, in others, of what no document has
MAX_NEW_TOKENS = 20
# Chosen on dev for the page on measuring retrieval, from six wordings.
READING = "Answer the question from the text."
NOT_THERE = "The text does not say."
# One line that lets the model abstain, of which dev chooses.
ABSTAINING = (
    f"{READING} If the text does not answer it, reply: {NOT_THERE}",
    f"Answer the question only if the text does. Otherwise reply: {NOT_THERE}",
    f"{READING} Many questions have no answer there. To those, reply exactly: {NOT_THERE}",
)
SAYS_NOT_THERE = re.compile(r"(?i)\b(?:does not|doesn't|do not|don't) (?:say|know|mention|state|tell|provide|give)\b")


def answerable(split: str, count: int | None = None) -> list[dict]:
    """The first questions of a split that a document answers, in file order."""
    return [one for one in read_data(QUESTIONS) if one["split"] == split and one["answerable"]][:count]


def unanswerable(count: int | None = None, split: str | None = None) -> list[dict]:
    """The first questions that no document answers: those of the company's data, then more of our own.

    With a split only that one's; those of our own are for tests.
    """
    blank = [one for one in read_data(QUESTIONS) if not one["answerable"] and split in {None, one["split"]}]
    ours = [{"id": one["id"], "direct": one["direct"]} for one in blank]
    more = [] if split == "dev" else read_data(UNANSWERABLE)
    return [*ours, *({"id": one["id"], "direct": one["question"]} for one in more)][:count]


def asked(item: dict, wording: str) -> str:
    """How a question is asked in one of the WORDINGS."""
    return item["paraphrase" if wording == "paraphrase" else "direct"]


def says_not_there(text: str) -> bool:
    """Whether an answer says that the text does not say it, or that it does not know.

    Narrower than rung.scoring.abstains, for answers to prompts that name the wording (NOT_THERE): there "is not
    available on Wednesdays" is an answer, and an empty answer is counted apart.
    """
    return bool(SAYS_NOT_THERE.search(text))


def closed_book(model: str, question: str) -> str:
    """The prompt without any passage."""
    return chat(model, question)


def reading_turn(passages: Sequence[str], question: str) -> str:
    """What the user says: the passages, one after the other, then the question."""
    return "\n\n".join(passages) + f"\n\nQuestion: {question}\nAnswer:"


def reading_prompt(
    model: str,
    passages: Sequence[str],
    question: str,
    instruction: str = READING,
    examples: Sequence[tuple[str, str]] = (),
) -> str:
    """The prompt with retrieved passages; `examples` are earlier turns, each with its answer."""
    return chat(model, reading_turn(passages, question), instruction, examples)


def cut(text: str, size: int = 40, overlap: int = 10) -> list[str]:
    """Passages of `size` words, each sharing `overlap` with the one before.

    It follows none of the guide's other cutters, and published results rest on it.
    """
    words = text.split()
    return [" ".join(words[at : at + size]) for at in range(0, max(1, len(words) - overlap), size - overlap)]


@dataclass(frozen=True)
class Passage:
    """A piece of a document, with the document's title."""

    source: str  # the document's id
    text: str


class Library:
    """The documents in force, cut and embedded once, and searched by similarity."""

    def __init__(self, more: Sequence[Passage] = ()):
        """Cut and embed; `more` passages are searched beside those of the documents."""
        documents = [one for one in read_data(DOCUMENTS) if one["status"] == "current"]
        self.passages = [
            Passage(one["id"], f"{one['title']}\n{part}") for one in documents for part in cut(one["text"])
        ]
        self.passages += more
        self.vectors = self.embed([passage.text for passage in self.passages])

    @cached_property
    def embedder(self):
        """What turns texts into vectors."""
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(EMBEDDER)

    def embed(self, texts: Sequence[str]):
        """A vector for each text, of length one: shape (texts, dimensions)."""
        return self.embedder.encode(list(texts), batch_size=32)

    def similarities(self, questions: Sequence[str]):
        """Of each question to each passage: shape (questions, passages)."""
        return self.embed(questions) @ self.vectors.T

    def search(self, questions: Sequence[str], count: int) -> list[list[Passage]]:
        """The most similar passages to each question, the best first."""
        orders = (-self.similarities(questions)).argsort(axis=1, kind="stable")
        return [[self.passages[int(place)] for place in order[:count]] for order in orders]

    def without(self, sources: set[str]) -> "Library":
        """A library without the passages of some documents."""
        other = copy.copy(self)
        kept = [number for number, passage in enumerate(self.passages) if passage.source not in sources]
        other.passages, other.vectors = [self.passages[number] for number in kept], self.vectors[kept]
        return other

    def with_new(self, passage: Passage, vector) -> "Library":
        """A library in which the one passage of a document is another, with its vector."""
        other, place = copy.copy(self), [one.source for one in self.passages].index(passage.source)
        other.passages, other.vectors = list(self.passages), self.vectors.copy()
        other.passages[place], other.vectors[place] = passage, vector
        return other


@cache
def company_library() -> Library:
    """The company's documents, cut and embedded once for every experiment of a process."""
    return Library()


def retrieved(passages: Sequence[Passage], item: dict) -> bool:
    """Whether the passage with the answer is among them: of the right document, and with an accepted fact in it."""
    return any(one.source == item.get("document") and holds(one.text, item.get("accept", [])) for one in passages)
