"""The measurement: check the case, choose each rung's arm on dev, run the chosen ones on test, and judge.

Test items choose nothing: not the search, not the number of passages, not the prompt, not the threshold.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import cast

from rung import __version__, embedding
from rung.arms import (
    RUNGS,
    Answering,
    Arm,
    Labelling,
    Prediction,
    best_threshold,
    found_at,
    holds_passage,
    label_arms,
    reading_arms,
    told_to_decline,
)
from rung.case import SETTINGS, Case, Item, split_of
from rung.embedding import Embedder
from rung.errors import CaseError, ModelError, Unsupported, install
from rung.files import put
from rung.judgements import TABLE, Judgements, find_unused, keep_former, read_judgements, table_of
from rung.limits import find_limits, work_of
from rung.models import AnswerCache, CachedModel, LocalModel, Model, Request, available, needed, open_model
from rung.progress import EmbeddingProgress, StageProgress, Tell
from rung.readers import readers_of
from rung.retrieval import Index, Recipe, build, fingerprint, identity
from rung.scoring import canonical, is_unspaced
from rung.settings import ModelSettings
from rung.statistics import Rate, rate
from rung.thresholds import Level, levels_of
from rung.tuning import Lesson, adapter_of, is_trained, plan_of
from rung.verdict import Verdict, judge

DEPTHS = (1, 3, 5)
MOST_IN_PROMPT = 32_000  # tokens of all documents together: more with every question is no way to answer
KINDS = {
    "not retrieved": "The answer is in the documents, and the search did not retrieve it.",
    "did not know": "It answered from memory, without reading a document, and not with an accepted answer.",
    "misread": "The answer was in what the model read, and it wrote something else.",
    "wrongly abstained": "The answer was in what the model read, and it said that it did not know.",
    "should have abstained": "The documents do not tell, and it answered all the same.",
    "in no document": "The accepted answer is in no passage: a document is missing, or that answer is incorrect.",
    "wrong": "Another answer than the one that is wanted.",
}
# What to fix first where most incorrect answers, or the largest part of them, are of one kind.
FIXES = {
    "not retrieved": "Fix the search first: for {of} the right passage was not retrieved.",
    "did not know": "Fix what the model reads first: {of} were given from memory, though a passage holds the answer.",
    "misread": "Fix the reading first, with a better model or prompt: for {of} the model had the right passage.",
    "wrongly abstained": "Fix the reading first: for {of} the model had the right passage and abstained.",
    "should have abstained": "Fix the abstaining first: {of} are to questions that the documents do not answer.",
    "in no document": "Fix the documents first: for {of} the accepted answer is in no document.",
    "wrong": "Fix the labels, the rule or the model: read the incorrect answers in the report.",
}


@dataclass(frozen=True)
class Cost:
    """What a run on test took: tokens read and written, and seconds, each a mean per item."""

    prompt_tokens: float
    new_tokens: float
    seconds: float


@dataclass(frozen=True)
class Measured:
    """An arm on one split: its rate and cost, and its predictions in the order of the items."""

    arm: Arm
    rate: Rate
    cost: Cost
    predictions: tuple[Prediction, ...]

    @property
    def hits(self) -> list[bool]:
        """Whether each item was right."""
        return [one.right for one in self.predictions]


@dataclass
class Results:
    """Everything that a measurement found."""

    case: Case
    verdict: Verdict
    chosen: dict[str, Measured]
    ceiling: Measured | None
    tried: list[Measured]
    searches: dict[str, dict[int, Rate]] = field(default_factory=dict)
    nowhere: list[Item] = field(default_factory=list)
    recipe: Recipe | None = None
    passages: int = 0
    fits: bool | None = None  # whether all documents fit in one prompt
    trained: dict[str, dict] = field(default_factory=dict)  # by arm: the lessons, and the seconds of training
    judgements: Judgements = field(default_factory=Judgements)  # corrected by hand
    files: int = 0  # documents of which there are passages
    search_seconds: dict[str, float] = field(default_factory=dict)  # of each search, a mean per question
    levels: tuple[Level, ...] = ()  # what thresholds refuse and let through on dev, where some items have no answer

    @property
    def tested(self) -> list[Measured]:
        """What was measured on test: each rung's arm, and the yardstick where there is one."""
        return [*self.chosen.values(), *([self.ceiling] if self.ceiling else [])]

    @property
    def stop(self) -> Measured:
        """The arm that answers: of the verdict's rung or, where it cannot be told, the one with the best test score."""
        if self.verdict.rung:
            return self.chosen[self.verdict.rung]
        return max(self.chosen.values(), key=lambda one: one.rate.share)

    def wrong(self, measured: Measured) -> dict[str, list[tuple[Item, Prediction]]]:
        """An arm's wrong answers by kind, the commonest kind first."""
        nowhere = {item.id for item in self.nowhere}
        by_kind: dict[str, list[tuple[Item, Prediction]]] = {}
        for item, one in zip(self.case.of("test"), measured.predictions, strict=True):
            if not one.right:
                by_kind.setdefault(kind_of(item, one, self.case, nowhere), []).append((item, one))
        return dict(sorted(by_kind.items(), key=lambda pair: -len(pair[1])))

    @property
    def fix_first(self) -> str:
        """What to fix first, in a sentence; in two, where a model answers that read nothing."""
        kind, sentence = self._first_fault(self.stop)
        if kind != "did not know" or "retrieval" not in self.chosen:
            return sentence
        reading = self.chosen["retrieval"]
        _, fault = self._first_fault(reading)
        return f"{sentence} Retrieval is correct on {reading.rate.hits} of {reading.rate.n}. There: {fault}"

    def _first_fault(self, measured: Measured) -> tuple[str, str]:
        """The commonest kind of an arm's wrong answers, and what to do about it; "" where there is none."""
        wrong = self.wrong(measured)
        if not wrong:
            return "", "Nothing to fix: every test item was answered correctly."
        kind, total = next(iter(wrong)), sum(len(rows) for rows in wrong.values())
        return kind, FIXES[kind].format(of=f"{len(wrong[kind])} of {total} incorrect answers")


def kind_of(item: Item, one: Prediction, case: Case, nowhere: set[str]) -> str:
    """What kind of wrong a wrong answer is."""
    if case.settings.kind == "label":
        return "wrong"
    if not item.answerable:
        return "should have abstained"
    if item.id in nowhere:
        return "in no document"
    if one.found is None:
        return "did not know"
    if not one.found:
        return "not retrieved"
    return "wrongly abstained" if one.abstained else "misread"


def measured(arm: Arm, predictions: Sequence[Prediction]) -> Measured:
    """An arm with its rate and mean cost."""
    count = len(predictions)
    means = [
        sum(getattr(one, name) for one in predictions) / count for name in ("prompt_tokens", "new_tokens", "seconds")
    ]
    return Measured(arm, rate([one.right for one in predictions]), Cost(*means), tuple(predictions))


def best_of(tried: Sequence[Measured]) -> Measured:
    """The arm with the best dev score; of equals the first, which is the simpler."""
    return max(tried, key=lambda one: one.rate.hits)


def as_it_is(arm: Arm) -> Arm:
    """The arm itself."""
    return arm


def yardstick_of(pasted: Arm, reader: Arm) -> Arm:
    """The right passage pasted as what retrieval's arm reads: were the prompts others, a difference might be theirs."""
    return replace(pasted, abstain=reader.abstain, threshold=reader.threshold)


def index_of(case: Case, progress: StageProgress, embedder: Embedder | None, tell: Tell = lambda words: None) -> Index:
    """The index of a case's documents, made now where it is not there yet; what was found in them is found again.

    Where embedding will be long, `tell` is told.
    """
    search = case.settings.search
    if search.chroma and not embedder:
        case.find("warning", "[search] chroma", "not used: without an embedder there are no vectors to keep")
    chroma = search.chroma if embedder else ""
    recipe = Recipe(search.passage_tokens, identity(embedder) if embedder else "", chroma, readers_of(case.files))
    index = build(
        case.folder / ".rung" / "index",
        case.documents,
        fingerprint(case.files, case.folder),
        recipe,
        embedder,
        EmbeddingProgress(progress, tell),
        lambda: case.unread,
        case.folder,
    )
    for one in index.findings:
        case.find(one.level, one.where, one.what)
    return index


def find_unanswered(case: Case, lab: Answering) -> None:
    """Name the questions whose accepted answer, or whose passage, stands nowhere."""
    for item in case.items:
        gold = lab.gold[item.id]
        where = f" of {item.document}" if item.document else ""
        if item.wanted and not gold:
            case.find("warning", item.id, f'its accepted answer stands in no passage{where}: "{item.text}"')
        elif item.passage and not any(holds_passage(item, lab.index.passages[number]) for number in gold):
            what = f"its passage{where} stands nowhere as it is written, or not in one piece"
            case.find("warning", item.id, f'{what}; its accepted answer is looked for instead: "{item.text}"')


def _folder_below(case: Case, name: str) -> Path | None:
    """The folder that a model's or an embedder's name means below the case's; None where there is none."""
    below = case.folder / name
    return below if name and below.is_dir() else None


def embedder_of(case: Case) -> Embedder | None:
    """The embedder that the case names, or None, with a finding, where the libraries for it are not installed.

    A folder is looked for below the case's first.
    """
    name = case.settings.search.embedder
    if not name:
        return None
    if not embedding.available():
        case.find("warning", "embeddings", f"not measured: they need {install('local')}")
        return None
    return Embedder(str(_folder_below(case, name) or name))


def model_settings(case: Case) -> ModelSettings:
    """The model that the case names; below the case's folder first. Raises CaseError for an empty name."""
    asked = case.settings.model
    if not (asked.name.strip() or asked.endpoint):
        where = case.folder / "case.toml"
        raise CaseError(f"{where}: [model] name is empty: name a model or a folder, or leave the line out.")
    below = None if asked.endpoint else _folder_below(case, asked.name)
    return replace(asked, name=str(below.absolute())) if below else asked


class Measurement:
    """One measurement of a case. `confirm` is asked before anything is sent to another machine."""

    def __init__(
        self,
        case: Case,
        model: Model | None = None,
        progress: StageProgress = lambda what, done, of: None,
        confirm: Callable[[int, int], bool] = lambda requests, tokens: True,
        tell: Tell = lambda words: None,
    ):
        """Open the case's model.

        `progress` is told how far it has come; `tell` what long work will take, before it begins. `before_asking` may
        be set: it is called when everything is found that can be found in the case without asking the model. Raises
        CaseError where the case wants a model fine-tuned that is behind an endpoint.
        """
        if case.settings.tune.on and case.settings.model.endpoint:
            raise CaseError("--tune trains a model on this machine, not one behind an endpoint: name a local --model.")
        self.case, self.progress, self.confirm, self.tell = case, progress, confirm, tell
        self.before_asking: Callable[[], None] = lambda: None
        self.trained: dict[str, dict] = {}
        self.judgements = read_judgements(case)
        case.judgements = self.judgements.right
        self.model = CachedModel(
            model or open_model(model_settings(case)), AnswerCache(case.folder / ".rung" / "answers.sqlite")
        )
        self.has_model = model is not None or bool(case.settings.model.endpoint) or available()
        self.embedder = embedder_of(case)
        self.tried: list[Measured] = []
        self.levels: tuple[Level, ...] = ()
        self._left_out: dict[Arm, str] = {}

    def run(self) -> Results:
        """Measure. Raises RungError; what was answered before is kept."""
        results = self._answering() if self.case.settings.kind == "answer" else self._labelling()
        find_limits(self.case, results.tested, self.tried)
        if self.model.sampled:
            what = "it takes no temperature of 0: it draws its answers by chance, so that another run may give others"
            self.case.find("warning", self.case.settings.model.name, what)
        return results

    def _left(
        self, lab: Answering | Labelling, arms: list[Arm], refined: Callable[[Arm], Arm], hold: bool = False
    ) -> tuple[list[Request], Arm | None]:
        """What a rung asks at the most, and the arm that stands for it where all is kept by which it is chosen.

        Before that is known, it asks every arm on dev, and the one with most to ask on test. With `hold`, one prompt is
        asked on dev once more, with its decoding constrained.
        """
        dev, test = self.case.of("dev"), self.case.of("test")

        def held(arms: Sequence[Arm]) -> list[Arm]:
            """The arms that can be asked once more."""
            return [replace(arm, constrained=True) for arm in arms if arm.method == "prompt"] if hold else []

        choosing = len(arms) > 1 or held(arms)
        asked = [request for arm in arms for request in lab.requests(arm, dev)] if choosing else []
        best = None if self.model.missing(asked) else self._choose(lab, arms)  # which then asks nothing
        arms = [best] if best else arms
        once_more = self._most(lab, held(arms), dev)
        if not best or once_more:
            return asked + once_more + self._most(lab, [*arms, *held(arms)], test), None
        arm = refined(best)
        return lab.requests(arm, test), arm

    def _most(self, lab: Answering | Labelling, arms: list[Arm], items: list[Item]) -> list[Request]:
        """What is not answered yet of the arm that has most of it, by the length of its prompts."""

        def length(requests: list[Request]) -> int:
            return sum(len(text) for request in requests for _, text in request.messages)

        return max((self.model.missing(lab.requests(arm, items)) for arm in arms), key=length, default=[])

    def _ask_leave(self, requests: list[Request]) -> None:
        """Before the first request: tell how much there is to do, and ask where it leaves the machine."""
        self.before_asking()
        missing = self.model.missing(requests)
        if not missing:
            before = ", as it is before fine-tuning," if self.case.settings.tune.on else ""
            self.tell(f"Every answer of {self.case.settings.model.name}{before} is kept: it will be asked nothing.")
            return
        tokens = sum(self.model.model.count(missing))
        if getattr(self.model.model, "leaves_the_machine", False):
            if not self.confirm(len(missing), tokens):
                raise CaseError("Nothing was sent, and nothing was measured.")
        else:
            self.tell(work_of(self.model.model, self.case.settings.model, missing, tokens))

    def _run(self, lab: Answering | Labelling, arm: Arm, split: str, items: list[Item] | None = None) -> Measured:
        """One arm on one split, or on these items of it. Raises Unsupported where it cannot be measured."""
        items = self.case.of(split) if items is None else items
        what = f"{split}: {arm.name}"
        predictions = lab.predict(arm, items, lambda done, of: self.progress(what, done, of))
        long = [prediction.too_long for prediction in predictions if prediction.too_long]
        if long and 2 * len(long) >= len(predictions):
            raise Unsupported(f"{len(long)} of {len(predictions)} prompts are too long: {long[0]}")
        one = measured(arm, predictions)
        if split == "dev" and arm not in [before.arm for before in self.tried]:
            self.tried.append(one)
        return one

    def _choose(self, lab: Answering | Labelling, arms: list[Arm], dev: list[Item] | None = None) -> Arm | None:
        """The arm of a rung that does best on dev, or on these items of it; the first where there are none.

        Arms that cannot be measured are left out, with a finding; None where no other is left.
        """
        dev = self.case.of("dev") if dev is None else dev
        if len(arms) == 1 or not dev:
            return next(iter(arms), None)
        tried = []
        for arm in arms:
            try:
                tried.append(self._run(lab, arm, "dev", dev))
            except Unsupported as problem:
                self._leave_out(arm, problem)
        return best_of(tried).arm if tried else None

    def _leave_out(self, arm: Arm, problem: Exception) -> None:
        """Find that an arm cannot be measured, and why."""
        self._left_out[arm] = str(problem)
        self.case.find("warning", arm.name, f"not measured: {problem}")

    def _tested(
        self,
        lab: Answering | Labelling,
        arms: list[Arm],
        refined: Callable[[Arm], Arm] = as_it_is,
        dev: list[Item] | None = None,
    ) -> dict[str, Measured]:
        """The best arm of a rung, `refined`, on test, by the name of its rung; nothing where none can be measured."""
        while arms:
            best = self._choose(lab, arms, dev)
            if best is None:
                break
            arm = refined(best)
            try:
                return {arm.rung: self._run(lab, arm, "test")}
            except Unsupported as problem:
                self._leave_out(arm, problem)
            arms = [one for one in arms if one != best and one not in self._left_out]
        return {}

    def _train(self, lab: Answering | Labelling, pairs: list[tuple[Arm, list[Lesson]]]) -> list[Arm]:
        """The arms with their adapters, each trained now where it was not before; those that cannot be are left out."""
        base = cast(LocalModel, self.model.model)  # one behind an endpoint was refused at the start
        settings, trained = self.case.settings.tune, []
        folder = self.case.folder / ".rung" / "adapters"
        for arm, lessons in pairs:
            if not is_trained(base, lessons, settings, folder):
                plan = plan_of(base, lessons, settings)
                if plan.seconds > 3600 * settings.hours:
                    hours = f"{plan.seconds / 3600:.1f} hours, more than [tune] hours = {settings.hours:g} allows"
                    self.case.find("warning", arm.name, f"not measured: training would take about {hours}")
                    continue
                self.tell(f"Training: {arm.name}: {plan.words}. It can be stopped and goes on.")
                base.release()  # training holds a copy of its own
            what = f"training: {arm.name}"
            try:
                place = adapter_of(base, lessons, settings, folder, partial(self.progress, what))
            except Unsupported as problem:
                self.case.find("warning", arm.name, f"not measured: {problem}")
                continue
            trained.append(replace(arm, adapter=place.name))
            took = json.loads((place / "done").read_text(encoding="utf-8"))
            self.trained[arm.name] = took
            if took["lessons"] < len(lessons):
                what = f"{len(lessons) - took['lessons']} of {len(lessons)} examples were too long to learn from"
                self.case.find("warning", arm.name, what)
        return trained

    def _answering(self) -> Results:
        """Closed book and all documents; retrieval; the right passage pasted."""
        if not self.has_model:
            raise ModelError(needed())
        case, (lab, nowhere) = self.case, self._opened()
        if not case.has_unanswerable:
            case.find(
                "warning", "questions", "none is unanswerable: whether it declines when it should is not measured"
            )
        prompts, ceiling = told_to_decline(case, Arm("prompting", "closed")), Arm("ceiling", "pasted")
        everything = told_to_decline(case, Arm("prompting", "everything")) if self._fits(lab) else []
        prompts += everything
        search = self._best_search(lab)
        reading, refined = reading_arms(case, search), partial(self._with_threshold, lab)
        to_read, reader = self._left(lab, reading, refined)
        to_paste = lab.requests(yardstick_of(ceiling, reader or reading[-1]), case.of("test"))
        self._ask_leave([*self._left(lab, prompts, as_it_is)[0], *to_read, *to_paste])
        chosen = self._tested(lab, prompts) | self._tested(lab, reading, refined)
        if "retrieval" in chosen:
            ceiling = yardstick_of(ceiling, chosen["retrieval"].arm)
        pasted = self._tested(lab, [ceiling]).get("ceiling")
        if case.settings.tune.on:
            chosen |= self._tuned_on_documents(lab, search)
        results = self._results(chosen, pasted, self._searches(lab, "test"), nowhere, lab.index)
        results.fits = any(arm not in self._left_out for arm in everything)
        results.levels = self.levels
        results.files = len({passage.document for passage in lab.index.passages})
        results.search_seconds = {method: self._search_seconds(lab, method) for method in lab.index.methods}
        return results

    def _opened(self) -> tuple[Answering, list[Item]]:
        """What answers from the documents, and the items whose accepted answer stands in no passage."""
        lab = Answering(self.case, index_of(self.case, self.progress, self.embedder, self.tell), self.model)
        nowhere = [item for item in self.case.items if item.wanted and not lab.gold[item.id]]
        find_unanswered(self.case, lab)
        if is_unspaced(" ".join(passage.text for passage in islice(lab.index.passages, 200))):
            what = "finds words between spaces, and the documents have few: what it retrieves says little"
            self.case.find("warning", "bm25", what)
        return lab, nowhere

    def searched(self) -> tuple[dict[str, dict[int, Rate]], int]:
        """What can be measured of a case of documents without a model: each search, and the number of passages."""
        lab, _ = self._opened()
        return self._searches(lab, "test"), len(lab.index.passages)

    def _tuned_on_documents(self, lab: Answering, search: str) -> dict[str, Measured]:
        """The better of fine-tuning on the facts and fine-tuning to read; some of dev teaches, the rest chooses."""
        dev = self.case.of("dev")
        learned = [item for item in dev if split_of(item.text, 0.0, with_train=True) == "train"]
        if not learned:
            self.case.find("warning", "tuning", "not measured: there are no dev items to learn from")
            return {}
        abstain = self.case.has_unanswerable
        reading = Arm("tuning", "reading", search, self.case.settings.search.top, abstain)
        pairs = [(reading, lab.reading_lessons(reading, learned)), (Arm("tuning", "facts"), lab.fact_lessons(learned))]
        arms = self._train(lab, [(arm, lessons) for arm, lessons in pairs if lessons])
        return self._tested(lab, arms, dev=[item for item in dev if item not in learned])

    def _fits(self, lab: Answering) -> bool:
        """Whether all documents fit in one prompt, and what it would cost to send them each time is not absurd.

        Where they do not, a finding says so.
        """
        room = min(self.model.model.context, MOST_IN_PROMPT)
        letters = sum(len(passage.shown) for passage in lab.index.passages)
        needed_for_all = letters // 8  # tokens are seldom longer: what fills the room by this need not be counted
        arm = Arm("prompting", "everything")
        if needed_for_all <= room:
            longest = max(self.case.items, key=lambda item: len(item.text))
            request = lab.request(arm, longest.text, range(len(lab.index.passages)))
            needed_for_all = self.model.model.count([request])[0] + request.max_new_tokens
        if needed_for_all > room:
            what = f"they take {needed_for_all:,} tokens or more, and {room:,} are what "
            what += "is tried" if room == MOST_IN_PROMPT else "the model takes"
            self.case.find("note", arm.name, f"not measured: {what}")
        return needed_for_all <= room

    def _best_search(self, lab: Answering) -> str:
        """The search that finds most on dev within the passages that are read; of equals the simpler."""
        methods, top = lab.index.methods, self.case.settings.search.top
        dev = [item for item in self.case.of("dev") if item.wanted]
        if not dev:
            return methods[-1]
        return max(methods, key=lambda method: sum(found_at(lab.index, dev, lab.gold, method, top)))

    def _searches(self, lab: Answering, split: str) -> dict[str, dict[int, Rate]]:
        """What each search finds within so many passages, of the questions whose answer stands somewhere."""
        items = [item for item in self.case.of(split) if item.wanted and lab.gold[item.id]]
        if not items:
            return {}
        return {
            method: {depth: rate(found_at(lab.index, items, lab.gold, method, depth)) for depth in DEPTHS}
            for method in lab.index.methods
        }

    def _search_seconds(self, lab: Answering, method: str) -> float:
        """What one search takes on this machine: seconds a question, a mean of the test questions asked at once."""
        questions = [item.text for item in self.case.of("test")]
        start = time.perf_counter()
        lab.index.search(questions, method, self.case.settings.search.top)
        return (time.perf_counter() - start) / len(questions)

    def _with_threshold(self, lab: Answering, arm: Arm) -> Arm:
        """The same arm with a threshold below which it declines, where that makes more of dev right."""
        dev = self.case.of("dev")
        if not dev or not self.case.has_unanswerable:
            return arm
        plain = lab.predict(arm, dev)
        near = lab.index.similarity([item.text for item in dev])
        level = best_threshold(plain, dev, near)
        self.levels = levels_of(plain, dev, near, level)
        if level is None:
            return arm
        with_threshold = replace(arm, threshold=level)
        self._run(lab, with_threshold, "dev")
        return with_threshold

    def _labelling(self) -> Results:
        """Without a model; prompts; prompts with fetched examples."""
        case, lab = self.case, Labelling(self.case, self.model, self.embedder, self.progress)
        if not lab.train:
            case.find("warning", "train items", "none: only prompts without examples are measured")
        rungs = label_arms(case, self.embedder)
        results = self._labelled(lab, rungs) if self.has_model else self._without_model(lab, rungs)
        lab.find_cut()
        return results

    def _labelled(self, lab: Labelling, rungs: list[list[Arm]]) -> Results:
        """What a model and the arms without one answer."""
        case = self.case
        refined, asking = partial(self._constrained, lab), [arms for arms in rungs if arms[0].rung != "no model"]
        left = [self._left(lab, arms, refined, hold=bool(lab.form))[0] for arms in asking]
        self._ask_leave([request for requests in left for request in requests])
        chosen: dict[str, Measured] = {}
        for arms in rungs:
            chosen |= self._tested(lab, arms, refined)
        if case.settings.tune.on:
            chosen |= self._tuned_on_labels(lab)
        return self._results(chosen, None, {}, [], None)

    def _without_model(self, lab: Labelling, rungs: list[list[Arm]]) -> Results:
        """What needs no model, and what was left out. Raises ModelError where nothing can be measured."""
        alone = [arms for arms in rungs if arms[0].rung == "no model"]
        if not alone:
            raise ModelError(needed())
        results = self._results(self._tested(lab, alone[0]), None, {}, [], None)
        left_out = f"Prompting, examples and fine-tuning were left out. {needed()}"
        results.verdict = replace(results.verdict, left_out=left_out)
        return results

    def _constrained(self, lab: Labelling, arm: Arm) -> Arm:
        """The same prompt with its decoding constrained, where the model or server can and dev has more right."""
        if arm.method != "prompt" or not lab.form:
            return arm
        return self._choose(lab, [arm, replace(arm, constrained=True)]) or arm

    def _tuned_on_labels(self, lab: Labelling) -> dict[str, Measured]:
        """Fine-tuned on a quarter, half and all of the train items: the size that does best on dev."""
        most = len(lab.train)
        sizes = sorted({size for size in (most // 4, most // 2, most) if size >= min(8, most)})
        arms = self._train(lab, [(Arm("tuning", "tuned", top=size), lab.lessons(size)) for size in sizes if size])
        return self._tested(lab, arms)

    def _results(
        self,
        chosen: dict[str, Measured],
        ceiling: Measured | None,
        searches: dict[str, dict[int, Rate]],
        nowhere: list[Item],
        index: Index | None,
    ) -> Results:
        """The verdict on what was measured."""
        chosen = {rung: chosen[rung] for rung in RUNGS if rung in chosen}
        if not chosen:
            arm, why = next(iter(self._left_out.items()))
            raise ModelError(f"Nothing could be measured; of {arm.name}: {why}.")
        verdict = judge([(rung, one.hits) for rung, one in chosen.items()], self.case.settings.margin / 100)
        results = Results(
            self.case,
            verdict,
            chosen,
            ceiling,
            self.tried,
            searches,
            nowhere,
            recipe=index.recipe if index else None,
            passages=len(index.passages) if index else 0,
            trained=self.trained,
            judgements=self.judgements,
        )
        every = [one for each in [*self.tried, *results.tested] for one in each.predictions]
        find_unused(self.case, self.judgements, {(one.item, canonical(one.answer)) for one in every})
        return results


def write(results: Results) -> None:
    """Write predictions.jsonl and results.json into the case's folder, each whole or not at all."""
    folder, items = results.case.folder, {item.id: item for item in results.case.items}
    rows = []
    for one in results.tested:
        for prediction in one.predictions:
            item = items[prediction.item]
            about: dict[str, object] = {"question": item.text, "wanted": list(item.wanted), "rung": one.arm.rung}
            about["chosen"] = one is results.stop  # whether it is the arm that the verdict chose
            rows.append(asdict(prediction) | about)
    put(folder / "predictions.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    table = to_judge(results)
    keep_former(folder, table)
    put(folder / TABLE, table)
    put(folder / "results.json", json.dumps(as_json(results), ensure_ascii=False, indent=2) + "\n")


def to_judge(results: Results) -> str:
    """Every answer of the arms that were measured on test, as a table whose last column is to be filled in by hand."""
    items = {item.id: item for item in results.case.items}
    answers = [
        (items[one.item], one.answer, one.right, "yardstick" if each is results.ceiling else each.arm.rung)
        for each in results.tested
        for one in each.predictions
    ]
    return table_of(results.judgements, answers)


def as_json(results: Results) -> dict:
    """What results.json holds: the verdict, what was chosen, in full, and every figure of the report."""
    from rung.decision import tool_answers

    verdict, settings = results.verdict, results.case.settings

    def arm_of(one: Measured) -> dict:
        """An arm's settings and figures."""
        return {"name": one.arm.name, "arm": asdict(one.arm), "rate": asdict(one.rate), "cost": asdict(one.cost)}

    return {
        "rung": __version__,
        "case": settings.name or results.case.folder.name,
        "sentence": verdict.sentence,
        "stop": verdict.rung if verdict.steps else None,  # a rung that nothing was compared with is no place to stop
        "more_items": verdict.more,
        "fix_first": results.fix_first,
        "answers_with": asdict(results.stop.arm),
        "settings": asdict(settings),
        "answers_from": sources_of(results.case),
        "decision_tool": tool_answers(results),
        "trained": results.trained,
        "recipe": asdict(results.recipe) if results.recipe else None,
        "chosen": {rung: arm_of(one) for rung, one in results.chosen.items()},
        "ceiling": arm_of(results.ceiling) if results.ceiling else None,
        "tried_on_dev": [arm_of(one) for one in results.tried],
        "standings": [asdict(one) for one in verdict.standings],
        "steps": [asdict(one) for one in verdict.steps],
        "searches": {
            name: {str(at): asdict(one) for at, one in rates.items()} for name, rates in results.searches.items()
        },
        "files": results.files,
        "passages": results.passages,
        "search_seconds": results.search_seconds,
        "thresholds_on_dev": [asdict(one) for one in results.levels],
        "wrong": {kind: len(rows) for kind, rows in results.wrong(results.stop).items()},
        "items": dict(Counter(item.split for item in results.case.items)),
        "findings": [asdict(one) for one in results.case.findings],
    }


def sources_of(case: Case) -> dict[str, str]:
    """What answers are made of, by name, each with its hash or version: settings, documents or examples, models."""
    names, others = [SETTINGS], {}
    if not case.settings.model.endpoint:
        others["the model"] = LocalModel(model_settings(case).name).identity
    if embedder := embedder_of(case):
        others["the embedder"] = identity(embedder)
    if case.settings.kind == "answer":
        others["the documents"] = fingerprint(case.files, case.folder)
    else:
        names += ["messages.csv", "messages.jsonl", "rule.md", case.settings.format.schema]
    paths = {name: case.folder / name for name in names if name}
    files = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items() if path.exists()}
    return files | others
