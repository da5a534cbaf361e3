"""The engine tells a change from a harmless difference, and runs a program as its .out file says."""

import os
import re
import socket
import sys
import time
from pathlib import Path

import pytest

from scripts import paths
from tests.programs import run_cache, runner
from tests.programs.runner import (
    Declaration,
    declarations,
    difference,
    environment,
    forbidden_lines,
    missing_facts,
    run_command,
    run_program,
)
from tests.programs.snapshot import Snapshot, check
from tests.rung.servers import free_port

PLAIN = Declaration()
TOLERANCE = Declaration(reason="another CPU", whole=2, decimal=0.02)
WORDING = Declaration(reason="another CPU", generated=["^Answer: "], facts=["30 days"])


@pytest.fixture
def write_program(tmp_path, monkeypatch):
    """A function that writes a program, its .out file and its declaration in a small tree of their own."""
    monkeypatch.setattr(paths, "SNIPPETS", tmp_path)
    monkeypatch.setattr(runner, "DATA", tmp_path / "data")
    monkeypatch.setattr(runner, "DECLARATIONS", tmp_path / "programs.toml")
    (tmp_path / "programs.toml").touch()
    (tmp_path / "page").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "facts.txt").write_text("a fact\n", encoding="utf-8")

    def write(program: str, output: str | None = None, declared: str = "") -> Path:
        path = tmp_path / "page" / "print_it.py"
        path.write_text(program, encoding="utf-8")
        if output is not None:
            path.with_suffix(".out").write_text(output, encoding="utf-8")
        (tmp_path / "programs.toml").write_text(
            declared and f'["page/print_it.py"]\nreason = "a test"\n{declared}\n', encoding="utf-8"
        )
        return path

    return write


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("one\ntwo\n", "one\ntwo\nthree\n"),
        ("one\ntwo\n", "one\n"),
        ("one\ntwo\n", "two\none\n"),
        ("hit rate 0.71\n", "hit rate 0.72\n"),
        ("a  b\n", "a b\n"),
        ("a\n", "a \n"),
        ("a\n", "A\n"),
        ("a\n", "a"),
        ("a\n", "a\r\n"),
        ("a\n", "a\n\n"),
        ("a\n", ""),
    ],
)
def test_without_a_declaration_any_difference_counts(expected, printed):
    assert not difference(expected, expected, PLAIN)
    assert difference(expected, printed, PLAIN)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("61/120 = 51% (42-60)", "63/120 = 53% (44-62)"),
        ("score 0.715", "score 0.735"),
        ("score -0.01", "score 0.01"),
        ("margin 0.00", "margin -0.02"),
        ("  BM25    99    0.71", "  BM25   101    0.72"),
        ("a number (-3)", "a number (-1)"),
    ],
)
def test_figures_may_differ_within_the_declared_tolerance(expected, printed):
    assert not difference(expected, printed, TOLERANCE)
    assert not difference(printed, expected, TOLERANCE)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("61/120 = 51%", "64/120 = 51%"),
        ("score 0.71", "score 0.74"),
        ("score 0.71", "score 0.710"),  # printed otherwise, whatever it says
        ("score 1", "score 1.0"),
        ("score 0.71", "score nan"),
        ("margin -3", "margin 3"),
        ("between 42-60", "between 42 60"),
        ("BM25 first", "dense first"),
        ("q001: 7", "q002: 7"),  # a name, not a figure
        ("policy-2025: 7", "policy-2026: 7"),
        ("MiniLM-L6: 7", "MiniLM-L5: 7"),
        ("7 of 9", "7 of"),
        ("7\n8", "7"),
    ],
)
def test_tolerance_has_bounds(expected, printed):
    assert difference(expected, printed, TOLERANCE)


def test_tolerance_is_of_one_kind():
    assert difference("0.71", "0.72", Declaration(reason="whole only", whole=2))
    assert difference("71", "72", Declaration(reason="decimals only", decimal=2))


def test_generated_wording_is_free_and_the_rest_is_not():
    expected = "Question: How long?\nAnswer: You have 30 days.\nSource: policy\n"
    assert not difference(expected, expected.replace("You have 30 days", "It is 30 days"), WORDING)
    assert difference(expected, expected.replace("Answer:", "Reply:"), WORDING)
    assert difference(expected, expected.replace("Source: policy", "Source: manual"), WORDING)
    assert difference(expected, expected.replace("Answer: You have 30 days.\n", ""), WORDING)
    assert difference(expected, expected.replace("days.", "days.\nUp to 100 km."), WORDING)


def test_what_must_never_be_printed_is_found():
    declaration = Declaration(reason="another CPU", generated=["^Answer: "], never=["^Answer: .*30 days"])
    assert forbidden_lines("$ python ask.py\nAnswer: 30 days\nTruth: 30 days\n", declaration) == ["Answer: 30 days"]
    assert not forbidden_lines("$ python ask.py\nAnswer: two weeks\nTruth: 30 days\n", declaration)


def test_the_memory_of_a_small_program_is_its_own(tmp_path):
    held = b"x" * 200_000_000  # what the process that starts it holds is not the program's
    (tmp_path / "wait.py").write_text("import time\ntime.sleep(0.3)\n", encoding="utf-8")
    run = run_command(["wait.py"], tmp_path, environment(tmp_path))
    assert 1 < run.peak_mb < len(held) / 2**20


def test_facts_are_looked_for_in_what_was_printed():
    assert not missing_facts("$ python ask.py\nAnswer: within 30 DAYS\n", WORDING)
    assert missing_facts("$ python ask.py 'is it 30 days?'\nAnswer: ask us\n", WORDING) == ["30 days"]


@pytest.mark.parametrize(
    "declared",
    [
        {"generated": [""]},
        {"generated": [".*"]},
        {"generated": ["^"]},
        {"generated": "^Answer: "},
        {"facts": "30 days"},
        {"facts": [""]},
    ],
    ids=str,
)
def test_a_declaration_that_would_let_anything_pass_is_refused(declared):
    with pytest.raises(ValueError, match=r"programs\.toml"):
        Declaration(reason="careless", **declared)


def test_every_declared_server_has_a_port_of_its_own():
    ports = [declaration.server.split()[-1] for declaration in declarations().values() if declaration.server]
    assert len(ports) == len(set(ports)), "Programs run side by side: give each server another port."


def test_the_difference_can_be_read():
    found = difference("one\ntwo\n", "one\n2\n", PLAIN)
    assert "-two" in found.splitlines()
    assert "+2" in found.splitlines()
    assert "line" in difference("one\n", "one", PLAIN)


def test_without_an_out_file_the_program_runs_without_arguments(write_program):
    run = run_program(write_program("import sys\nprint(sys.argv)\n"))
    assert run.record == "$ python print_it.py\n['print_it.py']\n"
    assert run.returncode == 0
    assert run.seconds > 0
    assert run.peak_mb > 1


def test_several_commands_run_in_one_folder_as_they_are_written(write_program):
    program = """
        import sys
        from pathlib import Path
        notes = Path("notes.txt")
        notes.write_text((notes.read_text() if notes.exists() else "") + sys.argv[1])
        print(notes.read_text(), end="")
    """
    output = '$ python print_it.py "one "\none \n$ python print_it.py two\none two\n'
    path = write_program("\n".join(line.strip() for line in program.splitlines()), output)
    assert run_program(path).record == output
    assert run_program(path).record == output, "The second run found what the first one left."


def test_declared_files_are_there_and_nothing_else_is(write_program):
    program = (
        "from pathlib import Path\n"
        "print(*sorted(path.as_posix() for path in Path().rglob('*') if path.is_file()), sep='\\n')\n"
    )
    path = write_program(program, declared='files = ["pages/one.txt", "notes.txt", "more", "data/facts.txt"]')
    for name in ("pages/one.txt", "pages/two.txt", "notes.txt", "more/deep/three.txt", "unnamed.txt"):
        file = path.parent / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    printed = run_program(path).record.splitlines()[1:]
    assert printed == ["data/facts.txt", "more/deep/three.txt", "notes.txt", "pages/one.txt", "print_it.py"]


@pytest.mark.parametrize("name", ["data/facts.txt", "notes.txt"])
def test_a_file_that_is_not_declared_is_not_there_and_is_named(write_program, name):
    path = write_program("import sys\nprint(open(sys.argv[1]).read())\n", f"$ python print_it.py {name}\n")
    (path.parent / "notes.txt").write_text("a note", encoding="utf-8")
    run = run_program(path)
    assert run.returncode == 1 and runner.undeclared(path, run.stderr) == [name]


def test_a_declared_file_that_is_gone_is_told(write_program):
    path = write_program("print(1)\n", declared='files = ["notes.txt"]')
    with pytest.raises(ValueError, match=r"page/print_it\.py has `files` that are not there: notes\.txt"):
        run_program(path)


def test_declared_data_stays_as_it_is(write_program):
    path = write_program("open('data/facts.txt', 'w').write('changed')\n", declared='files = ["data/facts.txt"]')
    assert run_program(path).returncode == 0
    assert (runner.DATA / "facts.txt").read_text(encoding="utf-8") == "a fact\n"


def test_a_crash_half_way_ends_the_run_and_keeps_what_was_printed(write_program):
    program = "import sys\nprint('first', flush=True)\nif len(sys.argv) > 1:\n    raise RuntimeError('no more')\n"
    output = "$ python print_it.py\nfirst\n$ python print_it.py again\nfirst\n$ python print_it.py\nfirst\n"
    run = run_program(write_program(program, output))
    assert run.returncode == 1
    assert "RuntimeError: no more" in run.stderr
    assert run.record == "$ python print_it.py\nfirst\n$ python print_it.py again\nfirst\n"


def test_a_last_line_without_an_end_does_not_swallow_the_next_command(write_program):
    output = "$ python print_it.py\nno end\n$ python print_it.py\nno end\n"
    assert run_program(write_program("print('no end', end='')\n", output)).record == output


def test_an_out_file_cannot_run_another_program(write_program):
    path = write_program("print(1)\n", "$ python other_program.py\n1\n")
    path.with_name("other_program.py").write_text("print(1)\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"must run print_it\.py"):
        run_program(path)


def test_a_program_that_prints_a_command_is_told_so(write_program):
    with pytest.raises(ValueError, match=r"page/print_it\.py prints a line that begins"):
        run_program(write_program("print('Try:\\n$ python print_it.py --help')\n"))


def test_bytes_that_are_not_utf8_are_shown(write_program):
    path = write_program("import sys\nsys.stdout.buffer.write(b'caf\\xe9\\n')\nsys.stderr.buffer.write(b'\\xff')\n")
    path.with_suffix(".out").write_bytes(b"$ python print_it.py\ncaf\xe9\n")
    run = run_program(path)
    assert run.record == "$ python print_it.py\ncaf\\xe9\n"
    assert run.stderr == "\\xff"


def test_the_environment_is_a_readers(write_program, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for snippets")
    monkeypatch.delenv("GUIDE_HUB_HOME", raising=False)
    program = (
        "import os\nfrom pathlib import Path\n"
        "print(os.environ['HF_HOME'], os.environ['HF_HUB_OFFLINE'], 'SECRET_KEY' in os.environ)\n"
        "print(list(Path.home().iterdir()), '£')\n"
    )
    assert run_program(write_program(program)).record.splitlines()[1:] == [f"{paths.HF_HOME} 1 False", "[] £"]
    assert runner.environment(Path("home"), hf_home=Path("empty"))["HF_HOME"] == "empty"
    monkeypatch.setenv("GUIDE_HUB_HOME", "hub")
    assert runner.environment(Path("home"))["HF_HOME"] == "hub"


def test_what_the_hub_says_of_being_offline_is_no_noise_of_a_program_and_its_other_warnings_are(write_program):
    program = (
        "from huggingface_hub.utils import logging\n"
        "logger = logging.get_logger('huggingface_hub.hf_api')\n"
        "logger.warning(\"Could not reach the Hub (offline). Using cached commit hash for 'a/model'.\")\n"
        "logger.warning('You are sending requests without a token.')\n"
    )
    assert run_program(write_program(program)).stderr == "You are sending requests without a token.\n"


@pytest.mark.parametrize(
    "noise",
    [
        "Warning: You are sending requests without a token.\n",
        "Loading weights: 100%|##########| 272/272 [00:00<00:00, 972.45it/s]\n",
        "UserWarning: The update took 0.02 s on this computer.\n",
        "\n",
    ],
)
def test_noise_beside_the_output_is_told_and_one_programs_time_is_none(noise):
    time_taken = "The update took 0.02 s on this computer.\n"

    def check_one(said: str) -> None:
        run = runner.Run("$ python print_it.py\n", 0, said)
        snapshot = Snapshot("print_it.py", said, lambda: run, lambda: run.record, print, ".out file", is_quiet=True)
        check(snapshot, lambda name: name == "--afresh", lambda *_: None)

    check_one("")
    check_one(time_taken)
    for said in (noise, noise + time_taken, time_taken + noise):
        with pytest.raises(AssertionError, match=r"print_it\.py writes beside its output:\n" + re.escape(noise[:20])):
            check_one(said)


def test_a_question_on_the_keyboard_does_not_wait_for_ever(write_program):
    run = run_program(write_program("input('Your question? ')\n"))
    assert run.returncode == 1
    assert "EOFError" in run.stderr


def is_running(pid: int) -> bool:
    """Whether a process is there and is not only waiting to be buried."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z")


LEAVES_A_PROCESS = (
    "import subprocess, sys, time\n"
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)\n"
)


@pytest.mark.parametrize("waits", [False, True], ids=["ends", "runs too long"])
def test_nothing_is_left_running(write_program, monkeypatch, waits):
    monkeypatch.setattr(runner, "TIME_LIMIT_S", 1 if waits else 60)
    run = run_program(write_program(LEAVES_A_PROCESS + ("time.sleep(60)\n" if waits else "")))
    assert run.seconds < 30
    assert (run.returncode != 0) == waits
    assert ("longer than 1 seconds" in run.stderr) == waits
    child = int(run.record.splitlines()[1])
    for _ in range(100):
        if not is_running(child):
            break
        time.sleep(0.05)
    assert not is_running(child)


def test_the_declared_server_listens_while_the_program_runs_and_no_longer(write_program):
    port = free_port()
    program = f"import urllib.request\nprint(urllib.request.urlopen('http://127.0.0.1:{port}').status)\n"
    server = f"{Path(sys.executable).name} -m http.server --bind 127.0.0.1 {port}"
    run = run_program(write_program(program, declared=f'server = "{server}"'))
    assert run.record == "$ python print_it.py\n200\n", run.stderr
    assert not runner.listens(port)


@pytest.mark.parametrize(
    ("server", "message"),
    [
        ("-c 'raise SystemExit(3)'", r"exit code 3"),
        ("-c 'print(\"busy\", flush=True); import time; time.sleep(60)'", "busy"),
    ],
    ids=["that ends", "that never listens"],
)
def test_a_server_that_does_not_start_is_told(write_program, monkeypatch, server, message):
    monkeypatch.setattr(runner, "START_LIMIT_S", 1)
    declared = f"server = '''{Path(sys.executable).name} {server} {free_port()}'''"
    with pytest.raises(RuntimeError, match=message):
        run_program(write_program("print(1)\n", declared=declared))


def test_a_taken_port_is_told(write_program):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"Port {port} is taken"):
            run_program(write_program("print(1)\n", declared=f'server = "python -m http.server {port}"'))


@pytest.fixture
def cached(write_program, monkeypatch, tmp_path):
    """A program that reads data and a file of its own, and whose run is in the cache."""
    monkeypatch.setattr(run_cache, "FOLDER", tmp_path / "runs")
    monkeypatch.setattr(run_cache, "WORTH_CACHING_S", 0)
    program = 'print(open("data/facts.txt").read() + open("own.txt").read())\n'
    path = write_program(program, "$ python print_it.py own.txt\n", 'files = ["data/facts.txt", "own.txt"]')
    (path.parent / "own.txt").write_text("its own\n", encoding="utf-8")
    run = run_program(path)
    assert run.returncode == 0, run.stderr
    run_cache.store(run_cache.key_of(path), run)
    assert run_cache.load(run_cache.key_of(path)) == run
    return path


@pytest.mark.parametrize("changed", ["page/print_it.py", "page/own.txt", "data/facts.txt", "page/print_it.out"])
def test_a_cached_run_no_longer_counts_when_what_it_depends_on_changes(cached, changed, tmp_path):
    file = tmp_path / changed
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("own.txt", "./own.txt") if file.suffix == ".out" else text + "# more\n", encoding="utf-8"
    )
    assert run_cache.load(run_cache.key_of(cached)) is None
    file.write_text(text, encoding="utf-8")
    assert run_cache.load(run_cache.key_of(cached))


def test_a_new_output_on_the_page_does_not_count_as_a_change_but_is_still_compared(cached):
    cached.with_suffix(".out").write_text("$ python print_it.py own.txt\nan invented line\n", encoding="utf-8")
    assert difference(
        cached.with_suffix(".out").read_text(encoding="utf-8"), run_cache.load(run_cache.key_of(cached)).record, PLAIN
    )


def test_a_damaged_or_failed_run_is_not_loaded(cached):
    for file in run_cache.FOLDER.iterdir():
        file.write_text("{", encoding="utf-8")
    assert run_cache.load(run_cache.key_of(cached)) is None
    run_cache.store(run_cache.key_of(cached), runner.Run("half", 1, "error"))
    assert run_cache.load(run_cache.key_of(cached)) is None


@pytest.fixture
def audit_key(tmp_path, monkeypatch):
    """A small built site whose page was in order, and the key of its audit in a browser, as it is now."""
    monkeypatch.setattr(run_cache, "AUDITS", tmp_path / "audits")
    site, program = tmp_path / "site", tmp_path / "program.py"
    (site / "assets").mkdir(parents=True)
    for file in (site / "index.html", site / "assets" / "site.js", program):
        file.write_text("as it was", encoding="utf-8")

    def key(kind: str = "keyboard", browser: str = "156") -> str:
        run_cache.loaded_by.cache_clear()
        return run_cache.key_of_audit(kind, site / "index.html", site, browser, [program])

    run_cache.store_audit(key(), [])
    assert run_cache.was_in_order(key())
    return key


@pytest.mark.parametrize("changed", ["site/index.html", "site/assets/site.js", "program.py"])
def test_a_page_is_looked_at_again_when_it_or_what_it_loads_changes(audit_key, changed, tmp_path):
    (tmp_path / changed).write_text("otherwise", encoding="utf-8")
    assert not run_cache.was_in_order(audit_key())


def test_each_kind_of_audit_counts_for_itself_and_in_its_browser(audit_key):
    assert not run_cache.was_in_order(audit_key(kind="copy"))
    assert not run_cache.was_in_order(audit_key(browser="157"))


def test_an_audit_that_finds_something_is_made_again(audit_key):
    run_cache.store_audit(audit_key(), ["the page scrolls sideways"])
    assert not run_cache.was_in_order(audit_key())


def test_a_check_is_made_once_afresh_and_again_after_one_that_did_not_end_well(monkeypatch, tmp_path):
    monkeypatch.setattr(run_cache, "AUDITS", tmp_path / "audits")
    calls = []
    assert run_cache.made("key", lambda: calls.append(1), afresh=False)
    assert not run_cache.made("key", lambda: calls.append(2), afresh=False)
    assert run_cache.made("other", lambda: calls.append(3), afresh=False)
    with pytest.raises(ZeroDivisionError):
        run_cache.made("key", lambda: 1 / 0, afresh=True)
    assert run_cache.made("key", lambda: calls.append(4), afresh=False)
    assert calls == [1, 3, 4]


def test_under_ci_nothing_is_loaded(monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert not run_cache.wanted()
