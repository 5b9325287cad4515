"""Character n-grams of masked sentences as hashed columns: what the lexicons miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.ragged import code_points

BITS = 20
"""n-grams fall into 2**BITS columns (hashing trick, Weinberger et al. 2009)."""
LENGTHS = (1, 2, 3)
_EDGE = "\ue002"
"""Stands at both ends of a sentence, so that an opening or a close is an n-gram of its own."""
_NONE = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The columns of each of `n` sentences, each once: pairs ordered by row, then column.

    `start` and `length` tell where in the sentence the n-gram stands first, -1 at its edge.
    """

    n: int
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    start: NDArray[np.int64]
    length: NDArray[np.int64]


def ngrams(texts: Sequence[str]) -> Ngrams:
    """The n-grams of `texts`, all sentences at once."""
    whole = _EDGE + f"{_EDGE}{_EDGE}".join(texts) + _EDGE if texts else ""
    points = code_points(whole).astype(np.uint64)
    sizes = np.fromiter(map(len, texts), np.int64, len(texts)) + 2
    # Row, column, length and start of an n-gram as one number: sorted, the first of a column is
    # the shortest and foremost. Start counts from the edge before the sentence.
    start_bits, row_bits = int(sizes.max(initial=0)).bit_length(), len(texts).bit_length()
    if start_bits + row_bits > 64 - BITS - 2:
        return _together([ngrams(texts[: len(texts) // 2]), ngrams(texts[len(texts) // 2 :])])
    ends = np.cumsum(sizes)
    row_at = np.arange(len(texts)) << (BITS + 2 + start_bits)
    place = (np.repeat(row_at - ends + sizes, sizes) + np.arange(len(points))).astype(np.uint64)
    keys = np.empty((len(LENGTHS), len(points)), dtype=np.uint64)
    for length, own in zip(LENGTHS, keys, strict=True):
        value = own[: max(0, len(points) - length + 1)]
        value[:] = (length * 0x9E3779B97F4A7C15) & (2**64 - 1)
        for k in range(length):
            value ^= points[k : k + len(value)]
            value *= np.uint64(0x100000001B3)
            value ^= value >> np.uint64(29)
        value &= np.uint64((1 << BITS) - 1)
        value <<= np.uint64(2 + start_bits)
        value |= place[: len(value)]
        value |= np.uint64(length << start_bits)
        # What would reach into the next sentence is none; it sorts behind all others.
        for k in range(1, length):
            own[ends - k] = _NONE
    none = len(texts) * sum(length - 1 for length in LENGTHS)
    found = np.sort(keys, axis=None)[: keys.size - none]
    pair = found >> np.uint64(2 + start_bits)
    first = np.ones(len(pair), dtype=bool)
    first[1:] = pair[1:] != pair[:-1]
    pair, found = pair[first].astype(np.int64), found[first].astype(np.int64)
    return Ngrams(
        len(texts),
        pair >> BITS,
        pair & (1 << BITS) - 1,
        (found & (1 << start_bits) - 1) - 1,
        found >> start_bits & 3,
    )


def _together(parts: Sequence[Ngrams]) -> Ngrams:
    before = np.cumsum([0, *(part.n for part in parts)])
    rows = [part.row + more for part, more in zip(parts, before[:-1], strict=True)]
    columns = zip(*((part.column, part.start, part.length) for part in parts), strict=True)
    return Ngrams(int(before[-1]), np.concatenate(rows), *map(np.concatenate, columns))


def weighted(found: Ngrams, idf: NDArray[np.float64]) -> NDArray[np.float64]:
    """The value of each pair: its idf, each sentence scaled to length 1 (Euclidean)."""
    value = idf[found.column]
    norm = np.sqrt(np.bincount(found.row, value * value, minlength=found.n))
    norm[norm == 0] = 1.0
    result: NDArray[np.float64] = value / norm[found.row]
    return result
