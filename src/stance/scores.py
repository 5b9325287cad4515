"""How well labels agree: figures from sums over articles, with intervals that resample articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from stance.gold import UNKNOWN, Labels, one_of_three
from stance.types import FRAMES, TONES, Probabilities

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Resamples of articles behind an interval, with a seed of their own.
_RESAMPLES = 2000
_BINS = 10
_YES = {0: "no", 1: "yes"}


@dataclass(frozen=True, slots=True)
class Value:
    """A figure with the 2.5th and 97.5th percentile over resampled articles.

    None where it is not defined; no ends with fewer than three articles that have the labels.
    """

    value: float | None
    low: float | None = None
    high: float | None = None

    def __format__(self, spec: str) -> str:
        """The value, in width and precision of `spec`; a dash where there is none."""
        if self.value is None:
            return format("-", ">" + spec.split(".")[0])
        return format(self.value, spec)

    @property
    def ends(self) -> str:
        """The interval as text, blank where there is none."""
        return "" if self.low is None else f"{self.low:.3f} to {self.high:.3f}"


@dataclass(frozen=True, slots=True)
class Bin:
    """Sentences of like probability: its mean, the share that was so, and their number."""

    said: float
    found: float
    n: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two labellings of one question with classes that exclude each other.

    `confusion` counts the first (gold) in rows, the second in columns. `share` is that of equal
    labels, `kappa` Cohen's (1960), `alpha` Krippendorff's (2011, *Computing Krippendorff's
    Alpha-Reliability*): of ordered classes where there are more than two.
    """

    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    share: Value
    kappa: Value
    alpha: Value

    @property
    def n(self) -> int:
        """Sentences labelled by both."""
        return sum(map(sum, self.confusion))


@dataclass(frozen=True, slots=True)
class Row:
    """One yes-or-no label, carried by `n` sentences. AUC, Brier and bins need probabilities."""

    name: str
    n: int
    f1: Value
    precision: Value
    recall: Value
    agreement: Agreement
    auc: Value | None = None
    brier: Value | None = None
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """The labels of one question: frames, tone, on target or quoted; `mean` is that of their F1.

    Of tone there is also the agreement over the three, and `auc`: favourable against unfavourable.
    """

    name: str
    rows: tuple[Row, ...]
    mean: Value
    agreement: Agreement | None = None
    auc: Value | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A Field each for frames, tone, on target and quoted, where something is said of it."""

    fields: tuple[Field, ...]

    def __getitem__(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def get(self, name: str) -> Field | None:
        """The field of that name, None where nothing is said of it."""
        return next((field for field in self.fields if field.name == name), None)

    def lines(self) -> list[str]:
        """The scores as aligned text."""
        found = [
            f"{'':<14}{'F1':>7}{'95 % interval':>18}{'precision':>11}{'recall':>8}"
            f"{'AUC':>8}{'Brier':>8}{'alpha':>8}{'n':>6}"
        ]
        for field in self.fields:
            for row in field.rows:
                more = "".join(
                    f"{value or _NONE:8.3f}"
                    for value in (row.recall, row.auc, row.brier, row.agreement.alpha)
                )
                left = f"{row.name:<14}{row.f1:7.3f}{row.f1.ends:>18}{row.precision:11.3f}"
                found.append(f"{left}{more}{row.n:6d}")
            if len(field.rows) > 1:
                line = f"{field.name + ' mean':<14}{field.mean:7.3f}{field.mean.ends:>18}"
                if field.agreement:
                    alpha = field.agreement.alpha
                    line += f"{'':19}{field.auc or _NONE:8.3f}{'':8}{alpha:8.3f}"
                found.append(line)
        return found


_NONE = Value(None)


class Articles:
    """Sums of sentences by article, as they are and resampled.

    Only the articles with a sentence that is `known` (n,) count: the others say nothing.

    Parameters:
        documents: (n,) number of each sentence's article, from 0.
    """

    def __init__(self, documents: Ints) -> None:
        self.documents = documents
        self.n = int(documents.max()) + 1
        self._drawn: dict[int, Floats] = {}

    def value(
        self, known: Flags, statistic: Callable[[Floats], Floats], *columns: NDArray[np.generic]
    ) -> Value:
        """`statistic` of the sums of (n,) columns, which it is handed as (..., columns)."""
        by_article = np.column_stack(
            [np.bincount(self.documents, column, minlength=self.n) for column in columns]
        )[self._among(known)]
        return self._with_ends(
            statistic(by_article.sum(axis=0)),
            lambda times: statistic(times @ by_article),
            len(by_article),
        )

    def auc(self, known: Flags, score: Floats, positive: Flags) -> Value:
        """Chance that a positive scores above a negative, ties by half."""
        among = self._among(known)
        place_of = np.cumsum(among) - 1
        order, place = np.unique(score[known], return_inverse=True)
        documents, true = place_of[self.documents[known]], positive[known]
        sides = []
        for own in (true, ~true):
            at = (np.ones(int(own.sum())), (place[own], documents[own]))
            sides.append(sparse.csr_matrix(at, shape=(len(order), int(among.sum()))))

        def area(times: Floats) -> Floats:
            above, below = (side @ times.T for side in sides)
            under = np.cumsum(below, axis=0) - below / 2
            return _over((above * under).sum(axis=0), above.sum(axis=0) * below.sum(axis=0))

        n = int(among.sum())
        return self._with_ends(area(np.ones((1, n)))[0], area, n)

    def _among(self, known: Flags) -> Flags:
        return np.bincount(self.documents, known, minlength=self.n) > 0

    def _with_ends(self, point: Floats, resampled: Callable[[Floats], Floats], n: int) -> Value:
        if np.isnan(point):
            return _NONE
        if n < 3:
            return Value(float(point))
        spread = np.concatenate([resampled(part) for part in np.array_split(self._times(n), 20)])
        low, high = np.nanpercentile(spread, [2.5, 97.5])
        return Value(float(point), float(low), float(high))

    def _times(self, n: int) -> Floats:
        """(resamples, n): how often each of n articles was drawn."""
        if n not in self._drawn:
            picks = np.random.default_rng(0).integers(0, n, (_RESAMPLES, n))
            counts = [np.bincount(pick, minlength=n) for pick in picks]
            self._drawn[n] = np.stack(counts).astype(np.float64)
        return self._drawn[n]


def report(
    gold: Labels,
    said: Labels,
    articles: Articles,
    thought: Probabilities | None = None,
    lean: Floats | None = None,
) -> Report:
    """Scores of what is `said` against `gold`, the probabilities behind it where there are any.

    `lean` (n,) is a score of tone, the higher the more favourable, for its AUC; the difference of
    the probabilities where there are those. A question that no sentence answers is left out.
    """
    if thought is not None:
        lean = thought.tone[:, 2] - thought.tone[:, 0]
    tones = (one_of_three(gold.tone), one_of_three(said.tone))
    asked: list[tuple[str, Sequence[str], Ints, Ints, Floats | None]] = [
        ("frames", FRAMES, gold.frames, said.frames, thought.frames if thought else None),
        ("tone", ("tone -1", "tone 0", "tone +1"), *tones, thought.tone if thought else None),
    ]
    for k, name in enumerate(("on target", "quoted")):
        one = slice(k, k + 1)
        chance = thought.setting[:, one] if thought else None
        asked.append((name, [name], gold.setting[:, one], said.setting[:, one], chance))
    fields = []
    for name, rows, true, own, chance in asked:
        known = ((true != UNKNOWN) & (own != UNKNOWN)).any(axis=1)
        if not known.any():
            continue
        scored = tuple(
            _row(row, true[:, k], own[:, k], None if chance is None else chance[:, k], articles)
            for k, row in enumerate(rows)
        )
        mean = articles.value(known, _mean_f1, *_counts(true, own))
        over_three = auc = None
        if name == "tone":
            over_three = agreement(gold.tone, said.tone, TONES, articles)
            if lean is not None:
                clear = known & ((gold.tone == 1) | (gold.tone == -1))
                auc = articles.auc(clear, lean, gold.tone == 1)
        fields.append(Field(name, scored, mean, over_three, auc))
    return Report(tuple(fields))


def agreement(
    first: Ints, second: Ints, classes: Mapping[int, str], articles: Articles
) -> Agreement:
    """Agreement of two labellings (n,), where both have one of `classes`, which are in order."""
    k = len(classes)
    pairs = [(first == a) & (second == b) for a in classes for b in classes]
    counts = np.array([int(pair.sum()) for pair in pairs]).reshape(k, k)
    known = np.logical_or.reduce(pairs)

    def of(statistic: Callable[[Floats], Floats]) -> Value:
        return articles.value(known, lambda s: statistic(s.reshape(*s.shape[:-1], k, k)), *pairs)

    return Agreement(
        tuple(classes.values()),
        tuple(map(tuple, counts.tolist())),
        of(lambda table: _over(np.trace(table, axis1=-2, axis2=-1), table.sum(axis=(-2, -1)))),
        of(_kappa),
        of(_alpha),
    )


def _row(name: str, true: Ints, own: Ints, chance: Floats | None, articles: Articles) -> Row:
    counts = _counts(true[:, None], own[:, None])
    known = (true != UNKNOWN) & (own != UNKNOWN)
    auc, brier, bins = None, None, tuple[Bin, ...]()
    if chance is not None:
        missed = np.where(known, (chance - (true == 1)) ** 2, 0.0)
        auc = articles.auc(known, chance, true == 1)
        brier = articles.value(known, lambda s: _over(s[..., 0], s[..., 1]), missed, known)
        bins = _bins(chance[known], true[known] == 1)
    return Row(
        name,
        n=int(((true == 1) & known).sum()),
        f1=articles.value(known, lambda s: _f1(s)[..., 0], *counts),
        precision=articles.value(known, lambda s: _over(s[..., 0], s[..., 1]), *counts),
        recall=articles.value(known, lambda s: _over(s[..., 0], s[..., 2]), *counts),
        agreement=agreement(true, own, _YES, articles),
        auc=auc,
        brier=brier,
        bins=bins,
    )


def _bins(chance: Floats, true: Flags) -> tuple[Bin, ...]:
    """Tenths of the scale of probability; empty ones are left out."""
    place = np.minimum((chance * _BINS).astype(int), _BINS - 1)
    return tuple(
        Bin(float(chance[own].mean()), float(true[own].mean()), int(own.sum()))
        for own in (place == k for k in range(_BINS))
        if own.any()
    )


def _counts(true: Ints, own: Ints) -> list[Flags]:
    """For each label of (n, k): in both, in the second, in the first, where both are known."""
    columns = []
    for k in range(true.shape[1]):
        known = (true[:, k] != UNKNOWN) & (own[:, k] != UNKNOWN)
        one, other = (true[:, k] == 1) & known, (own[:, k] == 1) & known
        columns += [one & other, other, one]
    return columns


def _f1(sums: Floats) -> Floats:
    """(..., k) from sums as `_counts` gives them; NaN where nothing is said and nothing true."""
    both, said, true = (sums[..., k::3] for k in range(3))
    return _over(2 * both, said + true)


def _mean_f1(sums: Floats) -> Floats:
    """The mean of those that are defined."""
    each = _f1(sums)
    return _over(np.nansum(each, axis=-1), (~np.isnan(each)).sum(axis=-1))


def _kappa(table: Floats) -> Floats:
    total = table.sum(axis=(-2, -1))
    seen = _over(np.trace(table, axis1=-2, axis2=-1), total)
    expected = _over((table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1), total**2)
    return _over(seen - expected, 1 - expected)


def _alpha(table: Floats) -> Floats:
    """Krippendorff's alpha of two labellings; the classes are ordered where they are over two."""
    both = table + np.swapaxes(table, -1, -2)
    each = both.sum(axis=-1)
    # Distance of two classes: all labels from one to the other, half of those at both ends.
    reach = np.cumsum(each, axis=-1) - each / 2
    apart = (reach[..., :, None] - reach[..., None, :]) ** 2
    total = each.sum(axis=-1)
    seen = (both * apart).sum(axis=(-2, -1))
    expected = (each[..., :, None] * each[..., None, :] * apart).sum(axis=(-2, -1))
    return 1 - _over(seen * (total - 1), expected)


def _over(above: Floats, below: Floats) -> Floats:
    """A quotient, NaN where there is nothing below."""
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Floats = np.true_divide(above, np.where(below == 0, np.nan, below))
    return result
