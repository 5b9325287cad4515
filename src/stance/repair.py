"""Damage found in scraped text and mended, as a list of edits that lead back to the raw text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from stance.types import Edit, Span

_HAN = "㐀-䶿一-鿿豈-﫿\U00020000-\U0003134f"
_MARKED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
# One pinyin syllable with exactly one tone mark, in brackets, behind a Han character. A name or a
# term in brackets, (TFP) or (花名:逍遙子), has no tone mark and stays.
_GLOSS = re.compile(
    rf"(?<=[{_HAN}])[(（](?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?[aeiouü]{{0,2}}[{_MARKED}]"
    rf"[aeiouü]{{0,2}}(?:ng|n|r)?[)）]"
)
_INVISIBLE = re.compile("[\ufeff\u200b-\u200d\u2060\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")


def repair(raw: str) -> tuple[str, tuple[Edit, ...]]:
    """The mended text and its edits, in order and disjoint, in offsets of `raw`.

    Mended here: pinyin glosses behind characters (`國(guó)` to `國`), invisible and control
    characters. Repairing the result again changes nothing.
    """
    edits = [Edit(m.start(), m.end(), "", "pinyin gloss") for m in _GLOSS.finditer(raw)]
    edits += [Edit(m.start(), m.end(), "", "invisible character") for m in _INVISIBLE.finditer(raw)]
    edits.sort(key=lambda edit: edit.start)
    return apply_edits(raw, edits), tuple(edits)


def apply_edits(raw: str, edits: Sequence[Edit]) -> str:
    """`raw` with each edit's span replaced. `edits` are ordered and disjoint."""
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += [raw[position : edit.start], edit.replacement]
        position = edit.end
    return "".join([*pieces, raw[position:]])


def raw_span(span: Span, edits: Sequence[Edit]) -> Span:
    """Where a span of the mended text stands in the raw one, edits at its inside included."""
    shifts = list(accumulate((e.end - e.start - len(e.replacement) for e in edits), initial=0))
    starts = [
        edit.start - shift for edit, shift in zip(edits, shifts, strict=False)
    ]  # each edit's place in the mended text

    def locate(offset: int, *, after: bool) -> int:
        count = bisect_right(starts, offset if after else offset - 1)
        return offset + shifts[count]

    return Span(locate(span.start, after=True), locate(span.end, after=False))
