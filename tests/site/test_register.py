"""Every figure and claim in running text is what its source says, and was reviewed as it stands: the register."""

import re

import pytest

from scripts.markdown import all_pages, page_name
from scripts.pages.ledger import papers
from scripts.paths import DOCS
from scripts.register import book
from scripts.register.sources import REASONS

ADVICE = (
    f"If the page is right, run `{book.COMMAND}`, put a source in place of each ? and read the diff of tests/register; "
    "if not, put the page back."
)
PAPERS = (DOCS / "evidence" / "papers.md").read_text(encoding="utf-8")


def entry_called(key: str) -> str:
    """What the bibliography says of a work: its heading, its authors, what it found."""
    found = re.search(rf"^### [^\n]*\{{ ?#{re.escape(key)} ?\}}$.*?(?=^##|\Z)", PAPERS, re.M | re.S)
    return found[0] if found else ""


@pytest.mark.parametrize("page", book.sources(), ids=book.name_of)
def test_a_page_says_what_the_register_holds(page):
    changed = book.differences(page)
    assert not changed, "\n".join([*changed, ADVICE])


@pytest.mark.parametrize("page", book.sources(), ids=book.name_of)
def test_every_figure_is_what_its_source_holds(page):
    wrong = book.unfounded(page)
    assert not wrong, "\n".join(
        [*wrong, f"Correct the page, or name the right source in {book.name_of(book.file_for(page))}."]
    )


def test_the_register_has_no_file_of_a_page_that_is_gone():
    assert not book.strays(), f"Run `{book.COMMAND}`: {[path.name for path in book.strays()]} have no page."


def test_reasons_in_place_of_sources_are_not_the_rule():
    """Of figures that no generated part and no name or year explains, most are bound to a file."""
    sources = [
        source for page in book.sources() for entry in book.read(book.file_for(page)) for _, source in entry.sources
    ]
    own = [source for source in sources if source not in {"(year)", "(name)", "(generated)", "(read)", "(known)"}]
    reasons = [source for source in own if source.startswith("(")]
    assert len(reasons) < 0.35 * len(own), f"{len(reasons)} of {len(own)} figures have a reason and no source."


def test_every_reason_is_used():
    text = "".join(file.read_text(encoding="utf-8") for file in book.REGISTER.rglob("*.txt"))
    for reason in REASONS:
        assert f": ({reason}" in text, (
            f"No figure has the reason ({reason}): remove it from scripts/register/sources.py."
        )


def test_a_work_is_called_by_its_name_and_year_wherever_it_is_cited():
    """A link whose words name a work, by author or by year, names the one that it leads to."""
    wrong = []
    for page in all_pages():
        for words, key in re.findall(
            r"\[([^\[\]]*)\]\([\w./-]*papers\.md#([\w-]+)\)", page.read_text(encoding="utf-8")
        ):
            name = papers().get(key, "")
            years = re.findall(r"\b(?:19|20)\d\d\b", words)
            author = re.match(r"([A-Z][\w-]+) et al\.", words)
            if [year for year in years if year not in name] or (author and author[1] not in entry_called(key)):
                wrong.append(f"docs/{page_name(page)}: “{words}” leads to {name} (papers.md#{key})")
    assert not wrong, "\n".join(wrong)


ENTRIES = re.findall(r"^### .+?(?=^##|\Z)", PAPERS, re.M | re.S)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[4:40])
def test_a_work_leads_to_its_own_address(entry):
    heading, _, rest = entry.partition("\n")
    named = rest.strip().partition("\n")[0]
    assert re.search(r"\]\(https://", named), (
        f"docs/evidence/papers.md: {heading}: link the paper, or its publisher's page, behind its title."
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[4:40])
def test_a_works_year_is_no_earlier_than_its_arxiv_number(entry):
    heading = entry.splitlines()[0]
    for shown, linked in re.findall(r"\[arXiv ([\d.]+)\]\(https://arxiv\.org/abs/([\d.v]+)\)", entry):
        assert shown == linked, f"docs/evidence/papers.md: {heading}: shows arXiv {shown} and links to {linked}."
        first = 2000 + int(shown[:2])
        for year in map(int, re.findall(r"\b20\d\d\b(?=.*\{)", heading)):
            assert first <= year <= first + 1, (
                f"docs/evidence/papers.md: {heading}: arXiv {shown} is of {first}, the heading says {year}."
            )
