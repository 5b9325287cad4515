"""Lexicons, modifiers and targets: TOML files to records. The only module that knows the format."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from stance.errors import LexiconError
from stance.text import fold, simplify

SCHEMA = 1
LONGEST = 64
"""No spelling is longer, in code points."""
LEXICONS = Path(__file__).parent / "lexicons"
TONE = "tone"
"""The name that cues of the tone lexicon carry in the column `frame`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word or phrase that argues for a frame or a tone.

    `weight` in (0, 1] says how far it argues alone, `polarity` what it says of the sentence's
    subject; `unless` are longer words that only look like it. `yes` and `no` are its tests.
    """

    text: str
    weight: float
    polarity: Literal[-1, 0, 1]
    source: str
    variants: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    yes: tuple[str, ...]
    no: tuple[str, ...]

    @property
    def spellings(self) -> tuple[str, ...]:
        """The text and its variants."""
        return (self.text, *self.variants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The terms of one frame, or of tone. `scope` "target" counts on-target sentences only."""

    name: str
    label: str
    definition: str
    scope: Literal["any", "target"] = "any"
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifierTerm:
    """A word that changes what stands near it. `factor` is a degree, 1 leaves a cue as it is."""

    text: str
    variants: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    factor: float = 1.0
    source: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """The text and its variants."""
        return (self.text, *self.variants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Modifier:
    """Words of one kind with the side on which they act and how far, in characters."""

    name: str
    definition: str
    direction: Literal["forward", "backward", "both"]
    reach: int
    terminators: tuple[str, ...] = ()
    terms: tuple[ModifierTerm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A name of the target or of a rival."""

    text: str
    kind: Literal["group", "unit", "product", "person", "ticker"] = "group"
    variants: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """The text and its variants."""
        return (self.text, *self.variants)


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
    """Everything under lexicons/ but the targets, with the digest of all its files."""

    frames: tuple[Lexicon, ...]
    tone: Lexicon
    modifiers: Mapping[str, Modifier]
    digest: str

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self.frames, self.tone, dict(self.modifiers), self.digest))


def _rebuild(
    frames: tuple[Lexicon, ...], tone: Lexicon, modifiers: dict[str, Modifier], digest: str
) -> Lexicons:
    return Lexicons(frames=frames, tone=tone, modifiers=modifiers, digest=digest)


def load_lexicons(directory: Path | None = None) -> Lexicons:
    """All frames, tone words and modifiers under `directory` (the shipped ones by default).

    Raises:
        LexiconError: a file breaks the format; the message names file, line, fault and fix.
    """
    root = directory or LEXICONS
    frames = [load_lexicon(path) for path in sorted((root / "frames").glob("*.toml"))]
    if not frames:
        raise LexiconError(f"{root / 'frames'}: no frame lexicon (*.toml) found")
    tone = load_lexicon(root / "tone" / "business.toml")
    modifiers = [load_modifier(path) for path in sorted((root / "modifiers").glob("*.toml"))]
    files = sorted(path for path in root.rglob("*.toml") if path.parent.name != "targets")
    return Lexicons(
        frames=tuple(frames),
        tone=tone,
        modifiers={modifier.name: modifier for modifier in modifiers},
        digest=_digest(files),
    )


def load_lexicon(path: Path) -> Lexicon:
    """One frame or tone lexicon from `path`."""
    file = _TomlFile(path)
    kind = "tone" if "tone" in file.data else "frame"
    header = file.header(kind, Lexicon, without=("terms",))
    terms = file.records("term", Term)
    for index, term in enumerate(terms):
        file.check(0 < term.weight <= 1, "term", index, "weight", "weight must be in (0, 1]")
        file.check(bool(term.yes), "term", index, "yes", "every term needs a `yes` example")
        file.check(bool(term.no), "term", index, "no", "every term needs a `no` example")
    file.check_spellings("term", [term.spellings for term in terms])
    return msgspec.convert({**header, "terms": terms}, Lexicon)


def load_modifier(path: Path) -> Modifier:
    """One modifier file from `path`."""
    file = _TomlFile(path)
    header = file.header("modifier", Modifier, without=("terms",))
    terms = file.records("term", ModifierTerm)
    file.check_spellings("term", [term.spellings for term in terms])
    return msgspec.convert({**header, "terms": terms}, Modifier)


NO_TARGET = Target(name="none", label="no target", label_zh="不设目标", digest="none")
"""`--target none`: every sentence counts."""


def target_names() -> list[str]:
    """The targets that are shipped."""
    return sorted(path.stem for path in (LEXICONS / "targets").glob("*.toml"))


def load_target(name: str | Path) -> Target:
    """A shipped target by its name, any target from a TOML file, or `none`.

    Raises:
        LexiconError: no such target, or its file breaks the format.
    """
    if str(name) == NO_TARGET.name:
        return NO_TARGET
    path = Path(name)
    if path.suffix != ".toml":
        shipped = target_names()
        if str(name) not in shipped:
            near = get_close_matches(str(name), shipped, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise LexiconError(
                f"unknown target '{name}'; {hint}shipped are {', '.join(shipped)} and none; "
                "any other company is one file: --target my-company.toml"
            )
        path = LEXICONS / "targets" / f"{name}.toml"
    if not path.is_file():
        raise LexiconError(f"target file not found: {path}")
    file = _TomlFile(path)
    header = file.header("target", Target, without=("aliases", "rivals", "digest"))
    aliases = file.records("alias", Alias)
    rivals = file.records("rival", Alias)
    if not aliases:
        raise LexiconError(f"{path.name}: a target needs at least one [[alias]] with its text")
    file.check_spellings("alias", [alias.spellings for alias in aliases])
    file.check_spellings("rival", [rival.spellings for rival in rivals])
    return msgspec.convert(
        {**header, "aliases": aliases, "rivals": rivals, "digest": _digest([path])}, Target
    )


def normal_form(text: str) -> str:
    """How a spelling is compared with running text: half width, lower case, simplified."""
    return simplify(fold(text))


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.parent.name}/{path.name}\0".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:16]


_Record = TypeVar("_Record")


def _keys(record: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(record))


class _TomlFile:
    """A parsed file that can say on which line a table or a key stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8")
            self.data: dict[str, Any] = tomllib.loads(self.text)
        except OSError as error:
            raise LexiconError(f"{path}: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise LexiconError(f"{path.name}: not UTF-8; save it as UTF-8") from error
        except tomllib.TOMLDecodeError as error:
            raise LexiconError(f"{path.name}: not valid TOML: {error}") from error
        if self.data.get("schema") != SCHEMA:
            raise LexiconError(
                f"{path.name}:{self.line('schema')}: the file must say `schema = {SCHEMA}`"
            )

    def header(self, table: str, record: type, without: tuple[str, ...]) -> dict[str, Any]:
        """The table `[table]`, its keys checked against `record`."""
        values = self.data.get(table)
        if not isinstance(values, dict):
            raise LexiconError(f"{self.path.name}:1: the table [{table}] is missing")
        allowed = tuple(key for key in _keys(record) if key not in without)
        self._refuse_unknown(values, allowed, table, None)
        self._convert({**values}, record, table, None)
        return values

    def records(self, table: str, record: type[_Record]) -> tuple[_Record, ...]:
        """Every `[[table]]` as a `record`."""
        rows = self.data.get(table, [])
        found = []
        for index, values in enumerate(rows):
            self._refuse_unknown(values, _keys(record), table, index)
            found.append(self._convert(values, record, table, index))
        return tuple(found)

    def check(self, holds: bool, table: str, index: int, key: str, fault: str) -> None:
        """Raise `fault` at the line of `key` unless it `holds`."""
        if not holds:
            raise LexiconError(f"{self.path.name}:{self.line(key, table, index)}: {fault}")

    def check_spellings(self, table: str, rows: list[tuple[str, ...]]) -> None:
        """Refuse an empty spelling and one that stands twice after normalisation."""
        seen: dict[str, int] = {}
        for index, spellings in enumerate(rows):
            for spelling in spellings:
                self.check(bool(spelling.strip()), table, index, "text", "an empty spelling")
                too_long = f"longer than {LONGEST} characters; a term is a word or a short phrase"
                self.check(len(spelling) <= LONGEST, table, index, "text", too_long)
                first = seen.setdefault(normal_form(spelling), index)
                if first != index:
                    line = self.line("text", table, first)
                    fault = f"'{spelling}' stands already at line {line}; keep one of the two"
                    self.check(False, table, index, "text", fault)

    def line(self, key: str | None, table: str | None = None, index: int | None = None) -> int:
        """The line of `key` in the `index`-th `[[table]]` (or in `[table]`, or at the top)."""
        lines = self.text.splitlines()
        start = 0
        if table is not None:
            pattern = (
                rf"\s*\[\[\s*{table}\s*\]\]" if index is not None else rf"\s*\[\s*{table}\s*\]"
            )
            places = [n for n, line in enumerate(lines) if re.match(pattern, line)]
            if len(places) <= (index or 0):
                return 1
            start = places[index or 0]
        for number in range(start, len(lines)):
            if number > start and lines[number].lstrip().startswith("["):
                break
            if key is not None and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", lines[number]):
                return number + 1
        return start + 1

    def _refuse_unknown(
        self, values: Any, allowed: tuple[str, ...], table: str, index: int | None
    ) -> None:
        if not isinstance(values, dict):
            raise LexiconError(f"{self.path.name}:1: '{table}' must be a table")
        for key in values:
            if key not in allowed:
                near = get_close_matches(key, allowed, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(allowed)}"
                where = f"{self.path.name}:{self.line(key, table, index)}"
                raise LexiconError(f"{where}: unknown key '{key}'; {hint}")

    def _convert(
        self, values: Any, record: type[_Record], table: str, index: int | None
    ) -> _Record:
        try:
            return msgspec.convert(values, record)
        except msgspec.ValidationError as error:
            message = str(error)
            path = re.search(r"\$\.(\w+)", message)
            missing = re.search(r"missing required field `(\w+)`", message)
            key = path.group(1) if path else None
            where = f"{self.path.name}:{self.line(key, table, index)}"
            if missing:
                name = missing.group(1)
                raise LexiconError(f"{where}: the key '{name}' is missing; add it") from error
            readable = message.replace(" - at `$.", "; mend the key `")
            raise LexiconError(f"{where}: {readable}") from error
