"""TOML files to word lists, modifiers and targets: the only module that knows the format."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from stance.entries import (
    NO_TARGET,
    TONE,
    Alias,
    Change,
    Lexicon,
    Lexicons,
    Modifier,
    ModifierTerm,
    Quantity,
    Target,
    Term,
    Word,
    WordList,
    normal_form,
)
from stance.errors import LexiconError
from stance.store import kept_bytes
from stance.tomlfile import TomlFile

LONGEST = 64
"""No spelling is longer, in code points."""
LEXICONS = Path(__file__).parent / "lexicons"


def load_lexicons(directory: Path | None = None) -> Lexicons:
    """Every list but the targets: the shipped ones, with those of `directory` over them.

    A file of `directory` takes the place of the shipped file at the same place in the folder, and
    files at new places are added: a fifth frame is one more file under `frames/`.

    Raises:
        LexiconError: a file breaks the format; the message names file, line, fault and fix.
    """
    paths = lexicon_files(directory)
    sources = "|".join((digest_of(paths), digest_of(sorted(Path(__file__).parent.glob("*.py")))))
    # Parsing and checking takes ten times as long as reading what came of it.
    content = kept_bytes("lexicons", sources, lambda: msgspec.json.encode(_load_lexicons(paths)))
    return msgspec.json.decode(content, type=Lexicons)


def _load_lexicons(paths: Sequence[Path]) -> Lexicons:
    parsed = []
    for path in paths:
        file = TomlFile(path)
        parsed.append((file, parse(file)))
        file.raise_first()
    found = assemble(parsed)
    names = [frame.name for frame in found.frames]
    for name in names:
        if names.count(name) > 1:
            raise LexiconError(
                f"two files hold a frame '{name}'; to replace a list, give your file the name of "
                "the shipped one"
            )
    return found


def assemble(parsed: Sequence[tuple[TomlFile, Any]]) -> Lexicons:
    """The word lists of parsed files as one; targets among them are left out.

    Raises:
        LexiconError: there is no tone lexicon.
    """
    of: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for file, record in parsed:
        of[kind_of(file) or "target"].append(record)
    if not of["tone"]:
        raise LexiconError("no tone lexicon (tone/*.toml) found")
    files = [file.path for file, _ in parsed]
    read_by_models = ("frame", "tone", "modifier", "quantity", "change")
    return Lexicons(
        frames=tuple(of["frame"]),
        tones=tuple(of["tone"]),
        modifiers={modifier.name: modifier for modifier in of["modifier"]},
        quantities=tuple(word for words in of["quantity"] for word in words),
        changes=tuple(word for words in of["change"] for word in words),
        aspects=tuple(of["aspect"]),
        speakers=tuple(of["speaker"]),
        digest=digest_of(files),
        model_digest=digest_of(f.path for f, _ in parsed if kind_of(f) in read_by_models),
    )


def lexicon_files(directory: Path | None = None) -> list[Path]:
    """The files of `load_lexicons`, in the order of their place in the folder.

    Raises:
        LexiconError: `directory` is no folder, or holds no list where lists are looked for.
    """
    found = {_place(path): path for path in LEXICONS.rglob("*.toml")}
    if directory is not None:
        own = {_place(path): path for path in directory.glob("*/*.toml")}
        if not any(place in FOLDERS for place, _ in own):
            raise LexiconError(
                f"{directory}: no word list found; name the folder above {', '.join(FOLDERS)}, "
                "laid out as lexicons/"
            )
        found |= own
    return [path for place, path in sorted(found.items()) if place[0] in FOLDERS]


def _place(path: Path) -> tuple[str, str]:
    return path.parent.name, path.name


def kind_of(file: TomlFile) -> str | None:
    """What a file holds, by its header; where it has none, by its folder."""
    told = next((kind for kind in KINDS if kind in file.data), None)
    return told or FOLDERS.get(file.path.parent.name)


def parse(file: TomlFile) -> Any:
    """The good part of any file, None where it is no word list; faults are noted in the file."""
    kind = kind_of(file)
    if kind is None:
        if file.data:
            headers = ", ".join(f"[{kind}]" for kind in KINDS)
            file.fault(1, f"the file needs one of the headers {headers}")
        return None
    return KINDS[kind](file)


_Parsed = TypeVar("_Parsed")


def load(path: Path, parse: Callable[[TomlFile], _Parsed]) -> _Parsed:
    """What `parse` makes of the file at `path`.

    Raises:
        LexiconError: the first fault of the file, with its line and its mend.
    """
    file = TomlFile(path)
    parsed = parse(file)
    file.raise_first()
    return parsed


def load_lexicon(path: Path) -> Lexicon:
    """One frame or tone lexicon from `path`."""
    return load(path, parse_lexicon)


_FRAME_NAME = re.compile(r"[^\W\d]\w{0,23}")
# Columns of the tables, and what the page calls its own.
_RESERVED = """
 all article_id path source title author date url script n_chars n_sentences n_on_target tone stance
 dominant reprint_of n_repairs encoding n_flagged sentence_id index start end text on_target voice
 snownlp tone_score frames paragraph speaker speaker_kind aspects target term surface weight
 polarity negated degree asserted marks frame cue tag plain n share group aspect period n_articles
favourable unfavourable measure go number more close chip
cuts origins warnings
"""


def parse_lexicon(file: TomlFile) -> Lexicon:
    """The good part of a frame or tone lexicon; what is bad is noted in `file.faults`."""
    kind = kind_of(file) or "frame"
    header = _header(file, kind, Lexicon)
    if not _FRAME_NAME.fullmatch(header["name"]) and header["name"] != "?":
        fault = "a name is one word of letters, digits and _, and begins with a letter"
        file.fault(file.line("name", kind), fault)
    elif kind == "frame" and header["name"] in _RESERVED.split():
        fault = f"'{header['name']}' is a column of the tables already; choose another name"
        file.fault(file.line("name", kind), fault)
    rows = _words(file, "term", Term)
    for index, term in rows:
        if not 0 < term.weight <= 1:
            file.fault(file.line("weight", "term", index), "weight must be in (0, 1]")
        if kind == TONE and not term.polarity:
            fault = "a term of tone without polarity says nothing; give it 1 or -1"
            file.fault(file.line("polarity", "term", index), fault)
        if not term.source.strip():
            fault = "say where the term came from and why it has this weight"
            file.fault(file.line("source", "term", index), fault)
    return Lexicon(**header, terms=tuple(term for _, term in rows))


def parse_modifier(file: TomlFile) -> Modifier:
    """The good part of a modifier file."""
    header = _header(file, "modifier", Modifier)
    rows = _words(file, "term", ModifierTerm)
    reaches = [(header.get("reach", 0), file.line("reach", "modifier"))]
    factors = [(header.get("factor", 1.0), file.line("factor", "modifier"))]
    for index, term in rows:
        reaches.append((term.reach or 0, file.line("reach", "term", index)))
        if term.factor is not None:
            factors.append((term.factor, file.line("factor", "term", index)))
    for reach, line in reaches:
        if reach < 0:
            file.fault(line, "reach counts characters; it cannot be negative")
    for factor, line in factors:
        if not (math.isfinite(factor) and -1 <= factor <= 3):
            file.fault(line, "factor must lie between -1 and 3")
    if "" in header.get("terminators", ()):
        file.fault(file.line("terminators", "modifier"), "an empty terminator stops everything")
    if header.get("once") and header.get("effect") != "negate":
        file.fault(file.line("once", "modifier"), "once goes with the effect 'negate' alone")
    return Modifier(**header, terms=tuple(term for _, term in rows))


def parse_quantities(file: TomlFile) -> tuple[Quantity, ...]:
    """The good part of the list of things that rise and fall."""
    _header(file, "quantity", _PlainHeader)
    return tuple(word for _, word in _words(file, "term", Quantity))


def parse_changes(file: TomlFile) -> tuple[Change, ...]:
    """The good part of the list of words for rising and falling."""
    _header(file, "change", _PlainHeader)
    rows = _words(file, "term", Change)
    for index, change in rows:
        if not 0 < change.weight <= 1:
            file.fault(file.line("weight", "term", index), "weight must be in (0, 1]")
    return tuple(word for _, word in rows)


def parse_aspect(file: TomlFile) -> WordList:
    """The good part of an aspect file."""
    header = _header(file, "aspect", WordList)
    return WordList(**header, terms=tuple(word for _, word in _words(file, "term", Word)))


def parse_speaker(file: TomlFile) -> WordList:
    """The good part of a speaker file."""
    header = _header(file, "speaker", WordList)
    return WordList(**header, terms=tuple(word for _, word in _words(file, "term", Word)))


def parse_target(file: TomlFile) -> Target:
    """The good part of a target file."""
    header = _header(file, "target", Target, ("alias", "rival"))
    aliases = _words(file, "alias", Alias, known=("alias", "rival"))
    rivals = _words(file, "rival", Alias, known=("alias", "rival"))
    if not aliases and not file.faults:
        file.fault(1, "a target needs at least one [[alias]] with its text")
    own = {normal_form(s): index for index, alias in aliases for s in alias.spellings}
    for index, rival in rivals:
        for spelling in rival.spellings:
            if normal_form(spelling) in own:
                line = file.line("text", "alias", own[normal_form(spelling)])
                fault = f"'{spelling}' is a name of the target at line {line}; keep one of the two"
                file.fault(line_of(file, "rival", index, spelling), fault)
    return Target(
        **header,
        aliases=tuple(alias for _, alias in aliases),
        rivals=tuple(rival for _, rival in rivals),
        digest=digest_of([file.path]),
    )


KINDS: Mapping[str, Callable[[TomlFile], Any]] = {
    "frame": parse_lexicon,
    "tone": parse_lexicon,
    "quantity": parse_quantities,
    "change": parse_changes,
    "modifier": parse_modifier,
    "aspect": parse_aspect,
    "speaker": parse_speaker,
    "target": parse_target,
}
"""What reads a file, by the header that it begins with."""

FOLDERS: Mapping[str, str] = {
    "frames": "frame",
    "tone": "tone",
    "modifiers": "modifier",
    "aspects": "aspect",
    "speakers": "speaker",
}
"""The folders of word lists and what their files hold where no header says."""


def target_names() -> list[str]:
    """The targets that are shipped."""
    return sorted(path.stem for path in (LEXICONS / "targets").glob("*.toml"))


def target_path(name: str | Path) -> Path:
    """The file of a shipped target by its name, or a target file itself.

    Raises:
        LexiconError: no such target, or no such file.
    """
    path = Path(name)
    if path.suffix != ".toml":
        shipped = target_names()
        if str(name) not in shipped:
            near = get_close_matches(str(name), shipped, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise LexiconError(
                f"unknown target '{name}'; {hint}shipped are {', '.join(shipped)} and none; "
                "any other company is one file: --target my-company.toml "
                "(`stance target new` drafts it)"
            )
        path = LEXICONS / "targets" / f"{name}.toml"
    if not path.is_file():
        raise LexiconError(f"target file not found: {path}")
    return path


def load_target(name: str | Path) -> Target:
    """A shipped target by its name, any target from a TOML file, or `none`.

    Raises:
        LexiconError: no such target, or its file breaks the format.
    """
    return NO_TARGET if str(name) == NO_TARGET.name else load(target_path(name), parse_target)


def digest_of(paths: Iterable[Path]) -> str:
    """16 hex digits of the names and contents of files, line ends apart."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.parent.name}/{path.name}\0".encode())
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LexiconError(f"{path}: {error.strerror or error}") from error
        digest.update(content.replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlainHeader:
    name: str
    definition: str


_NOT_IN_FILE = ("terms", "aliases", "rivals", "digest")


def _header(
    file: TomlFile, table: str, record: type, rows: Sequence[str] = ("term",)
) -> dict[str, Any]:
    """The header's values; a stand-in for each where they are no good, so that rows are checked."""
    file.tables((table, *rows))
    values = file.header(table, record, without=_NOT_IN_FILE)
    if values is None:
        return {key: value for key, value in _STAND_IN.items() if key in _fields(record)}
    for key in ("name", "label", "label_zh"):
        if key in values and not str(values[key]).strip():
            file.fault(file.line(key, table), f"{key} is empty")
    return values


_STAND_IN = {
    **dict.fromkeys(("name", "label", "label_zh", "definition"), "?"),
    "effect": "refer",
    "direction": "both",
    "reach": 0,
}


def _fields(record: type) -> set[str]:
    return {field.name for field in dataclasses.fields(record)}


_WordType = TypeVar("_WordType", bound=Word)
# What repair takes out of every text or what ends a sentence: no term that holds it is ever met.
_NEVER_IN_TEXT = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\ue000-\uf8ff\x00-\x1f]")
_ENDS_SENTENCE = re.compile("[。！？!?；;…].")


def _words(
    file: TomlFile, table: str, record: type[_WordType], known: Sequence[str] = ()
) -> list[tuple[int, _WordType]]:
    """Every good `[[table]]`, spellings checked: none empty, unreachable, or twice in the file."""
    rows = file.records(table, record)
    if not file.data.get(table) and not file.faults and not known:
        file.fault(1, f"no [[{table}]] in the file; add one")
    seen: dict[str, int] = {}
    bad: set[int] = set()
    for index, word in rows:
        for spelling in word.spellings:
            fault = unreachable(spelling, mark=record is ModifierTerm)
            if fault:
                file.fault(line_of(file, table, index, spelling), fault)
                bad.add(index)
                continue
            normal = normal_form(spelling)
            if normal in seen:
                first = file.line("text", table, seen[normal])
                twice = f"stands already at line {first}; keep one of the two"
                if seen[normal] == index:
                    twice = "stands twice in this entry; keep one (both scripts match anyway)"
                file.fault(line_of(file, table, index, spelling), f"'{spelling}' {twice}")
            seen.setdefault(normal, index)
        _check_unless(file, table, index, word)
    file.rows[table] = [(index, word) for index, word in rows if index not in bad]
    return [(index, word) for index, word in rows if index not in bad]


def unreachable(spelling: str, *, mark: bool = False) -> str | None:
    """Why `spelling` can never be met in a text, None where it can. A `mark` may be mere ？."""
    if not spelling.strip():
        return "an empty spelling; write the word or take the entry out"
    if spelling != spelling.strip():
        return f"'{spelling}' begins or ends with a space and would miss the word; take it off"
    if len(spelling) > LONGEST:
        return f"longer than {LONGEST} characters; a term is a word or a short phrase"
    if _NEVER_IN_TEXT.search(spelling):
        return f"'{spelling}' holds an invisible character that no text keeps; type it again"
    if _ENDS_SENTENCE.search(spelling):
        return f"'{spelling}' goes over the end of a sentence and is never met; shorten it"
    if not mark and not any(character.isalnum() for character in spelling):
        return f"'{spelling}' has no letter or character; a term is a word"
    return None


def _check_unless(file: TomlFile, table: str, index: int, word: Word) -> None:
    spellings = [normal_form(spelling) for spelling in word.spellings]
    for exception in word.unless:
        normal = normal_form(exception)
        fault = None
        if normal in spellings:
            fault = f"unless '{exception}' is the term itself, which then never matches"
        elif not any(spelling in normal for spelling in spellings):
            fault = f"unless '{exception}' does not hold the term and can never act; take it out"
        if fault:
            file.fault(line_of(file, table, index, exception, "unless"), fault)


def line_of(file: TomlFile, table: str, index: int, value: str, key: str | None = None) -> int:
    """The line on which a spelling stands, or `value` in the list `key`."""
    word = file.data[table][index]
    if key is None:
        key = "text" if word.get("text") == value else "variants"
    return file.line(key, table, index, value=value)
