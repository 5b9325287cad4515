from __future__ import annotations

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
