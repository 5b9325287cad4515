"""Where a number stands among many: a hash table in two arrays, asked for thousands at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint32] | NDArray[np.uint64]
# Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): 2**64 over the golden ratio.
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Hashed:
    """Keys in the slots of an open hash table, each with the number that belongs to it.

    A search in sorted keys misses the processor's cache some twenty times, this once or twice.
    `slots` is (m, 2): key and number side by side, in 2**bits slots and behind them those into
    which the last ones overflow. An empty slot holds the largest number, which is no key.
    """

    slots: Keys

    def find(self, wanted: Keys) -> NDArray[np.int64]:
        """(n,) number of each wanted key, -1 where it is not."""
        empty = np.iinfo(self.slots.dtype).max
        slots = _home(wanted, _bits(len(self.slots)))
        there = self.slots.take(slots, axis=0)
        found = np.where(there[:, 0] == wanted, there[:, 1].astype(np.int64), np.int64(-1))
        going = np.flatnonzero((there[:, 0] != wanted) & (there[:, 0] != empty))
        slots = slots[going]
        while len(going):
            slots = slots + 1
            there = self.slots.take(slots, axis=0)
            same = there[:, 0] == wanted[going]
            found[going[same]] = there[same, 1]
            rest = ~same & (there[:, 0] != empty)
            going, slots = going[rest], slots[rest]
        return found


def hashed(keys: Keys, numbers: NDArray[np.integer] | None = None) -> Hashed:
    """A table in which each key has its number, or its place; at most half of it is taken."""
    bits = max(4, (2 * len(keys)).bit_length())
    home = _home(keys, bits)
    order = np.argsort(home, kind="stable")
    # In order of their home, each key goes to its home or behind the key before it.
    ahead = home[order] - np.arange(len(keys))
    places = np.maximum.accumulate(ahead) + np.arange(len(keys)) if len(keys) else ahead
    slots = np.full(((1 << bits) + (1 << bits - 2), 2), np.iinfo(keys.dtype).max, dtype=keys.dtype)
    slots[places, 0] = keys[order]
    slots[places, 1] = order if numbers is None else numbers[order]
    return Hashed(slots)


def _bits(size: int) -> int:
    return size.bit_length() - 1


def _home(keys: Keys, bits: int) -> NDArray[np.int64]:
    return ((keys.astype(np.uint64) * MULTIPLIER) >> np.uint64(64 - bits)).astype(np.int64)
