"""What texts, file names and addresses tell of articles. Pages in this file are synthetic."""

from __future__ import annotations

import datetime
import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paths import CASES, SEEDS
from stance.errors import LexiconError
from stance.reading.byline_rules import load_bylines, shipped
from stance.reading.bylines import line_form, match_rule, metadata, reckon
from stance.reading.dates import dates, iso
from stance.reading.headlines import headline, without_sites
from stance.reading.manifest import load_manifest
from stance.reading.outlets import outlet
from stance.reading.raw import FIELDS, Known
from stance.reading.rules import marked, read_form
from stance.repair import repair
from stance.text import simplify

CASES_FILE = tomllib.loads((CASES / "reading_pages.toml").read_text("utf-8"))
BODY = CASES_FILE["body"]
PAGES = CASES_FILE["page"]


def told(text: str, path: str = "x.txt", known: dict[str, Known] | None = None) -> dict[str, str]:
    return {name: one.value for name, one in metadata(text, path, known or {}).items()}


def test_every_rule_proves_its_examples():
    own, wrong = shipped(), []
    for rule, pattern in own.rules:
        for example in rule.yes:
            expected = dict(example)
            text = expected.pop("text")
            first = text.split("\n")[0]
            found = match_rule(
                own, rule, pattern, first, line_form(first), lambda text=text: read_form(text)
            )
            found.pop("signed", None)
            if found != expected:
                wrong.append((rule.name, text, found))
        for text in rule.no:
            first = text.split("\n")[0]
            found = match_rule(
                own, rule, pattern, first, line_form(first), lambda text=text: read_form(text)
            )
            if found:
                wrong.append((rule.name, text, found))
    assert not wrong
    assert all(rule.yes and rule.no for rule, _ in own.rules)


def test_refusals_endings_and_reckoning_prove_their_examples():
    own = shipped()
    for refusal, _ in own.refusals:
        assert all(own.refuses(refusal.field, value) for value in refusal.yes)
        assert not any(own.refuses(refusal.field, value) for value in refusal.no)
    for ending in own.endings:
        assert all(map(own.looks_like_outlet, ending.yes))
        assert not any(map(own.looks_like_outlet, ending.no))
    for example in own.reckoning.yes:
        assert reckon(own.reckoning, read_form(example["text"])) == example["date"]
    assert not any(reckon(own.reckoning, read_form(text)) for text in own.reckoning.no)


def test_the_seeds_tell_all_that_their_manifest_knows():
    for entry in load_manifest(SEEDS / "manifest.toml"):
        text, _ = repair((SEEDS / entry.path).read_bytes().decode("utf-8"))
        found = told(text, entry.path)
        expected = entry.metadata()
        expected["source"] = outlet(expected["source"]) or ""
        assert {name: simplify(value) for name, value in found.items()} == {
            name: simplify(value) for name, value in expected.items()
        }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["name"])
def test_pages(page):
    text, _ = marked(page["text"].replace("{body}", BODY))
    assert told(text) == page["known"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2024-05-09_新华社_某公司一季度扭亏.txt",
         {"date": "2024-05-09", "source": "新华社", "title": "某公司一季度扭亏"}),
        ("20240509-某公司一季度扭亏-36kr.html",
         {"date": "2024-05-09", "source": "36氪", "title": "某公司一季度扭亏"}),
        ("某公司一季度扭亏_2024年5月9日_某某晚报.docx",
         {"date": "2024-05-09", "source": "某某晚报", "title": "某公司一季度扭亏"}),
        ("archive.zip!/人民日报/【2024.05.09】某公司一季度扭亏.txt",
         {"date": "2024-05-09", "source": "人民日报", "title": "某公司一季度扭亏"}),
        ("corpus/財新/0001.txt", {"source": "财新"}),
        ("2024-05_某公司一季度扭亏.txt", {"date": "2024-05", "title": "某公司一季度扭亏"}),
        ("2024-05-09_某公司_一季度财报解读.txt", {"date": "2024-05-09", "title": "一季度财报解读"}),
        ("000_52e0cc4523e38aa7.txt", {}),
        ("a.txt", {}),
        ("corpus/微信公众号/a.txt", {}),
        ("新华社_2024-05-09.csv#12", {}),
        ("-", {}),
    ],
)  # fmt: skip
def test_file_names(path, expected):
    found = metadata(BODY, path, {})
    assert {name: one.value for name, one in found.items()} == expected
    assert {one.origin for one in found.values()} <= {"file name"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://finance.people.com.cn/n1/2024/0509/c1004-1.html", ("人民网", "2024-05-09")),
        ("https://finance.sina.com.cn/stock/2024-05-09/doc-1.shtml", ("新浪财经", "2024-05-09")),
        ("https://mp.weixin.qq.com/s/abc", (None, None)),
        ("https://www.163.com/dy/article/A1.html", (None, None)),
        ("https://blog.example.com/x", (None, None)),
    ],
)
def test_addresses(url, expected):
    found = metadata(BODY, "x.txt", {"url": Known(url, "html")})
    assert found["url"] == Known(url, "html")
    told_of = [found.get("source"), found.get("date")]
    assert tuple(one and one.value for one in told_of) == expected
    assert {one.origin for one in told_of if one} <= {"host"}


def test_what_is_trusted_more_comes_first():
    page = "某公司利润腰斩\n来源：新京报\n2024-05-09 10:23\n作者：李默\n" + BODY
    path = "2023-01-02_財新_另一个标题的文件.txt"
    url = "https://www.36kr.com/p/2022-01-01/1"
    assert metadata(page, path, {"url": Known(url, "column url")}) == {
        "source": Known("新京报", "byline"),
        "title": Known("某公司利润腰斩", "byline"),
        "author": Known("李默", "byline"),
        "date": Known("2024-05-09", "byline"),
        "url": Known(url, "column url"),
    }
    given_more = {
        "source": Known("虎嗅APP", "html"),
        "date": Known("2021/3/4 08:00", "column 日期"),
    }
    found = metadata(page, path, given_more)
    assert found["source"] == Known("虎嗅", "html")
    assert found["date"] == Known("2021-03-04", "column 日期")
    found = metadata(BODY, path, {"url": Known(url, "html")})
    assert (found["source"], found["date"]) == (
        Known("财新", "file name"),
        Known("2023-01-02", "file name"),
    )


def test_a_manifest_calls_a_source_as_it_likes():
    known = {"source": Known("观察者网 心智观察所", "manifest"), "date": Known("开春", "manifest")}
    assert metadata(BODY, "x.txt", known) == {"source": Known("观察者网 心智观察所", "manifest")}


@pytest.mark.parametrize(
    ("path", "date"),
    [("x.txt", None), ("2024/x.txt", "2024-05-09"), ("2023-2024/x.txt", None)],
)
def test_a_day_takes_its_year_from_the_path(path, date):
    found = metadata("新华社北京5月9日电（记者李默）大会开幕。\n" + BODY, path, {})
    assert (found["date"].value if "date" in found else None) == date
    assert found["source"].value == "新华社"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-09", "2024-05-09"),
        ("2024/5/9", "2024-05-09"),
        ("2024年5月9日", "2024-05-09"),
        ("2024 年 5 月 9 日 10 时", "2024-05-09"),
        ("二〇二四年五月九日", "2024-05-09"),
        ("二○二四年十二月三十一日", "2024-12-31"),
        ("2024.05.09 10:23", "2024-05-09"),
        ("民國113年5月9日", "2024-05-09"),
        ("113年5月9日", "2024-05-09"),
        ("2024-05-09T10:23:00+08:00", "2024-05-09"),
        ("2024年05月09日10:23", "2024-05-09"),
        ("2024-05-0910:23", "2024-05-09"),
        ("２０２４年５月９日", "2024-05-09"),
        ("20240509", "2024-05-09"),
        ("16/09/2025 13:42", "2025-09-16"),
        ("Thu, 09 May 2024 10:23:00 +0800", "2024-05-09"),
        ("May 9, 2024", "2024-05-09"),
        ("1715212800", "2024-05-09"),
        ("1715212800000", "2024-05-09"),
        ("2024年5月", "2024-05"),
        ("2024-05", "2024-05"),
        ("2024年13月1日", None),
        ("2024-02-30", None),
        ("1824-05-09", None),
        ("5月9日", None),
        ("昨天", None),
        ("", None),
        ("99999999999999", None),
        ("2024.5", "2024-05"),
        ("增长2024.5%", None),
    ],
)
def test_dates(written, expected):
    assert iso(written) == expected


def test_a_date_without_a_year_is_found_and_completed():
    assert [one.value for one in dates("先是4月11日，然后十二月二十六日")] == ["04-11", "12-26"]
    assert iso("5月9日", 2023) == "2023-05-09"
    assert iso("2月29日", 2023) is None


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2099, 12, 31)))
def test_every_day_is_read_in_every_form(day):
    forms = (
        "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y.%m.%d}", "{0:%Y年%m月%d日}", "{0:%Y%m%d}",
        "{0.year}年{0.month}月{0.day}日", "{0.year}/{0.month}/{0.day} 8:05",
    )  # fmt: skip
    assert {iso(form.format(day)) for form in forms} == {day.isoformat()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("利润腰斩之后\n" + BODY, "利润腰斩之后"),
        ("利润腰斩之后\n\n" + BODY, "利润腰斩之后"),
        ("# 利润腰斩之后\n" + BODY, "利润腰斩之后"),
        ("首页 > 财经 > 正文\n利润腰斩之后\n" + BODY, "利润腰斩之后"),
        (BODY, None),
        ("摘要：利润腰斩之后\n" + BODY, None),
        ("问：图怎么看？\n答：看趋势，不看数字。\n" + BODY, None),
        ("利润腰斩之后", None),
        ("大家好我是李默\n今天我们聊聊云计算\n这家公司我看了十年\n说实话挺失望的", None),
        ("公司一季度收入增长三成，利润却\n下降了一半。分析师认为，补贴还\n会持续两个季度。负责人在电话会\n上说，够用两年。",
         None),
    ],
)  # fmt: skip
def test_headlines(text, expected):
    assert headline(text, ()) == expected


LINES = st.sampled_from(
    [example["text"] for rule, _ in shipped().rules for example in rule.yes]
    + [text for rule, _ in shipped().rules for text in rule.no]
    + BODY.split("\n")
    + ["", "\u3000", "\x00", "\ud800", "2024"]
)


@given(
    st.lists(LINES, max_size=10).map("\n".join) | st.text(max_size=200),
    st.text(max_size=40),
    st.dictionaries(
        st.sampled_from(FIELDS), st.builds(Known, st.text(max_size=30), st.just("html"))
    ),
)
def test_whatever_comes_values_are_clean(text, path, known):
    found = metadata(text, path, known)
    assert list(found) == [field for field in FIELDS if field in found]
    for field, one in found.items():
        assert one.value.strip()
        assert one.origin in {"html", "byline", "file name", "host", "reckoned"}
        if field == "date":
            assert re.fullmatch(r"\d{4}-\d\d(-\d\d)?", one.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[rule]]\nname = "x"\npattern = "a"\nplace = "left"\n', "allowed are top, head, tail"),
        ('[[rule]]\nname = "x"\npattern = "a"\n', "the key 'place' is missing"),
        ('[[rule]]\nname = "x"\npattern = "[a"\nplace = "any"\n', "not a regular expression"),
        ('[[refusal]]\nfield = "titel"\npattern = "a"\n', "allowed are source, author"),
    ],
)
def test_a_fault_is_told_with_its_line_and_its_mend(tmp_path, text, message):
    path = tmp_path / "bylines.toml"
    path.write_text(
        f'schema = 1\n{text}[reckoning]\npassed = "a"\nheld = "b"\nyear = "c"\n', encoding="utf-8"
    )
    with pytest.raises(LexiconError, match=r"bylines.toml:\d") as error:
        load_bylines(path)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("title", "text", "bare"),
    [
        ("利润腰斩之后_公司_某某网", "首页\n# 利润腰斩之后\n正文。", "利润腰斩之后"),
        ("利润腰斩之后 - 新浪财经", "正文。", "利润腰斩之后"),
        ("利润腰斩之后_财经_新浪财经", "利润是什么。", "利润腰斩之后"),
        ("利润腰斩之后-新浪财经", "利润腰斩之后-新浪财经\n正文。", "利润腰斩之后"),
        ("利润 | 腰斩之后", "正文。", "利润 | 腰斩之后"),
        ("X-Pro 腰斩之后", "X\n正文。", "X-Pro 腰斩之后"),
    ],
)
def test_titles_without_sites(title, text, bare):
    assert without_sites(title, text) == bare


RELEASE = "公司今天发布了新产品，它的价格比上一代低三成，分析师并不意外。"


@pytest.mark.parametrize(
    ("top", "told"),
    [
        ("【新闻稿】\n\n某公司发布新产品，重新定义影像\n\n即时发布\n\n中国深圳，2024年10月15日 —— ",
         {"title": "某公司发布新产品，重新定义影像", "date": "2024-10-15"}),
        ("【新聞稿】\n某公司發布新產品\n\n【香港，2024年10月15日】",
         {"title": "某公司發布新產品", "date": "2024-10-15"}),
        ("某某期刊网 http://www.example.com\n\n玻璃门里的公司\n\n作者：李默\n来源：《某某评论》2024年第09期\n\n",
         {"source": "某某评论", "author": "李默", "date": None}),
    ],
)  # fmt: skip
def test_tops_of_releases_and_issues(top, told):
    found = metadata(f"{top}{RELEASE}\n{RELEASE}\n", "a.txt", {})
    assert {field: found[field].value if field in found else None for field in told} == told
