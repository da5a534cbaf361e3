"""See that docs/snippets and docs/experiments lead where they should: `python scripts/link_sources.py`.

They are symbolic links, so that the site serves each program for download. Git writes a text file in place of a link
where it may not make one (Windows, as a rule); then mkdocs finds nothing behind hundreds of links of the pages. This
puts in its place a link where that can be done, else on Windows a junction, else a copy. Elsewhere it changes nothing.
"""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINKS = ("docs/snippets", "docs/experiments")
STAMP = ".copied"  # in a copy: when it was made
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*")


def is_stand_in(link: Path) -> bool:
    """Whether git wrote the link's target into a file of its name."""
    return link.is_file() and not link.is_symlink() and link.stat().st_size < 300


def make_link(target: Path, link: Path) -> str:
    """Make a link to a folder, by the first way that works here; returns which."""
    try:
        link.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)
    except (OSError, NotImplementedError):
        pass
    else:
        return "link"
    try:
        import _winapi

        _winapi.CreateJunction(str(target), str(link))
    except (ImportError, OSError):
        shutil.copytree(target, link, ignore=LEFT_OUT)
        (link / STAMP).touch()
        return "copy"
    return "junction"


def edited_in_copy(target: Path, copy: Path) -> list[Path]:
    """The files of a copy that were written after it was made, unless the source has the same."""
    made = (copy / STAMP).stat().st_mtime_ns if (copy / STAMP).exists() else 0
    later = [path for path in copy.rglob("*") if path.is_file() and path.stat().st_mtime_ns > made]
    return [path for path in later if path.suffix != ".pyc" and not same(path, target / path.relative_to(copy))]


def same(one: Path, other: Path) -> bool:
    """Whether both are files with the same bytes."""
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def hide_from_git(link: str) -> None:
    """Keep a junction or a copy out of `git status` and out of commits, in this clone alone."""
    git = ["git", "-C", str(ROOT)]
    if subprocess.run([*git, "update-index", "--skip-worktree", link], capture_output=True).returncode:
        return  # no repository, as in a downloaded archive: there is no status to keep clean
    found = subprocess.run([*git, "rev-parse", "--git-path", "info/exclude"], capture_output=True, encoding="utf-8")
    exclude = ROOT / found.stdout.strip()
    exclude.parent.mkdir(parents=True, exist_ok=True)
    lines = exclude.read_text(encoding="utf-8").splitlines() if exclude.exists() else []
    if f"/{link}/" not in lines:
        exclude.write_text("\n".join([*lines, f"/{link}/"]) + "\n", encoding="utf-8")


def see_to(name: str) -> None:
    """Put in order what stands for one folder."""
    link, target = ROOT / name, ROOT / Path(name).name
    is_copy = link.is_dir() and not link.is_symlink() and os.path.realpath(link) == os.path.abspath(link)
    if link.is_dir() and not is_copy:
        return
    if is_copy:
        if edited := edited_in_copy(target, link):
            sys.exit(f"{edited[0].relative_to(ROOT)} is a copy, and was edited: move the change to {target.name}/.")
        shutil.rmtree(link)
    elif is_stand_in(link):
        link.unlink()
    elif link.exists() or link.is_symlink():
        sys.exit(f"{name} should lead to {target.name}/: type `git checkout -- {name}`, then the same again.")
    how = make_link(target, link)
    if how != "link":
        hide_from_git(name)
    if not is_copy:
        print(f"{name}: made a {how} where git could not make a link", flush=True)


def main() -> None:
    """Put both in order."""
    for name in LINKS:
        try:
            see_to(name)
        except OSError as error:
            sys.exit(f"{name} could not be made to lead to {Path(name).name}/: {error}.")


if __name__ == "__main__":
    main()
