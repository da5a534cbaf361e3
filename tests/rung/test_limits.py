"""Limits of a model and of a server: an arm that meets one is left out by name, and what it costs is found."""

from dataclasses import replace

import pytest
from rung.ask import Answerer
from rung.case import read_case
from rung.errors import ModelError
from rung.measure import Measurement, write
from rung.models import LocalModel
from rung.progress import LONG, EmbeddingProgress
from rung.settings import ModelSettings

from tests.programs.families import FAMILIES, save
from tests.rung.cases import QUESTIONS, answer_case, label_case, write_table
from tests.rung.servers import NARROW, misbehaving, transformers_serve

FACTS = ("21 days", "Room 4", "15 cents")


def found(case, where: str) -> list[str]:
    """What was found there."""
    return [one.what for one in case.findings if one.where == where]


def parted(folder, rows: list[tuple], columns: list[str]) -> None:
    """Rows of questions or messages, every third of them dev, the others test."""
    write_table(folder, [*columns, "split"], [(*row, "test" if at % 3 else "dev") for at, row in enumerate(rows)])


def test_all_documents_in_a_prompt_that_a_server_refuses_are_left_out_by_name(tmp_path, narrow):
    folder = answer_case(tmp_path / "case", "[search]\npassage_tokens = 60\ntop = 1\n")
    parted(folder / "questions.csv", QUESTIONS, ["question", "answers"])
    case, told = read_case(folder), []
    with transformers_serve(narrow, tmp_path / "log") as address, misbehaving(address, []) as proxy:
        proxy.refuses = lambda body: (
            (400, "This model's maximum context length is 2048 tokens.")
            if all(fact in str(body) for fact in FACTS)
            else None
        )
        named = ModelSettings(NARROW, proxy.address, max_new_tokens=4, timeout=300.0)
        case.settings = replace(case.settings, model=named)
        results = Measurement(case, tell=told.append).run()
    assert list(results.chosen) == ["prompting", "retrieval"] and results.fits is False
    assert results.chosen["prompting"].arm.method == "closed"
    (what,) = found(case, "all documents in the prompt")
    assert "not measured: 3 of 3 prompts are too long" in what and "maximum context length" in what
    assert f"for {NARROW} at {proxy.address}, on this machine; at most" in told[0] and "tokens in all" in told[0]


def test_arms_without_room_are_left_out_and_a_long_item_costs_itself_alone(tmp_path, tiny):
    folder = label_case(tmp_path / "case", "[model]\nmax_new_tokens = 4\n")
    case = read_case(folder)
    model = LocalModel(str(tiny))
    plain = [one for one in case.items if one.split != "train"]
    long = replace(next(one for one in plain if one.split == "test"), text="May I keep the red atlas? " * 40)
    case.items = [long if one.id == long.id else one for one in case.items]
    tight = LocalModel(str(tiny), context=200)
    results = Measurement(case, tight).run()
    assert results.chosen["prompting"].arm.examples == "" and "retrieval" not in results.chosen
    (left_out,) = found(case, "the instruction, with 4 fixed examples")
    assert left_out.startswith("not measured: ") and "context of 200 tokens" in left_out
    costs = found(case, results.chosen["prompting"].arm.name)
    count = len(case.of("test"))
    assert f"1 of {count} prompts were too long: longer than the model's context of 200 tokens" in " ".join(costs)
    (one,) = [each for each in results.chosen["prompting"].predictions if each.item == long.id]
    assert one.too_long and not one.right and not one.abstained
    assert model.context > 200


def test_a_case_of_which_nothing_fits_says_so(tmp_path, tiny):
    folder = label_case(tmp_path / "case")
    rows = [(f"Message {number} about a book", "loan" if number % 2 else "fine") for number in range(12)]
    parted(folder / "messages.csv", rows, ["text", "output"])
    with pytest.raises(ModelError, match=r"Nothing could be measured; of the instruction: .* context of 20 tokens"):
        Measurement(read_case(folder), LocalModel(str(tiny), context=20)).run()


def test_answers_that_were_cut_off_are_counted(tmp_path, tiny):
    folder = label_case(tmp_path / "case", "[model]\nmax_new_tokens = 2\n[prompt]\nexamples = 2\n")
    rows = [(f"Message {number} about a book", "loan" if number % 2 else "fine") for number in range(12)]
    parted(folder / "messages.csv", rows, ["text", "output"])  # held to no labels, it writes on
    case = read_case(folder)
    results = Measurement(case, LocalModel(str(tiny))).run()
    for one in results.chosen.values():
        cut = [each for each in one.predictions if each.cut]
        wrong = sum(not each.right for each in cut)
        said = f"{len(cut)} of {len(one.predictions)} answers were cut off at max_new_tokens = 2, and {wrong} of them"
        assert (said in " ".join(found(case, one.arm.name))) == bool(wrong)
    assert any(each.cut for one in results.chosen.values() for each in one.predictions)


def test_what_answers_says_that_its_model_was_trained_anew(tmp_path):
    model = str(save(FAMILIES["qwen2"], tmp_path / "model"))
    folder = label_case(tmp_path / "case", f"[model]\nname = '{model}'\nmax_new_tokens = 2\n[prompt]\nexamples = 1\n")
    write(Measurement(read_case(folder)).run())
    assert Answerer(folder).changed == ()
    LocalModel(model).loaded[0].save_pretrained(model)
    assert Answerer(folder).changed == ("the model",) and "the model" in Answerer(folder).notes[0]


def test_long_embedding_is_told_of_once_and_after_the_first_batch():
    seen, told = [], []

    def embedded(total: int, seconds: float) -> None:
        """Three batches of 256, each of so many seconds."""
        clock = iter(place * seconds for place in range(3)).__next__
        progress = EmbeddingProgress(lambda *what: seen.append(what), told.append, clock)
        for done in (256, 512, 768):
            progress(done, total)

    embedded(1024, LONG / 4)
    assert told == [] and seen[-1] == ("Embedding passages", 768, 1024)
    embedded(100_000, 25.6)
    assert len(told) == 1 and "99,488 passages are left to embed: about 166 minutes" in told[0]
