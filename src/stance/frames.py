"""The frame classifier: a scikit-learn estimator over raw sentences, explained by its cues."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from stance.cues import CueFinder, Evidence
from stance.features import SCHEMA, features
from stance.lexicon import load_lexicons, load_target
from stance.models import LinearModel, load_model
from stance.text import given_sentences
from stance.types import FRAMES


class FrameClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Which of the four frames each sentence carries: none, one or several.

    A multilabel classifier over strings: `fit(X, Y)` with `Y` of shape (n, 4) in the order of
    `classes_`, `predict` gives (n, 4) of 0/1, `predict_proba` (n, 4) probabilities.

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
        """The shipped classifier, or the one that `stance train` wrote to `directory`."""
        classifier = cls(target=target)
        classifier.finder_ = finder or CueFinder(load_lexicons(), load_target(target))
        classifier.model_ = load_model("frames", directory)
        classifier.classes_ = np.array(classifier.model_.outputs)
        return classifier

    def fit(
        self,
        X: Sequence[str],
        y: ArrayLike,
        documents: Sequence[int] | None = None,
        finder: CueFinder | None = None,
    ) -> Self:
        """Fit to sentences and an (n, 4) indicator matrix.

        With `documents` (an article number per sentence, in order) neighbours are seen as well,
        and each sentence is learnt both in its article and alone.
        """
        from stance.fitting import best_threshold, fit_binary, in_both_settings

        labels = np.asarray(y, dtype=np.int64)
        if labels.ndim != 2 or labels.shape[1] != len(FRAMES):
            raise ValueError(f"y must have shape (n, {len(FRAMES)}), one column a frame: {FRAMES}")
        self.finder_ = finder or CueFinder(load_lexicons(), load_target(self.target))
        table, repeats = in_both_settings(self.finder_, X, documents)
        labels = np.tile(labels, (repeats, 1))
        rows = [fit_binary(table.values, labels[:, k], self.C) for k in range(len(FRAMES))]
        unset = LinearModel(
            kind="frames",
            schema=SCHEMA,
            outputs=FRAMES,
            features=table.names,
            coef=tuple(row[0] for row in rows),
            intercept=tuple(row[1] for row in rows),
            target=self.finder_.target.name,
            lexicons=self.finder_.resources.model_digest,
        )
        # A decision needs a cue, so thresholds are chosen among the sentences that hold one.
        open_to = np.where(table.cued, _sigmoid(unset.decision(table.names, table.values)), 0.0)
        cuts = [best_threshold(open_to[:, k], labels[:, k]) for k in range(len(FRAMES))]
        self.model_ = dataclasses.replace(unset, thresholds=tuple(cuts))
        self.classes_ = np.array(FRAMES)
        return self

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """(n, 4) of 0/1, each sentence read alone. Never 1 without a cue in the sentence."""
        return self.from_evidence(self._alone(X))[1].astype(np.int64)

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """(n, 4) probabilities, each sentence read alone."""
        return self.from_evidence(self._alone(X))[0]

    def from_evidence(self, evidence: Evidence) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Probabilities and decisions of a batch, every sentence read in its article.

        The probability also weighs target, voice and neighbours, so that its mean is the expected
        share of sentences; a decision is made only where a cue in the sentence can explain it.
        """
        table = features(evidence, self.finder_)
        probability = _sigmoid(self.model_.decision(table.names, table.values))
        chosen = (probability >= np.asarray(self.model_.thresholds)) & table.cued
        return probability, chosen

    def _alone(self, X: Sequence[str]) -> Evidence:
        check_is_fitted(self, "model_")
        return self.finder_.evidence(given_sentences(list(X)))


def _sigmoid(decision: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-decision))
    return result
