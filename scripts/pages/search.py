"""The measurement of the guide's search: tables made from results.json, which scripts/search/measure.py writes."""

from scripts.pages.data import parse
from scripts.pages.generated import Generated
from scripts.paths import DOCS

PAGE = DOCS / "evidence" / "search.md"
RESULTS = DOCS / "evidence" / "search" / "results.json"
SOURCE = "docs/evidence/search/results.json"
NAMES = {
    "former": "theme's search (lunr)",
    "bm25": "plain BM25",
    "earlier keyword": "keyword, first version",
    "keyword without synonyms": "keyword, no synonyms",
    "keyword": "keyword (this site's)",
    "static": "static vectors",
    "minilm": "MiniLM",
    "keyword and static": "keyword + static vectors",
    "keyword and minilm": "keyword + MiniLM",
}
DEFAULT = "keyword"
GOAL = 0.9  # the hit@3 that we had set
JUDGES = "These readers were language models, not people."  # correct it when others judge


def shown(one: dict) -> str:
    """A rate in words: hits of items, then percent and interval."""
    return f"{one['hits']}/{one['n']} ({one['low']:.0%} to {one['high']:.0%})"


def in_points(share: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    return f"{100 * share:+.0f}".replace("-", "\N{MINUS SIGN}")


def rates(searches: dict, with_mrr: bool) -> list[str]:
    """The table of rates, and the one of hit@3 by kind of question. MRR looks deeper than readers judged."""
    order = [name for name in NAMES if name in searches]
    lines = [
        "| Search | hit@1 | hit@3 |" + (" MRR |" if with_mrr else ""),
        "|---|---|---|" + ("---|" if with_mrr else ""),
    ]
    for name in order:
        one = searches[name]
        mrr = f" {one['mrr']:.2f} |" if with_mrr else ""
        lines.append(f"| {NAMES[name]} | {shown(one['hit@1'])} | {shown(one['hit@3'])} |{mrr}")
    kinds = list(searches[order[0]]["kinds"])
    lines += ["", "hit@3 by kind of question:", "", f"| Search | {' | '.join(kinds)} |", "|---|" + "---|" * len(kinds)]
    for name in order:
        cells = [f"{searches[name]['kinds'][kind]['hits']}/{searches[name]['kinds'][kind]['n']}" for kind in kinds]
        lines.append(f"| {NAMES[name]} | {' | '.join(cells)} |")
    return lines


def comparisons(pairs: list[dict]) -> list[str]:
    """The table of comparisons in pairs."""
    lines = ["| First | Second | Only the first right | Only the second right | Difference in points | p |"]
    lines += ["|---|---|---|---|---|---|"]
    for one in pairs:
        p = "< 0.001" if one["p_holm"] < 0.001 else f"{one['p_holm']:.3f}"
        difference = in_points((one["won"] - one["lost"]) / one["n"])
        apart = f"{difference} ({in_points(one['low'])} to {in_points(one['high'])})"
        cells = [NAMES[one["first"]], NAMES[one["second"]], str(one["won"]), str(one["lost"]), apart, p]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def verdict(searches: dict, by_whom: str) -> str:
    """A sentence: what the search box finds, and whether that is the goal."""
    one = searches[DEFAULT]["hit@3"]
    met = "meets" if one["hits"] / one["n"] >= GOAL else "misses"
    answer = (
        f"the search box has a section that answers among its first three for {one['hits']} of {one['n']} questions"
    )
    return f"By {by_whom}, {answer}. That {met} the goal that we had set, a hit@3 of {GOAL:.0%}."


def judgements(results: dict) -> list[str]:
    """What readers judged: the rule of the pool, their agreement with the author, and the same tables."""
    pool = results["pool"]
    named, others = pool["named"], pool["others"]
    unseen = max(pool["unseen"].values())
    return [
        "### Judged by readers who saw question and section alone { #judged }",
        "",
        verdict(results["judged"]["searches"], "the sections that the author named or a reader judged to answer"),
        "",
        "The guide says many things in several places, and one author cannot name them all. So the first three "
        "sections of every search were put into one pool, with those that the author had named, in an order drawn "
        "by chance. Readers saw a question and the beginning of a section, and said whether it answers; they did "
        f"not see which search had found it. {JUDGES} For these questions they judged [{pool['judged']:,} "
        f"pairs](search/judged.jsonl): of {named['judged']:,} sections that the author had named, "
        f"{named['answer']:,} answer, and of {others['judged']:,} others {others['answer']:,}. A section that "
        "nobody judged, and the author did not name, counts as a miss; the search that shows most such sections "
        f"among its first three shows {unseen}.",
        "",
        *rates(results["judged"]["searches"], with_mrr=False),
        "",
        "Compared in pairs, by the same judgements:",
        "",
        *comparisons(results["judged"]["pairs"]),
        "",
    ]


def render() -> str:
    """Rates, by kind too, and comparisons: by the named sections, and by the judged where there are."""
    results = parse(RESULTS)
    named = results["named"]
    lines = ["### Named by the author { #named }", ""]
    lines += [verdict(named["searches"], "the sections that the author named"), ""]
    lines += rates(named["searches"], with_mrr=True)
    lines += ["", "The same questions, compared in pairs (hit@3):", "", *comparisons(named["pairs"])]
    if "judged" in results:
        lines = [*judgements(results), *lines]
    return "\n".join(lines)


GENERATED = Generated(PAGE, SOURCE, render, made_by="make record only=search")
