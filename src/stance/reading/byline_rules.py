"""The rules of `lexicons/reading/bylines.toml`, ready to be asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from stance.lexicon import LEXICONS
from stance.reading.outlets import is_known, is_platform
from stance.reading.rules import compiled, parts, read_form
from stance.tomlfile import TomlFile

BYLINES = LEXICONS / "reading" / "bylines.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One `[[rule]]`; the head of the file says what its keys mean."""

    name: str
    pattern: str
    place: Literal["top", "head", "tail", "edge", "any"]
    longest: int = 120
    needs_known: bool = True
    author_is_source: bool = False
    no_timeline: bool = False
    whole_line: bool = False
    text_says: str | None = None
    text_says_of_value: str | None = None
    yes: tuple[dict[str, str], ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One `[[refusal]]`: what is no value of a field, however it is labelled."""

    field: Literal["source", "author"]
    pattern: str
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One `[[ending]]`: last words by which an unknown name shows itself to be an outlet."""

    text: tuple[str, ...]
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """`[reckoning]`: a date from the day of an event and the days that passed since."""

    passed: str
    held: str
    year: str
    yes: tuple[dict[str, str], ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bylines:
    """All rules of a file with their patterns, ready to be asked."""

    rules: tuple[tuple[Rule, re.Pattern[str]], ...]
    refusals: tuple[tuple[Refusal, re.Pattern[str]], ...]
    endings: tuple[Ending, ...]
    reckoning: Reckoning

    def refuses(self, field: str, value: str) -> bool:
        """Whether a value says nothing, as 来源：网络 does."""
        normal = read_form(value)
        return any(r.field == field and p.fullmatch(normal) for r, p in self.refusals)

    def looks_like_outlet(self, name: str) -> bool:
        """Whether a name is known, or its last words are those of an outlet."""
        if is_known(name):
            return not is_platform(name)
        normal = read_form(name)
        return len(normal) > 2 and any(normal.endswith(ending.text) for ending in self.endings)


@cache
def shipped() -> Bylines:
    """The rules that are shipped."""
    return load_bylines(BYLINES)


def load_bylines(path: Path) -> Bylines:
    """The rules of a file.

    Raises:
        LexiconError: a fault in the file, with its line and its mend.
    """
    file = TomlFile(path)
    file.tables(("parts", "refusal", "ending", "rule", "reckoning"))
    pieces = parts(file)
    rules = file.records("rule", Rule)
    refusals = file.records("refusal", Refusal)
    endings: Sequence[tuple[int, Ending]] = file.records("ending", Ending)
    header = file.header("reckoning", Reckoning)
    own = Bylines(
        tuple((rule, compiled(file, "rule", n, rule.pattern, pieces)) for n, rule in rules),
        tuple((one, compiled(file, "refusal", n, one.pattern, pieces)) for n, one in refusals),
        tuple(one for _, one in endings),
        Reckoning(**(header or {"passed": "(?!)", "held": "(?!)", "year": "(?!)"})),
    )
    file.raise_first()
    return own
