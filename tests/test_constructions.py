from __future__ import annotations

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


def test_praise_of_the_rival_in_a_comparison_is_no_praise_of_the_target(finder):
    cues = finder.evidence(given_sentences(["拼多多超越阿里，用户更信任它。"])).cues
    over = [k for k in range(len(cues)) if cues.name[k] == "超越"]
    assert [int(cues.polarity[k]) for k in over] == [-1]
