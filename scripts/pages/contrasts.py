"""What others measured: contrasts.json is the truth, and the tables and small plots of its page are made from it."""

from functools import cache
from html import escape
from math import sqrt

from scripts.pages import data
from scripts.pages.generated import Generated
from scripts.pages.kept_answers import SIZES, compared, is_whole, outcomes
from scripts.pages.ledger import link_to_paper, papers
from scripts.paths import DOCS

CONTRASTS = DOCS / "evidence" / "contrasts.json"
PAGE = DOCS / "evidence" / "contrasts.md"
Z = 1.959964  # of a 95% interval

# The groups, in the order of the page, each with the question that it answers.
GROUPS = {
    "retrieval or the base model": "Does retrieval beat the base model?",
    "tuning or the base model": "Does fine-tuning beat the base model?",
    "retrieval or tuning": "Retrieval or fine-tuning?",
    "both or retrieval alone": "Does tuning add to retrieval?",
    "both or tuning alone": "Does retrieval add to tuning?",
    "fine-tuned on retrieved context or not": "Does it help to fine-tune on retrieved context?",
    "tuning or prompting": "Fine-tuning or a better prompt?",
    "prompt or prompt": "How far does a better prompt go?",
    "no language model or prompting": "Does it need a language model at all?",
    "long context or retrieval": "Retrieval, or everything in the prompt?",
    "context that does not suffice": "What does context do that does not hold the answer?",
    "poisoned passages": "What does a poisoned passage cost, and what helps?",
    "search inside agents": "Which search, inside an agent?",
    "what tuning on facts costs": "What does tuning on new facts cost?",
    "custom or general model": "A custom model or a general one?",
}
DIRECTIONS = {
    "first": "higher",
    "first or level": "level or higher",
    "second": "lower",
    "neither": "no clear difference",
}
ARROWS = {
    "first": "M84 9h24m-6-4 6 4-6 4",
    "first or level": "M74 9h34m-6-4 6 4-6 4",
    "second": "M76 9h-24m6-4-6 4 6 4",
    "neither": "M74 9h12",
}
OWN = "kept answers"
SEEN = ("abstract", "table", "body", "secondary source", OWN)
YES_NO = {"enum": [True, False, None]}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
SCHEMA = data.many(
    data.record(
        {
            "id": data.ID,
            "group": {"enum": list(GROUPS)},
            # Its anchor in papers.md; null for a comparison of our own.
            "paper": {"anyOf": [data.ID, {"type": "null"}], "description": data.ID["description"] + ", or null"},
            "year": {"type": "integer"},
            "model": data.TEXT,
            "parameters_b": {
                "type": ["number", "null"]
            },  # billions, of the largest adapted; null where unknown or mixed
            "task": data.TEXT,
            "measure": data.TEXT,
            "first": data.TEXT,  # the two arms, always first against second
            "second": data.TEXT,
            "n": {"type": ["integer", "null"]},  # test items, where the work says how many
            # Both scores as shares, their difference in points, or only which was higher. Points stand beside shares
            # where the work prints a difference of its own, from scores before they were rounded.
            "shares": {"anyOf": [{"type": "array", "items": SHARE, "minItems": 2, "maxItems": 2}, {"type": "null"}]},
            "points": {"type": ["number", "null"]},
            "direction": {"enum": [*DIRECTIONS, None]},
            "p": {"type": ["string", "null"]},  # as the work prints it
            "seen": {"enum": list(SEEN)},  # where we saw the figure
            "case": data.record({"corpus_holds_answer": YES_NO, "supervised": YES_NO, "newer_than_model": YES_NO}),
            "note": {"type": "string"},
        },
        {
            # For a comparison of our own, the kept answers that its figures are counted from.
            "ours": data.record(
                {
                    "experiment": data.TEXT,
                    "size": {"enum": list(SIZES)},
                    "field": data.TEXT,
                    "first": {"type": "object"},
                    "second": {"type": "object"},
                }
            )
        },
    )
)
ROUNDED = 0.1  # points by which a difference of rounded shares may be off


@cache
def contrasts() -> list[dict]:
    """All contrasts, as contrasts.json holds them. Raises BrokenData where one is not as it should be."""
    return data.read(CONTRASTS, SCHEMA, problems_of)


def problems_of(found: list[dict]) -> list[str]:
    """What no schema can say of the contrasts: each says one thing once, and its work is in the bibliography."""
    problems = [
        f"the id {name} stands twice: give each its own" for name in data.repeated([one["id"] for one in found])
    ]
    for one in found:
        given = [name for name in ("shares", "points", "direction", "ours") if one.get(name) is not None]
        if given == ["shares", "points"]:
            first, second = one["shares"]
            if abs(100 * (first - second) - one["points"]) > ROUNDED + 1e-9:
                problems.append(f"{one['id']}: `points` is not the difference of its `shares`: correct one of them")
        elif len(given) != 1:
            problems.append(
                f"{one['id']}: fill in one of `shares`, `points`, `direction` and `ours`; it has {len(given)}"
            )
        if ("ours" in one) == bool(one["paper"]) or ("ours" in one) != (one["seen"] == OWN):
            problems.append(f"{one['id']}: a row has a `paper`, or it has `ours` and its `seen` is {OWN!r}")
        if one["paper"]:
            unknown = data.strangers([one["paper"]], papers(), "work in papers.md called")
            problems += [f"{one['id']}: `paper`: {problem}" for problem in unknown]
    return problems


def with_figures(contrast: dict) -> dict:
    """A contrast with its figures: as a work prints them, or counted from the kept answers of our experiment."""
    if "ours" not in contrast:
        return contrast
    ours = contrast["ours"]
    figures = compared(
        *(outcomes(ours["experiment"], ours["size"], ours[arm], ours["field"]) for arm in ("first", "second"))
    )
    n = figures["n"]
    p = "p < 0.001" if figures["p"] < 0.001 else f"p = {figures['p']:.2g}"
    counted = {"n": n, "shares": [figures["first"] / n, figures["second"] / n]}
    return contrast | counted | {"p": f"{figures['won']} only the first, {figures['lost']} only the second, {p}"}


def points_of(contrast: dict) -> float | None:
    """The first arm minus the second, in points; None where only the direction was published."""
    if contrast["shares"] and contrast["points"] is None:
        first, second = contrast["shares"]
        return 100 * (first - second)
    return contrast["points"]


def wilson(share: float, n: int) -> tuple[float, float]:
    """The ends of Wilson's 95% interval of a share of `n` items, as shares.

    By hand, as pages are made without the libraries that rung.statistics.wilson needs; a test compares the two.
    """
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return middle - half, middle + half


def interval_of(contrast: dict) -> tuple[float, float] | None:
    """The ends of a 95% interval of the difference, in points; None where shares or items were not published.

    Newcombe's hybrid score interval for two independent shares (Statistics in Medicine 17, 1998, method 10). Both arms
    answered the same questions, and the works do not print how often they agreed, so the true interval is narrower.
    """
    n = contrast["n"]
    if not (contrast["shares"] and n):
        return None
    first, second = (round(share * n) / n for share in contrast["shares"])
    (low_1, high_1), (low_2, high_2) = wilson(first, n), wilson(second, n)
    low = first - second - sqrt((first - low_1) ** 2 + (high_2 - second) ** 2)
    high = first - second + sqrt((high_1 - first) ** 2 + (second - low_2) ** 2)
    return 100 * low, 100 * high


def effect_words(contrast: dict) -> str:
    """The difference in words, with its interval, items and p-value where they are known."""
    points = points_of(contrast)
    if points is None:
        said = DIRECTIONS[contrast["direction"]]
    else:
        said = f"{points:+.1f} points".replace("-", "\u2212")
        if contrast["shares"]:
            said += " ({:.1%} against {:.1%})".format(*contrast["shares"])
    if interval := interval_of(contrast):
        said += f"; 95% interval {interval[0]:.0f} to {interval[1]:.0f}".replace("-", "\u2212")
    if contrast["n"]:
        said += f"; {contrast['n']:,} items"
    return said + (f"; {contrast['p']}" if contrast["p"] else "")


def plot(contrast: dict) -> str:
    """The difference as a dot between \u221260 and +60 points, with its interval; what lies outside is cut off."""

    def x_of(points: float) -> float:
        return 80 + max(-60.0, min(60.0, points)) * 1.25

    parts = ['<path class="plot-grid" d="M5 9H155M80 1V17"/>']
    points, interval = points_of(contrast), interval_of(contrast)
    if points is None:
        parts.append(f'<path class="plot-line" fill="none" d="{ARROWS[contrast["direction"]]}"/>')
    else:
        if interval:
            parts.append(f'<path class="plot-line" d="M{x_of(interval[0]):.1f} 9H{x_of(interval[1]):.1f}"/>')
        parts.append(f'<circle class="plot-dot" cx="{x_of(points):.1f}" cy="9" r="4"/>')
    return f'<svg class="plot" width="160" height="18" aria-hidden="true">{"".join(parts)}</svg>'


def tags_of(contrast: dict) -> str:
    """What the page's filter goes by, as words of an attribute."""
    tags = [name.replace("_", "-") for name, holds in contrast["case"].items() if holds]
    size = contrast["parameters_b"]
    tags += [] if size is None else ["up-to-8b" if size <= 8 else "over-8b"]
    return " ".join(tags)


def source_of(contrast: dict) -> str:
    """Whose comparison it is: a link to the work, or to our experiment, which says so where its run is not whole."""
    if contrast["paper"]:
        return link_to_paper(contrast["paper"])
    experiment, size = contrast["ours"]["experiment"], contrast["ours"]["size"]
    part = "" if is_whole(experiment, size) else " (these arms are done, the run is not)"
    return f"**[Our experiment]({experiment}.md)**{part}"


def row(contrast: dict) -> str:
    """A contrast as a row of its group's table."""
    about = f"{contrast['task']}; {contrast['model']}, {contrast['year']}; {contrast['measure']}"
    note = f"<br><small>{escape(contrast['note'], quote=False)}</small>" if contrast["note"] else ""
    arms = f"**{contrast['first']}** against {contrast['second']}"
    what = f'<span class="contrast" data-tags="{tags_of(contrast)}">{arms}</span>'
    source = f"{source_of(contrast)}, {contrast['seen']}"
    return f"| {what}<br>{about}<br>{source}{note} | {plot(contrast)}<br>{effect_words(contrast)} |"


def render() -> str:
    """The generated part of the page: how many there are, then a table for each question, highest difference first."""
    found = [with_figures(one) for one in contrasts()]
    works = {one["paper"] for one in found if one["paper"]}
    own = sum("ours" in one for one in found)
    counts = f"**{len(found) - own} contrasts from {len(works)} works, and {own} of our own**"
    lines = [f"{counts}, each first arm against second.", ""]
    for group, question in GROUPS.items():
        members = [one for one in found if one["group"] == group]
        if not members:
            continue
        members.sort(key=lambda one: -(points_of(one) if points_of(one) is not None else 0))
        lines += [f"## {question}", "", "| What was compared | Difference |", "|---|---|"]
        lines += [row(one) for one in members] + [""]
    return "\n".join(lines).rstrip()


GENERATED = Generated(PAGE, data.shown(CONTRASTS), render)
