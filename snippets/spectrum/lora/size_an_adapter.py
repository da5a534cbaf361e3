"""Check LoRA's published sizes, then size adapters for a model of 7 billion parameters."""

# The LoRA paper: 96 layers of width 12,288, with one pair of thin matrices on query and one on value.
GPT3_PARAMETERS = 175e9
GPT3_LAYERS = 96
GPT3_WIDTH = 12288


def on_query_and_value(rank):
    """Parameters trained in GPT-3."""
    return GPT3_LAYERS * 2 * rank * (GPT3_WIDTH + GPT3_WIDTH)


print("GPT-3 175B, query and value")
for rank in (1, 4):
    count = on_query_and_value(rank)
    print(f"  rank {rank}: {count:,} parameters, {count * 2 / 1e6:.0f} MB, one in {GPT3_PARAMETERS / count:,.0f}")
print(f"  the whole model: {GPT3_PARAMETERS * 2 / 1e9:.0f} GB")

# Mistral 7B: inputs plus outputs of query, key, value, output, and of the MLP's three matrices.
MISTRAL_PARAMETERS = 7_241_732_096
MISTRAL_LAYERS = 32
attention = [4096 + 4096, 4096 + 1024, 4096 + 1024, 4096 + 4096]
mlp = [4096 + 14336] * 3
query_and_value = attention[0::2]

print("\nMistral 7B, size on disk in MB (2 bytes per parameter)")
print("  rank   query, value   all matrices")
for rank in (4, 16, 64, 256):
    sizes = [2 * MISTRAL_LAYERS * rank * sum(chosen) / 1e6 for chosen in (query_and_value, attention + mlp)]
    print(f"  {rank:4}{sizes[0]:15.1f}{sizes[1]:15.1f}")

CUSTOMERS = 200  # an example
adapter = 2 * MISTRAL_LAYERS * 16 * sum(attention + mlp)
print(f"\n{CUSTOMERS} customers, one fine-tuned version each")
print(f"  full copies: {CUSTOMERS * 2 * MISTRAL_PARAMETERS / 1e9:,.0f} GB")
print(f"  one base, {CUSTOMERS} adapters of rank 16: {(2 * MISTRAL_PARAMETERS + CUSTOMERS * adapter) / 1e9:,.1f} GB")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
