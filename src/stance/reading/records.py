"""Exports of press databases and collecting tools: labelled fields of one article or of many.

The forms stand in `lexicons/reading/records.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from stance.reading.headlines import without_sites
from stance.reading.outlets import is_known
from stance.reading.raw import FIELDS, Known, Raw
from stance.reading.record_forms import Tested, forms, mends
from stance.text import encodable, fold

# Two fields beside the text make a record; fewer stand over many an article as its byline.
_LEAST_FIELDS = 2
# Lines before the first label, beside those that a form knows, are an article's.
_MOST_LETTERS_BEFORE = 60
# A line of a head is no longer, and no sentence.
_LONGEST_HEAD = 90
_SENTENCE = re.compile("[。！？!?；;]$")


@dataclass(slots=True)
class _Record:
    """What is gathered of one record: lines by field, with the label of each."""

    lines: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        return "\n".join(self.lines.get(name, ())).strip("\n")

    def tell(self, name: str, value: str, label: str) -> None:
        self.lines.setdefault(name, [value])
        self.labels.setdefault(name, label)


def articles(raw: Raw) -> list[Raw]:
    """The articles of a text, each with what its labels tell; the text itself where it has none.

    Paths get the number of the record (`export.txt#2`) where there are several.
    """
    for form in forms():
        if form.needs.search(raw.text) is None:
            continue
        found = [one for one in _records(form, raw.text) if _is_sound(form, one)]
        if form.form.single:
            del found[1:]
        if len(found) == 1:
            _find_elsewhere(form, found[0], raw.text)
        if found:
            several = len(found) > 1
            return [
                _article(
                    raw, record, f"{raw.path}#{number}" if several else raw.path, form.form.posted
                )
                for number, record in enumerate(found, start=1)
            ]
    return [raw]


def _records(tested: Tested, text: str) -> Iterator[_Record]:
    record, current = _Record(), None
    blank = False  # the last line of a head that ends with a blank line was blank
    below, before = False, ""  # the last label is one above the text; the line before
    for pattern in tested.cuts:
        text = pattern.sub("\n", text)
    for written in text.split("\n"):
        line = written.strip()
        plain = fold(line)  # of the same length
        if tested.drops.fullmatch(plain):
            continue
        in_head = tested.form.blank and current != "text"
        if in_head and current is not None and (not line or tested.rules.fullmatch(plain)):
            blank = True
            continue
        # A head may hold a long value in further lines, which then begin with a blank.
        if in_head and current and not blank and written[:1] in (" ", "\t"):
            record.lines[current].append(line)
            continue
        label = tested.label.match(plain)
        name = tested.field_of(label["label"]) if label else None
        if tested.form.blank and label is not None:
            if current == "text" or (blank and (name is None or _is_prose(label["value"]))):
                name = label = None
            elif name is None:
                name = ""
        begins = tested.begins.match(plain)
        again = "text" in record.lines and (name == "title" or begins)
        if again or tested.ends.match(plain):
            yield _headed(tested, record)
            record, current, blank = _Record(), None, False
            if not again:
                continue
            label = tested.label.match(plain)
            name = tested.field_of(label["label"]) if label else None
        if (
            label is None
            and line
            and (blank or (below and not before and "text" not in record.lines))
        ):
            current, blank = "text", False
            record.lines.setdefault("text", [])
        before = line
        # Above the text every label is one, known or not; a second byline below is the article's.
        if label is not None and name is None and current not in (None, "text"):
            name = ""
        if label is not None and name and name != "text" and name in record.lines:
            rank = tested.rank(name, label["label"]), tested.rank(name, record.labels[name])
            if rank[0] < rank[1] < tested.unranked:
                del record.lines[name], record.labels[name]
            elif rank[1] < rank[0] < tested.unranked:
                name = ""
        if label is None or name is None or (name in record.lines and name not in ("", "text")):
            # Indents of the text show its paragraphs to whoever joins wrapped lines.
            row = written.rstrip() if current == "text" and tested.form.blank else line
            (record.before if current is None else record.lines.setdefault(current, [])).append(row)
            continue
        current, blank = name, False
        below = label["label"].strip() in tested.form.below
        start, end = label.span("value")
        record.lines.setdefault(name, []).extend([line[start:end]] if end > start else [])
        record.labels.setdefault(name, line[slice(*label.span("label"))])
    yield _headed(tested, record)


def _is_prose(value: str | None) -> bool:
    return bool(value) and _SENTENCE.search(value or "") is not None


def _headed(tested: Tested, record: _Record) -> _Record:
    """The record with its first lines as the fields that a form has there.

    Lines of a form's own patterns tell for sure; the others are the fields of `head`, in order.
    The first line that is neither begins the text.
    """
    form = tested.form
    if not form.head:
        return record
    told: dict[str, str] = {}
    plain: list[str] = []
    open_fields = list(form.head)
    rows = _joined(record.before) if form.joins else record.before
    at = 0
    for at, row in enumerate([*rows, ""]):
        if at == len(rows):
            break
        line = row.strip()
        if not line:
            continue
        match = next((m for p in tested.line if (m := p.fullmatch(fold(line)))), None)
        if match is not None:
            for name, value in match.groupdict().items():
                if value and name not in told:
                    told[name] = line[slice(*match.span(name))].strip()
            continue
        open_fields = [name for name in form.head if name not in told]
        if len(plain) >= len(open_fields) or len(line) > _LONGEST_HEAD or line.endswith("。"):
            break
        plain.append(line)
    open_fields = [name for name in form.head if name not in told]
    told |= dict(zip(open_fields, plain, strict=False))
    title, source = told.get("title", ""), told.get("source", "")
    if {title, source} <= {*plain} and is_known(title) and not is_known(source):
        # Later editions write the title first.
        told["title"], told["source"] = source, title
    for name, value in told.items():
        record.tell(name, value, form.name)
    record.before = []
    if "text" not in record.lines:
        record.lines["text"] = rows[at:]
    return record


def _joined(rows: list[str]) -> list[str]:
    """Short lines that follow one another as one: a title of two lines."""
    found: list[str] = []
    for row in rows:
        short = 0 < len(row) <= _LONGEST_HEAD // 3
        if short and found and 0 < len(found[-1]) <= _LONGEST_HEAD // 3 and row[0] not in "(（":
            before = found[-1]
            if before[-1] not in ")）" and not before.isascii() and not row.isascii():
                found[-1] = before + row
                continue
        found.append(row)
    return found


def _is_sound(tested: Tested, record: _Record) -> bool:
    told = [name for name in FIELDS if record.value(name).strip()]
    before = sum(map(str.isalnum, "".join(record.before)))
    enough = len(told) >= _LEAST_FIELDS and before <= _MOST_LETTERS_BEFORE
    needed = all(name in told for name in tested.form.must)
    return enough and needed and bool(record.value("text").strip())


def _find_elsewhere(tested: Tested, record: _Record, text: str) -> None:
    """What a form tells at no place of its own, as the day below a signature."""
    plain = fold(text)
    for pattern in tested.finds:
        for match in pattern.finditer(plain):
            for name, value in match.groupdict().items():
                if value:
                    record.tell(name, text[slice(*match.span(name))], tested.form.name)


def _article(raw: Raw, record: _Record, path: str, posted: Collection[str]) -> Raw:
    text = record.value("text")
    known = {}
    for name in FIELDS:
        value = mended(name, " ".join(record.value(name).split()))
        sender = " ".join(record.value("source").split()) if name == "title" else ""
        if sender:
            value = without_sender(value, mended("source", sender))
        if name == "title":
            value = without_sites(value, text)
        if value:
            origin = f"field {record.labels[name]}"
            known[name] = Known(value, f"{origin} of the post" if name in posted else origin)
    # What a record says goes before what is said of the file that holds it.
    return replace(raw, path=path, text=text, known={**raw.known, **known})


def without_sender(title: str, sender: str) -> str:
    """A subject without who sends it before a stroke: 某某通讯 | 利润腰斩之后."""
    rest = title.removeprefix(sender).lstrip()
    if sender and rest != title and rest[:1] in ("|", "｜", "丨", "·", ":", "："):
        return rest[1:].strip() or title
    return title


_ENCODED = re.compile(r"=\?[\w-]+\?[bqBQ]\?[^?\s]*\?=")


def mended(name: str, value: str) -> str:
    """A value without what a form writes around it: an address behind a name, [新聞], Re:."""
    if _ENCODED.search(value):
        try:
            value = encodable(str(make_header(decode_header(value))))
        except (HeaderParseError, LookupError, ValueError):
            return ""
    before = None
    while value != before:
        before = value
        for pattern in mends().get(name, ()):
            match = pattern.search(fold(value))
            if match is not None:
                value = (value[: match.start()] + value[match.end() :]).strip()
    return value
