"""Scores against gold labels, honest about articles: folds are articles, never sentences."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from stance.analyzer import Analyzer
from stance.errors import GoldError
from stance.features import features
from stance.text import given_sentences
from stance.types import FRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSentence:
    """One labelled sentence. A field that is None was disputed and counts nowhere.

    `synthetic` says that it was written for training and stands in no article.
    """

    id: str
    article: str
    text: str
    target: int | None = None
    tone: int | None = None
    frames: tuple[str, ...] | None = None
    voice: str | None = None
    open: tuple[str, ...] = ()
    synthetic: bool = False


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

    def frame_labels(self) -> NDArray[np.int64]:
        """(n, 4) of 0/1; -1 where the label is disputed or missing."""
        rows = []
        for sentence in self.sentences:
            if sentence.frames is None:
                rows.append([-1] * len(FRAMES))
            else:
                own = sentence.frames
                rows.append([-1 if f in sentence.open else int(f in own) for f in FRAMES])
        return np.array(rows)

    def setting_labels(self) -> NDArray[np.int64]:
        """(n, 2) of 0/1 for on target and quoted; -1 where the label is disputed or missing."""
        target = [-1 if s.target is None else s.target for s in self.sentences]
        quoted = [-1 if s.voice is None else int(s.voice == "quoted") for s in self.sentences]
        return np.column_stack([target, quoted]).astype(np.int64)

    def tone_labels(self) -> NDArray[np.int64]:
        """(n,) of -1, 0, 1; -9 where the label is disputed or missing."""
        return np.array([-9 if s.tone is None else s.tone for s in self.sentences])


@dataclass(frozen=True, slots=True)
class Scores:
    """F1 by class; `positives` is the number of gold positives behind each.

    `interval` holds the 2.5th and 97.5th percentile of F1 over resampled articles, under "mean"
    that of the mean; none with fewer than three articles.
    """

    f1: dict[str, float]
    precision: dict[str, float]
    recall: dict[str, float]
    positives: dict[str, int]
    interval: dict[str, tuple[float, float]]

    @property
    def mean(self) -> float:
        """Unweighted mean of the F1 values."""
        return float(np.mean(list(self.f1.values())))

    def shown(self, name: str) -> str:
        """The interval as text, blank where there is none."""
        if name not in self.interval:
            return " " * 16
        low, high = self.interval[name]
        return f"{low:9.3f}-{high:.3f} "


@dataclass(frozen=True, slots=True)
class Report:
    """Frames, tone (-1, 0, 1), on-target and quoted."""

    frames: Scores
    tone: Scores
    target: Scores
    voice: Scores

    def lines(self) -> list[str]:
        """The scores as aligned text."""
        found = [f"{'':<14}{'F1':>7}{'95 % interval':>16}{'precision':>11}{'recall':>8}{'n':>6}"]
        for title, scores in (
            ("frames", self.frames),
            ("tone", self.tone),
            ("on target", self.target),
            ("quoted", self.voice),
        ):
            for name, f1 in scores.f1.items():
                row = f"{f1:7.3f}{scores.shown(name)}{scores.precision[name]:11.3f}"
                row += f"{scores.recall[name]:8.3f}{scores.positives[name]:6d}"
                found.append(f"{name:<14}{row}")
            if len(scores.f1) > 1:
                found.append(f"{title + ' mean':<14}{scores.mean:7.3f}{scores.shown('mean')}")
        return found


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
        for number, line in enumerate(data.splitlines(), start=1):
            if not line.strip():
                continue
            try:
                sentence = msgspec.json.decode(line, type=GoldSentence)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise GoldError(f"{path}:{number}: {error}") from error
            unknown = set(sentence.frames or ()) - set(FRAMES)
            if unknown:
                known = ", ".join(FRAMES)
                raise GoldError(f"{path}:{number}: unknown frame {sorted(unknown)} ({known})")
            sentences.append(sentence)
    if not sentences:
        raise GoldError("no labelled sentence in " + ", ".join(str(path) for path in paths))
    return Gold(sentences=tuple(sentences), digest=digest.hexdigest()[:16])


def evaluate(gold: Gold, analyzer: Analyzer | None = None) -> Report:
    """Scores of the shipped (or given) analyzer on `gold`, sentences read in their articles."""
    own = analyzer or Analyzer()
    evidence = own.finder.evidence(given_sentences(gold.texts, gold.documents().tolist()))
    table = features(evidence, own.finder)
    setting = own.setting.decide(table)
    chosen = own.frame_classifier.decide(table, setting[:, 0])
    return report(gold, chosen, own.tone_scorer.read(table)[1], setting[:, 0], setting[:, 1])


def report(
    gold: Gold,
    frames: NDArray[np.bool_],
    tone: NDArray[np.int64],
    on_target: NDArray[np.bool_],
    quoted: NDArray[np.bool_],
) -> Report:
    """The scores of decisions: (n, 4) frames, (n,) tone, on target, quoted."""
    documents = gold.documents()
    labels, tones = gold.frame_labels(), gold.tone_labels()
    target, voice = gold.setting_labels().T
    return Report(
        frames=_scores({f: (frames[:, k], labels[:, k]) for k, f in enumerate(FRAMES)}, documents),
        tone=_scores(
            {
                f"tone {label:+d}" if label else "tone 0": (
                    tone == label,
                    np.where(tones == -9, -1, (tones == label).astype(int)),
                )
                for label in (-1, 0, 1)
            },
            documents,
        ),
        target=_scores({"on target": (on_target, target)}, documents),
        voice=_scores({"quoted": (quoted, voice)}, documents),
    )


# Resamples of articles behind an interval, with a seed of their own.
_RESAMPLES = 2000


def _scores(
    pairs: dict[str, tuple[NDArray[np.bool_], NDArray[np.int64]]], documents: NDArray[np.int64]
) -> Scores:
    f1, precision, recall, positives = {}, {}, {}, {}
    counts = []
    for name, (predicted, labels) in pairs.items():
        known = labels >= 0
        said, true = predicted & known, (labels == 1) & known
        n = int(documents.max()) + 1
        each = [np.bincount(documents[m], minlength=n) for m in (said & true, said, true)]
        counts.append(each)
        both, n_said, n_true = (int(one.sum()) for one in each)
        f1[name] = 2 * both / max(1, n_said + n_true)
        precision[name] = both / max(1, n_said)
        recall[name] = both / max(1, n_true)
        positives[name] = n_true
    return Scores(f1, precision, recall, positives, _intervals(list(pairs), np.array(counts)))


def _intervals(names: Sequence[str], counts: NDArray[np.int64]) -> dict[str, tuple[float, float]]:
    """Percentiles of F1 over resampled articles, from counts (classes, 3, articles)."""
    n = counts.shape[2]
    if n < 3:
        return {}
    picks = np.random.default_rng(0).integers(0, n, (_RESAMPLES, n))
    times = np.stack([np.bincount(pick, minlength=n) for pick in picks])
    both, said, true = (counts[:, k] @ times.T for k in range(3))
    scores = 2 * both / np.maximum(1, said + true)
    ends = np.percentile(scores, [2.5, 97.5], axis=1)
    found = {name: (float(low), float(high)) for name, low, high in zip(names, *ends, strict=True)}
    if len(names) > 1:
        low, high = np.percentile(scores.mean(axis=0), [2.5, 97.5])
        found["mean"] = (float(low), float(high))
    return found
