"""Lexicon spellings found in text: one automaton for all lists, word boundaries deciding."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from stance.lexicon import LONGEST, normal_form
from stance.text import Segmenter


@dataclass(frozen=True, slots=True)
class Entry:
    """What the automaton looks for.

    `group` names the list it belongs to: inside one group the longest match wins. `bounded`
    entries match only where a word begins and ends, so that 印度 does not fire in 印度尼西亚.
    """

    group: str
    spellings: tuple[str, ...]
    unless: tuple[str, ...] = ()
    bounded: bool = True


@dataclass(frozen=True, slots=True)
class Hits:
    """Matches as aligned columns, ordered by sentence, start and entry.

    `start` and `end` count code points inside the sentence; `entry` is the index of the entry.
    """

    sentence: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    entry: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.sentence)


@dataclass
class Matcher:
    """Finds `entries` in sentences. Picklable; the automaton is built on first use."""

    entries: Sequence[Entry]
    segmenter: Segmenter = field(init=False)
    _automaton: Any = field(default=None, init=False, repr=False)
    _owners: list[list[int]] = field(default_factory=list, init=False, repr=False)
    _exceptions: list[list[int]] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        words = {
            normal_form(spelling)
            for entry in self.entries
            if entry.bounded
            for spelling in entry.spellings
        }
        self.segmenter = Segmenter(tuple(sorted(word for word in words if 2 <= len(word) <= 6)))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_automaton": None, "_owners": [], "_exceptions": []}

    def _build(self) -> None:
        numbers: dict[str, int] = {}
        owners: list[list[int]] = []
        exceptions: list[list[int]] = []

        def number(spelling: str) -> int:
            normal = normal_form(spelling)
            if normal not in numbers:
                numbers[normal] = len(numbers)
                owners.append([])
                exceptions.append([])
            return numbers[normal]

        for index, entry in enumerate(self.entries):
            for spelling in entry.spellings:
                owners[number(spelling)].append(index)
            for spelling in entry.unless:
                exceptions[number(spelling)].append(index)
        self._owners, self._exceptions = owners, exceptions
        self._automaton = ahocorasick_rs.AhoCorasick(list(numbers))

    def find(self, normal: Sequence[str]) -> Hits:
        """All accepted matches in sentences in normal form (see `SentenceBatch`)."""
        if self._automaton is None:
            self._build()
        rows: list[tuple[int, int, int, int]] = []
        for index, text in enumerate(normal):
            found = self._automaton.find_matches_as_indexes(text, overlapping=True)
            if found:
                rows += [(index, *hit) for hit in self._accept(text, found)]
        columns = np.array(rows, dtype=np.int32).reshape(-1, 4)
        return Hits(columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3])

    def _accept(
        self, text: str, found: Sequence[tuple[int, int, int]]
    ) -> list[tuple[int, int, int]]:
        bounds: list[int] = []

        def is_word(start: int, end: int) -> bool:
            if _cuts_latin(text, start) or _cuts_latin(text, end):
                return False
            if not bounds:
                bounds.extend(self.segmenter.boundaries(text))
            return self.segmenter.allows(text, bounds, start, end)

        blocked: dict[int, list[tuple[int, int]]] = {}
        for pattern, start, end in found:
            for entry in self._exceptions[pattern]:
                if is_word(start, end):
                    blocked.setdefault(entry, []).append((start, end))
        for spans in blocked.values():
            spans.sort()
        hits: list[tuple[int, int, int]] = []
        for pattern, start, end in found:
            for entry in self._owners[pattern]:
                if entry in blocked and _is_covered(blocked[entry], start, end):
                    continue
                if not self.entries[entry].bounded or is_word(start, end):
                    hits.append((start, end, entry))
        return self._longest(hits)

    def _longest(self, hits: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """Inside one group, hits that lie in a longer one are dropped, as are exact repeats."""
        kept: list[tuple[int, int, int]] = []
        ends: dict[str, int] = {}
        for start, end, entry in sorted(hits, key=lambda hit: (hit[0], -hit[1], hit[2])):
            group = self.entries[entry].group
            if end > ends.get(group, -1):
                ends[group] = end
                kept.append((start, end, entry))
        return kept


def _is_covered(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of the ordered spans holds `[start, end)`; none is longer than a long phrase."""
    place = bisect_right(spans, (start, sys.maxsize))
    while place and spans[place - 1][0] >= start - LONGEST:
        place -= 1
        if spans[place][1] >= end:
            return True
    return False


def _cuts_latin(text: str, offset: int) -> bool:
    """Whether a cut here would part a Latin word or a number: `ai` in `aiaas`, `17` in `2017`.

    Letters and digits may be parted: `qwen2.5` is still Qwen.
    """
    if offset in (0, len(text)):
        return False
    before, after = text[offset - 1], text[offset]
    if not (before.isascii() and after.isascii()):
        return False
    return (before.isalpha() and after.isalpha()) or (before.isdigit() and after.isdigit())
