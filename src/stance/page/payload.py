"""The data behind the page: what the script draws from, packed so that large corpora stay small.

Text travels in blocks of articles that the browser unpacks when they are read; columns of sentences
are arrays of small numbers; each panel is a parcel of its own.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from stance.comparison import Comparison
from stance.page.article import Floats, bands, rolling
from stance.page.panels import PANELS, Panel, View
from stance.page.sealing import shown
from stance.page.sketch import Sketch
from stance.page.story import LANGUAGES
from stance.text import fold, simplify
from stance.types import Tables

# A block is unpacked in a few milliseconds and holds some dozens of articles.
_BLOCK = 200_000
# A page to share quotes so many characters on either side of a cue, and so many a sentence.
_AROUND, _QUOTED = 6, 30
_NULL = -128


def pack(values: Iterable[Any]) -> list[str]:
    """Each as JSON, deflated without a header, in base64: what the page's script unpacks.

    Deflating takes most of the time of a large page; threads do it while values are made.
    """
    with ThreadPoolExecutor() as threads:
        return list(threads.map(_deflated, map(msgspec.json.encode, values)))


def _deflated(content: bytes) -> str:
    # Level 9 takes four times as long and saves two in a hundred bytes.
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    data = deflate.compress(content) + deflate.flush()
    return base64.b64encode(data).decode("ascii")


def unpack(parcel: str) -> Any:
    """A value that `pack` packed."""
    return msgspec.json.decode(zlib.decompress(base64.b64decode(parcel), -15))


def rows(found: Tables, *, share: bool = False) -> dict[str, Any]:
    """The articles listed and their sentences as columns, and blocks of text with their cues.

    `share` cuts each sentence to excerpts around its cues; spans and figures stay.
    """
    articles = found.articles
    number = {id_: k for k, id_ in enumerate(articles["article_id"])}
    sentences = (
        found.sentences.with_columns(
            pl.col("article_id").replace_strict(number, return_dtype=pl.Int64).alias("_article")
        )
        .sort("_article", "index")
        .with_row_index("_row")
    )
    counts = np.bincount(sentences["_article"].to_numpy(), minlength=articles.height)
    texts, paragraphs = sentences["text"].to_list(), sentences["paragraph"].to_list()
    kinds = sorted(set(sentences["speaker_kind"].drop_nulls()))
    sides = sorted(set(sentences["aspects"].explode().drop_nulls()))
    columns = {
        "articles": _articles(
            articles,
            counts,
            [bands(paragraphs[own], texts[own]) for own in _slices(counts)],
            share=share,
        ),
        "sentences": _sentences(sentences, found.frames, kinds, sides),
    }
    blocks = _blocks(texts, counts)
    placed = _placed(found.cues, sentences)
    inside = (_block(sentences, placed, block, share=share) for block in blocks)
    packed, *parcels = pack(chain([columns], inside))
    return {
        "kinds": kinds,
        "aspects": sides,
        "fold": _folded(texts),
        "columns": packed,
        "blocks": [
            {"first": block.start, "parcel": parcel}
            for block, parcel in zip(blocks, parcels, strict=True)
        ],
    }


def panels(
    comparison: Comparison, shown_articles: Collection[str], *, share: bool = False
) -> list[dict[str, Any]]:
    """Panels that have something to draw: their views in both languages, and the tables behind.

    No row leads to another article than these. `share` leaves out of the tables where files lie,
    and whole sentences.
    """
    drawn = [(one, views) for one in PANELS if (views := one.views(comparison))]
    heights = []

    def parcels() -> Iterator[dict[str, Any]]:
        for one, views in drawn:
            parcel = _parcel(one, views, comparison, share=share)
            parcel["go"] = [
                None if go and go[0] == "article" and go[1] not in shown_articles else go
                for go in parcel["go"]
            ]
            heights.append(parcel["views"][0][LANGUAGES[0]]["layout"]["height"])
            yield parcel

    return [
        {
            "name": one.name,
            "views": [
                {"names": {lang: shown(name) for lang, name in view.names.items()}}
                for view in views
            ],
            "height": height,
            "parcel": packed,
        }
        for packed, (one, views), height in zip(pack(parcels()), drawn, heights, strict=True)
    ]


def _parcel(
    one: Panel, views: Sequence[View], comparison: Comparison, *, share: bool
) -> dict[str, Any]:
    table = one.table(comparison)
    if share:
        table = table.drop("cut", "added", strict=False).with_columns(
            pl.col(name).str.split("/").list.last()
            for name in ("path", "original_path")
            if name in table.columns
        )
    number = {group.name: k for k, group in enumerate(comparison.summary.groups)}
    return {
        "views": [
            {lang: _drawn(one.figure(comparison, lang=lang, **view.settings)) for lang in LANGUAGES}
            for view in views
        ],
        "columns": table.columns,
        "rows": plain([list(row) for row in table.iter_rows()]),
        "go": [one.go(row, number) for row in table.iter_rows(named=True)],
    }


def _drawn(figure: Sketch) -> Any:
    return plain({"data": figure.data, "layout": figure.layout})


def plain(value: Any) -> Any:
    """Plotly's tuples and arrays as what JSON knows; text that a browser may show."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, str):
        return shown(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return value


def _slices(counts: NDArray[np.int64]) -> Iterator[slice]:
    """Where the sentences of each article stand."""
    ends = np.cumsum(counts)
    for start, end in zip((ends - counts).tolist(), ends.tolist(), strict=True):
        yield slice(start, end)


def _articles(
    articles: pl.DataFrame,
    counts: NDArray[np.int64],
    places: Sequence[tuple[int, int, int]],
    *,
    share: bool,
) -> dict[str, Any]:
    texts = {
        name: [shown(text) for text in articles[column]]
        for name, column in (
            ("id", "article_id"),
            ("source", "source"),
            ("title", "title"),
            ("author", "author"),
            ("date", "date"),
            ("path", "path"),
            ("target", "target"),
        )
    }
    # A folder's name is the sharer's own.
    if share:
        texts["path"] = [PurePosixPath(path or "").name for path in texts["path"]]
    script = {"trad": "zh-Hant", "other": "und"}
    return {
        **texts,
        "lang": [script.get(one, "zh-Hans") for one in articles["script"]],
        "stance": articles["stance"].to_list(),
        "dominant": articles["dominant"].to_list(),
        "repairs": articles["n_repairs"].to_list(),
        "flagged": articles["n_flagged"].to_list(),
        "n": counts.tolist(),
        "bands": [list(place) for place in places],
        "cuts": [[] if share else [shown(cut) for cut in cuts] for cuts in articles["cuts"]],
        "origins": [", ".join(origins) for origins in articles["origins"]],
        "original": articles["reprint_of"].to_list(),
    }


def _sentences(
    sentences: pl.DataFrame,
    frames: Sequence[str],
    kinds: Sequence[str],
    sides: Sequence[str],
) -> dict[str, Any]:
    score = _floats(sentences["tone_score"])
    kind = {name: k + 1 for k, name in enumerate(kinds)}
    flags = sentences["on_target"].cast(pl.UInt8) + 2 * (sentences["voice"] == "quoted").cast(
        pl.UInt8
    )
    return {
        "index": _numbers(sentences["index"], "<u4"),
        "paragraph": _numbers(sentences["paragraph"], "<u4"),
        "start": _numbers(sentences["start"], "<u4"),
        "end": _numbers(sentences["end"], "<u4"),
        "flags": _numbers(flags, "<u1"),
        "tone": _numbers(sentences["tone"], "<i1"),
        "score": _hundredths(score),
        "median": _hundredths(rolling(score, sentences["_article"].to_numpy())),
        "snow": _hundredths(_floats(sentences["snownlp"])),
        "p": [_hundredths(_floats(sentences[frame])) for frame in frames],
        "frames": _bits(sentences["frames"], frames),
        "aspects": _bits(sentences["aspects"], sides),
        "speaker": _numbers([kind.get(name or "", 0) for name in sentences["speaker_kind"]], "<u1"),
    }


def _numbers(values: Any, kind: str) -> str:
    return base64.b64encode(np.asarray(values).astype(kind).tobytes()).decode("ascii")


def _floats(column: pl.Series) -> Floats:
    """Values as an array, those that are null as NaN."""
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _hundredths(values: Floats) -> str:
    missing = np.isnan(values)
    return _numbers(np.where(missing, _NULL, np.rint(100 * np.where(missing, 0, values))), "<i1")


def _bits(lists: pl.Series, names: Sequence[str]) -> str:
    bits = np.zeros(len(lists), dtype=np.uint32)
    for k, name in enumerate(names):
        bits |= lists.list.contains(name).to_numpy().astype(np.uint32) << np.uint32(k)
    return _numbers(bits, "<u4")


def _folded(texts: Sequence[str]) -> dict[str, str]:
    """Characters that search takes for another: full width for half, traditional for simplified."""
    found = sorted(set().union(*texts))
    pairs = ((c, simplify(fold(c))) for c in found if not "\ud800" <= c <= "\udfff")
    return {c: other for c, other in pairs if other != c and len(other) == 1}


def _blocks(texts: Sequence[str], counts: NDArray[np.int64]) -> list[slice]:
    """Which sentences travel together: those of whole articles, up to `_BLOCK` characters."""
    blocks: list[slice] = []
    first, size = 0, 0
    for own in _slices(counts):
        size += sum(map(len, texts[own]))
        if size >= _BLOCK or own.stop == len(texts):
            blocks.append(slice(first, own.stop))
            first, size = own.stop, 0
    return blocks


def _placed(cues: pl.DataFrame, sentences: pl.DataFrame) -> pl.DataFrame:
    """Cues with the row of their sentence and their place in it, in that order."""
    return (
        cues.join(
            sentences.select("sentence_id", "_row", pl.col("start").alias("_start")),
            on="sentence_id",
            how="inner",
            maintain_order="left",
        )
        .with_columns(
            start=pl.col("start") - pl.col("_start"), end=pl.col("end") - pl.col("_start")
        )
        .sort("_row", "start", "end", "frame", "term")
    )


def _block(
    every: pl.DataFrame, placed: pl.DataFrame, block: slice, *, share: bool
) -> dict[str, Any]:
    sentences = every[block]
    first, behind = placed["_row"].search_sorted(np.array([block.start, block.stop]), "left")
    cues = placed[first:behind]
    texts = sentences["text"].to_list()
    owner = (cues["_row"].cast(pl.Int64) - block.start).to_list()
    starts, ends = cues["start"].to_list(), cues["end"].to_list()
    if share:
        texts, starts, ends = excerpts(texts, owner, starts, ends)
    return {
        "text": [shown(text) for text in texts],
        "speaker": [shown(name) for name in sentences["speaker"]],
        "cues": {
            "sentence": owner,
            "frame": cues["frame"].to_list(),
            "term": cues["term"].to_list(),
            "start": starts,
            "end": ends,
            "weight": cues["weight"].to_list(),
            "polarity": cues["polarity"].to_list(),
            "negated": [int(value) for value in cues["negated"]],
            "degree": cues["degree"].to_list(),
            "asserted": cues["asserted"].to_list(),
            "marks": [[shown(mark) for mark in own] for own in cues["marks"].to_list()],
        },
    }


def excerpts(
    texts: Sequence[str], owner: Sequence[int], starts: Sequence[int], ends: Sequence[int]
) -> tuple[list[str], list[int], list[int]]:
    """Texts cut to what stands around their first cues, and where the cues stand in those.

    What is left out is one `…`; a text without a cue is nothing else. A cue beyond the quoted part
    stands at its end, with no character.
    """
    windows: list[list[tuple[int, int]]] = [[] for _ in texts]
    for row, start, end in sorted(zip(owner, starts, ends, strict=True)):
        own = windows[row]
        low, high = max(0, start - _AROUND), min(len(texts[row]), end + _AROUND)
        joined = bool(own) and low <= own[-1][1] + 1
        if joined:
            low, high = own[-1][0], max(own[-1][1], high)
        kept = own[:-1] if joined else own
        if sum(b - a for a, b in kept) + high - low <= max(_QUOTED, 2 * _AROUND + end - start):
            windows[row] = [*kept, (low, high)]
    cut, moved = [], []
    for text, own in zip(texts, windows, strict=True):
        pieces, shifts, length, at = [], [], 0, 0
        for low, high in own:
            if low > at:
                pieces.append("…")
                length += 1
            shifts.append((low, high, length - low))
            pieces.append(text[low:high])
            length, at = length + high - low, high
        if at < len(text):
            pieces.append("…")
        cut.append("".join(pieces))
        moved.append(shifts)

    def there(row: int, start: int, end: int) -> tuple[int, int]:
        for low, high, shift in moved[row]:
            if low <= start and end <= high:
                return start + shift, end + shift
        return len(cut[row]), len(cut[row])

    spans = [there(*one) for one in zip(owner, starts, ends, strict=True)]
    return cut, [start for start, _ in spans], [end for _, end in spans]
