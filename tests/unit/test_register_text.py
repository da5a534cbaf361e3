"""Which sentences the register holds: every one whose meaning one word turns round."""

import pytest

from scripts.register.text import sentences_in


@pytest.mark.parametrize(
    "sentence",
    [
        "The short prompt is the cheapest way.",
        "A fine-tuned model is dearer to serve.",
        "A smaller chunk is easier to cite.",
        "The newest copy is the likeliest.",
        "An earlier stop is safer.",
        "The widest gap costs the longest search.",
        "Perplexity exceeds the base model's.",
        "Forgetting increases with the rank.",
        "Neither search finds it.",
    ],
)
def test_a_sentence_that_compares_is_held(sentence):
    assert [held.text for held in sentences_in(sentence)] == [sentence]


@pytest.mark.parametrize("sentence", ["Another customer asks the adapter.", "The order of the folder is the owner's."])
def test_a_sentence_that_only_sounds_like_one_is_not(sentence):
    assert not list(sentences_in(sentence))
