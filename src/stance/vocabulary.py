"""Sentences to the numbers of their words, as keyness counts them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stance.cues import CueFinder
from stance.entries import NO_TARGET, normal_form
from stance.lexicon import LEXICONS, digest_of, load_lexicons, load_target, target_names
from stance.store import kept_bytes
from stance.text import Segmenter

if TYPE_CHECKING:
    import rjieba

STOP_WORDS = Path(__file__).with_name("keyness_stop.txt")
"""Function words, one a line."""

NOT_SHOWN = -1
"""The number of a word that counts and is not shown."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
# What is neither Han nor Latin parts words and is none; line breaks keep sentences apart.
_NO_WORD = re.compile(f"[^\n{_HAN}a-z]+")
_SHOWN = re.compile(f"[{_HAN}]{{2,}}|[a-z]{{2,}}")
_NAME = re.compile(f"[{_HAN}]{{2,}}")
# 三千亿, 第二, 两家, 亿美元: a number, alone or with a plain measure word.
_NUMBER = re.compile(
    "[第近约超]?[零〇一二两三四五六七八九十百千万亿半几数]+"
    "(?:[美港欧日]元|[个家次年月日天元块倍成位名条项款种场人届季多余]*)"
)
# 小小小 can be cut in two ways that are as likely: there jieba itself decides (`Segmenter`).
_REPEATED = re.compile(r"([^\n])\1\1")
# Sentences that are cut together: one call costs as much as a short sentence.
_AT_ONCE = 512
_BLANK, _BREAK = -2, -3


class Vocabulary:
    """Numbers words from 0 as they come; `hidden` spellings and function words are not shown."""

    def __init__(self, names: Collection[str] = ()) -> None:
        hidden = frozenset(map(_without_marks, names))
        self._numbers = _Numbers(hidden | stop_words())
        self._names = hidden

    @property
    def shown(self) -> list[str]:
        """The words that have a number."""
        return self._numbers.shown

    def words(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(t,) the number of every word of the texts, `NOT_SHOWN` for some, and (t,) its text."""
        parts = [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]
        found = list(chain.from_iterable(map(self._numbered, parts)))
        numbers = np.array(found, dtype=np.int64)
        text = np.cumsum(numbers == _BREAK)
        words = numbers > _BLANK
        return numbers[words], text[words]

    def _numbered(self, texts: Sequence[str]) -> list[int]:
        """The number of every word, and a break behind each text."""
        lines = "\n".join(text.replace("\n", " ") for text in texts)
        normal = _NO_WORD.sub(" ", normal_form(lines)) + "\n"
        cutter, numbers = _cutter(self._names), self._numbers.__getitem__
        found: list[int] = []
        done = 0
        for repeated in _REPEATED.finditer(normal):
            start = normal.rfind("\n", 0, repeated.start()) + 1
            if start < done:
                continue
            end = normal.index("\n", start)
            found += map(numbers, cutter.cut(normal[done:start], False))
            found += map(numbers, _segmenter(self._names).tokens(normal[start:end]))
            done = end
        found += map(numbers, cutter.cut(normal[done:], False))
        return found


class _Numbers(dict[str, int]):
    """The number of each word that may be shown, in the order in which they come.

    Any other word is `NOT_SHOWN`, a blank `_BLANK`, the end of a text `_BREAK`.
    """

    def __init__(self, hidden: Collection[str]) -> None:
        super().__init__(dict.fromkeys(hidden, NOT_SHOWN))
        self["\n"] = _BREAK
        self.shown: list[str] = []

    def __missing__(self, word: str) -> int:
        if not word.strip():
            number = _BLANK
        elif not _SHOWN.fullmatch(word) or _NUMBER.fullmatch(word):
            number = NOT_SHOWN
        else:
            number = len(self.shown)
            self.shown.append(word)
        self[word] = number
        return number


def stop_words() -> set[str]:
    """The function words of `STOP_WORDS`."""
    lines = STOP_WORDS.read_text("utf-8").split("\n")
    return {line for line in lines if line and not line.startswith("#")}


def _without_marks(name: str) -> str:
    """A name as it stands among words: GPT-4 is GPT there."""
    return _NO_WORD.sub(" ", normal_form(name)).strip()


@lru_cache(maxsize=1)
def _segmenter(names: frozenset[str]) -> Segmenter:
    """The words by which the project cuts, and names of companies, that none is cut in two.

    Without Latin ones: deepseek is a word of its own, though eps is in a list.
    """
    known = {*CueFinder(load_lexicons(), NO_TARGET).matcher.segmenter.words, *names}
    for target in map(load_target, target_names()):
        for alias in (*target.aliases, *target.rivals):
            known |= {normal_form(spelling) for spelling in alias.spellings}
    return Segmenter(tuple(sorted(word for word in known if _NAME.fullmatch(word))))


@lru_cache(maxsize=1)
def _cutter(names: frozenset[str]) -> rjieba.Jieba:
    """Cuts as `_segmenter` does, loaded in a fraction of its time.

    How frequent jieba takes a new word to be rests on its dictionary, which is slow to load, and
    on the words before it; so it is kept.
    """
    import rjieba

    sources = [
        *(version(name) for name in ("jieba", "rjieba")),
        digest_of(sorted(LEXICONS.rglob("*.toml"))),
        digest_of(sorted(Path(__file__).parent.glob("*.py"))),
        *sorted(names),
    ]

    def frequencies() -> bytes:
        own, plain = _segmenter(names), Segmenter().tokenizer.FREQ
        added = {word: own.tokenizer.FREQ[word] for word in own.words if not plain.get(word)}
        return json.dumps(added).encode()

    cutter = rjieba.Jieba()
    for word, frequency in json.loads(kept_bytes("words", "|".join(sources), frequencies)).items():
        cutter.add_word(word, frequency, "x")
    return cutter
