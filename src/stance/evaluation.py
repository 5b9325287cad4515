"""What an analyzer is worth on labelled sentences, beside SnowNLP, the majority and annotators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.analyzer import Analyzer
from stance.cues import Evidence
from stance.errors import GoldError
from stance.features import features
from stance.gold import UNKNOWN, Gold, Labels
from stance.judge import decide
from stance.scores import Articles, Report, report
from stance.text import fold
from stance.types import FRAMES, TONES, Probabilities

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
    `wrong` are the errors, worst first. `basis` is "applied" where the analyzer read the gold,
    "cross-validated" or "held out" where models that had not seen a sentence spoke of it. Of those
    that were applied, `n_seen` sentences were among the labels that they were fitted to: then the
    scores say little.
    """

    n_sentences: int
    n_articles: int
    gold: str
    signature: Mapping[str, str | int]
    basis: str
    n_seen: int
    report: Report
    beside: Mapping[str, Report]
    wrong: tuple[Wrong, ...]

    def lines(self) -> list[str]:
        """All of it but the errors, as aligned text."""
        found = [*self.report.lines(), ""]
        found.append(f"{'mean F1':<14}" + "".join(f"{name:>12}" for name in self.compared))
        for field in self.report.fields:
            each = [one.get(field.name) for one in self.compared.values()]
            values = "".join(
                f"{'-' if one is None else format(one.mean, '.3f'):>12}" for one in each
            )
            found.append(f"{field.name:<14}{values}")
        return found

    @property
    def compared(self) -> dict[str, Report]:
        """The reports by whose they are, ours first."""
        return {"stance": self.report, **self.beside}


def evaluate(gold: Gold, analyzer: Analyzer | None = None) -> Evaluation:
    """Scores of the shipped (or given) analyzer on `gold`, sentences read in their articles."""
    own = analyzer or Analyzer()
    evidence = own.finder.evidence(gold.batch())
    table = features(evidence, own.finder)
    thought = own.judge.think(evidence, table)
    if not own.target.aliases:
        # Without a target every sentence counts, whatever was learned about one.
        thought.setting[:, 0] = evidence.on_target
    decided = decide(own.judge, thought, evidence, table, own.finder)
    said = Labels(
        decided.frames.astype(np.int64),
        decided.tone,
        np.column_stack([decided.on_target, decided.quoted]).astype(np.int64),
    )
    return assess(gold, evidence, said, thought, own)


def assess(
    gold: Gold,
    evidence: Evidence,
    said: Labels,
    thought: Probabilities,
    analyzer: Analyzer,
    *,
    basis: str = "applied",
) -> Evaluation:
    """Scores of what was `said` of `gold`, however it was come by; its cues are in `evidence`.

    Raises:
        GoldError: no label is settled.
    """
    labels, articles = gold.labels(), Articles(gold.documents())
    scored = report(labels, said, articles, thought)
    if not scored.fields:
        raise GoldError(
            "no sentence has a settled label of tone, frames, target or voice; two annotators "
            "alone are compared by `stance agree`, each in a file"
        )
    seen = analyzer.judge.fitted.seen if basis == "applied" else ()
    beside = {
        "SnowNLP": snownlp(analyzer.snow.score(evidence.batch.normal), labels, articles),
        "majority": report(labels, _majority(labels), articles),
    }
    both = gold.annotators()
    if both:
        beside["annotators"] = report(*both, articles)
    told = _cues(evidence, analyzer.finder.lexicon_names)
    return Evaluation(
        n_sentences=len(gold.sentences),
        n_articles=articles.n,
        gold=gold.digest,
        signature=analyzer.signature(),
        basis=basis,
        n_seen=sum(mark in seen for mark in gold.marks()),
        report=scored,
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
        head = "".join(f"{name:>9}{'95 % interval':>17}" for name in ("kappa", "alpha"))
        found = [f"{'':<14}{'n':>6}{'equal':>8}{head}{'F1':>8}"]
        for field in self.report.fields:
            rows = [(row.name, row.agreement, row.f1) for row in field.rows]
            if field.agreement:
                rows.append(("tone, all", field.agreement, field.mean))
            for name, one, f1 in rows:
                figures = "".join(f"{v:9.3f}{v.ends:>17}" for v in (one.kappa, one.alpha))
                found.append(f"{name:<14}{one.n:6d}{one.share:8.3f}{figures}{f1:8.3f}")
        return found


def accord(first: Gold, second: Gold) -> Accord:
    """Agreement of two files of labels, sentences matched by `id`.

    Raises:
        GoldError: an id stands for different sentences, or none is in both.
    """
    sides = [{sentence.id: sentence for sentence in gold.sentences} for gold in (first, second)]
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


_ASKED = ("tone", *FRAMES, "on target", "quoted")
_YES = {0: "no", 1: "yes"}


def _told(labels: Labels, k: int) -> list[str]:
    """The labels of sentence `k` in the order of `_ASKED`, "" where there is none."""
    rest = (*labels.frames[k].tolist(), *labels.setting[k].tolist())
    return [TONES.get(int(labels.tone[k]), ""), *(_YES.get(label, "") for label in rest)]


def snownlp(score: NDArray[np.float64], gold: Labels, articles: Articles) -> Report:
    """SnowNLP's tone by the usual cuts; it says nothing of frames, target and voice."""
    low, high = _SNOW_CUTS
    # Of a text without a word it says nothing.
    score = np.nan_to_num(score, nan=0.5)
    tone = np.where(score > high, 1, np.where(score < low, -1, 0))
    silent = np.full_like(gold.frames, UNKNOWN)
    return report(gold, Labels(silent, tone, silent[:, :2]), articles, lean=score)


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
        names: Mapping[int, str],
        true: NDArray[np.int64],
        own: NDArray[np.int64],
        chance: NDArray[np.float64],
    ) -> None:
        """`names` are those of the labels, `chance` (n, labels) in their order."""
        place = {label: k for k, label in enumerate(names)}
        for k in np.flatnonzero((true != UNKNOWN) & (own != true)).tolist():
            one, label, told = gold.sentences[k], int(true[k]), names[int(own[k])]
            given = float(chance[k, place[label]])
            found.append(Wrong(one.id, one.text, field, names[label], told, given, cues[k]))

    for k, frame in enumerate(FRAMES):
        p = thought.frames[:, k]
        compare(frame, _YES, labels.frames[:, k], said.frames[:, k], np.c_[1 - p, p])
    for k, name in enumerate(("on target", "quoted")):
        p = thought.setting[:, k]
        compare(name, _YES, labels.setting[:, k], said.setting[:, k], np.c_[1 - p, p])
    compare("tone", TONES, labels.tone, said.tone, thought.tone)
    return tuple(sorted(found, key=lambda one: (one.chance, one.id, one.field)))


def _cues(evidence: Evidence, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Of each sentence: the words as they stand there, what they count for, what acts on them."""
    cues, told = evidence.cues, [list[str]() for _ in evidence.batch.text]
    for k, row in enumerate(cues.sentence):
        surface = evidence.batch.text[row][cues.start[k] : cues.end[k]]
        term = "" if surface == cues.name[k] else f"term {cues.name[k]}, "
        marks = "".join(f", {mark.modifier} {mark.surface}" for mark in cues.marks[k])
        kind = f"{names[cues.lexicon[k]]} {cues.weight[k]:.2f}"
        told[row].append(f"{surface} ({term}{kind}{marks})")
    return [tuple(own) for own in told]
