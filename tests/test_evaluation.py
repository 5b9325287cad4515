from __future__ import annotations

import numpy as np
import pytest

from paths import SEEDS
from stance import evaluation
from stance.errors import GoldError

DEV = SEEDS / "gold" / "dev.jsonl"


@pytest.fixture(scope="module")
def report():
    return evaluation.cross_validate(evaluation.load_gold([DEV]))


def test_dev_cross_validated_by_article(report):
    assert report.frames.mean >= 0.55
    assert report.tone.mean >= 0.52
    assert report.target.f1["on target"] >= 0.80
    assert report.voice.f1["quoted"] >= 0.60


def test_the_card_says_what_cross_validation_says(report):
    from stance.models import SHIPPED

    card = (SHIPPED / "CARD.md").read_text("utf-8")
    assert "\n".join(report.lines()) in card


def test_the_shipped_models_are_those_that_training_gives(tmp_path):
    from stance.models import SHIPPED, save_model

    gold = evaluation.load_gold([DEV])
    for model in evaluation.fit_models(gold):
        path = save_model(model.model_, tmp_path)
        ours, theirs = path.read_text("utf-8"), (SHIPPED / path.name).read_text("utf-8")
        assert ours.split('"coef"')[0] == theirs.split('"coef"')[0]
        assert ours == theirs


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


@pytest.mark.parametrize("article", ["a", "b"])
def test_what_cannot_be_cross_validated_is_told(tmp_path, article):
    path = tmp_path / "gold.jsonl"
    rows = ['{"id":"1","article":"a","text":"阿里领先。"}']
    rows.append(f'{{"id":"2","article":"{article}","text":"阿里开会。"}}')
    path.write_text("\n".join(rows), "utf-8")
    with pytest.raises(GoldError, match=r"one article alone|is labelled"):
        evaluation.cross_validate(evaluation.load_gold([path]))


def test_scores_are_those_of_scikit_learn():
    from sklearn.metrics import f1_score, precision_score, recall_score

    rng = np.random.default_rng(0)
    said, true = rng.random(200) < 0.4, (rng.random(200) < 0.3).astype(int)
    scores = evaluation._scores({"x": (said, true)})
    assert scores.f1["x"] == pytest.approx(f1_score(true, said))
    assert scores.precision["x"] == pytest.approx(precision_score(true, said))
    assert scores.recall["x"] == pytest.approx(recall_score(true, said))
