"""What surrounds a match: negation, degree, voice, and whether the sentence is on target."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stance.lexicon import Modifier, ModifierTerm
from stance.text import SentenceBatch

_OPEN, _CLOSE = "“「『", "”」』"
_QUOTED = re.compile(f"[{_OPEN}][^{_OPEN}{_CLOSE}]*[{_CLOSE}]?")
# A quotation shorter than this is a name, a title or a scare quote, not speech.
_SPEECH_LENGTH = 9
_LEAD = re.compile(
    r"^(?:据|按照|根据|依照|援引|正如).{2,24}?(?:的)?(?:报道|消息|爆料|所言|说法|的话)"
)

ModifierHit = tuple[int, int, ModifierTerm]
"""Start, end (in the sentence) and the term that was found."""


def acts_on(text: str, modifier: Modifier, start: int, end: int, cue: tuple[int, int]) -> bool:
    """Whether a modifier at `[start, end)` reaches the cue: side, reach and terminators."""
    if modifier.direction in ("forward", "both") and end <= cue[0]:
        between = text[end : cue[0]]
    elif modifier.direction in ("backward", "both") and start >= cue[1]:
        between = text[cue[1] : start]
    else:
        return False
    return len(between) <= modifier.reach and not any(t in between for t in modifier.terminators)


def is_negated(
    text: str, cue: tuple[int, int], modifier: Modifier, hits: Sequence[ModifierHit]
) -> bool:
    """An odd number of negators reaches the cue (two of them affirm)."""
    return sum(acts_on(text, modifier, start, end, cue) for start, end, _ in hits) % 2 == 1


def degree(
    text: str, cue: tuple[int, int], modifier: Modifier, hits: Sequence[ModifierHit]
) -> float:
    """Product of the factors of the degree words that reach the cue, kept in [0.5, 2]."""
    factor = 1.0
    for start, end, term in hits:
        if acts_on(text, modifier, start, end, cue):
            factor *= term.factor
    return min(2.0, max(0.5, factor))


def voices(
    batch: SentenceBatch, modifier: Modifier, hits: Sequence[Sequence[ModifierHit]]
) -> NDArray[np.bool_]:
    """For each sentence, whether its main assertion is reported (`quoted`).

    Reported are: a speech verb that opens a quotation or a clause; a sentence that is nothing but
    a quotation of some length; and whatever follows inside a quotation that is still open.
    """
    quoted = np.zeros(len(batch), dtype=bool)
    still_open = False
    follows = batch.follows()
    for index, text in enumerate(batch.normal):
        if not follows[index] or batch.paragraph[index] != batch.paragraph[index - 1]:
            still_open = False
        quoted[index] = still_open or _reports(text, modifier, hits[index])
        opened = max(text.rfind(mark) for mark in _OPEN)
        closed = max(text.rfind(mark) for mark in _CLOSE)
        if opened > closed:
            still_open = bool(quoted[index])
        elif closed >= 0:
            still_open = False
    return quoted


def _reports(text: str, modifier: Modifier, hits: Sequence[ModifierHit]) -> bool:
    quotations = [(m.start(), m.end()) for m in _QUOTED.finditer(text)]
    speech = [(a, b) for a, b in quotations if b - a >= _SPEECH_LENGTH]
    if speech and speech[0][0] <= 1 and text[speech[0][1] :].strip("。,，!！?？…") == "":
        return True
    if _LEAD.match(text):
        return True
    for start, end, _ in hits:
        if any(a < start and end < b for a, b in quotations):
            continue
        after = text[end : end + 2]
        if after[:1] in ("", "的", "了") and "“" not in after:
            continue
        if any(0 <= a - end <= modifier.reach for a, _ in speech):
            return True
        # A verb of speech near the head, with something of a clause behind it, reports it.
        if len(text) - end >= 6 and start <= 45:
            return True
    return False


def on_target(
    batch: SentenceBatch,
    named: NDArray[np.bool_],
    rival: NDArray[np.bool_],
    refers: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Whether each sentence speaks of the target: by name, by pronoun, or by plain continuation.

    A sentence without a name continues the one before it in its paragraph, unless it turns to a
    rival; a pronoun reaches back across the start of a paragraph. Of sentences that stand alone,
    those that name nobody are taken to be about the target: that is why they were asked about.
    """
    if batch.alone:
        return named | ~rival
    found = np.zeros(len(batch), dtype=bool)
    follows = batch.follows()
    since_name = 9
    for index in range(len(batch)):
        if not follows[index]:
            since_name = 9
        if named[index]:
            found[index] = True
            since_name = 0
            continue
        since_name += 1
        if rival[index] or not follows[index] or not found[index - 1]:
            continue
        same_paragraph = batch.paragraph[index] == batch.paragraph[index - 1]
        found[index] = bool(refers[index]) or (bool(same_paragraph) and since_name <= 2)
    return found
