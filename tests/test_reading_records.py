"""Exports of press databases: their articles, what labels tell, and texts that are no export."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stance
from paths import CASES
from stance.reading.raw import FIELDS, Known, Raw
from stance.reading.records import articles

FILE = tomllib.loads((CASES / "reading_records.toml").read_text("utf-8"))


def filled(text):
    return text.replace("{p1}", FILE["p1"]).replace("{p2}", FILE["p2"])


def raw(text):
    return Raw(path="a.txt", text=text, encoding="utf-8", known={"url": Known("u", "manifest")})


@pytest.mark.parametrize("one", FILE["export"], ids=lambda one: one["name"])
def test_exports(one):
    given_ = raw(filled(one["text"]))
    found = articles(given_)
    if one.get("as_it_is"):
        assert found == [given_]
        return
    assert [article.text.strip() for article in found] == [
        filled(wanted["text"]) for wanted in one["articles"]
    ]
    told = [
        {field: known.value for field, known in article.known.items() if known.origin != "manifest"}
        for article in found
    ]
    assert told == [
        {field: filled(wanted[field]) for field in FIELDS if field in wanted}
        for wanted in one["articles"]
    ]
    several = len(found) > 1
    assert [article.path for article in found] == [
        f"a.txt#{n}" if several else "a.txt" for n in range(1, len(found) + 1)
    ]


def test_an_export_is_read_with_clean_values(tmp_path):
    both = {one["name"]: filled(one["text"]) for one in FILE["export"]}
    (tmp_path / "wisers.txt").write_text(both["Wisers, two articles"], encoding="utf-8")
    (tmp_path / "cnki.txt").write_text(both["CNKI"], encoding="gb18030")
    documents = stance.read(tmp_path).items
    assert [(d.source, d.author, d.date, d.title) for d in documents] == [
        ("观潮周刊", "李默", "2023-11-27", "利润腰斩之后"),
        ("香港經濟日報", "李默", "2024-03-23", "利潤腰斬之後"),
        ("香港經濟日報", None, "2024-03-24", "ＡＩ之後"),
    ]
    assert dict(documents[0].origins)["title"] == "field 篇名"


LINES = st.lists(
    st.sampled_from(
        ["标题：甲", "【正文】", "HD 甲", "AN 1", "End of Document", "文章編號: 1", "", FILE["p1"],
         "来源：乙", "LP", "慧科搜索", "Load-Date: x", "作者", "标题：", "正文：" + FILE["p2"]]
    ),
    max_size=12,
)  # fmt: skip


@given(LINES)
def test_whatever_the_lines_prose_is_not_made_up(lines):
    """Each article has a text, of lines of the file, and no label of the file is in it twice."""
    given_ = raw("\n".join(lines))
    found = articles(given_)
    assert found
    for article in found:
        assert all(line in given_.text for line in article.text.split("\n"))
    if found != [given_]:
        assert all(article.text.strip() for article in found)
        assert sum(a.text.count(FILE["p1"]) for a in found) <= given_.text.count(FILE["p1"])
