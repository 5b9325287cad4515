"""SnowNLP's sentiment bit for bit, without its import and at a fraction of its cost.

SnowNLP 0.12.3 cuts words with a character trigram model (Wang, Zong and Su 2009) and weighs them
with naive Bayes. Nearly all of its time goes into the cutting: 57 dictionary look-ups a character.
Here each logarithm is computed once, with the package's own operations in their order, and all
sentences are cut and weighed at once as arrays of characters and of words.

What the package does at the edges is kept: an unknown character lets the last predecessor win,
ties go to the first, sums run in word order, an overflowing exp gives 0.
"""

from __future__ import annotations

import gzip
import hashlib
import marshal
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.errors import ModelError
from stance.ragged import Ints, Joined, join
from stance.store import Arrays, kept
from stance.tone.decoding import B, E, S, Trigrams, decode
from stance.tone.hashed import Hashed, hashed
from stance.tone.trigrams import build

# Characters that are cut at once: many enough to be quick, few enough for the cache.
_PORTION = 1 << 16
_FORMAT = "5"

Floats = NDArray[np.float64]


class SnowScorer:
    """The sentiment that `SnowNLP(text).sentiments` gives, in [0, 1], to the last bit.

    The arrays are built once from the installed package into the user's cache directory. Where
    numba is installed (the extra `fast`), it takes over after `PAYS` characters, with the same
    bits: by then what it saves has paid for loading it.
    """

    PAYS = 6_000_000

    def __init__(self) -> None:
        self._scored = 0

    def score(self, sentences: Sequence[str]) -> Floats:
        """(n,) in [0, 1]; NaN for an empty text, on which SnowNLP divides by zero."""
        tag = _compiled() or decode if self._scored >= self.PAYS else decode
        self._scored += sum(map(len, sentences))
        words = (_cut(portion, tag) for portion in _portions(sentences))
        parts = [_bayes().classify(own) for own in words]
        return np.concatenate(parts) if parts else np.zeros(0)

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words that `SnowNLP(text).words` gives for each text."""
        found: list[list[str]] = []
        for words in map(_cut, _portions(texts)):
            own: list[list[str]] = [[] for _ in words.texts]
            for row, word in zip(words.row.tolist(), words.spelled(slice(None)), strict=True):
                own[row].append(word)
            found += own
        return found


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of some texts: each at `start` in all of them joined, and in which text."""

    texts: Sequence[str]
    joined: Joined
    row: Ints
    start: Ints
    length: Ints

    def spelled(self, which: slice | Ints) -> list[str]:
        """Some of the words as strings."""
        places = zip(self.start[which].tolist(), self.length[which].tolist(), strict=True)
        return [self.joined.whole[start : start + length] for start, length in places]


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    begin = size = 0
    for end, text in enumerate(texts, start=1):
        size += len(text)
        if size >= _PORTION or end == len(texts):
            yield texts[begin:end]
            begin, size = end, 0


Decode = Callable[[NDArray[np.uint32], Ints, Ints, Trigrams], Ints]


@cache
def _compiled() -> Decode | None:
    """The compiled decoder, where numba is installed and can keep what it compiles."""
    try:
        from stance.tone import compiled
    except (ImportError, RuntimeError):
        return None
    return compiled.decode


def _cut(texts: Sequence[str], tag: Decode = decode) -> _Words:
    """Words as the package cuts them: Chinese by the model, all else at white space."""
    text = join(texts)
    codes = text.codes
    chinese = (codes >= 0x4E00) & (codes <= 0x9FA5)
    space = _spaces()[np.minimum(codes, len(_spaces()) - 1)]
    turns = np.flatnonzero(chinese[1:] != chinese[:-1]) + 1
    bounds = np.concatenate([[0], turns, [len(codes)]])
    runs = chinese[bounds[:-1]]
    start = bounds[:-1][runs]
    tags = tag(codes, start, bounds[1:][runs] - start, _trigrams())
    # A Chinese word begins at b and s, and behind e.
    begins = chinese & ((tags == B) | (tags == S))
    begins[1:] |= chinese[1:] & (tags[:-1] == E) | ~chinese[1:] & space[:-1]
    begins[bounds[:-1]] = True
    begins &= ~space
    marks = np.flatnonzero(begins | space)
    words = begins[marks[:-1]]
    first = marks[:-1][words]
    return _Words(texts, text, text.row(first), first, marks[1:][words] - first)


@cache
def _spaces() -> NDArray[np.bool_]:
    """Whether each code point is white space; the last one stands for all behind."""
    return np.array([chr(code).isspace() for code in range(0x3002)], dtype=bool)


_SHORT = 4
"""Words up to this length are looked up by a number: four characters of sixteen bits."""


@dataclass(frozen=True, slots=True)
class _Bayes:
    """Log-frequencies of words in favourable and unfavourable reviews.

    `number` numbers the characters of known words from 2, others have 1. `logs` is (2, m) by row
    of `short` and `long`, 0 for stop words and that of unknown words last.
    """

    prior: Floats
    logs: Floats
    number: NDArray[np.uint64]
    short: Hashed
    long: dict[str, int]
    favourable: int

    def classify(self, words: _Words) -> Floats:
        """(n,) probability of a favourable review of every text, NaN for an empty one."""
        n = len(words.texts)
        known = self._known(words)
        # bincount adds in order, as the package does: first the prior, then word by word.
        row = np.concatenate([np.arange(n), words.row])
        sums = [
            np.bincount(row, np.concatenate([np.full(n, prior), logs[known]]), minlength=n)
            for prior, logs in zip(self.prior, self.logs, strict=True)
        ]
        found = [self._share(gap) for gap in (sums[1] - sums[0]).tolist()]
        scores = np.array(found, dtype=np.float64)
        scores[[not text for text in words.texts]] = np.nan
        return scores

    def _known(self, words: _Words) -> Ints:
        numbers = self.number[np.minimum(words.joined.codes, len(self.number) - 1)]
        numbers = np.concatenate([numbers, np.zeros(_SHORT, dtype=np.uint64)])
        keys = np.zeros(len(words.start), dtype=np.uint64)
        for k in range(_SHORT):
            part = numbers[words.start + k] << np.uint64(16 * k)
            keys |= np.where(words.length > k, part, np.uint64(0))
        found = self.short.find(keys)
        long = np.flatnonzero(words.length > _SHORT)
        found[long] = [self.long.get(word, -1) for word in words.spelled(long)]
        return found

    def _share(self, gap: float) -> float:
        """The probability from how much likelier the second class is, in nats."""
        shares = [_inverse(gap), _inverse(-gap)]
        chosen = int(shares[1] > shares[0])
        return shares[chosen] if chosen == self.favourable else 1 - shares[chosen]


def _inverse(gap: float) -> float:
    try:
        return 1 / (1.0 + math.exp(gap))
    except OverflowError:
        return 0.0


@cache
def _package() -> Path:
    spec = find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the package snownlp is missing: pip install snownlp==0.12.3")
    return Path(spec.submodule_search_locations[0])


@cache
def _bayes() -> _Bayes:
    package = _package()
    model, listed = package / "sentiment/sentiment.marshal.3", package / "normal/stopwords.txt"
    own = kept("snow-words", _sources(model, listed), lambda: _weights(model, listed))
    names = own["long"].tobytes().decode("utf-8", "surrogatepass").split("\n")
    return _Bayes(
        own["prior"],
        own["logs"],
        own["number"],
        Hashed(own["short"]),
        dict(zip(names, own["long_rows"].tolist(), strict=True)),
        int(own["favourable"][0]),
    )


def _weights(model: Path, listed: Path) -> Arrays:
    data = marshal.loads(gzip.decompress(model.read_bytes()))
    stop = {line.strip() for line in listed.read_text(encoding="utf-8").split("\n")}
    classes = list(data["d"])
    parts = [data["d"][name] for name in classes]
    known = sorted({word for part in parts for word in part["d"]} - stop)

    def log(part: dict[str, Any], word: str | None) -> float:
        count = part["none"] if word is None else part["d"].get(word, part["none"])
        return math.log(float(count) / part["total"])

    words = [*known, *sorted(stop)]
    rows = {word: row for row, word in enumerate(words) if word}
    silent = [0.0] * len(stop)
    logs = [[*(log(part, word) for word in known), *silent, log(part, None)] for part in parts]
    alphabet = sorted({ord(character) for word in words for character in word})
    number = np.ones(alphabet[-1] + 2, dtype=np.uint64)
    number[alphabet] = np.arange(2, len(alphabet) + 2)
    short = {word: row for word, row in rows.items() if len(word) <= _SHORT}
    keys = [sum(int(number[ord(c)]) << 16 * k for k, c in enumerate(word)) for word in short]
    table = hashed(np.array(keys, dtype=np.uint64), np.array([*short.values()]))
    long = [word for word in rows if len(word) > _SHORT]
    return {
        "prior": np.array([math.log(part["total"]) - math.log(data["total"]) for part in parts]),
        "logs": np.array(logs),
        "number": number,
        "short": table.slots,
        "long": np.frombuffer("\n".join(long).encode("utf-8", "surrogatepass"), dtype=np.uint8),
        "long_rows": np.array([rows[word] for word in long], dtype=np.int64),
        "favourable": np.array([classes.index("pos")]),
    }


@cache
def _trigrams() -> Trigrams:
    """From the cache, or built now (a few seconds, once)."""
    source = _package() / "seg/seg.marshal.3"
    arrays = kept(
        "snow-cutting",
        _sources(source),
        lambda: build(marshal.loads(gzip.decompress(source.read_bytes()))),
    )
    return Trigrams(**arrays)


def _sources(*paths: Path) -> str:
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    return "|".join((_FORMAT, *digests))
