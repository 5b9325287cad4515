"""A three-way tone scorer over cues: unfavourable, neutral, favourable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from stance.cues import CueFinder, Evidence
from stance.features import SCHEMA, features
from stance.lexicon import load_lexicons, load_target
from stance.models import LinearModel, load_model
from stance.text import given_sentences

CLASSES = (-1, 0, 1)


class ToneScorer(BaseEstimator):  # type: ignore[misc]
    """What a reader takes a sentence to say about its main subject, as the writer presents it.

    Parameters:
        target: name or file of the target; its names tell which sentences are about it.
        C: inverse strength of the ridge penalty on fitting.
    """

    def __init__(self, target: str = "alibaba", C: float = 2.0) -> None:
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
        scorer.model_ = load_model("tone", directory)
        return scorer

    def fit(
        self,
        X: Sequence[str],
        y: Sequence[int],
        documents: Sequence[int] | None = None,
        finder: CueFinder | None = None,
    ) -> Self:
        """Fit to sentences and labels in -1, 0, 1.

        With `documents` (an article number per sentence, in order) neighbours are seen as well,
        and each sentence is learnt both in its article and alone.
        """
        from stance.fitting import fit_multinomial, in_both_settings

        self.finder_ = finder or CueFinder(load_lexicons(), load_target(self.target))
        table, repeats = in_both_settings(self.finder_, X, documents)
        labels = np.tile(np.asarray(y, dtype=int), repeats)
        coef, intercept = fit_multinomial(table.values, labels, CLASSES, self.C)
        self.model_ = LinearModel(
            kind="tone",
            schema=SCHEMA,
            outputs=tuple(str(label) for label in CLASSES),
            features=table.names,
            coef=coef,
            intercept=intercept,
            target=self.finder_.target.name,
            lexicons=self.finder_.resources.model_digest,
        )
        return self

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """(n,) of -1, 0, 1, each sentence read alone."""
        return self.from_evidence(self._alone(X))[1]

    def score(self, X: Sequence[str]) -> NDArray[np.float64]:
        """(n,) in [-1, 1], probability of favourable minus unfavourable; NaN without evidence."""
        return self.from_evidence(self._alone(X))[0]

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """(n, 3) probabilities of -1, 0, 1."""
        return self._probabilities(self._alone(X))

    def from_evidence(self, evidence: Evidence) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Score and label of every sentence of a batch, read in its article."""
        table = features(evidence, self.finder_)
        probability = _softmax(self.model_.decision(table.names, table.values))
        score = np.where(table.speaks, probability[:, 2] - probability[:, 0], np.nan)
        label = np.where(table.speaks, np.asarray(CLASSES)[probability.argmax(axis=1)], 0)
        return score, label

    def _probabilities(self, evidence: Evidence) -> NDArray[np.float64]:
        table = features(evidence, self.finder_)
        return _softmax(self.model_.decision(table.names, table.values))

    def _alone(self, X: Sequence[str]) -> Evidence:
        check_is_fitted(self, "model_")
        return self.finder_.evidence(given_sentences(list(X)))


def _softmax(decision: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(decision - decision.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return result
