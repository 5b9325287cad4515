"""Character n-grams of masked sentences as hashed columns: what the lexicons miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 18
"""n-grams fall into 2**BITS columns (hashing trick, Weinberger et al. 2009)."""
LENGTHS = (1, 2, 3)
_EDGE = "\ue002"
"""Stands at both ends of a sentence, so that an opening or a close is an n-gram of its own."""


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
    whole = "".join(f"{_EDGE}{text}{_EDGE}" for text in texts)
    points = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    points = points.astype(np.uint64)
    sizes = np.array([len(text) + 2 for text in texts], dtype=np.int64)
    owner = np.repeat(np.arange(len(texts)), sizes)
    offset = np.arange(len(points)) - np.repeat(np.cumsum(sizes) - sizes, sizes) - 1
    rows, columns, starts, lengths = [], [], [], []
    for length in LENGTHS:
        count = len(points) - length + 1
        if count <= 0:
            continue
        value = np.full(count, (length * 0x9E3779B97F4A7C15) & (2**64 - 1), dtype=np.uint64)
        for k in range(length):
            value = (value ^ points[k : k + count]) * np.uint64(0x100000001B3)
            value ^= value >> np.uint64(29)
        whole_inside = owner[:count] == owner[length - 1 :]
        rows.append(owner[:count][whole_inside])
        columns.append((value[whole_inside] % np.uint64(1 << BITS)).astype(np.int64))
        starts.append(offset[:count][whole_inside])
        lengths.append(np.full(int(whole_inside.sum()), length))
    if not rows:
        nothing = np.zeros(0, dtype=np.int64)
        return Ngrams(len(texts), nothing, nothing, nothing, nothing)
    row, column = np.concatenate(rows), np.concatenate(columns)
    _, first = np.unique(row << BITS | column, return_index=True)
    start, length_of = np.concatenate(starts), np.concatenate(lengths)
    return Ngrams(len(texts), row[first], column[first], start[first], length_of[first])


def weighted(found: Ngrams, idf: NDArray[np.float64]) -> NDArray[np.float64]:
    """The value of each pair: its idf, each sentence scaled to length 1 (Euclidean)."""
    value = idf[found.column]
    norm = np.sqrt(np.bincount(found.row, value * value, minlength=found.n))
    norm[norm == 0] = 1.0
    result: NDArray[np.float64] = value / norm[found.row]
    return result
