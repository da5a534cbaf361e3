"""Answering with the very settings that were measured: cutting, search, prompt, model and threshold."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from rung.arms import DECLINES, Answering, Arm, Labelling
from rung.case import Case, Item, read_case
from rung.errors import CaseError
from rung.measure import Report, embedder_of, file_hash, index_of
from rung.models import AnswerCache, CachedModel, Model, open_model
from rung.retrieval import Passage, fingerprint
from rung.settings import Settings, filled


@dataclass(frozen=True)
class Reply:
    """An answer, the passages that were read for it, best first, and the arm that gave it."""

    text: str
    sources: tuple[Passage, ...]
    arm: Arm


class Answerer:
    """What a measurement chose, ready to answer."""

    def __init__(self, folder: Path, report: Report = lambda what, done, of: None, model: Model | None = None):
        """Read results.json of a case. Raises CaseError where nothing was measured there, or it cannot be read."""
        path = folder / "results.json"
        try:
            results = json.loads(path.read_text(encoding="utf-8"))
            self.settings = filled(Settings(), results["settings"], str(path))
            self.arm = Arm(**results["answers_with"])
        except FileNotFoundError as problem:
            raise CaseError(f"Nothing was measured in {folder} yet: run `rung measure {folder}` first.") from problem
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise CaseError(f"{path} is damaged: run `rung measure {folder}` again; answers are kept.") from problem
        # The documents and examples of now, cut, searched, asked and judged by the settings of then.
        now = read_case(folder)
        self.changed = results.get("settings_file") != file_hash(folder / "case.toml")
        self.documents_changed = results.get("documents") != fingerprint(now.files, now.folder)
        self.case: Case = replace(now, settings=self.settings)
        cache = AnswerCache(folder / ".rung" / "answers.sqlite")
        self.model = CachedModel(model or open_model(self.settings.model), cache)
        embedder = embedder_of(self.case)
        if self.settings.kind == "answer":
            self.lab: Answering | Labelling = Answering(
                self.case, index_of(self.case, report, embedder), self.model, {}
            )
        else:
            self.lab = Labelling(self.case, self.model, embedder)

    def answer(self, text: str) -> Reply:
        """The answer to a question, or the label of a text."""
        item = Item("asked", text, (), "asked")
        if isinstance(self.lab, Labelling):
            return Reply(self.lab.answers(self.arm, [item])[0].text, (), self.arm)
        sources = tuple(self.lab.index.passages[number] for number in self.lab.read(self.arm, [item])[0])
        requests = self.lab.requests(self.arm, [item])
        return Reply(self.lab.models.of(self.arm).ask(requests)[0].text if requests else DECLINES, sources, self.arm)
