"""A case from end to end with the small model: measured, stopped and gone on, reported, asked."""

import json
import re
import shutil
from dataclasses import asdict, replace

import pytest
from rung.arms import DECLINES
from rung.ask import Answerer
from rung.case import Item, read_case, read_table
from rung.errors import CaseError, ModelError
from rung.measure import Measurement, write
from rung.models import LocalModel
from rung.report import write_report

from tests.rung.cases import QUESTIONS, answer_case, label_case, write_table
from tests.rung.servers import MODEL

SETTINGS = "[model]\nmax_new_tokens = 12\n[search]\npassage_tokens = 60\ntop = 2\n"
BLANK = [("Who is the mayor of the town?", "", "no"), ("What does a parking space cost?", "", "no")]


@pytest.fixture(scope="module")
def local():
    return LocalModel(MODEL)


@pytest.fixture(scope="module")
def answered(tmp_path_factory, local):
    """A case that answers from documents, measured."""
    folder = answer_case(tmp_path_factory.mktemp("answer"), SETTINGS)
    rows = [(*row, "yes") for row in QUESTIONS] + BLANK
    split = [(*row, "dev" if place % 3 == 0 else "test") for place, row in enumerate(rows)]
    write_table(folder / "questions.csv", ["question", "answers", "answerable", "split"], split)
    results = Measurement(read_case(folder), local).run()
    write(results)
    write_report(results)
    return folder, results


@pytest.fixture(scope="module")
def labelled(tmp_path_factory, local):
    """A case that labels texts, measured."""
    folder = label_case(tmp_path_factory.mktemp("label"), "[prompt]\nexamples = 2\n[model]\nmax_new_tokens = 4\n")
    results = Measurement(read_case(folder), local).run()
    write(results)
    write_report(results)
    return folder, results


def test_retrieval_beats_the_model_alone(answered):
    _, results = answered
    assert results.chosen["retrieval"].rate.hits > results.chosen["prompting"].rate.hits
    assert set(results.searches) == {"bm25", "embeddings", "hybrid"}
    assert results.ceiling.arm.method == "pasted"


def test_few_items_are_said_to_be_few(answered):
    _, results = answered
    assert any("only" in one.what and one.where == "test items" for one in results.case.findings)


def test_test_items_choose_nothing(answered):
    folder, results = answered
    dev = {item.id for item in results.case.of("dev")}
    assert all(one.item in dev for tried in results.tried for one in tried.predictions)
    tested = {
        json.loads(line)["item"] for line in (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    }
    assert tested == {item.id for item in results.case.of("test")}


def test_every_wrong_answer_has_a_kind(answered):
    _, results = answered
    for one in results.chosen.values():
        wrong = results.wrong(one)
        assert sum(len(rows) for rows in wrong.values()) == one.rate.n - one.rate.hits
    closed = results.wrong(results.chosen["prompting"])
    assert set(closed) <= {"not retrieved", "misread", "wrongly abstained", "should have abstained"}


def test_what_answers_is_what_was_measured(answered, local):
    folder, results = answered
    text = (folder / "case.toml").read_text(encoding="utf-8")
    (folder / "case.toml").write_text(text.replace("top = 2", "top = 1"), encoding="utf-8")
    answerer = Answerer(folder, model=local)
    (folder / "case.toml").write_text(text, encoding="utf-8")
    assert answerer.changed and answerer.arm == results.stop.arm
    for item, one in zip(results.case.of("test"), results.stop.predictions, strict=True):
        reply = answerer.answer(item.text)
        assert reply.text == one.answer
        if results.stop.arm.method == "search":
            assert [answerer.lab.index.passages[number] for number in one.passages] == list(reply.sources)


def test_every_arm_asks_byte_for_byte_what_was_measured(answered, local, tmp_path):
    """Answers are kept under all of what a model was asked, so that a request that is kept is the same to the byte."""
    folder, results = answered
    copied = shutil.copytree(folder, tmp_path / "case")
    saved = json.loads((copied / "results.json").read_text(encoding="utf-8"))
    for one in results.chosen.values():
        (copied / "results.json").write_text(json.dumps(saved | {"answers_with": asdict(one.arm)}), encoding="utf-8")
        answerer = Answerer(copied, model=local)
        assert answerer.arm == one.arm and not answerer.changed and not answerer.documents_changed
        for item, prediction in zip(results.case.of("test"), one.predictions, strict=True):
            asked = Item("asked", item.text, (), "asked")
            requests = answerer.lab.requests(one.arm, [asked])
            assert answerer.lab.models.of(one.arm).missing(requests) == []
            assert bool(requests) == (prediction.answer != DECLINES or prediction.prompt_tokens > 0)
            assert answerer.lab.read(one.arm, [asked])[0] == list(prediction.passages)
    (copied / "documents" / "loans.md").write_text("# Loans\n\nA loan lasts 28 days.", encoding="utf-8")
    assert Answerer(copied, model=local).documents_changed


def test_all_answers_are_a_table_to_fill_in(answered):
    folder, results = answered
    rows = read_table(folder / "judge.csv")
    given = {(one.item, one.answer.strip(), one.right) for each in results.tested for one in each.predictions}
    assert {(row["id"], row["answer"], row["counted"] == "yes") for row in rows} == given
    assert all(not row["right"] for row in rows)


def test_a_second_run_asks_nothing(answered, local):
    folder, results = answered

    class Silent(LocalModel):
        """A model that counts and does not answer."""

        def answers(self, requests):
            raise AssertionError("asked again")

    silent = Silent(MODEL)
    silent._loaded = local.loaded
    again = Measurement(read_case(folder), silent).run()
    assert again.verdict == results.verdict


def test_a_run_that_stops_half_way_goes_on(tmp_path, local):
    folder = answer_case(tmp_path, SETTINGS)

    class Failing(LocalModel):
        """A model that fails after some answers, as a server does that is switched off."""

        left = 5

        def answers(self, requests):
            for place, answer in super().answers(requests):
                if self.left == 0:
                    raise ModelError("The server is gone.")
                self.left -= 1
                yield place, answer

    failing = Failing(MODEL)
    failing._loaded = local.loaded
    with pytest.raises(ModelError, match="run the same command again"):
        Measurement(read_case(folder), failing).run()
    failing.left = 10_000
    assert Measurement(read_case(folder), failing).run().verdict.standings


def test_labels_are_measured_from_the_commonest_up(labelled, local):
    folder, results = labelled
    assert list(results.chosen) == ["no model", "prompting", "retrieval"]
    assert {one.arm.method for one in results.tried} >= {"commonest", "words", "vectors", "prompt"}
    assert any(one.arm.constrained for one in results.tried)
    reply = Answerer(folder, model=local).answer("May I keep the red book for another month?")
    assert reply.text in ("loan", "fine") or results.stop.arm.method == "prompt"


@pytest.mark.parametrize("kind", ["answered", "labelled"])
def test_the_report_holds_all_it_needs(kind, request):
    folder, results = request.getfixturevalue(kind)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "{{" not in page and not re.search(r'(?:src|href)="(?!#|data:)', page)
    assert results.verdict.sentence.replace("'", "&#39;") in page
    assert results.verdict.sentence in (folder / "decision.md").read_text(encoding="utf-8")
    saved = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert saved["stop"] == results.verdict.rung and saved["settings"]["margin"] == 5.0


class Away(LocalModel):
    """The small model, as if it were on another machine; counts what it is asked."""

    leaves_the_machine = True

    def __init__(self, local: LocalModel):
        """Share the weights."""
        super().__init__(MODEL)
        self._loaded, self.asked = local.loaded, 0

    def answers(self, requests):
        """Answer, and count."""
        self.asked += len(requests)
        return super().answers(requests)


def test_nothing_is_sent_away_without_leave(tmp_path, local):
    folder, away, told = answer_case(tmp_path, SETTINGS), Away(local), []
    with pytest.raises(CaseError, match="Nothing was sent"):
        Measurement(read_case(folder), away, confirm=lambda *counts: told.append(counts)).run()
    requests, tokens = told[0]
    assert requests > 8 and tokens > 100 and away.asked == 0


@pytest.mark.parametrize("kind", ["answer", "label"])
def test_no_more_is_sent_than_was_told_and_not_twice_as_much_is_told(tmp_path, local, kind):
    folder = (answer_case if kind == "answer" else label_case)(tmp_path, SETTINGS)
    away, told = Away(local), []
    Measurement(read_case(folder), away, confirm=lambda *counts: told.append(counts) or True).run()
    assert away.asked <= told[0][0] <= 2 * away.asked


def test_settings_of_another_model_are_another_measurement(answered):
    folder, _ = answered
    case = read_case(folder)
    other = replace(case.settings.model, name="nobody/nothing")
    case.settings = replace(case.settings, model=other)
    with pytest.raises(ModelError, match="nobody/nothing"):
        Measurement(case).run()
