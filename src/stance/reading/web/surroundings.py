"""What the structure of a page shows to be outside the article."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any

from stance.reading.web.blocks import HEADINGS, LINE_TAGS, UNSEEN, no_blanks, prose
from stance.reading.web.rules import page_rules

# Names for outside the article: dropped unless more than this share of the page's prose is in them.
_MOST_OF_PAGE = 0.3
# Names that articles bear as well (app, tool): dropped only with less than a sentence or two.
_A_FEW_LETTERS = 60
_NEVER_DROPPED = frozenset(("html", "head", "body", "article", "main", "h1", "meta", "link"))
_HEADING_LIKE = HEADINGS | {"p", "div", "b", "strong", "span", "dt", "li", "legend"}
_LISTS = frozenset(("ul", "ol", "dl", "div", "table"))
_LAYOUT = ("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_AROUND_HEADING = " \t\r\n\u3000:：>》›»|丨·•[]【】（）()-—#"
_HIDDEN_STYLE = re.compile(r"display:\s*none|(?:left|top|text-indent):\s*-\d{4}")


def drop_surroundings(tree: Any) -> None:
    """Take out what the structure of a page shows to be outside the article."""
    from lxml import etree

    rules = page_rules()
    all_prose = max(_prose_in(tree), 1)
    # Nested elements are not looked through again and again.
    budget = 10 * len("".join(tree.itertext())) + 1000
    doomed: list[tuple[int, Any]] = []
    walk = etree.iterwalk(tree, events=("start",))
    for _, element in walk:
        tag = element.tag
        if not isinstance(tag, str) or tag in _NEVER_DROPPED:
            continue
        strength = _strength(tag, element.get("class") or "", element.get("id") or "")
        if strength is None and (
            (tag == "table" and _is_data(element))
            or _HIDDEN_STYLE.search(element.get("style") or "")
        ):
            strength = "name"
        box = element
        if strength is None and tag in _HEADING_LIKE and _is_heading(element):
            strength, box = "heading", element.getparent()
        if strength is None or budget < 0:
            continue
        words = "".join(box.itertext())
        budget -= len(words)
        inside = _prose_in(box)
        most = _MOST_OF_PAGE * all_prose if strength == "name" else _A_FEW_LETTERS
        kept = box.tag in _NEVER_DROPPED or any(True for _ in box.iter("h1"))
        if not kept and inside <= most and (strength == "name" or not rules.byline.search(words)):
            doomed.append((inside, box))
            walk.skip_subtree()
        elif strength == "heading":
            doomed.append((0, element))
            after = element.getnext()
            if after is not None and after.tag in _LISTS and not _prose_in(after):
                doomed.append((0, after))
    if sum(inside for inside, _ in doomed) > all_prose / 2:
        # The names of this page mean something else: only what holds no sentence can go.
        doomed = [(inside, element) for inside, element in doomed if not inside]
    for _, element in doomed:
        if element.getparent() is not None:
            # What stands before and after it is not one line.
            apart = element.tag in LINE_TAGS and no_blanks(element.tail or "")
            if apart or (element.tag not in LINE_TAGS and _is_heading(element)):
                element.addprevious(element.makeelement("br"))
            element.drop_tree()
    for element in list(tree.iter("div", "section", "article", "td")):
        _wrap_bare(element)
    # Pages of old are laid out in tables and lists, and extractors make one line of each.
    for element in list(tree.iter(*_LAYOUT)):
        element.tag = "div"
    for element in list(tree.iter("li")):
        if any(True for _ in element.iter("p", "div", "h1", "h2", "h3")):
            element.tag = "div"
            parent = element.getparent()
            if parent is not None and parent.tag in ("ul", "ol"):
                parent.tag = "div"


def _wrap_bare(box: Any) -> None:
    """Put sentences that stand between paragraphs in paragraphs; trafilatura passes them over."""
    if not any(child.tag == "p" for child in box):
        return
    children = list(box)
    between = (box.text, *(child.tail for child in children))
    if not any(text and prose(text.replace("\n", "")) for text in between):
        return
    inline = box.makeelement("p")
    inline.text, box.text = box.text, None
    box.insert(0, inline)
    for child in children:
        if child.tag in LINE_TAGS and child.tag != "br":
            inline = box.makeelement("p")
            inline.text, child.tail = child.tail, None
            child.addnext(inline)
        else:
            inline.append(child)


@lru_cache(4096)
def _strength(tag: str, class_: str, id_: str) -> str | None:
    """How surely a tag, class or id says that an element is no part of the article."""
    rules = page_rules()
    if tag in rules.drops["tag"]:
        return "name"
    words: set[str] = set()
    for token in f"{class_[:300]} {id_[:100]}".split():
        parts = [part.lower() for part in _WORD.findall(token)]
        words.update(parts, map("".join, pairwise(parts)))
    if not rules.drops["name"].isdisjoint(words):
        return "name"
    return None if rules.drops["light"].isdisjoint(words) else "light"


def _is_heading(element: Any) -> bool:
    """Whether an element says 相关阅读 or the like, as the heading of a list of other articles."""
    parent, before = element.getparent(), element.getprevious()
    if len(element) > 3 or parent is None:
        return False
    # Within a sentence the words are its own.
    ahead = parent.text if before is None else before.tail
    beside = no_blanks(f"{ahead or ''}{element.tail or ''}").strip(":：")
    if element.tag not in LINE_TAGS and beside:
        return False
    text = "".join(element.itertext())
    if len(text) > 60:
        return False
    return no_blanks(text).strip(_AROUND_HEADING) in page_rules().drops["heading"]


def _prose_in(element: Any) -> int:
    """Letters of prose in an element, without its links."""
    found = 0
    for one in element.iter():
        tag = one.tag
        text = one.text if isinstance(tag, str) and tag != "a" and tag not in UNSEEN else None
        for piece in (text, one.tail if one is not element else None):
            if piece and len(piece) > 5:
                found += prose(piece.replace("\n", ""))
    return found


def _is_data(table: Any) -> bool:
    """Whether a table holds figures: cells in rows and columns and no sentence in any."""
    cells = 0
    for cell in table.iter("td", "th", "table"):
        if cell.tag == "table":
            if cell is not table:
                return False
            continue
        cells += 1
        text = "".join(cell.itertext())
        if len(text) > 60 or "。" in text:
            return False
    rows = sum(1 for _ in table.iter("tr"))
    return rows >= 2 and cells >= 2 * rows
