"""What an analyzer is worth on labelled sentences, beside SnowNLP, the majority and annotators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.analyzer import Analyzer
from stance.cues import CueColumns
from stance.errors import GoldError
from stance.features import features
from stance.gold import UNKNOWN, Gold, Labels
from stance.judge import decide
from stance.scores import Articles, Report, report
from stance.text import fold, given_sentences
from stance.tone.scorer import CLASSES
from stance.types import FRAMES, Probabilities

# The cuts that SnowNLP's users take: below the first unfavourable, above the second favourable.
_SNOW_CUTS = (0.4, 0.6)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A sentence decided otherwise than its label: `chance` is what was given to the label.

    `cues` tells what stood in the sentence: the words, what they count for and their context.
    """

    id: str
    text: str
    field: str
    gold: str
    said: str
    chance: float
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of an analyzer on gold, and of others on the same sentences.

    `beside` holds "SnowNLP" (tone alone), "majority" (the commonest label always) and, where the
    gold tells two, "annotators": the second against the first, which is about the ceiling.
    `wrong` are the errors, worst first. `fitted_on` says that the models were fitted to this file:
    then the scores say little.
    """

    n_sentences: int
    n_articles: int
    gold: str
    signature: Mapping[str, str | int]
    fitted_on: bool
    report: Report
    beside: Mapping[str, Report]
    wrong: tuple[Wrong, ...]

    def lines(self) -> list[str]:
        """All of it but the errors, as aligned text."""
        found = [*self.report.lines(), ""]
        found.append(f"{'mean F1':<14}" + "".join(f"{name:>12}" for name in self._compared))
        for field in self.report.fields:
            each = [one.get(field.name) for one in self._compared.values()]
            values = "".join(
                f"{'-' if one is None else format(one.mean, '.3f'):>12}" for one in each
            )
            found.append(f"{field.name:<14}{values}")
        return found

    @property
    def _compared(self) -> dict[str, Report]:
        return {"stance": self.report, **self.beside}


def evaluate(gold: Gold, analyzer: Analyzer | None = None) -> Evaluation:
    """Scores of the shipped (or given) analyzer on `gold`, sentences read in their articles."""
    own = analyzer or Analyzer()
    evidence = own.finder.evidence(given_sentences(gold.texts, gold.documents().tolist()))
    table = features(evidence, own.finder)
    thought = own.judge.think(evidence, table)
    decided = decide(own.judge, thought, evidence, table, own.finder)
    said = Labels(
        decided.frames.astype(np.int64),
        decided.tone,
        np.column_stack([decided.on_target, decided.quoted]).astype(np.int64),
    )
    fitted_on = gold.digest in own.judge.gold
    return assess(gold, said, thought, own, fitted_on=fitted_on)


def assess(
    gold: Gold, said: Labels, thought: Probabilities, analyzer: Analyzer, *, fitted_on: bool = False
) -> Evaluation:
    """Scores of what was `said` of `gold`, however it was come by; cues are the analyzer's."""
    labels, articles = gold.labels(), Articles(gold.documents())
    evidence = analyzer.finder.evidence(given_sentences(gold.texts, gold.documents().tolist()))
    beside = {
        "SnowNLP": snownlp(analyzer.snow.score(evidence.batch.normal), labels, articles),
        "majority": report(labels, _majority(labels), articles),
    }
    both = gold.annotators()
    if both:
        beside["annotators"] = report(*both, articles)
    told = _cues(evidence.cues, analyzer.finder.lexicon_names, len(gold.sentences))
    return Evaluation(
        n_sentences=len(gold.sentences),
        n_articles=articles.n,
        gold=gold.digest,
        signature=analyzer.signature(),
        fitted_on=fitted_on,
        report=report(labels, said, articles, thought),
        beside=beside,
        wrong=_wrong(gold, labels, said, thought, told),
    )


@dataclass(frozen=True, slots=True)
class Accord:
    """How far two annotators agree on the sentences that both labelled.

    `apart` are id, text, question, first and second label where they differ; `unmatched` counts
    the sentences that one of the two alone has.
    """

    n_sentences: int
    n_articles: int
    unmatched: int
    report: Report
    apart: tuple[tuple[str, str, str, str, str], ...]

    def lines(self) -> list[str]:
        """Share of equal labels, kappa and alpha, with intervals, as aligned text."""
        head = "".join(f"{name:>9}{'95 % interval':>15}" for name in ("kappa", "alpha"))
        found = [f"{'':<14}{'n':>6}{'equal':>8}{head}{'F1':>8}"]
        for field in self.report.fields:
            rows = [(row.name, row.agreement, row.f1) for row in field.rows]
            if field.agreement:
                rows.append(("tone, all", field.agreement, field.mean))
            for name, one, f1 in rows:
                figures = "".join(f"{v:9.3f}{v.ends:>15}" for v in (one.kappa, one.alpha))
                found.append(f"{name:<14}{one.n:6d}{one.share:8.3f}{figures}{f1:8.3f}")
        return found


def accord(first: Gold, second: Gold) -> Accord:
    """Agreement of two files of labels, sentences matched by `id`.

    Raises:
        GoldError: an id stands twice in a file or for different sentences, or none is in both.
    """
    sides = []
    for gold in (first, second):
        by_id = {one.id: one for one in gold.sentences}
        if len(by_id) < len(gold.sentences):
            twice = next(i for i, n in Counter(s.id for s in gold.sentences).items() if n > 1)
            raise GoldError(
                f"the id {twice} stands twice in one file; every sentence needs its own"
            )
        sides.append(by_id)
    one, other = sides
    shared = [own for own in first.sentences if own.id in other]
    if not shared:
        raise GoldError("the two files have no sentence in common; they are matched by `id`")
    for own in shared:
        if fold(own.text) != fold(other[own.id].text):
            raise GoldError(f"the id {own.id} is not the same sentence in both files")
    pair = [Gold(sentences=tuple(side[own.id] for own in shared), digest="") for side in sides]
    labels = [gold.labels() for gold in pair]
    articles = Articles(pair[0].documents())
    apart = []
    for k, own in enumerate(shared):
        for name, a, b in zip(_ASKED, *(_told(each, k) for each in labels), strict=True):
            if a != b and "" not in (a, b):
                apart.append((own.id, own.text, name, a, b))
    return Accord(
        n_sentences=len(shared),
        n_articles=articles.n,
        unmatched=len(one) + len(other) - 2 * len(shared),
        report=report(labels[0], labels[1], articles),
        apart=tuple(apart),
    )


_ASKED = ("tone", *FRAMES, "on target", "voice")


def _told(labels: Labels, k: int) -> list[str]:
    """The labels of sentence `k` in the order of `_ASKED`, "" where there is none."""
    yes, voice = {0: "no", 1: "yes"}, {0: "author", 1: "quoted"}
    tone = int(labels.tone[k])
    frames = [yes.get(int(label), "") for label in labels.frames[k]]
    target, quoted = (int(label) for label in labels.setting[k])
    return [
        "" if tone == UNKNOWN else str(tone),
        *frames,
        yes.get(target, ""),
        voice.get(quoted, ""),
    ]


def snownlp(score: NDArray[np.float64], gold: Labels, articles: Articles) -> Report:
    """SnowNLP's tone by the usual cuts; it says nothing of frames, target and voice."""
    low, high = _SNOW_CUTS
    tone = np.where(score > high, 1, np.where(score < low, -1, 0))
    silent = np.full_like(gold.frames, UNKNOWN)
    n = len(score)
    thought = Probabilities(
        np.zeros((n, len(FRAMES))),
        np.column_stack([1 - score, np.zeros(n), score]),
        np.zeros((n, 2)),
    )
    return report(gold, Labels(silent, tone, silent[:, :2]), articles, thought)


def _majority(gold: Labels) -> Labels:
    """The commonest label of each column, for every sentence."""

    def commonest(column: NDArray[np.int64]) -> NDArray[np.int64]:
        values, counts = np.unique(column[column != UNKNOWN], return_counts=True)
        return np.full(len(column), values[counts.argmax()] if len(values) else UNKNOWN)

    return Labels(
        np.apply_along_axis(commonest, 0, gold.frames),
        commonest(gold.tone),
        np.apply_along_axis(commonest, 0, gold.setting),
    )


def _wrong(
    gold: Gold,
    labels: Labels,
    said: Labels,
    thought: Probabilities,
    cues: Sequence[tuple[str, ...]],
) -> tuple[Wrong, ...]:
    found = []

    def compare(
        field: str,
        names: Sequence[str],
        true: NDArray[np.int64],
        own: NDArray[np.int64],
        chance: NDArray[np.float64],
    ) -> None:
        """`names` are those of labels 0, 1, ...; `chance` (n, labels)."""
        for k in np.flatnonzero((true != UNKNOWN) & (own != true)).tolist():
            one = gold.sentences[k]
            labelled, told = names[true[k]], names[own[k]]
            found.append(
                Wrong(one.id, one.text, field, labelled, told, float(chance[k, true[k]]), cues[k])
            )

    for k, frame in enumerate(FRAMES):
        p = thought.frames[:, k]
        compare(frame, ("no", "yes"), labels.frames[:, k], said.frames[:, k], np.c_[1 - p, p])
    for k, (name, sides) in enumerate(
        {"on target": ("no", "yes"), "voice": ("author", "quoted")}.items()
    ):
        p = thought.setting[:, k]
        compare(name, sides, labels.setting[:, k], said.setting[:, k], np.c_[1 - p, p])
    place = {label: k for k, label in enumerate(CLASSES)}
    known = np.where(labels.tone == UNKNOWN, UNKNOWN, labels.tone + 1)
    tones = [f"{label:+d}" if label else "0" for label in place]
    compare("tone", tones, known, said.tone + 1, thought.tone)
    return tuple(sorted(found, key=lambda one: (one.chance, one.id, one.field)))


def _cues(cues: CueColumns, names: Sequence[str], n: int) -> list[tuple[str, ...]]:
    told: list[list[str]] = [[] for _ in range(n)]
    for k, row in enumerate(cues.sentence):
        marks = "".join(f", {mark.modifier} {mark.surface}" for mark in cues.marks[k])
        told[row].append(f"{cues.name[k]} ({names[cues.lexicon[k]]} {cues.weight[k]:.2f}{marks})")
    return [tuple(own) for own in told]
