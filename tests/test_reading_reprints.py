"""Reprints: generated edits found, like articles on other matters left alone."""

from __future__ import annotations

import json
import random
import tomllib
from itertools import combinations

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paths import CASES, ROOT
from stance.reading.reprints import NEAR, clusters, containment, shingles

LINES = (ROOT / "training" / "synthetic.jsonl").read_text("utf-8").splitlines()


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
    "all": lambda s, draw: [TRADITIONAL.convert(x.replace("，", ",")) for x in cut(s, draw)],
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
    """Each text shares half with the next, none with the one after: no chain."""
    parts = ["".join(PASSAGES[k]) for k in range(6)]
    chain = [parts[k] + parts[k + 1] for k in range(5)]
    found = clusters(chain)
    for k, original in enumerate(found.original):
        if original is not None:
            assert containment(shingles(chain[k]), shingles(chain[original])) >= NEAR


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
    assert clusters([""]).original == (None,)
    assert clusters(["阿里巴巴今日发布财报。"] * 2, paths=["a", "b"]).original == (None, 0)
    assert clusters(["快讯：阿里发布财报。", "快讯：腾讯发布财报。"]).original == (None, None)


def test_articles_on_one_event_in_other_words_are_no_reprints():
    events = tomllib.loads((CASES / "reprints" / "events.toml").read_text("utf-8"))["event"]
    told = [[one["text"] for one in event["telling"]] for event in events]
    assert sum(len(list(combinations(tellings, 2))) for tellings in told) >= 200
    texts = [text for tellings in told for text in tellings]
    assert set(clusters(texts).original) == {None}
    # And yet each is found again when it is cut.
    again = clusters([*texts, *(text[len(text) * 3 // 10 :] for text in texts)]).original
    assert list(again[len(texts) :]) == list(range(len(texts)))
