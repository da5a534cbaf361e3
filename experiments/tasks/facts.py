"""A model tuned on the company's facts: each question in one or four wordings, with its answer, and no document.

`knowledge` measures it and `hybrid` gives it documents to read. Whichever comes first trains it; the other loads it.
"""

from dataclasses import dataclass

from kit.artefacts import Artefact
from kit.model import Loaded
from kit.models import SMOLLM2
from kit.paths import TASK_DATA
from kit.rows import read_data
from kit.training import Training, lora_tuned

from tasks.questions import QUESTIONS, answerable, closed_book

WORDINGS = TASK_DATA / "wordings.jsonl"  # three more of each question
DATA = (QUESTIONS, WORDINGS)


@dataclass(frozen=True)
class FactsTraining:
    """How a model is tuned on the facts behind questions."""

    wordings: int  # of each question: one, as it is asked in the document's words, or four
    epochs: int
    batch_size: int  # smaller batches are more steps; with 8 dev had not learned facts in four wordings
    learning_rate: float = 0.0  # chosen on dev
    seed: int = 0
    model: str = SMOLLM2.key
    split: str = "test"
    questions: int = 100
    rank: int = 8

    def pairs(self) -> list[tuple[str, str]]:
        """What is trained on: questions without a passage, and their answers."""
        more = {row["id"]: row["wordings"] for row in read_data(WORDINGS)}
        return [
            (closed_book(self.model, text), one["answer"])
            for one in answerable(self.split, self.questions)
            for text in [one["direct"], *more[one["id"]]][: self.wordings]
        ]

    def train(self) -> tuple[Loaded, dict]:
        """The tuned model, and the mean training loss of each epoch."""
        losses: list[float] = []
        training = Training(self.learning_rate, self.epochs, self.batch_size, self.seed)
        loaded = lora_tuned(
            self.model, self.pairs(), training, self.rank, lambda _, epoch, loss: losses.append(round(loss, 4))
        )
        return loaded, {"losses": losses}

    def train_or_load(self) -> tuple[Loaded, dict]:
        """The same, kept where it was trained before."""
        return self.artefact.train_or_load(self.train)

    @property
    def artefact(self) -> Artefact:
        """What is kept of it."""
        return Artefact(f"facts-{self.wordings}-wordings", self.model, self, DATA)


ONE_WORDING = FactsTraining(wordings=1, epochs=12, batch_size=8)
FOUR_WORDINGS = FactsTraining(wordings=4, epochs=4, batch_size=4)
