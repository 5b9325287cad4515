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
from stance.ragged import between
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


def test_compiled_code_gives_the_same_bits(monkeypatch):
    pytest.importorskip("numba")
    texts = ordinary() + adversarial(3000)
    expected = stance.SnowScorer().score(texts)
    monkeypatch.setattr(stance.SnowScorer, "PAYS", 0)
    assert snow._compiled() is not None
    np.testing.assert_array_equal(stance.SnowScorer().score(texts), expected)


def test_without_numba_large_inputs_are_scored_as_well(monkeypatch):
    monkeypatch.setattr(stance.SnowScorer, "PAYS", 0)
    monkeypatch.setattr(snow, "_compiled", lambda: None)
    assert stance.SnowScorer().score(["阿里云技术领先。"])[0] > 0.5


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
    assert built["uni"][number, 0] == math.log(0.2 * (3.0 / 5.0))
    pair = Hashed(built["bi_slots"]).find(np.array([number], dtype=np.uint32))
    assert pair.tolist() == [0 << decoding.COUNT_BITS | 1]
    value, tags = built["bi_entries"][0]
    assert (value, tags) == (math.log(0.2 * (3.0 / 5.0) + 0.3 * 2 / 2), 0)
    with pytest.raises(stance.StanceError, match=r"not 0\.12\.3"):
        trigrams.build({**TINY, "uni": {**TINY["uni"], "none": 1}})


def test_no_triple_is_less_likely_than_its_pair():
    """The decoder takes the pair's value as a floor."""
    model = snow._trigrams()
    n = len(model.uni)
    pair_keys, pair_places, _ = known(model.bi_slots)
    keys, places, counts = known(model.tri_slots)
    # A triple's key holds the place of its first pair; that of the start comes behind all others.
    by_place = np.argsort(pair_places)
    first = by_place[np.searchsorted(pair_places[by_place], keys // n)]
    here, before = keys % n, pair_keys[first] % n
    pairs = Hashed(model.bi_slots).find((before * n + here).astype(np.uint32))
    floor = np.repeat(model.uni[here][:, None], 4, axis=1).reshape(-1, 16)
    there = np.flatnonzero(pairs >= 0)
    at, many = divmod(pairs[there], 1 << decoding.COUNT_BITS)
    which, place = between(at, at + many)
    value, tags = model.bi_entries[place].T
    floor[there[which], tags.astype(int)] = value
    which, place = between(places, places + counts)
    value, tags = model.tri_entries[place].T
    assert len(value) == len(model.tri_entries)
    assert (value >= floor[which, tags.astype(int) & 15]).all()


def known(slots):
    """Keys of a table with place and count of their entries."""
    taken = slots[slots[:, 0] < 2**32 - 1].astype(np.int64)
    return taken[:, 0], *divmod(taken[:, 1], 1 << decoding.COUNT_BITS)
