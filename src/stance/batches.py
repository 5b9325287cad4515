"""What is read, cut into batches; of each what an earlier run has made, and what is to be made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from stance.analyzer import BATCH
from stance.cache import Cache
from stance.errors import InputError
from stance.parts import Part, joined, taken
from stance.reading.raw import Raw
from stance.store import folder
from stance.text import encodable
from stance.types import Skipped


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch on its way: what was left out before its end, its keys, its parts that are kept.

    `hits` are parts with the places of the raws in the batch that they hold, `missing` the places
    of the rest.
    """

    skipped: list[Skipped]
    keys: list[bytes]
    hits: list[tuple[Part, list[int]]]
    missing: list[int]

    def whole(self, made: Part | None, kept: Cache) -> Part | None:
        """The part of the whole batch, its raws in their order; what was made is kept now.

        None for a batch without raws.
        """
        parts = list(self.hits)
        if made is not None:
            kept.add([self.keys[place] for place in self.missing], made)
            parts.append((made, self.missing))
        if len(parts) <= 1:
            return parts[0][0] if parts else None
        at = {place: (part, k) for part, places in parts for k, place in enumerate(places)}
        runs = groupby((at[place] for place in range(len(self.keys))), key=lambda one: id(one[0]))
        pieces = ([*run] for _, run in runs)
        return joined([taken(run[0][0], [k for _, k in run]) for run in pieces])


def batched(
    found: Iterable[Raw | Skipped], kept: Cache, digest: bytes, *, resume: bool = False
) -> Iterator[tuple[Batch, list[Raw]]]:
    """Batches, each with those of its raws that are not kept.

    Raises:
        InputError: `resume`, and nothing of the first batch is kept.
    """
    skipped: list[Skipped] = []
    batch: list[Raw] = []
    for one in found:
        if isinstance(one, Skipped):
            skipped.append(Skipped(encodable(one.path), encodable(one.reason)))
            continue
        batch.append(one)
        if len(batch) == BATCH:
            begun = _begun(skipped, batch, kept, digest)
            _check(begun[0], resume)
            yield begun
            skipped, batch, resume = [], [], False
    if batch or skipped:
        begun = _begun(skipped, batch, kept, digest)
        _check(begun[0], resume)
        yield begun


def _check(first: Batch, resume: bool) -> None:
    if resume and first.keys and not first.hits:
        raise InputError(
            "nothing to resume: no work of a run with these articles, settings and versions is "
            f"kept in {folder()}; leave --resume out to begin anew"
        )


def _begun(
    skipped: list[Skipped], raws: list[Raw], kept: Cache, digest: bytes
) -> tuple[Batch, list[Raw]]:
    keys = [_key(raw, digest) for raw in raws]
    by_part: dict[int, list[tuple[int, int]]] = {}
    for place, hit in enumerate(kept.find(keys)):
        if hit is not None:
            by_part.setdefault(hit[0], []).append((hit[1], place))
    hits = []
    for number, places in by_part.items():
        part = kept.part(number)
        if part is not None:
            ordered = sorted(places)
            own = taken(part, [inside for inside, _ in ordered])
            hits.append((own, [place for _, place in ordered]))
    known = {place for _, places in hits for place in places}
    missing = [place for place in range(len(raws)) if place not in known]
    return Batch(skipped, keys, hits, missing), [raws[place] for place in missing]


def _key(raw: Raw, digest: bytes) -> bytes:
    """16 bytes that stand for a raw article and all that its analysis depends on."""
    content = repr(raw).encode("utf-8", "surrogatepass")
    return hashlib.sha256(digest + content).digest()[:16]


def code_digest(signature: Iterable[tuple[str, object]]) -> bytes:
    """The digest of a signature and of this package's own code: another version, other parts."""
    digest = hashlib.sha256(repr(sorted(signature)).encode())
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.digest()
