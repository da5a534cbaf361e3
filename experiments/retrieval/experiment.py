"""Search: does the right passage come up? Three searches, two ways of cutting, the embedder fine-tuned or not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from kit.arm import Arm
from kit.models import SMOLLM2, of_any_model
from kit.rows import Rows, read_data
from kit.work import Work
from tasks import questions
from tasks.questions import asked, company_library
from tasks.search import DEEP, HEADINGS, METHODS, WITH_ANSWER, WORDS_40, HeadingLibrary, with_ranks

from retrieval.tuned_embedder import EmbedderTraining, tuned_embedder

VERSION = 1  # raised when the computation changes
OTHERS, OWN = "other companies", "own questions"


@dataclass(frozen=True)
class Settings:
    """What is tried, and how much of it."""

    model: str = SMOLLM2.key  # asked nothing here: searching is the embedder's work
    seeds: tuple[int, ...] = (0, 1, 2)  # of the embedder's training; nothing else is random
    test_items: int | None = None
    dev_items: int | None = None
    top: int = 3  # by what is found among so many dev chooses
    passage_tokens: tuple[int, ...] = (64, 128)  # dev chooses
    # Each epoch of each of two learning rates takes a quarter of a minute on dev, and each of six runs on test as long.
    embedder_epochs: int = 3
    embedder_learning_rates: tuple[float, ...] = of_any_model((2e-5, 1e-4))  # dev chooses
    embedder_batch: int = 16
    pairs: int | None = None


SETTINGS = Settings()
A_FEW = {"test_items": 2, "dev_items": 2, "passage_tokens": (128,), "embedder_learning_rates": (2e-5,), "pairs": 4}
TINY = replace(SETTINGS, **A_FEW, seeds=(0,), embedder_epochs=1)
SLICE, SLICE_UNITS = replace(SETTINGS, test_items=10), ("search/embeddings", "search/hybrid")
DATA = (questions.DOCUMENTS, questions.QUESTIONS, questions.COMPANIES)
LIBRARIES = ("bm25s", "markdown-it-py", "datasets")  # beside those of every experiment


def titled_passages(item: dict) -> tuple[str, str]:
    """Of another company's question the passage and the distractor, each below its title."""
    return f"{item['title']}\n{item['passage']}", f"{item['distractor_title']}\n{item['distractor']}"


class Collection:
    """The questions, the passages, and each way of searching them."""

    def __init__(self, settings: Settings):
        """Read the questions, and those of other companies."""
        self.settings = settings
        counts = {"test": settings.test_items, "dev": settings.dev_items}
        self.items = {split: questions.answerable(split, count) for split, count in counts.items()}
        self.others = [one for one in read_data(questions.COMPANIES) if one["split"] == "train" and one["accept"]]
        self.passage_tokens = settings.passage_tokens[0]  # until dev has chosen

    @cached_property
    def library(self) -> HeadingLibrary:
        """The documents cut at headings, as dev chose, with the embedder off the shelf."""
        return HeadingLibrary(self.passage_tokens)

    def searched(self, arm: Arm, library: HeadingLibrary | None = None) -> Rows:
        """For each question its ten best passages by number, and the rank of the first right one."""
        library = library or self.library
        return self.rows(arm, library.passages, lambda texts: library.ranked(texts, arm.search, DEEP))

    def in_40_words(self, arm: Arm) -> Rows:
        """The same for the passages of 40 words that the other experiments read."""
        library = company_library()

        def ranked(texts: list[str]) -> list[list[int]]:
            return (-library.similarities(texts)).argsort(kind="stable")[:, :DEEP].tolist()

        return self.rows(arm, library.passages, ranked)

    def rows(self, arm: Arm, passages: list, ranked: Callable[[list[str]], list[list[int]]]) -> Rows:
        """A row for each question and wording."""
        items, rows = self.items[arm.split], []
        for wording in WITH_ANSWER:
            orders = ranked([asked(one, wording) for one in items])
            rows += with_ranks(arm, wording, items, orders, passages)
        return rows

    def tried_cut(self, arm: Arm, passage_tokens: int) -> Rows:
        """Every search on dev, for one size of passage."""
        library = HeadingLibrary(passage_tokens)
        return [
            row | {"kind": f"{passage_tokens} tokens"}
            for method in METHODS
            for row in self.searched(replace(arm, search=method), library)
        ]

    def pairs(self, trained_on: str) -> list[tuple[str, ...]]:
        """What the embedder is trained on: other companies' questions, or the company's own questions of dev.

        The first are triples: a question, its passage, and one that looks like it.
        """
        if trained_on == OTHERS:
            pairs = [(one["question"], *titled_passages(one)) for one in self.others]
        else:
            right = {one["id"]: self.library.right(one).text for one in self.items["dev"]}
            pairs = [(asked(one, wording), right[one["id"]]) for one in self.items["dev"] for wording in WITH_ANSWER]
        return pairs[: self.settings.pairs]

    def with_tuned_embedder(self, arm: Arm) -> Rows:
        """Search by embeddings and hybrid search with an embedder fine-tuned on pairs."""
        training = EmbedderTraining(arm.epochs, arm.learning_rate, self.settings.embedder_batch, arm.seed)
        with tuned_embedder(self.pairs(arm.embedder_trained_on), training) as folder:
            library = HeadingLibrary(self.passage_tokens, str(Path(folder) / "model"))
            return [
                row
                for method in ("embeddings", "hybrid")
                for row in self.searched(replace(arm, search=method), library)
            ]


def found_in(rows: Rows, top: int) -> int:
    """For how many questions the right passage is among the first `top`."""
    return sum(row["rank"] is not None and row["rank"] <= top for row in rows)


def choose_cut(work: Work, collection: Collection, settings: Settings) -> int:
    """The size of passages with which some search finds most on dev; ties: the first."""
    arm = Arm(method="retrieval", model=settings.model, split="dev", cutting=HEADINGS)
    found: dict[int, int] = {}
    for tokens in settings.passage_tokens:
        rows = work.unit(f"dev/cut/{tokens}", partial(collection.tried_cut, arm, tokens))
        by_method = [[row for row in rows if row["arm"].search == method] for method in METHODS]
        found[tokens] = max(found_in(part, settings.top) for part in by_method)
    return max(found, key=lambda tokens: found[tokens])


def choose_training(work: Work, collection: Collection, arm: Arm, settings: Settings) -> Arm:
    """The learning rate with which the embedder, trained on other companies, finds most on dev; ties: the first."""
    found, epochs = {}, settings.embedder_epochs
    on_dev = replace(arm, split="dev", epochs=epochs, seed=0, embedder_trained_on=OTHERS)
    for learning_rate in settings.embedder_learning_rates:
        tried = replace(on_dev, learning_rate=learning_rate)
        make = partial(collection.with_tuned_embedder, tried)
        rows = work.unit(f"dev/embedder/{epochs} epochs/{learning_rate:g}", make)
        found[tried] = found_in(rows, 1) + found_in(rows, settings.top)
    return replace(max(found, key=lambda one: found[one]), split="test")


def predict(work: Work, settings: Settings) -> None:
    """Every search, off the shelf and then with each fine-tuned embedder."""
    collection = Collection(settings)
    collection.passage_tokens = choose_cut(work, collection, settings)
    base = Arm(method="retrieval", model=settings.model, cutting=HEADINGS)
    simple = replace(base, cutting=WORDS_40, search="embeddings")
    work.unit("search/40 words", partial(collection.in_40_words, simple))
    for method in METHODS:
        work.unit(f"search/{method}", partial(collection.searched, replace(base, search=method)))
    chosen = choose_training(work, collection, base, settings)
    for trained_on in (OTHERS, OWN):
        for seed in settings.seeds:
            arm = replace(chosen, embedder_trained_on=trained_on, seed=seed)
            key = f"search/embedder tuned on {trained_on}/seed {seed}"
            work.unit(key, partial(collection.with_tuned_embedder, arm))
