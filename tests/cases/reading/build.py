"""Makes the files of this corpus that are not plain UTF-8, from the sources under plain/.

    python tests/cases/reading/build.py [OUT]

A source lies under plain/ at the path of what it becomes: text in UTF-8 for the files that
encodings.toml names, `*.docx.toml`, `*.pdf.txt`, `*.parquet.jsonl`, and a directory `*.zip/`.
"""

from __future__ import annotations

import datetime
import io
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PLAIN = HERE / "plain"
FILES = HERE / "files"
_MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
_STAMP = (2025, 1, 1, 0, 0, 0)
# No byte of it can stand in UTF-8 or begin a character of GB18030 or Big5; the length is made odd,
# so that it is not UTF-16 either.
_BROKEN = b"\xff\xff\x80\xff"


def build(out: Path) -> list[Path]:
    """Write every built file under `out` and return their paths, relative to it."""
    made = [*_encoded(), *_office(), *_tables(), *_archives()]
    for name, data in made:
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return sorted(Path(name) for name, _ in made)


def _encodings() -> dict[str, dict[str, object]]:
    table = tomllib.loads((PLAIN / "encodings.toml").read_text("utf-8"))
    return {entry["file"]: entry for entry in table["encoded"]}


def _bytes(name: str, encodings: dict[str, dict[str, object]]) -> bytes:
    """A source's text in the encoding that encodings.toml gives it."""
    entry = encodings.get(name, {})
    encoding = str(entry.get("encoding", "utf-8"))
    text = (PLAIN / name).read_bytes().decode("utf-8")
    if encoding == "broken":
        data = text.encode("gb18030") + _BROKEN + text.encode("gb18030")
        return data if len(data) % 2 else data + b"\n"
    return (_MARKS[encoding] if entry.get("mark") else b"") + text.encode(encoding)


def _encoded() -> Iterator[tuple[str, bytes]]:
    encodings = _encodings()
    for name in encodings:
        if ".zip/" not in name:
            yield name, _bytes(name, encodings)


def _tables() -> Iterator[tuple[str, bytes]]:
    import polars as pl

    for source in sorted(PLAIN.rglob("*.parquet.jsonl")):
        table = pl.read_ndjson(source).with_columns(pl.col("date").str.to_date())
        buffer = io.BytesIO()
        table.write_parquet(buffer, compression="uncompressed")
        yield _name(source).removesuffix(".jsonl"), buffer.getvalue()


def _office() -> Iterator[tuple[str, bytes]]:
    for source in sorted(PLAIN.rglob("*.docx.toml")):
        yield _name(source).removesuffix(".toml"), _docx(source.read_text("utf-8"))
    for source in sorted(PLAIN.rglob("*.pdf.txt")):
        yield _name(source).removesuffix(".txt"), _pdf(source.read_text("utf-8"))


def _name(source: Path) -> str:
    return source.relative_to(PLAIN).as_posix()


def _docx(source: str) -> bytes:
    from docx import Document

    spec = tomllib.loads(source)
    document = Document()
    properties = document.core_properties
    properties.title = spec["properties"]["title"]
    properties.author = spec["properties"]["author"]
    created = datetime.datetime.fromisoformat(spec["properties"]["created"])
    properties.created = properties.modified = created
    document.sections[0].header.paragraphs[0].text = spec["header"]
    document.sections[0].footer.paragraphs[0].text = spec["footer"]
    for block in spec["block"]:
        if "table" in block:
            rows = block["table"]
            table = document.add_table(rows=len(rows), cols=len(rows[0]))
            for row, values in zip(table.rows, rows, strict=True):
                for cell, value in zip(row.cells, values, strict=True):
                    cell.text = value
        else:
            document.add_paragraph(block["text"], style=block.get("style"))
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return _zip([(name, archive.read(name)) for name in archive.namelist()])


def _zip(members: list[tuple[str, bytes]]) -> bytes:
    """An archive without times or a compressor's choices in it, so that it can be made again."""
    buffer = io.BytesIO()
    stand_ins: dict[bytes, bytes] = {}
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, (name, data) in enumerate(members):
            kept = name
            if not name.isascii():
                # Windows writes names in its code page and no flag; zipfile cannot, so a name of
                # the same length in bytes is written and exchanged below.
                raw = name.encode("gbk")
                kept = f"{number:0{len(raw)}d}"
                stand_ins[kept.encode("ascii")] = raw
            info = zipfile.ZipInfo(kept, date_time=_STAMP)
            # docx members are XML of some size; the rest is small enough to be stored.
            deflate = name.endswith((".xml", ".rels", ".jpeg"))
            info.compress_type = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
            archive.writestr(info, data)
    packed = buffer.getvalue()
    for stand_in, raw in stand_ins.items():
        packed = packed.replace(stand_in, raw)
    return packed


def _archives() -> Iterator[tuple[str, bytes]]:
    encodings = _encodings()
    for folder in sorted(path for path in PLAIN.rglob("*.zip") if path.is_dir()):
        names = sorted(_name(path) for path in folder.rglob("*") if path.is_file())
        members = [(name.split(".zip/", 1)[1], _bytes(name, encodings)) for name in names]
        data = _zip(members)
        yield _name(folder), data
        if folder.name == "press-clips.zip":
            yield "broken/torn.zip", data[: len(data) // 2]


def _pdf(source: str) -> bytes:
    """A PDF of pages of lines: `%Key: value` lines of properties, then pages between form feeds.

    Each character is its UTF-16 code in a font that is named and not embedded, with a ToUnicode
    map. A page with `%scan` holds a picture and no text.
    """
    lines = source.split("\n")
    info = dict(line[1:].split(": ", 1) for line in lines if line.startswith("%"))
    scan = info.pop("scan", None) is not None
    body = "\n".join(line for line in lines if not line.startswith("%"))
    pages = [page.strip("\n").split("\n") for page in body.split("\f")]
    used = sorted({character for character in body if character not in "\n\f"})
    count = len(pages)
    kids = " ".join(f"{7 + 2 * number} 0 R" for number in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        _info(info),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        b"/DescendantFonts [5 0 R] /ToUnicode 6 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        _stream(_to_unicode(used)),
    ]
    for number, page in enumerate(pages):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            b"<< /Font << /F1 4 0 R >> >> /Contents " + f"{8 + 2 * number} 0 R >>".encode()
        )
        objects.append(_stream(_picture() if scan else _content(page)))
    return _assemble(objects)


def _assemble(objects: list[bytes]) -> bytes:
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 3 0 R >>\n"
    return bytes(data + f"{trailer}startxref\n{start}\n%%EOF\n".encode())


def _info(info: dict[str, str]) -> bytes:
    entries = (f"/{key} <FEFF{_hex(value)}>" for key, value in info.items())
    return f"<< {' '.join(entries)} >>".encode()


def _stream(data: bytes) -> bytes:
    return f"<< /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _hex(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


def _content(lines: list[str]) -> bytes:
    """The first line of a page is larger; leading is 20 points."""
    shown = [f"{'15' if n == 0 else '10.5'} Tf <{_hex(line)}> Tj" for n, line in enumerate(lines)]
    drawn = "".join(f"/F1 {line} 0 -20 Td\n" for line in shown)
    return f"BT 70 780 Td\n{drawn}ET".encode()


def _picture() -> bytes:
    pixels = "".join("00FF"[2 * (n % 3 == 0) :][:2] for n in range(64))
    return (
        f"q 400 0 0 500 90 200 cm BI /W 8 /H 8 /CS /G /BPC 8 /F /AHx ID\n{pixels}>\nEI Q".encode()
    )


def _to_unicode(used: list[str]) -> bytes:
    entries = [f"<{_hex(character)}> <{_hex(character)}>" for character in used]
    blocks = [entries[start : start + 100] for start in range(0, len(entries), 100)]
    maps = "".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{maps}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILES
    for made in build(target):
        sys.stdout.write(f"{made}\n")
