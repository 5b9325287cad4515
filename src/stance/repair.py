"""Damage found in scraped text and mended, as a list of edits that lead back to the raw text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np

from stance.ragged import code_points
from stance.slips import slips
from stance.text import HAN
from stance.types import Edit, Span

_MARKED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
# One pinyin syllable with exactly one tone mark. A name or a term in brackets, (TFP) or
# (花名:逍遙子), has no tone mark and stays.
_SYLLABLE = (
    rf"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?[aeiouü]{{0,2}}[{_MARKED}][aeiouü]{{0,2}}(?:ng|n|r)?"
)
# Patterns begin with what they consume, and look behind after it: so `re` finds them fast.
_GLOSS = re.compile(rf"[(（](?<=[{HAN}].){_SYLLABLE}[)）]")
# A gloss that was put between the two bytes of a character: its bracket became the `?` that stands
# for the first byte (報?qǐng)), or what it glosses is the second byte of a slipped one (M(jìn)).
_SPLIT_GLOSSES = (
    re.compile(rf"\?(?P<gloss>{_SYLLABLE}[)）])"),
    re.compile(rf"(?P<gloss>[(（](?<=[A-Z@].){_SYLLABLE}[)）])"),
)
_UNSEEN = np.r_[0xFEFF, 0x200B:0x200E, 0x2060, 0xAD, 0x0:0x9, 0xB, 0xC, 0xE:0x20, 0x7F]
_INVISIBLE = re.compile(f"[{re.escape(''.join(map(chr, _UNSEEN.tolist())))}]+")
# By code point: 1 for tone marks, 2 for what is invisible; what stands last is true of all behind.
_RARE = np.zeros(0xFF00, dtype=np.uint8)
_RARE[[*map(ord, _MARKED)]] = 1
_RARE[_UNSEEN] = 2
_TAGS = "p|div|span|br|blockquote|strong|em|section|article|li|ul|ol|a|b|i|h[1-6]|img|figure|table"
# 。” and < of a tag, slipped by one byte: A1 [A3 A1] [B1 3C] reads ?！?
_SLIPPED_TAG = re.compile(rf"\?[!！]\?/(?:{_TAGS})>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]{{0,200}})?/?>|\?/(?:{_TAGS})>", re.IGNORECASE)
_ENTITY = re.compile(
    r"&#x([0-9a-f]{2,6});|#x([0-9a-f]{4});|&#(\d{2,7});|&nbsp;|&(amp|lt|gt|quot);", re.I
)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}
# `&timestamp=` in an address, of which a browser read `&times`.
_TIMES_ENTITY = re.compile(r"×tamp=(?<=[?&\w]×tamp=)")
_BLOCK = re.compile(r"^(?:[^\n]++\n){3,}+[^\n]*+", re.MULTILINE)
_LINE_STOPS = tuple("。！？!?；;…”」』：:")


def repair(raw: str) -> tuple[str, tuple[Edit, ...]]:
    """The mended text and its edits, in order and disjoint, in offsets of `raw`.

    Mended are pinyin glosses, whole and split; leaked tags and entities; invisible characters; and
    GB bytes that were read one byte late, where another alignment gives clearly better Chinese.
    What cannot be mended is flagged with an edit of certainty "flagged".
    """
    edits = list(_plain_edits(raw))
    text = apply_edits(raw, edits)
    # Only where other damage shows may a lone `?` be a lost character: people write odd questions.
    damaged = any(edit.reason in ("pinyin gloss", "split gloss", "leaked tag") for edit in edits)
    late = list(slips(text, damaged, _lost_beside_glosses(text, edits)))
    return apply_edits(text, late), tuple(composed(raw, edits, late))


def _lost_beside_glosses(text: str, edits: Sequence[Edit]) -> set[int]:
    """Places of each `?` that a split gloss left beside it: a character was there for certain."""
    places: set[int] = set()
    shift = 0
    for edit in edits:
        if edit.reason == "split gloss":
            at = edit.start + shift
            places |= {k for k in (at - 1, at) if text[k : k + 1] == "?"}
        shift += len(edit.replacement) - (edit.end - edit.start)
    return places


def apply_edits(raw: str, edits: Sequence[Edit]) -> str:
    """`raw` with each edit's span replaced. `edits` are ordered and disjoint."""
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += [raw[position : edit.start], edit.replacement]
        position = edit.end
    return "".join([*pieces, raw[position:]])


def raw_span(span: Span, edits: Sequence[Edit]) -> Span:
    """Where a span of the mended text stands in the raw one.

    Edits inside the span are included; an end inside a replacement takes in the whole edit.
    """
    shifts = list(accumulate((len(e.replacement) - (e.end - e.start) for e in edits), initial=0))
    starts = [edit.start + shift for edit, shift in zip(edits, shifts, strict=False)]

    def locate(offset: int, *, end: bool) -> int:
        count = bisect_right(starts, offset - 1 if end else offset)
        if count:
            edit, begin = edits[count - 1], starts[count - 1]
            if begin < offset < begin + len(edit.replacement) or (
                not end and offset == begin and edit.replacement
            ):
                return edit.end if end else edit.start
        return offset - shifts[count]

    return Span(locate(span.start, end=False), locate(span.end, end=True))


def composed(raw: str, first: Sequence[Edit], second: Sequence[Edit]) -> Iterator[Edit]:
    """Two rounds of edits as one: the second's spans led back through the first."""
    rest = list(first)
    for edit in second:
        span = raw_span(Span(edit.start, edit.end), first)
        while rest and rest[0].end <= span.start:
            yield rest.pop(0)
        start, end = span.start, span.end
        while rest and rest[0].start < end:
            swallowed = rest.pop(0)
            start, end = min(start, swallowed.start), max(end, swallowed.end)
        replacement = edit.replacement
        yield Edit(start, end, replacement, edit.reason, edit.certainty)
    yield from rest


def _plain_edits(raw: str) -> list[Edit]:
    """Edits that need no dictionary."""
    found: list[Edit] = []
    # Most texts have none of all this, which costs less to see than to search for.
    rare = int(np.bitwise_or.reduce(_RARE.take(code_points(raw), mode="clip")))
    if rare & 1:
        found += [Edit(*m.span(), "", "pinyin gloss") for m in _GLOSS.finditer(raw)]
        for pattern in _SPLIT_GLOSSES:
            found += [Edit(*m.span("gloss"), "", "split gloss") for m in pattern.finditer(raw)]
    if rare & 2:
        found += [Edit(*m.span(), "", "invisible character") for m in _INVISIBLE.finditer(raw)]
    if "<" in raw or "/" in raw:
        late = _SLIPPED_TAG.finditer(raw)
        found += [Edit(*m.span(), "。”", "slipped bytes", "inferred") for m in late]
        found += [Edit(*m.span(), "", "leaked tag") for m in _TAG.finditer(raw)]
    if "&" in raw or "#" in raw:
        found += [Edit(*m.span(), _entity(m), "broken entity") for m in _ENTITY.finditer(raw)]
    if "×" in raw:
        times = _TIMES_ENTITY.finditer(raw)
        found += [Edit(*m.span(), "&timestamp=", "broken entity") for m in times]
    found += _wraps(raw)
    kept: list[Edit] = []
    for edit in sorted(found, key=lambda edit: (edit.start, -edit.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def _wraps(raw: str) -> Iterator[Edit]:
    """Line ends inside sentences, in blocks of lines that were cut at one width.

    Four lines or more, all but the last within three characters of the widest, most of them
    without a stop at the end. Lines of free length, as in a transcript, each stay a line.
    """
    for block in _BLOCK.finditer(raw):
        lines = block.group().rstrip("\n").split("\n")
        full = [line.rstrip() for line in lines[:-1]]
        width = max(map(len, full))
        uniform = width - 3 <= min(map(len, full)) and len(lines[-1]) <= width
        if width < 12 or not uniform:
            continue
        if sum(line.endswith(_LINE_STOPS) for line in full) > 0.4 * len(full):
            continue
        position = block.start()
        for line, after in pairwise(lines):
            position += len(line) + 1
            begin = position - 1 - (len(line) - len(line.rstrip()))
            indent = len(after) - len(after.lstrip())
            if not line.rstrip().endswith(_LINE_STOPS) and indent == 0:
                spaced = line.rstrip()[-1:].isascii() and after[:1].isascii()
                yield Edit(begin, position, " " if spaced else "", "wrapped line")


def _entity(match: re.Match[str]) -> str:
    hexadecimal, decimal = match.group(1) or match.group(2), match.group(3)
    if hexadecimal or decimal:
        code = int(hexadecimal, 16) if hexadecimal else int(decimal)
        valid = 0x20 <= code < 0x110000 and not 0xD800 <= code < 0xE000
        return chr(code) if valid and chr(code) not in "\u200b\u200c\u200d\ufeff\xad" else ""
    return _NAMED[match.group(4).lower()] if match.group(4) else " "
