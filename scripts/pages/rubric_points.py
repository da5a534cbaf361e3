"""What goes between the practice tool and the program that measures its score.

The program reads the points that the labelled answers are about, copied from the tool's prompts; the tool reads the
thresholds that the program printed.
"""

import json
import re

from rung.files import read_lines

from scripts.pages import practice
from scripts.pages.data import BrokenData, shown
from scripts.pages.generated import Generated
from scripts.paths import DOCS, SNIPPETS

THRESHOLDS = DOCS / "assets" / "tools" / "embed" / "thresholds.json"
FOLDER = SNIPPETS / "tools" / "practice"
POINTS, ANSWERS = FOLDER / "rubric_points.json", FOLDER / "labelled_answers.jsonl"
OUTPUT = FOLDER / "score_coverage.out"


def answers() -> list[dict]:
    """The labelled answers."""
    return read_lines(ANSWERS)


def phrasings() -> dict[str, list[str]]:
    """Every point of the practice tool: {"prompt point": its text, then its phrasings}."""
    return {
        f"{prompt['id']} {point['id']}": [point["point"], *point["phrasings"]]
        for prompt in practice.practice()["prompts"]
        for point in prompt["rubric"]
    }


def render_points() -> str:
    """The copy: only the points that have labelled answers. Raises BrokenData where such a point is no more."""
    known = phrasings()
    named = dict.fromkeys(f"{answer['prompt']} {answer['point']}" for answer in answers())
    if gone := [name for name in named if name not in known]:
        raise BrokenData(
            f"{shown(ANSWERS)} has answers to points that {shown(practice.PROMPTS)} no longer has ({', '.join(gone)}): "
            "bring the points back under their ids, or label answers to the new ones."
        )
    return json.dumps({name: known[name] for name in named}, indent=1, ensure_ascii=False) + "\n"


def render_thresholds() -> str:
    """The tool's thresholds, as the program chose and printed them. Raises BrokenData where it printed none."""
    chosen = re.search(r"covered from ([\d.]+), missed below ([\d.]+)", OUTPUT.read_text(encoding="utf-8"))
    if not chosen:
        raise BrokenData(f"{shown(OUTPUT)} names no thresholds: run `make outputs only=score_coverage`.")
    return f'{{ "covered": {float(chosen[1])}, "unsure": {float(chosen[2])} }}\n'


GENERATED = [
    Generated(
        POINTS,
        shown(practice.PROMPTS),
        render_points,
        is_whole_file=True,
        afterwards="Run `make outputs only=score_coverage`, then `make pages` again.",
    ),
    Generated(
        THRESHOLDS,
        shown(OUTPUT),
        render_thresholds,
        is_whole_file=True,
        made_by="make outputs only=score_coverage",
    ),
]
