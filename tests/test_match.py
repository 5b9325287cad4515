from __future__ import annotations

import pickle

import pytest

from stance.match import Entry, Matcher
from stance.text import given_sentences


def found(entries, text):
    matcher = Matcher(entries)
    hits = matcher.find(given_sentences([text]).normal)
    return [
        (text[start:end], entries[entry].spellings[0])
        for start, end, entry in zip(hits.start, hits.end, hits.entry, strict=True)
    ]


@pytest.mark.parametrize(
    ("spelling", "text", "expected"),
    [
        ("印度", "印度尼西亚和印度", 1),
        ("中国", "发展中国家不是中国", 1),
        ("阿里", "阿里山不是阿里", 1),
        ("ai", "AIaaS 与 AI 与ＡＩ", 2),
        ("qwen", "发布Qwen2.5-Max和 QwenX", 1),
        ("17", "2017年赚了17亿", 1),
        ("国产", "國產晶片", 1),
    ],
)
def test_words_are_found_as_words(spelling, text, expected):
    assert len(found([Entry("g", (spelling,))], text)) == expected


def test_the_longest_of_a_list_wins_and_other_lists_do_not_mind():
    entries = [Entry("a", ("垄断",)), Entry("a", ("反垄断",)), Entry("b", ("垄断",))]
    assert found(entries, "反垄断调查") == [("反垄断", "反垄断"), ("垄断", "垄断")]


def test_unless_hides_a_term_inside_a_longer_word_only():
    entries = [Entry("a", ("国产",), ("国产剧",))]
    assert found(entries, "国产剧很火，国产芯片也行") == [("国产", "国产")]


def test_unbounded_entries_match_inside_words():
    entries = [Entry("m", ("不",), ("不断",), bounded=False)]
    assert found(entries, "不是不断") == [("不", "不")]


def test_a_matcher_can_be_sent_to_another_process():
    matcher = Matcher([Entry("g", ("领先",))])
    matcher.find(["领先"])
    assert len(pickle.loads(pickle.dumps(matcher)).find(["领先", "无", "领先"])) == 2


def test_a_very_long_line_takes_no_more_than_its_length():
    """60,000 hits with as many exceptions near them: quadratic work would take minutes here."""
    entries = [Entry("a", ("阿里",), ("阿里山",)), Entry("b", ("领先",))]
    assert len(found(entries, "阿里山阿里领先" * 20_000)) == 40_000
