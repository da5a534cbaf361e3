"""Reading a file as text: its encoding, and Markdown out of HTML, PDF and Word, so that headings survive."""

import codecs
import importlib.util
import io
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby, takewhile, zip_longest
from pathlib import Path
from typing import Any

from rung.errors import RungError, install

VERSION = 4  # raise it when the same file would be read as another text: indexes are made again
TEXT = {".md", ".markdown", ".txt", ".rst", ".adoc"}
PAGES = {".html", ".htm"}
SUFFIXES = TEXT | PAGES | {".pdf", ".docx"}
# By suffix: the module that reads such a file, and the distribution that it comes with.
BS4, PYPDF, DOCX = ("bs4", "beautifulsoup4"), ("pypdf", "pypdf"), ("docx", "python-docx")
NEEDS = {".html": BS4, ".htm": BS4, ".pdf": PYPDF, ".docx": DOCX}
CRYPTOGRAPHY = ("cryptography", "cryptography")  # without which PDFs are read, but not those encrypted by AES
LARGEST = 50_000_000  # bytes
# How words are set, not spelled: ligatures, as in PDFs that browsers print, and soft hyphens. No search knows the word.
SPELLED = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
    | {"\u00ad": ""}
)
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

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = (  # elements of a page that stand below one another, not in a line
    *HEADINGS,
    *("address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt"),
    *("fieldset", "figcaption", "figure", "footer", "form", "header", "legend", "li", "main", "menu", "ol", "option"),
    *("p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
)
WHOLE = ("pre", "table")  # blocks that are read with all that is in them
_LONGEST_SAID_AGAIN = 100  # letters of a cell that are said in each row it fills: more is no name but a text
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WORD_GONE = (  # taken out under review, what describes a wrap, and a text box again for readers of before 2010
    *(f"{WORD}{name}" for name in ("del", "moveFrom", "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr")),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)
WORD_WRAPS = [f"{WORD}{name}" for name in ("ins", "moveTo", "sdt", "sdtContent", "smartTag", "customXml", "fldSimple")]


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


def whole_letters(text: str) -> str:
    """A text with � for each half of a character, as JSON holds one where a text was cut between the two.

    Such a half, a surrogate alone, can be neither written nor sent.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
    needed = {NEEDS[path.suffix.lower()] for path in files if path.suffix.lower() in NEEDS}
    needed |= {CRYPTOGRAPHY} if PYPDF in needed else set()
    return ", ".join(f"{name} {_version_of(module, name)}" for module, name in sorted(needed))


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
    text = text.translate(SPELLED)
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
        # Within the content they are content: an article's heading, a note beside it, where a quotation is from.
        if part.name not in ("header", "footer", "aside") or part.find_parent(["main", "article"]) is None:
            part.decompose()
    for line_break in soup(["br", "hr"]):
        line_break.replace_with("\n")
    for caption in soup("caption"):
        if table := caption.find_parent("table"):
            table.insert_before(caption.extract())
    body = _only(soup, "main") or _only(soup, "article") or soup.body or soup
    heading = [] if body.find("h1") or not title else [f"# {title}"]
    return "\n\n".join([*heading, *_blocks_of(body)])


def _only(soup: Any, name: str) -> Any:
    """The element of this name, where the page has just one."""
    found = soup(name)
    return found[0] if len(found) == 1 else None


def _blocks_of(body: Any) -> Iterator[str]:
    """Everything that is said below an element, block by block as Markdown; what stands beside blocks is one too."""
    around = _around(body, _begins_block)
    read: set[int] = set()  # tables and code, each read whole where it begins
    for _, same in groupby(body.strings, key=lambda string: id(around[id(string.parent)])):
        strings = list(same)
        block = around[id(strings[0].parent)]
        if not "".join(strings).strip() or id(block) in read:
            continue
        if block.name in WHOLE:
            read.add(id(block))
        text = " ".join("".join(strings).split())
        if block.name == "table":
            text = _table_of(_rows_of(block))
        elif block.name == "pre":
            text = f"```\n{block.get_text().strip()}\n```"
        elif block.name in HEADINGS:
            text = "#" * int(block.name[1]) + f" {text}"
        yield f"- {text}" if block.name == "li" else text


def _around(root: Any, begins: Callable[[Any, Any], bool]) -> dict[int, Any]:
    """For a root and each element below it, by its id(): the innermost element that it is in and that `begins` a part.

    `begins` is told an element and the part that its parent is in. This is looked up from above, once for each: old
    pages do not close their elements, so that one may be thousands deep.
    """
    from bs4 import Tag

    found = {id(root): root}
    for node in root.descendants:
        if isinstance(node, Tag):
            outer = found[id(node.parent)]
            found[id(node)] = node if begins(node, outer) else outer
    return found


def _begins_block(element: Any, outer: Any) -> bool:
    """Whether a block of text begins with an element, within the block `outer`."""
    if outer.name in WHOLE or (outer.name in HEADINGS and element.name == "div"):
        return False
    return element.name in BLOCKS


@dataclass
class _Cell:
    """A cell of a page's table: its element (None: text beside cells), its text, how many rows and columns it fills."""

    element: Any
    text: str
    rows: int
    columns: int


def _rows_of(table: Any) -> list[list[str]]:
    """The rows of a page's table, all columns below one another; several rows of headers are one.

    A cell that fills several rows is said in each. One that fills several columns is said in the first, in a header in
    each.
    """
    cells = _cells_of(table)
    headers = len(list(takewhile(_is_header, cells)))
    # A row of one header alone, after the first, is the title of the rows below it.
    titled = (at for at in range(1, headers) if _is_title(cells[at]) and all(cell.rows == 1 for cell in cells[at - 1]))
    headers = next(titled, headers)
    if not 1 < headers < len(cells):  # a table of nothing but headers has no row below them
        headers = min(headers, 1)
    rows: list[list[str]] = []
    carried: dict[int, tuple[int, str]] = {}  # by column: in how many rows more what stands there
    for number, row in enumerate(cells):
        texts, carried = _across(row, carried, number < headers)
        rows.append(texts)
    header = [" ".join(dict.fromkeys(filter(None, column))) for column in zip_longest(*rows[:headers], fillvalue="")]
    return [header, *rows[headers:]]


def _is_header(row: Sequence[_Cell]) -> bool:
    """Whether a row of a page's table holds headers of columns: a <th>, and no <td> with text unless in a <thead>."""
    elements = [cell.element for cell in row if cell.element and (cell.element.name == "th" or cell.text)]
    if elements and _is_in_head(elements[0]):
        return True
    return bool(elements) and all(element.name == "th" for element in elements)


def _is_title(row: Sequence[_Cell]) -> bool:
    """Whether a row of headers has one cell alone with text, outside a <thead>."""
    elements = [cell.element for cell in row if cell.element and cell.text]
    return len(elements) == 1 and not _is_in_head(elements[0])


def _is_in_head(element: Any) -> bool:
    """Whether a cell stands in its table's <thead>."""
    return element.find_parent(["thead", "table"]).name == "thead"


def _across(
    row: Iterable[_Cell], carried: dict[int, tuple[int, str]], is_header: bool
) -> tuple[list[str], dict[int, tuple[int, str]]]:
    """The texts of a row, column by column, and what it carries into the next, as it was carried into this."""
    texts: list[str] = []
    onward: dict[int, tuple[int, str]] = {}

    def put(text: str, rows: int) -> None:
        """Fill the next column, of so many rows."""
        if rows > 1:
            onward[len(texts)] = (rows - 1, text if len(text) <= _LONGEST_SAID_AGAIN else "")
        texts.append(text)

    for cell in row:
        while len(texts) in carried:
            rows, text = carried[len(texts)]
            put(text, rows)
        for column in range(cell.columns):
            put(cell.text if is_header or not column else "", cell.rows)
    while any(column >= len(texts) for column in carried):
        rows, text = carried.get(len(texts), (1, ""))
        put(text, rows)
    return texts, onward


def _cells_of(table: Any) -> list[list[_Cell]]:
    """The cells of a page's table, row by row; a table in a cell is the cell's text.

    A row begins where it says so, and so does a cell: old pages close neither.
    """
    from bs4 import Tag

    tables = _around(table, lambda element, outer: element.name == "table")
    blocks = _around(table, lambda element, outer: element.name in BLOCKS)
    said = {id(string) for string in table.strings}  # no comments
    rows: list[list[tuple[Any, list[Any]]]] = [[]]
    for node in table.descendants:
        is_own = isinstance(node, Tag) and tables[id(node.parent)] is table
        if is_own and node.name == "tr":
            rows.append([])
        elif is_own and node.name in ("td", "th"):
            rows[-1].append((node, []))
        elif id(node) in said and (rows[-1] or node.strip()):
            rows[-1] = rows[-1] or [(None, [])]  # text beside the cells
            rows[-1][-1][1].append(node)
    widest = max(map(len, rows))  # old pages have a cell fill more columns than there are
    return [
        [
            _Cell(cell, _line_of(strings, blocks), _span(cell, "rowspan"), min(_span(cell, "colspan"), widest))
            for cell, strings in row
        ]
        for row in rows
        if row
    ]


def _span(cell: Any, name: str) -> int:
    """How many rows ("rowspan") or columns ("colspan") a cell says that it fills."""
    said = cell.get(name, "").strip()[:4] if cell else ""
    return max(int(said), 1) if said.isdecimal() else 1


def _line_of(strings: Iterable[Any], blocks: dict[int, Any]) -> str:
    """Strings as one line: a word may go on in the next of the same block, as in H<sub>2</sub>O, but not in another."""
    each = groupby(strings, key=lambda string: id(blocks[id(string.parent)]))
    return " ".join(" ".join("".join(same).split()) for _, same in each)


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
    except pypdf.errors.DependencyError as problem:
        raise Unreadable(
            f"it is encrypted, though it asks for no password, and needs {install('documents')}"
        ) from problem
    except Exception as problem:  # a damaged PDF fails in any of a dozen ways
        raise Unreadable(f"a damaged PDF: {_said_by(problem)}") from problem


def _said_by(problem: Exception) -> str:
    """What an error says, or its name where it says nothing."""
    return str(problem) or type(problem).__name__


def _from_docx(content: bytes) -> str:
    """Markdown of a Word document: headings by their styles, paragraphs, lists and tables in their order.

    What is on each page, above and below, is left out, and so are tables of contents.
    """
    import docx

    try:
        document = docx.Document(io.BytesIO(content))
        _set_out(document)
        return "\n\n".join(part for part in map(_block_of, document.iter_inner_content()) if part)
    except Exception as problem:  # not a zip, a zip of something else, damaged inside
        raise Unreadable(f"not a Word document, or damaged: {_said_by(problem)}") from problem


def _set_out(document: Any) -> None:
    """Put all text of a Word document where its library looks for it: in the paragraphs and tables of the body.

    Out of content controls, fields and insertions under review; text boxes and notes behind their paragraphs. What a
    review took out goes.
    """
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import parse_xml

    body = _unwrapped(document.element.body)
    for box in reversed(list(body.iter(f"{WORD}txbxContent"))):
        _put_behind(box, box)
    for kind in ("footnote", "endnote"):
        references = list(body.iter(f"{WORD}{kind}Reference"))
        if not references:
            continue
        part = document.part.part_related_by(getattr(RELATIONSHIP_TYPE, f"{kind.upper()}S"))
        notes = {note.get(f"{WORD}id"): note for note in _unwrapped(parse_xml(part.blob))}
        for reference in reversed(references):
            _put_behind(reference, notes.get(reference.get(f"{WORD}id"), ()))


def _unwrapped(element: Any) -> Any:
    """A part of a Word document without what only wraps its text, and without what is not to be read."""
    from lxml import etree

    etree.strip_elements(element, *WORD_GONE, with_tail=False)
    etree.strip_tags(element, *WORD_WRAPS)
    return element


def _put_behind(element: Any, blocks: Iterable[Any]) -> None:
    """Move paragraphs and tables behind the outermost paragraph that an element is in."""
    *_, outermost = element.iterancestors(f"{WORD}p")
    for block in reversed(list(blocks)):
        outermost.addnext(block)


def _block_of(block: Any) -> str:
    """One paragraph or table of a Word document as Markdown."""
    from docx.table import Table

    if isinstance(block, Table):
        return _table_of(map(_cell_of, row.cells) for row in block.rows)
    text, style = block.text.strip(), (block.style.name if block.style else "")
    if style.lower().startswith("toc "):
        return ""
    if text and (style.startswith("Heading ") or style == "Title"):
        level = 1 if style == "Title" else int(style.split()[-1]) if style.split()[-1].isdigit() else 2
        return "#" * level + f" {text}"
    return f"- {text}" if text and style.startswith("List") else text


def _cell_of(cell: Any) -> str:
    """The text of a Word document's cell; a table in it is text as well."""
    from docx.table import Table

    parts = []
    for block in cell.iter_inner_content():
        inner = [one for row in block.rows for one in row.cells] if isinstance(block, Table) else []
        parts += [_cell_of(one) for one in inner] if inner else [block.text]
    return " ".join(parts)
