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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.text import fold, simplify

SHINGLE = 6
NEAR = 0.45
"""Contained in the other text by this weighted share, an article is a reprint.

Chosen between the distributions that benchmarks/reprints.py prints. Among hundreds of articles
reprints that were cut, renamed and annotated at once hold 0.55 at least, different articles cut and
annotated in the same words 0.32 at most, articles on one event in other words 0.08. In a folder of
ten, where less can be told of what is common, it is 0.48 in 99 of 100 cases against 0.39 in 99.
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
Numbers = NDArray[np.int64]


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
    names = list(paths) if paths is not None else [""] * len(texts)
    ranks = list(zip(names, texts, strict=True))
    shingled = [shingles(text) for text in texts]
    return clusters_of(shingled, dates=dates, ranks=ranks, near=near, seed=seed)


def clusters_of(
    unordered: Sequence[Hashes],
    *,
    dates: Sequence[str | None] | None = None,
    ranks: Sequence[Any] | None = None,
    near: float = NEAR,
    seed: int = 0,
) -> Clusters:
    """As `clusters`, from the shingles of each text, which may be read from a file as needed.

    `ranks` order what dates and completeness leave equal.
    """
    n = len(unordered)
    when = [_latest(date) for date in dates] if dates is not None else [_UNKNOWN] * n
    ties = ranks if ranks is not None else [0] * n
    # In order of rank the first of any texts is their original, whatever the order given.
    order = sorted(range(n), key=lambda k: (when[k], -len(unordered[k]), ties[k]))
    shingled = _Ordered(unordered, order)
    weighed = Weighed(shingled)
    linked: list[list[int]] = [[] for _ in range(n)]
    known: dict[tuple[int, int], float] = {}
    for a, b in _candidates(shingled, seed):
        share = weighed.contained(a, b)
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
                    share = weighed.contained(first, other)
                if share >= near:
                    taken[other] = True
                    reached.append(other)
                    place = order[other]
                    original[place], contained[place] = order[first], round(share, 6)
                    similarity[place] = round(_jaccard(shingled[first], shingled[other]), 6)
    return Clusters(tuple(original), tuple(contained), tuple(similarity))


@dataclass(frozen=True, slots=True)
class _Ordered(Sequence[Hashes]):
    """Shingles in another order; where they lie in a file, they stay there."""

    every: Sequence[Hashes]
    order: Sequence[int]

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, number: Any) -> Any:
        return self.every[self.order[number]]


def missing(sentences: Sequence[str], other: Sequence[str]) -> list[bool]:
    """Which of the sentences of one text the other text lacks.

    Compared are letters and digits in simplified script, wherever they stand: a sentence that only
    moved, was split or was punctuated otherwise is not missing. Where it was joined to another and
    is shorter than a shingle, it is: rather too much than a change unseen.
    """
    letters = "".join(map(_letters, other))
    grams = {letters[k : k + SHINGLE] for k in range(len(letters) - SHINGLE + 1)}
    return [not _held(_letters(sentence), grams, letters) for sentence in sentences]


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
    return Weighed([a, b]).contained(0, 1)


def _letters(text: str) -> str:
    return "".join(c for c in simplify(fold(text)) if c.isalnum())


_UNKNOWN = "9999-99-99"


def _latest(date: str | None) -> str:
    """The end of the time that a date names: a month known is no claim to be its first day."""
    return f"{date}{_UNKNOWN[len(date) :]}" if date else _UNKNOWN


def _jaccard(a: Hashes, b: Hashes) -> float:
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common)


class Weighed:
    """Texts' shingles, weighed by how many of the texts hold each.

    Holders are counted in a table with a place for every two to four shingles. Those that share a
    place count together: among many thousands of texts a rare one looks held by a few more, which
    its weight, a logarithm, hardly shows. Weights are whole numbers: no processor rounds them
    otherwise.
    """

    def __init__(self, shingled: Sequence[Hashes]) -> None:
        self._shingled = shingled
        places = 1 << min(30, max(20, (sum(map(len, shingled)) // 4).bit_length()))
        self._mask = np.uint32(places - 1)
        self._count = np.zeros(places, dtype=np.uint32)
        for own in shingled:
            self._count[own & self._mask] += 1
        self._total = [self._weight(own) for own in shingled]

    def _weight(self, own: Hashes) -> int:
        """The sum over shingles of about log2 of n / texts that hold it, each 1 at least.

        What two texts share is held by two: the pair itself is no sign of a common phrase.
        """
        n = max(2, len(self._shingled))
        held = np.clip(self._count[own & self._mask], 2, n)
        return int(np.frexp(n / held)[1].sum())

    def contained(self, a: int, b: int) -> float:
        """Weighted share of the lighter text that the other holds, 0..1.

        Texts too short to judge are alike or not at all, and an excerpt is no reprint.
        """
        one, other = self._shingled[a], self._shingled[b]
        smaller, larger = sorted((len(one), len(other)))
        if smaller < LEAST:
            return float(smaller > 0 and np.array_equal(one, other))
        if smaller < EXCERPT * larger:
            return 0.0
        common = np.intersect1d(one, other, assume_unique=True)
        return self._weight(common) / min(self._total[a], self._total[b])


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


def _candidates(shingled: Sequence[Hashes], seed: int) -> Iterator[tuple[int, int]]:
    """Pairs (lower, higher), in order, that share a band and `MATCHES` numbers of the signature.

    Of a crowd in a band each is paired with the one before alone: no band gives more pairs than
    there are texts, however many share a passage, and what is near is reached over neighbours.
    """
    signature = _signatures(shingled, seed)
    holds = np.flatnonzero([len(own) > 0 for own in shingled])
    found = [np.zeros(0, dtype=np.int64)]
    for band in range(BANDS):
        rows = signature[holds, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
        key = rows[:, 0] << np.uint64(32) | rows[:, 1]
        by_key = np.argsort(key, kind="stable")
        place, ordered = holds[by_key], key[by_key]
        again = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
        found += _alike(signature, place[again - 1], place[again])
    pairs = np.unique(np.concatenate(found))
    for at in range(0, len(pairs), _BLOCK):
        for pair in pairs[at : at + _BLOCK].tolist():
            yield divmod(pair, len(shingled))


def _alike(signature: Hashes, a: Numbers, b: Numbers) -> Iterator[Numbers]:
    """Those of the pairs whose signatures have `MATCHES` numbers in common, each as a * n + b."""
    for at in range(0, len(a), _BLOCK):
        one, other = a[at : at + _BLOCK], b[at : at + _BLOCK]
        near = (signature[one] == signature[other]).sum(axis=1) >= MATCHES
        yield one[near] * len(signature) + other[near]


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
