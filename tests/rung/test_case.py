"""Reading a case: the files and shapes that people have, and one sentence for each that cannot be used."""

import base64
import importlib.util
import io
import json
import os
import warnings
import zipfile
import zlib
from importlib.metadata import version
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from rung.case import Item, near_duplicates, read_case, read_table, split_of
from rung.cutting import cut
from rung.errors import CaseError
from rung.readers import Unreadable, decode, read_document, readers_of

from tests.rung.cases import QUESTIONS, answer_case, label_case, write_table


def pdf(text: str) -> bytes:
    """A PDF of one page with one line of text."""
    drawn = f"BT /F1 12 Tf 10 50 Td ({text}) Tj ET".encode()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(b"%010d 00000 n \n" % len(content))
        content += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(places)
    return content + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(content)


def found(case, level: str) -> str:
    return "\n".join(f"{one.where}: {one.what}" for one in case.findings if one.level == level)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_are_read_in_the_encodings_people_have(encoding):
    assert decode("£5 für Müller\r\n".encode(encoding))[0] == "£5 für Müller\n"


@pytest.mark.parametrize(
    ("text", "encoding", "declaration"),
    [
        ("Příliš žluťoučký kůň", "iso8859-2", '<meta charset="iso-8859-2">'),
        (
            "Příliš žluťoučký kůň",
            "cp1250",
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1250">',
        ),
        ("Срок займа 21 день", "koi8-r", "<meta charset=koi8-r>"),
        ("Срок займа 21 день", "cp1251", '<?xml version="1.0" encoding="windows-1251"?>'),
        ("Δανεισμός 21 ημέρες", "iso8859-7", "<meta charset='ISO-8859-7'>"),
        ("Ödünç süresi 21 gün, ığş", "cp1254", "<meta charset=iso-8859-9>"),
        ("貸出期間は21日です", "cp932", '<meta charset="Shift_JIS">'),
        ("貸出期間は21日です", "iso2022_jp", '<meta charset="iso-2022-jp">'),
        ("借期为二十一天", "gb18030", '<meta charset="gb2312">'),
        ("“21 days” – £5", "cp1252", '<meta charset="iso-8859-1">'),
        ("“21 days” – £5", "cp1252", '<meta charset="no-such-name">'),
        ("“21 days” – £5", "cp1252", '<meta charset="utf-8">'),
    ],
)
def test_pages_are_read_in_the_encoding_that_they_declare(tmp_path, text, encoding, declaration):
    page = tmp_path / "page.html"
    warnings.simplefilter("error")  # what a parser has to say about a page is nothing to its reader
    page.write_bytes(f"{declaration}<title>x</title><h1>{text}</h1><p>{text}</p>".encode(encoding))
    assert read_document(page) == (f"# {text}\n\n{text}", f"read as {encoding}")


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1251", "utf-16", "utf-8"])
def test_a_page_that_is_utf8_is_read_as_that_whatever_it_declares(tmp_path, declared):
    page = tmp_path / "page.html"
    page.write_text(f"<meta charset={declared}><p>Příliš 5 € – žluťoučký</p>", encoding="utf-8")
    assert read_document(page) == ("Příliš 5 € – žluťoučký", "")
    page.write_text(f"<meta charset={declared}><p>Plain</p>", encoding="utf-8")
    assert read_document(page) == ("Plain", "")


def test_one_damaged_character_does_not_spoil_a_text():
    text, encoding = decode("Gebühr für Bücher: 5 €".encode() + b", m\xfcndlich")
    assert text == "Gebühr für Bücher: 5 €, m\ufffdndlich" and encoding == "utf-8 with 1 damaged character"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"abc\0def", b"\xff\xfe\x00"])
def test_what_is_no_text_is_refused(content):
    with pytest.raises(Unreadable, match="not text"):
        decode(content)


def test_a_page_keeps_headings_tables_and_code_and_drops_scripts(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<html><head><title>Site</title><style>p{}</style></head><body><nav><p>Menu</p></nav><h1>Loans</h1>"
        "<p>A loan<br>lasts <b>21</b> days.</p><h2>Fees</h2><table><tr><th>Book</th><td>£12</td></tr></table>"
        "<ul><li>One<ul><li>Two</li></ul></li></ul><pre>a  = 1\nb = 2</pre><div>Bare <em>text</em></div>"
        "<script>alert(1)</script></body></html>",
        encoding="utf-8",
    )
    text, note = read_document(page)
    assert "# Loans\n\nA loan lasts 21 days.\n\n## Fees\n\n| Book | £12 |" in text
    assert "- Two" in text and "a  = 1\nb = 2" in text and "Bare text" in text
    assert "alert" not in text and "Menu" not in text and "p{}" not in text and note == ""


def test_word_documents_keep_headings_and_tables(tmp_path):
    document = docx.Document()
    document.add_heading("Loans", 1)
    document.add_paragraph("A loan lasts 21 days.")
    document.add_table(1, 2).rows[0].cells[1].text = "£12"
    document.save(str(tmp_path / "loans.docx"))
    assert read_document(tmp_path / "loans.docx")[0] == "# Loans\n\nA loan lasts 21 days.\n\n|  | £12 |"


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html"])
def test_words_are_read_as_they_are_spelled_not_as_they_are_set(tmp_path, name):
    (tmp_path / name).write_text("The \ufb01rst o\ufb03ce \ufb02oor: Ver\u00adtrags\u00adstrafe", encoding="utf-8")
    assert read_document(tmp_path / name)[0] == "The first office floor: Vertragsstrafe"


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("<ul><li>The <b>fee</b> is <a>£5</a><ul><li>a day</li></ul></li></ul>", "- The fee is £5\n\n- a day"),
        ("<div>Open <b>daily</b><p>till 5</p>or <i>6</i></div>", "Open daily\n\ntill 5\n\nor 6"),
        ("From <b>May</b> on<h2>Fees</h2>", "From May on\n\n## Fees"),
        ("<details><summary>Lost?</summary>Pay £12</details><p>x", "Lost?\n\nPay £12\n\nx"),
        ("<section>Bay 7</section><figure><figcaption>Map</figcaption></figure><p>x", "Bay 7\n\nMap\n\nx"),
        ("<h2><div>Fees</div></h2><p>Till<hr>five<!-- six --></p>", "## Fees\n\nTill five"),
        ("<article><p>A</p></article><article><p>B</p></article>", "A\n\nB"),
        (
            "<main><header>H</header><aside>Mind the step</aside><p>A</p></main><aside>Ads</aside>",
            "H\n\nMind the step\n\nA",
        ),
        ("<ul><li>One<li>Two <b>too</b></ul><p>A<p>B", "- One\n\n- Two too\n\nA\n\nB"),
        (
            "<table><tr><td>Boat<td>Fee<tr><td>H<sub>2</sub>O<td><p>£</p>5</table>",
            "| Boat | Fee |\n|---|---|\n| H2O | £ 5 |",
        ),
        ("<table>All<tr><td></td><td>£5</td></tr><caption>Fees</caption></table>", "Fees\n\n| All |\n|---|\n|  | £5 |"),
        ("<pre>a <b>b</b>\n c</pre>d", "```\na b\n c\n```\n\nd"),
        (
            "<table><tr><th rowspan=2>Boat<th colspan=2>Fee<tr><th>Day<th>Week"
            "<tr><td rowspan=2>Heron<td>£5<td>£9<tr><td colspan=2>free in May<tr><td>Egret<td>£6<td>£8</table>",
            "| Boat | Fee Day | Fee Week |\n|---|---|---|\n"
            "| Heron | £5 | £9 |\n| Heron | free in May |  |\n| Egret | £6 | £8 |",
        ),
        (
            "<table><thead><tr><td>Boat<td>Fee<tr><td><td>a day</thead><tr><td colspan=x rowspan=9>Heron<td>£5</table>",
            "| Boat | Fee a day |\n|---|---|\n| Heron | £5 |",
        ),
        (
            "<table><tr><th>Boat<th>Fee<tr><th colspan=2>Rowing<tr><td>Heron<td>£5"
            "<tr><th colspan=2>Sailing<tr><td>Egret<td>£6</table>",
            "| Boat | Fee |\n|---|---|\n| Rowing |  |\n| Heron | £5 |\n| Sailing |  |\n| Egret | £6 |",
        ),
        (
            f"<table><tr><th>Fee<th>Rules<tr><td>£5<td rowspan=3>{'Mind the weir. ' * 20}<tr><td>£6<tr><td>£7</table>",
            f"| Fee | Rules |\n|---|---|\n| £5 | {'Mind the weir. ' * 20}|\n| £6 |  |\n| £7 |  |",
        ),
        (
            "<table><tr><th>Day<td>£5<tr><th>Week<td colspan=90>£9</table><table><tr><th>Day<tr><th>Week</table>",
            "| Day | £5 |\n|---|---|\n| Week | £9 |  |\n\n| Day |\n|---|\n| Week |",
        ),
    ],
)
def test_nothing_that_a_page_says_is_lost_wherever_it_stands(tmp_path, body, read):
    (tmp_path / "page.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    assert read_document(tmp_path / "page.html")[0] == read


def test_a_page_that_closes_nothing_is_read_however_deep_that_makes_it(tmp_path):
    (tmp_path / "page.html").write_text("".join(f"<p>{n}<font>," for n in range(2000)), encoding="utf-8")
    assert read_document(tmp_path / "page.html")[0] == "\n\n".join(f"{n}," for n in range(2000))


def run(text: str) -> str:
    """Words of a Word document."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


BOX, NEXT = (f"<w:txbxContent><w:p>{run(text)}</w:p></w:txbxContent>" for text in ("in a box.", "And in the next."))
CHOICES = f'<mc:Choice Requires="wps">{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback>'
WORD_BLOCKS = [
    f"<w:p>{run('A loan lasts ')}<w:del><w:r><w:delText>14</w:delText></w:r></w:del><w:ins>{run('21')}</w:ins>"
    f'{run(" days")}<w:r><w:footnoteReference w:id="7"/></w:r>{run(".")}</w:p>',
    f"<w:sdt><w:sdtPr/><w:sdtContent><w:p>{run('In a control.')}</w:p></w:sdtContent></w:sdt>",
    f"<w:p><w:sdt><w:sdtContent>{run('In a line, ')}</w:sdtContent></w:sdt>"
    f'<w:fldSimple w:instr="REF a">{run("in a field.")}</w:fldSimple></w:p>',
    f"<w:p>{run('Box:')}<w:r><mc:AlternateContent>{CHOICES}</mc:AlternateContent></w:r><w:r>{NEXT}</w:r></w:p>",
    f'<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr>{run("Loans 3")}</w:p>',
    f"<w:tbl><w:tr><w:tc><w:p>{run('Fee')}</w:p></w:tc>"
    f"<w:tc><w:tbl><w:tr><w:tc><w:p>{run('£5')}</w:p></w:tc></w:tr></w:tbl><w:p/></w:tc></w:tr></w:tbl>",
]


def test_nothing_that_a_word_document_says_is_lost_wherever_it_stands(tmp_path):
    names = " ".join(
        f'xmlns:{prefix}="http://schemas.openxmlformats.org/{name}/2006{rest}"'
        for prefix, name, rest in (("w", "wordprocessingml", "/main"), ("mc", "markup-compatibility", ""))
    )
    document = docx.Document()
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH).element.set(qn("w:styleId"), "TOC1")
    for block in parse_xml(f"<w:body {names}>{''.join(WORD_BLOCKS)}</w:body>"):
        document.element.body.insert(-1, block)
    note = f'<w:footnote w:id="7"><w:p>{run("In a note.")}</w:p></w:footnote>'
    notes = f"<w:footnotes {names}>{note}</w:footnotes>".encode()
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, notes, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    document.save(str(tmp_path / "loans.docx"))
    assert read_document(tmp_path / "loans.docx")[0].split("\n\n") == [
        "A loan lasts 21 days.",
        "In a note.",
        "In a control.",
        "In a line, in a field.",
        "Box:",
        "in a box.",
        "And in the next.",
        "| Fee | £5 |",
    ]


HEAD = "| Boat | Fee |\n|---|---|\n"
BOATS = [f"| boat {number} | £{number}.50 |" for number in range(40)]


@pytest.mark.parametrize(
    "tags", [("<tr>", "</tr>"), ("<thead><tr>", "</tr></thead><tbody>"), ("\n<tr >\n", "\n</tr>\n")]
)
def test_a_long_table_of_a_page_keeps_its_header_on_each_part(tmp_path, tags):
    rows = "".join(f"<tr><td>boat {number}</td>\n<td>£{number}.50</td></tr>\n" for number in range(40))
    table = f"<table><caption>Fees</caption>{tags[0]}<th>Boat</th><th>Fee</th>{tags[1]}{rows}<tr><td></td></tr></table>"
    other = "<table><tr><td>Pier</td><td>a <table><tr><td>b</td></tr></table></td></tr><tr><td>1</td></tr></table>"
    (tmp_path / "fees.html").write_text(f"<h1>Hire</h1>{table}<p>Then this.</p>{other}", encoding="utf-8")
    text, _ = read_document(tmp_path / "fees.html")
    assert text == "# Hire\n\nFees\n\n" + HEAD + "\n".join(BOATS) + "\n\nThen this.\n\n| Pier | a b |\n|---|---|\n| 1 |"
    parts = [one.text for one in cut("fees.html", text, 60) if "boat" in one.text]
    assert len(parts) > 5 and all(HEAD in part for part in parts)


def test_a_long_table_of_a_word_document_keeps_its_header_on_each_part(tmp_path):
    document = docx.Document()
    table = document.add_table(41, 2)
    for row, cells in zip(table.rows, [("Boat", "Fee"), *((f"boat {n}", f"£{n}.50") for n in range(40))], strict=True):
        row.cells[0].text, row.cells[1].text = cells
    document.save(str(tmp_path / "fees.docx"))
    text = read_document(tmp_path / "fees.docx")[0]
    assert text == HEAD + "\n".join(BOATS)
    parts = [one.text for one in cut("fees.docx", text, 60)]
    assert len(parts) > 5 and all(part.startswith(HEAD) for part in parts)


def test_pdfs_are_read(tmp_path):
    (tmp_path / "loans.pdf").write_bytes(pdf("A loan lasts 21 days."))
    assert read_document(tmp_path / "loans.pdf")[0].strip() == "A loan lasts 21 days."


# pdf("A loan lasts 21 days."), encrypted by AES with an empty password, as offices write PDFs that may not be changed.
ENCRYPTED = """
eNqNU02LFEcYBgUxhaA5JkSoy0Yvpuv7A4aFdXfGFZVddjZeREJ111vrhLF76akRVxDxIII/QdCrR0/evXgTDeQgeFuTEBDxIB4CJsTqmdmdgfFgT/dQ71
NvPU+9XwvrK51T9CeBFt788fJ3RDHBVf4rarVQtl5XflhAjVseJNHcAxBiwYUcgnZOS89FbomUTIaEMls4wguanKmyqpAAOjhQXLNFtLiIoPQNM5tR2NzZ
Bpytuy0YoGy5GpYRU5Sd6/kBvoRFctzAl2eO8rmjyy66frWFxhy44d5A2dow9ntlsvXInhKIL2qj7AL4njtdXU+qJP04IZim73JzqTJCGQdYjqk3YFAN6y
JxNxydtDteUKz2tNKbaOt0anKfqb6c0T8P5Va8gg1p9gexBncVbbafH/v71uG7B/758faRB/dvnnj/4rtXuweXYnjrN+8defZJ/3Zo6fH373549Mvrj5/+
fXLim5P/t+6c2j1e3W5/WD0D6Gj25+7rnfrbVfnXw//s00Z3Qj25gZrLQBMDyrrDPI7MBkw1OO0GMIouW4X+NYi9ws3EoacsU9DMUF/EIuWq+ZuESZlJWc
GCWWGVZpalnPX6MTVX1o2u9K72qW64JZUKzmgOwHmhrS48Ty0mgnc+GCpccFz4YB03QYEXNLdGACuUd8w5FWTK/c+4BcF7VThdFNRym3tmlDNccafz4AMR
zORBgAQBWhonqBKEJFuFEByhxCSW5c6osN3oJ6ulYbzSvtZUNVupirVtKBunCzhbancvsmmgaq8HuvFqB48JGqPeN6Ypu15DQARbRPYfrKTkEge8j9HUNa
Odch+jlM9jms1hjOs5jKt5PmHnMfkFP2nUFIu16/WhHtW727sBKYxso6oi5uNROVuGCtPJeiWNVouzQCmw1AROeCEFAZOzEGyqtzKFLxa/xiUNZbss6p3t
iM3eeA2iq+MomcZytLDQXuugz/U4VvY=
"""


def test_an_encrypted_pdf_that_asks_for_no_password_is_read_or_says_what_it_needs(tmp_path):
    (tmp_path / "loans.pdf").write_bytes(zlib.decompress(base64.b64decode(ENCRYPTED)))
    if importlib.util.find_spec("cryptography"):
        assert read_document(tmp_path / "loans.pdf")[0].strip() == "A loan lasts 21 days."
    else:
        with pytest.raises(Unreadable, match=r"encrypted.*\[documents\]"):
            read_document(tmp_path / "loans.pdf")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("broken.pdf", "a damaged PDF: Stream has ended unexpectedly"),
        ("broken.docx", "not a Word document, or damaged: File is not a zip file"),
        ("hollow.docx", "not a Word document, or damaged: ."),
        ("torn.html", "damaged HTML"),
        ("empty.md", "no text in it"),
        ("blank.html", "no text in it"),
        ("empty.pdf", "a damaged PDF: Cannot read an empty file"),
    ],
)
def test_damaged_and_empty_files_say_why(tmp_path, name, why):
    content = {"broken": b"%PDF-1.4 or PK\x03\x04 and no more", "empty": b"", "blank": b"<script>1</script>"}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
    content |= {"torn": b"<p>21 days<![x[y", "hollow": archive.getvalue()}
    (tmp_path / name).write_bytes(content[name.split(".")[0]])
    with pytest.raises(Unreadable, match=why):
        read_document(tmp_path / name)


@pytest.mark.parametrize("name", ["a.md", "a.pdf", "a.docx", "a.html"])
def test_a_file_that_cannot_be_opened_says_why_and_is_not_called_damaged(tmp_path, name):
    (tmp_path / name).symlink_to(tmp_path / name)  # a link that leads to itself
    with pytest.raises(Unreadable, match="symbolic links"):
        read_document(tmp_path / name)


def test_the_readers_that_files_need_are_known_with_their_versions():
    files = [Path("a.md"), Path("b.PDF"), Path("c/d.htm"), Path("e.html")]
    encrypted = version("cryptography") if importlib.util.find_spec("cryptography") else "missing"
    read = f"beautifulsoup4 {version('beautifulsoup4')}, cryptography {encrypted}, pypdf {version('pypdf')}"
    assert readers_of(files) == read
    assert readers_of(files[:1]) == ""


def test_a_case_is_read_and_what_it_skips_is_named(tmp_path):
    answer_case(tmp_path)
    (tmp_path / "documents" / "logo.png").write_bytes(b"\x89PNG")
    (tmp_path / "documents" / "empty.md").write_bytes(b"")
    (tmp_path / "documents" / "old.txt").write_bytes("Gebühr: 5 €".encode("cp1252"))
    (tmp_path / "documents" / ".git").mkdir()
    (tmp_path / "documents" / ".git" / "x.md").write_text("hidden", encoding="utf-8")
    case = read_case(tmp_path)
    texts = dict(case.documents())
    assert texts["old.txt"] == "Gebühr: 5 €" and "desk/hours.md" in texts and len(texts) == 5
    assert [item.wanted for item in case.items][1] == ("twice", "two times", "2 times")
    assert "logo.png" in found(case, "error") and "documents/empty.md: left out: no text" in found(case, "error")
    assert "documents/old.txt: read as cp1252" in found(case, "note")


def test_what_is_no_document_is_passed_over_by_name(tmp_path):
    answer_case(tmp_path)
    documents = tmp_path / "documents"
    count = len(read_case(tmp_path).files)
    for name in (".obsidian", "node_modules/left-pad", "tools/env/lib"):
        (documents / name).mkdir(parents=True)
        (documents / name / "readme.md").write_text("# Not ours", encoding="utf-8")
    (documents / "tools" / "env" / "pyvenv.cfg").write_text("home = /usr/bin", encoding="utf-8")
    with (documents / "scan.pdf").open("wb") as file:
        file.truncate(3 * 2**30)  # takes no room, and would if it were read
    if hasattr(os, "mkfifo"):
        os.mkfifo(documents / "pipe.md")  # opening it would wait for ever
    case = read_case(tmp_path)
    assert len(case.files) == count
    assert found(case, "note").splitlines() == [
        "documents/node_modules: left out: libraries of programs, no documents",
        "documents/tools/env: left out: libraries of programs, no documents",
    ]
    for line in ("documents/pipe.md: left out: no ordinary file", "documents/scan.pdf: left out: larger than 50 MB"):
        assert line in found(case, "error")


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("cp1252", ";"), ("utf-16", "\t")])
def test_tables_come_as_spreadsheets_write_them(tmp_path, encoding, delimiter):
    answer_case(tmp_path)
    write_table(tmp_path / "questions.csv", ["Question ", "Answers"], QUESTIONS, encoding, delimiter)
    assert read_case(tmp_path).items[3].wanted == ("£12",)


UNQUOTED = """id,question,answers,document
a,How long is a loan?,21 days,loans
b,Hello, how long is a loan?,21 days,loans
c,"Hello, how often can it be renewed?",twice,loans

d,What does a lost book cost?,£12
e,"Until when is the desk
open?",17,desk/hours
f,On which day is the desk closed?,Sunday,desk/hours,,
"""


def test_rows_with_more_or_fewer_cells_than_the_header_are_named(tmp_path):
    folder = answer_case(tmp_path, "test_share = 0.9")
    (folder / "questions.csv").write_text(UNQUOTED, encoding="utf-8")
    case = read_case(folder)
    assert [(item.id, item.wanted, item.document) for item in case.items] == [
        ("a", ("21 days",), "loans"),
        ("c", ("twice",), "loans"),
        ("d", ("£12",), None),
        ("e", ("17",), "desk/hours"),
        ("f", ("Sunday",), "desk/hours"),
    ]
    assert case.items[3].text == "Until when is the desk\nopen?"
    assert found(case, "error") == (
        'questions.csv, row 3, "b": left out: it has more cells than the header. '
        "Put quotes round a cell that holds a comma or the like"
    )
    assert "questions.csv, row 6: fewer cells than the header" in found(case, "warning")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_row_that_is_left_out_moves_no_other_row(tmp_path, delimiter):
    table = tmp_path / "questions.csv"
    rows = ["question|answers", "How long?|21 days", "Hello|how long?|21 days", "|", "How often?|twice", "Why|because|"]
    table.write_text("\n".join(rows).replace("|", delimiter), encoding="utf-8")
    told = []
    read = read_table(table, lambda *words: told.append(words))
    assert [(row.place, *row.values()) for row in read] == [
        ("row 2", "How long?", "21 days"),
        ("row 5", "How often?", "twice"),
        ("row 6", "Why", "because"),
    ]
    assert [(level, where) for level, where, _ in told] == [("error", 'questions.csv, row 3, "Hello"')]


NUMBERED = """
question,answers

"How long
is a loan?",21 days
Who is the mayor?,
What does a lost book cost?,£12
"""


def test_a_row_has_the_number_that_a_spreadsheet_shows_and_a_line_of_json_its_own(tmp_path):
    folder = answer_case(tmp_path, "test_share = 0.9")
    (folder / "questions.csv").write_text(NUMBERED, encoding="utf-8")
    case = read_case(folder)
    assert found(case, "error").startswith("questions.csv, row 5: Who is the mayor?: left out")
    assert [item.id for item in case.items] == ["q4", "q6"]
    (folder / "questions.csv").unlink()
    lines = ['{"question": "How long is a loan?", "answers": "21 days"}', "", '{"question": "Who is the mayor?"}']
    (folder / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    case = read_case(folder)
    assert found(case, "error").startswith("questions.jsonl, line 3: Who is the mayor?: left out")
    assert [item.id for item in case.items] == ["q1"]


def test_where_every_row_has_too_many_cells_that_is_what_is_said(tmp_path):
    folder = answer_case(tmp_path)
    (folder / "questions.csv").write_text("question,answers\nHello, how long?,21 days\n", encoding="utf-8")
    with pytest.raises(
        CaseError, match=r"has no rows that can be read. questions.csv, row 2.*more cells than the header"
    ):
        read_case(folder)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('question,answers\nHow long?,21 days\n"Hello, how long?,21 days\nHow often?,twice\nWhere?,here\n', 3),
        ('question,answers\n"Is ""x"" a b"c,yes\n', 2),
        ('\n\nquestion,answers\nHow long?,"21 days\nsecond line"\n"Well, how often?,twice\nSay "it",x\n', 6),
    ],
)
def test_a_quotation_mark_that_swallows_rows_is_found_by_its_line(tmp_path, text, line):
    (tmp_path / "questions.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=f"cells from line {line} on: a cell that begins with a quotation mark"):
        read_table(tmp_path / "questions.csv")


def test_quoted_cells_after_a_space_and_quotes_within_words_are_read(tmp_path):
    (tmp_path / "t.csv").write_text('question, answers\nHow "long"?, "21 days, or ""so"""\n', encoding="utf-8")
    assert read_table(tmp_path / "t.csv") == [{"question": 'How "long"?', "answers": '21 days, or "so"'}]


def test_a_delimiter_within_a_quoted_column_name_counts_for_nothing(tmp_path):
    (tmp_path / "t.csv").write_text('"note; seen; by",question,answers\nx,How long?,21 days\n', encoding="utf-8")
    assert read_table(tmp_path / "t.csv")[0]["answers"] == "21 days"


def test_columns_without_a_name_of_two_names_and_of_no_use_are_named(tmp_path):
    folder = answer_case(tmp_path, "test_share = 0.9")
    rows = [(str(place), "loans", *row, "FAQ", "x") for place, row in enumerate(QUESTIONS)]
    write_table(folder / "questions.csv", ["", "document", "question", "answers", "source", "paraphrase"], rows)
    case = read_case(folder)
    assert case.items[0].document == "loans"
    assert "questions.csv: column 1 has no name in the header and is not read" in found(case, "warning")
    assert 'questions.csv: the column "source" is not read: "document" is there' in found(case, "warning")
    assert found(case, "note") == "questions.csv: columns that nothing reads: paraphrase"


def test_a_column_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("question,answers,Answers\nHow long?,21 days,3 weeks\n", encoding="utf-8")
    with pytest.raises(CaseError, match='has the column "answers" more than once'):
        read_table(tmp_path / "t.csv")
    for line in ('{"question": "a", "answers": "b", "answers": "c"}', '{"question": "a", "Answers": 1, "answers": 2}'):
        (tmp_path / "t.jsonl").write_text(line, encoding="utf-8")
        with pytest.raises(CaseError, match='line 1, is not JSON: the key "answers" stands twice'):
            read_table(tmp_path / "t.jsonl")


def test_a_text_that_was_cut_within_a_character_is_read(tmp_path):
    lines = [r'{"text": "Thanks \ud83d", "label": ["\ud83d"]}', r'{"text": "Thanks \ud83d\ude00", "label": "\\ud83d"}']
    (tmp_path / "t.jsonl").write_text("\n".join(lines), encoding="utf-8")
    rows = [{"text": "Thanks \ufffd", "label": ["\ufffd"]}, {"text": "Thanks \U0001f600", "label": r"\ud83d"}]
    assert read_table(tmp_path / "t.jsonl") == rows


def test_a_table_in_another_encoding_is_named(tmp_path):
    folder = answer_case(tmp_path)
    write_table(folder / "questions.csv", ["question", "answers"], QUESTIONS, "cp1252")
    assert found(read_case(folder), "note") == "questions.csv: read as cp1252"


def test_a_question_whose_document_is_not_there_is_named_and_looks_everywhere(tmp_path):
    folder = answer_case(tmp_path, "test_share = 0.9")
    named = ["loans", "loan-rules", "./documents/fines.txt", "loan-rules.md", "desk\\hours.md", "rooms.md", "", "hours"]
    rows = [(*row, name) for row, name in zip(QUESTIONS, named, strict=True)]
    write_table(folder / "questions.csv", ["question", "answers", "source"], rows)
    case = read_case(folder)
    kept = ["loans", None, "fines.txt", None, "desk/hours.md", "rooms.md", None, "hours"]
    assert [item.document for item in case.items] == kept
    unknown = [line for line in found(case, "warning").splitlines() if "no document" in line]
    assert unknown == [
        'document "loan-rules": no document is called so. The passage is looked for in all of them, for q3',
        'document "loan-rules.md": no document is called so. The passage is looked for in all of them, for q5',
    ]


def test_json_lines_with_lists_and_unanswerable_questions(tmp_path):
    answer_case(tmp_path)
    (tmp_path / "questions.csv").unlink()
    rows = [{"query": text, "accept": answers.split("|"), "split": "test"} for text, answers in QUESTIONS]
    rows.append({"query": "Who is the mayor?", "accept": [], "answerable": False, "split": "dev"})
    lines = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "questions.jsonl").write_text(lines, encoding="utf-8")
    case = read_case(tmp_path)
    assert len(case.of("test")) == 8 and not case.of("dev")[0].answerable
    assert not any("no accepted answer" in one.what for one in case.findings)


@pytest.mark.skipif(os.name == "nt", reason="making links needs rights there that tests seldom have")
def test_links_and_folders_that_are_not_entered_are_named(tmp_path):
    answer_case(tmp_path)
    documents = tmp_path / "documents"
    (tmp_path / "elsewhere").mkdir()
    (documents / "wiki").symlink_to(tmp_path / "elsewhere")
    (documents / "gone.md").symlink_to(tmp_path / "nowhere.md")
    (tmp_path / "rules.md").write_text("Nobody may whistle.", encoding="utf-8")
    (documents / "linked.md").symlink_to(tmp_path / "rules.md")
    case = read_case(tmp_path)
    assert "documents/wiki: left out: a link to a folder" in found(case, "error")
    assert "documents/gone.md: left out: a link to a file that is not there" in found(case, "error")
    assert "linked.md" in dict(case.documents())


@pytest.mark.skipif(os.name == "nt", reason="making links needs rights there that tests seldom have")
@pytest.mark.parametrize("how", ["copied", "linked", "hard-linked"])
def test_a_document_that_stands_twice_is_read_once_and_may_be_called_by_either_name(tmp_path, how):
    answer_case(tmp_path)
    documents = tmp_path / "documents"
    names = sorted(path.relative_to(documents).as_posix() for path in read_case(tmp_path).files)
    before, other = documents / "desk" / "hours.md", documents / "archive" / "opening.md"
    other.parent.mkdir()
    if how == "linked":
        other.symlink_to(before)
    elif how == "hard-linked":
        other.hardlink_to(before)
    else:
        other.write_bytes(before.read_bytes())
    (documents / "blank.md").write_text("", encoding="utf-8")
    (documents / "empty.md").write_text("", encoding="utf-8")
    (documents / "hours.txt").write_bytes(before.read_bytes())  # read otherwise: its headings are none
    rows = [
        (f"When does it open, by {one}?", "9", one, "test")
        for one in ("opening", "desk/hours.md", "archive/opening.md")
    ]
    write_table(tmp_path / "questions.csv", ["question", "answers", "document", "split"], rows)
    case = read_case(tmp_path)
    kept, left = ("desk/hours.md", "archive/opening.md")[:: 1 if how == "linked" else -1]  # no link is kept
    there = {*names, "desk/hours.md", "archive/opening.md", "hours.txt"} - {left}
    assert sorted(dict(case.documents())) == sorted(there)
    assert f"documents/{kept}: read once, under this name: left out as its copies are {left}" in found(case, "note")
    assert "documents/blank.md: left out: no text" in found(case, "error")
    assert "documents/empty.md: left out: no text" in found(case, "error")
    assert [item.document for item in case.items] == [name for _, _, name, _ in rows]
    assert "no document is called so" not in found(case, "warning")
    assert {"opening", "hours", "desk/hours.md", "archive/opening"} <= case.called(kept)


def test_a_text_to_label_may_be_a_whole_document(tmp_path):
    texts = [(f"{number} {'the minutes of a meeting ' * 8000}", "ab"[number % 2]) for number in range(4)]
    write_table(tmp_path / "messages.csv", ["text", "label", "split"], [(*one, "test") for one in texts])
    (tmp_path / "case.toml").write_text('kind = "label"', encoding="utf-8")
    assert [item.text for item in read_case(tmp_path).items] == [text.strip() for text, _ in texts]


def test_what_the_split_left_out_of_one_side_is_named(tmp_path):
    splits = ["train", "dev", "test"]
    rows = [(f"Message {at} about a book", "ab"[at % 2], splits[at // 2 % 3]) for at in range(90)]
    label_case(tmp_path / "label")
    rare = [("Where is my map?", "c", "test"), ("Whose is it?", "c", "dev"), ("Is it loud?", "d", "train")]
    write_table(tmp_path / "label" / "messages.csv", ["text", "label", "split"], rows + rare)
    said = found(read_case(tmp_path / "label"), "warning").splitlines()
    assert [line for line in said if "items: none has" in line] == [
        'train items: none has the label "c": what learns from examples cannot give it. '
        "Set split to train for some that have it",
        'test items: none has the label "d": how often it is correct is not measured. '
        "Set split to test for some that have it",
    ]
    answer_case(tmp_path / "answer")
    blank = [(*row, "yes", "test") for row in QUESTIONS] + [("Who is the mayor?", "", "no", "dev")]
    write_table(tmp_path / "answer" / "questions.csv", ["question", "answers", "answerable", "split"], blank)
    assert "test items: none is unanswerable" in found(read_case(tmp_path / "answer"), "warning")


def test_labels_that_differ_in_case_only_are_named(tmp_path):
    rows = [(f"parcel {number} is late", ("Late", "late", "broken")[number % 3], "test") for number in range(6)]
    write_table(tmp_path / "messages.csv", ["text", "label", "split"], rows)
    (tmp_path / "case.toml").write_text('kind = "label"', encoding="utf-8")
    assert '"Late" and "late" are measured as different labels' in found(read_case(tmp_path), "warning")


def test_an_answerable_that_is_neither_yes_nor_no_is_named(tmp_path):
    answer_case(tmp_path)
    write_table(
        tmp_path / "questions.csv",
        ["question", "answers", "answerable", "split"],
        [(*one, "perhaps", "test") for one in QUESTIONS],
    )
    case = read_case(tmp_path)
    assert 'row 2: answerable is yes or no, not "perhaps"' in found(case, "warning")
    assert all(item.answerable for item in case.items)


def test_a_question_without_an_answer_is_named_and_left_out(tmp_path):
    answer_case(tmp_path, questions=[*QUESTIONS, ("Who is the mayor?", "")])
    case = read_case(tmp_path)
    assert len(case.items) == 8
    assert "row 10: Who is the mayor?: left out: no accepted answer" in found(case, "error")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "case.toml").unlink(), "case.toml cannot be read"),
        (lambda folder: (folder / "case.toml").write_text("margin = ", encoding="utf-8"), "not TOML"),
        (lambda folder: (folder / "case.toml").write_text("margins = 5", encoding="utf-8"), '"margins"'),
        (lambda folder: (folder / "case.toml").write_text('margin = "5"', encoding="utf-8"), "margin is a number"),
        (lambda folder: (folder / "case.toml").write_text("margin = 0", encoding="utf-8"), "above 0"),
        *[
            (lambda folder, wrong=wrong: (folder / "case.toml").write_text(wrong, encoding="utf-8"), says)
            for wrong, says in [
                ("[model]\nretries = -1", "retries is at least 0"),
                ("[model]\ntimeout = 0", "timeout is at least 1"),
                ("[prompt]\nexamples = -1", "examples is at least 0"),
                ("[tune]\nepochs = 0", "epochs is at least 1"),
                ("[format]\npattern = 'a'", "is for kind"),
            ]
        ],
        (lambda folder: (folder / "case.toml").write_text('kind = "rag"', encoding="utf-8"), "kind is"),
        (lambda folder: (folder / "questions.csv").unlink(), "and has neither"),
        (
            lambda folder: (folder / "questions.csv").rename(folder / "Questions.CSV"),
            "There is Questions.CSV. Call it questions.csv.",
        ),
        (
            lambda folder: (folder / "questions.csv").rename(folder / "questions.ods"),
            "There is questions.ods. Save it as questions.csv.",
        ),
        (lambda folder: (folder / "questions.csv").write_text("", encoding="utf-8"), "has no rows"),
        (lambda folder: write_table(folder / "questions.csv", ["ask", "answer"], QUESTIONS), "has: ask, answer"),
        (lambda folder: (folder / "documents").rename(folder / "docs"), "a folder called documents"),
    ],
)
def test_a_case_that_cannot_be_measured_gets_one_sentence(tmp_path, damage, message):
    answer_case(tmp_path)
    damage(tmp_path)
    with pytest.raises(CaseError, match=message) as problem:
        read_case(tmp_path)
    assert "\n" not in str(problem.value) and str(problem.value).endswith(".")


@pytest.mark.parametrize("store", ["http://me:s3cret@store.example:8000", "https://s3cret@store.example"])
def test_a_password_in_the_address_of_a_store_is_refused_and_not_shown(tmp_path, store):
    answer_case(tmp_path, f'[search]\nchroma = "{store}"\n')
    with pytest.raises(
        CaseError, match=r"\[search\] chroma holds no name or password: put them into CHROMA"
    ) as problem:
        read_case(tmp_path)
    assert "s3cret" not in str(problem.value)


@pytest.mark.parametrize("store", ["me@work", "http://localhost:8000"])
def test_a_store_without_a_password_is_taken(tmp_path, store):
    assert read_case(answer_case(tmp_path, f'[search]\nchroma = "{store}"\n')).settings.search.chroma == store


def test_one_label_only_is_refused(tmp_path):
    label_case(tmp_path, rows=[(f"Message number {number}", "loan") for number in range(20)])
    with pytest.raises(CaseError, match='every message has the label "loan"'):
        read_case(tmp_path)


@given(st.lists(st.text(min_size=1, max_size=30), unique=True, max_size=30), st.text(min_size=1, max_size=30))
def test_adding_an_item_moves_none(texts, another):
    before = [split_of(text, 0.6, with_train=True) for text in texts]
    assert [split_of(text, 0.6, with_train=True) for text in [*texts, another]][: len(texts)] == before


def test_splits_have_about_the_shares_asked_for():
    splits = [split_of(f"message {number}", 0.5, with_train=True) for number in range(2000)]
    assert 0.46 < splits.count("test") / 2000 < 0.54
    assert 0.26 < splits.count("train") / 2000 < 0.34


def test_near_duplicates_across_the_split_are_left_out_and_named(tmp_path):
    rows = [
        ("My card was charged twice for the same atlas, please help.", "fine", "test"),
        ("My card was charged twice for the same atlas, please help!", "fine", "train"),
        ("May I keep the novel for another week?", "loan", "train"),
    ]
    label_case(tmp_path)
    write_table(tmp_path / "messages.csv", ["text", "label", "split"], rows)
    case = read_case(tmp_path)
    assert [item.id for item in case.items] == ["m2", "m4"]
    assert "m2, in test: nearly the same as m3, which is in train" in found(case, "error")


def test_an_item_that_stands_again_is_counted_once_and_named(tmp_path):
    rows = [
        ("When does it open?", "at nine", "test"),
        ("When does it open ?", "at nine", "test"),
        ("When  does it open?", "at ten", "test"),
        ("When does it close?", "at five", "dev"),
        ("when does it close?", "at five", "dev"),
        ("What does a lost book cost?", "£12", "test"),
    ]
    answer_case(tmp_path)
    write_table(tmp_path / "questions.csv", ["question", "answers", "split"], rows)
    case = read_case(tmp_path)
    assert [item.id for item in case.items] == ["q2", "q3", "q4", "q5", "q7"]
    assert "q5: stands again as q6, with the same answer: it is counted once" in found(case, "warning")


def test_too_little_to_choose_with_is_named(tmp_path):
    rows = [(f"What is on shelf {number}?", "maps", "yes", "dev" if number < 4 else "test") for number in range(40)]
    answer_case(tmp_path)
    columns = ["question", "answers", "answerable", "split"]
    write_table(tmp_path / "questions.csv", columns, [*rows, ("Who is the mayor?", "", "no", "test")])
    said = found(read_case(tmp_path), "warning")
    assert "dev items: only 4" in said and "none of the 4 is unanswerable" in said
    blank = [("Who is the mayor?", "", "no", "test"), ("Who was it before?", "", "no", "dev")]
    write_table(tmp_path / "questions.csv", columns, [*rows, *blank])
    assert "unanswerable" not in found(read_case(tmp_path), "warning")


def test_other_numbers_make_other_questions():
    items = [
        Item("a", "What does the charger of 2 amperes for the Tolver cost?", ("£1",), "test"),
        Item("b", "What does the charger of 4 amperes for the Tolver cost?", ("£2",), "dev"),
    ]
    assert near_duplicates(items) == []
