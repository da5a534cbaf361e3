"""What the guide asks elsewhere is among the practice prompts; `make pages` checks the prompts themselves."""

import re

from scripts.pages.practice import practice
from scripts.paths import DOCS


def test_every_follow_up_of_the_guide_is_asked():
    text = (DOCS / "interview" / "follow-ups.md").read_text(encoding="utf-8")
    anchors = re.findall(r"^## .*\{ #([\w-]+) \}$", text, re.MULTILINE)
    asked = {prompt["id"] for prompt in practice()["prompts"] if prompt["kind"] == "follow-up"}
    assert anchors and not set(anchors) - asked, f"No prompt is called {sorted(set(anchors) - asked)}."


def test_every_scenario_of_the_guide_is_asked():
    text = (DOCS / "ladder" / "scenarios.md").read_text(encoding="utf-8")
    anchors = re.findall(r"^\| \[.+?\]\(#([\w-]+)\) \|", text, re.MULTILINE)
    asked = {prompt["page"].partition("#")[2] for prompt in practice()["prompts"] if prompt["kind"] == "scenario"}
    assert anchors and not set(anchors) - asked, f"No prompt leads to {sorted(set(anchors) - asked)}."
