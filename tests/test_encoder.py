"""A tiny, randomly built encoder through training, saving, loading and analysis. No download."""

from __future__ import annotations

import json
import os
import pickle
import shutil

import numpy as np
import pytest

import stance
from paths import SEEDS
from stance import labelling, pipeline
from stance.encoder import HEAD, in_batches
from stance.errors import ModelError, StanceError
from stance.judge import LinearJudge

DEV = SEEDS / "gold" / "dev.jsonl"


@pytest.fixture(scope="module")
def libraries():
    """The optional libraries; where they must be there, their lack is a failure."""
    if os.environ.get("STANCE_REQUIRE_TRANSFORMERS"):
        import torch
        import transformers
    else:
        torch = pytest.importorskip("torch")
        transformers = pytest.importorskip("transformers")
    return torch, transformers


@pytest.fixture(scope="module")
def tiny(libraries, tmp_path_factory):
    """A BERT of 16 dimensions over the characters of the gold sentences, weights at random."""
    torch, transformers = libraries
    folder = tmp_path_factory.mktemp("tiny")
    texts = DEV.read_text("utf-8")
    characters = sorted({c for c in texts if c.isprintable() and not c.isspace()})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    tokenizer = transformers.BertTokenizerFast(
        vocab={token: k for k, token in enumerate(vocabulary)}
    )
    tokenizer.save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        transformers.BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def trained(tiny, tmp_path_factory):
    out = tmp_path_factory.mktemp("encoder")
    return out, labelling.train([DEV], out=out, encoder=str(tiny))


def test_training_writes_an_encoder_with_its_card_and_no_pickle(trained):
    out, card = trained
    assert "articles held out | 1:" in card
    assert "tone mean" in card
    names = {path.name for path in out.iterdir()}
    assert {HEAD, "head.safetensors", "model.safetensors", "CARD.md", "evaluation.html"} <= names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]


def test_the_encoder_takes_the_place_of_the_shipped_models(trained, tmp_path):
    out, _ = trained
    run = pipeline.analyze(
        [SEEDS / "articles" / "003_02e5580b89ab0318.txt"], out=tmp_path, models=out
    )
    assert run.n_articles == 1
    signature = json.loads((tmp_path / "run.json").read_text("utf-8"))["signature"]
    assert len(signature["encoder"]) == 16
    assert signature["fitted_on_these_lexicons"] == "yes"
    assert len(signature["frames_model"]) == 16
    analyzer = stance.Analyzer(models=out)
    documents = stance.read(SEEDS / "articles" / "003_02e5580b89ab0318.txt")
    once, again = (next(iter(analyzer.analyze_many(documents))) for _ in range(2))
    assert once == again
    shipped = next(iter(stance.Analyzer().analyze_many(documents)))
    assert [s.text for s in shipped.sentences] == [s.text for s in once.sentences]
    assert [s.optimistic for s in shipped.sentences] != [s.optimistic for s in once.sentences]
    assert "text adds" not in stance.explain(once, analyzer=analyzer)
    copy = pickle.loads(pickle.dumps(analyzer))
    assert next(iter(copy.analyze_many(documents))) == once
    found = stance.evaluate([DEV], out=tmp_path, models=out)
    assert 0 < found.n_seen < found.n_sentences


def test_the_folder_holds_what_was_trained_into_it_last(tiny, tmp_path):
    labelling.train([DEV], out=tmp_path, encoder=str(tiny))
    labelling.train([DEV], out=tmp_path)
    assert isinstance(stance.Analyzer(models=tmp_path).judge, LinearJudge)


def test_sentences_of_tone_teach_the_encoder_and_words_do_not(tiny, tmp_path):
    from stance.cues import CueFinder
    from stance.gold import UNKNOWN, load_gold
    from stance.lexicon import load_lexicons, load_target
    from stance.training import read_tone_sets
    from stance.tuning import _lessons

    (tmp_path / "mine").mkdir()
    rows = [{"text": f"股价大涨{k}%", "label": "pos"} for k in range(1, 4)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "mine" / "train.jsonl").write_text(lines, "utf-8")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "positive.txt").write_text("好\n", "utf-8")
    gold = load_gold([DEV])
    finder = CueFinder(load_lexicons(), load_target("alibaba"))
    sets = read_tone_sets(tmp_path)
    found = _lessons(gold, None, sets, finder, np.random.default_rng(0))
    n = len(gold.sentences)
    assert len(found.pairs) == len(found.labels) == len(found.weights) == n + 3
    assert found.pairs[n] == ("股价大涨1%", "")
    assert found.labels[n].tolist() == [0, 0, 1] + [UNKNOWN] * 6
    assert (found.weights[n:] > 0).all()


def test_a_name_changes_nothing_for_the_encoder(trained):
    out, _ = trained
    from stance.features import features
    from stance.text import given_sentences

    said = []
    for target, text in (("alibaba", "阿里巴巴的增速放缓。"), ("tencent", "腾讯的增速放缓。")):
        analyzer = stance.Analyzer(target, models=out)
        evidence = analyzer.finder.evidence(given_sentences([text]))
        said.append(analyzer.judge.think(evidence, features(evidence, analyzer.finder)))
    np.testing.assert_array_equal(said[0].frames, said[1].frames)
    np.testing.assert_array_equal(said[0].tone, said[1].tone)


def test_two_models_together_say_the_mean_of_their_log_odds(trained):
    from stance.judge import _pooled

    one, other = np.array([0.5, 0.9, 0.2, 0.0, 0.0]), np.array([0.5, 0.1, 0.8, 0.7, 1.0])
    np.testing.assert_allclose(_pooled(one, other), [0.5, 0.5, 0.5, 0.0, 0.0])
    far = _pooled(np.array([0.9]), np.array([0.6]))
    np.testing.assert_allclose(np.log(far / (1 - far)), (np.log(9) + np.log(1.5)) / 2)
    judge = stance.Analyzer(models=trained[0]).judge
    assert isinstance(judge.linear, LinearJudge)


def test_training_learns(tiny, tmp_path, libraries):
    """Sentences whose label a single character tells: the loss must find it."""
    rows = []
    for k in range(240):
        good = k % 2
        text = f"阿里{'涨' if good else '跌'}了第{k}次"
        rows.append(
            {"id": str(k), "article": str(k % 6), "text": text, "target": 1, "voice": "author"}
            | {"tone": 1 if good else -1, "frames": ["market"] if good else []}
        )
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    out = tmp_path / "out"
    from stance import tuning
    from stance.gold import load_gold

    rate = tuning._RATE
    try:
        # A network of random weights needs larger steps than one that knows the language.
        tuning._RATE = 5e-3
        tuned = tuning.tune(load_gold([gold]), str(tiny))
    finally:
        tuning._RATE = rate
    out.mkdir()
    tuned.judge.save(out)
    found = stance.evaluate([gold], out=tmp_path / "scores", models=out)
    assert found.report["tone"].auc.value > 0.95


@pytest.mark.parametrize(
    ("names", "signs"),
    [
        (["negative", "neutral", "positive"], (-1, 0, 1)),
        (["正面", "负面"], (1, -1)),
        ([f"{k} stars" for k in range(1, 6)], (-1, -1, 0, 1, 1)),
    ],
)
def test_tone_from_a_ready_checkpoint(libraries, tiny, tmp_path, names, signs):
    _, transformers = libraries
    config = transformers.AutoConfig.from_pretrained(tiny)
    config.id2label = dict(enumerate(names))
    config.label2id = {name: k for k, name in enumerate(names)}
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path)
    transformers.AutoTokenizer.from_pretrained(tiny).save_pretrained(tmp_path)
    analyzer = stance.Analyzer(tone=f"transformers:{tmp_path}")
    assert analyzer.judge.outside.signs == signs
    assert f"{names[0]} = {signs[0]:+d}" in analyzer.signature()["tone_model"]
    found = analyzer.judge.outside.predict_proba(["阿里涨了。", "阿里的增速放缓。"])
    np.testing.assert_allclose(found.sum(axis=1), 1)
    articles = analyzer.analyze_many(stance.read(SEEDS / "articles" / "003_02e5580b89ab0318.txt"))
    assert next(iter(articles)).n_sentences > 0


@pytest.mark.parametrize("names", [["LABEL_0", "LABEL_1"], ["0", "1"], ["", "positive"]])
def test_labels_that_say_no_tone_are_refused(libraries, tiny, tmp_path, names):
    _, transformers = libraries
    config = transformers.AutoConfig.from_pretrained(tiny)
    config.id2label = dict(enumerate(names))
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path)
    transformers.AutoTokenizer.from_pretrained(tiny).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="cannot be read as a tone"):
        stance.Analyzer(tone=f"transformers:{tmp_path}")


def test_broken_encoders_are_told(libraries, trained, tmp_path):
    (tmp_path / HEAD).write_text("{}", "utf-8")
    with pytest.raises(ModelError, match="not an encoder"):
        stance.Analyzer(models=tmp_path)
    cut = tmp_path / "cut"
    shutil.copytree(trained[0], cut)
    head = cut / "head.safetensors"
    head.write_bytes(head.read_bytes()[:40])
    with pytest.raises(ModelError, match="not an encoder"):
        stance.Analyzer(models=cut)
    with pytest.raises(StanceError, match="no such folder"):
        labelling.train([DEV], out=tmp_path / "out", encoder=str(tmp_path / "missing"))
    with pytest.raises(ModelError, match="no such folder"):
        stance.Analyzer(tone=f"transformers:{tmp_path / 'missing'}")


class Constant:
    """A scorer from outside: always favourable."""

    def predict_proba(self, texts):
        return np.tile([0.0, 0.0, 1.0], (len(texts), 1))


class Unsure:
    def predict_proba(self, texts):
        return np.full((len(texts), 3), np.nan)


class Failing:
    def __init__(self):
        raise RuntimeError("no such luck")


class Wrong:
    def predict_proba(self, texts):
        return np.zeros((1, 2))


def test_tone_from_a_class_of_ones_own():
    analyzer = stance.Analyzer(tone="test_encoder:Constant")
    documents = stance.read(SEEDS / "articles" / "003_02e5580b89ab0318.txt")
    article = next(iter(analyzer.analyze_many(documents)))
    assert {s.tone for s in article.sentences if any(c.isalnum() for c in s.text)} == {1}
    assert analyzer.signature()["tone_model"] == "test_encoder:Constant"
    assert len(analyzer.judge.fitted.frame_cuts) == 4
    for name, message in (("Wrong", "shape"), ("Unsure", "no probabilities")):
        with pytest.raises(ModelError, match=message):
            list(stance.Analyzer(tone=f"test_encoder:{name}").analyze_many(documents))


def test_tone_from_outside_leaves_the_frames_explained():
    analyzer = stance.Analyzer(tone="test_encoder:Constant")
    documents = stance.read(SEEDS / "articles" / "003_02e5580b89ab0318.txt")
    told = stance.explain(next(iter(analyzer.analyze_many(documents))), analyzer=analyzer)
    assert "to market: “" in told
    assert "to favourable: “" not in told


def test_what_fails_in_a_class_of_ones_own_is_told():
    with pytest.raises(ModelError, match="RuntimeError: no such luck"):
        stance.Analyzer(tone="test_encoder:Failing")


@pytest.mark.parametrize(
    "name",
    [
        "nowhere",
        "stance.missing:X",
        "test_encoder:Nobody",
        "os:path",
        ":X",
        "collections:OrderedDict",
    ],
)
def test_a_tone_that_is_not_there_is_told(name):
    with pytest.raises(ModelError, match="--tone"):
        stance.Analyzer(tone=name)


def test_batches_keep_the_order():
    items = ["bbb", "a", "cc", "dddd"]
    found = in_batches(items, lambda own: np.array([[len(x)] for x in own], dtype=float), 1, 3)
    assert found[:, 0].tolist() == [3, 1, 2, 4]
