"""Ask a model what only your documents know, and print the truth beside what it invents."""

import sys

import torch
from transformers import pipeline

TRUTH = {
    "How long do I have to send a bike back?": "30 days from the day of delivery",
    "How long does a test ride last?": "45 minutes",
    "How long is a gift card valid?": "36 months",
    "What does a new key cost?": "£22",
    "How far does the Wrenlow go on one charge?": "up to 45 km",
}

try:
    writer = pipeline("text-generation", "HuggingFaceTB/SmolLM2-135M-Instruct", dtype=torch.float32)
except OSError:
    sys.exit("No model here yet: connect once to download it, or run `make models` in the guide's repository.")

for question, truth in TRUTH.items():
    prompt = f"Answer in one sentence. You work for Velmora Bikes, who make electric bikes.\n\nQuestion: {question}"
    reply = writer([{"role": "user", "content": prompt}], max_new_tokens=40, do_sample=False)
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
