"""What of a page is not its article, and pages that hold none.

The rules stand in `lexicons/reading/furniture.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import ahocorasick_rs

from stance.lexicon import LEXICONS
from stance.reading.page_shapes import (
    FLAT_TABLE,
    HEAD,
    TAIL,
    Cut,
    Line,
    doubled,
    flat_tables,
    menu_above,
    outlet_alone,
    page_of,
    pasted_tail,
    quoted_again,
)
from stance.reading.rules import compiled, lines, parts
from stance.reading.wrapping import joined_lines as joined_lines
from stance.text import HAN
from stance.tomlfile import TomlFile

FURNITURE = LEXICONS / "reading" / "furniture.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One `[[rule]]`; the head of the file says what its keys mean."""

    name: str
    kind: Literal["line", "block", "inside", "words"]
    pattern: str = "(?!)"
    words: tuple[str, ...] = ()
    share: float = 1.0
    under: float = 1.0
    goes_on: str = "(?!)"
    asks: str = ""
    keeps: str = "(?!)"
    place: Literal["any", "head", "tail", "edge"] = "any"
    longest: int = 80
    least: int = 1
    most: int = 40
    few: int = 10_000
    many: int = 1
    to_end: bool = False
    needs: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hollow:
    """One `[[hollow]]`: how a page shows itself to hold no article."""

    reason: str
    pattern: str
    most: int
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tested:
    """A rule with its patterns, ready to be asked."""

    rule: Rule
    pattern: re.Pattern[str]
    goes_on: re.Pattern[str]
    asks: re.Pattern[str]
    keeps: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Furniture:
    """All rules of a file. `automaton` finds the words that rules need, numbered as `needs`."""

    rules: tuple[Tested, ...]
    hollows: tuple[tuple[Hollow, re.Pattern[str]], ...]
    needs: tuple[str, ...]
    automaton: ahocorasick_rs.AhoCorasick

    def asked(self, page: Sequence[Line]) -> Iterator[Tested]:
        """The rules that need nothing, or a word that stands on a page."""
        whole = "\n".join(line.normal for line in page)
        places = self.automaton.find_matches_as_indexes(whole, overlapping=True)
        found = {self.needs[word] for word, _, _ in places}
        for tested in self.rules:
            if not tested.rule.needs or not found.isdisjoint(tested.rule.needs):
                yield tested


def cuts(text: str) -> list[Cut]:
    """What to leave out of a page, disjoint and in order, in offsets of `text`.

    Whole lines go with their line end. Prose is never cut: a rule that is not sure lets a line be.
    """
    page = page_of(text)
    own = shipped()
    found = [*doubled(page), *outlet_alone(page), *flat_tables(page)]
    found += [*menu_above(page), *quoted_again(page)]
    for tested in own.asked(page):
        found += rule_cuts(tested, page)
    found += pasted_tail(page, found)
    return _disjoint(text, found)


def furniture_line(line: str) -> bool:
    """Whether a line that stands alone would go as a whole."""
    page = page_of(line)
    return any(
        cut.start <= page[0].start and cut.end >= page[-1].end
        for tested in shipped().asked(page)
        if tested.rule.kind in ("line", "words")
        for cut in rule_cuts(tested, page)
    )


def _within(line: Line, rule: Rule) -> bool:
    if len(line.normal) > rule.longest:
        return False
    match rule.place:
        case "any":
            return True
        case "head":
            return line.head < HEAD
        case "tail":
            return line.tail < TAIL
        case "edge":
            return line.head < HEAD or line.tail < TAIL


def rule_cuts(tested: Tested, page: Sequence[Line]) -> Iterator[Cut]:
    """What one rule cuts from a page that has what it needs (`Furniture.asked`)."""
    if tested.rule.kind == "line":
        fitting = [
            line
            for line in page
            if _within(line, tested.rule)
            and tested.pattern.fullmatch(line.normal)
            and tested.asks.search(line.normal)
            and not tested.keeps.fullmatch(line.normal)
        ]
        if tested.rule.many <= len(fitting) <= tested.rule.few:
            yield from (Cut(line.start, line.end, tested.rule.name) for line in fitting)
    elif tested.rule.kind == "inside":
        found = list(_inside(tested, page))
        if len(found) >= tested.rule.many:
            yield from found
    elif tested.rule.kind == "words":
        yield from _worded(tested, page)
    else:
        yield from _blocks(tested, page)


def _inside(tested: Tested, page: Sequence[Line]) -> Iterator[Cut]:
    for line in page:
        if _within(line, tested.rule):
            for match in tested.pattern.finditer(line.normal):
                surely = tested.asks.search(match.group())
                if surely and not tested.keeps.fullmatch(match.group()):
                    span = (line.start + match.start(), line.start + match.end())
                    yield Cut(*span, tested.rule.name)


def _worded(tested: Tested, page: Sequence[Line]) -> Iterator[Cut]:
    """Lines that are made of the words of a notice, whatever their order.

    `share` of the Han characters of a line belong to `words`, titles in 《》 not counted. Of a line
    right under one that goes, the part `under` is enough.
    """
    rule = tested.rule
    above = False
    for line in page:
        wanted = rule.under if above else rule.share
        above = (
            _within(line, rule)
            and ((above and rule.under < rule.share) or bool(tested.asks.search(line.normal)))
            and not tested.keeps.search(line.normal)
            and _share(tested.pattern, line.normal) >= wanted
        )
        if above:
            yield Cut(line.start, line.end, rule.name)


_TITLE = re.compile("《[^》]{1,30}》")


def _share(words: re.Pattern[str], line: str) -> float:
    """The part of the Han characters of a line that stand in words of a pattern."""
    bare = _TITLE.sub("", line)
    count = len(_HAN.findall(bare))
    return sum(map(len, words.findall(bare))) / count if count else 0.0


def _blocks(tested: Tested, page: Sequence[Line]) -> Iterator[Cut]:
    rule, number = tested.rule, 0
    while number < len(page):
        first = page[number]
        if not (_within(first, rule) and tested.pattern.fullmatch(first.normal)):
            number += 1
            continue
        end = number + 1
        # A blank line ends a block, but where the page has one after every line.
        airy = end < len(page) and page[end].blank
        while (
            end < len(page)
            and end - number < rule.most
            and (airy or rule.to_end or not page[end].blank)
            and len(page[end].normal) <= rule.longest
            and tested.goes_on.fullmatch(page[end].normal)
            and not tested.keeps.fullmatch(page[end].normal)
        ):
            end += 1
        block = "\n".join(line.normal for line in page[number:end])
        whole = not rule.to_end or (end == len(page) and _longer_above(page, number))
        if whole and end - number >= rule.least and tested.asks.search(block):
            ends = range(number, end) if rule.to_end else [end - 1]
            starts = ends if rule.to_end else [number]
            for start, last in zip(starts, ends, strict=True):
                yield Cut(page[start].start, page[last].end, rule.name)
            number = end
        else:
            number += 1


def _longer_above(page: Sequence[Line], number: int) -> bool:
    """Whether more stands above a line than from it on, or nothing."""
    below = sum(len(line.normal) for line in page[number:])
    return number == 0 or sum(len(line.normal) for line in page[:number]) >= below


def _disjoint(text: str, found: list[Cut]) -> list[Cut]:
    """Cuts in order, none inside another, whole lines with their end."""
    kept: list[Cut] = []
    whole = [_with_line_end(text, cut) for cut in found]
    for cut in sorted(whole, key=lambda cut: (cut.start, -cut.end)):
        if kept and cut.start < kept[-1].end:
            # What begins in one cut and ends behind it goes on with the rest of its span.
            if cut.end <= kept[-1].end:
                continue
            cut = Cut(kept[-1].end, cut.end, cut.rule)
        kept.append(cut)
    return kept


def _with_line_end(text: str, cut: Cut) -> Cut:
    """A cut of all that stands on its lines, taken up to the next line."""
    start, end = cut.start, cut.end
    while start > 0 and text[start - 1] in " \t\u3000\xa0":
        start -= 1
    while end < len(text) and text[end] in " \t\u3000\xa0":
        end += 1
    opens = start == 0 or text[start - 1] in "\r\n\u2028\u2029"
    closes = end == len(text) or text[end] in "\r\n\u2028\u2029"
    if not (opens and closes):
        return cut
    for mark in ("\r\n", "\n", "\r", "\u2028", "\u2029"):
        if text.startswith(mark, end):
            return Cut(start, end + len(mark), cut.rule)
    return Cut(start, end, cut.rule)


def without(text: str, found: Sequence[Cut]) -> str:
    """`text` without its cuts."""
    pieces, position = [], 0
    for cut in found:
        pieces.append(text[position : cut.start])
        position = cut.end
    return "".join([*pieces, text[position:]])


# ---- pages without an article ------------------------------------------------------------------

_HAN = re.compile(f"[{HAN}]")
_LONGEST_NOTICE = 60
_SENTENCE_STOP = re.compile(r"[。！？!?；…]|\.(?=\s|$)")
_PICTURE = re.compile(r"!\[|<img|\[图片\]|\[圖片\]|\.(?:jpe?g|png|gif|webp)\b", re.IGNORECASE)
_SPOKEN = re.compile("[的了是在我你他她不就也都这那有和說说這與与很]")


def prose(text: str, found: Sequence[Cut] | None = None) -> str | None:
    """Why a text holds too little prose to be an article, None where it is one.

    One sentence with its stop is enough, if it is most of what there is. `found` are the cuts of
    `text`, where they are known already.
    """
    taken = cuts(text) if found is None else found
    rest = without(text, taken)
    rows = [rest[start:end] for start, end in lines(rest)]
    han = [len(_HAN.findall(row)) for row in rows]
    said = _said(rows, han)
    notices = [line.normal for line in page_of(text) if len(line.normal) <= _LONGEST_NOTICE]
    for hollow, pattern in shipped().hollows:
        if (hollow.most < 0 or said < hollow.most) and any(map(pattern.search, notices)):
            return hollow.reason
    digits = sum(map(str.isdigit, rest))
    short = sum(count <= 8 for count in han)
    tabular = any(cut.rule == FLAT_TABLE for cut in taken)
    if (digits > 1.5 * sum(han) and said < 100 and len(rows) > 4) or (tabular and not said):
        return "tables of numbers, hardly a sentence"
    if said == 0 and not sum(han):
        return "pictures alone" if _PICTURE.search(text) else "nothing left but page furniture"
    if said == 0 and _PICTURE.search(text) and sum(han) < 60:
        return "pictures and their captions, no text"
    if said < 60 and len(rows) >= 8 and short >= 0.7 * len(rows) and said < 0.3 * sum(han):
        return "a menu or a list, hardly a sentence"
    if said == 0 and len(rows) <= 3 and sum(han) < 80:
        return "a headline without a text"
    if said == 0:
        return "a menu or a list, no sentence"
    return None


def _said(rows: Sequence[str], han: Sequence[int]) -> int:
    """How many Han characters stand in sentences.

    A sentence has a stop, or is a long line; in a transcript, which has none, many lines have the
    small words that menus lack.
    """
    count = sum(
        n
        for row, n in zip(rows, han, strict=True)
        if (n >= 4 and _SENTENCE_STOP.search(row))
        or n >= 60
        or (n >= 16 and len(rows) > 3 and re.search("[，,]", row))
    )
    spoken = [n for row, n in zip(rows, han, strict=True) if n >= 5 and _SPOKEN.search(row)]
    if not count and len(spoken) >= 8 and len(spoken) >= 0.5 * len(rows):
        count = sum(spoken)
    return count


# ---- the file of rules -------------------------------------------------------------------------


@cache
def shipped() -> Furniture:
    """The rules that are shipped."""
    return load_furniture(FURNITURE)


def load_furniture(path: Path) -> Furniture:
    """The rules of a file.

    Raises:
        LexiconError: a fault in the file, with its line and its mend.
    """
    file = TomlFile(path)
    file.tables(("parts", "rule", "hollow"))
    pieces = parts(file)

    def tested(index: int, rule: Rule) -> Tested:
        keys = ("pattern", "goes_on", "asks", "keeps")
        patterns = [compiled(file, "rule", index, getattr(rule, key), pieces, key) for key in keys]
        if rule.words:
            # The longest first: of two words that begin alike, an alternation takes the first.
            longest = sorted(set(rule.words), key=lambda word: (-len(word), word))
            patterns[0] = re.compile("|".join(map(re.escape, longest)))
        return Tested(rule, *patterns)

    rules = tuple(tested(index, rule) for index, rule in file.records("rule", Rule))
    hollows = tuple(
        (one, compiled(file, "hollow", index, one.pattern, pieces))
        for index, one in file.records("hollow", Hollow)
    )
    file.raise_first()
    needs = tuple(dict.fromkeys(word for tested in rules for word in tested.rule.needs))
    return Furniture(rules, hollows, needs, ahocorasick_rs.AhoCorasick(needs))
