"""Cues that no single word makes: a quantity that rises or falls, and two sides compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from stance.context import ModifierHit
from stance.entries import Change, Quantity
from stance.opposition import HURT, TURNED, Region, Side

# A pair stands in one clause. The change mostly follows at some distance (成本较去年同期大幅下降);
# where it stands first, only a particle or a degree word comes between (降低了成本).
_AFTER, _BEFORE = 14, 4
_CLAUSE = re.compile("[，,。；;：:！!？?、（(）)—]")
_STOP = re.compile("[。；;！!？?]")
_PASSIVE = re.compile("[被遭让令使叫]")
_OBJECT = re.compile("[把将望从]")
# Whom one is measured by: 跟乙比.
_WITH, _BY = frozenset("与跟和同"), 8
_LEAVES = re.compile("(?:从|弃|弃用|停用|放弃|离开|抛弃|逃离|告别|卸载|退出|舍弃)了?$")
_FROM = 4
_LEFT_BY = re.compile("(?:丢掉|丢失|失去|流失|流出|出走|离职|辞退|裁掉|淘汰|赶走)的")
# What may follow a predicate of one character: 慢得多, 慢了两天, 慢。
_ENDS = re.compile("[得了很太一些多不少上出，,。；;：:！!？?）)”」]|$")
_LATIN_NAME = re.compile(r"\s?[a-z][a-z0-9.\-]+")
# 没有谁比甲更慢: what nobody is more than 甲 is said of 甲.
_NOBODY = re.compile(
    "(?:没有?(?:哪|谁|什么|任何|别的|人|一[家个位款名])|无人|无一)[^，,。；;：:！!？?]*$"
)
# Words for more and less: good or bad as that is of which there is more.
_MAGNITUDE = re.compile("[高低多少大小超]")
# How far behind a word of comparison its other side may stand, and how far behind 相比.
_OTHER_SIDE, _NEAR = 12, 1
_COMPARED = 0.5
"""Weight of a comparison that the target wins or loses."""


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

    `parts` are the words themselves: what else fires on them has been judged here. `turned` says
    that the words alone do not judge so, but by who stands where.
    """

    start: int
    end: int
    focus: tuple[int, int]
    parts: tuple[tuple[int, int], ...]
    name: str
    polarity: int
    weight: float
    turned: bool


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
                False,
            )
        )
    return sorted(built)


def comparisons(
    text: str,
    verbs: Sequence[ModifierHit],
    sides: Sequence[Side],
    judgements: Sequence[ModifierHit],
    quantities: Sequence[QuantityHit] = (),
) -> tuple[list[Built], list[Region]]:
    """What comparisons say of the target, in masked text.

    A verb with factor 1 says that the left side wins, with -1 that it loses (不如, 落后于). Behind
    one with factor 0 (比) the judgement follows: one of `judgements`, with a factor for the left
    side, or any other cue. More of a quantity may be worse (投诉率高于乙). The regions in which a
    rival is judged, so that it reads the other way around for the target, are the second value.
    """
    built: list[Built] = []
    turned: list[Region] = []
    for verb in verbs:
        measures = not verb.term.factor and (
            verb.term.direction == "both" or _ends_measure(text, sides, verb)
        )
        left, right = (_measured if measures else _sides)(text, sides, verb)
        if right is None or (left and left.target == right.target):
            continue
        if left is None and text[right.start].isascii():
            continue  # a Latin word is a side only against one that is named
        if not _closed(text, verb, right):
            continue
        # A side that is not named is whom the sentence is about, the target.
        on_left = left.target if left else not right.target
        if not (verb.term.factor or measures) and _NOBODY.search(text, 0, verb.start):
            on_left = not on_left
        word: ModifierHit | None = verb
        start, end = _judged(text, left, right, verb, measures)
        if not verb.term.factor:
            if not on_left:
                turned.append(Region(start, end, TURNED))
            elif measures and right.end < start:
                # What stands beside the other side is said of it: 比起乙的混乱，甲井然有序.
                turned.append(Region(right.end, start, TURNED))
            own = [hit for hit in judgements if start <= hit.start and hit.end <= end]
            word = next((hit for hit in own if _predicate(text, hit, measures)), None)
        elif verb.term.direction == "both" and on_left:
            # 甲不如乙果断: what stands behind the right side is said of that.
            turned.append(Region(start, end, TURNED))
        elif verb.term.direction == "backward" and left and not on_left:
            # 弃用甲，拥抱乙: that they leave is the harm of the left side.
            turned.append(Region(max(0, left.start - _FROM), verb.start, HURT))
        if word:
            made = _compared(text, quantities, verb, word, 1 if on_left else -1)
            built += [made] if made.polarity else []
    return built, turned


def _compared(
    text: str, quantities: Sequence[QuantityHit], verb: ModifierHit, word: ModifierHit, sign: int
) -> Built:
    """The cue that a comparison makes by `word`, which may be its verb.

    More and less judge by what there is more of, and say nothing where that is not told (比乙高).
    """
    place, name, factor = word[:2], text[word.start : word.end], int(word.term.factor or 0)
    parts: tuple[tuple[int, int], ...] = (place,)
    if _MAGNITUDE.search(name):
        own = [one for one in quantities if one.end <= word.start]
        if own and not _CLAUSE.search(text, own[-1].end, verb.start):
            factor *= own[-1].word.good
            parts = (own[-1][:2], place)
        elif len(name) == 1:
            factor = 0
    return Built(*place, place, parts, name, factor * sign, _COMPARED, True)


def _clause_end(text: str, start: int) -> int:
    clause = _CLAUSE.search(text, start)
    return clause.start() if clause else len(text)


def _closed(text: str, verb: ModifierHit, right: Side) -> bool:
    """Whether what a verb asks for behind its other side is there: 做到了乙没做到的."""
    if not verb.term.closed_by:
        return True
    rest = text[right.end : _clause_end(text, right.end)]
    return any(word in rest for word in verb.term.closed_by)


def _predicate(text: str, hit: ModifierHit, measures: bool) -> bool:
    """Whether a judgement may be one: a single character only where it is a predicate (比乙慢得多).

    快 in 快递 and 差 in 差价 are none.
    """
    return hit.end - hit.start > 1 or (not measures and bool(_ENDS.match(text, hit.end)))


def _judged(
    text: str, left: Side | None, right: Side, verb: ModifierHit, measures: bool
) -> tuple[int, int]:
    """Where the judgement of the left side stands."""
    start = max(right.end, verb.end)
    if not measures:
        return start, _clause_end(text, start)
    if left and left.start >= start:
        start = left.start
    else:
        clause = _CLAUSE.search(text, start)
        start = clause.end() if clause else start
    stop = _STOP.search(text, start)
    return start, stop.start() if stop else len(text)


def _sides(text: str, sides: Sequence[Side], verb: ModifierHit) -> tuple[Side | None, Side | None]:
    """Who stands on the left and on the right of a verb, whatever the order of words."""
    left, right = _left(text, sides, verb.start), _right(text, sides, verb)
    before = text[max(0, left.start - 2) : left.start] if left else ""
    if verb.term.direction == "backward":
        # 用户从甲涌向乙: those who move are neither side, and leave the left one.
        if left is None:
            return None, None
        leaves = _LEAVES.search(text, max(0, left.start - _FROM), left.start)
        return (left, right) if leaves or _LEFT_BY.match(text, left.end) else (None, None)
    if left and _PASSIVE.search(before):
        # 甲被乙超越: who stands behind 被 acts on who stands before it.
        return left, _left(text, sides, left.start) or Side(left.start, left.start, not left.target)
    if left and right is None and _OBJECT.search(before):
        # 甲把乙甩开, 甲从乙手里抢走: who stands behind 把 is acted on.
        return _left(text, sides, left.start), left
    if left and right is None and before[-1:] in _WITH and verb.start - left.end <= _BY:
        # 甲跟乙没法比, 甲与乙的差距缩小: who stands behind 跟 is what the other is measured by.
        return _left(text, sides, left.start), left
    return left, right


def _ends_measure(text: str, sides: Sequence[Side], verb: ModifierHit) -> bool:
    """Whether 比 ends what it measures by: 跟乙比, 甲差远了."""
    own = _left(text, sides, verb.start) if verb.term.reach is None else None
    if own is None or text[max(0, own.start - 1) : own.start] not in _WITH:
        return False
    return _right(text, sides, verb) is None


def _measured(
    text: str, sides: Sequence[Side], verb: ModifierHit
) -> tuple[Side | None, Side | None]:
    """The sides of 与乙相比，甲… and of 相比乙，甲…: the judged one stands before or behind."""
    # Some are written with the comma that ends the measure: 与乙不同，甲…
    near = [side for side in sides if 0 <= side.start - verb.end <= _NEAR]
    if near and not _CLAUSE.search(text, verb.end - 1, near[0].start):
        right, edge = near[0], verb.start
    else:
        own = [side for side in sides if side.end <= verb.start]
        if not own or _CLAUSE.search(text, own[-1].end, verb.start):
            return None, None
        right, edge = own[-1], own[-1].start
    before = [side for side in sides if side.end <= edge]
    if before and not _CLAUSE.search(text, before[-1].end, edge):
        return before[-1], right
    behind = [side for side in sides if side.start >= max(verb.end, right.end)]
    stop = _STOP.search(text, verb.end)
    if behind and (stop is None or behind[0].start < stop.start()):
        return (None if behind[0].target == right.target else behind[0]), right
    return None, right


def _left(text: str, sides: Sequence[Side], start: int) -> Side | None:
    before = [side for side in sides if side.end <= start]
    if not before or _STOP.search(text, before[-1].end, start):
        return None
    return before[-1]


def _right(text: str, sides: Sequence[Side], verb: ModifierHit) -> Side | None:
    end = verb.end
    reach = _OTHER_SIDE if verb.term.reach is None else verb.term.reach
    latin = _LATIN_NAME.match(text, end)
    if latin:
        return Side(latin.start(), latin.end(), False)
    behind = [side for side in sides if side.start >= end]
    if not behind or behind[0].start - end > reach:
        return None
    return None if _CLAUSE.search(text, end, behind[0].start) else behind[0]
