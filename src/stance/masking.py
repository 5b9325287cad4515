"""Names out of the text: each becomes one sign, so that no name can carry evidence by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.entries import Alias, Target, normal_form
from stance.match import Entry, Matcher
from stance.text import SentenceBatch

TARGET_SIGN, RIVAL_SIGN = "\ue000", "\ue001"
"""What stands in masked text for a name of the target and of a rival."""


class Name(NamedTuple):
    """A name at `[start, end)` of a sentence as written; `sign` says whose, `alias` which."""

    start: int
    end: int
    sign: str
    alias: Alias


@dataclass(frozen=True, slots=True)
class MaskedBatch:
    """Sentences in normal form with one sign for each name, and the way back.

    Whatever reads `text` gives the same answer for every company: only the signs are left.
    """

    text: list[str]
    names: list[tuple[Name, ...]]
    _places: list[Sequence[int] | None]

    def written(self, sentence: int, offset: int) -> int:
        """The offset in the sentence as written of an offset in its masked text."""
        places = self._places[sentence]
        return offset if places is None else places[offset]

    def has(self, sign: str) -> NDArray[np.bool_]:
        """(n,) whether each sentence holds a name with this sign."""
        return np.array([any(n.sign == sign for n in own) for own in self.names], dtype=bool)


@dataclass
class Masker:
    """Finds and masks the names of one target and its rivals. Picklable."""

    target: Target
    matcher: Matcher = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._owners = [(TARGET_SIGN, alias) for alias in self.target.aliases]
        self._owners += [(RIVAL_SIGN, rival) for rival in self.target.rivals]
        self.matcher = Matcher(
            [Entry("name", alias.spellings, alias.unless) for _, alias in self._owners]
        )

    def mask(self, batch: SentenceBatch) -> MaskedBatch:
        """Every sentence with its names masked. Of overlapping names the earlier one stands."""
        names: list[list[Name]] = [[] for _ in range(len(batch))]
        others = self._others(batch)
        hits = self.matcher.find(batch.normal)
        rows = zip(hits.sentence.tolist(), hits.start.tolist(), hits.end.tolist(), strict=True)
        for (row, start, end), entry in zip(rows, hits.entry.tolist(), strict=True):
            own = names[row]
            if (int(batch.document[row]), entry) in others:
                continue
            if not own or start >= own[-1].end:
                own.append(Name(start, end, *self._owners[entry]))
        masked = [_masked(text, own) for text, own in zip(batch.normal, names, strict=True)]
        return MaskedBatch(
            [text for text, _ in masked],
            [tuple(own) for own in names],
            [places for _, places in masked],
        )

    def _others(self, batch: SentenceBatch) -> set[tuple[int, int]]:
        """Document and entry where a name is somebody else's in that article."""
        wary = [
            (entry, [normal_form(word) for word in alias.not_with])
            for entry, (_, alias) in enumerate(self._owners)
            if alias.not_with
        ]
        return {
            (document, entry)
            for text, document in zip(batch.normal, batch.document.tolist(), strict=True)
            for entry, words in wary
            if any(word in text for word in words)
        }


def _masked(text: str, names: Sequence[Name]) -> tuple[str, Sequence[int] | None]:
    if not names:
        return text, None
    parts: list[str] = []
    places: list[int] = []
    done = 0
    for name in names:
        parts += (text[done : name.start], name.sign)
        places += range(done, name.start + 1)
        done = name.end
    parts.append(text[done:])
    places += range(done, len(text) + 1)
    return "".join(parts), places
