"""Figures against scikit-learn, against published examples, and against slow plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from stance.gold import UNKNOWN, Labels
from stance.scores import Articles, agreement, report
from stance.types import TONES, Probabilities

_RNG = np.random.default_rng(0)


def _labels(frames=None, tone=None, setting=None, n=None):
    n = n or len(next(x for x in (frames, tone, setting) if x is not None))
    return Labels(
        np.full((n, 4), UNKNOWN) if frames is None else np.asarray(frames),
        np.full(n, UNKNOWN) if tone is None else np.asarray(tone),
        np.full((n, 2), UNKNOWN) if setting is None else np.asarray(setting),
    )


@pytest.fixture(scope="module")
def made():
    """200 sentences of 10 articles with noisy probabilities."""
    n = 200
    frames = (_RNG.random((n, 4)) < 0.3).astype(int)
    tone, setting = _RNG.integers(-1, 2, n), (_RNG.random((n, 2)) < 0.5).astype(int)
    thought = Probabilities(
        np.clip(0.5 * frames + 0.6 * _RNG.random((n, 4)), 0, 1).round(2),
        _RNG.dirichlet([1, 1, 1], n),
        _RNG.random((n, 2)).round(1),
    )
    said = Labels(
        (thought.frames > 0.5).astype(int),
        thought.tone.argmax(axis=1) - 1,
        (thought.setting > 0.5).astype(int),
    )
    gold = Labels(frames, tone, setting)
    return gold, said, thought, report(gold, said, Articles(np.arange(n) // 20), thought)


def test_figures_are_those_of_scikit_learn(made):
    gold, said, thought, found = made
    for k, row in enumerate(found["frames"].rows):
        true, own, p = gold.frames[:, k], said.frames[:, k], thought.frames[:, k]
        assert row.f1.value == pytest.approx(metrics.f1_score(true, own))
        assert row.precision.value == pytest.approx(metrics.precision_score(true, own))
        assert row.recall.value == pytest.approx(metrics.recall_score(true, own))
        assert row.auc.value == pytest.approx(metrics.roc_auc_score(true, p))
        assert row.brier.value == pytest.approx(metrics.brier_score_loss(true, p))
        assert row.n == true.sum()
    tone = found["tone"]
    assert tone.mean.value == pytest.approx(metrics.f1_score(gold.tone, said.tone, average="macro"))
    confusion = metrics.confusion_matrix(gold.tone, said.tone).tolist()
    assert [list(row) for row in tone.agreement.confusion] == confusion
    assert tone.agreement.kappa.value == pytest.approx(
        metrics.cohen_kappa_score(gold.tone, said.tone)
    )
    assert tone.agreement.share.value == pytest.approx((gold.tone == said.tone).mean())
    clear = gold.tone != 0
    lean = thought.tone[:, 2] - thought.tone[:, 0]
    assert tone.auc.value == pytest.approx(metrics.roc_auc_score(gold.tone[clear], lean[clear]))
    for row in found["frames"].rows:
        assert sum(b.n for b in row.bins) == 200
        for value in (row.f1, row.auc, row.brier, row.agreement.alpha):
            assert value.low <= value.value <= value.high


def test_what_is_unknown_counts_nowhere(made):
    gold, said, thought, _ = made
    half = Labels(gold.frames.copy(), gold.tone.copy(), gold.setting.copy())
    half.frames[100:], half.tone[100:], half.setting[100:] = UNKNOWN, UNKNOWN, UNKNOWN
    articles = np.arange(200) // 20
    found = report(half, said, Articles(articles), thought)
    first = slice(0, 100)
    alone = report(
        Labels(gold.frames[first], gold.tone[first], gold.setting[first]),
        Labels(said.frames[first], said.tone[first], said.setting[first]),
        Articles(articles[first]),
        Probabilities(thought.frames[first], thought.tone[first], thought.setting[first]),
    )
    for one, other in zip(found.fields, alone.fields, strict=True):
        assert one.mean.value == other.mean.value
        for a, b in zip(one.rows, other.rows, strict=True):
            assert (a.n, a.auc.value, a.brier.value) == (b.n, b.auc.value, b.brier.value)
            assert a.bins == b.bins


def test_what_says_nothing_of_a_field_has_none():
    tone = _labels(tone=[1, 0, -1])
    found = report(_labels(frames=np.ones((3, 4), dtype=int), tone=[1, 0, 0]), tone, _three())
    assert [field.name for field in found.fields] == ["tone"]
    assert found.get("frames") is None
    assert found["tone"].rows[0].auc is None


def test_a_question_that_the_gold_does_not_settle_is_left_out():
    gold = _labels(tone=[1, 0, -1])
    said = Labels(np.ones((3, 4), dtype=int), gold.tone, np.ones((3, 2), dtype=int))
    assert [field.name for field in report(gold, said, _three()).fields] == ["tone"]
    assert report(said, gold, _three()).fields == report(gold, said, _three()).fields


def test_what_nobody_says_has_no_f1():
    never = _labels(frames=np.zeros((3, 4), dtype=int))
    found = report(never, never, _three())["frames"]
    assert found.rows[0].f1.value is None
    assert found.rows[0].agreement.share.value == 1.0
    assert f"{found.mean:7.3f}" == "      -"


def test_only_articles_with_a_label_are_resampled():
    """One article of five is labelled: there is nothing to resample, and nothing near 0."""
    documents = np.repeat(np.arange(5), 4)
    tone = np.where(documents == 2, [1, 0, -1, 1] * 5, UNKNOWN)
    one = report(_labels(tone=tone), _labels(tone=tone), Articles(documents))["tone"]
    assert (one.mean.value, one.mean.ends) == (1.0, "")
    tone = np.where(documents < 3, [1, 0, -1, 1] * 5, UNKNOWN)
    three = report(_labels(tone=tone), _labels(tone=tone), Articles(documents))["tone"]
    assert three.mean.ends == "1.000 to 1.000"


def _three():
    return Articles(np.arange(3))


def test_alpha_of_a_published_example():
    """Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section A."""
    one, other = (np.array([int(c) for c in text]) for text in ("0100000010", "1110010000"))
    found = agreement(one, other, {0: "no", 1: "yes"}, _units(10))
    assert found.alpha.value == pytest.approx(0.095, abs=5e-4)


def _units(n):
    return Articles(np.arange(n))


def _alpha_by_pairs(first, second, apart):
    """Krippendorff's definition, pair by pair."""
    units = list(zip(first, second, strict=True))
    labels = [one for unit in units for one in unit]
    n = len(labels)
    seen = sum(2 * apart(a, b) for a, b in units) / n
    expected = sum(apart(a, b) for a in labels for b in labels) / (n * (n - 1))
    return 1 - seen / expected


@given(st.lists(st.tuples(st.sampled_from([-1, 0, 1]), st.sampled_from([-1, 0, 1])), min_size=2))
def test_alpha_of_ordered_classes_is_that_of_the_definition(pairs):
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    labels = [*first.tolist(), *second.tolist()]

    def apart(a, b):
        low, high = sorted((a, b))
        between = sum(labels.count(one) for one in range(low, high + 1))
        return (between - (labels.count(a) + labels.count(b)) / 2) ** 2 if a != b else 0.0

    found = agreement(first, second, TONES, Articles(np.zeros(len(pairs), dtype=int)))
    if len(set(labels)) < 2:
        assert found.alpha.value is None
    else:
        assert found.alpha.value == pytest.approx(_alpha_by_pairs(first, second, apart))
    assert found.n == len(pairs)


def test_an_interval_needs_three_articles():
    said = _labels(tone=[1, 0, 1, 1])
    value = report(_labels(tone=[1, 0, 0, 1]), said, Articles(np.array([0, 0, 1, 1])))["tone"].mean
    assert (value.low, value.high, value.ends) == (None, None, "")


def test_intervals_resample_articles_not_sentences():
    """All sentences of an article alike: with four articles the interval must be wide."""
    documents = np.repeat(np.arange(4), 100)
    gold = _labels(setting=np.ones((400, 2), dtype=int))
    own = np.column_stack([documents < 2, documents < 2]).astype(int)
    value = report(gold, _labels(setting=own), Articles(documents))["on target"].rows[0].f1
    assert value.low < 0.45
    assert value.high > 0.8
