"""Cutting documents and searching their passages."""

import os
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rung.case import read_case
from rung.cutting import count_words, cut, split_long
from rung.retrieval import FlatVectors, Hit, Index, Recipe, build, fingerprint, fused

from tests.programs.front_matter_cases import FRONT_MATTER, NO_FRONT_MATTER
from tests.programs.html_table_cases import DAMAGED, HTML_TABLES, MANY, ONE, WITHIN, check_time, check_within
from tests.programs.runner import serving
from tests.rung.cases import answer_case
from tests.rung.servers import free_port

MARKDOWN = """---
title: The library
date: 2026-01-01
---
Before any heading.

# Loans

A loan lasts 21 days.

```python
# not a heading
renew(book)
```

## Renewing

- once at the desk
- once by post

[desk]: https://example.org/desk

| Book | Fee |
|---|---|
| lost | £12 |

Setext heading
==============

The end.
"""


def test_a_document_is_cut_at_its_headings():
    passages = cut("library.md", MARKDOWN, 60)
    assert [one.heading for one in passages] == ["The library", "Loans", "Loans > Renewing", "Setext heading"]
    assert "# not a heading" in passages[1].text and "[desk]: https" in passages[2].text
    assert [MARKDOWN.split("\n")[one.line - 1] for one in passages] == [
        "Before any heading.",
        "A loan lasts 21 days.",
        "- once at the desk",
        "The end.",
    ]


def test_a_file_without_headings_is_called_by_its_name():
    assert cut("rules/late-fees_2026.txt", "A late book costs 15 cents.", 50)[0].heading == "late fees 2026"


def test_empty_documents_have_no_passages():
    assert cut("a.md", "", 50) == [] and cut("a.txt", "\n \n", 50) == []


def test_a_heading_with_nothing_below_it_is_a_passage_unless_another_goes_on():
    passages = cut("harbour.md", "# Berths\n\n## No berths for visitors\n\n## Winter\n\n### Closed in January\n", 50)
    assert [(one.heading, one.text, one.line) for one in passages] == [
        ("Berths > No berths for visitors", "No berths for visitors", 3),
        ("Berths > Winter > Closed in January", "Closed in January", 7),
    ]


@pytest.mark.parametrize("count", [6, 100])
@pytest.mark.parametrize(("mark", "rule", "end"), [("", "---", "\n"), ("", "====", "\n"), ("## ", "", " ")])
def test_a_heading_too_long_to_stand_above_a_passage_is_text(count, mark, rule, end):
    lines = end.join(f"Reading {number} of the meter." for number in range(count))
    passages = cut("log.md", f"{mark}{lines}\n{rule}\nEnd of the log.\n", 60)
    assert {passage.heading for passage in passages} == {"log"}
    shown = "\n".join(passage.text for passage in passages)
    assert all(f"Reading {number} of" in shown for number in range(count)) and "End of the log." in shown


@pytest.mark.parametrize("fence", ["```", "~~~", "~~~~"])
def test_no_heading_is_read_in_code_nor_in_a_plain_text(fence):
    code = f"# Mooring\n\n{fence}sh\n# list the lines\nmoor --list\n=====\n{fence}\n"
    assert {one.heading for one in cut("mooring.md", code, 60)} == {"Mooring"}
    log = "To list:\n\n# list the lines\n\n$ moor --list\n\nLines\n-----\n\n# 4 lines\n"
    passages = cut("mooring.txt", log, 60)
    assert {one.heading for one in passages} == {"mooring"}
    assert letters("".join(one.text for one in passages)) == letters(log)


def test_options_below_a_rule_are_read_at_once():
    written = "---\n" + "--depth: how far to look\n" * 60 + "That is all."
    (passage,) = cut("options.md", written, 2000)
    assert passage.text.startswith("---") and passage.text.endswith("That is all.")


def test_front_matter_is_left_out_and_a_rule_at_the_start_is_not():
    front = "---\ntitle: The harbour\ntags:\n  - berths\n# a comment\n---\nTwelve berths."
    assert [(one.heading, one.text, one.line) for one in cut("a.md", front, 50)] == [
        ("The harbour", "Twelve berths.", 7)
    ]
    assert cut("a.md", "---\ntitle: Nothing but this\n---", 50) == []


@pytest.mark.parametrize(("text", "title"), FRONT_MATTER)
def test_front_matter_however_it_is_written(text, title):
    assert [(one.heading, one.text, one.line) for one in cut("a.md", f"{text}Twelve berths.", 50)] == [
        (title or "a", "Twelve berths.", text.count("\n") + 1)
    ]


@pytest.mark.parametrize(("text", "kept"), NO_FRONT_MATTER)
def test_what_is_no_front_matter_is_kept(text, kept):
    assert kept in "\n".join(one.shown for one in cut("a.md", f"{text}Twelve berths.", 50))


@pytest.mark.parametrize(("first", "other"), [("- ", "  "), ("> ", "> "), ("> - ", ">   "), ("Fees:\n", "")])
def test_a_long_table_in_something_else_keeps_its_header(first, other):
    header, rule = "| Berth | Length | Fee |", "|:--|--:|--:|"
    rows = [f"| B-{number}, by the east wall | {number + 6} m | £{number}.20 |" for number in range(40)]
    lines = f"{first}{header}\n" + "".join(f"{other}{line}\n" for line in (rule, *rows)) + "\nThe end.\n"
    passages = cut("fees.md", lines, 90)
    assert len(passages) > 5
    assert all(header in one.text and rule in one.text and count_words([one.shown])[0] <= 90 for one in passages)
    assert all(sum(row in one.text for one in passages) == 1 for row in rows)
    written = lines.split("\n")
    assert all(written[one.line - 1].strip("> ") in one.text for one in passages)


def test_a_long_table_is_cut_between_rows_and_each_part_has_the_header():
    header = "| Berth | Length | Fee |\n|:--|--:|--:|\n"
    rows = [f"| B-{number}, by the east wall | {number + 6} m | £{number}.20 |" for number in range(40)]
    passages = cut("fees.md", "# Fees\n\n" + header + "\n".join(rows) + "\n", 90)
    assert len(passages) > 5
    assert all(one.text.startswith(header) and count_words([one.shown])[0] <= 90 for one in passages)
    assert [row for one in passages for row in one.text.removeprefix(header).split("\n")] == rows
    lines = (header + "\n".join(rows)).split("\n")
    assert all(one.text.removeprefix(header).startswith(lines[one.line - 3]) for one in passages)


@pytest.mark.parametrize("name", HTML_TABLES)
def test_a_long_table_in_html_is_cut_between_rows_and_each_part_has_the_header(name):
    text, header, rows = HTML_TABLES[name]
    written = f"# Hire\n\nBy the day.\n\n{text}\n\nThe end.\n"
    passages = cut("hire.md", written, 160)
    parts = [one for one in passages if "larch" in one.text]
    assert len(parts) > 3
    assert all(header in one.text for one in parts)
    assert all(sum(row in one.text for one in parts) == 1 for row in rows)
    assert max(count_words([one.shown for one in passages])) <= 160
    assert passages[0].text.startswith("By the day.") and passages[-1].text.endswith("The end.")
    lines = written.split("\n")
    assert all(lines[one.line - 1].strip("> ")[:20] in one.text for one in passages)


def test_a_row_longer_than_a_passage_is_cut_and_each_part_has_the_header():
    words = [f"word{number}" for number in range(400)]
    passages = cut("hire.md", f"<table>\n{ONE}\n<tr><td>{' '.join(words)}</td></tr>\n</table>\n", 120)
    assert len(passages) > 3 and all(one.text.startswith(f"<table>\n{ONE}\n") for one in passages)
    assert re.findall(r"word\d+", " ".join(one.text for one in passages)) == words


def test_a_table_in_a_row_of_another_keeps_the_header_of_its_own():
    check_within([one.text for one in cut("hire.md", WITHIN, 160)])


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_markup_takes_no_longer_than_its_length(name):
    def passages(markup: str) -> list:  # of plain text, of which the parser of Markdown takes no time
        return cut("hire.txt", markup, 60)

    markup = DAMAGED[name](MANY)
    assert "".join("".join(one.text for one in passages(markup)).split()) == "".join(markup.split())
    check_time(passages, DAMAGED[name])


def test_a_table_that_is_never_closed_takes_no_heading_along():
    text = "# Hire\n\n<table>\n<tr><th>Boat</th></tr>\n\nBy the day.\n\n# Boats\n\nNine.\n"
    assert [one.heading for one in cut("hire.md", text, 120)] == ["Hire", "Boats"]


words = st.text(alphabet="abc .\n#-`1é\t", min_size=1, max_size=400)
tables = st.text(alphabet="ab .\n#-|:1", min_size=1, max_size=400)
tags = st.lists(st.sampled_from(["<table>", "</table>", "<tr>", "</tr>", "<th>", "<td>", "</td>", "> ", "\n", "a b"]))


def letters(text: str) -> str:
    return re.sub(r"\W+", "", text)


@settings(deadline=None)
@given(words, st.integers(4, 40))
def test_nothing_is_lost_and_nothing_too_long(text, limit):
    for name in ("x.md", "x.txt"):
        passages = cut(name, text, limit)
        assert all(count_words([one.shown])[0] <= limit for one in passages)
        whole, kept = letters(text), "".join(letters(one.text) for one in passages)
        headings = len(whole) - len(kept)
        is_marked = name == "x.md" and ("#" in text or "-" in text)  # "-" below a line makes it a heading
        assert headings >= 0 and (headings == 0 or is_marked)


@settings(deadline=None)
@given(tables, st.integers(4, 40))
def test_of_a_table_too_nothing_is_too_long(text, limit):
    table = f"|a|b|\n|-|-|\n{text}"
    for one in cut("x.md", table, limit):
        assert count_words([one.shown])[0] <= limit


@settings(deadline=None)
@given(tags, st.integers(8, 40))
def test_of_a_table_in_html_nothing_is_lost_and_nothing_too_long(text, limit):
    written = f"<div>{''.join(text)}"  # a paragraph, or HTML: no heading
    passages = cut("x.md", written, limit)
    assert all(count_words([one.shown])[0] <= limit for one in passages)
    kept = "".join(one.text for one in passages)
    assert all(kept.count(word) >= written.count(word) for word in ("a", "b", "<", ">"))


@settings(deadline=None)
@given(words, st.integers(1, 20))
def test_long_texts_are_split_without_loss(text, limit):
    assert "".join(split_long(text, limit, count_words)) == text


def test_passages_fit_the_embedder(embedder):
    long = "An unbreakable" + "x" * 3000 + " word. " + "And many sentences follow here. " * 200
    passages = cut("x.md", f"# {'Heading ' * 300}\n\n{long}", embedder.limit, embedder.count)
    assert len(passages) > 5
    assert max(embedder.count([one.shown for one in passages])) <= embedder.limit


def index_of(folder, case, embedder=None, **recipe) -> Index:
    name = embedder.name if embedder else ""
    return build(folder, case.documents, fingerprint(case.files, case.folder), Recipe(60, name, **recipe), embedder)


def test_search_by_words_needs_no_model(tmp_path):
    index = index_of(tmp_path / "index", read_case(answer_case(tmp_path / "case")))
    found = index.search(["What does a lost book cost?", "zebra", ""], "bm25", 2)
    assert index.passages[found[0][0].number].document == "fines.txt"
    assert found[1] == [] and found[2] == []
    with pytest.raises(ValueError, match="has bm25, not hybrid"):
        index.search(["x"], "hybrid", 1)


@pytest.mark.parametrize(
    ("question", "best"), [("berth E-7?", 1), ("e 3", 0), ("in C++", 2), ("Is it C#?", 3), ("C", 4)]
)
def test_names_of_one_letter_and_a_sign_can_be_found(tmp_path, question, best):
    texts = ["Berth E-3 is wide.", "Berth E-7 is wide.", "Written in C++.", "Written in C#.", "Written in C."]
    documents = [(f"{number}.txt", text) for number, text in enumerate(texts)]
    index = build(tmp_path, lambda: documents, "texts", Recipe(60), None)
    assert index.passages[index.search([question], "bm25", 1)[0][0].number].document == f"{best}.txt"


@pytest.mark.parametrize("question", ["M\u00fcnchen", "Mu\u0308nchen", "MU\u0308NCHEN"])
def test_a_letter_written_as_two_signs_does_not_end_a_word(tmp_path, question):
    documents = [
        ("a.txt", "Rent in M\u00fcnchen."),
        ("b.txt", "Rent in Mu\u0308nchen."),
        ("c.txt", "Rent by Mu, nchen."),
    ]
    index = build(tmp_path, lambda: documents, "texts", Recipe(60), None)
    found = index.search([question], "bm25", 3)[0]
    assert {index.passages[hit.number].document for hit in found} == {"a.txt", "b.txt"}


def test_single_figures_can_be_found(tmp_path):
    index = index_of(tmp_path / "index", read_case(answer_case(tmp_path / "case")))
    assert index.passages[index.search(["4"], "bm25", 1)[0][0].number].document == "rooms.md"


def test_search_by_meaning_and_by_both(tmp_path, embedder):
    index = index_of(tmp_path / "index", read_case(answer_case(tmp_path / "case")), embedder)
    for method in ("embeddings", "hybrid"):
        hits = index.search(["For how many weeks may I keep what I borrow?"], method, 3)[0]
        assert index.passages[hits[0].number].document == "loans.md"
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    near, far = index.similarity(["How long does a loan last?", "Who won the World Cup in 1998?"])
    assert near > 0.5
    assert far < 0.3


def test_an_index_is_opened_again_and_made_anew_when_documents_change(tmp_path, embedder):
    folder = answer_case(tmp_path / "case")
    case = read_case(folder)
    first = index_of(tmp_path / "index", case, embedder)
    stamp = (first.folder / "vectors.f32").stat().st_mtime_ns
    again = index_of(tmp_path / "index", case, embedder)
    assert again.folder == first.folder and (again.folder / "vectors.f32").stat().st_mtime_ns == stamp
    (folder / "documents" / "loans.md").write_text("# Loans\n\nA loan lasts 28 days.", encoding="utf-8")
    changed = index_of(tmp_path / "index", read_case(folder), embedder)
    assert changed.folder != first.folder
    assert any("28 days" in passage.text for passage in changed.passages)


def test_a_killed_embedding_goes_on_where_it_stopped(tmp_path, embedder):
    case = read_case(answer_case(tmp_path / "case"))
    whole = index_of(tmp_path / "whole", case, embedder)
    vectors = np.fromfile(whole.folder / "vectors.f32", dtype=np.float32)
    (whole.folder / "done").unlink()
    with (whole.folder / "vectors.f32").open("r+b") as file:
        file.truncate(2 * 4 * 384 + 7)  # in the middle of a row
    seen = []
    name = fingerprint(case.files, case.folder)
    build(tmp_path / "whole", case.documents, name, whole.recipe, embedder, lambda done, of: seen.append((done, of)))
    assert np.allclose(np.fromfile(whole.folder / "vectors.f32", dtype=np.float32), vectors, atol=1e-5)
    assert seen == [(len(whole.passages), len(whole.passages))]


def test_a_chroma_store_finds_the_same(tmp_path, embedder):
    case = read_case(answer_case(tmp_path / "case"))
    flat = index_of(tmp_path / "index", case, embedder)
    stored = index_of(tmp_path / "index", case, embedder, chroma=str(tmp_path / "store"))
    question = ["How long does a loan last?"]
    one, two = (index.search(question, "embeddings", 3)[0] for index in (flat, stored))
    assert [hit.number for hit in one] == [hit.number for hit in two]
    assert [hit.score for hit in one] == pytest.approx([hit.score for hit in two], abs=1e-4)


def test_a_chroma_server_by_its_address_finds_the_same(tmp_path, embedder):
    port = free_port()
    with serving(f"chroma run --path served --port {port}", tmp_path, dict(os.environ)):
        address = f"http://127.0.0.1:{port}"
        case = read_case(answer_case(tmp_path / "case"))
        flat = index_of(tmp_path / "index", case, embedder)
        served = index_of(tmp_path / "index", case, embedder, chroma=address)
        assert served.folder != flat.folder and not (served.folder / "vectors.f32").exists()
        one, two = (index.search(["How long does a loan last?"], "hybrid", 3)[0] for index in (flat, served))
        assert [hit.number for hit in one] == [hit.number for hit in two]


def test_a_file_that_is_called_readme_is_called_by_its_folder():
    assert cut("colord/README.md", "Parses colours.", 50)[0].heading == "colord"
    assert cut("README.md", "Parses colours.", 50)[0].heading == "README"


@given(st.integers(1, 300), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_exact_search_is_exact_over_blocks(tmp_path_factory, count, top, seed):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(count, 3)).astype(np.float32)
    path = tmp_path_factory.getbasetemp() / "vectors"
    matrix.tofile(path)
    queries = rng.normal(size=(2, 3)).astype(np.float32)
    for query, hits in zip(queries, FlatVectors(path, count, block=64).nearest(queries, top), strict=True):
        best = np.sort(matrix @ query)[::-1][:top]
        assert [hit.score for hit in hits] == pytest.approx(list(best), abs=1e-5)


def test_fusion_prefers_what_both_found():
    one, two = [Hit(1, 9.0), Hit(2, 8.0)], [Hit(3, 0.9), Hit(2, 0.8)]
    assert [hit.number for hit in fused([one, two])] == [2, 1, 3]
