"""Keep superseded and internal documents out of the answers with a filter on their metadata."""

import json
import sys
import textwrap
from pathlib import Path

import chromadb
import torch
from sentence_transformers import SentenceTransformer
from transformers import pipeline

PATH = Path("data/documents.jsonl")
QUESTIONS = ["How long do I have to send a bike back?", "How much does a Tolver cost?"]
FILTERS = {
    "No filter": None,
    "Current and public": {"$and": [{"status": "current"}, {"audience": "public"}]},
}

ids, texts, facts = [], [], []
try:
    documents = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
    for document in [one for one in documents if one["kind"] in ("policy", "catalogue")]:
        for number, paragraph in enumerate(document["text"].split("\n\n"), 1):
            if not paragraph.startswith("#"):
                ids.append(f"{document['id']}, paragraph {number}")
                texts.append(f"{document['title']}\n{paragraph}")
                facts.append({"status": document["status"], "audience": document["audience"]})
except OSError:
    sys.exit(f"There is no {PATH} here: download documents.jsonl from the guide into a folder called data.")
except (ValueError, KeyError, TypeError, AttributeError):
    sys.exit(f"{PATH} is not the guide's file, one document in JSON a line: download it again.")
if not texts:
    sys.exit(f"{PATH} holds no policy and no catalogue entry: download it again.")

try:
    embedder = SentenceTransformer("sentence-transformers/all-MiniLM-L6-v2")
    writer = pipeline("text-generation", "HuggingFaceTB/SmolLM2-135M-Instruct", dtype=torch.float32)
except OSError:
    sys.exit("No models here yet: connect once to download them, or run `make models` in the guide's repository.")

library = chromadb.EphemeralClient().create_collection("library")
library.add(ids=ids, documents=texts, metadatas=facts, embeddings=embedder.encode(texts))

for question in QUESTIONS:
    print(f"Question: {question}")
    for name, where in FILTERS.items():
        found = library.query(query_embeddings=embedder.encode([question]), n_results=1, where=where)
        if not found["ids"][0]:  # a user with few rights, say
            print(f"\n{name}\n  I don't know.")
            continue
        source, text, about = found["ids"][0][0], found["documents"][0][0], found["metadatas"][0][0]
        prompt = f"Answer in one sentence, using only this text.\n\n{text}\n\nQuestion: {question}"
        reply = writer([{"role": "user", "content": prompt}], max_new_tokens=40, do_sample=False)
        print(f"\n{name}")
        print(f"  Source: {source} ({about['status']}, {about['audience']})")
        print(f"  Text:   {textwrap.shorten(text, 110)}")
        print(f"  Answer: {reply[0]['generated_text'][-1]['content']}")
    print()

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
