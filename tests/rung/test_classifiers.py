"""Labels without a language model: what counts as a word, and that a rare label is not drowned by a common one."""

import numpy as np
import pytest
from rung.classifiers import regression_on, words_of


def test_a_word_of_one_character_and_a_pair_of_words_count():
    features = words_of(["the 2 A charger", "the 4 A charger"])
    assert {"2", "4", "a", "2 a", "a charger"} <= set(features.get_feature_names_out())
    assert features.transform(["the 2 A charger", "a bell"]).shape == (2, len(features.get_feature_names_out()))


def test_texts_without_a_word_are_refused():
    with pytest.raises(ValueError, match="empty vocabulary"):
        words_of(["!", "?"])


def test_a_rare_label_weighs_as_much_as_a_common_one():
    rng = np.random.default_rng(3)
    common, rare = rng.normal(-0.3, 1, size=(400, 2)), rng.normal(0.3, 1, size=(20, 2))
    labels = ["common"] * 400 + ["rare"] * 20
    said = regression_on(np.concatenate([common, rare]), labels).predict(rng.normal(0, 1, size=(1000, 2)))
    assert 0.3 < np.mean(said == "rare") < 0.7  # between the two neither is likelier


def test_one_label_alone_is_refused():
    with pytest.raises(ValueError, match="class"):
        regression_on([[0.0], [1.0]], ["spam", "spam"])
