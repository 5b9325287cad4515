"""Match plus context: every cue of a batch of sentences, with its signed weight and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance import discourse
from stance.constructions import ChangeHit, QuantityHit, comparisons, rises_and_falls
from stance.context import PLAIN, Mark, ModifierHit, Reading, read_cue
from stance.entries import TONE, Lexicons, Modifier, Target, Term, Word
from stance.masking import RIVAL_SIGN, TARGET_SIGN, MaskedBatch, Masker, Name
from stance.match import Entry, Matcher
from stance.text import SentenceBatch, given_sentences


@dataclass(frozen=True, slots=True)
class CueColumns:
    """Cues as aligned columns, ordered by sentence, start and lexicon.

    `lexicon` indexes `CueFinder.lexicons` (the frames, then tone), `term` its terms, -1 where the
    cue is built of several words; `name` is the term, or those words. `start` and `end` count
    inside the sentence as written. `weight` is the term's weight times the degree, at most 1;
    `asserted` in (0, 1] says how far the sentence stands by it; `marks` are the words that say so.
    """

    sentence: NDArray[np.int32]
    lexicon: NDArray[np.int32]
    term: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    weight: NDArray[np.float64]
    polarity: NDArray[np.int8]
    negated: NDArray[np.bool_]
    degree: NDArray[np.float64]
    asserted: NDArray[np.float64]
    name: list[str]
    marks: list[tuple[Mark, ...]]

    def __len__(self) -> int:
        return len(self.sentence)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A batch with all that was found in it: the input of the tone and frame scorers.

    `told` is the masked text with one sign for each denied cue: its words are not what the sentence
    says. `aspects` is (n, number of aspects); `speakers` holds name and kind where the text names
    one.
    """

    batch: SentenceBatch
    masked: MaskedBatch
    told: list[str]
    cues: CueColumns
    named: NDArray[np.bool_]
    rival: NDArray[np.bool_]
    on_target: NDArray[np.bool_]
    quoted: NDArray[np.bool_]
    aspects: NDArray[np.bool_]
    speakers: list[discourse.Speaker | None]


class _Owner(NamedTuple):
    """Whose an entry of the matcher is: its kind, the list's name or number, and the word."""

    kind: str
    lexicon: int
    place: int
    name: str
    word: Any


class _Found(NamedTuple):
    """A hit in masked text with its owner."""

    start: int
    end: int
    owner: _Owner


class _Row(NamedTuple):
    """A cue before it is laid into columns, in masked offsets."""

    start: int
    end: int
    lexicon: int
    term: int
    weight: float
    polarity: int
    reading: Reading
    name: str


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
        self._scoped = [lexicon.scope == "target" for lexicon in own.frames] + [True]
        self.masker = Masker(self.target)
        self.owners: list[_Owner] = []
        entries: list[Entry] = []

        def add(group: str, kind: str, number: int, words: Sequence[Word], bounded: bool) -> None:
            for index, word in enumerate(words):
                entries.append(Entry(f"{kind} {group}", word.spellings, word.unless, bounded))
                self.owners.append(_Owner(kind, number, index, group, word))

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
        n = len(batch)
        found: list[list[_Found]] = [[] for _ in range(n)]
        hits = self.matcher.find(masked.text)
        places = zip(hits.sentence.tolist(), hits.start.tolist(), hits.end.tolist(), strict=True)
        for (row, start, end), entry in zip(places, hits.entry.tolist(), strict=True):
            found[row].append(_Found(start, end, self.owners[entry]))
        modifiers = [_modifier_hits(own) for own in found]
        named = masked.has(TARGET_SIGN) if self.target.aliases else np.ones(n, dtype=bool)
        rival = masked.has(RIVAL_SIGN)
        reports = discourse.voices(
            batch, masked.text, self._with_effect("report", modifiers), self._reach("report")
        )
        refers, aside = self._near_head("refer", modifiers), self._near_head("aside", modifiers)
        rows = [
            self._row(text, own, hits) if own else []
            for text, own, hits in zip(masked.text, found, modifiers, strict=True)
        ]
        return Evidence(
            batch=batch,
            masked=masked,
            told=[_told(text, own) for text, own in zip(masked.text, rows, strict=True)],
            cues=self._cues(masked, rows),
            named=named,
            rival=rival,
            on_target=discourse.on_target(batch, named, rival, refers) & ~aside,
            quoted=np.array([report is not None for report in reports], dtype=bool),
            aspects=self._aspects(masked, found),
            speakers=self._speakers(batch, masked, found, reports),
        )

    def _with_effect(
        self, effect: str, modifiers: Sequence[Mapping[str, Sequence[ModifierHit]]]
    ) -> list[list[ModifierHit]]:
        return [_of(own, self.resources.modifiers, effect) for own in modifiers]

    def _near_head(
        self, effect: str, modifiers: Sequence[Mapping[str, Sequence[ModifierHit]]]
    ) -> NDArray[np.bool_]:
        """(n,) whether a word of a modifier stands within its reach of the sentence's head."""
        own = {m.name: m for m in self.resources.modifiers.values() if m.effect == effect}
        return np.array(
            [
                any(
                    hit.start <= (own[name].reach if hit.term.reach is None else hit.term.reach)
                    for name in own
                    for hit in hits.get(name, ())
                )
                for hits in modifiers
            ],
            dtype=bool,
        )

    def _reach(self, effect: str) -> int:
        known = self.resources.modifiers.values()
        return max((m.reach for m in known if m.effect == effect), default=0)

    def _aspects(self, masked: MaskedBatch, found: Sequence[Sequence[_Found]]) -> NDArray[np.bool_]:
        table = np.zeros((len(found), len(self.aspect_names)), dtype=bool)
        for row, own in enumerate(found):
            for hit in own:
                if hit.owner.kind == "aspect":
                    table[row, hit.owner.lexicon] = True
            for name in masked.names[row]:
                if name.sign == TARGET_SIGN and name.alias.aspect in self.aspect_names:
                    table[row, self.aspect_names.index(name.alias.aspect)] = True
        return table

    def _speakers(
        self,
        batch: SentenceBatch,
        masked: MaskedBatch,
        found: Sequence[Sequence[_Found]],
        reports: Sequence[discourse.Report | None],
    ) -> list[discourse.Speaker | None]:
        kinds = [speaker.name for speaker in self.resources.speakers]
        told: list[discourse.Speaker | None] = []
        for row, report in enumerate(reports):
            if report is None or report.subject is None:
                told.append(None)
                continue
            start, end = report.subject
            own = [
                (hit.start, hit.end, kinds[hit.owner.lexicon])
                for hit in found[row]
                if hit.owner.kind == "speaker" and start <= hit.start and hit.end <= end
            ]
            written = (masked.written(row, start), masked.written(row, end))
            persons = [
                name.alias.kind == "person"
                for name in masked.names[row]
                if written[0] <= name.start and name.end <= written[1]
            ]
            told.append(discourse.speaker(batch.text[row][slice(*written)], own, persons))
        return told

    def _cues(self, masked: MaskedBatch, found: Sequence[Sequence[_Row]]) -> CueColumns:
        rows = [(sentence, row) for sentence, own in enumerate(found) for row in own]
        numbers = np.array(
            [
                (
                    sentence,
                    row.lexicon,
                    row.term,
                    masked.written(sentence, row.start),
                    masked.written(sentence, row.end),
                )
                for sentence, row in rows
            ],
            dtype=np.int32,
        ).reshape(-1, 5)
        readings = [row.reading for _, row in rows]
        return CueColumns(
            sentence=numbers[:, 0],
            lexicon=numbers[:, 1],
            term=numbers[:, 2],
            start=numbers[:, 3],
            end=numbers[:, 4],
            weight=np.array([row.weight for _, row in rows], dtype=np.float64),
            polarity=np.array([row.polarity for _, row in rows], dtype=np.int8),
            negated=np.array([reading.negated for reading in readings], dtype=bool),
            degree=np.array([reading.degree for reading in readings], dtype=np.float64),
            asserted=np.array([reading.asserted for reading in readings], dtype=np.float64),
            name=[row.name for _, row in rows],
            marks=[reading.marks for reading in readings],
        )

    def _row(
        self, text: str, own: Sequence[_Found], modifiers: Mapping[str, Sequence[ModifierHit]]
    ) -> list[_Row]:
        """The cues of one sentence."""
        known = self.resources.modifiers
        built = rises_and_falls(
            text,
            [QuantityHit(*hit[:2], hit.owner.word) for hit in own if hit.owner.kind == "quantity"],
            [ChangeHit(*hit[:2], hit.owner.word) for hit in own if hit.owner.kind == "change"],
        )
        verbs = _of(modifiers, known, "compare")
        turned: list[tuple[int, int]] = []
        if verbs:
            sides, turned = comparisons(
                text, verbs, _of(modifiers, known, "rival"), _of(modifiers, known, "judge")
            )
            built += sides
        rows: list[_Row] = []
        # Hits are ordered by start, longer first: `outer` is what may still cover a later one.
        outer: list[tuple[int, int, int]] = []
        for hit in own:
            if hit.owner.kind != "term":
                continue
            start, end, owner = hit
            term: Term = owner.word
            outer = [cover for cover in outer if start < cover[1]]
            polarity = int(term.polarity)
            covers = [cover[2] for cover in outer if end <= cover[1]]
            outer.append((start, end, polarity))
            scoped = self._scoped[owner.lexicon]
            if covers and scoped:
                continue  # 信心 inside 失去信心: the longer term has judged
            if any(cover * polarity < 0 for cover in covers):
                polarity = 0  # 增长 inside 增长乏力 is about the market still, but no praise
            over = [b for b in built if any(a < end and start < z for a, z in b.parts)]
            if over and polarity:
                # 下降 in 成本下降, 超越 where a rival does it: the construction has judged.
                if scoped and any(one.polarity * polarity < 0 for one in over):
                    continue
                polarity = 0
            if any(a <= start and end <= z for a, z in turned):
                if scoped and owner.lexicon < len(self._scoped) - 1:
                    continue  # praise of the rival that the target is measured against
                polarity = -polarity
            reading = read_cue(text, (start, end), known, modifiers) if modifiers else PLAIN
            weight = min(1.0, term.weight * reading.degree)
            rows.append(
                _Row(start, end, owner.lexicon, owner.place, weight, polarity, reading, term.text)
            )
        tone = len(self.lexicons) - 1
        for one in built:
            reading = read_cue(text, one.focus, known, modifiers) if modifiers else PLAIN
            weight = min(1.0, one.weight * reading.degree)
            rows.append(_Row(one.start, one.end, tone, -1, weight, one.polarity, reading, one.name))
        return sorted(rows, key=lambda row: (row.start, row.lexicon, row.end))


_DENIED = {1: "\ue004", 0: "\ue005", -1: "\ue006"}


def _told(text: str, rows: Sequence[_Row]) -> str:
    """A sentence with a sign for each denied cue, by what the cue would have said."""
    done = len(text)
    for row in sorted(rows, key=lambda row: -row.start):
        if row.reading.negated and row.end <= done:
            text = text[: row.start] + _DENIED[row.polarity] + text[row.end :]
            done = row.start
    return text


def _modifier_hits(own: Sequence[_Found]) -> dict[str, list[ModifierHit]]:
    hits: dict[str, list[ModifierHit]] = {}
    for start, end, owner in own:
        if owner.kind == "modifier":
            hits.setdefault(owner.name, []).append(ModifierHit(start, end, owner.word))
    return hits


def _of(
    hits: Mapping[str, Sequence[ModifierHit]], known: Mapping[str, Modifier], effect: str
) -> list[ModifierHit]:
    own = [hit for name, some in hits.items() if known[name].effect == effect for hit in some]
    return sorted(own, key=lambda hit: hit[:2])
