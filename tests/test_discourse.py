from __future__ import annotations

import tomllib

import pytest

from paths import CASES
from stance.text import given_sentences

VOICE = tomllib.loads((CASES / "voice.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", VOICE, ids=lambda case: case["sentences"][0])
def test_voice_and_target(finder, case):
    evidence = finder.evidence(given_sentences(case["sentences"], [0] * len(case["sentences"])))
    assert evidence.on_target.tolist() == case["on_target"]
    assert evidence.quoted.tolist() == case["quoted"]


@pytest.mark.parametrize(
    ("sentence", "name", "kind"),
    [
        ("阿里巴巴CEO吴泳铭表示，公司将继续投入。", "阿里巴巴CEO吴泳铭", "executive"),
        ("蔡崇信坦言，外部竞争依然激烈。", "蔡崇信", "executive"),
        ("一位不愿具名的分析师认为，淘宝的增长还会放缓。", "一位不愿具名的分析师", "analyst"),
        ("工信部官员指出，平台应当开放外链。", "工信部官员", "official"),
        ("有网友说，淘宝的客服越来越难找。", "网友", "user"),
        ("“我们会继续投入，未来三年都是如此。”蔡崇信说。", "蔡崇信", "executive"),
    ],
)
def test_a_speaker_is_named_with_a_kind(finder, sentence, name, kind):
    evidence = finder.evidence(given_sentences([sentence]))
    assert evidence.quoted.tolist() == [True]
    assert evidence.speakers[0] is not None
    assert tuple(evidence.speakers[0]) == (name, kind)


def test_no_speaker_where_nobody_is_named(finder):
    evidence = finder.evidence(given_sentences(["阿里云发布了新模型。", "据悉，淘宝将改版。"]))
    assert evidence.speakers == [None, None]


def test_page_furniture_is_off_target(finder):
    sentences = ["阿里云宣布降价。", "图片来源：阿里巴巴官网", "文｜李默", "它降了三成。"]
    evidence = finder.evidence(given_sentences(sentences, [0] * 4))
    assert evidence.on_target.tolist()[:3] == [True, False, False]


def test_aspects_come_from_words_and_from_names(finder):
    evidence = finder.evidence(given_sentences(["阿里云宣布降价。", "股价大跌，员工被裁。"]))
    names = finder.aspect_names
    found = [{n for n, own in zip(names, row, strict=True) if own} for row in evidence.aspects]
    assert "cloud" in found[0]
    assert {"capital", "labour"} <= found[1]
