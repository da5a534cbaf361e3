"""Experiments and programs use an AMD processor's vectors in full, and run as ever where those are not to be had."""

import os
import shutil
import subprocess
import sys

import pytest

from scripts import full_vectors as tool
from scripts.paths import ROOT

AMD = "vendor_id\t: AuthenticAMD\nflags\t\t: fpu avx2 avx512f sse\n"
INTEL = AMD.replace("AuthenticAMD", "GenuineIntel")
NARROW = AMD.replace(" avx512f", "")
needs_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler to build the library with")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Takes what a machine's /proc/cpuinfo says, and returns the environment made for it."""
    monkeypatch.delenv("LD_PRELOAD", raising=False)  # with which the tests themselves may have been started

    def environment(told: str | None, folder: str = "cache") -> dict[str, str]:
        cpuinfo = tmp_path / "cpuinfo"
        if told is not None:
            cpuinfo.write_text(told, encoding="utf-8")
        monkeypatch.setattr(tool, "PROCESSOR", cpuinfo)
        monkeypatch.setattr(tool, "LIBRARY", tmp_path / folder / "full_vectors.so")
        tool.environment.cache_clear()
        return tool.environment()

    yield environment
    tool.environment.cache_clear()


@needs_compiler
def test_on_a_wide_amd_processor_the_library_answers_for_mkl(machine, tmp_path):
    env = os.environ | machine(AMD)
    asked = "import ctypes; print(ctypes.CDLL(None).mkl_serv_intel_cpu_true())"
    done = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["full_vectors.so"], "a part of a build is left"


@pytest.mark.parametrize("told", [INTEL, NARROW, None], ids=["Intel", "AMD without AVX-512", "not Linux"])
def test_elsewhere_nothing_is_changed(machine, told):
    assert machine(told) == {}


@pytest.mark.parametrize("compiler", ["absent", "broken"])
def test_without_a_working_compiler_nothing_is_changed(machine, compiler, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    if compiler == "broken":
        (tmp_path / "cc").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (tmp_path / "cc").chmod(0o755)
    assert machine(AMD) == {}


@needs_compiler
def test_what_was_to_be_loaded_before_still_is_and_nothing_is_loaded_twice(machine, monkeypatch):
    monkeypatch.setenv("LD_PRELOAD", "libother.so:libthird.so")
    made = machine(AMD)["LD_PRELOAD"]
    assert made == f"{tool.LIBRARY} libother.so libthird.so"
    monkeypatch.setenv("LD_PRELOAD", made)  # as for what a program started so starts
    assert machine(AMD)["LD_PRELOAD"] == made


@pytest.mark.parametrize("folder", ["my guide", "a:b"])
def test_in_a_folder_whose_name_would_end_the_path_nothing_is_changed(machine, folder):
    assert machine(AMD, folder) == {}


def test_a_program_keeps_its_arguments_and_its_exit_code(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import sys\nprint(sys.argv[1:])\nsys.exit(3)\n", encoding="utf-8")
    command = [sys.executable, ROOT / "scripts" / "full_vectors.py", program, "--jobs", "2", "a b"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (3, "['--jobs', '2', 'a b']\n")
