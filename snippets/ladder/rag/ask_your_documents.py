"""Ask a folder of .md and .txt files a question: python ask_your_documents.py FOLDER "QUESTION"."""

import re
import sys
import textwrap
from pathlib import Path

CLOSE_ENOUGH = 0.45  # below this similarity the answer is "I don't know"; choose yours on questions you can answer
CHUNK_LENGTH = 800  # characters, about 200 tokens: the embedding model ignores all after the first 256
LARGEST_FILE = 2_000_000  # bytes


def read(path: Path) -> str:
    """Return a file's text; when there is none to be had, say why and return nothing."""
    reason = ""
    try:
        content = path.read_bytes()
    except OSError as problem:
        content, reason = b"", problem.strerror
    if len(content) > LARGEST_FILE:
        reason = f"over {LARGEST_FILE:,} bytes"
    elif b"\0" in content:
        reason = "not text"
    elif not content.strip():
        reason = reason or "empty"
    if reason:
        print(f"Left out {path}: {reason}.", file=sys.stderr)
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        print(f"Read {path} as Windows-1252, because it is not UTF-8.", file=sys.stderr)
        return content.decode("cp1252", errors="replace")


def split(text: str) -> list[tuple[str, str]]:
    """Cut a text at its headings, then between paragraphs, into pairs of heading and chunk."""
    # A comment in a block of code is no heading: move it off the beginning of its line.
    text = re.sub(r"^```.*?^```", lambda code: code[0].replace("\n#", "\n #"), text, flags=re.MULTILINE | re.DOTALL)
    chunks = []
    for section in re.split(r"^(?=#{1,6} )", text, flags=re.MULTILINE):
        heading, _, body = section.partition("\n") if section.startswith("#") else ("", "", section)
        chunk = ""
        for paragraph in re.split(r"\n\s*\n", body):
            for part in textwrap.wrap(paragraph, CHUNK_LENGTH, replace_whitespace=False):
                if chunk and len(chunk) + len(part) > CHUNK_LENGTH:
                    chunks.append((heading.strip("# \r"), chunk))
                    chunk = ""
                chunk += f"\n\n{part}" if chunk else part
        if chunk:
            chunks.append((heading.strip("# \r"), chunk))
    return chunks


if len(sys.argv) != 3 or not sys.argv[2].strip():
    sys.exit('Give a folder and a question: python ask_your_documents.py FOLDER "QUESTION"')
folder, question = Path(sys.argv[1]), sys.argv[2].strip()
if not folder.is_dir():
    sys.exit(f"There is no folder called {folder}.")
places, texts = [], []
for path in sorted(folder.rglob("*")):
    if path.suffix.lower() in (".md", ".txt") and path.is_file():
        for heading, chunk in split(read(path)):
            places.append(f"{path.as_posix()}, {heading}" if heading else path.as_posix())
            texts.append(chunk)
if not texts:
    sys.exit(f"The folder {folder} holds no .md or .txt file with text in it.")

# Only now, because loading these takes seconds and a wrong folder should be told at once.
import chromadb
import torch
from sentence_transformers import SentenceTransformer
from transformers import pipeline

try:
    embedder = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
    writer = pipeline("text-generation", "HuggingFaceTB/SmolLM2-135M-Instruct", dtype=torch.float32)
except OSError:
    sys.exit("No models here yet: connect once to download them, or run `make models` in the guide's repository.")

library = chromadb.EphemeralClient().create_collection("library", configuration={"hnsw": {"space": "cosine"}})
titled = [f"{place}\n{text}" for place, text in zip(places, texts, strict=True)]  # a chunk alone may not name its topic
for start in range(0, len(texts), 1000):
    part = range(start, min(start + 1000, len(texts)))
    vectors = embedder.encode([titled[number] for number in part])
    library.add(ids=[str(number) for number in part], embeddings=vectors)

found = library.query(query_embeddings=embedder.encode([question]), n_results=min(3, len(texts)))
best = int(found["ids"][0][0])
if 1 - found["distances"][0][0] < CLOSE_ENOUGH:
    print(f"I don't know. The nearest I have is {places[best]}, and it is not near enough.")
    sys.exit()
prompt = f"Answer in one sentence, using only this text.\n\n{titled[best]}\n\nQuestion: {question}"
reply = writer([{"role": "user", "content": prompt}], max_new_tokens=60, do_sample=False)
print(f"Answer: {reply[0]['generated_text'][-1]['content']}")
for number, distance in zip(found["ids"][0], found["distances"][0], strict=True):
    if 1 - distance >= CLOSE_ENOUGH:
        print(f"\n{1 - distance:.2f}  {places[int(number)]}")
        print(f"      {textwrap.shorten(texts[int(number)], 90)}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "chromadb==1.5.9",
#     "sentence-transformers==6.2.0",
#     "torch==2.13.0",
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
