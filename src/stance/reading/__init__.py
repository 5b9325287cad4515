"""Files to Documents: what was read, what was skipped and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stance.errors import InputError, ReadingError
from stance.reading.byline_rules import shipped
from stance.reading.bylines import BYLINE, FILE_NAME, HOST, RECKONED, metadata
from stance.reading.formats import raws
from stance.reading.furniture import cuts, joined_lines, prose
from stance.reading.limits import Limits
from stance.reading.outlets import outlet
from stance.reading.raw import FIELDS, Known, Raw
from stance.reading.rows import Columns
from stance.reading.web.declared import TITLE
from stance.repair import apply_edits, composed, repair
from stance.script import script
from stance.text import encodable
from stance.types import FURNITURE, Document, Documents, Edit, Skipped

__all__ = ["document", "nothing_read", "read", "stream"]

# What trafilatura finds by the names of elements alone.
GUESSED = "html author"
_SLOGAN = re.compile("[㐀-鿿]{6,}")
_STOP = re.compile("[。；]")
# As much of a passage that was cut is text for the audit.
_TOLD, _LONGEST_TOLD = 80, 100


def read(
    paths: str | Path | Sequence[str | Path],
    *,
    columns: Columns = None,
    limits: Limits | None = None,
) -> Documents:
    """Documents from files, folders, archives, patterns and standard input (`-`).

    A folder is read recursively; a `manifest.toml` in it names files and what is known of them.
    `columns` says which column of a table holds a field, as `{"text": "正文"}`. Text is repaired,
    page furniture is cut, and source, title, author, date and address are taken from the manifest,
    the table, the page or the byline, in that order. Near-duplicates are told: `Document.original`
    of a reprint. The result is ordered by path, whatever the order given.

    Raises:
        InputError: a path does not exist, or nothing at all could be read.
    """
    documents: dict[tuple[str | None, str], Document] = {}
    skipped: list[Skipped] = []
    for one in stream(paths, columns=columns, limits=limits):
        if isinstance(one, Skipped):
            skipped.append(one)
            continue
        twin = documents.setdefault((one.source, one.text), one)
        if twin is not one and twin.path != one.path:
            skipped.append(Skipped(one.path, f"the same source and text as {twin.path}"))
    if not documents:
        given = [paths] if isinstance(paths, str | Path) else list(paths)
        raise InputError(nothing_read(given, skipped))
    ordered = sorted(documents.values(), key=lambda document: document.path)
    return Documents(tuple(_with_originals(ordered)), tuple(skipped))


def stream(
    paths: str | Path | Sequence[str | Path],
    *,
    columns: Columns = None,
    limits: Limits | None = None,
) -> Iterator[Document | Skipped]:
    """As `read`, one document at a time and without a look for reprints."""
    for raw in raws(paths, columns=columns, limits=limits):
        if isinstance(raw, Skipped):
            yield Skipped(encodable(raw.path), encodable(raw.reason))
            continue
        try:
            yield document(raw)
        except ReadingError as error:
            yield Skipped(encodable(raw.path), str(error))


_NOT_CHINESE = "hardly any Chinese in it"
_WORDS = 20
"""So many letters are a text in some language."""


def document(raw: Raw) -> Document:
    """What a format handed on as an article: repaired, without furniture, with its metadata.

    Raises:
        ReadingError: there is no article in it.
    """
    written = encodable(raw.text)
    edits = _but_heads(written, repair(written)[1])
    text = apply_edits(written, edits)
    if not text.strip():
        raise ReadingError("empty: the file holds no text")
    found = _metadata(text, raw)
    furniture = cuts(text)
    reason = prose(text, furniture)
    if reason is not None:
        # Of a text in another language, what is no Chinese prose tells nothing.
        foreign = script(text) == "other" and sum(map(str.isalpha, text)) >= _WORDS
        raise ReadingError(_NOT_CHINESE if foreign else reason)
    cut = [Edit(c.start, c.end, "", f"{FURNITURE}{c.rule}") for c in furniture]
    told = tuple(_passage(text, edit) for edit in cut)
    edits, text = tuple(composed(raw.text, edits, cut)), apply_edits(text, cut)
    joined = joined_lines(text)
    edits, text = tuple(composed(raw.text, edits, joined)), apply_edits(text, joined)
    if script(text) == "other":
        raise ReadingError(_NOT_CHINESE)
    known: dict[str, Any] = {name: _named(name, one) for name, one in found.items()}
    return Document(
        text=text,
        path=encodable(raw.path),
        encoding=raw.encoding,
        edits=edits,
        cuts=(*map(_left_out, raw.left_out), *told),
        origins=tuple(sorted((name, one.origin) for name, one in found.items())),
        warnings=raw.warnings,
        **known,
    )


def _but_heads(written: str, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits of a repair without those that join the lines of a head: title, day, outlet.

    They are of one length by chance, and none of them ends as a sentence does.
    """
    kept = []
    for one in edits:
        start = written.rfind("\n\n", 0, one.start) + 1
        end = written.find("\n\n", one.end)
        block = written[start : end if end >= 0 else len(written)]
        if one.reason != "wrapped line" or _STOP.search(block):
            kept.append(one)
    return tuple(kept)


def _metadata(text: str, raw: Raw) -> dict[str, Known]:
    """What is known of an article; what its own byline leaves open, the lines around it may say."""
    known = dict(raw.known)
    site = known.pop("source") if "source" in known and known["source"].origin == TITLE else None
    found = metadata(text, raw.path, known)
    told: set[str] = set()
    guessed = (FILE_NAME, HOST, RECKONED)
    for lines in (raw.around, raw.pieces):
        if not lines.strip():
            continue
        around, _ = repair(encodable(lines))
        beside = metadata(around, raw.path, {})
        if "author" in beside:
            _tell_account(found, beside["author"].value)
        for field, one in beside.items():
            signed = (
                field == "source" and found.get("author", one).value == found.get(field, one).value
            )
            open_ = field not in found or found[field].origin in guessed or signed
            if one.origin == BYLINE and field != "title" and open_:
                found[field] = one
                told.add(field)
    if site is not None:
        found.setdefault("source", site)
    # A lone name beside the date is the account's as often as a writer's.
    lone = "author" in told and "source" in found and "source" not in told
    if lone and _same(found["author"], found["source"]):
        del found["author"]
    return {field: found[field] for field in FIELDS if field in found}


def _tell_account(found: dict[str, Known], writer: str) -> None:
    """Where a byline names the writer, an account that its page calls the author is the source.

    A slogan that stands there instead is neither.
    """
    author = found.get("author")
    if author is None or not author.origin.startswith("html") or author.value in writer:
        return
    if shipped().looks_like_outlet(author.value):
        found.setdefault("source", author)
        del found["author"]
    elif author.origin == GUESSED and _SLOGAN.fullmatch(author.value):
        del found["author"]


def _same(author: Known, source: Known) -> bool:
    return (outlet(author.value) or author.value) == (outlet(source.value) or source.value)


def _passage(text: str, edit: Edit) -> str:
    """`caption: 图为…`, the rule and the beginning of what it cut."""
    beginning = " ".join(text[edit.start : edit.end].split())[:_TOLD]
    return f"{edit.reason.removeprefix(FURNITURE)}: {beginning}"


def _left_out(passage: str) -> str:
    flat = " ".join(encodable(passage).split())
    return flat[:_LONGEST_TOLD]


def _named(field: str, one: Known) -> str:
    """An outlet by one name, unless the user's own manifest calls it otherwise."""
    if field != "source" or one.origin == "manifest":
        return one.value
    return outlet(one.value) or one.value


def _with_originals(documents: Sequence[Document]) -> Iterator[Document]:
    # Its library takes a while to load.
    from stance.reading.reprints import clusters

    found = clusters(
        [document.text for document in documents],
        dates=[document.date for document in documents],
        paths=[document.path for document in documents],
    )
    for document, original in zip(documents, found.original, strict=True):
        yield document if original is None else replace(document, original=documents[original])


def nothing_read(given: Sequence[str | Path], skipped: Sequence[Skipped]) -> str:
    """What to tell a user of whose inputs no article came."""
    if not skipped:
        names = ", ".join(str(path) for path in given)
        return f"no articles found in {names}: put articles there, or name the files themselves"
    first = "; ".join(f"{skip.path}: {skip.reason}" for skip in skipped[:3])
    rest = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    return f"nothing could be read. {first}{rest}"
