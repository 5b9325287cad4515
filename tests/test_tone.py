from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

import stance


@pytest.fixture(scope="module")
def scorer():
    return stance.ToneScorer.load()


@pytest.mark.parametrize(
    ("sentence", "tone"),
    [
        ("阿里云技术领先，前景广阔，令人惊喜。", 1),
        ("阿里因垄断被罚款，市场失望，用户流失严重。", -1),
        ("会议在杭州举行。", 0),
        ("阿里雲技術領先，前景廣闊，令人驚喜。", 1),
    ],
)
def test_plain_sentences(scorer, sentence, tone):
    assert scorer.predict([sentence])[0] == tone


@pytest.mark.parametrize(
    ("wins", "loses"),
    [
        ("阿里打败了京东。", "京东打败了阿里。"),
        ("阿里击败了京东。", "京东战胜了阿里。"),
        ("京东输给了阿里。", "阿里输给了京东。"),
        ("拼多多被淘宝反超了。", "淘宝被拼多多反超了。"),
        ("阿里云把腾讯云甩在了身后。", "腾讯云把阿里云甩在了身后。"),
        ("拼多多不敌淘宝。", "淘宝不敌拼多多。"),
        ("菜鸟的配送比京东快得多。", "京东的配送比菜鸟快得多。"),
        ("淘宝的体验远胜拼多多。", "拼多多的体验远胜淘宝。"),
        ("阿里云的稳定性优于华为云。", "华为云的稳定性优于阿里云。"),
        ("商家纷纷从拼多多转投淘宝。", "商家纷纷从淘宝转投拼多多。"),
    ],
)
def test_who_wins_is_told_by_who_stands_where(scorer, wins, loses):
    """Synthetic."""
    assert scorer.predict([wins, loses]).tolist() == [1, -1]


def test_score_and_label_fit_together(scorer):
    sentences = ["阿里领先。", "阿里被罚款。", "会议在杭州举行。"]
    score, label = scorer.score(sentences), scorer.predict(sentences)
    assert np.isnan(score[2])
    assert label[2] == 0
    assert (np.abs(score[:2]) <= 1).all()
    np.testing.assert_allclose(scorer.predict_proba(sentences).sum(axis=1), 1)


def test_repeating_a_sentence_does_not_saturate(scorer):
    once = "阿里云技术领先，但增长放缓。"
    assert np.abs(scorer.score([once * 8])).max() < 0.999


def test_it_is_a_scikit_learn_estimator():
    scorer = clone(stance.ToneScorer(C=0.3))
    assert scorer.get_params() == {"C": 0.3, "target": "alibaba"}
    texts = ["阿里领先。", "阿里被罚款。", "阿里开会。", "淘宝获好评。"]
    assert set(scorer.fit(texts, [1, -1, 0, 1]).predict(texts)) <= {-1, 0, 1}
