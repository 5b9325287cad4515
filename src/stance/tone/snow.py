"""SnowNLP's sentiment bit for bit, without its import and at a fraction of its cost.

SnowNLP 0.12.3 cuts words with a character trigram model (Wang, Zong and Su 2009) and weighs them
with naive Bayes. Nearly all of its time goes into the cutting: 57 dictionary look-ups a character.
Here each log(uni + bi + tri) is computed once, with the package's own operations in their order,
into sorted arrays, and all runs of Chinese in a batch are decoded in lockstep.

What the package does at the edges is kept: an unknown character lets the last predecessor win,
ties go to the first, sums run in word order, an overflowing exp gives 0.
"""

from __future__ import annotations

import gzip
import hashlib
import marshal
import math
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.errors import ModelError

_TAGS = "bmes"
_B, _M, _E, _S = range(4)
_BLOCK = 1 << 15
_HAN_RUN = re.compile("([\u4e00-\u9fa5]+)")
_FORMAT = "1"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class SnowScorer:
    """The sentiment that `SnowNLP(text).sentiments` gives, in [0, 1], to the last bit.

    The arrays are built once from the installed package into the user's cache directory.
    """

    def score(self, sentences: Sequence[str]) -> Floats:
        """(n,) in [0, 1]; NaN for an empty text, on which SnowNLP divides by zero."""
        texts = list(sentences)
        bayes = _bayes()
        scores = np.full(len(texts), np.nan)
        for index, words in enumerate(self.words(texts)):
            if texts[index]:
                scores[index] = bayes.classify(words)
        return scores

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words that `SnowNLP(text).words` gives for each text."""
        pieces = [[piece for piece in map(str.strip, _HAN_RUN.split(t)) if piece] for t in texts]
        runs = {piece: [piece] for own in pieces for piece in own if _HAN_RUN.match(piece)}
        for run, cut in zip(runs, _segment(list(runs)), strict=True):
            runs[run] = cut
        return [
            [word for piece in own for word in (runs.get(piece) or piece.split())] for own in pieces
        ]


@dataclass(frozen=True, slots=True)
class _Tables:
    """Log-probabilities of tagged characters. Tags are b, m, e, s; the start has only tag 0.

    `chars` are the known code points in order, after 0 for the start of a run. `uni` is (n, 4).
    A pair's key is first * n + second, its tags and values stand at `bi_at[row]:bi_at[row + 1]`;
    a triple's key is (row of its first pair) * n + third.
    """

    chars: Ints
    uni: Floats
    bi_key: Ints
    bi_at: Ints
    bi_tags: NDArray[np.uint8]
    bi_value: Floats
    tri_key: Ints
    tri_at: Ints
    tri_tags: NDArray[np.uint8]
    tri_value: Floats


def _segment(runs: list[str]) -> Iterator[list[str]]:
    """Words of each run of Chinese characters."""
    order = sorted(range(len(runs)), key=lambda k: -len(runs[k]))
    tags = _decode([runs[k] for k in order]) if runs else []
    found: list[list[str]] = [[] for _ in runs]
    for k, own in zip(order, tags, strict=True):
        found[k] = _words(runs[k], own)
    yield from found


def _words(run: str, tags: NDArray[np.uint8]) -> list[str]:
    """A word begins at b and s, and behind e."""
    begins = (tags == _B) | (tags == _S)
    begins[1:] |= tags[:-1] == _E
    begins[0] = True
    cuts = [*np.flatnonzero(begins).tolist(), len(run)]
    return [run[a:b] for a, b in pairwise(cuts)]


def _decode(runs: list[str]) -> list[NDArray[np.uint8]]:
    """Best tags of every run; `runs` are ordered by length, longest first.

    A state is (tag before, tag here). Position k of all runs that are long enough is one step.
    """
    tables = _tables()
    lengths = np.array([len(run) for run in runs])
    # How many runs are still going at each step, and where each step's rows begin.
    active = np.searchsorted(-lengths, -np.arange(lengths[0]), side="left").astype(np.int64)
    offset = np.concatenate([[0], np.cumsum(active)])
    codes = np.zeros(offset[-1], dtype=np.int64)
    for row, run in enumerate(runs):
        own = np.frombuffer(run.encode("utf-32-le"), dtype=np.uint32)
        codes[offset[: len(run)] + row] = own
    here = np.searchsorted(tables.chars, codes)
    here[here == len(tables.chars)] = 0
    here[tables.chars[here] != codes] = 0  # unknown: number 0 is the start, which no text holds

    back = np.zeros((offset[-1], 4, 4), dtype=np.uint8)
    state = np.zeros((active[0], 4, 4))
    final = np.zeros((active[0], 4, 4))
    step = 0
    while step < len(active):
        end = int(np.searchsorted(offset, offset[step] + _BLOCK, side="right")) - 1
        end = max(end, step + 1)
        block = _transitions(tables, here, active, offset, step, end)
        for k in range(step, end):
            n = active[k]
            rows = slice(offset[k], offset[k + 1])
            known = here[rows] > 0
            log_prob = block[rows.start - offset[step] : rows.stop - offset[step]]
            if k and n < active[k - 1]:
                final[n : active[k - 1]] = state[n : active[k - 1]]
            state = state[:n]
            if k == 0:
                fresh = np.where(known[:, None], log_prob[:, 0, 0, :], 0.0)
                state = np.full((n, 4, 4), -np.inf)
                state[:, 0, :] = fresh
                continue
            if k == 1:
                first = state[:, 0, :, None]
                state = np.where(known[:, None, None], first + log_prob[:, 0], first)
                state = np.ascontiguousarray(np.broadcast_to(state, (n, 4, 4)))
                continue
            total = state[:, :, :, None] + log_prob
            best = total.argmax(axis=1)
            fresh = np.take_along_axis(total, best[:, None], axis=1)[:, 0]
            unknown = ~known
            if unknown.any():
                best[unknown] = 3
                fresh[unknown] = state[unknown, 3, :, None]
            back[rows] = best
            state = fresh
        step = end
    final[: len(state)] = state
    return _trace(lengths, active, offset, back, final)


def _trace(
    lengths: Ints, active: Ints, offset: Ints, back: NDArray[np.uint8], final: Floats
) -> list[NDArray[np.uint8]]:
    # The package scans the tag here outermost, and the first of equals wins.
    last = final.transpose(0, 2, 1).reshape(len(lengths), 16).argmax(axis=1)
    here, before = last // 4, last % 4
    tags = np.zeros(offset[-1], dtype=np.uint8)
    for k in range(len(active) - 1, -1, -1):
        n = active[k]
        rows = slice(offset[k], offset[k + 1])
        tags[rows] = here[:n]
        if k >= 2:
            earlier = back[rows][np.arange(n), before[:n], here[:n]]
            here[:n], before[:n] = before[:n], earlier
        else:
            here[:n] = before[:n]
    return [tags[offset[:length] + row] for row, length in enumerate(lengths)]


def _transitions(
    tables: _Tables, here: Ints, active: Ints, offset: Ints, step: int, end: int
) -> Floats:
    """(rows, 4, 4, 4): log-probability by tags of the two before and of this character."""
    n = len(tables.chars)
    third = here[offset[step] : offset[end]]
    second, first = (_before(here, active, offset, step, end, back) for back in (1, 2))
    pairs = np.empty((len(third), 4, 4))
    pairs[:] = tables.uni[third][:, None, :]
    bi = _find(tables.bi_key, second * n + third, third > 0)
    _scatter(pairs.reshape(len(third), 16), bi, tables.bi_at, tables.bi_tags, tables.bi_value)
    triples = np.empty((len(third), 4, 4, 4))
    triples[:] = pairs[:, None]
    head = _find(tables.bi_key, first * n + second, third > 0)
    tri = _find(tables.tri_key, head * n + third, head >= 0)
    _scatter(triples.reshape(len(third), 64), tri, tables.tri_at, tables.tri_tags, tables.tri_value)
    return triples


def _before(here: Ints, active: Ints, offset: Ints, step: int, end: int, back: int) -> Ints:
    """The character `back` steps earlier in each run, 0 at its start; -1 where it is unknown."""
    parts = []
    for k in range(step, end):
        if k < back:
            parts.append(np.zeros(active[k], dtype=np.int64))
        else:
            start = offset[k - back]
            earlier = here[start : start + active[k]]
            parts.append(np.where(earlier > 0, earlier, -1))
    return np.concatenate(parts)


def _find(keys: Ints, wanted: Ints, valid: NDArray[np.bool_]) -> Ints:
    """Row of each wanted key, -1 where it is not."""
    rows = np.searchsorted(keys, wanted)
    rows[rows == len(keys)] = 0
    return np.where(valid & (wanted >= 0) & (keys[rows] == wanted), rows, -1)


def _scatter(into: Floats, rows: Ints, at: Ints, tags: NDArray[np.uint8], values: Floats) -> None:
    found = np.flatnonzero(rows >= 0)
    starts = at[rows[found]]
    counts = at[rows[found] + 1] - starts
    ends = np.cumsum(counts)
    if not len(ends):
        return
    places = np.arange(ends[-1]) + np.repeat(starts - ends + counts, counts)
    into[np.repeat(found, counts), tags[places]] = values[places]


class _Bayes:
    """Log-frequencies of words in favourable and unfavourable reviews, stop words left out."""

    def __init__(self, data: dict[str, Any], stop: set[str]) -> None:
        self.classes = list(data["d"])
        parts = [data["d"][name] for name in self.classes]
        self.prior = [math.log(part["total"]) - math.log(data["total"]) for part in parts]
        self.unknown = [math.log(float(part["none"]) / part["total"]) for part in parts]
        vocabulary = {word for part in parts for word in part["d"]} - stop
        self.logs = {
            word: tuple(
                math.log(float(part["d"].get(word, part["none"])) / part["total"]) for part in parts
            )
            for word in vocabulary
        }
        self.stop = stop

    def classify(self, words: list[str]) -> float:
        first, second = self.prior
        logs, stop = self.logs, self.stop
        unknown_first, unknown_second = self.unknown
        for word in words:
            known = logs.get(word)
            if known is not None:
                first += known[0]
                second += known[1]
            elif word not in stop:
                first += unknown_first
                second += unknown_second
        totals = (first, second)
        chosen, best = -1, 0.0
        for k, own in enumerate(totals):
            try:
                now = 0.0
                for other in totals:
                    now += math.exp(other - own)
                now = 1 / now
            except OverflowError:
                now = 0.0
            if now > best:
                chosen, best = k, now
        return best if chosen >= 0 and self.classes[chosen] == "pos" else 1 - best


@cache
def _package() -> Path:
    spec = find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the package snownlp is missing: pip install snownlp==0.12.3")
    return Path(spec.submodule_search_locations[0])


@cache
def _bayes() -> _Bayes:
    data = marshal.loads(
        gzip.decompress((_package() / "sentiment/sentiment.marshal.3").read_bytes())
    )
    text = (_package() / "normal/stopwords.txt").read_text(encoding="utf-8")
    return _Bayes(data, {line.strip() for line in text.split("\n")})


@cache
def _tables() -> _Tables:
    """From the cache, or built now (a few seconds, once) and put there if that can be written."""
    source = _package() / "seg/seg.marshal.3"
    stamp = source.stat()
    key = f"{_FORMAT}|{stamp.st_size}|{np.__version__.split('.')[0]}|{_digest(source)}"
    from platformdirs import user_cache_path

    folder = user_cache_path("stance") / f"snow-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    with suppress(OSError, ValueError):
        return _Tables(*(np.load(folder / f"{field.name}.npy") for field in fields(_Tables)))
    tables = _build(marshal.loads(gzip.decompress(source.read_bytes())))
    with suppress(OSError):
        _store(tables, folder)
    return tables


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _store(tables: _Tables, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        for field in fields(_Tables):
            np.save(Path(temporary) / f"{field.name}.npy", getattr(tables, field.name))
        done = Path(temporary) / "done"
        done.mkdir()
        for file in Path(temporary).glob("*.npy"):
            file.rename(done / file.name)
        if not folder.exists():
            done.replace(folder)


def _build(data: dict[str, Any]) -> _Tables:
    """The package's dictionaries as arrays, each value by its own formula."""
    uni, bi, tri = (data[name]["d"] for name in ("uni", "bi", "tri"))
    l1, l2, l3 = data["l1"], data["l2"], data["l3"]
    total = data["uni"]["total"]
    none = data["uni"]["none"], data["bi"]["none"], data["tri"]["none"]
    if none != (0, 0, 0):
        raise ModelError("this snownlp is not 0.12.3: pip install snownlp==0.12.3")
    tag_of = {**{tag: k for k, tag in enumerate(_TAGS)}, "BOS": 0}
    chars = sorted({ord(char) for char, tag in uni if tag != "BOS"})
    number = {"": 0, **{chr(code): k for k, code in enumerate(chars, start=1)}}
    n = len(number)

    def share(count: float, whole: float) -> float:
        return float(count) / whole if whole else 0

    p_uni = {state: l1 * (float(count) / total) for state, count in uni.items()}
    logs = np.full((n, 4), -np.inf)
    for (char, tag), p in p_uni.items():
        if tag != "BOS" and p > 0:
            logs[number[char], tag_of[tag]] = math.log(p)
    p_bi: dict[Any, float] = {}
    pairs: dict[int, list[tuple[int, float]]] = {}
    for (a, b), count in bi.items():
        if b[1] == "BOS":
            pairs.setdefault(0, [])
            continue
        p = p_bi[a, b] = share(l2 * count, uni.get(a, 0))
        value = math.log(p_uni.get(b, 0.0) + p)
        key = number[a[0]] * n + number[b[0]]
        pairs.setdefault(key, []).append((tag_of[a[1]] * 4 + tag_of[b[1]], value))
    bi_key, bi_at, bi_tags, bi_value = _compressed(pairs)
    row = {int(key): k for k, key in enumerate(bi_key)}
    triples: dict[int, list[tuple[int, float]]] = {}
    for (a, b, c), count in tri.items():
        p = share(l3 * count, bi.get((a, b), 0))
        value = math.log(p_uni.get(c, 0.0) + p_bi.get((b, c), 0.0) + p)
        key = row[number[a[0]] * n + number[b[0]]] * n + number[c[0]]
        code = tag_of[a[1]] * 16 + tag_of[b[1]] * 4 + tag_of[c[1]]
        triples.setdefault(key, []).append((code, value))
    return _Tables(
        np.array([0, *chars], dtype=np.int64),
        logs,
        bi_key,
        bi_at,
        bi_tags,
        bi_value,
        *_compressed(triples),
    )


def _compressed(
    rows: dict[int, list[tuple[int, float]]],
) -> tuple[Ints, Ints, NDArray[np.uint8], Floats]:
    keys = sorted(rows)
    counts = [len(rows[key]) for key in keys]
    entries = [entry for key in keys for entry in rows[key]]
    return (
        np.array(keys, dtype=np.int64),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.array([code for code, _ in entries], dtype=np.uint8),
        np.array([value for _, value in entries], dtype=np.float64),
    )
