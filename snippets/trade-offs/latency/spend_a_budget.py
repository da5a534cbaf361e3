"""Where the time of one answer goes, for six designs: the speeds are examples to replace with your own readings."""

READ = 5_000  # tokens of the prompt a second
WRITE = 60  # tokens of the answer a second
SEARCH_MS = 40
RERANK_MS = 120
NETWORK_MS = 60
ANSWER = 150  # tokens

DESIGNS = {  # (tokens in the prompt, milliseconds before the model starts)
    "short prompt": (260, 0),
    "few-shot": (1_560, 0),
    "retrieval": (2_060, SEARCH_MS),
    "with reranking": (2_060, SEARCH_MS + RERANK_MS),
    "fine-tuned": (60, 0),
    "fine-tuned, search": (1_860, SEARCH_MS),
}

print("                     first token   whole answer   of it generating")
for name, (tokens, before) in DESIGNS.items():
    first = NETWORK_MS + before + 1000 * tokens / READ
    whole = first + 1000 * ANSWER / WRITE
    print(f"{name:19} {first:9.0f} ms   {whole:9.0f} ms   {1000 * ANSWER / WRITE / whole:16.0%}")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
