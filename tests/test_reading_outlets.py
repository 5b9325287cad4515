"""Names and addresses of outlets to one name. All names but those of real outlets are synthetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.errors import LexiconError
from stance.reading.outlets import is_known, is_platform, load_outlets, outlet, shipped
from stance.reading.rules import marked, read_form


def test_the_shipped_file_names_enough_outlets_of_every_kind():
    counts: dict[str, int] = {}
    for one in shipped().outlets:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    assert sum(counts.values()) >= 150
    kinds = "party press finance portal tech hongkong taiwan southeast overseas platform"
    assert set(counts) == set(kinds.split())


def test_every_spelling_and_every_domain_leads_to_its_outlet():
    wrong = [
        (spelling, outlet(spelling), one.name)
        for one in shipped().outlets
        for spelling in (one.name, *one.aliases, *one.domains)
        if outlet(spelling) != one.name
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("36Kr", "36氪"),
        ("虎嗅APP", "虎嗅"),
        ("钛媒体 App", "钛媒体"),
        ("《新京报》", "新京报"),
        ("“澎湃新闻”", "澎湃新闻"),
        ("觀察者網", "观察者网"),
        ("观察者网 心智观察所", "观察者网"),
        ("新浪科技 张三", "新浪科技"),
        ("来源：证券时报网", "证券时报"),
        ("人民日报客户端", "人民日报"),
        ("聯合新聞網", "聯合報"),
        ("饭统戴老板（ID:worldofboss）", "饭统戴老板"),
        # One spelling, two papers: the script decides.
        ("經濟日報", "經濟日報(台灣)"),
        ("经济日报", "经济日报"),
        # Unknown names stay, without what surrounds them.
        ("夸克/网易号", "夸克"),
        ("某某观察（ID：moumou_2020）", "某某观察"),
        ("【某某说】", "某某说"),
        ("微信公众号：某某说", "某某说"),
        ("  某某\u3000小报 ", "某某 小报"),
        ("江上酒", "江上酒"),
        ("A.B. Smith", "A.B. Smith"),
        # Hosts and addresses.
        ("finance.sina.com.cn", "新浪财经"),
        ("https://news.sina.com.cn/c/1.shtml", "新浪"),
        ("https://www.163.com/dy/article/A.html", "网易号"),
        ("https://www.163.com/tech/article/A.html", "网易"),
        ("https://ec.ltn.com.tw/article/1", "自由財經"),
        ("http://money.udn.com/money/story/1", "經濟日報(台灣)"),
        ("www.example.com", "example.com"),
        ("m.news.example.com:8080/x?y=1", "news.example.com"),
        ("", None),
        ("【】", None),
        (" \u3000 ", None),
    ],
)
def test_one_name(name, expected):
    assert outlet(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mp.weixin.qq.com", True),
        ("网易号", True),
        ("https://zhuanlan.zhihu.com/p/1", True),
        ("网易", False),
        ("江上酒", False),
    ],
)
def test_a_platform_is_no_source(name, expected):
    assert is_platform(name) is expected


def test_wordings_prove_their_examples():
    wrong = []
    for wording, pattern in shipped().wordings:
        for example in wording.yes:
            text, spans = marked(example)
            match = pattern.search(read_form(text))
            if match is None or [match.span()] != spans:
                wrong.append((wording.name, example))
        wrong += [(wording.name, no) for no in wording.no if pattern.search(read_form(no))]
    assert not wrong
    assert all(wording.yes and wording.no for wording, _ in shipped().wordings)


@given(st.text(max_size=40))
def test_naming_twice_is_naming_once(name):
    once = outlet(name)
    assert once is None or (once and (outlet(once) or once) == (outlet(outlet(once) or "") or once))


@given(st.text(max_size=300))
def test_any_name_is_answered(name):
    assert outlet(name) != ""
    assert is_known(name) in (True, False)


HEADER = "schema = 1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[outlet]]\nname = "甲报"\nkind = "press"\naliasses = ["甲"]\n',
            "did you mean 'aliases'",
        ),
        (
            '[[outlet]]\nname = "甲报"\nkind = "press"\n[[outlet]]\nname = "甲"\nkind = "x"\n'
            'aliases = ["甲报"]\n',
            "'甲报' leads to '甲报' already",
        ),
        ('[[outlet]]\nname = "甲报"\nkind = "x"\ndomains = ["www.a.com"]\n', "without https://"),
        ('[[wording]]\nname = "x"\npattern = "(("\n', "not a regular expression"),
        ('[[outlets]]\nname = "甲报"\n', "did you mean 'outlet'"),
    ],
)
def test_a_fault_is_told_with_its_mend(tmp_path, text, message):
    path = tmp_path / "sources.toml"
    path.write_text(HEADER + text, encoding="utf-8")
    with pytest.raises(LexiconError, match=r"sources\.toml:") as error:
        load_outlets(path)
    assert message in str(error.value)
