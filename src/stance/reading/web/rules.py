"""Where pages say what they are, and what on them is no part of the article: pages.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from stance.lexicon import LEXICONS
from stance.reading.rules import compiled
from stance.tomlfile import TomlFile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meta:
    field: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    field: str
    site: str
    xpath: str
    pattern: str = "^(.*)$"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filler:
    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    field: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    site: str
    xpath: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drop:
    by: Literal["tag", "name", "light", "heading", "text"]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Byline:
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRules:
    """pages.toml: where pages say what they are, and what on them is no part of the article.

    `metas`, `data` and `fillers` are names of meta elements, keys of JSON-LD and values that say
    nothing, by field; `places` and `bodies` sites' own places; `drops` words by tag, name, light
    (a name that articles bear as well), heading and text (a name of the article's own place);
    `byline` finds what is not dropped lightly.
    """

    metas: Mapping[str, tuple[str, ...]]
    data: Mapping[str, tuple[str, ...]]
    places: tuple[_Place, ...]
    bodies: tuple[str, ...]
    drops: Mapping[str, frozenset[str]]
    fillers: Mapping[str, frozenset[str]]
    byline: re.Pattern[str]


@cache
def page_rules() -> PageRules:
    """The rules that are shipped."""
    file = TomlFile(LEXICONS / "reading" / "pages.toml")
    drops = file.records("drop", _Drop)
    rules = PageRules(
        metas={meta.field: meta.names for _, meta in file.records("meta", _Meta)},
        data={one.field: one.keys for _, one in file.records("data", _Data)},
        places=tuple(place for _, place in file.records("place", _Place)),
        bodies=tuple(body.xpath for _, body in file.records("body", _Body)),
        drops={
            by: frozenset(word for _, one in drops if one.by == by for word in one.words)
            for by in ("tag", "name", "light", "heading", "text")
        },
        byline=compiled(file, "byline", 0, file.records("byline", _Byline)[0][1].pattern),
        fillers={f.field: frozenset(f.values) for _, f in file.records("filler", _Filler)},
    )
    file.raise_first()
    return rules
