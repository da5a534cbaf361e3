"""Use a Chroma server: the same code, but the collection lives in another process or on another machine."""

import sys

import chromadb
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
DOCUMENTS = {
    "returns": "You have 30 days from the day of delivery to tell us you want to return a bike.",
    "test rides": "A test ride is free and lasts 45 minutes. Bring photographic identification and closed shoes.",
    "gift cards": "Gift cards are valid for 36 months and can be spent on bikes, accessories and servicing.",
    "lost keys": "Each bike comes with two keys. A new key costs £22 and is posted within 3 working days.",
}
QUESTION = "Can I pay for a repair with a voucher?"

try:
    client = chromadb.HttpClient(host="127.0.0.1", port=8765)
except ValueError:
    sys.exit("No Chroma server listens on port 8765: start one with `chroma run --path store --port 8765`.")

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER}: {error}")

cosine = {"hnsw": {"space": "cosine"}}  # fixed when the collection is made: to change it, delete the collection
library = client.get_or_create_collection("library", configuration=cosine, metadata={"embedder": EMBEDDER})
made_with = (library.metadata or {}).get("embedder")
if made_with != EMBEDDER:  # vectors of two models cannot be compared, even if they are equally long
    sys.exit(
        f"The server's vectors are of {made_with or 'an unknown model'}, not of {EMBEDDER}: "
        "give your collection another name."
    )
texts = list(DOCUMENTS.values())
library.upsert(ids=list(DOCUMENTS), documents=texts, embeddings=embedder.encode_document(texts))

found = library.query(query_embeddings=embedder.encode_query([QUESTION]), n_results=1)
print(f"On the server: {library.count()} documents.")
print(f"Question: {QUESTION}")
print(f"Nearest:  {found['ids'][0][0]}: {found['documents'][0][0]}")

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
