"""What a measurement takes, in words before it begins, and after it what the limits on tokens cost."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rung.case import Case
from rung.endpoint import most_tokens
from rung.models import LocalModel, Model, Request
from rung.settings import ModelSettings

if TYPE_CHECKING:
    from rung.measure import Measured


def work_of(model: Model, settings: ModelSettings, requests: Sequence[Request], tokens: int) -> str:
    """What prompts of so many tokens in all will take, for a model that is asked on this machine."""
    written = sum(request.max_new_tokens for request in requests)
    work = f"At most {len(requests)} prompts of about {tokens:,} tokens in all for {settings.name}"
    if isinstance(model, LocalModel):
        minutes = (tokens + written) * model.seconds_per_token() / 60
        return f"{work}, on this machine: about {max(1, round(minutes))} min. What is answered is kept."
    most = sum(most_tokens(one.max_new_tokens, bool(one.choices), bool(one.pattern)) for one in requests)
    back = f"at most {most:,} tokens come back"
    return f"{work} at {settings.endpoint}, on this machine; {back}. What is answered is kept."


def find_limits(case: Case, tested: Iterable["Measured"], tried: Iterable["Measured"]) -> None:
    """Find the answers that were cut off and the prompts that were too long: of each arm on test, of the others in one.

    Only what was judged incorrect counts as a fault of being cut off: a label may well stand before the cut.
    """
    limit = f"cut off at max_new_tokens = {case.settings.model.max_new_tokens}"
    chosen = set()
    for one in tested:
        chosen.add(one.arm)
        cut, wrong, of = _cut(one)
        if wrong:
            what = f"{cut} of {of} answers were {limit}, and {wrong} of them are incorrect: raise it in case.toml"
            case.find("warning", one.arm.name, what)
        long = [each.too_long for each in one.predictions if each.too_long]
        if long:
            case.find("warning", one.arm.name, f"{len(long)} of {of} prompts were too long: {long[0]}")
        refused = [each.refused for each in one.predictions if each.refused]
        if refused:
            what = f"{len(refused)} of {of} prompts got no answer and count as incorrect: {refused[0]}"
            case.find("warning", one.arm.name, what)
    others = [one for one in tried if one.arm not in chosen and _cut(one)[1]]
    if others:
        names = "; ".join(one.arm.name for one in others)
        what = f"of {len(others)} arms that were not chosen answers were {limit} and incorrect ({names}): raise it"
        case.find("note", "dev items", what)


def _cut(one: "Measured") -> tuple[int, int, int]:
    """Of an arm's answers: how many were cut off, how many of these were incorrect, and how many there are."""
    cut = [each for each in one.predictions if each.cut]
    return len(cut), sum(not each.right for each in cut), len(one.predictions)
