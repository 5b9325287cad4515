"""Web pages to articles: trafilatura for the text, the page's own words for what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from stance.errors import ReadingError
from stance.lexicon import LEXICONS
from stance.reading.encoding import declared_charset, decode
from stance.reading.limits import Limits, run_limited
from stance.reading.raw import FIELDS, Known, Raw
from stance.reading.rows import check_length
from stance.reading.walking import Item
from stance.text import encodable
from stance.tomlfile import TomlFile

_HEADERS = re.compile(r"(?:HTTP/[\d.]+ \d{3}[^\n]*\n)?(?:[a-zA-Z-]{2,40}:[^\n]*\n)+\r?\n")
_HEADERS_WITHIN = 16_384
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# WeChat keeps an article invisible until its script has run; a saved page is left like that.
_HIDDEN = re.compile(r"(?:visibility:\s*hidden|opacity:\s*0(?![.\d]))\s*;?")
_STOP = re.compile("[。！？；.!?]")
# A line of prose is a sentence, or long; a page with less of them is a menu, a title, a video.
_LONG_LINE, _LEAST_PROSE = 20, 30
_LONGEST_VALUE = 300
# trafilatura asks for 250 letters before it trusts what it found; Chinese says as much in half.
_ENOUGH = 120
_SEPARATORS = r"[\s_|·–—\-]+"
_UNSEEN = frozenset(
    ("script", "style", "noscript", "template", "head", "svg", "select", "iframe", "object")
)
_LINE_TAGS = frozenset(
    ("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption",
     "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
     "nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul")
)  # fmt: skip


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
    text, found, more = run_limited(parse_page, (page,), limits)
    check_length(text, limits)
    known = {field: Known(value, origin) for field, (value, origin) in found.items()}
    return Raw(
        path=item.path,
        text=text,
        encoding=encoding,
        known={field: known[field] for field in FIELDS if field in known},
        warnings=(*warnings, *more),
    )


def parse_page(page: str) -> tuple[str, dict[str, tuple[str, str]], list[str]]:
    """The text of a page, paragraphs as lines; value and origin by field; warnings.

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
    text, warnings = "", []
    if tree is not None:
        found = dict(_declared(tree))
        text = _article(tree, found)
    if prose(text) < _LEAST_PROSE:
        plain = _plain(page)
        if prose(plain) < _LEAST_PROSE:
            raise ReadingError(
                "no article on the page: a menu, a title, pictures or scripts only; "
                "save the page after it has loaded, or its text as .txt"
            )
        text = plain
        warnings.append("no article was found on the page; all its text was taken")
    if "title" in found and "source" in found:
        title = _without_site(found["title"][0], found["source"][0])
        found["title"] = (title, found["title"][1])
    return encodable(text), found, warnings


def prose(text: str) -> int:
    """How many letters stand in lines that are sentences, or long."""
    found = 0
    for line in text.splitlines():
        letters = sum(map(str.isalnum, line))
        if letters >= _LONG_LINE or (letters > 5 and _STOP.search(line)):
            found += letters
    return found


def _article(tree: Any, found: dict[str, tuple[str, str]]) -> str:
    """Trafilatura's text; what it knows of the page is added to `found`."""
    from trafilatura import bare_extraction

    for element in tree.iter("div", "section"):
        style = element.get("style")
        if style and element.get("id") == "js_content":
            element.set("style", _HIDDEN.sub("", style))
    try:
        document = bare_extraction(
            tree,
            include_comments=False,
            with_metadata=True,
            config=_settings(),
            # A fixed last day: what is read today must be read the same tomorrow. Not extensive:
            # dates in the text are read later, by who knows their Chinese forms.
            date_extraction_params={
                "original_date": True,
                "extensive_search": False,
                "max_date": "2099-12-31",
            },
        )
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, AssertionError):
        return ""  # trafilatura's own faults on odd trees; all the page's text is tried then
    if document is None or isinstance(document, dict):
        return ""
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
    return document.text or ""


@cache
def _settings() -> Any:
    from trafilatura.settings import use_config

    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(_ENOUGH))
    return config


def _declared(tree: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """What a page declares of itself, each field at most once."""
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        for key in ("property", "name", "itemprop"):
            name = (element.get(key) or "").strip().lower()
            if name:
                metas.setdefault(name, element.get("content") or "")
    rules = page_rules()
    for field in FIELDS:
        places = [(p.xpath, f"html {p.site} {field}") for p in rules.places if p.field == field]
        if field == "url":
            places.append(("//link[@rel='canonical']/@href", "html canonical"))
        for xpath, origin in places:
            values = tree.xpath(xpath)
            value = clean(field, _text(values[0])) if values else None
            if value:
                yield field, (value, origin)
                break
        else:
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


def _without_site(title: str, site: str) -> str:
    """A title without the site's name behind it: 标题_某某网."""
    shorter = re.sub(rf"(?:{_SEPARATORS}){re.escape(site)}$", "", title)
    return shorter if len(shorter) > 4 else title


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meta:
    field: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    field: str
    site: str
    xpath: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filler:
    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRules:
    """pages.toml: names of meta elements and filler values by field, and sites' own places."""

    metas: Mapping[str, tuple[str, ...]]
    places: tuple[_Place, ...]
    fillers: Mapping[str, frozenset[str]]


@cache
def page_rules() -> PageRules:
    """The rules that are shipped."""
    file = TomlFile(LEXICONS / "reading" / "pages.toml")
    rules = PageRules(
        metas={meta.field: meta.names for _, meta in file.records("meta", _Meta)},
        places=tuple(place for _, place in file.records("place", _Place)),
        fillers={f.field: frozenset(f.values) for _, f in file.records("filler", _Filler)},
    )
    file.raise_first()
    return rules


class _PlainText:
    """What lxml's parser hands over as it goes: no tree, so depth and size cost nothing."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._unseen: list[str] = []

    def start(self, tag: str, _: object) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag == "body":
            self._unseen.clear()
        elif tag in _LINE_TAGS:
            self.pieces.append("\n")

    def end(self, tag: str) -> None:
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()
        elif tag in _LINE_TAGS:
            self.pieces.append("\n")

    def data(self, text: str) -> None:
        if not self._unseen:
            self.pieces.append(re.sub(r"\s+", " ", text))

    def close(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.pieces).split("\n"))
        return "\n".join(line for line in lines if line)


def _plain(page: str) -> str:
    """All the text of a page's body, a line for each block."""
    from lxml import etree

    try:
        # Bytes: a page's own declaration no longer says how it is encoded.
        parser = etree.HTMLParser(target=_PlainText(), encoding="utf-8", huge_tree=True)
        return str(etree.fromstring(page.encode(), parser))
    except etree.LxmlError:
        return ""
