"""Answer questions from documents, and say which document each answer came from."""

import sys

import chromadb
import torch
from sentence_transformers import SentenceTransformer
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
DOCUMENTS = {
    "returns": "You have 30 days from the day of delivery to return a bike.",
    "warranty": "The frame is covered for 10 years and the motor for 4.",
    "delivery": "Delivery costs £18 for a Wrenlow and £85 for a Dray.",
    "test rides": "A test ride is free and lasts 45 minutes.",
    "gift cards": "Gift cards are valid for 36 months.",
    "lost keys": "A new key costs £22 and is posted within 3 working days.",
    "error E09": "The motor is too hot. Let it stand for 20 minutes.",
    "price promise": "If your bike gets cheaper within 21 days, we pay the difference.",
}
QUESTIONS = [
    "How long do I have to send a bike back?",
    "How long does a test ride last?",
    "How long is a gift card valid?",
]

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    generator = pipeline("text-generation", MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER} or {MODEL}: {error}")
if generator.tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")

# Index: one vector for each document.
cosine = {"hnsw": {"space": "cosine"}}
library = chromadb.EphemeralClient().create_collection("library", configuration=cosine)
texts = list(DOCUMENTS.values())
library.add(ids=list(DOCUMENTS), documents=texts, embeddings=embedder.encode_document(texts))

for question in QUESTIONS:
    # Retrieve: the document whose vector lies nearest to the question's.
    found = library.query(query_embeddings=embedder.encode_query([question]), n_results=1)
    source = found["ids"][0][0]
    text = found["documents"][0][0]

    # Generate: the model reads the document, then the question.
    prompt = f"Answer in one sentence, using only this text.\n\n{text}\n\nQuestion: {question}"
    reply = generator([{"role": "user", "content": prompt}], max_new_tokens=40, do_sample=False)
    answer = reply[0]["generated_text"][-1]["content"]

    print(f"Question: {question}")
    print(f"Answer:   {answer}")
    print(f"Source:   {source}\n")

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
