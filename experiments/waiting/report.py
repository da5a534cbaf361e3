"""What the times amount to: seconds, for the record; for the page, multiples of the time when tuned."""

from statistics import mean, median

import numpy as np
from kit.arm import Arm
from kit.rows import Rows
from kit.statistics import by_arm
from kit.tables import table
from rung.statistics import median_interval

TOKENS, LONG = 8, 100  # of a reply, and of a longer one, estimated
TUNED, LONGEST = "fine-tuned", "8 examples"
ENDS = {"first": "Until the first token", "whole": "Until the last of eight", "long": f"A reply of {LONG}, estimated"}
SEARCH = "only finding the most similar"


def label(arm: Arm) -> str:
    """What an arm is called in the table."""
    if arm.method == "lora":
        return TUNED if arm.adapter == "merged" else f"{TUNED}, adapter not merged"
    if not arm.examples:
        return "instruction"
    if arm.selection == "nearest":
        return f"the {arm.examples} most similar examples"
    return f"{arm.examples} example{'s' * (arm.examples > 1)}"


def seconds(row: dict) -> dict[str, float]:
    """Seconds to each end of a reply, the search for the examples with them; a longer one goes on as the eight did."""
    found = row.get("find_s", 0)
    each = (row["whole_s"] - row["first_s"]) / (TOKENS - 1)
    return {
        "first": found + row["first_s"],
        "whole": found + row["whole_s"],
        "long": found + row["first_s"] + (LONG - 1) * each,
    }


def median_figures(values: list[float]) -> dict:
    """The median and its 95% interval by order statistics, as figures of the metrics."""
    found = median_interval(values)
    ends = {"median": found.estimate, "low": found.low, "high": found.high}
    return {name: round(value, 4) for name, value in ends.items()}


def measure(rows: Rows) -> dict:
    """For each arm: tokens, median seconds, and the median of each message's time over its own time when tuned."""
    parts = {label(arm): part for arm, part in by_arm(rows).items()}
    tuned = {row["id"]: seconds(row) for row in parts[TUNED]}
    return {
        "kinds": {name: measure_arm(part, tuned) for name, part in parts.items()},
        "search": measure_search(rows, tuned),
        "read while one is written": pace(parts[TUNED], parts[LONGEST]),
    }


def measure_arm(part: Rows, tuned: dict[str, dict]) -> dict:
    """Tokens in the prompt, and the times to each end of a reply."""
    times = [(row["id"], seconds(row)) for row in part]
    figures: dict = {"n": len(part), "tokens": round(mean(row["prompt_tokens"] for row in part))}
    for end in ENDS:
        took = [one[end] for _, one in times]
        ratios = [one[end] / tuned[id][end] for id, one in times]
        in_seconds = {"median_s": round(median(took), 4), "95th_s": round(float(np.percentile(took, 95)), 4)}
        figures[end] = in_seconds | median_figures(ratios)
    return figures


def measure_search(rows: Rows, tuned: dict[str, dict]) -> dict:
    """What finding the most similar examples takes, over the time of the same message when tuned."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if "find_s" in row:
            found.setdefault(row["id"], []).append(row["find_s"])
    took = round(median(map(mean, found.values())), 4)
    return {
        end: {"median_s": took} | median_figures([mean(each) / tuned[id][end] for id, each in found.items()])
        for end in ("first", "whole")
    }


def pace(short: list[dict], long: list[dict]) -> dict:
    """How many tokens of the prompt are read while one is written: what the longer prompt took more, by its length."""
    each = []
    for bare, full in zip(short, long, strict=True):
        written = (bare["whole_s"] - bare["first_s"]) / (TOKENS - 1)
        read = (full["first_s"] - bare["first_s"]) / (full["prompt_tokens"] - bare["prompt_tokens"])
        each.append(written / read)
    return median_figures(each)


def times_words(figures: dict) -> str:
    """How often the tuned model's time it is: `2.41 (2.38-2.44)`."""
    return f"{figures['median']:.2f} ({figures['low']:.2f}-{figures['high']:.2f})"


def fragments(metrics: dict) -> dict[str, str]:
    """The table by file name, and under it how fast the model reads."""
    lines = [
        [kind, str(figures["tokens"]), *("1" if kind == TUNED else times_words(figures[end]) for end in ENDS)]
        for kind, figures in metrics["kinds"].items()
    ]
    lines.append([SEARCH, "", *map(times_words, metrics["search"].values()), ""])
    read = metrics["read while one is written"]
    pace_words = (
        f"While it wrote one token it read {read['median']:.0f} of the prompt ({read['low']:.0f}-{read['high']:.0f}). "
    )
    seconds_of = "; ".join(
        f"{kind}, {figures['first']['median_s']:.2f} to the first token and {figures['whole']['median_s']:.2f} to the "
        f"last (95th percentile {figures['whole']['95th_s']:.2f})"
        for kind, figures in metrics["kinds"].items()
        if kind in (TUNED, LONGEST)
    )
    pace_words += f"Seconds of one core, here: {seconds_of}."
    times = table(["Fine-tuned = 1", "Tokens in the prompt", *ENDS.values()], lines, right=len(ENDS) + 1)
    return {"times.md": f"{times}\n{pace_words}\n"}
