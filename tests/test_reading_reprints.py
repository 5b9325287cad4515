"""Reprints: generated edits found, like articles on other matters left alone."""

from __future__ import annotations

import json
import random
import tomllib
from itertools import combinations, compress

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paths import CASES, ROOT
from stance.reading.reprints import NEAR, clusters, containment, missing, shingles
from stance.text import sentence_spans

LINES = (ROOT / "training" / "passages.jsonl").read_text("utf-8").splitlines()


def passages() -> list[list[str]]:
    """The written passages of eight sentences and more."""
    found: dict[str, list[str]] = {}
    for line in LINES:
        row = json.loads(line)
        found.setdefault(row["article"], []).append(row["text"])
    return [sentences for sentences in found.values() if len(sentences) >= 8]


PASSAGES = passages()
TRADITIONAL = opencc.OpenCC("s2t")


def cut(sentences, draw):
    """A third gone, at the front, the end or inside."""
    gone = len(sentences) * 3 // 10
    at = draw.choice([0, len(sentences) - gone, draw.randrange(len(sentences) - gone)])
    return sentences[:at] + sentences[at + gone :]


EDITS = {
    "cut": cut,
    "headline": lambda s, draw: ["本报独家：另有隐情", *s[1:]],
    "script": lambda s, draw: [TRADITIONAL.convert(x) for x in s],
    "punctuation": lambda s, draw: [x.replace("，", ",").replace("。", ".") for x in s],
    "note": lambda s, draw: [*s, "编者按：以上内容仅代表作者个人观点，不代表本网立场。"],
    "all": lambda s, draw: [
        *(TRADITIONAL.convert(x.replace("，", ",")) for x in cut(s, draw)),
        TRADITIONAL.convert(NOTE),
    ],
}


@pytest.fixture(scope="module")
def generated():
    """300 passages, and an edit of half of them: texts, and the original of each."""
    draw = random.Random(5)
    own = [p for p in PASSAGES if len("".join(p)) > 200][:300]
    texts, meant = ["\n".join(p) for p in own], [None] * len(own)
    for k in range(0, len(own), 2):
        edit = list(EDITS.values())[k // 2 % len(EDITS)]
        texts.append("\n".join(edit(own[k], draw)))
        meant.append(k)
    return texts, meant


def test_generated_edits_are_found(generated):
    texts, meant = generated
    dates = ["2024-01-01" if one is None else "2024-01-02" for one in meant]
    found = clusters(texts, dates=dates).original
    right = sum(a == b for a, b in zip(found, meant, strict=True) if b is not None)
    said = sum(one is not None for one in found)
    wanted = sum(one is not None for one in meant)
    assert 2 * right / (said + wanted) >= 0.95
    # None of the other passages is taken for a reprint of another.
    assert not [k for k, one in enumerate(found) if one is not None and meant[k] is None]


def test_the_original_is_the_earliest_then_the_longest_then_the_first():
    whole = "".join(PASSAGES[0] + PASSAGES[1])
    part = whole[: len(whole) * 2 // 3]
    assert clusters([part, whole], dates=["2024-01-01", "2024-01-02"]).original == (None, 0)
    assert clusters([part, whole]).original == (1, None)
    assert clusters([whole, whole], paths=["b", "a"]).original == (1, None)
    assert clusters([part, whole], dates=[None, "2024-01-02"]).original == (1, None)


def test_a_reprint_is_near_its_original_not_only_its_neighbour():
    """Each text shares two thirds with the next and a third with the one after: no chain."""
    parts = ["".join(own)[:200] for own in PASSAGES if len("".join(own)) >= 200][:8]
    chain = ["".join(parts[k : k + 3]) for k in range(6)]
    assert containment(shingles(chain[0]), shingles(chain[1])) > NEAR
    assert containment(shingles(chain[0]), shingles(chain[2])) < NEAR
    found = clusters(chain, dates=[f"2024-01-0{k + 1}" for k in range(6)])
    assert found.original == (None, 0, None, 2, None, 4)


def test_what_is_known_of_a_reprint():
    whole = "".join(PASSAGES[0])
    found = clusters([whole, whole[: len(whole) * 7 // 10]])
    assert found.contained == (0.0, 1.0)
    assert found.similarity[0] == 0.0
    assert found.similarity[1] == pytest.approx(0.7, abs=0.05)


def test_a_month_is_no_claim_to_be_its_first_day():
    whole = "".join(PASSAGES[0])
    for vague in ("2024-03", "2024"):
        assert clusters([whole, whole], dates=[vague, "2024-03-20"]).original == (1, None)
    assert clusters([whole, whole], dates=["2024-03", "2024-04-01"]).original == (None, 0)


NOTE = (
    "免责声明：本文转载自其他媒体，转载目的在于传递更多信息，并不代表本网赞同其观点和对其真实性"
    "负责。文中内容仅供参考，不构成投资建议，据此操作风险自担。如涉及作品内容、版权等问题，请在"
    "三十日内与本网联系，我们将在第一时间删除。"
)


def test_a_long_disclaimer_makes_no_reprints_and_hides_none():
    short = [own for own in ("".join(p)[:150] for p in PASSAGES) if len(own) == 150][:40]
    noted = [own + NOTE for own in short]
    # The measure without weights would take one for the other.
    assert containment(shingles(noted[0]), shingles(noted[1])) > 0.4
    assert set(clusters(noted).original) == {None}
    again = clusters([*noted, *(TRADITIONAL.convert(own[:105]) + NOTE for own in short)])
    assert list(again.original[40:]) == list(range(40))


def test_a_digest_is_no_reprint_of_what_it_holds():
    parts = ["".join(p)[:240] for p in PASSAGES if len("".join(p)) >= 240][:5]
    found = clusters(["\n".join(parts), *parts], dates=["2024-01-01"] + ["2024-01-02"] * 5)
    assert set(found.original) == {None}


def test_every_copy_is_found_however_many():
    """In a crowd no band pairs all with all."""
    whole = "".join(PASSAGES[0])
    copies = [whole if k % 2 else TRADITIONAL.convert(whole) for k in range(300)]
    found = clusters(copies, paths=[f"{k:03}" for k in range(300)])
    first = found.original.index(None)
    assert [k for k, one in enumerate(found.original) if one != first] == [first]


def test_another_seed_finds_the_same(generated):
    texts, _ = generated
    assert clusters(texts, seed=1) == clusters(texts) == clusters(texts)


TOLD = [
    ("甲公司涨价了。乙公司没有动。", "甲公司涨价了。", [("cut", "乙公司没有动。")]),
    ("甲公司涨价了。", "甲公司涨价了。编者按一句。", [("added", "编者按一句。")]),
    # Script, width, order and how sentences are split are no differences.
    ("消費者對雲計算的需求上升。AI很熱。", "AI很热。消费者对云计算的需求上升!", []),
    # Glued to others, less than a shingle is not known again: rather told than missed.
    (
        "消费者需求正在上升。AI很热。",
        "AI很热，消费者需求正在上升。",
        [("added", "AI很热，消费者需求正在上升。")],
    ),
    ("收入增长百分之八，利润下降。股价没有动。", "收入增长百分之八，利润下降,股价没有动.", []),
    # A changed figure is cut and added.
    (
        "全年收入增长8%，好于预期。其余不变，一切照旧。",
        "全年收入增长6%，好于预期。其余不变，一切照旧。",
        [("cut", "全年收入增长8%，好于预期。"), ("added", "全年收入增长6%，好于预期。")],
    ),
    ("", "", []),
    ("有话要说。", "", [("cut", "有话要说。")]),
    ("……", "！", []),
]


def sentences_of(text):
    return [text[start:end] for start, end, _ in sentence_spans(text)]


@pytest.mark.parametrize(("original", "reprint", "told"), TOLD)
def test_what_was_cut_and_added(original, reprint, told):
    before, after = sentences_of(original), sentences_of(reprint)
    cut = compress(before, missing(before, after))
    added = compress(after, missing(after, before))
    assert [("cut", one) for one in cut] + [("added", one) for one in added] == told


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_missing_are_the_sentences_taken_and_put(data):
    """Of sentences that share nothing, those are told that were taken out and put in."""
    known = [PASSAGES[k][k % 5] for k in range(12)]
    before = data.draw(st.lists(st.sampled_from(known), unique=True))
    after = data.draw(st.lists(st.sampled_from(known), unique=True))
    assert list(compress(before, missing(before, after))) == [s for s in before if s not in after]
    assert list(compress(after, missing(after, before))) == [s for s in after if s not in before]


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(8)))
def test_the_order_given_makes_no_difference(order):
    texts = ["".join(PASSAGES[k % 5]) + "补记。" * (k // 5) for k in range(8)]
    paths = [str(k) for k in range(8)]
    first = clusters(texts, paths=paths).original
    again = clusters([texts[k] for k in order], paths=[paths[k] for k in order]).original
    back = {order[k]: None if one is None else order[one] for k, one in enumerate(again)}
    assert [back[k] for k in range(8)] == list(first)


def test_little_and_nothing():
    assert clusters([]).original == ()
    assert clusters(["", "。", "\ud800", "字"]).original == (None,) * 4
    assert clusters([""]).original == (None,)
    assert clusters(["阿里巴巴今日发布财报。"] * 2, paths=["a", "b"]).original == (None, 0)
    assert clusters(["快讯：阿里发布财报。", "快讯：腾讯发布财报。"]).original == (None, None)
    # Lines of one pattern share most of their letters and are too short to say that it means much.
    pattern = "快讯：{}今日盘后发布季度财报，收入同比增长百分之八，净利润同比下降百分之三。"
    assert clusters([pattern.format("阿里"), pattern.format("腾讯")]).original == (None, None)


def test_articles_on_one_event_in_other_words_are_no_reprints():
    events = tomllib.loads((CASES / "reprints" / "events.toml").read_text("utf-8"))["event"]
    told = [[one["text"] for one in event["telling"]] for event in events]
    assert sum(len(list(combinations(tellings, 2))) for tellings in told) >= 200
    texts = [text for tellings in told for text in tellings]
    assert set(clusters(texts).original) == {None}
    # And yet each is found again when it is cut.
    again = clusters([*texts, *(text[len(text) * 3 // 10 :] for text in texts)]).original
    assert list(again[len(texts) :]) == list(range(len(texts)))
