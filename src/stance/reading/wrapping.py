"""Lines that a page or a printer broke inside sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from stance.types import Edit

_STOPS = "。！？!?；;…”』」：:）)】》"
_CANNOT_BEGIN = "，。、；：？！）》」』】”’,;%％"
_CANNOT_END = "（《「『【“‘([、"
_OWN_LINE = re.compile(
    r"[\s　]{2,}|[·•●■◆▲△▼※*#>\-–—|①-⑳❶-❿]|\[?\d{1,3}[\].、)）:：]"
    r"|[（(]\s*[一二三四五六七八九十\d]{1,3}\s*[)）]"
    r"|[一二三四五六七八九十]{1,3}[、.．]|第.{1,4}[章节節部条條]|https?:|0\d\b"
)
_SPEAKER = re.compile(r"[^\s：:，。]{1,8}[：:]")
_NARROWEST = 24
"""In columns, two a Han character: a narrower text is a poem, a list or a menu."""


def joined_lines(text: str) -> list[Edit]:
    """Line ends inside sentences, as edits that take them out, in order and disjoint.

    A line goes on in the next where the text was wrapped at one width and the line fills it, where
    the next one begins with a sign that cannot begin a line, or where a long line ends in a comma.
    Poems, lists, tables, headings and transcripts stay: `stance.text.sentence_spans` ends a
    sentence at every line end, so a transcript without stops needs nothing more.
    """
    rows = [(m.start(), m.end()) for m in re.finditer(r"[^\n]*", text)]
    rows = [(start, end) for start, end in rows if start == 0 or text[start - 1] == "\n"]
    widths = [_columns(text[start:end].rstrip()) for start, end in rows]
    wrap = _wrap_width(text, rows, widths)
    edits = []
    for number, ((start, end), (after, stop)) in enumerate(pairwise(rows)):
        line, following = text[start:end].rstrip(), text[after:stop]
        if not line.strip() or not following.strip():
            continue
        filled = wrap is not None and wrap - 5 <= widths[number] <= wrap + 2
        if _goes_on(line, following, widths[number], filled=filled):
            begin = start + len(line)
            before, behind = line[-1], following.strip()[0]
            # A number was cut in two, words of Latin letters were not.
            latin = (before + behind).isascii() and (before + behind).isalnum()
            spaced = latin and not (before.isdigit() and behind.isdigit())
            indent = len(following) - len(following.lstrip())
            edits.append(Edit(begin, after + indent, " " if spaced else "", "wrapped line"))
    return edits


def _goes_on(line: str, following: str, width: int, *, filled: bool) -> bool:
    content, last, first = line.strip(), line[-1], following.strip()[0]
    if "\t" in content or "|" in content or "|" in following or "\t" in following.strip():
        return False
    if first in _CANNOT_BEGIN:
        # A lone sign is no list: `09988` and `）` were parted by whoever took the page apart.
        return len(content) > 1 and last not in "。！？"
    if last in _STOPS or _OWN_LINE.match(following):
        return False
    if _SPEAKER.match(following) and not filled:
        return False
    if last in _CANNOT_END and last != "、" and width > 4:
        return True
    if last in "，,、" and width >= 2 * _NARROWEST:
        return True
    return filled


def _wrap_width(text: str, rows: Sequence[tuple[int, int]], widths: Sequence[int]) -> int | None:
    """The width in columns at which the text was wrapped, None where it was not.

    Of its lines that end without a stop nearly all fill the width, most of the lines do, and none
    is wider. Some hold a stop in their midst, as lists of headlines do not.
    """
    used = [
        (width, text[end - 1 : end]) for (_, end), width in zip(rows, widths, strict=True) if width
    ]
    if len(used) < 4:
        return None
    widest = max(width for width, _ in used)
    full = [last for width, last in used if width >= widest - 5]
    cut_off = [width for width, last in used[:-1] if last not in _STOPS]
    inner = sum("。" in text[start : end - 1] for start, end in rows)
    filling = sum(width >= widest - 5 for width in cut_off)
    wrapped = (
        widest >= _NARROWEST
        and widest <= 160
        and len(full) >= 0.5 * len(used)
        and filling >= 3
        and inner >= len(cut_off) / 12
        and filling >= 0.8 * len(cut_off)
    )
    return widest if wrapped else None


def _columns(line: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in line)
