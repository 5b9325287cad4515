"""Every format to articles: text, metadata with its origin, encoding, and what is said of the rest.

All texts are synthetic.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import zipfile
from types import SimpleNamespace

import polars as pl
import pytest

import stance
from samples import fuzzer, put, read
from stance.errors import InputError
from stance.reading.columns import guess
from stance.reading.formats import raws
from stance.reading.limits import Limits
from stance.reading.markdown import without_markup
from stance.reading.office import without_running
from stance.reading.raw import Known

TEXT = "某公司周三公布新一季财报，营收同比增长百分之八。分析师认为，这一趋势仍将持续。"
PARAGRAPHS = f"<p>{TEXT}</p>" * 4


def values(raw):
    return {field: known.value for field, known in raw.known.items()}


@pytest.mark.parametrize("name", sorted(fuzzer().samples()))
def test_a_sound_file_of_every_format_is_read(tmp_path, name):
    found, skipped = read(put(tmp_path, name, fuzzer().samples()[name]))
    assert found
    assert not skipped
    for raw in found:
        # A PDF's lines are as they stand on its page.
        plain = raw.text.replace("\n", "")
        assert "营收同比增长" in plain or "營收較去年" in plain
        assert not raw.warnings


PAGES = [
    (
        "a news page",
        '<head><meta charset="utf-8"><title>财报出炉_某某网</title>'
        '<meta property="og:site_name" content="某某网"><meta name="author" content="张三">'
        '<meta property="article:published_time" content="2024-03-05T10:00:00+08:00">'
        '<link rel="canonical" href="https://news.example.com/a/1.html"></head><body>'
        '<div class="nav"><a href="/">首页</a></div><article><h1>财报出炉</h1>'
        f"{PARAGRAPHS}</article>",
        {"title": "财报出炉", "source": "某某网", "author": "张三",
         "date": "2024-03-05T10:00:00+08:00", "url": "https://news.example.com/a/1.html"},
    ),
    (
        "a WeChat page, saved before its script ran",
        '<head><meta property="og:title" content="一文看懂财报"></head><body>'
        '<h1 id="activity-name"> 一文看懂财报 </h1><a id="js_name"> 某某观察 </a>'
        '<em id="publish_time">2024-03-05 10:00</em>'
        '<div id="js_content" style="visibility: hidden; opacity: 0; ">'
        f"<section>{PARAGRAPHS}</section></div>",
        {"title": "一文看懂财报", "source": "某某观察", "date": "2024-03-05 10:00"},
    ),
    (
        "JSON-LD",
        '<head><script type="application/ld+json">{"@context":"https://schema.org",'
        '"@type":"NewsArticle","headline":"财报出炉了","datePublished":"2024-03-05",'
        '"author":{"@type":"Person","name":"李四"},"publisher":{"@type":"Organization",'
        f'"name":"某某时报"}}}}</script></head><body><article>{PARAGRAPHS}</article>',
        {"title": "财报出炉了", "source": "某某时报", "author": "李四", "date": "2024-03-05"},
    ),
    (
        "a page that says nothing of itself",
        f"<head></head><body><div>{PARAGRAPHS}</div>",
        {},
    ),
    (
        "an address is no name of a site",
        '<head><meta property="og:url" content="//news.example.com/1.html"></head>'
        f"<body><article>{PARAGRAPHS}</article>",
        {"url": "https://news.example.com/1.html"},
    ),
    (
        "fillers of programs are no values",
        '<head><meta name="author" content="admin"><meta name="source" content="null"></head>'
        f"<body><article>{PARAGRAPHS}</article>",
        {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("page", "known"), [p[1:] for p in PAGES], ids=[p[0] for p in PAGES])
def test_pages_say_what_they_are(tmp_path, page, known):
    found, _ = read(put(tmp_path, "a.html", f"<html>{page}</body></html>"))
    assert {k: v for k, v in values(found[0]).items() if k in known} == known
    if not known:
        assert found[0].known == {}
    assert all(value.origin.startswith("html ") for value in found[0].known.values())
    assert "首页" not in found[0].text
    assert TEXT in found[0].text.split("\n")


def test_paragraphs_stay_lines(tmp_path):
    lines = [f"第{k}段：{TEXT}" for k in range(6)]
    page = "<html><body><article>" + "".join(f"<p>{line}</p>" for line in lines)
    assert read(put(tmp_path, "a.html", page))[0][0].text.split("\n") == lines


def test_a_page_as_a_server_sent_it(tmp_path):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=GBK\r\nServer: x\r\n\r\n"
    page = f"<html><body><article>{PARAGRAPHS}</article></body></html>".encode("gb18030")
    found, _ = read(put(tmp_path, "a.html", head + page))
    assert (found[0].encoding, "Server" in found[0].text) == ("gb18030, declared as gbk", False)


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><ul><li><a href=a>首页</a><li><a href=b>新闻</a></ul></body></html>",
        "<html><head><title>只有标题的网页</title></head><body></body></html>",
        "<html><body><img src=a><script>var a = '一串很长很长很长很长的文字。'</script>",
        "<<<<<<<<<<" * 500,
    ],
)
def test_a_page_without_an_article_is_told(tmp_path, page):
    found, skipped = read(put(tmp_path, "a.html", page))
    assert not found
    assert "no article on the page" in next(iter(skipped.values()))


TABLE = [("标题", "正文", "来源"), ("甲", TEXT, "甲报"), ("乙", f"“引”,{TEXT}\n第二段", "乙报")]


def quoted(rows, delimiter=",", end="\r\n"):
    cell = '"{}"'.format
    lines = (delimiter.join(cell(c.replace('"', '""')) for c in row) for row in rows)
    return end.join(lines) + end


@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_tables_of_any_delimiter_and_encoding(tmp_path, delimiter, encoding, end):
    path = put(tmp_path, "t.csv", quoted(TABLE, delimiter, end).encode(encoding))
    found, skipped = read(path)
    assert not skipped
    assert [raw.path for raw in found] == [f"{path.as_posix()}#1", f"{path.as_posix()}#2"]
    assert [raw.text for raw in found] == [row[1] for row in TABLE[1:]]
    assert found[1].known["source"] == Known("乙报", "column 来源")
    assert found[0].encoding.startswith(encoding)


def test_bad_rows_are_told_by_their_number(tmp_path):
    rows = f"""标题,正文
甲,{TEXT}
乙,
丙,一,二,三
丁,"没有合上的引号，{TEXT}
戊,{TEXT}
己,{TEXT},
"""
    found, skipped = read(put(tmp_path, "t.csv", rows))
    assert [values(raw)["title"] for raw in found] == ["甲", "戊", "己"]
    reasons = {path.rsplit("#", 1)[1]: reason for path, reason in skipped.items()}
    assert set(reasons) == {"2", "3", "4"}
    assert reasons["2"] == "row 2: no text in its column '正文'"
    assert "4 cells under 2 columns" in reasons["3"]
    assert "a quote in it is not closed" in reasons["4"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["标题", "正文", "来源"], {"title": "标题", "text": "正文", "source": "来源"}),
        (["Content", "Pub_Date", "URL"], {"text": "Content", "date": "Pub_Date", "url": "URL"}),
        (["新闻内容", "媒体名称"], {"text": "新闻内容", "source": "媒体名称"}),
        (["標題", "內文", "記者"], {"title": "標題", "text": "內文", "author": "記者"}),
        (["id", "article_content", "subtitle"], {"text": "article_content"}),
        (["articleText", "meta.source"], {"text": "articleText", "source": "meta.source"}),
        (["摘要", "内容类型", "全文（已清洗）"], {"text": "全文（已清洗）"}),
        (["ＴＥＸＴ", "链接"], {"text": "ＴＥＸＴ", "url": "链接"}),
        (["正文", "content"], {"text": "正文"}),
    ],
)  # fmt: skip
def test_columns_are_guessed_from_their_names(names, expected):
    assert guess(names) == expected


def test_what_the_user_says_of_columns_wins(tmp_path):
    path = put(tmp_path, "t.csv", f"正文,译文,甲\n{TEXT},译,报\n")
    found, _ = read(path, columns={"text": "译文", "source": "甲"})
    assert (found[0].text, values(found[0])) == ("译", {"source": "报"})
    _, skipped = read(path, columns={"text": "没有"})
    assert "no column '没有' (for text); there are '正文', '译文', '甲'" in skipped[path.as_posix()]
    with pytest.raises(InputError, match="no such field 'body'"):
        read(path, columns={"body": "正文"})


def test_no_text_column_lists_what_there_is_and_what_to_do(tmp_path):
    path = put(tmp_path, "t.csv", "编号,数量\n1,2\n")
    _, skipped = read(path)
    assert "--column text=正文; there are '编号', '数量'" in skipped[path.as_posix()]


def test_lines_of_json(tmp_path):
    rows = [
        {"title": "甲", "content": TEXT, "meta": {"source": "甲报", "likes": 3}},
        {"content": ["第一段", "第二段"], "publish_time": 1709600000},
        {"title": "无"},
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path = put(tmp_path, "t.jsonl", "\n".join([lines[0], "", "{坏", lines[1], "[1]", lines[2]]))
    found, skipped = read(path)
    assert [raw.text for raw in found] == [TEXT, "第一段\n第二段"]
    assert [values(raw) for raw in found] == [
        {"title": "甲", "source": "甲报"},
        {"date": "1709600000"},
    ]
    assert [path.rsplit("#")[1] for path in skipped] == ["2", "4", "5"]


@pytest.mark.parametrize(
    "whole",
    [
        [{"text": TEXT}],
        {"count": 1, "articles": [{"text": TEXT}]},
        {"text": TEXT, "tags": [{"a": 1}]},
        # What a web service answers: the list a level or two below, others beside it.
        {"code": 0, "data": {"total": 1, "list": [{"text": TEXT}]}},
        {"data": {"page": {"ads": [{"id": 1}, {"id": 2}], "items": [{"content": TEXT}]}}},
    ],
)
def test_a_whole_json_file(tmp_path, whole):
    found, _ = read(put(tmp_path, "t.json", json.dumps(whole)))
    assert [raw.text for raw in found] == [TEXT]


def test_json_that_holds_an_object_a_line(tmp_path):
    line = json.dumps({"text": TEXT})
    assert len(read(put(tmp_path, "t.json", f"{line}\n{line}\n"))[0]) == 2


def test_markup_in_a_cell_becomes_lines(tmp_path):
    inner = f'<div class="rich"><p style="x">{TEXT}</p><p>a &lt; b，第二段。</p><br/>末段</div>'
    found, _ = read(put(tmp_path, "t.json", json.dumps([{"text": inner}, {"text": "一<p 二"}])))
    assert [raw.text for raw in found] == [f"{TEXT}\na < b，第二段。\n末段", "一<p 二"]


CELLS = [
    (r"第一段。\n第二段。", "第一段。\n第二段。"),
    ("第一段。　　第二段。", "第一段。\n　　第二段。"),
    ("有\n行的\\n不动。　　如此", "有\n行的\\n不动。　　如此"),
]


@pytest.mark.parametrize(("cell", "text"), CELLS)
def test_paragraphs_of_a_cell(tmp_path, cell, text):
    row = {"text": cell, "author": "NULL", "source": " - ", "title": "甲"}
    found, _ = read(put(tmp_path, "t.json", json.dumps([row])))
    assert (found[0].text, values(found[0])) == (text, {"title": "甲"})


NESTED = {
    "meta": {"site": {"name": "甲报"}},
    "article": {"byline": {"name": "李默"}, "body": [TEXT]},
}


def test_objects_within_objects(tmp_path):
    found, _ = read(put(tmp_path, "t.json", json.dumps(NESTED)))
    assert (found[0].text, values(found[0])) == (TEXT, {"source": "甲报", "author": "李默"})


def test_a_table_in_a_word_file_that_says_what_the_article_is(tmp_path):
    import docx

    document = docx.Document()
    table = document.add_table(3, 2)
    for k, words in enumerate(["標題", "利潤腰斬之後", "媒體：", "甲報", "頁", "3"]):
        table.cell(k // 2, k % 2).text = words
    document.add_paragraph("內文：")
    document.add_paragraph(TEXT)
    document.save(tmp_path / "a.docx")
    found, _ = read(tmp_path / "a.docx")
    assert found[0].text == TEXT
    assert (values(found[0])["title"], values(found[0])["source"]) == ("利潤腰斬之後", "甲報")


def test_parquet_streams_in_order(tmp_path):
    texts = [f"{k}：{TEXT}" for k in range(3000)]
    path = tmp_path / "t[1]*.parquet"
    frame = pl.DataFrame({"正文": texts, "n": range(3000), "日期": [None, "2024-03-05"] * 1500})
    frame.write_parquet(path, row_group_size=700)
    found, _ = read(path)
    assert [raw.text for raw in found] == texts
    assert (values(found[0]), values(found[1])) == ({}, {"date": "2024-03-05"})


def test_word_files_in_order_with_tables_and_insertions(tmp_path):
    import docx
    from docx.oxml import parse_xml

    document = docx.Document()
    document.core_properties.author = "王五"
    document.core_properties.title = "报告"
    document.add_heading("标题")
    inserted = document.add_paragraph("原有")
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    for tag, words in (("ins", "<w:t>插入</w:t>"), ("del", "<w:delText>删去</w:delText>")):
        inserted._p.append(parse_xml(f"<w:{tag} {space}><w:r>{words}</w:r></w:{tag}>"))
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "甲格", "乙格"
    document.add_paragraph("末段")
    document.save(tmp_path / "a.docx")
    found, _ = read(tmp_path / "a.docx")
    assert found[0].text == "标题\n原有插入\n甲格\n乙格\n末段"
    assert found[0].known["author"] == Known("王五", "docx properties")
    assert values(found[0])["title"] == "报告"


def test_tables_of_figures_in_word_files_are_left_out_and_told(tmp_path):
    import docx

    document = docx.Document()
    document.add_paragraph(TEXT)
    figures = document.add_table(2, 2)
    for k, words in enumerate(["公司", "账期", "甲", "27"]):
        figures.cell(k // 2, k % 2).text = words
    layout = document.add_table(2, 2)
    for k, words in enumerate(["左", TEXT, "右", "下"]):
        layout.cell(k // 2, k % 2).text = words
    document.save(tmp_path / "a.docx")
    found, _ = read(tmp_path / "a.docx")
    assert found[0].text.split("\n") == [TEXT, "左", TEXT, "右", "下"]
    assert found[0].left_out == ("table: 公司 账期 甲 27",)


PAGES = [
    # Heads and feet of both pages, a sentence over the turn.
    (
        [
            "某报数据库\n　　甲说了一\n第 1 页 共 2 页\n",
            "某报数据库\n句话。\n　　乙没有说。\n第 2 页 共 2 页",
        ],
        "　　甲说了一\n句话。\n　　乙没有说。",
        ["某报数据库", "第 1 页 共 2 页", "第 2 页 共 2 页"],
    ),
    # A line that comes again within the pages is prose.
    (["题\n甲\n乙\n丙\n丁\n戊", "头\n子\n甲\n丑\n寅"], None, []),
    (["只有一页\n第 1 页"], None, []),
    ([], None, []),
]


@pytest.mark.parametrize(("pages", "text", "running"), PAGES)
def test_running_lines_of_pages(pages, text, running):
    assert without_running(pages) == ("\n".join(pages) if text is None else text, running)


def test_pdf_text_and_properties(tmp_path):
    # U+2F64 is the radical that fonts name where 用 is meant.
    found, _ = read(put(tmp_path, "a.pdf", fuzzer().pdf(["第一行使⽤了", "第二行也有文字"])))
    assert found[0].text == "第一行使用了\n第二行也有文字"
    assert values(found[0]) == {"title": "A report", "author": "Someone", "date": "2024-03-05"}


def test_pdf_without_text_and_encrypted_are_told(tmp_path):
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(tmp_path / "scan.pdf")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    _, skipped = read(tmp_path)
    reasons = {path.rsplit("/")[-1]: reason for path, reason in skipped.items()}
    assert "no text layer" in reasons["scan.pdf"]
    assert "encrypted" in reasons["locked.pdf"]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("# 标题 #\n\n正文", "标题\n\n正文"),
        ("**粗**、*斜*、__粗__、~~删~~、`码`", "粗、斜、粗、删、码"),
        ('见[链接](http://a.b/c_(d))和[另一](/x "t")', "见链接和另一"),
        ("![图](a.png)前后![图][1]", "前后"),
        ("前\n```python\ncode = '**x**'\n```\n后", "前\n\n后"),
        ("> 引文\n> 第二行", "引文\n第二行"),
        ("- 甲\n* 乙\n1. 丙", "甲\n乙\n1. 丙"),
        ("5 * 3 * 2 和 snake_case_name", "5 * 3 * 2 和 snake_case_name"),
        ("甲\n\n---\n\n乙", "甲\n\n乙"),
        ("<!-- 注 -->文", "文"),
        ("\\*不斜\\*", "*不斜*"),
        ("```\n没有合上", ""),
    ],
)
def test_markup_is_taken_off(marked, plain):
    assert without_markup(marked) == plain


@pytest.mark.parametrize(
    "front",
    [
        '---\ntitle: "财报: 出炉"\n作者：张三\ndate: 2024-03-05\nsource: 某某网\nx: y\n---\n',
        '---\ntitle: 财报: 出炉\nauthor:\n  - "[[张三]]"\ntags:\n- x\n'
        "date: 2024-03-05\nsource: 某某网\n---\n",
        '+++\ntitle = "财报: 出炉"\nauthor = "张三"\ndate = 2024-03-05\nsource = "某某网"\n+++\n',
    ],
)
def test_front_matter(tmp_path, front):
    found, _ = read(put(tmp_path, "a.md", f"{front}\n# 头\n\n{TEXT}\n"))
    assert values(found[0]) == {
        "title": "财报: 出炉", "author": "张三", "date": "2024-03-05", "source": "某某网",
    }  # fmt: skip
    assert found[0].known["title"].origin == "front matter title"
    assert found[0].text == f"头\n\n{TEXT}"


def test_archives_in_archives_with_names_of_other_systems(tmp_path):
    files = fuzzer()
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        # Written by a Chinese Windows: bytes of GBK, not marked as UTF-8.
        archive.writestr("xx.txt", TEXT)
    data = inner.getvalue().replace(b"xx.txt", "报.txt".encode("gbk"))
    put(tmp_path, "a.zip", files.zipped({"in.zip": data, "b.txt": TEXT.encode(), "c/": b""}))
    found, skipped = read(tmp_path / "a.zip")
    assert [raw.path.split("a.zip")[1] for raw in found] == ["!/b.txt", "!/in.zip!/报.txt"]
    assert not skipped


def test_a_manifest_in_an_archive_counts(tmp_path):
    manifest = '[[document]]\npath = "a.txt"\nsource = "甲报"\n[[document]]\npath = "gone.txt"\n'
    files = {"k/manifest.toml": manifest.encode(), "k/a.txt": TEXT.encode(), "k/b.html": b"x"}
    found, skipped = read(put(tmp_path, "a.zip", fuzzer().zipped(files)))
    assert [raw.known["source"] for raw in found] == [Known("甲报", "manifest")]
    assert [path.split("!/")[1] for path in skipped] == ["k/gone.txt"]


def test_what_a_manifest_says_goes_before_what_a_file_says(tmp_path):
    put(tmp_path, "t.csv", f"正文,来源,标题\n{TEXT},乙报,题\n")
    put(tmp_path, "other.html", "not listed")
    put(tmp_path, "manifest.toml", '[[document]]\npath = "t.csv"\nsource = "甲报"\n')
    found, skipped = read(tmp_path)
    assert not skipped
    assert found[0].known == {
        "source": Known("甲报", "manifest"), "title": Known("题", "column 标题"),
    }  # fmt: skip


def test_a_manifest_speaks_of_an_archive_as_a_whole(tmp_path):
    data = fuzzer().zipped({"a.txt": TEXT.encode(), "b.txt": TEXT.encode()})
    put(tmp_path, "a.zip", data)
    entry = '[[document]]\npath = "a.zip"\nsource = "甲报"\nsha256 = "{}"\n'
    put(tmp_path, "manifest.toml", entry.format(hashlib.sha256(data).hexdigest()))
    assert [raw.known["source"] for raw in read(tmp_path)[0]] == [Known("甲报", "manifest")] * 2
    put(tmp_path, "manifest.toml", entry.format("0" * 64))
    found, skipped = read(tmp_path)
    assert not found
    assert "changed since" in skipped[(tmp_path / "a.zip").as_posix()]


def test_folders_are_walked_in_order_and_patterns_choose(tmp_path):
    for name in ("b/2.txt", "a/1.txt", "a/x/3.txt", "a.txt", ".git/no.txt", "a/~$no.txt"):
        put(tmp_path, name, TEXT)

    def order(*paths):
        return [raw.path.removeprefix(f"{tmp_path.as_posix()}/") for raw in read(*paths)[0]]

    everything = ["a/1.txt", "a/x/3.txt", "a.txt", "b/2.txt"]
    assert order(tmp_path) == everything
    assert order(tmp_path / "b", tmp_path / "a.txt", tmp_path) == everything
    assert order(f"{tmp_path}/**/*.txt", f"{tmp_path}/a*") == everything
    assert order(f"{tmp_path}/*.txt") == ["a.txt"]
    assert order(f"{tmp_path}/a/**/[0-2].txt") == ["a/1.txt"]
    assert order(f"{tmp_path}/[!a]") == ["b/2.txt"]
    assert order(tmp_path / ".git", tmp_path / "b") == [".git/no.txt", "b/2.txt"]
    with pytest.raises(InputError, match="no such file or directory"):
        order(tmp_path / "missing")
    with pytest.raises(InputError, match="no such file or directory"):
        order(f"{tmp_path}/missing/*.txt")


def test_other_formats_are_told_with_what_to_do(tmp_path):
    for name in ("a.doc", "b.xlsx", "c.jpg", "d.rar"):
        put(tmp_path, name, "x")
    _, skipped = read(tmp_path)
    assert [reason.split(": ")[1] for reason in skipped.values()] == [
        "save it as .docx",
        "save the sheet as .csv",
        "save the article as .txt",
        "unpack it, or pack it as .zip",
    ]


def test_what_a_browser_saves_beside_a_page_is_told_once(tmp_path):
    put(tmp_path, "页.html", f"<html><body><article>{PARAGRAPHS}</article></body></html>")
    for k in range(3):
        put(tmp_path, f"页_files/{k}.js", "x")
    found, skipped = read(tmp_path)
    assert len(found) == 1
    assert skipped == {(tmp_path / "页_files").as_posix(): "what a browser saved beside a page"}


@pytest.mark.parametrize("name", sorted(fuzzer().samples()))
def test_standard_input_is_known_by_how_it_begins(tmp_path, monkeypatch, name):
    data = fuzzer().samples()[name]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    monkeypatch.chdir(tmp_path)
    found, _ = read("-")
    direct, _ = read(put(tmp_path, f"named{name}", data))
    assert all(raw.path.startswith("-") for raw in found)
    if not name.endswith(".md"):  # markup is not told from text
        assert [raw.text for raw in found] == [raw.text for raw in direct]
    assert found


def test_a_file_of_another_suffix_is_read_where_the_user_names_it(tmp_path):
    path = put(tmp_path, "文章.article", f"<!doctype html><html><body><article>{PARAGRAPHS}")
    assert read(path)[0][0].text.startswith("某公司")
    assert "is not read" in read(tmp_path)[1][path.as_posix()]


def test_one_article_is_held_at_a_time(tmp_path):
    path = put(tmp_path, "t.csv", "正文\n" + f"{TEXT}\n" * 200_000)
    stream = raws(path, limits=Limits(whole=1000))
    assert next(stream).text == TEXT
    stream.close()


def test_several_jobs_read_the_same_in_the_same_order(tmp_path):
    page = f"<html><body><article>{PARAGRAPHS}</article></body></html>"
    for n in range(30):
        put(tmp_path, f"{n % 4}/{n:02}.html", page.replace("某公司", f"某公司{n}"))
        put(tmp_path, f"{n % 4}/{n:02}.txt", "" if n % 5 == 0 else f"{n}。{TEXT}")
    put(tmp_path, "1/t.jsonl", json.dumps({"text": TEXT}) + "\n{坏\n")
    with zipfile.ZipFile(tmp_path / "2" / "a.zip", "w") as archive:
        archive.writestr("b.html", page)
    assert list(raws([tmp_path], jobs=3)) == list(raws([tmp_path]))


def test_the_same_input_gives_the_same_twice(tmp_path):
    for name, data in fuzzer().samples().items():
        put(tmp_path, name, data)
    assert list(raws(tmp_path)) == list(raws(os.fspath(tmp_path)))


def test_what_stands_below_a_table_of_figures_goes_with_it(tmp_path):
    import docx

    document = docx.Document()
    document.add_paragraph("公司公布了一季度的财报，收入增长三成，利润下降一半。")
    table = document.add_table(rows=2, cols=2)
    for cell, word in zip(table._cells, ("产品", "占比", "甲", "31%"), strict=True):
        cell.text = word
    document.add_paragraph("資料來源：公司公告　製表：李默")
    document.add_paragraph("分析师认为，补贴还会持续两个季度。")
    document.add_paragraph("注：这一段不在表格下面，也不短，它说的是别的事情。")
    document.save(tmp_path / "a.docx")
    found = stance.read(tmp_path).items[0]
    assert "製表" not in found.text
    assert "分析师认为" in found.text
    assert "注：这一段" in found.text
    assert "table: 資料來源：公司公告 製表：李默" in found.cuts
    # python-docx copies one file for all new ones, with the day of that one.
    assert found.date is None
