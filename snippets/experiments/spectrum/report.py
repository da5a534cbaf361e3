"""What the spectrum experiment amounts to: one row a method, what was forgotten, the rates tried."""

from math import exp
from statistics import mean, median

from kit.draw import Bar, Spots, dots, scatter
from kit.rates import by_seed, contest, middle_run, over_seeds, paired, table, words
from kit.rates import rate as rate_of

REFERENCE = "LoRA, rank 4"


def measure(rows: list[dict]) -> dict:
    """For each method: what it trains, costs, scores and forgets at the rate dev chose, and the same for every rate."""
    heads = [row for row in rows if "trained" in row]
    seeds_at: dict[tuple[str, float], int] = {}
    for row in heads:
        seeds_at[row["arm"], row["rate"]] = seeds_at.get((row["arm"], row["rate"]), 0) + 1
    methods = list(dict.fromkeys(row["arm"] for row in heads))
    rates = {method: [rate for arm, rate in seeds_at if arm == method] for method in methods}
    # Only the chosen rate was run with every seed.
    chosen = {method: max(rates[method], key=lambda rate: seeds_at[method, rate]) for method in methods}
    base_time = median(row["cpu_s"] for row in heads if (row["arm"], row["rate"]) == (REFERENCE, chosen[REFERENCE]))

    def of(method: str, kind: str, rate: float | None = None, **more) -> list[dict]:
        wanted = {"arm": method, "kind": kind, "rate": chosen[method] if rate is None else rate} | more
        return [row for row in rows if wanted.items() <= row.items()]

    def right(method: str) -> list[bool]:
        return middle_run(of(method, "reply", split="test"), "right")

    def known(method: str) -> list[bool]:
        return middle_run(of(method, "question"), "knows")

    arms: dict = {}
    for method in methods:
        mine = [row for row in heads if (row["arm"], row["rate"]) == (method, chosen[method])]
        replies = of(method, "reply", split="test")
        arms[method] = {
            "trained": mine[0]["trained"] if method != "as it came" else 0,
            "weights": mine[0]["weights"],
            "bytes": mine[0]["bytes"],
            "peak_mb": median(row["peak_mb"] for row in mine),
            "time": round(median(row["cpu_s"] for row in mine) / base_time, 2),
            "rate": chosen[method],
            "form": over_seeds(replies, "form"),
            "right": over_seeds(replies, "right"),
            "perplexity": sorted(perplexity_of(part) for part in by_seed(of(method, "text"))),
            "knows": over_seeds(of(method, "question"), "knows"),
            "right against rank 4": paired(right(method), right(REFERENCE)),
            "knows against base": paired(known(method), known("as it came")),
        }
    tried: dict = {}
    for method, rate in seeds_at:
        dev, test = (of(method, "reply", rate, split=split, seed=0) for split in ("dev", "test"))
        tried.setdefault(method, {})[plain(rate)] = {
            "form": sum(row["form"] for row in dev),
            "right": sum(row["right"] for row in dev),
            "n": len(dev),
            "test": rate_of([row["right"] for row in test]),
            "perplexity": perplexity_of(of(method, "text", rate, seed=0)),
            "knows": rate_of([row["knows"] for row in of(method, "question", rate, seed=0)]),
        }
    return {"arms": arms, "tried": tried}


def perplexity_of(texts: list[dict]) -> float:
    """The perplexity of texts, each counting the same."""
    return round(exp(mean(row["loss"] for row in texts)), 2)


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
    rates = [
        (method, rate, one)
        for method, rates in metrics["tried"].items()
        if method != "as it came"
        for rate, one in rates.items()
    ]
    tried = [[method, rate, f"{one['form']}/{one['n']}", f"{one['right']}/{one['n']}"] for method, rate, one in rates]
    traded = [
        [
            f"**{method}**" if rate == plain(arms[method]["rate"]) else method,
            rate,
            words(one["test"]),
            perplexity(one["perplexity"]),
            words(one["knows"]),
        ]
        for method, rate, one in rates
    ]
    bars = [Bar.of(method, one["right"], method == REFERENCE) for method, one in arms.items()]
    known = [Bar.of(method, one["knows"], method == "as it came") for method, one in arms.items()]
    spots = [
        Spots(
            method,
            [
                (one["test"]["share"], one["perplexity"], rate == plain(arms[method]["rate"]))
                for rate, one in metrics["tried"][method].items()
            ],
        )
        for method in arms
        if not method.startswith("student")  # theirs are beyond any scale
    ]
    return {
        "cost.md": table(
            ["", "Numbers trained", "To keep on disk", "Largest memory", "Computing, rank 4 = 1"], cost, right=4
        ),
        "score.md": table(["", "Rate chosen", "In form", "Every field right", "Against rank 4"], score),
        "forgetting.md": table(
            ["", "Perplexity, seeds", "General questions right", "Against the model as it came"], forgetting
        ),
        "tried.md": table(["Tried on dev", "Rate", "In form", "Every field right"], tried, right=3),
        "traded.md": table(["", "Rate", "Every field right", "Perplexity", "General questions right"], traded),
        "score.svg": dots("Every field right, by method", bars),
        "knows.svg": dots("General questions right, by method", known),
        "traded.svg": scatter("What each run learned and forgot", spots, "every field right", "perplexity"),
    }
