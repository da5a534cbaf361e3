"""Show that a low-rank update gives the same answer beside the frozen matrix and merged into it."""

import torch

WIDTH = 12
RANK = 2

# Small whole numbers, so that the results can be compared exactly.
torch.manual_seed(7)
frozen = torch.randint(-3, 4, (WIDTH, WIDTH))
down = torch.randint(-3, 4, (RANK, WIDTH))  # what LoRA trains: these two
up = torch.randint(-3, 4, (WIDTH, RANK))
given = torch.randint(-3, 4, (WIDTH,))

base = frozen @ given
beside = base + up @ (down @ given)
merged = frozen + up @ down

print(f"Frozen: {frozen.numel()} parameters. Trained: {down.numel() + up.numel()}.")
print(f"Merged matrix: {merged.numel()} parameters, as many as before.")
print(f"Merged gives the same answer as beside: {torch.equal(merged @ given, beside)}")
print(f"Without the adapter the answer differs: {not torch.equal(base, beside)}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "torch==2.13.0",
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
