"""manifest.toml: which files belong to a corpus, and what is known of each."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from stance.errors import InputError, ReadingError

MANIFEST = "manifest.toml"
_METADATA = ("source", "title", "author", "date", "url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One `[[document]]`. `path` is relative to the manifest; what is not known is left out."""

    path: str
    source: str | None = None
    title: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None
    sha256: str | None = None

    def metadata(self) -> dict[str, str]:
        """What is known, by the names of Document's fields."""
        known = {name: getattr(self, name) for name in _METADATA}
        return {name: value for name, value in known.items() if value}

    def verify(self, data: bytes) -> None:
        """Refuse a file that is no longer the one that the manifest describes."""
        if self.sha256 and hashlib.sha256(data).hexdigest() != self.sha256:
            raise ReadingError(
                "changed since the manifest was written (sha256 differs); "
                "correct or delete its sha256 line"
            )


def load_manifest(path: Path) -> list[Entry]:
    """The entries of a manifest.

    Raises:
        InputError: it is not valid, or names a file outside its directory.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: not a readable TOML file: {error}") from error
    allowed = {field.name for field in dataclasses.fields(Entry)}
    entries = []
    for number, values in enumerate(data.get("document", []), start=1):
        unknown = sorted(set(values) - allowed)
        if unknown:
            keys = ", ".join(sorted(allowed))
            raise InputError(f"{path}: [[document]] {number}: unknown key '{unknown[0]}' ({keys})")
        if isinstance(values.get("date"), (datetime.date, datetime.datetime)):
            values = {**values, "date": values["date"].isoformat()}
        try:
            entry = msgspec.convert(values, Entry)
        except msgspec.ValidationError as error:
            raise InputError(f"{path}: [[document]] {number}: {error}") from error
        place = PurePosixPath(entry.path)
        if place.is_absolute() or ".." in place.parts:
            raise InputError(f"{path}: [[document]] {number}: '{entry.path}' leaves the directory")
        entries.append(entry)
    if not entries:
        raise InputError(f"{path}: no [[document]] in it")
    return entries
