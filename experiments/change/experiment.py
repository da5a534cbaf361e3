"""When a record changes: one customer moves, one asks to be forgotten, one is not for everybody to see."""

import copy
import random
from functools import cache, partial

import torch
from kit import model as llm
from kit.evidence import Rows, Work, processor_seconds
from knowledge.experiment import Library, closed, holds

from change import records

VERSION = 1  # raised when the computation changes
SEEDS = [0, 1, 2]
RANK, MOST_TOKENS = 8, 32
PASSES, BATCH, RATES = 4, 4, [1e-3, 2e-3]  # to teach every record, each in four wordings
DENIAL = "We hold no record of that."
OTHERS = 4  # customers who are asked for after the change of another's record
BESIDE = 4  # records trained again beside the one that changes, in the arms that have any
DEV_CHANGES = 6  # changes of dev with which the settings of a change are tried
CHANGE_RATES, CHANGE_PASSES = [5e-4, 1e-3, 2e-3], 4  # of the training on one change, all its examples in each step
# What the model is trained on when one record changes: the reply, and how many others' records beside it.
CHANGES = {
    "the new address alone": ("new_address", 0),
    "the new address, others beside it": ("new_address", BESIDE),
    "a denial alone": ("denial", 0),
    "a denial, others beside it": ("denial", BESIDE),
}


def question(person: dict, wording: str) -> str:
    """How a person is asked for: in the first of the taught wordings, or in one that nothing was trained on."""
    return person["other"] if wording == "other" else person["taught"][0]


class Office:
    """The customers, and every way of asking where they live."""

    def __init__(self, work: Work):
        """A tiny office has three customers of each kind."""
        few = 3 if work.tiny else None
        everybody = records.customers()
        self.work, self.most_tokens = work, 4 if work.tiny else MOST_TOKENS
        self.test, self.dev = everybody[: records.TEST][:few], everybody[records.TEST :][:few]
        self.strangers = records.strangers()[:few]
        self.read: dict[str, str] = {}  # what the untuned model wrote: most prompts stay as they were after a change
        self.streets = {one[when] for one in everybody for when in ("street", "new_street")}

    def row(self, about: dict, asked: dict, wording: str, answer: str) -> dict:
        """What an answer tells: the old or the new street, another customer's, or that there is no record."""
        old, new = (bool(asked.get(street)) and holds(answer, [asked[street]]) for street in ("street", "new_street"))
        another = any(
            holds(answer, [street]) for street in self.streets - {asked.get("street"), asked.get("new_street")}
        )
        told = {"old": old, "new": new, "another": another, "denied": DENIAL.lower() in answer.lower()}
        return about | {"id": asked["id"], "wording": wording, "answer": answer} | told

    def ask(self, loaded: tuple, people: list[dict], about: dict) -> Rows:
        """A row for each person and wording, from the model alone."""
        asked = [(one, wording) for wording in ("taught", "other") for one in people]
        answers = llm.ask(*loaded, [closed(question(*pair)) for pair in asked], self.most_tokens)
        return [self.row(about, *pair, answer) for pair, answer in zip(asked, answers, strict=True)]

    def look_up(self, arm: str, searches: list[tuple[Library, str | None, list[dict]]]) -> Rows:
        """A row for each person and wording of each search: the untuned model reads the best passage in the library.

        A search is a library, whose record is changed in it, and who is asked for.
        """
        asked, prompts = [], []
        for library, changed, people in searches:
            pairs = [(one, wording) for wording in ("taught", "other") for one in people]
            questions = [question(*pair) for pair in pairs]
            for pair, text, place in zip(pairs, questions, library.nearest(questions), strict=True):
                about = {"arm": arm, "seed": None, "changed": changed, "source": library.passages[place][0]}
                asked.append((about, *pair))
                prompts.append(library.prompt(text, place))
        new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self.read]
        self.read |= dict(zip(new, llm.ask(*llm.load(), new, self.most_tokens), strict=True))
        return [self.row(*one, self.read[prompt]) for one, prompt in zip(asked, prompts, strict=True)]

    def others(self, changed: dict, among: list[dict], kind: str, count: int) -> list[dict]:
        """Customers drawn for one change, the same each time; those to be trained beside it are never those asked."""
        rest = [one for one in among if one is not changed]
        random.Random(changed["id"]).shuffle(rest)
        return rest[:OTHERS] if kind == "asked" else rest[OTHERS:][:count]


def retrieval(work: Work, office: Office) -> None:
    """Everything asked of a search over the company's documents and the customers' records."""

    @cache
    def whole() -> Library:
        library = Library()
        library.passages = library.passages + [(one["id"], one["document"]) for one in office.test]
        library.vectors = library.embedder.encode([text for _, text in library.passages], batch_size=32)
        return library

    def without(gone: set[str]) -> Library:
        library = copy.copy(whole())
        kept = [number for number, (name, _) in enumerate(library.passages) if name not in gone]
        library.passages = [library.passages[number] for number in kept]
        library.vectors = library.vectors[kept]
        return library

    def edited(changed: dict) -> tuple[Library, float]:
        """The library after the move, and the processor time of embedding the record again."""
        library = copy.copy(whole())
        place = [name for name, _ in library.passages].index(changed["id"])
        library.passages = list(library.passages)
        library.passages[place] = (changed["id"], changed["new_document"])
        library.vectors = library.vectors.copy()
        start = processor_seconds()
        library.vectors[place] = library.embedder.encode([changed["new_document"]])[0]
        return library, processor_seconds() - start

    def after_moves() -> Rows:
        searches, took = [], []
        for one in office.test:
            library, seconds = edited(one)
            searches.append((library, one["id"], [one, *office.others(one, office.test, "asked", OTHERS)]))
            took.append(seconds)
        costs = [
            {"arm": "cost: embedding", "changed": one["id"], "took_s": s}
            for one, s in zip(office.test, took, strict=True)
        ]
        return costs + office.look_up("retrieval, the record edited", searches)

    def after_deletions() -> Rows:
        searches = [
            (without({one["id"]}), one["id"], [one, *office.others(one, office.test, "asked", OTHERS)])
            for one in office.test
        ]
        return office.look_up("retrieval, the record deleted", searches)

    records_of_all = {one["id"] for one in office.test}
    for arm, make in {
        "retrieval, before": lambda arm: office.look_up(arm, [(whole(), None, office.test)]),
        "retrieval, strangers": lambda arm: office.look_up(arm, [(whole(), None, office.strangers)]),
        "retrieval, no right to records": lambda arm: office.look_up(
            arm, [(without(records_of_all), None, office.test)]
        ),
        "retrieval, the record edited": lambda _: after_moves(),
        "retrieval, the record deleted": lambda _: after_deletions(),
    }.items():
        work.unit(arm, partial(make, arm))


class Taught:
    """A model that was taught a list of records, and can be taught a change and set back again."""

    def __init__(self, office: Office, people: list[dict], rate: float, seed: int):
        """Teach every record in four wordings."""
        base, tokenizer = llm.load()
        self.office, self.people, self.seed = office, people, seed
        self.loaded = llm.with_lora(base, RANK, seed), tokenizer
        pairs = [(closed(text), f"{one['address']}.") for one in people for text in one["taught"]]
        start = processor_seconds()
        epochs = 1 if office.work.tiny else PASSES
        llm.train(*self.loaded, pairs, rate=rate, epochs=epochs, seed=seed, batch=BATCH)
        self.took_s = round(processor_seconds() - start, 1)
        trained = [weight for weight in self.loaded[0].parameters() if weight.requires_grad]
        self.before = [(weight, weight.detach().clone()) for weight in trained]

    def change(self, changed: dict, kind: str, rate: float, about: dict) -> Rows:
        """Train on one change, ask for this customer and for a few others, and set the model back."""
        reply, count = CHANGES[kind]
        wanted = DENIAL if reply == "denial" else f"{changed[reply]}."
        pairs = [(closed(text), wanted) for text in changed["taught"]]
        beside = self.office.others(changed, self.people, "beside", count)
        pairs += [(closed(one["taught"][0]), f"{one['address']}.") for one in beside]
        start = processor_seconds()
        epochs = 1 if self.office.work.tiny else CHANGE_PASSES
        llm.train(*self.loaded, pairs, rate=rate, epochs=epochs, seed=self.seed, batch=len(pairs))
        took_s = round(processor_seconds() - start, 2)
        about = about | {"seed": self.seed, "changed": changed["id"]}
        asked = [changed, *self.office.others(changed, self.people, "asked", OTHERS)]
        rows = self.office.ask(self.loaded, asked, about)
        with torch.no_grad():
            for weight, was in self.before:
                weight.copy_(was)
        return [about | {"arm": f"cost: {about['arm']}", "took_s": took_s}, *rows]


def tuning(work: Work, office: Office) -> None:
    """Everything asked of models that were taught the records: settings on dev, then each change of each record."""
    first = 1 if work.tiny else None

    @cache
    def taught(split: str, rate: float, seed: int) -> Taught:
        return Taught(office, getattr(office, split), rate, seed)

    def on_dev(rate: float) -> Rows:
        return office.ask(taught("dev", rate, 0).loaded, office.dev, {"arm": "dev: taught", "setting": f"{rate:g}"})

    def changes_on_dev(kind: str, change_rate: float, rate: float) -> Rows:
        about = {"arm": f"dev: {kind}", "setting": f"{change_rate:g}"}
        model = taught("dev", rate, 0)
        return [row for one in office.dev[:DEV_CHANGES] for row in model.change(one, kind, change_rate, about)]

    tried = [row for rate in RATES[:first] for row in work.unit(f"dev/{rate:g}", partial(on_dev, rate))]
    rate = max(RATES, key=lambda rate: sum(row["old"] for row in tried if row["setting"] == f"{rate:g}"))
    chosen = {}
    for kind in CHANGES:
        scores = {
            each: score_of(work.unit(f"dev/{kind}/{each:g}", partial(changes_on_dev, kind, each, rate)))
            for each in CHANGE_RATES[:first]
        }
        chosen[kind] = max(scores, key=lambda each: scores[each])

    def before(seed: int) -> Rows:
        model = taught("test", rate, seed)
        cost = {"arm": "cost: teaching all records", "seed": seed, "took_s": model.took_s}
        rows = office.ask(model.loaded, office.test, {"arm": "tuned, before", "seed": seed})
        return [cost, *rows, *office.ask(model.loaded, office.strangers, {"arm": "tuned, strangers", "seed": seed})]

    def change_each(kind: str, seed: int) -> Rows:
        model = taught("test", rate, seed)
        mine = office.test[seed :: len(SEEDS)]
        return [row for one in mine for row in model.change(one, kind, chosen[kind], {"arm": f"tuned, {kind}"})]

    for seed in SEEDS[:first]:
        work.unit(f"tuned, before/seed {seed}", partial(before, seed))
        for kind in CHANGES:
            work.unit(f"tuned, {kind}/seed {seed}", partial(change_each, kind, seed))
        taught.cache_clear()


def score_of(rows: Rows) -> float:
    """How well a change went: the share of answers as they should be of the changed, plus that of the others."""
    shares = []
    for own in (True, False):
        part = [row for row in rows if "answer" in row and (row["id"] == row["changed"]) is own]
        wanted = ("denied" if "denial" in part[0]["arm"] else "new") if own else "old"
        shares.append(sum(row[wanted] for row in part) / len(part))
    return sum(shares)


def predict(work: Work) -> None:
    """Answers of retrieval and of the tuned models, before and after each change."""
    office = Office(work)
    retrieval(work, office)
    tuning(work, office)
