"""Frozen records that the public API hands out. They hold data and know nothing of each stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

FRAMES = ("optimistic", "critical", "nationalist", "market")
"""The four frames of the codebook, in the order of every table and array."""


TONES = {-1: "unfavourable", 0: "neutral", 1: "favourable"}
"""The labels of tone with their names, in order."""

_INTENSITY = "intensity_"


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open `[start, end)` in Unicode code points."""

    start: int
    end: int


FURNITURE = "furniture: "
"""Begins the reason of an edit that cut what is no part of the article."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One finding of repair: `raw[start:end]` became `replacement`, for `reason`.

    `certainty` is "proven" where the raw text itself shows what was meant, "inferred" where a
    dictionary had to help, and "flagged" where the damage could only be marked.
    """

    start: int
    end: int
    replacement: str
    reason: str
    certainty: str = "proven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text after repair, with what is known about it.

    `text` never changes length again; `edits` lead from it back to the file as it was decoded,
    what was cut as page furniture among them. `origins` says where each value came from, as
    `("source", "byline")`; `original` is the document of which this is a reprint.
    """

    text: str
    path: str
    source: str | None = None
    title: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None
    encoding: str = "utf-8"
    edits: tuple[Edit, ...] = ()
    cuts: tuple[str, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    original: Document | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Documents(Sequence[Document]):
    """What was read, in the order of path, and what was left out."""

    items: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self.items[index]

    def __iter__(self) -> Iterator[Document]:
        return iter(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A lexicon term at a span of its document, with its context. A row of the cues table.

    `asserted` in (0, 1] says how far the sentence stands by it: less where it is hedged, asked,
    supposed or outweighed. `marks` are the words that act on it, as `negation:没有`.
    """

    sentence_id: str
    frame: str
    term: str
    surface: str
    start: int
    end: int
    weight: float
    polarity: int
    negated: bool
    degree: float
    voice: str
    asserted: float = 1.0
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A row of the sentences table, with its cues.

    `uncalibrated` holds frames beyond the four, scored by their cues alone.
    """

    sentence_id: str
    article_id: str
    index: int
    start: int
    end: int
    text: str
    on_target: bool
    voice: str
    snownlp: float | None
    tone_score: float | None
    tone: int
    optimistic: float
    critical: float
    nationalist: float
    market: float
    frames: tuple[str, ...]
    paragraph: int
    speaker: str | None = None
    speaker_kind: str | None = None
    aspects: tuple[str, ...] = ()
    uncalibrated: Mapping[str, float] = field(default_factory=dict)
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A row of the articles table, with its sentences.

    `cuts` are passages cut as page furniture, each behind the name of its rule; `origins` say where
    metadata came from, as `source: byline`.

    `uncalibrated` holds the mean and, as `intensity_NAME`, the intensity of frames beyond the four.
    """

    article_id: str
    path: str
    source: str | None
    title: str | None
    author: str | None
    date: str | None
    url: str | None
    script: str
    n_chars: int
    n_sentences: int
    n_on_target: int
    tone: float | None
    stance: int | None
    optimistic: float | None
    critical: float | None
    nationalist: float | None
    market: float | None
    dominant: str | None
    reprint_of: str | None
    n_repairs: int
    encoding: str
    n_flagged: int
    intensity_optimistic: int
    intensity_critical: int
    intensity_nationalist: int
    intensity_market: int
    target: str = ""
    cuts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    uncalibrated: Mapping[str, float | None] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables of an analysis, as DESIGN names their columns."""

    articles: pl.DataFrame
    sentences: pl.DataFrame
    cues: pl.DataFrame

    @property
    def frames(self) -> tuple[str, ...]:
        """The four frames and behind them those that only a lexicon of the user's defines."""
        found = [
            name.removeprefix(_INTENSITY)
            for name in self.articles.columns
            if name.startswith(_INTENSITY)
        ]
        return (*FRAMES, *(frame for frame in found if frame not in FRAMES))

    def __getitem__(self, name: str) -> pl.DataFrame:
        """`tables["sentences"]`, one of articles, sentences, cues."""
        if name not in {"articles", "sentences", "cues"}:
            raise KeyError(name)
        table: pl.DataFrame = getattr(self, name)
        return table

    def scan(self, name: str) -> pl.LazyFrame:
        """The same to be asked for some of its columns or rows."""
        return self[name].lazy()

    def columns(self, name: str, *columns: str) -> pl.DataFrame:
        """Some columns of a table."""
        return self.scan(name).select(columns).collect()

    def height(self, name: str) -> int:
        """How many rows a table has."""
        import polars as pl

        return int(self.scan(name).select(pl.len()).collect().item())


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over articles with its 95 % interval; `low` and `high` are None where n < 3.

    `n` counts articles, reprints of one article once. Beside it: `boot_low` and `boot_high`, the
    bootstrap-t interval (None where n < 5); `by_sentence`, the mean over sentences, in which long
    articles weigh more; `icc`, how alike sentences of one article are (intraclass correlation), and
    `n_effective`, how many independent sentences the `sentences` that count are worth. `decided` is
    the share of them decided to carry the frame; `rare` says that these are too few for the
    interval to hold what it promises.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    boot_low: float | None = None
    boot_high: float | None = None
    by_sentence: float | None = None
    icc: float | None = None
    n_effective: float | None = None
    sentences: int = 0
    decided: float | None = None
    rare: bool = False


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What a model thought: (n, 4) frames, (n, 3) tone -1, 0, 1, (n, 2) on target and quoted."""

    frames: NDArray[np.float64]
    tone: NDArray[np.float64]
    setting: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a model knows beside its weights: thresholds, and the sentences that it was fitted to.

    The thresholds are of the four frames, and of on target and quoted. `seen` holds the marks of
    the labelled sentences (`Gold.marks`).
    """

    frame_cuts: Sequence[float]
    setting_cuts: Sequence[float]
    seen: frozenset[str]
