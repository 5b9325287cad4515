"""SnowScorer against the package itself, to the bit. The strings are drawn with fixed seeds."""

from __future__ import annotations

import json
import math
import random
import warnings

import numpy as np
import pytest

import stance
from paths import SEEDS
from stance.ragged import spread
from stance.text import simplify, split_documents
from stance.tone import decoding, snow, trigrams
from stance.tone.hashed import Hashed


@pytest.fixture(scope="module")
def package():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from snownlp import seg, sentiment
    return seg, sentiment


def ordinary():
    """Sentences of the seeds as they are, simplified, and as the gold has them."""
    documents = [document.text for document in stance.read(SEEDS)]
    written = split_documents(documents).text
    gold = (SEEDS / "gold" / "dev.jsonl").read_text("utf-8").splitlines()
    return [*written, *map(simplify, written), *(json.loads(line)["text"] for line in gold)]


def adversarial(n):
    """Shuffled characters, rare and unknown ones, repeats, odd white space and no text at all."""
    draw = random.Random(7)
    pool = "".join(ordinary())
    odd = ["龘", "鱻", "齉", "国", "的", "㐀", " ", "\u3000", "\u0085", "a9", "\ufeff", "😀", "𠮷"]
    strings = [
        "",
        " ",
        "\n\t",
        "的",
        "的了是",
        "龘",
        "龘龘龘",
        "国龘",
        "很" * 300,
        "好" * 900,
        "差" * 900,
    ]
    for _ in range(n):
        kind = draw.randrange(4)
        length = draw.randint(1, 24)
        if kind == 0:
            strings.append("".join(draw.choice(pool) for _ in range(length)))
        elif kind == 1:
            strings.append("".join(chr(draw.randint(0x4E00, 0x9FA5)) for _ in range(length)))
        elif kind == 2:
            strings.append("".join(draw.choice(odd) for _ in range(length)))
        else:
            start = draw.randrange(len(pool) - length)
            strings.append(pool[start : start + length])
    return strings


def test_every_score_is_the_package_s_to_the_bit(package):
    seg, sentiment = package
    texts = ordinary() + adversarial(6500)
    assert len(texts) >= 8000
    scorer = stance.SnowScorer()
    found = scorer.score(texts)
    words = scorer.words(texts)
    wrong = []
    for text, score, cut in zip(texts, found, words, strict=True):
        if not text:
            assert math.isnan(score)
            continue
        if score != sentiment.classify(text) or cut != seg.seg(text):
            wrong.append(text)
    assert wrong == []


def test_it_is_what_snownlp_s_front_door_says(package):
    from snownlp import SnowNLP

    for text in ("阿里云技术领先。", "因垄断被罚款182亿元", "AI"):
        assert stance.SnowScorer().score([text])[0] == SnowNLP(text).sentiments
    with pytest.raises(ZeroDivisionError):
        _ = SnowNLP("").sentiments
    assert np.isnan(stance.SnowScorer().score([""])).all()


def test_the_batch_does_not_matter(monkeypatch):
    texts = adversarial(200)
    scorer = stance.SnowScorer()
    whole = scorer.score(texts)
    alone = np.concatenate([scorer.score([text]) for text in texts])
    np.testing.assert_array_equal(whole, alone)
    monkeypatch.setattr(snow, "_PORTION", 50)
    np.testing.assert_array_equal(scorer.score(texts), whole)
    assert scorer.score([]).shape == (0,)


TINY = {
    "l1": 0.2,
    "l2": 0.3,
    "l3": 0.5,
    "uni": {"d": {("", "BOS"): 2, ("国", "b"): 3}, "total": 5.0, "none": 0},
    "bi": {"d": {(("", "BOS"), ("国", "b")): 2}, "total": 2.0, "none": 0},
    "tri": {"d": {}, "total": 0.0, "none": 0},
}


def test_each_probability_is_reckoned_as_in_the_package():
    built = trigrams.build(TINY)
    number = built["number"][ord("国") - decoding.FIRST]
    assert built["uni"][0, number] == math.log(0.2 * (3.0 / 5.0))
    pair = Hashed(built["bi_keys"], built["bi_rows"]).find(np.array([number], dtype=np.uint32))
    assert built["bi_value"][built["bi_at"][pair[0]]] == math.log(0.2 * (3.0 / 5.0) + 0.3 * 2 / 2)
    with pytest.raises(stance.StanceError, match=r"not 0\.12\.3"):
        trigrams.build({**TINY, "uni": {**TINY["uni"], "none": 1}})


def test_no_triple_is_less_likely_than_its_pair():
    """The decoder takes the pair's value as a floor."""
    model = snow._trigrams()
    n = model.uni.shape[1]
    taken = model.tri_keys < 2**32 - 1
    keys, rows = model.tri_keys[taken].astype(np.int64), model.tri_rows[taken]
    heads = np.zeros(len(model.bi_at) - 1, dtype=np.int64)
    own = model.bi_keys < 2**32 - 1
    heads[model.bi_rows[own]] = model.bi_keys[own].astype(np.int64)
    here = keys % n
    before = heads[keys // n] % n
    pairs = Hashed(model.bi_keys, model.bi_rows).find((before * n + here).astype(np.uint32))
    floor = np.repeat(model.uni.T[here][:, None], 4, axis=1).reshape(-1, 16)
    which, place = spread(model.bi_at, np.maximum(pairs, 0))
    which, place = which[pairs[which] >= 0], place[pairs[which] >= 0]
    floor[which, model.bi_tags[place]] = model.bi_value[place]
    which, place = spread(model.tri_at, rows)
    assert (model.tri_value[place] >= floor[which, model.tri_tags[place] & 15]).all()
