"""Read the guide's Markdown: its pages, their fences and what these include."""

import re
from dataclasses import dataclass
from pathlib import Path

from scripts.paths import DOCS, SNIPPETS

FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<ticks>`{3,}|~{3,})(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=indent)(?P=ticks)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
INCLUDE = re.compile(r"""^\s*-{1,}8<-{1,}\s+["'](?P<target>[^"']+)["']\s*$""", re.MULTILINE)
PYTHON = {"python", "py", "python3", "pycon", "ipython", "py3"}


@dataclass(frozen=True)
class Fence:
    """One fenced block of a page."""

    page: Path
    line: int
    info: str
    body: str

    @property
    def language(self) -> str:
        """The first word of the info string, without braces and dots."""
        words = re.findall(r"[\w+-]+", self.info)
        return words[0].lower() if words else ""

    @property
    def is_illustration(self) -> bool:
        """Whether it is marked as code that nobody runs."""
        return ".illustration" in self.info

    @property
    def includes(self) -> list[str]:
        """The files it includes, with `:section` where one is named."""
        return INCLUDE.findall(self.body)

    @property
    def where(self) -> str:
        """The page and line, as an editor opens them."""
        return f"docs/{self.page.relative_to(DOCS).as_posix()}:{self.line}"


def all_pages() -> list[Path]:
    """Every Markdown page; not what the links docs/snippets and docs/experiments hold, nor drafts, `_name.md`."""
    pages = (path for path in DOCS.rglob("*.md") if not {DOCS / "snippets", DOCS / "experiments"} & set(path.parents))
    return sorted(path for path in pages if not path.name.startswith("_"))


def pages_that_lead_on() -> list[Path]:
    """What stands at the old address of a page that moved: HTML that leads to the new one. The site has it as it is."""
    return sorted(DOCS.rglob("index.html"))


def page_name(page: Path) -> str:
    """A page's path below docs/."""
    return page.relative_to(DOCS).as_posix()


def fences_of(page: Path) -> list[Fence]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Fence(page, text.count("\n", 0, match.start()) + 1, match["info"].strip(), match["body"])
        for match in FENCE.finditer(text)
    ]


def page_of(program: Path) -> list[Path]:
    """Where the page of a program may be: its folder is the page."""
    folder = program.parent.relative_to(SNIPPETS)
    return [DOCS / folder.with_suffix(".md"), DOCS / folder / "index.md"]
