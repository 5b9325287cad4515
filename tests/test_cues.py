from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.cues import NUMBER_SIGN, SIGNS
from stance.entries import normal_form
from stance.masking import RIVAL_SIGN, TARGET_SIGN
from stance.text import given_sentences


def spoken(finder, text):
    evidence = finder.evidence(given_sentences([text]))
    cues = evidence.cues
    return {
        (finder.lexicon_names[n], finder.term(n, t).text): (int(p), bool(d))
        for n, t, p, d in zip(cues.lexicon, cues.term, cues.polarity, cues.negated, strict=True)
    }


def test_a_judging_term_inside_a_longer_one_is_silent(finder):
    cues = spoken(finder, "用户对淘宝失去信心。")
    assert ("optimistic", "信心") not in cues
    assert any(frame == "critical" for frame, _ in cues)


def test_a_term_of_a_frame_inside_one_of_tone_that_judges_alike_keeps_its_frame(finder):
    cues = spoken(finder, "改版之后，淘宝评论区骂声一片。")
    assert cues[("critical", "骂声")] == (0, False)
    assert sorted(polarity for polarity, _ in cues.values()) == [-1, 0]


def test_a_modifier_inside_a_term_acts_on_nothing(finder):
    assert ("tone", "不守信用") in spoken(finder, "厂家不守信用，口碑变差。")
    denied = {term: d for (_, term), (_, d) in spoken(finder, "用户对淘宝不满意。").items()}
    assert denied == {"满意": True}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("包裹第九天还在仓库。", "包裹第#天还在仓库。"),
        (
            "营收2,478亿元，增长 12.5%，用了三年半，赔了三千。",
            "营收#元，增长 #%，用了#年半，赔了#。",
        ),
        ("快 13 倍，二十几个人守着，一百零八座仓库。", "快 # 倍，#个人守着，#座仓库。"),
        # An article, words that only hold a numeral, and names are no numbers.
        ("一家公司一直千万小心，千方百计，以防万一。", None),
        ("618大促上了V3芯片，两手准备，半点不差。", None),
    ],
)
def test_the_models_read_every_number_alike(finder, text, told):
    found = finder.evidence(given_sentences([text])).told[0]
    assert found.replace(NUMBER_SIGN, "#") == normal_form(told or text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("阿里打败了京东。", "[target][compared +1]了[rival]。"),
        ("京东击败了阿里。", "[rival][compared -1]了[target]。"),
        ("京东被阿里击败。", "[rival]被[target][compared +1]。"),
        ("拼多多的增速不如淘宝。", "[rival]的增速[compared +1][target]。"),
        ("阿里没有打败京东。", "[target]没有[denied][rival]。"),
        # Who stands where says nothing of a word that judges by itself.
        ("阿里云技术领先。", "[target]技术领先。"),
        ("京东亏损扩大，阿里云却大放异彩。", "[rival][compared +1],[target]却大放异彩。"),
    ],
)
def test_the_models_read_a_comparison_by_who_stands_where(finder, text, told):
    found = finder.evidence(given_sentences([text])).told[0]
    named = {TARGET_SIGN: "[target]", RIVAL_SIGN: "[rival]", **SIGNS}
    assert "".join(named.get(c, c) for c in found) == told


def test_names_alone_carry_no_evidence(finder):
    for name in ("阿里巴巴", "阿里云", "马云", "淘宝", "腾讯", "某公司", "BABA"):
        assert not spoken(finder, f"{name}昨天在会上。")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["阿里", "没有", "领先", "，", "國產", "被罚款", "AI", "。", "股价大涨"])
    )
)
def test_cues_lie_inside_their_sentence(finder, words):
    text = "".join(words)
    cues = finder.evidence(given_sentences([text])).cues
    for row in range(len(cues)):
        assert 0 <= cues.start[row] < cues.end[row] <= len(text)
        assert 0 < cues.weight[row] <= 1


def test_a_finder_can_be_sent_to_another_process(finder):
    again = pickle.loads(pickle.dumps(finder))
    assert spoken(again, "阿里云领先。") == spoken(finder, "阿里云领先。")
