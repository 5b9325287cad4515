"""Articles to estimates for each source. The article is the unit, never the sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stance.exports import tables
from stance.inference import bootstrap_t, effective_n, intraclass, rare, t_interval
from stance.ragged import between
from stance.types import FRAMES, Article, Estimate, Tables

MEASURES = ("tone", *FRAMES)
"""What is estimated: mean tone (-1..1) and the expected share of sentences with each frame.

Frames of a user's own lexicons come behind these (`Summary.measures`).
"""
_ROWS = 50_000
"""Sentences that are looked at together."""
_BESIDE = ("boot_low", "boot_high", "by_sentence", "icc", "n_effective", "decided", "rare")


_KINDS: Mapping[str, Any] = {"n": pl.Int64, "rare": pl.Boolean}


@dataclass(frozen=True, slots=True)
class Group:
    """One source (or other group): its articles and its estimates by measure.

    `article_ids` are those that count: of reprints of one article in the group the most complete.
    The others are `reprints`. `values` are what the estimates rest on, one an article.
    `worth` is, by frame, how many independent sentences its sentences are worth in telling how
    often the frame is decided: by that, `stance.inference.rare` knows what is too rare to judge.
    """

    name: str
    known: bool
    article_ids: tuple[str, ...]
    reprints: tuple[str, ...]
    n_sentences: int
    estimates: Mapping[str, Estimate]
    values: Mapping[str, tuple[float, ...]]
    worth: Mapping[str, float]

    @property
    def n_articles(self) -> int:
        """Number of articles that count."""
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

        Columns of a measure are named `tone_value`, `tone_low`, `tone_high`, `tone_n`; behind
        those of all measures stand `tone_boot_low`, `tone_boot_high`, `tone_by_sentence`,
        `tone_icc`, `tone_n_effective`, `tone_decided` and `tone_rare` (see `Estimate`).
        """
        rows = []
        for group in self.groups:
            row: dict[str, str | int | float | bool | None] = {
                self.by: group.name,
                "n_articles": group.n_articles,
                "n_sentences": group.n_sentences,
            }
            for measure, estimate in group.estimates.items():
                row[f"{measure}_value"] = estimate.value
                row |= {f"{measure}_low": estimate.low, f"{measure}_high": estimate.high}
                row[f"{measure}_n"] = estimate.n
                row |= {f"{measure}_{part}": getattr(estimate, part) for part in _BESIDE}
            rows.append(row)
        numbers = {
            f"{measure}_{part}": _KINDS.get(part, pl.Float64)
            for parts in (("value", "low", "high", "n"), _BESIDE)
            for measure in self.measures
            for part in parts
        }
        schema = {self.by: pl.String, "n_articles": pl.Int64, "n_sentences": pl.Int64, **numbers}
        return pl.DataFrame(rows, schema=schema)


def summarise(articles: Iterable[Article] | Tables, by: str = "source", seed: int = 0) -> Summary:
    """Estimates for each value of the column `by` of the articles table.

    An estimate is the mean of article values (article-weighted), beside it the mean over sentences.
    From three articles on it carries a 95 % t interval on article means (Hesterberg 2015, What
    Teachers Should Know About the Bootstrap, sec. 4), from five on a bootstrap-t interval as well;
    their ends stay inside the measure's range. Of reprints of one article in a group one counts.
    Articles without a value stand each alone. By "target", frames are shares of the sentences about
    that target: the rest of an article says as much, or as little, of every other company.

    Raises:
        ValueError: `by` is no column of the articles table, or the articles were read for several
            targets and `by` is not "target".
    """
    found = _once(articles if isinstance(articles, Tables) else tables(articles))
    check_by(by, found.articles.schema, found.articles["target"].n_unique())
    rows = _about_target(found) if by == "target" else found.articles
    members: dict[tuple[bool, str], list[int]] = {}
    files = Counter(PurePosixPath(path).name for path in rows["path"])
    for number, (value, path) in enumerate(zip(rows[by], rows["path"], strict=True)):
        file = PurePosixPath(path).name
        name = value if value is not None else f"? {file if files[file] == 1 else path}"
        members.setdefault((value is None, name), []).append(number)
    counting = {key: _counting(rows, np.array(own)) for key, own in sorted(members.items())}
    told: dict[tuple[bool, str], dict[str, _Told]] = {key: {} for key in counting}
    sentences = _sentences(found, rows)
    # Measure by measure: of a large run, the sentences of one are enough to hold.
    for measure in ("tone", *found.frames):
        said = _spoken(found, measure, sentences, only_target=by == "target")
        for key, own in counting.items():
            told[key][measure] = _tell(rows[measure], said, own, seed)
    groups = tuple(
        _group(key, rows, np.array(members[key]), own, told[key]) for key, own in counting.items()
    )
    return Summary(by=by, groups=groups, tables=found, articles=rows)


def check_by(by: str, columns: Mapping[str, Any], targets: int) -> None:
    """Whether articles with these columns, read for so many targets, can be grouped by one.

    Raises:
        ValueError: they cannot, and why.
    """
    if by != "target" and targets > 1:
        raise ValueError(
            f"each article was read once for every target, so by '{by}' it would count as often; "
            "compare by 'target', or analyse one target at a time"
        )
    names = [name for name, kind in columns.items() if kind == pl.String]
    if by not in names:
        raise ValueError(f"cannot group by '{by}'; columns of text are: {', '.join(names)}")


def in_parts(found: Tables, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Columns of the sentences, article_id among them: some at a time, every article whole."""
    rest = pl.DataFrame()
    for more in _slices(found, "sentences", columns):
        part = pl.concat([rest, more]) if rest.height else more
        last = int((part["article_id"] != part["article_id"][-1]).sum())
        if last:
            yield part.head(last)
        rest = part.slice(last)
    if rest.height:
        yield rest


def with_cues(
    found: Tables, columns: Sequence[str], cue_columns: Sequence[str]
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """As `in_parts`, with columns of the cues of those sentences; sentence_id is among both.

    Raises:
        ValueError: the cues do not stand in the order of their sentences.
    """
    slices = _slices(found, "cues", cue_columns)
    waiting = next(slices, found.scan("cues").select(cue_columns).head(0).collect())
    for part in in_parts(found, columns):
        ids, own = part["sentence_id"].implode(), [waiting.clear()]
        while waiting.height:
            inside = waiting["sentence_id"].is_in(ids)
            many = waiting.height if inside.all() else int((~inside).arg_max() or 0)
            own.append(waiting.head(many))
            waiting = waiting.slice(many)
            if waiting.height:
                break
            waiting = next(slices, waiting)
        yield part, pl.concat(own)
    if waiting.height:
        raise ValueError("the cues do not stand in the order of their sentences")


def _slices(found: Tables, name: str, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    for start in range(0, found.height(name), _ROWS):
        yield found.scan(name).select(columns).slice(start, _ROWS).collect()


def _once(found: Tables) -> Tables:
    """The tables without articles that were given twice: one source, one text, one id.

    The sentences of an article stand together, and cues in the order of sentences.
    """
    if found.articles["article_id"].n_unique() < found.articles.height:
        found = Tables(
            found.articles.unique("article_id", keep="first", maintain_order=True),
            found.sentences.unique("sentence_id", keep="first", maintain_order=True),
            found.cues.unique(maintain_order=True),
        )
    runs = pl.concat(
        [
            pl.Series("article_id", [], dtype=pl.String),
            *(
                part["article_id"].rle().struct.field("value").alias("article_id")
                for part in _slices(found, "sentences", ["article_id"])
            ),
        ]
    )
    # An article at the seam of two slices is one run.
    runs = runs.rle().struct.field("value")
    if len(runs) > runs.n_unique():
        sentences = found.sentences.sort("article_id", "index")
        place = sentences.select("sentence_id").with_row_index("_place")
        cues = found.cues.join(place, on="sentence_id", how="left", maintain_order="left")
        ordered = cues.sort("_place", maintain_order=True).drop("_place")
        found = Tables(found.articles, sentences, ordered)
    return found


def _about_target(found: Tables) -> pl.DataFrame:
    """The articles table with the frames' shares taken over sentences on target; null if none."""
    frames = list(found.frames)
    parts = (
        part.filter("on_target")
        .group_by("article_id", maintain_order=True)
        .agg(pl.col(frames).mean())
        for part in in_parts(found, ["article_id", "on_target", *frames])
    )
    empty: dict[str, Any] = {"article_id": pl.String, **dict.fromkeys(frames, pl.Float64)}
    shares = pl.concat([pl.DataFrame(schema=empty), *parts])
    return found.articles.drop(frames).join(
        shares, on="article_id", how="left", maintain_order="left"
    )


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The sentences that a measure counts, ordered by article.

    `value` of each, and whether the frame is `decided` (none for tone); those of article k stand
    from `first[k]` to `first[k + 1]`. `icc` tells how alike decisions of one article are.
    """

    value: NDArray[np.float64]
    decided: NDArray[np.bool_] | None
    first: NDArray[np.int64]
    icc: float

    def rows(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """The sentences of these articles."""
        return between(self.first[members], self.first[members + 1])[1]

    def sizes(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many sentences each of these articles has."""
        return self.first[members + 1] - self.first[members]


@dataclass(frozen=True, slots=True)
class _Sentences:
    """Of all sentences (m,) the number of the article, and whether they are on target; n articles.

    In the order of the table.
    """

    article: NDArray[np.int32]
    on_target: NDArray[np.bool_]
    n: int


def _sentences(found: Tables, rows: pl.DataFrame) -> _Sentences:
    places = rows.select("article_id", pl.int_range(pl.len(), dtype=pl.Int32).alias("_place"))
    article, on_target = [np.zeros(0, np.int32)], [np.zeros(0, bool)]
    for part in _slices(found, "sentences", ["article_id", "on_target"]):
        own = part.join(places, on="article_id", how="left", maintain_order="left")
        article.append(own["_place"].to_numpy())
        on_target.append(part["on_target"].to_numpy())
    return _Sentences(np.concatenate(article), np.concatenate(on_target), rows.height)


def _spoken(found: Tables, measure: str, every: _Sentences, *, only_target: bool) -> _Spoken:
    tone = measure == "tone"
    column = "tone_score" if tone else measure
    values, decided = [np.zeros(0)], [np.zeros(0, bool)]
    for part in _slices(found, "sentences", [column, "frames"]):
        values.append(part[column].cast(pl.Float64).to_numpy())
        decided.append(part["frames"].list.contains(measure).to_numpy().astype(bool))
    value, carried = np.concatenate(values), np.concatenate(decided)
    counts = ~np.isnan(value)
    if tone or only_target:
        counts &= every.on_target
    owner, value, carried = every.article[counts], value[counts], carried[counts]
    if (np.diff(owner) < 0).any():
        order = np.argsort(owner, kind="stable")
        owner, value, carried = owner[order], value[order], carried[order]
    first = np.searchsorted(owner, np.arange(every.n + 1))
    if tone:
        return _Spoken(value, None, first, 0.0)
    return _Spoken(value, carried, first, intraclass(carried, owner) or 0.0)


@dataclass(frozen=True, slots=True)
class _Told:
    """Of a group and a measure the estimate, the values it rests on, and `Group.worth`."""

    estimate: Estimate
    values: tuple[float, ...]
    worth: float


def _tell(column: pl.Series, said: _Spoken, counting: NDArray[np.int64], seed: int) -> _Told:
    values = tuple(column.gather(counting).drop_nulls().to_list())
    worth = effective_n(said.sizes(counting), said.icc)
    return _Told(_estimate(values, said, counting, worth, seed), values, worth)


def _group(
    key: tuple[bool, str],
    rows: pl.DataFrame,
    members: NDArray[np.int64],
    counting: NDArray[np.int64],
    told: Mapping[str, _Told],
) -> Group:
    unknown, name = key
    ids = rows["article_id"]
    return Group(
        name=name,
        known=not unknown,
        article_ids=tuple(ids.gather(counting)),
        reprints=tuple(ids.gather(np.setdiff1d(members, counting))),
        n_sentences=int(rows["n_sentences"].gather(counting).sum()),
        estimates={measure: own.estimate for measure, own in told.items()},
        values={measure: own.values for measure, own in told.items()},
        worth={measure: own.worth for measure, own in told.items()},
    )


def _counting(rows: pl.DataFrame, members: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which articles of a group count: of each cluster of reprints the most complete.

    Of equally complete ones it is the first by path.
    """
    every = rows[members.tolist()]
    best: dict[str, tuple[int, str, int]] = {}
    clusters = every["reprint_of"].fill_null(every["article_id"])
    facts = zip(clusters, every["n_chars"], every["path"], strict=True)
    for number, (cluster, length, path) in enumerate(facts):
        best[cluster] = min(best.get(cluster, (1, "", -1)), (-length, path, number))
    return members[sorted(number for _, _, number in best.values())]


def _estimate(
    values: Sequence[float],
    said: _Spoken,
    members: NDArray[np.int64],
    worth: float,
    seed: int,
) -> Estimate:
    found = estimate(values, (-1.0, 1.0) if said.decided is None else (0.0, 1.0), seed)
    rows = said.rows(members)
    if not len(rows) or found.value is None:
        return found
    sizes = said.sizes(members)
    icc = intraclass(said.value[rows], np.repeat(np.arange(len(members)), sizes))
    decided = None if said.decided is None else float(said.decided[rows].mean())
    return replace(
        found,
        by_sentence=_rounded(float(said.value[rows].mean())),
        icc=_rounded(icc),
        n_effective=None if icc is None else _rounded(effective_n(sizes, icc)),
        sentences=len(rows),
        decided=_rounded(decided),
        rare=decided is not None and rare(decided, worth),
    )


def estimate(values: Sequence[float], bounds: tuple[float, float], seed: int = 0) -> Estimate:
    """Mean of article values with its t and its bootstrap-t interval."""
    if not values:
        return Estimate(None, None, None, 0)
    low, high = t_interval(values, bounds) or (None, None)
    boot_low, boot_high = bootstrap_t(values, bounds, seed=seed) or (None, None)
    return Estimate(
        value=_rounded(float(np.mean(values))),
        low=_rounded(low),
        high=_rounded(high),
        n=len(values),
        boot_low=_rounded(boot_low),
        boot_high=_rounded(boot_high),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
