"""Files inside zip archives, unpacked in memory and within limits; nothing is written to disk."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from stance.errors import InputError, ReadingError
from stance.reading.encoding import detect
from stance.reading.limits import MEBIBYTE, Limits, human
from stance.reading.manifest import MANIFEST, Entry, load_manifest
from stance.reading.walking import Item, shown
from stance.types import Skipped

_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
# Small members may shrink to next to nothing honestly: a page of one repeated line.
_RATIO_FROM = MEBIBYTE
# What the table of contents of an archive needs for a member with a long name.
_BYTES_A_MEMBER = 512
_FAULTS = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError,
    ValueError, KeyError, struct.error, OverflowError, MemoryError,
)  # fmt: skip
_CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


def members(item: Item, limits: Limits) -> Iterator[Item | Skipped]:
    """The files of an archive, those of archives in it in their place, each by path.

    An archive is refused, or a member left out, with the reason as `Skipped`.
    """
    yield from _members(item, limits, _Budget(limits.total), limits.depth)


class _Budget:
    """How many more bytes an archive, with those in it, may unpack to."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise ReadingError("the archive unpacks to more than is allowed; the rest is left")


def _members(item: Item, limits: Limits, budget: _Budget, depth: int) -> Iterator[Item | Skipped]:
    try:
        if depth < 1:
            raise ReadingError(f"an archive deeper than {limits.depth} archives; unpack it")
        with item.open() as stream:
            check_directory(stream, limits)
            with zipfile.ZipFile(stream) as archive:
                yield from _of_archive(archive, item, limits, budget, depth)
    except ReadingError as error:
        yield Skipped(item.path, str(error))
    except _FAULTS as error:
        yield Skipped(item.path, f"not a sound zip archive: {_why(error)}")


def _of_archive(
    archive: zipfile.ZipFile, item: Item, limits: Limits, budget: _Budget, depth: int
) -> Iterator[Item | Skipped]:
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise ReadingError(f"{len(infos):,} files in one archive; {limits.members:,} are allowed")
    named = sorted(zip(_names(infos), infos, strict=True), key=lambda one: one[0].split("/"))
    entries: Mapping[str, Entry] | None = None
    try:
        entries = _manifest(archive, named, limits)
    except InputError as error:
        yield Skipped(f"{item.path}!/{MANIFEST}", str(error))
    present = {name for name, _ in named}
    for name in sorted(set(entries or ()) - present):
        yield Skipped(f"{item.path}!/{shown(name)}", "named by the manifest, not in the archive")
    for name, info in named:
        budget.spend(0)
        path = f"{item.path}!/{shown(name)}"
        parts = PurePosixPath(name).parts
        if info.is_dir() or any(part in _CLUTTER for part in parts) or parts[-1:] == (MANIFEST,):
            continue
        suffix = PurePosixPath(name).suffix.lower()
        if entries is not None and name not in entries and suffix != ".txt":
            continue
        refused = _refused(name, info, limits)
        if refused:
            yield Skipped(path, refused)
            continue
        entry = entries.get(name) if entries is not None else None
        opened = _opener(archive, info, limits, budget)
        inner = Item(path, suffix, info.file_size, opened, entry=entry)
        if suffix == ".zip":
            yield from _nested(inner, limits, budget, depth)
        else:
            yield inner


def _nested(item: Item, limits: Limits, budget: _Budget, depth: int) -> Iterator[Item | Skipped]:
    """The files of an archive in an archive, which is held in memory while they are read."""
    try:
        data = item.read(limits) if depth > 1 else b""
    except ReadingError as error:
        yield Skipped(item.path, str(error))
        return
    inner = Item(item.path, item.suffix, len(data), lambda: io.BytesIO(data))
    yield from _members(inner, limits, budget, depth - 1)


def _refused(name: str, info: zipfile.ZipInfo, limits: Limits) -> str | None:
    """Why a member is not read, None where it may be."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return "its path leads out of the archive; not read"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link inside an archive; not followed"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted; unpack the archive with its password"
    if info.file_size > limits.member:
        return f"{human(info.file_size)} unpacked, more than {human(limits.member)}; not read"
    if info.file_size > _RATIO_FROM and info.file_size > limits.ratio * max(1, info.compress_size):
        return f"unpacks to more than {limits.ratio} times its size, as a zip bomb does; not read"
    return None


def _why(error: Exception) -> str:
    """What a person may make of a fault: those of the system name places in a damaged file."""
    told = (
        "" if isinstance(error, OSError | struct.error | KeyError) else " ".join(str(error).split())
    )
    return shown(told[:120]) or "damaged; copy it anew"


def _opener(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits, budget: _Budget
) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        try:
            stream = archive.open(info)
        except _FAULTS as error:
            raise ReadingError(f"cannot be unpacked: {_why(error)}") from error
        return cast(BinaryIO, io.BufferedReader(_Counted(stream, limits, budget)))

    return opened


class _Counted(io.RawIOBase):
    """A member as it unpacks: what it really holds counts, not what the archive says."""

    def __init__(self, stream: Any, limits: Limits, budget: _Budget) -> None:
        super().__init__()
        self._stream, self._left, self._budget = stream, limits.member, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except _FAULTS as error:
            raise ReadingError(f"cannot be unpacked: {_why(error)}") from error
        self._left -= len(data)
        if self._left < 0:
            raise ReadingError("unpacks to more than is allowed, as a zip bomb does; not read")
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The members' names. Those not marked as UTF-8 are in one encoding, found over all of them."""
    raw = [
        None if info.flag_bits & _UTF8_NAME else info.orig_filename.encode("cp437", "replace")
        for info in infos
    ]
    together = b"\n".join(name for name in raw if name is not None)
    try:
        codec = detect(together)
    except ReadingError:
        codec = "cp437"
    found = []
    for info, name in zip(infos, raw, strict=True):
        try:
            text = info.filename if name is None else name.decode(codec)
        except UnicodeDecodeError:
            text = info.filename
        found.append(text.replace("\\", "/").split("\0")[0])
    return found


def _manifest(
    archive: zipfile.ZipFile, named: Sequence[tuple[str, zipfile.ZipInfo]], limits: Limits
) -> dict[str, Entry] | None:
    """What the manifests of an archive say, by the names of members; None where it has none."""
    places = [
        (name, info)
        for name, info in named
        if name.split("/")[-1] == MANIFEST and _refused(name, info, limits) is None
    ]
    found: dict[str, Entry] = {}
    for name, info in places:
        if info.file_size > limits.whole:
            raise InputError(f"{name}: more than {human(limits.whole)}")
        # Its text is all that is asked of the path, and a path in an archive has that too.
        place = cast(Path, zipfile.Path(archive, info.filename))
        try:
            listed = load_manifest(place)
        except _FAULTS as error:
            raise InputError(f"cannot be unpacked: {error}") from error
        folder = PurePosixPath(name).parent
        found |= {(folder / entry.path).as_posix(): entry for entry in listed}
    return found if places else None


def check_directory(stream: BinaryIO, limits: Limits) -> None:
    """Refuse an archive whose table of contents alone would fill the memory.

    Raises:
        ReadingError: it is larger than that of `limits.members` files can be.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - (1 << 16) - 128))
    tail = stream.read()
    stream.seek(0)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise ReadingError("not a zip archive, or cut off at its end; copy it anew")
    (length,) = struct.unpack_from("<I", tail, end + 12)
    large = tail.rfind(b"PK\x06\x06", 0, end)
    if length == 0xFFFFFFFF and large >= 0 and len(tail) >= large + 48:
        (length,) = struct.unpack_from("<Q", tail, large + 40)
    if length > limits.members * _BYTES_A_MEMBER:
        raise ReadingError(f"more files in one archive than the {limits.members:,} allowed")


def check_packed(data: bytes, limits: Limits) -> None:
    """Refuse a document that is a zip archive inside (.docx) where it would unpack too large.

    Raises:
        ReadingError: it is no archive, or a bomb.
    """
    try:
        check_directory(io.BytesIO(data), limits)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except _FAULTS as error:
        raise ReadingError("damaged: its parts cannot be found; save it anew") from error
    sizes = [info.file_size for info in infos]
    bomb = any(
        info.file_size > _RATIO_FROM and info.file_size > limits.ratio * max(1, info.compress_size)
        for info in infos
    )
    if bomb or sum(sizes) > limits.member or len(infos) > limits.members:
        raise ReadingError("unpacks to far more than its size, as a zip bomb does; not read")
