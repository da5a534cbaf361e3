"""What training a model from scratch takes: tokens, books, operations and GPU hours, by size of the model."""

TOKENS_PER_PARAMETER = 20  # compute-optimal, roughly: Hoffmann et al., 2022
# A multiplication and an addition for each parameter and token going forward, and twice that going back.
OPERATIONS_PER_PARAMETER_AND_TOKEN = 6
PEAK_PER_SECOND = 312e12  # one A100 in 16-bit arithmetic, by its data sheet
USED_SHARE = 0.40  # example: what a well-run cluster keeps busy
TOKENS_PER_BOOK = 130_000  # example: 100,000 English words


def gpu_hours(parameters: float, tokens: float) -> float:
    """A100 hours for one pass over the tokens, nothing repeated and nothing failed."""
    operations = OPERATIONS_PER_PARAMETER_AND_TOKEN * parameters * tokens
    return operations / (PEAK_PER_SECOND * USED_SHARE) / 3600


print("parameters   tokens     books       A100 hours")
for parameters in (135e6, 1e9, 7e9, 70e9):
    tokens = TOKENS_PER_PARAMETER * parameters
    books = tokens / TOKENS_PER_BOOK
    hours = gpu_hours(parameters, tokens)
    print(f"{parameters / 1e9:8.2f} bn   {tokens / 1e9:5.0f} bn   {books:10,.0f}   {hours:10,.0f}")

print()
print(f"BloombergGPT, 50 bn parameters, 708 bn tokens: {gpu_hours(50e9, 708e9):,.0f} A100 hours")
own_tokens = 20_000 * 600 * 1.3  # example: 20,000 documents of 600 words
share = own_tokens / (TOKENS_PER_PARAMETER * 1e9)
print(f"20,000 documents of your own: {own_tokens / 1e6:.0f} million tokens, {share:.2%} of what 1 bn parameters want")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
