"""Ask a folder of .md and .txt files: python ask_your_documents.py FOLDER "QUESTION"; without one it asks you."""

import argparse
import hashlib
import json
import os
import re
import sqlite3
import sys
import textwrap
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"  # --model and --endpoint put another in its place
CLOSE_ENOUGH = 0.35  # below this similarity the answer is "I don't know"; choose yours on questions of your own
PASSAGE_TOKENS = 256  # at most, and never more than the embedder reads
ANSWER_TOKENS = 200
SHOWN = 3  # passages; a large model reads as many
BATCH = 32
LARGEST_FILE = 2_000_000  # bytes
CACHE = Path.home() / ".cache" / "ask_your_documents" / "vectors.sqlite3"
NO_DOCUMENTS = {"node_modules", "site-packages", "__pycache__"}
FRONT_ENDS = {"---": ("---", "..."), "+++": ("+++",)}  # of YAML and of TOML, by the line above it
FRONT_KEYS = {  # a YAML key is in quotes, or has at most three words: what has more is a sentence
    "---": re.compile(r"""(?:"[^"]*"|'[^']*'|[\w.-]+(?: [\w.-]+){0,2}) ?:(?:[ \t]|$)(.*)"""),
    "+++": re.compile(r"""(?:"[^"]*"|'[^']*'|[\w.-]+)[ \t]*=(.*)|\[.*\]\s*$"""),
}
ROW = r"""(?im:^(?=[ \t>]*<tr\b)|(?<=[\w"'/]>)(?=[ \t]*<tr\b))"""  # where a row of an HTML table begins
TABLE = r"""(?im:^(?=[^<\n]*<table\b)|(?<=[\w"'/]>)(?=[ \t]*<table\b)|(?<=</table>))"""  # where a table begins or ends
SEAMS = (ROW, r"(?<=\n\n)", r"(?<=\n)", r"(?<=[.!?]\s)|(?<=[。\uff01\uff1f])", r"(?<=\s)")  # where to cut, best first


def tell(sentence: str) -> None:
    """Say what is no answer."""
    print(sentence, file=sys.stderr)


# --- Read: every file that can be read; what cannot is named ---------------------------------------------------------


def reason_against(path: Path) -> str:
    """Why a file or folder is left out, or nothing."""
    if path.is_symlink():
        return "a link, and links are not followed"
    if path.name.startswith("."):
        return "hidden"
    if path.is_dir():
        return "no documents" if path.name in NO_DOCUMENTS or (path / "pyvenv.cfg").exists() else ""
    if not path.is_file():
        return "no ordinary file"
    return f"over {LARGEST_FILE:,} bytes" if path.stat().st_size > LARGEST_FILE else ""


def find(folder: Path) -> Iterator[Path]:
    """Yield the .md and .txt files below a folder, in order."""
    others = Counter()

    def wanted(path: Path) -> bool:
        try:
            reason = reason_against(path)
        except OSError as problem:  # no permission to look
            reason = problem.strerror
        if reason:
            tell(f"Left out {path.as_posix()}: {reason}.")
        return not reason

    def forbidden(problem: OSError) -> None:
        tell(f"Left out {Path(problem.filename).as_posix()}: {problem.strerror}.")

    for here, folders, names in os.walk(folder, onerror=forbidden):
        folders[:] = [name for name in sorted(folders) if wanted(Path(here, name))]
        for path in (Path(here, name) for name in sorted(names)):
            if path.suffix.lower() not in (".md", ".txt"):
                others[path.suffix.lower() or "without an ending"] += 1
            elif wanted(path):
                yield path
    if others:
        counts = ", ".join(f"{count} {ending}" for ending, count in others.most_common())
        tell(f"Left out, because only .md and .txt are read: {counts}.")


def read(path: Path) -> str:
    """Return a file's text; when there is none to be had, say why and return nothing."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        tell(f"Left out {path.as_posix()}: {problem.strerror}.")
        return ""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        tell(f"Read {path.as_posix()} as Windows-1252, because it is not UTF-8.")
        text = content.decode("cp1252", errors="replace")
    if "\0" in text or not text.strip():
        tell(f"Left out {path.as_posix()}: {'not text' if text.strip() else 'empty'}.")
        return ""
    return "\n".join(text.splitlines())


# --- Cut: at headings, then into passages that the embedder reads to the end -----------------------------------------


def without_front_matter(lines: list[str]) -> list[str]:
    """Leave out YAML or TOML at the top; a text that opens with a rule and then says something is left whole."""
    rule = lines[0].rstrip()
    inside = ""  # "" before the first key, then "key", or "list" in a YAML list that goes on over lines
    for at, line in enumerate(lines[1:] if rule in FRONT_ENDS else [], 1):
        if inside != "list" and line.rstrip() in FRONT_ENDS[rule]:
            return lines[at + 1 :] if inside or not any(map(str.strip, lines[1:at])) else lines
        ends_list = re.split(r"\s#", line, maxsplit=1)[0].rstrip().endswith(("]", "}"))
        if inside == "list":
            inside = "key" if ends_list else "list"
        elif key := FRONT_KEYS[rule].match(line[:1000]):
            goes_on = rule == "---" and key[1].lstrip().startswith(("[", "{")) and not ends_list
            inside = "list" if goes_on else "key"
        elif line.strip() and line[0] != "#" and not (inside and (rule == "+++" or line[0] in " \t-]}")):
            return lines
    return lines


def sections(markdown: str, may_head: Callable[[str], bool]) -> Iterator[tuple[str, list[str]]]:
    """Yield each section's headings, the outermost first, and its blocks: paragraphs, lists, tables, code."""
    lines = without_front_matter(markdown.split("\n"))
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(lines))
    outline = []  # pairs of level and name
    blocks = []
    done = 0  # lines
    for token, title in zip(tokens, [*tokens[1:], None], strict=True):
        if token.level or not token.map:
            continue
        begin, end = token.map
        blocks.append("\n".join(lines[done:begin]))  # what is no block to the parser is text all the same
        done = end
        if token.type != "heading_open" or not may_head(title.content):
            blocks.append("\n".join(lines[begin:end]))
            continue
        level = int(token.tag[1])
        # A heading with nothing below it says something by itself, unless its name goes on in the next one's.
        if any(map(str.strip, blocks)) or (outline and outline[-1][0] >= level):
            yield " > ".join(name for _, name in outline), blocks
        name = "".join(part.content or " " * part.type.endswith("break") for part in title.children)
        outline = [*(one for one in outline if one[0] < level), (level, name)]
        blocks = []
    yield " > ".join(name for _, name in outline), [*blocks, "\n".join(lines[done:])]


def parts(text: str, room: int, count: Callable[[str], int], seams: tuple[str, ...] = SEAMS) -> list[str]:
    """Cut a text, without losing any of it, into parts of at most `room` tokens, at the best seams there are."""
    if count(text) <= room or len(text) == 1:
        return [text]
    if not seams:  # one endless word
        middle = len(text) // 2
        return parts(text[:middle], room, count, ()) + parts(text[middle:], room, count, ())
    packed = [""]
    for piece in re.split(seams[0], text):
        for part in parts(piece, room, count, seams[1:]):
            if packed[-1] and count(packed[-1] + part) > room:
                packed.append("")
            packed[-1] += part
    return packed


def whole_tables(blocks: list[str]) -> Iterator[str]:
    """Yield the blocks, an HTML table as one: to Markdown it ends at each blank line."""
    table = []
    unclosed = 0
    for block in blocks:
        table.append(block)
        if unclosed or re.match(r"\n* {0,3}<", block):
            unclosed = max(0, unclosed + block.lower().count("<table") - block.lower().count("</table"))
        if not unclosed:
            yield "\n".join(table)
            table = []
    yield "\n".join(table)


def is_table_rule(line: str) -> bool:
    """Whether a line is the rule below a table's first row, also in a quotation."""
    rule = line.strip().lstrip("> \t")
    return set(rule) <= set(" \t|:-") and "-" in rule and ("|" in rule or "--" in rule)


def is_header(row: str, is_first: bool) -> bool:
    """Whether a row of an HTML table names columns; one cell alone, except in the first row, titles those below."""
    cells = re.findall(r"(?i)<t[dh]\b", row)
    values = re.findall(r"(?i)<td\b(?![^<>]*>\s*</td)", row)
    return "<th" in row.lower() and not values and (is_first or len(cells) > 1)


def around_html_tables(block: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a block: of a table its header and its rows, of anything else "" and its text."""
    for text in re.split(TABLE, block):
        above, *rows = re.split(ROW, text)
        first = next((at for at, row in enumerate(rows) if not is_header(row, at == 0)), 0)  # below the header
        if first:
            yield above + "".join(rows[:first]), "".join(rows[first:])
        else:
            yield from around_tables(text)


def around_tables(block: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a block without HTML: of a table its two head lines and its rows, else "" and its text."""
    lines = re.split(r"(?<=\n)", block)
    at = done = 0
    while at + 2 < len(lines):
        if "|" not in lines[at] or "|" not in lines[at + 2] or not is_table_rule(lines[at + 1]):
            at += 1
            continue
        if done < at:
            yield "", "".join(lines[done:at])
        done = at + 2
        while done < len(lines) and "|" in lines[done]:
            done += 1
        yield "".join(lines[at : at + 2]), "".join(lines[at + 2 : done])
        at = done
    if done < len(lines):
        yield "", "".join(lines[done:])


def block_parts(block: str, room: int, count: Callable[[str], int]) -> list[str]:
    """Cut a block; each part of a table, also of one in a list or a quotation, begins with the table's header."""
    if count(block) <= room:
        return [block]
    found = []
    for head, text in around_html_tables(block):
        above = head if count(head) <= room / 2 else ""  # a longer one stands once, before the first rows
        rest = (head + text).removeprefix(above)
        found += [above + part for part in parts(rest, room - count(above), count)]
    return list(filter(str.strip, found))


def cut(path: Path, text: str, room: int, count: Callable[[str], int]) -> Iterator[tuple[str, str]]:
    """Yield each passage of a file, after its place: the file's name and the headings above it."""
    is_markdown = path.suffix.lower() == ".md"  # in a .txt a line with # is a comment, or what a program printed
    document = os.fsencode(path.as_posix()).decode("utf-8", "replace")  # names on old drives may be in any encoding
    # Text that a rule happens to underline would fill a passage as its heading: it is text.
    found = sections(text, lambda heading: count(heading) < room // 4) if is_markdown else [("", text.split("\n\n"))]
    for headings, blocks in found:
        place = f"{document}, {headings}" if headings else document
        place = parts(place, room // 2, count)[-1]  # an endless one keeps its end
        left = room - count(f"{place}\n")
        passages = []
        for block in filter(str.strip, whole_tables(blocks)):
            for part in block_parts(block.strip("\n"), left, count):
                joined = f"{passages[-1]}\n\n{part.rstrip()}" if passages else ""
                if joined and count(joined) <= left:
                    passages[-1] = joined
                else:
                    passages.append(part.rstrip())
        if not passages and headings:  # nothing stands below this heading, so it speaks for itself
            passages.append(headings.rpartition(" > ")[2])
        yield from ((place, passage) for passage in passages)


# --- Embed: once; the vectors are kept by their text and by the weights that made them -------------------------------


def fingerprint(embedder: "SentenceTransformer") -> str:
    """A hash of a model's weights, since two models may have one name."""
    digest = hashlib.sha256(str(embedder.max_seq_length).encode())
    for weights in embedder.state_dict().values():
        digest.update(weights.cpu().float().numpy().tobytes())
    return digest.hexdigest()


def open_cache(file: Path) -> sqlite3.Connection:
    """Open the file of kept vectors; where that cannot be, say why and keep none beyond this run."""
    table = "CREATE TABLE IF NOT EXISTS vectors (model TEXT, text TEXT, vector BLOB, PRIMARY KEY (model, text))"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        cache = sqlite3.connect(file)
        cache.execute(table)
        cache.execute("SELECT vector FROM vectors WHERE model = text")  # another program's table has other columns
    except (OSError, sqlite3.Error) as problem:
        tell(f"Vectors are not kept, because {file} cannot hold them ({problem}): move it away to have a new one made.")
        cache = sqlite3.connect(":memory:")
        cache.execute(table)
    return cache


def embed(texts: list[str], embedder: "SentenceTransformer", cache: sqlite3.Connection) -> "np.ndarray":
    """Return a row for each text; only vectors that the cache does not have are computed."""
    model = fingerprint(embedder)
    size = embedder.encode_query(["size"]).astype("float32").nbytes
    rows = cache.execute("SELECT text, vector FROM vectors WHERE model = ?", [model])
    kept = {key: vector for key, vector in rows if isinstance(vector, bytes) and len(vector) == size}
    keys = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
    waiting = sorted(new, key=lambda key: len(new[key]))  # a batch takes as long as its longest text
    full = False
    for start in tqdm(range(0, len(waiting), BATCH), "Embedding, once", disable=len(waiting) <= BATCH):
        batch = waiting[start : start + BATCH]
        vectors = embedder.encode_document([new[key] for key in batch])
        rows = [(model, key, vector.astype("float32").tobytes()) for key, vector in zip(batch, vectors, strict=True)]
        kept |= {key: vector for _, key, vector in rows}
        try:
            with cache:  # commits each batch: what is done stays done
                cache.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", [] if full else rows)
        except sqlite3.Error as problem:  # a full disk, a file that may only be read
            tell(f"From here on no vectors are kept in {CACHE} ({problem}): the next run computes these again.")
            full = True
    return np.array([np.frombuffer(kept[key], dtype="float32") for key in keys])


# --- Answer ----------------------------------------------------------------------------------------------------------


def load_writer(name: str) -> Callable[[str], str]:
    """Load a language model that answers on this machine."""
    # Many processors have no fast half precision; but at 32 bits, seven billion weights would take 28 GB.
    try:
        model = pipeline("text-generation", name, dtype=torch.float32 if name == MODEL else "auto")
    except (OSError, ValueError) as error:
        sys.exit(f"Cannot load {name}: {error}")
    if model.tokenizer.chat_template is None:
        sys.exit(f"{name} is not made for chats: choose a model whose name ends in Instruct or Chat.")

    def write(prompt: str) -> str:
        reply = model([{"role": "user", "content": prompt}], max_new_tokens=ANSWER_TOKENS, do_sample=False)
        return reply[0]["generated_text"][-1]["content"]

    return write


def load_endpoint(options: argparse.Namespace) -> Callable[[str], str]:
    """Let a server answer that speaks OpenAI's protocol; the function raises ConnectionError when it does not."""
    tell(f"Each question, with the passages found for it, is sent to {options.endpoint}.")
    key = os.environ.get("OPENAI_API_KEY")
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    address = f"{options.endpoint.rstrip('/')}/chat/completions"

    def write(prompt: str) -> str:
        messages = [{"role": "user", "content": prompt}]
        chat = {"model": options.model, "max_tokens": ANSWER_TOKENS, "messages": messages}
        request = urllib.request.Request(address, json.dumps(chat).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=300) as reply:
                return json.load(reply)["choices"][0]["message"]["content"].strip()
        except urllib.error.HTTPError as problem:
            raise ConnectionError(f"{problem.code} {problem.reason}, {problem.read(300)!r}") from None
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as problem:
            raise ConnectionError(str(problem)) from None

    return write


def prompt_for(question: str, texts: list[str]) -> str:
    """Put the question after the texts to answer it from."""
    if len(texts) == 1:
        return f"Answer in one sentence, using only this text.\n\n{texts[0]}\n\nQuestion: {question}"
    numbered = "\n\n".join(f"[{number}] {text}" for number, text in enumerate(texts, 1))
    request = "Answer in a sentence or two, using only these texts. If none of them answers, say that you don't know."
    return f"{request}\n\n{numbered}\n\nQuestion: {question}"


def questions(given: str | None) -> Iterator[str]:
    """Yield the question given, or what is typed until an empty line."""
    if given:
        yield given
        return
    try:
        while question := input("Your question, or Enter to end: ").strip():
            yield question
    except (EOFError, KeyboardInterrupt):
        print()


def parse() -> argparse.Namespace:
    """Read the command line; what is missing is told in a sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("question", nargs="?")
    parser.add_argument("--model", default=MODEL, help="a model of the Hugging Face hub, a folder, or the endpoint's")
    parser.add_argument("--endpoint", help="a server that speaks OpenAI's protocol, such as http://localhost:11434/v1")
    parser.add_argument("--passages", type=int, help=f"how many the model reads: 1, or {SHOWN} for another than ours")
    options = parser.parse_args()
    if options.folder is None or (options.question is not None and not options.question.strip()):
        sys.exit('Give a folder and a question, or only a folder: python ask_your_documents.py FOLDER "QUESTION"')
    if not options.folder.is_dir():
        sys.exit(f"There is no folder called {options.folder}.")
    if options.passages is not None and options.passages < 1:
        sys.exit("Give --passages a whole number from 1 on: so many passages the model reads.")
    options.passages = options.passages or (1 if options.model == MODEL else SHOWN)
    return options


options = parse()
documents = {path: text for path in find(options.folder) if (text := read(path))}
if not documents:
    sys.exit(f"The folder {options.folder} holds no .md or .txt file with text in it.")

# Only now, because loading these takes seconds and a wrong folder should be told at once.
import numpy as np
import torch
from markdown_it import MarkdownIt
from sentence_transformers import SentenceTransformer
from tqdm import tqdm
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER}: {error}")
write = load_endpoint(options) if options.endpoint else load_writer(options.model)


def count(text: str) -> int:
    """How many of the embedder's tokens a text has."""
    return len(embedder.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


room = min(PASSAGE_TOKENS, embedder.max_seq_length or PASSAGE_TOKENS) - 8  # for special tokens, and a prefix
passages = [passage for path, text in documents.items() for passage in cut(path, text, room, count)]
titled = [f"{place}\n{text}" for place, text in passages]  # a passage alone may not name its topic
vectors = embed(titled, embedder, open_cache(CACHE))

for question in questions(options.question):
    similarities = embedder.similarity(embedder.encode_query([question]), vectors)[0]
    nearest = similarities.argsort(descending=True)[: max(SHOWN, options.passages)].tolist()
    near = [number for number in nearest if similarities[number] >= CLOSE_ENOUGH]
    if near:
        try:
            print(f"Answer: {write(prompt_for(question, [titled[number] for number in near[: options.passages]]))}")
        except ConnectionError as problem:
            tell(f"{options.endpoint} gave no answer: {problem}. These passages were found:")
    else:
        print("I don't know. Nothing here is near enough to your question; the nearest:")
    for number in near or nearest:
        print(f"\n{similarities[number]:.2f}  {passages[number][0]}")
        print(textwrap.indent(passages[number][1], "      "))

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "markdown-it-py==4.3.0",
#     "numpy==2.4.6",
#     "sentence-transformers==6.2.0",
#     "torch==2.13.0",
#     "tqdm==4.70.1",
#     "transformers==5.23.0",
# ]
#
# [tool.uv.sources]
# torch = { index = "pytorch-cpu" }  # spares gigabytes of CUDA; leave these lines out if you have a graphics card
#
# [[tool.uv.index]]
# name = "pytorch-cpu"
# url = "https://download.pytorch.org/whl/cpu"
# explicit = true
# ///
