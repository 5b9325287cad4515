"""Cues that no single word makes: a quantity that rises or falls, and two sides compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from stance.context import ModifierHit
from stance.entries import Change, Quantity
from stance.masking import RIVAL_SIGN, TARGET_SIGN

# A pair stands in one clause. The change mostly follows at some distance (成本较去年同期大幅下降);
# where it stands first, only a particle or a degree word comes between (降低了成本).
_AFTER, _BEFORE = 14, 4
_CLAUSE = re.compile("[，,。；;：:！!？?、（(）)—]")
_PASSIVE = re.compile("[被遭让]")
_OBJECT = re.compile("[把将]")
_LATIN_NAME = re.compile(r"\s?[a-z][a-z0-9.\-]+")
# How far behind a word of comparison its other side may stand.
_OTHER_SIDE = 12
_COMPARED = 0.5
"""Weight of a comparison that the target wins or loses."""


_SIGNS = re.compile(f"[{TARGET_SIGN}{RIVAL_SIGN}]")
_Side = tuple[int, int, bool]
"""Start and end of a side of a comparison, and whether it is the target."""


class QuantityHit(NamedTuple):
    """A quantity at `[start, end)`."""

    start: int
    end: int
    word: Quantity


class ChangeHit(NamedTuple):
    """A word of change at `[start, end)`."""

    start: int
    end: int
    word: Change


class Built(NamedTuple):
    """A cue made of several words: `focus` is the place where its context acts.

    `parts` are the words themselves: what else fires on them has been judged here.
    """

    start: int
    end: int
    focus: tuple[int, int]
    parts: tuple[tuple[int, int], ...]
    name: str
    polarity: int
    weight: float


def rises_and_falls(
    text: str, quantities: Sequence[QuantityHit], changes: Sequence[ChangeHit]
) -> list[Built]:
    """Each change with the quantity that it is said of: 成本下降 is good, 营收下降 is bad.

    The closest pairs are made first, and a word of change is used once.
    """
    pairs = []
    for change in changes:
        for quantity in quantities:
            behind = change.start - quantity.end
            gap = behind if behind >= 0 else quantity.start - change.end
            limit = _AFTER if behind >= 0 else _BEFORE
            between = text[quantity.end : change.start] or text[change.end : quantity.start]
            if 0 <= gap <= limit and not _CLAUSE.search(between):
                pairs.append((gap, behind < 0, change, quantity))
    built: list[Built] = []
    used: set[tuple[int, int]] = set()
    for _, _, change, quantity in sorted(pairs, key=lambda pair: pair[:2]):
        if {change[:2], quantity[:2]} & used:
            continue
        used |= {change[:2], quantity[:2]}
        built.append(
            Built(
                min(change.start, quantity.start),
                max(change.end, quantity.end),
                change[:2],
                (change[:2], quantity[:2]),
                f"{quantity.word.text}{change.word.text}",
                quantity.word.good * change.word.direction,
                change.word.weight,
            )
        )
    return sorted(built)


def comparisons(
    text: str,
    verbs: Sequence[ModifierHit],
    rivals: Sequence[ModifierHit],
    judgements: Sequence[ModifierHit],
) -> tuple[list[Built], list[tuple[int, int]]]:
    """What comparisons say of the target, in masked text.

    A verb with factor 1 says that the left side wins, with -1 that it loses (不如, 落后于). Behind
    one with factor 0 (比) the judgement follows: one of `judgements`, with a factor for the left
    side, or any other cue. The spans in which it is made of a rival, so that it reads the other
    way around for the target, are the second value.
    """
    sides = [(m.start(), m.end(), m.group() == TARGET_SIGN) for m in _SIGNS.finditer(text)]
    sides += [(hit.start, hit.end, False) for hit in rivals]
    sides.sort()
    built: list[Built] = []
    turned: list[tuple[int, int]] = []
    for verb in verbs:
        left, right = _sides(text, sides, verb)
        if right is None or (left and left[2] == right[2]):
            continue
        if left is None and text[right[0]].isascii():
            continue  # a Latin word is a side only against one that is named
        # A side that is not named is whom the sentence is about, the target.
        on_left = left[2] if left else not right[2]
        if on_left == right[2]:
            continue
        sign = 1 if on_left else -1
        factor = verb.term.factor or 0.0
        place = (verb.start, verb.end)
        if factor == 0:
            clause = _CLAUSE.search(text, right[1])
            end = clause.start() if clause else len(text)
            if not on_left:
                turned.append((right[1], end))
            own = [hit for hit in judgements if right[1] <= hit.start and hit.end <= end]
            if not own:
                continue
            factor, place = own[0].term.factor or 0.0, own[0][:2]
        name = text[place[0] : place[1]]
        built.append(Built(*place, place, (place,), name, int(factor) * sign, _COMPARED))
    return built, turned


def _sides(
    text: str, sides: Sequence[_Side], verb: ModifierHit
) -> tuple[_Side | None, _Side | None]:
    """Who stands on the left and on the right of a verb, whatever the order of words."""
    left, right = _left(text, sides, verb.start), _right(text, sides, verb.end)
    before = text[max(0, left[0] - 2) : left[0]] if left else ""
    if left and _PASSIVE.search(before):
        # 甲被乙超越: who stands behind 被 acts on who stands before it.
        return left, _left(text, sides, left[0]) or (left[0], left[0], not left[2])
    if left and right is None and _OBJECT.search(before):
        # 甲把乙甩开: who stands behind 把 is acted on.
        return _left(text, sides, left[0]), left
    return left, right


def _left(text: str, sides: Sequence[_Side], start: int) -> _Side | None:
    before = [side for side in sides if side[1] <= start]
    if not before or re.search("[。；;]", text[before[-1][1] : start]):
        return None
    return before[-1]


def _right(text: str, sides: Sequence[_Side], end: int) -> _Side | None:
    latin = _LATIN_NAME.match(text, end)
    if latin:
        return (latin.start(), latin.end(), False)
    behind = [side for side in sides if side[0] >= end]
    if not behind or behind[0][0] - end > _OTHER_SIDE:
        return None
    return None if _CLAUSE.search(text[end : behind[0][0]]) else behind[0]
