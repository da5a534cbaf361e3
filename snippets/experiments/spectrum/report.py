"""What the spectrum experiment amounts to: one row a method, what was forgotten, the rates tried."""

from math import exp
from statistics import mean, median

from kit.draw import Bar, dots
from kit.rates import contest, middle_run, over_seeds, paired, table, words

REFERENCE = "LoRA, rank 4"


def measure(rows: list[dict]) -> dict:
    """For each method: numbers trained, bytes, memory, time, score, forgetting; against LoRA-4; the rates tried."""
    heads = [row for row in rows if "trained" in row]
    base_time = median(row["cpu_s"] for row in heads if row["arm"] == REFERENCE and row["split"] == "test")

    def of(method: str, kind: str) -> list[dict]:
        return [row for row in rows if row["arm"] == method and row.get("kind") == kind and row["split"] == "test"]

    def right(method: str) -> list[bool]:
        return middle_run(of(method, "reply"), "right")

    def known(method: str) -> list[bool]:
        return middle_run(of(method, "question"), "knows")

    arms: dict = {}
    for method in dict.fromkeys(row["arm"] for row in heads):
        mine = [row for row in heads if row["arm"] == method and row["split"] == "test"]
        by_seed = [exp(mean(row["loss"] for row in of(method, "text") if row["seed"] == one["seed"])) for one in mine]
        arms[method] = {
            "trained": mine[0]["trained"] if method != "as it came" else 0,
            "weights": mine[0]["weights"],
            "bytes": mine[0]["bytes"],
            "peak_mb": median(row["peak_mb"] for row in mine),
            "time": round(median(row["cpu_s"] for row in mine) / base_time, 2),
            "rate": mine[0]["rate"],
            "form": over_seeds(of(method, "reply"), "form"),
            "right": over_seeds(of(method, "reply"), "right"),
            "perplexity": [round(value, 2) for value in sorted(by_seed)],
            "knows": over_seeds(of(method, "question"), "knows"),
            "right against rank 4": paired(right(method), right(REFERENCE)),
            "knows against base": paired(known(method), known("as it came")),
        }
    tried: dict = {}
    for row in rows:
        if row["split"] == "dev" and row.get("kind") == "reply":
            one = tried.setdefault(row["arm"], {}).setdefault(plain(row["rate"]), {"form": 0, "right": 0, "n": 0})
            one["form"] += row["form"]
            one["right"] += row["right"]
            one["n"] += 1
    return {"arms": arms, "tried": tried}


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e7 else f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"


def plain(rate: float) -> str:
    """A learning rate without an exponent."""
    return f"{rate:.5f}".rstrip("0")


def perplexity(value: float) -> str:
    """A perplexity in words; beyond a thousand only its size means anything."""
    return f"{value:.1f}" if value < 1000 else f"{float(f'{value:.1g}'):,.0f}"


def fragments(metrics: dict) -> dict[str, str]:
    """Tables of cost, score, forgetting and rates, and two plots, by file name."""
    arms = metrics["arms"]
    tuned = {method: one for method, one in arms.items() if method != "as it came"}
    cost = [
        [method, f"{one['trained']:,}", megabytes(one["bytes"]), f"{one['peak_mb']:,.0f} MB", f"{one['time']:.1f}"]
        for method, one in tuned.items()
    ]
    score = [
        [
            method,
            plain(one["rate"]) if one["rate"] else "",
            words(one["form"]),
            words(one["right"]),
            contest(one["right against rank 4"]) if method != REFERENCE else "",
        ]
        for method, one in arms.items()
    ]
    forgetting = [
        [
            method,
            " to ".join(dict.fromkeys(perplexity(one["perplexity"][at]) for at in (0, -1))),
            words(one["knows"]),
            contest(one["knows against base"]) if method != "as it came" else "",
        ]
        for method, one in arms.items()
    ]
    tried = [
        [method, rate, f"{one['form']}/{one['n']}", f"{one['right']}/{one['n']}"]
        for method, rates in metrics["tried"].items()
        for rate, one in rates.items()
    ]
    bars = [Bar.of(method, one["right"], method == REFERENCE) for method, one in arms.items()]
    known = [Bar.of(method, one["knows"], method == "as it came") for method, one in arms.items()]
    return {
        "cost.md": table(
            ["", "Numbers trained", "To keep on disk", "Largest memory", "Computing, rank 4 = 1"], cost, right=4
        ),
        "score.md": table(["", "Rate chosen", "In form", "Every field right", "Against rank 4"], score),
        "forgetting.md": table(
            ["", "Perplexity, seeds", "General questions right", "Against the model as it came"], forgetting
        ),
        "tried.md": table(["Tried on dev", "Rate", "In form", "Every field right"], tried, right=3),
        "score.svg": dots("Every field right, by method", bars),
        "knows.svg": dots("General questions right, by method", known),
    }
