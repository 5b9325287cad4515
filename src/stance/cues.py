"""Match plus context: every cue of a batch of sentences, with its signed weight and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stance import context
from stance.lexicon import TONE, Lexicons, Modifier, ModifierTerm, Target, Term
from stance.match import Entry, Hits, Matcher
from stance.text import SentenceBatch


@dataclass(frozen=True, slots=True)
class CueColumns:
    """Cues as aligned columns, ordered by sentence, start and lexicon.

    `lexicon` indexes `CueFinder.lexicons` (the frames, then tone), `term` its terms. `start` and
    `end` count inside the sentence. `weight` is the term's weight times the degree, at most 1.
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

    def __len__(self) -> int:
        return len(self.sentence)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A batch with all that was found in it: the input of the tone and frame scorers."""

    batch: SentenceBatch
    cues: CueColumns
    named: NDArray[np.bool_]
    rival: NDArray[np.bool_]
    on_target: NDArray[np.bool_]
    quoted: NDArray[np.bool_]


@dataclass
class CueFinder:
    """Finds cues and their context for one set of lexicons and one target. Picklable."""

    resources: Lexicons
    target: Target
    lexicon_names: tuple[str, ...] = field(init=False)
    matcher: Matcher = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.lexicons = (*self.resources.frames, self.resources.tone)
        self.lexicon_names = (*(frame.name for frame in self.resources.frames), TONE)
        self._scoped = [lexicon.scope == "target" for lexicon in self.resources.frames] + [True]
        entries: list[Entry] = []
        self._owners: list[tuple[str, int, int]] = []
        for number, lexicon in enumerate(self.lexicons):
            for index, term in enumerate(lexicon.terms):
                entries.append(Entry(self.lexicon_names[number], term.spellings, term.unless))
                self._owners.append(("term", number, index))
        for modifier in self.resources.modifiers.values():
            for index, word in enumerate(modifier.terms):
                entries.append(Entry(modifier.name, word.spellings, word.unless, bounded=False))
                self._owners.append((modifier.name, 0, index))
        for alias in self.target.aliases:
            entries.append(Entry("alias", alias.spellings, alias.unless))
            self._owners.append(("alias", 0, 0))
        for rival in self.target.rivals:
            entries.append(Entry("rival", rival.spellings, rival.unless))
            self._owners.append(("rival", 0, 0))
        self.matcher = Matcher(entries)

    def term(self, lexicon: int, term: int) -> Term:
        """The term that a row of `CueColumns` speaks of."""
        return self.lexicons[lexicon].terms[term]

    def evidence(self, batch: SentenceBatch) -> Evidence:
        """Cues, voice and target of every sentence."""
        hits = self.matcher.find(batch.normal)
        kinds = [self._owners[entry][0] for entry in hits.entry]
        modifiers = self._modifier_hits(hits, kinds, len(batch))
        named = _any(hits, kinds, "alias", len(batch))
        rival = _any(hits, kinds, "rival", len(batch))
        if not self.target.aliases:
            named = np.ones(len(batch), dtype=bool)
        reference = self.resources.modifiers.get("reference")
        refers = np.zeros(len(batch), dtype=bool)
        if reference:
            for index, found in enumerate(modifiers["reference"]):
                refers[index] = any(start <= reference.reach for start, _, _ in found)
        speech = self.resources.modifiers.get("speech")
        quoted = (
            context.voices(batch, speech, modifiers["speech"])
            if speech
            else np.zeros(len(batch), dtype=bool)
        )
        return Evidence(
            batch=batch,
            cues=self._cues(batch, hits, kinds, modifiers),
            named=named,
            rival=rival,
            on_target=context.on_target(batch, named, rival, refers),
            quoted=quoted,
        )

    def _modifier_hits(
        self, hits: Hits, kinds: list[str], n_sentences: int
    ) -> dict[str, list[list[context.ModifierHit]]]:
        found: dict[str, list[list[context.ModifierHit]]] = {
            name: [[] for _ in range(n_sentences)] for name in self.resources.modifiers
        }
        for row, kind in enumerate(kinds):
            if kind in found:
                word = self._modifier_term(kind, self._owners[hits.entry[row]][2])
                hit = (int(hits.start[row]), int(hits.end[row]), word)
                found[kind][hits.sentence[row]].append(hit)
        return found

    def _modifier_term(self, name: str, index: int) -> ModifierTerm:
        return self.resources.modifiers[name].terms[index]

    def _cues(
        self,
        batch: SentenceBatch,
        hits: Hits,
        kinds: list[str],
        modifiers: dict[str, list[list[context.ModifierHit]]],
    ) -> CueColumns:
        negation = self.resources.modifiers.get("negation")
        degrees = self.resources.modifiers.get("degree")
        rows: list[tuple[int, int, int, int, int]] = []
        values: list[tuple[float, int, bool, float]] = []
        # Hits are ordered by start, longer first: `outer` is what may still cover a later one.
        outer: list[tuple[int, int, int, int]] = []
        for row in (row for row, kind in enumerate(kinds) if kind == "term"):
            sentence = int(hits.sentence[row])
            span = (int(hits.start[row]), int(hits.end[row]))
            _, lexicon, index = self._owners[hits.entry[row]]
            term = self.term(lexicon, index)
            outer = [cover for cover in outer if cover[0] == sentence and span[0] < cover[2]]
            polarity = int(term.polarity)
            covers = [c for c in outer if c[1] <= span[0] and span[1] <= c[2]]
            outer.append((sentence, *span, polarity))
            if covers and self._scoped[lexicon]:
                continue  # 信心 inside 失去信心: the longer term has judged
            if any(cover[3] * polarity < 0 for cover in covers):
                polarity = 0  # 增长 inside 增长乏力 is about the market still, but no praise
            text = batch.normal[sentence]
            negated = _negated(text, span, negation, modifiers, sentence)
            factor = _degree(text, span, degrees, modifiers, sentence)
            rows.append((sentence, lexicon, index, *span))
            values.append((min(1.0, term.weight * factor), polarity, negated, factor))
        columns = np.array(rows, dtype=np.int32).reshape(-1, 5)
        return CueColumns(
            sentence=columns[:, 0],
            lexicon=columns[:, 1],
            term=columns[:, 2],
            start=columns[:, 3],
            end=columns[:, 4],
            weight=np.array([value[0] for value in values], dtype=np.float64),
            polarity=np.array([value[1] for value in values], dtype=np.int8),
            negated=np.array([value[2] for value in values], dtype=bool),
            degree=np.array([value[3] for value in values], dtype=np.float64),
        )


def _any(hits: Hits, kinds: list[str], kind: str, n_sentences: int) -> NDArray[np.bool_]:
    found = np.zeros(n_sentences, dtype=bool)
    for row, name in enumerate(kinds):
        if name == kind:
            found[hits.sentence[row]] = True
    return found


def _negated(
    text: str,
    span: tuple[int, int],
    modifier: Modifier | None,
    hits: dict[str, list[list[context.ModifierHit]]],
    sentence: int,
) -> bool:
    if modifier is None:
        return False
    return context.is_negated(text, span, modifier, hits["negation"][sentence])


def _degree(
    text: str,
    span: tuple[int, int],
    modifier: Modifier | None,
    hits: dict[str, list[list[context.ModifierHit]]],
    sentence: int,
) -> float:
    if modifier is None:
        return 1.0
    return context.degree(text, span, modifier, hits["degree"][sentence])
