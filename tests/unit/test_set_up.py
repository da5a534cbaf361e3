"""The environment is made from any state in which a run was stopped, and what is in the way is told in one sentence."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts import set_up as tool
from scripts.paths import ROOT
from tests.unit.killed_runs import kill_once

NOBODY = "http://127.0.0.1:9/simple"  # nothing listens there
TINY = "torch-2.13.0-py3-none-any.whl"  # a package of one line, under the name that has a way of its own

# Stands in for what builds rung, without a package of its own: an editable installation is a path in a wheel.
BUILDER = """
import zipfile
from pathlib import Path

def build_editable(folder, config_settings=None, metadata_directory=None):
    info = "rung_bench-0.1.0.dist-info"
    files = {
        "rung.pth": str(Path(__file__).parent / "src"),
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: rung-bench\\nVersion: 0.1.0\\nRequires-Dist: nosuch\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(Path(folder) / "rung_bench-0.1.0-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return "rung_bench-0.1.0-py3-none-any.whl"
"""


def package(folder: Path) -> Path:
    """Write a package in the place of rung, of one module."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "rung.py").write_text("ANSWER = 41\n", encoding="utf-8")
    system = '[build-system]\nrequires = ["nosuch"]\nbuild-backend = "builder"\nbackend-path = ["."]\n'
    (folder / "pyproject.toml").write_text(system, encoding="utf-8")
    (folder / "builder.py").write_text(BUILDER, encoding="utf-8")
    return folder


def wheel(folder: Path) -> Path:
    """Write a package of one module."""
    info = "torch-2.13.0.dist-info"
    files = {
        "torch.py": "ANSWER = 42\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digest = {
        name: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        for name, text in files.items()
    }
    record = "".join(f"{name},sha256={digest[name]},{len(files[name])}\n" for name in files)
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / TINY, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)
    return folder / TINY


class Place:
    """A folder with requirements of its own, in which the environment is made."""

    def __init__(self, root: Path) -> None:
        """Make the folder and write into it."""
        self.venv, self.requirements = root / "venv", root / "requirements"
        self.wheel, self.package = wheel(root / "wheels"), package(root / "rung")
        self.requirements.mkdir()
        self.write()

    def write(self, checksum: str = "") -> None:
        """Write the groups: the first two install nothing, the third only PyTorch's stand-in."""
        checksum = checksum or hashlib.sha256(self.wheel.read_bytes()).hexdigest()
        for group in tool.GROUPS:
            (self.requirements / f"{group}.txt").write_text("", encoding="utf-8")
        (self.requirements / "torch.in").write_text("# Why.\ntorch==2.13.0\n", encoding="utf-8")
        pinned = f"torch==2.13.0 \\\n    --hash=sha256:{checksum}\n"
        (self.requirements / "torch.txt").write_text(pinned, encoding="utf-8")

    def start(self, *groups: str, first: str = "", python: str = sys.executable, **more: str) -> subprocess.Popen:
        """Start the script here, after a statement of the test's own."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        env |= {"GUIDE_VENV": str(self.venv), "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": NOBODY} | more
        program = (
            f"import pathlib, sys; sys.path.insert(0, {str(ROOT)!r}); from scripts import set_up as tool; "
            f"tool.REQUIREMENTS = pathlib.Path({str(self.requirements)!r}); "
            f"tool.PACKAGE = pathlib.Path({str(self.package)!r}); {first or 'pass'}; tool.main()"
        )
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        return subprocess.Popen([python, "-c", program, *groups], env=env, start_new_session=True, **streams)

    def run(self, *groups: str, **more: str) -> tuple[int, str, str]:
        """Run the script to its end: its exit code, and what it said."""
        process = self.start(*groups, **more)
        said, complained = process.communicate()
        return process.returncode, said, complained


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Place:
    """A place in which the environment was made, and is whole after each test."""
    place = Place(tmp_path_factory.mktemp("made"))
    assert place.run("site")[0] == 0
    return place


def one_sentence(complained: str) -> str:
    """The only line that was said."""
    lines = complained.strip().splitlines()
    assert len(lines) == 1, f"More than a sentence:\n{complained}"
    return lines[0]


@pytest.mark.parametrize("there", ["bin/python", "lib/python*/site-packages/pip"])
def test_a_run_killed_while_the_environment_is_made_is_mended_by_the_next(place, there):
    process = place.start("site")
    kill_once(process, lambda: list(place.venv.glob(there)))
    code, _, complained = place.run("site")
    assert (code, complained) == (0, "")
    done = subprocess.run([place.venv / "bin" / "pip", "--version"], capture_output=True, encoding="utf-8")
    assert str(place.venv) in done.stdout, done.stderr


def test_an_environment_whose_python_was_removed_is_made_again(made):
    (made.venv / "bin" / "python").unlink()
    (made.venv / "bin" / "python").symlink_to("gone")
    code, said, complained = made.run("site")
    assert (code, complained) == (0, "")
    assert "not whole" in said
    assert (made.venv / "site").exists()


def test_what_is_there_is_not_installed_again_until_its_file_changes(made):
    asked = "tool.pip_install = lambda *a: sys.exit('pip was asked')"
    assert made.run("site", first=asked)[0] == 0
    later = (made.venv / "site").stat().st_mtime + 5
    os.utime(made.requirements / "site.txt", (later, later))
    assert made.run("site", first=asked) == (1, "", "pip was asked\n")


def without_torch(place: Place) -> Place:
    """The place with the stand-in for PyTorch and its group removed."""
    for path in place.venv.glob("lib/python*/site-packages/torch*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (place.venv / "test").unlink(missing_ok=True)
    return place


def test_pytorch_comes_from_its_own_index_where_that_is_reached(made):
    code, _, complained = without_torch(made).run("test", PIP_FIND_LINKS=str(made.wheel.parent), TORCH_INDEX=NOBODY)
    assert (code, complained) == (0, "")
    done = subprocess.run(
        [made.venv / "bin" / "python", "-c", "import torch; print(torch.ANSWER)"], capture_output=True
    )
    assert done.stdout == b"42\n", done.stderr


def test_rung_is_what_stands_in_its_folder_and_fetches_nothing(made):
    code, _, complained = without_torch(made).run("test", PIP_FIND_LINKS=str(made.wheel.parent), TORCH_INDEX="")
    assert (code, complained) == (0, "")
    (made.package / "src" / "rung.py").write_text("ANSWER = 42\n", encoding="utf-8")
    ask = [made.venv / "bin" / "python", "-B", "-c", "import rung; print(rung.ANSWER)"]
    assert subprocess.run(ask, capture_output=True).stdout == b"42\n"


def test_a_rung_that_cannot_be_built_is_told_and_does_not_count_as_installed(made):
    (made.package / "builder.py").write_text("raise RuntimeError('no builder')", encoding="utf-8")
    code, _, complained = without_torch(made).run("test", PIP_FIND_LINKS=str(made.wheel.parent), TORCH_INDEX="")
    (made.package / "builder.py").write_text(BUILDER, encoding="utf-8")
    assert code == 1 and complained.startswith("The command rung could not be installed from rung/: pip says:\n")
    assert "RuntimeError: no builder" in complained and not (made.venv / "test").exists()


def test_a_package_that_is_not_the_one_that_was_checked_is_refused_with_the_cause(place):
    place.write(checksum="0" * 64)
    code, _, complained = place.run("test", PIP_FIND_LINKS=str(place.wheel.parent), TORCH_INDEX="")
    assert code == 1
    assert complained.startswith("PyTorch could not be installed: pip says:\nERROR: THESE PACKAGES DO NOT MATCH")
    assert "Traceback" not in complained and "connection" not in complained


def test_without_connection_one_sentence_says_what_to_do(made):
    code, said, complained = without_torch(made).run("test", TORCH_INDEX=NOBODY)
    assert code == 1
    assert "PyTorch's own index cannot be reached: taking PyPI's build" in said
    assert one_sentence(complained).startswith("PyTorch could not be installed: check the connection")
    assert not (made.venv / "test").exists(), "It counts as installed."


def test_an_older_python_is_told_the_version_that_is_needed(place):
    code, _, complained = place.run("site", first="tool.OLDEST = (9, 1, 2)")
    assert code == 1
    assert one_sentence(complained).startswith("Python 9.1.2 or newer is needed, and this is 3.")
    assert not place.venv.exists()


@pytest.mark.parametrize("module", ["ensurepip", "venv"])
def test_a_python_that_cannot_make_environments_is_told_what_brings_that(place, module):
    code, _, complained = place.run("site", first=f"sys.modules[{module!r}] = None")
    assert code == 1
    assert f"no {module}: on Debian and Ubuntu, `apt install python3-venv`" in one_sentence(complained)


@pytest.mark.parametrize("groups", [(), ("everything",), ("site", "tests")])
def test_what_is_not_a_group_is_told(place, groups):
    code, _, complained = place.run(*groups)
    assert code == 1
    assert one_sentence(complained).endswith("python3 scripts/set_up.py site lint test")
    assert not place.venv.exists()


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(place):
    place.venv.write_text("a file", encoding="utf-8")
    code, _, complained = place.run("site")
    assert code == 1
    assert one_sentence(complained).startswith("The environment could not be made")
