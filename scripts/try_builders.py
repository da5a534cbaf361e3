"""Build the site under the successors of mkdocs and say what is lost: `python scripts/try_builders.py REPORT.md`.

mkdocs-material ends in May 2027. properdocs goes on with mkdocs and its plugins; zensical is by the theme's authors and
has neither. Each is installed, at its newest version, into a throw-away environment and builds a copy of the
repository; what it wrote is compared with what mkdocs writes.

The report is the result: whatever is lost, the exit status is 0. It is 1 when a builder cannot be installed or started.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ["docs", "snippets", "experiments", "overrides", "mkdocs_html"]
LEFT_OUT = shutil.ignore_patterns("embedding", "__pycache__")  # the browser's model: 75 MB that no builder changes
SITE_URL = "https://example.org/guide/"
SHOWN = 8  # examples of each kind of loss
LONGEST = 600  # seconds for a build


@dataclass(frozen=True)
class Builder:
    """A program that builds the site, and what to install for it."""

    name: str
    packages: list[list[str]]  # arguments of `pip install`, one call each

    def command(self, python: Path) -> list[str]:
        """The command line that builds the folder in which it is run into its `site/`."""
        return [str(python.with_name(self.name)), "build"]


BUILDERS = [
    Builder("properdocs", [["-r", str(ROOT / "requirements" / "site.txt")], ["properdocs"]]),
    Builder("zensical", [["zensical"]]),
]


class Page(HTMLParser):
    """What a reader of a built page would miss: its title, description, places to link to, code and search."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.title, self.description, self.has_search = "", "", False
        self.anchors: set[str] = set()
        self.code: list[str] = []
        self.inside: str | None = None
        self.in_main = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        values = dict(attrs)
        self.in_main |= tag == "main"
        if self.in_main and (anchor := values.get("id")) and not anchor.startswith("__"):
            self.anchors.add(anchor)
        if tag == "meta" and values.get("name") == "description":
            self.description = values.get("content") or ""
        self.has_search |= tag == "dialog" and values.get("id") == "search"
        if tag == "pre":
            self.code.append("")
        if tag in {"title", "pre"}:
            self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        """Note where a title, a block of code or the page's own part ends."""
        if tag == self.inside:
            self.inside = None
        if tag == "main":
            self.in_main = False

    def handle_data(self, data: str) -> None:
        """Collect the text of titles and code."""
        if self.inside == "title":
            self.title += data
        elif self.inside == "pre":
            self.code[-1] += data


@dataclass
class Site:
    """What a builder wrote: pages by path, and every other file."""

    pages: dict[str, Page]
    files: set[str]

    @classmethod
    def read(cls, folder: Path) -> "Site":
        """Read a built site."""
        paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        html = {name: path for name, path in paths.items() if name.endswith(".html")}
        pages = {name: Page(path.read_text(encoding="utf-8")) for name, path in html.items()}
        return cls(pages, set(paths) - set(html))


@dataclass
class Comparison:
    """How much of one kind there was, and what of it is lost."""

    kind: str
    before: int
    lost: list[str] = field(default_factory=list)


def words(text: str) -> str:
    """A text without regard to how it is spaced."""
    return re.sub(r"\s+", " ", text).strip()


def is_download(path: str) -> bool:
    """Whether a file is one that pages offer or show, not one of the theme's own."""
    return path.startswith(("snippets/", "experiments/")) or path.endswith(".ipynb")


def compare(before: Site, after: Site) -> Iterator[Comparison]:
    """What the second site lacks of the first, kind by kind."""
    both = [name for name in sorted(before.pages) if name in after.pages]
    labs = {name for name in before.pages if name.startswith("labs/") and name != "labs/index.html"}
    yield Comparison("Pages", len(before.pages), sorted(set(before.pages) - set(after.pages)))
    yield Comparison("Notebooks as pages", len(labs), sorted(labs - set(after.pages)))
    for kind, attribute in (("Titles", "title"), ("Descriptions", "description"), ("Search", "has_search")):
        values = {name: [getattr(site.pages[name], attribute) for site in (before, after)] for name in both}
        lost = [name for name, (one, other) in values.items() if words(str(one)) != words(str(other))]
        yield Comparison(kind, len(both), lost)
    anchors, code = Comparison("Anchors", 0), Comparison("Blocks of code, with what they include", 0)
    for name in both:
        one, other = before.pages[name], after.pages[name]
        anchors.before += len(one.anchors)
        anchors.lost += [f"{name}#{anchor}" for anchor in sorted(one.anchors - other.anchors)]
        kept = {words(block) for block in other.code}
        code.before += len(one.code)
        code.lost += [f"{name}: {words(block)[:60]}" for block in one.code if words(block) not in kept]
    yield from (anchors, code)
    downloads = {path for path in before.files if is_download(path)}
    yield Comparison("Downloads", len(downloads), sorted(downloads - after.files))
    own = {path for path in before.files if path.startswith("assets/") and (ROOT / "docs" / path).is_file()}
    own |= {"search/search_index.json"} & before.files
    yield Comparison("Style, scripts, pictures and search index of ours", len(own), sorted(own - after.files))


def copy_sources(into: Path) -> None:
    """Copy what the builders read."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, into / name, symlinks=True, ignore=LEFT_OUT)
    shutil.copy(ROOT / "mkdocs.yml", into)


def build(command: list[str], folder: Path) -> subprocess.CompletedProcess:
    """Run a builder in a copy of the repository; raises OSError where it cannot be started."""
    shutil.rmtree(folder / "site", ignore_errors=True)
    env = os.environ | {"SITE_URL": SITE_URL, "NO_MKDOCS_2_WARNING": "1"}
    options = {"capture_output": True, "encoding": "utf-8", "errors": "replace", "timeout": LONGEST}
    return subprocess.run(command, cwd=folder, env=env, **options)


def install(builder: Builder, folder: Path) -> Path:
    """Install a builder into an environment of its own; returns its Python. Raises OSError where pip fails."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    for packages in builder.packages:
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        result = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
        if result.returncode:
            raise OSError(f"pip install {' '.join(packages)} failed: {result.stderr.strip()[-600:]}")
    return python


def version_of(builder: Builder, python: Path) -> str:
    """The version that was installed."""
    code = f"import importlib.metadata as m; print(m.version({builder.name!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, encoding="utf-8").stdout.strip()


def described(comparisons: list[Comparison]) -> Iterator[str]:
    """The lines of a report on one builder."""
    yield "| | mkdocs | lost |"
    yield "|---|---:|---:|"
    yield from (f"| {each.kind} | {each.before} | {len(each.lost)} |" for each in comparisons)
    for each in comparisons:
        if each.lost:
            more = f" and {len(each.lost) - SHOWN} more" if len(each.lost) > SHOWN else ""
            yield f"\n{each.kind} lost: {', '.join(f'`{name}`' for name in each.lost[:SHOWN])}{more}."


def report_on(builder: Builder, before: Site, work: Path) -> str:
    """Try one builder; raises OSError where it cannot be installed or started."""
    python = install(builder, work / f"{builder.name}-environment")
    result = build(builder.command(python), work / "guide")
    title = f"## {builder.name} {version_of(builder, python)}\n\n"
    said = "\n".join((result.stdout + result.stderr).strip().splitlines()[-15:])
    if result.returncode:
        return f"{title}The build failed. It says:\n\n~~~~text\n{said}\n~~~~\n"
    return title + "\n".join(described(list(compare(before, Site.read(work / "guide" / "site"))))) + "\n"


def main() -> int:
    """Write the report; 1 where a builder cannot be started."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("report", type=Path, help="the Markdown file to write")
    options = parser.parse_args()
    parts, failed = ["# The site under the successors of mkdocs\n"], False
    with tempfile.TemporaryDirectory(prefix="builders-") as folder:
        work = Path(folder)
        copy_sources(work / "guide")
        result = build([sys.executable, "-m", "mkdocs", "build", "--strict"], work / "guide")
        if result.returncode:
            sys.exit(
                f"mkdocs itself does not build the site; there is nothing to compare with:\n{result.stderr[-2000:]}"
            )
        before = Site.read(work / "guide" / "site")
        for builder in BUILDERS:
            try:
                parts.append(report_on(builder, before, work))
            except (OSError, subprocess.TimeoutExpired) as error:
                parts.append(f"## {builder.name}\n\nIt cannot be started: {error}\n")
                failed = True
    text = "\n".join(parts)
    options.report.write_text(text, encoding="utf-8")
    print(text)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
