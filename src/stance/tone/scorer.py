"""A three-way tone scorer over cues and n-grams: unfavourable, neutral, favourable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from stance.cues import CueFinder
from stance.features import SCHEMA, Features, features
from stance.gold import one_of_three
from stance.lexicon import load_lexicons, load_target
from stance.linear import read_tone, tone_probabilities
from stance.models import SentenceModel, load_model
from stance.text import given_sentences
from stance.types import TONES


class ToneScorer(BaseEstimator):  # type: ignore[misc]
    """What a reader takes a sentence to say about its main subject, as the writer presents it.

    Parameters:
        target: name or file of the target; its names tell which sentences are about it.
        C: inverse strength of the ridge penalty on fitting.
    """

    def __init__(self, target: str = "alibaba", C: float = 0.3) -> None:
        self.target = target
        self.C = C

    @classmethod
    def load(
        cls,
        directory: Path | None = None,
        target: str = "alibaba",
        finder: CueFinder | None = None,
    ) -> Self:
        """The shipped scorer, or the one that `stance train` wrote to `directory`."""
        scorer = cls(target=target)
        scorer.finder_ = finder or CueFinder(load_lexicons(), load_target(target))
        return scorer.with_model(load_model("tone", directory))

    def with_model(self, model: SentenceModel) -> Self:
        """This scorer with a fitted model."""
        self.model_ = model
        return self

    def fit(self, X: Sequence[str], y: Sequence[int], finder: CueFinder | None = None) -> Self:
        """Fit to sentences, each read alone, and labels in -1, 0, 1."""
        from stance.fitting import fit, material

        self.finder_ = finder or CueFinder(load_lexicons(), load_target(self.target))
        model = fit(
            "tone",
            [str(label) for label in TONES],
            material(self.finder_, [(list(X), None, 1.0)]),
            one_of_three(np.asarray(y, dtype=np.int64)),
            self.C,
            schema=SCHEMA,
            target=self.finder_.target.name,
            lexicons=self.finder_.resources.model_digest,
        )
        return self.with_model(model)

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """(n,) of -1, 0, 1, each sentence read alone."""
        table = self._alone(X)
        return read_tone(self.probabilities(table), table)[1]

    def score(self, X: Sequence[str]) -> NDArray[np.float64]:
        """(n,) in [-1, 1], probability of favourable minus unfavourable; NaN without evidence."""
        table = self._alone(X)
        return read_tone(self.probabilities(table), table)[0]

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """(n, 3) probabilities of -1, 0, 1."""
        return self.probabilities(self._alone(X))

    def probabilities(self, table: Features) -> NDArray[np.float64]:
        """(n, 3): one logistic regression a label, scaled to sum to 1."""
        return tone_probabilities(self.model_, table)

    def _alone(self, X: Sequence[str]) -> Features:
        check_is_fitted(self, "model_")
        return features(self.finder_.evidence(given_sentences(list(X))), self.finder_)
