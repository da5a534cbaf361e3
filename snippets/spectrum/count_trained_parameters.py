"""Count the parameters that each way of tuning trains, from the published shapes of three models."""

from typing import NamedTuple


class Shape(NamedTuple):
    """What a model's configuration says."""

    name: str
    layers: int
    width: int
    kv_width: int  # of keys and values: smaller than `width` where several heads share them
    mlp_width: int
    mlp_matrices: int
    embeddings: int  # rows of all embedding tables together
    vectors: tuple[int, int] = (2, 1)  # norms and biases of the model's width: in each layer, after the last
    mlp_biases: int = 0

    def matrices(self):
        """The (inputs, outputs) of every matrix in one layer: query, key, value, output, then the MLP's."""
        attention = [self.width, self.kv_width, self.kv_width, self.width]
        return [(self.width, out) for out in attention] + [(self.width, self.mlp_width)] * self.mlp_matrices

    def parameters(self):
        """All of them."""
        layer = sum(a * b for a, b in self.matrices()) + self.vectors[0] * self.width + self.mlp_biases
        return self.layers * layer + (self.embeddings + self.vectors[1]) * self.width

    def lora(self, rank, matrices):
        """Two thin matrices beside each one chosen: inputs x rank and rank x outputs."""
        return self.layers * rank * sum(a + b for a, b in matrices)


MODELS = [
    # SmolLM2 reads and writes with one table of 49,152 tokens; Mistral has one for each. GPT-3 also learns 2,048
    # positions, and has biases.
    Shape("SmolLM2-135M", 30, 576, 192, 1536, 3, 49152),
    Shape("Mistral 7B", 32, 4096, 1024, 14336, 3, 2 * 32000),
    Shape("GPT-3 175B", 96, 12288, 12288, 49152, 2, 50257 + 2048, vectors=(9, 2), mlp_biases=49152),
]

for model in MODELS:
    query, _, value, *_ = model.matrices()
    trained = {
        "prompt tuning, 20 vectors": 20 * model.width,
        "prefix tuning, 20 positions": 20 * 2 * model.kv_width * model.layers,
        "LoRA rank 4, query, value": model.lora(4, [query, value]),
        "LoRA rank 16, all matrices": model.lora(16, model.matrices()),
        "full fine-tuning": model.parameters(),
    }
    print(model.name)
    for method, count in trained.items():
        print(f"  {method:27}{count:15,}  {100 * count / model.parameters():.3g}%")

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
