"""Where a number stands among many: a hash table in two arrays, asked for thousands at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint32] | NDArray[np.uint64]
# Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): 2**64 over the golden ratio.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Hashed:
    """Keys in the slots of an open hash table, and beside each the row that it was given.

    A search in sorted keys misses the processor's cache some twenty times, this once or twice.
    There are 2**bits slots and behind them those into which the last ones overflow. An empty slot
    holds the largest number, which is no key.
    """

    keys: Keys
    rows: NDArray[np.int32]

    def find(self, wanted: Keys) -> NDArray[np.int64]:
        """(n,) row of each wanted key, -1 where it is not."""
        empty = np.iinfo(self.keys.dtype).max
        slots = _home(wanted, _bits(len(self.keys)))
        there = self.keys[slots]
        found = np.where(there == wanted, self.rows[slots], np.int64(-1))
        going = np.flatnonzero((there != wanted) & (there != empty))
        slots = slots[going]
        while len(going):
            slots = slots + 1
            there = self.keys[slots]
            same = there == wanted[going]
            found[going[same]] = self.rows[slots[same]]
            rest = ~same & (there != empty)
            going, slots = going[rest], slots[rest]
        return found


def hashed(keys: Keys) -> Hashed:
    """A table in which key number k has row k; at most half of its slots are taken."""
    bits = max(4, (2 * len(keys)).bit_length())
    home = _home(keys, bits)
    order = np.argsort(home, kind="stable")
    # In order of their home, each key goes to its home or behind the key before it.
    ahead = home[order] - np.arange(len(keys))
    slots = np.maximum.accumulate(ahead) + np.arange(len(keys)) if len(keys) else ahead
    size = (1 << bits) + (1 << bits - 2)
    table = np.full(size, np.iinfo(keys.dtype).max, dtype=keys.dtype)
    rows = np.zeros(size, dtype=np.int32)
    table[slots], rows[slots] = keys[order], order
    return Hashed(table, rows)


def _bits(size: int) -> int:
    return size.bit_length() - 1


def _home(keys: Keys, bits: int) -> NDArray[np.int64]:
    return ((keys.astype(np.uint64) * _MULTIPLIER) >> np.uint64(64 - bits)).astype(np.int64)
