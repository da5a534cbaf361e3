"""Every claim of the guide is on a page, in the ledger, and one click from its evidence."""

import re

import pytest

from scripts.markdown import all_pages, page_name
from scripts.pages.ledger import MEASURED, claims, unfounded_figures, unfounded_published
from scripts.paths import DOCS

PAPERS = (DOCS / "evidence" / "papers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim["id"])
def test_claim_stands_on_its_page_and_links_to_the_ledger(claim):
    text = (DOCS / claim["page"]).read_text(encoding="utf-8")
    anchor = claim["id"].lower()
    pattern = rf"\[{claim['id']}\]\([\w./-]*claims\.md#{anchor}\)\{{ ?#{anchor} \.claim ?\}}"
    assert len(re.findall(pattern, text)) == 1, (
        f"docs/{claim['page']} must carry {claim['id']} once, as "
        f"[{claim['id']}](../evidence/claims.md#{anchor}){{ #{anchor} .claim }}"
    )


MEASURED_VALUE = r"\d+/\d+ = +\d+% \( ?\d+-[ \d]+\)|\d\.\d+ \(\d+\.\d+-\d+\.\d+\)|p [=<] [\d.]+"


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim["id"])
def test_claim_says_no_more_than_its_evidence(claim):
    if claim["verdict"].endswith(" here"):
        assert claim["here"], f"{claim['id']} says '{claim['verdict']}' and names no program."
    if claim["verdict"] in MEASURED:
        assert claim["here"] and claim.get("figures"), f"{claim['id']} is '{claim['verdict']}' by which figures?"
        for figure in claim["figures"]:
            assert re.search(MEASURED_VALUE, figure["value"]), (
                f"{claim['id']}: {figure['value']!r} is no rate or ratio with its interval, nor a p-value."
            )
    if claim["kind"] in {"judgement", "definition"}:
        assert claim["verdict"] not in MEASURED, f"{claim['id']} is a {claim['kind']}: it has no measurement."
    for one in claim.get("published", []):
        assert one["paper"] in claim["papers"], f"{claim['id']}: add {one['paper']} to its papers."


SIZE = r"\d[\d.]*(?: (?:million|billion)|[BM]\b)"


@pytest.mark.parametrize(
    "claim", [one for one in claims() if one["verdict"] in MEASURED], ids=lambda claim: claim["id"]
)
def test_a_measured_claim_says_at_which_size(claim):
    assert re.search(SIZE, claim["note"]), f"{claim['id']}: say how many parameters the measured model has."


def test_the_ledgers_figures_are_those_of_the_results():
    missing = unfounded_figures()
    assert not missing, "Copy the figure as it stands in the file:\n" + "\n".join(missing)


def test_the_ledgers_published_figures_are_those_the_guide_gives():
    missing = unfounded_published()
    assert not missing, "Put the figure into papers.md, or take it out of claims.json:\n" + "\n".join(missing)


def test_papers_are_cited_through_the_bibliography():
    for page in all_pages():
        text = page.read_text(encoding="utf-8")
        if page.name != "papers.md":
            assert "arxiv.org" not in text, f"docs/{page_name(page)}: link to papers.md, which links to the paper."


def test_every_work_in_the_bibliography_is_cited():
    text = "".join(page.read_text(encoding="utf-8") for page in all_pages())
    for key in re.findall(r"^### .+ \{ #([\w-]+) \}$", PAPERS, re.MULTILINE):
        assert f"papers.md#{key})" in text, f"papers.md lists {key}, which no page cites: cite it or remove it."
