"""The arms of a measurement: each a way to answer, set down in full, so that what was measured can answer later."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, cast

from rung.case import Case, Item, names_of
from rung.cutting import Passage
from rung.embedding import Embedder
from rung.errors import Unsupported
from rung.models import Answer, CachedModel, LocalModel, Request, chat
from rung.progress import Progress, StageProgress
from rung.retrieval import Index
from rung.scoring import abstains, canonical, fits_schema, has_pattern, holds, label_of, same_output, stands_in
from rung.texts import TextVectors
from rung.tuning import Lesson, TunedModel

RUNGS = ("no model", "prompting", "retrieval", "tuning", "ceiling")  # the last is a yardstick, no rung
ALONE = ("closed", "facts")  # methods whose model sees no passage
CLOSED = "Answer the question in one short sentence."
ABSTAIN = "If the text does not tell, say: I don't know."
UNSURE = "If you do not know, say: I don't know."
DECLINES = "I don't know."


@dataclass(frozen=True)
class Arm:
    """One way to answer.

    Attributes:
        rung: one of RUNGS.
        method: what it does. For answers: "closed", "everything", "search", "pasted". For labels: "commonest", "words",
            "vectors", "prompt". With an adapter: "facts" (then asked as "closed"), "reading" (as "search"), "tuned".
        search: the search, where it searches: "bm25", "embeddings" or "hybrid".
        top: how many passages are read, or how many examples shown.
        abstain: whether the prompt tells it to decline where the text does not tell or, without one, it does not know.
        threshold: it declines where the nearest passage is less similar than this; None for never.
        rule: whether the prompt holds the case's rule.
        examples: "" for none, "fixed" or "similar".
        constrained: whether decoding is constrained to the labels, the pattern or the schema.
        adapter: the folder of the adapter that was trained for it, by its name below .rung/adapters; "" for none.
    """

    rung: str
    method: str
    search: str = ""
    top: int = 0
    abstain: bool = False
    threshold: float | None = None
    rule: bool = False
    examples: str = ""
    constrained: bool = False
    adapter: str = ""

    @property
    def name(self) -> str:
        """What people call it; another arm has another name."""
        words = {
            "closed": "the model alone",
            "everything": "all documents in the prompt",
            "pasted": "the right passage pasted",
            "commonest": "always the commonest label",
            "words": "logistic regression on words",
            "vectors": "logistic regression on embeddings",
            "prompt": "the instruction",
            "facts": "fine-tuned on the documents, no passage",
            "reading": f"fine-tuned on retrieved context, {self.search}, {self.top} passage{'s' * (self.top != 1)}",
            "tuned": f"fine-tuned on {self.top} examples",
            "search": f"{self.search}, {self.top} passage{'s' * (self.top != 1)}",
        }
        parts = [words[self.method]]
        parts += ["with the rule"] * self.rule
        parts += [f"with {self.top} {self.examples} examples"] * bool(self.examples)
        parts += ["told to abstain"] * self.abstain
        parts += [] if self.threshold is None else [f"abstains below {self.threshold:.2f}"]
        parts += ["constrained decoding"] * self.constrained
        return ", ".join(parts)


@dataclass(frozen=True)
class Prediction:
    """What an arm answered to an item, and how that was judged.

    `found` is whether an accepted answer stood in what was read; None where nothing was, or nothing is accepted. `cut`,
    `too_long` and `refused` are the answer's (see rung.models.Answer).
    """

    item: str
    arm: str
    answer: str
    right: bool
    abstained: bool = False
    found: bool | None = None
    passages: tuple[int, ...] = ()
    prompt_tokens: int = 0
    new_tokens: int = 0
    seconds: float = 0.0
    cut: bool = False
    too_long: str = ""
    refused: str = ""

    @classmethod
    def of(
        cls, item: Item, arm: Arm, answer: Answer, right: bool, abstained: bool = False, **read: Any
    ) -> "Prediction":
        """A prediction with what its answer took and how far it came; `read` is `found` and `passages`.

        An answer that did not come because of a limit or a filter is none: it is incorrect, and no abstention either.
        """
        right, abstained = right and answer.given, abstained and answer.given
        names = ("prompt_tokens", "new_tokens", "seconds", "cut", "too_long", "refused")
        took = {name: getattr(answer, name) for name in names}
        return cls(item.id, arm.name, answer.text, right, abstained, **read, **took)


class Models:
    """The case's model, and the ones fine-tuned from it, of which the last asked stays loaded."""

    def __init__(self, case: Case, base: CachedModel):
        """Name the model that is not fine-tuned."""
        self.base, self._folder = base, case.folder / ".rung" / "adapters"
        self._tuned: tuple[str, CachedModel] | None = None

    def of(self, arm: Arm) -> CachedModel:
        """The model that an arm asks."""
        if not arm.adapter:
            return self.base
        if self._tuned is None or self._tuned[0] != arm.adapter:
            base = cast(LocalModel, self.base.model)  # nothing behind an endpoint has an adapter
            tuned = TunedModel(base.name, self._folder / arm.adapter, base.asked_context)
            self._tuned = arm.adapter, CachedModel(tuned, self.base.cache)
        return self._tuned[1]


class Answering:
    """Arms that answer questions from documents."""

    def __init__(self, case: Case, index: Index, model: CachedModel, gold: dict[str, list[int]] | None = None):
        """Everything that answers are made of.

        `gold` is what `gold_passages` gives; it is looked up now where it is not given.
        """
        self.case, self.index, self.models = case, index, Models(case, model)
        self.gold = gold_passages(case.items, index, case.called) if gold is None else gold

    def request(self, arm: Arm, question: str, passages: Sequence[int]) -> Request:
        """What the model is asked."""
        most = self.case.settings.model.max_new_tokens
        if arm.method in ALONE:
            instruction = CLOSED + (f" {UNSURE}" if arm.abstain else "")
            return Request(chat(f"Question: {question}\nAnswer:", instruction), most)
        text = "\n\n".join(self.index.passages[number].shown for number in passages)
        instruction = self.case.settings.prompt.answer + (f" {ABSTAIN}" if arm.abstain else "")
        return Request(chat(f"{text}\n\nQuestion: {question}\nAnswer:", instruction), most)

    def fact_lessons(self, items: Sequence[Item]) -> list[Lesson]:
        """What teaches the documents' facts: every passage by its headings, and questions with their answers."""
        closed = Arm("tuning", "facts")
        asked = [(item.text, item.wanted[0]) for item in items if item.wanted]
        stated = [(f"What is said of: {one.heading or one.document}?", one.text) for one in self.index.passages]
        return [Lesson(self.request(closed, text, ()), wanted) for text, wanted in stated + asked]

    def reading_lessons(self, arm: Arm, items: Sequence[Item]) -> list[Lesson]:
        """What teaches to read what the arm's search finds (Zhang et al., 2024, RAFT).

        Where the search misses the answer's passage, it stands in for the last one found, or the lesson would teach to
        make things up. To questions without an answer the lesson is to abstain.
        """
        lessons = []
        for item, found in zip(items, self.read(arm, items), strict=True):
            gold = self.gold[item.id]
            if item.wanted and not gold:
                continue
            passages = found if not gold or set(gold) & set(found) else [*found[: arm.top - 1], gold[0]]
            wanted = item.wanted[0] if item.wanted else DECLINES
            lessons.append(Lesson(self.request(arm, item.text, passages), wanted))
        return lessons

    def read(self, arm: Arm, items: Sequence[Item]) -> list[list[int]]:
        """The numbers of the passages that an arm reads, or would read, for each item."""
        questions = [item.text for item in items]
        if arm.method in ALONE:
            return [[] for _ in items]
        if arm.method == "everything":
            return [list(range(len(self.index.passages))) for _ in items]
        if arm.method == "pasted":
            nearest = self.index.search(questions, self.index.methods[-1], 1)
            pairs = zip(items, nearest, strict=True)
            return [self.gold[item.id][:1] or [hit.number for hit in hits] for item, hits in pairs]
        return [[hit.number for hit in hits] for hits in self.index.search(questions, arm.search, arm.top)]

    def declines(self, arm: Arm, items: Sequence[Item]) -> list[bool]:
        """For which items an arm declines without asking the model: no passage is near enough.

        The right passage, where it is pasted, is near enough.
        """
        if arm.threshold is None:
            return [False] * len(items)
        near = self.index.similarity([item.text for item in items])
        given = [arm.method == "pasted" and bool(self.gold[item.id]) for item in items]
        return [score < arm.threshold and not pasted for score, pasted in zip(near, given, strict=True)]

    def requests(self, arm: Arm, items: Sequence[Item]) -> list[Request]:
        """Everything that an arm asks the model about items, in their order."""
        rows = zip(items, self.read(arm, items), self.declines(arm, items), strict=True)
        return [self.request(arm, item.text, passages) for item, passages, declined in rows if not declined]

    def predict(self, arm: Arm, items: Sequence[Item], progress: Progress = lambda done, of: None) -> list[Prediction]:
        """An arm's predictions for items, in their order."""
        answers = iter(self.models.of(arm).ask(self.requests(arm, items), progress))
        rows = zip(items, self.read(arm, items), self.declines(arm, items), strict=True)
        return [
            self.judge(arm, item, passages, Answer(DECLINES, 0, 0, 0.0) if declined else next(answers))
            for item, passages, declined in rows
        ]

    def judge(self, arm: Arm, item: Item, passages: list[int], answer: Answer) -> Prediction:
        """Whether an answer is right: it holds an accepted fact or, where the documents do not tell, it declines."""
        declined = abstains(answer.text)
        right = holds(answer.text, item.wanted) if item.answerable else declined
        right = self.case.judgements.get((item.id, canonical(answer.text)), right)
        read = item.answerable and arm.method not in ALONE
        found = bool(set(self.gold[item.id]) & set(passages)) if read else None
        kept = tuple(passages[:20])  # all documents in the prompt would fill the file
        return Prediction.of(item, arm, answer, right, abstained=declined, found=found, passages=kept)


def gold_passages(
    items: Sequence[Item], index: Index, called: Callable[[str], frozenset[str]] = names_of
) -> dict[str, list[int]]:
    """For each item, the passages that answer it, the likeliest first.

    They hold the item's own passage where it gives one and that stands in them whole; else an accepted answer. Where
    the item names its document, only that one's, by one of the names that `called` gives for it. A short answer such as
    "5" also stands in passages about something else: the first is then the one that shares most with the question by
    BM25.
    """
    asked = [item for item in items if item.wanted]
    gold: dict[str, list[int]] = {item.id: [] for item in items}
    quoted: dict[str, list[int]] = {item.id: [] for item in items}
    facts = {item.id: [canonical(fact) for fact in item.wanted] for item in asked}
    quotes = {item.id: canonical(item.passage) for item in asked}
    for number, passage in enumerate(index.passages):
        text, names = canonical(passage.shown), called(passage.document)
        for item in asked:
            if item.document is not None and item.document not in names:
                continue
            if item.passage and quotes[item.id] in text:
                quoted[item.id].append(number)
            if stands_in(text, facts[item.id]):
                gold[item.id].append(number)
    gold |= {name: numbers for name, numbers in quoted.items() if numbers}
    several = [item for item in asked if len(gold[item.id]) > 1]
    deep = min(len(index.passages), 1000)
    for item, hits in zip(several, index.search([one.text for one in several], "bm25", deep), strict=True):
        rank = {hit.number: place for place, hit in enumerate(hits)}
        gold[item.id].sort(key=lambda number: (rank.get(number, deep), number))
    return gold


def holds_passage(item: Item, passage: Passage) -> bool:
    """Whether a passage of the index holds, whole, the passage that an item gives."""
    return canonical(item.passage) in canonical(passage.shown)


def found_at(index: Index, items: Sequence[Item], gold: dict[str, list[int]], method: str, top: int) -> list[bool]:
    """For each item with an accepted answer: whether a search has it among its first `top` passages."""
    asked = [item for item in items if item.wanted]
    hits = index.search([item.text for item in asked], method, top)
    return [bool({hit.number for hit in found} & set(gold[item.id])) for item, found in zip(asked, hits, strict=True)]


class Labelling:
    """Arms that label or format texts, with the train items to learn from."""

    def __init__(
        self,
        case: Case,
        model: CachedModel,
        embedder: Embedder | None = None,
        progress: StageProgress = lambda what, done, of: None,
    ):
        """Everything that labels are made of; `embedder` is None where none is installed.

        `progress` is told how many texts are embedded, and of how many.
        """
        self.case, self.models, self.embedder = case, Models(case, model), embedder
        self.train = case.of("train")
        own, file = [item.text for item in case.items], case.folder / ".rung" / "texts.sqlite"
        self._vectors = TextVectors(embedder, file, own, progress) if embedder else None
        self._fitted: dict[str, tuple[Any, Any]] = {}

    def nearest(self, texts: Sequence[str], top: int) -> list[list[Item]]:
        """The train items most like each text, the most like it last, next to what is asked."""
        if not texts:
            return []
        if self._vectors:
            scores = self._vectors.of(texts) @ self._train_vectors.T
        else:
            words, known = self._train_words
            scores = (words.transform(texts) @ known.T).toarray()
        orders = (-scores).argsort(axis=1, kind="stable")[:, :top]
        return [[self.train[place] for place in reversed(order)] for order in orders]

    def fixed(self, top: int) -> list[Item]:
        """The examples that every text is shown: of each label in turn, in the order of the file."""
        by_label: dict[str, list[Item]] = {}
        for item in self.train:
            by_label.setdefault(item.wanted[0], []).append(item)
        turns = [item for place in range(top) for items in by_label.values() for item in items[place : place + 1]]
        return turns[:top]

    def request(self, arm: Arm, item: Item, similar: Sequence[Item]) -> Request:
        """What the model is asked."""
        instruction = self.case.settings.prompt.label
        if not self.case.free_output:
            instruction += f" Answer with one word or phrase of these: {', '.join(sorted(self.case.labels))}."
        if arm.rule:
            instruction += f"\n\n{self.case.rule}"
        shown = self.fixed(arm.top) if arm.examples == "fixed" else similar
        examples = [(example.text, example.wanted[0]) for example in shown]
        form = self.form if arm.constrained else {}
        return Request(chat(item.text, instruction, examples), self.case.settings.model.max_new_tokens, **form)

    @property
    def form(self) -> dict:
        """What decoding can be constrained by: the labels, else the schema or pattern; empty where there is none."""
        asked = self.case.settings.format
        if not self.case.free_output:
            return {"choices": tuple(sorted(self.case.labels))}
        if self.case.schema is not None:
            return {"schema": json.dumps(self.case.schema)}
        return {"pattern": asked.pattern} if asked.pattern else {}

    def lessons(self, size: int) -> list[Lesson]:
        """Train items to fine-tune on: so many, of each label in turn, in the order of the file."""
        plain = Arm("tuning", "tuned")
        return [Lesson(self.request(plain, item, ()), item.wanted[0]) for item in self.fixed(size)]

    def requests(self, arm: Arm, items: Sequence[Item]) -> list[Request]:
        """Everything that an arm would ask the model."""
        if arm.method not in ("prompt", "tuned"):
            return []
        similar = (
            self.nearest([item.text for item in items], arm.top) if arm.examples == "similar" else [[]] * len(items)
        )
        return [self.request(arm, item, shown) for item, shown in zip(items, similar, strict=True)]

    def answers(self, arm: Arm, items: Sequence[Item], progress: Progress = lambda done, of: None) -> list[Answer]:
        """What an arm answers to each item."""
        if arm.method in ("prompt", "tuned"):
            return self.models.of(arm).ask(self.requests(arm, items), progress)
        if arm.method == "commonest":
            if not self.train:
                raise Unsupported("there are no train items to learn the commonest label from")
            commonest = Counter(item.wanted[0] for item in self.train).most_common(1)[0][0]
            return [Answer(commonest, 0, 0, 0.0)] * len(items)
        return [Answer(label, 0, 0, 0.0) for label in self.classified(arm.method, [item.text for item in items])]

    def predict(self, arm: Arm, items: Sequence[Item], progress: Progress = lambda done, of: None) -> list[Prediction]:
        """An arm's predictions for items, in their order."""
        answers = self.answers(arm, items, progress)
        return [self.judge(arm, item, answer) for item, answer in zip(items, answers, strict=True)]

    def classified(self, method: str, texts: Sequence[str]) -> list[str]:
        """The labels by logistic regression on the train items: on "words" (TF-IDF) or on "vectors"."""
        from rung.classifiers import regression_on

        if method not in self._fitted:
            self._need_two_labels()
            words, features = self._train_words if method == "words" else (None, self._train_vectors)
            self._fitted[method] = words, regression_on(features, [item.wanted[0] for item in self.train])
        words, classifier = self._fitted[method]
        return [
            str(label) for label in classifier.predict(words.transform(texts) if words else self._vectors_of(texts))
        ]

    def _need_two_labels(self) -> None:
        """Raise Unsupported where there is nothing to tell apart in the train items."""
        labels = {item.wanted[0] for item in self.train}
        if len(labels) < 2:
            which = f'all have the label "{labels.pop()}"' if labels else "are none"
            raise Unsupported(f"a classifier learns from train items of two labels, and these {which}")

    @cached_property
    def _train_words(self) -> tuple[Any, Any]:
        """What makes TF-IDF of words, and the train items' own. Raises Unsupported where there is no word."""
        from rung.classifiers import words_of

        known = [item.text for item in self.train]
        try:
            words = words_of(known)
        except ValueError as problem:
            raise Unsupported("no train item has a word to learn from") from problem
        return words, words.transform(known)

    @cached_property
    def _train_vectors(self) -> Any:
        """The train items' embeddings."""
        return self._vectors_of([item.text for item in self.train])

    def _vectors_of(self, texts: Sequence[str]) -> Any:
        """The texts' embeddings, which only an arm asks for that is there with an embedder."""
        assert self._vectors is not None
        return self._vectors.of(texts)

    def find_cut(self) -> None:
        """Find that texts are longer than the embedder reads, of those that it was given."""
        cut = self._vectors.cut([item.text for item in self.case.items]) if self._vectors else 0
        if cut and self.embedder:
            what = f"{cut} texts are longer than the {self.embedder.limit} tokens that {self.embedder.name} reads"
            self.case.find("warning", "embeddings", f"{what}: arms on embeddings see only their beginnings")

    def judge(self, arm: Arm, item: Item, answer: Answer) -> Prediction:
        """Whether an answer is the wanted label or output, in the form that the case asks for."""
        form = self.case.settings.format
        if self.case.free_output:
            right = same_output(answer.text, item.wanted[0])
        else:
            right = label_of(answer.text, self.case.labels) == item.wanted[0]
        right = right and (not form.pattern or has_pattern(answer.text, form.pattern))
        right = right and (self.case.schema is None or fits_schema(answer.text, self.case.schema))
        right = self.case.judgements.get((item.id, canonical(answer.text)), right)
        return Prediction.of(item, arm, answer, right)


def best_threshold(predictions: Sequence[Prediction], items: Sequence[Item], near: Sequence[float]) -> float | None:
    """The similarity below which declining makes the most items right; None where never declining does as well.

    Ties go to the middle of the widest gap, so that a threshold does not stand right at one item's similarity.
    """
    levels = sorted(set(near))
    plain = sum(one.right for one in predictions)
    best: tuple[int, float, float] | None = None
    for below, above in pairwise(levels):
        level = (below + above) / 2
        rows = zip(predictions, items, near, strict=True)
        right = sum(one.right if score >= level else not item.answerable for one, item, score in rows)
        if right > plain and (best is None or (right, above - below) > best[:2]):
            best = right, above - below, level
    return round(best[2], 4) if best else None


def label_arms(case: Case, embedder: object | None) -> list[list[Arm]]:
    """The arms of a labelling case, a list for each rung; of each the best is chosen on dev."""
    top, has_train = case.settings.prompt.examples, bool(case.of("train"))
    has_examples = has_train and top > 0
    plain = Arm("prompting", "prompt")
    prompts = [plain] + [replace(plain, rule=True)] * bool(case.rule)
    fetched = []
    if has_examples:
        prompts += [replace(one, examples="fixed", top=top) for one in prompts]
        fetched = [replace(one, rung="retrieval", examples="similar", top=top) for one in prompts if not one.examples]
    if fetched and not embedder and not any(re.search(r"\w", item.text) for item in case.of("train")):
        case.find("warning", "similar examples", "not measured: no train item has a word by which it could be similar")
        fetched = []
    off = []
    if has_train and not case.free_output:
        off = [Arm("no model", "commonest"), Arm("no model", "words")]
        off += [Arm("no model", "vectors")] * (embedder is not None)
    return [rung for rung in (off, prompts, fetched) if rung]


def reading_arms(case: Case, search: str) -> list[Arm]:
    """The arms that read what a search finds."""
    tops = sorted({1, case.settings.search.top})
    return [one for top in tops for one in told_to_decline(case, Arm("retrieval", "search", search, top))]


def told_to_decline(case: Case, arm: Arm) -> list[Arm]:
    """An arm as it is, and told to decline, which is tried only where some questions have no answer."""
    return [arm, replace(arm, abstain=True)] if case.has_unanswerable else [arm]
