"""Reading a file as text: its encoding, and Markdown out of HTML, PDF and Word, so that headings survive."""

import codecs
import importlib.util
from pathlib import Path

from rung.errors import RungError

TEXT = {".md", ".markdown", ".txt", ".rst", ".adoc"}
PAGES = {".html", ".htm"}
SUFFIXES = TEXT | PAGES | {".pdf", ".docx"}
NEEDS = {".html": "bs4", ".htm": "bs4", ".pdf": "pypdf", ".docx": "docx"}
LARGEST = 50_000_000  # bytes
BOMS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]


class Unreadable(RungError):
    """A file of which no text can be had; the message is the reason, in a few words."""


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file's bytes, and the encoding it was read in.

    A byte order mark decides; else UTF-8; else, for bytes without zeros, Windows-1252. That takes nearly any byte, so
    look at the text when it is what is returned. Line ends become newlines. Raises Unreadable for what is not text.
    """
    encoding = next((name for mark, name in BOMS if content.startswith(mark)), None)
    try:
        text = content.decode(encoding or "utf-8")
        encoding = encoding or "utf-8"
    except UnicodeDecodeError as problem:
        if encoding or b"\0" in content:
            raise Unreadable("not text, or damaged") from problem
        text, encoding = content.decode("cp1252", errors="replace"), "cp1252"
    if "\0" in text:
        raise Unreadable("not text")
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def read_text(path: Path) -> tuple[str, str]:
    """A text file's text and encoding. Raises Unreadable."""
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"larger than {LARGEST // 1_000_000} MB")
        return decode(path.read_bytes())
    except OSError as problem:
        raise Unreadable(problem.strerror or "cannot be opened") from problem


def read_document(path: Path) -> tuple[str, str]:
    """A document as Markdown, and a note on how it was read ("" where nothing is worth saying).

    Raises Unreadable with the reason where there is no text to be had.
    """
    suffix = path.suffix.lower()
    needed = NEEDS.get(suffix)
    if needed and importlib.util.find_spec(needed) is None:
        raise Unreadable(f'{suffix} files need pip install "rung-bench[documents]"')
    note = ""
    if suffix == ".pdf":
        text = _from_pdf(path)
    elif suffix == ".docx":
        text = _from_docx(path)
    else:
        text, encoding = read_text(path)
        note = "" if encoding.startswith("utf-8") else f"read as {encoding}"
        text = _from_html(text) if suffix in PAGES else text
    if not text.strip():
        raise Unreadable("no text in it" + (": a scan needs character recognition first" if suffix == ".pdf" else ""))
    return text, note


def _from_html(markup: str) -> str:
    """Markdown of a page's content: headings, paragraphs, lists, tables and code, without scripts and navigation."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(markup, "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for part in soup(["script", "style", "nav", "header", "footer", "aside", "template", "noscript", "title"]):
        if part.name != "header" or part.find_parent(["main", "article"]) is None:
            part.decompose()
    body = soup.find("main") or soup.find("article") or soup.body or soup
    for line_break in body("br"):
        line_break.replace_with("\n")
    blocks = ["h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "pre", "tr", "dt", "dd", "blockquote", "div", "td"]
    parts = [] if body.find("h1") or not title else [f"# {title}"]
    for block in body.find_all(blocks):
        if block.name not in ("pre", "tr") and block.find(blocks):
            own = "".join(str(piece) for piece in block.find_all(string=True, recursive=False)).strip()
            if own:
                parts.append(" ".join(own.split()))
        elif block.find_parent(["pre", "tr"]) is None:
            parts.append(_markdown_of(block))
    return "\n\n".join(part for part in parts if part) or body.get_text("\n", strip=True)


def _markdown_of(block) -> str:
    """One block of a page as Markdown."""
    if block.name == "pre":
        return f"```\n{block.get_text().strip()}\n```"
    if block.name == "tr":
        return "| " + " | ".join(" ".join(cell.get_text(" ").split()) for cell in block(["td", "th"])) + " |"
    text = " ".join(block.get_text().split())
    if text and block.name[0] == "h" and block.name[1:].isdigit():
        return "#" * int(block.name[1:]) + f" {text}"
    return f"- {text}" if text and block.name == "li" else text


def _from_pdf(path: Path) -> str:
    """The text of a PDF, page after page. A PDF keeps no headings."""
    import logging

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of each oddity; the note says what matters
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("it asks for a password")
        return "\n\n".join(page.extract_text() or "" for page in reader.pages)
    except Unreadable:
        raise
    except Exception as problem:  # a damaged PDF fails in any of a dozen ways
        raise Unreadable(f"a damaged PDF: {problem}") from problem


def _from_docx(path: Path) -> str:
    """Markdown of a Word document: headings by their styles, paragraphs, lists and tables in their order."""
    import docx
    from docx.table import Table

    try:
        document = docx.Document(str(path))
    except Exception as problem:  # not a zip, a zip of something else, damaged inside
        raise Unreadable("not a Word document, or damaged") from problem
    parts = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            rows = ("| " + " | ".join(" ".join(cell.text.split()) for cell in row.cells) + " |" for row in block.rows)
            parts.append("\n".join(rows))
            continue
        text, style = block.text.strip(), (block.style.name if block.style else "")
        if text and (style.startswith("Heading ") or style == "Title"):
            level = 1 if style == "Title" else int(style.split()[-1]) if style.split()[-1].isdigit() else 2
            text = "#" * level + f" {text}"
        elif text and style.startswith("List"):
            text = f"- {text}"
        parts.append(text)
    return "\n\n".join(part for part in parts if part)
