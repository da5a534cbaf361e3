"""Propose where a figure comes from: the place among a page's own sources whose words are nearest to the sentence."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from scripts.markdown import INCLUDE
from scripts.paths import DOCS, ROOT, SNIPPETS
from scripts.register.sources import FOLDERS, cells, holds, lines_of, problem
from scripts.register.text import NUMBER, Sentence, figures_in, plain

GENERATED = re.compile(r"<!-- generated from .*?<!-- end of what is generated", re.DOTALL)
NAME = re.compile(
    r"\b(?:Llama|Gemma|MedGemma|Qwen|Phi|PaLM|Mistral|Python|Rungs?|rungs?|Section|Step|step|Line|line|Article|Node"
    r"|Claude|GPT|T5|Windows|Win|Opus|Gemini|rank|seed|Orca|BM|Row|row|version|Olmo|SmolLM)[ -]?$"
)
MEANINGLESS = {"the", "of", "a", "an", "in", "on", "to", "and", "with", "by", "is", "was", "for", "from", "it", "at"}


def words_of(text: str) -> set[str]:
    """The words of a text in lower case, cut so that forms of one word agree."""
    return {word[:6] for word in re.findall(r"[a-z]{2,}", text.lower())} - MEANINGLESS


def short(file: Path) -> str:
    """A file's name as sources give it."""
    for folder in FOLDERS:
        if folder in file.parents:
            return file.relative_to(folder).as_posix()
    return file.as_posix()


def label_of(line: str, lines: tuple[str, ...]) -> str:
    """The shortest beginning of a line, at a word's end, by which it can be named; empty where there is none."""
    for end in [match.end() for match in re.finditer(r"\S+", line)]:
        head = line[:end]
        if re.search(r"[A-Za-z]", head) and sum(other.startswith(head) for other in lines) == 1:
            return head
    return ""


def name_of_row(row: list[str], rows: list[list[str]]) -> str:
    """The first cells that tell a row of a table from the others; empty where only its figures do."""
    for count in (1, 2):
        if sum(other[:count] == row[:count] for other in rows) == 1:
            return " | ".join(row[:count])
    return ""


def places_in_table(file: Path, numbers: list[int]) -> Iterator[tuple[str, str, str]]:
    """Every cell of a table that holds a number: its source, its text, what it is called."""
    lines = lines_of(file)
    header, *rows = [cells(lines[number]) for number in numbers]
    for row in rows:
        if name := name_of_row(row, rows):
            for column, cell in zip(header[1:], row[1:], strict=False):
                if NUMBER.search(cell) and cell not in name:
                    yield f"{short(file)} > {name} > {column}", cell, f"{name} {column}"


@cache
def places_in(file: Path) -> tuple[tuple[str, str, str], ...]:
    """Every place of a file that holds a number: its source, its text, and the words that say what it is."""
    lines, found, table, above = lines_of(file), [], [], ""
    for number, line in enumerate((*lines, "")):
        if line.startswith("|"):
            table.append(number)
            continue
        if table:
            found += places_in_table(file, table)
            table = []
        if not line:
            above = ""
            continue
        above = above or line
        if not NUMBER.search(line) or line.startswith("$"):
            continue
        if label := label_of(line, lines):
            found.append((f"{short(file)} > {label}", line, f"{above} {line}"))
        elif above != line and (head := label_of(above, lines)) and (start := re.match(r"[^\d]*[A-Za-z][^\d]*", line)):
            found.append((f"{short(file)} > {head} > {start[0].strip()}", line, f"{above} {line}"))
    return tuple(found)


def included(text: str) -> list[Path]:
    """The outputs and results that a text includes, and the other results of the same experiments."""
    found = []
    for match in INCLUDE.finditer(text):
        name = match["target"].partition(":")[0]
        file = next((base / name for base in (SNIPPETS, ROOT, DOCS) if (base / name).is_file()), None)
        if file and file.suffix == ".out":
            found.append(file)
        elif file and file.parent.name == "results":
            found += (
                [file, *sorted(file.parent.glob("*.md"))] if file.suffix == ".md" else sorted(file.parent.glob("*.md"))
            )
    return list(dict.fromkeys(found))


def part_of(text: str, heading: str) -> str:
    """The part of a page under a heading, to the next heading of the second or third level; else the whole page."""
    for part in re.split(r"^(?=#{2,3} )", text, flags=re.MULTILINE):
        if re.search(rf"^#+ {re.escape(heading)}", part, re.MULTILINE):
            return part
    return text


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    own = re.search(r"\{ ?#([\w-]+) ?\}", heading)
    return own[1] if own else re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading.lower())).strip("-")


class Proposer:
    """Proposes sources for the figures of one page."""

    def __init__(self, page: Path) -> None:
        """Read the page, and which of its lines are generated."""
        self.page = page
        self.text = page.read_text(encoding="utf-8")
        self.generated = [
            range(self.text.count("\n", 0, one.start()), self.text.count("\n", 0, one.end()) + 2)
            for one in GENERATED.finditer(self.text)
        ]

    def files(self, sentence: Sentence) -> list[list[Path]]:
        """Where to look, nearest first: the sentence's part of the page, what it links to, the whole page."""
        linked = []
        for target, anchor in re.findall(r"\]\(([\w./-]*?(?:\.md)?)#([\w-]+)\)", sentence.text):
            other = (self.page.parent / target).resolve() if target else self.page
            if other.is_file() and other.suffix == ".md" and "papers" not in other.name:
                text = other.read_text(encoding="utf-8")
                heading = next((one for one in re.findall(r"^#+ (.*)$", text, re.M) if slug(one) == anchor), "")
                linked += included(part_of(text, re.sub(r"\s*\{.*", "", heading))) if heading else []
        own = included(part_of(self.text, sentence.section.removeprefix("> ")))
        printed = [self.page] if self.page.suffix == ".ipynb" else []
        return [[*printed, *own], linked, included(self.text)]

    def __call__(self, sentence: Sentence, position: int) -> str:
        """A source for a figure of a sentence, or `?`."""
        text = plain(sentence.text)
        match = figures_in(text)[position]
        figure = match[0]
        if reason := self.by_kind(sentence, figure):
            return reason
        if NAME.search(text[: match.start()]) or re.fullmatch(r"#+ ", text[: match.start()]):
            return "(name)"
        if re.match(r"% (?:confidence )?intervals?\b", text[match.end() :]):
            return "(known)"
        return self.paper(sentence, figure) or self.result(sentence, figure, match.start()) or "?"

    def by_kind(self, sentence: Sentence, figure: str) -> str:
        """The reason that a page's kind or the figure's own gives; empty where there is none."""
        if self.page == DOCS / "evidence" / "papers.md":
            return "(read)"
        if self.page.suffix in {".svg", ".js", ".yml", ".html", ".txt"}:
            return "(name)"
        if self.page.suffix == ".json":
            return "(example)" if self.page.parent.name == "recorded" else "(setting)"  # a model made it up, or a rule
        if any(sentence.line in lines for lines in self.generated):
            return "(generated)"
        return "(year)" if re.fullmatch(r"(?:19|20)\d\d", figure) else ""

    def paper(self, sentence: Sentence, figure: str) -> str:
        """The entry of a work that the sentence links to and that holds the figure; empty where there is none."""
        for key in re.findall(r"papers\.md#([\w-]+)\)", sentence.text):
            if not problem(figure, source := f"evidence/papers.md#{key}"):
                return source
        return ""

    def around(self, sentence: Sentence) -> str:
        """The block that a sentence is in and the one before it."""
        lines = self.text.splitlines()
        return plain(" ".join(lines[max(0, sentence.line - 3) : sentence.line + 1]))

    def result(self, sentence: Sentence, figure: str, start: int) -> str:
        """The place with the figure that has most words of the sentence, in the nearest files that have one."""
        wanted, around = words_of(sentence.text), words_of(self.around(sentence))
        near = words_of(plain(sentence.text)[max(0, start - 60) : start + 60])
        for files in self.files(sentence):
            best, score = "", 1 if float(figure.replace(",", "")) > 10 else 3
            for source, text, label in (place for file in files for place in places_in(file)):
                if holds(text, figure):
                    words = words_of(label)
                    points = 2 * len(words & near) + 2 * len(words & wanted) + len(words & around)
                    if points > score and not problem(figure, source):
                        best, score = source, points
            if best:
                return best
        return ""
