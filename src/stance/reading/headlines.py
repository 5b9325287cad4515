"""The headline of a text, where its first line is one."""

from __future__ import annotations

import re
from collections.abc import Collection

from stance.reading.furniture import furniture_line
from stance.reading.outlets import is_known
from stance.reading.rules import lines, read_form

_LONGEST, _SHORTEST = 60, 5
_LOOKED_AT = 8
_BELOW = 6
_HAN = re.compile("[㐀-鿿]")
_ENDS_OTHERWISE = re.compile("[。；;，,、：:」）)—-]$|。")
# Labels over a headline, no headlines themselves.
_OVER = re.compile(
    r"[【\[(]?(?:新闻稿|新闻通稿|通稿|媒体稿|新闻资料|供即时发布|即[时刻](?:发布|发放|发表)"
    r"|for immediate release|press release)[】\])]?$"
)
_NO_HEADLINE = re.compile(
    r".*https?://|(?:摘要|导语|导读|核心提示|编者按|按|引言|前言|目录|来源|作者|文|图|时间|日期|关键词|原标题)\s*[:|/]"
    r"|[【\[].{0,8}[】\]]$"
    r"|(?:问|答|记者|主持人?|嘉宾|网友|采访者|提问|书名|片名|以下|据)(?:[:|]|为|摘自|《)|.*[,、\s](?:记者|主持|编译|摄影)[\s:]|.*/?(?:撰文|编译|摄影)[:\s]|.*编译$"
    r"|[·•●■◆▲△▼※*\-–—>]|\d{1,3}[.、]|[(]?[一二三四五六七八九十]{1,3}[)、.]"
)
# Entries of a menu that was copied with the page, and what a converter writes over it.
_ENTRY = re.compile(r"[^\d\s:：|｜/]{1,4}")
_MADE_WITH = re.compile(r"转码|轉碼|[Ss]imp[Rr]ead|原文地址")
_NAME = re.compile("[㐀-鿿]{2,4}(?:[ \u3000、][㐀-鿿]{2,4}){0,2}")
_STOP = tuple("。！？!?”；…")


def headline(text: str, bylines: Collection[tuple[int, int]]) -> str | None:
    """The headline with which a text begins, None where its first line is none.

    A headline is a short line without a full stop over longer ones with stops. Page furniture and
    lines of the byline (`bylines`, their spans) may stand above it; a byline or a blank line below
    makes sure.
    """
    spans = list(lines(text))
    looked = 0
    for number, span in enumerate(spans[: 3 * _LOOKED_AT]):
        line = text[slice(*span)]
        looked += not _ENTRY.fullmatch(line)
        if looked > _LOOKED_AT:
            return None
        if _ENTRY.fullmatch(line) or (number < _LOOKED_AT and _MADE_WITH.search(line)):
            continue
        if span in bylines or furniture_line(line) or _OVER.match(read_form(line)):
            continue
        return line.lstrip("#").strip() if _stands_over(text, spans, number, bylines) else None
    return None


def _stands_over(
    text: str, spans: list[tuple[int, int]], number: int, bylines: Collection[tuple[int, int]]
) -> bool:
    start, end = spans[number]
    line = text[start:end]
    fits = _SHORTEST <= len(line) <= _LONGEST and len(_HAN.findall(line)) >= 4
    if not fits or _ENDS_OTHERWISE.search(line) or _NO_HEADLINE.match(read_form(line)):
        return False
    below = spans[number + 1 : number + 1 + _BELOW]
    if not below:
        return False
    under = text[slice(*below[0])]
    told = (
        below[0] in bylines
        or furniture_line(under)
        or _OVER.match(read_form(under)) is not None
        or under.startswith(("——", "──", "--"))
    )
    if not told and len(below) > 1 and _NAME.fullmatch(under):
        told = below[1] in bylines or furniture_line(text[slice(*below[1])])
    apart = text.count("\n", end, below[0][0]) > 1
    rest = [text[slice(*span)] for span in below if span not in bylines]
    sentences = [row for row in rest if row.endswith(_STOP) or len(row) > 80]
    if told or apart:
        later = [text[slice(*span)] for span in spans[number + 1 : number + 25]]
        return any(row.endswith(_STOP) and len(row) >= 12 for row in later)
    # Lines that were wrapped at one width are no headlines.
    alike = sum(abs(len(row) - len(line)) <= 3 for row in rest[:5])
    if alike >= 3:
        return False
    return (
        bool(sentences)
        and (len(rest[0]) > len(line) or rest[0].endswith(_STOP))
        and len(sentences) >= min(2, len(rest))
    )


_PARTS = re.compile(r"\s*[_|｜丨]+\s*|\s+[-–—·]\s+")
_ENDS = re.compile(r"\s*[_|｜丨·–—-]+\s*")
_TITLED_WITHIN = 12


def without_sites(title: str, text: str) -> str:
    """A page's title without the names of columns and site behind it: 标题_栏目_网站.

    Where a line at the top of the text is the title's beginning, the title is that line; else
    only the names of known outlets are taken off its end.
    """
    ends = [match.span() for match in _ENDS.finditer(title)]
    if not ends:
        return title
    for span in list(lines(text))[:_TITLED_WITHIN]:
        line = text[slice(*span)].lstrip("#").strip()
        rest = title[len(line) :]
        if len(line) >= _SHORTEST and title.startswith(line) and _PARTS.match(rest):
            return line
    while ends and is_known(title[ends[-1][1] :]):
        title = title[: ends.pop()[0]]
    return title
