"""Lines that a page or a printer broke inside sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stance.ragged import code_points
from stance.types import Edit

_STOPS = "。！？!?；;…”』」：:）)】》"
_CANNOT_BEGIN = "，。、；：？！）》」』】”’,;%％"
_CANNOT_END = "（《「『【“‘([、"
_HANGS = "，。、；：！？"
_OWN_LINE = re.compile(
    r"[\s　]{2,}|[·•●■◆▲△▼※*#>\-–—|①-⑳❶-❿]|\[?\d{1,3}(?:[\]、)）:：]|\.(?!\d))"
    r"|[（(]\s*[一二三四五六七八九十\d]{1,3}\s*[)）]"
    r"|[一二三四五六七八九十]{1,3}[、.．]|第.{1,4}[章节節部条條]|https?:|0\d\b"
)
# Not `!` and `?`, which headlines have too.
_INNER_STOP = re.compile(r"。|(?<=[㐀-鿿])\.(?!\.)")
_INNER_SIGN = re.compile(r"[，,。！？!?；;：、」”]|(?<=[㐀-鿿])\.")
_LEAST, _LEAST_SURE = 3, 2
"""Full lines that show a width, and those that do where they are of one length to the column."""
_SPEAKER = re.compile(r"[^\s：:，。]{1,8}[：:]")
_NARROWEST = 24
"""In columns, two a Han character: a narrower text is a poem, a list or a menu."""
_WIDEST = 160
_PAGED = 48
"""Columns of a paragraph that a page's end may have parted."""
_LAST_NARROW = 0x2E7F
"""Characters behind this one take two columns."""
_SHORT, _OVER = 5, 2
"""Columns by which a full line may miss the width, and by which a sign may hang over it."""


@dataclass(frozen=True, slots=True)
class _Row:
    """`[start, end)` of a text without its line end; `text` is without the blanks at its end.

    `columns` counts the indent; `indent` is the number of blanks before the first sign.
    """

    start: int
    end: int
    text: str
    columns: int
    indent: int

    @property
    def stopped(self) -> bool:
        """Whether a sentence may end here: `3.` may be the half of a number, `價值.` is not."""
        last, before = self.text[-1:], self.text[-2:-1]
        return last in _STOPS or (last == "." and not before.isdigit())


@dataclass(frozen=True, slots=True)
class _Width:
    """The width in columns at which a text was wrapped.

    `marked` says that a blank line or an indent stands before each paragraph: then a line that is
    full goes on in the next even behind a stop.
    """

    columns: int
    marked: bool

    def filled(self, row: _Row) -> bool:
        """Whether a line ends where the width made it end."""
        return self.columns - _SHORT <= row.columns <= self.columns + _OVER


def joined_lines(text: str) -> list[Edit]:
    """Line ends inside sentences, as edits that take them out, in order and disjoint.

    A line goes on in the next where the text was wrapped at one width and the line fills it, where
    the next one begins with a sign that cannot begin a line, or where a long line ends in a comma.
    Poems, lists, tables, headings and transcripts stay: `stance.text.sentence_spans` ends a
    sentence at every line end, so a transcript without stops needs nothing more.
    """
    rows = _rows(text)
    width = _wrap_width(rows)
    edits = []
    for row, following in pairwise(rows):
        if not row.text or not following.text:
            continue
        if _goes_on(row, following, width):
            begin = row.start + len(row.text)
            before, behind = row.text[-1], following.text.lstrip()[0]
            # A number was cut in two, words of Latin letters were not.
            latin = (before + behind).isascii() and (before + behind).isalnum()
            spaced = latin and not (before.isdigit() and behind.isdigit())
            behind_indent = following.start + following.indent
            edits.append(Edit(begin, behind_indent, " " if spaced else "", "wrapped line"))
    edits += _over_pages(rows, width)
    return sorted(edits, key=lambda edit: edit.start)


def _over_pages(rows: Sequence[_Row], width: _Width | None) -> Iterator[Edit]:
    """Paragraphs that a page's end parted, where the number of the page stood between the halves.

    They show themselves where all paragraphs are indented: the second half alone is not, the first
    one lacks its stop, and blank lines stand between.
    """
    said = [row for row in rows if row.text]
    if width is not None and sum(row.indent > 0 for row in said) >= _LEAST_SURE:
        # A wrapped line is full there as elsewhere.
        for row, following in pairwise(said):
            parted = row.end + 1 < following.start and not following.indent
            if parted and width.filled(row) and not row.stopped and following.columns >= _NARROWEST:
                yield Edit(row.start + len(row.text), following.start, "", "wrapped line")
        return
    indented = [number for number, row in enumerate(said) if row.indent and row.columns >= _PAGED]
    if len(indented) < _LEAST:
        return
    flush = [
        number
        for number in range(indented[0], len(said))
        if not said[number].indent and said[number].columns >= _NARROWEST
    ]
    if len(flush) > len(indented) // 2:
        return
    for number in flush:
        row, following = said[number - 1], said[number]
        parted = row.end + 1 < following.start
        opened = row.indent and not row.stopped and _INNER_SIGN.search(row.text)
        if parted and opened and row.columns >= _PAGED and _INNER_SIGN.search(following.text):
            yield Edit(row.start + len(row.text), following.start, "", "wrapped line")


def _rows(text: str) -> list[_Row]:
    rows = []
    start = 0
    for line in text.split("\n"):
        content = line.rstrip()
        indent = len(content) - len(content.lstrip())
        rows.append(_Row(start, start + len(line), content, _columns(content), indent))
        start += len(line) + 1
    return rows


def _goes_on(row: _Row, following: _Row, width: _Width | None) -> bool:
    line, after = row.text, following.text
    content, last, first = line.strip(), line[-1], after.lstrip()[0]
    filled = width is not None and width.filled(row)
    if "\t" in content or "|" in content or "|" in after or "\t" in after.strip():
        return False
    if first in _CANNOT_BEGIN:
        # A lone sign is no list: `09988` and `）` were parted by whoever took the page apart.
        return len(content) > 1 and last not in "。！？"
    if _OWN_LINE.match(after):
        return False
    if row.stopped:
        return filled and width is not None and width.marked and not _SPEAKER.match(after)
    if _SPEAKER.match(after) and not filled:
        return False
    if last in _CANNOT_END and last != "、" and row.columns > 4:
        return True
    if last in "，,、" and row.columns >= 2 * _NARROWEST:
        return True
    return filled


def _wrap_width(rows: Sequence[_Row]) -> _Width | None:
    """The width at which the text was wrapped, None where it was not.

    The whole text bears witness, not each paragraph: its lines that end without a stop, though
    another stands right under them. In a wrapped text nearly all of these fill one width; in
    others they are headings, bylines or verse. A stop stands in most of them or in the next, as it
    does not in lists of headlines. Wider lines that stand alone between blank ones are let be, and
    a few others: paragraphs joined already. No line stands twice, as posts do.
    """
    open_ = [
        (row, following)
        for row, following in pairwise(rows)
        if row.text
        and following.text
        and not row.stopped
        and not _OWN_LINE.match(following.text)
        and "\t" not in row.text
        and "|" not in row.text
    ]
    widths = Counter(row.columns for row, _ in open_ if _NARROWEST <= row.columns <= _WIDEST)
    if sum(widths.values()) < _LEAST_SURE:
        return None

    def count(columns: int) -> int:
        return sum(widths[near] for near in range(columns - 1, columns + 2))

    best = max(widths, key=lambda columns: (count(columns), widths[columns], columns))
    width = _Width(best, marked=False)
    at = [number for number, (row, _) in enumerate(open_) if width.filled(row)]
    full = [open_[number] for number in at]
    # Headings and bylines stand before the first full line, a signature after the last.
    among = at[-1] - at[0] + 1
    stops = sum(
        bool(_INNER_STOP.search(row.text[:-1]) or _INNER_STOP.search(following.text))
        for row, following in full
    )
    commas = sum(bool(_INNER_SIGN.search(row.text[:-1])) for row, _ in full)
    # A wrap fills its lines to the column, but for a sign or a number that did not fit.
    exact = sum(
        abs(row.columns - best) <= 1 or (row.text[-1] in _HANGS and row.columns - best == _OVER)
        for row, _ in full
    )
    if len(full) < _LEAST_SURE or len(full) < 0.8 * among or exact < 0.6 * len(full):
        return None
    alone = [None, *rows, None]
    wider = sum(
        row.columns > best + _OVER and bool((before and before.text) or (after and after.text))
        for before, row, after in zip(alone, rows, alone[2:], strict=False)
    )
    if len({row.text for row, _ in full}) < len(full) or wider > 0.5 * len(full):
        return None
    if len(full) < _LEAST and not (
        exact == stops == commas == len(full) and best >= 2 * _NARROWEST and not wider
    ):
        return None
    if stops < 0.5 * len(full) or commas < 0.5 * len(full):
        return None
    return _Width(best, _paragraphs_marked(rows, width))


def _paragraphs_marked(rows: Sequence[_Row], width: _Width) -> bool:
    """Whether all lines that end short have a blank line or an indented one under them."""
    ends = [
        (row, following)
        for row, following in pairwise(rows)
        if row.text and row.stopped and not width.filled(row) and row.columns < width.columns
    ]
    return bool(ends) and all(not following.text or following.indent > 0 for _, following in ends)


def _columns(line: str) -> int:
    return len(line) + int(np.count_nonzero(code_points(line) > _LAST_NARROW))
