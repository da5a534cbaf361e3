"""What the spectrum experiment amounts to: one row a method, what was forgotten, the rates tried."""

from collections.abc import Callable
from math import exp
from statistics import mean, median

from kit.draw import Bar, Spots, dots, scatter
from kit.rates import by_seed, contest, middle_rows, middle_run, over_seeds, p_words, paired, table, words
from kit.rates import rate as rate_of
from scipy.stats import ttest_1samp

REFERENCE, TEACHER = "LoRA, rank 4", "LoRA, rank 16"
# The methods a page of the guide shows, and which of them the others are set against.
ON_PAGE = {
    "full": (["full", REFERENCE], REFERENCE),
    "lora": (["LoRA, rank 1", "LoRA, rank 4", "LoRA, rank 16", "full"], "full"),
    "prompt-tuning": (["prompt tuning", REFERENCE], REFERENCE),
    "distillation": (["student, teacher's answers", "student, teacher's logits", TEACHER], TEACHER),
}


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
    whole = {
        method: against(of, method, "full")
        for method in methods
        if method != "full" and arms[method]["trained"] and not method.startswith("student")
    }
    on_page = {
        page: {one: paired(right(one), right(other)) for one in shown if one in methods and one != other}
        for page, (shown, other) in ON_PAGE.items()
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
    lowest = min(rates["full"])
    most = tried["full"][plain(lowest)]["test"]["hits"]
    turned_down: dict = {}
    for method in (method for method in methods if method.startswith("LoRA")):
        as_few = {rate: tried[method][plain(rate)]["test"]["hits"] for rate in rates[method]}
        as_few = {rate: hits for rate, hits in as_few.items() if hits <= most}
        if as_few:
            rate = max(as_few, key=as_few.__getitem__)
            mine, full = (
                {kind: of(one, kind, at, seed=0) for kind in ("question", "text")}
                for one, at in ((method, rate), ("full", lowest))
            )
            turned_down[method] = {
                "rate": plain(rate),
                "right": [as_few[rate], most],
                "knows": paired(*([row["knows"] for row in one["question"]] for one in (mine, full))),
                "more surprising": more_surprising(mine["text"], full["text"]),
                "n": len(full["text"]),
            }
    return {"arms": arms, "against full": whole, "on page": on_page, "tried": tried, "turned down": turned_down}


def against(of: Callable[..., list[dict]], method: str, other: str) -> dict:
    """What a method forgot beside another: the middle seeds by item, then each seed against the same of the other.

    Losses are compared text by text. The interval is Student's, over the texts.
    """
    knows, other_knows = of(method, "question"), of(other, "question")
    texts, other_texts = of(method, "text"), of(other, "text")
    gaps = gaps_of(middle_rows(texts, "loss"), middle_rows(other_texts, "loss"))
    ends = ttest_1samp(gaps, 0).confidence_interval()
    pairs = list(zip(by_seed(texts), by_seed(other_texts), strict=True))
    return {
        "knows": paired(middle_run(knows, "knows"), middle_run(other_knows, "knows")),
        "knows by seed": [
            paired(*([row["knows"] for row in run] for run in pair))
            for pair in zip(by_seed(knows), by_seed(other_knows), strict=True)
        ],
        "times": {
            "middle": round(exp(mean(gaps)), 3),
            "low": round(exp(ends.low), 3),
            "high": round(exp(ends.high), 3),
            "seeds": [round(exp(mean(gaps_of(*pair))), 3) for pair in pairs],
        },
        "more surprising": [more_surprising(*pair) for pair in pairs],
    }


def gaps_of(texts: list[dict], others: list[dict]) -> list[float]:
    """By how much the loss of each text is higher than that of the same text among others."""
    return [one["loss"] - other["loss"] for one, other in zip(texts, others, strict=True)]


def more_surprising(texts: list[dict], others: list[dict]) -> int:
    """How many texts have a higher loss than the same text among others."""
    return sum(gap > 0 for gap in gaps_of(texts, others))


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


def times(figures: dict) -> str:
    """How many times as high, in words."""
    seeds = ", ".join(f"{seed:.2f}" for seed in figures["seeds"])
    return f"{figures['middle']:.2f} ({figures['low']:.2f}-{figures['high']:.2f}); seeds {seeds}"


def page_table(metrics: dict, page: str) -> str:
    """The methods of one page: score, the paired comparison, and what they cost."""
    shown, other = ON_PAGE[page]
    contests = metrics["on page"][page]
    rows = [
        [
            f"{method}, the teacher" if method == other == TEACHER else method,
            words(one["right"]),
            contest(contests[method]) if method in contests else "",
            f"{one['trained']:,}",
            f"{one['peak_mb']:,.0f} MB",
            f"{one['time']:.1f}",
        ]
        for method, one in ((method, metrics["arms"][method]) for method in shown if method in metrics["arms"])
    ]
    against_whom = {"full": "full tuning", TEACHER: "the teacher"}.get(other, other.removeprefix("LoRA, "))
    heads = ["", "Every field right", f"Against {against_whom}", "Numbers trained", "Largest memory"]
    return table([*heads, "Computing, rank 4 = 1"], rows, right=3)


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
    whole = [
        [
            method,
            contest(one["knows"]),
            ", ".join(f"{seed['won']}-{seed['lost']} ({p_words(seed['p'])})" for seed in one["knows by seed"]),
            ", ".join(map(str, one["more surprising"])),
            times(one["times"]),
        ]
        for method, one in metrics["against full"].items()
    ]
    turned_down = [
        [
            method,
            one["rate"],
            " and ".join(map(str, one["right"])),
            contest(one["knows"]),
            f"{one['more surprising']} of {one['n']}",
        ]
        for method, one in metrics["turned down"].items()
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
        "against-full.md": table(
            [
                "Against full tuning",
                "General questions",
                "Won-lost with each seed",
                "Texts more surprising, by seed",
                "Perplexity, times full tuning's",
            ],
            whole,
        ),
        "turned-down.md": table(
            [
                "Against full tuning at its lowest rate",
                "Rate",
                "Lines right",
                "General questions",
                "Texts more surprising",
            ],
            turned_down,
        ),
        **{f"{page}.md": page_table(metrics, page) for page in ON_PAGE},
        "tried.md": table(["Tried on dev", "Rate", "In form", "Every field right"], tried, right=3),
        "traded.md": table(["", "Rate", "Every field right", "Perplexity", "General questions right"], traded),
        "score.svg": dots("Every field right, by method", bars),
        "knows.svg": dots("General questions right, by method", known),
        "traded.svg": scatter("What each run learned and forgot", spots, "every field right", "perplexity"),
    }
