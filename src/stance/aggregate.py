"""Articles to estimates for each source. The article is the unit, never the sentence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import polars as pl

from stance.exports import tables
from stance.types import FRAMES, Article, Estimate, Tables

MEASURES = ("tone", *FRAMES)
"""What is estimated: mean tone (-1..1) and the expected share of sentences with each frame.

Frames of a user's own lexicons come behind these (`Summary.measures`).
"""

MIN_ARTICLES = 3
"""Below this there is no interval: one or two articles do not show how articles differ."""


@dataclass(frozen=True, slots=True)
class Group:
    """One source (or other group): its articles and its estimates by measure."""

    name: str
    known: bool
    article_ids: tuple[str, ...]
    n_sentences: int
    estimates: Mapping[str, Estimate]

    @property
    def n_articles(self) -> int:
        """Number of articles, the n of inference."""
        return len(self.article_ids)


@dataclass(frozen=True, slots=True)
class Summary:
    """Groups in the order of their names, those of unknown source last, with their tables.

    `articles` are the articles' values as they went into the estimates.
    """

    by: str
    groups: tuple[Group, ...]
    tables: Tables
    articles: pl.DataFrame

    @property
    def measures(self) -> tuple[str, ...]:
        """What is estimated, in the order of the columns."""
        return ("tone", *self.tables.frames)

    def table(self) -> pl.DataFrame:
        """`sources`: source, n_articles, n_sentences, then by measure value, low, high and n.

        Columns of a measure are named `tone_value`, `tone_low`, `tone_high`, `tone_n`.
        """
        rows = []
        for group in self.groups:
            row: dict[str, str | int | float | None] = {
                self.by: group.name,
                "n_articles": group.n_articles,
                "n_sentences": group.n_sentences,
            }
            for measure, estimate in group.estimates.items():
                row[f"{measure}_value"] = estimate.value
                row |= {f"{measure}_low": estimate.low, f"{measure}_high": estimate.high}
                row[f"{measure}_n"] = estimate.n
            rows.append(row)
        numbers = {
            column: pl.Int64 if column.endswith("_n") else pl.Float64
            for measure in self.measures
            for column in (f"{measure}_{part}" for part in ("value", "low", "high", "n"))
        }
        schema = {self.by: pl.String, "n_articles": pl.Int64, "n_sentences": pl.Int64, **numbers}
        return pl.DataFrame(rows, schema=schema)


def summarise(articles: Iterable[Article] | Tables, by: str = "source") -> Summary:
    """Estimates for each value of the column `by` of the articles table.

    An estimate is the mean of article values. From three articles on it carries a 95 % t interval
    on article means (Hesterberg 2015, What Teachers Should Know About the Bootstrap, sec. 4); its
    ends stay inside the measure's range. Articles without a value stand each alone. By "target",
    frames are shares of the sentences about that target: the rest of an article says as much, or
    as little, of every other company.

    Raises:
        ValueError: `by` is no column of the articles table.
    """
    found = articles if isinstance(articles, Tables) else tables(articles)
    rows = _about_target(found) if by == "target" else found.articles
    if by not in rows.columns or rows.schema[by] != pl.String:
        names = [name for name, kind in rows.schema.items() if kind == pl.String]
        raise ValueError(f"cannot group by '{by}'; columns of text are: {', '.join(names)}")
    members: dict[tuple[bool, str], list[dict[str, object]]] = {}
    files = Counter(PurePosixPath(path).name for path in rows["path"])
    for row in rows.iter_rows(named=True):
        known = row[by] is not None
        file = PurePosixPath(row["path"]).name
        name = row[by] if known else f"? {file if files[file] == 1 else row['path']}"
        members.setdefault((not known, name), []).append(row)
    groups = tuple(
        _group(name, not unknown, members[unknown, name], found.frames)
        for unknown, name in sorted(members)
    )
    return Summary(by=by, groups=groups, tables=found, articles=rows)


def _about_target(found: Tables) -> pl.DataFrame:
    """The articles table with the frames' shares taken over sentences on target; null if none."""
    frames = list(found.frames)
    shares = (
        found.sentences.filter(pl.col("on_target"))
        .group_by("article_id", maintain_order=True)
        .agg(pl.col(frames).mean())
    )
    return found.articles.drop(frames).join(shares, on="article_id", how="left")


def _group(name: str, known: bool, rows: list[dict[str, object]], frames: Sequence[str]) -> Group:
    estimates = {
        measure: estimate(
            [float(str(row[measure])) for row in rows if row[measure] is not None],
            bounds=(-1.0, 1.0) if measure == "tone" else (0.0, 1.0),
        )
        for measure in ("tone", *frames)
    }
    ids = tuple(str(row["article_id"]) for row in rows)
    return Group(name, known, ids, sum(int(str(row["n_sentences"])) for row in rows), estimates)


def estimate(values: list[float], bounds: tuple[float, float]) -> Estimate:
    """Mean and 95 % t interval of article values; no interval below `MIN_ARTICLES`."""
    n = len(values)
    if n == 0:
        return Estimate(None, None, None, 0)
    mean = math.fsum(values) / n
    if n < MIN_ARTICLES:
        return Estimate(round(mean, 6), None, None, n)
    from scipy.special import stdtrit

    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    half = float(stdtrit(n - 1, 0.975)) * math.sqrt(variance / n)
    low, high = max(bounds[0], mean - half), min(bounds[1], mean + half)
    return Estimate(round(mean, 6), round(low, 6), round(high, 6), n)
