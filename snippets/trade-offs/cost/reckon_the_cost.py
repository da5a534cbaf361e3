"""What four ways to answer cost month by month, when one overtakes another, and which input decides it."""

import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace as Case

WAYS = ("prompting", "retrieval", "tuned", "combined")
SEARCHES = ("retrieval", "combined")
TUNED = ("tuned", "combined")
EVALUATIONS = {"prompting": 1, "retrieval": 2, "tuned": 2, "combined": 3}  # two halves; baselines; both


def per_query(way: str, c: Case) -> float:
    """Credits for one query: tokens read and written, thinking among them, cache, batches, search."""
    hit = c.cache_hit_percent / 100
    cache = hit * c.cache_read_factor + (1 - hit) * c.cache_write_factor if c.cached else 1
    tokens_read = (c.tuned_prompt_tokens if way in TUNED else c.prompt_tokens) * cache + c.question_tokens
    tokens_read += c.passage_tokens if way in SEARCHES else 0
    written = c.thinking_tokens + c.answer_tokens
    credits = (tokens_read * c.input_price + written * c.output_price) / 1e6
    credits *= 1 - c.batch_percent / 100 * (1 - c.batch_price_factor)
    search = c.search_price / 1e3 + c.question_tokens * c.embedding_price / 1e6
    return credits * (c.tuned_price_factor if way in TUNED else 1) + (search if way in SEARCHES else 0)


def fixed(way: str, c: Case) -> tuple[float, float]:
    """Credits before the first query, and credits a month at any volume, rare events being spread over the year."""
    embedding = c.corpus_million_tokens * c.embedding_price
    tuning = c.runs_per_tuning * c.training_million_tokens * c.training_price + c.tuning_days * c.day_price
    evaluation = EVALUATIONS[way] * c.evaluation_days * c.day_price
    events = (c.withdrawals_per_year + (c.fact_changes_per_year if way == "tuned" else 0)) / 12
    setup = c.prompt_setup_days * c.day_price + evaluation  # each way pays for a prompt: it comes first
    month = c.prompt_days_per_month * c.day_price + events * evaluation
    if way in SEARCHES:
        setup += c.retrieval_setup_days * c.day_price + embedding
        month += c.retrieval_days_per_month * c.day_price + c.index_price + c.reembedded_per_year / 12 * embedding
    if way in TUNED:
        setup += c.tuning_setup_days * c.day_price + tuning
        month += c.tuned_hosting_price + c.tuned_hour_price * c.tuned_hours_per_month + events * tuning
    return setup, month


def cumulative(way: str, c: Case) -> list[float]:
    """Credits spent by the end of month 0 (setup), 1, 2 ... of the months looked ahead."""
    setup, month = fixed(way, c)
    spent = [setup]
    growth = 1 + c.growth_percent_per_month / 100
    for past in range(c.months):
        spent.append(spent[-1] + month + c.queries_per_month * growth**past * per_query(way, c))
    return spent


def break_even_month(way: str, other: str, c: Case) -> float:
    """The month from whose end on a way has cost less than another; infinite if it has not by the last."""
    pairs = zip(cumulative(way, c), cumulative(other, c), strict=True)
    last = max((month for month, (here, there) in enumerate(pairs) if here >= there), default=-1)
    return last + 1 if last < c.months else math.inf


def break_even_queries(way: str, other: str, c: Case) -> float:
    """Queries in the first month from which on a way costs less over all months than another; infinite if never."""
    served = sum((1 + c.growth_percent_per_month / 100) ** past for past in range(c.months))
    setup, month = fixed(way, c)
    other_setup, other_month = fixed(other, c)
    dearer = setup - other_setup + c.months * (month - other_month)
    saved = per_query(other, c) - per_query(way, c)
    if saved <= 1e-12 * per_query(other, c):  # nothing, but for rounding
        return 0.0 if dearer < 0 and saved >= -1e-12 * per_query(other, c) else math.inf
    return max(0.0, dearer / (saved * served))


def with_changed(c: Case, name: str, factor: float, about: dict) -> Case:
    """The case with one input multiplied by a factor, within the range of that input."""
    value = min(max(getattr(c, name) * factor, about["lowest"]), about["highest"])
    return Case(**vars(c) | {name: int(value) if name == "months" else value})


def sensitivity(way: str, other: str, c: Case, inputs: dict) -> list[tuple[float, str, float, float]]:
    """What moves that break-even: by what factor, input, queries with a quarter less of it, with a quarter more."""
    rows = []
    for name, about in inputs.items():
        less = break_even_queries(way, other, with_changed(c, name, 0.75, about))
        as_it_is = break_even_queries(way, other, with_changed(c, name, 1, about))
        more = break_even_queries(way, other, with_changed(c, name, 1.25, about))
        factor = max(less, as_it_is, more) / (min(less, as_it_is, more) or 1e-300)
        rows.append((factor, name, less, more))
    return sorted((row for row in rows if row[0] > 1 + 1e-9), key=lambda row: -row[0])


if __name__ == "__main__":
    try:
        inputs, scenarios = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8-sig")).values()
        example = {name: about["example"] for name, about in inputs.items()}
        cases = {name: Case(**example | changes) for name, changes in scenarios.items()}
        first, *_ = cases.values()
        for c in cases.values():
            assert isinstance(c.months, int) and set(c.ways) <= set(WAYS), "months or ways"
            for name, about in inputs.items():
                assert about["lowest"] <= vars(c)[name] <= about["highest"], f"{name} is out of its range"
    except (IndexError, OSError, ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        sys.exit(
            "Name inputs.json, downloaded from this program's page, or a copy with new figures within its ranges. "
            f"What is wrong: {error!r}"
        )
    print("Credits by the end of month" + "".join(f"{month:11}" for month in range(first.months + 1)[::6]))
    for way in WAYS:
        print(f"  {way:25}" + "".join(f"{spent:11,.0f}" for spent in cumulative(way, first)[::6]))
    print("\nQueries a month from which the first costs less, over all months; with a quarter less, more of an input")
    for way, other in (("tuned", "prompting"), ("tuned", "retrieval"), ("combined", "retrieval")):
        print(f"  {f'{way}, {other}':25}{break_even_queries(way, other, first):11,.0f}".replace("  inf", "never"))
        for _, name, *ends in sensitivity(way, other, first, inputs)[:3]:
            print(f"    {name:34}" + "".join(f"{end:11,.0f}" for end in ends).replace("  inf", "never"))
    print("\nCredits over all months, for the ways that could do the job")
    for name, c in cases.items():
        print(f"  {name:17}" + "".join(f"{way:>10} {cumulative(way, c)[-1]:<11,.0f}" for way in c.ways).rstrip())

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
