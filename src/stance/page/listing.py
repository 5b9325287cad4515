"""Which articles of a large run the page lists sentence by sentence: it cannot hold them all."""

from __future__ import annotations

import polars as pl

from stance.aggregate import Summary
from stance.types import Tables

MOST_LISTED = 10_000
"""As many articles are listed with their sentences; figures and tables count all."""


def listed(summary: Summary) -> Tables:
    """The tables of the articles that the page lists, rows in their order.

    Small groups are listed whole, of the large ones equally many articles each: by their ids, which
    say nothing of what is in them, and at even distances.
    """
    found = summary.tables
    if found.articles.height <= MOST_LISTED:
        return Tables(found.articles, found["sentences"], found["cues"])
    groups = [sorted({*group.article_ids, *group.reprints}) for group in summary.groups]
    sizes = shared([len(ids) for ids in groups], MOST_LISTED)
    chosen = [
        ids[k * len(ids) // size]
        for ids, size in zip(groups, sizes, strict=True)
        for k in range(size)
    ]
    own = pl.col("article_id").is_in(chosen)
    sentences = found.scan("sentences").filter(own).collect()
    ids = sentences["sentence_id"].implode()
    cues = found.scan("cues").filter(pl.col("sentence_id").is_in(ids)).collect()
    return Tables(found.articles.filter(own), sentences, cues)


def shared(sizes: list[int], most: int) -> list[int]:
    """`most` places given out to groups: each gets its size, or as many as any other at most.

    What cannot be shared evenly goes to the first.
    """
    level, rest, open_ = 0, most, len(sizes)
    for size in sorted(sizes):
        if (size - level) * open_ > rest:
            break
        rest -= (size - level) * open_
        level, open_ = size, open_ - 1
    level, rest = level + rest // open_ if open_ else level, rest % open_ if open_ else 0
    given = []
    for size in sizes:
        more = int(size > level and rest > 0)
        rest -= more
        given.append(min(size, level) + more)
    return given
