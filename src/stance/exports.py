"""Tables in and out, and every file format that is written. Files appear whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from stance.analyzer import ARTICLE_COLUMNS, CUE_COLUMNS, SENTENCE_COLUMNS, article_id
from stance.errors import InputError, OutputError
from stance.types import Article, Document, Skipped, Tables

_BOM = b"\xef\xbb\xbf"
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
_FORMULA = r"^[=+\-@\t\r]"


def tables(articles: Iterable[Article]) -> Tables:
    """The three tables of analysed articles, columns in the order of DESIGN."""
    rows = list(articles)
    sentences = [sentence for article in rows for sentence in article.sentences]
    cues = [cue for sentence in sentences for cue in sentence.cues]
    return Tables(
        articles=_frame(rows, ARTICLE_COLUMNS),
        sentences=_frame(sentences, SENTENCE_COLUMNS),
        cues=_frame(cues, CUE_COLUMNS),
    )


def _frame(records: Sequence[Any], schema: dict[str, Any]) -> pl.DataFrame:
    columns = {name: [getattr(record, name) for record in records] for name in schema}
    more = dict(getattr(records[0], "uncalibrated", {})) if records else {}
    columns |= {name: [record.uncalibrated[name] for record in records] for name in more}
    kinds = {name: pl.Int64 if name.startswith("intensity_") else pl.Float64 for name in more}
    return pl.DataFrame(columns, schema=schema | kinds)


def concatenate(parts: Sequence[Tables]) -> Tables:
    """Tables of several batches below each other."""
    return Tables(*(pl.concat([part[name] for part in parts]) for name in _NAMES))


_NAMES = ("articles", "sentences", "cues")


def write_tables(found: Tables, directory: Path) -> None:
    """`articles` and `sentences` as Parquet and CSV, `cues` as Parquet."""
    for name in _NAMES:
        write_parquet(found[name], directory / f"{name}.parquet")
    write_csv(found.articles, directory / "articles.csv")
    write_csv(found.sentences, directory / "sentences.csv")


class StoredTables(Tables):
    """The tables of a run, whose sentences and cues stay in their files until they are asked for.

    Those of a large run would fill the memory, and nothing needs all of their columns at once.
    """

    __slots__ = ("_place",)
    _place: Path

    def __init__(self, articles: pl.DataFrame, place: Path) -> None:
        object.__setattr__(self, "articles", articles)
        object.__setattr__(self, "_place", place)

    @property
    def sentences(self) -> pl.DataFrame:
        """All sentences."""
        return self.scan("sentences").collect()

    @property
    def cues(self) -> pl.DataFrame:
        """All cues."""
        return self.scan("cues").collect()

    def scan(self, name: str) -> pl.LazyFrame:
        """A table to be asked for some of its columns or rows."""
        if name == "articles":
            return self.articles.lazy()
        return pl.scan_parquet(self._place / f"{name}.parquet")


def read_tables(directory: Path) -> Tables:
    """What `write_tables` wrote; sentences and cues are read when they are asked for.

    Raises:
        InputError: a table is missing or is not one of stance's.
    """
    for name, schema in zip(_NAMES, (ARTICLE_COLUMNS, SENTENCE_COLUMNS, CUE_COLUMNS), strict=True):
        path = directory / f"{name}.parquet"
        if not path.is_file():
            raise InputError(f"{path} is missing: give a directory that `stance analyze` wrote")
        try:
            columns = pl.scan_parquet(path).collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(f"{path}: not a readable Parquet file: {error}") from error
        if not set(schema) <= set(columns):
            raise InputError(f"{path}: not a table of this version of stance; analyse again")
    return StoredTables(pl.read_parquet(directory / "articles.parquet"), directory)


PERIODS = {"year": 4, "month": 7}
"""By what tables may be partitioned beside columns of the articles: so much of their dates."""


def partition_key(by: str) -> pl.Expr:
    """The value by which an article's rows go together, null where it has none.

    Raises:
        InputError: neither one of `PERIODS` nor a column of text.
    """
    if by in PERIODS:
        known = pl.col("date").str.len_chars() >= PERIODS[by]
        return pl.when(known).then(pl.col("date").str.head(PERIODS[by])).alias(by)
    columns = [name for name, kind in ARTICLE_COLUMNS.items() if kind == pl.String]
    if by not in columns[1:]:
        raise InputError(
            f"cannot partition by '{by}'; there are {', '.join((*PERIODS, *columns[1:]))}"
        )
    return pl.col(by)


def write_partitions(found: Tables, directory: Path, by: str) -> None:
    """The three tables as `partitions/TABLE/BY=VALUE/00000000.parquet`, rows in their order.

    Of large tables little is held at once. What was there before goes when the new ones are whole.

    Raises:
        InputError: as `partition_key`.
        OutputError: the place cannot be written, or is full.
    """
    articles = found.scan("articles").with_columns(partition_key(by))
    keys = articles.select("article_id", by)
    # A sentence's id is that of its article, a stroke and its number.
    owner = pl.col("sentence_id").str.split("-").list.first().alias("article_id")
    cues = found.scan("cues").with_columns(owner)
    tables = {
        "articles": articles,
        "sentences": found.scan("sentences").join(keys, on="article_id", maintain_order="left"),
        "cues": cues.join(keys, on="article_id", maintain_order="left").drop("article_id"),
    }
    place = directory / "partitions"
    try:
        with tempfile.TemporaryDirectory(prefix=".stance-", dir=directory) as aside:
            whole = Path(aside) / "partitions"
            for name, table in tables.items():
                parts = pl.PartitionBy(whole / name, key=[by], include_key=False)
                table.sink_parquet(parts, mkdir=True, compression="zstd", statistics=False)
            if place.exists():
                shutil.rmtree(place)
            whole.rename(place)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise OutputError(f"cannot write {place}: {error}") from error


def write_parquet(table: pl.DataFrame, path: Path) -> None:
    """Parquet, the same bytes for the same rows."""
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="zstd", statistics=False)
    write_bytes(path, buffer.getvalue())


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """UTF-8 with a byte-order mark; lists joined with `|`; no cell that a spreadsheet would run."""
    write_bytes(path, _BOM + _csv(table, header=True))


def _csv(table: pl.DataFrame, *, header: bool) -> bytes:
    lists = [name for name, kind in table.schema.items() if isinstance(kind, pl.List)]
    flat = table.with_columns(pl.col(name).list.join("|") for name in lists)
    texts = [name for name, kind in flat.schema.items() if kind == pl.String]
    safe = flat.with_columns(
        pl.when(pl.col(name).str.contains(_FORMULA))
        .then(pl.concat_str(pl.lit("'"), pl.col(name)))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )
    return safe.write_csv(include_header=header).encode("utf-8")


class CsvFile:
    """A CSV file as `write_csv` writes it, row after row; it appears when it is kept.

    Raises:
        OutputError: the place cannot be written, or is full; from every method.
    """

    def __init__(self, path: Path) -> None:
        self._file = Growing(path)
        self._file.append(_BOM)
        self._begun = False

    def append(self, table: pl.DataFrame) -> None:
        """More rows of the same columns."""
        self._file.append(_csv(table, header=not self._begun))
        self._begun = True

    def keep(self) -> None:
        """Move the whole file into place."""
        self._file.keep()

    def close(self) -> None:
        """Leave nothing behind of a file that was not kept."""
        self._file.close()


def repair_rows(documents: Sequence[Document]) -> pl.DataFrame:
    """Every edit with its place in the file as decoded, from code point 0."""
    rows = [
        (
            article_id(document),
            document.path,
            edit.start,
            edit.end,
            edit.replacement,
            edit.reason,
            edit.certainty,
        )
        for document in documents
        for edit in document.edits
    ]
    return pl.DataFrame(rows, schema=_REPAIRS, orient="row")


_REPAIRS = {
    "article_id": pl.String,
    "path": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "replacement": pl.String,
    "reason": pl.String,
    "certainty": pl.String,
}


def write_skipped(skipped: Sequence[Skipped], path: Path) -> None:
    """`skipped.csv`: path and reason; only the header where nothing was skipped."""
    columns = {"path": [s.path for s in skipped], "reason": [s.reason for s in skipped]}
    write_csv(pl.DataFrame(columns, schema={"path": pl.String, "reason": pl.String}), path)


def read_skipped(path: Path) -> tuple[Skipped, ...]:
    """What `write_skipped` wrote; nothing where the file is missing."""
    if not path.is_file():
        return ()
    table = pl.read_csv(path, schema={"path": pl.String, "reason": pl.String})
    plain = table.with_columns(pl.all().str.replace(r"^'([=+\-@\t\r])", "${1}"))
    return tuple(Skipped(file, reason) for file, reason in plain.iter_rows())


def write_json(value: Any, path: Path) -> None:
    """Readable JSON."""
    write_bytes(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def writable(directory: Path) -> Path:
    """`directory`, made now: a long run must not end at a place that cannot be written.

    Raises:
        OutputError: it cannot be made or written.
    """
    if directory.exists() and not directory.is_dir():
        raise OutputError(f"cannot write to {directory}: a file of that name exists")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".stance-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write to {directory}: {reason}; choose another --out") from error
    return directory


def write_bytes(path: Path, data: bytes) -> None:
    """Write to a temporary name beside `path` and move it into place.

    Raises:
        OutputError: the place cannot be written.
    """
    file = Growing(path)
    try:
        file.append(data)
        file.keep()
    finally:
        file.close()


class Growing:
    """A file that is written piece by piece to a temporary name and moved into place when whole.

    Raises:
        OutputError: the place cannot be written, or is full; from every method.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary: Path | None = None
        with self._telling():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            self._temporary, self._file = Path(name), os.fdopen(handle, "wb")

    def append(self, data: bytes) -> None:
        """Write more."""
        with self._telling():
            self._file.write(data)

    def keep(self) -> None:
        """Move the file into place, with the permissions of any new file."""
        assert self._temporary is not None
        with self._telling():
            self._file.close()
            mask = os.umask(0)
            os.umask(mask)
            self._temporary.chmod(0o666 & ~mask)
            self._temporary.replace(self._path)
            self._temporary = None

    def close(self) -> None:
        """Take away what was not kept."""
        if self._temporary is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            with contextlib.suppress(OSError):
                self._temporary.unlink()
            self._temporary = None

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.close()
            reason = error.strerror or error
            raise OutputError(f"cannot write {self._path}: {reason}") from error
