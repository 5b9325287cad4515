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
from stance.text import SentenceBatch, fold, given_sentences
from stance.types import FRAMES, TONES

UNKNOWN = -9
"""Stands in an array of labels where one is disputed, missing or not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotator's labels of a sentence."""

    target: int | None = None
    tone: int | None = None
    frames: tuple[str, ...] | None = None
    voice: str | None = None
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSentence(Annotation):
    """One labelled sentence. A field that is None was disputed and counts nowhere.

    `synthetic` says that it was written for training and stands in no article. `A` and `B` are
    the labels of two annotators before they were settled, where the file tells them.
    """

    id: str
    article: str
    text: str
    synthetic: bool = False
    A: Annotation | None = None
    B: Annotation | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of n sentences, `UNKNOWN` where there is none.

    `frames` is (n, 4) of 0/1, `tone` (n,) of -1, 0, 1, `setting` (n, 2) of 0/1: on target, quoted.
    """

    frames: NDArray[np.int64]
    tone: NDArray[np.int64]
    setting: NDArray[np.int64]


def one_of_three(tone: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels -1, 0, 1 as (n, 3) of 0 and 1; whole rows of `UNKNOWN` for any other."""
    table: NDArray[np.int64] = (tone[:, None] == np.array(list(TONES))).astype(np.int64)
    table[~np.isin(tone, list(TONES))] = UNKNOWN
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """Labelled sentences, articles in order, with the digest of their file."""

    sentences: tuple[GoldSentence, ...]
    digest: str

    @property
    def texts(self) -> list[str]:
        """The sentences' text."""
        return [sentence.text for sentence in self.sentences]

    def batch(self) -> SentenceBatch:
        """The sentences in their articles, as the stages of an analysis take them."""
        return given_sentences(self.texts, self.documents().tolist())

    def marks(self) -> list[str]:
        """8 hex digits of each sentence's words, whatever its spaces and width."""
        texts = ("".join(filter(str.isalnum, fold(text))) for text in self.texts)
        return [hashlib.sha256(text.encode("utf-8")).hexdigest()[:8] for text in texts]

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
        none = Annotation()
        return (
            _labels([s.A or none for s in self.sentences]),
            _labels([s.B or none for s in self.sentences]),
        )


def _labels(sentences: Sequence[Annotation]) -> Labels:
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

    Sentences of an article are put together, in the order in which they stand.

    Raises:
        GoldError: a file or a line that does not fit, with its number.
    """
    digest = hashlib.sha256()
    sentences: list[GoldSentence] = []
    ids = set[str]()
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
            except UnicodeDecodeError as error:
                raise GoldError(f"{path}:{number}: not UTF-8; save the file as UTF-8") from error
            except msgspec.ValidationError as error:
                raise GoldError(f"{path}:{number}: {error}") from error
            except msgspec.DecodeError as error:
                raise GoldError(
                    f"{path}:{number}: not one JSON object on a line of its own: {error}"
                ) from error
            fault = next(filter(None, map(_fault, (sentence, sentence.A, sentence.B))), None)
            if fault:
                raise GoldError(f"{path}:{number}: {fault}")
            if not sentence.text.strip():
                raise GoldError(f"{path}:{number}: the text is empty")
            if sentence.id in ids:
                raise GoldError(
                    f"{path}:{number}: the id {sentence.id} stands twice; each needs its own"
                )
            ids.add(sentence.id)
            sentences.append(sentence)
    if not sentences:
        raise GoldError("no labelled sentence in " + ", ".join(str(path) for path in paths))
    # What stands before and after a sentence matters: those of an article stand together.
    first = {name: k for k, name in enumerate(dict.fromkeys(s.article for s in sentences))}
    sentences.sort(key=lambda sentence: first[sentence.article])
    return Gold(sentences=tuple(sentences), digest=digest.hexdigest()[:16])


def _fault(one: Annotation | None) -> str | None:
    """What is wrong with the values of a line."""
    if one is None:
        return None
    unknown = sorted({*(one.frames or ()), *one.open} - set(FRAMES))
    if unknown:
        return f"unknown frame {unknown} ({', '.join(FRAMES)})"
    for name, known in (
        ("target", (0, 1)),
        ("tone", tuple(TONES)),
        ("voice", ("author", "quoted")),
    ):
        value = getattr(one, name)
        if value is not None and value not in known:
            return f"{name} is {value!r}; it can be {', '.join(map(str, known))} or null"
    return None
