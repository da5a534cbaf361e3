"""What the guide asks elsewhere is among the practice prompts, and points wait as the tool's page says.

`make pages` checks the prompts themselves.
"""

import re

from scripts.pages.practice import practice
from scripts.paths import DOCS

BOXES = DOCS / "assets" / "tools" / "practice" / "boxes.js"
MINUTE, DAY = 60_000, 86_400_000  # milliseconds
COUNTS = {"one": 1, "two": 2, "four": 4, "eight": 8, "ten": 10}
ANSWER = r'[!?]{3} quote "A strong answer"\n\n((?: {4}.*\n|\n)+)'
SOURCES = "\n    ---\n"  # a line under what is said aloud: what follows names where its figures come from
PARTS = (
    r"\*\*Tested:\*\* \w",
    ANSWER,
    r'^\*\*A weak answer:\*\* "',
    r'^\*\*The next probe:\*\* ".+" → ',
    r"\]\([\w./#-]+\.(?:md|ipynb)",
)


def worked_questions() -> list[tuple[str, str]]:
    """The anchor and the text of each question that a page of the section on interviews works out."""
    pages = [page.read_text(encoding="utf-8") for page in sorted((DOCS / "interview").glob("*.md"))]
    parts = [part for text in pages for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]]
    found = [(re.match(r".*\{ #([\w-]+) \}\n", part), part) for part in parts if "**Tested:**" in part]
    assert all(head for head, _ in found), "Give each worked question an anchor: ## Question? { #anchor }"
    return [(head[1], part) for head, part in found]


def test_every_follow_up_of_the_guide_is_asked():
    asked = {prompt["id"] for prompt in practice()["prompts"] if prompt["kind"] == "follow-up"}
    anchors = {anchor for anchor, _ in worked_questions()}
    assert anchors and not anchors - asked, f"No prompt is called {sorted(anchors - asked)}."


def test_every_question_is_worked_out_and_two_minutes_long():
    for anchor, text in worked_questions():
        lacking = [part for part in PARTS if not re.search(part, text, re.MULTILINE)]
        assert not lacking, f"#{anchor} lacks {lacking}."
        spoken, *_ = re.search(ANSWER, text)[1].split(SOURCES)
        words = len(spoken.split())
        assert 150 <= words <= 260, (
            f"#{anchor}: the strong answer has {words} words: two minutes aloud hold 150 to 260."
        )


def test_every_scenario_of_the_guide_is_asked():
    text = (DOCS / "ladder" / "scenarios.md").read_text(encoding="utf-8")
    anchors = re.findall(r"^\| \[.+?\]\(#([\w-]+)\) \|", text, re.MULTILINE)
    asked = {prompt["page"].partition("#")[2] for prompt in practice()["prompts"] if prompt["kind"] == "scenario"}
    assert anchors and not set(anchors) - asked, f"No prompt leads to {sorted(set(anchors) - asked)}."


def problem_of_waits(script: str) -> str:
    """Why points do not wait as long as the page on the tool says; empty where they do."""
    values: dict[str, object] = {}
    for name, value in re.findall(r"^(?:export )?const (MINUTE|DAY|WAITS) = ([\d\w*, \[\]]+)", script, re.MULTILINE):
        values[name] = eval(value, {"__builtins__": {}}, values)  # digits, signs and the names before it
    page = (DOCS / "tools" / "practice.md").read_text(encoding="utf-8")
    said = re.search(r"We wait (\w+) minutes, then ([\w, ]+) days", page)
    assert said, "docs/tools/practice.md no longer says how long a point waits."
    wanted = [
        COUNTS[said[1]] * MINUTE,
        *(COUNTS[word] * DAY for word in said[2].replace(",", "").split() if word != "and"),
    ]
    if values["WAITS"] == wanted:
        return ""
    return (
        f"docs/assets/tools/practice/boxes.js: WAITS is {values['WAITS']} milliseconds; docs/tools/practice.md says "
        f"“{said[0]}”, {wanted}: change both, or neither."
    )


def test_points_wait_as_long_as_the_page_says():
    script = BOXES.read_text(encoding="utf-8")
    assert not problem_of_waits(script), problem_of_waits(script)
    assert "We wait ten minutes" in problem_of_waits(script.replace("10 * MINUTE", "100 * MINUTE"))
