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


def read_cue(
    text: str,
    span: tuple[int, int],
    modifiers: Mapping[str, Modifier],
    hits: Mapping[str, Sequence[ModifierHit]],
) -> Reading:
    """The reading of the cue at `span`, after Harkema et al. 2009 (ConText).

    Every modifier acts by side, reach and terminators. An odd number of negators turns the cue
    around, two affirm it. Each kind of doubt weakens once, however many of its words there are.
    """
    acting: list[tuple[Modifier, list[Mark]]] = []
    for name, found in hits.items():
        modifier = modifiers[name]
        if modifier.effect in ("negate", "degree", "weaken"):
            own = _marks(text, span, modifier, found)
            if own:
                acting.append((modifier, own))
    if not acting:
        return PLAIN
    cancelled = {name for modifier, _ in acting for name in modifier.cancels}
    marks: list[Mark] = []
    negators, degree, asserted = 0, 1.0, 1.0
    for modifier, own in acting:
        if modifier.name in cancelled:
            continue
        marks += own
        if modifier.effect == "negate":
            negators += len(own)
        elif modifier.effect == "degree":
            for mark in own:
                degree *= mark.factor
        else:
            asserted *= min(1.0, *(mark.factor for mark in own))
    return Reading(negators % 2 == 1, min(2.0, max(0.5, degree)), asserted, tuple(marks))


def _marks(
    text: str, span: tuple[int, int], modifier: Modifier, found: Sequence[ModifierHit]
) -> list[Mark]:
    """Those words of one modifier that act on the cue at `span`."""
    marks: list[Mark] = []
    end = 0
    for hit in found:
        start, stop, term = hit
        # Of overlapping words (并未, 未让) one counts.
        if start >= end and acts_on(text, modifier, hit, span):
            factor = modifier.factor if term.factor is None else term.factor
            marks.append(Mark(modifier.name, text[start:stop], factor))
            end = stop
    return marks


def acts_on(text: str, modifier: Modifier, hit: ModifierHit, span: tuple[int, int]) -> bool:
    """Whether a modifier's word reaches the cue at `span`: side, reach and terminators."""
    start, end, term = hit
    direction = term.direction or modifier.direction
    reach = modifier.reach if term.reach is None else term.reach
    if end <= span[0] and direction != "backward":
        first, last = end, span[0]
    elif start >= span[1] and direction != "forward":
        first, last = span[1], start
    else:
        return False
    if last - first > reach or _words(modifier.terminators).search(text, first, last):
        return False
    if modifier.later and not _CLAUSE.search(text, first, last):
        return False
    if not term.closed_by:
        return True
    clause = _CLAUSE.search(text, max(end, span[1]))
    close = clause.end() if clause else len(text)
    return bool(_words(term.closed_by).search(text, max(end, span[1]), close))


@cache
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of some words; without any, what is never found."""
    return re.compile("|".join(map(re.escape, words)) or "(?!)")
