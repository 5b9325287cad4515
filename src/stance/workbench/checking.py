"""Every fault of word lists, with file, line and mend; what a corpus says of their terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance.cues import CueFinder
from stance.entries import Alias, Lexicon, Modifier, Target, Term, Word, normal_form
from stance.errors import InputError
from stance.lexicon import (
    LEXICONS,
    assemble,
    kind_of,
    lexicon_files,
    line_of,
    load_target,
    parse,
    target_names,
)
from stance.match import Entry, Matcher
from stance.reading import read
from stance.text import given_sentences, split_documents
from stance.tomlfile import Fault, TomlFile


@dataclass(frozen=True, slots=True)
class Check:
    """What `lexicon_check` found, in the order of file and line."""

    faults: tuple[Fault, ...]
    n_files: int
    n_entries: int

    @property
    def errors(self) -> tuple[Fault, ...]:
        """What must be mended."""
        return tuple(fault for fault in self.faults if fault.level == "error")

    @property
    def notices(self) -> tuple[Fault, ...]:
        """What only wants a look."""
        return tuple(fault for fault in self.faults if fault.level == "notice")


@dataclass(frozen=True, slots=True)
class _Row:
    """A word with the file and the place that it stands in."""

    file: TomlFile
    table: str
    index: int
    word: Word
    list_name: str

    def line(self, spelling: str, key: str | None = None) -> int:
        return line_of(self.file, self.table, self.index, spelling, key)

    def fault(self, line: int, message: str, level: Any = "error") -> None:
        self.file.fault(line, message, level)

    @property
    def place(self) -> str:
        return f"{self.file.path.name}:{self.line(self.word.text)}"


def lexicon_check(
    files: Sequence[str | Path] = (),
    *,
    lexicons: str | Path | None = None,
    target: str | Path = "alibaba",
    corpus: Sequence[str | Path] = (),
) -> Check:
    """All faults of `files`, each read together with the shipped lists.

    Without `files`, the shipped lists and targets, or those in the folder `lexicons`, are checked.
    Examples are read for `target`. With a `corpus`, notices tell which terms and exceptions it
    never needs.

    Raises:
        InputError: a file is missing, or the corpus holds no article.
    """
    chosen = [Path(file) for file in files]
    for path in chosen:
        if not path.is_file():
            fault = "no such file"
            if path.is_dir():
                fault = "a folder; name the files in it, or give a folder of lists as --lexicons"
            raise InputError(f"{path}: {fault}")
    folder = None if lexicons is None else Path(lexicons)
    known = {path: TomlFile(path) for path in lexicon_files(folder)}
    if not chosen:
        own = LEXICONS if folder is None else folder
        chosen = [path for path in known if folder is None or folder in path.parents]
        chosen += sorted((own / "targets").glob("*.toml"))
    own_files = [known.get(path) or TomlFile(path) for path in chosen]
    # A file that stands at a shipped one's place takes it, as it would in a run.
    places = {(file.path.parent.name, file.path.name) for file in own_files}
    others = [
        file
        for path, file in known.items()
        if file not in own_files and (path.parent.name, path.name) not in places
    ]
    parsed = [(file, parse(file)) for file in (*others, *own_files)]
    rows = [row for file, record in parsed for row in _rows(file, record)]
    mine = [row for row in rows if row.file in own_files]
    _check_across(parsed, rows, mine)
    _check_names(own_files, mine)
    _check_examples(parsed, mine, load_target(target))
    _note_nested(mine)
    if corpus:
        _note_corpus(mine, corpus)
    faults = sorted(
        (fault for file in own_files for fault in file.faults), key=lambda f: (f.path, f.line)
    )
    return Check(tuple(faults), len(own_files), len(mine))


def _rows(file: TomlFile, record: Any) -> Iterator[_Row]:
    name = getattr(record, "name", kind_of(file) or "")
    for table, found in file.rows.items():
        for index, word in found:
            yield _Row(file, table, index, word, str(name))


# ---- faults that show only across files -----------------------------------------------------


def _check_across(
    parsed: Sequence[tuple[TomlFile, Any]], rows: Sequence[_Row], mine: Sequence[_Row]
) -> None:
    """The same name or spelling twice, one term pulling two ways, references to nothing."""
    headers: dict[tuple[str, str], TomlFile] = {}
    for file, record in parsed:
        kind = kind_of(file)
        if not isinstance(record, Lexicon | Modifier) or record.name == "?":
            continue
        first = headers.setdefault((str(kind), record.name), file)
        if first is not file:
            fault = f"the name '{record.name}' is taken by {first.path.name}; choose another"
            file.fault(file.line("name", kind), fault)
    seen: dict[str, _Row] = {}
    own = set(map(id, mine))
    for row in rows:
        if not isinstance(row.word, Term):
            continue
        for spelling in row.word.spellings:
            earlier = seen.setdefault(normal_form(spelling), row)
            if earlier.file is row.file or id(row) not in own:
                continue
            line = row.line(spelling)
            if isinstance(earlier.word, Term) and earlier.word.polarity * row.word.polarity < 0:
                fault = f"'{spelling}' pulls two ways: the other polarity stands at {earlier.place}"
            else:
                fault = f"'{spelling}' stands already at {earlier.place}; keep one of the two"
            row.fault(line, fault)
    modifiers = {record.name for _, record in parsed if isinstance(record, Modifier)}
    for file, record in parsed:
        if isinstance(record, Modifier):
            for name in set(record.cancels) - modifiers:
                file.fault(file.line("cancels", "modifier"), f"there is no modifier '{name}'")
    aspects = {str(record.name) for file, record in parsed if kind_of(file) == "aspect"}
    for row in mine:
        if isinstance(row.word, Alias) and row.word.aspect and row.word.aspect not in aspects:
            line = row.file.line("aspect", row.table, row.index)
            row.fault(
                line, f"no aspect '{row.word.aspect}'; there are {', '.join(sorted(aspects))}"
            )


def _check_names(own_files: Sequence[TomlFile], mine: Sequence[_Row]) -> None:
    """A term that holds a company's name can never be met: names are masked before matching."""
    names: dict[str, str] = {}
    for target in [load_target(name) for name in target_names()]:
        names |= _names_of(target)
    for file in own_files:
        if kind_of(file) == "target":
            found = {"alias": file.rows.get("alias", []), "rival": file.rows.get("rival", [])}
            for _, alias in (*found["alias"], *found["rival"]):
                names |= {normal_form(s): file.path.stem for s in alias.spellings}
    for row in mine:
        if not isinstance(row.word, Term):
            continue
        for spelling in row.word.spellings:
            owner = names.get(normal_form(spelling))
            if owner:
                fault = (
                    f"'{spelling}' is a name in {owner}.toml; names are masked and carry no "
                    "evidence: take it out"
                )
                row.fault(row.line(spelling), fault)


def _names_of(target: Target) -> dict[str, str]:
    words = (*target.aliases, *target.rivals)
    return {normal_form(s): target.name for word in words for s in word.spellings}


# ---- examples -------------------------------------------------------------------------------


def _check_examples(
    parsed: Sequence[tuple[TomlFile, Any]], mine: Sequence[_Row], target: Target
) -> None:
    """Every `yes` must find its word, affirmed where it is a term; no `no` may."""
    lists = [(file, record) for file, record in parsed if kind_of(file) != "target" and record]
    finder = CueFinder(assemble(lists), target)
    needed = [row for row in mine if not isinstance(row.word, Alias)]
    for row in needed:
        for key, examples in (("yes", row.word.yes), ("no", row.word.no)):
            if not examples:
                line = row.file.line(key, row.table, row.index)
                fault = f"every term needs a `{key}` example; nothing proves '{row.word.text}' yet"
                row.fault(line, fault)
    _prove(finder, needed)
    for file, record in parsed:
        aliases = [row for row in mine if row.file is file and isinstance(row.word, Alias)]
        if isinstance(record, Target) and aliases:
            _prove_names(aliases)


def _prove(finder: CueFinder, rows: Sequence[_Row]) -> None:
    wanted = [
        (row, key, sentence)
        for row in rows
        for key, examples in (("yes", row.word.yes), ("no", row.word.no))
        for sentence in examples
    ]
    if not wanted:
        return
    batch = given_sentences([sentence for _, _, sentence in wanted])
    evidence = finder.evidence(batch)
    cues = evidence.cues
    affirmed: dict[int, set[int]] = defaultdict(set)
    for k in range(len(cues)):
        if cues.term[k] >= 0 and not cues.negated[k]:
            term = finder.term(int(cues.lexicon[k]), int(cues.term[k]))
            affirmed[int(cues.sentence[k])].add(id(term))
    hits = finder.matcher.find(evidence.masked.text)
    found: dict[int, set[int]] = defaultdict(set)
    for sentence, entry in zip(hits.sentence.tolist(), hits.entry.tolist(), strict=True):
        found[sentence].add(id(finder.owners[entry].word))
    for number, (row, key, sentence) in enumerate(wanted):
        is_term = isinstance(row.word, Term)
        there = id(row.word) in (affirmed if is_term else found)[number]
        if there != (key == "yes"):
            _tell_example(row, key, sentence, _why(finder, row, evidence.masked.text[number]))


def _prove_names(rows: Sequence[_Row]) -> None:
    matcher = Matcher([Entry("name", row.word.spellings, row.word.unless) for row in rows])
    for number, row in enumerate(rows):
        for key, examples in (("yes", row.word.yes), ("no", row.word.no)):
            for sentence in examples:
                text = given_sentences([sentence]).normal
                there = any(v.entry == number and not v.reason for v in matcher.verdicts(text[0]))
                if there != (key == "yes"):
                    _tell_example(row, key, sentence, "")


def _tell_example(row: _Row, key: str, sentence: str, why: str) -> None:
    line = row.line(sentence, key)
    if key == "yes":
        fault = f"'{row.word.text}' is not found in its `yes` example “{sentence}”{why}"
        row.fault(line, f"{fault}; mend the example, or the term")
    else:
        fault = f"'{row.word.text}' is found in its `no` example “{sentence}”"
        row.fault(line, f"{fault}; add the longer word to `unless`, or mend the example")


def _why(finder: CueFinder, row: _Row, text: str) -> str:
    for verdict in finder.matcher.verdicts(text):
        if finder.owners[verdict.entry].word is row.word:
            return {
                "word": ": no word begins or ends there (the segmenter reads "
                + "/".join(finder.matcher.segmenter.tokens(text))
                + ")",
                "unless": f": it stands in “{verdict.by}”, which `unless` excepts",
                "longer": f": the longer “{verdict.by}” of the same list takes its place",
                "": ": a negator or a longer term of another list turns it off",
            }[verdict.reason]
    return ": it does not stand there as it is spelt"


# ---- notices --------------------------------------------------------------------------------


def _note_nested(mine: Sequence[_Row]) -> None:
    """Terms inside longer terms: the longer wins in its list, and that may surprise."""
    holders: dict[str, _Row] = {}
    for row in mine:
        if isinstance(row.word, Term):
            holders |= {normal_form(s): row for s in row.word.spellings}
    for row in mine:
        if not isinstance(row.word, Term):
            continue
        normal = normal_form(row.word.text)
        inside = sorted(
            f"{spelling} ({longer.list_name})"
            for spelling, longer in holders.items()
            if normal in spelling and longer.word is not row.word
        )
        if inside:
            row.fault(
                row.line(row.word.text),
                f"'{row.word.text}' is nested in {_few(inside)}; there the longer wins",
                "notice",
            )


def _note_corpus(mine: Sequence[_Row], corpus: Sequence[str | Path]) -> None:
    batch = split_documents([document.text for document in read([Path(p) for p in corpus])])
    words = [row for row in mine if not isinstance(row.word, Alias)]
    matcher = Matcher(
        [
            Entry(str(number), row.word.spellings, row.word.unless, isinstance(row.word, Term))
            for number, row in enumerate(words)
        ]
    )
    seen: dict[int, set[int]] = defaultdict(set)
    excepted: set[tuple[int, str]] = set()
    for text, document in zip(batch.normal, batch.document.tolist(), strict=True):
        for verdict in matcher.verdicts(text):
            if verdict.reason == "unless":
                excepted.add((verdict.entry, verdict.by))
            elif not verdict.reason:
                seen[verdict.entry].add(document)
    for number, row in enumerate(words):
        line = row.line(row.word.text)
        if not seen[number]:
            row.fault(line, f"'{row.word.text}' is never seen in the corpus", "notice")
        elif len(seen[number]) == 1:
            row.fault(line, f"'{row.word.text}' is seen in one article only", "notice")
        idle = [w for w in row.word.unless if (number, normal_form(w)) not in excepted]
        if idle:
            place = row.line(idle[0], "unless")
            row.fault(place, f"unless {_few(idle)} never acts in the corpus", "notice")


def _few(words: Sequence[str]) -> str:
    return ", ".join(words[:4]) + (f" and {len(words) - 4} more" if len(words) > 4 else "")
