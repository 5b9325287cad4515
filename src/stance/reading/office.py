"""Documents of writers to articles: plain text, Markdown, Word, PDF."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from stance.errors import ReadingError
from stance.reading.archives import check_packed
from stance.reading.columns import field_of
from stance.reading.encoding import decode
from stance.reading.limits import Limits, check_length, run_limited
from stance.reading.markdown import parse_markdown
from stance.reading.raw import FIELDS, Known, Raw
from stance.reading.walking import Item
from stance.reading.web.declared import clean
from stance.text import encodable

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Fonts of PDFs often name a radical where the character is meant; each has one compatible twin.
_RADICALS = range(0x2F00, 0x2FD6)
# Fewer letters on a page than this, over all pages, is no text layer but page numbers.
_LETTERS_A_PAGE = 5
_PAGES = 3_000

_CELL, _EXCERPT = 60, 100
_TEMPLATE = datetime(2013, 12, 23, 23, 15)
# What stands below a table: who drew it, where its figures are from.
_BELOW_TABLE = re.compile(
    r"[\s(（*※]*(?:(?:製表|制表|整理|製圖|制图|資料來源|资料来源|數據來源|数据来源|註|注|備註|备注|單位|单位)"
    r"(?:[/／、及和](?:製表|制表|整理|製圖|制图))?\s*[:：/／]|表[一二三四五六七八九十\d]+[:：\s])[^。]{0,60}$"
)
_RUNNING_LINES = 2

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

# The number of a printed page right before its end.
_LEAF = re.compile(r"\n[ \t]*[-–—·]?[ \t]*\d{1,4}[ \t]*[-–—·]?[ \t]*\n\s{0,20}\f")


def read_txt(item: Item, limits: Limits) -> Raw:
    """A text file as it is.

    Raises:
        ReadingError: too large, binary, or in none of the encodings that are read.
    """
    text, encoding, warnings = decode(item.read(limits))
    text = _LEAF.sub("\n\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    check_length(text, limits)
    return Raw(path=item.path, text=text, encoding=encoding, warnings=warnings)


def read_markdown(item: Item, limits: Limits) -> Raw:
    """A Markdown file without its markup; front matter gives title, author, date, source, url.

    Raises:
        ReadingError: as `read_txt`.
    """
    raw = read_txt(item, limits)
    text, known = parse_markdown(raw.text)
    if not text.strip():
        raise ReadingError("empty: no text but markup and code")
    return replace(raw, text=text, known=known)


def read_docx(item: Item, limits: Limits) -> Raw:
    """The paragraphs of a Word file, those in tables too, and its properties.

    Raises:
        ReadingError: no Word file, damaged, encrypted, or without text.
    """
    data = item.read(limits)
    if data.startswith(_OLD_OFFICE):
        raise ReadingError("encrypted, or a .doc of old; open it in Word and save it as .docx")
    check_packed(data, limits)
    text, values, left_out = run_limited(parse_docx, (data,), limits)
    raw = _raw(item, text, values, "docx", limits, "empty: the document holds no text")
    return replace(raw, left_out=tuple(left_out))


def parse_docx(data: bytes) -> tuple[str, dict[str, str], list[str]]:
    """The text of a Word file, a line for each paragraph, its properties, and what was left out.

    Raises:
        ReadingError: it is none, or damaged.
    """
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
        lines, left_out = _docx_lines(document.element.body)
        properties = document.core_properties
        created = properties.created
        values = {
            "title": properties.title,
            "author": properties.author,
            "date": created.date().isoformat() if created and not _is_template(created) else "",
        }
    except Exception as error:  # python-docx raises whatever its parts raise
        kind = type(error).__name__
        raise ReadingError(f"damaged, or no Word file ({kind}); save it anew as .docx") from error
    known = {key: encodable(value or "") for key, value in values.items()}
    return encodable("\n".join(lines)), known, [encodable(one) for one in left_out]


def _is_template(created: datetime) -> bool:
    """Whether a day is that of the file which python-docx copies for every new one."""
    return created.replace(tzinfo=None) == _TEMPLATE


def _docx_lines(body: Any) -> tuple[list[str], list[str]]:
    """Lines in order, and tables of figures, which are left out.

    Not python-docx's own lines: those lack insertions, controls and boxes.
    """
    lines: list[str] = []
    left_out: list[str] = []
    words = {f"{_WORD}t", f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr"}
    hidden = {f"{_WORD}moveFrom", f"{_WORD}del", _FALLBACK}
    skipping = None
    tables: list[int] = []
    after_table = -2  # how many lines there are where a table was left out
    from lxml import etree

    for event, node in etree.iterwalk(body, events=("start", "end")):
        if skipping is not None:
            skipping = None if event == "end" and node is skipping else skipping
        elif event == "start" and node.tag in hidden:
            skipping = node
        elif node.tag == f"{_WORD}tbl":
            if event == "start":
                tables.append(len(lines))
                continue
            first = tables.pop()
            if (labelled := _labelled(node)) is not None:
                lines[first:] = labelled
            elif _is_figures(node, lines[first:]):
                left_out.append(f"table: {' '.join(lines[first:])[:_EXCERPT]}")
                del lines[first:]
                after_table = len(lines)
        elif event == "start" and node.tag == f"{_WORD}p":
            lines.append("")
        elif event == "end" and node.tag == f"{_WORD}p" and len(lines) == after_table + 1:
            if _BELOW_TABLE.match(lines[-1]):
                left_out.append(f"table: {lines.pop().strip()[:_EXCERPT]}")
            elif not lines[-1].strip():
                after_table += 1
        elif event == "start" and node.tag in words and lines:
            lines[-1] += {"t": node.text or "", "tab": "\t"}.get(node.tag[len(_WORD) :], "\n")
    return lines, left_out


def _labelled(table: Any) -> list[str] | None:
    """The rows of a table that says what an article is, as 来源：某报; None of another table."""
    rows = [list(row.iter(f"{_WORD}tc")) for row in table.iter(f"{_WORD}tr")]
    cells = [
        ["".join(t.text or "" for t in cell.iter(f"{_WORD}t")) for cell in row] for row in rows
    ]
    if not all(len(row) == 2 for row in cells):
        return None
    known = [field_of(label.strip().rstrip(":：")) for label, _ in cells]
    if len({field for field in known if field is not None}) < 2:
        return None
    return [f"{label.strip().rstrip(':：')}：{value.strip()}" for label, value in cells]


def _is_figures(table: Any, lines: Sequence[str]) -> bool:
    """Whether a table has cells in rows and columns and no sentence in any."""
    rows, cells = (sum(1 for _ in table.iter(f"{_WORD}{tag}")) for tag in ("tr", "tc"))
    prose = any(len(line) > _CELL or "。" in line for line in lines)
    return rows >= 2 and cells >= 2 * rows and not prose


def read_pdf(item: Item, limits: Limits) -> Raw:
    """The text layer of a PDF file, as it stands on its pages, and its properties.

    Raises:
        ReadingError: no PDF, damaged, encrypted, or scanned without a text layer.
    """
    data = item.read(limits)
    text, running, values, warnings = run_limited(parse_pdf, (data, limits.characters), limits)
    raw = _raw(item, text, values, "pdf", limits, "empty: the document holds no text")
    return replace(
        raw,
        warnings=tuple(warnings),
        around="\n".join(running),
        left_out=tuple(f"running line: {line}" for line in running),
    )


def parse_pdf(data: bytes, most: int) -> tuple[str, list[str], dict[str, str], list[str]]:
    """The text of a PDF's pages, their heads and feet, its properties, and warnings.

    More than `most` is not read.

    Raises:
        ReadingError: as `read_pdf`.
    """
    import pypdf
    from pypdf.errors import DependencyError

    if b"%PDF" not in data[:1024]:
        raise ReadingError("no PDF file, or damaged at its start")
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadingError("encrypted; save it without a password")
        pages = len(reader.pages)
    except (DependencyError, NotImplementedError) as error:
        raise ReadingError("encrypted; save it without a password") from error
    except (ReadingError, MemoryError):
        raise
    except Exception as error:  # a damaged file raises whatever its parts raise
        raise ReadingError(f"a damaged PDF ({type(error).__name__}); save it anew") from error
    if pages > _PAGES:
        raise ReadingError(f"{pages:,} pages; {_PAGES:,} are allowed: split it into articles")
    texts: list[str] = []
    lost: list[int] = []
    length = 0
    for number in range(pages):
        try:
            texts.append(reader.pages[number].extract_text())
        except MemoryError:
            raise
        except Exception:
            lost.append(number + 1)
            continue
        length += len(texts[-1])
        if length > most:
            break  # refused by its length
    twins = _twins()
    text, running = without_running([own.translate(twins) for own in texts])
    if sum(map(str.isalnum, text)) < _LETTERS_A_PAGE * max(1, pages):
        if lost:
            raise ReadingError(f"a damaged PDF: none of its {pages} pages can be read")
        raise ReadingError("no text layer, only pictures of pages; run OCR on it first")
    told = ", ".join(map(str, lost[:10]))
    warnings = [f"{len(lost)} of {pages} pages could not be read: {told}"] if lost else []
    return encodable(text), [encodable(one) for one in running], _pdf_properties(reader), warnings


def without_running(pages: Sequence[str]) -> tuple[str, list[str]]:
    """Pages as one text without the lines that stand at the edge of most of them, and those lines.

    Lines that differ in their numbers alone are one: 第 1 页 and 第 2 页.
    """
    edges = [_edge(page) for page in pages]
    seen = Counter(key for edge in edges for key in set(map(_numberless, edge)))
    least = max(2, (len(pages) + 1) // 2)
    running = {key for key, count in seen.items() if count >= least}
    dropped: dict[str, None] = {}
    texts: list[str] = []
    for page, edge in zip(pages, edges, strict=True):
        kept: list[str] = []
        for line in page.split("\n"):
            if line in edge and _numberless(line) in running:
                dropped.setdefault(line.strip())
            else:
                kept.append(line)
        # A sentence may go on over the turn of a page: no empty line is put there.
        texts.append("\n".join(kept).strip("\n"))
    return "\n".join(texts), list(dropped)


def _edge(page: str) -> set[str]:
    lines = [line for line in page.split("\n") if line.strip()]
    return {*lines[:_RUNNING_LINES], *lines[-_RUNNING_LINES:]}


def _numberless(line: str) -> str:
    return re.sub(r"\d+", "0", "".join(line.split()))


def _pdf_properties(reader: Any) -> dict[str, str]:
    try:
        about = reader.metadata
        created = about.creation_date if about else None
        values = {
            "title": about.title if about else "",
            "author": about.author if about else "",
            "date": created.date().isoformat() if created else "",
        }
        return {key: encodable(str(value or "")) for key, value in values.items()}
    except Exception:  # what is said about the file never keeps its text away
        return {}


def _twins() -> Mapping[int, str]:
    from unicodedata import normalize

    return {code: normalize("NFKC", chr(code)) for code in _RADICALS}


def _raw(
    item: Item, text: str, values: Mapping[str, str], kind: str, limits: Limits, empty: str
) -> Raw:
    if not text.strip():
        raise ReadingError(empty)
    check_length(text, limits)
    known = {
        field: Known(value, f"{kind} properties")
        for field in FIELDS
        if (value := clean(field, values.get(field)))
    }
    return Raw(path=item.path, text=text, encoding=kind, known=known)
