"""Everything that can be read, joined: paths in, articles and what was left out in one stream."""

from __future__ import annotations

import mmap
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import cast

from stance.errors import ReadingError
from stance.reading import records
from stance.reading.archives import members
from stance.reading.columns import check_mapping
from stance.reading.delimited import looks_like_csv, read_csv
from stance.reading.encoding import decode
from stance.reading.limits import Limits
from stance.reading.office import read_docx, read_markdown, read_pdf, read_txt
from stance.reading.raw import Known, Raw
from stance.reading.rows import Columns
from stance.reading.tables import read_json, read_jsonl, read_parquet
from stance.reading.walking import Item, walk
from stance.reading.web import read_html
from stance.types import Skipped

_Document = Callable[[Item, Limits], Raw]
_Table = Callable[[Item, Columns, Limits], Iterator[Raw | Skipped]]

_DOCUMENTS: Mapping[str, _Document] = {
    **dict.fromkeys((".txt", ".text"), read_txt),
    **dict.fromkeys((".md", ".markdown"), read_markdown),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".shtml"), read_html),
    ".docx": read_docx,
    ".pdf": read_pdf,
}
_TABLES: Mapping[str, _Table] = {
    **dict.fromkeys((".csv", ".tsv", ".tab"), read_csv),
    **dict.fromkeys((".jsonl", ".ndjson"), read_jsonl),
    ".json": read_json,
    ".parquet": read_parquet,
}
# What people have and can turn into one of the above.
_INSTEAD = {
    **dict.fromkeys((".doc", ".wps", ".rtf", ".odt", ".pages"), "save it as .docx"),
    **dict.fromkeys((".xls", ".xlsx", ".ods", ".et"), "save the sheet as .csv"),
    **dict.fromkeys((".mht", ".mhtml", ".webarchive"), "save the page as .html"),
    **dict.fromkeys((".epub", ".caj", ".mobi"), "save its text as .txt"),
    **dict.fromkeys((".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst"),
                    "unpack it, or pack it as .zip"),
}  # fmt: skip
FORMATS = (*_DOCUMENTS, *_TABLES, ".zip")
"""The suffixes of files that are read."""

# So many files for each job are parsed before the first of them is taken.
_AHEAD = 4

_HTML = re.compile(
    r"\s*(?:HTTP/[\d.]+ \d|<!doctype html|<html|<head|<body|<\?xml[^>]{0,200}>\s*<!?[dh])",
    re.IGNORECASE,
)


def raws(
    paths: str | Path | Sequence[str | Path],
    *,
    columns: Columns = None,
    limits: Limits | None = None,
    jobs: int = 1,
) -> Iterator[Raw | Skipped]:
    """Every article under the paths, one at a time, and a `Skipped` for each thing not read.

    Paths are files, folders, archives, patterns (`corpus/**/*.html`) and `-` for standard input.
    `columns` says which column of tables holds a field, as `{"text": "正文"}`; it is guessed where
    nothing is said. The order is that of paths, however many `jobs` parse files at a time. Nothing
    is written and nothing fetched.

    Raises:
        InputError: a path that does not exist, a faulty manifest, or a mapping of no such field.
    """
    check_mapping(columns)
    bounds = limits or Limits()
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    if jobs == 1:
        for found in walk(given, bounds):
            yield from _under(found, columns, bounds)
        return
    under_way: deque[Future[list[Raw | Skipped]] | Item | Skipped] = deque()
    pool = ThreadPoolExecutor(jobs)
    try:
        for found in walk(given, bounds):
            # A table or an archive may hold any number of articles: it is read as it is taken.
            one = isinstance(found, Item) and found.suffix in _DOCUMENTS
            under_way.append(pool.submit(_all_in, found, columns, bounds) if one else found)
            if len(under_way) >= _AHEAD * jobs:
                yield from _taken(under_way.popleft(), columns, bounds)
        while under_way:
            yield from _taken(under_way.popleft(), columns, bounds)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _taken(
    one: Future[list[Raw | Skipped]] | Item | Skipped, columns: Columns, limits: Limits
) -> Iterator[Raw | Skipped]:
    if isinstance(one, Future):
        yield from one.result()
    else:
        yield from _under(one, columns, limits)


def _all_in(found: Item | Skipped, columns: Columns, limits: Limits) -> list[Raw | Skipped]:
    return list(_under(found, columns, limits))


def _under(found: Item | Skipped, columns: Columns, limits: Limits) -> Iterator[Raw | Skipped]:
    """What one path holds, be it an archive."""
    if isinstance(found, Skipped):
        yield found
    elif found.suffix == ".zip" or (not found.suffix and _is_archive(found)):
        yield from _archive(found, columns, limits)
    else:
        yield from _read(found, columns, limits)


def _archive(item: Item, columns: Columns, limits: Limits) -> Iterator[Raw | Skipped]:
    """What the files of an archive hold; a manifest may speak of the archive as a whole."""
    try:
        if item.entry is not None and item.entry.sha256:
            _verify(item, limits)
    except (ReadingError, OSError) as error:
        yield Skipped(item.path, str(error))
        return
    for member in members(item, limits):
        whole = isinstance(member, Item) and member.entry is None
        for one in _read(member, columns, limits):
            yield _with_manifest(one, item) if whole and isinstance(one, Raw) else one


def _read(found: Item | Skipped, columns: Columns, limits: Limits) -> Iterator[Raw | Skipped]:
    """What one file holds. No fault of it leaves this function but as a `Skipped`."""
    if isinstance(found, Skipped):
        yield found
        return
    try:
        for one in _articles(found, columns, limits):
            yield _with_manifest(one, found) if isinstance(one, Raw) else one
    except ReadingError as error:
        yield Skipped(found.path, str(error))
    except (OSError, MemoryError, RecursionError, ValueError, LookupError, TypeError) as error:
        kind = type(error).__name__
        told = getattr(error, "strerror", None) or " ".join(str(error).split())[:200]
        yield Skipped(found.path, f"cannot be read ({kind}: {told}); open it and save it anew")


def _articles(item: Item, columns: Columns, limits: Limits) -> Iterator[Raw | Skipped]:
    if item.entry is not None and item.entry.sha256:
        _verify(item, limits)
    suffix = item.suffix
    if suffix not in FORMATS:
        if not item.named or suffix in _INSTEAD:
            raise ReadingError(_unknown(suffix))
        suffix = _sniffed(item, limits)
    if suffix in _TABLES:
        yield from _TABLES[suffix](item, columns, limits)
    else:
        raw = _DOCUMENTS[suffix](item, limits)
        yield from (raw,) if _DOCUMENTS[suffix] is read_html else records.articles(raw)


def _unknown(suffix: str) -> str:
    if suffix in _INSTEAD:
        return f"{suffix} is not read: {_INSTEAD[suffix]}"
    return f"{suffix or 'a file without a suffix'} is not read: save the article as .txt"


def _is_archive(item: Item) -> bool:
    """Whether a file without a suffix, such as standard input, is an archive of files."""
    try:
        with item.open() as stream:
            return stream.read(4) == b"PK\x03\x04" and not _is_docx(stream.read(8192))
    except (OSError, ReadingError):
        return False  # told when it is read


def _is_docx(head: bytes) -> bool:
    return b"[Content_Types].xml" in head or b"word/" in head


def _sniffed(item: Item, limits: Limits) -> str:
    """The format of a file that the user named himself, or of standard input, by how it begins."""
    with item.open() as stream:
        head = stream.read(8192)
    if head.startswith(b"PK\x03\x04"):
        return ".docx"
    if b"%PDF" in head[:1024]:
        return ".pdf"
    if head.startswith(b"PAR1"):
        return ".parquet"
    text = decode(item.read(limits)).text
    if _HTML.match(text):
        return ".html"
    start = text.lstrip()[:1]
    if start == "{":
        return ".jsonl" if "}\n{" in text.replace("\r", "") else ".json"
    if start == "[" and text.rstrip().endswith("]") and "{" in text:
        return ".json"
    return ".csv" if looks_like_csv(text) else ".txt"


def _verify(item: Item, limits: Limits) -> None:
    """Refuse a file that a manifest describes and that has changed, however large it is."""
    assert item.entry is not None
    if item.place is None or item.size <= limits.whole:
        item.entry.verify(item.read(limits))
        return
    with item.open() as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        item.entry.verify(cast(bytes, data))


def _with_manifest(raw: Raw, item: Item) -> Raw:
    """What a manifest says of a file goes before what the file says."""
    if item.entry is None:
        return raw
    told = {field: Known(value, "manifest") for field, value in item.entry.metadata().items()}
    return replace(raw, known={**raw.known, **told})
