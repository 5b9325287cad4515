from __future__ import annotations

import json

import numpy as np
import pytest

from paths import SEEDS
from stance import verdict
from stance.types import FRAMES


def judge(n=50, tone=0, on_target=True, **shares):
    probability = np.tile([shares.get(frame, 0.01) for frame in FRAMES], (n, 1))
    return verdict.judge(np.full(n, on_target), np.full(n, tone), probability, probability > 0.02)


def test_an_article_that_is_not_about_the_target_has_no_stance():
    assert judge(on_target=False).stance is None


@pytest.mark.parametrize("tone", [-1, 0, 1])
def test_stance_follows_tone(tone):
    assert judge(tone=tone).stance == tone


def test_blame_outweighs_praise():
    tone = np.array([1] * 10 + [-1] * 10 + [0] * 10)
    flat = np.full((30, 4), 0.01)
    assert verdict.judge(np.ones(30, bool), tone, flat, flat > 1).stance == -1


def test_dominant_frame_and_ties():
    assert judge(market=0.5).dominant == "market"
    assert judge(market=0.5, nationalist=0.3).dominant == "nationalist"
    assert judge(tone=1, critical=0.5, optimistic=0.5).dominant == "optimistic"
    assert judge().dominant is None


def test_lead_and_close_weigh_double():
    weights = verdict.prominence(50)
    assert weights[0] == weights[-1] == 2
    assert weights[25] == 1
    assert verdict.prominence(1).tolist() == [2]


def test_the_seeds_agree_with_both_annotators_on_at_least_four(seeds_articles):
    labels = json.loads((SEEDS / "gold" / "articles.json").read_text("utf-8"))
    agree = 0
    for article in seeds_articles:
        name = article.path.rsplit("/", 1)[1][:3]
        both = labels[name].values()
        agree += all(
            (article.stance, article.dominant) == (one["stance"], one["dominant"]) for one in both
        )
    assert agree >= 4


def test_no_decided_sentence_no_intensity():
    flat = np.full((20, 4), 0.3)
    found = verdict.judge(np.ones(20, bool), np.zeros(20), flat, flat > 1)
    assert found.dominant is None
    assert set(found.intensity.values()) == {0}
