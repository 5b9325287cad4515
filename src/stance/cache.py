"""Finished parts kept from run to run, by digest: what did not change is not analysed again.

One SQLite file in the user's cache folder. It is never needed: where it cannot be opened, read or
written, parts are made anew.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from stance.parts import Part, decode, encode
from stance.store import folder

MOST = 4 << 30
"""Bytes of parts that are kept; beyond it those not used for longest go at the end of a run."""

_SCHEMA = """
create table if not exists part (
    id integer primary key, used integer not null, size integer not null, data blob not null);
create table if not exists raw (
    key blob primary key, part integer not null, place integer not null) without rowid;
create index if not exists raw_part on raw (part);
"""


def place() -> Path:
    """The file of the cache."""
    return folder() / "parts.sqlite"


class Cache:
    """The parts of a cache file; one that cannot be used holds nothing and keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._db = _opened(path) if path is not None else None
        self._run = 0
        if self._db is not None:
            with self._guard():
                (last,) = self._db.execute("select coalesce(max(used), 0) from part").fetchone()
                self._run = last + 1
        self._load = lru_cache(maxsize=8)(self._loaded)

    def find(self, keys: Sequence[bytes]) -> list[tuple[int, int] | None]:
        """For each key the number of its part and its place there, None where it is not kept."""
        if self._db is None or not keys:
            return [None] * len(keys)
        marks = ",".join("?" * len(keys))
        found: dict[bytes, tuple[int, int]] = {}
        with self._guard():
            rows = self._db.execute(
                f"select key, part, place from raw where key in ({marks})", list(keys)
            )
            found = {bytes(key): (part, where) for key, part, where in rows}
        return [found.get(key) for key in keys]

    def part(self, number: int) -> Part | None:
        """A part by its number, None where it is lost or damaged."""
        return self._load(number)

    def _loaded(self, number: int) -> Part | None:
        if self._db is None:
            return None
        with self._guard():
            self._db.execute("update part set used = ? where id = ?", (self._run, number))
            row = self._db.execute("select data from part where id = ?", (number,)).fetchone()
            if row is not None:
                with contextlib.suppress(ValueError):
                    return decode(row[0])
            self._db.execute("delete from raw where part = ?", (number,))
            self._db.execute("delete from part where id = ?", (number,))
        return None

    def add(self, keys: Sequence[bytes], part: Part) -> None:
        """Keep a part; the i-th of its raws has the i-th key. It is on disk when this returns."""
        if self._db is None:
            return
        data = encode(part)
        with self._guard(), self._db:
            cursor = self._db.execute(
                "insert into part (used, size, data) values (?, ?, ?)",
                (self._run, len(data), data),
            )
            self._db.executemany(
                "insert or replace into raw values (?, ?, ?)",
                [
                    (key, cursor.lastrowid, where)
                    for where, (key, told) in enumerate(zip(keys, part.told, strict=True))
                    if not told.twin
                ],
            )

    def close(self) -> None:
        """Let go of what is over `MOST`, of parts that this run did not use, and of the file."""
        if self._db is None:
            return
        with self._guard(), self._db:
            (size,) = self._db.execute("select coalesce(sum(size), 0) from part").fetchone()
            old = self._db.execute(
                "select id, size from part where used < ? order by used, id", (self._run,)
            ).fetchall()
            for number, own in old:
                if size <= MOST:
                    break
                self._db.execute("delete from raw where part = ?", (number,))
                self._db.execute("delete from part where id = ?", (number,))
                size -= own
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        self._db = None

    @contextlib.contextmanager
    def _guard(self):  # type: ignore[no-untyped-def]
        """Whatever goes wrong with the file, the run goes on without it."""
        try:
            yield
        except sqlite3.Error:
            db, self._db = self._db, None
            with contextlib.suppress(sqlite3.Error):
                if db is not None:
                    db.close()


def _opened(path: Path) -> sqlite3.Connection | None:
    """A connection, None where there can be none; a file that is no cache is begun anew."""
    for _ in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, timeout=10)
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = normal")
            db.executescript(_SCHEMA)
            db.execute("select count(*) from raw limit 1").fetchone()
            return db
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return None  # locked, read-only, full
            for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                with contextlib.suppress(OSError):
                    name.unlink()
        except OSError:
            return None
    return None
