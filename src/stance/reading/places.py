"""What a file name, a folder and an address tell of an article."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from stance.reading.dates import dates, iso, years
from stance.reading.outlets import is_known, is_platform, outlet

_PIECES = re.compile(r"[_＿|｜【】\[\]—–-]+")
_NO_WORDS = re.compile(
    r"[\d\s.()（）]*|[0-9a-f\-]{6,}|正文|全文|原文|copy|副本|[a-z]{1,8}\d*", re.I
)
_HAN = re.compile("[㐀-鿿]")


def from_path(path: str, looks_like_outlet: Callable[[str], bool]) -> dict[str, str]:
    """Source, title and date from `2024-05-09_来源_标题.txt` and the like, and from the folder."""
    if path == "-" or re.search(r"#\d+$", path):
        return {}
    steps = [step for step in re.split(r"[/\\]|!(?=/)", path) if step]
    if not steps:
        return {}
    stem = re.sub(r"(?:\.[A-Za-z0-9]{1,8}){1,2}$", "", steps[-1])
    found: dict[str, str] = {}
    whole = [one for one in dates(stem) if len(one.value) != len("MM-DD")]
    if whole:
        found["date"] = whole[0].value
        stem = f"{stem[: whole[0].start]}_{stem[whole[0].end :]}"
    elif month := re.match(r"((?:19|20)\d\d)[-_.]?(\d\d)(?=[-_\s])", stem):
        found.update({"date": value} if (value := iso(f"{month[1]}-{month[2]}")) else {})
    pieces = [piece.strip(" .·") for piece in _PIECES.split(stem)]
    pieces = [piece for piece in pieces if not _NO_WORDS.fullmatch(piece) or is_known(piece)]
    if len(pieces) == 1 and " " in pieces[0]:
        first, rest = pieces[0].split(maxsplit=1)
        # 2024.05.09 某某周刊 标题
        if len(first) <= 8 and (_is_outlet(first) or looks_like_outlet(first)):
            pieces = [first, rest]
    source = next((piece for piece in pieces if _is_outlet(piece)), None)
    if source is None and len(pieces) > 1:
        source = next((p for p in pieces if len(p) <= 12 and looks_like_outlet(p)), None)
    if source is not None:
        found["source"] = outlet(source) or source
        pieces.remove(source)
    elif len(steps) > 1 and _is_outlet(steps[-2]):
        found["source"] = outlet(steps[-2]) or steps[-2]
    title = max(pieces, key=len, default="")
    if len(_HAN.findall(title)) >= 5:
        found["title"] = title
    return found


def _is_outlet(name: str) -> bool:
    return is_known(name) and not is_platform(name)


def from_url(url: str) -> dict[str, str]:
    """The outlet of the host and the date in the path."""
    if not url:
        return {}
    found: dict[str, str] = {}
    name = outlet(url)
    if name is not None and is_known(url) and not is_platform(url):
        found["source"] = name
    path = urlsplit(url).path if url.isascii() else ""
    # people.com.cn writes /n1/2024/0509/.
    path = re.sub(r"/((?:19|20)\d\d)/(\d\d)(\d\d)/", r"/\1-\2-\3/", path)
    whole = [one.value for one in dates(path) if len(one.value) != len("MM-DD")]
    if whole:
        found["date"] = whole[0]
    return found


def one_year(path: str, url: str) -> int | None:
    """The year that path or address name, where they name one."""
    for place in (url, Path(path).as_posix()):
        named = set(years(place))
        if len(named) == 1:
            return named.pop()
    return None
