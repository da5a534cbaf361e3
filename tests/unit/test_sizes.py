"""What a larger model did to each finding: read off two paired comparisons; every figure is where it is said."""

import re
from fractions import Fraction
from statistics import mean

import pytest

from scripts.pages import sizes
from scripts.pages.data import BrokenData
from scripts.pages.kept_answers import compared, mcnemar, outcomes
from scripts.pages.ledger import claims

FINDING = {
    "id": "example",
    "question": "Does it help?",
    "experiment": "example",
    "page": "ladder/rag.md",
    "first": {"name": "retrieval", "metric": ["retrieval"]},
    "second": {"name": "closed book", "metric": ["closed book"]},
    "paired": ["compared"],
    "items": {"field": "correct", "first": {"unit": "retrieval"}, "second": {"unit": "closed book"}},
}


def metrics(won: int, lost: int, p: float) -> dict:
    """Results of an experiment with one comparison."""
    return {
        "retrieval": {"hits": 40 + won, "n": 100},
        "closed book": {"hits": 40 + lost, "n": 100},
        "compared": {"won": won, "lost": lost, "p": p},
    }


CLEARLY, BARELY, WORSE = metrics(30, 2, 0.000001), metrics(9, 7, 0.8), metrics(3, 25, 0.00002)


@pytest.mark.parametrize(
    ("larger", "smaller", "change"),
    [
        (CLEARLY, CLEARLY, "the same"),
        (WORSE, WORSE, "the same"),
        (CLEARLY, WORSE, "reversed"),
        (WORSE, CLEARLY, "reversed"),
        (CLEARLY, BARELY, "only the larger"),
        (BARELY, WORSE, "only the smaller"),
        (BARELY, BARELY, "neither"),
    ],
)
def test_what_size_did_is_read_off_both_comparisons(monkeypatch, larger, smaller, change):
    results = {"1.5B": larger, "135M": smaller}
    monkeypatch.setattr(sizes, "metrics_of", lambda _, size: results[size])
    assert sizes.change_of(FINDING) == change


@pytest.fixture
def answers(monkeypatch):
    """Sets the kept answers: of each size the share of 100 items that the first arm leads by."""

    def lead(larger: int, smaller: int) -> None:
        leads = {"1.5B": larger, "135M": smaller}

        def arm(_, size, where, __):
            ahead = leads[size] if where == FINDING["items"]["first"] else 0
            return {str(item): Fraction(item < ahead) for item in range(100)}

        monkeypatch.setattr(sizes, "averages", arm)

    return lead


def test_a_difference_between_the_models_is_tested_by_itself(answers):
    answers(30, 30)
    assert sizes.interaction(FINDING) == {"points": 0, "p": 1}
    answers(30, 5)
    assert sizes.interaction(FINDING)["points"] == pytest.approx(25)
    assert sizes.interaction(FINDING)["p"] == pytest.approx(mcnemar(25, 0))
    assert "**the models differ**: +25 points, p < 0.001" in sizes.interaction_words(sizes.interaction(FINDING))


def test_significant_with_one_model_only_is_no_difference_between_them(answers):
    answers(8, 4)  # 8 of 8 is p = 0.008, 4 of 4 is p = 0.12
    assert mcnemar(8, 0) < sizes.ALPHA < mcnemar(4, 0)
    assert (
        sizes.interaction_words(sizes.interaction(FINDING)) == "not shown that the models differ: +4 points, p = 0.12"
    )


def test_a_finding_of_both_models_must_name_its_answers():
    without = {key: value for key, value in FINDING.items() if key != "items"} | {"experiment": "trust"}
    (problem,) = sizes.problems_of([without])
    assert problem.startswith("example: add `items`")
    assert not sizes.problems_of([without | {"experiment": "behaviour"}])


@pytest.mark.parametrize("finding", [one for one in sizes.findings() if "items" in one], ids=lambda one: one["id"])
@pytest.mark.parametrize("size", sizes.SIZES)
def test_the_answers_of_a_finding_are_those_that_its_figures_count(finding, size):
    for arm in ("first", "second"):
        answers = sizes.answers_of(finding, size, arm)
        counted = sizes.figure(finding, size, finding[arm]["metric"])
        seeds = counted.get("seeds", [counted["hits"]])
        assert sum(answers.values()) == Fraction(sum(seeds), len(seeds))


def test_every_experiment_is_told_once_with_the_models_that_ran_it():
    told = re.findall(r"`([\w-]+)`", sizes.coverage())
    assert sorted(told) == sorted(file.parent.name for file in sizes.EXPERIMENTS.glob("*/experiment.py"))


def of_both(experiment: str, where: dict) -> tuple[int, int]:
    """The correct answers of one run with the larger model and with the smaller."""
    found = compared(*(outcomes(experiment, size, where, "correct") for size in sizes.SIZES))
    return found["first"], found["second"]


def seeds_of(size: str, metric: str, wording: str = "paraphrase") -> str:
    """The correct answers of an arm of `knowledge` by seed, as the prose lists them."""
    *most, last = sizes.metrics_of("knowledge", size)["arms"][metric][wording]["seeds"]
    return f"{', '.join(map(str, most))} and {last}"


def test_the_page_quotes_the_kept_answers():
    text = sizes.PAGE.read_text(encoding="utf-8")
    one, other = (of_both("knowledge", {"unit": "retrieval", "wording": name}) for name in ("direct", "paraphrase"))
    three, more = (of_both("reading", {"unit": "read/best", "wording": name}) for name in ("direct", "paraphrase"))
    given = of_both("reading", {"unit": "read/given", "wording": "direct"})
    for said in (
        f"[{one[0]} of a hundred questions](../tools/rungs.md) and the small one {one[1]}.",
        f"With [three longer passages](reading.md) the larger model answered {three[0]} and the small one {three[1]}:",
        f"With the right passage given by hand they answered {given[0]} and {given[1]}.",
        f"they answered {other[0]} of a hundred and {other[1]}.",
        f"from three longer passages it answered {more[0]},",
        seeds_of("1.5B", "fine-tuned on facts, four wordings"),
        seeds_of("135M", "fine-tuned on facts, four wordings"),
    ):
        assert said in text


def test_the_ledger_quotes_the_kept_answers():
    notes = {claim["id"]: claim["note"] for claim in claims()}
    one, other = (of_both("knowledge", {"unit": "retrieval", "wording": name}) for name in ("direct", "paraphrase"))
    for number in ("C8", "C29"):
        assert f"{one[0]} of 100" in notes[number] and f"{other[0]} of 100" in notes[number]
    for number in ("C25", "C29"):
        assert seeds_of("1.5B", "fine-tuned on facts, four wordings") in notes[number]


def test_where_fewer_are_better_the_arm_with_fewer_is_named(monkeypatch, answers):
    answers(0, 0)
    monkeypatch.setattr(sizes, "metrics_of", lambda *_: CLEARLY)
    attack = FINDING | {"fewer": "answers that obeyed"}
    assert sizes.cell(attack, "135M") == "70/100 against 42/100<br>**closed book**<br>30 more, 2 fewer, p < 0.001"
    assert "retrieval against closed book; answers that obeyed" in sizes.row(attack)
    assert sizes.change_of(attack) == "the same"


def test_a_row_names_the_better_arm_of_each_size(monkeypatch, answers):
    answers(0, 0)
    results = {"1.5B": WORSE, "135M": BARELY}
    monkeypatch.setattr(sizes, "metrics_of", lambda _, size: results[size])
    _, what, larger, smaller, change, _ = (cell.strip() for cell in sizes.row(FINDING).split("|"))
    assert what == "[Does it help?](../ladder/rag.md)<br>retrieval against closed book"
    assert larger == "43/100 against 65/100<br>**closed book**<br>3 won, 25 lost, p < 0.001"
    assert smaller == "49/100 against 47/100<br>**cannot be told apart**<br>9 won, 7 lost, p = 0.8"
    assert change.startswith("told apart with the larger model only<br>not shown that the models differ")


def test_arms_with_seeds_are_compared_by_their_difference_over_them(monkeypatch):
    paired = {"difference": -0.153, "low": -0.24, "high": -0.05, "p": 0.0024}
    monkeypatch.setattr(sizes, "metrics_of", lambda *_: CLEARLY | {"compared": paired})
    assert sizes.outcome(FINDING, "135M") == "second"
    assert sizes.cell(FINDING, "135M").endswith("<br>**closed book**<br>-15 points (-24 to -5), p = 0.0024")


def test_a_figure_that_the_metrics_lack_is_named(monkeypatch):
    monkeypatch.setattr(sizes, "metrics_of", lambda *_: CLEARLY)
    with pytest.raises(BrokenData, match=r"example: .*metrics\.json has no compared / by seed"):
        sizes.cell(FINDING | {"paired": ["compared", "by seed"]}, "135M")


def test_an_experiment_that_is_not_there_is_named():
    (problem,) = sizes.problems_of([FINDING | {"experiment": "knowledges"}])
    assert "there is no experiment called knowledges: did you mean knowledge?" in problem


@pytest.mark.parametrize("finding", sizes.findings(), ids=lambda one: one["id"])
def test_every_finding_has_its_figures_where_it_says(finding):
    for size in sizes.SIZES:
        if sizes.metrics_file(finding["experiment"], size).exists():
            first, second = (sizes.figure(finding, size, finding[arm]["metric"]) for arm in ("first", "second"))
            paired = sizes.figure(finding, size, finding["paired"])
            assert first["n"] == second["n"]
            if "difference" in paired:
                of_seeds = [mean(one.get("seeds", [one["hits"]])) / one["n"] for one in (first, second)]
                assert paired["difference"] == pytest.approx(of_seeds[0] - of_seeds[1], abs=1e-4)
            else:  # pairs are of the median runs, as the shares are
                assert paired["won"] - paired["lost"] == first["hits"] - second["hits"]
