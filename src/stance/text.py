"""Pure functions on text: width, simplification, sentences, tokens.

Every function keeps the number of code points, or gives offsets into the text that it was handed,
so that a span found in a folded copy is a span of the original.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.ragged import Ints, Joined, code_points

if TYPE_CHECKING:
    import jieba
    import opencc
    import rjieba

# Full-width forms U+FF01..U+FF5E stand 0xFEE0 above ASCII; Latin letters are lowered so that
# "QWEN" and "Qwen" meet, code point by code point (str.lower may change the length).
_FOLDED = np.arange(0x10000, dtype=np.uint32)
_FOLDED[0xFF01:0xFF5F] -= 0xFEE0
_FOLDED[[0x3000, 0xA0]] = 0x20
_FOLDED[0x41:0x5B] += 32
_FOLDED[0xFF21:0xFF3B] += 32

_CLOSERS = "”’」』\"'）)】》〉]"
HAN = "㐀-䶿一-鿿\uf900-\ufaff\U00020000-\U0003134f"
"""The blocks of Han, for classes of characters in patterns. Hangul is none of them."""
# A stop ends a sentence with all that follows it in a row (?!, ……) and the closing quotes.
# ASCII ? ! ; are stops only where they are not part of a Latin word, an address or an entity.
# All characters that may be one come first, in one set: that is what `re` finds fast.
_STOP = re.compile(
    rf"[。！？；!?;….](?:(?<!\.)|(?<=[{HAN}”’」』）)]\.)(?=\s|$))"
    rf"[。！？!?…]*[{re.escape(_CLOSERS)}]*"
)
_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_WORD = re.compile(r"[^\W_]")


class SentenceSpan(NamedTuple):
    """A sentence at `[start, end)`, without outer white space, in paragraph number `paragraph`."""

    start: int
    end: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class SentenceBatch:
    """Sentences of many documents as aligned columns, in the order of document and position.

    `text` is as written, `normal` half width, lower case and simplified, of the same length.
    `document` and `paragraph` number from 0; `start` is the offset in the document's text.
    `alone` says that no sentence has an article around it.
    """

    text: list[str]
    normal: list[str]
    document: NDArray[np.int32]
    paragraph: NDArray[np.int32]
    start: NDArray[np.int32]
    alone: bool = False

    def __len__(self) -> int:
        return len(self.text)

    def follows(self) -> NDArray[np.bool_]:
        """Whether each sentence stands in the same document as the one before it."""
        same = np.zeros(len(self), dtype=bool)
        same[1:] = self.document[1:] == self.document[:-1]
        return same


def split_documents(texts: Sequence[str]) -> SentenceBatch:
    """The sentences of each text, in order."""
    text: list[str] = []
    normal: list[str] = []
    spans = [sentence_spans(whole) for whole in texts]
    for whole, own in zip(texts, spans, strict=True):
        folded = simplify(fold(whole))
        text += [whole[start:end] for start, end, _ in own]
        normal += [folded[start:end] for start, end, _ in own]
    numbers = np.fromiter(chain.from_iterable(chain.from_iterable(spans)), np.int32, 3 * len(text))
    start, _, paragraph = np.ascontiguousarray(numbers.reshape(-1, 3).T)
    document = np.repeat(np.arange(len(texts), dtype=np.int32), [*map(len, spans)])
    return SentenceBatch(text, normal, document, paragraph, start)


def given_sentences(
    sentences: Sequence[str], documents: Sequence[int] | None = None
) -> SentenceBatch:
    """Sentences that were split by others. Without `documents`, each stands alone."""
    text = [str(sentence) for sentence in sentences]
    numbers = np.arange(len(text)) if documents is None else np.asarray(documents)
    zeros = np.zeros(len(text), dtype=np.int32)
    normal = [simplify(fold(sentence)) for sentence in text]
    return SentenceBatch(text, normal, numbers.astype(np.int32), zeros, zeros, documents is None)


def fold(text: str) -> str:
    """Full-width Latin, digits and signs to half width, Latin to lower case; same length."""
    codes = code_points(text)
    folded = np.where(codes < len(_FOLDED), _FOLDED.take(codes, mode="clip"), codes)
    return folded.tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _converter(config: str) -> opencc.OpenCC:
    import opencc

    return opencc.OpenCC(config)


def simplify(text: str) -> str:
    """Traditional characters to simplified ones, read as meant; same length.

    OpenCC t2s, then what a careless conversion leaves behind: 著 as a particle, 壹 as a plain
    number, 甚么. A phrase that would change the length is converted character by character.
    """
    # OpenCC hands the text to C++ as UTF-8, which lone surrogates cannot enter.
    safe = encodable(text)
    converted: str = _converter("t2s").convert(safe)
    if len(converted) != len(text) or "\x00" in text:
        converted = "".join(_simplify_character(character) for character in safe)
    return _as_meant(converted)


# 著 stays in the words for writing and fame, 壹 beside other numerals for cheques.
_PARTICLE = re.compile("(?<![名显原巨专编土卓昭论译合遗拙新旧近])著(?![名作书述称者录译文史])")
_NUMERALS = "贰叁肆伍陆柒捌玖拾佰仟"
_ONE = re.compile(f"(?<![{_NUMERALS}零])壹(?![{_NUMERALS}])")
_SAME_WORD = (("甚么", "什么"), ("妳", "你"), ("牠", "它"), ("喫", "吃"), ("祢", "你"))


def _as_meant(simplified: str) -> str:
    if "著" in simplified:
        simplified = _PARTICLE.sub("着", simplified)
    if "瞭" in simplified:
        simplified = re.sub("瞭(?!望)", "了", simplified)
    if "壹" in simplified:
        simplified = _ONE.sub("一", simplified)
    for strange, plain in _SAME_WORD:
        simplified = simplified.replace(strange, plain)
    return simplified


def encodable(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which no file and no table can hold; same length.

    They come from broken JSON and from names of files that are not UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    return text


_SURROGATE = re.compile("[\ud800-\udfff]")


@cache
def _simplify_character(character: str) -> str:
    converted: str = _converter("t2s").convert(character)
    return converted if len(converted) == 1 else character


def sentence_spans(text: str) -> list[SentenceSpan]:
    """Sentences of `text`, in order, disjoint, covering every character but outer white space.

    A line is a paragraph. Commas and colons never end a sentence; 。！？；… and their ASCII
    forms do, together with the closing quotes behind them.
    """
    spans: list[SentenceSpan] = []
    paragraph = 0
    for line in _LINE.finditer(text):
        first = len(spans)
        begin, last = line.span()
        for stop in _STOP.finditer(text, begin, last):
            mark, end = stop.span()
            if text[mark] in "!?;" and _is_inside_word(text, mark, end):
                continue
            # What begins with a word, as most do, stands as it is.
            if text[begin].isalnum():
                spans.append(SentenceSpan(begin, end, paragraph))
            else:
                _append_span(spans, first, text, begin, end, paragraph)
            begin = end
        _append_span(spans, first, text, begin, last, paragraph)
        paragraph += len(spans) > first
    return spans


def _is_inside_word(text: str, start: int, end: int) -> bool:
    """An ASCII stop between Latin letters or digits (`a?b=1`, `&amp;x`) ends nothing."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return before.isascii() and before.isalnum() and after.isascii() and after.isalnum()


def _append_span(
    spans: list[SentenceSpan], first: int, text: str, begin: int, end: int, paragraph: int
) -> None:
    """The sentence in `text[begin:end]`, if any, to those of its paragraph, `spans[first:]`."""
    piece = text[begin:end].lstrip()
    stripped = piece.rstrip()
    if not stripped:
        return
    start = end - len(piece)
    stop = start + len(stripped)
    if len(spans) > first and not _WORD.search(stripped):
        # Stray marks belong to the sentence before them: a piece without a word says nothing.
        start = spans.pop().start
    spans.append(SentenceSpan(start, stop, paragraph))


# The runs that jieba segments each by itself (its re_han_default), by code point; what stands last
# is true of all characters behind.
_IN_BLOCK = np.zeros(0x9FD7, dtype=bool)
_IN_BLOCK[0x4E00:0x9FD6] = True
_IN_BLOCK[[*map(ord, "+#&._%-"), *range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B)]] = True

# 小小小 is 小小 and 小 or 小 and 小小, both as likely: there jieba itself decides.
_REPEATED = re.compile(r"(.)\1\1", re.DOTALL)


_LONGEST_WORD = 12


class Segmenter:
    """Jieba's words (without its hidden Markov model), with words of the lexicons added.

    They are cut by rjieba, the same dictionary and the same reckoning in Rust at some ten times
    the speed. It may decide another way only between readings that are exactly as likely.

    Picklable: the dictionary is loaded on first use in each process.
    """

    # How much less likely (in nats) than jieba's own reading another one may be and still count.
    # Jieba's dictionary holds phrases such as 资金雄厚 beside their parts: where only whole words
    # are left over, a phrase may be taken apart. Where single characters are (客户|端, 从容|器),
    # the two readings must be nearly as likely.
    PHRASE_MARGIN = 8.0
    MARGIN = 3.0

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        self.words = words
        self._tokenizer: jieba.Tokenizer | None = None
        self._cutter: rjieba.Jieba | None = None
        self._decided: dict[tuple[str, int, int], bool] = {}
        self._inner: dict[str, tuple[int, ...]] = {}
        self._words: frozenset[str] | None = None

    def __getstate__(self) -> dict[str, object]:
        return {
            "words": self.words,
            "_tokenizer": None,
            "_cutter": None,
            "_decided": {},
            "_inner": {},
            "_words": None,
        }

    @property
    def tokenizer(self) -> jieba.Tokenizer:
        """Jieba's tokenizer with the words added."""
        if self._tokenizer is None:
            self._tokenizer = _load_jieba(self.words)
        return self._tokenizer

    def tokens(self, text: str) -> list[str]:
        """Words of `text`; joined, they are `text` again."""
        if _REPEATED.search(text):
            return list(self.tokenizer.cut(text, HMM=False))
        return self._cut(text)

    def _cut(self, text: str) -> list[str]:
        if self._cutter is None:
            self._cutter = self._load_cutter()
        found: list[str] = self._cutter.cut(text, False)
        return found

    def _load_cutter(self) -> rjieba.Jieba:
        import rjieba

        cutter, known = rjieba.Jieba(), _plain_jieba().FREQ
        for word in self.words:
            if not known.get(word):
                cutter.add_word(word, self.tokenizer.FREQ[word], "x")
        return cutter

    def boundaries(self, text: str) -> list[int]:
        """Offsets at which a word begins or ends, in order, 0 and `len(text)` included.

        A word that only the lexicons know ends there too where jieba's own dictionary cuts it:
        净流入 is still a word inside 资金净流入.
        """
        found = [0]
        for token in self.tokens(text):
            start = found[-1]
            found += [start + cut for cut in self._cuts(token)]
            found.append(start + len(token))
        return found

    def edges(self, text: Joined, start: Ints, end: Ints) -> NDArray[np.bool_]:
        """(characters + 1,) where a word begins or ends, true of the blocks that are asked for.

        Jieba reads each run of Han and Latin by itself: only those in which a place
        `[start, end)` begins or ends are segmented, all of them at once.
        """
        block = _IN_BLOCK.take(text.codes, mode="clip")
        edges = np.ones(len(block) + 1, dtype=bool)
        np.logical_and(block[1:], block[:-1], out=edges[1:-1])
        np.logical_not(edges[1:-1], out=edges[1:-1])
        number = np.cumsum(edges[:-1], dtype=np.int32)
        asked = np.zeros(int(number[-1]) + 1, dtype=bool)
        asked[number[start]] = asked[number[end - 1]] = True
        twice = text.codes[1:] == text.codes[:-1]
        thrice = np.flatnonzero(twice[1:] & twice[:-1] & block[2:])
        # What is no word when it stands twice, as 00, is no word of which there are two readings.
        known = self.tokenizer.FREQ
        twofold = [
            k for k in thrice[asked[number[thrice]]].tolist() if text.whole[k : k + 2] in known
        ]
        repeating = np.unique(number[twofold])
        asked[repeating] = False
        for own in repeating.tolist():
            begin, behind = np.searchsorted(number, [own, own + 1]).tolist()
            edges[begin + np.array(self.boundaries(text.whole[begin:behind]))] = True
        wanted = asked.take(number)
        wanted &= block
        # One character behind each block is taken along, a comma whatever it is: it parts them.
        parted = wanted.copy()
        parted[1:] |= wanted[:-1]
        taken = np.flatnonzero(parted)
        pieces = text.codes[taken]
        pieces[~wanted[taken]] = ord("，")
        words = self._cut(pieces.tobytes().decode("utf-32-le"))
        lengths = np.fromiter(map(len, words), np.int64, len(words))
        ends = np.cumsum(lengths)
        edges[taken[ends - 1] + 1] = True
        longer = np.flatnonzero(lengths > 2).tolist()
        inner = [(k, cut) for k in longer for cut in self._cuts(words[k])]
        own, cuts = np.array(inner, dtype=np.int64).reshape(-1, 2).T
        edges[taken[ends[own] - lengths[own]] + cuts] = True
        return edges

    def _cuts(self, token: str) -> tuple[int, ...]:
        if token not in self._added():
            return ()
        if token not in self._inner:
            parts = list(_plain_jieba().cut(token, HMM=False))
            self._inner[token] = tuple(accumulate(map(len, parts[:-1])))
        return self._inner[token]

    def _added(self) -> frozenset[str]:
        """The words of three characters or more that jieba's own dictionary lacks."""
        if self._words is None:
            known = _plain_jieba().FREQ
            own = (word for word in self.words if len(word) > 2 and not known.get(word))
            self._words = frozenset(own)
        return self._words

    def allows(self, region: str, start: int, end: int) -> bool:
        """Whether `region[start:end]` may be read as words of its own, beside jieba's reading.

        `region` reaches from an edge of a word to an edge. True where a reading that cuts at both
        places is likely enough (`MARGIN`).
        """
        key = (region, start, end)
        if key not in self._decided:
            rest = [part for part in (region[:start], region[end:]) if part]
            words = all(len(part) > 1 and self.tokenizer.FREQ.get(part) for part in rest)
            margin = self.PHRASE_MARGIN if words else self.MARGIN
            cut = sum(self.likelihood(part) for part in (*rest, region[start:end]))
            self._decided[key] = cut >= self.likelihood(region) - margin
        return self._decided[key]

    def likelihood(self, text: str) -> float:
        """Log-probability of the best segmentation, as jieba reckons it."""
        count_of, log = self.tokenizer.FREQ.get, math.log
        size, total = len(text), log(self.tokenizer.total)
        best = [0.0] + [-math.inf] * size
        for start in range(size):
            before, single = best[start], start + 1
            value = before + log(count_of(text[start]) or 1) - total
            if value > best[single]:
                best[single] = value
            for end in range(start + 2, min(start + _LONGEST_WORD, size) + 1):
                # Jieba's dictionary holds every beginning of a word, with 0 if it is none itself.
                count = count_of(text[start:end])
                if count is None:
                    break
                if count:
                    value = before + log(count) - total
                    if value > best[end]:
                        best[end] = value
        return best[-1]


def _load_jieba(words: tuple[str, ...]) -> jieba.Tokenizer:
    base = _plain_jieba()
    tokenizer = copy(base)
    tokenizer.FREQ = dict(base.FREQ)
    for word in words:
        if not tokenizer.FREQ.get(word):
            tokenizer.add_word(word)
    return tokenizer


@cache
def _plain_jieba() -> jieba.Tokenizer:
    """Jieba's own dictionary, loaded once a process; tokenizers with more words are copies."""
    import logging
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer
