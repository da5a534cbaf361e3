"""The glossary and the explanations in place say the same, and the explanations stand only where they can be read."""

import json
import re
from dataclasses import dataclass
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from scripts.markdown import all_pages, page_name
from scripts.paths import DOCS

GLOSSARY = DOCS / "interview" / "glossary.md"
ABBREVIATIONS = DOCS / "_abbreviations.txt"
NOWHERE = ["code", "pre", "kbd", "svg", "title", "button", "script"]


@dataclass(frozen=True)
class Entry:
    """One term of the glossary."""

    term: str
    anchor: str
    text: str

    @property
    def names(self) -> set[str]:
        """What the term is called, in lower case: its heading and what follows “Also”."""
        also = re.search(r"\*Also: (.+?)\.\*", self.text)
        return {self.term.casefold(), *(also[1].casefold().split(", ") if also else [])}


def entries() -> list[Entry]:
    """The glossary's terms, in order."""
    text = GLOSSARY.read_text(encoding="utf-8")
    return [Entry(*match) for match in re.findall(r"^### (.+?) \{ #([\w-]+) \}\n\n(.+?)(?=\n\n|\Z)", text, re.M | re.S)]


def abbreviations() -> dict[str, str]:
    """What is explained in place, with its explanation."""
    lines = ABBREVIATIONS.read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"\*\[([^\]]+)\]: (\S.*)", line) for line in lines]
    assert all(found), f"{ABBREVIATIONS.name}: each line is `*[word]: its explanation`."
    return {match[1]: match[2] for match in found}


@pytest.fixture(scope="module")
def built(site) -> dict[str, BeautifulSoup]:
    """The built pages by name."""
    return {
        file.relative_to(site).as_posix(): BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        for file in site.rglob("*.html")
    }


def test_every_entry_is_read():
    headings = re.findall(r"^### ", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(entries()) == len(headings), "An entry is `### Term { #anchor }`, an empty line, and its text."
    assert len(entries()) >= 45


def test_entries_are_in_order_and_stand_once():
    terms = [entry.term.casefold() for entry in entries()]
    for before, after in pairwise(terms):
        assert before < after, f"“{after}” must come before “{before}”, or stands twice."
    names = [name for entry in entries() for name in entry.names]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"More than one entry is called {sorted(twice)}."


def test_entries_stand_under_their_letters():
    text = GLOSSARY.read_text(encoding="utf-8")
    for first, last, body in re.findall(r"^## ([A-Z]) to ([A-Z]).*?\n(.*?)(?=^## |\Z)", text, re.M | re.S):
        for term in re.findall(r"^### (.+?) \{", body, re.MULTILINE):
            assert first <= term[0].upper() <= last, f"“{term}” stands under {first} to {last}."


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.anchor)
def test_entry_leads_to_the_page_that_uses_it(entry):
    links = re.findall(r"See \[[^\]]+\]\(([^)#]+\.md)(#[\w-]+)?\)", entry.text)
    assert len(links) == 1, f"“{entry.term}” needs one “See [page](page.md)”, where it is put to work."
    target = (GLOSSARY.parent / links[0][0]).resolve()
    assert page_name(target) in map(page_name, all_pages())


@pytest.mark.parametrize("word", abbreviations())
def test_explanation_in_place_begins_a_glossary_entry(word):
    explanation = abbreviations()[word]
    matching = [entry for entry in entries() if (entry.text + " ").startswith(explanation + " ")]
    assert len(matching) == 1, f"docs/{page_name(GLOSSARY)} has no entry that begins “{explanation}” ({word})."
    assert len(explanation) <= 140, f"“{word}” is explained in {len(explanation)} characters; 140 can be taken in."
    called = {word.casefold(), word.casefold().removesuffix("s")}
    assert called & matching[0].names, f"The entry “{matching[0].term}” does not say that it is also called {word}."


def test_explanations_are_in_order():
    lines = ABBREVIATIONS.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines, key=lambda line: line.split("]")[0].casefold()), "Sort _abbreviations.txt by word."
    assert len(lines) == len(abbreviations()), "_abbreviations.txt explains a word twice."


NOT_TAKEN_UP = r"\*\[[^\]\n]+\]:"  # a definition as it is written; `print(*[...])` in a lab is none


def test_explanations_reach_the_built_pages(built):
    known, seen = abbreviations(), set()
    for name, soup in built.items():
        for mark in soup.find_all("abbr"):
            assert mark.get("title") == known.get(mark.text), f"{name}: {mark} is not in _abbreviations.txt."
            seen.add(mark.text)
        assert not re.search(NOT_TAKEN_UP, soup.get_text()), f"{name} shows an explanation that was not taken up."
    assert {"RAG", "LoRA", "MRR"} <= seen


def test_explanations_break_nothing(built):
    for name, soup in built.items():
        for parent in soup.find_all(NOWHERE):
            mark = parent.find("abbr")
            hint = " In a drawing it would vanish: write <figure> without `markdown`." if parent.name == "svg" else ""
            assert not mark, f"{name}: {mark} stands inside <{parent.name}>.{hint}"
        for nav in soup.find_all("nav"):
            assert "<" not in nav.get_text() and not nav.find("abbr"), f"{name}: markup in the navigation."


def test_search_index_holds_words_and_no_marks(site):
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    assert not re.search(rf"<\\?/?abbr|{NOT_TAKEN_UP}", index)
    titles = {doc["title"] for doc in json.loads(index)["docs"] if doc["location"].startswith("interview/glossary/#")}
    missing = {entry.term for entry in entries()} - titles
    assert not missing, f"Search does not know the glossary's {sorted(missing)}."
