"""An embedder that remembers, to show what is embedded again and what is not."""

from rung.embedding import Embedder


class Counting(Embedder):
    """The embedder, which also remembers what it embedded: passages in `texts`, questions in `asked`."""

    def __init__(self, other: Embedder):
        """Share the loaded model."""
        super().__init__(other.name)
        self._model, self.texts, self.asked = other.model, [], []

    def documents(self, texts):
        """Embed, and remember."""
        self.texts += texts
        return super().documents(texts)

    def queries(self, texts):
        """Embed, and remember."""
        self.asked += texts
        return super().queries(texts)
