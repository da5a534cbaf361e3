"""Knowledge: retrieve or tune? The same questions, with and without passages, before and after training on facts."""

from dataclasses import dataclass, replace
from functools import partial

from kit.arm import Arm
from kit.model import Loaded, generate, load
from kit.models import SMOLLM2
from kit.rows import Rows
from kit.work import Work
from rung.scoring import abstains, holds
from tasks import facts, questions
from tasks.facts import FOUR_WORDINGS, ONE_WORDING, FactsTraining
from tasks.questions import asked, company_library

VERSION = 1  # raised when the computation changes


@dataclass(frozen=True)
class Settings:
    """What is tried, and how much of it."""

    model: str = SMOLLM2.key
    seeds: tuple[int, ...] = (0, 1, 2)
    test_items: int = 100  # questions whose facts are trained on, in file order
    dev_items: int = 40
    unanswerable_items: int | None = None
    trainings: tuple[FactsTraining, ...] = (ONE_WORDING, FOUR_WORDINGS)
    learning_rates: tuple[float, ...] = (1e-3, 2e-3)
    instruction: str = questions.READING
    max_new_tokens: int = questions.MAX_NEW_TOKENS


SETTINGS = Settings()
A_FEW = {"test_items": 2, "dev_items": 2, "unanswerable_items": 2, "max_new_tokens": 4}
TRAININGS = tuple(replace(one, epochs=1) for one in SETTINGS.trainings)
TINY = replace(SETTINGS, **A_FEW, seeds=(0,), learning_rates=(1e-3,), trainings=TRAININGS)
SLICE, SLICE_UNITS = replace(SETTINGS, test_items=3, unanswerable_items=3), ("closed book", "retrieval")
DATA = (questions.DOCUMENTS, questions.UNANSWERABLE, *facts.DATA)


class Exam:
    """The questions, and how a model is asked them."""

    def __init__(self, settings: Settings):
        """Read the questions."""
        self.settings = settings
        test = questions.answerable("test", settings.test_items)
        blank = questions.unanswerable(settings.unanswerable_items)
        self.items = {"direct": test, "paraphrase": test, "unanswerable": blank}
        self.dev = questions.answerable("dev", settings.dev_items)

    def answer(self, loaded: Loaded, arm: Arm) -> Rows:
        """A row for each question and wording; with the best passage in the prompt where the arm has one."""
        rows = []
        for wording, items in self.items.items():
            texts = [asked(one, wording) for one in items]
            found = company_library().search(texts, arm.passages) if arm.passages else [[] for _ in texts]
            prompts = [self.prompt(arm.model, *pair) for pair in zip(texts, found, strict=True)]
            answers = generate(loaded, prompts, self.settings.max_new_tokens)
            for one, passages, text in zip(items, found, answers, strict=True):
                row = {"arm": arm, "wording": wording, "id": one["id"], "answer": text}
                if passages:
                    row["retrieved"] = questions.retrieved(passages, one)
                correct = holds(text, one.get("accept", []))
                rows.append(row | {"correct": correct, "abstains": abstains(text)})
        return rows

    def prompt(self, model: str, question: str, passages: list[questions.Passage]) -> str:
        """The question alone, or with passages."""
        if not passages:
            return questions.closed_book(model, question)
        texts = [passage.text for passage in passages]
        return questions.reading_prompt(model, texts, question, self.settings.instruction)

    def on_dev(self, training: FactsTraining) -> Rows:
        """Train on the facts of the dev questions, and ask those in both wordings."""
        loaded, _ = training.train()
        rows = []
        for wording in ("direct", "paraphrase"):
            prompts = [questions.closed_book(training.model, asked(one, wording)) for one in self.dev]
            answers = generate(loaded, prompts, self.settings.max_new_tokens)
            rows += [
                {"arm": arm_of(training), "wording": wording, "id": one["id"], "answer": text}
                | {"correct": holds(text, one["accept"])}
                for one, text in zip(self.dev, answers, strict=True)
            ]
        return rows

    def tuned(self, training: FactsTraining) -> Rows:
        """The test questions to a model tuned on their facts, and where it had several wordings also with a passage."""
        loaded, report = training.train_or_load()
        arm = arm_of(training)
        rows = [{"arm": arm} | report, *self.answer(loaded, arm)]
        return rows + (self.answer(loaded, replace(arm, passages=1)) if training.wordings > 1 else [])


def arm_of(training: FactsTraining) -> Arm:
    """The arm of a model tuned on facts."""
    return Arm(
        method="lora",
        model=training.model,
        split=training.split,
        examples=training.questions,
        trained_on="facts",
        wordings=training.wordings,
        rank=training.rank,
        learning_rate=training.learning_rate,
        epochs=training.epochs,
        seed=training.seed,
    )


def best_learning_rate(tried: Rows) -> float:
    """The learning rate with most paraphrases of dev correct, then most questions as trained; ties: the lower."""
    scores: dict[float, list[int]] = {}
    for row in tried:
        of_learning_rate = scores.setdefault(row["arm"].learning_rate, [0, 0])
        of_learning_rate[row["wording"] == "direct"] += row["correct"]
    return min(scores, key=lambda learning_rate: (-scores[learning_rate][0], -scores[learning_rate][1], learning_rate))


def predict(work: Work, settings: Settings) -> None:
    """Every prediction of every arm."""
    exam = Exam(settings)
    base = Arm(method="prompt", model=settings.model)
    for key, arm in {"closed book": base, "retrieval": replace(base, passages=1)}.items():
        work.unit(key, lambda arm=arm: exam.answer(load(settings.model), arm))
    for training in settings.trainings:
        of_dev = replace(training, model=settings.model, split="dev", questions=settings.dev_items)
        tried: Rows = []
        for learning_rate in settings.learning_rates:
            one = replace(of_dev, learning_rate=learning_rate)
            tried += work.unit(f"dev/{training.wordings} wordings/{learning_rate:g}", partial(exam.on_dev, one))
        chosen = replace(of_dev, split="test", questions=settings.test_items, learning_rate=best_learning_rate(tried))
        for seed in settings.seeds:
            work.unit(f"{training.wordings} wordings/seed {seed}", partial(exam.tuned, replace(chosen, seed=seed)))
