"""Reading a file as text: its encoding, and Markdown out of HTML, PDF and Word, so that headings survive."""

import codecs
import importlib.util
import io
import warnings
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rung.errors import RungError, install

VERSION = 2  # raise it when the same file would be read as another text: indexes are made again
TEXT = {".md", ".markdown", ".txt", ".rst", ".adoc"}
PAGES = {".html", ".htm"}
SUFFIXES = TEXT | PAGES | {".pdf", ".docx"}
# By suffix: the module that reads such a file, and the distribution that it comes with.
BS4, PYPDF, DOCX = ("bs4", "beautifulsoup4"), ("pypdf", "pypdf"), ("docx", "python-docx")
NEEDS = {".html": BS4, ".htm": BS4, ".pdf": PYPDF, ".docx": DOCX}
LARGEST = 50_000_000  # bytes
BOMS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
# What pages mean by a name that they declare, where browsers read more than Python by it (WHATWG, Encoding Standard).
MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}


class Unreadable(RungError):
    """A file of which no text can be had; the message is the reason, in a few words."""


def decode(content: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text of a file's bytes, and the encoding it was read in.

    A byte order mark decides; else UTF-8 where the bytes are that, but for fewer damaged characters than whole ones;
    else the encoding that the file itself declares; else, for bytes without zeros, Windows-1252. That takes nearly any
    byte, so look at the text when it is what is returned. Line ends become newlines. Raises Unreadable for what is not
    text.
    """
    marked = next((name for mark, name in BOMS if content.startswith(mark)), None)
    if marked:
        text, encoding = _strictly(content, marked), marked
    else:
        text, encoding = _unmarked(content, declared)
    if "\0" in text:
        raise Unreadable("not text")
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _strictly(content: bytes, encoding: str) -> str:
    """The text of bytes that must be in this encoding."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise Unreadable("not text, or damaged") from problem


def _unmarked(content: bytes, declared: str | None) -> tuple[str, str]:
    """The text and encoding of bytes without a byte order mark."""
    as_declared = _as_declared(content, declared) if declared else None
    if content.isascii() and as_declared and as_declared[0] != content.decode("ascii"):
        return as_declared  # one of the encodings that write every letter in ASCII, such as ISO-2022-JP
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as problem:
        if b"\0" in content:
            raise Unreadable("not text, or damaged") from problem
    text = content.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    if sum(letter > "\x7f" for letter in text) > 2 * damaged:
        return text, f"utf-8 with {damaged} damaged character{'s' * (damaged > 1)}"
    return as_declared or (content.decode("cp1252", errors="replace"), "cp1252")


def _as_declared(content: bytes, declared: str) -> tuple[str, str] | None:
    """The text and encoding of bytes that declare one; None where there is none of that name, or they are not in it."""
    try:
        name = codecs.lookup(declared).name
        encoding = MEANT.get(name, name)
        if encoding.startswith(("utf-8", "utf-16", "utf-32")):
            return None  # bytes without zeros are not UTF-16, and what is UTF-8 has been read as that
        return content.decode(encoding, errors="replace"), encoding
    except (LookupError, UnicodeError, ValueError):
        return None


def note_of(encoding: str) -> str:
    """What its owner should know about how a text was decoded; "" where it is UTF-8 and whole."""
    return "" if encoding in ("utf-8", "utf-8-sig") else f"read as {encoding}"


def _bytes_of(path: Path) -> bytes:
    """A file's bytes. Raises Unreadable with the reason."""
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"larger than {LARGEST // 1_000_000} MB")
        return path.read_bytes()
    except OSError as problem:
        raise Unreadable(problem.strerror or "cannot be opened") from problem


def read_text(path: Path) -> tuple[str, str]:
    """A text file's text and encoding. Raises Unreadable."""
    return decode(_bytes_of(path))


def readers_of(files: Iterable[Path]) -> str:
    """The libraries that are needed to read these files, each with its version or "missing"; "" for plain text alone.

    With other readers the same files may be other texts, or texts at all.
    """
    needed = sorted({NEEDS[path.suffix.lower()] for path in files if path.suffix.lower() in NEEDS})
    return ", ".join(f"{name} {_version_of(module, name)}" for module, name in needed)


def _version_of(module: str, distribution: str) -> str:
    """The version of an installed library, or "missing"."""
    if not _is_there(module):
        return "missing"
    try:
        return version(distribution)
    except PackageNotFoundError:  # installed by other means than a package manager of Python's
        return "of its own"


def _is_there(module: str) -> bool:
    """Whether a module is installed."""
    return importlib.util.find_spec(module) is not None


def read_document(path: Path) -> tuple[str, str]:
    """A document as Markdown, and a note on how it was read ("" where nothing is worth saying).

    Raises Unreadable with the reason where there is no text to be had.
    """
    suffix = path.suffix.lower()
    if suffix in NEEDS and not _is_there(NEEDS[suffix][0]):
        raise Unreadable(f"{suffix} files need {install('documents')}")
    content, note = _bytes_of(path), ""
    if suffix == ".pdf":
        text = _from_pdf(content)
    elif suffix == ".docx":
        text = _from_docx(content)
    else:
        text, encoding = decode(content, _declared(content) if suffix in PAGES else None)
        note = note_of(encoding)
        text = _from_html(text) if suffix in PAGES else text
    if not text.strip():
        raise Unreadable("no text in it" + (": a scan needs character recognition first" if suffix == ".pdf" else ""))
    return text, note


def _declared(page: bytes) -> str | None:
    """The encoding that a page declares in a <meta> or in its XML declaration."""
    from bs4.dammit import EncodingDetector

    return EncodingDetector.find_declared_encoding(page, is_html=True)


def _from_html(markup: str) -> str:
    """Markdown of a page's content: headings, paragraphs, lists, tables and code, without scripts and navigation."""
    from bs4 import BeautifulSoup
    from bs4.builder import ParserRejectedMarkup

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a page is XHTML, or short, is no concern of its reader's
            soup = BeautifulSoup(markup, "html.parser")
    except ParserRejectedMarkup as problem:
        raise Unreadable("damaged HTML") from problem
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for part in soup(["script", "style", "nav", "header", "footer", "aside", "template", "noscript", "title"]):
        if part.name != "header" or part.find_parent(["main", "article"]) is None:
            part.decompose()
    body = soup.find("main") or soup.find("article") or soup.body or soup
    for line_break in body("br"):
        line_break.replace_with("\n")
    blocks = ["h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "pre", "tr", "dt", "dd", "blockquote", "div", "td"]
    blocks.append("caption")
    read: list[object] = []  # tables, each read whole at its first row
    parts = [] if body.find("h1") or not title else [f"# {title}"]
    for block in body.find_all(blocks):
        if block.find_parent(["pre", "tr"]) is not None:
            continue
        if block.name not in ("pre", "tr") and block.find(blocks):
            own = "".join(str(piece) for piece in block.find_all(string=True, recursive=False)).strip()
            if own:
                parts.append(" ".join(own.split()))
        elif block.name != "tr":
            parts.append(_markdown_of(block))
        elif not any((block.find_parent("table") or block.parent) is table for table in read):
            read.append(block.find_parent("table") or block.parent)
            parts.append(_table_of(_rows_of(read[-1])))
    return "\n\n".join(part for part in parts if part) or body.get_text("\n", strip=True)


def _markdown_of(block: Any) -> str:
    """One block of a page as Markdown."""
    if block.name == "pre":
        return f"```\n{block.get_text().strip()}\n```"
    text = " ".join(block.get_text().split())
    if text and block.name[0] == "h" and block.name[1:].isdigit():
        return "#" * int(block.name[1:]) + f" {text}"
    return f"- {text}" if text and block.name == "li" else text


def _rows_of(table: Any) -> list[list[str]]:
    """The cells of a page's table, row by row; a table in a cell is the cell's text."""
    rows = [row for row in table("tr") if row.find_parent("tr") is None]
    return [[cell.get_text(" ") for cell in row(["td", "th"]) if cell.find_parent("tr") is row] for row in rows]


def _table_of(rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells as a Markdown table, whose first row is its header; rows without text are left out."""
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in cells if any(row)]
    if len(lines) > 1:
        lines.insert(1, "|" + "---|" * (lines[0].count("|") - 1))  # as many columns as a parser finds above it
    return "\n".join(lines)


def _from_pdf(content: bytes) -> str:
    """The text of a PDF, page after page. A PDF keeps no headings."""
    import logging

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of each oddity; the note says what matters
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("it asks for a password")
        return "\n\n".join(page.extract_text() or "" for page in reader.pages)
    except Unreadable:
        raise
    except Exception as problem:  # a damaged PDF fails in any of a dozen ways
        raise Unreadable(f"a damaged PDF: {problem}") from problem


def _from_docx(content: bytes) -> str:
    """Markdown of a Word document: headings by their styles, paragraphs, lists and tables in their order."""
    import docx

    try:
        return "\n\n".join(
            part for part in map(_block_of, docx.Document(io.BytesIO(content)).iter_inner_content()) if part
        )
    except Exception as problem:  # not a zip, a zip of something else, damaged inside
        raise Unreadable("not a Word document, or damaged") from problem


def _block_of(block: Any) -> str:
    """One paragraph or table of a Word document as Markdown."""
    from docx.table import Table

    if isinstance(block, Table):
        return _table_of([cell.text for cell in row.cells] for row in block.rows)
    text, style = block.text.strip(), (block.style.name if block.style else "")
    if text and (style.startswith("Heading ") or style == "Title"):
        level = 1 if style == "Title" else int(style.split()[-1]) if style.split()[-1].isdigit() else 2
        return "#" * level + f" {text}"
    return f"- {text}" if text and style.startswith("List") else text
