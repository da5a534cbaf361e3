"""What a reader can get wrong is told in one sentence, before anything slow, with a non-zero exit."""

import ast
import errno
import json
import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from rung.files import read_lines

from scripts.paths import DATA, SNIPPETS, all_programs, name_of
from tests.programs.families import run_each, run_in
from tests.programs.rights import run_with, without_roots_rights
from tests.programs.runner import commands_of, environment, prepare, run_command, serving
from tests.unit.killed_runs import kill_once

RAG = SNIPPETS / "ladder" / "rag"
RAG_IN_PRODUCTION = SNIPPETS / "ladder" / "rag-in-production"
ASK = RAG / "ask_your_documents.py"
KEEPING = RAG_IN_PRODUCTION / "keep_a_collection.py"
LOADERS = {"SentenceTransformer", "CrossEncoder", "pipeline", "from_pretrained"}
HUB_NAME = re.compile(r"sentence-transformers/|HuggingFaceTB/")

# Stand-ins for the heavy libraries, so that a program runs as far as its first model within a second.
HEAVY = ("torch", "transformers", "sentence_transformers", "chromadb", "datasets", "peft", "statsmodels", "trl")
STAND_IN = """
import os
import sys
from unittest.mock import MagicMock

def absent(*_, **__):
    if "CAUSE" in os.environ:
        raise OSError(int(os.environ["CAUSE"]), os.strerror(int(os.environ["CAUSE"])))
    raise OSError("We couldn't connect to the hub, and couldn't find the files in the cache.")

module = MagicMock()
module.__spec__ = None
for name in ("SentenceTransformer", "CrossEncoder", "pipeline"):
    setattr(module, name, absent)
for name in ("AutoTokenizer", "AutoModelForCausalLM"):
    getattr(module, name).from_pretrained = absent
for part in ("", ".utils", ".utils.logging", ".stats", ".stats.proportion", ".stats.contingency_tables"):
    sys.modules[__name__ + part] = module
"""


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory) -> Path:
    """A folder of modules that stand in for the heavy libraries; loading any model from them fails as offline."""
    folder = tmp_path_factory.mktemp("stand-ins")
    for name in HEAVY:
        (folder / f"{name}.py").write_text(STAND_IN, encoding="utf-8")
    return folder


def run(program: Path, arguments: list[str], folder: Path, instead: Path | None = None, **variables: str):
    """Run a program in a folder as it is there, with modules in `instead` before the installed ones."""
    env = environment(folder) | variables
    if instead:
        env["PYTHONPATH"] = str(instead)
    if not (folder / program.name).exists():
        prepare(program, folder)
    return run_command([program.name, *arguments], folder, env)


def sentence_of(result) -> str:
    """The one sentence a failed program ended with."""
    assert result.returncode != 0, f"exit code 0:\n{result.record}"
    assert "Traceback" not in result.stderr, result.stderr
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert lines, "nothing on stderr"
    return lines[-1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Give a folder and a question"),
        (["nowhere"], "There is no folder called nowhere."),
        (["handbook", ""], "Give a folder and a question"),
        (["handbook", "   "], "Give a folder and a question"),
        (["handbook", "Can", "I?"], "unrecognized arguments: I?"),
        (["nowhere", "Can I?"], "There is no folder called nowhere."),
        (["ask_your_documents.py", "Can I?"], "There is no folder called ask_your_documents.py."),
        (["nothing-in-it", "Can I?"], "The folder nothing-in-it holds no .md or .txt file with text in it."),
    ],
)
def test_asking_with_wrong_arguments(tmp_path, stand_ins, arguments, told):
    (tmp_path / "nothing-in-it").mkdir()
    assert told in sentence_of(run(ASK, arguments, tmp_path, stand_ins))


def messy(folder: Path) -> dict[str, str]:
    """Fill a folder with what cannot be used as it is; returns what should be said of each file and folder."""
    for name in (".git", ".venv", "node_modules", "env"):
        (folder / name).mkdir()
        (folder / name / "notes.md").write_text("None of ours.", encoding="utf-8")
    (folder / "env" / "pyvenv.cfg").write_text("home = /usr/bin", encoding="utf-8")
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "again").symlink_to("deep", target_is_directory=True)
    (folder / ".draft.md").write_text("A draft.", encoding="utf-8")
    (folder / "empty.md").write_bytes(b"")
    (folder / "blank.txt").write_bytes(b" \n\n")
    (folder / "picture.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "half-utf16.md").write_bytes(b"R\0i\0d\0e\0")
    (folder / "large.txt").write_bytes(b"All work and no play. " * 250_000)
    (folder / "broken.md").symlink_to("gone.md")
    (folder / "program.py").write_text("print('not a document')", encoding="utf-8")
    return {
        "docs/.git": "hidden",
        "docs/.venv": "hidden",
        "docs/.draft.md": "hidden",
        "docs/node_modules": "no documents",
        "docs/env": "no documents",
        "docs/again": "a link, and links are not followed",
        "docs/empty.md": "empty",
        "docs/blank.txt": "empty",
        "docs/picture.txt": "not text",
        "docs/half-utf16.md": "not text",
        "docs/broken.md": "a link, and links are not followed",
        "docs/large.txt": "over 2,000,000 bytes",
    }


def test_files_that_cannot_be_read_are_left_out_and_named(tmp_path, stand_ins):
    docs = tmp_path / "docs"
    docs.mkdir()
    expected = messy(docs)
    result = run(ASK, ["docs", "Can I?"], tmp_path, stand_ins)
    assert sentence_of(result) == "The folder docs holds no .md or .txt file with text in it."
    for name, reason in expected.items():
        assert f"Left out {name}: {reason}." in result.stderr
    assert "Left out, because only .md and .txt are read: 1 .py." in result.stderr


def test_what_is_forbidden_is_left_out_and_named(tmp_path):
    command = [*without_roots_rights(), sys.executable, ASK.name, "docs", "Can I?"]
    prepare(ASK, tmp_path)
    folders = {"docs/closed": 0, "docs/not-listed": 0o111, "docs/only-listed": 0o444}
    for folder in folders:
        (tmp_path / folder / "deep").mkdir(parents=True)
        (tmp_path / folder / "minutes.md").write_text("Secret.", encoding="utf-8")
    (tmp_path / "docs" / "locked.md").write_text("Secret.", encoding="utf-8")
    modes = folders | {"docs/locked.md": 0}
    paths = {tmp_path / name: mode for name, mode in modes.items()}
    result = run_with(paths, command, env=environment(tmp_path), cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    *told, last = result.stderr.splitlines()
    assert last == "The folder docs holds no .md or .txt file with text in it."
    assert sorted(told) == sorted(f"Left out {name}: Permission denied." for name in modes)


def test_a_latin_1_file_is_read_and_models_absent_are_told(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    messy(docs)
    (docs / "deep" / "deeper" / "café.md").write_bytes("# Café\n\nThe café opens at 8.".encode("latin-1"))
    result = run(ASK, ["docs", "When?"], tmp_path, HF_HOME=str(tmp_path / "no-models"), PYTHONUTF8="1")
    assert "Read docs/deep/deeper/café.md as Windows-1252, because it is not UTF-8." in result.stderr
    assert "Cannot load sentence-transformers/all-MiniLM-L6-v2" in result.stderr


UNUSABLE = {
    "missing": None,
    "empty": b"",
    "blank": b"\n",
    "not JSON": b"not json\n",
    "not UTF-8": b"\xff\xfe\x00",
    "no object": b"[]\n",
    "other fields": b'{"id": "x"}\n',
}


def data_files() -> dict[str, tuple[Path, str]]:
    """Each program with each JSON file it reads: one that it, or its recorded command, names and its reader has."""
    found = {}
    for program in all_programs():
        text = "\n".join([program.read_text(encoding="utf-8"), *commands_of(program)])
        for name in sorted(set(re.findall(r"[\w-]+\.jsonl?\b", text))):
            if (DATA / name).is_file():
                found[f"{name_of(program)}-{name}"] = program, f"data/{name}"
            elif (program.parent / name).is_file():
                found[f"{name_of(program)}-{name}"] = program, name
    return found


@pytest.mark.parametrize("content", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize(("program", "file"), data_files().values(), ids=data_files())
def test_a_data_file_that_cannot_be_used(tmp_path, stand_ins, program, file, content):
    arguments = shlex.split(commands_of(program)[0])
    prepare(program, tmp_path)
    path = tmp_path / file
    path.unlink() if content is None else path.write_bytes(content)
    result = run(program, arguments[1:], tmp_path, stand_ins)
    told = sentence_of(result)
    assert path.name in told and "download" in told.lower()
    if "error!r" in program.read_text(encoding="utf-8"):  # the library's word, or what a readable file lacks
        assert re.search(r"\b[A-Z]\w*Error\(|needs|holds no", told), f"the cause is not told: {told}"
    assert result.stderr.count("\n") == 1 and not result.record, result.stderr + result.record


TABLES = {name: pair for name, pair in data_files().items() if name.endswith(".jsonl")}


@pytest.mark.parametrize(("program", "file"), TABLES.values(), ids=TABLES)
def test_a_data_file_without_a_field_that_the_program_names(tmp_path, stand_ins, program, file):
    arguments = shlex.split(commands_of(program)[0])
    prepare(program, tmp_path)
    path, text = tmp_path / file, program.read_text(encoding="utf-8")
    rows = read_lines(path)
    named = [name for name in rows[0] if f'["{name}"]' in text or f"['{name}']" in text]
    for field in set(named) - ({"id"} if path.name == "questions.jsonl" else set()):  # that `id` is a document's
        without = [{name: value for name, value in row.items() if name != field} for row in rows]
        path.write_text("".join(json.dumps(row) + "\n" for row in without), encoding="utf-8")
        told = sentence_of(run(program, arguments[1:], tmp_path, stand_ins))
        assert path.name in told and "download" in told.lower(), f"without {field!r}: {told}"


def test_a_filter_that_leaves_nothing_ends_in_i_do_not_know(tmp_path):
    prepare(RAG / "filter_by_metadata.py", tmp_path)
    path = tmp_path / "data" / "documents.jsonl"
    documents = read_lines(path)
    old = [one for one in documents if one["kind"] == "policy" and one["status"] != "current"][:1]
    path.write_text("".join(json.dumps(one) + "\n" for one in old), encoding="utf-8")
    result = run(RAG / "filter_by_metadata.py", [], tmp_path)
    assert result.returncode == 0, result.record
    filtered = re.findall(r"^Current and public\n(.*)$", result.record, re.MULTILINE)
    assert filtered == ["  I don't know.", "  I don't know."]
    assert result.record.count(f"({old[0]['status']}, {old[0]['audience']})") == len(filtered)  # without a filter


def on_a_free_port(folder: Path) -> tuple[Path, str]:
    """The program that uses a Chroma server, with a port of its own: beside a test another may serve the program's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    program = RAG_IN_PRODUCTION / "use_a_chroma_server.py"
    text = program.read_text(encoding="utf-8")
    assert "8765" in text
    (folder / program.name).write_text(text.replace("8765", port), encoding="utf-8")
    return program, port


def test_no_chroma_server(tmp_path, stand_ins):
    program, port = on_a_free_port(tmp_path)
    (stand_ins / "chromadb.py").unlink()  # the real one, for it is what fails
    try:
        told = sentence_of(run(program, [], tmp_path, stand_ins))
    finally:
        (stand_ins / "chromadb.py").write_text(STAND_IN, encoding="utf-8")
    assert told.startswith(f"No Chroma server listens on port {port}: start one with `chroma run")


@pytest.mark.parametrize(
    "program", sorted([*RAG.glob("*.py"), *RAG_IN_PRODUCTION.glob("*.py")]), ids=lambda path: path.stem
)
def test_models_absent_while_offline(tmp_path, stand_ins, program):
    arguments = shlex.split(commands_of(program)[0])
    prepare(program, tmp_path)
    told = sentence_of(run(program, arguments[1:], tmp_path, stand_ins))
    assert told.startswith("Cannot load ") and told.endswith("couldn't find the files in the cache.")


def test_models_absent_as_the_library_reports_it(tmp_path):
    absent = {"HF_HOME": str(tmp_path / "no-models")}
    result = run(RAG / "answer_without_documents.py", [], tmp_path, **absent)
    assert sentence_of(result) and "Cannot load HuggingFaceTB/SmolLM2-135M-Instruct: " in result.stderr


LOADERS_OF_MODELS = [path for path in all_programs() if 'sys.exit(f"Cannot load {' in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("cause", [None, errno.ENOSPC, errno.EACCES], ids=["offline", "disk full", "forbidden"])
@pytest.mark.parametrize("program", LOADERS_OF_MODELS, ids=name_of)
def test_what_is_in_the_way_of_a_model_is_told(tmp_path, stand_ins, program, cause):
    arguments = shlex.split(commands_of(program)[0])
    prepare(program, tmp_path)
    variables = {"CAUSE": str(cause)} if cause else {}
    told = sentence_of(run(program, arguments[1:], tmp_path, stand_ins, **variables))
    assert told.startswith("Cannot load ")
    assert (os.strerror(cause) if cause else "We couldn't connect to the hub") in told


@pytest.mark.parametrize("program", LOADERS_OF_MODELS[:1], ids=name_of)
def test_what_the_library_itself_says_is_told(tmp_path, program):
    result = run(program, [], tmp_path, HF_HOME=str(tmp_path / "no-models"))
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "couldn't connect" in result.stderr and "couldn't find them in the cached files" in result.stderr


def tells_of_models(node: ast.Try) -> bool:
    """Whether a try statement ends the program with what the library says when a model cannot be had."""
    return any(
        handler.type is not None
        and "OSError" in ast.unparse(handler.type)
        and ("make models" in ast.unparse(handler) or f"{{{handler.name}}}" in ast.unparse(handler))
        for handler in node.handlers
    )


@pytest.mark.parametrize("program", all_programs(), ids=name_of)
def test_every_model_is_loaded_where_its_absence_is_told(program):
    text = program.read_text(encoding="utf-8")
    if not HUB_NAME.search(text):
        return
    tree = ast.parse(text)
    guarded = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and tells_of_models(node)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and re.split(r"\W", ast.unparse(node.func))[-1] in LOADERS:
            assert node in guarded, (
                f"{name_of(program)}:{node.lineno} loads a model outside "
                "`try: ... except (OSError, ValueError) as error: "
                'sys.exit(f"Cannot load {MODEL}: {error}")`.'
            )


# --- A reader's own data --------------------------------------------------------------------------------------------

MEASURING = SNIPPETS / "ladder" / "measuring-rag"
READS_DATA = sorted(path for path in MEASURING.glob("*.py") if path.stem != "read_a_similarity_score")


def with_questions(program: Path, folder: Path, change) -> None:
    """Lay a program out with its data, of which `change` may alter the questions."""
    prepare(program, folder)
    path = folder / "data" / "questions.jsonl"
    rows = read_lines(path)
    rows = [row for row in map(change, rows) if row]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


READS_TABLES = sorted({program for program, _ in TABLES.values()})
MESSAGES = [program for program, file in TABLES.values() if file == "data/messages.jsonl"]


def as_spreadsheets_write_it(file: Path) -> None:
    """Begin a file with a byte order mark, end its lines as Windows does, and put empty ones between and after them."""
    text = file.read_text(encoding="utf-8").replace("\n", "\r\n\r\n") + "\r\n \r\n"
    file.write_text(text, encoding="utf-8-sig", newline="")


@pytest.mark.parametrize("program", READS_TABLES, ids=name_of)
def test_a_byte_order_mark_and_empty_lines_do_no_harm(tmp_path, stand_ins, program):
    prepare(program, tmp_path)
    for file in tmp_path.rglob("*.jsonl"):
        as_spreadsheets_write_it(file)
    arguments = shlex.split(commands_of(program)[0])
    assert sentence_of(run(program, arguments[1:], tmp_path, stand_ins)).startswith("Cannot load ")


@pytest.mark.parametrize("split", ["train", "dev", "test"])
@pytest.mark.parametrize("program", MESSAGES, ids=name_of)
def test_no_message_of_a_split(tmp_path, stand_ins, program, split):
    prepare(program, tmp_path)
    path = tmp_path / "data" / "messages.jsonl"
    rows = read_lines(path)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows if row["split"] != split), encoding="utf-8")
    told = sentence_of(run(program, [], tmp_path, stand_ins))
    assert "messages.jsonl" in told or told.startswith("Cannot load "), told
    needed = re.search(rf"""["']{split}["']""", program.read_text(encoding="utf-8"))
    assert not needed or "messages.jsonl" in told, f"Without {split} it goes on: {told}"


@pytest.mark.parametrize("program", READS_DATA, ids=lambda path: path.stem)
def test_what_is_wrong_with_a_file_is_told(tmp_path, stand_ins, program):
    prepare(program, tmp_path)
    (tmp_path / "data" / "questions.jsonl").write_text('{"split": "dev"}\n{"split": oops}\n', encoding="utf-8")
    assert "JSONDecodeError" in sentence_of(run(program, [], tmp_path, stand_ins))


@pytest.mark.parametrize("split", ["dev", "test"])
@pytest.mark.parametrize("answerable", [True, False])
def test_a_threshold_without_questions_of_a_kind(tmp_path, stand_ins, split, answerable):
    program = MEASURING / "choose_a_threshold.py"
    with_questions(
        program, tmp_path, lambda row: None if (row["split"], row["answerable"]) == (split, answerable) else row
    )
    told = sentence_of(run(program, [], tmp_path, stand_ins))
    assert "needs answerable and unanswerable questions, both with the split dev and with test" in told


@pytest.mark.parametrize("split", ["dev", "test"])
@pytest.mark.parametrize("program", READS_DATA, ids=lambda path: path.stem)
def test_no_question_of_a_split(tmp_path, stand_ins, program, split):
    with_questions(program, tmp_path, lambda row: None if row["split"] == split else row)
    told = sentence_of(run(program, [], tmp_path, stand_ins))
    needs_dev = program.stem not in ("measure_reading", "put_titles_first")
    assert ("questions.jsonl" in told) == (split == "test" or needs_dev), told


NEEDS_THE_ANSWER = [
    program
    for program in all_programs()
    if "def holds(" in program.read_text(encoding="utf-8") and program in READS_TABLES
]


@pytest.mark.parametrize("document", [None, "no-such-document"], ids=["in no passage", "no such document"])
@pytest.mark.parametrize("program", NEEDS_THE_ANSWER, ids=name_of)
def test_questions_whose_answer_stands_nowhere_are_named(tmp_path, stand_ins, program, document):
    lost = []

    def change(row):
        if row["answerable"] and row["split"] == "test" and len(lost) < 2:
            lost.append(row["direct"])
            return row | ({"document": document} if document else {"accept": ["a figure in no document"]})
        return row

    with_questions(program, tmp_path, change)
    result = run(program, [], tmp_path, stand_ins)
    told = sentence_of(result)
    assert all(question in result.stderr for question in lost), result.stderr
    assert (
        told.startswith("Cannot load ") or "questions.jsonl" in told
    )  # it goes on with the others, or says what to do


def test_without_any_question_that_its_passages_answer_reading_is_not_measured(tmp_path, stand_ins):
    program = MEASURING / "measure_reading.py"
    with_questions(program, tmp_path, lambda row: row | {"accept": ["a figure in no document"]})
    assert "No accepted answer is in a passage" in sentence_of(run(program, [], tmp_path, stand_ins))


# --- A kept collection ----------------------------------------------------------------------------------------------


def store_made_by(folder: Path, metadata: dict | None) -> None:
    """A store that another program made, with vectors as wide as MiniLM's."""
    code = (
        "import chromadb, sys; library = chromadb.PersistentClient(path='store').get_or_create_collection('library', "
        f"metadata={metadata!r}); library.add(ids=['x'], documents=['x'], embeddings=[[0.1] * 384])"
    )
    subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment(folder), check=True)


NO_DATABASE = b"no database" * 1000


def damaged(store: Path) -> None:
    """A store whose database is none."""
    store.mkdir()
    (store / "chroma.sqlite3").write_bytes(NO_DATABASE)


def of_another_program(store: Path) -> None:
    """A folder of this name with another program's database."""
    store.mkdir()
    with sqlite3.connect(store / "chroma.sqlite3") as other:
        other.execute("CREATE TABLE collections (name TEXT)")
        other.execute("INSERT INTO collections VALUES ('mine')")


def rows_of(store: Path, query: str) -> list[tuple]:
    """What a query finds in a store's database."""
    with sqlite3.connect(store / "chroma.sqlite3") as database:
        return database.execute(query).fetchall()


OF_ANOTHER = "The vectors in the folder store are of {}, not of sentence-transformers/"
CANNOT_OPEN = "Cannot open the folder store: move it away"
DOCUMENTS_IN = "SELECT string_value FROM embedding_metadata WHERE key = 'chroma:document'"
# What stands where keep_a_collection.py keeps its store: how it is made, how what is said of it begins, and what of it
# must be there afterwards. (To a database that it can open Chroma adds tables of its own.)
REFUSED = {
    "another model": (
        lambda store: store_made_by(store.parent, {"embedder": "another/model-384"}),
        OF_ANOTHER.format("another/model-384"),
        lambda store: rows_of(store, DOCUMENTS_IN) == [("x",)],
    ),
    "not said": (
        lambda store: store_made_by(store.parent, None),
        OF_ANOTHER.format("an unknown model"),
        lambda store: rows_of(store, DOCUMENTS_IN) == [("x",)],
    ),
    "damaged": (damaged, CANNOT_OPEN, lambda store: (store / "chroma.sqlite3").read_bytes() == NO_DATABASE),
    "another program's": (
        of_another_program,
        CANNOT_OPEN,
        lambda store: rows_of(store, "SELECT name FROM collections") == [("mine",)],
    ),
    "a file": (
        lambda store: store.write_text("mine", encoding="utf-8"),
        CANNOT_OPEN,
        lambda store: store.read_text(encoding="utf-8") == "mine",
    ),
}


def test_a_store_that_is_not_its_own_is_told_and_nothing_of_it_deleted(tmp_path):
    folders = {kind: tmp_path / kind.replace(" ", "-") for kind in REFUSED}
    for kind, folder in folders.items():
        folder.mkdir()
        prepare(KEEPING, folder)
        REFUSED[kind][0](folder / "store")
    run_each([(folder, [KEEPING.name]) for folder in folders.values()], tmp_path)
    for kind, (_, said, is_kept) in REFUSED.items():
        told = sentence_of(run_in(folders[kind]))
        assert told.startswith(said), f"{kind}: {told}"
        assert is_kept(folders[kind] / "store"), f"{kind}: something of it is gone"


def test_a_collection_on_a_server_of_another_embedder_is_refused(tmp_path):
    store_made_by(tmp_path, {"embedder": "another/model-384"})
    program, port = on_a_free_port(tmp_path)
    with serving(f"chroma run --path store --port {port}", tmp_path, environment(tmp_path)):
        told = sentence_of(run(program, [], tmp_path))
    assert told.startswith("The server's vectors are of another/model-384, not of sentence-transformers/")


# --- An interrupted write -------------------------------------------------------------------------------------------

WRITER = """
import itertools, sys, chromadb
library = chromadb.PersistentClient(path="store").get_or_create_collection("library")
for batch in itertools.count(int(sys.argv[1])):
    ids = [f"{batch}-{number}" for number in range(100)]
    vectors = [[batch, number, 1.0, 0.5] for number in range(100)]
    library.add(ids=ids, embeddings=vectors, documents=[f"text {name}" for name in ids])
    print(batch, flush=True)
"""
READER = """
import sys, chromadb
library = chromadb.PersistentClient(path="store").get_collection("library")
for batch in map(int, sys.argv[1:]):
    ids = [f"{batch}-{number}" for number in range(100)]
    found = library.get(ids=ids)
    texts = dict(zip(found["ids"], found["documents"]))
    assert texts == {name: f"text {name}" for name in ids}, f"batch {batch} is not whole"
near = library.query(query_embeddings=[[3.0, 7.0, 1.0, 0.5]], n_results=1)
assert near["ids"][0] == ["3-7"], near
library.add(ids=["after"], embeddings=[[0.0, 0.0, 0.0, 1.0]], documents=["still writable"])
library.delete(ids=["after"])
print("whole")
"""


def test_killing_a_writer_loses_nothing_already_stored(tmp_path):
    # 12 batches of 100 pass the 1000 vectors after which Chroma writes its index; then again, on what survived.
    env, stored, first = environment(tmp_path), [], 0
    for batches in (12, 5):
        command = [sys.executable, "-c", WRITER, str(first)]
        with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, encoding="utf-8") as writer:
            for line in writer.stdout:
                stored.append(int(line))
                if stored[-1] == first + batches - 1:
                    writer.kill()  # SIGKILL, in the middle of the next batch; what it still reported is read below
        assert writer.returncode == -signal.SIGKILL, "the writer ended by itself"
        command = [sys.executable, "-c", READER, *map(str, stored)]
        reader = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, encoding="utf-8")
        assert reader.stdout == "whole\n", reader.stderr
        first = stored[-1] + 2  # the batch between was interrupted: it may be there or not


def test_killing_the_program_that_readers_copy_loses_nothing_already_stored(tmp_path):
    program = KEEPING
    first = run(program, [], tmp_path)
    assert "Embedded and added: 4." in first.record, first.record + first.stderr

    # The same program with 2000 documents more, killed as the database grows: in the midst of Chroma's transaction.
    more = 'DOCUMENTS |= {f"day {n}": f"On day {n} the sky was grey." for n in range(2000)}\n'
    longer = program.read_text(encoding="utf-8").replace("QUESTION = ", f"{more}QUESTION = ", 1)
    assert more in longer, f"{name_of(program)} has no line that begins with `QUESTION = `: put `more` elsewhere."
    (tmp_path / "longer.py").write_text(longer, encoding="utf-8")
    database = tmp_path / "store" / "chroma.sqlite3"
    before, command = database.stat().st_size, [sys.executable, "-u", "longer.py"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    writer = subprocess.Popen(command, cwd=tmp_path, env=environment(tmp_path), **streams)
    printed, _ = kill_once(writer, lambda: database.stat().st_size != before)
    assert printed == "In the store: 4 documents.\n", "it had begun, and must not have got as far as the next line"

    after = run(program, [], tmp_path)
    assert after.returncode == 0, f"After a kill {name_of(program)} fails:\n{after.stderr}"
    kept = int(re.match(r"In the store: (\d+) documents\.\n", after.record)[1])
    assert kept >= 4, f"After a kill {name_of(program)} finds {kept} of its 4 documents."
    assert "\nEmbedded and added: 0.\n" in after.record, after.record
    assert after.record.splitlines()[2:] == first.record.splitlines()[2:], "another answer than before the kill"
