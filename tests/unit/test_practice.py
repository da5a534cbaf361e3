"""The practice prompts keep to their form, and the page is made from them."""

import re

import pytest

from scripts.markdown import all_pages, page_name
from scripts.pages.ledger import claims
from scripts.pages.practice import PAGE, everything, page_with, practice, render

READ = practice()
EVERYTHING = everything()
each_prompt = pytest.mark.parametrize("prompt", EVERYTHING, ids=lambda prompt: prompt["id"])


def spoken(text: str) -> list[str]:
    """The words of an answer, its links' addresses aside."""
    return re.sub(r"\]\([^)]*\)", "", text).split()


def test_there_are_enough_prompts_of_each_kind_and_level():
    prompts = READ["prompts"]
    assert len(prompts) >= 42
    assert len({prompt["id"] for prompt in EVERYTHING}) == len(EVERYTHING), "two prompts share an id"
    for kind in READ["kinds"]:
        for level in READ["levels"]:
            found = [one for one in prompts if one["kind"] == kind["id"] and one["level"] == level["id"]]
            assert found, f"no {kind['name']} at the level {level['name']}: choosing both would find nothing"
    named = {kind["id"] for kind in READ["kinds"]}, {level["id"] for level in READ["levels"]}
    assert {one["kind"] for one in prompts} == named[0]
    assert {one["level"] for one in prompts} == named[1]


def test_every_follow_up_and_scenario_of_the_guide_is_asked():
    asked = {prompt["page"] for prompt in READ["prompts"]}
    for name, kind in (("interview/follow-ups.md", "follow-up"), ("ladder/scenarios.md", "scenario")):
        text = (PAGE.parents[1] / name).read_text(encoding="utf-8")
        wanted = re.findall(r"^## .*\{ #([\w-]+) \}$", text, re.MULTILINE) if kind == "follow-up" else None
        count = sum(prompt["kind"] == kind for prompt in READ["prompts"])
        if wanted is None:
            assert count == len(re.findall(r"^## ", text, re.MULTILINE)) - 1  # the last heading sums up
        for anchor in wanted or []:
            pages = {f"{name}#{anchor}"} | ({"evaluate/did-it-work.md"} if anchor == "know-tuning-works" else set())
            ids = {prompt["id"] for prompt in READ["prompts"]}
            assert pages & asked or anchor in ids, f"{name}#{anchor} is not among the prompts."


@each_prompt
def test_prompt_keeps_to_its_form(prompt):
    points = prompt["rubric"]
    assert 4 <= len(points) <= (8 if prompt is READ["drill"] or prompt["kind"] == "drill" else 6)
    assert len({point["id"] for point in points}) == len(points), "two points share an id"
    for point in points:
        assert re.fullmatch(r"[a-z0-9-]+", point["id"])
        assert 3 <= len(point["phrasings"]) <= 5, f"{point['id']}: 3 to 5 phrasings"
        for phrasing in point["phrasings"]:
            assert not re.search(r"[.!?] [A-Z]", phrasing), f"{point['id']}: one sentence each: {phrasing}"
    assert 90 <= len(spoken(prompt["answer"])) <= 200, f"the answer has {len(spoken(prompt['answer']))} words"
    assert prompt["probe"]["question"].endswith("?") or prompt["probe"]["question"][-1] in '."'
    assert prompt["probe"]["answer"]
    assert {*prompt["claims"]} <= {claim["id"] for claim in claims()}
    assert prompt["claims"]
    assert prompt["page"].partition("#")[0] in {page_name(page) for page in all_pages()}


def test_the_pages_prompts_are_made_from_their_data():
    assert PAGE.read_text(encoding="utf-8") == page_with(render()), (
        "docs/tools/practice.md is not what prompts.json says: run `.venv/bin/python -m scripts.pages.practice`."
    )


def test_the_page_counts_its_prompts_rightly():
    words = {46: "Forty-six"}
    count = len(READ["prompts"])
    text = PAGE.read_text(encoding="utf-8")
    assert f"description: {words[count]} interview questions" in text
    two_minutes = (PAGE.parents[1] / "interview" / "two-minutes.md").read_text(encoding="utf-8")
    assert f"{count} prompts" in two_minutes
