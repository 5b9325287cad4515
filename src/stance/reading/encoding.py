"""Bytes to text, strictly: what cannot be decoded is refused, what was assumed is told."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import BinaryIO, NamedTuple

from stance.errors import ReadingError
from stance.lexicon import LEXICONS
from stance.tomlfile import TomlFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
# Declared names and the codecs to try for them. Pages that say gb2312 hold GBK and more; those that
# say Big5 may hold the Hong Kong supplement, which redefines a few signs, so plain Big5 goes first.
_DECLARED = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), ("utf-8",)),
    **dict.fromkeys(
        ("gb2312", "gbk", "gb18030", "gb_2312-80", "gb2312-80", "x-gbk", "cp936", "ms936", "936",
         "windows-936", "euc-cn", "x-euc-cn", "chinese", "csgb2312", "iso-ir-58"), ("gb18030",)),
    **dict.fromkeys(
        ("big5", "big-5", "big5-hkscs", "big5hkscs", "cp950", "ms950", "x-x-big5", "cn-big5",
         "csbig5", "big5-eten", "windows-950"), ("big5", "big5hkscs")),
    **dict.fromkeys(("utf-16", "utf-16le"), ("utf-16-le", "utf-16-be")),
    "utf-16be": ("utf-16-be",),
}  # fmt: skip
_CANDIDATES = ("utf-8", "gb18030", "big5", "big5hkscs", "utf-16-le", "utf-16-be")
_META = re.compile(
    rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]{1,40})"""
    rb"""|<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""",
    re.IGNORECASE,
)
_HTTP = re.compile(rb"\s*(?:HTTP/[\d.]+ \d{3}[^\n]*\n|[\w-]{2,40}:[^\n]*\n)", re.IGNORECASE)
_HTTP_CHARSET = re.compile(
    rb"""^content-type:[^\n]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""", re.I | re.M
)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_SEQUENCES = (
    (re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}"), 6),
    (re.compile(rb"[\xc2-\xdf][\x80-\xbf]"), 16),
)
_PUNCTUATION_MARKS = frozenset("–—‘’“”•…‰※℃→·×")

# So much a valid reading as UTF-8, and the declared charset, count before any character is looked
# at (natural logarithm): bytes of other encodings are hardly ever valid UTF-8.
_UTF8_BONUS = 12.0
_DECLARED_BONUS = 20.0
_SAMPLE = 1 << 18
# Mean log probability of the characters beyond ASCII below which a text is no Chinese text in
# that encoding. Real sentences lie above -9.5, misread ones below -13.
_PLAUSIBLE = -12.0
# Log probabilities of a character by what it is, where no band of characters.toml has it.
_BLANK, _ASCII, _PUNCTUATION = -2.0, -4.0, -5.0
_OTHER_HAN, _LETTER, _ODD, _WRONG = -12.5, -12.0, -18.0, -26.0


class Decoded(NamedTuple):
    """A text, what its bytes were read as (`gb18030, guessed`), and warnings for a person."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of a file: by byte-order mark, by what is declared, else by what it looks like.

    `declared` is a charset that a page or a header names; where it does not fit, that is warned of.

    Raises:
        ReadingError: empty, binary, or in none of the encodings that are read.
    """
    if not data.strip():
        raise ReadingError("empty: the file holds no text")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(_strict(data, encoding).removeprefix("\ufeff"), encoding)
    name = declared.strip().lower().replace("_", "-") if declared else None
    codec = detect(data, name)
    text = _strict(data, codec)
    if name is None or codec in _DECLARED.get(name, ()):
        return Decoded(text, _label(codec, name))
    if codec == "utf-8" and data.isascii():
        return Decoded(text, "utf-8")
    warning = f"declared as {name}, but its bytes are {codec}, as which it was read"
    return Decoded(text, f"{codec}, guessed against its declared {name}", (warning,))


def _label(codec: str, declared: str | None) -> str:
    if codec == "utf-8":
        return "utf-8"
    return f"{codec}, guessed" if declared is None else f"{codec}, declared as {declared}"


def declared_charset(data: bytes) -> str | None:
    """The charset that a saved page names: in HTTP headers above it, XML declaration or meta."""
    head = data[:8192]
    if _HTTP.match(head):
        found = _HTTP_CHARSET.search(head)
        if found:
            return found.group(1).decode("ascii")
    found = _META.search(head)
    return (found.group(1) or found.group(2)).decode("ascii", "replace") if found else None


def detect(data: bytes, declared: str | None = None) -> str:
    """The codec as which bytes without a mark make the most likely Chinese text.

    Raises:
        ReadingError: binary, or likely in none.
    """
    if data.isascii() and b"\0" not in data:
        return "utf-8"
    sample = _sampled(data)
    if b"\0" not in data and _surely_utf8(sample) and _valid(data, "utf-8"):
        return "utf-8"
    scores: dict[str, float] = {}
    for codec in _CANDIDATES:
        text = _tried(sample, codec)
        if text is None:
            continue
        total, mean = _likelihood(text)
        if mean < _PLAUSIBLE and not (codec == "utf-8" and b"\0" not in sample):
            continue
        bonus = _UTF8_BONUS if codec == "utf-8" else 0.0
        if codec in _DECLARED.get(declared or "", ()):
            bonus += _DECLARED_BONUS
        scores[codec] = total + bonus
    ranked = sorted(scores, key=lambda codec: -scores[codec])
    for codec in ranked:
        if len(data) <= len(sample) or _valid(data, codec):
            return codec
    raise ReadingError(_refusal(data, ranked))


def _surely_utf8(sample: bytes) -> bool:
    """So many sequences that are valid by chance less than once in 10^9 in another encoding."""
    return any(len(list(islice(p.finditer(sample), n))) == n for p, n in _SEQUENCES)


def _refusal(data: bytes, ranked: list[str]) -> str:
    for codec in [*ranked, "utf-8"]:
        try:
            data.decode(codec)
        except UnicodeDecodeError as error:
            start, good = error.start, data[: error.start]
            likely = codec in ranked or (good and _surely_utf8(good))
            if likely:
                return f"not valid {codec} at byte {start}; save the file as UTF-8"
    if b"\0" in data[: 1 << 16] or _controls(data[: 1 << 16]):
        return "a binary file, not text"
    return "neither UTF-8 nor GB18030, Big5 or UTF-16 text; save the file as UTF-8"


def _controls(data: bytes) -> bool:
    odd = sum(data.count(bytes([k])) for k in (*range(1, 9), *range(14, 32)))
    return odd > 0.05 * len(data)


def _sampled(data: bytes) -> bytes:
    """A part of the bytes that says most: from the first that is not ASCII, on an even place."""
    if len(data) <= _SAMPLE:
        return data
    found = _NOT_ASCII.search(data)
    start = max(0, (found.start() if found else 0) - 64) & ~1
    return data[start : start + _SAMPLE]


def _tried(sample: bytes, codec: str) -> str | None:
    """The sample decoded, its last character perhaps cut; None where it is not valid."""
    if codec.startswith("utf-16") and len(sample) % 2:
        return None
    try:
        return codecs.getincrementaldecoder(codec)().decode(sample, len(sample) < _SAMPLE)
    except UnicodeDecodeError:
        return None


def _valid(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadingError(
            f"not valid {encoding} at byte {error.start}; save the file as UTF-8"
        ) from error


def _likelihood(text: str) -> tuple[float, float]:
    """Log probability of a text, and its mean over characters beyond ASCII (and control ones)."""
    bands = _bands()
    total = beyond = 0.0
    count = 0
    for character, times in Counter(text).items():
        weight = bands.get(character)
        if weight is None:
            weight = _other(character)
        total += times * weight
        if character > "~" or weight == _WRONG:
            beyond += times * weight
            count += times
    return total, beyond / count if count else 0.0


def _other(character: str) -> float:
    code = ord(character)
    if code < 0x80:
        if character in " \t\n\r":
            return _BLANK
        return _ASCII if code >= 0x20 else _WRONG
    if 0x4E00 <= code <= 0x9FFF:
        return _OTHER_HAN
    if 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFF5E or character in _PUNCTUATION_MARKS:
        return _PUNCTUATION
    if 0xC0 <= code <= 0x24F or 0x3040 <= code <= 0x30FF or 0x2100 <= code <= 0x27BF:
        return _LETTER
    if 0xA0 <= code <= 0xBF or code == 0xFEFF or 0x370 <= code <= 0x4FF:
        return _LETTER
    if 0xE000 <= code <= 0xF8FF or 0xFFF0 <= code <= 0xFFFF or 0x80 <= code < 0xA0:
        return _WRONG
    return _ODD


@dataclass(frozen=True, slots=True, kw_only=True)
class _Band:
    weight: float
    simplified: str
    traditional: str


@cache
def _bands() -> dict[str, float]:
    """The log probability of each common Han character."""
    file = TomlFile(LEXICONS / "reading" / "characters.toml")
    bands = [band for _, band in file.records("band", _Band)]
    file.raise_first()
    return {c: band.weight for band in bands for c in band.simplified + band.traditional}


class Lines(NamedTuple):
    """A text file that is read line by line; `encoding` as in `Decoded`."""

    lines: Iterator[str]
    encoding: str


def text_lines(open_file: Callable[[], BinaryIO], longest: int) -> Lines:
    """The lines of a file of any size, each with its end, decoded strictly as they are taken.

    Its encoding is found in the first part that is not all ASCII, in a pass of its own.

    Raises:
        ReadingError: as `decode`; while taking, a line of more than `longest` characters, or
            bytes that are not valid.
    """
    with open_file() as stream:
        head = stream.read(_SAMPLE)
        if not head.strip() and len(head) < _SAMPLE:
            raise ReadingError("empty: the file holds no text")
        telling = head
        while telling.isascii() and b"\0" not in telling and len(telling) == _SAMPLE:
            telling = stream.read(_SAMPLE)
    mark = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    # A sample of full length may end inside a character; one shorter is the end of the file.
    codec = mark or detect(telling or head)
    label = mark or _label(codec, None)
    return Lines(_decoded_lines(open_file, codec, longest), label)


def _decoded_lines(open_file: Callable[[], BinaryIO], codec: str, longest: int) -> Iterator[str]:
    # Line ends of all systems as one; those inside quotes too.
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)(), translate=True)
    rest = ""
    position = 0
    with open_file() as stream:
        while True:
            block = stream.read(1 << 16)
            try:
                text = decoder.decode(block, not block)
            except UnicodeDecodeError as error:
                raise ReadingError(
                    f"not valid {codec} near byte {position + error.start}; save it as UTF-8"
                ) from error
            if not position:
                text = text.removeprefix("\ufeff")
            position += len(block)
            *lines, rest = (rest + text).split("\n")
            yield from (line + "\n" for line in lines)
            if len(rest) > longest:
                raise ReadingError(f"a line of more than {longest:,} characters: not a text table")
            if not block:
                break
    if rest:
        yield rest
