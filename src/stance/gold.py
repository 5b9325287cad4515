"""Labelled sentences and their labels as arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from stance.errors import GoldError
from stance.types import FRAMES

UNKNOWN = -9
"""Stands in an array of labels where one is disputed, missing or not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One annotator's labels of a sentence."""

    target: int | None = None
    tone: int | None = None
    frames: tuple[str, ...] | None = None
    voice: str | None = None
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSentence(Reading):
    """One labelled sentence. A field that is None was disputed and counts nowhere.

    `synthetic` says that it was written for training and stands in no article. `A` and `B` are
    the labels of two annotators before they were settled, where the file tells them.
    """

    id: str
    article: str
    text: str
    synthetic: bool = False
    A: Reading | None = None
    B: Reading | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of n sentences, `UNKNOWN` where there is none.

    `frames` is (n, 4) of 0/1, `tone` (n,) of -1, 0, 1, `setting` (n, 2) of 0/1: on target, quoted.
    """

    frames: NDArray[np.int64]
    tone: NDArray[np.int64]
    setting: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """Labelled sentences, articles in order, with the digest of their file."""

    sentences: tuple[GoldSentence, ...]
    digest: str

    @property
    def texts(self) -> list[str]:
        """The sentences' text."""
        return [sentence.text for sentence in self.sentences]

    def documents(self) -> NDArray[np.int64]:
        """(n,) number of each sentence's article."""
        names = {name: k for k, name in enumerate(dict.fromkeys(s.article for s in self.sentences))}
        return np.array([names[sentence.article] for sentence in self.sentences])

    def labels(self) -> Labels:
        """The settled labels."""
        return _labels(self.sentences)

    def annotators(self) -> tuple[Labels, Labels] | None:
        """Labels of both annotators; None where the file does not tell two."""
        if not any(s.A and s.B for s in self.sentences):
            return None
        none = Reading()
        return (
            _labels([s.A or none for s in self.sentences]),
            _labels([s.B or none for s in self.sentences]),
        )


def _labels(sentences: Sequence[Reading]) -> Labels:
    frames = [
        [UNKNOWN if s.frames is None or f in s.open else int(f in s.frames) for f in FRAMES]
        for s in sentences
    ]
    target = [UNKNOWN if s.target is None else s.target for s in sentences]
    quoted = [UNKNOWN if s.voice is None else int(s.voice == "quoted") for s in sentences]
    tone = [UNKNOWN if s.tone is None else s.tone for s in sentences]
    return Labels(np.array(frames), np.array(tone), np.column_stack([target, quoted]))


def load_gold(paths: Sequence[Path]) -> Gold:
    """Gold sentences from JSON Lines files (see seeds/README.md for the fields).

    Raises:
        GoldError: a file or a line that does not fit, with its number.
    """
    digest = hashlib.sha256()
    sentences: list[GoldSentence] = []
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise GoldError(f"{path}: {error.strerror or error}") from error
        digest.update(data.replace(b"\r\n", b"\n"))
        for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                sentence = msgspec.json.decode(line, type=GoldSentence)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise GoldError(f"{path}:{number}: {error}") from error
            fault = next(filter(None, map(_fault, (sentence, sentence.A, sentence.B))), None)
            if fault:
                raise GoldError(f"{path}:{number}: {fault}")
            sentences.append(sentence)
    if not sentences:
        raise GoldError("no labelled sentence in " + ", ".join(str(path) for path in paths))
    return Gold(sentences=tuple(sentences), digest=digest.hexdigest()[:16])


def _fault(reading: Reading | None) -> str | None:
    """What is wrong with the values of a line."""
    if reading is None:
        return None
    unknown = sorted({*(reading.frames or ()), *reading.open} - set(FRAMES))
    if unknown:
        return f"unknown frame {unknown} ({', '.join(FRAMES)})"
    for name, known in (("target", (0, 1)), ("tone", (-1, 0, 1)), ("voice", ("author", "quoted"))):
        value = getattr(reading, name)
        if value is not None and value not in known:
            return f"{name} is {value!r}; it can be {', '.join(map(str, known))} or null"
    return None
