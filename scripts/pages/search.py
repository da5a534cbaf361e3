"""The measurement of the guide's search: tables made from results.json, which scripts/search/measure.py writes."""

from scripts.pages.data import parse
from scripts.pages.generated import Generated
from scripts.paths import DOCS

PAGE = DOCS / "evidence" / "search.md"
RESULTS = DOCS / "evidence" / "search" / "results.json"
SOURCE = "docs/evidence/search/results.json"
NAMES = {
    "former": "the theme's search (lunr)",
    "keyword": "keyword search (this site's)",
    "static": "static vectors",
    "keyword and static": "keyword search and static vectors, fused",
}


def shown(one: dict) -> str:
    """A rate in words: hits of items, then percent and interval."""
    return f"{one['hits']}/{one['n']} ({one['low']:.0%} to {one['high']:.0%})"


def render() -> str:
    """Three tables: rates, rates of each kind of question, comparisons."""
    results = parse(RESULTS)
    searches = results["searches"]
    order = [name for name in NAMES if name in searches]
    kinds = list(searches[order[0]]["kinds"])
    lines = ["| Search | hit@1 | hit@3 | MRR |", "|---|---|---|---|"]
    for name in order:
        one = searches[name]
        lines.append(f"| {NAMES[name]} | {shown(one['hit@1'])} | {shown(one['hit@3'])} | {one['mrr']:.2f} |")
    lines += ["", "hit@3 by kind of question:", "", f"| Search | {' | '.join(kinds)} |", "|---|" + "---|" * len(kinds)]
    for name in order:
        cells = [f"{searches[name]['kinds'][kind]['hits']}/{searches[name]['kinds'][kind]['n']}" for kind in kinds]
        lines.append(f"| {NAMES[name]} | {' | '.join(cells)} |")
    lines += ["", "The same questions, compared in pairs (hit@3, McNemar's exact test):", ""]
    lines += ["| First | Second | Only the first right | Only the second right | p |", "|---|---|---|---|---|"]
    for one in results["pairs"]:
        p = "< 0.001" if one["p"] < 0.001 else f"{one['p']:.3f}"
        lines.append(f"| {NAMES[one['first']]} | {NAMES[one['second']]} | {one['won']} | {one['lost']} | {p} |")
    return "\n".join(lines)


GENERATED = Generated(PAGE, SOURCE, render)
