from __future__ import annotations

import json
import pickle
import sys
import tomllib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paths import CASES, ROOT, SEEDS
from stance.match import Entry, Matcher
from stance.ragged import join
from stance.script import script
from stance.text import (
    Segmenter,
    fold,
    given_sentences,
    sentence_spans,
    simplify,
    split_documents,
)

SENTENCES = tomllib.loads((CASES / "sentences.toml").read_text("utf-8"))
ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("阿里巴巴國国。！？!?；;…，,“”’」』)） \n\r\t　Qw2.5-%AＡ１&\u2028"),
        st.characters(),
    ),
    max_size=80,
)


@pytest.mark.parametrize("case", SENTENCES["case"], ids=lambda case: case["name"])
def test_sentence_cases(case):
    spans = sentence_spans(case["text"])
    assert [case["text"][start:end] for start, end, _ in spans] == case["sentences"]


@given(ANY_TEXT)
def test_sentences_are_disjoint_in_order_and_cover_all_but_white_space(text):
    position = 0
    for start, end, _ in sentence_spans(text):
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@given(ANY_TEXT)
def test_folding_and_simplifying_keep_every_offset(text):
    assert len(fold(text)) == len(text)
    assert len(simplify(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_fold_and_simplify():
    assert fold("ＡＩ：１２Ｂ　Qwen") == "ai:12b qwen"
    assert simplify("國產大模型領先，乾淨的雲") == "国产大模型领先，干净的云"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("阿里云发布新模型，业绩增长。", "simp"),
        ("阿里雲發佈新模型，業績增長。", "trad"),
        ("阿里雲發佈新模型。阿里云发布新模型。", "mixed"),
        ("Alibaba Cloud reported growth.", "other"),
        ("알리바바 클라우드의 매출이 크게 늘었다.", "other"),
        ("\uf900\uf901\ue000\ue000\ue000", "simp"),
        ("", "other"),
        ("阿里人", "simp"),
    ],
)
def test_script(text, expected):
    assert script(text) == expected


def test_split_documents_gives_aligned_columns():
    batch = split_documents(["一。二。\n三。", "", "四。"])
    assert batch.text == ["一。", "二。", "三。", "四。"]
    assert batch.document.tolist() == [0, 0, 0, 2]
    assert batch.paragraph.tolist() == [0, 0, 1, 0]
    assert batch.start.tolist() == [0, 2, 5, 0]
    assert batch.follows().tolist() == [False, True, True, False]


def test_given_sentences_stand_alone_unless_told():
    assert given_sentences(["一", "二"]).follows().tolist() == [False, False]
    assert given_sentences(["一", "二"], [5, 5]).follows().tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "word", "allowed"),
    [
        ("印度尼西亚很大", "印度", False),
        ("去阿里山玩", "阿里", False),
        ("发展中国家的出路", "中国", False),
        ("从容器里取出", "从容", False),
        ("率先进入市场", "先进", False),
        ("学生产品", "生产", False),
        ("它取得成功了", "成功", True),
        ("他们资金雄厚", "雄厚", True),
        ("很漂亮的一仗", "漂亮", True),
        ("阿里的股价", "阿里", True),
    ],
)
def test_a_word_may_stand_where_a_reading_allows_it(text, word, allowed):
    assert len(Matcher([Entry("g", (word,))]).find([text])) == allowed


def test_tokens_join_to_the_text_and_survive_pickling():
    text = "阿里云的Qwen2.5-Max 领先, 3.5%!"
    segmenter = pickle.loads(pickle.dumps(Segmenter(("阿里云",))))
    assert "".join(segmenter.tokens(text)) == text
    assert "阿里云" in segmenter.tokens(text)


def test_the_annotators_sentence_ends_are_found():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from sentences import compare
    finally:
        sys.path.pop(0)
    found, total, missed = compare()
    assert total == 478
    assert found >= 0.97 * total, missed


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="阿里云领先，a1+ .。\ue000份额外", max_size=24),
    st.integers(0, 23),
    st.integers(1, 6),
)
def test_edges_near_a_place_are_those_of_the_whole(text, start, length):
    segmenter = Segmenter(("云领先",))
    end = min(len(text), start + length)
    if start < end:
        joined = join(["领先，领先", text, "a"])
        at = int(joined.start[1])
        edges = segmenter.edges(joined, np.array([at + start]), np.array([at + end]))
        near = np.flatnonzero(edges[at : at + len(text) + 1]).tolist()
        whole = segmenter.boundaries(text)
        left, right = max(b for b in near if b <= start), min(b for b in near if b >= end)
        assert left == max(b for b in whole if b <= start)
        assert right == min(b for b in whole if b >= end)


def test_words_are_those_of_jieba():
    """On real and written sentences, with the words that the lists add and without."""
    lines = (SEEDS / "gold" / "dev.jsonl").read_text("utf-8").splitlines()
    lines += (ROOT / "training" / "passages.jsonl").read_text("utf-8").splitlines()[::5]
    texts = given_sentences([json.loads(line)["text"] for line in lines]).normal
    texts += [
        "我只是一个小小小散户",
        "哈哈哈哈哈卡卡卡卡卡",
        "\ue000的iPhone15卖了3.5万台",
        "A+B=C  \n",
        "",
    ]
    for segmenter in (Segmenter(), Segmenter(("云领先", "净流入", "阿里云", "阿里云计算"))):
        for text in texts:
            assert segmenter.tokens(text) == list(segmenter.tokenizer.cut(text, HMM=False))


_PLAIN = Segmenter()


@given(st.text(alphabet=st.sampled_from("阿里云的增长小市场A1.%-，。 \n\ue000臺"), max_size=30))
def test_words_of_any_text_join_to_it(text):
    assert "".join(_PLAIN.tokens(text)) == text
