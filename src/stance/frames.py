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

from stance.cues import CueFinder
from stance.features import SCHEMA, Features, features
from stance.lexicon import load_lexicons, load_target
from stance.linear import frame_probabilities
from stance.models import SentenceModel, load_model
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
        """The shipped classifier, or the one that `stance train` wrote to `directory`."""
        classifier = cls(target=target)
        classifier.finder_ = finder or CueFinder(load_lexicons(), load_target(target))
        return classifier.with_model(load_model("frames", directory))

    def with_model(self, model: SentenceModel) -> Self:
        """This classifier with a fitted model."""
        self.model_ = model
        self.classes_ = np.array(model.head.outputs)
        return self

    def fit(self, X: Sequence[str], y: ArrayLike, finder: CueFinder | None = None) -> Self:
        """Fit to sentences, each read alone, and an (n, 4) indicator matrix.

        `stance train` reads sentences in their articles and sets thresholds on articles not seen;
        this plain fit cuts at 0.5.
        """
        from stance.fitting import fit, material

        labels = np.asarray(y, dtype=np.int64)
        if labels.ndim != 2 or labels.shape[1] != len(FRAMES):
            raise ValueError(f"y must have shape (n, {len(FRAMES)}), one column a frame: {FRAMES}")
        self.finder_ = finder or CueFinder(load_lexicons(), load_target(self.target))
        model = fit(
            "frames",
            FRAMES,
            material(self.finder_, [(list(X), None, 1.0)]),
            labels,
            self.C,
            schema=SCHEMA,
            target=self.finder_.target.name,
            lexicons=self.finder_.resources.model_digest,
        )
        head = dataclasses.replace(model.head, thresholds=(0.5,) * len(FRAMES))
        return self.with_model(dataclasses.replace(model, head=head))

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """(n, 4) of 0/1, each sentence read alone."""
        table = self._alone(X)
        chosen = self.probabilities(table) >= np.asarray(self.model_.head.thresholds)
        return (chosen & table.says[:, None]).astype(np.int64)

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """(n, 4) probabilities, each sentence read alone."""
        return self.probabilities(self._alone(X))

    def probabilities(self, table: Features) -> NDArray[np.float64]:
        """(n, 4) probabilities; their mean is the expected share of sentences.

        Where the text does not speak of the target, a frame about the target has probability 0.
        """
        return frame_probabilities(self.model_, table)

    def _alone(self, X: Sequence[str]) -> Features:
        check_is_fitted(self, "model_")
        return features(self.finder_.evidence(given_sentences(list(X))), self.finder_)
