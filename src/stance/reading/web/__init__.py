"""Web pages to articles: trafilatura for the text, the page's own words for what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from stance.errors import ReadingError
from stance.reading.encoding import declared_charset, decode
from stance.reading.limits import Limits, check_length, run_limited
from stance.reading.raw import FIELDS, Known, Raw
from stance.reading.walking import Item
from stance.reading.web.blocks import Line, Shown, lines_of, no_blanks, pieces, prose, written
from stance.reading.web.bodies import body
from stance.reading.web.declared import clean, declared, mend_title, told_text, turns_pages
from stance.reading.web.plain import plain
from stance.reading.web.rules import page_rules
from stance.reading.web.surroundings import drop_surroundings
from stance.text import encodable

_HEADERS = re.compile(r"(?:HTTP/[\d.]+ \d{3}[^\n]*\n)?(?:[a-zA-Z-]{2,40}:[^\n]*\n)+\r?\n")
_HEADERS_WITHIN = 16_384
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# WeChat keeps an article invisible until its script has run; a saved page is left like that.
_FOLDED = re.compile(
    r"[\w-]*(?<![a-z])hid(?:e|den)(?![a-z])[\w-]*|[\w-]*(?:collapse|fold)(?:d|ed)?(?![a-z])[\w-]*",
    re.I,
)
_HIDDEN = re.compile(r"(?:visibility:\s*hidden|opacity:\s*0(?![.\d]))\s*;?")
# A page with less prose is a menu, a title, a video.
_LEAST_PROSE = 30
# trafilatura asks for 250 letters before it trusts what it found; Chinese says as much in half.
_ENOUGH = 120
_EXCERPT = 100
# A known place of the article is one only where this share of the page's prose stands in it.
_LEAST_OF_PAGE = 0.4


def read_html(item: Item, limits: Limits) -> Raw:
    """The article of a saved page.

    Raises:
        ReadingError: no text, no article on the page, or it cannot be parsed within limits.
    """
    data = item.read(limits)
    page, encoding, warnings = decode(data, declared_charset(data))
    headers = _HEADERS.match(page, 0, _HEADERS_WITHIN)
    if headers is not None and "content-type" in headers.group().lower():
        page = page[headers.end() :]
    parsed = msgspec.convert(run_limited(parse_page, (page,), limits), Parsed)
    check_length(parsed.text, limits)
    known = {field: Known(value, origin) for field, (value, origin) in parsed.known.items()}
    return Raw(
        path=item.path,
        text=parsed.text,
        around=parsed.around,
        pieces=parsed.pieces,
        left_out=parsed.left_out,
        encoding=encoding,
        known={field: known[field] for field in FIELDS if field in known},
        warnings=(*warnings, *parsed.warnings),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The article of a page.

    `text` has paragraphs as lines, `around` the lines before and after it, `pieces` their elements
    a line each, `left_out` prose that
    the page holds elsewhere; `known` are value and origin by field.
    """

    text: str
    around: str
    pieces: str
    left_out: tuple[str, ...]
    known: Mapping[str, tuple[str, str]]
    warnings: tuple[str, ...]


def parse_page(page: str) -> Parsed:
    """The article of a page, and what the page tells of it.

    Raises:
        ReadingError: there is no article on it.
    """
    from trafilatura import load_html

    page = _CONTROL.sub("", encodable(page))
    try:
        tree = load_html(page)
    except (ValueError, AssertionError, TypeError):
        tree = None
    found: dict[str, tuple[str, str]] = {}
    text = ""
    warnings: tuple[str, ...] = ()
    whole_page: tuple[Line, ...] = ()
    shown = Shown(())
    if tree is not None:
        found = dict(declared(tree))
        whole_page = tuple(lines_of(tree))
        drop_surroundings(tree)
        shown = Shown(tuple(lines_of(tree)))
        whole = told_text(tree) if shown.prose < _LEAST_PROSE else ""
        text = _article(tree, shown, found)
        text = whole if prose(whole) >= _LEAST_PROSE else text
    if prose(text) < _LEAST_PROSE:
        whole = shown.text if shown.prose >= _LEAST_PROSE else plain(page)
        if prose(whole) < _LEAST_PROSE:
            raise ReadingError(
                "no article on the page: a menu, a title, pictures or scripts only; "
                "save the page after it has loaded, or its text as .txt"
            )
        text = whole
        warnings = ("no article was found on the page; all its text was taken",)
    text = shown.lined(text)
    above, below = Shown(whole_page).around(text)
    if tree is not None:
        mend_title(tree, found, above, turned=turns_pages(page))
    left_out = _left_out(whole_page, text, found.get("title"))
    return Parsed(
        text=encodable(text),
        around=encodable(written((*above, *below))),
        pieces=encodable(pieces((*reversed(above), *below))),
        left_out=tuple(encodable(line) for line in left_out),
        known=found,
        warnings=warnings,
    )


def _left_out(page: tuple[Line, ...], text: str, title: tuple[str, str] | None) -> Iterator[str]:
    """Prose of the page that is no part of the text, as `outside: …`."""
    taken = no_blanks(text + (title[0] if title else ""))
    for line in page:
        if not line.leads_away and prose(line.text) and no_blanks(line.text) not in taken:
            yield f"outside: {line.text[:_EXCERPT]}"


def _article(tree: Any, shown: Shown, found: dict[str, tuple[str, str]]) -> str:
    """The text of the page; what trafilatura knows of it is added to `found`."""
    from trafilatura import bare_extraction
    from trafilatura.metadata import extract_metadata

    for element in tree.iter("div", "section"):
        style = element.get("style")
        if style and element.get("id") == "js_content":
            element.set("style", _HIDDEN.sub("", style))
    text = _body(tree, shown) or shown.of(body(shown.lines))
    _unfold(tree)
    # A fixed last day: what is read today must be read the same tomorrow. Not extensive: dates in
    # the text are read later, by who knows their Chinese forms.
    dates = {"original_date": True, "extensive_search": False, "max_date": "2099-12-31"}
    try:
        if text:
            document: Any = extract_metadata(tree, date_config=dates)
        else:
            document = bare_extraction(
                tree,
                include_comments=False,
                with_metadata=True,
                config=_settings(),
                date_extraction_params=dates,
            )
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, AssertionError):
        return text  # trafilatura's own faults on odd trees; all the page's text is tried then
    if document is None or isinstance(document, dict):
        return text
    host = document.hostname or ""
    for field, value in (
        ("title", document.title),
        ("author", document.author),
        ("date", document.date),
        ("url", document.url),
        ("source", document.sitename),
    ):
        # A site's name that is only its address says no more than the url.
        if field == "source" and value and (value in host or "." in value):
            continue
        if field not in found and (kept := clean(field, value)):
            found[field] = (kept, f"html {field}")
    return text or document.text or ""


def _unfold(tree: Any) -> None:
    """Take the word for hidden off what a page shows at a touch: extractors pass it over."""
    for element in tree.iter("div", "section", "article"):
        class_ = element.get("class") or ""
        if _FOLDED.search(class_) and prose("".join(element.itertext())) >= _LEAST_PROSE:
            element.set("class", _FOLDED.sub("", class_))


def _body(tree: Any, shown: Shown) -> str:
    """The text of the element in which a site always has its articles, empty where there is none.

    Quicker than a search for the article, and surer.
    """
    for xpath in page_rules().bodies:
        for element in tree.xpath(xpath)[:1]:
            text = Shown(tuple(lines_of(element))).text
            if prose(text) >= max(_ENOUGH, _LEAST_OF_PAGE * shown.prose):
                return text
    return ""


@cache
def _settings() -> Any:
    from trafilatura.settings import use_config

    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(_ENOUGH))
    return config
