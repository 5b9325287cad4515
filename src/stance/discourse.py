"""What a sentence is within its article: reported or the author's own, about the target or not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.context import ModifierHit
from stance.ragged import join
from stance.text import SentenceBatch

_OPEN, _CLOSE = "“「『", "”」』"
_QUOTED = re.compile(f"[{_OPEN}][^{_OPEN}{_CLOSE}]*[{_CLOSE}]?")
# A quotation shorter than this is a name, a title or a scare quote, not speech.
_SPEECH_LENGTH = 9
# Before a speech verb that closes its sentence: something said, and who said it.
_TRAILING = re.compile("[^，,。；;：:]{3,}.*[，,。！!？?”」][^，,。；;：:“”「」]{1,24}$")
_LEAD = re.compile(
    r"^(?:据|按照|根据|依照|援引|正如).{2,24}?(?:的)?(?:报道|消息|爆料|所言|说法|的话)"
)
# The first characters of `_LEAD`.
_HEADS = frozenset("据按根依援正")


class Report(NamedTuple):
    """That a sentence reports somebody; `subject` is where the text says who, in masked text."""

    subject: tuple[int, int] | None = None


class Speaker(NamedTuple):
    """Who is reported, as the article names them, and of what kind."""

    name: str
    kind: str


def voices(
    batch: SentenceBatch,
    masked: Sequence[str],
    verbs: Mapping[int, Sequence[ModifierHit]],
    reach: int,
) -> list[Report | None]:
    """For each sentence, whether its main assertion is reported; `verbs` are by sentence.

    Reported are: a speech verb that opens a quotation (at most `reach` characters on) or a clause;
    a sentence that is nothing but a quotation of some length; and whatever follows inside a
    quotation that is still open.
    """
    found: list[Report | None] = []
    still_open: Report | None = None
    columns = (masked, _continues(batch).tolist(), join(masked).holds(_OPEN + _CLOSE).tolist())
    for index, (text, follows, marked) in enumerate(zip(*columns, strict=True)):
        if not follows:
            still_open = None
        report = still_open
        if marked or index in verbs or text[:1] in _HEADS:
            report = _reports(text, verbs.get(index, ()), reach, marked) or still_open
        found.append(report)
        if marked:
            opened = max(text.rfind(mark) for mark in _OPEN)
            closed = max(text.rfind(mark) for mark in _CLOSE)
            still_open = Report() if report is not None and opened > closed else None
    return found


def _reports(text: str, verbs: Sequence[ModifierHit], reach: int, marked: bool) -> Report | None:
    quotations = [(m.start(), m.end()) for m in _QUOTED.finditer(text)] if marked else []
    speech = [(a, b) for a, b in quotations if b - a >= _SPEECH_LENGTH]
    for start, end, _ in verbs:
        if any(a < start and end < b for a, b in quotations):
            continue
        rest = text[end:].strip('。.,，!！?？…”」』"道')
        if len(rest) <= 3 and _TRAILING.search(text[:start]):
            # “……。”他说。 / ……，一位员工告诉记者。
            return Report(_subject(text, start))
        after = text[end : end + 2]
        if after[:1] in ("", "的", "了") and "“" not in after:
            continue
        # A verb of speech before a quotation, or near the head with something of a clause behind.
        opens = any(0 <= a - end <= reach for a, _ in speech)
        if opens or (len(text) - end >= 6 and start <= 45):
            return Report(_subject(text, start))
    if speech and speech[0][0] <= 1 and text[speech[0][1] :].strip("。,，!！?？…") == "":
        return Report()
    return Report() if _LEAD.match(text) else None


_BREAK = re.compile("[，,。；;：:！!？?“”「」\n]")
_SUBJECT = re.compile(
    "(?:但|不过|而|对此|此前|日前|近日|昨天|昨日|当天|随后|有|另有|据|在)?"
    "([^，,。；;：:！!？?“”「」（）()\n]{1,24}?)"
    "(?:[也则还就都均却]|对外|公开|明确|曾经|普遍|一致|纷纷|再次|日前|近日|随后|进一步|曾)*+$"
)


def _subject(text: str, verb: int) -> tuple[int, int] | None:
    start = verb - len(_BREAK.split(text[:verb])[-1])
    match = _SUBJECT.fullmatch(text[start:verb])
    return (start + match.start(1), start + match.end(1)) if match else None


def speaker(
    subject: str, kinds: Sequence[tuple[int, int, str]], persons: Sequence[bool]
) -> Speaker | None:
    """Who a subject names: by its last noun of a kind of speaker, else by a person's name.

    `kinds` are those nouns with their places, `persons` says of each name of the target in the
    subject whether it is a person's. A company's own name is "other".
    """
    if kinds:
        return Speaker(subject, max(kinds)[2])
    if persons:
        return Speaker(subject, "executive" if any(persons) else "other")
    return None


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
    found: list[bool] = []
    since_name, before = 9, False
    columns = (batch.follows(), _continues(batch), named, rival, refers)
    lists = (column.tolist() for column in columns)
    for follows, continues, is_named, turns, refers_back in zip(*lists, strict=True):
        since_name = 0 if is_named else since_name + 1 if follows else 9
        goes_on = refers_back or (continues and since_name <= 2)
        before = is_named or (follows and before and not turns and goes_on)
        found.append(before)
    return np.array(found, dtype=bool)


def _continues(batch: SentenceBatch) -> NDArray[np.bool_]:
    """Whether each sentence stands in the same paragraph as the one before it."""
    same = batch.follows()
    same[1:] &= batch.paragraph[1:] == batch.paragraph[:-1]
    return same


# As far as plain continuation reaches: sentences behind the last one that names the target.
_CONTINUES = 3


def near_name(batch: SentenceBatch, named: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the target is named in a sentence or in one of the few before it.

    However a sentence sounds, it says nothing of a company that the text does not speak of.
    """
    since, near = _CONTINUES + 1, []
    for is_named, follows in zip(named.tolist(), batch.follows().tolist(), strict=True):
        since = 0 if is_named else since + 1 if follows else _CONTINUES + 1
        near.append(since <= _CONTINUES)
    return np.array(near, dtype=bool)
