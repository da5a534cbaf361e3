"""A clone without symbolic links builds after one command, has a clean status, and loses no edit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import link_sources
from tests.site.built_site import build
from tests.site.mutations import PROGRAM

COPIED = f"docs/{PROGRAM}"
# As on a file system or in a Windows account that makes no links.
REFUSED = "import os; os.symlink = lambda *a, **k: (_ for _ in ()).throw(OSError('refused')); "


def git(folder: Path, *arguments: str) -> str:
    """What git says in a folder."""
    names = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    command = ["git", "-C", str(folder), *names, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout


def link(clone: Path, possible: bool = True) -> subprocess.CompletedProcess:
    """Run the clone's script, where links can be made or where they cannot."""
    program = f"{'' if possible else REFUSED}from scripts import link_sources; link_sources.main()"
    return subprocess.run([sys.executable, "-c", program], cwd=clone, capture_output=True, encoding="utf-8")


@pytest.fixture
def clone(copy, tmp_path) -> Path:
    """A clone of the small copy, made by a git that writes no links."""
    git(copy, "init", "--quiet")
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "--message", "The guide")
    git(tmp_path, "clone", "--quiet", "--config", "core.symlinks=false", str(copy), str(tmp_path / "clone"))
    return tmp_path / "clone"


def stands(clone: Path) -> None:
    """Fail unless programs are found through docs/, the site builds from there, and git sees nothing new."""
    assert (clone / COPIED).read_bytes() == (clone / PROGRAM).read_bytes()
    built = build(clone.parent / "site", clone)
    assert built.returncode == 0, built.stderr[-3000:]
    assert (clone.parent / "site" / PROGRAM).is_file()
    assert git(clone, "status", "--porcelain") == ""


def test_git_leaves_text_files_and_the_site_does_not_build(clone):
    assert [(clone / name).read_text("utf-8") for name in link_sources.LINKS] == ["../snippets", "../experiments"]
    assert build(clone.parent / "site", clone).returncode


def test_where_links_can_be_made_they_are(clone):
    done = link(clone)
    assert (done.returncode, done.stderr) == (0, "")
    assert os.readlink(clone / "docs" / "snippets") == "../snippets"
    stands(clone)


def test_where_they_cannot_be_made_a_copy_stands_in_and_follows(clone):
    done = link(clone, possible=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "docs/snippets: made a copy" in done.stdout
    stands(clone)
    (clone / PROGRAM).write_text('"""Print another line."""\n\nprint("Other")\n', encoding="utf-8")
    assert link(clone, possible=False).returncode == 0
    assert (clone / COPIED).read_bytes() == (clone / PROGRAM).read_bytes()
    git(clone, "commit", "--quiet", "--all", "--message", "A change")
    assert git(clone, "show", "--stat", "--format=").split("|")[0].strip() == PROGRAM, "The copy was committed."


@pytest.mark.parametrize("possible", [False, True])
def test_an_edit_of_the_copy_is_not_lost(clone, possible):
    link(clone, possible=False)
    (clone / COPIED).write_text('"""Edited in the wrong place."""\n', encoding="utf-8")
    done = link(clone, possible)
    assert done.returncode == 1
    assert done.stderr == f"{COPIED} is a copy, and was edited: move the change to snippets/.\n"
    assert "wrong place" in (clone / COPIED).read_text(encoding="utf-8")


def test_a_new_file_in_the_copy_is_not_lost(clone):
    link(clone, possible=False)
    (clone / COPIED).with_name("new.py").write_text("", encoding="utf-8")
    done = link(clone, possible=False)
    assert done.returncode == 1
    assert "new.py is a copy, and was edited" in done.stderr


def test_what_is_removed_at_the_source_is_removed_from_the_copy(clone):
    link(clone, possible=False)
    (clone / PROGRAM).unlink()
    assert link(clone, possible=False).returncode == 0
    assert not (clone / COPIED).exists()


def test_a_link_that_is_there_is_left_as_it_is(copy):
    before = os.lstat(copy / "docs" / "snippets").st_mtime_ns
    done = link(copy)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert os.lstat(copy / "docs" / "snippets").st_mtime_ns == before


def test_what_is_neither_link_nor_stand_in_is_not_replaced(copy):
    (copy / "docs" / "snippets").unlink()
    (copy / "docs" / "snippets").symlink_to("../nowhere")
    done = link(copy)
    assert done.returncode == 1
    assert done.stderr.startswith("docs/snippets should lead to snippets/: type `git checkout -- docs/snippets`")
