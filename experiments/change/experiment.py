"""When a record changes: one customer moves, one asks to be forgotten, one is not for everybody to see."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial

from kit.arm import Arm
from kit.model import generate, load, with_lora
from kit.models import SMOLLM2
from kit.provenance import processor_seconds
from kit.rows import Rows
from kit.training import Training, encode, train
from kit.work import Work
from rung.scoring import holds
from tasks import questions
from tasks.questions import Library, Passage, closed_book, reading_prompt

from change import records

VERSION = 1  # raised when the computation changes
DENIAL = "We hold no record of that."
DATA = (questions.DOCUMENTS,)  # the customers are made in records.py, and counted in the settings


@dataclass(frozen=True)
class Settings:
    """What is tried, and how much of it."""

    model: str = SMOLLM2.key
    seeds: tuple[int, ...] = (0, 1, 2)
    test_items: int = records.TEST
    dev_items: int = records.DEV
    strangers: int = records.STRANGERS
    records: str = records.DIGEST  # of all customers and questions, as they are made
    rank: int = 8
    max_new_tokens: int = 32
    epochs: int = 4  # to teach every record, each in four wordings
    batch_size: int = 4
    learning_rates: tuple[float, ...] = (1e-3, 2e-3)
    others_asked: int = 4  # customers who are asked for after the change of another's record
    # What the model is trained on when one record changes, all of it in each step: the reply, and how many others'
    # records beside it.
    changes: tuple[tuple[str, int], ...] = (("edit", 0), ("edit", 4), ("denial", 0), ("denial", 4))
    change_epochs: int = 4
    change_learning_rates: tuple[float, ...] = (5e-4, 1e-3, 2e-3)
    changes_on_dev: int = 6


SETTINGS = Settings()
A_FEW = {"seeds": (0,), "test_items": 3, "dev_items": 3, "strangers": 3, "epochs": 1, "change_epochs": 1}
TINY = replace(SETTINGS, **A_FEW, max_new_tokens=4, learning_rates=(1e-3,), change_learning_rates=(5e-4,))
SLICE, SLICE_UNITS = replace(SETTINGS, strangers=3), ("retrieval strangers",)


def question(person: dict, wording: str) -> str:
    """How a person is asked for: in the first of the taught wordings, or in one that nothing was trained on."""
    return person["other"] if wording == "other" else person["taught"][0]


def asked_for(people: list[dict]) -> list[tuple[dict, str]]:
    """Every person in both wordings."""
    return [(one, wording) for wording in ("taught", "other") for one in people]


class Office:
    """The customers, who is asked for, and what an answer gives away."""

    def __init__(self, settings: Settings):
        """Make the customers."""
        everybody = records.customers()
        self.settings = settings
        self.people = {
            "test": everybody[: records.TEST][: settings.test_items],
            "dev": everybody[records.TEST :][: settings.dev_items],
        }
        self.strangers = records.strangers()[: settings.strangers]
        self.streets = {one[when] for one in everybody for when in ("street", "new_street")}

    def given(self, asked: dict, answer: str) -> dict:
        """What an answer gives: the old or the new street, another customer's, or that there is no record."""
        own = {asked.get("street"), asked.get("new_street")}
        old, new = (bool(asked.get(name)) and holds(answer, [asked[name]]) for name in ("street", "new_street"))
        another = any(holds(answer, [street]) for street in self.streets - own)
        return {"old": old, "new": new, "another": another, "denied": DENIAL.lower() in answer.lower()}

    def row(self, asked: dict, wording: str, answer: str) -> dict:
        """An answer about a person."""
        return {"id": asked["id"], "wording": wording, "answer": answer} | self.given(asked, answer)

    def others(self, changed: dict, among: list[dict]) -> tuple[list[dict], list[dict]]:
        """Customers drawn for one change, always the same: those asked for, and the rest, to be trained beside it."""
        rest = [one for one in among if one is not changed]
        random.Random(changed["id"]).shuffle(rest)
        return rest[: self.settings.others_asked], rest[self.settings.others_asked :]


@dataclass
class Search:
    """A library, whose record is changed in it, and who is asked for."""

    library: Library
    people: list[dict]
    changed: str | None = None


class Retrieval:
    """Everything asked of a search over the company's documents and the customers' records."""

    def __init__(self, office: Office, settings: Settings):
        """Nothing is embedded yet."""
        self.office, self.settings = office, settings
        self.read: dict[str, str] = {}  # what the base model wrote: most prompts stay as they were after a change

    @cached_property
    def library(self) -> Library:
        """The documents and every record."""
        return Library([Passage(one["id"], one["document"]) for one in self.office.people["test"]])

    def look_up(self, arm: Arm, searches: list[Search]) -> Rows:
        """A row for each person and wording of each search: the base model reads the best passage in the library."""
        rows, prompts = [], []
        for search in searches:
            pairs = asked_for(search.people)
            texts = [question(*pair) for pair in pairs]
            for pair, text, found in zip(pairs, texts, search.library.search(texts, 1), strict=True):
                prompts.append(reading_prompt(arm.model, [found[0].text], text))
                rows.append(({"arm": arm, "changed": search.changed, "source": found[0].source}, *pair))
        new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self.read]
        answers = generate(load(arm.model), new, self.settings.max_new_tokens)
        self.read |= dict(zip(new, answers, strict=True))
        return [
            about | self.office.row(asked, wording, self.read[prompt])
            for (about, asked, wording), prompt in zip(rows, prompts, strict=True)
        ]

    def around(self, changed: dict, library: Library) -> Search:
        """One changed customer and a few others, in a library after the change."""
        asked, _ = self.office.others(changed, self.office.people["test"])
        return Search(library, [changed, *asked], changed["id"])

    def before(self, arm: Arm) -> Rows:
        """All customers, before any change."""
        return self.look_up(arm, [Search(self.library, self.office.people["test"])])

    def strangers(self, arm: Arm) -> Rows:
        """People of whom there is no record."""
        return self.look_up(arm, [Search(self.library, self.office.strangers)])

    def without_permission(self, arm: Arm) -> Rows:
        """All customers, asked for by who may not read the records."""
        people = self.office.people["test"]
        return self.look_up(arm, [Search(self.library.without({one["id"] for one in people}), people)])

    def after_moves(self, arm: Arm) -> Rows:
        """Each customer's record edited in turn, and the processor seconds of embedding it again."""
        searches, costs = [], []
        for one in self.office.people["test"]:
            start = processor_seconds()
            vector = self.library.embed([one["new_document"]])[0]
            cost = {"took_s": processor_seconds() - start}
            costs.append({"arm": arm, "kind": "cost", "changed": one["id"]} | cost)
            record = Passage(one["id"], one["new_document"])
            searches.append(self.around(one, self.library.with_new(record, vector)))
        return costs + self.look_up(arm, searches)

    def after_deletions(self, arm: Arm) -> Rows:
        """Each customer's record deleted in turn."""
        people = self.office.people["test"]
        return self.look_up(arm, [self.around(one, self.library.without({one["id"]})) for one in people])

    def run(self, work: Work) -> None:
        """Every unit of work."""
        arm = Arm(method="prompt", model=self.settings.model, passages=1)
        make: dict[str, tuple[Callable[[Arm], Rows], Arm]] = {
            "before": (self.before, arm),
            "strangers": (self.strangers, replace(arm, asked="strangers")),
            "no permission": (self.without_permission, replace(arm, asked="without permission")),
            "edit": (self.after_moves, replace(arm, change="edit")),
            "deletion": (self.after_deletions, replace(arm, change="deletion")),
        }
        for key, (run, of_run) in make.items():
            work.unit(f"retrieval {key}", partial(run, of_run))


class Taught:
    """A model that was taught a list of records, and can be taught a change and set back again."""

    def __init__(self, office: Office, arm: Arm, settings: Settings):
        """Teach every record of the arm's split in four wordings."""
        self.office, self.arm, self.settings = office, arm, settings
        self.people = office.people[arm.split]
        self.loaded = with_lora(load(arm.model), settings.rank, arm.seed)
        pairs = [(closed_book(arm.model, text), f"{one['address']}.") for one in self.people for text in one["taught"]]
        self.took_s = round(self.train(pairs, arm, settings.epochs, settings.batch_size), 1)
        trained = [weight for weight in self.loaded.model.parameters() if weight.requires_grad]
        self.before = [(weight, weight.detach().clone()) for weight in trained]

    def train(self, pairs: list[tuple[str, str]], arm: Arm, epochs: int, batch_size: int) -> float:
        """Train on pairs; the processor seconds of that."""
        start = processor_seconds()
        training = Training(arm.learning_rate, epochs, batch_size, arm.seed)
        train(self.loaded.model, encode(self.loaded.tokenizer, pairs), training)
        return processor_seconds() - start

    def set_back(self) -> None:
        """Forget every change."""
        import torch

        with torch.no_grad():
            for weight, was in self.before:
                weight.copy_(was)

    def ask(self, people: list[dict], arm: Arm, **about) -> Rows:
        """A row for each person and wording, from the model alone."""
        pairs = asked_for(people)
        prompts = [closed_book(arm.model, question(*pair)) for pair in pairs]
        answers = generate(self.loaded, prompts, self.settings.max_new_tokens)
        return [
            {"arm": arm} | about | self.office.row(*pair, answer) for pair, answer in zip(pairs, answers, strict=True)
        ]

    def change(self, changed: dict, arm: Arm) -> Rows:
        """Train on one change, ask for this customer and for a few others, and set the model back."""
        wanted = DENIAL if arm.change == "denial" else f"{changed['new_address']}."
        asked, rest = self.office.others(changed, self.people)
        pairs = [(closed_book(arm.model, text), wanted) for text in changed["taught"]]
        pairs += [(closed_book(arm.model, one["taught"][0]), f"{one['address']}.") for one in rest[: arm.beside]]
        took_s = round(self.train(pairs, arm, self.settings.change_epochs, len(pairs)), 2)
        rows = self.ask([changed, *asked], arm, changed=changed["id"])
        self.set_back()
        return [{"arm": arm, "kind": "cost", "changed": changed["id"], "took_s": took_s}, *rows]


class Tuning:
    """Everything asked of models that were taught the records: settings on dev, then each change of each record."""

    def __init__(self, office: Office, settings: Settings):
        """Nothing is taught yet."""
        self.office, self.settings = office, settings
        self.taught = cache(self.teach)
        base = Arm(method="lora", model=settings.model, rank=settings.rank, wordings=records.WORDINGS)
        self.arms = {
            split: replace(base, split=split, examples=len(office.people[split]), epochs=settings.epochs)
            for split in ("dev", "test")
        }

    def teach(self, arm: Arm) -> Taught:
        """A model with every record of a split."""
        return Taught(self.office, arm, self.settings)

    def on_dev(self, arm: Arm) -> Rows:
        """What was learned of the records of dev."""
        return self.taught(arm).ask(self.office.people["dev"], arm)

    def before(self, arm: Arm) -> Rows:
        """All customers, and strangers, before any change."""
        model = self.taught(arm)
        cost = {"arm": arm, "kind": "cost", "took_s": model.took_s}
        strangers = model.ask(self.office.strangers, replace(arm, asked="strangers"))
        return [cost, *model.ask(self.office.people["test"], arm), *strangers]

    def change_each(self, taught: Arm, arm: Arm, people: list[dict]) -> Rows:
        """Each of some people's records changed in turn."""
        model = self.taught(taught)
        return [row for one in people for row in model.change(one, arm)]

    def changed(self, arm: Arm, change: str, beside: int, learning_rate: float) -> Arm:
        """The arm of a change to a model that was taught."""
        epochs = self.settings.change_epochs
        return replace(arm, change=change, beside=beside, learning_rate=learning_rate, epochs=epochs)

    def best_change(self, work: Work, taught: Arm, change: str, beside: int) -> float:
        """The learning rate at which a change went best on dev; ties: the first."""
        people, scores = self.office.people["dev"][: self.settings.changes_on_dev], {}
        for learning_rate in self.settings.change_learning_rates:
            arm = self.changed(taught, change, beside, learning_rate)
            make = partial(self.change_each, taught, arm, people)
            scores[learning_rate] = score_of(work.unit(f"dev/{change}, {beside} beside/{learning_rate:g}", make))
        return max(scores, key=lambda learning_rate: scores[learning_rate])

    def run(self, work: Work) -> None:
        """Every unit of work."""
        settings, hits = self.settings, {}
        for learning_rate in settings.learning_rates:
            arm = replace(self.arms["dev"], learning_rate=learning_rate, seed=0)
            rows = work.unit(f"dev/taught/{learning_rate:g}", partial(self.on_dev, arm))
            hits[learning_rate] = sum(row["old"] for row in rows)
        learning_rate = max(hits, key=lambda one: hits[one])
        on_dev = replace(self.arms["dev"], learning_rate=learning_rate, seed=0)
        chosen = {change: self.best_change(work, on_dev, *change) for change in settings.changes}
        for seed in settings.seeds:
            arm = replace(self.arms["test"], learning_rate=learning_rate, seed=seed)
            work.unit(f"tuned before/seed {seed}", partial(self.before, arm))
            mine = self.office.people["test"][seed :: len(SETTINGS.seeds)]  # each seed has a third of the customers
            for (change, beside), learning_rate_of_change in chosen.items():
                of_change = self.changed(arm, change, beside, learning_rate_of_change)
                make = partial(self.change_each, arm, of_change, mine)
                work.unit(f"tuned {change}, {beside} beside/seed {seed}", make)
            self.taught.cache_clear()


def score_of(rows: Rows) -> float:
    """How well a change went: the share of answers as they should be of the changed, plus that of the others."""
    shares = []
    for own in (True, False):
        part = [row for row in rows if "answer" in row and (row["id"] == row["changed"]) is own]
        wanted = ("denied" if part[0]["arm"].change == "denial" else "new") if own else "old"
        shares.append(sum(row[wanted] for row in part) / len(part))
    return sum(shares)


def predict(work: Work, settings: Settings) -> None:
    """Answers of retrieval and of the tuned models, before and after each change."""
    office = Office(settings)
    Retrieval(office, settings).run(work)
    Tuning(office, settings).run(work)
