"""What the linear models make of sentences: probabilities, and the label of tone.

Apart from the scikit-learn estimators around them, so that an analysis need not import that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stance.features import Features
from stance.models import SentenceModel, from_text
from stance.types import TONES


def frame_probabilities(
    model: SentenceModel, table: Features, text: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """(n, 4) probabilities; their mean is the expected share of sentences.

    Where the text does not speak of the target, a frame about the target has probability 0.
    `text` is what `from_text` gave for this model, where that is known.
    """
    decision = _decision(model, table, text)
    result: NDArray[np.float64] = table.counts / (1.0 + np.exp(-decision))
    return result


def tone_probabilities(
    model: SentenceModel, table: Features, text: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """(n, 3): one logistic regression a label, scaled to sum to 1."""
    decision = _decision(model, table, text)
    each = 1.0 / (1.0 + np.exp(-decision))
    result: NDArray[np.float64] = each / each.sum(axis=1, keepdims=True)
    return result


def setting_probabilities(
    model: SentenceModel, table: Features, text: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """(n, 2): on target, quoted. Far from any name of the target, on target is 0."""
    decision = _decision(model, table, text)
    result: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-decision))
    result[:, 0] *= table.near
    return result


def _decision(
    model: SentenceModel, table: Features, text: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    own = from_text((model,), table.found)[0] if text is None else text
    return model.decision(table.names, table.values, own)


def read_tone(
    probability: NDArray[np.float64], table: Features
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Score and label of every sentence from (n, 3) probabilities.

    The score is NaN where no cue judges and the rest of the words does not lean either way.
    """
    label: NDArray[np.int64] = np.array(list(TONES))[probability.argmax(axis=1)]
    label[~table.says] = 0
    speaks = table.speaks | (label != 0)
    score: NDArray[np.float64] = np.where(speaks, probability[:, 2] - probability[:, 0], np.nan)
    return score, label
