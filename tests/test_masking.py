from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.entries import Alias, Target
from stance.masking import RIVAL_SIGN, TARGET_SIGN, Masker
from stance.text import given_sentences

TARGET = Target(
    name="x",
    label="X",
    label_zh="某",
    aliases=(
        Alias(text="阿里", variants=("阿里云",), unless=("阿里山",)),
        Alias(text="夸克", not_with=("粒子",)),
    ),
    rivals=(Alias(text="腾讯"),),
)
MASKER = Masker(TARGET)


def masked(*sentences, documents=None):
    return MASKER.mask(given_sentences(sentences, documents))


def test_each_name_becomes_one_sign():
    found = masked("阿里云超过腾讯。", "没有名字。")
    assert found.text == [f"{TARGET_SIGN}超过{RIVAL_SIGN}.".replace(".", "。"), "没有名字。"]
    assert found.has(TARGET_SIGN).tolist() == [True, False]
    assert [(name.start, name.end) for name in found.names[0]] == [(0, 3), (5, 7)]


def test_false_friends_stay():
    assert TARGET_SIGN not in masked("阿里山的樱花开了。").text[0]
    assert TARGET_SIGN in masked("夸克上线了。").text[0]


def test_a_word_in_the_article_makes_a_name_somebody_elses():
    here = masked("夸克很小。", "它是一种粒子。", "夸克上线。", documents=[0, 0, 1])
    assert [TARGET_SIGN in text for text in here.text] == [False, False, True]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(["阿里", "云", "腾讯", "山", "降价", "，", "AI", "騰訊", "夸克"])))
def test_offsets_lead_back_to_the_text(words):
    text = "".join(words)
    found = masked(text)
    hidden, names = found.text[0], iter(found.names[0])
    for k, character in enumerate(hidden):
        start, end = found.written(0, k), found.written(0, k + 1)
        if character in (TARGET_SIGN, RIVAL_SIGN):
            name = next(names)
            assert (name.start, name.end) == (start, end)
        else:
            assert end == start + 1
    assert found.written(0, len(hidden)) == len(text)


@pytest.mark.parametrize("name", ["阿里", "阿里云"])
def test_what_is_left_is_the_same_for_every_name(name):
    assert masked(f"{name}降价。").text == masked("夸克降价。").text
