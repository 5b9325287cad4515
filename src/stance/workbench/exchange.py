"""Word lists for other programs and from them: CSV, quanteda's YAML, LIWC's .dic.

quanteda reads a YAML mapping of categories to patterns (`dictionary(file = "x.yml")`). A LIWC
dictionary numbers its categories between two lines of `%` and gives each word their numbers
(Pennebaker et al. 2015, LIWC2015 Operator's Manual).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stance.entries import Lexicons, Term
from stance.errors import InputError, OutputError
from stance.exports import write_bytes
from stance.lexicon import load_lexicons
from stance.text import fold

FORMATS = {".csv": "csv", ".yml": "quanteda", ".yaml": "quanteda", ".dic": "liwc"}
"""What is written or read, by the ending of the file's name."""

_TERM = ("term", "weight", "polarity", "variants", "unless", "source", "yes", "no")
_HEADER = ("kind", "label", "definition", "scope")
_COLUMNS = ("list", *_TERM, *_HEADER)
_SIDES = {1: "positive", -1: "negative", 0: "neutral"}


@dataclass(frozen=True, slots=True)
class Imported:
    """The lists that an import wrote, how many terms they hold, and what did not carry over."""

    files: tuple[Path, ...]
    n_terms: int
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListSummary:
    """One word list: its kind, name, number of entries and of spellings, and what it is for."""

    kind: str
    name: str
    n_entries: int
    n_spellings: int
    definition: str


def lexicon_list(*, lexicons: str | Path | None = None) -> list[ListSummary]:
    """Every word list that a run reads, with its size."""
    own = load_lexicons(None if lexicons is None else Path(lexicons))
    groups = [
        *(("frame", one.name, one.terms, one.definition) for one in own.frames),
        *(("tone", one.name, one.terms, one.definition) for one in own.tones),
        ("tone", "quantities", own.quantities, "Things that rise and fall."),
        ("tone", "changes", own.changes, "Words that say a quantity rises or falls."),
        *(("modifier", m.name, m.terms, m.definition) for m in own.modifiers.values()),
        *(("aspect", one.name, one.terms, one.definition) for one in own.aspects),
        *(("speaker", one.name, one.terms, one.definition) for one in own.speakers),
    ]
    return [
        ListSummary(kind, name, len(words), sum(len(w.spellings) for w in words), definition)
        for kind, name, words, definition in groups
    ]


def lexicon_export(out: str | Path, *, lexicons: str | Path | None = None) -> tuple[str, ...]:
    """Frames and tone as one file; its ending names the format. Returns what the format loses.

    CSV keeps everything, the header of each list on each of its rows. quanteda and LIWC keep the
    spellings by list and polarity.

    Raises:
        InputError: an ending that names no format.
        OutputError: the place cannot be written.
    """
    path = Path(out)
    own = load_lexicons(None if lexicons is None else Path(lexicons))
    kind = _format(path)
    text, lost = {"csv": _to_csv, "quanteda": _to_quanteda, "liwc": _to_liwc}[kind](own)
    write_bytes(path, (b"\xef\xbb\xbf" if kind == "csv" else b"") + text.encode("utf-8"))
    return lost


def lexicon_import(
    file: str | Path, out: str | Path, *, weight: float = 0.5, source: str | None = None
) -> Imported:
    """A word list of another program as TOML files of stance, one a category, in the folder `out`.

    What the other format does not say is filled in: `weight`, polarity from a category's name
    where it says positive or negative, else 0, and where the term came from. Examples are left
    for you to write; `stance lexicon check` lists the terms that need them.

    Raises:
        InputError: the file cannot be read as its ending says.
        OutputError: a file is there already, or the place cannot be written.
    """
    path = Path(file)
    kind = _format(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8; save it as UTF-8") from error
    lost: list[str] = []
    headers: dict[str, dict[str, str]] = {}
    if kind == "csv":
        rows = _from_csv(text, lost, headers)
    else:
        rows = {"quanteda": _from_quanteda, "liwc": _from_liwc}[kind](text, lost)
    lists: dict[str, dict[str, Term]] = {}
    for name, term in rows:
        spelling = fold(term.text).strip()
        if not re.search(r"[^\W_]", spelling):
            lost.append(f"'{term.text}' in {name}: no letter or character in it")
        elif re.search(r"[*?\[\]]", spelling):
            lost.append(f"'{term.text}' in {name}: a pattern; write out the words that it means")
        elif spelling in lists.setdefault(name, {}):
            lost.append(f"'{term.text}' in {name}: stands twice; the first is kept")
        else:
            lists[name][spelling] = term
    if not any(lists.values()):
        raise InputError(f"{path}: no term found in it")
    note = source or f"imported from {path.name}"
    files = []
    for name, terms in lists.items():
        word = re.sub(r"\W+", "_", name).strip("_") or "list"
        name_word = word if not word[0].isdigit() else f"list_{word}"
        header = {"kind": "frame", "label": name, "definition": note, **headers.get(name, {})}
        folder = "tone" if header["kind"] == "tone" else "frames"
        place = Path(out) / folder / f"{name_word[:24]}.toml"
        if place.exists():
            raise OutputError(f"{place} exists already; choose another --out, or move it away")
        content = _to_toml(name_word[:24], header, list(terms.values()), weight, note)
        write_bytes(place, content.encode())
        files.append(place)
    return Imported(tuple(files), sum(map(len, lists.values())), tuple(lost))


def _format(path: Path) -> str:
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{path}: the name must end in {', '.join(FORMATS)} to say the format")
    return FORMATS[path.suffix.lower()]


def _to_csv(own: Lexicons) -> tuple[str, tuple[str, ...]]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    lists = [*(("frame", one) for one in own.frames), *(("tone", one) for one in own.tones)]
    for kind, one in lists:
        for term in one.terms:
            many = ["|".join(v) for v in (term.variants, term.unless)]
            examples = ["|".join(v) for v in (term.yes, term.no)]
            head = [kind, one.label, one.definition, one.scope]
            cells = [term.text, term.weight, term.polarity, *many, term.source, *examples]
            writer.writerow([one.name, *cells, *head])
    return buffer.getvalue(), ()


def _categories(own: Lexicons) -> dict[str, list[str]]:
    """Spellings by list and side, as `critical.negative`."""
    found: dict[str, list[str]] = {}
    for one in (*own.frames, *own.tones):
        for term in one.terms:
            found.setdefault(f"{one.name}.{_SIDES[term.polarity]}", []).extend(term.spellings)
    return found


_LOSSES = (
    "weights, exceptions (unless), sources and examples",
    "context: other programs do not read negation, degree or voice as stance does",
    "segment the text with these terms in the user dictionary, or they will not match",
)


def _to_quanteda(own: Lexicons) -> tuple[str, tuple[str, ...]]:
    # JSON strings are YAML strings.
    lines = []
    for name, spellings in _categories(own).items():
        lines.append(f"{json.dumps(name)}:")
        lines += [f"  - {json.dumps(spelling, ensure_ascii=False)}" for spelling in spellings]
    return "\n".join(lines) + "\n", _LOSSES


def _to_liwc(own: Lexicons) -> tuple[str, tuple[str, ...]]:
    categories = _categories(own)
    numbers = {name: number for number, name in enumerate(categories, start=1)}
    words: dict[str, list[int]] = {}
    for name, spellings in categories.items():
        for spelling in spellings:
            words.setdefault(spelling, []).append(numbers[name])
    lines = ["%", *(f"{number}\t{name}" for name, number in numbers.items()), "%"]
    lines += ["\t".join([word, *map(str, own)]) for word, own in words.items()]
    return "\n".join(lines) + "\n", _LOSSES


_Rows = Iterator[tuple[str, Term]]


def _term(text: str, polarity: int = 0, **more: object) -> Term:
    values = {"weight": 0.0, "source": "", **more}
    return Term(text=text, polarity=polarity, **values)  # type: ignore[arg-type]


def _side(name: str) -> int:
    """Polarity by the name of a category."""
    low = name.lower()
    if re.search("neg|bad|负|贬|消极", low):
        return -1
    return 1 if re.search("pos|good|正|褒|积极", low) else 0


def _from_csv(text: str, lost: list[str], headers: dict[str, dict[str, str]]) -> _Rows:
    """The terms; what the rows say of their lists goes to `headers`."""
    reader = csv.DictReader(io.StringIO(text))
    columns = reader.fieldnames or []
    if "term" not in columns:
        raise InputError(
            f"a CSV needs a column 'term'; this one has {', '.join(columns) or 'none'}"
        )
    lost += [f"the column '{name}'" for name in columns if name not in _COLUMNS]
    for number, row in enumerate(reader, start=2):
        values = {key: row.get(key) or "" for key in _COLUMNS}
        lists = ("variants", "unless", "yes", "no")
        many = {k: tuple(filter(None, values[k].split("|"))) for k in lists}
        try:
            polarity = int(float(values["polarity"] or 0))
            weight = float(values["weight"] or 0)
        except ValueError:
            lost.append(f"line {number}: weight or polarity is no number")
            continue
        if polarity not in (-1, 0, 1) or not 0 <= weight <= 1:
            lost.append(f"line {number}: weight must be in (0, 1], polarity -1, 0 or 1")
            continue
        source = {"source": values["source"], "weight": weight}
        name = values["list"] or "imported"
        headers.setdefault(name, {key: values[key] for key in _HEADER if values[key]})
        yield name, _term(values["term"], polarity, **source, **many)


def _from_quanteda(text: str, lost: list[str]) -> _Rows:
    """The YAML that quanteda reads: categories, one level or more, each with a list of patterns."""
    path: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        entry = re.fullmatch(r"\s*-\s+(.+?)\s*", line)
        category = re.fullmatch(r"\s*(.+?)\s*:\s*(\[.*\])?\s*", line)
        if entry and path:
            name = ".".join(part for _, part in path)
            yield name, _term(_unquoted(entry.group(1)), _side(name))
        elif category:
            path = [(depth, part) for depth, part in path if depth < indent]
            path.append((indent, _unquoted(category.group(1))))
            name = ".".join(part for _, part in path)
            for word in re.findall(r"[^,\[\]]+", category.group(2) or ""):
                yield name, _term(_unquoted(word.strip()), _side(name))
        else:
            lost.append(f"line {number}: neither a category nor a term: {line.strip()[:40]}")


def _unquoted(text: str) -> str:
    if text[:1] == '"':
        try:
            return str(json.loads(text))
        except json.JSONDecodeError:
            pass
    return text.strip("\"'")


def _from_liwc(text: str, lost: list[str]) -> _Rows:
    parts = re.split(r"(?m)^%\s*$", text)
    if len(parts) < 3:
        raise InputError("a LIWC dictionary has its categories between two lines of %")
    names: dict[str, str] = {}
    for line in parts[1].splitlines():
        fields = line.split()
        if len(fields) >= 2:
            names[fields[0]] = fields[1]
    for number, line in enumerate("%".join(parts[2:]).splitlines(), start=1):
        fields = line.split("\t") if "\t" in line else line.split()
        if not fields or not fields[0].strip():
            continue
        own = [names[f] for f in fields[1:] if f in names]
        if not own:
            lost.append(f"'{fields[0]}': in no category that the head names (word {number})")
        if len(own) > 1:
            lost.append(f"'{fields[0]}': in {len(own)} categories; kept in {own[0]} alone")
        if own:
            yield own[0], _term(fields[0].strip(), _side(own[0]))


def _to_toml(
    name: str, header: Mapping[str, str], terms: Sequence[Term], weight: float, note: str
) -> str:
    def value(one: object) -> str:
        return json.dumps(one, ensure_ascii=False)

    lines = ["schema = 1"]
    if not all(term.yes and term.no for term in terms):
        asked = "give every term `yes` and `no` examples, and look at weight and polarity."
        lines.insert(0, f"# Imported: {asked}")
    lines += [
        "",
        f"[{'tone' if header['kind'] == 'tone' else 'frame'}]",
        f"name = {value(name)}",
        *(f"{key} = {value(header[key])}" for key in _HEADER[1:] if key in header),
    ]
    for term in terms:
        lines += ["", "[[term]]", f"text = {value(term.text)}"]
        lines.append(f"weight = {term.weight or weight}")
        lines.append(f"polarity = {term.polarity}")
        for key in ("variants", "unless"):
            if getattr(term, key):
                lines.append(f"{key} = {value(list(getattr(term, key)))}")
        lines.append(f"source = {value(term.source or note)}")
        for key in ("yes", "no"):
            if getattr(term, key):
                lines.append(f"{key} = {value(list(getattr(term, key)))}")
    return "\n".join(lines) + "\n"
