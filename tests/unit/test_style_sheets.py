"""What no linter says of the style sheets."""

import re

import pytest

from scripts.paths import DOCS, ROOT

SHEETS = [*DOCS.glob("assets/css/*.css"), *DOCS.glob("assets/tools/*.css")]
EVERY_SIBLING = re.compile(r"[+~] \*(?![\w-])")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.relative_to(ROOT).as_posix())
def test_no_rule_has_the_page_styled_anew_where_an_element_is_inserted(sheet):
    """For a rule about whatever follows, Chromium styles all that follows when a script inserts an element."""
    rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = EVERY_SIBLING.findall(rules)
    assert not found, f"{sheet.name} has `{found[0]}`: name the elements instead, as in `+ :is(p, ul)`."
