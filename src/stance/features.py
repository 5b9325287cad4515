"""Evidence as a matrix: named numeric columns that the tone and frame models weigh."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.context import asserting
from stance.cues import CueFinder, Evidence
from stance.discourse import near_name
from stance.ngrams import Ngrams, ngrams
from stance.ragged import join
from stance.reckoning import CueColumns
from stance.types import FRAMES

SCHEMA = 6
"""Raised whenever the meaning of a column changes: a model of another schema is refused."""

# The characters of which every unit in `_NUMBER` has one.
_UNITS = "%％倍亿万元金"
_NUMBER = re.compile(r"(?<![\d.])\d++(?:\.\d++)?\s{0,3}(?:%|％|倍|亿|万|元|美元|美金)")
_QUESTION = re.compile(r"[?？][”’」』\"]*$")
_STOPS = frozenset("。！？!?；;…")
_ENDS_OPEN = re.compile(r"[。！？!?；;…][”’」』\"）)]*$")
_SAYS = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Features:
    """`values` is (n sentences, n names), all entries in [0, 1].

    `says` (n,) marks sentences with a word beside names, `speaks` those with a cue that judges,
    `near` those that can be about the target, and `counts` (n, 4) where a frame of FRAMES can be:
    one about the target only there. `found` are n-grams of the masked text.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    says: NDArray[np.bool_]
    speaks: NDArray[np.bool_]
    near: NDArray[np.bool_]
    counts: NDArray[np.bool_]
    found: Ngrams


def features(evidence: Evidence, finder: CueFinder) -> Features:
    """Cue strength by lexicon, valence, target, voice and neighbours of every sentence.

    Several cues of one kind add up as independent reasons do: 1 - (1 - w1)(1 - w2)...
    """
    cues = evidence.cues
    n = len(evidence.batch)
    columns: dict[str, NDArray[np.float64]] = {}
    affirmed = ~cues.negated
    # What is hedged, asked, supposed or outweighed argues for as much as the sentence stands by it.
    force = cues.weight * cues.asserted
    on = evidence.on_target.astype(float)
    frames = {frame.name: frame for frame in finder.resources.frames}
    for name in sorted(FRAMES):
        own = _of_frame(cues, finder, name)
        # Blame or praise of others says nothing of how the target is framed.
        counts = on if name in frames and frames[name].scope == "target" else 1.0
        columns[name] = counts * _any_of(cues.sentence, force, own & affirmed, n)
        columns[f"{name} denied"] = counts * _any_of(cues.sentence, force, own & cues.negated, n)
    sign = np.where(cues.negated, -cues.polarity, cues.polarity)
    # What is denied says less than what is affirmed: 没有失败 is weaker praise than 成功.
    strength = np.where(cues.negated, 0.6 * force, force)
    columns["favourable"] = _any_of(cues.sentence, strength, sign > 0, n)
    columns["unfavourable"] = _any_of(cues.sentence, strength, sign < 0, n)
    # Of comparisons the words tell nothing to the n-grams: what they say is weighed by itself.
    columns["compared up"] = _any_of(cues.sentence, strength, cues.turned & (sign > 0), n)
    columns["compared down"] = _any_of(cues.sentence, strength, cues.turned & (sign < 0), n)
    # How much a denial says is learned: 谈不上成功 is blame, 没有造假 hardly praise.
    columns["praise denied"] = _any_of(cues.sentence, force, cues.negated & (cues.polarity > 0), n)
    columns["blame denied"] = _any_of(cues.sentence, force, cues.negated & (cues.polarity < 0), n)
    total = np.bincount(cues.sentence, sign * strength, minlength=n)
    columns["balance up"] = np.tanh(np.maximum(total, 0))
    columns["balance down"] = np.tanh(np.maximum(-total, 0))

    columns["on target"] = on
    columns["named"] = evidence.named.astype(float)
    columns["rival"] = evidence.rival.astype(float)
    columns["quoted"] = evidence.quoted.astype(float)
    for name in ("favourable", "unfavourable", "balance up", "balance down"):
        columns[f"{name} & on target"] = columns[name] * on
    columns["balance up & rival"] = columns["balance up"] * columns["rival"]
    columns["unfavourable & rival"] = columns["unfavourable"] * columns["rival"]

    texts = evidence.masked.text
    # What costs less is asked first: a unit or a mark at all, a stop at the very end.
    joined, numbers, asks = join(texts), np.zeros(n, dtype=np.int64), np.zeros(n)
    for row in np.flatnonzero(joined.holds(_UNITS)).tolist():
        numbers[row] = len(_NUMBER.findall(texts[row]))
    for row in np.flatnonzero(joined.holds("?？")).tolist():
        asks[row] = _QUESTION.search(texts[row]) is not None
    columns["number"] = np.minimum(numbers, 3) / 3
    rhetorical = _rhetorical(evidence, finder)
    columns["question"] = asks * (1 - rhetorical)
    columns["rhetorical"] = rhetorical
    columns["length"] = np.minimum(1.0, np.fromiter(map(len, texts), np.int64, n) / 120)
    columns["heading"] = np.array(
        [t[-1:] not in _STOPS and not _ENDS_OPEN.search(t) for t in texts], dtype=float
    )

    follows = evidence.batch.follows()
    for name in (*sorted(FRAMES), "balance up", "balance down"):
        columns[f"{name} before"] = _shifted(columns[name], follows, before=True)
        columns[f"{name} after"] = _shifted(columns[name], follows, before=False)
    speaks = np.zeros(n, dtype=bool)
    speaks[cues.sentence[cues.polarity != 0]] = True
    # Logarithms differ in their last bit from processor to processor; models must not.
    values = np.column_stack(list(columns.values())).round(6)
    says = np.array([t[:1].isalnum() or bool(_SAYS.search(t)) for t in texts], dtype=bool)
    near = evidence.on_target | near_name(evidence.batch, evidence.named)
    scoped = [name in frames and frames[name].scope == "target" for name in FRAMES]
    counts = near[:, None] | ~np.array(scoped)
    return Features(tuple(columns), values, says, speaks, near, counts, ngrams(evidence.told))


def uncalibrated(
    evidence: Evidence, finder: CueFinder
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """Score in [0, 1] and decision by frame, of frames that no model knows: their cues alone."""
    cues, n = evidence.cues, len(evidence.batch)
    found = {}
    for frame in finder.resources.frames:
        if frame.name in FRAMES:
            continue
        own = _of_frame(cues, finder, frame.name) & ~cues.negated
        counts = evidence.on_target if frame.scope == "target" else 1.0
        score = counts * _any_of(cues.sentence, cues.weight * cues.asserted, own, n) + 0.0
        found[frame.name] = (score, score >= 0.5)
    return found


def _of_frame(cues: CueColumns, finder: CueFinder, name: str) -> NDArray[np.bool_]:
    numbers = [k for k, own in enumerate(finder.lexicon_names) if own == name]
    return np.isin(cues.lexicon, numbers)


def _rhetorical(evidence: Evidence, finder: CueFinder) -> NDArray[np.float64]:
    """Where a question asserts: it wants no answer, so that it is none.

    Some words ask so wherever they stand, others only of praise or blame: those left a mark.
    """
    found = evidence.rhetorical.astype(float)
    wanted = asserting(finder.resources.modifiers)
    for row, marks in zip(evidence.cues.sentence.tolist(), evidence.cues.marks, strict=True):
        if marks and any(mark.modifier in wanted for mark in marks):
            found[row] = 1.0
    return found


def _any_of(
    sentence: NDArray[np.int32], weight: NDArray[np.float64], mask: NDArray[np.bool_], n: int
) -> NDArray[np.float64]:
    rest = np.log1p(-np.minimum(weight[mask], 0.99))
    values: NDArray[np.float64] = -np.expm1(np.bincount(sentence[mask], rest, minlength=n))
    return values


def _shifted(
    column: NDArray[np.float64], follows: NDArray[np.bool_], *, before: bool
) -> NDArray[np.float64]:
    shifted = np.zeros_like(column)
    if before:
        shifted[1:] = column[:-1] * follows[1:]
    else:
        shifted[:-1] = column[1:] * follows[1:]
    return shifted
