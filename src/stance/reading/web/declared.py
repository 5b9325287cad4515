"""What a page declares of itself: source, title, author, date, address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from stance.reading.outlets import is_known
from stance.reading.raw import FIELDS
from stance.reading.web.blocks import Line, no_blanks
from stance.reading.web.rules import page_rules
from stance.text import encodable

TITLE = "html title of the site"

_LONGEST_VALUE = 300
_SEPARATORS = r"[\s_|·–—\-]+"
_SITE = re.compile(rf"{_SEPARATORS}([^\s_|·–—\-]{{2,12}})\s*")
_LAST_SITE = re.compile(rf"{_SEPARATORS}([^\s_|·–—\-]{{2,12}})\s*$")
_NAMED_SITE = re.compile(r"\s+[|–—-]\s+([A-Za-z][\w.&' ]{2,40})\s*")
_STROKE = re.compile(r"\s*[_|｜│]+\s*|\s*[-–—]+\s*")
_TURN = re.compile("上一页|下一页|上一頁|下一頁")
_PAGE_NUMBER = re.compile(r"\s*(?:[(（]\s*\d{1,2}\s*[)）]|[（(]?第\d{1,2}[页頁][)）]?|_\d{1,2})$")


def declared(tree: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """What a page declares of itself, each field at most once."""
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        for key in ("property", "name", "itemprop"):
            name = (element.get(key) or "").strip().lower()
            if name:
                metas.setdefault(name, element.get("content") or "")
    rules = page_rules()
    data = dict(_data(tree))
    for field in FIELDS:
        places = [
            (p.xpath, f"html {p.site} {field}", p.pattern) for p in rules.places if p.field == field
        ]
        if field == "url":
            places.append(("//link[@rel='canonical']/@href", "html canonical", "^(.*)$"))
        for xpath, origin, pattern in places:
            values = tree.xpath(xpath)
            told = " ".join(_text(values[0]).split()) if values else ""
            part = re.search(pattern, told)
            value = clean(field, part[1]) if part else None
            if value:
                yield field, (value, origin)
                break
        else:
            if field in data and (value := clean(field, data[field])):
                yield field, (value, "html json-ld")
                continue
            named = ((n, clean(field, metas.get(n))) for n in rules.metas.get(field, ()))
            name, value = next(((n, v) for n, v in named if v), ("", None))
            if value:
                yield field, (value, f"html meta {name}")


def _text(found: Any) -> str:
    return str(found) if isinstance(found, str) else "".join(found.itertext())


def clean(field: str, value: object) -> str | None:
    """A value in one line, None where it is empty, far too long or a program's filler."""
    flat = " ".join(encodable(str(value or "")).split())
    if not flat or len(flat) > _LONGEST_VALUE:
        return None
    if flat.casefold() in page_rules().fillers.get(field, ()):
        return None
    # Addresses of a writer's page stand where his name should.
    if field == "author" and flat.startswith(("http://", "https://")):
        return None
    if field == "url" and not flat.startswith(("http://", "https://")):
        return f"https:{flat}" if flat.startswith("//") else None
    return flat


def _data(tree: Any) -> Iterator[tuple[str, str]]:
    """What JSON-LD says of the article, each field at most once."""
    told: set[str] = set()
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        try:
            data = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for one in _articles(data):
            for field, keys in page_rules().data.items():
                values = (_name(one.get(key)) for key in keys)
                value = next((v for v in values if v), "")
                if value and field not in told:
                    told.add(field)
                    yield field, value


def told_text(tree: Any) -> str:
    """The article as JSON-LD holds it whole, for pages that a script fills; empty where none is."""
    texts = [""]
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            try:
                data = json.loads(script.text or "", strict=False)
            except (ValueError, RecursionError):
                continue
            texts += [str(one.get("articleBody") or "") for one in _articles(data)]
    return max(texts, key=len)


def _articles(data: Any, depth: int = 3) -> Iterator[dict[str, Any]]:
    """Objects that say of themselves that they are articles."""
    if isinstance(data, list):
        for one in data[:50]:
            yield from _articles(one, depth - 1) if depth else ()
    elif isinstance(data, dict):
        kinds = data.get("@type") or ""
        if not kinds or any(word in str(kinds) for word in ("Article", "Posting", "Report")):
            yield data
        if "@graph" in data and depth:
            yield from _articles(data["@graph"], depth - 1)


def _name(value: Any) -> str:
    """The words of a value of JSON-LD: text, or the names of people and organisations."""
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, list):
        names = [one.get("name") if isinstance(one, dict) else one for one in value[:8]]
        return " ".join(one for one in names if isinstance(one, str))
    return value if isinstance(value, str) else ""


def turns_pages(page: str) -> bool:
    """Whether an article goes on on other pages, so that its title may hold a page's number."""
    return _TURN.search(page) is not None


def mend_title(
    tree: Any, found: dict[str, tuple[str, str]], above: Sequence[Line] = (), *, turned: bool
) -> None:
    """A title without the names of site and column, which headings do not repeat: 标题_频道_网站.

    Where the title is only the site's name, it is the heading. What is left behind a heading and a
    stroke is a source where the page names no other; of several parts (keywords, mostly) none is.
    """
    title, origin = found.get("title", ("", "html heading"))
    if title and "source" in found:
        title = _without_site(title, found["source"][0])
    if title and is_known(title):
        title = ""
    bare = no_blanks(title)
    headings = list(_headings(tree))
    if title and (over := _part_above(title, above)):
        title, bare = over, no_blanks(over)
    if not title and headings:
        title, origin = headings[0][1], "html heading"
    for tag, heading in headings:
        least = 5 if tag == "h1" else max(5, 0.4 * len(bare))
        if least <= len(no_blanks(heading)) < len(bare) and no_blanks(heading) in bare:
            title = heading
            break
    if title and origin in ("html title", "html heading") and (own := _heading_for(title, above)):
        title = own
    if "source" not in found and title:
        whole = " ".join("".join(tree.xpath("//head/title[1]//text()")).split())
        behind = whole.partition(title)[2]
        part = _SITE.fullmatch(behind) or _NAMED_SITE.fullmatch(behind)
        if part is None and (last := _LAST_SITE.search(behind)) and is_known(last[1]):
            part = last
        if part is not None:
            found["source"] = (part[1], TITLE)
    if turned:
        title = _PAGE_NUMBER.sub("", title)
    if not title and not headings:
        title, origin = _first_above(above), "html line above"
    if title:
        found["title"] = (title, origin)
    elif "title" in found:
        del found["title"]


def _heading_for(title: str, above: Sequence[Line]) -> str:
    """The heading over an article whose page calls itself by the site's name alone."""
    bare = no_blanks(title)
    told = [no_blanks(line.text) for line in above]
    if any(one in bare or bare in one for one in told if len(one) >= 5):
        return ""
    headings = [line.text for line in above if line.heading and 8 <= len(line.text) <= 60]
    return headings[-1] if len(headings) == 1 else ""


def _first_above(above: Sequence[Line]) -> str:
    """The first line over an article that can be its headline."""
    for line in above:
        text = line.text
        if 5 <= len(text) <= 40 and not (line.links or line.tells or is_known(text)):
            return text
    return ""


def _part_above(title: str, above: Sequence[Line]) -> str:
    """The part between strokes of a page's title that stands as a line over the article."""
    parts = [part.strip() for part in _STROKE.split(title)]
    if len(parts) == 1:
        return ""
    lines = {no_blanks(line.text) for line in above}
    fitting = [p for p in parts if len(no_blanks(p)) >= 5 and no_blanks(p) in lines]
    fitting = [part for part in fitting if not is_known(part)]
    return max(fitting, key=len, default="")


def _headings(tree: Any) -> Iterator[tuple[str, str]]:
    """Tag and text of headings, h1 first, and of other elements whose class says title."""
    found = [(tag, one) for tag in ("h1", "h2", "h3") for one in list(tree.iter(tag))[:8]]
    named = tree.xpath("//body//*[contains(@class,'title') or contains(@class,'headline')]")
    for tag, one in (*found, *(("title", one) for one in named[:8])):
        text = clean("title", one.text_content())
        if text and 5 <= len(text) <= 80 and not is_known(text):
            yield tag, text


def _without_site(title: str, site: str) -> str:
    """A title without the site's name behind it: 标题_某某网."""
    shorter = re.sub(rf"(?:{_SEPARATORS}){re.escape(site)}$", "", title)
    return shorter if len(shorter) > 4 else title
