"""Markdown to an article: its front matter in several dialects, and its text without markup."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from stance.reading.columns import field_of, guess, is_of_note
from stance.reading.raw import FIELDS, Known
from stance.reading.web.declared import clean

_FRONT = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
# Pandoc: % title, % authors, % date, each of which may go on in lines that begin with a blank.
_PERCENT = re.compile(r"\s*((?:%[^\n]*\n(?:[ \t]+\S[^\n]*\n)*){1,3})")
# Notion and others write the properties of a page below its title; MultiMarkdown above all.
_PROPERTIES = re.compile(
    r"\s*(?:#[ \t]+(?P<title>[^\n]+)\n+)?(?P<rows>(?:(?:[*-][ \t]+)?\**[\w一-鿿][\w一-鿿 ]{0,20}\**"
    r"[:：]\**[ \t]*[^\n]*\n){2,40})(?=[ \t]*\n|[ \t]*---)"
)
_PROSE = re.compile(r"[。！？!?；]$")
_FRONT_WITHIN = 65_536
_FRONT_LINE = re.compile(r"([\w一-鿿][\w一-鿿 .-]{0,40}?)[ \t]*[:：][ \t]*(.*)")
_LONGEST_PROPERTY, _LEAST_PROPERTIES = 300, 2
# Logseq writes the properties of a page as `key:: value`.
_DOUBLE = re.compile(
    r"\s*((?:(?:[*-][ \t]+)?[\w一-鿿][\w一-鿿 -]{0,30}::[ \t]*[^\n]*(?:\n|$)){2,40})"
)
# What a converter writes over an article, with its address.
_CONVERTED = re.compile(
    r"\s*>?[ \t]*本文由[^\n]{0,60}(?:转码|轉碼|剪藏|保存)[^\n]{0,40}?"
    r"(?:\[[^\]\n]{0,200}\]\((?P<url>https?://[^()\s]{1,500})\)|(?P<bare>https?://\S{1,500}))?[^\n]{0,20}\n"
)
_WIKI = re.compile(r"\[\[(?:[^\[\]\n|]{1,120}\|)?([^\[\]\n|]{1,120})\]\]")
_TAGS = re.compile(r"^[ \t]*(?:[*-][ \t]+)?(?:#[^\s#]+|\[\[[^\[\]\n]+\]\]|[ \t])+[ \t]*$", re.M)
_FIRST_LEVEL = re.compile(r"^#[ \t]+(\S[^\n]{2,120}?)[ \t]*#*[ \t]*$", re.M)
_ABOVE_HEADING = 400
# Joplin writes the properties of a note below its text.
_BEHIND = re.compile(r"\n\n(id: [0-9a-f]{4,40}\n(?:[a-z_]{2,40}:[^\n]{0,300}(?:\n|\Z)){3,60})\s*\Z")
# What the owner of a note wrote below the article.
_NOTES = re.compile(
    r"\n#{1,6}[ \t]+(?:我的|个人|個人)?"
    r"(?:笔记|筆記|想法|批注|摘记|读后感|notes?|highlights?|annotations?)[ \t]*\n.*\Z",
    re.S | re.I,
)
_QUOTES = re.compile(r"[\[\]\"'“”]")
_FENCE = re.compile(r"^[ ]{0,3}(```+|~~~+)[^\n]*\n.*?(?:^[ ]{0,3}\1[`~]*[ \t]*$|\Z)", re.M | re.S)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ATTRIBUTE = r"(?:[#.][\w:.-]+|[\w-]+=(?:\"[^\"\n]*\"|[^\s{}]+)|-)"
_BLOCKS = "aside|div|section|details|summary|center|figure|p|br|hr"
_LINES = (  # of one line each
    # Notes below a text and what leads to them; a note is no part of the sentence.
    (re.compile(r"^[ ]{0,3}\[\^[^\]\n]{1,60}\]:[^\n]*(?:\n(?:[ ]{4}|\t)[^\n]+)*$", re.M), ""),
    (re.compile(r"\[\^[^\]\n]{1,60}\]"), ""),
    (re.compile(r"^[ ]{0,3}:{3,}[^\n]*$", re.M), ""),
    (re.compile(rf"^[ \t]*</?(?:{_BLOCKS})\b[^<>\n]*>[ \t]*$", re.M | re.I), ""),
    # Attributes in braces, behind a heading or a picture.
    (re.compile(rf"(?<=\S)[ ]?\{{{_ATTRIBUTE}(?:[ ]+{_ATTRIBUTE}){{0,20}}[ ]?\}}"), ""),
    (re.compile(r"^[ ]{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", re.M), r"\1"),
    (re.compile(r"^[ ]{0,3}(?:=+|-{2,}|(?:[*_-][ \t]*){3,})[ \t]*$", re.M), ""),
    (re.compile(r"^(?:[ ]{0,3}>[ \t]?)+(?:\[![a-z]{2,12}\][+-]?[ \t]*)?", re.M | re.I), ""),
    (re.compile(r"^[ \t]*[*+-][ \t]+(?=\S)", re.M), ""),
    (re.compile(r"^[ ]{0,3}\[[^\]\n]{1,200}\]:[ \t]*\S+[^\n]*$", re.M), ""),
)
_SPANS = (
    (re.compile(r"!\[[^\]\n]{0,500}\](?:\([^()\n]{0,2000}\)|\[[^\]\n]{0,200}\])?"), ""),
    (re.compile(r"\[([^\[\]\n]{1,500})\]\((?:[^()\n]|\([^()\n]{0,500}\)){0,2000}\)"), r"\1"),
    (re.compile(r"\[([^\[\]\n]{1,500})\]\[[^\]\n]{0,200}\]"), r"\1"),
    (re.compile(r"<(https?://[^<>\s]{1,2000})>"), r"\1"),
    (re.compile(r"(?<![*\\])\*{1,3}(?=\S)([^*\n]{1,2000}?)(?<=\S)\*{1,3}(?!\*)"), r"\1"),
    (re.compile(r"(?<![\w\\])_{1,3}(?=\S)([^_\n]{1,2000}?)(?<=\S)_{1,3}(?!\w)"), r"\1"),
    (re.compile(r"~~(?=\S)([^~\n]{1,2000})~~"), r"\1"),
    (re.compile(r"(`+)([^`\n]{1,2000})\1"), r"\2"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


def parse_markdown(text: str) -> tuple[str, dict[str, Known]]:
    """The text of a Markdown file without markup, and what its front matter tells."""
    known: dict[str, Known] = {}
    if (made := _CONVERTED.match(text)) is not None:
        text = text[made.end() :]
        if url := made["url"] or made["bare"]:
            known["url"] = Known(url, "line of a converter")
    if (double := _DOUBLE.match(text, 0, _FRONT_WITHIN)) is not None:
        values = _yaml("\n".join(re.sub(r"^(?:[*-][ \t]+)?(.{1,40}?)::", r"\1:", row)
                                 for row in double[1].splitlines()))  # fmt: skip
        if told := _known(values):
            return without_markup(text[double.end() :]), {**told, **known}
    if (behind := _BEHIND.search(text)) is not None:
        known, text = {**_known(_yaml(behind[1])), **known}, text[: behind.start()]
    if (front := _FRONT.match(text, 0, _FRONT_WITHIN)) is not None:
        known |= _front_matter(front.group(1), front.group(2))
        text = text[front.end() :]
    elif (block := _PERCENT.match(text)) is not None:
        known |= _title_block(block.group(1))
        text = text[block.end() :]
    if (rows := _PROPERTIES.match(text, 0, _FRONT_WITHIN)) is not None:
        told = _properties(rows["rows"].splitlines())
        if told:
            text = text[rows.end() :]
            if rows["title"] and (title := clean("title", without_markup(rows["title"]))):
                told = {"title": Known(title, "heading"), **told}
            known = {**told, **known}
    if "title" not in known and (title := _heading(text)):
        known["title"] = Known(title, "heading")
    return without_markup(text), known


def _heading(text: str) -> str | None:
    """The only heading of the first level, where a line or two stand above it.

    Right at the top it is found as in any text.
    """
    found = list(_FIRST_LEVEL.finditer(text))
    if len(found) != 1 or not 0 < len(text[: found[0].start()].strip()) <= _ABOVE_HEADING:
        return None
    return clean("title", without_markup(found[0][1]))


def _front_matter(mark: str, block: str) -> dict[str, Known]:
    """What stands between the marks: TOML (`+++`), or the plain part of YAML."""
    if mark == "+++":
        try:
            values = {k: _joined(v) for k, v in tomllib.loads(block).items()}
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}
    else:
        values = _yaml(block)
    return _known(values)


def _known(values: Mapping[str, str]) -> dict[str, Known]:
    told = {name: value for name, value in values.items() if value and not is_of_note(name)}
    # The text is what follows; a stand-in for its column lets the others be found.
    by_field = guess([*told, "text"], {"text": "text"})
    return {
        field: Known(value, f"front matter {name}")
        for field, name in by_field.items()
        if field in FIELDS and (value := clean(field, told[name]))
    }


def _joined(value: object) -> str:
    """A value of TOML as text: names of a list, the name in a table."""
    if isinstance(value, list):
        return " ".join(filter(None, map(_joined, value)))
    if isinstance(value, dict):
        return _joined(value.get("name", ""))
    return str(value)


def _yaml(block: str) -> dict[str, str]:
    """The keys at the left of a block with their values in one line each.

    Lists are joined, as are texts folded over lines (`title: >`); of an object inside (and of each
    in a list) its `name` counts, or its `title`.
    """
    found: dict[str, list[str]] = {}
    key = ""
    for line in block.splitlines():
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        match = _FRONT_LINE.fullmatch(line)
        if match is not None and line[:1] not in (" ", "\t"):
            key = match[1]
            value = match[2].strip()
            found[key] = [] if value in ("", "|", ">", "|-", ">-", "|+", ">+") else [value]
        elif key:
            inner = plain.removeprefix("- ").lstrip("- ").strip()
            named = _FRONT_LINE.fullmatch(inner)
            if named is None or "://" in inner[: len(named[1]) + 4]:
                found[key].append(inner)
            elif named[1].lower() in ("name", "title", "姓名", "名称"):
                found[key].append(named[2].strip())
    return {key: _unquoted(rows) for key, rows in found.items()}


def _unquoted(rows: list[str]) -> str:
    if len(rows) == 1 and not rows[0].startswith("["):
        value = re.sub(r"\s+#\s.*$", "", rows[0]) if rows[0][:1] not in "\"'" else rows[0]
        return re.sub(r"^\[\[|\]\]$", "", value.strip().strip("\"'“”"))
    # Notes link names as [[李默]].
    return " ".join(_QUOTES.sub("", row).replace(",", " ").strip() for row in rows)


def _title_block(block: str) -> dict[str, Known]:
    rows = [" ".join(row.split()) for row in re.split(r"(?m)^%", block)[1:]]
    told = dict(zip(("title", "author", "date"), rows, strict=False))
    told["author"] = " ".join(told.get("author", "").replace(";", " ").split())
    return {
        field: Known(value, "title block")
        for field, row in told.items()
        if (value := clean(field, without_markup(row)))
    }


def _properties(rows: list[str]) -> dict[str, Known]:
    """The properties of a page, empty where the lines are no such list but prose or a byline."""
    values: dict[str, str] = {}
    for row in rows:
        match = _FRONT_LINE.fullmatch(re.sub(r"^[*-][ \t]+|\*+", "", row.strip()))
        if match is None or _PROSE.search(match[2]) or len(match[2]) > _LONGEST_PROPERTY:
            return {}
        values[match[1]] = without_markup(match[2].strip())
    fields = {field_of(name) for name in values} - {None, "text"}
    return _known(values) if len(fields) >= _LEAST_PROPERTIES else {}


def without_markup(text: str) -> str:
    """Markdown as plain lines: no code blocks and images, of links and emphasis the words."""
    text = _NOTES.sub("", text)
    text = _WIKI.sub(r"\1", _TAGS.sub("", _COMMENT.sub("", _FENCE.sub("", text))))
    for pattern, kept in (*_LINES, *_SPANS):
        text = pattern.sub(kept, text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
