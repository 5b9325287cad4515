"""Which column of a table holds what: guessed from its names, or as the user says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from stance.errors import InputError, ReadingError
from stance.lexicon import LEXICONS
from stance.reading.raw import FIELDS
from stance.text import encodable
from stance.tomlfile import TomlFile

_BRACKETED = re.compile(r"[(（\[【].*?[)）\]】]")
_JOINTS = re.compile(r"[\s_\-./:：]+")
_KINDS = frozenset(("name", "html", "str", "raw", "value", "rendered", "main", "original"))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# How many names an error lists: enough to find the right one among a scraper's columns.
_LISTED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    field: str
    names: tuple[str, ...]
    endings: tuple[str, ...] = ()
    nots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Object:
    name: str
    needs: tuple[Any, ...]
    text: tuple[str, ...]
    source: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    url: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    columns: tuple[_Names, ...]
    objects: tuple[_Object, ...]
    keys: Mapping[str, frozenset[str]]


@cache
def _file() -> _File:
    file = TomlFile(LEXICONS / "reading" / "columns.toml")
    file.tables(("column", "object", "other", "inner", "note"))
    keys = {
        table: frozenset((file.header(table, _Keys) or {"names": ()})["names"])
        for table in ("other", "inner", "note")
    }
    found = _File(
        tuple(names for _, names in file.records("column", _Names)),
        tuple(one for _, one in file.records("object", _Object)),
        keys,
    )
    file.raise_first()
    return found


def is_other(key: str) -> bool:
    """Whether a key of an object holds another article than its own: a post that it repeats."""
    return key in _file().keys["other"]


def is_inner(key: str) -> bool:
    """Whether a key of an object holds the article itself, as `_source` does."""
    return key in _file().keys["inner"]


def is_of_note(name: str) -> bool:
    """Whether a key of front matter speaks of the note and not of the article in it."""
    return _plain(name) in _file().keys["note"]


def object_fields(cells: Mapping[str, str]) -> dict[str, str] | None:
    """The column of each field of a service's answer, None where it is none that is known.

    `source` of a post is the telephone there, and `text` a shortened one beside the long.
    """
    for one in _file().objects:
        if not any(all(cells.get(key, "").strip() for key in keys) for keys in one.needs):
            continue
        found = {
            field: name
            for field in ("text", *FIELDS)
            if (name := _first_told(getattr(one, field), cells))
        }
        if "text" in found:
            return found
    return None


def _first_told(names: Sequence[str], cells: Mapping[str, str]) -> str | None:
    return next((name for name in names if cells.get(name, "").strip()), None)


def check_mapping(columns: Mapping[str, str] | None) -> None:
    """Refuse a mapping that names no field of a document.

    Raises:
        InputError: with the fields that there are.
    """
    for field in columns or ():
        if field not in ("text", *FIELDS):
            raise InputError(f"no such field '{field}'; there are text, {', '.join(FIELDS)}")


def guess(names: Sequence[str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The column of each field: as `given` says, else by its name.

    Raises:
        ReadingError: a column that `given` names is not there, or none holds the text.
    """
    found = dict(given or {})
    for field, name in found.items():
        if name not in names:
            raise ReadingError(f"no column '{name}' (for {field}); {listed(names)}")
    taken = set(found.values())
    plain = {name: _plain(name) for name in names}
    leaf = {name: _plain(name.rpartition(".")[2]) for name in names}
    last = {name: _last(name) for name in names}
    for known in _file().columns:
        if known.field in found:
            continue
        free = [
            name
            for name in names
            if name not in taken and not any(word in plain[name] for word in known.nots)
        ]
        exact = (n for k in known.names for n in free if k == plain[n])
        by_last = (n for k in known.names for n in free if k == last[n])
        ending = (n for e in known.endings for n in free if _ends(last[n], e))
        # article.meta.published_at is published_at, deep inside.
        by_leaf = (n for k in known.names for n in free if "." in n and k == leaf[n])
        fitting = (
            next(exact, None) or next(by_leaf, None) or next(by_last, None) or next(ending, None)
        )
        if fitting is not None:
            found[known.field] = fitting
            taken.add(fitting)
    if "text" not in found:
        raise ReadingError(
            f"no column that looks like the text; name it, as --column text=正文; {listed(names)}"
        )
    return found


def field_of(name: str) -> str | None:
    """The field that a name is known for as a whole, None for an unknown one."""
    plain = _plain(name)
    return next((known.field for known in _file().columns if plain in known.names), None)


def has_text(names: Sequence[str]) -> bool:
    """Whether one of the names is known for a column of texts."""
    try:
        guess(names)
    except ReadingError:
        return False
    return True


def _ends(name: str, ending: str) -> bool:
    """Han words are told by their end; others must stand alone: subtitle is no title."""
    return name == ending if ending.isascii() else name.endswith(ending)


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", _BRACKETED.sub("", name) or name)
    return _JOINTS.sub("", folded).casefold()


def _last(name: str) -> str:
    """The last word of a name: content of article_content, articleContent and article.content."""
    folded = unicodedata.normalize("NFKC", _BRACKETED.sub("", name) or name)
    words = [word.casefold() for word in _JOINTS.split(_CAMEL.sub("_", folded)) if word]
    # author.name and content_html are an author and a content.
    while len(words) > 1 and words[-1] in _KINDS:
        words.pop()
    return words[-1] if words else ""


def listed(names: Sequence[str]) -> str:
    """The names for a person, the first of very many."""
    shown = ", ".join(short(name) for name in names[:_LISTED])
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"there are {shown}{more}" if names else "there are none"


def short(name: str) -> str:
    """A name in quotes, in one short line."""
    flat = " ".join(encodable(name).split())
    return f"'{flat[:40]}…'" if len(flat) > 40 else f"'{flat}'"
