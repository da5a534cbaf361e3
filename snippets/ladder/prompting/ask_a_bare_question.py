"""Ask a small model which team a customer's message belongs to, and print whatever comes back."""

import sys

import torch
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
MESSAGES = [
    "The text said 10 to 12 and it is now 1.15. I've waited in with a cold cup of tea. Where is he?",
    "There's a squeak from my Wrenlow when I pedal, only in dry weather. It rides perfectly well otherwise.",
    "How do I stop the app sending me a message every time I ride past a café? Once was funny.",
]
QUESTION = "Which team should handle this message: billing, delivery, repair or account?"

disable_progress_bar()
try:
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    generator = pipeline("text-generation", MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
if generator.tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")

for message in MESSAGES:
    chat = [{"role": "user", "content": f"{QUESTION}\n\n{message}"}]
    reply = generator(chat, max_new_tokens=30, do_sample=False)[0]["generated_text"][-1]["content"]
    print("Message:", message)
    print("Reply:  ", " ".join(reply.split()))

# /// script
# requires-python = ">=3.11"
# dependencies = [
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
