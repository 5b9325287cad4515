"""Tables of objects to articles, one a row: jsonl, json, parquet. Rows stream."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from stance.errors import ReadingError
from stance.reading.columns import guess, has_text, is_inner, is_other, object_fields
from stance.reading.encoding import decode, text_lines
from stance.reading.limits import Limits, stream_limited
from stance.reading.raw import Raw
from stance.reading.rows import Cells, Columns, articles
from stance.reading.walking import Item
from stance.text import encodable
from stance.types import Skipped

# Rows of different keys come in one .jsonl; where none of the first has a text, none will.
_FIRST_ROWS = 20
_BATCH = 256
# An answer of a web service has its list in `data`, or a level or two below.
_WRAPPED = 4
# Which key of the objects in a list says what they are.
_NAMES = ("name", "screen_name", "nickname", "authorName", "author_name", "userName")
_SAYS = (*_NAMES, "text", "value", "content", "insert")


def read_jsonl(item: Item, columns: Columns, limits: Limits) -> Iterator[Raw | Skipped]:
    """The objects of a file with one a line.

    Raises:
        ReadingError: none of the first has a text; or it cannot be read further.
    """
    lines, encoding = text_lines(item.open, limits.cell)
    yield from _objects((_parsed(line) for line in lines if line.strip()), item, encoding, columns,
                        limits)  # fmt: skip


def read_json(item: Item, columns: Columns, limits: Limits) -> Iterator[Raw | Skipped]:
    """The objects of a json array, alone or as a value of an object; or one object a line.

    Raises:
        ReadingError: as `read_jsonl`, or it is no JSON.
    """
    text, encoding, _ = decode(item.read(limits))
    whole = _parsed(text, dict_only=False)
    if isinstance(whole, ReadingError):
        if "\n{" not in text.strip():
            raise whole
        yield from read_jsonl(item, columns, limits)
        return
    found = _list_of_objects(whole)
    if found is None:
        raise ReadingError("no list of objects in it; give one object with its text per line")
    yield from _objects(iter(found), item, encoding, columns, limits)


def _list_of_objects(whole: Any) -> list[Any] | None:
    """The articles of a file: it is a list, an article itself, or wraps a list some levels deep."""
    if isinstance(whole, list):
        return whole
    if not isinstance(whole, dict):
        return None
    rows = list(whole.values())
    if len(rows) > 1 and all(isinstance(one, dict) and has_text(list(one)) for one in rows):
        return rows  # by address or number
    level = [whole]
    for _ in range(_WRAPPED):
        if any(has_text(list(one)) for one in level):
            break
        values = [value for one in level for value in one.values()]
        lists = [v for v in values if isinstance(v, list) and v and isinstance(v[0], dict)]
        if lists:
            return max(lists, key=lambda own: (has_text(list(own[0])), len(own)))
        level = [value for value in values if isinstance(value, dict)]
    return [whole]


def _parsed(line: str, *, dict_only: bool = True) -> Any:
    """What a line holds, or why it is no good."""
    try:
        value = json.loads(line)
    except RecursionError:
        return ReadingError("nested too deep")
    except ValueError as error:
        return ReadingError(f"not JSON: {error}"[:200])
    if dict_only and not isinstance(value, dict):
        return ReadingError("no JSON object with names and values")
    return value


def _objects(
    values: Iterator[Any], item: Item, encoding: str, columns: Columns, limits: Limits
) -> Iterator[Raw | Skipped]:
    def flat() -> Iterator[Cells | ReadingError]:
        for value in values:
            if isinstance(value, ReadingError):
                yield value
            elif not isinstance(value, dict):
                yield ReadingError("no JSON object with names and values")
            elif len(value) > limits.columns:
                yield ReadingError(f"{len(value):,} keys; {limits.columns:,} are allowed")
            else:
                yield _flat(value if columns else _inner(value))

    rows = flat()
    first = list(islice(rows, _FIRST_ROWS))
    names = list(dict.fromkeys(name for one in first if isinstance(one, dict) for name in one))
    if not names:
        problem = next((one for one in first if isinstance(one, ReadingError)), None)
        raise problem or ReadingError("empty: no objects in it")
    known = not columns and any(object_fields(o) for o in first if isinstance(o, dict))
    if not known:
        guess(names, columns)  # refuses the file where no row can hold a text

    def by_field(cells: Cells) -> Mapping[str, str]:
        if not columns and (own := object_fields(cells)) is not None:
            return own
        wanted = {f: n for f, n in (columns or {}).items() if n in cells}
        if columns and "text" in columns and "text" not in wanted:
            raise ReadingError(f"no key '{columns['text']}'")
        return guess(list(cells), wanted)

    yield from articles(chain(first, rows), item.path, encoding, by_field, limits)


def _inner(value: dict[str, Any]) -> dict[str, Any]:
    """The article itself, where an object wraps it: a hit of a search, a card of a feed."""
    return next((v for k, v in value.items() if isinstance(v, dict) and is_inner(k)), value)


def _flat(value: Mapping[str, Any], depth: int = 3) -> dict[str, str]:
    """Keys and values as strings; of an object inside, its keys behind a dot."""
    found: dict[str, str] = {}
    for key, inner in value.items():
        if isinstance(inner, dict | list) and is_other(key):
            continue
        if isinstance(inner, dict):
            if depth:
                found |= {f"{key}.{k}": cell for k, cell in _flat(inner, depth - 1).items()}
        elif (cell := _cell(inner)) is not None:
            found[key] = cell
    return found


def _cell(value: Any) -> str | None:
    """A value as the text of a cell; lists of paragraphs as lines; None for what is no text.

    Of a list of objects, what each says: the names of people, the paragraphs of a text.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape") if value.isascii() else None
    if isinstance(value, bool | dict) or value is None:
        return None
    if isinstance(value, list):
        if value and all(isinstance(part, dict) for part in value):
            keys = [key for key in _SAYS if any(isinstance(one.get(key), str) for one in value)]
            value = [one.get(keys[0]) for one in value] if keys else []
            if keys and keys[0] in _NAMES:
                return " ".join(one for one in value if isinstance(one, str)) or None
        parts = [part for part in value if isinstance(part, str)]
        return "\n".join(parts) if parts else None
    try:
        return str(value)
    except ValueError:  # a number of thousands of digits
        return None


def read_parquet(item: Item, columns: Columns, limits: Limits) -> Iterator[Raw | Skipped]:
    """The rows of a parquet file, read in a process of its own: damaged ones can end a process.

    Raises:
        ReadingError: no parquet, or none with a text column; or it cannot be read further.
    """
    place = str(item.place.absolute()) if item.place is not None else None
    # polars takes names in UTF-8 alone.
    source = place if place is not None and encodable(place) == place else item.read(limits)
    batches = stream_limited(
        parquet_batches, (source, dict(columns or {}), limits.columns, _BATCH), limits
    )
    by_field: dict[str, str] = next(batches)
    rows = (
        dict(zip(by_field.values(), cells, strict=True)) for batch in batches for cells in batch
    )
    yield from articles(rows, item.path, "utf-8", lambda _: by_field, limits)


def parquet_batches(
    source: str | bytes, columns: dict[str, str], most: int, size: int
) -> Iterator[Any]:
    """The column of each field, then lists of rows of these columns, as strings.

    Raises:
        ReadingError: no parquet, or none with a text column.
    """
    import polars as pl

    place = io.BytesIO(source) if isinstance(source, bytes) else Path(source)
    try:
        frame = pl.scan_parquet(place, glob=False, hive_partitioning=False)
        names = frame.collect_schema().names()
        if len(names) > most:
            raise ReadingError(f"{len(names):,} columns; {most:,} are allowed")
        by_field = guess(names, columns)
        yield by_field
        wanted = frame.select(*by_field.values())
        for batch in wanted.collect_batches(chunk_size=size, maintain_order=True):
            for part in batch.iter_slices(size):
                yield [[encodable(_cell(v) or "") for v in cells] for cells in part.iter_rows()]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        first = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ReadingError(f"not a sound parquet file: {first}") from error
