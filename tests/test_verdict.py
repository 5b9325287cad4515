from __future__ import annotations

import json

import numpy as np
import pytest

from paths import SEEDS
from stance import verdict
from stance.types import FRAMES


def judge(n=50, tone=0, on_target=True, **shares):
    probability = np.tile([shares.get(frame, 0.01) for frame in FRAMES], (n, 1))
    return alone(np.full(n, on_target), np.full(n, tone), probability, probability > 0.02)


def alone(*columns):
    found = verdict.judge(np.array([len(columns[0])]), *columns)
    return found.stance[0], found.dominant[0], found.intensity[0].tolist()


def test_an_article_that_is_not_about_the_target_has_no_stance():
    stance, _, _ = judge(on_target=False)
    assert stance is None


@pytest.mark.parametrize("tone", [-1, 0, 1])
def test_stance_follows_tone(tone):
    assert judge(tone=tone)[0] == tone


def test_blame_outweighs_praise():
    tone = np.array([1] * 10 + [-1] * 10 + [0] * 10)
    flat = np.full((30, 4), 0.01)
    assert alone(np.ones(30, bool), tone, flat, flat > 1)[0] == -1


def test_dominant_frame_and_ties():
    assert judge(market=0.5)[1] == "market"
    assert judge(market=0.5, nationalist=0.3)[1] == "nationalist"
    assert judge(tone=1, critical=0.5, optimistic=0.5)[1] == "optimistic"
    assert judge()[1] is None


def test_lead_and_close_weigh_double():
    weights = verdict.prominence(np.array([50]))
    assert weights[0] == weights[-1] == 2
    assert weights[25] == 1
    assert verdict.prominence(np.array([1, 0, 2])).tolist() == [2, 2, 2]


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
    _, dominant, intensity = alone(np.ones(20, bool), np.zeros(20), flat, flat > 1)
    assert dominant is None
    assert intensity == [0, 0, 0, 0]


def test_articles_are_judged_each_by_itself():
    rng = np.random.default_rng(1)
    sizes = np.array([3, 0, 40, 1])
    tone, shares = rng.integers(-1, 2, 44), rng.random((44, 4))
    columns = (rng.random(44) < 0.7, tone, shares, shares > 0.3)
    together = verdict.judge(sizes, *columns)
    apart = [
        alone(*(column[end - size : end] for column in columns))
        for size, end in zip(sizes, np.cumsum(sizes), strict=True)
    ]
    assert together.stance == [stance for stance, _, _ in apart]
    assert together.dominant == [dominant for _, dominant, _ in apart]
    assert together.intensity.tolist() == [intensity for _, _, intensity in apart]
