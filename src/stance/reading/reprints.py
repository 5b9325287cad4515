"""Reprints: near-duplicate articles found in time that grows with their number, not its square.

Letters and digits of the text, folded and simplified, are cut into shingles of `SHINGLE`
characters; MinHash signatures (Broder 1997) are banded (locality-sensitive hashing, Indyk and
Motwani 1998) to find pairs that may be near; a pair is near where the shorter text's shingles are
contained in the longer's by `NEAR`. Containment and not Jaccard's index, as a reprint may cut a
third of its original and add a note of its own. A shingle weighs the more the fewer texts hold it:
a disclaimer under two short articles is half of each, and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.text import fold, sentence_spans, simplify

SHINGLE = 6
NEAR = 0.45
"""Contained in the other text by this weighted share, an article is a reprint.

Chosen between two distributions that benchmarks/reprints.py prints: generated reprints hold 0.55
and more, different articles under one long disclaimer 0.36 at most, articles on one event 0.08.
"""
LEAST = 60
"""Texts of fewer shingles are too short to be told apart from a common phrase."""
EXCERPT = 0.3
"""Less than this share of the other's size is an excerpt, or the other is a digest of several."""
BANDS, ROWS = 64, 2
"""Of the signature: pairs of Jaccard index 0.2 are found in 93 of 100 cases, of 0.35 always."""
MATCHES = 8
"""Pairs with fewer equal numbers in their signatures (Jaccard index about 0.06) are not looked at.
"""

_BLOCK = 4096  # Shingles hashed at a time, so that a text of any length needs little memory.

Hashes = NDArray[np.uint32]
Weights = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clusters:
    """`original[k]` is the number of the text of which text k is a reprint, None where it is none.

    `contained[k]` is the share of the shorter's shingles that both hold, weighted by how rare they
    are, `similarity[k]` the share that both hold of those that either does (Jaccard's index); 0
    where there is no original.
    """

    original: tuple[int | None, ...]
    contained: tuple[float, ...]
    similarity: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence that a reprint `cut` or `added`, at `[start, end)` of the text that has it.

    That is the original for a cut one, the reprint for an added one. A changed sentence is both.
    """

    kind: str
    start: int
    end: int
    text: str


def clusters(
    texts: Sequence[str],
    *,
    dates: Sequence[str | None] | None = None,
    paths: Sequence[str] | None = None,
    near: float = NEAR,
    seed: int = 0,
) -> Clusters:
    """Which texts are reprints, and of which.

    Of texts that are near each other the original is the earliest by date (ISO; a month counts as
    its end, unknown ones come last), then the most complete, then the first by path. Every reprint
    is near its original, not only near another reprint. Time and memory grow as n log n.

    Args:
        texts: n texts.
        dates: n dates, None where unknown.
        paths: n names, which decide where nothing else does.
        near: least weighted containment of a reprint, in (0, 1].
        seed: of the hash functions.
    """
    n = len(texts)
    unordered = [shingles(text) for text in texts]
    when = [_latest(date) for date in dates] if dates is not None else [_UNKNOWN] * n
    names = list(paths) if paths is not None else [""] * n
    # In order of rank the first of any texts is their original, whatever the order given.
    order = sorted(range(n), key=lambda k: (when[k], -len(unordered[k]), names[k], texts[k]))
    shingled = [unordered[k] for k in order]
    holders = _Holders(shingled)
    linked: list[list[int]] = [[] for _ in range(n)]
    known: dict[tuple[int, int], float] = {}
    for a, b in sorted(_candidates(shingled, seed)):
        share = holders.contained(shingled[a], shingled[b])
        if share >= near:
            known[a, b] = share
            linked[a].append(b)
            linked[b].append(a)
    original: list[int | None] = [None] * n
    contained, similarity = [0.0] * n, [0.0] * n
    taken = [False] * n
    for first in range(n):
        if taken[first]:
            continue
        taken[first] = True
        # Neighbours of what is near the original may be near it too, unseen by the bands.
        reached = [first]
        for member in reached:
            for other in linked[member]:
                if taken[other]:
                    continue
                share = known.get((first, other), -1.0)
                if share < 0:
                    share = holders.contained(shingled[first], shingled[other])
                if share >= near:
                    taken[other] = True
                    reached.append(other)
                    place = order[other]
                    original[place], contained[place] = order[first], round(share, 6)
                    similarity[place] = round(_jaccard(shingled[first], shingled[other]), 6)
    return Clusters(tuple(original), tuple(contained), tuple(similarity))


def differences(original: str, reprint: str) -> list[Difference]:
    """The sentences that a reprint cut from its original and those that it added, in order.

    Compared are letters and digits in simplified script, wherever they stand: a sentence that only
    moved, was split or was punctuated otherwise is neither.
    """
    before, after = _letters(original), _letters(reprint)
    return [*_missing("cut", original, after), *_missing("added", reprint, before)]


def shingles(text: str) -> Hashes:
    """The hashed shingles of a text, sorted, each once."""
    points = np.frombuffer(_letters(text).encode("utf-32-le", "replace"), dtype=np.uint32)
    count = len(points) - SHINGLE + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint32)
    value = np.full(count, 0x9E3779B97F4A7C15, dtype=np.uint64)
    for k in range(SHINGLE):
        value = (value ^ points[k : k + count].astype(np.uint64)) * np.uint64(0x100000001B3)
        value ^= value >> np.uint64(29)
    return np.unique((value >> np.uint64(16)).astype(np.uint32))


def containment(a: Hashes, b: Hashes) -> float:
    """Unweighted share of the smaller set that the larger holds, 0..1; as `clusters` if tiny."""
    return _Holders([]).contained(a, b)


def _letters(text: str) -> str:
    return "".join(c for c in simplify(fold(text)) if c.isalnum())


_UNKNOWN = "9999-99-99"


def _latest(date: str | None) -> str:
    """The end of the time that a date names: a month known is no claim to be its first day."""
    return f"{date}{_UNKNOWN[len(date) :]}" if date else _UNKNOWN


def _jaccard(a: Hashes, b: Hashes) -> float:
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common)


class _Holders:
    """How many texts hold a shingle, counted in a table of hashed places of a fixed size.

    Shingles that share a place count together, which moves a weight by a few parts in a hundred.
    Weights are whole numbers, so that no processor rounds them otherwise.
    """

    def __init__(self, shingled: Sequence[Hashes]) -> None:
        self._n = len(shingled)
        places = 1 << max(10, (sum(map(len, shingled)) // 2).bit_length())
        self._mask = np.uint32(min(places, 1 << 28) - 1)
        self._count = np.zeros(int(self._mask) + 1 if self._n else 1, dtype=np.uint32)
        for own in shingled:
            self._count[own & self._mask] += 1

    def weights(self, own: Hashes) -> Weights:
        """(m,) about log2 of n / texts that hold the shingle, from 1 on; 1 where nothing counts.

        What two texts share is held by two: the pair itself is no sign of a common phrase.
        """
        if not self._n:
            return np.ones(len(own), dtype=np.int64)
        held = np.maximum(self._count[own & self._mask], 2)
        found: Weights = np.frexp(max(self._n, 2) / held)[1].astype(np.int64)
        return found

    def contained(self, a: Hashes, b: Hashes) -> float:
        """Weighted share of the lighter set that the other holds, 0..1.

        Sets too small to judge are alike or not at all, and an excerpt is no reprint.
        """
        smaller, larger = sorted((len(a), len(b)))
        if smaller < LEAST:
            return float(smaller > 0 and np.array_equal(a, b))
        if smaller < EXCERPT * larger:
            return 0.0
        common = np.intersect1d(a, b, assume_unique=True)
        least = min(self.weights(a).sum(), self.weights(b).sum())
        return float(self.weights(common).sum() / least)


def _signatures(shingled: Sequence[Hashes], seed: int) -> Hashes:
    """(n, BANDS * ROWS) the smallest of each hash function over a text's shingles."""
    drawn = np.random.default_rng(seed)
    size = BANDS * ROWS
    # An odd factor permutes the numbers of 32 bits; shingles are hashed already.
    factor = drawn.integers(0, 1 << 31, size, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    offset = drawn.integers(0, 1 << 32, size, dtype=np.uint32)
    found = np.full((len(shingled), size), 0xFFFFFFFF, dtype=np.uint32)
    for k, own in enumerate(shingled):
        for at in range(0, len(own), _BLOCK):
            mixed = own[at : at + _BLOCK, None] * factor + offset
            np.minimum(found[k], mixed.min(axis=0), out=found[k])
    return found


def _candidates(shingled: Sequence[Hashes], seed: int) -> set[tuple[int, int]]:
    """Pairs (lower, higher) that share a band; of a crowd, each with the first and the one before.

    So no band gives more than two pairs a text, however many texts share a passage.
    """
    signature = _signatures(shingled, seed)
    holds = np.flatnonzero([len(own) > 0 for own in shingled])
    found = set(_identical(shingled))
    for band in range(BANDS):
        rows = signature[holds, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
        key = rows[:, 0] << np.uint64(32) | rows[:, 1]
        by_key = np.argsort(key, kind="stable")
        place, ordered = holds[by_key], key[by_key]
        again = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
        if not len(again):
            continue
        begins = np.r_[True, ordered[1:] != ordered[:-1]]
        head = np.maximum.accumulate(np.where(begins, np.arange(len(ordered)), 0))
        for before in (place[again - 1], place[head[again]]):
            found.update(_alike(signature, before, place[again]))
    return found


def _alike(
    signature: Hashes, a: NDArray[np.intp], b: NDArray[np.intp]
) -> Iterator[tuple[int, int]]:
    """Those of the pairs whose signatures have `MATCHES` numbers in common."""
    for at in range(0, len(a), _BLOCK):
        one, other = a[at : at + _BLOCK], b[at : at + _BLOCK]
        kept = (signature[one] == signature[other]).sum(axis=1) >= MATCHES
        yield from zip(one[kept].tolist(), other[kept].tolist(), strict=True)


def _identical(shingled: Sequence[Hashes]) -> Iterator[tuple[int, int]]:
    """Texts of the same shingles, each with the first: these need no luck."""
    first: dict[bytes, int] = {}
    for k, own in enumerate(shingled):
        if len(own) and first.setdefault(own.tobytes(), k) != k:
            yield first[own.tobytes()], k


def _missing(kind: str, text: str, other: str) -> Iterator[Difference]:
    """The sentences of `text` of which some letter stands in no shingle of `other`."""
    grams = {other[k : k + SHINGLE] for k in range(len(other) - SHINGLE + 1)}
    folded = simplify(fold(text))
    for start, end, _ in sentence_spans(text):
        letters = "".join(c for c in folded[start:end] if c.isalnum())
        if not _held(letters, grams, other):
            yield Difference(kind, start, end, text[start:end])


def _held(letters: str, grams: set[str], other: str) -> bool:
    if len(letters) < SHINGLE:
        return letters in other
    covered = 0
    for k in range(len(letters) - SHINGLE + 1):
        if letters[k : k + SHINGLE] in grams:
            if k > covered:
                return False
            covered = k + SHINGLE
    return covered == len(letters)
