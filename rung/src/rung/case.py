"""A case folder: its settings, items, split and documents, and what is wrong with it, told before anything is measured.

A case is a folder with

- `case.toml`, the settings (see rung.settings);
- for a case that answers from documents: `documents/`, and `questions.csv` or `.jsonl` with the columns `question` and
  `answers` (several in one cell are parted by `|`), and, where wanted, `id`, `document` (the name of the one that
  answers), `passage` (the words in it that answer), `answerable`, `split`;
- for a case that labels texts: `messages.csv` or `.jsonl` with `text` and `label` (or `output`), and where wanted `id`
  and `split`; beside it, where there is one, the labelling rule in `rule.md`;
- where wanted, `judgements.csv` with `question`, `answer` and `right`: judgements corrected by hand (see
  rung.judgements).
"""

import csv
import hashlib
import io
import json
import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path, PurePosixPath
from stat import S_ISREG

from rung.errors import CaseError, typed
from rung.readers import LARGEST, SUFFIXES, Unreadable, note_of, read_document, read_text, whole_letters
from rung.scoring import canonical
from rung.settings import Settings, read_settings

SETTINGS = "case.toml"
SPLITS = ("train", "dev", "test")
YES, NO = {"yes", "y", "true", "1", "right", "ja"}, {"no", "n", "false", "0", "wrong", "nein"}
COLUMNS = {
    "question": ("question", "query", "q"),
    "answers": ("answers", "answer", "accept", "accepted"),
    "text": ("text", "message", "body"),
    "label": ("label", "class", "category"),
    "output": ("output", "wanted"),
    "id": ("id",),
    "document": ("document", "source", "file"),
    "passage": ("passage",),
    "answerable": ("answerable",),
    "split": ("split",),
    "answer": ("answer",),
    "right": ("right", "correct"),
}
READ = {  # by table, which columns are read in it
    "questions": ("question", "answers", "answer", "id", "document", "passage", "answerable", "split"),
    "messages": ("text", "label", "output", "id", "split"),
}
LONGEST_CELL = 2**31 - 1  # characters: a text to label may be a whole document, and Python's own limit is 131,072
DUPLICATE = 0.9  # cosine of TF-IDF weighted pieces of 2 to 4 characters, from which on two texts are one
BLOCK = 256  # items compared with the test items at once: the whole table of many items has no room in memory
FEW_ITEMS = 30
FEW_TO_CHOOSE = 15
Find = Callable[[str, str, str], None]  # told (level, where, what), as Case.find is
LIBRARIES = {"node_modules", "site-packages", "__pycache__"}


@dataclass(frozen=True)
class Item:
    """One question or message: what is asked, what counts as right, and on which side of the split it stands."""

    id: str
    text: str
    wanted: tuple[str, ...]
    split: str
    answerable: bool = True
    document: str | None = None
    passage: str = ""


class Row(dict[str, object]):
    """A row of a table: its cells by the names of their columns, and where people see it.

    Its number is a spreadsheet's, in which the header is row 1, empty rows count and a cell may span lines; in JSON it
    is the line's.
    """

    def __init__(self, cells: dict[str, object], number: int, unit: str = "row"):
        """Take the cells, the number, and what is numbered: "row" or "line"."""
        super().__init__(cells)
        self.number, self.place = number, f"{unit} {number}"


@dataclass(frozen=True)
class Finding:
    """Something about the case that its owner should know. An "error" costs an item or a file, a "warning" does not."""

    level: str
    where: str
    what: str


@dataclass
class Case:
    """A case as read. `items` hold each split in the order of the file; documents are read one at a time."""

    folder: Path
    settings: Settings
    items: list[Item]
    files: list[Path] = field(default_factory=list)
    copies: dict[str, list[str]] = field(default_factory=dict)  # by a document's name those of files that hold the same
    rule: str = ""
    schema: dict | None = None
    free_output: bool = False
    judgements: dict[tuple[str, str], bool] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unread: list[Finding] = field(default_factory=list)  # what `documents` found when it was last asked for all

    def of(self, split: str) -> list[Item]:
        """The items on one side of the split."""
        return [item for item in self.items if item.split == split]

    @property
    def has_unanswerable(self) -> bool:
        """Whether some question has no answer in the documents, so that it is right to abstain."""
        return any(not item.answerable for item in self.items)

    @property
    def labels(self) -> list[str]:
        """The labels of a labelling case, the commonest of the items to learn from first."""
        known = Counter(item.wanted[0] for item in self.items if item.split != "test")
        every = Counter(item.wanted[0] for item in self.items)
        return sorted(every, key=lambda label: (-known[label], label))

    def documents(self) -> Iterator[tuple[str, str]]:
        """Each readable document's name, its path below `documents/`, and its text as Markdown.

        A file that cannot be read is left out, with a finding. What is found is in `unread` too: whoever keeps the
        texts must keep it with them, since the next run will not read the files again.
        """
        self.unread = []
        for path in self.files:
            where = f"documents/{self.name_of(path)}"
            try:
                text, note = read_document(path)
            except Unreadable as problem:
                self._of_file("error", where, f"left out: {problem}")
                continue
            if note:
                self._of_file("note", where, note)
            yield self.name_of(path), text

    def _of_file(self, level: str, where: str, what: str) -> None:
        """Record a finding about a file, and that it is about a file."""
        self.unread.append(Finding(level, where, what))
        self.find(level, where, what)

    def name_of(self, path: Path) -> str:
        """A document's name: its path below `documents/`, with � for what of it is not UTF-8."""
        return readable(path.relative_to(self.folder / "documents").as_posix())

    def called(self, document: str) -> frozenset[str]:
        """What a question may call a document that is read: by its own name, or by that of a copy."""
        return names_of(document).union(*map(names_of, self.copies.get(document, ())))

    def find(self, level: str, where: str, what: str) -> None:
        """Record a finding, once."""
        finding = Finding(level, where, what)
        if finding not in self.findings:
            self.findings.append(finding)


def read_case(folder: Path, settings: Settings | None = None, to_ask: bool = False) -> Case:
    """Read and check a case folder, by its case.toml or by these settings.

    With `to_ask`, questions are not checked against each other: what answers others needs none of them.

    Raises CaseError where it cannot be measured at all.
    """
    if str(folder) != readable(str(folder)):
        raise CaseError(f"The name of the folder {readable(str(folder))} is not UTF-8: rename it.")
    if not folder.is_dir():
        raise CaseError(no_folder(folder))
    settings = settings or read_settings(folder / SETTINGS)
    case = Case(folder, settings, [])
    if settings.kind == "answer":
        _read_questions(case)
        _find_files(case)
        _find_documents_asked(case)
    else:
        _read_messages(case)
    if not (to_ask and settings.kind == "answer"):
        _check_items(case)
    return case


def no_folder(folder: Path) -> str:
    """What to say where there is no folder of that name."""
    return f"There is no folder {folder}. `rung init {typed(folder)}` makes one with a sample in it."


def readable(name: str) -> str:
    """A file's name as it can be printed and written: with � for each byte that is not UTF-8, as in old archives."""
    return os.fsencode(name).decode("utf-8", "replace")


def yes_or_no(said: str) -> bool | None:
    """Whether a cell says yes; None where it says neither yes nor no."""
    word = said.strip().lower()
    return word in YES if word in YES | NO else None


def split_of(text: str, test_share: float, with_train: bool = False) -> str:
    """The side of the split on which a text falls, by a hash of its canonical form.

    It depends on this text alone, so that adding items moves none. `with_train` parts what is not test again, into
    train (60%) and dev.

    It is not stratified by label, since no split is both: where each item's side is its own, a label's few items may
    all fall on one side, and to move one of them for balance is to let the others of its label decide. `read_case`
    finds such labels; with the column `split` each item's side can be chosen.
    """
    digest = hashlib.sha256(canonical(text).encode()).digest()
    place = int.from_bytes(digest[:8]) / 2**64
    if place < test_share:
        return "test"
    return "train" if with_train and (place - test_share) / (1 - test_share) < 0.6 else "dev"


def read_table(path: Path, find: Find = lambda level, where, what: None) -> list[Row]:
    """The rows of a .csv or .jsonl file, their columns under the names that rung uses; empty rows left out.

    Values are text, except in JSON, where they may be lists. What cannot be read as it stands is told to `find`, and a
    row is left out for it. Raises CaseError that names the line.
    """
    try:
        text, encoding = read_text(path)
    except Unreadable as problem:
        raise CaseError(f"{path} cannot be read: {problem}.") from problem
    if note := note_of(encoding):
        find("note", path.name, note)
    if text.lstrip().startswith("[") and path.suffix != ".csv":
        raise CaseError(f"{path} is one list in JSON: write each of its objects on a line of its own, without a comma.")
    is_json = path.suffix == ".jsonl" or text.lstrip().startswith("{")
    rows = _json_rows(path, text) if is_json else _csv_rows(path, text, find)
    unit = "line" if is_json else "row"
    return [Row(_renamed(path, cells, find), number, unit) for number, cells in rows]


def _renamed(path: Path, row: dict[str, object], find: Find) -> dict[str, object]:
    """A row with its columns under the names that rung uses; of several names for one the first of COLUMNS counts."""
    read = READ.get(path.stem, tuple(COLUMNS))
    names = {alias: name for name in read for alias in COLUMNS[name]} | {name: name for name in read}
    order = {alias: place for place, alias in enumerate(alias for name in read for alias in COLUMNS[name])}
    taken: dict[str, str] = {}
    for key in sorted(row, key=lambda key: order.get(key, len(order))):
        if key != taken.setdefault(names.get(key, key), key):
            find("warning", path.name, f'the column "{key}" is not read: "{taken[names[key]]}" is there')
    return {names.get(key, key): value for key, value in row.items() if key in taken.values()}


def _csv_rows(path: Path, text: str, find: Find) -> list[tuple[int, dict[str, object]]]:
    """Rows of comma, semicolon or tab separated text with their numbers, keys in lower case.

    One with cells beyond the header is left out.
    """
    (_, header), *records = _records(path, text) or [(1, [])]
    names = [name.lower() for name in header]
    while names and not names[-1]:
        names.pop()
    doubled = next((name for name, count in Counter(filter(None, names)).items() if count > 1), None)
    if doubled:
        raise CaseError(f'{path} has the column "{doubled}" more than once: rename or remove all but one.')
    short: list[str] = []
    rows: list[tuple[int, dict[str, object]]] = []
    for number, cells in records:
        if any(cells[len(names) :]):
            what = "left out: it has more cells than the header. Put quotes round a cell that holds a comma or the like"
            find("error", f'{path.name}, row {number}, "{cells[0][:40]}"', what)
            continue
        short += [str(number)] * (len(cells) < len(names))
        padded = [*cells, *[""] * len(names)]
        rows.append((number, {name: cell for name, cell in zip(names, padded, strict=False) if name}))
    if short:
        where = f"{path.name}, row{'s' * (len(short) > 1)} {listed(short)}"
        find("warning", where, "fewer cells than the header: the last ones are taken to be empty")
    for place, name in enumerate(names):
        if not name and any(len(cells) > place and cells[place] for _, cells in records):
            find("warning", path.name, f"column {place + 1} has no name in the header and is not read")
    return rows


def _records(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """Each row's number and its cells without the spaces round them, the header's first; empty rows left out.

    What cannot be parted into rows has none to be named by: there the line is told.
    """
    csv.field_size_limit(LONGEST_CELL)
    whole = text.lstrip("\n")
    above = len(text) - len(whole)  # empty lines
    delimiter = max(",;\t", key=lambda one: len(next(csv.reader(io.StringIO(whole), delimiter=one), [])))
    reader = csv.reader(io.StringIO(whole), delimiter=delimiter, skipinitialspace=True, strict=True)
    records: list[tuple[int, list[str]]] = []
    begins = above + 1
    try:
        for number, cells in enumerate(reader, above + 1):
            stripped = [cell.strip() for cell in cells]
            records += [(number, stripped)] * any(stripped)
            begins = above + reader.line_num + 1
    except csv.Error as problem:
        what = "a cell that begins with a quotation mark ends with one, and each one within is doubled"
        raise CaseError(f"{path} cannot be parted into cells from line {begins} on: {what}.") from problem
    return records


def listed(names: list[str], most: int = 5) -> str:
    """Some names, and whether there are more."""
    return f"{', '.join(names[:most])}{' …' * (len(names) > most)}"


def _json_rows(path: Path, text: str) -> list[tuple[int, dict[str, object]]]:
    """Rows of JSON with the numbers of their lines, one object a line, keys in lower case."""
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_once)
            if r"\ud" in line.lower():  # a character in two halves, or one half alone
                row = json.loads(whole_letters(json.dumps(row, ensure_ascii=False)))
            lowered = _once([(key.strip().lower(), value) for key, value in row.items()])
        except AttributeError as problem:
            raise CaseError(f"{path}, line {number}, is not an object in braces.") from problem
        except ValueError as problem:
            raise CaseError(f"{path}, line {number}, is not JSON: {problem}.") from problem
        if any(value not in ("", None, []) for value in lowered.values()):
            rows.append((number, lowered))
    return rows


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A dictionary of pairs. Raises ValueError where one key has two values, of which JSON would keep the last."""
    for key, count in Counter(key for key, _ in pairs).items():
        if count > 1:
            raise ValueError(f'the key "{key}" stands twice')
    return dict(pairs)


def _table_of(case: Case, stem: str, needed: list[tuple[str, ...]]) -> tuple[Path, list[Row]]:
    """The one table of that name, with its needed columns: of each tuple, one."""
    folder = case.folder
    paths = [path for suffix in (".csv", ".jsonl") if (path := folder / f"{stem}{suffix}").exists()]
    if len(paths) != 1:
        there = "both" if paths else "neither"
        raise CaseError(f"{folder} needs {stem}.csv or {stem}.jsonl and has {there}.{_nearly(folder, stem)}")
    rows = read_table(paths[0], case.find)
    if not rows:
        raise CaseError(f"{paths[0]} has no rows that can be read.{_first_error(case, paths[0].name)}")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    for names in needed:
        if not any(name in columns for name in names):
            raise CaseError(f'{paths[0]} needs a column "{names[0]}" and has: {", ".join(columns)}.')
    unused = [column for column in columns if column not in READ[stem]]
    if unused:
        case.find("note", paths[0].name, f"columns that nothing reads: {listed(unused)}")
    return paths[0], rows


def _first_error(case: Case, name: str) -> str:
    """The first thing found in a file that cost it something, as a sentence after a space; "" where there is none."""
    found = (one for one in case.findings if one.level == "error" and one.where.startswith(name))
    return next((f" {one.where}: {one.what}." for one in found), "")


def _nearly(folder: Path, stem: str) -> str:
    """What to do with a table of nearly the right name, where there is one, as a sentence after a space."""
    wanted = {f"{stem}.csv", f"{stem}.jsonl"}
    for path in sorted(folder.iterdir()):
        if path.stem.lower() == stem and path.name not in wanted:
            suffix = path.suffix.lower()
            what = f"Save it as {stem}.csv"
            if suffix in (".csv", ".jsonl"):
                what = f"Call it {path.name.lower()}"
            elif suffix in (".json", ".ndjson"):
                what = f"Save it as {stem}.jsonl, with one object on each line"
            return f" There is {path.name}. {what}."
    return ""


def _read_questions(case: Case) -> None:
    """The questions of a case that answers from documents."""
    path, rows = _table_of(case, "questions", [("question",), ("answers", "answer")])
    for row in rows:
        where = f"{path.name}, {row.place}"
        answers = row.get("answers") or row.get("answer") or []
        parts = [str(one) for one in answers] if isinstance(answers, list) else str(answers).split("|")
        wanted = tuple(part.strip() for part in parts if canonical(part))
        said = str(row.get("answerable", "")).strip().lower()
        answerable = yes_or_no(said) is not False
        if said and yes_or_no(said) is None:
            case.find("warning", where, f'answerable is yes or no, not "{said}": taken for yes')
        text = str(row.get("question") or "").strip()
        if not text:
            case.find("error", where, "left out: it has no question")
        elif answerable and not wanted:
            what = "left out: no accepted answer. Give one, or set answerable to no"
            case.find("error", f"{where}: {text}", what)
        else:
            split = _split_asked(case, row, where, ("dev", "test")) or split_of(text, case.settings.test_share)
            passage = str(row.get("passage") or "").strip() if answerable else ""
            name = str(row.get("id") or f"q{row.number}")
            case.items.append(
                Item(name, text, wanted if answerable else (), split, answerable, _document_of(row), passage)
            )


def _read_messages(case: Case) -> None:
    """The messages of a case that labels texts, and its rule and schema."""
    path, rows = _table_of(case, "messages", [("text",), ("label", "output")])
    case.free_output = not any("label" in row for row in rows)
    for row in rows:
        where, text = f"{path.name}, {row.place}", str(row.get("text") or "").strip()
        value = row.get("output" if case.free_output else "label")
        wanted = value if isinstance(value, str) else json.dumps(value) if value is not None else ""
        if not text or not wanted.strip():
            case.find("error", where, f"left out: it has no {'text' if not text else 'label'}")
            continue
        split = _split_asked(case, row, where, SPLITS) or split_of(text, case.settings.test_share, with_train=True)
        case.items.append(Item(str(row.get("id") or f"m{row.number}"), text, (wanted.strip(),), split))
    rule = case.folder / "rule.md"
    if rule.exists():
        case.rule = _text_of(rule).strip()
    if case.settings.format.schema:
        schema = case.folder / case.settings.format.schema
        try:
            case.schema = json.loads(_text_of(schema))
        except ValueError as problem:
            raise CaseError(f"{schema} is not JSON: {problem}.") from problem
        if why := _no_schema(case.schema):
            raise CaseError(f"{schema} is no JSON Schema: {why}.")


def _no_schema(schema: object) -> str:
    """Why a value is no JSON Schema that answers can be held against; "" where it is one."""
    from jsonschema import SchemaError
    from jsonschema.validators import validator_for
    from jsonschema_specifications import REGISTRY
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    if not isinstance(schema, dict):
        return "it is not an object in braces"
    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as problem:
        where = "".join(f", {part}" for part in problem.absolute_path)
        return f"{problem.message.split(chr(10))[0]}{f' (at{where[1:]})' if where else ''}"
    found = list(_objects(schema))
    if any("$id" in table for table in found if table is not schema):
        return ""  # addresses of its own: what its references mean is the validator's to say
    resource = DRAFT202012.create_resource(schema)
    home = resource.id() or ""
    resolver = REGISTRY.with_resource(home, resource).crawl().resolver(home)
    for reference in (table["$ref"] for table in found if isinstance(table.get("$ref"), str)):
        try:
            resolver.lookup(reference)
        except Unresolvable:
            return f'it refers to "{reference}", which is not in it'
    return ""


def _objects(value: object) -> Iterator[dict]:
    """Every object in a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(part)


def _text_of(path: Path) -> str:
    """A text file of the case, or one sentence why not."""
    try:
        return read_text(path)[0]
    except Unreadable as problem:
        raise CaseError(f"{path} cannot be read: {problem}.") from problem


def _split_asked(case: Case, row: dict, where: str, allowed: tuple[str, ...]) -> str | None:
    """The split that a row names itself, where it does."""
    split = str(row.get("split") or "").strip().lower()
    if split and split not in allowed:
        case.find("warning", where, f'split "{split}" is none of {", ".join(allowed)}: split by hash instead')
        return None
    return split or None


def _find_files(case: Case) -> None:
    """The files below documents/ that can be read, and by name those that cannot."""
    folder = case.folder / "documents"
    if not folder.is_dir():
        raise CaseError(f"{case.folder} needs a folder called documents.")
    skipped: dict[str, list[str]] = defaultdict(list)
    for path in sorted(_files_below(case, folder)):
        name = readable(path.relative_to(folder).as_posix())
        if path.suffix.lower() in SUFFIXES:
            case.files.append(path)
            if name != path.relative_to(folder).as_posix():
                case.find("note", f"documents/{name}", "its name is not UTF-8, and is written with � here")
        else:
            skipped[readable(path.suffix.lower()) or "no suffix"].append(name)
    for suffix, names in skipped.items():
        what = f"{len(names)} left out, of a kind that is not read: {listed(names)}"
        case.find("error", f"documents/ ({suffix})", what)
    if not case.files:
        why = _first_error(case, "documents")
        raise CaseError(f"{folder} holds no file that can be read: {', '.join(sorted(SUFFIXES))}.{why}")
    _part_copies(case)


def _part_copies(case: Case) -> None:
    """Leave out files that hold, to the byte, what another does, as copies or links: their passages would stand twice.

    The first of them that is no link is read. Only files of one size and one suffix are compared: they are read alike.
    """
    by_size: dict[tuple[str, int], list[Path]] = defaultdict(list)
    for path in case.files:
        with suppress(OSError):  # what cannot be opened is told when it is read
            by_size[path.suffix.lower(), path.stat().st_size].append(path)
    by_content: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for (suffix, size), alike in by_size.items():
        for path in alike if size and len(alike) > 1 else ():
            with suppress(OSError), path.open("rb") as file:
                by_content[suffix, hashlib.file_digest(file, "sha256").hexdigest()].append(path)
    left_out: set[Path] = set()
    for same in by_content.values():
        kept, *copies = sorted(same, key=Path.is_symlink)
        left_out.update(copies)
        if copies:
            names = case.copies[case.name_of(kept)] = [case.name_of(path) for path in copies]
            what = f"read once, under this name: left out as its copies are {listed(names)}"
            case.find("note", f"documents/{case.name_of(kept)}", what)
    case.files = [path for path in case.files if path not in left_out]


@cache
def names_of(document: str) -> frozenset[str]:
    """What a question may call a document: its path below documents/, with or without its suffix and its folders."""
    path = PurePosixPath(unicodedata.normalize("NFC", document))
    return frozenset((str(path), str(path.with_suffix("")), path.name, path.stem))


def _document_of(row: dict) -> str | None:
    """The document that a row names, with slashes and letters as in a name below documents/."""
    asked = unicodedata.normalize("NFC", str(row.get("document") or "").strip()).replace("\\", "/")
    return asked.removeprefix("./").removeprefix("documents/") or None


def _find_documents_asked(case: Case) -> None:
    """Find the documents that questions name and that are not there: their passages may then be in any document."""
    known = {name for path in case.files for name in case.called(case.name_of(path))}
    unknown: dict[str, list[str]] = defaultdict(list)
    for place, item in enumerate(case.items):
        if item.document and item.document not in known:
            unknown[item.document].append(item.id)
            case.items[place] = replace(item, document=None)
    for document, items in unknown.items():
        what = f"no document is called so. The passage is looked for in all of them, for {listed(items)}"
        case.find("warning", f'document "{document}"', what)


def _files_below(case: Case, folder: Path) -> Iterator[Path]:
    """Every file below a folder, but for hidden ones and libraries, with a finding for what cannot be read."""

    def left_out(path: Path, why: str, level: str = "error") -> None:
        """A finding about a path that is not read."""
        case.find(level, readable(path.relative_to(case.folder).as_posix()), f"left out: {why}")

    def not_entered(problem: OSError) -> None:
        """A finding about a folder that may not be looked into."""
        left_out(Path(problem.filename), _forbidden(problem))

    def may_enter(path: Path) -> bool:
        """Whether a folder is looked into; why one is not is found, but for a hidden one."""
        if path.name.startswith("."):
            return False
        try:
            if _holds_libraries(path):
                left_out(path, "libraries of programs, no documents", "note")
                return False
            if not path.is_symlink():
                return True
            left_out(path, "a link to a folder. Put the folder itself here")
        except OSError as problem:
            left_out(path, _forbidden(problem))
        return False

    for place, folders, names in os.walk(folder, onerror=not_entered):
        folders[:] = [name for name in folders if may_enter(Path(place, name))]
        for path in (Path(place, name) for name in names if not name.startswith(".")):
            if why := _unfit(path):
                left_out(path, why)
            else:
                yield path


def _forbidden(problem: OSError) -> str:
    """Why a folder is left out that the system refuses to look into."""
    return f"the folder cannot be read ({problem.strerror})"


def _holds_libraries(folder: Path) -> bool:
    """Whether a folder holds what package managers install. Raises OSError where it may not be looked into."""
    if folder.name in LIBRARIES:
        return True
    with suppress(FileNotFoundError):
        (folder / "pyvenv.cfg").stat()  # not exists(): from Python 3.14 on it takes what is forbidden for absent
        return True
    return False


def _unfit(path: Path) -> str:
    """Why what stands among files is none to read; "" where it is one."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return "a link to a file that is not there"
    except OSError as problem:
        return problem.strerror or "cannot be opened"
    if not S_ISREG(about.st_mode):
        return "no ordinary file"
    return f"larger than {LARGEST // 1_000_000} MB" if about.st_size > LARGEST else ""


def _check_items(case: Case) -> None:
    """Repair what can be repaired in the items, and find what the case's owner should know."""
    _part_duplicates(case)
    counts = Counter(item.split for item in case.items)
    if not counts["test"]:
        raise CaseError(f"{case.folder} has no test items: of {len(case.items)} none fell to test. Add more items.")
    if counts["test"] < FEW_ITEMS:
        case.find("warning", "test items", f"only {counts['test']}: expect to be told that they cannot tell")
    if case.settings.kind == "label" and not case.free_output and len(case.labels) < 2:
        raise CaseError(f'{case.folder}: every message has the label "{case.labels[0]}", so there is nothing to tell.')
    if case.settings.kind == "label" and not case.free_output:
        _find_like_labels(case)
    _find_little_dev(case, counts["dev"])
    _find_one_sided(case)


def _find_little_dev(case: Case, count: int) -> None:
    """Find that there is too little to choose with: each rung's arm, and whether it may abstain."""
    if not count:
        case.find("warning", "dev items", "none: nothing can be chosen, so the first arm of each rung stands for it")
    elif count < FEW_TO_CHOOSE:
        what = f"only {count}: which arm stands for a rung is largely chance. Add items, or call more of them dev"
        case.find("warning", "dev items", what)
    blank = [item for item in case.items if not item.answerable]
    if count and blank and not any(item.split == "dev" for item in blank):
        what = f"none of the {count} is unanswerable, so that abstaining cannot be chosen: set split to dev for some"
        case.find("warning", "dev items", what)


def _find_one_sided(case: Case) -> None:
    """Find what the split, which knows no labels, left out of test or of train altogether."""
    blank = {item.split for item in case.items if not item.answerable}
    if blank and "test" not in blank:
        what = "none is unanswerable: whether it declines when it should is not measured. Set split to test for some"
        case.find("warning", "test items", what)
    if case.settings.kind != "label" or case.free_output:
        return
    costs = {"train": "what learns from examples cannot give it", "test": "how often it is correct is not measured"}
    for split, cost in costs.items():
        there = {item.wanted[0] for item in case.of(split)}
        absent = [f'"{label}"' for label in case.labels if label not in there]
        if there and absent:
            what = f"none has the label {listed(absent)}: {cost}. Set split to {split} for some that have it"
            case.find("warning", f"{split} items", what)


def _find_like_labels(case: Case) -> None:
    """Find labels that a reader takes for one, such as "Spam" and "spam"."""
    by_form: dict[str, list[str]] = defaultdict(list)
    for label in case.labels:
        by_form[canonical(label)].append(label)
    for alike in by_form.values():
        if len(alike) > 1:
            names = " and ".join(f'"{label}"' for label in sorted(alike))
            case.find(
                "warning", "labels", f"{names} are measured as different labels. Write them alike, if they are one"
            )


def _part_duplicates(case: Case) -> None:
    """Give items ids of their own, and leave out what would let a test item be learned by heart."""
    seen: Counter[str] = Counter()
    for number, item in enumerate(case.items):
        seen[item.id] += 1
        if seen[item.id] > 1:
            case.find("warning", item.id, "the id stands twice: the later one is numbered")
            case.items[number] = replace(item, id=f"{item.id}#{seen[item.id]}")
    left_out = set()
    for test, other, similarity in near_duplicates(case.items):
        what = f'nearly the same as {other.id}, which is in {other.split} ({similarity:.0%}): "{other.text[:60]}"'
        case.find("error", f"{test.id}, in test", f"{what}. {other.id} is left out of {other.split}")
        left_out.add(other.id)
    case.items = [item for item in case.items if item.id not in left_out]
    _part_repeats(case)
    by_text: dict[str, set] = defaultdict(set)
    for item in case.items:
        by_text[canonical(item.text)].add((item.wanted, item.answerable))
    for text, wanted in by_text.items():
        if len(wanted) > 1:
            case.find("warning", f'"{text[:60]}"', f"stands {len(wanted)} times, with different answers")


def _part_repeats(case: Case) -> None:
    """Leave out items that say again, to the word, what another of dev or test says: they are one observation."""
    first: dict[tuple, Item] = {}
    repeats: dict[str, list[Item]] = defaultdict(list)
    for item in case.items:
        if item.split != "train":
            said = canonical(item.text), item.wanted, item.answerable, item.split
            if first.setdefault(said, item) is not item:
                repeats[first[said].id].append(item)
    for name, again in repeats.items():
        listed_ids = listed([item.id for item in again])
        case.find("warning", name, f"stands again as {listed_ids}, with the same answer: it is counted once")
    left_out = {item.id for again in repeats.values() for item in again}
    case.items = [item for item in case.items if item.id not in left_out]


def near_duplicates(items: list[Item]) -> list[tuple[Item, Item, float]]:
    """Each item outside test that nearly repeats a test item: (test item, other item, similarity from 0 to 1).

    Similarity is the cosine of TF-IDF weighted pieces of two to four characters. Texts that differ in a number, such as
    "the 2 A charger" and "the 4 A charger", ask for different things and are not near-duplicates.
    """
    test = [item for item in items if item.split == "test"]
    others = [item for item in items if item.split != "test"]
    if not test or not others:
        return []
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [canonical(item.text) or "-" for item in test + others]
    if not any(len(text) > 1 for text in texts):  # no piece of two characters
        return []
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(2, 4)).fit_transform(texts)
    of_test = vectors[: len(test)].T.tocsc()
    found = []
    for row, other in enumerate(others):
        if row % BLOCK == 0:
            start = len(test) + row
            similar = (vectors[start : start + BLOCK] @ of_test).tocsr()
        line = similar[row % BLOCK]
        if not line.nnz:
            continue
        best = int(line.indices[line.data.argmax()])
        similarity, twin = float(line.data.max()), test[best]
        same_numbers = _numbers(twin.text) == _numbers(other.text)
        if similarity >= DUPLICATE and same_numbers:
            found.append((twin, other, min(1.0, similarity)))
    return found


def _numbers(text: str) -> list[str]:
    """The words of a text that hold a digit, in order."""
    return [word for word in canonical(text).split() if any(letter.isdigit() for letter in word)]
