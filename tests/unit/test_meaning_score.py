"""The labelled answers behind the practice page's comparison by meaning, and what the page says of them."""

import re
from collections import Counter, defaultdict

from scripts.pages import rubric_points
from scripts.paths import DOCS

KINDS = {"correct", "vague", "incorrect", "negated", "off-topic", "other point"}


def test_the_labelled_answers_are_enough_and_fairly_split():
    answers = rubric_points.answers()
    assert len(answers) >= 200
    assert {answer["kind"] for answer in answers} == KINDS
    splits = defaultdict(set)
    for answer in answers:
        splits[answer["prompt"]].add(answer["split"])
    assert {len(found) for found in splits.values()} == {1}, "A prompt's answers are all in dev or all in test."
    seen = Counter((answer["prompt"], answer["point"], answer["answer"]) for answer in answers)
    assert max(seen.values()) == 1
    phrasings = rubric_points.phrasings()
    for answer in answers:
        assert answer["answer"] not in phrasings[f"{answer['prompt']} {answer['point']}"], "A copy of a phrasing."
        assert 1 <= len(re.findall(r"[.!?](?:\s|$)", answer["answer"])) <= 5, answer["answer"]


def test_the_page_says_what_was_measured():
    page = (DOCS / "tools" / "practice.md").read_text(encoding="utf-8")
    section = page.partition("## What the score can and cannot see")[2].partition("\n## ")[0]
    output = rubric_points.OUTPUT.read_text(encoding="utf-8")
    counts = re.findall(r"(\d+) (?:times )?of (\d+)\b", section)
    assert len(counts) >= 3
    for some, whole in counts:
        assert f"{some}/{whole} =" in output, f"The page says {some} of {whole}; score_coverage.out does not."
    points = {(answer["prompt"], answer["point"]) for answer in rubric_points.answers()}
    prompts = {prompt for prompt, _ in points}
    assert f"{len(rubric_points.answers())} short answers to {len(points)} points of {len(prompts)} prompts" in section
