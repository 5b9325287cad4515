"""SnowNLP's sentiment, for comparison with what users know. Not what stance relies on."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class SnowScorer:
    """The sentiment of snownlp 0.12.3's shipped model."""

    def score(self, sentences: Sequence[str]) -> NDArray[np.float64]:
        """(n,) in [0, 1]; NaN for a text in which SnowNLP finds nothing to divide by."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unescaped regular expressions in the package
            from snownlp import sentiment
        scores = np.full(len(sentences), np.nan)
        for index, text in enumerate(sentences):
            if text.strip():
                scores[index] = sentiment.classify(text)
        return scores
