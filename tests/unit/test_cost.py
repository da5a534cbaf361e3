"""The cost model's program keeps the laws that costs obey, and the pages say what it says."""

import json
import math
import random
import re
import subprocess
import sys
from itertools import pairwise
from types import SimpleNamespace as Case

import pytest

from scripts.pages.cost import PAGE
from scripts.paths import DOCS, SNIPPETS
from tests.unit.cost_cases import EXAMPLE, PAIRS, PROGRAM, RANGES, SCENARIOS, drawn_cases, load, model, reckon
from tests.unit.node import run_module

WITH_SENSITIVITY = 200
RECKON = """(model, { cases, inputs }) => cases.map(([c, pair, deep]) => {
  const found = model.WAYS.flatMap((way) => {
    const spent = model.cumulative(way, c)
    return [model.perQuery(way, c), ...model.fixed(way, c), spent[0], spent[spent.length >> 1], spent.at(-1)]
  })
  found.push(model.breakEvenMonth(...pair, c), model.breakEvenQueries(...pair, c))
  return deep ? found.concat(model.sensitivity(...pair, c, inputs).flat()) : found
})"""


def distance(one: float | str, two: float | str) -> float:
    """How far two results are apart, relative to the larger; infinite if they differ in kind."""
    if one == two:
        return 0
    if isinstance(one, str) or isinstance(two, str) or math.inf in (one, two):
        return math.inf
    return abs(one - two) / max(abs(one), abs(two))


def test_page_and_program_agree_on_twelve_thousand_cases(record_property):
    rng = random.Random(6)
    asked = [(case, rng.choice(PAIRS), index < WITH_SENSITIVITY) for index, case in enumerate(drawn_cases())]
    answers = run_module("cost/model.js", RECKON, {"cases": asked, "inputs": RANGES})
    worst = 0.0
    for (case, pair, deep), answer in zip(asked, answers, strict=True):
        expected = reckon(case, pair, deep)
        got = [math.inf if part == "Infinity" else part for part in answer]
        assert len(got) == len(expected), f"{case} {pair}: {len(got)} results instead of {len(expected)}"
        far = max(map(distance, expected, got))
        assert far <= 1e-9, f"{case} {pair}: the page says {got}, the program {expected}"
        worst = max(worst, far)
    record_property("worst", worst)
    print(f"{len(asked)} cases, the largest relative difference {worst:.1e}")


def test_every_result_is_a_number():
    for case in drawn_cases(3000):
        found = reckon(case, ("tuned", "prompting"), deep=False)
        assert not any(math.isnan(part) for part in found), f"{case}: {found}"
        assert all(part >= 0 for part in found), f"{case}: {found}"
        assert all(math.isfinite(part) for part in found[:-2]), f"{case}: {found}"


def test_more_queries_never_cost_less_and_none_cost_only_what_is_fixed():
    for case in drawn_cases(2000):
        c, more, none = Case(**case), Case(**case), Case(**case)
        more.queries_per_month, none.queries_per_month = c.queries_per_month * 1.5 + 1, 0
        for way in model.WAYS:
            spent = model.cumulative(way, c)
            assert all(one <= two for one, two in pairwise(spent))
            assert all(one <= two for one, two in zip(spent, model.cumulative(way, more), strict=True))
            setup, month = model.fixed(way, c)
            assert model.cumulative(way, none)[-1] == pytest.approx(setup + c.months * month)


def test_caching_saves_at_most_what_reading_saves_and_costs_at_most_the_write_premium():
    for case in drawn_cases(3000):
        plain, cached = Case(**case | {"cached": 0}), Case(**case | {"cached": 1})
        for way in model.WAYS:
            before, after = model.per_query(way, plain), model.per_query(way, cached)
            assert after <= before * plain.cache_write_factor * (1 + 1e-12)
            assert after >= before * plain.cache_read_factor * (1 - 1e-12)


def test_break_even_in_queries_is_where_the_lines_meet():
    met = 0
    for index, case in enumerate(drawn_cases(3000)):
        way, other = PAIRS[index % len(PAIRS)]
        volume = model.break_even_queries(way, other, Case(**case))
        one, two = model.per_query(way, Case(**case)), model.per_query(other, Case(**case))
        if volume == math.inf:
            assert one >= two * (1 - 1e-11), f"{case}: {way} saves something against {other}"
            continue
        for at, ahead in ((volume * 1.1 + 1, True), (volume * 0.9, False)):
            c = Case(**case | {"queries_per_month": at})
            here, there = model.cumulative(way, c)[-1], model.cumulative(other, c)[-1]
            if ahead:
                assert here <= there * (1 + 1e-9), f"{case}: {way} does not cost less than {other} from {volume} on"
            elif volume:
                met += 1
                assert here >= there * (1 - 1e-9), f"{case}: {way} costs less than {other} before {volume}"
    assert met > 300, f"only {met} of the cases break even at a volume"


def test_break_even_in_months_is_the_first_month_that_stays_ahead():
    met = 0
    for index, case in enumerate(drawn_cases(3000)):
        way, other = PAIRS[index % len(PAIRS)]
        c = Case(**case)
        ahead = [one < two for one, two in zip(model.cumulative(way, c), model.cumulative(other, c), strict=True)]
        month = model.break_even_month(way, other, c)
        if month == math.inf:
            assert not ahead[-1]
        else:
            assert all(ahead[month:]) and not (month and ahead[month - 1])
            met += month > 0
    assert met > 100, f"only {met} of the cases break even in a month"


def test_facts_that_change_cost_the_tuned_way_and_no_other():
    for way in model.WAYS:
        one, two = (model.fixed(way, Case(**EXAMPLE | {"fact_changes_per_year": n})) for n in (0, 12))
        assert (one < two) if way == "tuned" else (one == two)


def test_the_sums_of_the_cost_page_come_out(capsys):
    simple = load(SNIPPETS / "trade-offs" / "cost" / "find_the_break_even.py")
    days = {name: 0 for name in EXAMPLE if name.endswith(("days", "days_per_month"))}
    base = EXAMPLE | days | {"training_price": 0, "search_price": 0, "embedding_price": 0, "months": 24}
    base |= {"tuned_hosting_price": simple.FIXED["tuned"], "index_price": simple.FIXED["retrieval"]}
    few_shot = Case(**base | {"prompt_tokens": simple.EXTRA_TOKENS["few-shot"]})
    retrieval = Case(**base | {"prompt_tokens": 200, "passage_tokens": simple.EXTRA_TOKENS["retrieval"] - 200})
    for way, theirs, c in (("prompting", "few-shot", few_shot), ("retrieval", "retrieval", retrieval)):
        assert model.per_query(way, c) == pytest.approx(simple.per_query(theirs))
        saved = simple.per_query(theirs) - simple.per_query("tuned")
        expected = (simple.FIXED["tuned"] - simple.FIXED[theirs]) / saved
        assert model.break_even_queries("tuned", way, c) == pytest.approx(expected)
        assert f"{expected:,.0f}" in capsys.readouterr().out or theirs == "retrieval"


def test_the_example_says_what_the_page_says():
    volume = model.break_even_queries("tuned", "prompting", Case(**EXAMPLE))
    assert f"{volume / 1e6:.2f} million" in PAGE.read_text(encoding="utf-8")
    assert f"{EXAMPLE['queries_per_month']:,} queries a month" in PAGE.read_text(encoding="utf-8")


def test_the_six_scenarios_are_those_of_the_guide():
    text = (DOCS / "ladder" / "scenarios.md").read_text(encoding="utf-8")
    anchors = re.findall(r"\]\(#([\w-]+)\)", text)[:6]
    assert [changes["anchor"] for changes in list(SCENARIOS.values())[1:]] == anchors
    assert all(set(changes) - {"ways", "why", "anchor"} <= set(RANGES) for changes in SCENARIOS.values())
    assert SCENARIOS["Live moderation"]["queries_per_month"] == 40_000_000 * 30


def changed(**changes) -> str:
    """The inputs' file with an example changed."""
    inputs = {name: about | {"example": changes.get(name, about["example"])} for name, about in RANGES.items()}
    return json.dumps({"inputs": inputs, "scenarios": {"Mine": {"ways": ["prompting"]}}})


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "3", '{"inputs": {}, "scenarios": {}}', '{"inputs": [], "scenarios": []}', "\udcff", None]
    + [changed(day_price=value) for value in (-1, 1e308, "much", None, math.nan, math.inf, [])]
    + [changed(months=12.5), changed(months=0)],
)
def test_a_bad_file_is_told_in_one_sentence(text, tmp_path):
    if text is not None:
        (tmp_path / "mine.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    result = subprocess.run([sys.executable, PROGRAM, "mine.json"], cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert result.returncode == 1
    assert result.stderr.startswith("Name inputs.json") and result.stderr.count("\n") == 1, result.stderr
