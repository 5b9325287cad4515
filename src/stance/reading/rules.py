"""What the rules of reading have in common: patterns with named parts, examples with marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stance.lexicon import LEXICONS, digest_of
from stance.text import fold, simplify
from stance.tomlfile import TomlFile

_MARK = re.compile("〖([^〗]*)〗")
_PART = re.compile(r"<<(\w+)>>")
_LINE = re.compile(r"[^\r\n\u2028\u2029]+")


def rules_digest() -> str:
    """16 hex digits of the shipped rules of reading: with others, other texts are read."""
    return digest_of(sorted((LEXICONS / "reading").glob("*.toml")))


def read_form(text: str) -> str:
    """`text` as patterns read it: half width, lower case, simplified; same length."""
    return simplify(fold(text))


_ENTRY = re.compile(r"[^\d\s:：|｜/]{1,4}")
_HEAD, _ENTRIES = 12, 12


def head_of(rows: Iterable[str]) -> int:
    """How many lines are the first twelve of a page, entries of a menu above it not counted."""
    left, entries = _HEAD, _ENTRIES
    number = 0
    for number, row in enumerate(rows, start=1):
        if entries and _ENTRY.fullmatch(row.strip()):
            entries -= 1
        else:
            left -= 1
        if not left:
            return number
    return number + left


def compiled(
    file: TomlFile,
    table: str,
    index: int,
    pattern: str,
    parts: Mapping[str, str] | None = None,
    key: str = "pattern",
) -> re.Pattern[str]:
    """The pattern at `key` of a row, each `<<name>>` replaced by the part of that name.

    A fault is noted in `file`, and a pattern that never matches returned, where it is none.
    """
    known = parts or {}
    line = file.line(key, table, index)
    try:
        for _ in range(4):
            pattern = _PART.sub(lambda match: f"(?:{known[match.group(1)]})", pattern)
        return re.compile(pattern)
    except KeyError as error:
        told = f"<<{error.args[0]}>> is not in [parts] ({', '.join(known)})"
        file.fault(line, told)
    except re.error as error:
        file.fault(line, f"not a regular expression: {error}")
    return re.compile("(?!)")


def parts(file: TomlFile) -> dict[str, str]:
    """The table `[parts]`: pieces of patterns by name. What is no string is noted as a fault."""
    found: Any = file.data.get("parts", {})
    bad = [name for name, value in found.items() if not isinstance(value, str)]
    for name in bad:
        file.fault(file.line(name, "parts"), f"the part '{name}' must be a string")
    return {name: value for name, value in found.items() if name not in bad}


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every line with something on it, without outer white space."""
    for line in _LINE.finditer(text):
        content = line.group().strip()
        if content:
            start = line.start() + line.group().index(content[0])
            yield start, start + len(content)


def marked(example: str) -> tuple[str, list[tuple[int, int]]]:
    """An example without its 〖〗, and the spans that they enclosed; without any, the whole."""
    spans: list[tuple[int, int]] = []
    pieces: list[str] = []
    length = 0
    for number, piece in enumerate(_MARK.split(example)):
        if number % 2:
            spans.append((length, length + len(piece)))
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces), spans or [(0, length)]
