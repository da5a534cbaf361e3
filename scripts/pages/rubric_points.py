"""The rubric points that the labelled answers are about, copied from the practice tool's prompts for the program.

`python -m scripts.pages.rubric_points` writes the copy again.
"""

import json

from scripts.paths import DOCS, SNIPPETS

PROMPTS = DOCS / "assets" / "tools" / "practice" / "prompts.json"
THRESHOLDS = DOCS / "assets" / "tools" / "embed" / "thresholds.json"
FOLDER = SNIPPETS / "tools" / "practice"
POINTS, ANSWERS = FOLDER / "rubric_points.json", FOLDER / "labelled_answers.jsonl"
OUTPUT = FOLDER / "score_coverage.out"


def answers() -> list[dict]:
    """The labelled answers."""
    return [json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines()]


def phrasings() -> dict[str, list[str]]:
    """Every point of the practice tool: {"prompt point": its text, then its phrasings}."""
    prompts = json.loads(PROMPTS.read_text(encoding="utf-8"))["prompts"]
    return {
        f"{prompt['id']} {point['id']}": [point.get("text") or point["point"], *point["phrasings"]]
        for prompt in prompts
        for point in prompt["rubric"]
    }


def render() -> str:
    """The copy: only the points that have labelled answers."""
    known = phrasings()
    named = dict.fromkeys(f"{answer['prompt']} {answer['point']}" for answer in answers())
    return json.dumps({name: known[name] for name in named}, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    POINTS.write_text(render(), encoding="utf-8")
