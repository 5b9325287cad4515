"""Parts to the tables of a run, written as they come: memory does not grow with the sentences."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import polars as pl

from stance.errors import OutputError
from stance.exports import CsvFile, StoredTables, write_csv, write_parquet, write_skipped
from stance.parts import Part, taken
from stance.reading.reprints import Hashes, clusters_of
from stance.types import Skipped, Tables

_PREFIX = ".stance-"
_PARTITIONS, _TABLES = "partitions", {"articles", "sentences", "cues"}
_WRITTEN = (
    "articles.parquet", "articles.csv", "sentences.parquet", "sentences.csv", "cues.parquet",
    "repairs.csv", "skipped.csv", "sources.csv", "contrasts.csv", "words.csv", "report.html",
    "run.json",
)  # fmt: skip
_ROWS = 50_000
"""So many sentences of one target are held before they are put aside."""


class Gathering:
    """What a run has made so far. To be used as a context, which leaves nothing of its own behind.

    Everything is written to a hidden folder in the directory and moved when the run is whole, so
    that one that was stopped leaves the results of an earlier run as they were.

    Parameters:
        directory: where the results go in the end.
        targets: how many targets a part has tables of.
    """

    def __init__(self, directory: Path, targets: int) -> None:
        self.directory = directory
        self.skipped: list[Skipped] = []
        _clear(directory)
        self._aside = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=directory)
        place = Path(self._aside.name)
        self.place = place / "results"
        self.place.mkdir()
        # Thousands of small frames need many times the memory of a few.
        self._articles = [_Rows(place, f"articles-{k}", _ROWS // 10) for k in range(targets)]
        self._sentences = [_Rows(place, f"sentences-{k}") for k in range(targets)]
        self._cues = [_Rows(place, f"cues-{k}") for k in range(targets)]
        self._repairs = CsvFile(self.place / "repairs.csv")
        self._paths: dict[str, str] = {}
        self._dates: list[str | None] = []
        self._shingles = Spool(place / "shingles")

    def __enter__(self) -> Gathering:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._repairs.close()
        self._shingles.close()
        self._aside.cleanup()
        if error is not None:
            with contextlib.suppress(OSError):
                self.directory.rmdir()  # where nothing else is in it

    def __len__(self) -> int:
        return len(self._paths)

    def add(self, part: Part | None, skipped: Sequence[Skipped] = ()) -> None:
        """The next part, and what was left out before it.

        An article that is there already is left out too, and told.
        """
        self.skipped += skipped
        if part is None:
            return
        places = []
        for place, told in enumerate(part.told):
            if not told.ids:
                self.skipped.append(Skipped(told.path, told.reason))
                continue
            twin = self._paths.setdefault(told.ids[0], told.path)
            if twin is not told.path and twin != told.path:
                self.skipped.append(Skipped(told.path, f"the same source and text as {twin}"))
            elif not told.twin:
                places.append(place)
                self._dates.append(told.date)
                self._shingles.append(told.hashes)
        fresh = taken(part, places)
        for k, found in enumerate(fresh.tables):
            self._articles[k].append(found.articles)
            self._sentences[k].append(found.sentences)
            self._cues[k].append(found.cues)
        self._repairs.append(fresh.repairs)

    def finish(self) -> Tables:
        """Tell reprints, write all tables, and give them back.

        Raises:
            OutputError: the place cannot be written, or is full.
        """
        articles = pl.concat(self._with_originals())
        write_parquet(articles, self.place / "articles.parquet")
        write_csv(articles, self.place / "articles.csv")
        with contextlib.closing(CsvFile(self.place / "sentences.csv")) as file:
            for frame in chain(*self._sentences):
                file.append(frame)
            file.keep()
        self._repairs.keep()
        write_skipped(self.skipped, self.place / "skipped.csv")
        held = [
            _written(rows, self.place / f"{name}.parquet")
            for name, rows in (("sentences", self._sentences), ("cues", self._cues))
        ]
        # What comes next needs the memory.
        self._paths, self._dates, self._articles = {}, [], []
        sentences, cues = held
        if sentences is None or cues is None:
            return StoredTables(articles, self.place)
        return Tables(articles, sentences, cues)

    def keep(self, last: str) -> None:
        """Move all results into the directory, the file of this name last of all.

        Raises:
            OutputError: one cannot be moved.
        """
        stale = self.directory / _PARTITIONS
        try:
            # Those of an earlier run would belong to other tables.
            if stale.is_dir() and {path.name for path in stale.iterdir()} <= _TABLES:
                shutil.rmtree(stale)
            # A folder may be refused; then no file has been moved yet.
            order = sorted(self.place.iterdir(), key=lambda p: (p.name == last, p.is_file()))
            for path in order:
                path.replace(self.directory / path.name)
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(f"cannot write to {self.directory}: {reason}") from error

    def _with_originals(self) -> Iterator[pl.DataFrame]:
        """The articles of each target, reprints marked."""
        paths = list(self._paths.values())
        found = clusters_of(self._shingles, dates=self._dates, ranks=paths)
        original = pl.Series(found.original, dtype=pl.UInt32)
        for own in self._articles:
            articles = pl.concat(own)
            yield articles.with_columns(reprint_of=articles["article_id"].gather(original))


def _clear(directory: Path) -> None:
    """Take away what a run that was killed left unfinished."""
    for path in directory.glob(f"{_PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True)
    for name in _WRITTEN:
        for path in directory.glob(f".{name}.????????"):
            path.unlink(missing_ok=True)


class _Rows:
    """Rows of one table of one target, those beyond `most` in files."""

    def __init__(self, place: Path, name: str, most: int = _ROWS) -> None:
        self._place, self._name, self._most = place, name, most
        self._held: list[pl.DataFrame] = []
        self._height = 0
        self.files: list[Path] = []

    def append(self, frame: pl.DataFrame) -> None:
        self._held.append(frame)
        self._height += frame.height
        if self._height >= self._most:
            self._put_aside()

    def _put_aside(self) -> None:
        path = self._place / f"{self._name}-{len(self.files):05}.parquet"
        write_parquet(pl.concat(self._held), path)
        self.files.append(path)
        self._held, self._height = [], 0

    def all_files(self) -> list[Path]:
        """Files of all rows."""
        if self._held:
            self._put_aside()
        return self.files

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for path in self.files:
            yield pl.read_parquet(path)
        if self._held:
            yield pl.concat(self._held)


def _written(rows: Sequence[_Rows], path: Path) -> pl.DataFrame | None:
    """Write the rows of all targets as one file; they are given back where they are few."""
    if not any(own.files for own in rows):
        table = pl.concat(chain(*rows))
        write_parquet(table, path)
        return table
    files = [file for own in rows for file in own.all_files()]
    temporary = files[0].with_name(f"whole-{path.name}")
    try:
        pl.scan_parquet(files).sink_parquet(
            temporary, compression="zstd", statistics=False, row_group_size=_ROWS
        )
        temporary.replace(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise OutputError(f"cannot write {path}: {error}") from error
    return None


class Spool(Sequence[Hashes]):
    """Shingles of each article in a file: read as they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("w+b")
        self._ends = array("q", [0])

    def append(self, hashes: Hashes) -> None:
        """The shingles of one more.

        Raises:
            OutputError: the place is full.
        """
        with self._telling():
            self._file.write(hashes.tobytes())
        self._ends.append(self._ends[-1] + len(hashes))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: Any) -> Any:
        start, end = self._ends[number], self._ends[number + 1]
        with self._telling():
            self._file.seek(4 * start)
            return np.frombuffer(self._file.read(4 * (end - start)), dtype=np.uint32)

    def close(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(OSError):  # what no longer fits is not needed either
            self._file.close()

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror or error}") from error
