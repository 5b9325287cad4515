"""What sets sources apart: contrasts that are tested where articles are enough, and tables."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from stance.aggregate import Group, Summary
from stance.breakdown import aspects, quality, reprints, timeline, voices
from stance.gap import Gap, tone_gaps
from stance.inference import (
    MIN_ARTICLES,
    Test,
    holm,
    jensen_shannon,
    jensen_shannon_null,
    permutation_test,
    too_rare,
)
from stance.keyness import words

MOST = 12
"""As many groups are set against each other, those with most articles; all are described."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """How far two groups lie apart on one measure: value of `a` minus value of `b`.

    `p` is that of a permutation of article labels, `p_holm` the same corrected for the family of
    all contrasts that are tested; both are None where the articles are too few for any outcome to
    reach 0.05. `attainable` is the smallest `p_holm` that any outcome could have reached. `method`
    is that of `stance.inference.permutation_test`, "rare" where so few sentences carry the frame
    that its test raises false alarms, and "paired" where both groups are the same articles.
    """

    measure: str
    a: str
    b: str
    difference: float
    p: float | None
    p_holm: float | None
    attainable: float
    method: str


@dataclass(frozen=True, slots=True)
class Distance:
    """Jensen-Shannon distance (0 to 1) of the frame profiles of two groups.

    `null_median` and `null_high` (95th percentile) are what a shuffle of article labels gives; None
    with fewer than two articles in either.
    """

    a: str
    b: str
    distance: float
    null_median: float | None
    null_high: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A summary, and what sets its groups apart.

    `inferential` says whether any group has enough articles for an interval, `family` how many
    contrasts are tested together. The tables are those of `stance.breakdown` and `stance.keyness`;
    `gaps` tells the tone of pairs by the cues that make it.
    """

    summary: Summary
    contrasts: tuple[Contrast, ...]
    distances: tuple[Distance, ...]
    inferential: bool
    family: int
    words: pl.DataFrame
    voices: pl.DataFrame
    aspects: pl.DataFrame
    timeline: pl.DataFrame
    quality: pl.DataFrame
    reprints: pl.DataFrame
    gaps: tuple[Gap, ...]

    @property
    def compared(self) -> tuple[Group, ...]:
        """The groups that are set against each other."""
        return compared(self.summary)

    def contrast_table(self) -> pl.DataFrame:
        """One row a contrast."""
        return pl.DataFrame(list(self.contrasts), schema=_CONTRASTS)

    def distance_table(self) -> pl.DataFrame:
        """One row a pair."""
        return pl.DataFrame(list(self.distances), schema=_DISTANCES)


_CONTRASTS = {
    **dict.fromkeys(("measure", "a", "b"), pl.String),
    **dict.fromkeys(("difference", "p", "p_holm", "attainable"), pl.Float64),
    "method": pl.String,
}
_DISTANCES = {
    **dict.fromkeys(("a", "b"), pl.String),
    **dict.fromkeys(("distance", "null_median", "null_high"), pl.Float64),
}


def compared(summary: Summary) -> tuple[Group, ...]:
    """The known groups, or the `MOST` of them with most articles, in the order of the summary."""
    known = [group for group in summary.groups if group.known]
    chosen = {g.name for g in sorted(known, key=lambda g: (-g.n_articles, g.name))[:MOST]}
    return tuple(group for group in known if group.name in chosen)


def compare(summary: Summary, *, names: tuple[str, ...] = (), seed: int = 0) -> Comparison:
    """What sets the groups apart; those of unknown source take no part in contrasts.

    The family that is tested together holds every measure (tone and frames) of every pair. `names`
    of the target are no distinctive words.
    """
    groups = compared(summary)
    pairs = list(combinations(groups, 2))
    contrasts = _contrasts(summary, pairs, seed)
    gaps = tone_gaps(summary, [(a.name, b.name) for a, b in pairs])
    return Comparison(
        summary=summary,
        contrasts=contrasts,
        distances=tuple(_distance(summary, a, b, seed) for a, b in pairs),
        inferential=any(g.n_articles >= MIN_ARTICLES for g in summary.groups if g.known),
        family=sum(contrast.p_holm is not None for contrast in contrasts),
        words=words(summary, names=names, of=[group.name for group in groups], seed=seed),
        voices=voices(summary),
        aspects=aspects(summary),
        timeline=timeline(summary),
        quality=quality(summary),
        reprints=reprints(summary),
        gaps=tuple(gap for gap in gaps if gap is not None),
    )


def _contrasts(
    summary: Summary, pairs: list[tuple[Group, Group]], seed: int
) -> tuple[Contrast, ...]:
    found: list[tuple[str, Group, Group, float, Test]] = []
    for measure in summary.measures:
        for a, b in pairs:
            first, second = a.estimates[measure].value, b.estimates[measure].value
            if first is not None and second is not None:
                test = _test(summary, measure, a, b, seed)
                found.append((measure, a, b, round(first - second, 6), test))
    adjusted = holm([test for *_, test in found])
    return tuple(
        Contrast(
            measure=measure,
            a=a.name,
            b=b.name,
            difference=difference,
            p=_rounded(test.p) if adjusted.tested[k] else None,
            p_holm=_rounded(adjusted.p_holm[k]),
            attainable=round(min(1.0, adjusted.attainable[k]), 6),
            method=test.method,
        )
        for k, (measure, a, b, difference, test) in enumerate(found)
    )


def _test(summary: Summary, measure: str, a: Group, b: Group, seed: int) -> Test:
    if summary.by == "target":
        return Test(p=None, smallest=1.0, method="paired", n=0)
    shares = [group.estimates[measure].decided for group in (a, b)]
    carried = [share for share in shares if share is not None]
    if len(carried) == 2:
        worth = [group.worth[measure] for group in (a, b)]
        lengths = [group.n_sentences / group.n_articles for group in (a, b)]
        if too_rare(carried, worth, lengths):
            return Test(p=None, smallest=1.0, method="rare", n=0)
    return permutation_test(a.values[measure], b.values[measure], seed=seed)


def _distance(summary: Summary, a: Group, b: Group, seed: int) -> Distance:
    frames = summary.tables.frames
    profiles = [
        np.array([group.estimates[frame].value or 0.0 for frame in frames]) for group in (a, b)
    ]
    tables = [np.array([group.values[frame] for frame in frames]).T for group in (a, b)]
    # The same articles on both sides: shuffling them tells nothing.
    paired = summary.by == "target"
    null = None if paired else jensen_shannon_null(*tables, seed=seed)
    return Distance(
        a=a.name,
        b=b.name,
        distance=round(jensen_shannon(*profiles), 6),
        null_median=None if null is None else round(null[0], 6),
        null_high=None if null is None else round(null[1], 6),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
