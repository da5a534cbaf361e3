"""What the retrieval experiment amounts to: how often each search finds the right passage, compared question by
question."""

from dataclasses import replace

from kit.arm import Arm
from kit.draw import Bar, dots
from kit.rows import Rows
from kit.statistics import by_arm, counted_words, over_seeds, over_seeds_words, paired_over_seeds, proportion_words
from kit.tables import table
from tasks.search_report import (
    SEARCHES,
    TOPS,
    WORDINGS,
    compared,
    contrast_table,
    found_in,
    in_wording,
    with_hits,
)

TOP = found_in(3)  # so many passages are read at most; dev chose by it


def name_of(cutting: str, search: str, trained_on: str | None = None) -> str:
    """What a search is called in the tables, by the fields of its arm."""
    name = f"{cutting}, {SEARCHES[search]}"
    return f"{name}, embedder fine-tuned on {trained_on}" if trained_on else name


SIMPLE = name_of("40 words", "embeddings")
DENSE, HYBRID = (name_of("headings", search) for search in ("embeddings", "hybrid"))
PAIRS = ("other companies", "own questions")  # what an embedder is fine-tuned on
ELSEWHERE, TUNED = (name_of("headings", "embeddings", pairs) for pairs in PAIRS)
FINE_TUNED = {name_of("headings", search, pairs) for search in ("embeddings", "hybrid") for pairs in PAIRS}
# What each embedder is called where the search is the same.
EMBEDDERS = {DENSE: "off the shelf"} | {
    name_of("headings", "embeddings", pairs): f"fine-tuned on {pairs}" for pairs in PAIRS
}


def label(arm: Arm) -> str:
    """What a search is called in the tables."""
    return name_of(arm.cutting, arm.search, arm.embedder_trained_on)


def off_the_shelf(arm: Arm) -> Arm:
    """The same search with the embedder as it is published."""
    return replace(arm, embedder_trained_on=None, learning_rate=None, epochs=None)


def measure(rows: Rows) -> dict:
    """What each search found, what dev chose among, and the comparisons."""
    by_search = by_arm([row for row in rows if row["arm"].split == "test"])
    parts = {label(arm): in_wording([with_hits(row) for row in part]) for arm, part in by_search.items()}
    return {
        "searches": {
            name: {
                wording: {found_in(top): over_seeds(part, found_in(top)) for top in TOPS}
                for wording, part in asked.items()
            }
            for name, asked in parts.items()
        },
        "compared": compared(parts, pairs(list(by_search)), compare),
        "by passage": by_passage(rows, parts),
        "tried": tried(rows),
        "chosen": chosen(rows),
    }


def pairs(arms: list[Arm]) -> list[tuple[str, str]]:
    """What is compared: embeddings with BM25's help, headings with 40 words, each fine-tuned embedder with the one off
    the shelf, and the two with each other."""
    tuned = [(label(arm), label(off_the_shelf(arm))) for arm in arms if arm.embedder_trained_on]
    return [(HYBRID, DENSE), (DENSE, SIMPLE), *tuned, (TUNED, ELSEWHERE)]


def compare(one: Rows, two: Rows) -> dict:
    """Two searches, by what they found over all seeds of the embedder's fine-tuning, where there are several."""
    return paired_over_seeds(one, two, TOP, same_seeds=False)


def right_passages(rows: Rows) -> dict[str, int]:
    """For each question the number of the passage that answers it: the first right one of hybrid search, asked
    directly. A question for which that is not among the ten best is left out."""
    return {row["id"]: row["order"][row["rank"] - 1] for row in rows if row["wording"] == "direct" and row["rank"]}


def by_passage(rows: Rows, parts: dict[str, dict[str, Rows]]) -> dict:
    """What the embedder off the shelf and the one fine-tuned on own questions find, by whether the passage was in a
    training pair."""
    cut = chosen(rows)["passages"]
    of_dev = [row for row in rows if row.get("kind") == cut and row["arm"].search == "hybrid"]
    trained = set(right_passages(of_dev).values())
    right = right_passages(parts[HYBRID]["direct"])
    groups: dict[str, dict] = {}
    for name, is_trained in (("in a training pair", True), ("in none", False)):
        ids = {one for one, number in right.items() if (number in trained) is is_trained}
        if ids:
            groups[name] = {
                wording: {
                    search: over_seeds([row for row in parts[search][wording] if row["id"] in ids], TOP)
                    for search in (DENSE, TUNED)
                }
                for wording in WORDINGS
            }
    return groups


def tried(rows: Rows) -> dict:
    """Of each setting tried on dev: for how many questions and wordings it found the passage, of how many."""
    found: dict[str, list[bool]] = {}
    for row in rows:
        arm = row["arm"]
        if arm.split == "dev":
            tuned = f"fine-tuned, learning rate {arm.learning_rate:g}" if arm.epochs else ""
            found.setdefault(f"{tuned or row['kind']}, {SEARCHES[arm.search]}", []).append(with_hits(row)[TOP])
    return {name: {"hits": sum(hits), "n": len(hits)} for name, hits in found.items()}


def chosen(rows: Rows) -> dict:
    """What dev chose: the search that found most with the passages so cut, and how the embedder was fine-tuned."""
    cuts: dict[tuple[str, str], int] = {}
    for row in rows:
        if "kind" in row:
            key = (row["kind"], row["arm"].search)
            cuts[key] = cuts.get(key, 0) + with_hits(row)[TOP]
    cut, search = max(cuts, key=lambda key: cuts[key])
    arm = next(row["arm"] for row in rows if row["arm"].split == "test" and row["arm"].epochs)
    return {"passages": cut, "search": search, "learning rate": arm.learning_rate, "epochs": arm.epochs}


def fragments(metrics: dict) -> dict[str, str]:
    """The tables and the plot, by file name."""
    lines = [
        [name, WORDINGS[wording], *(proportion_words(one) for one in figures.values())]
        for name, asked in metrics["searches"].items()
        for wording, figures in asked.items()
    ]
    by_embedder = {EMBEDDERS[name]: asked for name, asked in metrics["searches"].items() if name in EMBEDDERS}
    embedders = [
        [name, WORDINGS[wording], *(proportion_words(asked[wording][found_in(top)]) for top in TOPS[:2])]
        for name, asked in by_embedder.items()
        for wording in asked
    ]
    shown = {name: asked for name, asked in metrics["searches"].items() if name not in FINE_TUNED} | {
        name: asked for name, asked in by_embedder.items() if name != EMBEDDERS[DENSE]
    }
    bars = [
        # The site explains BM25 where it stands, which no text in a drawing survives.
        Bar.of(f"{name.replace('BM25', 'keywords')}, {WORDINGS[wording]}", asked[wording][TOP], wording == "paraphrase")
        for name, asked in shown.items()
        for wording in asked
    ]
    passages = [
        [name, WORDINGS[wording], *(counted_words(figures[search]) for search in (DENSE, TUNED))]
        for name, asked in metrics["by passage"].items()
        for wording, figures in asked.items()
    ]
    tried_lines = [[name, f"{one['hits']}/{one['n']}"] for name, one in metrics["tried"].items()]
    return {
        "table.md": table(["Search", "Asked", *(f"In the best {top}" for top in TOPS)], lines),
        "embedder.md": table(["Embedder", "Asked", *(f"In the best {top}" for top in TOPS[:2])], embedders),
        "by-passage.md": table(["The passage was", "Asked", "Off the shelf", "Fine-tuned on own questions"], passages),
        "compared.md": contrast_table("Found in the best 3", metrics["compared"], over_seeds_words),
        "tried.md": table(["Tried on dev", "Found in the best 3"], tried_lines, right=1),
        "plot.svg": dots("Right passage in the best three, by search", bars),
    }
