"""Exports of press databases and collecting tools: labelled fields of one article or of many.

The forms stand in `lexicons/reading/records.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from stance.lexicon import LEXICONS
from stance.reading.columns import field_of
from stance.reading.raw import FIELDS, Known, Raw
from stance.reading.rules import compiled
from stance.text import fold
from stance.tomlfile import TomlFile

RECORDS = LEXICONS / "reading" / "records.toml"
# Two fields beside the text make a record; fewer stand over many an article as its byline.
_LEAST_FIELDS = 2
# Lines before the first label, beside those that a form knows, are an article's.
_MOST_LETTERS_BEFORE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One `[[form]]`; the head of the file says what its keys mean."""

    name: str
    label: str
    needs: str = ""
    title: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    url: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    begins: str = "(?!)"
    ends: str = "(?!)"
    drops: str = "(?!)"


@dataclass(frozen=True, slots=True)
class _Tested:
    form: Form
    needs: re.Pattern[str]
    label: re.Pattern[str]
    begins: re.Pattern[str]
    ends: re.Pattern[str]
    drops: re.Pattern[str]
    fields: dict[str, str]

    def field_of(self, label: str) -> str | None:
        """The field that a label names, "" for one that says nothing, None for no label at all."""
        plain = label.strip().casefold()
        return self.fields.get(plain) or ("" if plain in self.fields else field_of(label))


@dataclass(slots=True)
class _Record:
    """What is gathered of one record: lines by field, with the label of each."""

    lines: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        return "\n".join(self.lines.get(name, ())).strip("\n")


def articles(raw: Raw) -> list[Raw]:
    """The articles of a text, each with what its labels tell; the text itself where it has none.

    Paths get the number of the record (`export.txt#2`) where there are several.
    """
    for form in _forms():
        if form.needs.search(raw.text) is None:
            continue
        found = [one for one in map(_sound, _records(form, raw.text)) if one is not None]
        if found:
            several = len(found) > 1
            return [
                _article(raw, record, f"{raw.path}#{number}" if several else raw.path)
                for number, record in enumerate(found, start=1)
            ]
    return [raw]


def _records(tested: _Tested, text: str) -> Iterator[_Record]:
    record, current = _Record(), None
    for line in text.split("\n"):
        line = line.strip()
        plain = fold(line)  # of the same length
        if tested.drops.fullmatch(plain):
            continue
        label = tested.label.match(plain)
        name = tested.field_of(label["label"]) if label else None
        again = "text" in record.lines and (name == "title" or tested.begins.match(plain))
        if again or tested.ends.match(plain):
            yield _headed(tested, record)
            record, current = _Record(), None
            if not again:
                continue
        # Above the text every label is one, known or not; a second byline below is the article's.
        if label is not None and name is None and current not in (None, "text"):
            name = ""
        if label is None or name is None or (name in record.lines and name not in ("", "text")):
            (record.before if current is None else record.lines.setdefault(current, [])).append(
                line
            )
            continue
        current = name
        start, end = label.span("value")
        record.lines.setdefault(name, []).extend([line[start:end]] if end > start else [])
        record.labels.setdefault(name, line[slice(*label.span("label"))])
    yield _headed(tested, record)


def _headed(tested: _Tested, record: _Record) -> _Record:
    """The record with its first lines as the fields that a form has there."""
    lines = [line for line in record.before if line.strip()]
    if not tested.form.head or len(lines) < len(tested.form.head):
        return record
    for name, line in zip(tested.form.head, lines, strict=False):
        record.lines.setdefault(name, [line.strip()])
        record.labels.setdefault(name, tested.form.name)
    last = record.before.index(lines[len(tested.form.head) - 1])
    rest, record.before = record.before[last + 1 :], []
    if "text" not in record.lines:
        record.lines["text"] = rest
    return record


def _sound(record: _Record) -> _Record | None:
    told = [name for name in (*FIELDS, "line") if record.value(name).strip()]
    before = sum(map(str.isalnum, "".join(record.before)))
    enough = len(told) >= _LEAST_FIELDS and before <= _MOST_LETTERS_BEFORE
    return record if enough and record.value("text").strip() else None


def _article(raw: Raw, record: _Record, path: str) -> Raw:
    known = {
        name: Known(" ".join(record.value(name).split()), f"field {record.labels[name]}")
        for name in FIELDS
        if record.value(name).strip()
    }
    around = "\n".join(filter(None, (record.value("line"), raw.around)))
    # What a record says goes before what is said of the file that holds it.
    return replace(
        raw, path=path, text=record.value("text"), known={**raw.known, **known}, around=around
    )


@cache
def _forms() -> tuple[_Tested, ...]:
    file = TomlFile(RECORDS)
    found = []
    for index, form in file.records("form", Form):
        patterns = {
            key: compiled(file, "form", index, getattr(form, key), key=key)
            for key in ("needs", "label", "begins", "ends", "drops")
        }
        fields = {name.casefold(): "" for name in form.others}
        for name in (*FIELDS, "text"):
            fields |= {key.casefold(): name for key in getattr(form, name)}
        found.append(_Tested(form=form, fields=fields, **patterns))
    file.raise_first()
    return tuple(found)
