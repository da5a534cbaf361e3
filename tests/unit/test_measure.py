"""What the page on measuring computes is what the `rung` command computes: both on the same random tables."""

import json
import math
import random
import unicodedata

import bm25s
import numpy as np
import pytest
from rung.case import names_of, read_case, split_of
from rung.classifiers import regression_on
from rung.retrieval import WORD, Hit, composed, fused
from rung.verdict import judge

from rung import cutting, scoring, statistics
from scripts import record_measure
from scripts.paths import DOCS, ROOT
from tests.programs.front_matter_cases import FRONT_MATTER, NO_FRONT_MATTER
from tests.programs.html_table_cases import AT_MOST, DAMAGED, FEW, HTML_TABLES, MANY, WITHIN
from tests.unit.node import run_module

NEAR = 1e-9
AGAIN = "run `make record only=measure`"
TABLES = """(statistics, tables) => tables.map(({ won, lost, n, margin, alpha }) => {
  const interval = statistics.pairedDifference(won, lost, n)
  return [
    statistics.mcNemar(won, lost),
    interval.estimate,
    interval.low,
    interval.high,
    statistics.noninferiority(won, lost, n, margin),
    ...statistics.wilson(won, n),
    statistics.winsNeeded(won + lost, alpha),
    statistics.superiorityPower((won + 0.5) / (n + 2), (lost + 0.5) / (n + 2), n, alpha),
    statistics.itemsNeeded(won / n, lost / n, alpha),
    statistics.noninferiorityItemsNeeded(won / n, lost / n, margin, alpha),
  ]
})"""
VERDICTS = """(verdict, cases) => cases.map(({ systems, margin, alpha }) => {
  const named = systems.map((hits, at) => ({ name: "abcdef"[at], hits: hits.map(Boolean) }))
  const { standings, steps, stop, more, sentence } = verdict.judge(named, margin, alpha)
  const standing = ({ rate, state, pEnough }) => [rate.hits, rate.n, rate.low, rate.high, state, pEnough]
  const step = ({ lower, higher, won, lost, n, difference, pBetter, pNotWorse }) =>
    [lower, higher, won, lost, n, difference.low, difference.high, pBetter, pNotWorse]
  return [stop, more, sentence, standings.map(standing), steps.map(step)]
})"""


def differing(found: object, wanted: object, where: str = "") -> list[str]:
    """Where two nested results are not the same: numbers by more than 1e-9, absolute and relative to the larger."""
    if isinstance(wanted, list | tuple):
        assert len(found) == len(wanted), where
        pairs = enumerate(zip(found, wanted, strict=True))
        return [one for place, pair in pairs for one in differing(*pair, f"{where}/{place}")]
    if isinstance(wanted, float) and isinstance(found, int | float):
        return [] if math.isclose(found, wanted, rel_tol=NEAR, abs_tol=NEAR) else [f"{where}: {found} not {wanted}"]
    return [] if found == wanted else [f"{where}: {found!r} not {wanted!r}"]


def drawn_tables(count: int) -> list[dict]:
    """Random tables of won and lost items, the extremes among them."""
    rng = random.Random(17)
    tables = [
        {"won": won, "lost": lost, "n": n} for n in (1, 2, 7) for won in range(n + 1) for lost in range(n + 1 - won)
    ]
    while len(tables) < count:
        n = rng.choice([5, 30, 100, 140, 400, 1500])
        won = rng.randint(0, n) if rng.random() < 0.3 else rng.randint(0, max(1, n // 5))
        tables.append({"won": won, "lost": rng.randint(0, min(n - won, max(1, n // 4))), "n": n})
    for table in tables:
        table |= {"margin": rng.choice([0.01, 0.05, 0.1, 0.25]), "alpha": rng.choice([0.05, 0.025, 0.05 / 3])}
    return tables


def of_python(won: int, lost: int, n: int, margin: float, alpha: float) -> list:
    """What rung.statistics makes of one table."""
    compared = statistics.paired(
        [True] * won + [False] * (n - won), [False] * won + [True] * lost + [False] * (n - won - lost)
    )
    interval, share = statistics.paired_difference(won, lost, n), statistics.rate([True] * won + [False] * (n - won))
    return [
        compared.p,
        interval.estimate,
        interval.low,
        interval.high,
        statistics.noninferiority(won, lost, n, margin),
        share.low,
        share.high,
        int(statistics.wins_needed(won + lost, alpha)),
        statistics.superiority_power((won + 0.5) / (n + 2), (lost + 0.5) / (n + 2), n, alpha),
        statistics.items_needed(won / n, lost / n, alpha=alpha),
        statistics.noninferiority_items_needed(won / n, lost / n, margin, alpha),
    ]


def test_every_statistic_of_random_tables_is_that_of_python():
    tables = drawn_tables(400)
    found = run_module("measure/statistics.js", TABLES, tables)
    assert len(found) == 400
    assert not differing(found, [of_python(**table) for table in tables])


def ends(interval: statistics.Interval) -> tuple[float, float]:
    """The two ends of an interval."""
    return interval.low, interval.high


def drawn_systems(rng: np.random.Generator) -> list[list[int]]:
    """One to five systems on the same items, which resemble each other as systems do."""
    items, count = int(rng.choice([8, 40, 140, 400])), int(rng.integers(1, 6))
    hardness = rng.random(items)
    return [
        [int(hard < level) for hard in np.clip(hardness + rng.normal(0, 0.2, items), 0, 1)]
        for level in rng.random(count)
    ]


def test_the_verdict_on_random_systems_is_that_of_python_in_the_same_words():
    rng = np.random.default_rng(17)
    cases = [
        {"systems": drawn_systems(rng), "margin": float(rng.choice([0.02, 0.05, 0.125])), "alpha": 0.05}
        for _ in range(150)
    ]
    found = run_module("measure/verdict.js", VERDICTS, cases)
    wanted, seen = [], set()
    for case in cases:
        verdict = judge(list(zip("abcdef", case["systems"], strict=False)), case["margin"], case["alpha"])
        standings = [
            [one.rate.hits, one.rate.n, one.rate.low, one.rate.high, one.state, one.p_enough]
            for one in verdict.standings
        ]
        steps = [
            [
                one.lower,
                one.higher,
                one.won,
                one.lost,
                one.n,
                one.difference.low,
                one.difference.high,
                one.p_better,
                one.p_not_worse,
            ]
            for one in verdict.steps
        ]
        wanted.append([verdict.rung, verdict.more, verdict.sentence, standings, steps])
        seen.add((verdict.rung is None, verdict.more is None, len(case["systems"])))
    assert len(seen) >= 8, "the drawn cases are too much alike"
    assert not differing(found, wanted)


@pytest.mark.parametrize("probability", [1e-12, 0.0123, 0.3, 0.5, 0.8, 0.975, 1 - 1e-9])
def test_the_normal_distribution_and_its_quantiles_are_those_of_scipy(probability):
    from scipy.special import ndtr, ndtri

    at = float(ndtri(probability))
    function = "(module, [share, at]) => [module.normalQuantile(share), module.normalBelow(at)]"
    found = run_module("measure/distributions.js", function, [probability, at])
    assert not differing(found, [at, float(ndtr(at))])


def test_the_sample_is_what_the_experiment_predicted_and_the_page_says_what_rung_says_of_it():
    sample = json.loads(record_measure.FILE.read_text(encoding="utf-8"))
    assert sample["systems"] == record_measure.systems(), AGAIN
    assert sample["labels"] == record_measure.labels(), AGAIN
    simple, forty, most = [(one["name"], one["hits"]) for one in sample["systems"]["systems"]]
    page = (DOCS / "tools" / "measure.md").read_text(encoding="utf-8")
    for other in (forty, most):
        verdict = judge([simple, other], 0.05)
        (step,) = verdict.steps
        better = f"{other[0].removesuffix(' messages')} is better"
        outcome = f"open: about {verdict.more} more test items would tell" if verdict.open else better
        assert f"| {step.won} | {step.lost} | {outcome} |" in page


LEARN = """(module, { vectors, labels, others, classes }) => {
  const rows = (list) => list.map((row) => Float64Array.from(row))
  const training = module.fitBalanced(rows(vectors), labels, classes)
  let step = training.next()
  while (!step.done) step = training.next()
  return [module.labelled(rows(others), step.value), step.value.map((row) => [...row])]
}"""


@pytest.mark.parametrize("teams", [4, 2])
def test_the_head_is_the_logistic_regression_of_rung(teams):
    vectors, labels = record_measure.vectors(), record_measure.truth()
    known = [at for at, label in enumerate(labels) if label < teams]
    learn, held_out = known[::2], known[1::2]
    given = {"vectors": vectors[learn].tolist(), "others": vectors[held_out].tolist(), "classes": teams}
    found, weights = run_module("measure/learn.js", LEARN, given | {"labels": [labels[at] for at in learn]})
    taught = [labels[at] for at in learn]
    fitted = regression_on(vectors[learn], taught).set_params(tol=1e-9).fit(vectors[learn], taught)
    rows = np.array(weights)
    wanted = np.vstack([fitted.coef_.T, fitted.intercept_])
    # Only differences between labels count: two labels have one row in Python, and a constant may be added to a bias.
    between = rows[:, 1:] - rows[:, :-1] if teams > 2 else rows[:, 1:] - rows[:, :1]
    wanted = wanted[:, 1:] - wanted[:, :-1] if teams > 2 else wanted
    assert np.abs(between - wanted).max() < 0.02 < np.abs(wanted).max() / 20
    assert found == fitted.predict(vectors[held_out]).tolist()


CANONICAL = "(module, texts) => texts.map((text) => [module.canonical(text), module.isTest(text)])"
STANDS = """(module, rows) => rows.map(([text, facts]) => {
  return module.standsIn(module.canonical(text), facts.map(module.canonical))
})"""
ODD = (
    "£5.00, £ 5, -5 and minus £5; RX-3, RX-5; 45km of 30-day 30 days\u2019 1,000.50 3,4 5,00 2,640 items: 12.0 12.05 "
    "Straße ΣΊΣΥΦΟΣ “quoted” soft\u00adhyphen cafe\u0301 ﬁrst 9 to 17, at 10%, 20 °C C++ C# 5pm - -5 a-b-c 1.000.000 "
    "£1,280,000. \u017f"
)


def texts_of_the_guide() -> list[str]:
    """Documents, questions and messages of the fictional company, in pieces, and what is odd in figures and letters."""
    files = sorted((ROOT / "rung" / "src" / "rung" / "sample").rglob("*.*"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    words = ODD.split()
    return [*lines, ODD, *words, *(" ".join(words[at : at + 3]) for at in range(len(words)))]


def test_texts_are_compared_and_split_as_in_python():
    texts = texts_of_the_guide()
    found = run_module("measure/scoring.js", CANONICAL, texts)
    assert len(texts) > 800
    assert not differing(found, [[scoring.canonical(text), split_of(text, 0.6) == "test"] for text in texts])


def test_an_accepted_answer_stands_where_it_stands_in_python():
    rng = random.Random(3)
    texts = texts_of_the_guide()
    words = sorted({word for text in texts for word in text.split()})
    short = ["5", "30 days", "£5", "16|sixteen", "10", "12"]
    rows = [[rng.choice(texts), [rng.choice(words), rng.choice(short)]] for _ in range(4000)]
    rows += [[ODD, [fact]] for fact in ODD.split()] + [[ODD, [str(number)]] for number in range(60)]
    found = run_module("measure/scoring.js", STANDS, rows)
    wanted = [scoring.holds(text, facts) for text, facts in rows]
    assert 100 < sum(wanted) < len(rows) - 100
    assert not differing(found, wanted)


CUT = """(module, rows) => rows.map(([name, text, limit]) => {
  return module.cut(name, text, limit).map((passage) => [passage.heading, passage.text])
})"""
WRITTEN = """---
title: "A loan"
---
# Loans #

Loans last 21 days. They can be renewed twice! And then? Then *not*; never.

## Fines

- a day: 15 cents
- lost: £12

| Book | Fine |
|---|---|
| new | £20 |

```python
# no heading

print("in code")
```

Opening hours
-------------
From 9 to 17.

1. First
2. Second

> quoted
***
### Rooms
Room 4 seats 12.
"""


LONG_BEFORE_A_RULE = "\n".join(f"line {number} of a log" for number in range(300)) + "\n---\nand more\n"


TABLE = ["| Book | Fine |", "|---|---|", *(f"| number {number} | £{number} |" for number in range(20))]
TABLES_WITHIN = [
    "\n".join(TABLE),
    "\n".join([f"- {TABLE[0]}", *(f"  {line}" for line in TABLE[1:])]),
    "\n".join([*(f"> {line}" for line in TABLE), "> and no more"]),
    "\n".join(["Fines:", *TABLE, "", "And that is all."]),
]


def test_documents_are_cut_as_in_python():
    folder = record_measure.SAMPLE_CASE / "documents"
    rows = [
        [path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"), limit]
        for path in sorted(folder.rglob("*.md"))
        for limit in (20, 60, 150)
    ]
    rows += [["loans.md", WRITTEN, limit] for limit in (8, 20, 150)]
    rows += [
        ["faq/index.md", "no heading " * 300, 50],
        ["x.txt", "word" * 500, 5],
        ["log.md", LONG_BEFORE_A_RULE, 50],
        ["log.md", "The tide was low.\n" * 6 + "---\nand more\n", 50],
        ["log.md", f"# {'The tide was low. ' * 6}\nand more\n", 50],
        ["empty.md", "\n\n", 9],
    ]
    rows += [["a.md", f"{text}Twelve berths.", 50] for text, _ in [*FRONT_MATTER, *NO_FRONT_MATTER]]
    rows += [["fees.md", written, limit] for written in TABLES_WITHIN for limit in (20, 40)]
    rows += [
        [name, f"By the day.\n\n{text}\n", limit]
        for text in [WITHIN, *(text for text, *_ in HTML_TABLES.values())]
        for name in ("hire.md", "hire.txt")
        for limit in (60, 120)
    ]
    rows += [["hire.md", damaged(600), limit] for damaged in DAMAGED.values() for limit in (20, 60)]
    nested = "<table><tr><th>Boat<tr><td>Heron <table><tr><th>Fee</th></tr><tr><td>£5</td></tr></table></table>"
    rows += [["hire.md", nested * 9, limit] for limit in (20, 40, 60)]
    found = run_module("measure/cutting.js", CUT, rows)
    wanted = [[[one.heading, one.text] for one in cutting.cut(name, text, limit)] for name, text, limit in rows]
    assert sum(map(len, wanted)) > 500
    assert not differing(found, wanted)


TIMED = """(module, texts) => texts.map((text) => {
  const seconds = []
  let passages
  for (let i = 0; i < 3; i += 1) {
    const since = process.cpuUsage()
    passages = module.cut("hire.md", text, 60)
    const { user, system } = process.cpuUsage(since)
    seconds.push((user + system) / 1e6)
  }
  return [Math.min(...seconds), passages.map((passage) => passage.text).join("")]
})"""


def test_damaged_markup_takes_no_longer_than_its_length():
    made = DAMAGED | {"front matter never closed": lambda count: "---\n" + "boat: Heron\n" * count}
    long, short = ([one(count) for one in made.values()] for count in (MANY, FEW))
    cut = run_module("measure/cutting.js", TIMED, long + short)
    for name, text, (seconds, joined), (least, _) in zip(made, long, cut[: len(made)], cut[len(made) :], strict=True):
        assert seconds < AT_MOST * least, f"{name}: each part of it is read again for each other"
        assert "".join(joined.split()) == "".join(text.split()), name


SEARCH = """(module, { texts, questions, top }) => {
  const index = module.indexWords(texts)
  return questions.map((question) => module.byWords(index, question, top))
}"""


def test_words_are_searched_as_in_python():
    read = read_case(record_measure.SAMPLE_CASE)
    limit = record_measure.PASSAGE_WORDS
    texts = [one.shown for name, text in read.documents() for one in cutting.cut(name, text, limit)]
    questions = [item.text for item in read.items]
    texts += [
        "Written in C++.",
        "Written in C#.",
        "Written in C.",
        "Bu\u0308ro in M\u00fcnchen",
        "bu, ro, mu, nchen",
        "F#, A++",
    ]
    questions += ["C++?", "Is it C#", "in C", "B\u00fcro, Mu\u0308nchen", "ro nchen", "a++ or F#", "F a"]
    found = run_module("measure/retrieval.js", SEARCH, {"texts": texts, "questions": questions, "top": 5})
    words = bm25s.BM25()
    texts, questions = ([composed(one) for one in some] for some in (texts, questions))
    words.index(bm25s.tokenize(texts, token_pattern=WORD, stopwords=None, show_progress=False), show_progress=False)
    asked = bm25s.tokenize(questions, token_pattern=WORD, stopwords=None, return_ids=False, show_progress=False)
    places, scores = words.retrieve(asked, k=6, show_progress=False)
    for mine, theirs, values in zip(found, places.tolist(), scores.tolist(), strict=True):
        # Passages of the same score may stand in either order: then their scores are compared.
        assert [values[theirs.index(place)] for place in mine] == pytest.approx(
            [value for value in values[:5] if value > 0], rel=1e-5
        ), mine


NAMED = "(module, rows) => rows.map(([asked, name]) => module.sameDocument(asked, name))"


def test_a_document_is_called_as_in_python():
    names = ["B\u00fcro.md", "rules/Bu\u0308ro.md", "rules/fees.2026.md", "plain"]
    asked = ["B\u00fcro", "Bu\u0308ro", "Buro", "rules/B\u00fcro.md", "fees.2026", "fees", "plain", "rules"]
    rows = [[one, name] for one in asked for name in names]
    found = run_module("measure/questions.js", NAMED, rows)
    assert found == [unicodedata.normalize("NFC", one) in names_of(name) for one, name in rows]
    assert sum(found) == 7


CASE = """(module, { documents, table }) => {
  const { questions } = module.questionsOf(table, "questions.csv")
  const passages = module.passagesOf(documents)
  const gold = module.goldOf(questions, passages)
  return [passages.length, questions.map(({ item }, at) => [item, [...gold[at]]])]
}"""


def test_the_sample_case_has_the_passages_and_the_answers_of_rung():
    case = json.loads(record_measure.CASE.read_text(encoding="utf-8"))
    assert case == record_measure.case(), AGAIN
    recorded = json.loads(record_measure.FILE.read_text(encoding="utf-8"))["searches"]
    given = {"documents": case["documents"], "table": case["questions"]}
    passages, gold = run_module("measure/questions.js", CASE, given)
    assert passages == recorded["passages"], AGAIN
    assert sorted(item for item, places in gold if places) == recorded["items"], AGAIN
    assert not recorded["nowhere"]


OWN = """(module, given) => {
  const { notes, gold, passages } = new module.OwnCase(given)
  return [notes, gold.map((places) => [...places]), passages.map(({ text }) => text)]
}"""


def test_a_document_that_stands_twice_is_read_once_and_called_by_either_name():
    texts = {"loans.md": "A loan lasts 21 days.", "times.md": "The pier closes at 21."}
    texts["closing.md"] = texts["times.md"]
    rows = [f"When by {name}?,21,{name}" for name in ("times", "closing.md", "loans")]
    table = {"name": "questions.csv", "text": "\n".join(["question,answers,document", *rows])}
    documents = [{"name": name, "text": text} for name, text in texts.items()]
    notes, gold, passages = run_module("measure/own_case.js", OWN, {"documents": documents, "table": table})
    assert notes == ["times.md is read once, and its copies are left out: closing.md."]
    assert gold == [[1], [1], [0]] and passages == list(texts.values())[:2]


FUSED = "(module, rows) => rows.map((lists) => module.fused(lists, 10))"


def test_rankings_are_fused_as_in_python():
    rng = random.Random(5)
    rows = [[rng.sample(range(40), rng.randint(0, 30)) for _ in range(2)] for _ in range(200)]
    wanted = [[hit.number for hit in fused([[Hit(one, 0.0) for one in some] for some in lists])[:10]] for lists in rows]
    assert run_module("measure/retrieval.js", FUSED, rows) == wanted
