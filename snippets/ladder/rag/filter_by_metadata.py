"""Keep superseded and internal documents out of the answers with a filter on their metadata."""

import json
import sys
import textwrap
from pathlib import Path

import chromadb
import torch
from sentence_transformers import SentenceTransformer
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
PATH = Path("data/documents.jsonl")
QUESTIONS = ["How long do I have to send a bike back?", "How much does a Tolver cost?"]
FILTERS = {
    "No filter": None,
    "Current and public": {"$and": [{"status": "current"}, {"audience": "public"}]},
}

ids = []
texts = []
facts = []
try:
    documents = [json.loads(line) for line in PATH.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    for document in [one for one in documents if one["kind"] in ("policy", "catalogue")]:
        for number, paragraph in enumerate(document["text"].split("\n\n"), 1):
            if not paragraph.startswith("#"):
                ids.append(f"{document['id']}, paragraph {number}")
                texts.append(f"{document['title']}\n{paragraph}")
                facts.append({"status": document["status"], "audience": document["audience"]})
except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
    sys.exit(f"Cannot read {PATH}, one document in JSON a line: download it from the guide ({error!r}).")
if not texts:
    sys.exit(f"{PATH} holds no policy and no catalogue entry: download it again.")

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    generator = pipeline("text-generation", MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER} or {MODEL}: {error}")
if generator.tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")

cosine = {"hnsw": {"space": "cosine"}}
library = chromadb.EphemeralClient().create_collection("library", configuration=cosine)
library.add(ids=ids, documents=texts, metadatas=facts, embeddings=embedder.encode_document(texts))

for question in QUESTIONS:
    print(f"Question: {question}")
    for name, where in FILTERS.items():
        found = library.query(query_embeddings=embedder.encode_query([question]), n_results=1, where=where)
        if not found["ids"][0]:  # a user with few rights, say
            print(f"\n{name}\n  I don't know.")
            continue
        source = found["ids"][0][0]
        text = found["documents"][0][0]
        about = found["metadatas"][0][0]
        prompt = f"Answer in one sentence, using only this text.\n\n{text}\n\nQuestion: {question}"
        reply = generator([{"role": "user", "content": prompt}], max_new_tokens=40, do_sample=False)
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
