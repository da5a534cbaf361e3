"""Which rung, on your own documents, questions and model: prompt, retrieve or tune, measured on one test set."""

__version__ = "0.1.0"
