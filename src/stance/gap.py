"""A gap of tone between two groups, told by the cues that make it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stance.aggregate import Summary
from stance.breakdown import AT, sentences_with_cues
from stance.entries import TONE

NEGATED = -0.6
"""What a denied cue says, as a part of what it would say: as the tone scorer has it."""

# 0.98 favourable less unfavourable is odds of 99 to 1: beyond, log-odds tell of rounding.
_CLIP = 0.98
_PLACE = ("sentence_id", "start", "end")


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the tone of `a` lies from that of `b`, term by term of the word lists.

    Attributes:
        a: Name of a group.
        b: Name of the group that it is set against.
        gap: Log-odds of tone of `a` less those of `b`; above 0 where `a` is more favourable.
        terms: term, contribution (to the gap, in log-odds), n_a and n_b (occurrences in the
            sentences that count), surface (as it stands there most often). The largest
            contributions first, of equal ones by term.
        other: Sum of the contributions of all other terms.
        remainder: What no term explains: contributions + other + remainder = gap.
        slope: Log-odds of a sentence's tone for each unit of valence of its cues.
        explained: R squared of the regression that gave it, about 0; 0..1.
    """

    a: str
    b: str
    gap: float
    terms: pl.DataFrame
    other: float
    remainder: float
    slope: float
    explained: float


def tone_gap(summary: Summary, a: str, b: str, most: int = 12) -> Gap | None:
    """Which cues make the tone of one group differ from another's; see `tone_gaps`."""
    return tone_gaps(summary, [(a, b)], most)[0]


def tone_gaps(
    summary: Summary, pairs: Iterable[tuple[str, str]], most: int = 12
) -> list[Gap | None]:
    """Which cues make the tone of group a differ from that of group b, for each pair (a, b).

    An exact decomposition in the manner of Oaxaca (1973) and Blinder (1973), with one slope for
    all: a difference of means is the slope times the difference of mean regressors, and a rest.
    The sentences on target with a tone score s count, by l = log((1 + s) / (1 - s)), s held within
    0.98 of zero. The valence of a cue is polarity * weight * asserted, and `NEGATED` times that
    where it is denied; degree is in the weight. Of cues of several lists at one place of a sentence
    that of the tone list counts, else that of the first frame by name. Over the whole corpus l is
    regressed through the origin on the sum of a sentence's valences: its slope is k. A group's
    log-odds are the mean over articles of the article's mean l (the article is the unit), and a
    term contributes k times the like mean of its valence a sentence in a, less that in b.

    Args:
        summary: With both groups.
        pairs: Names of groups.
        most: Terms that are told apart.

    Returns:
        A Gap for each pair, floats rounded to six decimals so that they still sum exactly; None
        where a group has no sentence that counts.

    Raises:
        KeyError: a group is not of the summary.
    """
    heard = _hear(summary)
    number = {group.name: k for k, group in enumerate(summary.groups)}
    return [heard.gap((a, number[a]), (b, number[b]), most) for a, b in pairs]


@dataclass(frozen=True, slots=True)
class _Heard:
    """What all gaps of a corpus rest on.

    Of the groups, by number, `log_odds` (g,) are the means over articles, of which `articles` (g,)
    have a sentence that counts. `cues` has a row for each group and term: group, term, valence (the
    articles' means a sentence, summed), n; `surfaces` one for each group, term and surface.
    """

    articles: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    cues: pl.DataFrame
    surfaces: pl.DataFrame
    slope: float
    explained: float

    def gap(self, first: tuple[str, int], second: tuple[str, int], most: int) -> Gap | None:
        (a, number_a), (b, number_b) = first, second
        if not self.articles[number_a] or not self.articles[number_b]:
            return None
        gap = round(float(self.log_odds[number_a] - self.log_odds[number_b]), 6) + 0.0
        side = pl.DataFrame(
            {
                "group": [number_a, number_b],
                "weight": [1 / self.articles[number_a], -1 / self.articles[number_b]],
                "in_a": [1, 0],
                "in_b": [0, 1],
            }
        )
        surface = (
            self.surfaces.join(side, on="group", how="semi")
            .group_by("term", "surface")
            .agg(pl.col("n").sum())
            .sort(["term", "n", "surface"], descending=[False, True, False])
            .group_by("term", maintain_order=True)
            .agg(pl.col("surface").first())
        )
        terms = (
            self.cues.join(side, on="group", how="inner", maintain_order="left")
            .group_by("term", maintain_order=True)
            .agg(
                (self.slope * (pl.col("weight") * pl.col("valence")).sum()).alias("contribution"),
                (pl.col("n") * pl.col("in_a")).sum().alias("n_a"),
                (pl.col("n") * pl.col("in_b")).sum().alias("n_b"),
            )
            .with_columns(pl.col("contribution").round(6) + 0.0)
            .join(surface, on="term", how="left")
            .sort(pl.col("contribution").abs(), "term", descending=[True, False])
        )
        shown = terms.head(most)
        other = round(float(terms.slice(most)["contribution"].sum()), 6) + 0.0
        rest = round(gap - float(shown["contribution"].sum()) - other, 6) + 0.0
        return Gap(a, b, gap, shown, other, rest, self.slope, self.explained)


def _hear(summary: Summary) -> _Heard:
    columns = ("sentence_id", "tone_score", "on_target")
    parts = [
        _part(sentences, cues)
        for sentences, cues in sentences_with_cues(summary, columns, _CUE_COLUMNS)
    ]
    n = len(summary.groups)
    # Without a part there is still an empty one, whose arrays have the right kinds.
    parts.append(_Part(np.zeros(0, np.int64), np.zeros(0), np.zeros(3), pl.DataFrame(schema=_SUMS)))
    group = np.concatenate([part.group for part in parts])
    articles = np.bincount(group, minlength=n)
    log_odds = np.bincount(group, np.concatenate([part.log_odds for part in parts]), minlength=n)
    power, cross, total = np.sum([part.squares for part in parts], axis=0).tolist()
    slope = cross / power if power else 0.0
    sums = (
        pl.concat([part.sums for part in parts])
        .group_by("group", "term", "surface", maintain_order=True)
        .agg(pl.col("valence", "n").sum())
        .sort("group", "term", "surface")
    )
    return _Heard(
        articles=articles,
        log_odds=log_odds / np.maximum(articles, 1),
        cues=sums.group_by("group", "term", maintain_order=True).agg(pl.col("valence", "n").sum()),
        surfaces=sums.drop("valence"),
        slope=round(slope, 6),
        explained=round(slope * slope * power / total, 6) if total else 0.0,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """The same of some articles: group and mean log-odds of each that has a sentence that counts.

    `squares` are the sums of x * x, x * y and y * y over sentences, x the valence of the cues and
    y the log-odds; `sums` are columns as `_SUMS` has them.
    """

    group: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    squares: NDArray[np.float64]
    sums: pl.DataFrame


_CUE_COLUMNS = (*_PLACE, "frame", "term", "surface", "weight", "polarity", "asserted", "negated")
_SUMS: dict[str, Any] = {
    "group": pl.Int64,
    **dict.fromkeys(("term", "surface"), pl.String),
    "valence": pl.Float64,
    "n": pl.Int64,
}


def _part(sentences: pl.DataFrame, cues: pl.DataFrame) -> _Part:
    score = pl.col("tone_score").clip(-_CLIP, _CLIP)
    rows = (
        sentences.filter(pl.col("on_target") & pl.col("tone_score").is_not_null())
        .select(
            "sentence_id",
            "article_id",
            pl.col(AT).alias("group"),
            ((1 + score) / (1 - score)).log().alias("log_odds"),
            pl.len().over("article_id").cast(pl.Float64).alias("size"),
        )
        .sort("article_id", "sentence_id")
        .with_row_index("row")
    )
    valence = pl.col("polarity") * pl.col("weight") * pl.col("asserted")
    judging = (
        cues.filter(pl.col("polarity") != 0)
        .sort("sentence_id", "start", "end", pl.col("frame") != TONE, "frame", "term")
        .unique(_PLACE, keep="first", maintain_order=True)
        .join(rows, on="sentence_id", how="inner", maintain_order="left")
        .with_columns(
            pl.when(pl.col("negated")).then(NEGATED * valence).otherwise(valence).alias("valence")
        )
    )
    y = rows["log_odds"].to_numpy()
    x = np.bincount(judging["row"].to_numpy(), judging["valence"].to_numpy(), minlength=len(y))
    articles = rows.group_by("article_id", maintain_order=True).agg(
        pl.col("group").first(), pl.col("log_odds").mean()
    )
    sums = judging.group_by("group", "term", "surface", maintain_order=True).agg(
        (pl.col("valence") / pl.col("size")).sum(), pl.len().cast(pl.Int64).alias("n")
    )
    return _Part(
        articles["group"].to_numpy(),
        articles["log_odds"].to_numpy(),
        np.array([x @ x, x @ y, y @ y]),
        sums.select(*_SUMS),
    )
