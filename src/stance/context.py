"""What surrounds a cue: negation, degree, hedge, question, condition, contrast. Rules are data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from stance.entries import Modifier, ModifierTerm

# Clauses end with one of these.
_CLAUSE = re.compile("[，,。；;！!？?]")


class ModifierHit(NamedTuple):
    """A word of a modifier at `[start, end)` of a sentence."""

    start: int
    end: int
    term: ModifierTerm


class Mark(NamedTuple):
    """A modifier that acts on a cue: its name, the word as the sentence has it, its factor."""

    modifier: str
    surface: str
    factor: float


class Reading(NamedTuple):
    """How a cue reads in its context.

    `negated` says that it is turned around, `degree` in [0.5, 2] how much stronger or weaker it
    is, `asserted` in (0, 1] how far the sentence stands by it; `marks` are the words that say so.
    """

    negated: bool
    degree: float
    asserted: float
    marks: tuple[Mark, ...]


PLAIN = Reading(False, 1.0, 1.0, ())


class Cue(NamedTuple):
    """What a modifier asks of a cue at `[start, end)`.

    `first` and `last` bound its list, 垄断、造假或欺骗: a negator denies all of it.
    """

    start: int
    end: int
    polarity: int
    first: int
    last: int


def read_cue(
    text: str,
    cue: Cue,
    modifiers: Mapping[str, Modifier],
    hits: Mapping[str, Sequence[ModifierHit]],
) -> Reading:
    """The reading of a cue, after Harkema et al. 2009 (ConText).

    Every modifier acts by side, reach and terminators. An odd number of negators turns the cue
    around, two affirm it; those of a modifier with `once` are one. Each kind of doubt weakens once,
    however many of its words there are.
    """
    acting: list[tuple[Modifier, list[ModifierHit]]] = []
    for name, found in hits.items():
        modifier = modifiers[name]
        if modifier.effect in ("negate", "degree", "weaken"):
            own = _acting(text, cue, modifier, found)
            if own:
                acting.append((modifier, own))
    if not acting:
        return PLAIN
    cancelled: dict[str, int] = {}
    for modifier, own in acting:
        for name in modifier.cancels:
            cancelled[name] = max(own[-1].end, cancelled.get(name, 0))
    marks: list[Mark] = []
    negators, degree, asserted = 0, 1.0, 1.0
    for modifier, own in acting:
        if modifier.name in cancelled:
            # Of 不是缺乏诚意吗 the question undoes 不是; what stands behind that denies still.
            denies = modifier.effect == "negate"
            behind = cancelled[modifier.name] if denies else len(text)
            own = [hit for hit in own if behind <= hit.start]
        words = [_mark(text, modifier, hit) for hit in own]
        marks += words
        if modifier.effect == "negate":
            negators += min(len(words), 1) if modifier.once else len(words)
        elif modifier.effect == "degree":
            for mark in words:
                degree *= mark.factor
        else:
            asserted *= min([1.0, *(mark.factor for mark in words)])
    return Reading(negators % 2 == 1, min(2.0, max(0.5, degree)), asserted, tuple(marks))


def _mark(text: str, modifier: Modifier, hit: ModifierHit) -> Mark:
    factor = modifier.factor if hit.term.factor is None else hit.term.factor
    return Mark(modifier.name, text[hit.start : hit.end], factor)


def _acting(
    text: str, cue: Cue, modifier: Modifier, found: Sequence[ModifierHit]
) -> list[ModifierHit]:
    """Those words of one modifier that act on a cue."""
    own: list[ModifierHit] = []
    end = 0
    for hit in found:
        # Of overlapping words (并未, 未让) one counts.
        if hit.start >= end and acts_on(text, modifier, hit, cue):
            if modifier.effect == "negate" and own and _anew(text, own[-1], hit):
                own.pop()
            own.append(hit)
            end = hit.end
    return own


def _anew(text: str, one: ModifierHit, other: ModifierHit) -> bool:
    """Whether the same negator begins anew: 没技术没服务 lacks both, while 不会不 affirms."""
    same = text[one.start : one.end] == text[other.start : other.end]
    return same and other.start - one.end >= 2


def acts_on(text: str, modifier: Modifier, hit: ModifierHit, cue: Cue) -> bool:
    """Whether a modifier's word reaches a cue: side, reach, terminators, and what it asks for."""
    start, end, term = hit
    if term.polarity not in (None, cue.polarity):
        return False
    direction = term.direction or modifier.direction
    reach = modifier.reach if term.reach is None else term.reach
    begins, ends = cue.start, cue.end
    if modifier.effect == "negate":
        # What denies the first of a list denies the others: it is reached where the list is.
        begins = cue.first if end <= cue.first else begins
        ends = cue.last if start >= cue.last else ends
    if end <= begins and direction != "backward":
        first, last = end, begins
    elif start >= ends and direction != "forward":
        first, last = ends, start
    else:
        return False
    if modifier.through and first == end and text.startswith(modifier.through, end):
        # 没有|被困难吓倒: the phrase lies between the word and what it denies.
        first, reach = min(first + 1, last), max(reach, modifier.far)
    stops = modifier.terminators if term.terminators is None else term.terminators
    if "“" in text:
        # 不再是“输家”: of a word or two the quotation marks say only that somebody else said it.
        text = _WORD_OR_TWO.sub(r"·\1·", text)
    if last - first > reach or _words(stops).search(text, first, last):
        return False
    if term.across and not _words(term.across).search(text, first, last):
        return False
    if modifier.later and not _CLAUSE.search(text, first, last):
        return False
    if not (term.closed_by or term.undone_by):
        return True
    clause = _CLAUSE.search(text, max(end, cue.end))
    rest = (max(end, cue.end), clause.end() if clause else len(text))
    if _words(term.undone_by).search(text, *rest):
        return False
    return not term.closed_by or bool(_words(term.closed_by).search(text, *rest))


def asserting(modifiers: Mapping[str, Modifier]) -> frozenset[str]:
    """The modifiers by which a question asserts: where they act, it asks nothing."""
    return frozenset(name for name, own in modifiers.items() if "question" in own.cancels)


def asks(text: str, modifier: Modifier, hit: ModifierHit) -> bool:
    """Whether a word asks rhetorically as it stands, be there a cue in its reach or not.

    What must follow the cue must then follow the word. One that asks for praise or blame is never
    sure without it: 还有多少诚意 and 还有多少裁员 are not alike.
    """
    term = hit.term
    if term.polarity is not None:
        return False
    if not (term.closed_by or term.undone_by or term.across):
        return True
    stops = modifier.terminators if term.terminators is None else term.terminators
    stop = _words(stops).search(text, hit.end)
    rest = (hit.end, stop.end() if stop else len(text))
    if _words(term.undone_by).search(text, *rest):
        return False
    wanted = (words for words in (term.closed_by, term.across) if words)
    return all(_words(words).search(text, *rest) for words in wanted)


_WORD_OR_TWO = re.compile("“([^“”，,。；;：:！!？?]{1,8})”")


@cache
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of some words; without any, what is never found."""
    return re.compile("|".join(map(re.escape, words)) or "(?!)")
