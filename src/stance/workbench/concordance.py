"""A term in its contexts: every place in a corpus, what it counted for there, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stance.cues import CueFinder, Evidence
from stance.entries import TONE, Term, Word, normal_form
from stance.errors import InputError
from stance.lexicon import load_lexicons, load_target
from stance.reading import read
from stance.text import split_documents

_POLARITY = {1: "praise", 0: "no judgement", -1: "blame"}
_REASONS = {
    "unless": "not counted: stands in “{by}”, which `unless` excepts",
    "word": "not counted: no word begins or ends there",
    "longer": "not counted: the longer “{by}” of the same list stands there",
    "outer": "not counted: a longer term of another list judges there",
    "name": "not counted: part of a name",
    "none": "in no list",
}


@dataclass(frozen=True, slots=True)
class KeyInContext:
    """One place of a term: `left`, `key` and `right` as written, and what it counted for."""

    source: str
    path: str
    sentence: int
    left: str
    key: str
    right: str
    counted: bool
    why: str


def lexicon_show(
    term: str,
    inputs: Sequence[str | Path],
    *,
    target: str | Path = "alibaba",
    lexicons: str | Path | None = None,
    width: int = 16,
) -> list[KeyInContext]:
    """Every place of `term` (or a variant of its entry) in a corpus, by source, path and place.

    Raises:
        InputError: no article, or `term` is empty.
    """
    if not term.strip():
        raise InputError("give the term to look for")
    documents = read([Path(path) for path in inputs])
    folder = None if lexicons is None else Path(lexicons)
    finder = CueFinder(load_lexicons(folder), load_target(target))
    entries = [k for k, own in enumerate(finder.owners) if _is(own.word, term)]
    # The variants of a term are spellings of it; those of a modifier are other words.
    words = [finder.owners[k].word for k in entries if isinstance(finder.owners[k].word, Term)]
    spellings = {normal_form(s) for word in words for s in word.spellings} | {normal_form(term)}
    evidence = finder.evidence(split_documents([document.text for document in documents]))
    batch = evidence.batch
    cues = evidence.cues
    at = {
        (int(cues.sentence[k]), int(cues.start[k]), int(cues.lexicon[k]), cues.name[k]): k
        for k in range(len(cues))
    }
    found: list[KeyInContext] = []
    index = -1
    for row, follows in enumerate(batch.follows().tolist()):
        index = index + 1 if follows else 0
        if not any(spelling in batch.normal[row] for spelling in spellings):
            continue
        places = _judged(finder, evidence, row, entries, spellings, at)
        places |= _unjudged(evidence, row, spellings, places)
        document, text = documents[int(batch.document[row])], batch.text[row]
        for (start, end), (counts, why) in sorted(places.items()):
            found.append(
                KeyInContext(
                    source=document.source or "?",
                    path=document.path,
                    sentence=index,
                    left=text[max(0, start - width) : start],
                    key=text[start:end],
                    right=text[end : end + width],
                    counted=counts,
                    why=why,
                )
            )
    return sorted(found, key=lambda one: (one.source, one.path, one.sentence))


_Places = dict[tuple[int, int], tuple[bool, str]]


def _judged(
    finder: CueFinder,
    evidence: Evidence,
    row: int,
    entries: Sequence[int],
    spellings: Collection[str],
    at: Mapping[tuple[int, int, int, str], int],
) -> _Places:
    """The places that the matcher saw: whether each counts, and for what or why not."""
    masked = evidence.masked
    places: _Places = {}
    for verdict in finder.matcher.verdicts(masked.text[row]):
        surface = masked.text[row][verdict.start : verdict.end]
        if verdict.entry not in entries or surface not in spellings:
            continue
        owner = finder.owners[verdict.entry]
        place = (masked.written(row, verdict.start), masked.written(row, verdict.end))
        if verdict.reason:
            told = (False, _REASONS[verdict.reason].format(by=verdict.by))
        elif isinstance(owner.word, Term):
            cue = at.get((row, place[0], owner.lexicon, owner.word.text))
            told = (False, _REASONS["outer"])
            if cue is not None:
                told = (True, _told(finder, evidence, cue))
        else:
            told = (True, f"{owner.kind} of the list {owner.name}")
        if place not in places or (told[0] and not places[place][0]):
            places[place] = told
    return places


def _unjudged(
    evidence: Evidence, row: int, spellings: Collection[str], known: Collection[tuple[int, int]]
) -> _Places:
    """The places that the matcher did not see: inside a name, or a word of no list."""
    text, names = evidence.batch.normal[row], evidence.masked.names[row]
    places: _Places = {}
    for spelling in sorted(spellings):
        start = text.find(spelling)
        while start >= 0:
            end = start + len(spelling)
            if not any(a <= start and end <= z for a, z in known):
                in_name = any(name.start < end and start < name.end for name in names)
                places[start, end] = (False, _REASONS["name" if in_name else "none"])
            start = text.find(spelling, start + 1)
    return places


def _told(finder: CueFinder, evidence: Evidence, cue: int) -> str:
    cues, row = evidence.cues, int(evidence.cues.sentence[cue])
    lexicon = finder.lexicon_names[int(cues.lexicon[cue])]
    parts = [
        "tone" if lexicon == TONE else lexicon,
        f"weight {cues.weight[cue]:.2f}",
        _POLARITY[int(cues.polarity[cue])],
        *(["negated"] if cues.negated[cue] else []),
        *(f"{mark.modifier} {mark.surface}" for mark in cues.marks[cue]),
        *([f"asserted {cues.asserted[cue]:.0%}"] if cues.asserted[cue] < 1 else []),
        "quoted" if evidence.quoted[row] else "author",
        *([] if evidence.on_target[row] else ["off target"]),
    ]
    return ", ".join(parts)


def _is(word: Word, term: str) -> bool:
    return normal_form(term) in {normal_form(spelling) for spelling in word.spellings}
