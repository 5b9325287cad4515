"""Bytes of a text file to a string, strictly: what cannot be decoded is refused, not replaced."""

from __future__ import annotations

import codecs

from stance.errors import ReadingError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes) -> tuple[str, str]:
    """The text and the encoding that was assumed: byte-order mark, UTF-8, then GB18030 or Big5.

    Raises:
        ReadingError: empty, binary, or in none of these encodings.
    """
    if not data.strip():
        raise ReadingError("empty: the file holds no text")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding), encoding
    if b"\0" in data:
        raise ReadingError("a binary file, not text")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    encoding = _guess(data)
    return _strict(data, encoding), encoding


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadingError(
            f"not valid {encoding} at byte {error.start}; save the file as UTF-8"
        ) from error


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=["gb18030", "big5", "big5hkscs"]).best()
    if best is None:
        raise ReadingError("neither UTF-8 nor GB18030 nor Big5 text; save the file as UTF-8")
    return best.encoding
