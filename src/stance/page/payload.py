"""The data behind the page: what the script draws from, packed so that large corpora stay small.

Text travels in blocks of articles that the browser unpacks when they are read; columns of sentences
are arrays of small numbers; each panel is a parcel of its own.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from stance.comparison import Comparison
from stance.page.article import bands, rolling
from stance.page.panels import PANELS, Panel
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


def pack(value: Any) -> str:
    """JSON, deflated without a header, in base64: what the page's script unpacks."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflate.compress(msgspec.json.encode(value)) + deflate.flush()
    return base64.b64encode(data).decode("ascii")


def unpack(parcel: str) -> Any:
    """What `pack` packed."""
    return msgspec.json.decode(zlib.decompress(base64.b64decode(parcel), -15))


def rows(found: Tables, *, share: bool = False) -> dict[str, Any]:
    """Articles and sentences as columns, and blocks of text with the cues in them.

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
    places = [bands(own) for own in _by_article(sentences.select("paragraph", "text"), counts)]
    kinds = sorted(set(sentences["speaker_kind"].drop_nulls()))
    sides = sorted(set(sentences["aspects"].explode().drop_nulls()))
    return {
        "kinds": kinds,
        "aspects": sides,
        "fold": _folded(sentences["text"]),
        "columns": pack(
            {
                "articles": _articles(articles, counts, places, share=share),
                "sentences": _sentences(sentences, found.frames, kinds, sides, counts),
            }
        ),
        "blocks": _blocks(sentences, found.cues, counts, share=share),
    }


def panel(one: Panel, comparison: Comparison, *, share: bool = False) -> dict[str, Any] | None:
    """A panel's views in both languages with the table behind them; None with nothing to draw.

    `share` leaves out of the table where files lie, and whole sentences.
    """
    views = one.views(comparison)
    if not views:
        return None
    table = one.table(comparison)
    if share:
        table = table.drop("cut", "added", strict=False).with_columns(
            pl.col(name).str.split("/").list.last()
            for name in ("path", "original_path")
            if name in table.columns
        )
    number = {group.name: k for k, group in enumerate(comparison.summary.groups)}
    listed = [list(row) for row in table.iter_rows()]
    parcel = {
        "views": [
            {lang: _drawn(one.figure(comparison, lang=lang, **view.settings)) for lang in LANGUAGES}
            for view in views
        ],
        "columns": table.columns,
        "rows": plain(listed),
        "go": [one.go(row, number) for row in table.iter_rows(named=True)],
    }
    return {
        "name": one.name,
        "views": [
            {"names": {lang: shown(name) for lang, name in view.names.items()}} for view in views
        ],
        "height": parcel["views"][0][LANGUAGES[0]]["layout"]["height"],
        "parcel": pack(parcel),
    }


def panels(comparison: Comparison, *, share: bool = False) -> list[dict[str, Any]]:
    """All panels that have something to draw."""
    found = (panel(one, comparison, share=share) for one in PANELS)
    return [one for one in found if one is not None]


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


def _by_article(table: pl.DataFrame, counts: NDArray[np.int64]) -> Iterable[pl.DataFrame]:
    start = 0
    for count in counts.tolist():
        yield table.slice(start, count)
        start += count


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
    counts: NDArray[np.int64],
) -> dict[str, Any]:
    score = sentences["tone_score"].to_list()
    smooth: list[float | None] = []
    start = 0
    for count in counts.tolist():
        smooth += rolling(score[start : start + count])
        start += count
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
        "median": _hundredths(smooth),
        "snow": _hundredths(sentences["snownlp"].to_list()),
        "p": [_hundredths(sentences[frame].to_list()) for frame in frames],
        "frames": _bits(sentences["frames"], frames),
        "aspects": _bits(sentences["aspects"], sides),
        "speaker": _numbers([kind.get(name or "", 0) for name in sentences["speaker_kind"]], "<u1"),
    }


def _numbers(values: Any, kind: str) -> str:
    return base64.b64encode(np.asarray(values).astype(kind).tobytes()).decode("ascii")


def _hundredths(values: Sequence[float | None]) -> str:
    return _numbers([_NULL if v is None else round(100 * v) for v in values], "<i1")


def _bits(lists: pl.Series, names: Sequence[str]) -> str:
    bit = {name: 1 << k for k, name in enumerate(names)}
    return _numbers([sum(bit[name] for name in own) for own in lists.to_list()], "<u4")


def _folded(texts: pl.Series) -> dict[str, str]:
    """Characters that search takes for another: full width for half, traditional for simplified."""
    found = sorted(set().union(*(set(text) for text in texts))) if len(texts) else []
    pairs = ((c, simplify(fold(c))) for c in found if not "\ud800" <= c <= "\udfff")
    return {c: other for c, other in pairs if other != c and len(other) == 1}


def _blocks(
    sentences: pl.DataFrame, cues: pl.DataFrame, counts: NDArray[np.int64], *, share: bool
) -> list[dict[str, Any]]:
    placed = (
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
    firsts = np.searchsorted(placed["_row"].to_numpy(), np.arange(sentences.height + 1))
    lengths = sentences["text"].str.len_chars().to_numpy()
    blocks: list[dict[str, Any]] = []
    article, row = 0, 0
    while article < len(counts):
        first_row, size = row, 0
        while article < len(counts) and size < _BLOCK:
            size += int(lengths[row : row + counts[article]].sum())
            row += int(counts[article])
            article += 1
        own = sentences.slice(first_row, row - first_row)
        inside = placed.slice(int(firsts[first_row]), int(firsts[row] - firsts[first_row]))
        blocks.append(
            {
                "first": first_row,
                "parcel": pack(_block(own, inside, first_row, share=share)),
            }
        )
    return blocks


def _block(
    sentences: pl.DataFrame, cues: pl.DataFrame, first: int, *, share: bool
) -> dict[str, Any]:
    texts = sentences["text"].to_list()
    owner = (cues["_row"].cast(pl.Int64) - first).to_list()
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
