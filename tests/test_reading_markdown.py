"""Markdown in its dialects: what its front matter tells, and its text. All texts are synthetic."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.reading.markdown import parse_markdown, without_markup

P1 = "公司一季度收入增长三成，利润却下降了一半，分析师认为补贴还会持续两个季度。"

FRONT = [
    # Pandoc
    (
        "% 利润腰斩之后\n% 李默; 周行\n% 2024-11-08\n\n",
        {"title": "利润腰斩之后", "author": "李默 周行", "date": "2024-11-08"},
    ),
    (
        "% 利润腰斩\n  之后\n%\n% 2024年5月9日\n\n",
        {"title": "利润腰斩 之后", "date": "2024年5月9日"},
    ),
    # YAML, with a list, an object, folded text, a comment and the marks of Pandoc
    (
        "---\ntitle: >\n  利润腰斩\n  之后\nauthor:\n  - name: 李默\n    affiliation: 某大学\n"
        "  - name: 周行\ndate: 2024-05-09  # 发布\nsource: {}\n...\n",
        {"title": "利润腰斩 之后", "author": "李默 周行", "date": "2024-05-09", "source": "{}"},
    ),
    (
        '---\ntitle: "利润：腰斩 # 之后"\nauthor: ["李默", "周行"]\ncreated: 2025-02-02\n'
        "published: 2025-01-14\nsource: '[[某某报]]'\ntags:\n  - a\n---\n",
        {
            "title": "利润：腰斩 # 之后", "author": "李默 周行", "date": "2025-01-14",
            "source": "某某报",
        },
    ),
    (
        "---\ntitle: 甲乙丙丁\nauthor:\n- 李默\n- 周行\n---\n",
        {"title": "甲乙丙丁", "author": "李默 周行"},
    ),
    # TOML
    (
        '+++\ntitle = "甲乙丙丁"\nauthors = ["李默", "周行"]\ndate = 2024-05-09\n+++\n',
        {"title": "甲乙丙丁", "author": "李默 周行", "date": "2024-05-09"},
    ),
    # Notion
    (
        "# 利潤腰斬之後\n\nCreated: November 2, 2024 9:14 AM\nSource: 某某報\nAuthor: 李默\n"
        "Published: 2024年10月28日\nTags: 甲, 乙\nURL: https://example.com/1\n\n",
        {
            "title": "利潤腰斬之後", "source": "某某報", "author": "李默", "date": "2024年10月28日",
            "url": "https://example.com/1",
        },
    ),
    (
        "# 利润腰斩之后\n\n- **作者**：李默\n- **来源**：某某报\n\n",
        {"title": "利润腰斩之后", "source": "某某报", "author": "李默"},
    ),
    # MultiMarkdown
    ("Title: 利润腰斩之后\nAuthor: 李默\nDate: 2024-05-09\n\n",
     {"title": "利润腰斩之后", "author": "李默", "date": "2024-05-09"}),
    # When a note was made is no day of the article.
    ("---\ntitle: 甲乙丙丁\ncreated: 2025-02-02\nsaved: 2025-02-02\n---\n", {"title": "甲乙丙丁"}),
]  # fmt: skip


@pytest.mark.parametrize(("front", "known"), FRONT)
def test_front_matter(front, known):
    text, found = parse_markdown(f"{front}{P1}\n")
    assert text == P1
    assert {field: one.value for field, one in found.items()} == known


PROSE = [
    f"# 利润腰斩之后\n\n问：还会亏吗？\n答：{P1}\n\n{P1}",
    f"# 利润腰斩之后\n\n主持人：欢迎\n嘉宾：谢谢\n\n{P1}",
    f"% 的比例不是标题：{P1}"[1:],
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_no_front_matter(text):
    found, known = parse_markdown(text)
    assert known == {}
    assert re.sub(r"\W", "", found) == re.sub(r"\W", "", text)


MARKED = [
    ("## 客户的说法 {#sec:kehu .unnumbered}\n\n正文。", "客户的说法\n\n正文。"),
    ('![图](media/1.png){width="5.2in" height=50%}\n\n正文。', "正文。"),
    (
        "他说不会。[^1]后来会了。[^note]\n\n[^1]: 访谈，\n    匿名。\n[^note]: 又一条。",
        "他说不会。后来会了。",
    ),
    ("::: {.callout-note}\n正文。\n:::", "正文。"),
    ("<aside>\n💡 重点\n</aside>\n\n正文。", "💡 重点\n\n正文。"),
    ("集合 {甲, 乙} 与 {x} 不变。", "集合 {甲, 乙} 与 {x} 不变。"),
]


@pytest.mark.parametrize(("marked", "plain"), MARKED)
def test_marks_of_dialects_go(marked, plain):
    assert without_markup(marked) == plain


@given(st.text(alphabet="%#-:：[]^{}.\n 甲乙a", max_size=60))
def test_no_character_is_invented(text):
    found, known = parse_markdown(text)
    for value in (found, *(one.value for one in known.values())):
        assert set(value) <= set(text) | {" "}
