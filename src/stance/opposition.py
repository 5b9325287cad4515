"""Whose affair a clause is: the target's, or that of a rival it is set against."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from stance.context import ModifierHit
from stance.masking import RIVAL_SIGN, TARGET_SIGN

TURNED: Final = "turned"
HURT: Final = "hurt"
TOLD: Final = "told"


class Side(NamedTuple):
    """Somebody at `[start, end)` of masked text: the target, or somebody else."""

    start: int
    end: int
    target: bool


class Region(NamedTuple):
    """A part of a sentence that is about a rival.

    What judges there is "turned", for the rival is measured against the target; or only harm is,
    where the target does it ("hurt"); or it judges a rival alone and not the target ("told").
    """

    start: int
    end: int
    reading: str


class Judging(NamedTuple):
    """A judgement at `[start, end)`, before its context is read."""

    start: int
    end: int
    sign: int


class _Clause(NamedTuple):
    start: int
    end: int
    target: bool | None


_SIGNS = re.compile(f"[{TARGET_SIGN}{RIVAL_SIGN}]")
_PARTS = re.compile("[^，,。；;：:！!？?（(）)“”「」《》—]+")
# What may stand before the subject of a clause: its own attribute, and words that open clauses.
# Any other word there may be a verb or a preposition, of which the side is the object.
_OPENING = re.compile(
    "(?:[^被遭让把将对向与和跟同从给不]{0,14}的"
    "|而|但是?|然而|不过|可是?|却|当|就?连|也|有|是|则|虽然?|尽管|即便|即使|哪怕|固然"
    "|如果说|假如说|那么?|一边|一面|一头|一方面|另一边|另一头|另一面|另一方面|一家|一个|另一个"
    "|反观|再看|倒是|反倒|反而|偏偏|唯独|唯有|只有|只剩|正是|成了|成为|轮到"
    "|不少|多数|许多|很多|部分|大批|一些|几家|各家|曾经|昔日|如今|而今|今天|今年|去年|现在|眼下|此时"
    "|当时|近日|近期|近年|随后|后来|最终|最后|结果|原来|原本|本来|正当|就在|相反|相比之下|谁知)*"
)
_AND = frozenset("和与跟、")
_ONE_OF = re.compile("(?:而|但)?(?:(另|后者)|一个|一家|前者)")
# Somebody else than the subject bears it: 乙的速度让它吃力.
_OBJECTS = re.compile("[让令使将把给对被遭](?:[它其他]|对方|自己|后者|前者|人)")
# Near enough: the context itself is read only once it is known what is judged.
_DENIED = re.compile("[不没未无].{0,2}$")
_CAUSES = re.compile("(?:[让令使叫把将逼]|使得|[逼打]得|成了|成为|(?<![输败让卖还])给)$")
_SUFFERS = re.compile("[被遭]$")
_HARMS = re.compile("构成|造成|形成|带来|产生")


def sides_of(text: str, rivals: Sequence[ModifierHit]) -> list[Side]:
    """The target, its rivals by name, and the others without one, in order."""
    sides = [Side(m.start(), m.end(), m.group() == TARGET_SIGN) for m in _SIGNS.finditer(text)]
    if not rivals:
        return sides
    return sorted([*sides, *(Side(hit.start, hit.end, False) for hit in rivals)])


def oppositions(
    text: str,
    sides: Sequence[Side],
    words: Sequence[ModifierHit],
    judging: Sequence[Judging],
    *,
    compared: bool = False,
) -> list[Region]:
    """Where clauses of a sentence tell of a rival beside others that tell of the target.

    A word with factor 1 sets the two against each other (乙裁员，甲却在扩招), and so do
    opposite judgements of the two, or that they are `compared` in a clause about both; one with
    factor -1 says that they fare alike (甲也裁员).
    """
    regions = _harmed(text, sides)
    clauses = _clauses(text, sides)
    ours = [clause for clause in clauses if clause.target]
    theirs = [clause for clause in clauses if clause.target is False]
    if not theirs or not (ours or compared):
        return regions
    later = max(ours[0].start, theirs[0].start) if ours else theirs[0].start
    signs = {hit.term.factor for hit in words if hit.start >= later or hit.term.direction}
    if -1 in signs:
        return regions
    good, bad = _sum(text, ours, judging), _sum(text, theirs, judging)
    if compared or 1 in signs or good * bad < 0:
        return regions + [Region(clause.start, clause.end, TURNED) for clause in theirs]
    if good == 0:
        return regions + [Region(clause.start, clause.end, TOLD) for clause in theirs]
    return regions


def _clauses(text: str, sides: Sequence[Side]) -> list[_Clause]:
    """The clauses of a sentence, each with whose it is, None where that is not plain.

    A clause is its subject's; one that names nobody goes on about the subject of the one before.
    """
    clauses: list[_Clause] = []
    before: bool | None = None
    pair, told = _pair(text, sides), 0
    for match in _PARTS.finditer(text):
        start, end = match.span()
        own = [side for side in sides if start <= side.start and side.end <= end]
        target = before
        if own:
            # What is about both goes on about its subject: 乙压过甲，登上榜首.
            plain = _OPENING.fullmatch(text, start, own[0].start)
            plain = None if _OBJECTS.search(text, start, end) else plain
            before = own[0].target if plain else None
            target = None if any(side.target != own[0].target for side in own) else before
        elif pair and (one := _ONE_OF.match(text, start, end)):
            # 甲和乙，一个高歌猛进，另一个节节败退: in the order in which they are named.
            target = before = pair[1] if told or one.group(1) else pair[0]
            told += 1
        clauses.append(_Clause(start, end, target))
    return clauses


def _pair(text: str, sides: Sequence[Side]) -> tuple[bool, bool] | None:
    """Whether the first and the second of two sides named together (甲和乙) is the target."""
    for first, second in pairwise(sides):
        if first.target != second.target and text[first.end : second.start] in _AND:
            return first.target, second.target
    return None


def _sum(text: str, clauses: Sequence[_Clause], judging: Sequence[Judging]) -> int:
    return sum(
        -one.sign if _DENIED.search(text, own.start, one.start) else one.sign
        for one in judging
        for own in clauses
        if own.start <= one.start < own.end
    )


def _harmed(text: str, sides: Sequence[Side]) -> list[Region]:
    """Where a rival bears what the target does: 让对手焦头烂额, 乙被甲打得节节败退."""
    regions = []
    for first, second in pairwise(sides):
        clause = _PARTS.match(text, second.end)
        end = clause.end() if clause else second.end
        lead = text[max(first.end, second.start - 2) : second.start]
        if first.target and not second.target:
            harms = lead[-1:] == "对" and _HARMS.search(text, second.end, end)
            if harms or _CAUSES.search(lead):
                regions.append(Region(second.end, end, HURT))
        elif second.target and not first.target and _SUFFERS.search(lead):
            regions.append(Region(second.end, end, HURT))
    return regions


def reading_at(regions: Sequence[Region], start: int, end: int, sign: int) -> int:
    """The sign that a judgement at `[start, end)` has for the target."""
    over = {region.reading for region in regions if region.start <= start and end <= region.end}
    if TURNED in over or (HURT in over and sign < 0):
        return -sign
    return 0 if TOLD in over else sign
