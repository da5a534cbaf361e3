"""Answering with the very settings that were measured: cutting, search, prompt, model and threshold."""

import json
from dataclasses import dataclass
from pathlib import Path

from rung import __version__
from rung.arms import DECLINES, Answering, Arm, Labelling
from rung.case import SETTINGS, Case, Item, no_folder, read_case
from rung.embedding import Embedder
from rung.errors import CaseError, ModelError, install, typed
from rung.measure import embedder_of, index_of, model_settings, sources_of
from rung.models import Answer, AnswerCache, CachedModel, Model, open_model
from rung.progress import StageProgress
from rung.retrieval import Passage
from rung.settings import Settings, filled


@dataclass(frozen=True)
class Reply:
    """An answer, the passages that were read for it, best first, and the arm that gave it."""

    text: str
    sources: tuple[Passage, ...]
    arm: Arm


class Answerer:
    """What a measurement chose, ready to answer."""

    def __init__(self, folder: Path, progress: StageProgress = lambda what, done, of: None, model: Model | None = None):
        """Read results.json of a case. Raises CaseError where nothing was measured there, or it cannot be read."""
        path = folder / "results.json"
        try:
            results = json.loads(path.read_text(encoding="utf-8"))
            self.settings = filled(Settings(), results["settings"], str(path))
            self.arm = Arm(**results["answers_with"])
            before, self.measured_by = dict(results["answers_from"]), str(results["rung"])
            self.rate = results["chosen"][self.arm.rung]["rate"]
            self.is_decided = results["stop"] is not None
        except FileNotFoundError as problem:
            raise CaseError(_not_measured(folder)) from problem
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise CaseError(
                f"{path} is damaged: run `rung measure {typed(folder)}` again; answers are kept."
            ) from problem
        # The documents and examples of now, cut, split, searched, asked and judged by the settings of then.
        self.case: Case = read_case(folder, self.settings, to_ask=True)
        now = sources_of(self.case)
        self.changed = tuple(name for name in sorted({*before, *now}) if before.get(name) != now.get(name))
        embedder = self._embedder("the embedder" in before)
        cache = AnswerCache(folder / ".rung" / "answers.sqlite")
        self.model = CachedModel(model or open_model(model_settings(self.case)), cache)
        if self.settings.kind == "answer":
            self.lab: Answering | Labelling = Answering(
                self.case, index_of(self.case, progress, embedder), self.model, {}
            )
        else:
            self.lab = Labelling(self.case, self.model, embedder)

    def _embedder(self, measured_with: bool) -> Embedder | None:
        """The embedder, where there was one when this was measured: a threshold of BM25 is none of similarity.

        Raises ModelError where the arm needs it and it is gone.
        """
        if not measured_with:
            self.changed = tuple(name for name in self.changed if name != "the embedder")
            return None
        embedder = embedder_of(self.case)
        by_meaning = self.arm.search in ("embeddings", "hybrid") or self.arm.threshold is not None
        if embedder is None and (by_meaning or self.arm.method == "vectors" or self.arm.examples == "similar"):
            what = f'"{self.arm.name}" was measured with the embedder {self.settings.search.embedder}'
            raise ModelError(f"{what}, which needs {install('local')}.")
        return embedder

    @property
    def measured(self) -> str:
        """What answers, how often it was correct on test, and that no verdict chose it where none was reached."""
        often = f"{self.arm.rung}: {self.arm.name}. Correct on {self.rate['hits']} of {self.rate['n']} test items."
        return often if self.is_decided else f"{often} It has the best score; the verdict could not be told."

    @property
    def notes(self) -> list[str]:
        """What has changed since the measurement and may change the answers, a sentence each."""
        notes, files = [], [name for name in self.changed if name != SETTINGS]
        if SETTINGS in self.changed:
            notes.append(f"{SETTINGS} has changed since it was measured; this answers as measured.")
        if files:
            unmeasured = "This answers from what is there now, and how often that is correct was not measured."
            notes.append(f"Changed since it was measured: {', '.join(files)}. {unmeasured}")
        if self.measured_by != __version__:
            versions = f"It was measured with rung {self.measured_by}, and this is {__version__}"
            notes.append(f"{versions}, whose prompts may be others: measure again to know how often it is correct.")
        return notes

    def answer(self, text: str) -> Reply:
        """The answer to a question, or the label of a text."""
        item = Item("asked", text, (), "asked")
        if isinstance(self.lab, Labelling):
            return Reply(_text_of(self.lab.answers(self.arm, [item])[0]), (), self.arm)
        sources = tuple(self.lab.index.passages[number] for number in self.lab.read(self.arm, [item])[0])
        requests = self.lab.requests(self.arm, [item])
        if not requests:
            return Reply(DECLINES, sources, self.arm)
        return Reply(_text_of(self.lab.models.of(self.arm).ask(requests)[0]), sources, self.arm)


def _not_measured(folder: Path) -> str:
    """Why there is nothing to answer with: the searches alone may have been measured, for want of a model."""
    if not folder.is_dir():
        return no_folder(folder)
    return f"No answers were measured in {folder} yet: run `rung measure {typed(folder)}` first, with a model."


def _text_of(answer: Answer) -> str:
    """What was answered. Raises ModelError where a limit left no room for an answer."""
    if answer.too_long:
        raise ModelError(f"The prompt is too long: {answer.too_long}.")
    if answer.refused:
        raise ModelError(f"There is no answer: it was {answer.refused}.")
    if not answer.given:
        raise ModelError("All that it may write went into thinking: raise [model] max_new_tokens and measure again.")
    return answer.text
