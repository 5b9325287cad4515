"""What seals a page: text stays text, and no script runs but those that are in it."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HERE = Path(__file__).parent
# Invisible characters that reorder what stands near them (Unicode TR 36): shown, not obeyed. And
# those that no page can hold.
_UNSAFE = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\0\ud800-\udfff]")


def shown(text: str | None) -> str | None:
    """Text as a browser may show it: same length, no bidi controls, NUL or lone surrogates."""
    if text is None:
        return None
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


@cache
def asset(name: str) -> str:
    """A file that goes into a page as it is."""
    return (_HERE / name).read_text(encoding="utf-8")


def script_hash(script: str) -> str:
    """The source by which a Content-Security-Policy knows a script in the page."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def template(name: str) -> Any:
    """A template in which every value is escaped and none may be missing."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
