"""Put an instruction before the same kind of question: what changes, and what cannot."""

import sys

import torch
from jinja2 import TemplateError
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
INSTRUCTION = (
    "You answer customers of Velmora Bikes. Write one short, polite sentence in English. "
    "If you do not know a fact about Velmora Bikes, say: I will ask a colleague."
)
MESSAGES = [
    "There's a squeak from my bike when I pedal, only in dry weather. What should I do?",
    "How many kilometres does the battery of the Velmora Wrenlow last?",
]

disable_progress_bar()
try:
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    generator = pipeline("text-generation", MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
if generator.tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")
try:
    turns = [{"role": role, "content": "Hello."} for role in ("system", "user")]
    generator.tokenizer.apply_chat_template(turns, tokenize=False)
except TemplateError as error:  # from a line of the template; Gemma's has one
    sys.exit(f"{MODEL} takes no system turn ({error}): put the instruction at the beginning of the first message.")

for message in MESSAGES:
    print("Message:", message)
    bare = [{"role": "user", "content": message}]
    instructed = [{"role": "system", "content": INSTRUCTION}, *bare]
    for name, chat in (("Bare:   ", bare), ("Instructed:", instructed)):
        reply = generator(chat, max_new_tokens=60, do_sample=False)[0]["generated_text"][-1]["content"]
        print(name, " ".join(reply.split()))

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "jinja2==3.1.6",
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
