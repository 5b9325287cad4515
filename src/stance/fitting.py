"""Fitting linear models on cue features. Used by training alone; analysis never imports it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from stance.cues import CueFinder
from stance.features import Features, features
from stance.text import given_sentences


def in_both_settings(
    finder: CueFinder, sentences: Sequence[str], documents: Sequence[int] | None
) -> tuple[Features, int]:
    """Features of the sentences alone and, with `documents`, in their articles below that.

    Returns them as one table of repeats * n rows, and the number of repeats.
    """
    batches = [given_sentences(sentences)]
    if documents is not None:
        batches.append(given_sentences(sentences, documents))
    tables = [features(finder.evidence(batch), finder) for batch in batches]
    table = Features(
        tables[0].names,
        np.concatenate([table.values for table in tables]),
        np.concatenate([table.speaks for table in tables]),
        np.concatenate([table.cued for table in tables]),
    )
    return table, len(batches)


def fit_binary(
    values: NDArray[np.float64], labels: NDArray[np.int64], C: float
) -> tuple[tuple[float, ...], float]:
    """Ridge logistic regression; a class that never occurs gives a constant."""
    if len(set(labels.tolist())) < 2:
        return (0.0,) * values.shape[1], 20.0 if labels.any() else -20.0
    model = LogisticRegression(C=C, max_iter=2000, tol=1e-8).fit(values, labels)
    return tuple(model.coef_[0].tolist()), float(model.intercept_[0])


def fit_multinomial(
    values: NDArray[np.float64], labels: NDArray[np.int64], classes: Sequence[int], C: float
) -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]:
    """Ridge multinomial logistic regression with one row for every class of `classes`."""
    present = sorted(set(labels.tolist()))
    k = values.shape[1]
    coef = dict.fromkeys(classes, (0.0,) * k)
    intercept = dict.fromkeys(classes, -20.0)
    if len(present) == 1:
        intercept[present[0]] = 20.0
    elif len(present) == 2:
        row, constant = fit_binary(values, (labels == present[1]).astype(np.int64), C)
        coef[present[1]], intercept[present[1]], intercept[present[0]] = row, constant, 0.0
    else:
        model = LogisticRegression(C=C, max_iter=2000, tol=1e-8).fit(values, labels)
        for label, row, constant in zip(model.classes_, model.coef_, model.intercept_, strict=True):
            coef[int(label)], intercept[int(label)] = tuple(row.tolist()), float(constant)
    return tuple(coef[c] for c in classes), tuple(intercept[c] for c in classes)


def best_threshold(probability: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The cut in [0.2, 0.6] with the best F1, smoothed by its neighbours; 0.5 without positives."""
    if not labels.any():
        return 0.5
    grid = np.arange(0.2, 0.61, 0.02)
    scores = np.array([_f1(probability >= cut, labels == 1) for cut in grid])
    smooth = np.convolve(np.pad(scores, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return float(grid[smooth.argmax()])


def _f1(predicted: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    both = int((predicted & true).sum())
    return 2 * both / max(1, int(predicted.sum()) + int(true.sum()))
