"""Check the published sizes of prompt and prefix tuning, and what a learned prompt saves."""

# T5-XXL has 11 billion weights; a word enters it as 4,096 numbers (Lester et al., 2021).
T5_XXL = 11e9
WIDTH = 4096
print("T5-XXL, prompt tuning")
for length in (1, 5, 20, 100):
    count = length * WIDTH
    share = f"one in {T5_XXL / count:9,.0f}"
    print(f"  {length:3} vectors: {count:7,} parameters, {count * 2 / 1e3:4.0f} kB, {share}")

# GPT-2 Medium has 24 layers of width 1,024. A prefix gives each layer a key and a value per place.
GPT_2 = 355e6
LAYERS = 24
WIDTH = 1024
print("GPT-2 Medium, prefix tuning")
for length in (5, 10):
    count = length * LAYERS * 2 * WIDTH
    print(f"  {length:3} positions: {count:7,} parameters, {count / GPT_2:.2%} of the model")

# Each learned vector stands where a token would, in every request. These three are examples.
WRITTEN = 600
LEARNED = 20
REQUESTS = 1_000_000
print(f"{LEARNED} vectors in place of {WRITTEN} tokens of instruction")
print(f"  {(WRITTEN - LEARNED) * REQUESTS / 1e6:.0f} million positions fewer in {REQUESTS:,} requests")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
