"""The element of a page in which its article stands, by where the prose is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from stance.reading.web.blocks import Line, prose
from stance.reading.web.rules import page_rules

# A box whose name says that it holds the text has this share of the page's prose at least, one
# without a name this one.
_NAMED, _UNNAMED = 0.55, 0.7
# An article has so many letters of prose, in so many lines.
_LEAST, _LEAST_LINES = 120, 2
# Paragraphs of a box without a name stand in it, not deep in boxes of their own.
_NEAR, _MOST_NEAR = 2, 0.7
_STOP = re.compile("[。！？；]")
_LONG = 80
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WHOLE = frozenset(("html", "body"))


def body(lines: Sequence[Line]) -> list[Line]:
    """The lines of the smallest element that holds most of the prose; none where it is not sure.

    It is not where prose stands right beside that element too, or in others of its class: then the
    article has several parts, and what belongs to it is for an extractor to say.
    """
    weights = [_weight(line) for line in lines]
    total = sum(weights)
    if total < _LEAST:
        return []
    inside: Counter[Any] = Counter()
    count: Counter[Any] = Counter()
    near: Counter[Any] = Counter()
    paths = [_path(line.box) if weight else () for line, weight in zip(lines, weights, strict=True)]
    for path, weight in zip(paths, weights, strict=True):
        for number, element in enumerate(path):
            inside[element] += weight
            count[element] += 1
            near[element] += weight if number < _NEAR else 0
    found = None
    depth = 0
    for path in paths:
        for number, element in enumerate(path):
            steps = len(path) - number
            named = _is_named(element)
            fits = inside[element] >= (_NAMED if named else _UNNAMED) * total
            fits = fits and (named or near[element] >= _MOST_NEAR * inside[element])
            fits = fits and count[element] >= _LEAST_LINES
            if fits and steps > depth and element.tag not in _WHOLE:
                found, depth = element, steps
                break
    if found is None or _goes_on(found, paths):
        return []
    return [line for line in lines if _is_within(line.box, found)]


def _weight(line: Line) -> int:
    """Letters of a line that is a sentence or a paragraph: titles and bylines are neither."""
    if line.leads_away or line.heading or (len(line.text) < _LONG and not _STOP.search(line.text)):
        return 0
    return prose(line.text)


def _path(box: Any) -> tuple[Any, ...]:
    """An element and those around it, from the inside out."""
    return (box, *box.iterancestors())


def _is_within(box: Any, element: Any) -> bool:
    return box is element or any(one is element for one in box.iterancestors())


def _goes_on(found: Any, paths: Sequence[tuple[Any, ...]]) -> bool:
    """Whether prose stands beside an element in its own box, or in a neighbour of its class."""
    parent = found.getparent()
    if parent is None:
        return False
    class_ = found.get("class")
    for path in paths:
        if not path or found in path or parent not in path:
            continue
        at = path.index(parent)
        if at == 0:
            return True
        beside = path[at - 1]
        same = beside.tag == found.tag and beside.get("class") == class_
        unnamed = beside.tag == "p" or not (beside.get("class") or beside.get("id"))
        if unnamed or same or _is_named(beside):
            return True
    return False


def _is_named(element: Any) -> bool:
    return _says_text(element.get("class") or "", element.get("id") or "")


@lru_cache(4096)
def _says_text(class_: str, id_: str) -> bool:
    words = {word.lower() for word in _WORD.findall(f"{class_[:300]} {id_[:100]}")}
    return not page_rules().drops["text"].isdisjoint(words)
