from __future__ import annotations

import json

import numpy as np
import pytest

from paths import ROOT, SEEDS
from stance import training
from stance.errors import GoldError
from stance.fitting import best_threshold
from stance.gold import load_gold
from stance.models import SHIPPED, load_model, save_model

DEV = SEEDS / "gold" / "dev.jsonl"
SYNTHETIC = sorted((ROOT / "training").glob("*.jsonl"))
# The public sets stand beside a checkout of the developers; nobody else needs them.
PUBLIC = ROOT.parent / "shared" / "data"
needs_public = pytest.mark.skipif(
    not PUBLIC.is_dir(), reason="the public sets of tone labels are not beside this checkout"
)


@needs_public
@pytest.mark.slow
def test_the_shipped_models_are_those_that_training_gives(tmp_path):
    """Byte for byte; that their thresholds and scores are right is shown by proofs/scores.py."""
    gold, also = load_gold([DEV]), load_gold(SYNTHETIC)
    kinds = ("frames", "setting")
    thresholds = {kind: load_model(kind).head.thresholds for kind in kinds}
    for model in training.fit_models(gold, also, training.read_tone_sets(PUBLIC), thresholds):
        path = save_model(model, tmp_path)
        for name in (path.name, path.with_suffix(".npz").name):
            assert (tmp_path / name).read_bytes() == (SHIPPED / name).read_bytes()


def test_shipped_models_are_small_and_hold_no_pickle():
    files = list(SHIPPED.glob("*.npz"))
    assert len(files) == 3
    assert sum(path.stat().st_size for path in SHIPPED.iterdir() if path.is_file()) < 10_000_000
    for path in files:
        with np.load(path, allow_pickle=False) as arrays:
            assert {arrays[name].dtype.kind for name in arrays.files} <= {"i", "f"}
        assert load_model(path.stem).text.digest == load_model(path.stem).head.text


def test_synthetic_sentences_say_so_and_are_no_copies():
    gold = load_gold(SYNTHETIC)
    assert len(gold.sentences) > 3000
    assert all(sentence.synthetic for sentence in gold.sentences)
    ours = {sentence.text for sentence in gold.sentences}
    assert len(ours) == len(gold.sentences)
    assert not ours & {sentence.text for sentence in load_gold([DEV]).sentences}
    # No check of the behavioural suite trains.
    suite = (ROOT / "tests" / "cases" / "behaviour.toml").read_text("utf-8")
    assert not [text for text in ours if f'"{text}"' in suite]


@pytest.fixture
def small_gold(tmp_path):
    """A hundred labelled sentences of two articles."""
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(DEV.read_text("utf-8").splitlines()[:100]), "utf-8")
    return load_gold([path])


def test_a_fold_never_sees_its_article(small_gold, monkeypatch):
    seen = []
    fit = training._fit

    def watched(parts, inside, *rest):
        seen.append([set(p.documents()[m].tolist()) for p, m in zip(parts, inside, strict=True)])
        return fit(parts, inside, *rest)

    monkeypatch.setattr(training, "_fit", watched)
    training.cross_validate(small_gold)
    assert seen == [[{1}], [{0}]]


def test_tone_sets_are_read_and_weighed(tmp_path):
    news = tmp_path / "news"
    news.mkdir()
    rows = [{"text": f"第{n}条", "label": label} for n, label in enumerate(["pos", "neu", "neg"])]
    (news / "train.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    words = tmp_path / "words"
    words.mkdir()
    (words / "positive.txt").write_text("好\n妙\n", "utf-8")
    (words / "negative.txt").write_text("\n".join(f"坏{n}" for n in range(6000)), "utf-8")
    first, second = training.read_tone_sets(tmp_path)
    assert (first.name, first.words, first.labels.tolist()) == ("news", False, [1, 0, -1])
    assert (second.name, second.words, len(second.texts)) == ("words", True, 6002)
    # A small set counts in full, a large one as much as 3,000 sentences.
    assert first.weight == 1.0
    assert second.weight == pytest.approx(3000 / 6002)
    (news / "train.jsonl").write_text('{"text": "x"}', "utf-8")
    with pytest.raises(GoldError, match=r"train.jsonl:1: "):
        training.read_tone_sets(tmp_path)
    with pytest.raises(GoldError, match="no such folder"):
        training.read_tone_sets(tmp_path / "nothing")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(GoldError, match="no set of tone labels"):
        training.read_tone_sets(tmp_path / "nothing")


@pytest.mark.parametrize("article", ["a", "b"])
def test_what_cannot_be_cross_validated_is_told(tmp_path, article):
    path = tmp_path / "gold.jsonl"
    rows = ['{"id":"1","article":"a","text":"阿里领先。"}']
    rows.append(f'{{"id":"2","article":"{article}","text":"阿里开会。"}}')
    path.write_text("\n".join(rows), "utf-8")
    with pytest.raises(GoldError, match=r"one article alone|is labelled"):
        training.cross_validate(load_gold([path]))


def test_few_labels_do_not_alone_decide_a_threshold():
    """Two positives, both far up by chance: the probabilities say that more lie below."""
    probability = np.array([0.9, 0.85] + [0.45, 0.4, 0.35, 0.3] * 5 + [0.05] * 80)
    labels = np.zeros(len(probability), dtype=np.int64)
    labels[:2] = 1
    even = np.ones(len(labels))
    assert best_threshold(probability, labels, even) < 0.45
    # Labels that a cut parts move it there.
    line = np.linspace(0, 1, 400)
    parted = best_threshold(line, (line > 0.6).astype(np.int64), np.ones(400))
    unparted = best_threshold(line, (line > 0.3).astype(np.int64), np.ones(400))
    assert unparted < parted <= 0.64
    assert best_threshold(probability, np.zeros_like(labels), even) == 0.5
