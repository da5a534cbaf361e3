"""What the times amount to: seconds, for the record; for the page, multiples of the time when tuned."""

from statistics import mean, median

import numpy as np
from kit.rates import ALPHA, table
from scipy.stats import binom

TOKENS, LONG = 8, 100  # of a reply, and of a longer one, reckoned
LONGEST = "8 examples"
ENDS = {"first": "Until the first token", "whole": "Until the last of eight", "long": f"A reply of {LONG}, reckoned"}
SEARCH = "only finding the nearest"


def seconds(row: dict) -> dict[str, float]:
    """Seconds to each end of a reply, the search for the examples with them; a longer one goes on as the eight did."""
    found = row.get("find_s", 0)
    each = (row["whole_s"] - row["first_s"]) / (TOKENS - 1)
    return {
        "first": found + row["first_s"],
        "whole": found + row["whole_s"],
        "long": found + row["first_s"] + (LONG - 1) * each,
    }


def middle(values: list[float]) -> dict:
    """The median and its 95% interval by order statistics, which supposes nothing of how the values are spread."""
    ordered = sorted(values)
    rank = max(int(binom.ppf(ALPHA / 2, len(ordered), 0.5)), 1)
    ends = {"middle": median(ordered), "low": ordered[rank - 1], "high": ordered[-rank]}
    return {name: round(value, 4) for name, value in ends.items()}


def measure(rows: list[dict]) -> dict:
    """For each kind: tokens, median seconds, and the median of each message's time over its own time when tuned."""
    kinds: dict[str, dict] = {}
    tuned = {row["id"]: seconds(row) for row in rows if row["kind"] == "tuned"}
    parts = {kind: [row for row in rows if row["kind"] == kind] for kind in dict.fromkeys(row["kind"] for row in rows)}
    for kind, part in parts.items():
        times = [(row["id"], seconds(row)) for row in part]
        kinds[kind] = {"n": len(part), "tokens": round(mean(row["prompt_tokens"] for row in part))}
        for end in ENDS:
            ratios = [took[end] / tuned[id][end] for id, took in times]
            kinds[kind][end] = {
                "median_s": round(median(took[end] for _, took in times), 4),
                "95th_s": round(float(np.percentile([took[end] for _, took in times], 95)), 4),
            } | middle(ratios)
    found: dict[str, list[float]] = {}
    for row in rows:
        if "find_s" in row:
            found.setdefault(row["id"], []).append(row["find_s"])
    search = {
        end: {"median_s": round(median(map(mean, found.values())), 4)}
        | middle([mean(each) / tuned[id][end] for id, each in found.items()])
        for end in ("first", "whole")
    }
    return {"kinds": kinds, "search": search, "read while one is written": pace(parts["tuned"], parts[LONGEST])}


def pace(short: list[dict], long: list[dict]) -> dict:
    """How many tokens of the prompt are read while one is written: what the longer prompt took more, by its length."""
    each = []
    for bare, full in zip(short, long, strict=True):
        written = (bare["whole_s"] - bare["first_s"]) / (TOKENS - 1)
        read = (full["first_s"] - bare["first_s"]) / (full["prompt_tokens"] - bare["prompt_tokens"])
        each.append(written / read)
    return middle(each)


def times_words(figures: dict) -> str:
    """How often the tuned model's time it is: `2.41 (2.38-2.44)`."""
    return f"{figures['middle']:.2f} ({figures['low']:.2f}-{figures['high']:.2f})"


def fragments(metrics: dict) -> dict[str, str]:
    """The table by file name, and under it how fast the model reads."""
    lines = [
        [kind, str(figures["tokens"]), *("1" if kind == "tuned" else times_words(figures[end]) for end in ENDS)]
        for kind, figures in metrics["kinds"].items()
    ]
    lines.append([SEARCH, "", *map(times_words, metrics["search"].values()), ""])
    read = metrics["read while one is written"]
    told = (
        f"While it wrote one token it read {read['middle']:.0f} of the prompt ({read['low']:.0f}-{read['high']:.0f}). "
    )
    seconds_of = "; ".join(
        f"{kind}, {figures['first']['median_s']:.2f} to the first token and {figures['whole']['median_s']:.2f} to the "
        f"last (95th percentile {figures['whole']['95th_s']:.2f})"
        for kind, figures in metrics["kinds"].items()
        if kind in ("tuned", LONGEST)
    )
    told += f"Seconds of one core, here: {seconds_of}."
    times = table(["Tuned = 1", "Tokens in the prompt", *ENDS.values()], lines, right=len(ENDS) + 1)
    return {"times.md": f"{times}\n{told}\n"}
