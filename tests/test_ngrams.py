from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stance.ngrams import BITS, LENGTHS, ngrams, weighted

TEXTS = st.lists(st.text(alphabet="阿里云领先，a1\ue000", max_size=12), max_size=6)


@given(TEXTS)
def test_a_batch_is_its_sentences_one_by_one(texts):
    together = ngrams(texts)
    for number, text in enumerate(texts):
        own, alone = together.row == number, ngrams([text])
        assert together.column[own].tolist() == alone.column.tolist()
        assert together.start[own].tolist() == alone.start.tolist()


@given(TEXTS)
def test_every_ngram_stands_where_it_says(texts):
    found = ngrams(texts)
    assert ((found.column >= 0) & (found.column < 1 << BITS)).all()
    for row, start, length in zip(found.row, found.start, found.length, strict=True):
        assert length in LENGTHS
        assert -1 <= start <= start + length <= len(texts[row]) + 1


@given(TEXTS)
def test_each_sentence_has_length_one(texts):
    found = ngrams(texts)
    value = weighted(found, np.ones(1 << BITS))
    norms = np.bincount(found.row, value * value, minlength=len(texts))
    assert np.allclose(norms, 1.0)


def test_equal_text_gives_equal_columns_and_other_text_others():
    found = ngrams(["阿里领先", "阿里领先", "阿里落后"])
    columns = [set(found.column[found.row == k].tolist()) for k in range(3)]
    assert columns[0] == columns[1] != columns[2]
    assert columns[0] & columns[2]


def test_nothing_in_nothing_out():
    assert len(ngrams([]).row) == 0
