"""All the text of a page or a piece of one, without a look at what of it is the article."""

from __future__ import annotations

import re

from stance.reading.web.blocks import LINE_TAGS, UNSEEN


class _PlainText:
    """What lxml's parser hands over as it goes: no tree, so depth and size cost nothing."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._unseen: list[str] = []

    def start(self, tag: str, _: object) -> None:
        if tag in UNSEEN:
            self._unseen.append(tag)
        elif tag == "body":
            self._unseen.clear()
        elif tag in LINE_TAGS:
            self.pieces.append("\n")

    def end(self, tag: str) -> None:
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()
        elif tag in LINE_TAGS:
            self.pieces.append("\n")

    def data(self, text: str) -> None:
        if not self._unseen:
            self.pieces.append(re.sub(r"\s+", " ", text))

    def close(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.pieces).split("\n"))
        return "\n".join(line for line in lines if line)


def plain(page: str) -> str:
    """All the text of markup, a line for each block; empty where it cannot be parsed at all."""
    from lxml import etree

    try:
        # Bytes: a page's own declaration no longer says how it is encoded.
        parser = etree.HTMLParser(target=_PlainText(), encoding="utf-8", huge_tree=True)
        return str(etree.fromstring(page.encode(), parser))
    except etree.LxmlError:
        return ""
