"""Mutations of meaning, planted at random over what the guide says and what that is made from: each is told of."""

import re
from collections import Counter
from itertools import chain

import pytest

from scripts.paths import RESULTS
from scripts.register import book
from tests.site import planted_data, planted_text

SEEDS = (1, 2)
TABLE = RESULTS / "planted-text.md"
SOURCE = re.compile(r" of the register \(\d[\d.,]* is .+\), in: ")
# Kinds of which a line also names the figure that is held, and where it comes from.
WITH_A_SOURCE = (
    "figure changed",
    "two figures swapped",
    "p-value changed",
    "won or lost changed",
    "arXiv number changed",
)


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_defects_of_every_kind_are_told(seed):
    planted, caught, missed = Counter(), Counter(), []
    for mutation in chain(planted_text.mutations(seed), planted_data.mutations(seed)):
        planted[mutation.kind] += 1
        told = mutation.told()
        assert all(any(name in line for name in mutation.names) for line in told), told
        assert mutation.kind not in WITH_A_SOURCE or any(SOURCE.search(line) for line in told), told
        if told:
            caught[mutation.kind] += 1
        else:
            missed.append(f"{mutation.kind}: {book.name_of(mutation.page)}")
    rows = "".join(f"| {kind} | {count} | {caught[kind]} |\n" for kind, count in planted.items())
    total = f"| together | {planted.total()} | {caught.total()} |\n"
    if seed == SEEDS[0]:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(f"| Planted in the text | Mutations | Told |\n|---|--:|--:|\n{rows}{total}", encoding="utf-8")
    assert planted.total() >= 200 and set(planted) == {*planted_text.WITH, *planted_data.WITH}
    blind = [kind for kind, count in planted.items() if caught[kind] < 0.8 * count]
    assert not blind, "\n".join(["Too many are missed of these kinds:", *blind, *missed])
    assert caught.total() >= 0.98 * planted.total(), "\n".join([f"{caught.total()} of {planted.total()}:", *missed])


def test_a_changed_figure_is_told_with_its_page_its_place_and_its_source():
    page = book.ROOT / "docs" / "ladder" / "measuring-rag.md"
    entry = next(one for one in book.read(book.file_for(page)) for _, source in one.sources if ".out > " in source)
    figure, source = next(one for one in entry.sources if ".out > " in one[1])
    text = page.read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if entry.text[:40] in one)
    spoilt = text.replace(line, line.replace(entry.text, entry.text.replace(figure, "977", 1)))
    (told,) = book.differences(page, spoilt)
    assert "docs/ladder/measuring-rag.md:" in told and "977" in told and f"{figure} is from {source}" in told
