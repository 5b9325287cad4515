"""The best tags of many runs of characters under SnowNLP's trigram model, all runs in lockstep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.ragged import Ints, between
from stance.tone.hashed import Hashed

Floats = NDArray[np.float64]

B, M, E, S = range(4)
"""Tags of a character: it begins, continues or ends a word, or is one. The start has tag 0."""
FIRST = 0x4E00
"""The first character that the model may know."""
# Not a key of any pair or triple.
NOWHERE = 2**32 - 2


COUNT_BITS = 7
"""The lowest bits of the number of a pair or triple: how many entries it has."""


@dataclass(frozen=True, slots=True)
class Trigrams:
    """Log-probabilities of tagged characters.

    `number` gives each code point from `FIRST` on its number, -1 where it is not known; the start
    of a run has number 0. `uni` is (n, 4). `bi_slots` and `tri_slots` are those of a `Hashed`. A
    pair's key is first * n + second, a triple's (place of its first pair) * n + third; the number
    of either is place << COUNT_BITS | count. What is known of it are `count` entries from `place`
    on: log-probability and tags, these as 4 * before + here or as 16 * first + 4 * before + here.
    """

    number: NDArray[np.int32]
    uni: Floats
    bi_slots: NDArray[np.uint32]
    bi_entries: Floats
    tri_slots: NDArray[np.uint32]
    tri_entries: Floats


@dataclass(frozen=True, slots=True)
class _Known:
    """Entries of pairs or triples of characters that are met, ordered by row of `_Steps`."""

    row: Ints
    tags: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class _Steps:
    """Characters of runs, longest run first: position k of all runs that reach it is one step.

    Step k holds the rows `offset[k]:offset[k + 1]`, the first one of the first run. `source` is
    where a row stands in the text, `run` its run, `unknown` the rows of unknown characters.
    """

    offset: Ints
    source: Ints
    run: Ints
    unknown: Ints
    pairs: Floats
    triples: _Known

    def __len__(self) -> int:
        return len(self.offset) - 1


def decode(codes: NDArray[np.uint32], start: Ints, length: Ints, model: Trigrams) -> Ints:
    """Tags of the characters of runs, each at `start` in `codes`; what is in no run has tag 0."""
    tags = np.zeros(len(codes), dtype=np.int64)
    if len(start):
        steps = _steps(codes, start, length, model)
        tags[steps.source] = _trace(steps, _states(steps))
    return tags


def _steps(codes: NDArray[np.uint32], start: Ints, length: Ints, model: Trigrams) -> _Steps:
    longest = np.argsort(-length, kind="stable")
    start, length = start[longest], length[longest]
    active = np.searchsorted(-length, -np.arange(length[0]))
    offset = np.concatenate([[0], np.cumsum(active)])
    step = np.repeat(np.arange(len(active)), active)
    run = np.arange(offset[-1]) - offset[step]
    source = start[run] + step
    here = model.number[codes[source] - FIRST].astype(np.int64)
    n = len(model.uni)
    before = np.zeros_like(here)
    follows = slice(active[0], None)
    earlier = (offset[step - 1] + run)[follows]
    before[follows] = here[earlier]
    known = here >= 0
    pair = _find(model.bi_slots, before * n + here, known & (before >= 0))
    head = np.full_like(here, _find(model.bi_slots, np.zeros(1, int), True)[0])
    head[follows] = pair[earlier]
    triple = _find(model.tri_slots, (head >> COUNT_BITS) * n + here, known & (head >= 0))
    pairs = np.tile(model.uni.take(here, axis=0).T, (4, 1))
    own = _entries(pair, model.bi_entries)
    pairs[own.tags, own.row] = own.value
    return _Steps(
        offset=offset,
        source=source,
        run=run,
        unknown=np.flatnonzero(~known),
        pairs=pairs,
        triples=_entries(triple, model.tri_entries),
    )


def _find(slots: NDArray[np.uint32], wanted: Ints, valid: NDArray[np.bool_] | bool) -> Ints:
    return Hashed(slots).find(np.where(valid, wanted, NOWHERE).astype(np.uint32))


def _entries(numbers: Ints, entries: Floats) -> _Known:
    found = np.flatnonzero(numbers >= 0)
    first = numbers[found] >> COUNT_BITS
    own, places = between(first, first + (numbers[found] & (1 << COUNT_BITS) - 1))
    value, tags = entries.take(places, axis=0).T
    return _Known(found[own], tags.astype(np.int64), value)


def _states(steps: _Steps) -> list[Floats]:
    """At each step the best log-probability by (tag before, tag here) of every run, (4, 4, n).

    The most that any tag two back can bring is taken first as if no triple were known, and raised
    where one is: none is less likely than its pair, and adding is monotone.
    """
    known, offset = steps.triples, steps.offset
    bounds = np.searchsorted(known.row, offset)
    holes = np.searchsorted(steps.unknown, offset)
    run, earlier, now = steps.run[known.row], known.tags >> 2, known.tags & 15
    state = np.full((4, 4, offset[1]), -np.inf)
    state[0, 0] = 0.0
    states = []
    for k in range(len(steps)):
        rows, own = slice(offset[k], offset[k + 1]), slice(bounds[k], bounds[k + 1])
        n = int(offset[k + 1] - offset[k])
        fresh = state[:, :, :n].max(axis=0)[:, None] + steps.pairs[:, rows].reshape(4, 4, n)
        raised = state.reshape(-1)[earlier[own] * state.shape[2] + run[own]] + known.value[own]
        np.maximum.at(fresh.reshape(-1), now[own] * n + run[own], raised)
        unknown = steps.run[steps.unknown[holes[k] : holes[k + 1]]]
        if len(unknown):
            fresh[:, :, unknown] = state[_last(k)][:, None, unknown]
        states.append(fresh)
        state = fresh
    return states


def _last(step: int) -> int:
    """The tag two back that stands at an unknown character: there the package's last one wins."""
    return S if step >= 2 else 0


def _trace(steps: _Steps, states: list[Floats]) -> Ints:
    """The tags of the best way, found from its end. Of equals the first wins, as in the package."""
    known, offset = steps.triples, steps.offset
    bounds = np.searchsorted(known.row, offset)
    holes = np.searchsorted(steps.unknown, offset)
    run, first, now = steps.run[known.row], known.tags >> 4, known.tags & 15
    tags = np.zeros(offset[-1], dtype=np.int64)
    here = before = np.zeros(0, dtype=np.int64)
    for k in range(len(steps) - 1, -1, -1):
        n, more = int(offset[k + 1] - offset[k]), len(here)
        # Runs that end at this step; the package scans the tag here outermost.
        ends = states[k][:, :, more:].transpose(1, 0, 2).reshape(16, -1).argmax(axis=0)
        here = np.concatenate([here, ends >> 2])
        before = np.concatenate([before, ends & 3])
        tags[offset[k] : offset[k + 1]] = here
        earlier = np.zeros_like(here)
        if k >= 2:
            state = states[k - 1]
            pair = before * 4 + here
            place = before * state.shape[2] + np.arange(n)
            each = state.reshape(4, -1)[:, place]
            total = each + steps.pairs[pair, np.arange(offset[k], offset[k + 1])]
            own = slice(bounds[k], bounds[k + 1])
            taken = np.flatnonzero(now[own] == pair[run[own]])
            where = (first[own][taken], run[own][taken])
            total[where] = each[where] + known.value[own][taken]
            earlier = total.argmax(axis=0)
            earlier[steps.run[steps.unknown[holes[k] : holes[k + 1]]]] = _last(k)
        here, before = before, earlier
    return tags
