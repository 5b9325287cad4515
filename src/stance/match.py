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

from stance.entries import normal_form
from stance.lexicon import LONGEST
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """A place where a spelling stands, and why it counts or does not.

    `reason` is "" where it counts, else "unless" (it lies in a longer word that only looks like
    it), "word" (no word begins or ends there) or "longer" (a longer term of the same list stands
    there); `by` is the longer word.
    """

    start: int
    end: int
    entry: int
    reason: str = ""
    by: str = ""


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
        rows: list[tuple[int, int, int, int]] = []
        for index, text in enumerate(normal):
            found = self._spelled(text)
            if found:
                rows += [(index, v.start, v.end, v.entry) for v in self._judge(text, found)]
        columns = np.array(rows, dtype=np.int32).reshape(-1, 4)
        return Hits(columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3])

    def verdicts(self, text: str) -> list[Verdict]:
        """Every place in one sentence (in normal form) where a spelling stands, counted or not."""
        told: list[Verdict] = []
        accepted = self._judge(text, self._spelled(text), told)
        return sorted(accepted + told, key=lambda v: (v.start, -v.end, v.entry))

    def _spelled(self, text: str) -> list[tuple[int, int, int]]:
        if self._automaton is None:
            self._build()
        found: list[tuple[int, int, int]] = self._automaton.find_matches_as_indexes(
            text, overlapping=True
        )
        return found

    def _judge(
        self,
        text: str,
        found: Sequence[tuple[int, int, int]],
        told: list[Verdict] | None = None,
    ) -> list[Verdict]:
        """The matches that count; those that do not are added to `told` with the reason."""
        known: list[list[int]] = []

        def is_word(start: int, end: int) -> bool:
            if _cuts_latin(text, start) or _cuts_latin(text, end):
                return False
            for bounds in known:
                if bounds[0] <= start and end <= bounds[-1]:
                    break
            else:
                bounds = self.segmenter.boundaries_near(text, start, end)
                known.append(bounds)
            return self.segmenter.allows(text, bounds, start, end)

        blocked: dict[int, list[tuple[int, int]]] = {}
        for pattern, start, end in found:
            for entry in self._exceptions[pattern]:
                # What is not bounded lies inside words, and so may its exceptions.
                if not self.entries[entry].bounded or is_word(start, end):
                    blocked.setdefault(entry, []).append((start, end))
        for spans in blocked.values():
            spans.sort()
        hits: list[Verdict] = []
        for pattern, start, end in found:
            for entry in self._owners[pattern]:
                cover = _cover(blocked.get(entry, ()), start, end)
                if cover is None and (not self.entries[entry].bounded or is_word(start, end)):
                    hits.append(Verdict(start, end, entry))
                elif told is not None:
                    reason = ("unless", text[slice(*cover)]) if cover else ("word", "")
                    told.append(Verdict(start, end, entry, *reason))
        return self._longest(text, hits, told)

    def _longest(self, text: str, hits: list[Verdict], told: list[Verdict] | None) -> list[Verdict]:
        """Inside one group, hits that lie in a longer one are dropped, as are exact repeats."""
        kept: list[Verdict] = []
        last: dict[str, Verdict] = {}
        for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.entry)):
            group = self.entries[hit.entry].group
            longer = last.get(group)
            if longer is None or hit.end > longer.end:
                last[group] = hit
                kept.append(hit)
            elif told is not None:
                by = text[longer.start : longer.end]
                told.append(Verdict(hit.start, hit.end, hit.entry, "longer", by))
        return kept


def _cover(spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """The ordered span that holds `[start, end)`, if any; none is longer than a long phrase."""
    place = bisect_right(spans, (start, sys.maxsize))
    while place and spans[place - 1][0] >= start - LONGEST:
        place -= 1
        if spans[place][1] >= end:
            return spans[place]
    return None


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
