"""Contrasts between sources. With few articles a source they describe and do not test."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from stance.aggregate import MIN_ARTICLES, Summary


@dataclass(frozen=True, slots=True)
class Contrast:
    """How far two groups lie apart on one measure: value of `a` minus value of `b`."""

    measure: str
    a: str
    b: str
    difference: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A summary with the contrasts of every pair of known groups.

    `inferential` says whether any group has enough articles for an interval.
    """

    summary: Summary
    contrasts: tuple[Contrast, ...]
    inferential: bool


def compare(summary: Summary) -> Comparison:
    """Differences of the estimates of every pair; groups of unknown source take no part."""
    known = [group for group in summary.groups if group.known]
    contrasts = []
    for measure in summary.measures:
        for first, second in combinations(known, 2):
            a, b = first.estimates[measure].value, second.estimates[measure].value
            if a is not None and b is not None:
                contrasts.append(Contrast(measure, first.name, second.name, round(a - b, 6)))
    enough = any(group.n_articles >= MIN_ARTICLES for group in known)
    return Comparison(summary, tuple(contrasts), enough)
