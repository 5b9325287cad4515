from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from stance import aggregate, exports
from stance.aggregate import summarise
from stance.comparison import compare
from stance.types import Document


def test_contrasts_are_differences_of_known_groups(analyzer):
    documents = [
        Document(text="阿里云技术领先，前景广阔。", path="a", source="乙"),
        Document(text="阿里被罚款，市场质疑。", path="b", source="甲"),
        Document(text="阿里开会。", path="c"),
    ]
    summary = summarise(analyzer.analyze_many(documents))
    found = compare(summary)
    assert not found.inferential
    assert {(c.a, c.b) for c in found.contrasts} == {("乙", "甲")}
    groups = {group.name: group for group in summary.groups}
    for contrast in found.contrasts:
        a = groups["乙"].estimates[contrast.measure].value
        b = groups["甲"].estimates[contrast.measure].value
        assert abs(contrast.difference - (a - b)) < 1e-6


def test_three_articles_of_a_source_make_it_inferential(analyzer):
    documents = [Document(text=f"阿里云领先{n}。", path=str(n), source="甲") for n in range(3)]
    assert compare(summarise(analyzer.analyze_many(documents))).inferential


def written(found) -> list[bytes]:
    """All that a comparison tells, as text."""
    tables = [getattr(found, field.name) for field in dataclasses.fields(found)]
    gaps = [(gap.a, gap.b, gap.gap, gap.slope, gap.terms.rows()) for gap in found.gaps]
    told = [table.write_json() for table in tables if isinstance(table, pl.DataFrame)]
    summary = found.summary.table().write_json()
    return [*told, summary, repr(gaps), repr(found.contrasts), repr(found.distances)]


def test_the_same_from_files_and_in_small_parts(seeds_summary, tmp_path, monkeypatch):
    whole = written(compare(seeds_summary))
    exports.write_tables(seeds_summary.tables, tmp_path)
    monkeypatch.setattr(aggregate, "_ROWS", 50)
    stored = exports.read_tables(tmp_path)
    pairs = list(aggregate.with_cues(stored, ["article_id", "sentence_id"], ["sentence_id"]))
    assert len(pairs) == 5
    for sentences, cues in pairs:
        assert set(cues["sentence_id"]) <= set(sentences["sentence_id"])
    assert sum(cues.height for _, cues in pairs) == stored.height("cues")
    assert written(compare(summarise(stored))) == whole


def test_cues_in_another_order_are_refused(seeds_summary, monkeypatch):
    found = seeds_summary.tables
    turned = dataclasses.replace(found, cues=found.cues.reverse())
    monkeypatch.setattr(aggregate, "_ROWS", 50)
    with pytest.raises(ValueError, match="order of their sentences"):
        list(aggregate.with_cues(turned, ["article_id", "sentence_id"], ["sentence_id"]))
