"""Names out of the text: each becomes one sign, so that no name can carry evidence by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.entries import Alias, Target, normal_form
from stance.match import Entry, Matcher
from stance.ragged import Ints
from stance.text import SentenceBatch

TARGET_SIGN, RIVAL_SIGN = "\ue000", "\ue001"
"""What stands in masked text for a name of the target and of a rival."""
# Offsets in a sentence take fewer bits than this.
_BITS = 32


class Name(NamedTuple):
    """A name at `[start, end)` of a sentence as written; `sign` says whose, `alias` which."""

    start: int
    end: int
    sign: str
    alias: Alias


@dataclass(frozen=True, slots=True)
class MaskedBatch:
    """Sentences in normal form with one sign for each name, and the way back.

    Whatever reads `text` gives the same answer for every company: only the signs are left. `named`
    are sentence and owner (by `Masker.owners`) of every name, in order.
    """

    text: list[str]
    names: list[tuple[Name, ...]]
    named: tuple[Ints, Ints]
    _places: Ints
    _grown: Ints

    def written(self, sentence: int, offset: int) -> int:
        """The offset in the sentence as written of an offset in its masked text."""
        return int(self.all_written(np.array([sentence]), np.array([offset]))[0])

    def all_written(
        self, sentence: NDArray[np.integer], offset: NDArray[np.integer]
    ) -> NDArray[np.int32]:
        """`written` of many."""
        row = sentence.astype(np.int64) << _BITS
        # How much longer than their signs the names before it in its sentence are.
        before, first = (
            np.searchsorted(self._places, row + offset),
            np.searchsorted(self._places, row),
        )
        return (offset + self._grown[before] - self._grown[first]).astype(np.int32)

    def has(self, sign: str) -> NDArray[np.bool_]:
        """(n,) whether each sentence holds a name with this sign."""
        held = [bool(own) and any(name.sign == sign for name in own) for own in self.names]
        return np.array(held, dtype=bool)


@dataclass
class Masker:
    """Finds and masks the names of one target and its rivals. Picklable.

    `owners` are sign and alias behind each entry of the matcher.
    """

    target: Target
    owners: list[tuple[str, Alias]] = field(init=False, repr=False)
    matcher: Matcher = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.owners = [(TARGET_SIGN, alias) for alias in self.target.aliases]
        self.owners += [(RIVAL_SIGN, rival) for rival in self.target.rivals]
        self.matcher = Matcher(
            [Entry("name", alias.spellings, alias.unless) for _, alias in self.owners]
        )
        self._not_with = {
            entry: [normal_form(word) for word in alias.not_with]
            for entry, (_, alias) in enumerate(self.owners)
            if alias.not_with
        }

    def mask(self, batch: SentenceBatch) -> MaskedBatch:
        """Every sentence with its names masked. Of overlapping names the earlier one stands."""
        text = list(batch.normal)
        names: list[tuple[Name, ...]] = [()] * len(batch)
        signs: list[tuple[int, int, int, int]] = []
        for row, own in self._found(batch).items():
            parts: list[str] = []
            done = masked = 0
            for start, end, entry in own:
                masked += start - done
                signs.append((row, entry, (row << _BITS) + masked, end - start - 1))
                parts += (text[row][done:start], self.owners[entry][0])
                masked, done = masked + 1, end
            text[row] = "".join((*parts, text[row][done:]))
            names[row] = tuple(Name(a, b, *self.owners[entry]) for a, b, entry in own)
        rows, entries, places, grown = np.array(signs, dtype=np.int64).reshape(-1, 4).T
        return MaskedBatch(text, names, (rows, entries), places, np.append(0, np.cumsum(grown)))

    def _found(self, batch: SentenceBatch) -> dict[int, list[tuple[int, int, int]]]:
        """Start, end and entry of the names of each sentence that holds any."""
        found: dict[int, list[tuple[int, int, int]]] = {}
        hits = self.matcher.find(batch.normal)
        others: dict[tuple[int, int], bool] = {}
        columns = (hits.sentence, hits.start, hits.end, hits.entry)
        for row, start, end, entry in zip(*(c.tolist() for c in columns), strict=True):
            if entry in self._not_with:
                key = (int(batch.document[row]), entry)
                if key not in others:
                    others[key] = self._is_another(batch, *key)
                if others[key]:
                    continue
            own = found.setdefault(row, [])
            if not own or start >= own[-1][1]:
                own.append((start, end, entry))
        return found

    def _is_another(self, batch: SentenceBatch, document: int, entry: int) -> bool:
        """Whether a name is somebody else's in an article."""
        rows = np.flatnonzero(batch.document == document).tolist()
        article = "\n".join([batch.normal[row] for row in rows])
        return any(word in article for word in self._not_with[entry])
