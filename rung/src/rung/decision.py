"""What a measurement answers of the guide's decision tool, as the tool's address has it.

The tool's questions are in docs/assets/tools/decide/rules.json. Only those are answered here that were measured:
what the product must do, and who will run it, nobody can measure.
"""

from urllib.parse import urlencode

from rung.measure import Results
from rung.statistics import rate
from rung.verdict import BEATEN, ENOUGH, Standing

FEW_EXAMPLES = 100


def tool_answers(results: Results) -> dict[str, str]:
    """The tool's answers, by question: those that the measurement gives, in the order of the tool."""
    case = results.case
    standings = {one.rung: one for one in results.verdict.standings}
    answers = {"output": _output(standings, results)}
    answers["fault"] = "facts" if case.settings.kind == "answer" else "form"
    if case.settings.kind == "label":
        answers["knowledge"] = "given"
    elif results.fits is not None:
        answers["knowledge"] = "fits" if results.fits else "large"
    answers["examples"] = "few" if len(case.items) < FEW_EXAMPLES else "enough"
    if prompt := _prompt(standings, results):
        answers["prompt"] = prompt
    if paste := _paste(results):
        answers["paste"] = paste
    if tuned := _tuned(standings, results):
        answers["tuned"] = tuned
    return answers


def query(results: Results) -> str:
    """The same as the end of an address: fault=facts&knowledge=large and so on."""
    return urlencode(tool_answers(results))


def _output(standings: dict[str, Standing], results: Results) -> str:
    """Whether text or a label must come out and, of a label, whether a classifier without a model is enough."""
    case = results.case
    if case.settings.kind == "answer" or case.free_output:
        return "text"
    classifier = standings.get("no model")
    if classifier and classifier.state == BEATEN:
        return "label-short"
    return "label-enough" if results.verdict.steps and results.verdict.rung == "no model" else "label"


def _prompt(standings: dict[str, Standing], results: Results) -> str | None:
    """Whether the best prompt is enough or falls short, where that could be told."""
    prompting = standings.get("prompting")
    if prompting is None:
        return None
    if prompting.state == BEATEN:
        return "short"
    above = any(step.lower == "prompting" for step in results.verdict.steps)
    return "enough" if above and results.verdict.rung == "prompting" else None


def _paste(results: Results) -> str | None:
    """Whether most answers come right with the right passage, where there is one and the interval leaves no doubt."""
    given = [one.right for one in results.ceiling.predictions if one.found] if results.ceiling else []
    if not given:
        return None
    share = rate(given)
    return "right" if share.low > 0.5 else "wrong" if share.high < 0.5 else None


def _tuned(standings: dict[str, Standing], results: Results) -> str | None:
    """Whether fine-tuning beats every rung below it, or a rung below is enough without it."""
    if "tuning" not in standings:
        return "untried"
    below = [step for step in results.verdict.steps if step.higher == "tuning"]
    if below and all(step.p_better <= results.verdict.alpha and step.lost > step.won for step in below):
        return "beats"
    enough = any(standings[step.lower].state == ENOUGH for step in below)
    return "worse" if enough else None
