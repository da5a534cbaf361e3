"""Whoever reads of a rung is told how to measure it on their own data."""

import re
from pathlib import Path

from scripts.paths import DOCS, ROOT

RUNG = re.compile(r'^ +- "Rung (\d): [^"]*": (\S+)$', re.MULTILINE)  # in mkdocs.yml
YOUR_OWN_CASE = "your-own-case.md)"  # where a link to it ends


def measures_yours(page: Path) -> bool:
    """Whether a paragraph of the page names `rung measure` and links to the page on it."""
    paragraphs = page.read_text(encoding="utf-8").split("\n\n")
    return any("`rung measure" in paragraph and YOUR_OWN_CASE in paragraph for paragraph in paragraphs)


def test_each_rung_says_how_to_measure_it_on_your_own_data():
    rungs = dict(RUNG.findall((ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert list(rungs) == list("01234"), 'mkdocs.yml calls the page of each rung "Rung 0: ..." to "Rung 4: ...".'
    around = (
        "ladder/index.md",
        "ladder/measuring-rag.md",
        "ladder/combining.md",
        "evaluate/index.md",
        "tools/decide.md",
    )
    lost = [name for name in (*rungs.values(), *around) if not measures_yours(DOCS / name)]
    assert not lost, f"{lost}: name `rung measure` in a sentence, and link to your-own-case.md beside it."
