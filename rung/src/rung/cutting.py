"""Cutting a document into passages: at its headings, then between blocks, each short enough for the embedder.

Other programs of the guide follow it, or cut otherwise: docs/contribute/index.md says which, and which test holds them
together.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import PurePosixPath

from markdown_it import MarkdownIt

VERSION = 8  # raise it when the same document would be cut otherwise: indexes are made again
CountTokens = Callable[[Sequence[str]], list[int]]  # texts to their numbers of tokens
_PARSER = MarkdownIt("commonmark").enable("table")
_FRONT_ENDS = {"---": ("---", "..."), "+++": ("+++",)}  # of YAML and of TOML, by the line above it
_FRONT_KEYS = {  # a YAML key is in quotes, or has at most three words: what has more is a sentence
    "---": re.compile(r"""(?:"[^"]*"|'[^']*'|[\w.-]+(?: [\w.-]+){0,2}) ?:(?:[ \t]|$)(.*)"""),
    "+++": re.compile(r"""(?:"[^"]*"|'[^']*'|[\w.-]+)[ \t]*=(.*)|\[.*\]\s*$"""),
}
_TITLE = re.compile(r"""["']?title["']? *[:=]\s*(.*)""", re.IGNORECASE)
_LONGEST_KEY = 1000  # letters of a line of front matter that are looked at
PLAIN = (".txt", ".pdf")  # no headings: in these a line with # is a comment, or what a program printed
NAMELESS = ("readme", "index", "default")  # of files that are called by their folder
_ROW = re.compile(r"""(?im:^(?=[ \t>]*<tr\b)|(?<=[\w"'/]>)(?=[ \t]*<tr\b))""")  # where a row of an HTML table begins
_TABLE = re.compile(  # where a table begins or ends
    r"""(?im:^(?=[^<\n]*<table\b)|(?<=[\w"'/]>)(?=[ \t]*<table\b)|(?<=</table>))"""
)
_CELL = re.compile(r"(?i)<t[dh]\b")
_VALUE = re.compile(r"(?i)<td\b(?![^<>]*>\s*</td)")  # a cell that is no column's name, and not empty
_SEPARATORS = (  # where to cut, the best first
    _ROW,
    *(re.compile(r"(?<=\n)"), re.compile(r"(?<=[.!?;])(?=\s)"), re.compile(r"(?<=\s)(?=\S)")),
)


@dataclass
class _Section:
    """A heading (level 0 and "" before the first), its line from 0, and the line ranges of the blocks below it."""

    level: int
    heading: str
    line: int
    blocks: list[tuple[int, int]]


@dataclass(frozen=True)
class Passage:
    """A part of a document: its name, the headings above it, its text, and the line (from 1) where it begins."""

    document: str
    heading: str
    text: str
    line: int

    @property
    def shown(self) -> str:
        """What is searched and read: the headings, without which a passage may not name its topic, then the text."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.document}, line {self.line}" + (f" ({self.heading})" if self.heading else "")


def count_words(texts: Sequence[str]) -> list[int]:
    """Words and punctuation marks of each text: for search by words, where no embedder sets a limit."""
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def title_of(name: str, text: str) -> str:
    """A document's title: in its front matter, else its file's name, or its folder's where that says nothing."""
    named = _title_in(_front_matter(text.split("\n"))[1:-1])
    if named:
        return named
    path = PurePosixPath(name)
    called = path.parent.name if path.stem.lower() in NAMELESS and path.parent.name else path.stem
    return re.sub(r"[-_]+", " ", called)


def _front_matter(lines: Sequence[str]) -> Sequence[str]:
    """The lines of a text that are front matter, YAML or TOML, from its first rule to its last; none where it has none.

    A text that opens with a rule and then says something has none: each line must be one of a key, or belong to one.
    """
    rule = lines[0].rstrip()
    if rule not in _FRONT_ENDS:
        return []
    inside = ""  # "" before the first key, then "key", or "list" in a YAML list that goes on over lines
    for at, line in enumerate(lines[1:], 1):
        if inside != "list" and line.rstrip() in _FRONT_ENDS[rule]:
            return lines[: at + 1] if inside or not any(map(str.strip, lines[1:at])) else []
        key = _FRONT_KEYS[rule].match(line[:_LONGEST_KEY])
        if inside == "list":
            inside = "key" if _ends_list(line) else "list"
        elif key:
            goes_on = rule == "---" and key[1].lstrip().startswith(("[", "{")) and not _ends_list(line)
            inside = "list" if goes_on else "key"
        elif not (not line.strip() or line.startswith("#") or (inside and (rule == "+++" or line[0] in " \t-]}"))):
            return []
    return []


def _ends_list(line: str) -> bool:
    """Whether a YAML list that goes on over lines ends in this one; a comment may follow."""
    return re.split(r"\s#", line, maxsplit=1)[0].rstrip().endswith(("]", "}"))


def _title_in(matter: Sequence[str]) -> str:
    """The title that front matter gives, also one that goes on over indented lines; "" where it gives none."""
    for at, line in enumerate(matter):
        named = _TITLE.match(line[:_LONGEST_KEY])
        if not named:
            continue
        words = [] if re.fullmatch(r"[>|][+-]?\d?[+-]?\s*", named[1]) else [named[1]]
        words += takewhile(lambda line: line[:1] in (" ", "\t"), matter[at + 1 :])
        title = " ".join(" ".join(words).split())
        quote = title[:1]
        is_quoted = len(title) > 1 and quote in "\"'" and title.endswith(quote)
        return title[1:-1].replace({"'": "''", '"': '\\"'}[quote], quote) if is_quoted else title
    return ""


def cut(name: str, text: str, limit: int, count: CountTokens = count_words) -> list[Passage]:
    """A document's passages, in order.

    Args:
        name: the document's name, which each passage carries.
        text: Markdown or plain text.
        limit: the most tokens of a passage, its headings included.
        count: how tokens are counted; its sum over the parts of a text must be no less than its count of the whole.

    A section is cut between its blocks (paragraphs, lists, tables, code); a block over the limit between the rows of a
    table, then lines, then sentences, then words, then anywhere. Each part of a table begins with the table's header:
    in Markdown its first row, in HTML its first rows of <th> without a <td> that holds text, up to a row of one <th>
    alone: unless it is the first, that is the title of the rows below it. A heading with nothing below it is a passage
    of its own, and one that would take more than half of `limit` is text: lines that a rule happens to underline, for
    instance. Nothing but other headings, front matter and blank lines is left out of the passages' texts, and no
    passage spans two sections.
    """
    lines = text.split("\n")
    skipped = len(_front_matter(lines))
    lines = lines[skipped:]
    path: list[tuple[int, str]] = [(0, title_of(name, text))]
    passages: list[Passage] = []
    is_plain = PurePosixPath(name).suffix.lower() in PLAIN
    sections = _plain(lines) if is_plain else _sections(lines, lambda heading: _fits_above(heading, limit, count))
    for section, following in zip(sections, [*sections[1:], None], strict=False):
        if section.heading:
            # A first-level heading right at the top is the title, in place of the file's name.
            above_it = [] if section.level == 1 and len(path) == 1 else [one for one in path if one[0] < section.level]
            path = [*above_it, (section.level, section.heading)]
        above = _shortened(" > ".join(words for _, words in path), limit, count)
        room = limit - sum(count([f"{above}\n"]))
        parts = _packed(_whole_tables(section.blocks, lines), lines, room, count)
        if not parts and section.heading and (following is None or following.level <= section.level):
            parts = [(section.line, part) for part in split_long(section.heading, room, count)]
        passages += [Passage(name, above, part, line + skipped + 1) for line, part in parts]
    return passages


def _plain(lines: list[str]) -> list[_Section]:
    """A text without headings: one section, whose blocks are what stands between blank lines."""
    section = _Section(0, "", 0, [])
    start = 0
    for end in [*(number for number, line in enumerate(lines) if not line.strip()), len(lines)]:
        if start < end:
            section.blocks.append((start, end))
        start = end + 1
    return [section]


def _sections(lines: list[str], may_head: Callable[[str], bool]) -> list[_Section]:
    """The parts between headings. Lines that the parser passes over, such as link definitions, are blocks too.

    A heading that may not stand above passages is a block like any other.
    """
    sections = [_Section(0, "", 0, [])]
    covered = 0

    def cover(start: int, end: int) -> None:
        """A block, unless it is blank."""
        if any(line.strip() for line in lines[start:end]):
            sections[-1].blocks.append((start, end))

    for token, following in pairwise([*_PARSER.parse("\n".join(lines)), None]):
        if token.level or not token.map:
            continue
        start, end = token.map
        cover(covered, start)
        heading = " ".join(following.content.split()) if token.type == "heading_open" else None
        if heading is not None and may_head(heading):
            sections.append(_Section(int(token.tag[1:]), heading, start, []))
        else:
            cover(start, end)
        covered = end
    cover(covered, len(lines))
    return sections


def _packed(blocks: list[tuple[int, int]], lines: list[str], room: int, count: CountTokens) -> list[tuple[int, str]]:
    """The blocks of a section, as many together as there is room for: (first line, text)."""
    parts: list[tuple[int, str, int]] = []
    texts = ["\n".join(lines[start:end]).strip("\n") for start, end in blocks]
    for (start, _), text, tokens in zip(blocks, texts, count(texts), strict=True):
        if tokens <= room:
            parts.append((start, text, tokens))
            continue
        at = start
        for header, rest in _around_html_tables(text):
            above = header if count([header])[0] <= room / 2 else ""  # a longer one stands once, above the first rows
            at += above.count("\n")
            for piece in split_long(rest if above else header + rest, room - sum(count([above])), count):
                part = f"{above}{piece}"
                parts.append((at, part, count([part])[0]))
                at += piece.count("\n")
    packed: list[tuple[int, str]] = []
    used = 0
    for start, text, tokens in parts:
        if not text.strip():
            continue
        if packed and used + tokens <= room:
            packed[-1] = (packed[-1][0], f"{packed[-1][1]}\n\n{text.strip()}")
            used += tokens
        else:
            packed.append((start, text.strip()))
            used = tokens
    return packed


def _whole_tables(blocks: list[tuple[int, int]], lines: list[str]) -> list[tuple[int, int]]:
    """The line ranges of blocks, an HTML table as one: to Markdown it ends at each blank line."""
    whole: list[tuple[int, int]] = []
    unclosed = 0  # tables
    for start, end in blocks:
        markup = "\n".join(lines[start:end]).lower()
        if unclosed:
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
        if unclosed or re.match(r"\n* {0,3}<", markup):
            unclosed = max(0, unclosed + markup.count("<table") - markup.count("</table"))
    return whole


def _around_html_tables(block: str) -> list[tuple[str, str]]:
    """A block in parts, of a table its header and its rows, of anything else "" and its text.

    A table may stand in a list or a quotation, or below a line of text.
    """
    found: list[tuple[str, str]] = []
    for text in _TABLE.split(block):
        above, *rows = _ROW.split(text)
        first = next((at for at, row in enumerate(rows) if not _is_header(row, at == 0)), 0)  # below the header
        if first:
            found.append((above + "".join(rows[:first]), "".join(rows[first:])))
        else:
            found += _around_tables(text)
    return found


def _is_header(row: str, is_first: bool) -> bool:
    """Whether a row of an HTML table names columns; one cell alone, except in the first row, titles those below."""
    if "<th" not in row.lower() or _VALUE.search(row):
        return False
    return is_first or len(_CELL.findall(row)) > 1


def _around_tables(block: str) -> list[tuple[str, str]]:
    """A block without HTML in parts, of a table its two head lines and its rows, of anything else "" and its text."""
    lines = re.split(r"(?<=\n)", block)
    found: list[tuple[str, str]] = []
    at = done = 0
    while at + 2 < len(lines):
        if "|" not in lines[at] or "|" not in lines[at + 2] or not _is_table_rule(lines[at + 1]):
            at += 1
            continue
        if done < at:
            found.append(("", "".join(lines[done:at])))
        done = at + 2
        while done < len(lines) and "|" in lines[done]:
            done += 1
        found.append(("".join(lines[at : at + 2]), "".join(lines[at + 2 : done])))
        at = done
    return [*found, ("", "".join(lines[done:]))] if done < len(lines) else found


def _is_table_rule(line: str) -> bool:
    """Whether a line is the rule below a table's first row, also in a quotation."""
    rule = line.strip().lstrip("> \t")
    return set(rule) <= set(" \t|:-") and "-" in rule and ("|" in rule or "--" in rule)


def split_long(text: str, limit: int, count: CountTokens, level: int = 0) -> list[str]:
    """A text cut into pieces of at most `limit` tokens, joined again by ""; one character may exceed it."""
    if count([text])[0] <= limit or len(text) <= 1:
        return [text]
    if level == len(_SEPARATORS):
        half = len(text) // 2
        return split_long(text[:half], limit, count, level) + split_long(text[half:], limit, count, level)
    pieces: list[str] = []
    used = 0
    parts = [part for part in _SEPARATORS[level].split(text) if part]
    for part, tokens in zip(parts, count(parts), strict=True):
        if tokens > limit:
            pieces += split_long(part, limit, count, level + 1)
            used = limit  # nothing is added to the rest of a part that was too long
        elif pieces and used + tokens <= limit:
            pieces[-1] += part
            used += tokens
        else:
            pieces.append(part)
            used = tokens
    return pieces


def _fits_above(heading: str, limit: int, count: CountTokens) -> bool:
    """Whether headings leave room for half a passage below them."""
    return count([f"{heading}\n"])[0] <= limit // 2


def _shortened(heading: str, limit: int, count: CountTokens) -> str:
    """A path of headings without its first words where it alone would fill a passage."""
    while not _fits_above(heading, limit, count) and " " in heading:
        heading = heading.split(" ", 1)[1].removeprefix("> ")
    return heading if _fits_above(heading, limit, count) else ""
