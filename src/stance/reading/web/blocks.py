"""The lines of a page: what a reader sees, and what an extractor took of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

from stance.reading.web.rules import page_rules

_STOP = re.compile("[。！？；.!?]")
# A line of prose is a sentence, or long.
_LONG_LINE = 20
# A byline is no longer than that.
_SHORT = 60
_LONGEST_BYLINE = 160
_LINES_AROUND, _LINES_APART = 12, 500
# Lines with so many links are menus, wherever they stand.
_MENU = 4
_WINDOW = 20_000
_WEB = re.compile(r"https?://[!-~]+|\bwww\.[!-~]+")
# A line without a Han letter or the stop of a sentence is a button of a program.
_SAID = re.compile(r"[㐀-鿿]|[.!?]['\"”’)]*$")
_BETWEEN = "\x1f"
# Between the fields of a byline that are no elements of their own.
_GAP = re.compile("\x1f|\\s*[\xa0\u3000]+\\s*")
_LABELS = re.compile(r"(?:[^\s:：]{1,6}[:：]\s*)+")
# An address before a date is the site's own.
_ADDRESS = re.compile(r"^https?://\S+\s+(?=\S)")
# 2024 05/09, each in an element of its own.
_SPLIT_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)\s+(\d\d?)\s*[/.\-]\s*(\d\d?)(?=\s+\d\d?:\d\d)")
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
UNSEEN = frozenset(
    ("script", "style", "noscript", "template", "head", "svg", "select", "iframe", "object")
)
LINE_TAGS = frozenset(
    ("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption",
     "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
     "nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul")
)  # fmt: skip


def prose(text: str) -> int:
    """How many letters stand in lines that are sentences, or long."""
    found = 0
    for line in text.splitlines():
        letters = sum(map(str.isalnum, line))
        if letters >= _LONG_LINE or (letters > 5 and _STOP.search(line)):
            found += letters
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A block of a page: as it reads, with blanks between its elements, and its links.

    `pieces` are the elements of a short one, where there are several, `box` the element in which
    it stands.
    """

    text: str
    apart: str
    links: int = 0
    linked: int = 0
    heading: bool = False
    pieces: tuple[str, ...] = ()
    box: Any = field(default=None, compare=False, repr=False)

    @property
    def written(self) -> str:
        """The line, with blanks between its elements where it is a byline (撰文：某某 出版：…)."""
        return self.apart if self.tells else self.text

    @property
    def tells(self) -> bool:
        """Whether it is a byline."""
        if len(self.text) >= _SHORT or "。" in self.text:
            return False
        return page_rules().byline.search(self.text) is not None

    @property
    def leads_away(self) -> bool:
        """Whether it is links and little else: a menu, a path to the page, a next article."""
        letters = sum(map(str.isalnum, self.text))
        if not self.links or self.heading or _STOP.search(_WEB.sub("", self.text)):
            return False
        return self.linked >= letters or (self.links > 1 and self.linked >= 0.6 * letters)


@dataclass(frozen=True)
class Shown:
    """The lines of a page, to find again what an extractor took of them."""

    lines: tuple[Line, ...]

    @cached_property
    def _ends(self) -> list[int]:
        """Where each line ends, in characters but blanks."""
        return list(accumulate(len(no_blanks(line.text)) for line in self.lines))

    @cached_property
    def _joined(self) -> str:
        return "".join(no_blanks(line.text) for line in self.lines)

    def of(self, lines: Iterable[Line]) -> str:
        """Lines of one element that are its article: from the first prose to the last."""
        return "\n".join(
            line.written for line in _within_prose([one for one in lines if not one.leads_away])
        )

    @cached_property
    def text(self) -> str:
        """All lines that do not lead away."""
        return "\n".join(line.written for line in self.lines if not line.leads_away)

    @cached_property
    def prose(self) -> int:
        """Letters of prose in them."""
        return prose(self.text)

    def lined(self, text: str) -> str:
        """A text in the page's own lines, without those that lead away.

        Extractors join paragraphs where a page has no <p> for them, and write lists and tables
        with strokes. Short lines before the first and after the last prose are menus, bylines and
        the titles of other articles, and left out too, but for a heading above it.
        """
        taken: list[Line] = []
        at = 0
        for row in text.split("\n"):
            written = row.strip()
            for key in dict.fromkeys((written, written.strip("-| "))):
                bare = no_blanks(key)
                # A window, so that rows that are nowhere cost no search of the whole page.
                start = self._joined.find(bare, at, at + _WINDOW + len(bare)) if bare else -1
                if start >= 0:
                    break
            else:
                apart = self._apart(no_blanks(written), at)
                taken += [self.lines[number] for number in apart]
                at = self._ends[apart[-1]] if apart else at
                # trafilatura leaves <time> out, and the label before it stands alone.
                bare = no_blanks(written).strip("-|")
                if not apart and bare and not _LABELS.fullmatch(written):
                    taken.append(Line(written, written))
                continue
            at = start + len(bare)
            first, last = bisect_right(self._ends, start), bisect_right(self._ends, at - 1)
            whole = start == (self._ends[first - 1] if first else 0) and at == self._ends[last]
            if whole:
                taken += [line for line in self.lines[first : last + 1] if not line.leads_away]
            else:
                taken.append(Line(key, key))
        return "\n".join(line.written for line in _within_prose(taken))

    def around(self, text: str) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """The lines before and those after the article whose text is given, without menus."""
        taken = no_blanks(text)
        own = [
            number
            for number, line in enumerate(self.lines)
            if not line.heading and prose(line.text) and no_blanks(line.text) in taken
        ]
        if not own:
            return (), ()
        above, below = (
            [line for line in side if line.links < _MENU and not line.leads_away]
            for side in (self.lines[: own[0]], self.lines[own[-1] + 1 :])
        )
        return tuple(above[-_LINES_AROUND:]), tuple(below[:_LINES_AROUND])

    def _apart(self, bare: str, at: int) -> list[int]:
        """The numbers of whole lines that make up `bare`, though others stand between them."""
        found: list[int] = []
        first = bisect_right(self._ends, at)
        for number in range(first, min(len(self.lines), first + _LINES_APART)):
            own = no_blanks(self.lines[number].text)
            if own and bare.startswith(own):
                found.append(number)
                bare = bare[len(own) :]
                if not bare:
                    return found
        return []


def written(lines: Iterable[Line]) -> str:
    """Lines as a text for those who read bylines in it, without the site's address."""
    rows = (_ADDRESS.sub("", line.apart) for line in lines)
    return "\n".join(_SPLIT_DAY.sub(r"\1/\2/\3", row) for row in rows)


def pieces(lines: Iterable[Line]) -> str:
    """The elements of those lines that have several, a line each."""
    return "\n".join(one for line in lines if len(line.pieces) > 1 for one in line.pieces)


def _within_prose(lines: list[Line]) -> list[Line]:
    """From the first prose to the last, with headings above it; all lines where none is prose."""
    told = [
        number
        for number, line in enumerate(lines)
        if prose(line.text) and _SAID.search(line.text) and not line.heading and not line.tells
    ]
    if not told:
        return lines
    headings = [line for line in lines[: told[0]] if line.heading]
    return [*headings, *lines[told[0] : told[-1] + 1]]


def no_blanks(text: str) -> str:
    """The text without blanks and line ends."""
    return "".join(text.split())


def lines_of(tree: Any) -> Iterator[Line]:
    """The blocks of a tree that hold text, in order."""
    from lxml import etree

    pieces: list[str] = []
    links = linked = within = unseen = 0
    heading = False
    boxes: list[Any] = [tree]

    def line() -> Line | None:
        joined = "".join(pieces)
        told = " ".join(joined.replace(_BETWEEN, "").split())
        if not told:
            return None
        apart = " ".join(joined.replace(_BETWEEN, " ").split())
        parts: tuple[str, ...] = ()
        if len(told) <= _LONGEST_BYLINE:
            parts = tuple(filter(None, (" ".join(p.split()) for p in _GAP.split(joined))))
        return Line(told, apart, links, linked, heading, parts, boxes[-1])

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        starts = event == "start"
        if tag in UNSEEN:
            unseen += 1 if starts else -1
        elif tag in LINE_TAGS:
            if (found := line()) is not None:
                yield found
            if found is not None or not within:
                pieces.clear()
                links = linked = 0
            heading = tag in HEADINGS and starts
            if starts:
                boxes.append(element)
            elif len(boxes) > 1:
                boxes.pop()
        elif not unseen:
            pieces.append(_BETWEEN)
            if tag == "a":
                within += 1 if starts else -1
                links += starts
        piece = element.text if starts else element.tail
        if piece and not unseen:
            pieces.append(piece)
            if within > 0:
                linked += sum(map(str.isalnum, piece))
                links = max(links, 1)
    if (found := line()) is not None:
        yield found
