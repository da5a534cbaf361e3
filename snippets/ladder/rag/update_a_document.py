"""Change a document and ask again: the answer changes, the model does not."""

import hashlib
import sys
import time

import chromadb
import torch
from sentence_transformers import SentenceTransformer
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
OLD = "You may return a bike bought from us within 14 days of delivery."
NEW = "You may return a bike bought from us within 30 days of delivery."
QUESTION = "How long do I have to send a bike back?"

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    generator = pipeline("text-generation", MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER} or {MODEL}: {error}")
if generator.tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")

library = chromadb.EphemeralClient().create_collection("library")
library.add(ids=["returns"], documents=[OLD], embeddings=embedder.encode_document([OLD]))


def answer(question: str) -> str:
    found = library.query(query_embeddings=embedder.encode_query([question]), n_results=1)
    prompt = f"Answer in one sentence, using only this text.\n\n{found['documents'][0][0]}\n\nQuestion: {question}"
    reply = generator([{"role": "user", "content": prompt}], max_new_tokens=40, do_sample=False)
    return reply[0]["generated_text"][-1]["content"]


def fingerprint(model: torch.nn.Module) -> str:
    digest = hashlib.sha256()
    for weights in model.state_dict().values():
        digest.update(weights.cpu().float().numpy().tobytes())
    return digest.hexdigest()[:16]


before = fingerprint(generator.model), fingerprint(embedder)
print(f"Question: {QUESTION}")
print(f"Answer before: {answer(QUESTION)}")

start = time.perf_counter()
library.update(ids=["returns"], documents=[NEW], embeddings=embedder.encode_document([NEW]))
print(f"The update took {time.perf_counter() - start:.2f} s on this computer.", file=sys.stderr)

print(f"Answer after: {answer(QUESTION)}")
after = fingerprint(generator.model), fingerprint(embedder)
print(f"Weights before: {' '.join(before)}")
print(f"Weights after:  {' '.join(after)}")
print("Nothing was retrained." if before == after else "The weights changed!")

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
