"""Files to Documents: what was read, what was skipped and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from stance.errors import InputError, ReadingError
from stance.reading.manifest import MANIFEST, Entry, load_manifest
from stance.reading.plain import decode
from stance.repair import repair
from stance.text import encodable, script
from stance.types import Document, Documents, Skipped

__all__ = ["read"]


_OTHER_FORMATS = frozenset(
    {".html", ".htm", ".md", ".docx", ".doc", ".pdf", ".csv", ".jsonl", ".json", ".xlsx"}
)


def read(paths: str | Path | Sequence[str | Path]) -> Documents:
    """Documents from files and directories.

    A directory is read recursively for `*.txt`; where it holds a `manifest.toml`, that names the
    files and what is known of them. Without one, documents of other formats are listed as
    skipped. The result is ordered by path, whatever the order given.

    Raises:
        InputError: a path does not exist, or nothing at all could be read.
    """
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    documents: dict[tuple[str | None, str], Document] = {}
    skipped: list[Skipped] = []
    found = [one for path in given for one in _files(Path(path))]
    for path, entry in sorted(found, key=lambda one: one[0]):
        try:
            document = _read_file(path, entry)
        except ReadingError as error:
            skipped.append(Skipped(encodable(path.as_posix()), encodable(str(error))))
            continue
        twin = documents.setdefault((document.source, document.text), document)
        if twin is not document and twin.path != document.path:
            reason = f"the same source and text as {twin.path}"
            skipped.append(Skipped(document.path, reason))
    if not documents:
        raise InputError(_nothing(given, skipped))
    return Documents(tuple(documents.values()), tuple(skipped))


def _files(path: Path) -> Iterator[tuple[Path, Entry | None]]:
    if not path.exists():
        raise InputError(f"no such file or directory: {path}")
    if not path.is_dir():
        yield path, None
        return
    manifests = sorted(path.rglob(MANIFEST))
    wanted = {".txt"} if manifests else {".txt", *_OTHER_FORMATS}
    texts = {p for p in path.rglob("*") if p.suffix.lower() in wanted and p.is_file()}
    for manifest in manifests:
        listed = {manifest.parent / entry.path: entry for entry in load_manifest(manifest)}
        yield from listed.items()
        texts -= listed.keys()
    yield from ((text, None) for text in texts)


def _read_file(path: Path, entry: Entry | None) -> Document:
    if entry is None and path.suffix.lower() in _OTHER_FORMATS:
        raise ReadingError(f"{path.suffix} is not read yet: save the article as .txt")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadingError(f"cannot be opened: {error.strerror or error}") from error
    if entry is not None:
        entry.verify(data)
    raw, encoding = decode(data)
    text, edits = repair(raw)
    if not text.strip():
        raise ReadingError("empty: the file holds no text")
    if script(text) == "other":
        raise ReadingError("hardly any Chinese in it")
    known = entry.metadata() if entry is not None else {}
    return Document(
        text=text, path=encodable(path.as_posix()), encoding=encoding, edits=edits, **known
    )


def _nothing(given: Sequence[str | Path], skipped: Sequence[Skipped]) -> str:
    if not skipped:
        names = ", ".join(str(path) for path in given)
        return f"no articles found in {names}: put *.txt files there, or name the files themselves"
    first = "; ".join(f"{skip.path}: {skip.reason}" for skip in skipped[:3])
    rest = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    return f"nothing could be read. {first}{rest}"
