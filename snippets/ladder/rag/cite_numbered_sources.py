"""Ask for a numbered source with the answer, and check the citation instead of believing it."""

import re
import sys

import torch
from transformers import pipeline

SOURCES = [
    "Collection of a returned bike costs £35 for a Wrenlow or a Tolver and £70 for a Dray.",
    "You have 30 days from the day of delivery to return a bike.",
    "A test ride is free and lasts 45 minutes. An overnight loan costs £30.",
]
WRITTEN_BY_HAND = [
    "You have 30 days to return a bike [2].",
    "You have 30 days to return a bike [3].",
    "You have 30 days to return a bike [7].",
    "You have 90 days to return a bike [2].",
    "You have 30 days to return a bike.",
    "Helmets cannot be returned [9].",
]
QUESTIONS = [
    "How long do I have to return a bike?",
    "How long is a test ride?",
    "What does it cost to have a Dray collected?",
]
FIGURE = re.compile(r"[£€]\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*%|\d+(?:[.,]\d+)* \w+")  # £35, 12%, 30 days


def check(answer: str) -> str:
    """Compare the sources an answer cites with those there are, and with those that hold every figure in it."""
    wanted = set(FIGURE.findall(answer))
    cited = {int(number) for number in re.findall(r"\[(\d+)\]", answer)}
    holding = {number for number, source in enumerate(SOURCES, 1) if wanted <= set(FIGURE.findall(source))}
    if unknown := cited - set(range(1, len(SOURCES) + 1)):
        return f"no such source {unknown}"
    if not wanted:
        return "no figure to check" if cited else "no citation, no figure to check"
    if not holding:
        return "reject, no source says this"
    if not cited:
        return f"no citation, attach {holding}"
    return "holds" if cited <= holding else f"wrong citation {cited - holding}, it should be {holding}"


for answer in WRITTEN_BY_HAND:
    print(f"By hand:  {answer}\nCheck:    {check(answer)}")

try:
    writer = pipeline("text-generation", "HuggingFaceTB/SmolLM2-135M-Instruct", dtype=torch.float32)
except OSError:
    sys.exit("No model here yet: connect once to download it, or run `make models` in the guide's repository.")

numbered = "\n".join(f"[{number}] {source}" for number, source in enumerate(SOURCES, 1))
request = f"Answer in one sentence, using only these sources, and cite the source by its number.\n\n{numbered}"
for question in QUESTIONS:
    messages = [{"role": "user", "content": f"{request}\n\nQuestion: {question}"}]
    answer = writer(messages, max_new_tokens=40, do_sample=False)[0]["generated_text"][-1]["content"]
    print(f"\nQuestion: {question}\nAnswer:   {answer}\nVerdict:  {check(answer)}")

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
