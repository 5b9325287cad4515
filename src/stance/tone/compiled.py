"""The tags of `decoding`, run after run in code that numba compiles: for large inputs.

Every number comes from the same operations in the same order, so the tags are the same. Needs the
extra `fast`; what is compiled is kept beside this file, or in the user's cache folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from stance.ragged import Ints
from stance.tone.decoding import COUNT_BITS, FIRST, NOWHERE, S, Trigrams
from stance.tone.hashed import MULTIPLIER

Function = TypeVar("Function", bound=Callable[..., Any])

_compiled: Callable[[Function], Function] = numba.njit(cache=True)
_EMPTY = 2**32 - 1
_COUNT = (1 << COUNT_BITS) - 1


def decode(codes: NDArray[np.uint32], start: Ints, length: Ints, model: Trigrams) -> Ints:
    """As `decoding.decode`."""
    tags = np.zeros(len(codes), dtype=np.int64)
    if len(start):
        pairs, triples = (model.bi_slots, model.bi_entries), (model.tri_slots, model.tri_entries)
        _decode(codes, start, length, model.number, model.uni, *pairs, *triples, tags)
    return tags


@_compiled
def _decode(
    codes: Any,
    start: Any,
    length: Any,
    number: Any,
    uni: Any,
    bi_slots: Any,
    bi: Any,
    tri_slots: Any,
    tri: Any,
    tags: Any,
) -> None:
    longest, n = length.max(), len(uni)
    bi_shift, tri_shift = _shift(bi_slots), _shift(tri_slots)
    here_of = np.empty(longest, np.int64)
    # Where the entries of the pair and of the triple that end at a character stand.
    pair, triple = np.empty((longest, 2), np.int64), np.empty((longest, 2), np.int64)
    head_of = np.empty(longest + 1, np.int64)
    wanted, found = np.empty(longest, np.int64), np.empty(longest, np.int64)
    there = np.empty((longest, 2), np.uint32)
    wanted[0] = 0
    _find_all(bi_slots, bi_shift, 1, wanted, there, head_of)
    state_of = np.empty((longest + 1, 16))
    state_of[0] = -np.inf
    state_of[0, 0] = 0.0
    best, total = np.empty(4), np.empty(4)
    for run in range(len(start)):
        first, many = start[run], length[run]
        # All look-ups come before any sum, each slot before any is looked at: they wait for memory,
        # and so they wait together.
        before = 0
        for k in range(many):
            here = int(number[codes[first + k] - FIRST])
            wanted[k] = before * n + here if here >= 0 and before >= 0 else NOWHERE
            here_of[k], before = here, here
        _find_all(bi_slots, bi_shift, many, wanted, there, head_of[1:])
        for k in range(many):
            known = here_of[k] >= 0 and head_of[k] >= 0
            wanted[k] = (head_of[k] >> COUNT_BITS) * n + here_of[k] if known else NOWHERE
            pair[k, 0], pair[k, 1] = _span(head_of[k + 1])
        _find_all(tri_slots, tri_shift, many, wanted, there, found)
        for k in range(many):
            triple[k, 0], triple[k, 1] = _span(found[k])
        for k in range(many):
            state, fresh = state_of[k], state_of[k + 1]
            if here_of[k] < 0:
                last = S if k >= 2 else 0
                for tag in range(16):
                    fresh[tag] = state[last * 4 + (tag >> 2)]
                continue
            for b in range(4):
                one = state[b] if state[b] > state[4 + b] else state[4 + b]
                other = state[8 + b] if state[8 + b] > state[12 + b] else state[12 + b]
                best[b] = one if one > other else other
            plain = uni[here_of[k]]
            for b in range(4):
                for h in range(4):
                    fresh[b * 4 + h] = best[b] + plain[h]
            for place in range(pair[k, 0], pair[k, 1]):
                tag = int(bi[place, 1])
                fresh[tag] = best[tag >> 2] + bi[place, 0]
            for place in range(triple[k, 0], triple[k, 1]):
                tag = int(tri[place, 1])
                raised = state[tag >> 2] + tri[place, 0]
                if raised > fresh[tag & 15]:
                    fresh[tag & 15] = raised
        # The best end, the tag here outermost; of equals the first wins.
        here = back = 0
        for h in range(4):
            for b in range(4):
                if state_of[many, b * 4 + h] > state_of[many, back * 4 + here]:
                    here, back = h, b
        for k in range(many - 1, -1, -1):
            tags[first + k] = here
            earlier = 0
            if k >= 2 and here_of[k] < 0:
                earlier = S
            elif k >= 2:
                now = back * 4 + here
                value = uni[here_of[k], here]
                for place in range(pair[k, 0], pair[k, 1]):
                    if bi[place, 1] == now:
                        value = bi[place, 0]
                for a in range(4):
                    total[a] = state_of[k, a * 4 + back] + value
                for place in range(triple[k, 0], triple[k, 1]):
                    tag = int(tri[place, 1])
                    if tag & 15 == now:
                        total[tag >> 4] = state_of[k, tag >> 2] + tri[place, 0]
                for a in range(1, 4):
                    if total[a] > total[earlier]:
                        earlier = a
            here, back = back, earlier


@_compiled
def _find_all(slots: Any, shift: Any, many: Any, wanted: Any, there: Any, found: Any) -> None:
    """As `Hashed.find` of the first `many` wanted keys."""
    for k in range(many):
        slot: Any = np.int64((np.uint64(wanted[k]) * MULTIPLIER) >> shift)
        there[k, 0], there[k, 1] = slots[slot, 0], slots[slot, 1]
    for k in range(many):
        key: Any = there[k, 0]
        number: Any = np.int64(there[k, 1])
        slot = np.int64((np.uint64(wanted[k]) * MULTIPLIER) >> shift)
        while key != wanted[k]:
            if key == _EMPTY:
                number = -1
                break
            slot += 1
            key, number = slots[slot, 0], np.int64(slots[slot, 1])
        found[k] = number


@_compiled
def _shift(slots: Any) -> Any:
    bits, size = 0, len(slots)
    while size > 1:
        size >>= 1
        bits += 1
    return np.uint64(64 - bits)


@_compiled
def _span(found: Any) -> Any:
    if found < 0:
        return 0, 0
    place = found >> COUNT_BITS
    return place, place + (found & _COUNT)
