"""Keep a collection on disk: the first run stores the documents, every later run finds them there."""

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

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER}: {error}")

cosine = {"hnsw": {"space": "cosine"}}  # fixed when the collection is made, as the embedder is: see below
try:
    client = chromadb.PersistentClient(path="store")
    library = client.get_or_create_collection("library", configuration=cosine, metadata={"embedder": EMBEDDER})
    made_with = (library.metadata or {}).get("embedder")
except (chromadb.errors.ChromaError, ValueError) as error:  # damaged, or another program's
    sys.exit(f"Cannot open the folder store: move it away, and the next run makes a new one ({error!r}).")
if made_with != EMBEDDER:  # vectors of two models cannot be compared, even if they are equally long
    sys.exit(
        f"The vectors in the folder store are of {made_with or 'an unknown model'}, not of {EMBEDDER}: "
        "move the folder away, and the next run embeds the documents again."
    )
print(f"In the store: {library.count()} documents.")

stored = set(library.get()["ids"])
new = {name: text for name, text in DOCUMENTS.items() if name not in stored}
if new:
    texts = list(new.values())
    library.add(ids=list(new), documents=texts, embeddings=embedder.encode_document(texts))
print(f"Embedded and added: {len(new)}.")

found = library.query(query_embeddings=embedder.encode_query([QUESTION]), n_results=1)
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
