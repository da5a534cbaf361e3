"""What the reports on searching and on reading share: ranks as hits, the wordings, and tables of comparisons."""

from collections.abc import Callable

from kit.rows import Rows
from kit.statistics import needed_words, p_words, surviving, with_holm
from kit.tables import table

TOPS = (1, 3, 10)
WORDINGS = {"direct": "direct", "paraphrase": "paraphrased"}
SEARCHES = {"bm25": "BM25", "embeddings": "embeddings", "hybrid": "hybrid"}
Compare = Callable[[Rows, Rows], dict]


def in_wording(rows: Rows) -> dict[str, Rows]:
    """The rows by how the question is asked."""
    asked = dict.fromkeys(row["wording"] for row in rows)
    return {wording: [row for row in rows if row["wording"] == wording] for wording in asked}


def found_in(top: int) -> str:
    """The field that says whether the right passage is among the first `top`."""
    return f"found in {top}"


def with_hits(row: dict) -> dict:
    """A ranking with whether the right passage is among the first few."""
    return row | {found_in(top): row["rank"] is not None and row["rank"] <= top for top in TOPS}


def compared(arms: dict[str, dict[str, Rows]], pairs: list[tuple[str, str]], compare: Compare) -> dict:
    """The comparisons in each wording that both arms were asked in, over the questions that both were asked.

    Their names say what is compared with what, and how it is asked; their p-values are adjusted for all of them.
    """
    contrasts = {}
    for first, second in pairs:
        for wording, asked in WORDINGS.items():
            one, two = (arms[name].get(wording, []) for name in (first, second))
            both = {row["id"] for row in one} & {row["id"] for row in two}
            if both:
                runs = [[row for row in rows if row["id"] in both] for rows in (one, two)]
                contrasts[f"{first}, against {second}; {asked}"] = compare(*runs)
    return with_holm(contrasts)


def contrast_table(head: str, contrasts: dict, words: Callable[[dict], str]) -> str:
    """The comparisons of one kind, and how many of them survive Holm's adjustment."""
    lines = [
        [*name.rsplit("; ", 1), words(one), p_words(one["holm"]), needed_words(one)] for name, one in contrasts.items()
    ]
    heads = [head, "Asked", "Difference", "Holm-adjusted", f"Of {len(contrasts)}, {surviving(contrasts)} survive"]
    return table(heads, lines)
