"""A case from end to end with the small model: measured, stopped and gone on, reported, asked.

What hangs on how often a model is asked, and not on what it knows, is measured with a tiny one of random weights.
"""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace

import pytest
from rung.arms import DECLINES, Answering, Arm, Prediction
from rung.ask import Answerer
from rung.case import Item, read_case, read_table
from rung.errors import CaseError, ModelError
from rung.measure import KINDS, Measurement, embedder_of, index_of, kind_of, measured, sources_of, write
from rung.models import CachedModel, LocalModel
from rung.report import write_report
from rung.verdict import judge

from rung import __version__
from tests.rung.cases import DOCUMENTS, QUESTIONS, answer_case, label_case, results_of, write_table
from tests.rung.servers import MODEL

SETTINGS = "[model]\nmax_new_tokens = 12\n[search]\npassage_tokens = 60\ntop = 2\n"
BLANK = [("Who is the mayor of the town?", "", "no"), ("What does a parking space cost?", "", "no")]


@pytest.fixture(scope="module")
def local():
    return LocalModel(MODEL)


@pytest.fixture(scope="module")
def quick(tiny):
    """A model of random weights: asked in the same way, and in no time."""
    return LocalModel(str(tiny))


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


def test_the_yardstick_is_told_what_retrieval_is_told(answered):
    _, results = answered
    reader, yardstick = results.chosen["retrieval"].arm, results.ceiling.arm
    assert (yardstick.abstain, yardstick.threshold) == (reader.abstain, reader.threshold)


def test_every_way_to_answer_is_tried_with_leave_to_decline_where_some_questions_have_no_answer(answered):
    _, results = answered
    tried = {(one.arm.method, one.arm.abstain) for one in results.tried}
    assert {(method, told) for method in ("closed", "everything", "search") for told in (False, True)} <= tried


def test_a_right_passage_that_is_pasted_is_never_too_far_off(answered, local):
    folder, _ = answered
    case = read_case(folder)
    lab = Answering(case, index_of(case, lambda *_: None, embedder_of(case)), CachedModel(local, None))
    items = case.of("test")
    far = lab.declines(Arm("ceiling", "pasted", threshold=2.0), items)
    assert far == [not lab.gold[item.id] for item in items] and len(set(far)) == 2


def test_documents_that_do_not_fit_in_a_prompt_are_named(tmp_path, tiny):
    settings = "[model]\nmax_new_tokens = 8\ncontext = 120\n[search]\nembedder = ''\npassage_tokens = 20\ntop = 1\n"
    case = read_case(answer_case(tmp_path, settings))
    results = Measurement(case, LocalModel(str(tiny), 120)).run()
    said = [one.what for one in case.findings if one.where == "all documents in the prompt"]
    assert results.fits is False and len(said) == 1 and "tokens" in said[0]


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
    assert results.chosen["prompting"].arm.method == "everything", "the few documents fit in a prompt"
    assert set(results.wrong(results.chosen["prompting"])) <= {"misread", "wrongly abstained", "should have abstained"}
    assert set(results.wrong(results.chosen["retrieval"])) <= set(KINDS) - {"did not know", "wrong"}


WRONG = Prediction("q0", "arm", "x", False)


@pytest.mark.parametrize(
    ("one", "nowhere", "kind"),
    [
        (WRONG, False, "did not know"),
        (replace(WRONG, abstained=True), False, "did not know"),
        (replace(WRONG, found=False), False, "not retrieved"),
        (replace(WRONG, found=False, abstained=True), False, "not retrieved"),
        (replace(WRONG, found=True), False, "misread"),
        (replace(WRONG, found=True, abstained=True), False, "wrongly abstained"),
        (WRONG, True, "in no document"),
        (replace(WRONG, found=False), True, "in no document"),
    ],
)
def test_the_kind_of_a_wrong_answer(one, nowhere, kind):
    case = results_of({"prompting": 0.0}).case
    assert kind_of(case.items[0], one, case, {"q0"} if nowhere else set()) == kind
    assert kind_of(replace(case.items[0], answerable=False), one, case, set()) == "should have abstained"


def with_found(results, rung, kinds):
    """The same results; of a rung, wrong answers of these kinds: whether found, whether abstained, how many of each."""
    rows = [replace(WRONG, found=found, abstained=abstained) for found, abstained, count in kinds for _ in range(count)]
    old = results.chosen[rung]
    asked = [one.item for one in old.predictions]
    rest = [one for one in old.predictions if one.right][: len(asked) - len(rows)]
    new = [replace(one, item=name) for one, name in zip([*rows, *rest], asked, strict=True)]
    results.chosen[rung] = measured(replace(old.arm, method="closed" if rung == "prompting" else "search"), new)
    return results


def test_what_to_fix_first_is_true_of_the_arm_that_answers():
    results = with_found(results_of({"prompting": 1.0}), "prompting", [(None, False, 3), (None, True, 2)])
    assert results.fix_first == (
        "Fix what the model reads first: 5 of 5 incorrect answers were given from memory, "
        "though a passage holds the answer."
    )
    results = with_found(results_of({"prompting": 1.0, "retrieval": 1.0}), "prompting", [(None, False, 4)])
    with_found(results, "retrieval", [(True, True, 2), (False, False, 1)])
    results.verdict = judge([("prompting", [True])], 0.05)
    assert results.fix_first.endswith(
        "Retrieval is correct on 97 of 100. "
        "There: Fix the reading first: for 2 of 3 incorrect answers the model had the right passage and abstained."
    )
    results.verdict = judge([("retrieval", [True])], 0.05)
    with_found(results, "retrieval", [(False, False, 3), (True, False, 2)])
    assert (
        results.fix_first == "Fix the search first: for 3 of 5 incorrect answers the right passage was not retrieved."
    )
    assert results_of({"retrieval": 1.0}).fix_first == "Nothing to fix: every test item was answered correctly."


def test_what_answers_is_what_was_measured(answered, local):
    folder, results = answered
    text = (folder / "case.toml").read_text(encoding="utf-8")
    (folder / "case.toml").write_text(text.replace("top = 2", "top = 1"), encoding="utf-8")
    answerer = Answerer(folder, model=local)
    (folder / "case.toml").write_text(text, encoding="utf-8")
    assert answerer.changed == ("case.toml",) and answerer.arm == results.stop.arm
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
        assert answerer.arm == one.arm and not answerer.notes
        for item, prediction in zip(results.case.of("test"), one.predictions, strict=True):
            asked = Item("asked", item.text, (), "asked")
            requests = answerer.lab.requests(one.arm, [asked])
            assert answerer.lab.models.of(one.arm).missing(requests) == []
            assert bool(requests) == (prediction.answer != DECLINES or prediction.prompt_tokens > 0)
            assert answerer.lab.read(one.arm, [asked])[0] == list(prediction.passages)
    (copied / "documents" / "loans.md").write_text("# Loans\n\nA loan lasts 28 days.", encoding="utf-8")
    assert Answerer(copied, model=local).changed == ("the documents",)
    (copied / "documents" / "new.md").write_text("# New\n\nNothing.", encoding="utf-8")
    (copied / "documents" / "loans.md").write_text(DOCUMENTS["loans.md"], encoding="utf-8")
    assert Answerer(copied, model=local).notes == [
        "Changed since it was measured: the documents. "
        "This answers from what is there now, and how often that is correct was not measured."
    ]


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


def test_a_run_that_stops_half_way_goes_on(tmp_path, quick):
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

    failing = Failing(quick.name)
    with pytest.raises(ModelError, match="run the same command again"):
        Measurement(read_case(folder), failing).run()
    failing.left = 10_000
    assert Measurement(read_case(folder), failing).run().verdict.standings


def test_labels_are_measured_from_the_commonest_up(labelled, local):
    folder, results = labelled
    assert list(results.chosen) == ["no model", "prompting", "retrieval"]
    assert {one.arm.method for one in results.tried} >= {"commonest", "words", "vectors", "prompt"}
    assert any(one.arm.constrained for one in results.tried)
    answerer = Answerer(folder, model=local)
    assert not answerer.notes
    reply = answerer.answer("May I keep the red book for another month?")
    assert reply.text in ("loan", "fine") or results.stop.arm.method == "prompt"


def swapped(folder):
    """Every label is the other one."""
    path = folder / "messages.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",loan", ",x").replace(",fine", ",loan").replace(",x", ",fine"), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (swapped, "Changed since it was measured: messages.csv. This answers from what is there now"),
        (
            lambda folder: (folder / "rule.md").write_text("Fines are about money.", "utf-8"),
            "Changed since it was measured: rule.md. ",
        ),
        (
            lambda folder: (swapped(folder), (folder / "rule.md").write_text("Fines.", "utf-8")),
            "Changed since it was measured: messages.csv, rule.md. ",
        ),
        (
            lambda folder: (folder / "case.toml").write_text('kind = "answer"\ntest_share = 0.3', "utf-8"),
            "case.toml has changed since it was measured; this answers as measured.",
        ),
        (
            lambda folder: (folder / "results.json").write_text(
                (folder / "results.json").read_text("utf-8").replace(f'"rung": "{__version__}"', '"rung": "0.0.9"'),
                "utf-8",
            ),
            f"It was measured with rung 0.0.9, and this is {__version__}, whose prompts may be others",
        ),
    ],
)
def test_asking_says_what_changed_since_the_labels_were_measured(labelled, local, tmp_path, change, said):
    folder, results = labelled
    copied = shutil.copytree(folder, tmp_path / "case")
    change(copied)
    answerer = Answerer(copied, model=local)
    assert len(answerer.notes) == 1 and answerer.notes[0].startswith(said)
    if said.startswith("case.toml"):
        assert answerer.case.of("train") == results.case.of("train"), "what is learned from is what was measured"
        item, one = results.case.of("test")[0], results.stop.predictions[0]
        assert answerer.answer(item.text).text == one.answer


def test_a_schema_that_changed_is_named(tmp_path):
    folder = label_case(tmp_path, '[format]\nschema = "form.json"\n')
    (folder / "form.json").write_text("{}", encoding="utf-8")
    before = sources_of(read_case(folder))
    (folder / "form.json").write_text('{"type": "string"}', encoding="utf-8")
    now = sources_of(read_case(folder))
    assert [name for name in now if now[name] != before[name]] == ["form.json"]


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
    """A model, as if it were on another machine; counts what it is asked."""

    leaves_the_machine = True

    def __init__(self, other: LocalModel):
        """Share the weights."""
        super().__init__(other.name)
        self._loaded, self.asked = other.loaded, 0

    def answers(self, requests):
        """Answer, and count."""
        self.asked += len(requests)
        return super().answers(requests)


def test_nothing_is_sent_away_without_leave(tmp_path, quick):
    folder, away, told = answer_case(tmp_path, SETTINGS), Away(quick), []
    with pytest.raises(CaseError, match="Nothing was sent"):
        Measurement(read_case(folder), away, confirm=lambda *counts: told.append(counts)).run()
    requests, tokens = told[0]
    assert requests > 8 and tokens > 100 and away.asked == 0


@pytest.mark.parametrize("kind", ["answer", "label"])
def test_no_more_is_sent_than_was_told_and_not_twice_as_much_is_told(tmp_path, quick, kind):
    folder = (answer_case if kind == "answer" else label_case)(tmp_path, SETTINGS)
    away, told = Away(quick), []
    Measurement(read_case(folder), away, confirm=lambda *counts: told.append(counts) or True).run()
    assert away.asked <= told[0][0] <= 2 * away.asked


@pytest.mark.parametrize("kind", ["answered", "labelled"])
def test_a_rerun_tells_only_of_what_is_not_kept(kind, request, tmp_path, local):
    folder = shutil.copytree(request.getfixturevalue(kind)[0], tmp_path / "case")
    away, told, counted = Away(local), [], []

    def again() -> None:
        """The same measurement once more."""
        case = read_case(folder)
        Measurement(case, away, confirm=lambda *counts: counted.append(counts) or True, tell=told.append).run()

    again()
    assert told == [f"Every answer of {MODEL} is kept: it will be asked nothing."]
    assert counted == [] and away.asked == 0
    with closing(sqlite3.connect(folder / ".rung" / "answers.sqlite")) as answers, answers:
        answers.execute("DELETE FROM answers WHERE rowid > (SELECT MAX(rowid) - 3 FROM answers)")
    again()
    assert len(told) == 1 and [requests for requests, _ in counted] == [3] and away.asked == 3


def test_settings_of_another_model_are_another_measurement(answered):
    folder, _ = answered
    case = read_case(folder)
    other = replace(case.settings.model, name="nobody/nothing")
    case.settings = replace(case.settings, model=other)
    with pytest.raises(ModelError, match="nobody/nothing"):
        Measurement(case).run()
