"""Tables by group that describe and do not test: voices, aspects, time, quality."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from itertools import chain, compress
from typing import Any

import polars as pl

from stance.aggregate import Summary, in_parts, with_cues
from stance.entries import NO_TARGET
from stance.lexicon import load_lexicons
from stance.reading.reprints import missing
from stance.text import fold
from stance.types import TONES

AUTHOR, UNNAMED = "author", "unnamed"
"""Speakers beside the kinds of the word lists: the article itself, and one it does not name."""

SHORT = 5
"""Articles of fewer sentences carry the warning "short"."""

_DAYS, _MONTHS = 45, 48
# Whatever stands behind a blank, a T (t once folded) or 日 is the time of day.
_DATE = re.compile(
    r"(\d{4})(?:年|[-/.年](\d{1,2})(?:月|[-/.月](\d{1,2})(?:日.*)?)?)?(?:[\st].*)?", re.DOTALL
)
# Columns that are not shown have a blank in their names: no frame of the user's can have one.
AT = "group place"
"""Column of the group's place in the summary."""
_SIZE, _WHOLE = "group size", "whole text"
_HEARD, _SCORES = "tone heard", "tone scores"


def voices(summary: Summary) -> pl.DataFrame:
    """Who says the sentences of each frame, and those that judge the target.

    Returns:
        group, frame (those of the summary, then "favourable" and "unfavourable", the tone of
        sentences on target), speaker ("author", else the kind of whom the sentence quotes,
        "unnamed" where it names nobody), n (sentences) and share (0..1, of the group's sentences
        with that frame). Rows where n > 0, in the order of the summary's groups and frames; the
        author first, then by name of speaker.
    """
    columns = ("voice", "speaker_kind", "frames", "tone", "on_target")
    parts = (_said(part) for part in sentences_of(summary, *columns))
    every = pl.concat([pl.DataFrame(schema=_SAID), *parts])
    order = (*summary.tables.frames, TONES[1], TONES[-1])
    return (
        every.filter(pl.col("frame").is_in(order))
        .group_by(AT, "group", "frame", "speaker")
        .agg(pl.col("n").sum())
        .with_columns(_share(pl.col("n"), pl.col("n").sum().over(AT, "frame")))
        .sort(
            AT,
            pl.col("frame").replace_strict(order, range(len(order)), return_dtype=pl.Int64),
            pl.col("speaker") != AUTHOR,
            "speaker",
        )
        .select("group", "frame", "speaker", "n", "share")
    )


def _said(part: pl.DataFrame) -> pl.DataFrame:
    """How many sentences of each frame, and of each tone on target, each speaker says."""
    quoted = pl.col("speaker_kind").fill_null(UNNAMED)
    said = part.select(
        AT,
        "group",
        pl.when(pl.col("voice") == "author")
        .then(pl.lit(AUTHOR))
        .otherwise(quoted)
        .alias("speaker"),
        pl.col("frames"),
        pl.col("tone").replace_strict(TONES, default=None, return_dtype=pl.String),
        "on_target",
    )
    judged = said.filter(pl.col("on_target") & (pl.col("tone") != TONES[0]))
    every = pl.concat(
        [
            said.explode("frames").rename({"frames": "frame"}).drop("tone"),
            judged.rename({"tone": "frame"}).drop("frames"),
        ],
        how="diagonal",
    )
    counted = every.group_by(AT, "group", "frame", "speaker").agg(
        pl.len().cast(pl.Int64).alias("n")
    )
    return counted.select(*_SAID)


_SAID: dict[str, Any] = {
    AT: pl.Int64,
    **dict.fromkeys(("group", "frame", "speaker"), pl.String),
    "n": pl.Int64,
}


def aspects(summary: Summary) -> pl.DataFrame:
    """Which sides of the target each group speaks of, and how.

    Returns:
        group, aspect, n (sentences), share (0..1, of the group's sentences; null without any),
        n_articles, tone (-1..1, mean of those on target, null if none) and for each frame the
        number of these sentences that carry it. Every pair of group and aspect is there, with n = 0
        where nothing is said: an omission is a finding too. In the order of the summary's groups,
        then by aspect.
    """
    frames = summary.tables.frames
    columns = ("aspects", "frames", "tone_score", "on_target")
    counted = [_sides(part, frames) for part in sentences_of(summary, *columns)]
    every = (
        pl.concat([part for part, _ in counted]) if counted else pl.DataFrame(schema=_sided(frames))
    )
    names = sorted({aspect.name for aspect in load_lexicons().aspects} | set(every["aspect"]))
    numbers = ["n", "n_articles", _HEARD, _SCORES, *frames]
    table = (
        every.group_by(AT, "aspect")
        .agg(pl.col(numbers).sum())
        .with_columns(
            (pl.col(_SCORES) / 1e6 / pl.col(_HEARD)).round(6).fill_nan(None).alias("tone")
        )
    )
    sizes = pl.concat(
        [pl.DataFrame(schema={AT: pl.Int64, _SIZE: pl.Int64}), *(own for _, own in counted)]
    )
    sizes = sizes.group_by(AT).agg(pl.col(_SIZE).sum())
    counts = ["n", "n_articles", *frames]
    return (
        _groups(summary)
        .join(pl.DataFrame({"aspect": names}, schema={"aspect": pl.String}), how="cross")
        .join(table, on=[AT, "aspect"], how="left")
        .join(sizes, on=AT, how="left")
        .with_columns(pl.col(counts).fill_null(0))
        .with_columns(_share(pl.col("n"), pl.col(_SIZE)))
        .sort(AT, "aspect")
        .select("group", "aspect", "n", "share", "n_articles", "tone", *frames)
    )


def _sides(part: pl.DataFrame, frames: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of some whole articles: what is counted of each group's sides, and of its sentences."""
    heard = pl.col("tone_score").filter(pl.col("on_target")).drop_nulls()
    sides = (
        part.explode("aspects")
        .filter(pl.col("aspects").is_not_null())
        .group_by(AT, pl.col("aspects").alias("aspect"))
        .agg(
            pl.len().cast(pl.Int64).alias("n"),
            pl.col("article_id").n_unique().cast(pl.Int64).alias("n_articles"),
            heard.len().cast(pl.Int64).alias(_HEARD),
            # Scores have six decimals: sums of whole numbers do not depend on the order of rows.
            (heard * 1e6).round().cast(pl.Int64).sum().alias(_SCORES),
            *(
                pl.col("frames")
                .list.contains(frame)
                .fill_null(False)
                .sum()
                .cast(pl.Int64)
                .alias(frame)
                for frame in frames
            ),
        )
    )
    return sides.select(*_sided(frames)), part.group_by(AT).agg(
        pl.len().cast(pl.Int64).alias(_SIZE)
    )


def _sided(frames: Sequence[str]) -> dict[str, Any]:
    numbers = (_HEARD, _SCORES, *frames)
    return {
        AT: pl.Int64,
        "aspect": pl.String,
        **dict.fromkeys(("n", "n_articles", *numbers), pl.Int64),
    }


def timeline(summary: Summary) -> pl.DataFrame:
    """How much each group writes over time, and how it frames the target then.

    A period is a day where the dates lie within 45 days, a month within four years, else a year,
    and never finer than most dates are: 2024-05 tells no day. Dates that tell less than the period
    are left out, as are those in another form than 2024-05-09, 2024/5/9, 2024年5月9日, 2024-05 or
    2024, with or without a time behind.

    Returns:
        period (ISO 8601: 2024-05-09, 2024-05 or 2024), group, n_articles, n_sentences, tone (-1..1)
        and the frames (0..1), each the mean of the articles' values, null where there is none.
        Ordered by period, then as the summary's groups. No rows with fewer than two periods.
    """
    measures = summary.measures
    articles = _articles(summary).unique("article_id", keep="first", maintain_order=True)
    dated = articles.with_columns(_periods(articles["date"].to_list())).drop_nulls("period")
    if dated["period"].n_unique() < 2:
        dated = dated.clear()
    return (
        dated.group_by("period", AT, "group")
        .agg(
            pl.len().cast(pl.Int64).alias("n_articles"),
            pl.col("n_sentences").sum(),
            *(_mean(pl.col(measure)) for measure in measures),
        )
        .sort("period", AT)
        .select("period", "group", "n_articles", "n_sentences", *measures)
    )


def quality(summary: Summary) -> pl.DataFrame:
    """What each article's values rest on, and what should be looked at before they are believed.

    Returns:
        article_id, group, path, script, encoding, n_chars, n_sentences, n_on_target,
        share_on_target (0..1, null without sentences), n_repairs, n_flagged, n_cuts (passages cut
        as page furniture), n_no_tone (sentences without a tone score), n_quoted and warnings, a
        list of "not_about_target" (no sentence on a target that is set), "short" (fewer than
        `SHORT` sentences), "damaged" (damage was flagged), "same_text" (sentence by sentence the
        same as another article), "other_script" (hardly any Chinese) and "reprint" (of another
        article). One row an article, in the order of the summary's groups, path and id.
    """
    columns = ("article_id", "index", "tone_score", "voice", "text")
    told = pl.concat(
        [
            part.sort("article_id", "index")
            .group_by("article_id", maintain_order=True)
            .agg(
                pl.col("tone_score").is_null().sum().cast(pl.Int64).alias("n_no_tone"),
                (pl.col("voice") == "quoted").sum().cast(pl.Int64).alias("n_quoted"),
                # 64 bits of a text tell it from all others as well as the text would.
                pl.col("text").str.join("\n").hash().alias(_WHOLE),
            )
            for part in chain([pl.DataFrame(schema=_TOLD)], in_parts(summary.tables, columns))
        ]
    )
    warnings = {
        "not_about_target": (pl.col("n_on_target") == 0)
        & ~pl.col("target").is_in(["", NO_TARGET.name]),
        "short": pl.col("n_sentences") < SHORT,
        "damaged": pl.col("n_flagged") > 0,
        # Several targets give one article several ids, but not the same text twice.
        "same_text": pl.col(_WHOLE).is_not_null() & (pl.len().over(_WHOLE, "target") > 1),
        "other_script": pl.col("script") == "other",
        "reprint": pl.col("reprint_of").is_not_null(),
    }
    marks = [pl.when(holds).then(pl.lit(key)) for key, holds in warnings.items()]
    return (
        _articles(summary, reprints=True)
        .select(AT, "target", "cuts", "reprint_of", *_QUALITY)
        .join(told, on="article_id", how="left")
        .with_columns(
            pl.col("n_no_tone", "n_quoted").fill_null(0),
            _share(pl.col("n_on_target"), pl.col("n_sentences")).alias("share_on_target"),
            pl.concat_list(marks).list.drop_nulls().alias("warnings"),
        )
        .sort(AT, "path", "article_id")
        .select(
            *_QUALITY[:-2],
            "share_on_target",
            *_QUALITY[-2:],
            pl.col("cuts").list.len().cast(pl.Int64).alias("n_cuts"),
            "n_no_tone",
            "n_quoted",
            "warnings",
        )
    )


def reprints(summary: Summary) -> pl.DataFrame:
    """What each reprint kept of its original, cut from it and added to it, by sentences.

    A sentence that moved, was split or was punctuated otherwise is kept (`reading.reprints`).

    Returns:
        article_id, group, path, original (an article_id), original_group, original_path, n_kept,
        n_cut and n_added (sentences), cut and added (lists of those sentences, in order). One row a
        reprint whose original is in the corpus, in the order of the summary's groups and path.
    """
    every = _articles(summary, reprints=True).filter(pl.col("article_id") != pl.col("reprint_of"))
    marked = every.filter(pl.col("reprint_of").is_not_null())
    wanted = [*marked["article_id"], *marked["reprint_of"]]
    texts: dict[str, list[str]] = {id_: [] for id_ in wanted}
    sentences = (
        summary.tables.scan("sentences")
        .filter(pl.col("article_id").is_in(list(texts)))
        .select("article_id", "index", "text")
        .collect()
    )
    for id_, _, text in sentences.sort("article_id", "index").iter_rows():
        texts[id_].append(text)
    place = _articles(summary, reprints=True).select(
        pl.col("article_id").alias("reprint_of"),
        pl.col("group").alias("original_group"),
        pl.col("path").alias("original_path"),
    )
    found = marked.join(place, on="reprint_of", how="inner", maintain_order="left").sort(
        AT, "path", "article_id"
    )
    rows = []
    for row in found.iter_rows(named=True):
        own, first = texts[row["article_id"]], texts[row["reprint_of"]]
        cut = list(compress(first, missing(first, own)))
        added = list(compress(own, missing(own, first)))
        rows.append(
            {
                "article_id": row["article_id"],
                "group": row["group"],
                "path": row["path"],
                "original": row["reprint_of"],
                "original_group": row["original_group"],
                "original_path": row["original_path"],
                "n_kept": len(own) - len(added),
                "n_cut": len(cut),
                "n_added": len(added),
                "cut": cut,
                "added": added,
            }
        )
    return pl.DataFrame(rows, schema=_REPRINTS)


_QUALITY = (
    "article_id", "group", "path", "script", "encoding", "n_chars", "n_sentences", "n_on_target",
    "n_repairs", "n_flagged",
)  # fmt: skip
_TOLD: dict[str, Any] = {
    **dict.fromkeys(("article_id", "voice", "text"), pl.String),
    "index": pl.Int64,
    "tone_score": pl.Float64,
}
_REPRINTS: dict[str, Any] = {
    **dict.fromkeys(("article_id", "group", "path"), pl.String),
    **dict.fromkeys(("original", "original_group", "original_path"), pl.String),
    **dict.fromkeys(("n_kept", "n_cut", "n_added"), pl.Int64),
    **dict.fromkeys(("cut", "added"), pl.List(pl.String)),
}


def _periods(dates: list[str | None]) -> pl.Series:
    """(n,) the period of each date, null where it cannot be told."""
    read = [None if date is None else _read_date(date) for date in dates]
    known = [parts for parts in read if parts is not None]
    parts = next((k for k in (3, 2) if _fine_enough(known, k)), 1)
    return pl.Series(
        "period",
        [_iso(date[:parts]) if date and len(date) >= parts else None for date in read],
        dtype=pl.String,
    )


def _fine_enough(dates: list[tuple[int, ...]], parts: int) -> bool:
    """Whether most dates tell a month (2 parts) or a day (3), and lie near enough to show them."""
    own = [date for date in dates if len(date) >= parts]
    if not own or 2 * len(own) < len(dates):
        return False
    first, last = min(own), max(own)
    if parts == 3:
        return _day(last).toordinal() - _day(first).toordinal() <= _DAYS
    return 12 * (last[0] - first[0]) + last[1] - first[1] <= _MONTHS


def _read_date(text: str) -> tuple[int, ...] | None:
    """Year, or year and month, or year, month and day; None in another form or if impossible."""
    found = _DATE.fullmatch(fold(text).strip())
    if found is None:
        return None
    parts = tuple(int(part) for part in found.groups() if part)
    try:
        _day(parts)
    except ValueError:
        return None
    return parts


def _day(parts: tuple[int, ...]) -> datetime.date:
    year, month, day = (*parts, 1, 1)[:3]
    return datetime.date(year, month, day)


def _iso(parts: tuple[int, ...]) -> str:
    return "-".join([f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:])])


def _groups(summary: Summary) -> pl.DataFrame:
    """The groups by name, with their places in the summary."""
    names = [group.name for group in summary.groups]
    return pl.DataFrame(
        {AT: range(len(names)), "group": names}, schema={AT: pl.Int64, "group": pl.String}
    )


def _members(summary: Summary, *, reprints: bool = False) -> pl.DataFrame:
    """The group of each article that counts, or of every one."""
    table = pl.DataFrame(
        {
            AT: range(len(summary.groups)),
            "article_id": [
                [*group.article_ids, *(group.reprints if reprints else ())]
                for group in summary.groups
            ],
        },
        schema={AT: pl.Int64, "article_id": pl.List(pl.String)},
    )
    members = table.explode("article_id").drop_nulls()
    return members.join(_groups(summary), on=AT, how="left", maintain_order="left")


def sentences_of(summary: Summary, *columns: str) -> Iterator[pl.DataFrame]:
    """As `in_parts`, of articles that count, and their group."""
    members = _members(summary)
    for part in in_parts(summary.tables, ["article_id", *columns]):
        yield part.join(members, on="article_id", how="inner", maintain_order="left")


def sentences_with_cues(
    summary: Summary, columns: Sequence[str], cue_columns: Sequence[str]
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The same with columns of the cues of these sentences, as `with_cues`."""
    members = _members(summary)
    for part, cues in with_cues(summary.tables, ["article_id", *columns], cue_columns):
        yield part.join(members, on="article_id", how="inner", maintain_order="left"), cues


def _articles(summary: Summary, *, reprints: bool = False) -> pl.DataFrame:
    members = _members(summary, reprints=reprints)
    return summary.articles.join(members, on="article_id", how="inner", maintain_order="left")


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    share = pl.when(whole > 0).then(part / whole)
    return share.round(6).alias("share")


def _mean(values: pl.Expr) -> pl.Expr:
    # Sorted first: rows of a group may come in any order, and sums of floats depend on it.
    return values.sort().mean().round(6) + 0.0
