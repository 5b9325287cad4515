"""What a format hands on: a text as its file holds it, and what the file says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FIELDS = ("source", "title", "author", "date", "url")
"""What may be known of a document."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value, and where it came from: "manifest", "column 来源", "html", "byline" and the like."""

    value: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One article before repair.

    `path` leads to it: a file, `archive.zip!/inner/file.html`, `table.csv#12` (row from 1, without
    the header), `-` for standard input. `encoding` is what its bytes were read as, with what was
    only assumed (`gb18030, guessed`); `known` are values by the names of `FIELDS`; `warnings` are
    sentences for a person; `around` are the lines of a page right before and after the article,
    where bylines stand that are no part of it, `pieces` the elements of these lines, a line each;
    `left_out` are passages that are not in `text`, each
    behind what it is ("table: …").
    """

    path: str
    text: str
    encoding: str
    known: Mapping[str, Known] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    around: str = ""
    pieces: str = ""
    left_out: tuple[str, ...] = ()
