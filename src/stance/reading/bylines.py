"""What is known of an article: from its file, its byline, its file name and its address.

The rules stand in `lexicons/reading/bylines.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from stance.reading.byline_rules import Bylines, Reckoning, Rule, shipped
from stance.reading.dates import dates, iso
from stance.reading.headlines import headline
from stance.reading.outlets import is_known, is_platform, is_word, outlet
from stance.reading.places import from_path, from_url, one_year
from stance.reading.raw import FIELDS, Known
from stance.reading.rules import head_of, lines, read_form

BYLINE, FILE_NAME, HOST, RECKONED = "byline", "file name", "host", "reckoned"
"""Where a value came from, when neither a manifest, nor a column, nor HTML told it."""

# What a file or whoever posted it says of itself.
_LOOSE = ("html", "docx", "pdf", "field", "front matter", "column")
_OF_FILE = ("properties", "of the post")
_EDGE_LINES = 12
_LONGEST_SOURCE = 24
# 【来源】某某报, which is as long as ` 来源:某某报`.
_BRACKETED = re.compile(
    r"[【\[]((?:文章|原文|发布|发表|出版)?(?:来源|作者|记者|时间|日期|标题|媒体))[】\]](?=[^:\n])"
)
# 来源 某某报 作者 李默 时间 2024-05-09, with blanks for colons.
_ALONE = re.compile(
    r"[^\S\n]*(?:来源|來源|作者|记者|記者|发布时间|發布時間|时间|時間|日期)[^\S\n]*[:：][^\S\n]*"
)
_LABEL = "(?:来源|作者|记者|编辑|发布时间|时间|日期)"
_ROW_OF_LABELS = re.compile(rf"(?m)^{_LABEL} \S{{1,20}}(?: {_LABEL} \S.{{0,20}}?){{1,4}}$")
_LABEL_BLANK = re.compile(rf"(?<!\S)({_LABEL}) ")
_DAY_FIRST = re.compile(r"(?:\d{4}\s?[年./-])?\d{1,2}\s?[月./-]\s?\d{1,2}(?!\d)")


# Bylines are ruled with characters that only look like a stroke, most with the radical 丨.
_STROKES = str.maketrans("丨︱∣〡│", "|||||")


def line_form(text: str) -> str:
    """A text as rules of bylines read it: `read_form`, ruled with strokes."""
    return read_form(text).translate(_STROKES)


@dataclass(frozen=True)
class _Page:
    """A text with its lines in the form that patterns read."""

    text: str

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        return list(lines(self.text))

    @cached_property
    def whole(self) -> str:
        return read_form(self.text)

    @cached_property
    def edges(self) -> list[tuple[int, str]]:
        """Number and normal form of the first and the last lines."""
        count = len(self.spans)
        numbers = [n for n in range(count) if n < self.head or n >= count - _EDGE_LINES]
        if not numbers:
            return []
        # One conversion for all is quicker than one for each.
        joined = read_form("\n".join([self.rows[n] for n in numbers]))
        joined = _BRACKETED.sub(r" \1:", joined)
        joined = _ROW_OF_LABELS.sub(lambda row: _LABEL_BLANK.sub(r"\1:", row[0]), joined)
        return list(zip(numbers, joined.translate(_STROKES).split("\n"), strict=True))

    @cached_property
    def every(self) -> list[tuple[int, str]]:
        """Number and normal form of all lines."""
        return list(enumerate(line_form("\n".join(self.rows)).split("\n"))) if self.rows else []

    @cached_property
    def head(self) -> int:
        """How many lines are the first ones, entries of a menu not counted."""
        return head_of(self.rows)

    @cached_property
    def timeline(self) -> bool:
        """Whether days head the lines, so that none of them is the day of publication."""
        return sum(bool(_DAY_FIRST.match(line)) for _, line in self.edges) >= 3

    @cached_property
    def rows(self) -> list[str]:
        """The lines; behind a label that stands alone, its value from the next."""
        rows = [self.text[start:end] for start, end in self.spans]
        return [
            row + following if len(following) <= _LONGEST_SOURCE and _ALONE.fullmatch(row) else row
            for row, following in zip(rows, [*rows[1:], ""], strict=True)
        ]

    def at(self, rule: Rule) -> list[tuple[int, str]]:
        """The lines that a rule looks at."""
        if rule.place == "any":
            return self.every
        return [line for line in self.placed[rule.place] if len(line[1]) <= rule.longest]

    @cached_property
    def placed(self) -> dict[str, list[tuple[int, str]]]:
        """The lines of each place that a rule may name."""
        behind = len(self.spans) - _EDGE_LINES
        return {
            "top": [line for line in self.edges if line[0] < 2],
            "head": [line for line in self.edges if line[0] < self.head],
            "tail": [line for line in self.edges if line[0] >= behind],
            "edge": self.edges,
        }


def metadata(text: str, path: str, known: Mapping[str, Known]) -> dict[str, Known]:
    """What is known of an article, by the names of `FIELDS`; what is not known is left out.

    In this order are trusted: a manifest, a column, HTML (all three in `known`), the byline in the
    text, the properties of a docx or pdf (they tell of the file before they tell of the article),
    the file name (with its folder), the host of the address, and what can be reckoned.
    An author that HTML or properties tell is left out where it is an outlet or says nothing.
    Dates are ISO, `YYYY-MM-DD` or `YYYY-MM`; one that cannot be read is left out. A source has the
    name that `sources.toml` gives it, but for that of a manifest, which stays as it was written.

    Args:
        text: the article, best after repair.
        path: where it came from, in any of the forms of `Raw.path`.
        known: what its file tells.
    """
    page = _Page(text)
    given = _given(known)
    spoken = _spoken(page)
    of_file = {name: one for name, one in given.items() if one.origin.endswith(_OF_FILE)}
    found = {name: one for name, one in given.items() if name not in of_file}
    named = from_path(path, shipped().looks_like_outlet)
    url = found["url"].value if "url" in found else spoken.get("url", "")
    host = from_url(url)
    year = one_year(path, url)
    values: list[Mapping[str, Known]] = [
        _from(BYLINE, {**spoken, **_dated(spoken.get("date"), year)}),
        of_file,
        _from(FILE_NAME, named),
        _from(HOST, host),
        _from(BYLINE, {"source": spoken.get("signed", "")}),
    ]
    for told in values:
        found = {**told, **found}
    if "date" not in found:
        reckoned = _reckoned(page)
        if reckoned is not None:
            found["date"] = Known(reckoned, RECKONED)
    return {field: found[field] for field in FIELDS if field in found}


def _given(known: Mapping[str, Known]) -> dict[str, Known]:
    found = {}
    for field, one in known.items():
        value: str | None = one.value.strip()
        if field == "date":
            value = iso(one.value)
        elif field == "source" and not one.origin.startswith("manifest"):
            value = outlet(one.value)
        elif field == "author" and one.origin.startswith(_LOOSE):
            value = _given_author(one.value)
        if value and field in FIELDS:
            found[field] = Known(value, one.origin)
    return found


def _from(origin: str, told: Mapping[str, str]) -> dict[str, Known]:
    """Values, none of them empty, with where they came from."""
    return {field: Known(value, origin) for field, value in told.items() if value}


_AUTHOR_LABEL = re.compile(
    r"^(?:文字?|作者|撰文|记者|by)\s*[:|/]\s*|^by\s+(?=\S)|\s*(?:编辑|责编|责任编辑|图|摄影|校对)\s*[:|/].*$"
)


def _given_author(written: str) -> str | None:
    """The people of a field of the page: sites put their own name, a number or a whole byline in.

    `文丨李默 编辑丨周行` is 李默, `李默; 联合早报` as well; an outlet alone is nobody.
    """
    name = written.strip()
    while label := _AUTHOR_LABEL.search(line_form(name)):
        name = name[: label.start()] + name[label.end() :]
    if is_known(name) or shipped().refuses("author", name):
        return None
    return _people(shipped(), name, mixed=True)[0]


# ---- the byline --------------------------------------------------------------------------------


def _spoken(page: _Page) -> dict[str, str]:
    """What the text itself says: fields, and "signed", an author who can stand for a source."""
    own = shipped()
    found: dict[str, str] = {}
    taken: set[int] = set()
    settled: set[int] = set()
    for rule, pattern in own.rules:
        if rule.no_timeline and page.timeline:
            continue
        for number, line in page.at(rule):
            if number in settled:
                continue
            told = match_rule(own, rule, pattern, page.rows[number], line, lambda: page.whole)
            if told:
                taken.add(number)
                if rule.whole_line:
                    settled.add(number)
            for field, value in told.items():
                # A date without its year gives way to a whole one.
                if field not in found or (field == "date" and len(found[field]) < len(value)):
                    found[field] = value
    if "title" not in found:
        first = headline(page.text, {page.spans[number] for number in taken})
        found.update({"title": first or found.get("original", "")})
    return found


def match_rule(
    own: Bylines, rule: Rule, pattern: re.Pattern[str], written: str, line: str, whole: Any
) -> dict[str, str]:
    """What one rule finds in one line: `written`, and `line` in the form that patterns read.

    `whole` gives the whole text in that form. Values are cleaned; a date may lack its year.
    """
    match = pattern.search(line)
    if match is None:
        return {}
    groups = {name: written[slice(*match.span(name))] for name in match.groupdict() if match[name]}
    found: dict[str, str] = {}
    if "known" in groups:
        name = outlet(re.sub("(?:特派|特约)?(?:记者|記者)$", "", groups["known"]).strip()) or ""
        alone = groups["known"].strip() == written.strip() and is_word(name)
        if is_known(name) and not is_platform(name) and not alone:
            found["source"] = name
        elif rule.needs_known:
            return {}
    if "outlet" in groups:
        # OCR reads 某 某 晚 报.
        written_name = groups["outlet"]
        if re.fullmatch(r"\S(?:\s\S)+", written_name):
            written_name = "".join(written_name.split())
        name = outlet(written_name) or ""
        if own.looks_like_outlet(name) and not own.refuses("source", name):
            found["source"] = name
        elif rule.needs_known:
            return {}
    if "source" in groups:
        source = _source(own, groups["source"])
        if source is None:
            return {}
        found["source"] = source
    if "names" in groups or "author" in groups:
        told = groups.get("names") or groups["author"]
        people, told_outlet = _people(own, told, mixed="names" in groups)
        if told_outlet:
            found.setdefault("source", told_outlet)
        if people:
            found["author"] = people
        elif not found:
            return {}
    if "date" in groups or "dated" in groups:
        written_dates = dates(groups.get("date") or groups["dated"])
        if not written_dates:
            return {}
        found["date"] = written_dates[0].value
    for field in ("title", "original", "url"):
        if field in groups:
            found[field] = groups[field].strip()
    if rule.text_says and not re.search(rule.text_says, whole()):
        return {}
    if rule.text_says_of_value and "author" in found:
        said = rule.text_says_of_value.replace("<<value>>", re.escape(read_form(found["author"])))
        if not re.search(said, whole()):
            return {}
    if rule.author_is_source and "author" in found and "source" not in found:
        found["signed"] = found["author"].split(" ")[0]
    return found


def _source(own: Bylines, written: str) -> str | None:
    name = outlet(written)
    if name is None or len(name) > _LONGEST_SOURCE or own.refuses("source", name):
        return None
    return None if is_platform(name) or re.search("[。！？，!?,]", name) else name


_BETWEEN_NAMES = re.compile(r"[\s、，,;；&＆/／]+")
_LATER_NAME = re.compile(r"[一-鿿]{2,4}|[一-鿿]{1,8}[·•][一-鿿·•]{1,12}|[A-Za-z][A-Za-z.\-']{0,20}")
# Who stands behind these is no writer.
_OTHERS = re.compile(
    "(?:每经|每經|责任|責任|值班|文字|视频|視頻)?(?:编辑|編輯|责编|責編|校对|校對|美编|美編|摄影|攝影)[:：]?"
)
_ROLE = re.compile(
    "(?:专栏作者|專欄作者|(?:本报|本報|见习|特约|实习|實習|特約)?(?:记者|記者)|实习生|實習生"
    "|(?:特约|特約)?(?:通讯员|通訊員))[:：]?"
)


def _people(own: Bylines, written: str, *, mixed: bool) -> tuple[str | None, str | None]:
    """Names joined by blanks, and, where names may be `mixed` with one, the outlet among them."""
    people: list[str] = []
    source: str | None = None
    for token in _BETWEEN_NAMES.split(written.strip()):
        if people and _OTHERS.fullmatch(token):
            break
        name = _ROLE.sub("", token).strip('“”"《》「」『』()（）【】[]·.|｜:：')
        if mixed and source is None and own.looks_like_outlet(name):
            source = outlet(name)
        elif not name or own.refuses("author", name):
            continue
        elif len(name) <= 12 and (not people or _LATER_NAME.fullmatch(name)):
            people.append(name)
    if source is not None and len(people) == 0 and not is_known(source):
        # A pen name such as 某某观察 alone is author and account in one.
        return source, source
    return " ".join(people[:8]) or None, source


def _dated(value: str | None, year: int | None) -> dict[str, str]:
    """The date with its year; empty, and so overruling, where no year is known."""
    if value is None or len(value) != len("MM-DD"):
        return {}
    month, day = value.split("-")
    return {"date": (year and iso(f"{year}-{month}-{day}")) or ""}


def _reckoned(page: _Page) -> str | None:
    """The day of an event plus the days that have passed, where the text says both."""
    if "去" not in page.text or "天" not in page.text:
        return None
    own = shipped().reckoning
    if not re.search(r"[过過]去[了]?\d{1,3}天", page.text):
        return None
    return reckon(own, page.whole)


def reckon(own: Reckoning, whole: str) -> str | None:
    """A date by the rule of `[reckoning]`, from a text in the form that patterns read."""
    passed = re.search(own.passed, whole)
    named = {int(match["year"]) for match in re.finditer(own.year, whole)}
    if passed is None:
        return None
    for held in re.finditer(own.held, whole):
        event = held["event"]
        same = passed["event"][-4:] in event or event in passed["event"]
        year = int(held["year"]) if held["year"] else min(named) if len(named) == 1 else None
        day = iso(held["date"], year)
        if same and day is not None and held.start() < passed.start():
            return (date.fromisoformat(day) + timedelta(int(passed["days"]))).isoformat()
    return None
