"""An arm: what was done to get an answer, as a structure. What it is called in a table is the report's business."""

from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One way of answering. Each prediction carries its arm; a field that is None does not apply."""

    # "prompt", "lora", "full", "prompt tuning", "distillation", "cut", "from scratch", "retrieval"; without a language
    # model "commonest label", "tf-idf" and "embedding", the last two with logistic regression
    method: str
    model: str  # key of the model, see kit.models
    split: str = "test"  # "dev" where a setting is being chosen
    # The prompt
    instruction: int | None = None  # which of the wordings in the settings; none: no instruction
    passages: int | None = None  # how many retrieved passages are in the prompt
    # How the examples in the prompt are chosen: "fixed", "nearest"; or what they show: questions all "answered", or
    # "mixed" with some that the text does not answer
    selection: str | None = None
    rule: bool | None = None  # whether the prompt states the rule by which people label
    styled: bool | None = None  # whether the prompt asks for the house style
    constrained: bool | None = None  # whether only replies of the right form can be written
    defence: str | None = None  # against a poisoned document
    change: str | None = None  # what happened to one record
    beside: int | None = None  # unchanged records that are trained again beside the changed one
    asked: str | None = None  # about whom, where it is not about all customers
    # Retrieval
    cutting: str | None = None  # how documents are cut into passages: "40 words", "headings"
    search: str | None = None  # "bm25", "embeddings", "hybrid"; "given": the right passage is pasted
    embedder_trained_on: str | None = None  # questions of "other companies", or the company's "own questions"
    reranked: bool | None = None  # whether the generator orders the ten best anew
    # Examples, in the prompt or trained on
    examples: int | None = None
    trained_on: str | None = None  # what the examples teach
    wordings: int | None = None  # in how many wordings each fact is trained
    # Training
    rank: int | None = None
    signal: str | None = None  # what a student learns from: its teacher's "answers" or "logits"
    adapter: str | None = None  # whether an adapter is "merged" into the weights or "apart"
    learning_rate: float | None = None
    examples_seen: int | None = None  # over all epochs, at least
    epochs: int | None = None
    seed: int | None = None

    def as_dict(self) -> dict:
        """The fields that apply, to be written with a prediction."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def any_seed(self) -> "Arm":
        """The arm, whatever the seed: its runs belong together."""
        return replace(self, seed=None)
