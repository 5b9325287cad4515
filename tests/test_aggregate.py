from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from stance.aggregate import estimate, summarise
from stance.breakdown import quality, voices
from stance.types import Document, Tables


def test_no_interval_at_one_or_two_articles():
    assert estimate([], (0, 1)).value is None
    for values in ([0.3], [0.3, 0.5]):
        found = estimate(values, (0, 1))
        assert found.value == pytest.approx(np.mean(values))
        assert (found.low, found.high, found.n) == (None, None, len(values))


def test_the_interval_is_the_t_interval_of_the_means():
    values = [0.31, 0.42, 0.38, 0.55]
    found = estimate(values, (0, 1))
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert found.low == pytest.approx(low, abs=1e-6)
    assert found.high == pytest.approx(high, abs=1e-6)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=9))
def test_the_interval_holds_the_mean_and_stays_in_range(values):
    found = estimate(values, (0, 1))
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_groups_and_unknown_sources(analyzer):
    documents = [
        Document(text="阿里云领先。", path="a", source="乙"),
        Document(text="阿里被罚款。", path="b", source="甲"),
        Document(text="阿里营收增长。", path="c", source="甲"),
        Document(text="阿里开会。", path="d"),
        Document(text="阿里散会。", path="e"),
    ]
    summary = summarise(analyzer.analyze_many(documents))
    assert [(g.name, g.n_articles) for g in summary.groups if g.known] == [("乙", 1), ("甲", 2)]
    assert [g.name for g in summary.groups if not g.known] == ["? d", "? e"]
    table = summary.table()
    assert table.columns[:7] == [
        "source", "n_articles", "n_sentences", "tone_value", "tone_low", "tone_high", "tone_n",
    ]  # fmt: skip
    assert table.height == 4


def test_unknown_sources_of_one_file_name_stay_apart(analyzer):
    documents = [
        Document(text="阿里开会。", path="x/a.txt"),
        Document(text="阿里散会。", path="y/a.txt"),
        Document(text="阿里休会。", path="y/b.txt"),
    ]
    names = [group.name for group in summarise(analyzer.analyze_many(documents)).groups]
    assert names == ["? b.txt", "? x/a.txt", "? y/a.txt"]


def test_any_column_of_text_may_group(analyzer):
    found = analyzer.analyze_batch([Document(text="阿里云领先。", path="a", author="某人")])
    assert summarise(found, by="author").groups[0].name == "某人"
    for column in ("nothing", "n_chars"):
        with pytest.raises(ValueError, match="columns of text are"):
            summarise(found, by=column)


def test_of_reprints_in_a_group_one_counts(analyzer):
    texts = ["阿里云领先。阿里被罚款。", "阿里云领先。", "阿里开会。", "阿里云领先。阿里被罚款。"]
    documents = [
        Document(text=text, path=str(k), source="甲" if k < 3 else "乙")
        for k, text in enumerate(texts)
    ]
    found = analyzer.analyze_batch(documents)
    first = found.articles["article_id"][0]
    marked = found.articles.with_columns(
        reprint_of=pl.Series([None, first, None, first], dtype=pl.String)
    )
    summary = summarise(Tables(marked, found.sentences, found.cues))
    groups = {group.name: group for group in summary.groups}
    # The most complete of a cluster counts in its group; another source's copy counts there.
    assert groups["甲"].article_ids == (found.articles["article_id"][0], marked["article_id"][2])
    assert groups["甲"].reprints == (marked["article_id"][1],)
    assert groups["甲"].n_sentences == 3
    assert groups["乙"].n_articles == 1
    assert quality(summary).height == 4
    without = pl.col("article_id") != marked["article_id"][1]
    alone = summarise(Tables(marked.filter(without), found.sentences.filter(without), found.cues))
    assert voices(summary).equals(voices(alone))
