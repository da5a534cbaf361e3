"""Labels without a language model: logistic regression on words or on embeddings.

The settings are those with which the guide's experiments were made, which call these functions.
"""

from collections.abc import Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


def words_of(texts: Sequence[str]) -> TfidfVectorizer:
    """TF-IDF of words and pairs of words, fitted on texts; its `transform` gives a matrix of shape (texts, features).

    Words of one character count too, which scikit-learn leaves out by default. Raises ValueError where no text has a
    word.
    """
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b").fit(texts)


def regression_on(features: Any, labels: Sequence[str] | Sequence[int]) -> LogisticRegression:
    """Logistic regression fitted on `features`, a matrix of shape (texts, features), and the label of each text.

    A label weighs the same however many texts have it. Raises ValueError where all labels are one.
    """
    return LogisticRegression(C=10.0, max_iter=2000, class_weight="balanced").fit(features, labels)
