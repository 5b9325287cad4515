"""Tables of delimited text (csv, tsv) to articles: any encoding, delimiter found, quotes mended."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from stance.errors import ReadingError
from stance.reading.columns import guess, has_text
from stance.reading.encoding import text_lines
from stance.reading.limits import Limits
from stance.reading.raw import Raw
from stance.reading.rows import Cells, Columns, articles
from stance.reading.walking import Item
from stance.types import Skipped

_DELIMITERS = ",\t;|，"
# How often reading starts anew behind a quote that is not closed, each time from the next line.
_NEW_STARTS = 50


def read_csv(item: Item, columns: Columns, limits: Limits) -> Iterator[Raw | Skipped]:
    """The rows of a csv or tsv file, its encoding and delimiter found in its first lines.

    Raises:
        ReadingError: no table, or none with a text column; or it cannot be read further.
    """
    lines, encoding = text_lines(item.open, limits.cell)
    first = _header_line(lines)
    delimiter = _delimiter(first, columns, limits)
    # The module's own bound of 131,072 characters is less than a long article.
    csv.field_size_limit(max(csv.field_size_limit(), limits.characters))
    rows = _rows(chain([first], lines), delimiter)
    header = next(rows, None)
    if not isinstance(header, list):
        raise header or ReadingError("empty: the file holds no table")
    names = _unique([name.strip() for name in header])
    by_field = guess(names, columns)
    yield from articles(_named(names, rows), item.path, encoding, lambda _: by_field, limits)


def looks_like_csv(text: str) -> bool:
    """Whether a text begins with a line of column names, one of which is known for texts."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return any(d in first and has_text(_split(first, d)) for d in _DELIMITERS)


def _header_line(lines: Iterator[str]) -> str:
    """The first line with anything on it, but for Excel's `sep=;`."""
    for line in lines:
        if line.strip() and not line.lower().startswith("sep="):
            return line
    raise ReadingError("empty: the file holds no table")


def _delimiter(header: str, columns: Columns, limits: Limits) -> str:
    """The delimiter that makes columns of known names, else the most columns."""
    counts = {d: header.count(d) + 1 for d in _DELIMITERS}
    ranked = sorted(_DELIMITERS, key=lambda d: -counts[d])
    if counts[ranked[0]] > limits.columns:
        raise ReadingError(f"{counts[ranked[0]]:,} columns; {limits.columns:,} are allowed")
    wanted = set((columns or {}).values())
    for delimiter in ranked:
        names = _split(header, delimiter)
        if counts[delimiter] > 1 and (wanted <= set(names) if wanted else has_text(names)):
            return delimiter
    return ranked[0]


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[list[str] | ReadingError]:
    """The rows, and an error for each that cannot be read.

    Over lines, the quotes of a row come in pairs. Where they do not, one was not closed and has
    swallowed what follows: its first line is told as bad, and reading starts anew behind it.
    """
    taken: list[str] = []

    def noted() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    starts = 0
    rows = csv.reader(noted(), delimiter=delimiter)
    while True:
        taken.clear()
        problem = ""
        row: list[str] = []
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            problem = str(error)
        if len(taken) > 1 and sum(line.count('"') for line in taken) % 2:
            problem = "a quote in it is not closed"
        if not problem:
            yield row
            continue
        yield ReadingError(f"cannot be read: {problem}")
        if len(taken) > 1:
            starts += 1
            if starts > _NEW_STARTS:
                yield ReadingError("too many quotes are not closed; what follows is left")
                return
            lines = chain(taken[1:], lines)
            rows = csv.reader(noted(), delimiter=delimiter)


def _named(
    names: Sequence[str], rows: Iterable[list[str] | ReadingError]
) -> Iterator[Cells | ReadingError]:
    for cells in rows:
        if isinstance(cells, ReadingError):
            yield cells
        elif any(cells[len(names) :]):
            yield ReadingError(
                f"{len(cells)} cells under {len(names)} columns: a delimiter or quote in its text"
            )
        elif cells:
            yield dict(zip(names, cells, strict=False))


def _unique(names: Sequence[str]) -> list[str]:
    """The names, a repeated one with its number: the first column keeps the name."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
