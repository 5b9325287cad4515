"""Arrays that are dear to make, kept in the user's cache folder under the digest of their sources.

A file that is missing, stale or damaged is made again; where none can be written nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

_MAGIC = b"stance\x00\x01"
_HEAD = len(_MAGIC) + 4
# Every array begins at a multiple of this, as processors like it.
_ALIGN = 64


def folder() -> Path:
    """The user's cache folder for this package, or the one that `STANCE_CACHE` names."""
    from platformdirs import user_cache_path

    named = os.environ.get("STANCE_CACHE")
    return Path(named) if named else user_cache_path("stance", appauthor=False)


def kept(name: str, sources: str, build: Callable[[], Arrays]) -> Arrays:
    """What `build` gives, from the cache where it was kept for the same `sources`.

    `sources` tells everything that the arrays depend on. They are read-only.
    """
    digest = hashlib.sha256(sources.encode()).hexdigest()[:16]
    path = folder() / f"{name}-{digest}.bin"
    with suppress(OSError, ValueError):
        return unpacked(path.read_bytes())
    content = packed(build())
    with suppress(OSError):
        _write(path, content)
    return unpacked(content)


def kept_bytes(name: str, sources: str, build: Callable[[], bytes]) -> bytes:
    """The same for what is no array but a run of bytes."""
    own = kept(name, sources, lambda: {"bytes": np.frombuffer(build(), dtype=np.uint8)})
    return own["bytes"].tobytes()


def packed(arrays: Arrays) -> bytes:
    """Arrays as bytes: a checksum, a line of JSON that says where each stands, then the arrays."""
    places, parts, size = {}, [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        places[name] = (size, array.dtype.str, array.shape)
        parts.append(data + bytes(-len(data) % _ALIGN))
        size += len(parts[-1])
    head = json.dumps(places).encode()
    head += b" " * (-(_HEAD + len(head) + 1) % _ALIGN) + b"\n"
    rest = b"".join((head, *parts))
    return _MAGIC + zlib.crc32(rest).to_bytes(4, "little") + rest


def unpacked(content: bytes) -> Arrays:
    """The arrays of `packed`.

    Raises:
        ValueError: the bytes are not whole.
    """
    rest = memoryview(content)[_HEAD:]
    own = _MAGIC + zlib.crc32(rest).to_bytes(4, "little")
    if content[:_HEAD] != own:
        raise ValueError("not a file of kept arrays, or a damaged one")
    end = content.index(b"\n", _HEAD) + 1
    body = memoryview(content)[end:]
    return {
        name: np.frombuffer(body, dtype, math.prod(shape), offset).reshape(shape)
        for name, (offset, dtype, shape) in json.loads(content[_HEAD:end]).items()
    }


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: under another name first, then moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.close()
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
