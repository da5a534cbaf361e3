"""Measure what each search of the guide finds: `python -m scripts.search.measure site` after `make vendor build`.

It asks every search every question (rank.mjs), keeps what was found, and makes rates and paired comparisons of it.
Without a folder it only computes them again from what was kept.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

from rung.files import read_lines
from rung.statistics import paired, rate

from scripts.paths import DOCS, ROOT

FOLDER = DOCS / "evidence" / "search"
QUESTIONS, FOUND, RESULTS = FOLDER / "questions.jsonl", FOLDER / "found.jsonl", FOLDER / "results.json"
RANK = ROOT / "scripts" / "search" / "rank.mjs"
DEFAULT, FORMER = "keyword", "former"
PAIRS = [(DEFAULT, FORMER), ("keyword and static", DEFAULT), ("keyword and static", FORMER), (DEFAULT, "static")]


def rank(site: Path) -> None:
    """Ask every search every question, and keep what each found first."""
    package = importlib.util.find_spec("material").submodule_search_locations[0]
    command = ["node", RANK, site / "search" / "search_index.json", package]
    asked = subprocess.run(command, capture_output=True, encoding="utf-8")
    if asked.returncode:
        sys.exit(f"The searches could not be asked. Run `make vendor build` first. Node says:\n{asked.stderr[-2000:]}")
    FOUND.write_text(asked.stdout, encoding="utf-8")


def first_rank(found: list[str], wanted: list[str]) -> int | None:
    """The rank, from 1, of the first section found that is wanted; None where there is none."""
    return next((place for place, section in enumerate(found, 1) if section in wanted), None)


def ranks_of(split: str) -> dict[str, dict[str, int | None]]:
    """{search: {question's id: the rank of the first right section}} of one split, questions in the file's order."""
    wanted = {one["id"]: one["sections"] for one in read_lines(QUESTIONS) if one["split"] == split}
    ranks: dict[str, dict[str, int | None]] = {}
    for line in read_lines(FOUND):
        if line["question"] in wanted:
            place = first_rank(line["found"], wanted[line["question"]])
            ranks.setdefault(line["search"], {})[line["question"]] = place
    return ranks


def within(ranks: dict[str, int | None], most: int) -> list[bool]:
    """For each question whether a right section is among the first so many."""
    return [place is not None and place <= most for place in ranks.values()]


def shown_rate(hits: list[bool]) -> dict:
    """A rate with its interval, as it is kept."""
    one = rate(hits)
    return {"hits": one.hits, "n": one.n, "low": round(one.low, 4), "high": round(one.high, 4)}


def results() -> dict:
    """Rates of each search over the questions of `test`, by kind too, and paired comparisons of the first three."""
    kinds = {one["id"]: one["kind"] for one in read_lines(QUESTIONS)}
    tested = ranks_of("test")
    searches = {}
    for name, ranks in tested.items():
        reciprocal = [1 / place if place else 0 for place in ranks.values()]
        by_kind: dict[str, list[bool]] = {}
        for question, hit in zip(ranks, within(ranks, 3), strict=True):
            by_kind.setdefault(kinds[question], []).append(hit)
        searches[name] = {
            "hit@1": shown_rate(within(ranks, 1)),
            "hit@3": shown_rate(within(ranks, 3)),
            "mrr": round(sum(reciprocal) / len(reciprocal), 4),
            "kinds": {kind: {"hits": sum(hits), "n": len(hits)} for kind, hits in by_kind.items()},
        }
    pairs = []
    for first, second in PAIRS:
        one = paired(within(tested[first], 3), within(tested[second], 3))
        pairs.append({"first": first, "second": second, "won": one.won, "lost": one.lost, "n": one.n, "p": one.p})
    return {"searches": searches, "pairs": pairs}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.search.measure", description=__doc__)
    parser.add_argument("site", type=Path, nargs="?", help="a built site; without it nothing is asked again")
    given = parser.parse_args()
    if given.site:
        rank(given.site)
    RESULTS.write_text(json.dumps(results(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
