from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

import stance
from paths import SEEDS
from stance.errors import ModelError
from stance.types import FRAMES

SENTENCES = [
    "阿里云营收同比增长百分之十，股价大涨。",
    "阿里因垄断被罚款，市场质疑其治理。",
    "芯片被卡脖子，阿里转向国产替代，走自主可控之路。",
    "阿里的模型力压群雄，全球领先，前景广阔。",
    "会议在杭州举行。",
]


@pytest.fixture(scope="module")
def shipped():
    return stance.FrameClassifier.load()


@pytest.fixture(scope="module")
def labelled():
    lines = (SEEDS / "gold" / "dev.jsonl").read_text("utf-8").splitlines()[:120]
    rows = [json.loads(line) for line in lines]
    labels = np.array([[int(frame in row["frames"]) for frame in FRAMES] for row in rows])
    return [row["text"] for row in rows], labels


def test_the_shipped_classifier_on_plain_sentences(shipped):
    assert shipped.classes_.tolist() == list(FRAMES)
    predicted = shipped.predict(SENTENCES)
    assert predicted.shape == (5, 4)
    named = [{frame for frame, one in zip(FRAMES, row, strict=True) if one} for row in predicted]
    assert "market" in named[0]
    assert "critical" in named[1]
    assert "nationalist" in named[2]
    assert "optimistic" in named[3]
    assert named[4] == set()


def test_probabilities_and_decisions_agree(shipped):
    probability = shipped.predict_proba(SENTENCES)
    assert probability.shape == (5, 4)
    assert ((probability > 0) & (probability < 1)).all()
    chosen = shipped.predict(SENTENCES) == 1
    assert (
        probability[chosen] >= np.broadcast_to(shipped.model_.head.thresholds, (5, 4))[chosen]
    ).all()


def test_no_frame_where_nothing_is_said(shipped):
    assert not shipped.predict(["阿里云。", "马云的回归和普通人有什么关系？", ""]).any()


def test_both_scripts_read_the_same(shipped):
    simple = shipped.predict_proba(["阿里云营收增长，技术领先，但仍遭质疑。"])
    traditional = shipped.predict_proba(["阿里雲營收增長，技術領先，但仍遭質疑。"])
    np.testing.assert_array_equal(simple, traditional)


@pytest.mark.parametrize("series", [pd.Series, pl.Series, np.array, tuple])
def test_any_sequence_of_strings_will_do(shipped, series):
    np.testing.assert_array_equal(shipped.predict(series(SENTENCES)), shipped.predict(SENTENCES))


def test_the_scikit_learn_contract(labelled):
    texts, labels = labelled
    classifier = stance.FrameClassifier(C=0.7)
    assert classifier.get_params() == {"C": 0.7, "target": "alibaba"}
    copy = clone(classifier.set_params(C=3.0))
    assert copy.C == 3.0
    assert not hasattr(copy, "model_")
    search = GridSearchCV(
        Pipeline([("same", FunctionTransformer()), ("frames", copy)]),
        {"frames__C": [0.1, 2.0]},
        cv=2,
        scoring="f1_macro",
    ).fit(texts, labels)
    assert search.predict(texts[:3]).shape == (3, 4)
    assert 0 < search.best_score_ < 1


def test_unfitted_and_misshapen_are_refused():
    with pytest.raises(Exception, match="not fitted"):
        stance.FrameClassifier().predict(SENTENCES)
    with pytest.raises(ValueError, match="shape"):
        stance.FrameClassifier().fit(["一", "二"], [0, 1])


def test_a_class_that_never_occurs_is_never_predicted(labelled):
    texts, labels = labelled
    labels = labels.copy()
    labels[:, 2] = 0
    classifier = stance.FrameClassifier().fit(texts, labels)
    assert not classifier.predict(texts)[:, 2].any()


def test_a_model_of_another_schema_is_refused(tmp_path, shipped):
    from stance.models import save_model

    path = save_model(shipped.model_, tmp_path)
    data = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**data, "schema": 99}), "utf-8")
    with pytest.raises(ModelError, match="feature schema 99"):
        stance.FrameClassifier.load(tmp_path)
    path.write_text("{}", "utf-8")
    with pytest.raises(ModelError, match="not a model file"):
        stance.FrameClassifier.load(tmp_path)
    with pytest.raises(ModelError):
        stance.FrameClassifier.load(tmp_path / "nowhere")
