"""The only module that knows the order of the stages: documents in, tables out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stance import verdict
from stance.cues import CueFinder, Evidence
from stance.frames import FrameClassifier
from stance.lexicon import load_lexicons, load_target
from stance.text import SentenceBatch, script, split_documents
from stance.tone.scorer import ToneScorer
from stance.tone.snow import SnowScorer
from stance.types import FRAMES, Article, Cue, Document, Sentence, Tables

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
}


class Analyzer:
    """Lexicons, models and a target, loaded once. Picklable.

    Parameters:
        target: a shipped target's name, a TOML file, or "none" (every sentence counts).
        models: a directory that `stance train` wrote; the shipped models by default.
        seed: carried in the signature; nothing here is random.
    """

    def __init__(
        self, target: str | Path = "alibaba", *, models: Path | None = None, seed: int = 0
    ) -> None:
        self.seed = seed
        self.target = load_target(target)
        self.finder = CueFinder(load_lexicons(), self.target)
        self.frame_classifier = FrameClassifier.load(models, finder=self.finder)
        self.tone_scorer = ToneScorer.load(models, finder=self.finder)
        self.snow = SnowScorer()

    def signature(self) -> dict[str, str | int]:
        """What a result depends on: versions, digests, settings, seed."""
        return {
            "stance": _version("stance-zh"),
            "snownlp": _version("snownlp"),
            "jieba": _version("jieba"),
            "opencc": _version("opencc"),
            "target": self.target.name,
            "target_digest": self.target.digest,
            "lexicons": self.finder.resources.digest,
            "frames_model": self.frame_classifier.model_.digest,
            "tone_model": self.tone_scorer.model_.digest,
            "fitted_on_these_lexicons": "yes" if self._calibrated() else "no",
            "fitted_for_target": self.frame_classifier.model_.target,
            "seed": self.seed,
        }

    def _calibrated(self) -> bool:
        own = self.finder.resources.digest
        return own == self.frame_classifier.model_.lexicons == self.tone_scorer.model_.lexicons

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
        batch = split_documents([document.text for document in documents])
        evidence = self.finder.evidence(batch)
        tone_score, tone = self.tone_scorer.from_evidence(evidence)
        probability, chosen = self.frame_classifier.from_evidence(evidence)
        snow = self.snow.score(batch.normal)
        ids = [article_id(document) for document in documents]
        sentence_ids, index = _sentence_ids(batch, ids)
        voice = np.where(evidence.quoted, "quoted", "author").tolist()
        on_target = evidence.on_target
        ends = batch.start + np.array([len(text) for text in batch.text], dtype=np.int64)
        sentences = pl.DataFrame(
            {
                "sentence_id": sentence_ids,
                "article_id": [ids[number] for number in batch.document],
                "index": index,
                "start": batch.start,
                "end": ends,
                "text": batch.text,
                "on_target": on_target,
                "voice": voice,
                "snownlp": snow,
                "tone_score": tone_score,
                "tone": tone,
                **{frame: probability[:, k] for k, frame in enumerate(FRAMES)},
                "frames": [
                    [frame for k, frame in enumerate(FRAMES) if row[k]] for row in chosen.tolist()
                ],
                "paragraph": batch.paragraph,
            },
            schema=SENTENCE_COLUMNS,
        )
        return Tables(
            articles=self._article_rows(
                documents, ids, evidence, tone_score, tone, probability, chosen
            ),
            sentences=_finish(sentences),
            cues=self._cue_rows(evidence, sentence_ids, voice),
        )

    def _article_rows(
        self,
        documents: Sequence[Document],
        ids: list[str],
        evidence: Evidence,
        tone_score: NDArray[np.float64],
        tone: NDArray[np.int64],
        probability: NDArray[np.float64],
        chosen: NDArray[np.bool_],
    ) -> pl.DataFrame:
        bounds = np.searchsorted(evidence.batch.document, np.arange(len(documents) + 1))
        rows = []
        for number, document in enumerate(documents):
            own = slice(bounds[number], bounds[number + 1])
            on_target = evidence.on_target[own]
            heard = tone_score[own][on_target & ~np.isnan(tone_score[own])]
            shares = probability[own]
            judged = verdict.judge(on_target, tone[own], shares, chosen[own])
            rows.append(
                {
                    "article_id": ids[number],
                    "path": document.path,
                    "source": document.source,
                    "title": document.title,
                    "author": document.author,
                    "date": document.date,
                    "url": document.url,
                    "script": script(document.text),
                    "n_chars": len(document.text),
                    "n_sentences": len(on_target),
                    "n_on_target": int(on_target.sum()),
                    "tone": float(heard.mean()) if len(heard) else None,
                    "stance": judged.stance,
                    **{
                        frame: float(shares[:, k].mean()) if len(shares) else None
                        for k, frame in enumerate(FRAMES)
                    },
                    "dominant": judged.dominant,
                    "reprint_of": None,
                    "n_repairs": sum(e.certainty != "flagged" for e in document.edits),
                    "encoding": document.encoding,
                    "n_flagged": sum(e.certainty == "flagged" for e in document.edits),
                    **{f"intensity_{frame}": judged.intensity[frame] for frame in FRAMES},
                }
            )
        return _finish(pl.DataFrame(rows, schema=ARTICLE_COLUMNS))

    def _cue_rows(
        self, evidence: Evidence, sentence_ids: list[str], voice: list[str]
    ) -> pl.DataFrame:
        cues, batch = evidence.cues, evidence.batch
        names = self.finder.lexicon_names
        offset = batch.start[cues.sentence]
        places = list(zip(cues.sentence, cues.start, cues.end, strict=True))
        return _finish(
            pl.DataFrame(
                {
                    "sentence_id": [sentence_ids[row] for row in cues.sentence],
                    "frame": [names[number] for number in cues.lexicon],
                    "term": [
                        self.finder.term(lexicon, term).text
                        for lexicon, term in zip(cues.lexicon, cues.term, strict=True)
                    ],
                    "surface": [batch.text[row][start:end] for row, start, end in places],
                    "start": cues.start + offset,
                    "end": cues.end + offset,
                    "weight": cues.weight,
                    "polarity": cues.polarity,
                    "negated": cues.negated,
                    "degree": cues.degree,
                    "voice": [voice[row] for row in cues.sentence],
                },
                schema=CUE_COLUMNS,
            )
        )


def articles(tables: Tables) -> Iterator[Article]:
    """The rows of the tables as records, articles with their sentences, those with their cues."""
    cues: dict[str, list[Cue]] = {}
    for row in tables.cues.iter_rows(named=True):
        cues.setdefault(row["sentence_id"], []).append(Cue(**row))
    sentences: dict[str, list[Sentence]] = {}
    for row in tables.sentences.iter_rows(named=True):
        row["frames"] = tuple(row["frames"])
        own = tuple(cues.get(row["sentence_id"], ()))
        sentences.setdefault(row["article_id"], []).append(Sentence(**row, cues=own))
    for row in tables.articles.iter_rows(named=True):
        yield Article(**row, sentences=tuple(sentences.get(row["article_id"], ())))


def article_id(document: Document) -> str:
    """16 hex digits of the source and the cleaned text."""
    content = f"{document.source or ''}\0{document.text}"
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _sentence_ids(batch: SentenceBatch, ids: list[str]) -> tuple[list[str], list[int]]:
    index: list[int] = []
    for same in batch.follows():
        index.append(index[-1] + 1 if same else 0)
    labels = [f"{ids[d]}-{i}" for d, i in zip(batch.document, index, strict=True)]
    return labels, index


def _finish(table: pl.DataFrame) -> pl.DataFrame:
    """Floats rounded to six decimals, NaN to null: the same bytes on every machine."""
    return table.with_columns(pl.col(pl.Float64).fill_nan(None).round(6) + 0.0)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
