"""What the matcher found in masked sentences, as columns, with what is known of each word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.context import ModifierHit, asks, asserting
from stance.entries import Modifier
from stance.match import Hits
from stance.ragged import Ints

_KINDS = ("term", "modifier", "quantity", "change", "aspect", "speaker")
_DIRECTIONS = ("forward", "backward", "both")
FORWARD, BACKWARD = 0, 1


class Owner(NamedTuple):
    """Whose an entry of the matcher is: its kind, the list's name or number, and the word."""

    kind: str
    lexicon: int
    place: int
    name: str
    word: Any


@dataclass(frozen=True, slots=True)
class Words:
    """What is known of the words behind the entries of a matcher, by entry.

    `weight` and `polarity` are those of terms. `effect` numbers the effects of modifiers and
    `modifier` these themselves, -1 is none; `direction` and `reach` (at most) are the word's own,
    or as its modifier says.
    """

    owners: Sequence[Owner]
    kind: Ints
    lexicon: Ints
    place: Ints
    weight: NDArray[np.float64]
    polarity: Ints
    effects: tuple[str, ...]
    effect: Ints
    modifier: Ints
    direction: Ints
    reach: Ints


def words(owners: Sequence[Owner], modifiers: Mapping[str, Modifier]) -> Words:
    """The columns of some owners."""
    effects = tuple(sorted({modifier.effect for modifier in modifiers.values()}))
    numbers = {name: number for number, name in enumerate(modifiers)}
    acting = []
    for owner in owners:
        row = (-1, -1, 0, 0)
        if owner.kind == "modifier":
            own, term = modifiers[owner.name], owner.word
            side = _DIRECTIONS.index(term.direction or own.direction)
            reached = own.reach if term.reach is None else term.reach
            # As far as a phrase behind the word may take it.
            reached = max(reached, own.far + 1 if own.through else 0)
            row = (effects.index(own.effect), numbers[owner.name], side, reached)
        acting.append(row)
    effect, modifier, direction, reach = np.array(acting, dtype=np.int64).reshape(-1, 4).T
    judging = [owner.word if owner.kind == "term" else None for owner in owners]
    return Words(
        owners=owners,
        kind=np.array([_KINDS.index(owner.kind) for owner in owners], dtype=np.int64),
        lexicon=np.array([owner.lexicon for owner in owners], dtype=np.int64),
        place=np.array([owner.place for owner in owners], dtype=np.int64),
        weight=np.array([term.weight if term else 0.0 for term in judging], dtype=np.float64),
        polarity=np.array([term.polarity if term else 0 for term in judging], dtype=np.int64),
        effects=effects,
        effect=effect,
        modifier=modifier,
        direction=direction,
        reach=reach,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Hits in sentences, as aligned columns ordered by sentence, start, longest and entry."""

    text: Sequence[str]
    words: Words
    sentence: Ints
    start: Ints
    end: Ints
    entry: Ints

    def of(self, kind: str) -> Ints:
        """The numbers of the hits of one kind."""
        return np.flatnonzero(self.words.kind[self.entry] == _KINDS.index(kind))

    def acting(self, *effects: str) -> Ints:
        """The numbers of the hits of modifiers with one of some effects."""
        # The last place is that of -1, no effect.
        wanted = np.array([*(effect in effects for effect in self.words.effects), False])
        return np.flatnonzero(wanted[self.words.effect[self.entry]])

    def modifiers(
        self, effect: str, among: NDArray[np.bool_] | None = None
    ) -> dict[int, list[ModifierHit]]:
        """Words of modifiers with an effect by sentence, in order of their place.

        `among` (n,) marks the sentences that are asked for.
        """
        own = self.acting(effect)
        if among is not None:
            own = own[among[self.sentence[own]]]
        hits: dict[int, list[ModifierHit]] = {}
        for row, start, end, owner in self.owned(own):
            hits.setdefault(row, []).append(ModifierHit(start, end, owner.word))
        return {row: sorted(own, key=itemgetter(0, 1)) for row, own in hits.items()}

    def rhetorical(self, modifiers: Mapping[str, Modifier]) -> NDArray[np.bool_]:
        """(n,) whether a sentence asks what it asserts, whatever else it says."""
        wanted = asserting(modifiers)
        # The last place is that of -1, no modifier.
        among = np.array([*(name in wanted for name in modifiers), False])
        own = np.flatnonzero(among[self.words.modifier[self.entry]])
        asked = np.zeros(len(self.text), dtype=bool)
        for row, start, end, owner in self.owned(own):
            hit = ModifierHit(start, end, owner.word)
            asked[row] |= asks(self.text[row], modifiers[owner.name], hit)
        return asked

    def owned(self, numbers: Ints) -> list[tuple[int, int, int, Owner]]:
        """Sentence, start, end and owner of some hits."""
        owners = [self.words.owners[entry] for entry in self.entry[numbers].tolist()]
        columns = (column[numbers].tolist() for column in (self.sentence, self.start, self.end))
        return list(zip(*columns, owners, strict=True))

    def near_head(self, effect: str) -> NDArray[np.bool_]:
        """(n,) whether a word of a modifier stands within its reach of the sentence's head."""
        near = np.zeros(len(self.text), dtype=bool)
        own = self.acting(effect)
        within = self.start[own] <= self.words.reach[self.entry[own]]
        near[self.sentence[own[within]]] = True
        return near


def found(text: Sequence[str], hits: Hits, words: Words) -> Found:
    """The hits of a matcher of those words in sentences."""
    columns = (hits.sentence, hits.start, hits.end, hits.entry)
    return Found(text, words, *(column.astype(np.int64) for column in columns))
