"""Input that is made, or broken, to do harm: one clear reason each, in time, and nothing else."""

from __future__ import annotations

import importlib
import io
import multiprocessing
import os
import stat
import struct
import subprocess
import sys
import time
import zipfile
import zlib

import pytest

from samples import fuzzer, put, read
from stance.errors import ReadingError
from stance.reading.limits import MEBIBYTE, Limits, human, run_limited, stream_limited
from stance.reading.walking import shown

TEXT = "某公司周三公布新一季财报，营收同比增长百分之八。分析师认为，这一趋势仍将持续。"
PARAGRAPHS = f"<p>{TEXT}</p>" * 6
SHORT = Limits(seconds=1.0, memory=1024 * MEBIBYTE)


def only_reason(path, limits=SHORT):
    found, skipped = read(path, limits=limits)
    assert not found
    (reason,) = skipped.values()
    return reason


# --- what runs in a process of its own


def test_results_come_back_as_plain_data():
    assert run_limited(divmod, (7, 3), SHORT) == [2, 1]
    assert list(stream_limited(range, (3,), SHORT)) == [0, 1, 2]


def test_a_hang_a_crash_and_an_error_cost_one_document_each():
    begin = time.monotonic()
    with pytest.raises(ReadingError, match=r"not parsed after 0\.2 seconds"):
        run_limited(time.sleep, (60,), Limits(seconds=0.2))
    assert time.monotonic() - begin < 20
    with pytest.raises(ReadingError, match="crashed its parser"):
        run_limited(os.abort, (), SHORT)
    with pytest.raises(ReadingError, match="ZeroDivisionError"):
        run_limited(divmod, (1, 0), SHORT)
    assert run_limited(abs, (-3,), SHORT) == 3


def test_a_missing_package_is_no_fault_of_a_document():
    with pytest.raises(ImportError, match="no_such_module"):
        run_limited(importlib.import_module, ("no_such_module",), SHORT)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_workers_of_its_own():
    assert run_limited(abs, (-3,), SHORT) == 3
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found = pool.starmap(run_limited, [(abs, (k,), SHORT) for k in range(-4, 0)])
    assert found == [4, 3, 2, 1]
    assert run_limited(abs, (-5,), SHORT) == 5


def test_a_script_without_a_guard_runs_once(tmp_path):
    page = put(tmp_path, "a.html", f"<html><body><article>{PARAGRAPHS}").as_posix()
    script = f"from stance.reading.formats import raws\nprint(len(list(raws({page!r}))))\n"
    run = subprocess.run(
        [sys.executable, "-W", "error", put(tmp_path, "run.py", script)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (run.stdout, run.stderr) == ("1\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="address space is bounded on Linux")
def test_memory_is_bounded():
    with pytest.raises(ReadingError, match="more than 1 GiB of memory"):
        run_limited(bytes, (2048 * MEBIBYTE,), SHORT)
    assert run_limited(abs, (-3,), SHORT) == 3


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (os.system, ("true",)),
        (os.mkdir, ("made",)),
        (open, ("made", "w")),
        (os.open, ("made", os.O_CREAT | os.O_WRONLY)),
        (subprocess.check_output, (["true"],)),
        (os.remove, ("canary",)),
    ],
)
def test_a_parser_can_write_and_start_nothing(tmp_path, monkeypatch, function, arguments):
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "canary", "x")
    with pytest.raises(ReadingError, match="PermissionError: a document asked for"):
        run_limited(function, arguments, Limits(memory=900 * MEBIBYTE))
    assert os.listdir(tmp_path) == ["canary"]  # noqa: PTH208


def test_a_stream_left_early_leaves_no_process_behind():
    stream = stream_limited(range, (10**9,), SHORT)
    assert next(stream) == 0
    stream.close()
    assert run_limited(abs, (-3,), SHORT) == 3


# --- pages


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body>{'<div>' * 100_000}{PARAGRAPHS}{'</div>' * 100_000}",
        f"<html><body>{'<span>' * 100_000}{PARAGRAPHS}",
        f"<html><body>{'<table><tr><td>' * 30_000}{PARAGRAPHS}",
        f"<html><body><p a='{'x' * 3_000_000}'>{PARAGRAPHS}",
        f"<html><head><title>a{' ' * 50_000}b</title></head><body>{PARAGRAPHS}",
        '<!DOCTYPE html [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY a{k} "&a{k - 1};&a{k - 1};&a{k - 1};">' for k in range(1, 60))
        + f"]><html><body><p>&a59;</p>{PARAGRAPHS}",
        f"<html><body>{PARAGRAPHS}{'&amp;' * 300_000}",
    ],
    ids=["deep", "spans", "tables", "attribute", "title", "entities", "references"],
)
def test_pages_made_to_hurt_are_read_all_the_same(tmp_path, page):
    found, _ = read(put(tmp_path, "a.html", page), limits=Limits(seconds=10.0))
    assert found[0].text.count(TEXT) >= 1


def test_a_page_that_hangs_its_parser_is_stopped(tmp_path):
    attributes = " ".join(f"a{k}='x'" for k in range(100_000))
    reason = only_reason(put(tmp_path, "a.html", f"<html><p {attributes}>{PARAGRAPHS}"))
    assert "not parsed after 1 seconds" in reason


# --- archives


def zip_of(files, flags=0, mode=None):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if mode is not None:
                info.external_attr = mode << 16
            archive.writestr(info, data)
    data = bytearray(held.getvalue())
    if flags:
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            place = data.find(mark)
            data[place + at] |= flags
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zip_of({"../../evil.txt": TEXT}), "leads out of the archive"),
        (zip_of({"/etc/evil.txt": TEXT}), "leads out of the archive"),
        (zip_of({"C:/evil.txt": TEXT}), "leads out of the archive"),
        (zip_of({"a\\..\\..\\evil.txt": TEXT}), "leads out of the archive"),
        (zip_of({"a.txt": "/etc/passwd"}, mode=stat.S_IFLNK | 0o777), "a link inside an archive"),
        (zip_of({"a.txt": TEXT}, flags=1), "encrypted"),
        (zip_of({"a.txt": b"\0" * (8 * MEBIBYTE)}), "as a zip bomb does"),
        (zip_of({"a.txt": os.urandom(1 << 17)}), "more than 64 KiB"),
        (zip_of({"a.txt": TEXT * 20})[:-30], "cut off at its end"),
        (zip_of({"a.zip": zip_of({"b.zip": zip_of({"c.txt": TEXT})})}), "deeper than 2"),
        (zip_of({f"{k}.txt": "" for k in range(101)}), "101 files in one archive"),
        (b"PK\x03\x04" + b"\0" * 100, "not a zip archive"),
        (b"", "not a zip archive"),
    ],
    ids=["slip", "absolute", "drive", "backslash", "link", "encrypted", "ratio", "size", "cut",
         "depth", "members", "junk", "empty"],
)  # fmt: skip
def test_archives_made_to_hurt(tmp_path, data, reason):
    limits = Limits(members=100, member=16 * MEBIBYTE, whole=MEBIBYTE)
    if reason == "more than 64 KiB":
        limits = Limits(member=1 << 16)
    assert reason in only_reason(put(tmp_path, "in/a.zip", data), limits)
    assert [p.name for p in tmp_path.rglob("*")] == ["in", "a.zip"]


def test_an_archive_that_lies_about_its_sizes(tmp_path):
    """The size that it declares is small; what unpacks is not."""
    data = bytearray(zip_of({"a.txt": b"\0" * (4 * MEBIBYTE)}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.find(mark) + at, 1000)
    found, skipped = read(put(tmp_path, "a.zip", bytes(data)), limits=Limits(member=MEBIBYTE))
    assert not found
    assert "cannot be unpacked" in next(iter(skipped.values()))


def test_what_all_members_unpack_to_is_bounded(tmp_path):
    part = (TEXT * 100).encode()
    path = put(tmp_path, "a.zip", zip_of({f"{k:02}.txt": part for k in range(20)}))
    found, skipped = read(path, limits=Limits(total=5 * len(part)))
    assert len(found) == 5
    assert all("unpacks to more than is allowed" in reason for reason in skipped.values())
    assert len(skipped) == 2


def test_a_table_of_contents_larger_than_memory_is_not_read(tmp_path):
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 9, 9, 3_000_000_000, 0, 0)
    assert "more files in one archive" in only_reason(put(tmp_path, "a.zip", end))


# --- documents


def docx_with(body, **parts):
    import docx

    held = io.BytesIO()
    docx.Document().save(held)
    with zipfile.ZipFile(held) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    return zip_of({**files, "word/document.xml": body, **parts})


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def test_entities_in_a_word_file_do_not_expand(tmp_path):
    laughs = "".join(f'<!ENTITY a{k} "&a{k - 1};&a{k - 1};&a{k - 1};">' for k in range(1, 40))
    secret = put(tmp_path, "secret", "SECRET").as_uri()
    body = (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a0 "ha">{laughs}'
        f'<!ENTITY out SYSTEM "{secret}">]><w:document xmlns:w="{WORD}"><w:body><w:p><w:r>'
        f"<w:t>{TEXT}&a39;&out;</w:t></w:r></w:p></w:body></w:document>"
    )
    found, skipped = read(put(tmp_path, "a.docx", docx_with(body)), limits=SHORT)
    assert all("SECRET" not in raw.text and len(raw.text) < 1000 for raw in found)
    assert found or "Word file" in next(iter(skipped.values()))


def test_a_word_file_that_unpacks_without_end(tmp_path):
    body = (
        f'<w:document xmlns:w="{WORD}"><w:body>'.encode()
        + b"<w:p/>" * (8 * MEBIBYTE // 6)
        + b"</w:body></w:document>"
    )
    assert "zip bomb" in only_reason(put(tmp_path, "a.docx", docx_with(body)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "save it as .docx"),
        (b"plain text", "not a zip archive"),
        (zip_of({"a.txt": TEXT}), "no Word file"),
        (docx_with("<broken"), "damaged"),
        (docx_with(f'<w:document xmlns:w="{WORD}"><w:body/></w:document>'), "no text"),
    ],
)
def test_broken_word_files(tmp_path, data, reason):
    assert reason in only_reason(put(tmp_path, "a.docx", data))


CATALOGUE = "<< /Type /Catalog /Pages 2 0 R >>"
ONE_PAGE = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PDFS = {
    "page tree in a circle": [CATALOGUE, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 99999 >>"],
    "page that is its own parent": [
        CATALOGUE, ONE_PAGE, "<< /Type /Page /Parent 3 0 R /Contents 3 0 R /Resources 3 0 R >>",
    ],
    "form that draws itself": [
        CATALOGUE, ONE_PAGE,
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R "
        "/Resources << /XObject << /X 5 0 R >> >> >>",
        "<< /Length 6 >>\nstream\n/X Do \nendstream",
        "<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /X 5 0 R >> >> "
        "/Length 12 >>\nstream\n/X Do /X Do \nendstream",
    ],
    "nested without end": [CATALOGUE, "[" * 100_000 + "]" * 100_000],
    "pages by the hundred thousand": [
        CATALOGUE, f"<< /Type /Pages /Kids [{'3 0 R ' * 200_000}] /Count 200000 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    ],
    "object stream in itself": [
        CATALOGUE,
        "<< /Type /ObjStm /N 1 /First 4 /Extends 2 0 R /Length 4 >>\nstream\n2 0 \nendstream",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", PDFS)
def test_pdfs_made_to_loop(tmp_path, name):
    begin = time.monotonic()
    reason = only_reason(put(tmp_path, "a.pdf", fuzzer().pdf_of(PDFS[name])), Limits(seconds=2.0))
    assert time.monotonic() - begin < 30
    assert any(told in reason for told in ("damaged PDF", "no text layer", "not parsed after"))


def test_a_pdf_stream_that_unpacks_without_end(tmp_path):
    packed = zlib.compress(zlib.compress(b" " * (256 * MEBIBYTE), 1), 9)
    stream = (
        f"<< /Length {len(packed)} /Filter [/FlateDecode /FlateDecode] >>\nstream\n"
        f"{packed.decode('latin-1')}\nendstream"
    )
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    data = fuzzer().pdf_of([CATALOGUE, ONE_PAGE, page, stream])
    assert only_reason(put(tmp_path, "a.pdf", data), Limits(seconds=5.0))


# --- files and folders


def test_a_file_of_two_gigabytes_is_not_read(tmp_path):
    for name in ("a.txt", "a.html", "a.md", "a.json", "a.pdf", "a.docx", "a.csv", "a.jsonl"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2 << 30)
    begin = time.monotonic()
    found, skipped = read(tmp_path)
    assert time.monotonic() - begin < 10
    assert not found
    assert len(skipped) == 8
    large = [reason for reason in skipped.values() if "2 GiB is more than the 64 MiB" in reason]
    assert len(large) == 6
    assert sum("binary" in reason for reason in skipped.values()) == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", "正文" + ",列" * 1_000_000 + f"\n{TEXT}\n"),
        ("a.tsv", "正文" + "\t列" * 1_000_000 + f"\n{TEXT}\n"),
        ("a.jsonl", '{"正文":"x"' + "".join(f',"{k}":1' for k in range(5000)) + "}"),
    ],
)
def test_a_million_columns_are_refused(tmp_path, name, data):
    assert "2,000 are allowed" in only_reason(put(tmp_path, name, data))


def test_a_table_of_bad_rows_is_left_at_last(tmp_path):
    path = put(tmp_path, "a.jsonl", '{"text": "一"}\n' + "{\n" * 200)
    found, skipped = read(path, limits=Limits(bad_rows=50))
    assert len(found) == 1
    assert "more than 50 bad rows" in skipped[path.as_posix()]


@pytest.mark.parametrize("line", ["[" * 100_000, '{"a":' * 100_000, '{"text": ' + "9" * 9000 + "}"])
def test_json_made_to_hurt(tmp_path, line):
    found, skipped = read(put(tmp_path, "a.jsonl", f'{line}\n{{"text": "一"}}\n'))
    assert [raw.text for raw in found] == ["一"]
    assert len(skipped) == 1


def test_half_a_surrogate_is_replaced_so_that_files_can_hold_it(tmp_path):
    found, _ = read(put(tmp_path, "a.jsonl", '{"text": "一\\ud800二", "title": "\\udfff"}'))
    assert found[0].text == "一\N{REPLACEMENT CHARACTER}二"
    found[0].known["title"].value.encode()


def test_a_text_longer_than_a_document_is_refused(tmp_path):
    reason = only_reason(put(tmp_path, "a.txt", TEXT * 100), Limits(characters=1000))
    assert "more than the 1,000 of one document" in reason


def test_links_that_lead_out_are_told(tmp_path):
    outside = put(tmp_path, "outside/secret.txt", "SECRET")
    corpus = tmp_path / "corpus"
    put(corpus, "a/real.txt", TEXT)
    for name, target in (
        ("out.txt", outside), ("folder", outside.parent), ("a/up", corpus), ("gone.txt", "nowhere"),
        ("loop.txt", "loop.txt"), ("in.txt", corpus / "a" / "real.txt"), ("null.txt", "/dev/null"),
    ):  # fmt: skip
        (corpus / name).symlink_to(target)
    found, skipped = read(corpus)
    assert [raw.path.rsplit("corpus/")[1] for raw in found] == ["a/real.txt", "in.txt"]
    reasons = {path.rsplit("corpus/")[1]: reason for path, reason in skipped.items()}
    assert reasons.keys() == {"out.txt", "folder", "a/up", "gone.txt", "loop.txt", "null.txt"}
    assert "leads out of the folder" in reasons["out.txt"]
    assert "leads out of the folder" in reasons["folder"]
    assert "folder inside" in reasons["a/up"]
    assert "nowhere" in reasons["gone.txt"]
    # By a pattern they are no safer; named by the user himself, they are his to read.
    assert len(read(f"{corpus}/**/*.txt")[0]) == 2
    assert read(corpus / "out.txt")[0][0].text == "SECRET"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_pipes_and_devices_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    assert "not a file" in only_reason(tmp_path)
    assert "not a file" in only_reason("/dev/zero")


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not possible there")
def test_names_with_newlines_and_of_other_encodings(tmp_path):
    for name in (b"a\nb\x1b[31m.txt", "财报.txt".encode("gbk")):
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:  # noqa: PTH123
            file.write(TEXT.encode())
    found, skipped = read(tmp_path)
    assert not skipped
    names = [raw.path.rsplit("/")[-1] for raw in found]
    assert names[0] == "a\\x0ab\\x1b[31m.txt"
    assert names[1].encode().decode().endswith(".txt")


@pytest.mark.parametrize("name", sorted(fuzzer().samples()))
def test_every_format_cut_short_anywhere(tmp_path, name):
    data = fuzzer().samples()[name]
    for k in range(0, len(data), max(1, len(data) // 12)):
        found, skipped = read(put(tmp_path, name, data[:k]), limits=Limits(seconds=10.0))
        assert found or skipped


def test_a_short_fuzz():
    count = fuzzer().fuzz(300, seed=7)
    assert count.good, (count.crashes, count.hangs, count.escapes)
    assert count.inputs == 300
    assert count.articles > 50
    assert count.skipped > 50


def test_the_fuzzer_would_notice(tmp_path):
    with fuzzer().watching(tmp_path) as (escapes, state):
        state["on"] = True
        (tmp_path / "new").write_text("x", "utf-8")
    assert any("changed: ('new'" in told for told in escapes)
    assert any(told.startswith("open") for told in escapes)


@pytest.mark.parametrize(
    ("size", "told"),
    [(5, "5 bytes"), (64 * MEBIBYTE, "64 MiB"), (1600, "2 KiB"), (9 << 40, "9216 GiB")],
)
def test_sizes_as_people_write_them(size, told):
    assert human(size) == told


def test_paths_as_they_may_be_shown():
    assert shown("a\tb\u202ec\udcff") == "a\\x09b\\x202ec\N{REPLACEMENT CHARACTER}"
