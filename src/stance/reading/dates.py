"""Dates as pages write them, to ISO."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from stance.reading.rules import read_form

FIRST_YEAR, LAST_YEAR = 1946, 2099
"""No article is older or younger; other years are numbers of something else."""


@dataclass(frozen=True, slots=True)
class Found:
    """A date at `[start, end)`. `value` is `YYYY-MM-DD` or `YYYY-MM`, or `MM-DD` without a year."""

    start: int
    end: int
    value: str


_DIGIT = {character: number for number, character in enumerate("〇一二三四五六七八九")}
_DIGIT |= {"零": 0, "○": 0, "o": 0, "两": 2}
_HAN_DIGIT = "[〇零○o一二三四五六七八九]"
_HAN_NUMBER = "[一二三四五六七八九十廿卅]{1,3}"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
# A clock may follow at once: 2024年05月09日10:23.
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"民国\s*(?P<roc>\d{1,3})\s*年\s*(?P<m>\d{1,2})\s*月(?:\s*(?P<d>\d{1,2})\s*[日号])?",
        rf"(?P<hy>{_HAN_DIGIT}{{4}})年(?P<hm>{_HAN_NUMBER})月(?:(?P<hd>{_HAN_NUMBER})[日号])?",
        r"(?<!\d)(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月(?:\s*(?P<d>\d{1,2})\s*[日号])?",
        r"(?<![\d.])(?P<y>(?:19|20)\d\d)\s?([-/._])\s?(?P<m>\d{1,2})\s?\2\s?(?P<d>\d{1,2})"
        r"(?:(?=\d\d:\d\d)|(?![\d%]|\.\d))",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)",
        r"(?<!\d)(?P<roc>1[01]\d)\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日",
        rf"(?<![a-z]){_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)(?!\d)",
        rf"(?<!\d)(?P<d>\d{{1,2}})[\s-]+{_MONTH}[\s-]+(?P<y>(?:19|20)\d\d)(?!\d)",
        # Weibo and the C library: Tue Apr 30 17:42:08 +0800 2024.
        rf"(?<![a-z]){_MONTH}\s+(?P<d>\d{{1,2}})\s+\d{{1,2}}:\d\d(?::\d\d)?"
        r"(?:\s+(?:[+-]\d{4}|[a-z]{3,4}))?,?\s+(?P<y>(?:19|20)\d\d)(?!\d)",
        # Taiwan, by the years of the Republic.
        r"(?<![\d/.-])(?P<roc>1[01]\d)/(?P<m>\d{1,2})/(?P<d>\d{1,2})(?![\d/.-])",
        # Hong Kong writes the day first.
        r"(?<!\d)(?P<d>\d{1,2})([-/.])(?P<m>\d{1,2})\2(?P<y>(?:19|20)\d\d)(?!\d)",
        r"(?<![\d年])(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?[日号]",
        rf"(?<![十年\d])(?P<hm>{_HAN_NUMBER})月(?P<hd>{_HAN_NUMBER})[日号]",
    )
)
_MONTH_ONLY = re.compile(r"(?P<y>(?:19|20)\d\d)\s?[-/.年]\s?(?P<m>\d{1,2})月?")
_EPOCH = re.compile(r"\d{10}(?:\.\d+|\d{3})?")
_LONGEST_FIELD = 200
_CHINA = datetime.timezone(datetime.timedelta(hours=8))


def dates(text: str) -> list[Found]:
    """The dates of a text in order, as it writes them; no date stands inside another."""
    normal = read_form(text)
    found: list[Found] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(normal):
            value = _value(match)
            taken = any(o.start < match.end() and match.start() < o.end for o in found)
            if value is not None and not taken:
                found.append(Found(match.start(), match.end(), value))
    return sorted(found, key=lambda one: one.start)


def iso(written: str, year: int | None = None) -> str | None:
    """The date of a field or a byline as `YYYY-MM-DD` or `YYYY-MM`, None where there is none.

    Args:
        written: what a page, a column or a manifest says; a clock and a zone may follow, and the
            day is the one written. Seconds or milliseconds since 1970 are read as in China.
        year: the year of a date that has none.
    """
    plain = read_form(written[:_LONGEST_FIELD]).strip()
    if _EPOCH.fullmatch(plain):
        seconds = float(plain) / (1000 if len(plain) == 13 and "." not in plain else 1)
        return datetime.datetime.fromtimestamp(seconds, _CHINA).date().isoformat()
    for one in dates(plain):
        if len(one.value) != len("MM-DD"):
            return one.value
        if year is not None:
            return _checked(year, int(one.value[:2]), int(one.value[3:]))
    match = _MONTH_ONLY.fullmatch(plain)
    return _checked(int(match["y"]), int(match["m"]), None) if match else None


def _value(match: re.Match[str]) -> str | None:
    group = match.groupdict()
    if group.get("name"):
        month = _MONTHS.index(group["name"]) + 1
    else:
        month = _number(group.get("hm")) or int(group.get("m") or 0)
    day = _number(group.get("hd")) or (int(group["d"]) if group.get("d") else None)
    year = int(group["y"]) if group.get("y") else None
    if group.get("roc"):
        year = int(group["roc"]) + 1911
    if group.get("hy"):
        year = int("".join(str(_DIGIT[character]) for character in group["hy"]))
    if year is None:
        # Any leap year will do to see whether the day exists.
        whole = _checked(2000, month, day)
        return None if whole is None or day is None else whole[len("2000-") :]
    return _checked(year, month, day)


def _number(han: str | None) -> int | None:
    """九 9, 十二 12, 二十 20, 卅一 31."""
    if not han:
        return None
    han = han.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = han.rpartition("十")
    if not ten:
        return _DIGIT.get(ones)
    return (_DIGIT.get(tens, 0) if tens else 1) * 10 + (_DIGIT.get(ones, 0) if ones else 0)


def _checked(year: int, month: int, day: int | None) -> str | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        whole = datetime.date(year, month, day or 1)
    except ValueError:
        return None
    return whole.isoformat() if day else whole.isoformat()[: len("YYYY-MM")]


def years(text: str) -> Iterator[int]:
    """Years that stand alone in a path: `2024/`, `/2024-05/`."""
    for match in re.finditer(r"(?<!\d)(?:19|20)\d\d(?!\d)", text):
        if FIRST_YEAR <= int(match.group()) <= LAST_YEAR:
            yield int(match.group())
