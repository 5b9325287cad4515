"""Scores against gold labels, honest about articles: folds are articles, never sentences."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from stance.cues import CueFinder
from stance.entries import Lexicon, Lexicons
from stance.errors import GoldError
from stance.frames import FrameClassifier
from stance.lexicon import load_lexicons, load_target
from stance.text import given_sentences
from stance.tone.scorer import ToneScorer
from stance.types import FRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSentence:
    """One labelled sentence. A field that is None was disputed and counts nowhere."""

    id: str
    article: str
    text: str
    target: int | None = None
    tone: int | None = None
    frames: tuple[str, ...] | None = None
    voice: str | None = None
    open: tuple[str, ...] = ()


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

    def tone_labels(self) -> NDArray[np.int64]:
        """(n,) of -1, 0, 1; -9 where the label is disputed or missing."""
        return np.array([-9 if s.tone is None else s.tone for s in self.sentences])


@dataclass(frozen=True, slots=True)
class Scores:
    """F1 by class; `positives` is the number of gold positives behind each."""

    f1: dict[str, float]
    precision: dict[str, float]
    recall: dict[str, float]
    positives: dict[str, int]

    @property
    def mean(self) -> float:
        """Unweighted mean of the F1 values."""
        return float(np.mean(list(self.f1.values())))


@dataclass(frozen=True, slots=True)
class Report:
    """Frames, tone (-1, 0, 1), on-target and quoted."""

    frames: Scores
    tone: Scores
    target: Scores
    voice: Scores

    def lines(self) -> list[str]:
        """The scores as aligned text."""
        found = [f"{'':<14}{'F1':>7}{'precision':>11}{'recall':>8}{'n':>6}"]
        for title, scores in (
            ("frames", self.frames),
            ("tone", self.tone),
            ("on target", self.target),
            ("quoted", self.voice),
        ):
            for name, f1 in scores.f1.items():
                row = f"{f1:7.3f}{scores.precision[name]:11.3f}{scores.recall[name]:8.3f}"
                found.append(f"{name:<14}{row}{scores.positives[name]:6d}")
            if len(scores.f1) > 1:
                found.append(f"{title + ' mean':<14}{scores.mean:7.3f}")
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


def cross_validate(gold: Gold, target: str = "alibaba") -> Report:
    """Scores with each article predicted by models that saw the other articles alone.

    Predictions of all folds are pooled before scoring. Terms that an article of the gold suggested
    (`dev:NNN` in their source note) are dropped in that article's fold.
    """
    resources, company = load_lexicons(), load_target(target)
    documents = gold.documents()
    if documents.max() < 1:
        raise GoldError("labels of one article alone cannot be cross-validated: add other articles")
    if (gold.frame_labels() < 0).any(axis=1).all() or (gold.tone_labels() < -1).all():
        raise GoldError("no sentence with all frames, or none with a tone, is labelled")
    frames, tone = gold.frame_labels(), gold.tone_labels()
    chosen = np.zeros_like(frames)
    heard = np.zeros_like(tone)
    on_target = np.zeros(len(tone), dtype=bool)
    quoted = np.zeros(len(tone), dtype=bool)
    for fold in range(documents.max() + 1):
        test = documents == fold
        name = next(s.article for s, own in zip(gold.sentences, test, strict=True) if own)
        finder = CueFinder(_without(resources, f"dev:{name}"), company)
        classifier, scorer = _fit(gold, ~test, finder, target)
        texts = [text for text, own in zip(gold.texts, test, strict=True) if own]
        evidence = finder.evidence(given_sentences(texts, documents[test].tolist()))
        chosen[test] = classifier.from_evidence(evidence)[1]
        heard[test] = scorer.from_evidence(evidence)[1]
        on_target[test], quoted[test] = evidence.on_target, evidence.quoted
    return _report(gold, chosen, heard, on_target, quoted)


def evaluate(
    gold: Gold, classifier: FrameClassifier | None = None, scorer: ToneScorer | None = None
) -> Report:
    """Scores of the shipped (or given) models on `gold`, sentences read in their articles."""
    classifier = classifier or FrameClassifier.load()
    scorer = scorer or ToneScorer.load()
    batch = given_sentences(gold.texts, gold.documents().tolist())
    evidence = classifier.finder_.evidence(batch)
    return _report(
        gold,
        classifier.from_evidence(evidence)[1].astype(np.int64),
        scorer.from_evidence(evidence)[1],
        evidence.on_target,
        evidence.quoted,
    )


def fit_models(gold: Gold, target: str = "alibaba") -> tuple[FrameClassifier, ToneScorer]:
    """Models fitted to all of `gold`, each knowing the digest of the labels."""
    finder = CueFinder(load_lexicons(), load_target(target))
    everything = np.ones(len(gold.sentences), dtype=bool)
    classifier, scorer = _fit(gold, everything, finder, target)
    for model in (classifier, scorer):
        model.model_ = dataclasses.replace(model.model_, gold=gold.digest)
    return classifier, scorer


def _fit(
    gold: Gold, mask: NDArray[np.bool_], finder: CueFinder, target: str
) -> tuple[FrameClassifier, ToneScorer]:
    documents, frames, tone = gold.documents(), gold.frame_labels(), gold.tone_labels()
    classifier, scorer = FrameClassifier(target=target), ToneScorer(target=target)
    for model, labels, known in (
        (classifier, frames, mask & (frames >= 0).all(axis=1)),
        (scorer, tone, mask & (tone >= -1)),
    ):
        texts = [text for text, own in zip(gold.texts, known, strict=True) if own]
        model.fit(texts, labels[known].tolist(), documents[known].tolist(), finder)
    return classifier, scorer


def _without(resources: Lexicons, marker: str) -> Lexicons:
    def kept(lexicon: Lexicon) -> Lexicon:
        terms = tuple(term for term in lexicon.terms if marker not in term.source)
        return dataclasses.replace(lexicon, terms=terms)

    frames = tuple(kept(frame) for frame in resources.frames)
    return dataclasses.replace(resources, frames=frames, tone=kept(resources.tone))


def _report(
    gold: Gold,
    frames: NDArray[np.int64],
    tone: NDArray[np.int64],
    on_target: NDArray[np.bool_],
    quoted: NDArray[np.bool_],
) -> Report:
    labels, tones = gold.frame_labels(), gold.tone_labels()
    target = np.array([-1 if s.target is None else s.target for s in gold.sentences])
    voice = np.array([-1 if s.voice is None else int(s.voice == "quoted") for s in gold.sentences])
    return Report(
        frames=_scores({f: (frames[:, k] == 1, labels[:, k]) for k, f in enumerate(FRAMES)}),
        tone=_scores(
            {
                f"tone {label:+d}" if label else "tone 0": (
                    tone == label,
                    np.where(tones == -9, -1, (tones == label).astype(int)),
                )
                for label in (-1, 0, 1)
            }
        ),
        target=_scores({"on target": (on_target, target)}),
        voice=_scores({"quoted": (quoted, voice)}),
    )


def _scores(pairs: dict[str, tuple[NDArray[np.bool_], NDArray[np.int64]]]) -> Scores:
    f1, precision, recall, positives = {}, {}, {}, {}
    for name, (predicted, labels) in pairs.items():
        known = labels >= 0
        said, true = predicted[known], labels[known] == 1
        both = int((said & true).sum())
        f1[name] = 2 * both / max(1, int(said.sum()) + int(true.sum()))
        precision[name] = both / max(1, int(said.sum()))
        recall[name] = both / max(1, int(true.sum()))
        positives[name] = int(true.sum())
    return Scores(f1, precision, recall, positives)
