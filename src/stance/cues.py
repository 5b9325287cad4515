"""Match plus context: every cue of a batch of sentences, with its signed weight and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from stance import discourse
from stance.entries import TONE, Lexicons, ModifierTerm, Target, Term, Word
from stance.found import Found, Owner, found, words
from stance.masking import RIVAL_SIGN, TARGET_SIGN, MaskedBatch, Masker, Name
from stance.match import Entry, Matcher
from stance.reckoning import CueColumns, reckon
from stance.text import SentenceBatch, given_sentences


@dataclass(frozen=True, slots=True)
class Evidence:
    """A batch with all that was found in it: the input of the tone and frame scorers.

    `told` is the masked text with one sign for each cue whose words are not what the sentence says,
    denied or turned, and one for each number. `rhetorical` marks questions that assert, with or
    without a cue. `aspects` is (n, number of aspects); `speakers` holds name and kind where the
    text names one.
    """

    batch: SentenceBatch
    masked: MaskedBatch
    told: list[str]
    cues: CueColumns
    named: NDArray[np.bool_]
    rival: NDArray[np.bool_]
    on_target: NDArray[np.bool_]
    quoted: NDArray[np.bool_]
    rhetorical: NDArray[np.bool_]
    aspects: NDArray[np.bool_]
    speakers: list[discourse.Speaker | None]


@dataclass
class CueFinder:
    """Finds cues and their context for one set of lexicons and one target. Picklable."""

    resources: Lexicons
    target: Target
    lexicon_names: tuple[str, ...] = field(init=False)
    aspect_names: tuple[str, ...] = field(init=False)
    masker: Masker = field(init=False, repr=False)
    matcher: Matcher = field(init=False, repr=False)

    def __post_init__(self) -> None:
        own = self.resources
        self.lexicons = (*own.frames, own.tone)
        self.lexicon_names = (*(frame.name for frame in own.frames), TONE)
        self.aspect_names = tuple(aspect.name for aspect in own.aspects)
        self._scoped = np.array([lexicon.scope == "target" for lexicon in own.frames] + [True])
        self.masker = Masker(self.target)
        self.owners: list[Owner] = []
        entries: list[Entry] = []

        def add(group: str, kind: str, number: int, own: Sequence[Word], bounded: bool) -> None:
            for index, word in enumerate(own):
                yields = isinstance(word, ModifierTerm) and word.yields
                spellings = (word.spellings, word.unless)
                entries.append(Entry(f"{kind} {group}", *spellings, bounded, yields))
                self.owners.append(Owner(kind, number, index, group, word))

        for number, lexicon in enumerate(self.lexicons):
            add(self.lexicon_names[number], "term", number, lexicon.terms, True)
        for modifier in own.modifiers.values():
            add(modifier.name, "modifier", 0, modifier.terms, False)
        add("quantity", "quantity", 0, own.quantities, True)
        add("change", "change", 0, own.changes, True)
        for number, aspect in enumerate(own.aspects):
            add(aspect.name, "aspect", number, aspect.terms, True)
        for number, speaker in enumerate(own.speakers):
            add("speaker", "speaker", number, speaker.terms, True)
        self.matcher = Matcher(entries)
        self._words = words(self.owners, own.modifiers)
        self._aspect_of = [
            self.aspect_names.index(alias.aspect)
            if sign == TARGET_SIGN and alias.aspect in self.aspect_names
            else -1
            for sign, alias in self.masker.owners
        ]

    def term(self, lexicon: int, term: int) -> Term:
        """The term that a row of `CueColumns` speaks of."""
        return self.lexicons[lexicon].terms[term]

    def segmented(self, text: str) -> str:
        """The words of a sentence as matching sees them, names in brackets."""
        masked, names = self._masked_alone(text)
        shown = []
        for token in self.matcher.segmenter.tokens(masked):
            own = names.pop(0) if token in (TARGET_SIGN, RIVAL_SIGN) and names else None
            shown.append(f"[{text[own.start : own.end]}]" if own else token)
        return "/".join(shown)

    def not_counted(self, text: str) -> list[str]:
        """Terms that stand in a sentence and do not count, each with the reason."""
        masked, _ = self._masked_alone(text)
        reasons = {
            "unless": "stands in “{}”, which `unless` excepts",
            "word": "no word begins or ends there",
            "longer": "the longer “{}” of the same list stands there",
        }
        return [
            f"({self.owners[v.entry].word.text}, {self.owners[v.entry].name}: "
            f"not counted, {reasons[v.reason].format(v.by)})"
            for v in self.matcher.verdicts(masked)
            if v.reason and self.owners[v.entry].kind == "term"
        ]

    def _masked_alone(self, text: str) -> tuple[str, list[Name]]:
        masked = self.masker.mask(given_sentences([text]))
        return masked.text[0], list(masked.names[0])

    def evidence(self, batch: SentenceBatch) -> Evidence:
        """Cues, voice, target, aspects and speaker of every sentence."""
        masked = self.masker.mask(batch)
        own = found(masked.text, self.matcher.find(masked.text), self._words)
        named = masked.has(TARGET_SIGN) if self.target.aliases else np.ones(len(batch), dtype=bool)
        rival = masked.has(RIVAL_SIGN)
        reports = discourse.voices(
            batch, masked.text, own.modifiers("report"), self._reach("report")
        )
        on_target = discourse.on_target(batch, named, rival, own.near_head("refer"))
        cues = reckon(own, self._scoped, self.resources.modifiers)
        start, end = (masked.all_written(cues.sentence, k) for k in (cues.start, cues.end))
        return Evidence(
            batch=batch,
            masked=masked,
            told=_told(masked.text, cues),
            cues=replace(cues, start=start, end=end),
            named=named,
            rival=rival,
            on_target=on_target & ~own.near_head("aside"),
            rhetorical=own.rhetorical(self.resources.modifiers),
            quoted=np.array([report is not None for report in reports], dtype=bool),
            aspects=self._aspects(masked, own),
            speakers=self._speakers(batch, masked, own, reports),
        )

    def _reach(self, effect: str) -> int:
        known = self.resources.modifiers.values()
        return max((m.reach for m in known if m.effect == effect), default=0)

    def _aspects(self, masked: MaskedBatch, own: Found) -> NDArray[np.bool_]:
        table = np.zeros((len(masked.text), len(self.aspect_names)), dtype=bool)
        hits = own.of("aspect")
        table[own.sentence[hits], own.words.lexicon[own.entry[hits]]] = True
        rows, entries = masked.named
        aspect = np.array(self._aspect_of, dtype=np.int64)[entries]
        table[rows[aspect >= 0], aspect[aspect >= 0]] = True
        return table

    def _speakers(
        self,
        batch: SentenceBatch,
        masked: MaskedBatch,
        own: Found,
        reports: Sequence[discourse.Report | None],
    ) -> list[discourse.Speaker | None]:
        kinds = [speaker.name for speaker in self.resources.speakers]
        nouns: dict[int, list[tuple[int, int, str]]] = {}
        for row, start, end, owner in own.owned(own.of("speaker")):
            nouns.setdefault(row, []).append((start, end, kinds[owner.lexicon]))
        told: list[discourse.Speaker | None] = [None] * len(reports)
        subjects = [
            (row, *report.subject)
            for row, report in enumerate(reports)
            if report is not None and report.subject is not None
        ]
        rows, starts, ends = np.array(subjects, dtype=np.int64).reshape(-1, 3).T
        written = (masked.all_written(rows, places).tolist() for places in (starts, ends))
        for (row, start, end), first, last in zip(subjects, *written, strict=True):
            inside = [noun for noun in nouns.get(row, ()) if start <= noun[0] and noun[1] <= end]
            persons = [
                name.alias.kind == "person"
                for name in masked.names[row]
                if first <= name.start and name.end <= last
            ]
            told[row] = discourse.speaker(batch.text[row][first:last], inside, persons)
        return told


_DENIED = {1: "\ue004", 0: "\ue005", -1: "\ue006"}
_TURNED = {1: "\ue007", 0: "\ue008", -1: "\ue009"}
NUMBER_SIGN = "\ue003"
"""Stands for a number that counts or measures."""
SIGNS = {
    NUMBER_SIGN: "[number]",
    **dict.fromkeys(_DENIED.values(), "[denied]"),
    **{sign: f"[compared {polarity:+d}]" for polarity, sign in _TURNED.items() if polarity},
    _TURNED[0]: "[of a rival]",
}
"""How the signs of `Evidence.told` are shown."""
# Before a measure word or of a hundred and more, so that 万一 and 千方百计 are none; 一 alone is an
# article (一家公司), and some words only look like a number with its measure (十分满意).
_NUMBER = re.compile(
    "(?=[0-9一二两三四五六七八九十百千万亿半几零〇])(?!百度|十分[^钟之]|万分|半点[^钟]|千篇|百口|四分五裂)"
    "(?:(?:[0-9]+(?:[.,][0-9]+)*[十百千万亿]*|[二两三四五六七八九十百千万亿半几零〇]"
    "[一二两三四五六七八九十百千万亿零〇多几半余来]*|一[二三四五六七八九十百千万亿零〇多几半余来]+)"
    "(?=\\s?(?:小时|公里|[年月日天周季号点分秒岁代届期轮个位名人口只头家对双间台架辆座条块片张封件单份"
    "本套款版篇首集部句字层级场次回遍趟页元角毛米吨斤亩度倍成%]))"
    "|(?:[0-9]+(?:[.,][0-9]+)*|[一二两三四五六七八九几][一二两三四五六七八九十百千万亿零]*)"
    "[百千万亿]+[一二三四五六七八九几多余]*)"
)


def _told(texts: Sequence[str], cues: CueColumns) -> list[str]:
    """The sentences with a sign for each denied cue, by what the cue would have said.

    Cues that are turned have one by what they say: 打败 is praise or blame by who stands where.
    Numbers are one sign too: 第九天还 and 第八天还 say the same.
    """
    told = list(texts)
    other: dict[int, list[int]] = {}
    for k in np.flatnonzero(cues.negated | cues.turned).tolist():
        other.setdefault(int(cues.sentence[k]), []).append(k)
    for row, own in other.items():
        text = texts[row]
        done = len(text)
        for k in sorted(own, key=lambda k: -cues.start[k]):
            start, end = int(cues.start[k]), int(cues.end[k])
            if end <= done:
                signs = _DENIED if cues.negated[k] else _TURNED
                text = text[:start] + signs[int(cues.polarity[k])] + text[end:]
                done = start
        told[row] = text
    return [_NUMBER.sub(NUMBER_SIGN, text) for text in told]
