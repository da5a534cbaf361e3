"""Put an instruction before the same kind of question: what changes, and what cannot."""

import sys

import torch
from transformers import pipeline

INSTRUCTION = (
    "You answer customers of Velmora Bikes. Write one short, polite sentence in English. "
    "If you do not know a fact about Velmora Bikes, say: I will ask a colleague."
)
MESSAGES = [
    "There's a squeak from my bike when I pedal, only in dry weather. What should I do?",
    "How many kilometres does the battery of the Velmora Wrenlow last?",
]

try:
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    writer = pipeline("text-generation", "HuggingFaceTB/SmolLM2-135M-Instruct", dtype=torch.float32)
except OSError:
    sys.exit("The model is not here yet: connect once to download it, or run `make models` in the guide's repository.")

for message in MESSAGES:
    print("Message:", message)
    user = {"role": "user", "content": message}
    for name, chat in (("Bare:   ", [user]), ("Instructed:", [{"role": "system", "content": INSTRUCTION}, user])):
        reply = writer(chat, max_new_tokens=60, do_sample=False)[0]["generated_text"][-1]["content"]
        print(name, " ".join(reply.split()))
