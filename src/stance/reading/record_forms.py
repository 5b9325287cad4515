"""The forms of records, `lexicons/reading/records.toml`, with their patterns ready to be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from stance.lexicon import LEXICONS
from stance.reading.columns import field_of
from stance.reading.raw import FIELDS
from stance.reading.rules import compiled
from stance.tomlfile import TomlFile

RECORDS = LEXICONS / "reading" / "records.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One `[[form]]`; the head of the file says what its keys mean."""

    name: str
    label: str = "(?!)(?P<label>)(?P<value>)"
    needs: str = ""
    title: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    url: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    joins: bool = False
    single: bool = False
    blank: bool = False
    below: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    posted: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    finds: tuple[str, ...] = ()
    begins: str = "(?!)"
    ends: str = "(?!)"
    drops: str = "(?!)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mend:
    field: Literal["source", "title", "author", "date", "url"]
    pattern: str
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tested:
    """A form with its patterns, and the field of each label."""

    form: Form
    needs: re.Pattern[str]
    label: re.Pattern[str]
    begins: re.Pattern[str]
    ends: re.Pattern[str]
    drops: re.Pattern[str]
    line: tuple[re.Pattern[str], ...]
    cuts: tuple[re.Pattern[str], ...]
    finds: tuple[re.Pattern[str], ...]
    fields: Mapping[str, str]
    rules: re.Pattern[str] = re.compile(r"[─━—\-=_*~]{4,}")
    """A line that is a rule ends a head as a blank one does."""
    unranked: int = 1_000

    def field_of(self, label: str) -> str | None:
        """The field that a label names, "" for one that says nothing, None for no label at all."""
        plain = label.strip().casefold()
        return self.fields.get(plain) or ("" if plain in self.fields else field_of(label))

    def rank(self, name: str, label: str) -> int:
        """How much a label of a field goes before others of it in this form: less is more."""
        own = [key.casefold() for key in getattr(self.form, name)]
        plain = label.strip().casefold()
        return own.index(plain) if plain in own else self.unranked


@cache
def _file() -> tuple[tuple[Tested, ...], Mapping[str, tuple[re.Pattern[str], ...]]]:
    file = TomlFile(RECORDS)
    file.tables(("form", "mend"))
    found = []
    for index, form in file.records("form", Form):
        one = {
            key: compiled(file, "form", index, getattr(form, key), key=key)
            for key in ("needs", "label", "begins", "ends", "drops")
        }
        many = {
            key: tuple(compiled(file, "form", index, p, key=key) for p in getattr(form, key))
            for key in ("line", "cuts", "finds")
        }
        fields = {name.casefold(): "" for name in form.others}
        for name in (*FIELDS, "text"):
            fields |= {key.casefold(): name for key in getattr(form, name)}
        found.append(
            Tested(
                form, one["needs"], one["label"], one["begins"], one["ends"], one["drops"],
                many["line"], many["cuts"], many["finds"], fields,
            )
        )  # fmt: skip
    wanted: dict[str, tuple[re.Pattern[str], ...]] = {}
    for index, mend in file.records("mend", _Mend):
        pattern = compiled(file, "mend", index, mend.pattern)
        wanted[mend.field] = (*wanted.get(mend.field, ()), pattern)
    file.raise_first()
    return tuple(found), wanted


def forms() -> tuple[Tested, ...]:
    """The forms that are shipped, in the order in which they are tried."""
    return _file()[0]


def mends() -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """By field, what is taken out of its values."""
    return _file()[1]
