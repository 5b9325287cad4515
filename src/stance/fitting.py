"""Fitting linear models on cues and n-grams. Used by training alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from stance.cues import CueFinder
from stance.entries import normal_form
from stance.features import features
from stance.models import LinearModel, SentenceModel, TextWeights
from stance.ngrams import BITS, Ngrams, ngrams, weighted
from stance.text import given_sentences

# How much cues and n-grams weigh against the ridge penalty: their scale before it.
_CUES, _TEXT = 3.0, 4.0
# An n-gram of one sentence alone says nothing of others; a rare one is held down.
_LEAST, _MOST_IDF = 2, 9.0
# So near the one optimum that what is stored is the same on every processor.
EXACT = 1e-10
# To deny praise is no praise, though both stand in like sentences; what is said not to be cut off
# by others is still told as a matter of the nation.
_JUDGING = ("optimistic", "critical")


@dataclass(frozen=True, slots=True)
class Material:
    """Sentences as they are fitted: named cue features, n-grams, and a weight for each."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    found: Ngrams
    weight: NDArray[np.float64]


def material(
    finder: CueFinder,
    parts: Sequence[tuple[Sequence[str], Sequence[int] | None, float | NDArray[np.float64]]],
    words: Sequence[tuple[Sequence[str], float]] = (),
) -> Material:
    """Features of several sets: sentences, their articles (None where alone) and their weights.

    `words` are no sentences: only their n-grams teach, so that their want of a stop, of length or
    of context says nothing.
    """
    tables, texts, weights = [], list[str](), []
    for sentences, documents, weight in parts:
        evidence = finder.evidence(given_sentences(sentences, documents))
        tables.append(features(evidence, finder))
        texts += evidence.told
        weights.append(np.zeros(len(sentences)) + weight)
    values = [table.values for table in tables]
    for own, weight in words:
        values.append(np.zeros((len(own), len(tables[0].names))))
        texts += [normal_form(word) for word in own]
        weights.append(np.full(len(own), weight))
    return Material(
        tables[0].names,
        np.concatenate(values),
        ngrams(texts),
        np.concatenate(weights),
    )


def fit(
    kind: str,
    outputs: Sequence[str],
    given: Material,
    labels: NDArray[np.int64],
    C: float,
    *,
    tolerance: float = EXACT,
    schema: int,
    target: str,
    lexicons: str,
) -> SentenceModel:
    """One ridge logistic regression for each output; labels are (n, outputs) of 0, 1.

    A label below 0 is unknown. An output with labels of one kind alone gives a constant.
    `tolerance` is liblinear's: how small the gradient is, beside the first, when a fit ends.
    """
    frequency = np.bincount(given.found.column, minlength=1 << BITS)
    idf = np.minimum(np.log((1 + given.found.n) / (1 + frequency)) + 1, _MOST_IDF)
    idf[frequency < _LEAST] = 0.0
    used = np.flatnonzero(idf)
    # What is stored is what is fitted: half precision from the start.
    idf[used] = idf[used].astype(np.float16).astype(np.float64)
    value = weighted(given.found, idf)
    slot = np.full(1 << BITS, -1)
    slot[used] = np.arange(len(used))
    known = slot[given.found.column] >= 0
    text = sparse.csr_matrix(
        (_TEXT * value[known], (given.found.row[known], slot[given.found.column[known]])),
        shape=(given.found.n, len(used)),
    )
    matrix = sparse.hstack([sparse.csr_matrix(_CUES * given.values), text]).tocsr()
    k = given.values.shape[1]
    coef, intercept = np.zeros((len(outputs), matrix.shape[1])), np.zeros(len(outputs))

    def fit_one(number: int) -> None:
        own = labels[:, number] >= 0
        found = set(labels[own, number].tolist())
        if len(found) < 2:
            intercept[number] = 20.0 if 1 in found else -20.0
            return
        model = LogisticRegression(
            C=C, solver="liblinear", tol=tolerance, max_iter=1000, random_state=0
        )
        rows = matrix[own]
        denied = f"{outputs[number]} denied"
        if outputs[number] in _JUDGING and denied in given.names:
            rows = rows @ _all_but(given.names.index(denied), matrix.shape[1])
        model.fit(rows, labels[own, number], sample_weight=given.weight[own])
        coef[number], intercept[number] = model.coef_[0], model.intercept_[0]

    # Outputs know nothing of each other, and liblinear lets other threads run.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fit_one, range(len(outputs))))
    weights = TextWeights(
        used.astype(np.int32),
        idf[used].astype(np.float16),
        (_TEXT * coef[:, k:]).astype(np.float16),
    )
    head = LinearModel(
        kind=kind,
        schema=schema,
        outputs=tuple(outputs),
        features=given.names,
        coef=tuple(tuple(row) for row in (_CUES * coef[:, :k]).tolist()),
        intercept=tuple(intercept.tolist()),
        target=target,
        lexicons=lexicons,
        text=weights.digest,
    )
    return SentenceModel(head, weights)


def _all_but(column: int, n: int) -> sparse.csr_matrix:
    """What empties one of `n` columns."""
    kept = np.ones(n)
    kept[column] = 0.0
    return sparse.diags(kept).tocsr()


def best_threshold(
    probability: NDArray[np.float64], labels: NDArray[np.int64], weight: NDArray[np.float64]
) -> float:
    """The cut in [0.1, 0.64] with the best F1, smoothed by its neighbours; 0.5 with no positive.

    What is counted as true is the mean of label and probability: of few labels the best cut is
    mostly chance, of calibrated probabilities alone it is the one of the best expected F1 (Lipton,
    Elkan and Naryanaswamy 2014).
    """
    known = labels >= 0
    probability, positive, weight = probability[known], labels[known] == 1, weight[known]
    if not positive.any():
        return 0.5
    true = weight * (positive + probability) / 2
    grid = np.arange(0.1, 0.65, 0.02)
    scores = []
    for cut in grid:
        said = probability >= cut
        scores.append(2 * true[said].sum() / max(1e-9, weight[said].sum() + true.sum()))
    smooth = np.convolve(np.pad(scores, 3, mode="edge"), np.ones(7) / 7, mode="valid")
    return round(float(grid[smooth.argmax()]), 2)
