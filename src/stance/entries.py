"""What the word lists hold: terms, modifiers, quantities, names. Plain records, no format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from stance.text import fold, simplify

TONE = "tone"
"""The name that cues of the tone lexicon carry in the column `frame`."""

Direction = Literal["forward", "backward", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word or phrase with its other spellings.

    `unless` are longer words that only look like it, `source` says where it came from, `yes` and
    `no` are sentences in which it must and must not be found.
    """

    text: str
    variants: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    source: str = ""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """The text and its variants."""
        return (self.text, *self.variants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Word):
    """A word that argues for a frame or a tone.

    `weight` in (0, 1] says how far it argues alone, `polarity` what it says of the sentence's
    subject.
    """

    weight: float
    polarity: Literal[-1, 0, 1]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The terms of one frame, or of tone. `scope` "target" counts on-target sentences only."""

    name: str
    label: str
    definition: str
    scope: Literal["any", "target"] = "any"
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifierTerm(Word):
    """A word that changes what stands near it; what is None is as the modifier says.

    With `closed_by` it acts only where one of these follows the cue in the clause: 不是…吗; with
    `undone_by` only where none does: 难道…不…吗; with `across` only where one of these stands
    between word and cue: 没有…那么. With `polarity` it acts on praise (1) or blame
    (-1) alone: 差点. Where it `yields`, an exception counts only if no term begins behind the word
    and ends behind the exception: 不实 excepts 不, but not in 不|实用.
    """

    factor: float | None = None
    direction: Direction | None = None
    reach: int | None = None
    closed_by: tuple[str, ...] = ()
    undone_by: tuple[str, ...] = ()
    across: tuple[str, ...] = ()
    terminators: tuple[str, ...] | None = None
    polarity: Literal[-1, 1] | None = None
    yields: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Modifier:
    """Words of one kind with the side on which they act and how far, in characters.

    `effect` is what they do to a cue that they reach: "negate" turns it around, "degree" makes it
    stronger or weaker by `factor`, "weaken" leaves a mark and takes `factor` of its force,
    "compare" sets two sides against each other, "judge" tells how, "oppose" does so with clauses;
    "report", "refer", "rival" and "aside" (page furniture) act on sentences. Where a modifier acts,
    those in `cancels` do not. With `later` it leaves its own clause alone and acts on those behind
    it; with `once` several of its words at one cue turn it around once: 难道 and 也叫 are one
    question. Where one of `through` opens a phrase right behind its word (没有被困难吓倒), that
    reaches `far`.
    """

    name: str
    definition: str
    effect: Literal[
        "negate",
        "degree",
        "weaken",
        "compare",
        "judge",
        "oppose",
        "report",
        "refer",
        "rival",
        "aside",
    ]
    direction: Direction
    reach: int
    factor: float = 1.0
    terminators: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    later: bool = False
    once: bool = False
    through: tuple[str, ...] = ()
    far: int = 0
    terms: tuple[ModifierTerm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Word):
    """Something that rises and falls; `good` says whether more of it is good for its company."""

    good: Literal[-1, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Word):
    """A word that says a quantity rises (1) or falls (-1)."""

    direction: Literal[-1, 1]
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """Plain words of one kind: an aspect of a company, or a kind of speaker."""

    name: str
    label: str
    label_zh: str
    definition: str
    terms: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(Word):
    """A name of the target or of a rival.

    `aspect` is the side of the company that it stands for. In an article with one of the words in
    `not_with` the name is somebody else's: a browser beside quarks.
    """

    kind: Literal["group", "unit", "product", "person", "ticker", "affiliate"] = "group"
    aspect: str | None = None
    not_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The company spoken of: its names, its rivals, and the labels that the report shows."""

    name: str
    label: str
    label_zh: str
    aliases: tuple[Alias, ...] = ()
    rivals: tuple[Alias, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicons:
    """Everything under lexicons/ but the targets.

    `digest` is of all files, `model_digest` of those that models read: not aspects and speakers.
    """

    frames: tuple[Lexicon, ...]
    tones: tuple[Lexicon, ...]
    modifiers: Mapping[str, Modifier]
    quantities: tuple[Quantity, ...] = ()
    changes: tuple[Change, ...] = ()
    aspects: tuple[WordList, ...] = ()
    speakers: tuple[WordList, ...] = ()
    digest: str
    model_digest: str

    @property
    def tone(self) -> Lexicon:
        """All lists of tone as one, under the name of the first."""
        return replace(self.tones[0], terms=tuple(t for one in self.tones for t in one.terms))


NO_TARGET = Target(name="none", label="no target", label_zh="不设目标", digest="none")
"""`--target none`: every sentence counts."""


def normal_form(text: str) -> str:
    """How a spelling is compared with running text: half width, lower case, simplified."""
    return simplify(fold(text))
