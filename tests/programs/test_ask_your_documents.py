"""The program to take to work: how it cuts documents, reads folders, keeps vectors and talks to a server.

Its functions are tested as they stand in the program; the rest of it, which loads models, is run by test_programs.
"""

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
from markdown_it import MarkdownIt
from tokenizers import Tokenizer

from scripts.paths import DATA, HF_HOME, SNIPPETS
from tests.programs.front_matter_cases import FRONT_MATTER, NO_FRONT_MATTER
from tests.programs.html_table_cases import DAMAGED, HTML_TABLES, MANY, ONE, WITHIN, check_time, check_within
from tests.programs.runner import OFFLINE, environment, prepare

PROGRAM = SNIPPETS / "ladder" / "rag" / "ask_your_documents.py"
ROOM = 248  # tokens, as the program leaves for a passage with its place
HEADER = "| Part | Code | Price |\n|:---|---|---:|\n"


def functions() -> SimpleNamespace:
    """The functions and constants of the program, without what it does with them."""
    text = PROGRAM.read_text(encoding="utf-8").partition("\noptions = parse()")[0]
    scope = {"__doc__": "", "MarkdownIt": MarkdownIt}
    exec(compile(text, str(PROGRAM), "exec"), scope)
    return SimpleNamespace(**scope)


ASK = functions()


@pytest.fixture(scope="session")
def count() -> Callable[[str], int]:
    """How many tokens of MiniLM's tokenizer a text has."""
    file = next(Path(HF_HOME).glob("hub/models--sentence-transformers--all-MiniLM-L6-v2/snapshots/*/tokenizer.json"))
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


@pytest.fixture
def cut(count) -> Callable[..., list[tuple[str, str]]]:
    """Cuts a text into places and passages, as a file of this name."""
    return lambda text, name="a.md": list(ASK.cut(Path(name), text, ROOM, count))


# --- Cutting


def test_a_passage_carries_all_headings_above_it(cut):
    heron = "# Heron\n\nA kayak.\n\n## Rental\n\n£12 an hour.\n\n### Deposit\n\n£50.\n\n"
    text = f"{heron}# Egret\n\n## Rental\n\n£19 an hour.\n"
    assert cut(text) == [
        ("a.md, Heron", "A kayak."),
        ("a.md, Heron > Rental", "£12 an hour."),
        ("a.md, Heron > Rental > Deposit", "£50."),
        ("a.md, Egret > Rental", "£19 an hour."),
    ]


def test_headings_with_lines_below_them_and_levels_that_jump(cut):
    text = (
        "Heron\n=====\n\nRental\n------\n\n£12.\n\n#### Deposit ####\n\n£50.\n\n## With `code` and *stress*\n\nYes.\n"
    )
    assert [place for place, _ in cut(text)] == [
        "a.md, Heron > Rental",
        "a.md, Heron > Rental > Deposit",
        "a.md, Heron > With code and stress",
    ]


def test_a_heading_with_nothing_below_it_is_a_passage(cut):
    text = "# Boats\n\n## No rental in February\n\n## Dogs are welcome\n\n# Closed on Mondays\n"
    assert cut(text) == [
        ("a.md, Boats > No rental in February", "No rental in February"),
        ("a.md, Boats > Dogs are welcome", "Dogs are welcome"),
        ("a.md, Closed on Mondays", "Closed on Mondays"),
    ]


@pytest.mark.parametrize("fence", ["```", "~~~", "````", "~~~~~"])
def test_what_stands_in_code_is_no_heading(cut, fence):
    inner = "```\n" if len(fence) > 3 else ""
    code = f"{fence}bash\n# fetch it\n{inner}make\n====\n{fence}\n\n    # indented\n\n"
    text = f"# Set-up\n\nInstall it.\n\n{code}## Use\n\nAsk.\n"
    passages = cut(text)
    assert [place for place, _ in passages] == ["a.md, Set-up", "a.md, Set-up > Use"]
    assert "# fetch it" in passages[0][1] and "# indented" in passages[0][1]


def test_a_comment_or_an_output_in_a_text_file_is_no_heading(cut):
    text = "To prune:\n\n# remove what is stale\n\n$ prune --all\n\nResult\n------\n\n# 3 removed\n"
    assert {place for place, _ in cut(text, "log.txt")} == {"log.txt"}


def test_front_matter_is_left_out_and_a_rule_at_the_start_is_not(cut):
    front = (
        "---\ntitle: Our boats\ntags:\n  - hire\n  - river\n# a comment\nauthor: Ida\n---\n# Boats\n\nWe have nine.\n"
    )
    assert cut(front) == [("a.md, Boats", "We have nine.")]
    assert cut("---\n" + "-boats: nine\n" * 60)  # each line may be read in two ways: 2 ** 60 are not to be tried


@pytest.mark.parametrize("text", [text for text, _ in FRONT_MATTER])
def test_front_matter_however_it_is_written(cut, text):
    assert cut(f"{text}Twelve berths.") == [("a.md", "Twelve berths.")]


@pytest.mark.parametrize(("text", "kept"), NO_FRONT_MATTER)
def test_what_is_no_front_matter_is_kept(cut, text, kept):
    assert kept in "\n".join("\n".join(passage) for passage in cut(f"{text}Twelve berths."))


@pytest.mark.parametrize(("first", "other"), [("- ", "  "), ("> ", "> "), ("> - ", ">   "), ("Prices:\n", "")])
def test_a_long_table_in_something_else_keeps_its_header(cut, first, other):
    header, rule = HEADER.split("\n")[:2]
    rows = [f"| Oarlock {number} of brass, left-handed | OL-{number} | £{number}.50 |" for number in range(70)]
    text = "\n".join([f"{first}{header}", *(f"{other}{line}" for line in (rule, *rows)), "", "The end."])
    passages = [text for _, text in cut(f"# Parts\n\n{text}\n")]
    assert len(passages) > 3
    assert all(header in one and rule in one for one in passages)
    assert all(sum(row in one for one in passages) == 1 for row in rows)


def test_nothing_is_lost_between_the_blocks(cut):
    text = "# Notes\n\n[^1]: Monday.\n\n[map]: river.png\n\n<!-- kept -->\n\n> quoted\n\n1. one\n2. two\n\nEnd of it"
    joined = "\n".join(passage for _, passage in cut(text))
    for part in ("Monday.", "river.png", "quoted", "2. two", "End of it"):
        assert part in joined


def test_a_long_table_is_cut_between_rows_and_each_part_has_the_header(cut, count):
    rows = [f"| Oarlock {number} of brass, left-handed | OL-{number} | £{number}.50 |" for number in range(70)]
    passages = [text for _, text in cut("# Parts\n\n" + HEADER + "\n".join(rows) + "\n")]
    assert len(passages) > 3
    found = []
    for text in passages:
        assert text.startswith(HEADER)
        assert count(text) <= ROOM
        found += text.removeprefix(HEADER).split("\n")
    assert found == rows


@pytest.mark.parametrize("name", HTML_TABLES)
def test_a_long_table_in_html_is_cut_between_rows_and_each_part_has_the_header(cut, count, name):
    text, header, rows = HTML_TABLES[name]
    passages = cut(f"# Hire\n\nBy the day.\n\n{text}\n\nThe end.\n")
    parts = [one for _, one in passages if "larch" in one]
    assert len(parts) > 3
    assert all(header in one for one in parts)
    assert all(sum(row in one for one in parts) == 1 for row in rows)
    assert all(count(f"{place}\n{one}") <= ROOM and one.strip("\n") == one for place, one in passages)
    assert passages[0][1].startswith("By the day.") and passages[-1][1].endswith("The end.")


def test_a_row_longer_than_a_passage_is_cut_and_each_part_has_the_header(cut):
    words = [f"word{number}" for number in range(400)]
    passages = [one for _, one in cut(f"<table>\n{ONE}\n<tr><td>{' '.join(words)}</td></tr>\n</table>\n")]
    assert len(passages) > 3 and all(one.startswith(f"<table>\n{ONE}\n") for one in passages)
    assert re.findall(r"word\d+", " ".join(passages)) == words


def test_a_table_in_a_row_of_another_keeps_the_header_of_its_own(cut):
    check_within([one for _, one in cut(WITHIN)])


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_markup_takes_no_longer_than_its_length(name):
    def parted(markup: str) -> list[tuple[str, str]]:
        return [part for table in ASK.whole_tables(markup.split("\n\n")) for part in ASK.around_html_tables(table)]

    markup = DAMAGED[name](MANY)
    assert sum(len(head) + len(text) for head, text in parted(markup)) >= len(markup.replace("\n\n", "\n"))
    check_time(parted, DAMAGED[name])


def test_a_table_that_is_never_closed_takes_no_heading_along(cut):
    text = "# Hire\n\n<table>\n<tr><th>Boat</th></tr>\n\nBy the day.\n\n# Boats\n\nNine.\n"
    assert [place for place, _ in cut(text)] == ["a.md, Hire", "a.md, Boats"]


LONG = {
    "a table": HEADER + "| Ruderdolle | XK-4711-ß | 12,50 € |\n" * 60,
    "code": "```python\n"
    + "".join(f"value_{n} = compute_it(argument_{n}, [{n}] * {n})\n" for n in range(90))
    + "```\n",
    "German": "Die Bootsvermietungsgesellschaft übernimmt Haftpflichtversicherungsschäden. " * 60,
    "Russian": "Аренда лодки стоит двенадцать рублей в час, залог возвращается сразу. " * 60,
    "Japanese": "ボートの貸し出しは一時間千二百円です。保証金はその場で返します。" * 60,
    "no seam": "x9/" * 1000,
}


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
@pytest.mark.parametrize("kind", LONG)
def test_no_passage_is_longer_than_the_embedder_reads_and_nothing_is_lost(cut, count, kind, name):
    passages = cut(LONG[kind], name)
    assert len(passages) > 1
    for place, passage in passages:
        assert count(f"{place}\n{passage}") <= ROOM
    joined = "".join(passage.removeprefix(HEADER) if kind == "a table" else passage for _, passage in passages)
    assert re.sub(r"\s", "", joined) == re.sub(r"\s", "", LONG[kind].removeprefix(HEADER))


def test_a_place_as_long_as_a_passage_leaves_room_for_the_passage(cut, count):
    headings = [f"{'#' * level} {'All there is to be said of boats, ' * 4}{level}\n" for level in range(1, 7)]
    ((place, passage),) = cut("".join(headings) + "\nNine boats.\n")
    assert passage == "Nine boats." and place.endswith(" of boats, 6")
    assert count(f"{place}\n{passage}") <= ROOM


@pytest.mark.parametrize(("mark", "rule", "end"), [("", "---", "\n"), ("", "====", "\n"), ("## ", "", " ")])
@pytest.mark.parametrize("count_of_lines", [15, 60])
def test_of_lines_that_a_rule_happens_to_underline_none_is_lost(cut, mark, rule, end, count_of_lines):
    lines = [f"Reading {number} of the tide gauge." for number in range(count_of_lines)]
    passages = cut(f"# Log\n\n{mark}{end.join(lines)}\n{rule}\n\nEnd of the log.\n")
    assert {place for place, _ in passages} == {"a.md, Log"}
    shown = "\n".join(passage for _, passage in passages)
    assert all(line in shown for line in lines) and "End of the log." in shown


@pytest.mark.skipif(sys.platform != "linux", reason="other systems let no such name be made")
def test_a_file_whose_name_is_not_utf8_is_read_and_can_be_printed(tmp_path, count):
    with open(os.path.join(os.fsencode(tmp_path), b"caf\xe9.md"), "wb") as file:
        file.write(b"Coffee costs 2 pounds.")
    (path,) = ASK.find(tmp_path)
    ((place, passage),) = ASK.cut(path, ASK.read(path), ROOM, count)
    assert place.encode().decode() == f"{tmp_path.as_posix()}/caf\ufffd.md" and passage == "Coffee costs 2 pounds."


# --- Reading folders


def messy_folder(folder: Path) -> None:
    """Fill a folder with two documents, and with all that is no document."""
    for name in (".git", ".obsidian", "node_modules/pkg", "env/lib", "sub/deep"):
        (folder / name).mkdir(parents=True)
        (folder / name / "readme.md").write_text("# Not ours", encoding="utf-8")
    (folder / "env" / "pyvenv.cfg").write_text("home = /usr/bin", encoding="utf-8")
    (folder / "plan.md").write_text("# Plan\n\nNine boats.", encoding="utf-8")
    (folder / ".draft.md").write_text("# Draft", encoding="utf-8")
    (folder / "again").symlink_to("..", target_is_directory=True)
    (folder / "outside.md").symlink_to("/etc/hostname")
    for name in ("a.pdf", "b.PDF", "c.docx", "LICENSE"):
        (folder / name).write_text("…", encoding="utf-8")
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(3 * 2**30)  # three gigabytes that take no room, and would if they were read
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.md")  # opening it would wait for ever


def test_what_is_no_document_is_left_out_and_said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    messy_folder(Path("docs"))
    found = [path.as_posix() for path in ASK.find(Path("docs"))]
    assert found == ["docs/plan.md", "docs/sub/deep/readme.md"]
    said = capsys.readouterr().err
    for name, reason in {
        "docs/.git": "hidden",
        "docs/.obsidian": "hidden",
        "docs/.draft.md": "hidden",
        "docs/node_modules": "no documents",
        "docs/env": "no documents",
        "docs/again": "a link, and links are not followed",
        "docs/outside.md": "a link, and links are not followed",
        "docs/huge.txt": "over 2,000,000 bytes",
        "docs/pipe.md": "no ordinary file",
    }.items():
        assert f"Left out {name}: {reason}.\n" in said
    assert "only .md and .txt are read: 2 .pdf, 1 without an ending, 1 .docx." in said


def test_an_error_of_the_folder_itself_is_said(tmp_path, capsys):
    assert not list(ASK.find(tmp_path / "gone"))
    assert "gone: No such file or directory." in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, encoding, line_end):
    file = tmp_path / "café.md"
    file.write_bytes(line_end.join(["# Café", "", "Öffnet um acht."]).encode(encoding))
    assert ASK.read(file) == "# Café\n\nÖffnet um acht."


# --- Asking


def test_without_a_question_it_asks_until_an_empty_line(monkeypatch):
    typed = iter(["How many boats?", "  What do they cost? ", "", "never asked"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    assert list(ASK.questions(None)) == ["How many boats?", "What do they cost?"]
    assert list(ASK.questions("Only this?")) == ["Only this?"]


def test_the_end_of_what_is_typed_ends_it(monkeypatch):
    def ended(_):
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    assert not list(ASK.questions(None))


@pytest.mark.parametrize(
    ("options", "passages"), [([], 1), (["--model", "any-7b"], 3), (["--model", "any-7b", "--passages", "2"], 2)]
)
def test_another_model_reads_three_passages_unless_told_otherwise(tmp_path, monkeypatch, options, passages):
    monkeypatch.setattr(sys, "argv", [PROGRAM.name, str(tmp_path), "How many?", *options])
    assert ASK.parse().passages == passages


@pytest.mark.parametrize("passages", ["0", "-1"])
def test_fewer_passages_than_one_are_refused_in_a_sentence(tmp_path, monkeypatch, passages):
    monkeypatch.setattr(sys, "argv", [PROGRAM.name, str(tmp_path), "How many?", "--passages", passages])
    with pytest.raises(SystemExit, match="Give --passages a whole number from 1 on"):
        ASK.parse()


def test_the_threshold_is_the_highest_that_still_answers_most_questions():
    printed = (SNIPPETS / "ladder" / "measuring-rag" / "choose_a_threshold.out").read_text(encoding="utf-8")
    answered = re.findall(r"^(0\.\d+) +(\d+)% ", printed.partition("Chosen on dev")[0], re.MULTILINE)
    assert max(float(threshold) for threshold, share in answered if int(share) >= 95) == ASK.CLOSE_ENOUGH


MATERIALS = ("brass", "oak", "steel", "rubber", "nylon", "copper")
THINGS = ("oarlock", "rudder", "anchor", "fender", "cleat", "paddle", "pulley", "hatch", "seat", "whistle")
PRICES = {f"{one} {other}": f"£{23 + 7 * n}.40" for n, (one, other) in enumerate(product(MATERIALS, THINGS))}


@pytest.fixture
def harbour(tmp_path) -> Path:
    """A folder with the program, two products of one outline, a table of sixty prices, and fifty notes."""
    prepare(PROGRAM, tmp_path)
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, price in (("Heron", "£412"), ("Egret", "£655")):
        size = "It is four metres long and weighs 32 kilograms without its paddle."
        parts = [f"# {name}", "A kayak for two.", "## Size", size, "## Price", f"The price is {price}, with a paddle."]
        text = "\n\n".join(parts) + "\n"
        (docs / f"{name.lower()}.md").write_text(text, encoding="utf-8")
    rows = "\n".join(f"| {name} | {price} |" for name, price in PRICES.items())
    (docs / "spares.md").write_text(f"# Spare parts\n\n| Part | Price |\n|---|---|\n{rows}\n", encoding="utf-8")
    for day in range(50):
        (docs / f"day-{day}.txt").write_text(f"On day {day} the tide turned at noon.", encoding="utf-8")
    return tmp_path


def asked(folder: Path, *questions: str, options: tuple[str, ...] = ()) -> tuple[list[str], str]:
    """What the program says to each question that is typed, without its own prompt, and what it tells beside that."""
    command = [sys.executable, PROGRAM.name, "docs", *options]
    typed = "\n".join([*questions, "", ""])
    text = {"encoding": "utf-8", "env": environment(folder), "cwd": folder}
    result = subprocess.run(command, input=typed, capture_output=True, check=False, **text)
    assert result.returncode == 0, result.stderr
    said = result.stdout.split("Your question, or Enter to end: ")[1:]
    assert len(said) == len(questions) + 1, result.stdout
    return said[:-1], OFFLINE.sub("", result.stderr)


@pytest.mark.long
def test_two_products_and_a_long_table_are_told_apart_and_nothing_is_embedded_twice(harbour):
    (egret, heron, fender), told = asked(
        harbour, "How much is the Egret?", "What is the price of a Heron?", "What does a nylon fender cost?"
    )
    progress = told.split("\n")  # as text is read, the bar's returns to the beginning of its line end it
    assert all(line.startswith("Embedding, once: ") for line in progress if line), told
    assert "100%" in told and "| 2/2 [" in told, "there are two batches"
    for said, name, price, other in ((egret, "Egret", "£655", "£412"), (heron, "Heron", "£412", "£655")):
        answer, nearest, *_ = said.split("\n\n")
        assert f"{name} > Price" in nearest and nearest.endswith(f"The price is {price}, with a paddle."), said
        assert other not in answer, said
    assert "I don't know" not in fender
    assert f"| nylon fender | {PRICES['nylon fender']} |" in fender and "| Part | Price |" in fender
    vectors = harbour / ".cache" / "ask_your_documents" / "vectors.sqlite3"
    before = vectors.read_bytes()
    assert asked(harbour, "How much is the Egret?") == ([egret], "")
    assert vectors.read_bytes() == before


@pytest.mark.long
def test_direct_questions_to_a_folder_of_short_documents_are_not_refused(tmp_path):
    """The 24 shortest of the shared documents, and all questions in direct wording that one of them answers."""
    documents, questions = (
        [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
        for name in ("documents.jsonl", "questions.jsonl")
    )
    answering = {question["document"] for question in questions if question["answerable"]}
    fit = [one for one in documents if one["status"] == "current" and one["id"] in answering]
    short = sorted(fit, key=lambda one: len(one["text"]))[:24]
    prepare(PROGRAM, tmp_path)
    (tmp_path / "docs").mkdir()
    for one in short:
        (tmp_path / "docs" / f"{one['id']}.md").write_text(f"# {one['title']}\n\n{one['text']}\n", encoding="utf-8")
    names = {one["id"] for one in short}
    known = [question["direct"] for question in questions if question["document"] in names]
    body = json.dumps({"choices": [{"message": {"content": "Yes."}}]}).encode()
    with serving(200, body) as (address, received):
        (*said, other), _ = asked(tmp_path, *known, "Who won the football match?", options=("--endpoint", address))
    refused = [question for question, one in zip(known, said, strict=True) if one.startswith("I don't know.")]
    assert len(known) > 24 and len(refused) <= 2, refused
    assert len(received) == len(known) - len(refused)
    assert other.startswith("I don't know.")


# --- Keeping vectors


@pytest.fixture(scope="session")
def embedders():
    """Two embedding models of one architecture and width whose weights differ, made here with random numbers."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    file = next(Path(HF_HOME).glob("hub/models--sentence-transformers--all-MiniLM-L6-v2/snapshots/*/tokenizer.json"))
    made = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        made.append(SentenceTransformer(modules=[StaticEmbedding(Tokenizer.from_file(str(file)), embedding_dim=8)]))
    return made


def embed(texts: list[str], embedder, cache: sqlite3.Connection):
    """What the program's embed returns, with the modules that the program imports late."""
    import numpy as np
    from tqdm import tqdm

    ASK.embed.__globals__.update(np=np, tqdm=tqdm)
    return ASK.embed(texts, embedder, cache)


def kept(file: Path) -> int:
    """How many vectors a file keeps."""
    with contextlib.closing(sqlite3.connect(file)) as cache:
        return cache.execute("SELECT count(*) FROM vectors").fetchone()[0]


def test_only_what_is_new_is_embedded(tmp_path, embedders, monkeypatch):
    file, embedder = tmp_path / "cache" / "vectors.sqlite3", embedders[0]
    texts = [f"Boat {number} is red." for number in range(80)]
    first = embed(texts, embedder, ASK.open_cache(file))
    assert kept(file) == 80
    asked = []
    encode = embedder.encode_document
    monkeypatch.setattr(embedder, "encode_document", lambda some, **options: asked.extend(some) or encode(some))
    again = embed(["Boat 80 is new.", *reversed(texts)], embedder, ASK.open_cache(file))
    assert asked == ["Boat 80 is new."]
    assert (again[1:][::-1] == first).all()
    assert (again[0] == encode(["Boat 80 is new."])[0]).all()


def test_another_model_of_the_same_width_gets_vectors_of_its_own(tmp_path, embedders):
    file = tmp_path / "vectors.sqlite3"
    one, other = (embed(["Nine boats."], embedder, ASK.open_cache(file)) for embedder in embedders)
    assert one.shape == other.shape and (one != other).any()
    assert kept(file) == 2


@pytest.mark.parametrize("content", ["not a database" * 100, None, "foreign"], ids=["damaged", "a folder", "foreign"])
def test_a_file_that_cannot_keep_vectors_is_said_and_left_as_it_is(tmp_path, embedders, capsys, content):
    file = tmp_path / "vectors.sqlite3"
    if content is None:
        file.mkdir()
    elif content == "foreign":
        with contextlib.closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE vectors (id INTEGER)")
    else:
        file.write_text(content, encoding="utf-8")
    before = file.read_bytes() if file.is_file() else b""
    assert embed(["Nine boats."], embedders[0], ASK.open_cache(file)).shape == (1, 8)
    assert f"Vectors are not kept, because {file} cannot hold them" in capsys.readouterr().err
    assert not file.is_file() or file.read_bytes() == before


@pytest.mark.parametrize("why", ["full", "readonly"])
def test_a_file_that_takes_no_more_vectors_is_said_once_and_all_is_answered(tmp_path, embedders, capsys, why):
    file = tmp_path / "vectors.sqlite3"
    with contextlib.closing(ASK.open_cache(file)) as cache:
        embed(["Nine boats."], embedders[0], cache)
    texts = ["Nine boats.", *(f"Boat {number} is red." for number in range(2000))]
    address, mode = (f"{file.as_uri()}?mode=ro", "0") if why == "readonly" else (str(file), "8")
    with contextlib.closing(sqlite3.connect(address, uri=why == "readonly")) as cache:
        cache.execute(f"PRAGMA max_page_count = {mode}")
        found = embed(texts, embedders[0], cache)
    assert (found == embed(texts, embedders[0], ASK.open_cache(Path(":memory:")))).all()
    assert capsys.readouterr().err.count("From here on no vectors are kept") == 1
    assert 1 <= kept(file) < len(texts)


@pytest.mark.parametrize("misfit", [b"1234", b"123", b"", "text", None], ids=str)
def test_a_kept_vector_that_does_not_fit_is_made_again(tmp_path, embedders, misfit):
    file = tmp_path / "vectors.sqlite3"
    made = embed(["Nine boats.", "Ten."], embedders[0], ASK.open_cache(file))
    with contextlib.closing(sqlite3.connect(file)) as cache, cache:
        cache.execute("UPDATE vectors SET vector = ? WHERE rowid = 1", [misfit])
    for _ in range(2):
        assert (embed(["Nine boats.", "Ten."], embedders[0], ASK.open_cache(file)) == made).all()


# --- Another writer


@contextlib.contextmanager
def serving(status: int, body: bytes) -> Iterator[tuple[str, list[dict]]]:
    """A server on loopback that answers every request so; yields its address and what it was sent."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append({"path": self.path, "key": self.headers["Authorization"], **sent})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1", received
    server.shutdown()
    server.server_close()


def writer(address: str) -> Callable[[str], str]:
    """The program's function that lets a server answer."""
    return ASK.load_endpoint(SimpleNamespace(endpoint=address, model="any-7b"))


def test_a_server_answers(monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "k-1")
    body = json.dumps({"choices": [{"message": {"content": " Nine boats. \n"}}]}).encode()
    with serving(200, body) as (address, received):
        assert writer(f"{address}/")("How many?") == "Nine boats."
    assert received[0]["path"] == "/v1/chat/completions"
    assert received[0]["key"] == "Bearer k-1"
    assert received[0]["model"] == "any-7b"
    assert received[0]["messages"] == [{"role": "user", "content": "How many?"}]
    assert f"sent to {address}/" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b'{"error": "model any-7b not found"}', "404 Not Found.*any-7b not found"),
        (200, b"<html>a login page</html>", "Expecting value"),
        (200, b'{"choices": []}', "list index"),
        (200, b'{"choices": [{"message": {"content": null}}]}', "NoneType"),
    ],
)
def test_a_server_that_does_not_answer_is_said_with_its_reason(status, body, said):
    with serving(status, body) as (address, _), pytest.raises(ConnectionError, match=said):
        writer(address)("How many?")


def test_no_server_is_said():
    with pytest.raises(ConnectionError, match="refused"):
        writer("http://127.0.0.1:9/v1")("How many?")


def test_one_passage_or_several_in_the_prompt():
    assert ASK.prompt_for("How many?", ["Nine."]).endswith("\n\nNine.\n\nQuestion: How many?")
    assert "[1] Nine.\n\n[2] Ten." in ASK.prompt_for("How many?", ["Nine.", "Ten."])
