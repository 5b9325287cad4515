from __future__ import annotations

import numpy as np
import pytest

from paths import SEEDS
from stance import evaluation
from stance.errors import GoldError

DEV = SEEDS / "gold" / "dev.jsonl"


def test_disputed_labels_count_nowhere(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(
        '{"id":"a-0","article":"a","text":"阿里领先。","target":1,"tone":null,"frames":["market"],'
        '"open":["critical"],"voice":"author"}\n\n'
        '{"id":"a-1","article":"a","text":"开会。"}\n',
        "utf-8",
    )
    gold = evaluation.load_gold([path])
    assert gold.frame_labels().tolist() == [[0, -1, 0, 1], [-1, -1, -1, -1]]
    assert gold.tone_labels().tolist() == [-9, -9]
    found = evaluation.evaluate(gold)
    assert sum(found.tone.positives.values()) == 0
    assert found.frames.positives["market"] == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "gold.jsonl:1"),
        ('{"id":"x"}', "gold.jsonl:1"),
        ('{"id":"x","article":"a","text":"t","frames":["funny"]}', "unknown frame"),
        ("", "no labelled sentence"),
    ],
)
def test_faulty_gold_is_told_with_its_line(tmp_path, line, message):
    path = tmp_path / "gold.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(GoldError) as error:
        evaluation.load_gold([path])
    assert message in str(error.value)
    with pytest.raises(GoldError, match="No such file"):
        evaluation.load_gold([tmp_path / "missing.jsonl"])


def test_scores_are_those_of_scikit_learn():
    from sklearn.metrics import f1_score, precision_score, recall_score

    rng = np.random.default_rng(0)
    said, true = rng.random(200) < 0.4, (rng.random(200) < 0.3).astype(int)
    scores = evaluation._scores({"x": (said, true)}, np.arange(200) // 20)
    assert scores.f1["x"] == pytest.approx(f1_score(true, said))
    assert scores.precision["x"] == pytest.approx(precision_score(true, said))
    assert scores.recall["x"] == pytest.approx(recall_score(true, said))
    low, high = scores.interval["x"]
    assert low <= scores.f1["x"] <= high


def test_an_interval_needs_three_articles():
    said, true = np.array([True, False, True, True]), np.array([1, 0, 0, 1])
    assert evaluation._scores({"x": (said, true)}, np.array([0, 0, 1, 1])).interval == {}


def test_intervals_resample_articles_not_sentences():
    """All sentences of an article alike: with four articles the interval must be wide."""
    documents = np.repeat(np.arange(4), 100)
    true = np.ones(400, dtype=int)
    said = documents < 2
    low, high = evaluation._scores({"x": (said, true)}, documents).interval["x"]
    assert low < 0.45
    assert high > 0.8
