"""Ask a model what only your documents know, and print the truth beside what it invents."""

import sys

import torch
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
TRUTH = {
    "How long do I have to send a bike back?": "30 days from the day of delivery",
    "How long does a test ride last?": "45 minutes",
    "How long is a gift card valid?": "36 months",
    "What does a new key cost?": "£22",
    "How far does the Wrenlow go on one charge?": "up to 45 km",
}

disable_progress_bar()
try:
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    generator = pipeline("text-generation", MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
if generator.tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")

for question, truth in TRUTH.items():
    prompt = f"Answer in one sentence. You work for Velmora Bikes, who make electric bikes.\n\nQuestion: {question}"
    reply = generator([{"role": "user", "content": prompt}], max_new_tokens=40, do_sample=False)
    answer = reply[0]["generated_text"][-1]["content"]

    print(f"Question: {question}")
    print(f"Answer:   {answer}")
    print(f"Truth:    {truth}\n")

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
