"""Say "I don't know" when no document is close enough to the question."""

import sys

import chromadb
import torch
from sentence_transformers import SentenceTransformer
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
DOCUMENTS = {
    "returns": "You have 30 days from the day of delivery to tell us you want to return a bike.",
    "test rides": "A test ride is free and lasts 45 minutes. Bring photographic identification and closed shoes.",
    "gift cards": "Gift cards are valid for 36 months and can be spent on bikes, accessories and servicing.",
    "lost keys": "Each bike comes with two keys. A new key costs £22 and is posted within 3 working days.",
}
QUESTIONS = [
    "How long is a gift card valid?",
    "How long does a test ride last?",
    "Who won the World Cup in 1998?",
    "Do you sell child seats?",
    "What does a bell for my bike cost?",
]
CLOSE_ENOUGH = 0.45  # a guess; choose yours on questions whose answers you know

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
texts = list(DOCUMENTS.values())
library.add(ids=list(DOCUMENTS), documents=texts, embeddings=embedder.encode_document(texts))

for question in QUESTIONS:
    found = library.query(query_embeddings=embedder.encode_query([question]), n_results=1)
    source = found["ids"][0][0]
    text = found["documents"][0][0]
    similarity = 1 - found["distances"][0][0]

    print(f"Question: {question}")
    print(f"Nearest:  {source}, similarity {similarity:.2f}")
    if similarity < CLOSE_ENOUGH:
        print("Abstains: I don't know. Nothing here is close enough to your question.\n")
        continue
    prompt = f"Answer in one sentence, using only this text.\n\n{text}\n\nQuestion: {question}"
    reply = generator([{"role": "user", "content": prompt}], max_new_tokens=40, do_sample=False)
    print(f"Answer:   {reply[0]['generated_text'][-1]['content']}\n")

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
