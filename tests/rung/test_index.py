"""What of an index stays from run to run, what is made anew, and what is said where its place is not to be had."""

import json
import os
import re
import sys
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import bm25s
import numpy as np
import pytest
from bm25s.tokenization import Tokenizer
from hypothesis import given, settings
from hypothesis import strategies as st
from rung.arms import Answering, gold_passages
from rung.case import Item, read_case
from rung.embedding import Embedder
from rung.errors import CaseError, ModelError, install
from rung.measure import embedder_of, find_unanswered, index_of
from rung.models import AnswerCache, CachedModel, LocalModel
from rung.retrieval import RECENT, WORD, Recipe, _Words, build, fingerprint, identity
from rung.vectors import ChromaVectors, Kept

from tests.rung.cases import answer_case, write_table
from tests.rung.counting import Counting
from tests.rung.servers import free_port

WORDS_ALONE = '[search]\nembedder = ""\npassage_tokens = 60\n'


def silent(what: str, done: int, of: int) -> None:
    """Progress that nobody looks at."""


def said(case) -> set[str]:
    """What was found in a case's documents."""
    return {f"{one.level}: {one.where}: {one.what}" for one in case.findings if one.where.startswith("documents/")}


def built(folder, documents: dict[str, str], embedder, chroma: str = ""):
    """An index of documents that are given as texts."""
    recipe = Recipe(60, embedder.name if embedder else "", chroma)
    return build(folder, documents.items, json.dumps(documents), recipe, embedder)


TEXTS = {f"{topic}.md": f"# {topic}\n\nThe {topic} is open on day {place}." for place, topic in enumerate("abcdefgh")}


@pytest.mark.parametrize("kill", [(), ("done",), ("done", "bm25/params.index.json")])
def test_what_was_found_in_the_documents_is_found_in_every_run(tmp_path, kill):
    folder = answer_case(tmp_path, WORDS_ALONE)
    (folder / "documents" / "broken.pdf").write_bytes(b"%PDF-1.4 and no more")
    (folder / "documents" / "old.txt").write_bytes("Gebühr: 5 €".encode("cp1252"))
    first = read_case(folder)
    index = index_of(first, silent, None)
    assert any("error: documents/broken.pdf: left out: a damaged PDF" in line for line in said(first))
    assert "note: documents/old.txt: read as cp1252" in said(first)
    for name in kill:
        (index.folder / name).unlink()
    second = read_case(folder)
    assert index_of(second, silent, None).folder == index.folder
    assert said(second) == said(first)


def test_a_file_whose_reader_was_missing_is_read_once_it_is_installed(tmp_path, monkeypatch):
    folder = answer_case(tmp_path, WORDS_ALONE)
    (folder / "documents" / "atlas.html").write_text("<h1>Atlas</h1><p>An atlas may be lent.</p>", encoding="utf-8")
    with monkeypatch.context() as missing:
        missing.setitem(sys.modules, "bs4", None)  # as Python has it where it cannot be imported
        case = read_case(folder)
        without = index_of(case, silent, None)
        assert f"error: documents/atlas.html: left out: .html files need {install('documents')}" in said(case)
    case = read_case(folder)
    index = index_of(case, silent, None)
    names = {passage.document for passage in index.passages}
    assert names - {passage.document for passage in without.passages} == {"atlas.html"} and said(case) == set()


def test_documents_without_any_text_are_named_each_time(tmp_path):
    folder = answer_case(tmp_path, WORDS_ALONE)
    for path in read_case(folder).files:
        path.write_text("", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(CaseError, match=r"The documents hold no text. documents/desk/hours.md: left out: no text"):
            index_of(read_case(folder), silent, None)


def test_a_file_that_cannot_be_opened_has_another_fingerprint_when_it_can(tmp_path):
    path = tmp_path / "a.md"
    path.symlink_to(path)
    before = fingerprint([path], tmp_path)
    path.unlink()
    path.write_text("Now it can.", encoding="utf-8")
    assert before != fingerprint([path], tmp_path)


def test_passages_longer_than_the_embedder_reads_are_not_asked_for_in_silence(tmp_path, embedder):
    long = {"long.md": "And many sentences follow here. " * 200}
    recipe = Recipe(400, embedder.name)
    for _ in range(2):
        index = build(tmp_path, long.items, "long", recipe, embedder)
        (finding,) = index.findings
        assert finding.level == "warning" and finding.where == "[search] passage_tokens"
        assert finding.what == f"400 is more than {embedder.name} reads of a text: lowered to {embedder.limit}"
    assert not build(tmp_path, long.items, "long", Recipe(embedder.limit, embedder.name), embedder).findings


def test_an_index_that_cannot_be_written_says_why(tmp_path):
    folder = answer_case(tmp_path, WORDS_ALONE)
    (folder / ".rung").mkdir()
    (folder / ".rung" / "index").write_text("a file", encoding="utf-8")
    with pytest.raises(OSError, match=r"Not a directory|File exists") as problem:
        index_of(read_case(folder), silent, None)
    assert str(problem.value.filename).startswith(str(folder / ".rung" / "index"))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(alphabet="ab c7+é.", max_size=30), min_size=1, max_size=12))
def test_words_read_back_from_disk_make_the_very_index_of_words_in_memory(tmp_path_factory, texts):
    def made(ids, vocabulary):
        words = bm25s.BM25()
        words.index(bm25s.tokenization.Tokenized(ids=ids, vocab=vocabulary), show_progress=False)
        return words.scores

    def streamed():
        tokenizer = Tokenizer(splitter=WORD, stopwords=None)
        return tokenizer, tokenizer.streaming_tokenize(texts, update_vocab=True)

    one, ids = streamed()
    in_memory = made(list(ids), one.get_vocab_dict())
    two, ids = streamed()
    from_disk = made(_Words(tmp_path_factory.getbasetemp() / "words", ids), two.get_vocab_dict())
    for name in ("data", "indices", "indptr"):
        assert np.array_equal(in_memory[name], from_disk[name])


def test_of_changed_documents_only_new_passages_are_embedded(tmp_path, embedder):
    built(tmp_path / "index", TEXTS, embedder)
    changed = {"0.md": "# New\n\nA new one.", **TEXTS, "c.md": "# c\n\nClosed."}
    counting = Counting(embedder)
    index = built(tmp_path / "index", changed, counting)
    assert counting.texts == ["New\nA new one.", "c\nClosed."]
    fresh = built(tmp_path / "fresh", changed, embedder)
    pairs = zip(*(index_.search(["Is c closed?", "day 3"], "embeddings", 9) for index_ in (index, fresh)), strict=True)
    for one, two in pairs:
        assert [hit.number for hit in one] == [hit.number for hit in two]
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in two], abs=1e-5)


def test_what_a_killed_run_embedded_is_taken_over_by_the_index_of_changed_documents(tmp_path, embedder):
    first = built(tmp_path, TEXTS, embedder)
    (first.folder / "done").unlink()
    with (first.folder / "vectors.f32").open("r+b") as file:
        file.truncate(5 * 4 * embedder.dimension + 9)  # killed in the sixth of eight rows
    counting = Counting(embedder)
    built(tmp_path, {"0.md": "# New\n\nA new one.", **TEXTS}, counting)
    assert counting.texts == [
        "New\nA new one.",
        *(f"{name}\nThe {name} is open on day {n + 5}." for n, name in enumerate("fgh")),
    ]


def test_another_embedder_takes_nothing_over(tmp_path, embedder):
    built(tmp_path, TEXTS, embedder)
    other = Counting(embedder)
    other.name = "another"
    built(tmp_path, {**TEXTS, "i.md": "More."}, other)
    assert len(other.texts) == len(TEXTS) + 1


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.lists(st.integers(0, 12), min_size=1, max_size=12))
def test_kept_vectors_are_those_of_the_same_text(known, asked):
    class Rows:
        """Vectors that are their texts' numbers."""

        def rows(self, numbers):
            return {number: np.array([known[number]]) for number in numbers}

    def keys(names):
        return np.array([f"{name}\0".encode() for name in names], dtype="S16")

    found = Kept([(keys(known), Rows())]).of(keys(asked))
    assert {place: int(row[0]) for place, row in found.items()} == {
        place: name for place, name in enumerate(asked) if name in known
    }


def test_indexes_that_nobody_uses_any_more_are_removed_the_last_used_stay(tmp_path):
    made = []
    for number in range(6):
        made.append(built(tmp_path, {"a.md": f"Day {number}."}, None).folder)
        old = time.time() - RECENT - 1000 + 100 * number
        for file in made[-1].rglob("*"):
            os.utime(file, (old, old))
    assert [folder.exists() for folder in made] == [False, False, False, True, True, True]
    built(tmp_path, {"a.md": "Day 3."}, None)  # used again, so that it is not the oldest
    built(tmp_path, {"a.md": "Another day."}, None)
    assert [folder.exists() for folder in made[3:]] == [True, False, True]
    assert not list(tmp_path.glob(".*"))


def test_an_index_that_was_used_a_moment_ago_is_not_removed(tmp_path):
    made = [built(tmp_path, {"a.md": f"Day {number}."}, None).folder for number in range(6)]
    assert all(folder.exists() for folder in made)


def test_a_chroma_folder_is_below_the_case_wherever_the_command_is_run(tmp_path, embedder, monkeypatch):
    folder = answer_case(tmp_path / "case", '[search]\nchroma = "store"\npassage_tokens = 60\n')
    found = []
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        index = index_of(read_case(folder), silent, embedder)
        found.append(index.search(["How long does a loan last?"], "embeddings", 2)[0])
        assert not list((tmp_path / place).iterdir())
    assert found[0] == found[1] and len(found[0]) == 2 and (folder / "store").is_dir()


def test_vectors_that_a_store_has_lost_are_made_again(tmp_path, embedder):
    store = str(tmp_path / "store")
    whole = built(tmp_path / "index", TEXTS, embedder, chroma=store)
    hits = whole.search(["day 3"], "embeddings", 8)
    collection = ChromaVectors(store, f"rung-{whole.folder.name}")
    collection._collection.delete(ids=["2", "5"])
    counting = Counting(embedder)
    again = built(tmp_path / "index", TEXTS, counting, chroma=store)
    assert [text[0] for text in counting.texts] == ["c", "f"]
    assert [hit.number for hit in again.search(["day 3"], "embeddings", 8)[0]] == [hit.number for hit in hits[0]]
    collection.remove()
    counting.texts.clear()
    assert len(built(tmp_path / "index", TEXTS, counting, chroma=store).search(["day 3"], "embeddings", 8)[0]) == 8
    assert len(counting.texts) == 8


def test_a_store_takes_over_what_a_file_has_and_its_old_collections_go(tmp_path, embedder):
    store = tmp_path / "store"
    built(tmp_path / "index", TEXTS, embedder)
    counting = Counting(embedder)
    first = built(tmp_path / "index", TEXTS, counting, chroma=str(store))
    assert counting.texts == [] and len(first.search(["day 3"], "embeddings", 8)[0]) == 8
    second = built(tmp_path / "index", {**TEXTS, "i.md": "More."}, counting, chroma=str(store))
    assert len(counting.texts) == 1 and len(second.search(["day 3"], "embeddings", 9)[0]) == 9
    for folder in (first.folder, second.folder):
        for file in folder.iterdir():
            os.utime(file, (1, 1))
    for number in range(3):
        built(tmp_path / "index", {"a.md": f"Day {number}."}, None)
    assert not first.folder.exists() and not second.folder.exists()
    with pytest.raises(ModelError, match="does not exist"):
        ChromaVectors(str(store), f"rung-{first.folder.name}", is_new=False)


def test_a_store_that_is_not_to_be_had_gets_one_sentence(tmp_path, embedder, monkeypatch):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    nonsense = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    nonsense.RequestHandlerClass.log_message = lambda *_: None
    Thread(target=nonsense.serve_forever, daemon=True).start()
    places = {
        f"http://127.0.0.1:{free_port()}": "start it",
        f"http://127.0.0.1:{nonsense.server_port}": "start it",
        str(tmp_path / "file"): "name a folder that can be written to",
    }
    try:
        for where, what in places.items():
            with pytest.raises(ModelError, match=rf"The Chroma store {where} cannot be used \(.+\): {what}") as problem:
                built(tmp_path / "index", TEXTS, embedder, chroma=where)
            assert "\n" not in str(problem.value) and str(problem.value).endswith("case.toml.")
    finally:
        nonsense.shutdown()
        nonsense.server_close()
    monkeypatch.setitem(sys.modules, "chromadb", None)  # as Python has it where it cannot be imported
    with pytest.raises(ModelError, match=re.escape(f"A Chroma store needs {install('store')}.")):
        built(tmp_path / "index", TEXTS, embedder, chroma=str(tmp_path / "store"))


def test_an_embedder_in_a_folder_is_below_the_case_and_known_by_what_is_in_it(tmp_path):
    folder = answer_case(tmp_path, '[search]\nembedder = "mine"\n')
    assert embedder_of(read_case(folder)).name == "mine"  # of the Hugging Face hub
    (folder / "mine").mkdir()
    (folder / "mine" / "weights").write_bytes(b"1")
    mine = embedder_of(read_case(folder))
    assert Path(mine.name) == folder / "mine"
    before = identity(mine)
    (folder / "mine" / "weights").write_bytes(b"2")
    assert identity(mine) != before and identity(Embedder("a/b")) == "a/b"


def test_a_passage_that_is_given_is_the_one_that_answers(tmp_path):
    documents = {
        "a.md": "# Rooms\n\nRoom 4 seats 12 people.\n\n# Fees\n\nA lost book costs £12. It is due\nwithin 12 days.",
        "b.md": "# Staff\n\nWe are 12.",
    }
    index = built(tmp_path, documents, None)
    place = {passage.heading: number for number, passage in enumerate(index.passages)}

    def gold(**more):
        items = [Item("q", "When must a lost book be paid?", ("12",), "test", **more)]
        return gold_passages(items, index)["q"]

    assert set(gold()) == {place["Rooms"], place["Fees"], place["Staff"]}
    assert gold(passage="It is due within 12 days.") == [place["Fees"]]
    assert set(gold(passage="12 people. A lost book")) == set(gold())  # stands in no passage whole
    assert gold(passage="we are 12", document="b") == [place["Staff"]] == gold(document="b.md")
    items = [Item("q", "When?", ("in a fortnight",), "test", passage="due within 12 days")]
    assert gold_passages(items, index)["q"] == [place["Fees"]]


def test_the_passages_of_a_document_that_stands_twice_answer_what_names_either(tmp_path):
    folder = answer_case(tmp_path, WORDS_ALONE)
    for name in ("times.md", "closing.md"):
        text = "# Closing\n\nThe pier closes at 21.\n"
        (folder / "documents" / name).write_text(text, encoding="utf-8")
    rows = [(f"When does it close, by {name}?", "21", name, "test") for name in ("times", "closing.md", "loans.md")]
    write_table(folder / "questions.csv", ["question", "answers", "document", "split"], rows)
    case = read_case(folder)
    index = index_of(case, silent, None)
    (place,) = [number for number, one in enumerate(index.passages) if "pier" in one.text]
    gold = Answering(case, index, None).gold
    assert [gold[item.id][:1] for item in case.items[:2]] == [[place], [place]]
    assert place not in gold[case.items[2].id]


def test_questions_whose_answer_or_passage_stands_nowhere_are_named(tmp_path):
    folder = answer_case(tmp_path, WORDS_ALONE)
    rows = [
        ("How long is a loan?", "21 days", "loans", "A loan lasts 21 days.", "test"),
        ("How long may it last?", "21 days", "loans", "lasts three weeks", "test"),
        ("What does a lost book cost?", "£12", "loans", "", "test"),
        ("Who is the mayor?", "Ms Ash", "", "", "test"),
    ]
    write_table(folder / "questions.csv", ["question", "answers", "document", "passage", "split"], rows)
    case = read_case(folder)
    lab = Answering(case, index_of(case, silent, None), CachedModel(LocalModel("none"), AnswerCache(tmp_path / "a")))
    before = len(case.findings)
    find_unanswered(case, lab)
    assert [(one.where, one.what) for one in case.findings[before:]] == [
        (
            "q3",
            "its passage of loans stands nowhere as it is written, or not in one piece; "
            'its accepted answer is looked for instead: "How long may it last?"',
        ),
        ("q4", 'its accepted answer stands in no passage of loans: "What does a lost book cost?"'),
        ("q5", 'its accepted answer stands in no passage: "Who is the mayor?"'),
    ]
