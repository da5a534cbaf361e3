"""The register's files, one a page: read, compared with the page, and written anew with the sources carried over."""

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path

from scripts.markdown import all_pages
from scripts.paths import DOCS, ROOT
from scripts.register.propose import Proposer
from scripts.register.sources import REASONS, problem
from scripts.register.text import Sentence, figures_in, plain, sentences_of

REGISTER = ROOT / "tests" / "register"
COMMAND = "make register"
# What is no page and yet read: the settings, the templates, the tooltips, the drawings' labels, what the tools say.
OTHERS = (
    ROOT / "README.md",
    ROOT / "mkdocs.yml",
    DOCS / "_abbreviations.txt",
    *sorted((ROOT / "overrides").rglob("*.html")),
    *sorted((DOCS / "labs").glob("*.ipynb")),
    *sorted((DOCS / "assets" / "diagrams").glob("*.svg")),
    *sorted((DOCS / "assets").glob("*.js")),
    # But for the lists of words that the search takes for one another.
    *(file for file in sorted((DOCS / "assets" / "search").glob("*.js")) if file.name != "synonyms.js"),
    *sorted((DOCS / "assets" / "tools").rglob("*.js")),
    DOCS / "assets" / "tools" / "decide" / "rules.json",
    DOCS / "assets" / "tools" / "practice" / "prompts.json",
    *sorted((DOCS / "assets" / "tools" / "ask" / "recorded").glob("*.json")),
)
HEAD = """# {page}: where it quotes a figure, compares, links or carries the thesis, and each figure's source.
# Written by `{command}` from the page. You fill in what follows a figure's colon; docs/contribute/index.md says how.
"""


@dataclass
class Entry:
    """A sentence of the register, with its figures and the source of each."""

    section: str
    text: str
    sources: list[tuple[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # where each stands in the register's file

    @property
    def key(self) -> tuple[str, str]:
        """What it is compared by."""
        return self.section, self.text


def sources() -> list[Path]:
    """Everything that the register holds sentences of."""
    return [page for page in (*all_pages(), *OTHERS) if page.exists() and sentences_of(page)]


def name_of(page: Path) -> str:
    """A page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def file_for(page: Path) -> Path:
    """The register's file of a page."""
    name = Path(name_of(page).removeprefix("docs/"))
    # A tool's data may be called like its script: rules.json, rules.js.
    return REGISTER / (f"{name}.txt" if page.suffix == ".json" else name.with_suffix(".txt"))


def read(file: Path) -> list[Entry]:
    """The entries of a file; none where it is not there."""
    found, section = [], ""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    for number, line in enumerate(lines, 1):
        if line.startswith("@ "):
            section = line[2:]
        elif line.startswith("= "):
            found.append(Entry(section, line[2:]))
        elif figure := re.fullmatch(r"    (\S+): (.*)", line):
            found[-1].sources.append((figure[1], figure[2]))
            found[-1].lines.append(number)
    return found


def write(page: Path, entries: list[Entry]) -> None:
    """Write a page's file."""
    lines, section = [HEAD.format(page=name_of(page), command=COMMAND)], None
    for entry in entries:
        if entry.section != section:
            section = entry.section
            lines.append(f"\n@ {section}\n")
        lines.append(f"= {entry.text}\n")
        lines += [f"    {figure}: {source}\n" for figure, source in entry.sources]
    file = file_for(page)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(lines), encoding="utf-8")


def nearest(sentence: Sentence, entries: list[Entry]) -> Entry | None:
    """The entry that a sentence was made from, if one is near: the same words in another order or with others among."""
    words = sentence.text.split()
    best, how_near = None, 0.5
    for entry in entries:
        matcher = difflib.SequenceMatcher(None, words, entry.text.split(), autojunk=False)
        if matcher.real_quick_ratio() > how_near and matcher.quick_ratio() > how_near:
            ratio = matcher.ratio()
            if ratio > how_near:
                best, how_near = entry, ratio
    return best


def sources_for(sentence: Sentence, old: Entry | None, propose: Proposer) -> list[tuple[str, str]]:
    """A source for each figure: the one it had if the figure is still there and true, else a proposal, else `?`."""
    left, found = list(old.sources if old else []), []
    for position, figure in enumerate(sentence.figures):
        known = next((one for one in left if one[0] == figure and one[1] != "?" and not problem(*one)), None)
        if known:
            left.remove(known)
        found.append((figure, known[1] if known else propose(sentence, position)))
    return found


def renewed(page: Path) -> list[Entry]:
    """A page's entries as they should be, with the sources that the register has for them."""
    old = read(file_for(page))
    by_key = {entry.key: entry for entry in old}
    by_text = {entry.text: entry for entry in old}
    propose = Proposer(page)
    entries = []
    for sentence in sentences_of(page):
        before = by_key.get(sentence.key) or by_text.get(sentence.text) or nearest(sentence, old)
        entries.append(Entry(sentence.section, sentence.text, sources_for(sentence, before, propose)))
    return entries


def differing_words(said: str, held: str) -> list[tuple[str, str]]:
    """Where a page's sentence differs from the register's: in each place the words that it says, and those held."""
    new, old = said.split(), held.split()
    steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(" ".join(new[k:m]), " ".join(old[i:j])) for tag, i, j, k, m in steps if tag != "equal"]


def sources_of(entry: Entry, apart: list[tuple[str, str]]) -> list[str]:
    """Where the figures of a sentence come from: those among the words that differ, else all that have a source."""
    differ = {match[0] for _, held in apart for match in figures_in(plain(held))}
    found = [one for one in entry.sources if one[0] in differ] or [
        one for one in entry.sources if not one[1].startswith("(")
    ]
    return [said_of(*one) for one in dict.fromkeys(found)]


def said_of(figure: str, source: str) -> str:
    """A figure and its source, or why it has none, for a message."""
    reason = REASONS.get(source.strip("()").partition(":")[0])
    return f"{figure} is {reason}" if source.startswith("(") and reason else f"{figure} is from {source}"


def shown(text: str) -> str:
    """A sentence for a message, not too long."""
    return text if len(text) <= 200 else f"{text[:200]} …"


def changed(page: Path, sentence: Sentence, entry: Entry) -> str:
    """What to say of a sentence that differs from the register's."""
    where = f"{name_of(page)}:{sentence.line}"
    if sentence.text == entry.text:
        return f"{where}: under “{sentence.section}”, in the register under “{entry.section}”: {shown(sentence.text)}"
    apart = differing_words(sentence.text, entry.text)
    words = ", ".join(f"“{said}” for “{held}”" for said, held in apart[:4])
    sources = sources_of(entry, apart)
    held = f" ({'; '.join(sources[:3])})" if sources else ""
    return f"{where}: says {words} of the register{held}, in: {shown(sentence.text)}"


def differences(page: Path, text: str | None = None) -> list[str]:
    """A line for each place where a page, or a text in its place, says something else than the register."""
    said, held = sentences_of(page, text), read(file_for(page))
    found = []
    matcher = difflib.SequenceMatcher(None, [one.key for one in held], [one.key for one in said], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            continue
        gone = held[i:j]
        for sentence in said[k:m]:
            old = next((one for one in gone if one.text == sentence.text), None) or nearest(sentence, gone)
            if old:
                gone.remove(old)
                found.append(changed(page, sentence, old))
            else:
                found.append(f"{name_of(page)}:{sentence.line}: is not in the register: {shown(sentence.text)}")
        found += [f"{name_of(page)}: no longer says: {shown(one.text)}" for one in gone]
    return found


def unfounded(page: Path) -> list[str]:
    """A line for each figure of a page's register that is not what its source holds, or that has none."""
    file = file_for(page)
    return [
        f"{name_of(file)}:{line}: {figure}: {wrong}; in: {shown(entry.text)}"
        for entry in read(file)
        for line, (figure, source) in zip(entry.lines, entry.sources, strict=True)
        if (wrong := problem(figure, source))
    ]


def strays() -> list[Path]:
    """Files of the register whose page is gone."""
    return sorted(set(REGISTER.rglob("*.txt")) - {file_for(page) for page in sources()})
