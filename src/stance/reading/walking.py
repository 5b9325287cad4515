"""From what a user names to single files: folders, patterns, manifests, standard input."""

from __future__ import annotations

import glob
import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from stance.errors import InputError, ReadingError
from stance.reading.limits import Limits, human
from stance.reading.manifest import MANIFEST, Entry, load_manifest
from stance.text import encodable
from stance.types import Skipped

STANDARD_INPUT = "-"

# What systems and programs leave behind; nobody put these into a corpus.
_CLUTTER = re.compile(r"\.|~\$|__MACOSX$|(?:thumbs\.db|desktop\.ini)$", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SAVED_WITH = (".html", ".htm")
_BESIDE_PAGE = ("_files", ".files", "_file")


@dataclass(frozen=True, slots=True)
class Item:
    """One file, not yet opened. `open` gives it from its start each time, for reading.

    `path` is for people: it holds no control characters and can be encoded. `suffix` is lower case,
    `size` in bytes; `named` says that the user named this file himself; `entry` is what a manifest
    says of it; `place` is where it lies on disk, None inside archives and for standard input.
    """

    path: str
    suffix: str
    size: int
    open: Callable[[], BinaryIO]
    named: bool = False
    entry: Entry | None = None
    place: Path | None = None

    def read(self, limits: Limits) -> bytes:
        """All bytes.

        Raises:
            ReadingError: more than `limits.whole`, or it cannot be read.
        """
        if self.size > limits.whole:
            raise ReadingError(_too_large(self.size, limits))
        try:
            with self.open() as stream:
                # A file may grow between the look at its size and this.
                data = stream.read(limits.whole + 1)
        except OSError as error:
            raise ReadingError(f"cannot be read: {error.strerror or error}") from error
        if len(data) > limits.whole:
            raise ReadingError(_too_large(len(data), limits))
        return data


def _too_large(size: int, limits: Limits) -> str:
    return (
        f"{human(size)} is more than the {human(limits.whole)} that one document may have; "
        "split it, or give many articles as .csv or .jsonl"
    )


def shown(path: str) -> str:
    r"""A path as it may stand in a table or terminal: control characters as `\x0a`."""
    return encodable(_CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", path))


def walk(paths: Sequence[str | Path], limits: Limits) -> Iterator[Item | Skipped]:
    """Every file of the given paths, by path, each once.

    Folders are read with all below them; below a `manifest.toml`, only what it names and further
    `*.txt`. `-` is standard input. A path with `*`, `?` or `[` that names no file is a pattern, in
    which `**` stands for any folders. Links that lead out of a given folder are not followed.

    Raises:
        InputError: a path does not exist, or a manifest is faulty.
    """
    given = [_Given.of(os.fspath(path)) for path in paths]
    if any(one.is_standard_input() for one in given):
        yield _standard_input(limits)
    # Which of the user's own paths were met in a folder; with patterns, all that was.
    named = {one.base for one in given if one.pattern is None}
    overlap = any(one.pattern is not None for one in given)
    met: set[Path] = set()
    for one in sorted(given, key=lambda one: (one.base, one.pattern is not None)):
        if one.is_standard_input() or (one.pattern is None and one.base in met):
            continue
        if not one.base.is_dir():
            met.add(one.base)
            yield _file(one.base, None, named=True)
            continue
        for path, found in _folder(one, named):
            if path in met:
                continue
            if overlap or path in named:
                met.add(path)
            if found is not None:
                yield found


@dataclass(frozen=True, slots=True)
class _Given:
    """One thing that the user named: a path, or a folder and what must match below it."""

    base: Path
    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, text: str) -> _Given:
        path = Path(text)
        if text == STANDARD_INPUT or os.path.lexists(path):
            return cls(path, None)
        if not glob.has_magic(text):
            raise InputError(f"no such file or directory: {shown(text)}")
        parts = path.parts
        first = next(k for k, part in enumerate(parts) if glob.has_magic(part))
        base = Path(*parts[:first]) if first else Path()
        if not base.is_dir():
            raise InputError(f"no such file or directory: {shown(str(base))} (for {shown(text)})")
        return cls(base, _translated(parts[first:]))

    def is_standard_input(self) -> bool:
        return self.base == Path(STANDARD_INPUT) and not os.path.lexists(self.base)


def _translated(parts: Sequence[str]) -> re.Pattern[str]:
    """A pattern over `/`-joined paths below its base; what it matches may be a folder."""
    pieces = []
    for k, part in enumerate(parts):
        last = k == len(parts) - 1
        if part == "**":
            pieces.append("(?:[^/]+/)*" + ("[^/]+" if last else ""))
            continue
        for piece in re.findall(r"\*+|\?|\[[!^]?\]?[^\]/]*\]|.", part, re.DOTALL):
            if piece[0] == "*":
                pieces.append("[^/]*")
            elif piece == "?":
                pieces.append("[^/]")
            elif len(piece) > 1:
                inner = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
                pieces.append(f"[{'^' + inner[1:] if inner[0] in '!^' else inner}]")
            else:
                pieces.append(re.escape(piece))
        pieces.append("" if last else "/")
    try:
        return re.compile("".join(pieces) + r"(?:/.*)?", re.DOTALL)
    except re.error as error:
        raise InputError(f"not a pattern: {shown('/'.join(parts))} ({error})") from error


def _standard_input(limits: Limits) -> Item:
    stream = sys.stdin.buffer
    held: list[bytes] = []

    def again() -> BinaryIO:
        # Read once, up to what any document may hold and a byte more: that tells it is too large.
        if not held:
            held.append(stream.read(limits.whole + 1))
        return io.BytesIO(held[0])

    return Item(STANDARD_INPUT, "", 0, again, named=True)


def _folder(given: _Given, named: set[Path]) -> Iterator[tuple[Path, Item | Skipped | None]]:
    """Every file below a folder, depth first, in the order of names; None for a folder entered."""
    root = Path(os.path.realpath(given.base))
    # What is still to do, the next at the end, each with the entries of manifests above it.
    todo: list[tuple[Path, Mapping[Path, Entry] | None]] = [(given.base, None)]
    while todo:
        path, entries = todo.pop()
        if path == given.base or (path.is_dir() and not path.is_symlink()):
            try:
                names = sorted(os.listdir(path), reverse=True)  # noqa: PTH208
            except OSError as error:
                yield path, Skipped(shown(path.as_posix()), _unopened(error))
                continue
            yield path, None
            if MANIFEST in names and (path / MANIFEST).is_file():
                listed = {path / e.path: e for e in load_manifest(path / MANIFEST)}
                entries = {**(entries or {}), **listed}
                for missing in sorted(p for p in listed if not os.path.lexists(p)):
                    yield (
                        missing,
                        Skipped(shown(missing.as_posix()), "cannot be opened: no such file"),
                    )
            pages = {Path(n).stem for n in names if n.lower().endswith(_SAVED_WITH)}
            for name in names:
                if _beside_page(path / name, pages) and path / name not in named:
                    reason = "what a browser saved beside a page"
                    yield path / name, Skipped(shown((path / name).as_posix()), reason)
                elif path / name in named or not (_CLUTTER.match(name) or name == MANIFEST):
                    todo.append((path / name, entries))
            continue
        chosen = path in named or (entries is not None and path in entries)
        if given.pattern is not None:
            chosen = given.pattern.fullmatch(path.relative_to(given.base).as_posix()) is not None
        elif entries is None or path.suffix.lower() == ".txt":
            chosen = True
        if not chosen:
            continue
        refused = _refused_link(path, root) if path.is_symlink() else None
        if refused is not None:
            yield path, Skipped(shown(path.as_posix()), refused)
        else:
            yield path, _file(path, (entries or {}).get(path), named=path in named)


def _beside_page(path: Path, pages: set[str]) -> bool:
    """Whether a folder holds the pictures and scripts of a page of the same name."""
    beside = next((s for s in _BESIDE_PAGE if path.name.endswith(s)), None)
    return beside is not None and path.name.removesuffix(beside) in pages and path.is_dir()


def _refused_link(path: Path, root: Path) -> str | None:
    """Why a link in a folder is not followed; None where it leads to a file inside."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "a link that leads nowhere"
    if target != root and root not in target.parents:
        return "a link that leads out of the folder; name its target itself to read it"
    return "a link to a folder inside, which is read in its own place" if target.is_dir() else None


def _file(path: Path, entry: Entry | None, *, named: bool) -> Item | Skipped:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        return Skipped(shown(path.as_posix()), _unopened(error))
    if not stat.S_ISREG(found.st_mode):
        return Skipped(shown(path.as_posix()), "a device, pipe or socket, not a file")

    def open_file() -> BinaryIO:
        # Not blocking: in place of the file, a pipe may stand here by now.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(f"no longer a file: {path}")
        return os.fdopen(handle, "rb")

    suffix = path.suffix.lower()
    return Item(shown(path.as_posix()), suffix, found.st_size, open_file, named, entry, path)


_BINARY = getattr(os, "O_BINARY", 0)


def _unopened(error: Exception) -> str:
    told = error.strerror if isinstance(error, OSError) and error.strerror else error
    return f"cannot be opened: {told}"
