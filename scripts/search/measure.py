"""Measure what each search of the guide finds: `make record only=search`.

It needs the built site and the browser's model, and the static vectors that distil.mjs makes of the model's: only this
measurement uses them.

It asks every search every question (rank.mjs), keeps what was found, and makes rates and paired comparisons of it.
Run by itself, as `python -m scripts.search.measure` without a folder, it only computes them again from what was kept.
With `--judged FILE` it first takes in what readers said of the pool (pool.py).
"""

import argparse
import importlib.util
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from rung.files import read_lines
from rung.statistics import holm, paired, paired_difference, rate

from scripts.paths import DOCS, ROOT
from scripts.record_ask import embed

FOLDER = DOCS / "evidence" / "search"
QUESTIONS, FOUND, RESULTS = FOLDER / "questions.jsonl", FOLDER / "found.jsonl", FOLDER / "results.json"
EARLIER = FOLDER / "earlier.jsonl"  # what the first version of the keyword search found: it can no longer be asked
JUDGED = FOLDER / "judged.jsonl"
RANK, SECTIONS = ROOT / "scripts" / "search" / "rank.mjs", ROOT / "scripts" / "search" / "sections.mjs"
COMMAND = "make record only=search"  # which makes all that the searches need
SHOWN = 3  # sections that count as found, and as deep as readers judge
DEFAULT, FORMER = "keyword", "former"
PAIRS = [
    (DEFAULT, FORMER),
    (DEFAULT, "earlier keyword"),
    (DEFAULT, "bm25"),
    (DEFAULT, "keyword without synonyms"),
    (DEFAULT, "static"),
    ("keyword and static", DEFAULT),
    (DEFAULT, "minilm"),
    ("keyword and minilm", DEFAULT),
]
Wanted = dict[str, list[str]]  # by a question's id the sections that answer it


def node(script: Path, *arguments: str | Path, given: str = "") -> str:
    """What one of the JavaScript programs prints."""
    said = subprocess.run(["node", script, *arguments], input=given, capture_output=True, encoding="utf-8")
    if said.returncode:
        sys.exit(f"The searches could not be asked. `{COMMAND}` makes all they need. Node says:\n{said.stderr[-2000:]}")
    return said.stdout


def read_sections(site: Path) -> list[dict]:
    """The sections of a built site as the searches index them, each with its windows."""
    return json.loads(node(SECTIONS, index_of(site)))


def index_of(site: Path) -> Path:
    """The search index of a built site."""
    return site / "search" / "search_index.json"


def sentence_vectors(site: Path) -> dict[str, dict]:
    """What the sentence model makes of the questions and of each section's windows, by their ids."""
    questions, sections = read_lines(QUESTIONS), read_sections(site)
    texts = [one["question"] for one in questions] + [window for one in sections for window in one["windows"]]
    vectors = iter(embed(texts).tolist())
    return {
        "questions": {one["id"]: next(vectors) for one in questions},
        "sections": {one["id"]: [next(vectors) for _ in one["windows"]] for one in sections},
    }


def rank(site: Path) -> str:
    """Ask every search every question; what each found first, a line of JSON a question."""
    package = importlib.util.find_spec("material").submodule_search_locations[0]
    return node(RANK, index_of(site), package, given=json.dumps(sentence_vectors(site)))


def take_in(given: Path) -> None:
    """Keep the judgements of a file: {"question": id, "section": id, "answers": true or false}, each pair once."""
    lines = read_lines(given)
    questions = {one["id"] for one in read_lines(QUESTIONS)}
    for number, line in enumerate(lines, 1):
        if set(line) != {"question", "section", "answers"} or not isinstance(line["answers"], bool):
            sys.exit(f'{given}, line {number}: it needs "question", "section" and "answers", which is true or false.')
        if line["question"] not in questions:
            sys.exit(f"{given}, line {number}: there is no question {line['question']}.")
    pairs = Counter((line["question"], line["section"]) for line in lines)
    twice = [f"{question}, {section}" for (question, section), times in pairs.items() if times > 1]
    if twice:
        sys.exit(f"{given}: judged more than once: {'; '.join(twice[:5])}. Keep one line for each.")
    ordered = sorted(lines, key=lambda line: (line["question"], line["section"]))
    JUDGED.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in ordered), encoding="utf-8")


def first_rank(found: list[str], wanted: list[str]) -> int | None:
    """The rank, from 1, of the first section found that is wanted; None where there is none."""
    return next((place for place, section in enumerate(found, 1) if section in wanted), None)


def found_by_search(questions: set[str]) -> dict[str, dict[str, list[str]]]:
    """{search: {question's id: the sections found, best first}} of these questions."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in read_lines(EARLIER) + read_lines(FOUND):
        if line["question"] in questions:
            found.setdefault(line["search"], {})[line["question"]] = line["found"]
    return found


def within(ranks: dict[str, int | None], most: int) -> list[bool]:
    """For each question whether a right section is among the first so many."""
    return [place is not None and place <= most for place in ranks.values()]


def shown_rate(hits: list[bool]) -> dict:
    """A rate with its interval, as it is kept."""
    one = rate(hits)
    return {"hits": one.hits, "n": one.n, "low": round(one.low, 4), "high": round(one.high, 4)}


def rates(ranks: dict[str, int | None], kinds: dict[str, str]) -> dict:
    """The rates of one search, and of each kind of question."""
    reciprocal = [1 / place if place else 0 for place in ranks.values()]
    by_kind: dict[str, list[bool]] = {}
    for question, hit in zip(ranks, within(ranks, SHOWN), strict=True):
        by_kind.setdefault(kinds[question], []).append(hit)
    return {
        "hit@1": shown_rate(within(ranks, 1)),
        "hit@3": shown_rate(within(ranks, SHOWN)),
        "mrr": round(sum(reciprocal) / len(reciprocal), 4),
        "kinds": {kind: {"hits": sum(hits), "n": len(hits)} for kind, hits in by_kind.items()},
    }


def comparisons(ranks: dict[str, dict[str, int | None]]) -> list[dict]:
    """The paired comparisons of hit@3, with p-values adjusted for their number."""
    pairs = []
    for first, second in PAIRS:
        one = paired(within(ranks[first], SHOWN), within(ranks[second], SHOWN))
        apart = paired_difference(one.won, one.lost, one.n)
        ends = {"low": round(apart.low, 4), "high": round(apart.high, 4)}
        pairs.append(
            {"first": first, "second": second, "won": one.won, "lost": one.lost, "n": one.n} | ends | {"p": one.p}
        )
    adjusted = holm([pair["p"] for pair in pairs])
    return [pair | {"p_holm": p} for pair, p in zip(pairs, adjusted, strict=True)]


def scored(found: dict[str, dict[str, list[str]]], wanted: Wanted, kinds: dict[str, str]) -> dict:
    """Rates of every search and the comparisons, by these sections that answer."""
    ranks = {
        search: {question: first_rank(sections, wanted[question]) for question, sections in lists.items()}
        for search, lists in found.items()
    }
    searches = {search: rates(one, kinds) for search, one in ranks.items()}
    return {"searches": searches, "pairs": comparisons(ranks)}


def about_the_pool(found: dict[str, dict[str, list[str]]], named: Wanted, judged: dict[tuple[str, str], bool]) -> dict:
    """What readers judged, how far they agree with the author, and how much each search showed unseen by them."""
    by_author = [judged[question, one] for question, some in named.items() for one in some if (question, one) in judged]
    others = [
        answers for (question, one), answers in judged.items() if question in named and one not in named[question]
    ]
    unseen = {
        search: sum(
            (question, one) not in judged and one not in named[question]
            for question, some in lists.items()
            for one in some[:SHOWN]
        )
        for search, lists in found.items()
    }
    return {
        "judged": len(by_author) + len(others),
        "named": {"judged": len(by_author), "answer": sum(by_author)},
        "others": {"judged": len(others), "answer": sum(others)},
        "unseen": unseen,
    }


def results() -> dict:
    """Scores over the questions of `test`: by the named sections and, once readers have judged, by those and theirs."""
    tested = [one for one in read_lines(QUESTIONS) if one["split"] == "test"]
    kinds = {one["id"]: one["kind"] for one in tested}
    named = {one["id"]: one["sections"] for one in tested}
    found = found_by_search(set(named))
    kept = {"named": scored(found, named, kinds)}
    if JUDGED.exists():
        judged = {(line["question"], line["section"]): line["answers"] for line in read_lines(JUDGED)}
        answering = {
            question: [*sections, *(one for (asked, one), answers in judged.items() if answers and asked == question)]
            for question, sections in named.items()
        }
        kept |= {"judged": scored(found, answering, kinds), "pool": about_the_pool(found, named, judged)}
    return kept


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.search.measure", description=__doc__)
    parser.add_argument("site", type=Path, nargs="?", help="a built site; without it nothing is asked again")
    parser.add_argument("--judged", type=Path, metavar="FILE", help="judgements of the pool, to keep and to score by")
    given = parser.parse_args()
    if given.site:
        FOUND.write_text(rank(given.site), encoding="utf-8")
    if given.judged:
        take_in(given.judged)
    RESULTS.write_text(json.dumps(results(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
