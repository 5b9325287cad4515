"""What the shape of a page tells of it: headlines that stand twice, flat tables, pasted tails.

`stance.reading.furniture` holds what words tell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from stance.reading.outlets import is_known, is_word
from stance.reading.rules import head_of, lines, read_form

FLAT_TABLE = "flattened table"
HEAD, TAIL = 12, 25
"""How many lines with something on them count as the head and the tail of a page."""


@dataclass(frozen=True, slots=True)
class Cut:
    """`text[start:end]` is no part of the article, by the rule of that name."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line at `[start, end)` of the text, `normal` as patterns read it.

    `head` and `tail` count the lines from each end, from 0; `blank` says that an empty line stands
    before it.
    """

    start: int
    end: int
    normal: str
    head: int
    tail: int
    blank: bool


@lru_cache(maxsize=2)
def page_of(text: str) -> tuple[Line, ...]:
    """The lines of a text; kept for a moment, because `cuts` and `prose` ask for the same."""
    spans = list(lines(text))
    normal = read_form(text)
    count = len(spans)
    # Entries of a menu above the article do not count.
    late = head_of(normal[slice(*span)] for span in spans) - HEAD
    ends = [0, *(end for _, end in spans)]
    return tuple(
        Line(
            start, end, normal[start:end], max(0, number - late), count - 1 - number,
            text.count("\n", ends[number], start) > 1,
        )
        for number, (start, end) in enumerate(spans)
    )  # fmt: skip


_ABSTRACT = re.compile(
    r"[【\[]?(?:内容)?(?:摘要|导语|导读|核心提示|内容提要|提要|概要)[】\]]?\s*[:|]?\s*"
)
_SITE = re.compile(r"\s*[_\-|—]+\s*[^。,!?]{2,24}")
_SIGNS = re.compile(r"[^\w]+")


def doubled(page: Sequence[Line]) -> Iterator[Cut]:
    """A headline that stands twice, and an abstract whose words the article says again."""
    top = page[:6]
    bare = [_SIGNS.sub("", line.normal) for line in page[:10]]
    for number, line in enumerate(top):
        for place, again in enumerate(top[number + 1 :], number + 1):
            first, second = line.normal, again.normal
            same = bare[number] == bare[place]
            longer, shorter = sorted((first, second), key=len, reverse=True)
            sited = longer.startswith(shorter) and _SITE.fullmatch(longer[len(shorter) :])
            if 8 <= len(shorter) <= 60 and not first.endswith("。") and (same or sited):
                yield Cut(again.start, again.end, "doubled headline")
    for at, line in enumerate(top[:4]):
        label = _ABSTRACT.match(line.normal)
        words = _SIGNS.sub("", line.normal[label.end() :]) if label else bare[at]
        if len(words) < 30:
            continue
        later = (
            "".join(_SIGNS.sub("", one.normal) for one in page[at + 1 :])
            if label
            else bare[at + 1 :]
        )
        if words in later:
            yield Cut(line.start, line.end, "doubled abstract")


def outlet_alone(page: Sequence[Line]) -> Iterator[Cut]:
    """A line at the top that is the name of an outlet and nothing more."""
    for line in page[:6]:
        if (
            len(line.normal) <= 16
            and len(page) > 6
            and is_known(line.normal)
            and not is_word(line.normal)
        ):
            yield Cut(line.start, line.end, "outlet alone")


_CELL = re.compile(r"[^\s。!?;:,|]{1,16}|[\d.,%+\-()]{1,20}")
_NUMBER = re.compile(
    r"[(+\-~<>≈$¥]?\d[\d,.]*\)?\s?(?:%|[万亿千百]*[元股人次家倍]?|pct|bps?)?|-{1,2}|—|n/?a"
)
_BETWEEN = re.compile(r"\s*[|\t]\s*|\s+")
_LEAST_ROWS, _LEAST_CELLS = 3, 6
_WIDEST_ROW = 120


def flat_tables(page: Sequence[Line]) -> Iterator[Cut]:
    """A table that lost its lines: rows of short cells, or a cell a line, numbers among them.

    Rows have equally many cells, three or more, of which one in most rows is a number. A column of
    cells is a run of lines of one to twelve characters, three in ten of them numbers that do not
    simply count on, as the headings `1`, `2`, `3` do.
    """
    cells = [_cells(line.normal) for line in page]
    for run in _runs([len(row) if len(row) >= 3 else 0 for row in cells]):
        numbered = sum(any(map(_NUMBER.fullmatch, cells[at])) for at in run)
        if len(run) >= _LEAST_ROWS and numbered >= max(2, 0.6 * len(run)):
            yield Cut(page[run[0]].start, page[run[-1]].end, FLAT_TABLE)
    short = [
        len(line.normal) <= 12 and len(row) == 1 for line, row in zip(page, cells, strict=True)
    ]
    for run in _runs(list(map(int, short))):
        numbers = [page[at].normal for at in run if _NUMBER.fullmatch(page[at].normal)]
        counting = [str(number + 1) for number in range(len(numbers))]
        counts_on = [number.lstrip("0").rstrip(".") for number in numbers] == counting
        if len(run) >= _LEAST_CELLS and len(numbers) >= max(3, 0.3 * len(run)) and not counts_on:
            yield Cut(page[run[0]].start, page[run[-1]].end, FLAT_TABLE)


def _cells(line: str) -> list[str]:
    """The cells of a line, none where one of them is no cell."""
    if len(line) > _WIDEST_ROW or "。" in line:
        return []
    parts = _BETWEEN.split(line.strip("| \t"))
    return parts if all(map(_CELL.fullmatch, parts)) else []


def _runs(marks: Sequence[int]) -> Iterator[range]:
    """Where the same mark, not 0, stands in one place after another."""
    start = 0
    for at in range(1, len(marks) + 1):
        if at == len(marks) or marks[at] != marks[start]:
            if marks[start]:
                yield range(start, at)
            start = at


_STOP = re.compile("[。!?;…]|[”」]$")
_STAYS = re.compile(
    r"(?:19|20)\d\d|[年月].{0,3}[月日]|此致|致谢|感谢|献给|敬[礼上启]|谨[启上]|承董事会|签[名署]|[:,、]"
    r"|[\[(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[\])、.)\s]|[·•●■◆\-*《>|]"
)
_NO_SIGN = re.compile("caption|origin|picture|rule of signs|flat|shortcode|mark|attribute|value")
_LEAST_PROSE, _PROSE_LINE, _PROSE_SHARE = 3, 30, 0.8
_LEAST_TAIL, _TAIL_LINE = 3, 30
_SHORT_TAG = 5
_ENTRY = re.compile(r"[^\d\s:|/。!?]{1,4}|\w[\w ]{2,14}(?<![一-鿿])")
_LEAST_ENTRIES = 4


def menu_above(page: Sequence[Line]) -> Iterator[Cut]:
    """Entries of a menu, a line each, before the first prose of a page that goes on in prose."""
    first = next((n for n, line in enumerate(page) if len(line.normal) >= _PROSE_LINE), len(page))
    full = sum(len(line.normal) >= _PROSE_LINE for line in page[first:])
    entries = [line for line in page[:first] if _ENTRY.fullmatch(line.normal)]
    if len(entries) >= _LEAST_ENTRIES and full >= _LEAST_PROSE and first <= 3 * HEAD:
        yield from (Cut(line.start, line.end, "menu above the article") for line in entries)


def quoted_again(page: Sequence[Line]) -> Iterator[Cut]:
    """A sentence in a box of its own that stands in a paragraph as well."""
    for number, line in enumerate(page[1:-1], start=1):
        words = line.normal.strip('"“”「」 ')
        if not (_QUOTED <= len(words) <= 60 and words[-1] in "。!?,」”"):
            continue
        near = page[max(0, number - 6) : number + 7]
        if any(one is not line and len(one.normal) > 2 * len(words) and words in one.normal
               for one in near):  # fmt: skip
            yield Cut(line.start, line.end, "quoted again")


_QUOTED = 12


def pasted_tail(page: Sequence[Line], found: Sequence[Cut]) -> Iterator[Cut]:
    """Short lines without a stop below the last prose of a page: buttons, names, other headlines.

    They go where the rest of the page is prose, and only below a line that a rule knows already,
    or where there are three of them. Signatures with a day, lists, items with labels, and verse,
    whose lines are of one length, stay.
    """
    taken = _taken(page, found)
    said = [
        number
        for number, line in enumerate(page)
        if not taken[number] and (_STOP.search(line.normal) or len(line.normal) > _TAIL_LINE)
    ]
    full = [number for number in said if len(page[number].normal) >= _PROSE_LINE]
    left = sum(len(line.normal) for number, line in enumerate(page) if not taken[number])
    if (
        len(full) < _LEAST_PROSE
        or sum(len(page[number].normal) for number in full) < _PROSE_SHARE * left
        or page[said[-1]].normal.endswith((":", ",", "、"))
    ):
        return
    below = range(said[-1] + 1, len(page))
    signs = [
        number
        for number in below
        if taken[number] and not any(_NO_SIGN.match(cut.rule) for cut in _over(page[number], found))
    ]
    known = signs[0] if signs else len(page)
    above = [number for number in below if number < known and not taken[number]]
    rest = [number for number in below if number > known and not taken[number]]
    if len(rest) and not any(_STAYS.match(page[number].normal) for number in rest):
        yield from (Cut(page[number].start, page[number].end, "pasted tail") for number in rest)
    # Verse has lines of one length; so have tags, but short ones.
    lengths = Counter(len(page[number].normal) for number in above)
    for length in range(_SHORT_TAG):
        del lengths[length]
    if (
        len(above) >= _LEAST_TAIL
        and not any(_STAYS.search(page[number].normal) for number in above)
        and max(lengths.values(), default=0) <= len(above) // 2
    ):
        yield from (Cut(page[number].start, page[number].end, "pasted tail") for number in above)


def _over(line: Line, found: Sequence[Cut]) -> Iterator[Cut]:
    return (cut for cut in found if cut.start <= line.start and line.end <= cut.end)


def _taken(page: Sequence[Line], found: Sequence[Cut]) -> list[bool]:
    """For each line, whether one cut takes all of it."""
    order = sorted(found, key=lambda cut: cut.start)
    taken, at, reach = [], 0, 0
    for line in page:
        while at < len(order) and order[at].start <= line.start:
            reach = max(reach, order[at].end)
            at += 1
        taken.append(line.end <= reach)
    return taken
