"""Print similarity scores of pairs whose relation you know, to see what a score says and what it does not."""

import sys

from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
QUESTION = "Can I return a helmet whose seal I have broken?"
PASSAGES = {
    "the answer": "Helmets whose hygiene seal has been broken cannot be returned.",
    "its opposite": "Helmets whose hygiene seal has been broken can be returned.",
    "the same fact in other words": "Once you have opened the sticker on head protection, it is yours for good.",
    "another product": "Child seats that have been fitted cannot be returned.",
    "a question, no answer": "Can I return a helmet?",
    "nothing to do with it": "The Harrowick showroom is closed on Mondays.",
}
STATEMENTS = {
    "can, cannot": ("You can charge the battery indoors.", "You cannot charge the battery indoors."),
    "30 days, 14 days": ("You have 30 days to return a bike.", "You have 14 days to return a bike."),
    "the same, reworded": ("You have 30 days to return a bike.", "Send it back within a month of getting it."),
}
RIGHT_PASSAGES = {
    "What does a new key cost?": "A new key costs £22.",
    "I dropped both little metal things down a drain": "A new key costs £22.",
}

disable_progress_bar()
try:
    embedder = SentenceTransformer(EMBEDDER)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {EMBEDDER}: {error}")


def similarity(question: str, passage: str) -> float:
    """The cosine of the angle between the vectors of a question and of a passage."""
    return embedder.similarity(embedder.encode_query(question), embedder.encode_document(passage)).item()


print(f"Question: {QUESTION}")
scores = {name: similarity(QUESTION, passage) for name, passage in PASSAGES.items()}
for name in sorted(scores, key=scores.get, reverse=True):
    print(f"{scores[name]:6.2f}  {name}")

print("Two statements")
for name, pair in STATEMENTS.items():
    alike = embedder.similarity(*embedder.encode(pair)).item()
    print(f"{alike:6.2f}  {name}")

print("A question and the passage that answers it")
for question, passage in RIGHT_PASSAGES.items():
    print(f"{similarity(question, passage):6.2f}  {question}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
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
