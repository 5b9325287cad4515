"""Does any input crash, hang or leave the reader? Small valid files, mutated and read.

    python proofs/fuzz.py [--inputs 20000] [--seed 0]

Each input is a small file of one format, changed by one to four of: bits flipped, a part cut out,
bytes put in, two files spliced, the first bytes of another format. It is read by
`stance.reading.formats.raws` under its own or another suffix, inside an archive at times. Counted
are articles, what was skipped, and what may not be:

- a crash: an exception that leaves `raws`, or this process ended by a signal;
- a hang: reading that goes on for longer than the limits let it;
- an escape: a file opened for writing, a process or a connection started while reading, or a file
  that is new or changed in the watched folder. (Starting the process that parses is allowed.)

A parser that the reader itself had to stop or lost is contained, and counted as that. Ends with 1
on any crash, hang or escape. All texts are synthetic.
"""

from __future__ import annotations

import argparse
import csv
import faulthandler
import io
import json
import os
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stance.reading.formats import raws
from stance.reading.limits import MEBIBYTE, Limits
from stance.reading.raw import Raw

TEXT = "某公司周三公布新一季财报，营收同比增长百分之八。分析师认为，这一趋势仍将持续。"
TRADITIONAL = "某公司週三公布新一季財報，營收較去年同期成長百分之八。分析師認為，這一趨勢仍將持續。"
LIMITS = Limits(whole=MEBIBYTE, member=4 * MEBIBYTE, total=8 * MEBIBYTE, cell=200_000, seconds=5.0)
# Beyond the time that parsers have: starting their process anew, on a busy machine.
_SLACK = 30.0
MAGIC = (
    b"PK\x03\x04", b"PK\x05\x06", b"%PDF-1.7\n", b"PAR1", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff",
    b"\xff\xfe\x00\x00", b"\x84\x31\x95\x33", b"<!DOCTYPE html><html>", b"<?xml version='1.0'?>",
    b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"HTTP/1.1 200 OK\r\n", b"---\n", b"[{",
)  # fmt: skip
TELLING = (
    b"\0", b"\xff", b'"', b"\n", b",", b"<", b">", b"&", b"{", b"}", b"[", b"(", b"<div>" * 300,
    b"../", b"\\ud800", b"1e999999", b"9" * 5000, b"obj", b"endobj", b"/Kids", b"&#xD800;",
    b"<!ENTITY a '&a;&a;'>", b"\x80\x80\x80\x80", b"charset=utf-16", b"\r", "—".encode(),
)  # fmt: skip


@dataclass
class Count:
    """What happened over all inputs."""

    inputs: int = 0
    articles: int = 0
    skipped: int = 0
    stopped: int = 0
    lost: int = 0
    crashes: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    escapes: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def good(self) -> bool:
        """Whether nothing happened that may not."""
        return not (self.crashes or self.hangs or self.escapes)


def pdf(lines: list[str]) -> bytes:
    """A PDF of one page whose font maps codes to characters, as word processors write it."""
    used = sorted({character for line in lines for character in line})
    code = {character: k + 1 for k, character in enumerate(used)}
    mapped = "\n".join(f"<{code[c]:04x}> <{c.encode('utf-16-be').hex()}>" for c in used)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "1 begincodespacerange <0000> <ffff> endcodespacerange "
        f"{len(used)} beginbfchar\n{mapped}\nendbfchar endcmap end end"
    )
    shown = " ".join(
        f"1 0 0 1 50 {800 - 20 * k} Tm <{''.join(f'{code[c]:04x}' for c in line)}> Tj"
        for k, line in enumerate(lines)
    )
    content = f"BT /F1 12 Tf {shown} ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 840] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H "
        "/DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 1000 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
        "<< /Title (A report) /Author (Someone) /CreationDate (D:20240305100000) >>",
    ]
    return pdf_of(objects, info=len(objects))


def pdf_of(objects: list[str], info: int | None = None) -> bytes:
    """A PDF file of numbered objects, the first of which is its catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    about = f" /Info {info} 0 R" if info else ""
    out += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R{about} >>\nstartxref\n{start}\n%%EOF\n"
    ).encode("latin-1")
    return bytes(out)


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip archive of these files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def samples() -> dict[str, bytes]:
    """A small valid file of every format, by its name."""
    import docx
    import polars as pl

    page = (
        '<!DOCTYPE html><html><head><meta charset="{0}"><title>财报_某某网</title>'
        '<meta property="og:site_name" content="某某网"><meta name="author" content="张三">'
        '<meta property="article:published_time" content="2024-03-05">'
        '<script type="application/ld+json">{{"@type":"NewsArticle","headline":"财报"}}</script>'
        "</head><body><nav><a href='/'>首页</a></nav><article><h1>财报</h1>{1}"
        "<table><tr><td>营收</td><td>8%</td></tr></table></article></body></html>"
    )
    rows = [("财报", TEXT, "甲报", "2024-03-05"), ("续", f"{TEXT}\n“引文”", "乙报", "2024-03-06")]
    table = io.StringIO()
    csv.writer(table).writerows([("标题", "正文", "来源", "日期"), *rows])
    objects = [dict(zip(("title", "content", "source", "date"), row, strict=True)) for row in rows]
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in objects)
    word = docx.Document()
    word.add_heading("财报")
    word.add_paragraph(TEXT)
    word.add_table(1, 2).cell(0, 0).text = "营收"
    word_file, parquet = io.BytesIO(), io.BytesIO()
    word.save(word_file)
    pl.DataFrame(objects).write_parquet(parquet)
    found = {
        "simple.txt": TEXT.encode(),
        "gb.txt": TEXT.encode("gb18030"),
        "big.txt": TRADITIONAL.encode("big5"),
        "wide.txt": TEXT.encode("utf-16"),
        "note.md": f"---\ntitle: 财报\n作者: 张三\n---\n# 财报\n\n**{TEXT}** [链接](x)\n".encode(),
        "page.html": page.format("utf-8", f"<p>{TEXT}</p>" * 4).encode(),
        "gb.html": page.format("gb2312", f"<p>{TEXT}</p>" * 4).encode("gb18030"),
        "table.csv": table.getvalue().encode("gb18030"),
        "table.tsv": table.getvalue().replace(",", "\t").encode(),
        "lines.jsonl": lines.encode(),
        "list.json": json.dumps({"data": objects}).encode(),
        "rows.parquet": parquet.getvalue(),
        "report.docx": word_file.getvalue(),
        "report.pdf": pdf([TEXT[k : k + 20] for k in range(0, len(TEXT), 20)]),
    }
    found["pack.zip"] = zipped({"a/x.txt": TEXT.encode(), "b.csv": found["table.csv"]})
    found["nested.zip"] = zipped({"in.zip": found["pack.zip"], "p.html": found["page.html"]})
    return found


def mutated(data: bytes, other: bytes, random_: random.Random) -> bytes:
    """The bytes after one to four changes; at times of what they say, so that parsers see it.

    A text is changed by characters and encoded as before, of an archive one file is changed.
    """
    if data.startswith(b"PK") and random_.random() < 0.6:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {info.filename: archive.read(info) for info in archive.infolist()}
        name = random_.choice(sorted(files))
        return zipped({**files, name: mutated(files[name], other, random_)})
    if random_.random() < 0.5:
        for codec in ("utf-8", "gb18030", "big5"):
            try:
                text = data.decode(codec)
                break
            except UnicodeDecodeError:
                continue
        else:
            return changed_bytes(data, other, random_)
        if "\0" not in text:
            return changed_text(text, random_).encode(codec, "ignore")
    return changed_bytes(data, other, random_)


def changed_text(text: str, random_: random.Random) -> str:
    """The text after one to four changes of whole characters."""
    for _ in range(random_.randint(1, 4)):
        at, to = sorted(random_.randrange(len(text) + 1) for _ in range(2))
        match random_.randrange(5):
            case 0:
                text = text[:at] + text[min(to, at + 40) :]
            case 1:
                text = text[:at] + random_.choice(TELLING).decode("latin-1") + text[at:]
            case 2:
                text = text[:to] + text[at : at + 200] * random_.choice((1, 50)) + text[to:]
            case 3:
                found = [k for k, c in enumerate(text) if c in "<>\"{}[]/,='&"] or [0]
                k = random_.choice(found)
                text = text[:k] + random_.choice("<>\"{}[]/,='& ") + text[k + 1 :]
            case _:
                text = text[:to]
    return text[: MEBIBYTE // 3]


def changed_bytes(data: bytes, other: bytes, random_: random.Random) -> bytes:
    """The bytes after one to four changes."""
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(data) + 1)
        match random_.randrange(6):
            case 0:
                changed = bytearray(data)
                for _ in range(min(len(data), random_.choice((1, 1, 4, 32)))):
                    changed[random_.randrange(len(data))] ^= 1 << random_.randrange(8)
                data = bytes(changed)
            case 1:
                data = data[:at] + data[at + random_.choice((1, 3, 40, len(data))) :]
            case 2:
                data = data[:at] + random_.choice(TELLING) * random_.choice((1, 1, 9)) + data[at:]
            case 3:
                data = data[:at] + other[random_.randrange(len(other)) :]
            case 4:
                magic = random_.choice(MAGIC)
                data = magic + data[random_.choice((0, len(magic))) :]
            case _:
                part = data[at : at + random_.choice((2, 60, 500))]
                data = data[:at] + part * random_.choice((2, 20)) + data[at + len(part) :]
    return data[: MEBIBYTE + 10]


_WATCHED = {
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.system", "os.exec", "os.fork", "os.posix_spawn", "socket.connect",
    "subprocess.Popen", "shutil.rmtree",
}  # fmt: skip


@contextmanager
def watching(folder: Path) -> Iterator[tuple[list[str], dict[str, bool]]]:
    """Note what reading does beyond reading; `on` says whether it is looked at just now."""
    escapes: list[str] = []
    state = {"on": False}

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not state["on"]:
            return
        if event == "open":
            _, mode, flags = arguments
            writes = isinstance(mode, str) and set(mode) & set("wax+")
            writes = writes or (flags or 0) & (os.O_WRONLY | os.O_RDWR)
            if writes and arguments[0] != os.devnull and not isinstance(arguments[0], int):
                escapes.append(f"{event} {arguments!r}")
        elif event in _WATCHED:
            command = repr(arguments)
            if "stance.reading.worker" not in command and "__pycache__" not in command:
                escapes.append(f"{event} {command[:300]}")

    sys.addaudithook(hook)
    before = _listing(folder)
    try:
        yield escapes, state
    finally:
        state["on"] = False
        escapes += [f"changed: {one}" for one in sorted(_listing(folder) ^ before)]


def _listing(folder: Path) -> set[tuple[str, int, int]]:
    return {
        (p.relative_to(folder).as_posix(), p.lstat().st_size, p.lstat().st_mtime_ns)
        for p in folder.rglob("*")
        if not p.is_dir()
    }


def fuzz(inputs: int, seed: int) -> Count:
    """Read so many mutated inputs."""
    random_ = random.Random(seed)
    files = samples()
    names = sorted(files)
    suffixes = sorted({Path(name).suffix for name in names})
    count = Count()
    with tempfile.TemporaryDirectory() as place:
        # Watched lies beside and above the input: `../x` of an archive would land there.
        watched, inside = Path(place, "watched"), Path(place, "inside")
        working = watched / "deep" / "working"
        working.mkdir(parents=True)
        inside.mkdir()
        (watched / "canary.txt").write_text("untouched", "utf-8")
        home = Path.cwd()
        os.chdir(working)
        try:
            with watching(watched) as (escapes, state):
                for number in range(inputs):
                    name = random_.choice(names)
                    data = mutated(files[name], files[random_.choice(names)], random_)
                    suffix = Path(name).suffix
                    if random_.random() < 0.1:
                        suffix = random_.choice(suffixes)
                    if random_.random() < 0.1:
                        data, suffix = zipped({f"../{name}": data, f"a/x{suffix}": data}), ".zip"
                    path = inside / f"input{suffix}"
                    path.write_bytes(data)
                    _read(path, number, count, state)
                    path.unlink()
            count.escapes += escapes
        finally:
            os.chdir(home)
    return count


def _read(path: Path, number: int, count: Count, state: dict[str, bool]) -> None:
    count.inputs += 1
    told = f"input {number} ({path.suffix})"
    begin = time.monotonic()
    found = 0
    # A hang of this very process cannot be counted: it ends with the place where it hangs.
    faulthandler.dump_traceback_later(LIMITS.seconds * 10 + 2 * _SLACK, exit=True)
    state["on"] = True
    try:
        for one in raws(path, limits=LIMITS):
            found += 1
            if isinstance(one, Raw):
                count.articles += 1
                one.text.encode()
                one.path.encode()
                continue
            count.skipped += 1
            one.reason.encode()
            count.stopped += "not parsed after" in one.reason
            count.lost += "crashed its parser" in one.reason
            count.reasons[" ".join(one.reason.split()[:6])] += 1
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        count.crashes.append(f"{told}: {type(error).__name__}: {error}")
    finally:
        state["on"] = False
        faulthandler.cancel_dump_traceback_later()
    took = time.monotonic() - begin
    if took > LIMITS.seconds * max(1, found) + _SLACK:
        count.hangs.append(f"{told}: {took:.1f} s")


def main() -> int:
    """Run, print counts and seconds; 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description="Mutated inputs against the reader.")
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reasons", action="store_true", help="print why inputs were skipped")
    given = parser.parse_args()
    begin = time.monotonic()
    count = fuzz(given.inputs, given.seed)
    seconds = time.monotonic() - begin
    print(
        f"{count.inputs:,} inputs in {seconds:.0f} s: {count.articles:,} articles, "
        f"{count.skipped:,} skipped; parsers stopped for time {count.stopped}, "
        f"lost {count.lost}; crashes {len(count.crashes)}, hangs {len(count.hangs)}, "
        f"escapes {len(count.escapes)}"
    )
    for told in (*count.crashes[:20], *count.hangs[:20], *count.escapes[:20]):
        print(f"  {told}")
    if given.reasons:
        for reason, times in count.reasons.most_common(80):
            print(f"{times:8,}  {reason}")
    return 0 if count.good else 1


if __name__ == "__main__":
    sys.exit(main())
