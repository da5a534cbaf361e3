"""The hundred facts that `knowledge` tunes on, and the models it tuned, for the experiments that go on from them."""

from kit import model as llm
from kit.evidence import Rows, Work, read_rows
from kit.places import DATA
from peft import PeftModel

from knowledge.experiment import TEST, predict


def questions() -> list[dict]:
    """The test questions, in file order, whose facts are trained on."""
    asked = [one for one in read_rows(DATA / "questions.jsonl") if one["split"] == "test" and one["answerable"]]
    return asked[:TEST]


def key_of(seed: int) -> str:
    """Under what key the unit and the adapter of four wordings are kept."""
    return f"wordings/seed {seed}"


def tuned(seed: int, tiny: bool, trainable: bool = False) -> tuple:
    """The model tuned on the facts in four wordings, and its tokenizer; tuned now where it was not before."""
    before = Work("knowledge", tiny)
    if not before.adapter(key_of(seed)).exists():
        predict(before)
    model, tokenizer = llm.load()
    return PeftModel.from_pretrained(model, before.adapter(key_of(seed)), is_trainable=trainable).eval(), tokenizer


def rows_of(seed: int, tiny: bool) -> Rows:
    """What `knowledge` recorded of that model."""
    return Work("knowledge", tiny).kept(key_of(seed))
