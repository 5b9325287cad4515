"""Names and addresses of outlets to one name each, by `lexicons/reading/sources.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote

from stance.lexicon import LEXICONS
from stance.reading.rules import compiled, read_form
from stance.text import fold, simplify
from stance.tomlfile import TomlFile

SOURCES = LEXICONS / "reading" / "sources.toml"
PLATFORM = "platform"
"""The kind of an outlet that only carries what others write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One `[[outlet]]`: the name that tables show, other spellings, hosts with or without path."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One `[[wording]]`: what surrounds a name and is no part of it; 〖〗 mark it in `yes`."""

    name: str
    pattern: str
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlets:
    """All outlets of a file, ready to be asked.

    `exact` holds spellings in their own script, `loose` in simplified: 經濟日報 is a paper in
    Taipei, 经济日报 one in Beijing, while 财新 and 財新 are the same. `words` are spellings that
    are common words too.
    """

    outlets: tuple[Outlet, ...]
    wordings: tuple[tuple[Wording, re.Pattern[str]], ...]
    exact: dict[str, Outlet]
    loose: dict[str, Outlet]
    domains: dict[str, Outlet]
    words: frozenset[str]

    def named(self, name: str) -> Outlet | None:
        """The outlet that a name leads to, with or without what surrounds it; None if unknown."""
        for spelling in (name, self.cleaned(name)):
            key = _key(spelling)
            found = self.exact.get(key) or self.loose.get(simplify(key))
            if found is not None:
                return found
        return None

    def hosted(self, address: str) -> Outlet | None:
        """The outlet of a URL or host by its longest domain, None if unknown or no address."""
        place = _place(address)
        if place is None:
            return None
        host, path = place
        labels = host.split(".")
        for first in range(len(labels) - 1):
            domain = ".".join(labels[first:])
            steps = [step for step in path.split("/") if step]
            for length in range(min(len(steps), 2), -1, -1):
                found = self.domains.get("/".join([domain, *steps[:length]]))
                if found is not None:
                    return found
        return None

    def cleaned(self, name: str) -> str:
        """A name without brackets, quotation marks, labels, platforms and blanks around it."""
        before = None
        while name != before and len(name) <= _LONGEST_NAME:
            before = name
            name = name.strip().strip(_EDGES)
            opening, closing = name[:1], name[-1:]
            if opening in _PAIRS and closing == _PAIRS[opening] and name.count(opening) == 1:
                name = name[1:-1]
            elif opening in _PAIRS and _PAIRS[opening] not in name:
                name = name[1:]
            elif closing in _PAIRS.values() and _OPENING[closing] not in name:
                name = name[:-1]
            form = read_form(name)
            for _, pattern in self.wordings:
                match = pattern.search(form)
                if match and match.end() - match.start() < len(name):
                    name = name[: match.start()] + name[match.end() :]
                    form = read_form(name)
        return _BLANKS.sub(" ", name).strip(_EDGES)


_LONGEST_NAME = 200
_PAIRS = dict(zip("《〈「『【〔（([“‘\"'", "》〉」』】〕）)]”’\"'", strict=True))
_OPENING = {closing: opening for opening, closing in _PAIRS.items()}
_EDGES = " \t\r\n\u3000\xa0\u200b\ufeff:：|｜/／·•-—_,，。;；、@"
_BLANKS = re.compile(r"\s+")
_NOT_IN_KEY = re.compile(r"[\s·•・.\-_—《》“”\"'「」]+")
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.\-]*://|//)?(?:[^\s/@]*@)?"
    r"(?P<host>(?:[a-z0-9\-]+\.)+[a-z]{2,18})(?::\d+)?(?P<path>[/?#]\S*)?",
    re.IGNORECASE | re.ASCII,
)
_SUBDOMAIN = re.compile(r"^(?:www\d?|m|wap|mobile|3g|amp)\.(?=.*\.)")
_JOINTS = re.compile(r"\s*[/／|｜·\s_—]+\s*|\s+-\s+")


@lru_cache(maxsize=4096)
def outlet(name_or_host: str) -> str | None:
    """The one name of an outlet, from any of its names, its host or a URL.

    A name that is not in the file stays as it is, without brackets, quotation marks, platforms
    (`网易号`) and blanks around it; an unknown host loses `www.` and the like. A known outlet with
    a column or an author behind it (`观察者网 某某`) is that outlet. None where nothing is left.
    """
    own = shipped()
    place = _place(name_or_host.strip())
    if place is not None:
        found = own.hosted(name_or_host.strip()) or own.named(name_or_host)
        return found.name if found is not None else _SUBDOMAIN.sub("", place[0])
    found = own.named(name_or_host)
    if found is None:
        found = _first_known(own, name_or_host)
    return found.name if found is not None else own.cleaned(name_or_host) or None


@lru_cache(maxsize=4096)
def is_known(name: str) -> bool:
    """Whether a name or host leads to an outlet of the file, platforms included."""
    own = shipped()
    return (own.hosted(name) or own.named(name)) is not None


def is_word(name: str) -> bool:
    """Whether a name is a common word as well (财经, 人物): alone in a line it is no outlet."""
    return _key(name) in shipped().words


@lru_cache(maxsize=4096)
def is_platform(name_or_host: str) -> bool:
    """Whether a name or address is only a place where others publish."""
    own = shipped()
    found = own.hosted(name_or_host) or own.named(name_or_host)
    return found is not None and found.kind == PLATFORM


def _first_known(own: Outlets, name: str) -> Outlet | None:
    """The outlet that a name begins with, where a blank or stroke parts it from the rest."""
    parts = [part for part in _JOINTS.split(own.cleaned(name)) if part]
    if len(parts) < 2:
        return None
    found = own.named(parts[0])
    return None if found is None or found.kind == PLATFORM else found


def _place(address: str) -> tuple[str, str] | None:
    """Host and path in lower case, None where it is no address."""
    match = _ADDRESS.fullmatch(address.strip())
    if match is None or ("/" not in address and address.count(".") == 1 and " " in address):
        return None
    path = (match["path"] or "").split("?")[0].split("#")[0]
    return match["host"].lower(), unquote(path).lower()


def _key(name: str) -> str:
    return _NOT_IN_KEY.sub("", fold(name))


@cache
def shipped() -> Outlets:
    """The outlets that are shipped."""
    return load_outlets(SOURCES)


def load_outlets(path: Path) -> Outlets:
    """The outlets of a file.

    Raises:
        LexiconError: a fault in the file, with its line and its mend.
    """
    file = TomlFile(path)
    file.tables(("outlet", "wording", "common"))
    rows = file.records("outlet", Outlet)
    wordings = file.records("wording", Wording)
    patterns = [(one, compiled(file, "wording", i, one.pattern)) for i, one in wordings]
    exact: dict[str, Outlet] = {}
    loose: dict[str, Outlet] = {}
    domains: dict[str, Outlet] = {}
    for index, one in rows:
        for spelling in (one.name, *one.aliases):
            if not _key(spelling):
                file.fault(file.line("name", "outlet", index), "an empty name; take it out")
            elif exact.setdefault(_key(spelling), one) is not one:
                taken = f"'{spelling}' leads to '{exact[_key(spelling)].name}' already; keep one"
                file.fault(file.line("name", "outlet", index, value=spelling), taken)
        for domain in one.domains:
            if domain != domain.lower().removeprefix("www.") or "://" in domain:
                file.fault(
                    file.line("domains", "outlet", index),
                    f"write '{domain}' in lower case, without https:// and www.",
                )
            elif domains.setdefault(domain, one) is not one:
                taken = f"'{domain}' belongs to '{domains[domain].name}' already; keep one"
                file.fault(file.line("domains", "outlet", index), taken)
    file.raise_first()
    # Where two outlets differ in script alone, the simplified spelling belongs to its own outlet.
    for key, one in exact.items():
        loose[simplify(key)] = exact.get(simplify(key), one)
    outlets = tuple(one for _, one in rows)
    common = [word for _, one in file.records("common", _Common) for word in one.words]
    return Outlets(outlets, tuple(patterns), exact, loose, domains, frozenset(map(_key, common)))
