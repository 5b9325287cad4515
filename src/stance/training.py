"""Fitting the sentence models to labels, and what they are worth on articles not seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from stance.cues import CueFinder
from stance.entries import Lexicon, Lexicons
from stance.errors import GoldError
from stance.features import SCHEMA, features
from stance.fitting import EXACT, best_threshold, fit, material
from stance.frames import FrameClassifier
from stance.gold import UNKNOWN, Gold, Labels, one_of_three
from stance.lexicon import load_lexicons, load_target
from stance.models import SentenceModel
from stance.setting import OUTPUTS, SettingModel
from stance.text import given_sentences
from stance.tone.scorer import ToneScorer
from stance.types import FRAMES, TONES, Probabilities

# Inverse strength of the ridge penalty, by scores on articles not seen; target and voice show in
# fewer words than frames and tone.
_C, _C_SETTING = 0.25, 0.4
# Labels of real articles weigh six times those of written passages; sentences that were written
# one by one, to show a turn of the language, say less of how such turns are spread.
_GOLD, _LONE = 6.0, 0.5
# Where a threshold is best on few real articles is mostly chance, and how often praise and blame
# stand in sentences written one by one was chosen: there both weigh less.
_GOLD_CUT, _LONE_CUT = 2.0, 0.25
# Sentences of other genres teach tone; a set of theirs weighs as much as this many of ours.
_TONE_SET, _TONE_MOST = 3000, 1.0
# What praises is favourable and what blames unfavourable: so much of the log-odds of either frame
# is that of its tone, which more labels teach.
_OF_TONE = {"optimistic": "1", "critical": "-1"}
_SHARE = 1 / 3
_FOLDS = 5
# Models of a fold are not stored, and its scores are told with three digits.
_ROUGH = 1e-5


@dataclass(frozen=True, slots=True)
class ToneSet:
    """Texts that each stand alone, with a label of tone, from another source.

    `words` says that they are words, no sentences.
    """

    name: str
    words: bool
    texts: tuple[str, ...]
    labels: NDArray[np.int64]

    @property
    def weight(self) -> float:
        """Of each text: all together weigh no more than a fixed number of sentences."""
        return min(_TONE_MOST, _TONE_SET / len(self.texts))


@dataclass(frozen=True, slots=True)
class Models:
    """The three models of a sentence."""

    frames: SentenceModel
    tone: SentenceModel
    setting: SentenceModel

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter((self.frames, self.tone, self.setting))


@dataclass(frozen=True, slots=True)
class Validated:
    """What models said of sentences that they had not seen, and thresholds for models of all."""

    said: Labels
    thought: Probabilities
    thresholds: dict[str, tuple[float, ...]]


def read_tone_sets(folder: Path) -> list[ToneSet]:
    """Public sets of tone labels: one folder each, in the order of their names.

    A set is `train.jsonl` (text, label: pos, neu or neg) or `positive.txt` and `negative.txt`
    (a word a line).

    Raises:
        GoldError: no set is there, or a line does not fit.
    """
    if not folder.is_dir():
        raise GoldError(
            f"{folder}: no such folder; it should hold public sets of tone labels, one folder each "
            "(train.jsonl, or positive.txt and negative.txt). Leave --tone-data out to do without"
        )
    found = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        texts: list[str] = []
        labels: list[int] = []
        lines = place / "train.jsonl"
        if lines.is_file():
            for number, line in enumerate(lines.read_text("utf-8").splitlines(), start=1):
                try:
                    row = msgspec.json.decode(line, type=_ToneRow)
                except msgspec.MsgspecError as error:
                    raise GoldError(f"{lines}:{number}: {error}") from error
                texts.append(row.text)
                labels.append({"pos": 1, "neu": 0, "neg": -1}[row.label])
        for name, label in (("positive", 1), ("negative", -1)):
            words = place / f"{name}.txt"
            if words.is_file():
                own = [word for word in words.read_text("utf-8").split("\n") if word.strip()]
                texts += own
                labels += [label] * len(own)
        if texts:
            found.append(ToneSet(place.name, not lines.is_file(), tuple(texts), np.array(labels)))
    if not found:
        raise GoldError(f"{folder}: no set of tone labels in it (train.jsonl or positive.txt)")
    return found


@dataclass(frozen=True, slots=True)
class _ToneRow:
    text: str
    label: str


def cross_validate(
    gold: Gold, also: Gold | None = None, tone_sets: Sequence[ToneSet] = (), target: str = "alibaba"
) -> Validated:
    """What is said of each article by models that saw neither it nor its threshold.

    Articles of `gold` are dealt into folds, and passages of `also` with them, so that a fold's
    thresholds can be set on what the other folds' models say of sentences they have not seen.
    Terms that an article of a fold suggested (`dev:NNN` in their source) are dropped in it.
    Predictions of all folds are pooled before scoring.
    """
    documents = gold.documents()
    if documents.max() < 1:
        raise GoldError("labels of one article alone cannot be cross-validated: add other articles")
    parts = [gold] if also is None else [gold, also]
    every = [part.labels() for part in parts]
    if (every[0].frames == UNKNOWN).any(axis=1).all() or (every[0].tone == UNKNOWN).all():
        raise GoldError("no sentence with all frames, or none with a tone, is labelled")
    resources, company = load_lexicons(), load_target(target)
    # Articles go to the folds in turn.
    n_folds = min(_FOLDS, int(documents.max()) + 1)
    folds = [part.documents() % n_folds for part in parts]
    said: list[dict[str, NDArray[np.float64]]] = [
        {"frames": np.zeros((n, 4)), "tone": np.zeros((n, 3)), "setting": np.zeros((n, 2))}
        for n in (len(part.sentences) for part in parts)
    ]
    for fold in range(n_folds):
        names = {s.article for s, f in zip(gold.sentences, folds[0], strict=True) if f == fold}
        finder = CueFinder(_without(resources, names), company)
        inside = [part_folds != fold for part_folds in folds]
        models = _fit(parts, inside, tone_sets, finder, _ROUGH)
        for part, own, part_folds in zip(parts, said, folds, strict=True):
            test = part_folds == fold
            for kind, values in _predicted(part, test, models, finder).items():
                own[kind][test] = values
    weights = np.concatenate([label_weights(part, _GOLD_CUT, _LONE_CUT) for part in parts])
    labels = {
        "frames": np.concatenate([one.frames for one in every]),
        "setting": np.concatenate([one.setting for one in every]),
    }
    pooled = {kind: np.concatenate([own[kind] for own in said]) for kind in labels}
    number = np.concatenate(folds)
    decided = {kind: np.zeros((len(gold.sentences), n), dtype=bool) for kind, n in _SIZES.items()}
    for fold in range(n_folds):
        others, here = number != fold, folds[0] == fold
        for kind, table in decided.items():
            cuts = _cuts(pooled[kind][others], labels[kind][others], weights[others])
            table[here] = said[0][kind][here] >= cuts
    on_target = decided["setting"][:, 0]
    chosen = decided["frames"]
    for frame in resources.frames:
        if frame.scope == "target" and frame.name in FRAMES:
            chosen[:, FRAMES.index(frame.name)] &= on_target
    heard = np.array(list(TONES))[said[0]["tone"].argmax(axis=1)]
    return Validated(
        Labels(chosen.astype(np.int64), heard, decided["setting"].astype(np.int64)),
        Probabilities(**said[0]),
        {kind: _cuts(pooled[kind], labels[kind], weights) for kind in labels},
    )


_SIZES = {"frames": len(FRAMES), "setting": len(OUTPUTS)}


def _cuts(
    probability: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[float, ...]:
    return tuple(
        best_threshold(probability[:, k], labels[:, k], weights) for k in range(labels.shape[1])
    )


def fit_models(
    gold: Gold,
    also: Gold | None = None,
    tone_sets: Sequence[ToneSet] = (),
    thresholds: dict[str, tuple[float, ...]] | None = None,
    target: str = "alibaba",
) -> Models:
    """Models fitted to everything, each knowing the digest of the labels and its thresholds."""
    finder = CueFinder(load_lexicons(), load_target(target))
    parts = [gold] if also is None else [gold, also]
    everything = [np.ones(len(part.sentences), dtype=bool) for part in parts]
    models = _fit(parts, everything, tone_sets, finder)
    digest = "+".join(part.digest for part in parts)
    cuts = thresholds or {}

    def finished(model: SentenceModel) -> SentenceModel:
        own = cuts.get(model.head.kind, model.head.thresholds)
        seen = tuple(sorted(set(gold.marks()))) if model.head.kind == "frames" else ()
        head = dataclasses.replace(model.head, gold=digest, seen=seen, thresholds=own)
        return dataclasses.replace(model, head=head)

    return Models(*(finished(model) for model in models))


def _fit(
    parts: Sequence[Gold],
    inside: Sequence[NDArray[np.bool_]],
    tone_sets: Sequence[ToneSet],
    finder: CueFinder,
    tolerance: float = EXACT,
) -> Models:
    """The three models from the sentences inside; sets of tone teach tone alone."""
    rows: list[tuple[Sequence[str], Sequence[int] | None, float | NDArray[np.float64]]] = []
    for part, mask in zip(parts, inside, strict=True):
        texts = [text for text, own in zip(part.texts, mask, strict=True) if own]
        rows.append((texts, part.documents()[mask].tolist(), label_weights(part)[mask]))
    labelled = [(part.labels(), mask) for part, mask in zip(parts, inside, strict=True)]
    sentences = [one for one in tone_sets if not one.words]
    words = [one for one in tone_sets if one.words]
    rows += [(one.texts, None, one.weight) for one in sentences]
    # All of it tells how common an n-gram is, also to the models of frames and setting.
    every = material(finder, rows, [(one.texts, one.weight) for one in words])
    more = [one.labels for one in (*sentences, *words)]
    tone = np.concatenate([*(labels.tone[mask] for labels, mask in labelled), *more])
    silent = sum(len(labels) for labels in more)

    def known(labels: list[NDArray[np.int64]]) -> NDArray[np.int64]:
        return np.pad(np.concatenate(labels), ((0, silent), (0, 0)), constant_values=UNKNOWN)

    frames = known([labels.frames[mask] for labels, mask in labelled])
    setting = known([labels.setting[mask] for labels, mask in labelled])
    three = [str(label) for label in TONES]
    said = {"target": finder.target.name, "lexicons": finder.resources.model_digest}

    def fitted(
        kind: str, outputs: Sequence[str], own: NDArray[np.int64], C: float = _C
    ) -> SentenceModel:
        return fit(kind, outputs, every, own, C, tolerance=tolerance, schema=SCHEMA, **said)

    judging = fitted("tone", three, one_of_three(tone))
    return Models(
        _at_half(_joined(fitted("frames", FRAMES, frames), judging)),
        judging,
        _at_half(fitted("setting", OUTPUTS, setting, _C_SETTING)),
    )


def _joined(frames: SentenceModel, tone: SentenceModel) -> SentenceModel:
    """The frames, those that judge pooled with the tone that they need.

    The mean of log-odds is the logarithmic opinion pool (Genest and Zidek 1986); of two linear
    models with the same features it is one again.
    """

    def mixed(own: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.floating]:
        found = own.astype(np.float64)
        for frame, label in _OF_TONE.items():
            k, at = frames.head.outputs.index(frame), tone.head.outputs.index(label)
            found[k] = (1 - _SHARE) * found[k] + _SHARE * other[at]
        return found.astype(own.dtype)

    text = dataclasses.replace(frames.text, coef=mixed(frames.text.coef, tone.text.coef))
    coef = mixed(np.array(frames.head.coef), np.array(tone.head.coef))
    intercept = mixed(np.array(frames.head.intercept), np.array(tone.head.intercept))
    head = dataclasses.replace(
        frames.head,
        coef=tuple(map(tuple, coef.tolist())),
        intercept=tuple(intercept.tolist()),
        text=text.digest,
    )
    return SentenceModel(head, text)


def label_weights(part: Gold, real: float = _GOLD, lone: float = _LONE) -> NDArray[np.float64]:
    """(n,) how much each sentence counts, one of a written passage 1: by default in a fit."""
    if not part.sentences[0].synthetic:
        return np.full(len(part.sentences), real)
    documents = part.documents()
    return np.where(np.bincount(documents)[documents] == 1, lone, 1.0)


def _at_half(model: SentenceModel) -> SentenceModel:
    cuts = (0.5,) * len(model.head.outputs)
    return dataclasses.replace(model, head=dataclasses.replace(model.head, thresholds=cuts))


def _predicted(
    part: Gold, test: NDArray[np.bool_], models: Models, finder: CueFinder
) -> dict[str, NDArray[np.float64]]:
    texts = [text for text, own in zip(part.texts, test, strict=True) if own]
    evidence = finder.evidence(given_sentences(texts, part.documents()[test].tolist()))
    table = features(evidence, finder)
    classifier = FrameClassifier().with_model(models.frames)
    scorer = ToneScorer().with_model(models.tone)
    return {
        "frames": classifier.probabilities(table),
        "tone": scorer.probabilities(table),
        "setting": SettingModel(models.setting).probabilities(table),
    }


def _without(resources: Lexicons, articles: set[str]) -> Lexicons:
    markers = {f"dev:{name}" for name in articles}

    def kept(lexicon: Lexicon) -> Lexicon:
        terms = tuple(
            term for term in lexicon.terms if not any(marker in term.source for marker in markers)
        )
        return dataclasses.replace(lexicon, terms=terms)

    frames = tuple(kept(frame) for frame in resources.frames)
    tones = tuple(kept(tone) for tone in resources.tones)
    return dataclasses.replace(resources, frames=frames, tones=tones)
