"""What the spectrum experiment amounts to: one row a method, what was forgotten, the learning rates tried."""

from math import exp
from statistics import mean, median

from kit.arm import Arm
from kit.contrasts import contrast, contrasts_table, with_family
from kit.draw import Bar, Spots, dots, scatter
from kit.rows import Rows
from kit.statistics import (
    by_seed,
    median_rows,
    needed_words,
    over_seeds,
    over_seeds_words,
    proportion,
    proportion_words,
)
from kit.tables import table
from rung.statistics import mean_interval

BASE, FULL, REFERENCE, TEACHER = "base model", "full fine-tuning", "LoRA, rank 4", "LoRA, rank 16"
STUDENTS = ["student, teacher's answers", "student, teacher's logits"]
CUT = "student, untrained"  # what a student is before it has learned anything
UNTRAINED = (BASE, CUT)
# What a table calls the method that its page's others are compared with.
AGAINST = {FULL: FULL, REFERENCE: "rank 4", TEACHER: "the teacher"}
# The methods a page of the guide shows, and which of them the others are compared with.
ON_PAGE = {
    "full": ([FULL, REFERENCE], REFERENCE),
    "lora": (["LoRA, rank 1", REFERENCE, TEACHER, FULL], FULL),
    "prompt-tuning": (["prompt tuning", REFERENCE], REFERENCE),
    "distillation": ([*STUDENTS, CUT, TEACHER], TEACHER),
}


def label(arm: Arm) -> str:
    """What a method is called in the tables."""
    named = {
        "prompt": BASE,
        "cut": CUT,
        "lora": f"LoRA, rank {arm.rank}",
        "full": FULL,
        "distillation": f"student, teacher's {arm.signal}",
    }
    return named.get(arm.method, arm.method)


class Runs:
    """The rows of an experiment, by method and learning rate."""

    def __init__(self, rows: Rows):
        """The learning rate that dev chose is the one that was run with every seed."""
        self.parts: dict[tuple[str, float], dict[str, Rows]] = {}
        for row in rows:
            if row["kind"] != "teacher":
                kind = f"{row['kind']}, {row['arm'].split}" if row["kind"] == "reply" else row["kind"]
                kinds = self.parts.setdefault((label(row["arm"]), row["arm"].learning_rate or 0.0), {})
                kinds.setdefault(kind, []).append(row)
        self.methods = list(dict.fromkeys(method for method, _ in self.parts))
        self.trained_by = {label(row["arm"]): row["arm"].method for row in rows}
        self.learning_rates = {
            method: [learning_rate for one, learning_rate in self.parts if one == method] for method in self.methods
        }
        self.chosen = {
            method: max(
                learning_rates, key=lambda learning_rate, method=method: len(self.parts[method, learning_rate]["run"])
            )
            for method, learning_rates in self.learning_rates.items()
        }

    def of(self, method: str, kind: str) -> Rows:
        """The rows of a method at the learning rate that dev chose, all seeds."""
        return self.parts[method, self.chosen[method]][kind]

    def tried(self, method: str, kind: str, learning_rate: float) -> Rows:
        """The rows of a method at any learning rate, first seed."""
        return [row for row in self.parts[method, learning_rate][kind] if not row["arm"].seed]

    def compared(self, first: str, second: str, kind: str, field: str) -> dict:
        """Two methods at the learning rates that dev chose; students and their teacher are paired by their seeds."""
        taught = first in STUDENTS and second in {TEACHER, *STUDENTS}
        return contrast(self.of(first, kind), self.of(second, kind), field, same_seeds=taught)


def measure(rows: Rows) -> dict:
    """For each method: what it trains, costs, scores and forgets at the learning rate dev chose, and at every one."""
    runs = Runs(rows)
    arms = {method: measure_method(runs, method) for method in runs.methods}
    forgotten = {
        method: against_full(runs, method)
        for method in runs.methods
        if runs.trained_by[method] not in ("full", "prompt", "cut", "distillation")
    }
    on_page = {
        page: {
            one: runs.compared(one, other, "reply, test", "correct")
            for one in shown
            if one in runs.methods and one != other
        }
        for page, (shown, other) in ON_PAGE.items()
        if other != REFERENCE  # with which every method is compared
    }
    tried: dict = {method: {} for method in runs.methods}
    for method, learning_rate in runs.parts:
        tried[method][plain(learning_rate)] = measure_at(runs, method, learning_rate)
    return with_family(
        {
            "arms": arms,
            "against full": forgotten,
            "on page": on_page,
            "tried": tried,
            "turned down": turned_down(runs, tried),
            "students": measure_students(runs),
        }
    )


def measure_method(runs: Runs, method: str) -> dict:
    """A method at the learning rate that dev chose."""
    mine, replies, questions = (runs.of(method, kind) for kind in ("run", "reply, test", "question"))
    seconds = (median(row["cpu_s"] for row in part) for part in (mine, runs.of(REFERENCE, "run")))
    own, reference = seconds
    figures = {
        "trained": mine[0]["trained"] if method not in UNTRAINED else 0,
        "parameters": mine[0]["weights"],
        "bytes": mine[0]["bytes"],
        "peak_mb": median(row["peak_mb"] for row in mine),
        "time": round(own / reference, 2),
        "learning rate": runs.chosen[method],
        "conforms": over_seeds(replies, "conforms"),
        "correct": over_seeds(replies, "correct"),
        "perplexity": sorted(perplexity_of(part) for part in by_seed(runs.of(method, "text"))),
        "knows": over_seeds(questions, "knows"),
    }
    if method != REFERENCE:
        figures["correct against rank 4"] = runs.compared(method, REFERENCE, "reply, test", "correct")
    if method != BASE:
        figures["knows against base"] = runs.compared(method, BASE, "question", "knows")
    return figures


def measure_students(runs: Runs) -> dict:
    """The students against the cut model from which they began, and against each other."""
    students = [one for one in STUDENTS if one in runs.methods]
    found = {
        f"{one}, against {CUT}": {"general questions": runs.compared(one, CUT, "question", "knows")} for one in students
    }
    if len(students) > 1:
        answers, logits = students
        figures = runs.compared(logits, answers, "reply, test", "correct")
        found[f"{logits}, against {answers}"] = {"every field correct": figures}
    return found


def measure_at(runs: Runs, method: str, learning_rate: float) -> dict:
    """A method at one learning rate, first seed."""
    dev, test = (runs.tried(method, f"reply, {split}", learning_rate) for split in ("dev", "test"))
    return {
        "conforms": sum(row["conforms"] for row in dev),
        "correct": sum(row["correct"] for row in dev),
        "n": len(dev),
        "test": proportion([row["correct"] for row in test]),
        "perplexity": perplexity_of(runs.tried(method, "text", learning_rate)),
        "knows": proportion([row["knows"] for row in runs.tried(method, "question", learning_rate)]),
    }


def turned_down(runs: Runs, tried: dict) -> dict:
    """What each forgot: full fine-tuning at its lowest learning rate, and LoRA where it gets no more lines correct."""
    lowest = min(runs.learning_rates[FULL])
    most = tried[FULL][plain(lowest)]["test"]["hits"]
    full = {kind: runs.tried(FULL, kind, lowest) for kind in ("question", "text")}
    found = {}
    for method in (method for method in runs.methods if runs.trained_by[method] == "lora"):
        hits = {
            learning_rate: tried[method][plain(learning_rate)]["test"]["hits"]
            for learning_rate in runs.learning_rates[method]
        }
        hits = {learning_rate: count for learning_rate, count in hits.items() if count <= most}
        if hits:
            learning_rate = max(hits, key=hits.__getitem__)
            mine = {kind: runs.tried(method, kind, learning_rate) for kind in ("question", "text")}
            found[method] = {
                "learning rate": plain(learning_rate),
                "correct": [hits[learning_rate], most],
                "knows": contrast(mine["question"], full["question"], "knows"),
                "more surprising": more_surprising(mine["text"], full["text"]),
                "n": len(full["text"]),
            }
    return found


def against_full(runs: Runs, method: str) -> dict:
    """What a method forgot beside full fine-tuning: general questions over all seeds; texts of the median seeds, then
    seed against the same seed.

    Losses are compared text by text. The interval is Student's, over the texts.
    """
    texts, other_texts = (runs.of(one, "text") for one in (method, FULL))
    gaps = gaps_of(median_rows(texts, "loss"), median_rows(other_texts, "loss"))
    gap = mean_interval(gaps)
    pairs = list(zip(by_seed(texts), by_seed(other_texts), strict=True))
    return {
        "knows": runs.compared(method, FULL, "question", "knows"),
        "times": {
            "median": round(exp(gap.estimate), 3),
            "low": round(exp(gap.low), 3),
            "high": round(exp(gap.high), 3),
            "seeds": [round(exp(mean(gaps_of(*pair))), 3) for pair in pairs],
        },
        "more surprising": [more_surprising(*pair) for pair in pairs],
    }


def gaps_of(texts: Rows, others: Rows) -> list[float]:
    """By how much the loss of each text is higher than that of the same text among others."""
    return [one["loss"] - other["loss"] for one, other in zip(texts, others, strict=True)]


def more_surprising(texts: Rows, others: Rows) -> int:
    """How many texts have a higher loss than the same text among others."""
    return sum(gap > 0 for gap in gaps_of(texts, others))


def perplexity_of(texts: Rows) -> float:
    """The perplexity of texts, each counting the same."""
    return round(exp(mean(row["loss"] for row in texts)), 2)


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e7 else f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"


def plain(learning_rate: float) -> str:
    """A learning rate without an exponent."""
    return f"{learning_rate:.5f}".rstrip("0")


def perplexity(value: float) -> str:
    """A perplexity in words; beyond a thousand two digits are all that means anything."""
    return f"{value:.1f}" if value < 1000 else f"{float(f'{value:.2g}'):,.0f}"


def times(figures: dict) -> str:
    """How many times as high, in words."""
    seeds = ", ".join(f"{seed:.2f}" for seed in figures["seeds"])
    return f"{figures['median']:.2f} ({figures['low']:.2f}-{figures['high']:.2f}); seeds {seeds}"


def page_table(metrics: dict, page: str) -> str:
    """The methods of one page: score, the comparison with one of them in short, and what they cost."""
    shown, other = ON_PAGE[page]
    compared = metrics["on page"].get(page) or {
        method: one["correct against rank 4"]
        for method, one in metrics["arms"].items()
        if method in shown and "correct against rank 4" in one
    }
    rows = [
        [
            f"{method}, the teacher" if method == other == TEACHER else method,
            proportion_words(one["correct"]),
            in_short(compared.get(method)),
            *(["0", "", ""] if method in UNTRAINED else cost_cells(one)),
        ]
        for method, one in ((method, metrics["arms"][method]) for method in shown if method in metrics["arms"])
    ]
    heads = ["", "Every field correct", f"Against {AGAINST[other]}", "Trained parameters", "Peak memory"]
    return table([*heads, "Compute, rank 4 = 1"], rows, right=3)


def in_short(figures: dict | None) -> str:
    """A comparison in one cell; nothing where there is none."""
    return f"{over_seeds_words(figures)}; {needed_words(figures)}" if figures else ""


def messages_table(metrics: dict) -> str:
    """Every comparison of messages correct, in full, but the students' with each other."""
    lines = {
        f"{method}, against {AGAINST[REFERENCE]}": one["correct against rank 4"]
        for method, one in metrics["arms"].items()
        if method != REFERENCE
    }
    lines |= {
        f"{method}, against {AGAINST[ON_PAGE[page][1]]}": one
        for page, compared in metrics["on page"].items()
        for method, one in compared.items()
    }
    return contrasts_table(["Every field correct"], lines, metrics)


def questions_table(metrics: dict) -> str:
    """Every comparison of general questions, in full, but the students' with what they began as."""
    lines = {
        f"{method}, against the base model": one["knows against base"]
        for method, one in metrics["arms"].items()
        if method != BASE
    }
    lines |= {f"{method}, against {FULL}": one["knows"] for method, one in metrics["against full"].items()}
    lines |= {
        f"{method} at {one['learning rate']}, against {FULL} at its lowest": one["knows"]
        for method, one in metrics["turned down"].items()
    }
    return contrasts_table(["General questions"], lines, metrics)


def cost_cells(one: dict) -> list[str]:
    """What a method trains and takes."""
    return [f"{one['trained']:,}", f"{one['peak_mb']:,.0f} MB", f"{one['time']:.1f}"]


def cost_table(arms: dict) -> str:
    """What each method trains, keeps and takes."""
    lines = [
        [method, f"{one['trained']:,}", megabytes(one["bytes"]), f"{one['peak_mb']:,.0f} MB", f"{one['time']:.1f}"]
        for method, one in arms.items()
        if method not in UNTRAINED
    ]
    return table(["", "Trained parameters", "Size on disk", "Largest memory", "Compute, rank 4 = 1"], lines, right=4)


def score_table(arms: dict) -> str:
    """What each method scores, and against the reference."""
    lines = [
        [
            method,
            plain(one["learning rate"]) if one["learning rate"] else "",
            proportion_words(one["conforms"]),
            proportion_words(one["correct"]),
            in_short(one.get("correct against rank 4")),
        ]
        for method, one in arms.items()
    ]
    return table(["", "Learning rate chosen", "In the format", "Every field correct", "Against rank 4"], lines)


def forgetting_table(arms: dict) -> str:
    """What each method left of what the model knew."""
    lines = [
        [
            method,
            " to ".join(dict.fromkeys(perplexity(one["perplexity"][at]) for at in (0, -1))),
            proportion_words(one["knows"]),
            in_short(one.get("knows against base")),
        ]
        for method, one in arms.items()
    ]
    return table(["", "Perplexity, seeds", "General questions correct", "Against the base model"], lines)


def students_table(metrics: dict) -> str:
    """What the students were taught, beside what the cut left them; and one kind of teaching beside the other."""
    lines = {(name, what): one for name, each in metrics["students"].items() for what, one in each.items()}
    return contrasts_table(["", ""], lines, metrics)


def against_full_table(metrics: dict) -> str:
    """What each method forgot beside full fine-tuning."""
    lines = [
        [
            method,
            ", ".join(map(str, one["more surprising"])),
            times(one["times"]),
            in_short(one["knows"]),
        ]
        for method, one in metrics["against full"].items()
    ]
    heads = [
        "Against full fine-tuning",
        "Texts with higher loss, by seed",
        "Perplexity, times that of full fine-tuning",
    ]
    return table([*heads, "General questions"], lines)


def turned_down_table(metrics: dict) -> str:
    """The same where both learned as little."""
    lines = [
        [
            method,
            one["learning rate"],
            " and ".join(map(str, one["correct"])),
            f"{one['more surprising']} of {one['n']}",
            in_short(one["knows"]),
        ]
        for method, one in metrics["turned down"].items()
    ]
    heads = [
        "Against full fine-tuning at its lowest learning rate",
        "Learning rate",
        "Every field correct",
        "Texts with higher loss",
    ]
    return table([*heads, "General questions"], lines)


def learning_rate_tables(metrics: dict) -> dict[str, str]:
    """Each method at every learning rate: what dev made of it, and what it scores on test and forgets."""
    learning_rates = [
        (method, learning_rate, one)
        for method, learning_rates in metrics["tried"].items()
        if method not in UNTRAINED
        for learning_rate, one in learning_rates.items()
    ]
    on_dev = [
        [method, learning_rate, f"{one['conforms']}/{one['n']}", f"{one['correct']}/{one['n']}"]
        for method, learning_rate, one in learning_rates
    ]
    on_test = [
        [
            f"**{method}**" if learning_rate == plain(metrics["arms"][method]["learning rate"]) else method,
            learning_rate,
            proportion_words(one["test"]),
            perplexity(one["perplexity"]),
            proportion_words(one["knows"]),
        ]
        for method, learning_rate, one in learning_rates
    ]
    return {
        "tried.md": table(["Tried on dev", "Learning rate", "In the format", "Every field correct"], on_dev, right=3),
        "traded.md": table(
            ["", "Learning rate", "Every field correct", "Perplexity", "General questions correct"], on_test
        ),
    }


def plots(metrics: dict) -> dict[str, str]:
    """Scores, what is left of general knowledge, and one over the other."""
    arms = metrics["arms"]
    spots = [
        Spots(
            method,
            [
                (one["test"]["share"], one["perplexity"], learning_rate == plain(arms[method]["learning rate"]))
                for learning_rate, one in metrics["tried"][method].items()
            ],
        )
        for method in arms
        if method not in (*STUDENTS, CUT)  # theirs are beyond any scale
    ]
    scores = [Bar.of(method, one["correct"], method == REFERENCE) for method, one in arms.items()]
    known = [Bar.of(method, one["knows"], method == BASE) for method, one in arms.items()]
    return {
        "score.svg": dots("Every field correct, by method", scores),
        "knows.svg": dots("General questions correct, by method", known),
        "traded.svg": scatter("What each run learned and forgot", spots, "every field correct", "perplexity"),
    }


def fragments(metrics: dict) -> dict[str, str]:
    """Tables of cost, score, forgetting and learning rates, and the plots, by file name."""
    arms = metrics["arms"]
    pages = {f"{page}.md": page_table(metrics, page) for page in ON_PAGE}
    return (
        pages
        | learning_rate_tables(metrics)
        | plots(metrics)
        | {
            "cost.md": cost_table(arms),
            "score.md": score_table(arms),
            "messages.md": messages_table(metrics),
            "questions.md": questions_table(metrics),
            "forgetting.md": forgetting_table(arms),
            "against-full.md": against_full_table(metrics),
            "turned-down.md": turned_down_table(metrics),
            "students.md": students_table(metrics),
        }
    )
