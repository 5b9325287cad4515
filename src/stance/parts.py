"""Batches of raw articles to finished parts: what a run is cut into, kept and sent about.

A part is a pure function of its raw articles and of a recipe. Whether it was made here, in another
process, on a cluster or in an earlier run does not show in it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from stance.analyzer import Analyzer
from stance.errors import ReadingError
from stance.exports import concatenate, repair_rows
from stance.reading import document
from stance.reading.raw import Raw
from stance.reading.reprints import Hashes, shingles
from stance.text import encodable
from stance.types import Document, Tables

TABLES = ("articles", "sentences", "cues")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that an analysis is made of beside its articles; small, so that it travels."""

    targets: tuple[str, ...] = ("alibaba",)
    models: str | None = None
    lexicons: str | None = None
    tone: str | None = None
    seed: int = 0


@lru_cache(maxsize=2)
def analyzers_of(recipe: Recipe) -> tuple[Analyzer, ...]:
    """An analyzer for each target, loaded once a process.

    Raises:
        StanceError: a faulty lexicon, target or model.
    """
    return tuple(
        Analyzer(
            target,
            models=Path(recipe.models) if recipe.models is not None else None,
            lexicons=Path(recipe.lexicons) if recipe.lexicons is not None else None,
            tone=recipe.tone,
            seed=recipe.seed,
            one_of_several=len(recipe.targets) > 1,
        )
        for target in recipe.targets
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one raw article.

    `ids` are its article ids, one for each target, or empty where it was left out for `reason`.
    `shingles` are those of `reading.reprints` as bytes. A `twin` has the source and text of an
    earlier one of its batch, whose ids it bears, and no rows of its own.
    """

    path: str
    ids: tuple[str, ...] = ()
    reason: str = ""
    date: str | None = None
    shingles: bytes = b""
    twin: bool = False

    @property
    def hashes(self) -> Hashes:
        """The shingles as numbers."""
        return np.frombuffer(self.shingles, dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Part:
    """The tables of a batch, one set for each target, its repairs, and what became of each raw."""

    tables: tuple[Tables, ...]
    repairs: pl.DataFrame
    told: tuple[Told, ...]


def make_part(raws: Sequence[Raw], analyzers: Sequence[Analyzer]) -> Part:
    """Clean and analyse a batch. What cannot be read or analysed is told, and stops nothing."""
    # By source and text: two articles with the same would have one id.
    documents: dict[tuple[str | None, str], Document] = {}
    cleaned: list[tuple[str | None, str] | str] = []
    for raw in raws:
        try:
            one = document(raw)
        except ReadingError as error:
            cleaned.append(str(error))
            continue
        except Exception as error:  # a fault of ours that one text brings out
            cleaned.append(f"cannot be read ({_named(error)})")
            continue
        documents.setdefault((one.source, one.text), one)
        cleaned.append((one.source, one.text))
    tables, reasons = _analysed(list(documents.values()), analyzers)
    failed = {key: reason for key, reason in zip(documents, reasons, strict=True) if reason}
    kept = {key: one for key, one in documents.items() if key not in failed}
    ids = zip(*(found.articles["article_id"] for found in tables), strict=True)
    rows = dict(zip(kept, ids, strict=True))
    told = []
    for raw, key in zip(raws, cleaned, strict=True):
        path = encodable(raw.path)
        if isinstance(key, str) or key in failed:
            told.append(Told(path, reason=key if isinstance(key, str) else failed[key]))
            continue
        one = kept[key]
        twin = any(other.ids == rows[key] for other in told)
        told.append(Told(path, rows[key], "", one.date, shingles(one.text).tobytes(), twin))
    return Part(tables, repair_rows(list(kept.values())), tuple(told))


def _analysed(
    documents: Sequence[Document], analyzers: Sequence[Analyzer]
) -> tuple[tuple[Tables, ...], list[str]]:
    """The tables of each analyzer, and for each document why it is not in them, or nothing."""
    try:
        return tuple(one.analyze_batch(documents) for one in analyzers), [""] * len(documents)
    except Exception:  # a fault that one document brings out must not take the others along
        reasons = [_fault(one, analyzers) for one in documents]
        if not any(reasons):
            raise
        sound = [one for one, reason in zip(documents, reasons, strict=True) if not reason]
        return tuple(one.analyze_batch(sound) for one in analyzers), reasons


def _fault(document: Document, analyzers: Sequence[Analyzer]) -> str:
    try:
        for one in analyzers:
            one.analyze_batch([document])
    except Exception as error:
        return f"cannot be analysed ({_named(error)})"
    return ""


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def taken(part: Part, places: Sequence[int]) -> Part:
    """The part of those raws alone that stood at `places`, ascending."""
    if list(places) == list(range(len(part.told))):
        return part
    told = tuple(part.told[place] for place in places)
    tables = []
    for number, found in enumerate(part.tables):
        own = [one.ids[number] for one in told if one.ids]
        articles = found.articles.filter(pl.col("article_id").is_in(own))
        sentences = found.sentences.filter(pl.col("article_id").is_in(own))
        cues = found.cues.filter(pl.col("sentence_id").is_in(sentences["sentence_id"].implode()))
        tables.append(Tables(articles, sentences, cues))
    paths = [one.path for one in told]
    return Part(tuple(tables), part.repairs.filter(pl.col("path").is_in(paths)), told)


def joined(parts: Sequence[Part]) -> Part:
    """Parts one behind the other as one."""
    if len(parts) == 1:
        return parts[0]
    return Part(
        tuple(concatenate(found) for found in zip(*(one.tables for one in parts), strict=True)),
        pl.concat([one.repairs for one in parts]),
        tuple(told for one in parts for told in one.told),
    )


def encode(part: Part, *, compressed: bool = True) -> bytes:
    """A part as bytes: Arrow for the tables, MessagePack around them.

    Compressed for disk and network; for a process on this machine that costs more than it saves.
    """
    frames = (*(found[name] for found in part.tables for name in TABLES), part.repairs)
    packed = [_ipc(frame, compressed=compressed) for frame in frames]
    return msgspec.msgpack.encode((*packed, part.told))


def decode(data: bytes) -> Part:
    """What `encode` wrote.

    Raises:
        ValueError: other bytes.
    """
    try:
        *packed, told = msgspec.msgpack.decode(data)
        frames = [pl.read_ipc(io.BytesIO(one), use_pyarrow=False) for one in packed]
        tables = [Tables(*frames[at : at + 3]) for at in range(0, len(frames) - 1, 3)]
        return Part(tuple(tables), frames[-1], tuple(msgspec.convert(told, list[Told])))
    except (msgspec.MsgspecError, pl.exceptions.PolarsError, TypeError, OSError) as error:
        raise ValueError(f"no part of a run: {error}") from error


def _ipc(frame: pl.DataFrame, *, compressed: bool) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="zstd" if compressed else "uncompressed")
    return buffer.getvalue()
