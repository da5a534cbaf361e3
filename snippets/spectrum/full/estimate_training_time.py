"""Estimate the time that training takes, from the arithmetic that each token costs."""

EXAMPLES = 1_000
TOKENS_EACH = 500
EPOCHS = 3
SUSTAINED = 300e12  # operations a second that your accelerator really does: an example, measure yours
MINUTES_TO_WRITE = 10  # a person's time for one good training example, checking included: an example

# Per parameter and token: 2 operations forwards, 2 to carry the error back, 2 for the parameter's own gradient.
# A frozen parameter is spared the last; the adapter's own share is left out, being a few hundredths at most.
METHODS = {"full": 2 + 2 + 2, "LoRA": 2 + 2}
MODELS = {"SmolLM2-135M": 134_515_008, "Mistral 7B": 7_241_732_096, "GPT-3 175B": 174_604_259_328}

tokens = EXAMPLES * TOKENS_EACH * EPOCHS
print(f"{EXAMPLES:,} examples, {TOKENS_EACH} tokens each, {EPOCHS} epochs: {tokens:,} tokens")
for name, parameters in MODELS.items():
    minutes = {method: cost * parameters * tokens / SUSTAINED / 60 for method, cost in METHODS.items()}
    print(f"{name:13}" + "".join(f"  {method} {value:6.2f} min" for method, value in minutes.items()))
operations = METHODS["full"] * MODELS["Mistral 7B"] * tokens
print(f"Mistral 7B, full: {operations:.1e} operations")
print(f"Writing the examples: {EXAMPLES * MINUTES_TO_WRITE / 60:.0f} hours of somebody's time")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
