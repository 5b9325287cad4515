"""The only module that knows the order of the stages: documents in, tables out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from stance import verdict
from stance.cues import CueFinder, Evidence
from stance.features import features, uncalibrated
from stance.judge import decide, load_judge
from stance.lexicon import load_lexicons, load_target
from stance.ragged import totals
from stance.script import script
from stance.text import SentenceBatch, encodable, split_documents
from stance.tone.snow import SnowScorer
from stance.types import FRAMES, FURNITURE, Article, Cue, Document, Edit, Sentence, Tables

BATCH = 64
"""Documents in a batch of `analyze_many`. Results do not depend on it."""

ARTICLE_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "article_id": pl.String,
    "path": pl.String,
    "source": pl.String,
    "title": pl.String,
    "author": pl.String,
    "date": pl.String,
    "url": pl.String,
    "script": pl.String,
    "n_chars": pl.Int64,
    "n_sentences": pl.Int64,
    "n_on_target": pl.Int64,
    "tone": pl.Float64,
    "stance": pl.Int64,
    **dict.fromkeys(FRAMES, pl.Float64),
    "dominant": pl.String,
    "reprint_of": pl.String,
    "n_repairs": pl.Int64,
    "encoding": pl.String,
    "n_flagged": pl.Int64,
    **{f"intensity_{frame}": pl.Int64 for frame in FRAMES},
    "target": pl.String,
    "cuts": pl.List(pl.String),
    "origins": pl.List(pl.String),
    "warnings": pl.List(pl.String),
}
SENTENCE_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "sentence_id": pl.String,
    "article_id": pl.String,
    "index": pl.Int64,
    "start": pl.Int64,
    "end": pl.Int64,
    "text": pl.String,
    "on_target": pl.Boolean,
    "voice": pl.String,
    "snownlp": pl.Float64,
    "tone_score": pl.Float64,
    "tone": pl.Int64,
    **dict.fromkeys(FRAMES, pl.Float64),
    "frames": pl.List(pl.String),
    "paragraph": pl.Int64,
    "speaker": pl.String,
    "speaker_kind": pl.String,
    "aspects": pl.List(pl.String),
}
CUE_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "sentence_id": pl.String,
    "frame": pl.String,
    "term": pl.String,
    "surface": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "weight": pl.Float64,
    "polarity": pl.Int64,
    "negated": pl.Boolean,
    "degree": pl.Float64,
    "voice": pl.String,
    "asserted": pl.Float64,
    "marks": pl.List(pl.String),
}


class Analyzer:
    """Lexicons, models and a target, loaded once. Picklable.

    Parameters:
        target: a shipped target's name, a TOML file, or "none" (every sentence counts).
        models: a directory that `stance train` wrote; the shipped models by default.
        lexicons: a folder of word lists to be read over the shipped ones (see `load_lexicons`).
        tone: a model of tone from outside, "transformers:PATH" or "package.module:Name".
        seed: carried in the signature; nothing here is random.
        one_of_several: whether the same documents are analysed for other targets too; then ids
            tell the targets apart.
    """

    def __init__(
        self,
        target: str | Path = "alibaba",
        *,
        models: Path | None = None,
        lexicons: Path | None = None,
        tone: str | None = None,
        seed: int = 0,
        one_of_several: bool = False,
    ) -> None:
        self.seed = seed
        self.one_of_several = one_of_several
        self.target = load_target(target)
        self.finder = CueFinder(load_lexicons(lexicons), self.target)
        self.judge = load_judge(models, tone)
        self.snow = SnowScorer()

    def signature(self) -> dict[str, str | int]:
        """What a result depends on: versions, digests, settings, seed."""
        return {
            "stance": _version("stance-zh"),
            "snownlp": _version("snownlp"),
            "jieba": _version("jieba"),
            "rjieba": _version("rjieba"),
            "opencc": _version("opencc"),
            "target": self.target.name,
            "target_digest": self.target.digest,
            "lexicons": self.finder.resources.digest,
            **self.judge.signature(self.finder.resources.model_digest),
            "uncalibrated_frames": ", ".join(self._more_frames()) or "none",
            "seed": self.seed,
        }

    def _more_frames(self) -> list[str]:
        return [f.name for f in self.finder.resources.frames if f.name not in FRAMES]

    def analyze_many(self, documents: Iterable[Document]) -> Iterator[Article]:
        """An Article for each document, in order, in batches of `BATCH`."""
        batch: list[Document] = []
        for document in documents:
            batch.append(document)
            if len(batch) == BATCH:
                yield from articles(self.analyze_batch(batch))
                batch = []
        if batch:
            yield from articles(self.analyze_batch(batch))

    def analyze_batch(self, documents: Sequence[Document]) -> Tables:
        """The three tables of `documents`, rows in their order. A pure function."""
        documents = [_encodable(document) for document in documents]
        batch = split_documents([document.text for document in documents])
        evidence = self.finder.evidence(batch)
        table = features(evidence, self.finder)
        thought = self.judge.think(evidence, table)
        decided = decide(self.judge, thought, evidence, table, self.finder)
        evidence = replace(evidence, on_target=decided.on_target, quoted=decided.quoted)
        tone_score, tone, chosen = decided.tone_score, decided.tone, decided.frames
        probability = thought.frames
        snow = self.snow.score(batch.normal)
        more = uncalibrated(evidence, self.finder)
        salt = self.target.name if self.one_of_several else ""
        ids = [article_id(document, salt) for document in documents]
        sentence_ids, index = _sentence_ids(batch, ids)
        voice = pl.Series(["author", "quoted"])[evidence.quoted.astype(np.int64)]
        ends = batch.start + np.fromiter(map(len, batch.text), np.int64, len(batch))
        decided_frames = np.column_stack([chosen, *(own for _, own in more.values())])
        sentences = _table(
            {
                "sentence_id": sentence_ids,
                "article_id": pl.Series(ids, dtype=pl.String)[batch.document],
                "index": index,
                "start": batch.start,
                "end": ends,
                "text": batch.text,
                "on_target": evidence.on_target,
                "voice": voice,
                "snownlp": snow,
                "tone_score": tone_score,
                "tone": tone,
                **{frame: probability[:, k] for k, frame in enumerate(FRAMES)},
                "frames": _names((*FRAMES, *more), decided_frames),
                "paragraph": batch.paragraph,
                "speaker": [speaker and speaker.name for speaker in evidence.speakers],
                "speaker_kind": [speaker and speaker.kind for speaker in evidence.speakers],
                "aspects": _names(self.finder.aspect_names, evidence.aspects),
                **{name: score for name, (score, _) in more.items()},
            },
            SENTENCE_COLUMNS | dict.fromkeys(more, pl.Float64),
        )
        return Tables(
            articles=self._article_rows(
                documents, ids, salt, evidence, tone_score, tone, probability, chosen, more
            ),
            sentences=sentences,
            cues=self._cue_rows(evidence, sentence_ids, voice),
        )

    def _article_rows(
        self,
        documents: Sequence[Document],
        ids: list[str],
        salt: str,
        evidence: Evidence,
        tone_score: NDArray[np.float64],
        tone: NDArray[np.int64],
        probability: NDArray[np.float64],
        chosen: NDArray[np.bool_],
        more: Mapping[str, tuple[NDArray[np.float64], NDArray[np.bool_]]],
    ) -> pl.DataFrame:
        sizes = np.bincount(evidence.batch.document, minlength=len(documents))
        heard = evidence.on_target & ~np.isnan(tone_score)
        tones = totals(sizes, np.where(heard, tone_score, 0.0))
        judged = verdict.judge(sizes, evidence.on_target, tone, probability, chosen)
        table = {
            "article_id": ids,
            **{
                name: [getattr(document, name) for document in documents]
                for name in ("path", "source", "title", "author", "date", "url")
            },
            "script": [script(document.text) for document in documents],
            "n_chars": [len(document.text) for document in documents],
            "n_sentences": sizes,
            "n_on_target": totals(sizes, evidence.on_target).astype(np.int64),
            "tone": _quotients(tones, totals(sizes, heard)),
            "stance": judged.stance,
            **{
                frame: _quotients(totals(sizes, probability[:, k]), sizes)
                for k, frame in enumerate(FRAMES)
            },
            "dominant": judged.dominant,
            "reprint_of": [
                article_id(document.original, salt) if document.original is not None else None
                for document in documents
            ],
            "n_repairs": [_count_repairs(document.edits) for document in documents],
            "encoding": [document.encoding for document in documents],
            "n_flagged": [
                sum(edit.certainty == "flagged" for edit in document.edits)
                for document in documents
            ],
            **{f"intensity_{frame}": judged.intensity[:, k] for k, frame in enumerate(FRAMES)},
            "target": [self.target.name] * len(documents),
            "cuts": _lists((document.cuts for document in documents), list),
            "origins": _lists(
                (document.origins for document in documents),
                lambda own: [f"{name}: {origin}" for name, origin in own],
            ),
            "warnings": _lists((document.warnings for document in documents), list),
            **{name: _quotients(totals(sizes, score), sizes) for name, (score, _) in more.items()},
            **{
                f"intensity_{name}": verdict.intensities(sizes, score, own)
                for name, (score, own) in more.items()
            },
        }
        schema = ARTICLE_COLUMNS | dict.fromkeys(more, pl.Float64)
        schema |= {f"intensity_{name}": pl.Int64 for name in more}
        return _table(table, schema)

    def _cue_rows(
        self, evidence: Evidence, sentence_ids: pl.Series, voice: pl.Series
    ) -> pl.DataFrame:
        cues, batch = evidence.cues, evidence.batch
        offset = batch.start[cues.sentence]
        columns = (column.tolist() for column in (cues.sentence, cues.start, cues.end))
        return _table(
            {
                "sentence_id": sentence_ids[cues.sentence],
                "frame": pl.Series(self.finder.lexicon_names)[cues.lexicon],
                "term": cues.name,
                "surface": [
                    batch.text[row][start:end] for row, start, end in zip(*columns, strict=True)
                ],
                "start": cues.start + offset,
                "end": cues.end + offset,
                "weight": cues.weight,
                "polarity": cues.polarity,
                "negated": cues.negated,
                "degree": cues.degree,
                "voice": voice[cues.sentence],
                "asserted": cues.asserted,
                "marks": _lists(
                    cues.marks, lambda own: [f"{mark.modifier}:{mark.surface}" for mark in own]
                ),
            },
            CUE_COLUMNS,
        )


def articles(tables: Tables) -> Iterator[Article]:
    """The rows of the tables as records, articles with their sentences, those with their cues."""
    cues: dict[str, list[Cue]] = {}
    for row in tables.cues.iter_rows(named=True):
        row["marks"] = tuple(row["marks"])
        cues.setdefault(row["sentence_id"], []).append(Cue(**row))
    sentences: dict[str, list[Sentence]] = {}
    for row in tables.sentences.iter_rows(named=True):
        row["frames"], row["aspects"] = tuple(row["frames"]), tuple(row["aspects"])
        own = tuple(cues.get(row["sentence_id"], ()))
        known, more = _apart(row, SENTENCE_COLUMNS)
        sentence = Sentence(**known, uncalibrated=more, cues=own)
        sentences.setdefault(row["article_id"], []).append(sentence)
    for row in tables.articles.iter_rows(named=True):
        row |= {name: tuple(row[name]) for name in ("cuts", "origins", "warnings")}
        known, more = _apart(row, ARTICLE_COLUMNS)
        own_sentences = tuple(sentences.get(row["article_id"], ()))
        yield Article(**known, uncalibrated=more, sentences=own_sentences)


def _apart(row: dict[str, Any], schema: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of the schema, and those of frames beyond the four."""
    known = {name: row[name] for name in schema}
    return known, {name: value for name, value in row.items() if name not in schema}


def article_id(document: Document, salt: str = "") -> str:
    """16 hex digits of the source and the cleaned text, and of `salt` where there is one."""
    content = f"{document.source or ''}\0{document.text}" + (f"\0{salt}" if salt else "")
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _encodable(document: Document) -> Document:
    texts = ("text", "path", "source", "title", "author", "date", "url")
    given = {name: getattr(document, name) for name in texts}
    safe: dict[str, Any] = {name: own and encodable(own) for name, own in given.items()}
    return document if safe == given else replace(document, **safe)


def _sentence_ids(batch: SentenceBatch, ids: list[str]) -> tuple[pl.Series, NDArray[np.int64]]:
    number = np.arange(len(batch))
    index = number - np.maximum.accumulate(np.where(batch.follows(), 0, number))
    places = zip(batch.document.tolist(), index.tolist(), strict=True)
    return pl.Series([f"{ids[d]}-{i}" for d, i in places], dtype=pl.String), index


def _quotients(sums: NDArray[np.float64], counts: NDArray[Any]) -> NDArray[np.float64]:
    """Means by article, NaN where nothing is counted."""
    return sums / np.where(counts > 0, counts, np.nan)


def _count_repairs(edits: Sequence[Edit]) -> int:
    return sum(e.certainty != "flagged" and not e.reason.startswith(FURNITURE) for e in edits)


_Key = TypeVar("_Key", bound=Hashable)


def _lists(keys: Iterable[_Key], spell: Callable[[_Key], list[str]]) -> pl.Series:
    """A column of lists, each spelled once: many rows have the same few."""
    number: dict[_Key, int] = {}
    rows = [number.setdefault(key, len(number)) for key in keys]
    # Through JSON: polars makes a column of lists slowly from those of Python.
    spelled = [msgspec.json.encode(spell(key)).decode() for key in number]
    lists = pl.Series(spelled, dtype=pl.String).str.json_decode(pl.List(pl.String))
    return lists[np.array(rows, dtype=np.int64)]


def _names(names: Sequence[str], table: NDArray[np.bool_]) -> pl.Series:
    """The names whose columns are true, of every row."""
    # A row's bits as bytes, of which there are any even where there are no names.
    bits = np.column_stack([table, np.zeros(len(table), dtype=bool)])
    packed = np.packbits(bits, axis=1, bitorder="little")

    def spell(row: bytes) -> list[str]:
        own = int.from_bytes(row, "little")
        return [name for k, name in enumerate(names) if own >> k & 1]

    return _lists(packed.view(f"S{packed.shape[1]}")[:, 0].tolist(), spell)


def _table(columns: Mapping[str, Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Floats rounded to six decimals, NaN to null: the same bytes on every machine."""
    finished = {
        name: pl.Series(np.round(own.astype(np.float64), 6), nan_to_null=True)
        if isinstance(own, np.ndarray) and own.dtype.kind == "f"
        else own
        for name, own in columns.items()
    }
    return pl.DataFrame(finished, schema=schema)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
