"""Which encoding bytes are in: declared, marked, or found."""

from __future__ import annotations

import re

import opencc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paths import SEEDS
from stance.errors import ReadingError
from stance.reading.encoding import declared_charset, decode, detect, text_lines

SIMPLE = "某公司公布了最新一季的财报，营收同比增长，云业务表现亮眼，市场反应积极。"
TRADITIONAL = "某公司公布了最新一季的財報，營收同比增長，雲業務表現亮眼，市場反應積極。"
CANTONESE = "呢間公司嘅業績好過預期，佢哋話下一季仲會再好啲，不過冇講點解。"
SPARSE = "<html>" + " " * 60_000 + SIMPLE * 3


@pytest.fixture(scope="module")
def sentences():
    """Passages of 20 to 60 characters of the seeds, in simplified, Taiwan and Hong Kong script."""
    text = "\n".join(p.read_text("utf-8") for p in sorted((SEEDS / "articles").glob("*.txt")))
    parts = re.findall(r"[^\n。！？]{20,60}", text)
    han = [p for p in parts if len(re.findall("[一-鿿]", p)) > 0.3 * len(p)]
    assert len(han) > 300
    converters = [opencc.OpenCC(name) for name in ("t2s", "s2twp", "s2hk")]
    return [converter.convert(part) for part in han for converter in converters]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "gb18030", "big5", "big5hkscs", "utf-16-le", "utf-16-be"]
)
def test_sentences_are_read_in_their_encoding(sentences, encoding):
    right = total = 0
    for sentence in sentences:
        try:
            data = sentence.encode(encoding)
        except UnicodeEncodeError:
            continue
        total += 1
        right += decode(data).text == sentence
    assert total > 100
    assert right >= 0.995 * total


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        (SIMPLE, "utf-8", "utf-8"),
        (SIMPLE, "utf-8-sig", "utf-8-sig"),
        (SIMPLE, "utf-16", "utf-16"),
        (SIMPLE, "utf-32", "utf-32"),
        (SIMPLE, "gb18030", "gb18030, guessed"),
        (SIMPLE, "utf-16-le", "utf-16-le, guessed"),
        (TRADITIONAL, "big5", "big5, guessed"),
        (CANTONESE, "big5hkscs", "big5hkscs, guessed"),
        (SPARSE, "utf-8", "utf-8"),
        (SPARSE, "gb18030", "gb18030, guessed"),
        ("plain English text", "ascii", "utf-8"),
        ("привет, мир; это не по-китайски", "utf-8", "utf-8"),
    ],
)
def test_what_was_assumed_is_told(text, encoding, told):
    assert decode(text.encode(encoding)) == (text, told, ())


@pytest.mark.parametrize(
    ("declared", "encoding", "text", "told", "warned"),
    [
        ("gb2312", "gb18030", "镕基、囧", "gb18030, declared as gb2312", False),
        ("GBK", "gb18030", SIMPLE, "gb18030, declared as gbk", False),
        ("big5", "big5", TRADITIONAL, "big5, declared as big5", False),
        ("Big5", "big5hkscs", CANTONESE, "big5hkscs, declared as big5", False),
        ("utf-8", "utf-8", SIMPLE, "utf-8", False),
        ("utf-8", "gb18030", SIMPLE, "gb18030, guessed against its declared utf-8", True),
        ("gb2312", "utf-8", SIMPLE, "utf-8, guessed against its declared gb2312", True),
        ("big5", "gb18030", SIMPLE, "gb18030, guessed against its declared big5", True),
        ("iso-8859-1", "utf-8", SIMPLE, "utf-8, guessed against its declared iso-8859-1", True),
        ("zlib", "utf-8", SIMPLE, "utf-8, guessed against its declared zlib", True),
        ("iso-8859-1", "ascii", "plain", "utf-8", False),
    ],
)
def test_a_declared_charset_counts_until_the_text_refutes_it(
    declared, encoding, text, told, warned
):
    found = decode(text.encode(encoding), declared)
    assert (found.text, found.encoding, bool(found.warnings)) == (text, told, warned)


@pytest.mark.parametrize(
    ("head", "charset"),
    [
        (b'<html><meta charset="gbk">', "gbk"),
        (b"<meta http-equiv=Content-Type content='text/html; charset=gb2312'>", "gb2312"),
        (b'<?xml version="1.0" encoding="Big5"?><html>', "Big5"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=GB18030\r\n\r\n<html>", "GB18030"),
        (b"<html><p>charset=gbk</p>", None),
        (b"", None),
    ],
)
def test_the_charset_that_a_page_names(head, charset):
    assert declared_charset(head) == charset


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 40, "binary"),
        (b"\xff\xfe\x00", "not valid utf-16"),
        (b"\xff" * 40, "save the file as UTF-8"),
        (SIMPLE.encode()[:-1], "not valid utf-8 at byte"),
        (SIMPLE.encode() + b"\xff\xfe" + SIMPLE.encode(), "not valid utf-8 at byte 108"),
        (SIMPLE.encode("gb18030") + b"\xff\xff", "neither UTF-8"),
        (bytes(range(256)) * 4, "binary"),
    ],
)
def test_what_cannot_be_decoded_is_refused_not_replaced(data, reason):
    with pytest.raises(ReadingError, match=reason):
        decode(data)


@given(st.binary(max_size=400))
@example(b"\x00\x01" * 4)  # UTF-16, though every byte is one of ASCII
def test_whatever_is_decoded_encodes_back(data):
    try:
        found = decode(data)
    except ReadingError:
        return
    codec = found.encoding.split(",")[0]
    assert found.text.encode(codec).removeprefix(b"\xef\xbb\xbf") in data or codec in (
        "utf-16", "utf-32", "gb18030", "big5", "big5hkscs",
    )  # fmt: skip
    assert (
        "\N{REPLACEMENT CHARACTER}" not in found.text or b"\xef\xbf\xbd" in data or codec != "utf-8"
    )


def test_a_long_file_is_found_out_by_a_part_of_it():
    text = "a" * 400_000 + SIMPLE * 20_000
    for codec in ("gb18030", "utf-8"):
        assert detect(text.encode(codec)) == codec


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"])
def test_lines_of_any_encoding_stream(tmp_path, encoding):
    text = (
        "id,text\r\n" + "x" * 300_000 + "\n" + "公司發布財報，成長一成。\r第二行\n" * 30_000 + "末"
    )
    path = tmp_path / "x"
    path.write_bytes(text.encode(encoding))
    lines, told = text_lines(lambda: path.open("rb"), 1_000_000)
    assert told.startswith(encoding)
    assert "".join(lines) == text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_line_without_end_is_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"x" * 300_000)
    lines, _ = text_lines(lambda: path.open("rb"), 100_000)
    with pytest.raises(ReadingError, match="a line of more than 100,000"):
        list(lines)
