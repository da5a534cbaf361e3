"""The report: one HTML file that holds all it needs, and a decision to file beside it."""

import json
from datetime import date
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from rung import __version__
from rung.arms import Prediction
from rung.case import Item
from rung.decision import query
from rung.files import put
from rung.measure import KINDS, Measured, Results
from rung.verdict import Step

WORST = 10  # wrong answers of each kind that are shown
APART = 100  # items won, and items lost, that are shown of each comparison
LEFT, WIDTH, ROW = 12, 560, 46  # of the plot


def write_report(results: Results) -> list[Path]:
    """Write report.html and decision.md into the case's folder, each whole or not at all; returns their paths."""
    environment = Environment(
        loader=PackageLoader("rung", "templates"),
        autoescape=select_autoescape(["html.j2", "html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "p": p_words, "points": points, "json": json.dumps}
    values = values_of(results)
    paths = []
    for name in ("report.html", "decision.md"):
        put(results.case.folder / name, environment.get_template(f"{name}.j2").render(values))
        paths.append(results.case.folder / name)
    return paths


def values_of(results: Results) -> dict:
    """What the templates show."""
    case, stop = results.case, results.stop
    wrong = results.wrong(stop)
    others = [one for one in results.chosen.values() if one is not stop]
    return {
        "version": __version__,
        "today": date.today().isoformat(),
        "name": case.settings.name or case.folder.name,
        "settings": case.settings,
        "results": results,
        "verdict": results.verdict,
        "stop": stop,
        "query": query(results),
        "plot": bars_of(results),
        "counts": {split: len(case.of(split)) for split in ("train", "dev", "test")},
        "kinds": KINDS,
        "wrong": {
            kind: (len(rows), [_side_by_side(*row, others) for row in rows[:WORST]]) for kind, rows in wrong.items()
        },
        "apart": [_apart(step, results) for step in results.verdict.steps],
        "depths": [str(depth) for depth in next(iter(results.searches.values()), {})],
        "findings": sorted(case.findings, key=lambda one: ("error", "warning", "note").index(one.level)),
    }


def _apart(step: Step, results: Results) -> dict:
    """The items on which two rungs differ: those that only the lower, and those that only the higher has correct."""
    rows = list(
        zip(results.case.of("test"), *(results.chosen[name].hits for name in (step.lower, step.higher)), strict=True)
    )
    won = [item for item, low, high in rows if low and not high]
    lost = [item for item, low, high in rows if high and not low]
    sides = [(name, len(items), items[:APART]) for name, items in ((step.lower, won), (step.higher, lost)) if items]
    return {"step": step, "sides": sides}


def _side_by_side(item: Item, prediction: Prediction, others: list[Measured]) -> dict:
    """One wrong answer, with what the other rungs answered."""
    by_item = [
        (one.arm.rung, answer.answer, answer.right)
        for one in others
        for answer in one.predictions
        if answer.item == item.id
    ]
    wanted = " or ".join(item.wanted) if item.answerable else "to abstain"
    return {"id": item.id, "asked": item.text, "wanted": wanted, "answer": prediction.answer, "others": by_item}


def bars_of(results: Results) -> dict:
    """The geometry of the plot of rungs: a dot and its interval for each, in the units of its view box."""
    span = WIDTH - 2 * LEFT - 60

    def across(share: float) -> float:
        """A share's place."""
        return round(LEFT + share * span, 1)

    rows = [
        {
            "label": f"{one.arm.rung}: {one.arm.name}",
            "y": 40 + ROW * place,
            "low": across(one.rate.low),
            "high": across(one.rate.high),
            "at": across(one.rate.share),
            "share": one.rate.share,
            "chosen": one is results.stop,
        }
        for place, one in enumerate(results.tested)
    ]
    ticks = [(across(share), f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)]
    words = "; ".join(
        f"{one.arm.rung} {one.rate.share:.0%} ({one.rate.low:.0%} to {one.rate.high:.0%})" for one in results.tested
    )
    return {"rows": rows, "ticks": ticks, "height": 56 + ROW * len(rows), "width": WIDTH, "words": words}


def percent(share: float) -> str:
    """A share as a whole percentage."""
    return f"{share:.0%}"


def points(difference: float) -> str:
    """A difference in points, with its sign."""
    return f"{100 * difference:+.1f}"


def p_words(p: float) -> str:
    """A p-value as people write it."""
    return "< 0.001" if p < 0.001 else f"{p:.2g}"
