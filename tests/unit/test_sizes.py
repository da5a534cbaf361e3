"""What a larger model did to each finding: read off two paired comparisons; every figure is where it is said."""

from statistics import mean

import pytest

from scripts.pages import sizes
from scripts.pages.data import BrokenData

FINDING = {
    "id": "example",
    "question": "Does it help?",
    "experiment": "example",
    "page": "ladder/rag.md",
    "first": {"name": "retrieval", "metric": ["retrieval"]},
    "second": {"name": "closed book", "metric": ["closed book"]},
    "paired": ["compared"],
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


def test_where_fewer_are_better_the_arm_with_fewer_is_named(monkeypatch):
    monkeypatch.setattr(sizes, "metrics_of", lambda *_: CLEARLY)
    attack = FINDING | {"fewer": "answers that obeyed"}
    assert sizes.cell(attack, "135M") == "70/100 against 42/100<br>**closed book**<br>30 more, 2 fewer, p < 0.001"
    assert "retrieval against closed book; answers that obeyed" in sizes.row(attack)
    assert sizes.change_of(attack) == "the same"


def test_a_row_names_the_better_arm_of_each_size(monkeypatch):
    results = {"1.5B": WORSE, "135M": BARELY}
    monkeypatch.setattr(sizes, "metrics_of", lambda _, size: results[size])
    _, what, larger, smaller, change, _ = (cell.strip() for cell in sizes.row(FINDING).split("|"))
    assert what == "[Does it help?](../ladder/rag.md)<br>retrieval against closed book"
    assert larger == "43/100 against 65/100<br>**closed book**<br>3 won, 25 lost, p < 0.001"
    assert smaller == "49/100 against 47/100<br>**cannot be told apart**<br>9 won, 7 lost, p = 0.8"
    assert change == "seen only with the larger model"


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
