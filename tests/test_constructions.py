from __future__ import annotations

import numpy as np
import pytest

from stance.text import given_sentences


def built(finder, text):
    """Polarity, negation and surface of cues that several words make."""
    evidence = finder.evidence(given_sentences([text]))
    cues = evidence.cues
    return [
        (text[cues.start[k] : cues.end[k]], int(cues.polarity[k]), bool(cues.negated[k]))
        for k in range(len(cues))
        if cues.term[k] < 0
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("成本下降。", [("成本下降", 1, False)]),
        ("營收下降。", [("營收下降", -1, False)]),
        ("成本较去年同期大幅下降。", [("成本较去年同期大幅下降", 1, False)]),
        ("公司降低了成本。", [("降低了成本", 1, False)]),
        ("成本不变，营收下降。", [("营收下降", -1, False)]),
        ("营收没有下降。", [("营收没有下降", -1, True)]),
        ("营收为一百亿元。", []),
    ],
)
def test_rises_and_falls(finder, text, expected):
    assert built(finder, text) == expected


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("淘宝的增速不如拼多多。", -1),
        ("拼多多的增速不如淘宝。", 1),
        ("它的增速不如拼多多。", -1),
        ("淘宝被拼多多超过了。", -1),
        ("淘宝把拼多多甩开了。", 1),
        ("京东的配送比菜鸟更快。", -1),
        ("菜鸟的配送比京东更快。", 1),
        ("腾讯的增速超过百度。", None),
        ("淘宝的营收超过一百亿元。", None),
        ("淘宝超过淘宝直播。", None),
    ],
)
def test_comparisons_are_seen_from_the_target(finder, text, polarity):
    found = [sign for _, sign, _ in built(finder, text)]
    assert found == ([] if polarity is None else [polarity])


def says(finder, text):
    """The sign of all cues together."""
    cues = finder.evidence(given_sentences([text])).cues
    sign = np.where(cues.negated, -cues.polarity, cues.polarity)
    total = float((sign * cues.weight * cues.asserted).sum())
    return 0 if abs(total) < 0.05 else int(np.sign(total))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # One character judges where it is the predicate, under a negator too.
        ("菜鸟的配送比京东慢。", -1),
        ("菜鸟的配送不比京东慢。", 1),
        ("京东的配送不比菜鸟慢。", -1),
        ("菜鸟的配送比京东慢跑团更早到。", 1),
        ("阿里云的响应没有腾讯云快。", -1),
        ("飞书没有钉钉好用，这是不少团队的共识。", 1),
        ("阿里没有京东的股份。", 0),
        # A verb behind the negator: nobody is compared.
        ("监管没有说阿里垄断。", 1),
        ("法院没有判阿里败诉。", 1),
        ("他没骂淘宝混乱。", 1),
        # More and less are good or bad as the quantity is.
        ("淘宝的投诉率高于京东。", -1),
        ("菜鸟的成本低于京东。", 1),
        # The side to measure by stands before the word, or the judgement behind the comma.
        ("抖音的货架跟淘宝比差远了。", 1),
        ("和淘宝相比，拼多多的增长乏力。", 1),
        ("相较于天猫，京东的退货流程更加顺畅。", -1),
        ("比起美团的混乱，饿了么显得井然有序。", 1),
        ("比起饿了么的混乱，美团显得井然有序。", -1),
        ("与拼多多的混乱不同，淘宝井然有序。", 1),
        ("不像拼多多那样粗暴，淘宝对商家相当宽容。", 1),
        ("不像淘宝那样粗暴，拼多多对商家相当宽容。", -1),
        ("阿里在即时零售上不如美团果断。", -1),
        # Words that ask for another behind the other side.
        ("阿里云做到了亚马逊没能做到的事。", 1),
        ("在社交上，阿里远非腾讯的对手。", -1),
        ("京东不是阿里的股东。", 0),
        # Those who leave are neither side.
        ("多家银行放弃阿里云，改用AWS。", -1),
        ("华为云丢掉的客户，多半去了阿里云。", 1),
        ("开发者弃用ChatGPT，拥抱通义千问。", 1),
        ("大会依然选择阿里云。", 0),
        ("拼多多从淘宝手里夺走份额。", -1),
    ],
)
def test_comparisons_in_other_orders_of_words(finder, text, expected):
    assert says(finder, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("京东裁员，阿里却在扩招。", 1),
        ("阿里股价大跌，美团却逆势上涨。", -1),
        ("一边是百度云屡获大单，一边是阿里云门可罗雀。", -1),
        ("连腾讯都失败的领域，阿里闯了出来。", 1),
        ("拼多多和阿里，一个高歌猛进，另一个节节败退。", -1),
        ("阿里花了十年没解决的难题，微软三个月就攻克了。", -1),
        # A clause about both goes on about its subject.
        ("拼多多压过淘宝，登上榜首。", -1),
        # The two fare alike, or somebody else than the subject bears it.
        ("美团裁员，阿里同样在裁员。", -1),
        ("阿里固然家底厚实，字节的速度却让它吃力。", -1),
        # The clause does not begin with its subject.
        ("受拼多多冲击，阿里利润下滑。", -1),
        ("阿里与腾讯的合作以失败告终。", -1),
        # A rival alone is judged, beside the target or not.
        ("京东因虚假宣传被罚，阿里未予置评。", 0),
        ("京东因虚假宣传被罚。", -1),
        # Harm that the target does to a rival.
        ("阿里的反击让拼多多焦头烂额。", 1),
        ("拼多多的反击让阿里焦头烂额。", -1),
        ("美团被淘宝打得节节败退。", 1),
    ],
)
def test_clauses_about_a_rival_beside_the_target(finder, text, expected):
    assert says(finder, text) == expected


def test_what_is_turned_frames_nothing(finder):
    cues = finder.evidence(given_sentences(["京东裁员，阿里却在扩招。"])).cues
    names = [finder.lexicon_names[k] for k in cues.lexicon]
    assert (names, cues.name, cues.polarity.tolist()) == (["tone"], ["裁员"], [1])


def test_praise_of_the_rival_in_a_comparison_is_no_praise_of_the_target(finder):
    cues = finder.evidence(given_sentences(["拼多多超越阿里，用户更信任它。"])).cues
    over = [k for k in range(len(cues)) if cues.name[k] == "超越"]
    assert [int(cues.polarity[k]) for k in over] == [-1]
