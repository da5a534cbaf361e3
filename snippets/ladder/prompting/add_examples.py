"""Show the model what a good reply looks like: examples as turns of the chat it is about to continue."""

import sys

import torch
from jinja2 import TemplateError
from transformers import pipeline
from transformers.utils.logging import disable_progress_bar

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
INSTRUCTION = (
    "You route messages for Velmora Bikes. Reply with one word only, "
    "the team that should handle the message: billing, delivery, repair or account."
)
EXAMPLES = [
    ("E02 came up yesterday. The bike still goes, just without help from the motor.", "repair"),
    ('Any news of my Wrenlow? The link has said "leaving the depot" since yesterday evening.', "delivery"),
    ("Can the invoices for my Tolver be made out to my company rather than to me?", "billing"),
    ("I have a new telephone number. Where do I put it in the app?", "account"),
]
MESSAGES = [
    "The text said 10 to 12 and it is now 1.15. I've waited in with a cold cup of tea. Where is he?",
    "There's a squeak from my Wrenlow when I pedal, only in dry weather. It rides perfectly well otherwise.",
    "How do I stop the app sending me a message every time I ride past a café? Once was funny.",
]

disable_progress_bar()
try:
    # In float32 because many CPUs have no bfloat16 and would be several times slower.
    generator = pipeline("text-generation", MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
if generator.tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")


def fit(chat):
    """The chat as it is; where the model's template takes no system turn, that text goes before the first message."""
    try:
        generator.tokenizer.apply_chat_template(chat, tokenize=False)
        return chat
    except TemplateError:  # from a line of the template; Gemma's has one
        return [{"role": "user", "content": f"{chat[0]['content']}\n\n{chat[1]['content']}"}, *chat[2:]]


instruction = [{"role": "system", "content": INSTRUCTION}]
turns = []
for text, team in EXAMPLES:
    turns += [{"role": "user", "content": text}, {"role": "assistant", "content": team}]

for message in MESSAGES:
    print("Message:", message)
    user = {"role": "user", "content": message}
    without = [*instruction, user]
    with_examples = [*instruction, *turns, user]
    for name, chat in (("No examples:  ", without), ("Four examples:", with_examples)):
        reply = generator(fit(chat), max_new_tokens=12, do_sample=False)[0]["generated_text"][-1]["content"]
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
