"""Rows of unequal length in two arrays, and texts laid out as one run of characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def spread(at: NDArray[np.integer], rows: Ints) -> tuple[Ints, Ints]:
    """All entries of some rows of a table in which row r stands at `at[r]:at[r + 1]`.

    The first value says for each entry which of `rows` it belongs to, the second where it stands.
    """
    return between(at[rows].astype(np.int64), at[rows + 1].astype(np.int64))


def between(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The numbers from each `first` up to its `last`, behind the number of the pair it is of."""
    counts = last - first
    owner = np.repeat(np.arange(len(first)), counts)
    return owner, np.arange(len(owner)) + (last - np.cumsum(counts))[owner]


def totals(sizes: Ints, values: NDArray[Any]) -> NDArray[np.float64]:
    """Sums of values that belong, one behind the other, to rows of so many each; (rows,)."""
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return np.bincount(owner, values, minlength=len(sizes)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Joined:
    """Texts one behind the other, a line feed behind each: as a string and as code points.

    Text number k begins at `start[k]`, and `start` goes on to where one more would begin.
    """

    whole: str
    codes: NDArray[np.uint32]
    start: Ints

    def row(self, offsets: Ints) -> Ints:
        """The text in which each offset lies."""
        return np.searchsorted(self.start, offsets, side="right") - 1

    def holds(self, characters: str) -> NDArray[np.bool_]:
        """(texts,) whether each holds any of some characters."""
        own = code_points(characters)
        wanted = np.zeros(int(own.max()) + 2, dtype=bool)
        wanted[own] = True
        held = np.zeros(len(self.start) - 1, dtype=bool)
        held[self.row(np.flatnonzero(wanted.take(self.codes, mode="clip")))] = True
        return held


def join(texts: Sequence[str]) -> Joined:
    """Texts as one run of characters."""
    whole = "\n".join([*texts, ""])
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    start = np.concatenate([[0], np.cumsum(sizes + 1)])
    return Joined(whole, code_points(whole), start)


def code_points(text: str) -> NDArray[np.uint32]:
    """The numbers of the characters of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
