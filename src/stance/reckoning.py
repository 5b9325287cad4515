"""From words that were found to cues: which terms count, what several words make, how they read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.constructions import Built, ChangeHit, QuantityHit, comparisons, rises_and_falls
from stance.context import PLAIN, Cue, Mark, ModifierHit, Reading, read_cue
from stance.entries import Modifier
from stance.found import BACKWARD, FORWARD, Found
from stance.masking import RIVAL_SIGN, TARGET_SIGN
from stance.opposition import Judging, Region, oppositions, reading_at, sides_of
from stance.ragged import Ints, between, join

# Offsets in a sentence take fewer bits than this.
_BITS = 32
# Between two members of a list: what still belongs to the first, a sign of union, what opens the
# second. A negator there begins anew: 没有垄断、没有造假.
_WITHIN = "[^，,。；;：:！!？?“”、不没无未非而但]{0,4}"
_LIST = re.compile(f"{_WITHIN}(?:、|或者?|和|及|以及|与){_WITHIN}")
_LIST_GAP = 10


@dataclass(frozen=True, slots=True)
class CueColumns:
    """Cues as aligned columns, ordered by sentence, start and lexicon.

    `lexicon` indexes `CueFinder.lexicons` (the frames, then tone), `term` its terms, -1 where the
    cue is built of several words; `name` is the term, or those words. `start` and `end` count
    inside the sentence as written. `turned` marks what its words alone do not say, but who stands
    where: a comparison, and what is said of a rival that the target is set against. `weight` is the
    term's weight times the degree, at most 1; `asserted` in (0, 1] says how far the sentence stands
    by it; `marks` are the words that say so.
    """

    sentence: NDArray[np.int32]
    lexicon: NDArray[np.int32]
    term: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    weight: NDArray[np.float64]
    polarity: NDArray[np.int8]
    negated: NDArray[np.bool_]
    turned: NDArray[np.bool_]
    degree: NDArray[np.float64]
    asserted: NDArray[np.float64]
    name: list[str]
    marks: list[tuple[Mark, ...]]

    def __len__(self) -> int:
        return len(self.sentence)


def reckon(
    found: Found, scoped: NDArray[np.bool_], modifiers: Mapping[str, Modifier]
) -> CueColumns:
    """The cues of sentences, at offsets in the masked text.

    `scoped` says of each lexicon whether it judges the target; the last one is that of tone.
    """
    own, polarity = _counting(found, scoped)
    built: list[tuple[int, Built]] = []
    dropped, turned = np.zeros(len(own), dtype=bool), np.zeros(len(own), dtype=bool)
    bounds = np.searchsorted(found.sentence[own], np.arange(len(found.text) + 1)).tolist()
    places = list(zip(found.start[own].tolist(), found.end[own].tolist(), strict=True))
    lexicons, signs = found.words.lexicon[found.entry[own]].tolist(), polarity.tolist()
    judging: dict[int, list[Judging]] = {}
    named = _named(found)
    for row in np.flatnonzero(named.target & named.other).tolist():
        own_of = range(bounds[row], bounds[row + 1])
        judging[row] = [Judging(*places[k], signs[k]) for k in own_of if signs[k]]
    for row, made, regions in _constructions(found, named, judging):
        built += [(row, one) for one in made]
        for k in range(bounds[row], bounds[row + 1]):
            place, lexicon, sign = places[k], lexicons[k], signs[k]
            over = [b for b in made if any(a < place[1] and place[0] < z for a, z in b.parts)]
            if over and sign:
                # 下降 in 成本下降, 超越 where a rival does it: the construction has judged.
                dropped[k] |= scoped[lexicon] and any(one.polarity * sign < 0 for one in over)
                sign = 0
            polarity[k] = reading_at(regions, *place, sign)
            turned[k] = polarity[k] != sign
            if turned[k] and scoped[lexicon] and lexicon < len(scoped) - 1:
                # Praise of the rival that the target is measured against frames nothing.
                if polarity[k] and not dropped[k]:
                    built.append((row, _as_tone(found, int(own[k]), int(polarity[k]))))
                dropped[k] = True
    read = (own[~dropped], polarity[~dropped], turned[~dropped])
    return _columns(found, *read, built, len(scoped) - 1, modifiers)


def _as_tone(found: Found, hit: int, polarity: int) -> Built:
    """A term of a frame as a cue of tone alone."""
    place = (int(found.start[hit]), int(found.end[hit]))
    entry = int(found.entry[hit])
    name = found.words.owners[entry].word.text
    return Built(*place, place, (), name, polarity, float(found.words.weight[entry]), True)


def _counting(found: Found, scoped: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The terms that are not judged by a longer one around them, with their polarity."""
    own = found.of("term")
    entry = found.entry[own]
    polarity = found.words.polarity[entry]
    # Hits are ordered by start, longer first: what ends no later than one before it lies in it.
    end = (found.sentence[own] << _BITS) + found.end[own]
    covered = _reach(end) >= end
    good, bad = _reach(np.where(polarity > 0, end, -1)), _reach(np.where(polarity < 0, end, -1))
    # 增长 inside 增长乏力 is about the market still, but no praise.
    opposed = np.where(polarity > 0, bad, good) >= end
    # 骂声 inside 骂声一片, which is of tone: the frame is the same, and the longer term has judged.
    lexicon, tone = found.words.lexicon[entry], len(scoped) - 1
    judging = np.where(lexicon == tone, polarity, 0)
    up, down = _reach(np.where(judging > 0, end, -1)), _reach(np.where(judging < 0, end, -1))
    alike = ((polarity > 0) & (up >= end)) | ((polarity < 0) & (down >= end))
    alike &= (lexicon != tone) & ~opposed
    polarity = np.where(opposed | alike, 0, polarity)
    # 信心 inside 失去信心: the longer term has judged.
    counts = ~(covered & scoped[lexicon]) | alike
    return own[counts], polarity[counts]


def _reach(end: Ints) -> Ints:
    """How far those before each go."""
    return np.append(-1, np.maximum.accumulate(end)[:-1]) if len(end) else end


@dataclass(frozen=True, slots=True)
class _Named:
    """(n,) whether a sentence names the target, and whether it names somebody else."""

    target: NDArray[np.bool_]
    other: NDArray[np.bool_]


def _named(found: Found) -> _Named:
    whole = join(found.text)
    other = whole.holds(RIVAL_SIGN)
    other[found.sentence[found.acting("rival")]] = True
    return _Named(whole.holds(TARGET_SIGN), other)


def _constructions(
    found: Found, named: _Named, judging: Mapping[int, Sequence[Judging]]
) -> Iterator[tuple[int, list[Built], list[Region]]]:
    """Of the sentences that have any: cues of several words, and where a rival is spoken of.

    `judging` are the judgements of those that name the target and somebody else.
    """
    quantities, changes = found.of("quantity"), found.of("change")
    some, both = named.target | named.other, named.target & named.other
    among = {"compare": some, "rival": some, "judge": some, "oppose": both}
    words = {effect: found.modifiers(effect, rows) for effect, rows in among.items()}
    moved = np.intersect1d(found.sentence[quantities], found.sentence[changes])
    wanted = np.append(moved, [*words["compare"]]).astype(np.int64)
    quantities = quantities[np.isin(found.sentence[quantities], wanted)]
    changes = changes[np.isin(found.sentence[changes], moved)]
    quantity_hits: dict[int, list[QuantityHit]] = {}
    change_hits: dict[int, list[ChangeHit]] = {}
    for row, start, end, owner in found.owned(quantities):
        quantity_hits.setdefault(row, []).append(QuantityHit(start, end, owner.word))
    for row, start, end, owner in found.owned(changes):
        change_hits.setdefault(row, []).append(ChangeHit(start, end, owner.word))
    for row in sorted({*quantity_hits, *words["compare"], *judging}):
        text = found.text[row]
        verbs, rivals, judgements, opposing = (words[effect].get(row, ()) for effect in words)
        amounts = quantity_hits.get(row, ())
        built = rises_and_falls(text, amounts, change_hits.get(row, ()))
        regions: list[Region] = []
        sides = sides_of(text, rivals) if verbs or row in judging else []
        compared: list[Built] = []
        if verbs:
            compared, regions = comparisons(text, verbs, sides, judgements, amounts)
        if row in judging:
            made = [Judging(*one.focus, one.polarity) for one in (*built, *compared)]
            definite = [hit for hit in rivals if hit.term.factor != 0]
            somebody = sides if len(definite) == len(rivals) else sides_of(text, definite)
            judged = [*judging[row], *made]
            regions += oppositions(text, somebody, opposing, judged, compared=bool(compared))
        if built or compared or regions:
            signs = [reading_at(regions, *one.focus, one.polarity) for one in built]
            seen = [
                one._replace(polarity=k, turned=k != one.polarity)
                for one, k in zip(built, signs, strict=True)
            ]
            yield row, [*seen, *compared], regions


def _columns(
    found: Found,
    own: Ints,
    polarity: Ints,
    turned: NDArray[np.bool_],
    built: Sequence[tuple[int, Built]],
    tone: int,
    modifiers: Mapping[str, Modifier],
) -> CueColumns:
    words, entry = found.words, found.entry[own]
    several = [one for _, one in built]
    rows = np.array([row for row, _ in built], dtype=np.int64)
    places = np.array([(one.start, one.end, *one.focus) for one in several], dtype=np.int64)
    places = places.reshape(-1, 4)
    sentence = np.append(found.sentence[own], rows)
    start = np.append(found.start[own], places[:, 0])
    end = np.append(found.end[own], places[:, 1])
    lexicon = np.append(words.lexicon[entry], np.full(len(built), tone))
    term = np.append(words.place[entry], np.full(len(built), -1))
    weight = np.append(words.weight[entry], [one.weight for one in several])
    sign = np.append(polarity, np.array([one.polarity for one in several], dtype=np.int64))
    turned = np.append(turned, np.array([one.turned for one in several], dtype=bool))
    names = [words.owners[k].word.text for k in entry.tolist()] + [one.name for one in several]
    focus = (
        np.append(found.start[own], places[:, 2]),
        np.append(found.end[own], places[:, 3]),
    )
    order = np.lexsort((end, lexicon, start, sentence))
    judged = (sentence[order], focus[0][order], focus[1][order], sign[order])
    read = _readings(found, *judged, modifiers)
    negated = np.zeros(len(order), dtype=bool)
    degree, asserted = np.ones(len(order)), np.ones(len(order))
    marks: list[tuple[Mark, ...]] = [()] * len(order)
    for k, reading in read.items():
        negated[k], degree[k], asserted[k], marks[k] = reading
    return CueColumns(
        sentence=sentence[order].astype(np.int32),
        lexicon=lexicon[order].astype(np.int32),
        term=term[order].astype(np.int32),
        start=start[order].astype(np.int32),
        end=end[order].astype(np.int32),
        weight=np.minimum(1.0, weight[order] * degree),
        polarity=sign[order].astype(np.int8),
        negated=negated,
        turned=turned[order],
        degree=degree,
        asserted=asserted,
        name=[names[k] for k in order.tolist()],
        marks=marks,
    )


def _inside_terms(found: Found, own: Ints) -> NDArray[np.bool_]:
    """Which hits are only a part of a term: 不 in 不满 denies nothing, in 不满意 it does."""
    terms = found.of("term")
    begins, ends = ((found.sentence << _BITS) + column for column in (found.start, found.end))
    # How far the terms go that begin before each hit, and those that begin no later.
    reach = np.append(-1, np.maximum.accumulate(ends[terms])) if len(terms) else np.array([-1])
    before = reach[np.searchsorted(begins[terms], begins[own])]
    beside = reach[np.searchsorted(begins[terms], begins[own], side="right")]
    return (before >= ends[own]) | (beside > ends[own])


def _readings(
    found: Found,
    sentence: Ints,
    start: Ints,
    end: Ints,
    polarity: Ints,
    modifiers: Mapping[str, Modifier],
) -> dict[int, Reading]:
    """Readings of the cues that a modifier reaches, by number; all others read as they stand."""
    own = found.acting("negate", "degree", "weaken")
    own = own[~_inside_terms(found, own)]
    entry = found.entry[own]
    if not len(own):
        return {}
    first, last = _lists(found, sentence, start, end, polarity)
    # Sentence and offset as one number: what is near another is in the same sentence.
    row = found.sentence[own] << _BITS
    begins, ends = row + found.start[own], row + found.end[own]
    reach, direction = found.words.reach[entry], found.words.direction[entry]
    cue_begins, cue_ends = (sentence << _BITS) + first, (sentence << _BITS) + last
    longest = int((ends - begins).max())
    cue, hit = between(
        np.searchsorted(begins, cue_begins - int(reach.max()) - longest),
        np.searchsorted(begins, cue_ends + int(reach.max()), side="right"),
    )
    # Words inside a list are near its members; `read_cue` looks closer.
    ahead, behind = cue_begins[cue] - ends[hit], begins[hit] - cue_ends[cue]
    forward = (ahead <= reach[hit]) & (direction[hit] != BACKWARD)
    forward &= ends[hit] <= ((sentence << _BITS) + start)[cue]
    backward = (behind <= reach[hit]) & (direction[hit] != FORWARD)
    backward &= begins[hit] >= ((sentence << _BITS) + end)[cue]
    near = np.flatnonzero(forward | backward)
    cue, hit = cue[near], hit[near]
    # Modifiers are heard in the order in which they first stand in the sentence.
    _, earliest, same = np.unique(
        (found.sentence[own] << _BITS) + found.words.modifier[entry],
        return_index=True,
        return_inverse=True,
    )
    rank = earliest[same]
    order = np.lexsort((hit, rank[hit], cue))
    reaching: dict[int, dict[str, list[ModifierHit]]] = {}
    for k, (_, a, b, owner) in zip(cue[order].tolist(), found.owned(own[hit[order]]), strict=True):
        reaching.setdefault(k, {}).setdefault(owner.name, []).append(ModifierHit(a, b, owner.word))
    reached = np.fromiter(reaching, np.int64, len(reaching))
    columns = (column[reached].tolist() for column in (sentence, start, end, polarity, first, last))
    readings = {}
    for k, number, *place in zip(reaching, *columns, strict=True):
        reading = read_cue(found.text[number], Cue(*place), modifiers, reaching[k])
        if reading is not PLAIN:
            readings[k] = reading
    return readings


def _lists(
    found: Found, sentence: Ints, start: Ints, end: Ints, polarity: Ints
) -> tuple[Ints, Ints]:
    """Where the list begins and ends in which each cue stands with others that judge alike."""
    first, last = start.copy(), end.copy()
    denied = np.zeros(len(found.text), dtype=bool)
    denied[found.sentence[found.acting("negate")]] = True
    own = np.flatnonzero((polarity != 0) & denied[sentence])
    gap = start[own[1:]] - end[own[:-1]]
    alike = (polarity[own[1:]] == polarity[own[:-1]]) & (sentence[own[1:]] == sentence[own[:-1]])
    joined = []
    for k in np.flatnonzero(alike & (gap > 0) & (gap <= _LIST_GAP)).tolist():
        one, other = own[k], own[k + 1]
        if _LIST.fullmatch(found.text[int(sentence[one])], int(end[one]), int(start[other])):
            joined.append((one, other))
    for one, other in joined:
        first[other] = first[one]
    for one, other in reversed(joined):
        last[one] = last[other]
    return first, last
