"""Estimate the memory that training occupies, from the bytes each parameter needs."""

GB = 1e9
# Bytes for each number.
WEIGHT = 2  # 16-bit
GRADIENT = 2  # 16-bit
ADAM = 4 + 4  # two 32-bit averages
MASTER = 4  # a 32-bit copy of the weight
TRAINED = WEIGHT + GRADIENT + ADAM + MASTER
FROZEN = 2  # 16-bit
FROZEN_4_BIT = 0.5

# name, all parameters, those of a LoRA of rank 16 on all matrices (count_trained_parameters.py counts both)
MODELS = [
    ("SmolLM2-135M", 134_515_008, 4_884_480),
    ("Mistral 7B", 7_241_732_096, 41_943_040),
    ("GPT-3 175B", 174_604_259_328, 339_738_624),
]

print(f"Each trained parameter: {TRAINED} bytes. Each frozen one: {FROZEN}, or {FROZEN_4_BIT} in 4 bits.")
print("\nGB                 serve     full     LoRA    QLoRA")
for name, parameters, adapter in MODELS:
    serve = FROZEN * parameters
    full = TRAINED * parameters
    lora = FROZEN * parameters + TRAINED * adapter
    qlora = FROZEN_4_BIT * parameters + TRAINED * adapter
    print(f"{name:15}" + "".join(f"{total / GB:9,.1f}" for total in (serve, full, lora, qlora)))

print("\nPublished totals, divided by the number of parameters:")
for source, total_gb, billions in [("QLoRA paper, 65B", 780, 65), ("LoRA paper, 175B", 1200, 175)]:
    print(f"  {source}: {total_gb:,} GB = {total_gb / billions:.1f} bytes each")
print(f"65B in 4 bits: {65 * FROZEN_4_BIT} GB, which leaves {48 - 65 * FROZEN_4_BIT} of a 48 GB card for all else")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
