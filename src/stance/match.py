"""Lexicon spellings found in text: one automaton for all lists, word boundaries deciding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from stance.entries import normal_form
from stance.ragged import Ints, Joined, join, spread
from stance.text import Segmenter

# Offsets of joined texts take fewer bits than this.
_BITS = 40
# 1 for Latin letters, 2 for digits, by code point; what stands last is true of all behind.
_LATIN = np.zeros(0x80, dtype=np.uint8)
_LATIN[0x41:0x5B] = _LATIN[0x61:0x7B] = 1
_LATIN[0x30:0x3A] = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """What the automaton looks for.

    `group` names the list it belongs to: inside one group the longest match wins. `bounded`
    entries match only where a word begins and ends, so that 印度 does not fire in 印度尼西亚. The
    exceptions of an entry that `yields` give way to a bounded one: 不实 to 实用 in 不实用.
    """

    group: str
    spellings: tuple[str, ...]
    unless: tuple[str, ...] = ()
    bounded: bool = True
    yields: bool = False


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


@dataclass(frozen=True, slots=True)
class _Spellings:
    """What stands behind each pattern of the automaton.

    Pattern p is a spelling of the entries `owners[owners_at[p]:owners_at[p + 1]]`, and an
    exception of others in the same way. `group` and `bounded` are by entry; of the patterns,
    `asks` are those for which it must be known whether they stand as words, and `words` those of
    bounded entries. `yields` is the length of the word that begins an exception which gives way, 0
    of others.
    """

    automaton: Any
    owners_at: Ints
    owners: Ints
    exceptions_at: Ints
    exceptions: Ints
    group: Ints
    bounded: NDArray[np.bool_]
    asks: NDArray[np.bool_]
    words: NDArray[np.bool_]
    yields: Ints


@dataclass(frozen=True, slots=True)
class _Places:
    """Where spellings stand, in offsets of the joined text, ordered by start, longest, entry.

    `covered` lie in an exception, `word` stand as words where they must, `longer` is the number
    of the place of the same list in which one lies, -1 if in none. `excepted` holds entry, start
    and end of the exceptions that stand there.
    """

    start: Ints
    end: Ints
    entry: Ints
    covered: NDArray[np.bool_]
    word: NDArray[np.bool_]
    longer: Ints
    excepted: tuple[Ints, Ints, Ints]

    @property
    def counts(self) -> NDArray[np.bool_]:
        """Which of them are matches."""
        return ~self.covered & self.word & (self.longer < 0)


@dataclass
class Matcher:
    """Finds `entries` in sentences. Picklable; the automaton is built on first use."""

    entries: Sequence[Entry]
    segmenter: Segmenter = field(init=False)
    _built: _Spellings | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        words = {
            normal_form(spelling)
            for entry in self.entries
            if entry.bounded
            for spelling in entry.spellings
        }
        self.segmenter = Segmenter(tuple(sorted(word for word in words if 2 <= len(word) <= 6)))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_built": None}

    def _spellings(self) -> _Spellings:
        if self._built is None:
            self._built = _build(self.entries)
        return self._built

    def find(self, normal: Sequence[str]) -> Hits:
        """All accepted matches in sentences in normal form (see `SentenceBatch`)."""
        text = join(normal)
        places = self._places(text)
        own = np.flatnonzero(places.counts)
        row = text.row(places.start[own])
        columns = (row, places.start[own] - text.start[row], places.end[own] - text.start[row])
        return Hits(*(c.astype(np.int32) for c in (*columns, places.entry[own])))

    def verdicts(self, text: str) -> list[Verdict]:
        """Every place in one sentence (in normal form) where a spelling stands, counted or not."""
        places = self._places(join([text]))
        entries, starts, ends = places.excepted
        told = []
        spans = list(zip(places.start.tolist(), places.end.tolist(), strict=True))
        for k, (start, end) in enumerate(spans):
            entry = int(places.entry[k])
            reason, by = "", ""
            if places.covered[k]:
                over = (entries == entry) & (starts <= start) & (end <= ends)
                nearest = np.flatnonzero(over)[-1]
                reason, by = "unless", text[starts[nearest] : ends[nearest]]
            elif not places.word[k]:
                reason = "word"
            elif places.longer[k] >= 0:
                reason, by = "longer", text[slice(*spans[places.longer[k]])]
            told.append(Verdict(start, end, entry, reason, by))
        return told

    def _places(self, text: Joined) -> _Places:
        known = self._spellings()
        found = known.automaton.find_matches_as_indexes(text.whole, overlapping=True)
        numbers = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found))
        pattern, start, end = numbers.reshape(-1, 3).T
        word = np.ones(len(pattern), dtype=bool)
        asked = np.flatnonzero(known.asks[pattern])
        word[asked] = self._words(text, start[asked], end[asked])

        hit, place = spread(known.exceptions_at, pattern)
        entry = known.exceptions[place]
        # What is not bounded lies inside words, and so may its exceptions.
        stands = word[hit] | ~known.bounded[entry]
        asked = np.flatnonzero(known.yields[place])
        if len(asked):
            # How far the words go that begin at each place.
            far = np.zeros(len(text.whole) + 1, dtype=np.int64)
            whole = np.flatnonzero(known.words[pattern] & word)
            np.maximum.at(far, start[whole], end[whole])
            behind = start[hit[asked]] + known.yields[place[asked]]
            stands[asked] &= far[behind] <= end[hit[asked]]
        hit, entry = hit[stands], entry[stands]
        order = np.lexsort((end[hit], start[hit], entry))
        excepted = (entry[order], start[hit[order]], end[hit[order]])

        hit, place = spread(known.owners_at, pattern)
        entry = known.owners[place]
        # By start, longest and entry, in one number: a spelling is shorter than 2**12.
        rank = (start[hit] << 32) + ((start[hit] - end[hit]) << 20) + entry
        order = np.argsort(rank, kind="stable")
        hit, entry = hit[order], entry[order]
        start, end, word = start[hit], end[hit], word[hit] | ~known.bounded[entry]
        covered = _covered(excepted, entry, start, end)
        longer = _longer(known.group[entry], start, end, word & ~covered)
        return _Places(start, end, entry, covered, word, longer, excepted)

    def _words(self, text: Joined, start: Ints, end: Ints) -> NDArray[np.bool_]:
        """Whether each place may be read as words of its own."""
        found = ~(_cuts_latin(text, start) | _cuts_latin(text, end))
        asked = np.flatnonzero(found)
        start, end = start[asked], end[asked]
        if not len(asked):
            return found
        edges = self.segmenter.edges(text, start, end)
        doubtful = np.flatnonzero(~(edges[start] & edges[end]))
        all_edges = np.flatnonzero(edges)
        left = all_edges[np.searchsorted(all_edges, start[doubtful], side="right") - 1]
        right = all_edges[np.searchsorted(all_edges, end[doubtful])]
        places = np.stack([left, right, start[doubtful] - left, end[doubtful] - left], axis=1)
        found[asked[doubtful]] = [
            self.segmenter.allows(text.whole[a:b], inner, outer)
            for a, b, inner, outer in places.tolist()
        ]
        return found


def _build(entries: Sequence[Entry]) -> _Spellings:
    numbers: dict[str, int] = {}
    owners: list[list[int]] = []
    exceptions: list[list[int]] = []
    yields: list[list[int]] = []

    def number(spelling: str) -> int:
        normal = normal_form(spelling)
        if normal not in numbers:
            numbers[normal] = len(numbers)
            owners.append([])
            exceptions.append([])
            yields.append([])
        return numbers[normal]

    for index, entry in enumerate(entries):
        for spelling in entry.spellings:
            owners[number(spelling)].append(index)
        for spelling in entry.unless:
            exceptions[number(spelling)].append(index)
            own = normal_form(entry.spellings[0])
            gives = entry.yields and normal_form(spelling).startswith(own)
            yields[number(spelling)].append(len(own) if gives else 0)
    groups: dict[str, int] = {}
    both = zip(owners, exceptions, strict=True)
    return _Spellings(
        ahocorasick_rs.AhoCorasick(list(numbers)),
        *_flat(owners),
        *_flat(exceptions),
        np.array([groups.setdefault(e.group, len(groups)) for e in entries], dtype=np.int64),
        np.array([entry.bounded for entry in entries], dtype=bool),
        np.array([any(entries[k].bounded for k in (*a, *b)) for a, b in both], dtype=bool),
        np.array([any(entries[k].bounded for k in own) for own in owners], dtype=bool),
        _flat(yields)[1],
    )


def _flat(rows: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    at = np.cumsum([0, *map(len, rows)])
    return at, np.fromiter(chain.from_iterable(rows), np.int64, int(at[-1]))


def _covered(
    spans: tuple[Ints, Ints, Ints], entry: Ints, start: Ints, end: Ints
) -> NDArray[np.bool_]:
    """Whether one of the spans (entry, start, end, in order) of the same entry holds each place."""
    # Entry and offset as one number: an end in an earlier entry is below every start in a later.
    own = (spans[0] << _BITS) + spans[2]
    reach = np.append(-1, np.maximum.accumulate(own))
    before = np.searchsorted((spans[0] << _BITS) + spans[1], (entry << _BITS) + start, side="right")
    covered: NDArray[np.bool_] = reach[before] >= (entry << _BITS) + end
    return covered


def _longer(group: Ints, start: Ints, end: Ints, valid: NDArray[np.bool_]) -> Ints:
    """Of ordered places, the last valid one of the group before it if it lies in that; else -1."""
    longer = np.full(len(group), -1)
    own = np.flatnonzero(valid)
    own = own[np.argsort(group[own], kind="stable")]
    ends = (group[own] << _BITS) + end[own]
    before = np.append(-1, np.maximum.accumulate(ends)[:-1]) if len(own) else ends
    kept = ends > before
    last = np.maximum.accumulate(np.where(kept, np.arange(len(own)), -1))
    longer[own[~kept]] = own[last[~kept]]
    return longer


def _cuts_latin(text: Joined, offset: Ints) -> NDArray[np.bool_]:
    """Whether a cut here would part a Latin word or a number: `ai` in `aiaas`, `17` in `2017`.

    Letters and digits may be parted: `qwen2.5` is still Qwen.
    """
    before, after = (
        _LATIN[np.minimum(text.codes[offset - back], len(_LATIN) - 1)] for back in (1, 0)
    )
    cuts: NDArray[np.bool_] = (before == after) & (before > 0)
    return cuts
