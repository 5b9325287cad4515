"""Saved pages: what of them is the article, what they tell of it, what was left out."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stance
from paths import CASES
from stance.errors import ReadingError
from stance.reading.web import parse_page
from stance.reading.web.blocks import Shown, lines_of, no_blanks
from stance.reading.web.plain import plain

FILE = tomllib.loads((CASES / "reading_web.toml").read_text("utf-8"))
PARAGRAPHS = {name: FILE[name] for name in ("p1", "p2", "p3")}
ALL = "".join(f"<p>{text}</p>" for text in PARAGRAPHS.values())


def filled(text):
    for name, paragraph in (*PARAGRAPHS.items(), ("P", ALL)):
        text = text.replace(f"{{{name}}}", paragraph)
    return text


@pytest.mark.parametrize("one", FILE["page"], ids=lambda one: one["name"])
def test_pages(one):
    page = parse_page(filled(f"<html>{one['page']}</html>"))
    text, lines = page.text, page.text.split("\n")
    places = [
        next((n for n, line in enumerate(lines) if filled(wanted) in line), None)
        for wanted in one.get("taken", ())
    ]
    assert None not in places, lines
    assert places == sorted(set(places)), "each in a line of its own"
    assert [word for word in one.get("gone", ()) if word in text] == []
    assert {field: page.known.get(field, ("",))[0] for field in one.get("told", {})} == one.get(
        "told", {}
    )
    assert [word for word in one.get("around", ()) if word not in page.around] == []
    told = "\n".join(page.left_out)
    assert [word for word in one.get("left_out", ()) if word not in told] == []
    assert page.warnings == ()


BYLINES = [
    # What the page declares of itself goes before the lines around the article.
    (
        '<head><meta property="article:published_time" content="2024-05-08"></head>',
        "<div>2024-05-09 来源：观潮周刊</div>",
        {"date": "2024-05-08", "source": "观潮周刊"},
    ),
    # A site behind the title is asked last.
    (
        "<head><title>公司利润腰斩之后 - 某某门户</title></head>",
        "<div>来源：观潮周刊</div>",
        {"source": "观潮周刊"},
    ),
    ("<head><title>公司利润腰斩之后 - 某某门户</title></head>", "", {"source": "某某门户"}),
    # The account's name beside the date is no writer's.
    ("", "<div>2024-05-09 10:00　观潮周刊</div>", {"author": None}),
    ("", "<div>作者：李默　编辑：周行　2024-05-09</div>", {"author": "李默", "date": "2024-05-09"}),
]


@pytest.mark.parametrize(("head", "line", "known"), BYLINES)
def test_lines_around_an_article_tell_what_the_page_does_not(tmp_path, head, line, known):
    page = f"<html>{head}<body><h1>公司利润腰斩之后</h1>{line}<div class='content'>{ALL}</div>"
    (tmp_path / "a.html").write_text(f"{page}</body></html>", encoding="utf-8")
    document = stance.read(tmp_path).items[0]
    assert {field: getattr(document, field) for field in known} == known


def test_the_audit_names_what_was_left_out(tmp_path):
    box = "<div class='related'><p>另一家公司昨天宣布了裁员计划，规模为一千人。</p></div>"
    page = f"<html><body><article>{ALL}</article>{box}</body></html>"
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    document = stance.read(tmp_path).items[0]
    assert document.cuts == ("outside: 另一家公司昨天宣布了裁员计划，规模为一千人。",)
    assert "裁员" not in document.text


WORDS = st.sampled_from(
    [*PARAGRAPHS.values(), "一句短话。", "菜单", "作者：李默", "相关阅读", " ", "&amp;"]
)


def elements(tags, inner):
    """Elements of these tags around the inner ones; nested as HTML allows it."""
    return st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag.split()[0]}>",
        st.sampled_from(tags),
        st.lists(inner, max_size=4),
    )


INLINE = WORDS | elements(["span", "a", "b"], WORDS)
BLOCKS = elements(["p", "h2", "li"], INLINE)
NODES = st.recursive(
    BLOCKS | INLINE,
    lambda inner: elements(
        ["div", "ul", "table", "div class=share", "section class=content", "div class=video",
         "ul class=comment"],
        inner,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(NODES)
def test_nothing_is_invented(body):
    """Whatever a page looks like, each sentence of the text stands on it, and no line is empty."""
    try:
        page = parse_page(f"<html><body>{body}</body></html>")
    except ReadingError:
        return
    # Extractors write items of lists with a stroke.
    whole = no_blanks(plain(f"<html><body>{body}</body></html>")).replace("-", "")
    for line in (*page.text.split("\n"), *page.around.split("\n")):
        for sentence in no_blanks(line).replace("-", "").split("。"):
            assert sentence in whole
    assert not re.search(r"\n\s*\n", page.text)
    assert all(passage.startswith("outside: ") for passage in page.left_out)


def test_an_extractor_s_lines_are_found_again_on_the_page():
    from trafilatura import load_html

    tree = load_html(
        f"<html><body><p>甲{PARAGRAPHS['p1']}</p><ul><li>一</li><li>二</li></ul></body>"
    )
    shown = Shown(tuple(lines_of(tree)))
    joined = f"甲{PARAGRAPHS['p1']} - 一 - 二"
    end = "末段是一句完整的话。"
    assert shown.lined(f"甲{PARAGRAPHS['p1']}\n- 一\n- 二\n{end}").split("\n")[1:] == [
        "一", "二", end
    ]  # fmt: skip
    # What stands nowhere on the page is kept as it is.
    assert shown.lined(joined) == joined


PLACES = [
    (
        "<head><title>提车一个月 - 用车区 - 某某车友会 - Powered by Discuz!</title></head>",
        "<h1>提车一个月</h1>",
        {"source": "某某车友会"},
    ),
    # The last part of a title is the site, where it is known.
    (
        "<head><title>公司利润腰斩之后 看完财报，最想说的是… - 雪球</title></head>",
        "<div class='avatar__name'><a class='name'>周行说</a></div><h1>公司利润腰斩之后</h1>",
        {"source": "雪球", "author": "周行说"},
    ),
    (
        "",
        "<section aria-labelledby='article-byline'><ul><li><span>作者, </span><span>李小默</span>"
        "</li><li><span>Role, </span><span>記者</span></li></ul></section>",
        {"author": "李小默"},
    ),
    (
        "",
        "<div id='ssr-content'><div id='header'><p><span>某某观察</span></p></div></div>",
        {"source": "某某观察"},
    ),
]


@pytest.mark.parametrize(("head", "top", "told"), PLACES)
def test_places_of_sites(head, top, told):
    page = parse_page(f"<html>{head}<body>{top}<div class='content'>{ALL}</div></body></html>")
    assert {field: page.known[field][0] for field in told} == told


@pytest.mark.parametrize("name", ["hidden-content hide", "content-hidden", "is-folded"])
def test_what_a_page_unfolds_at_a_touch_is_read(name):
    first, second, third = (f"<p>{text}</p>" for text in PARAGRAPHS.values())
    page = parse_page(
        f"<html><body><article><div>{first}</div><div class='lookall-box'>展开剩余<span>58</span>%"
        f"</div><div class='{name}'>{second}{third}</div></article></body></html>"
    )
    assert page.text.split("\n") == list(PARAGRAPHS.values())
