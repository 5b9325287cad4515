"""Rows of any table to articles, each by itself: a bad row never stops the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import unescape

from stance.errors import ReadingError
from stance.reading.columns import short
from stance.reading.limits import Limits, check_length
from stance.reading.raw import Known, Raw
from stance.reading.web.plain import plain
from stance.text import encodable
from stance.types import Skipped

# Scrapers store the markup of the article's element; its blocks are the paragraphs.
_BLOCK = re.compile(r"<(?:p|div|br|section|h[1-6])\b[^<>]{0,300}>", re.IGNORECASE)

# What programs write for a value that there is none of.
_NOTHING = frozenset(("null", "none", "nan", "n/a", "na", "undefined", "-", "--", "\\n", "无"))
_LINE_ENDS = re.compile(r"\s*\n\s*")
_ESCAPED = re.compile(r"(?:\\r)?\\n")
# Where the line ends were lost, the indents of the paragraphs often stayed.
_INDENT = re.compile(r"(?<=[。！？…”」』）])[ \xa0]*\u3000{2,}(?=\S)")

Columns = Mapping[str, str] | None
"""The user's own words on which column holds a field: `{"text": "正文"}`."""

Cells = Mapping[str, str]
"""A row: cells by the names of their columns."""


def articles(
    rows: Iterable[Cells | ReadingError],
    path: str,
    encoding: str,
    by_field: Callable[[Cells], Mapping[str, str]],
    limits: Limits,
) -> Iterator[Raw | Skipped]:
    """Each row as an article, or why it is none, with its number from 1.

    `path` is the table's, `by_field` gives the column of each field for a row.

    Raises:
        ReadingError: there are none, or more than `limits.bad_rows` of them are bad.
    """
    bad = number = 0
    for number, cells in enumerate(rows, start=1):
        place = f"{path}#{number}"
        try:
            if isinstance(cells, ReadingError):
                raise cells
            yield article(place, encoding, cells, by_field(cells), limits)
        except ReadingError as error:
            bad += 1
            if bad > limits.bad_rows:
                raise ReadingError(
                    f"more than {limits.bad_rows:,} bad rows; what follows row {number:,} is left"
                ) from error
            yield Skipped(place, f"row {number}: {error}")
    if not number:
        raise ReadingError("empty: a table without rows")


def _lines(text: str) -> str:
    """A cell's text with its paragraphs as lines, whatever a scraper made of them."""
    if _BLOCK.search(text):
        return plain(text)
    if "\n" in text:
        return text
    return _INDENT.sub("\n\u3000\u3000", _ESCAPED.sub("\n", text))


def article(
    path: str, encoding: str, cells: Cells, by_field: Mapping[str, str], limits: Limits
) -> Raw:
    """One row as an article.

    Raises:
        ReadingError: its text is missing or too long.
    """
    text = encodable(cells.get(by_field["text"], ""))
    text = _lines(text)
    if not text.strip():
        raise ReadingError(f"no text in its column {short(by_field['text'])}")
    check_length(text, limits)
    known = {
        field: Known(encodable(value), f"column {encodable(name)}")
        for field, name in by_field.items()
        if field != "text" and (value := _LINE_ENDS.sub(" ", unescape(cells.get(name, ""))).strip())
        if value.casefold() not in _NOTHING
    }
    return Raw(path=path, text=text, encoding=encoding, known=known)
