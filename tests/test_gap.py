"""Gaps of tone beside their definition."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from corpora import summary_of
from stance.aggregate import summarise
from stance.gap import tone_gap, tone_gaps
from stance.types import Document, Tables


def valence(row) -> float:
    """As the docstring of `tone_gaps` defines it."""
    part = row["polarity"] * row["weight"] * row["asserted"]
    return -0.6 * part if row["negated"] else part


def by_hand(summary, a: str, b: str):
    """Slope, gap and contribution by term, sentence by sentence."""
    rows = [
        row
        for row in summary.tables.sentences.iter_rows(named=True)
        if row["on_target"] and row["tone_score"] is not None
    ]
    odds, cues = {}, {}
    for row in rows:
        s = min(0.98, max(-0.98, row["tone_score"]))
        odds[row["sentence_id"]] = math.log((1 + s) / (1 - s))
        cues[row["sentence_id"]] = {}
    order = sorted(
        summary.tables.cues.iter_rows(named=True), key=lambda c: (c["frame"] != "tone", c["frame"])
    )
    for cue in order:
        if cue["sentence_id"] in cues and cue["polarity"]:
            cues[cue["sentence_id"]].setdefault((cue["start"], cue["end"]), cue)
    sums = {key: sum(map(valence, own.values())) for key, own in cues.items()}
    slope = sum(sums[k] * odds[k] for k in odds) / sum(v * v for v in sums.values())
    sides = []
    for name in (a, b):
        group = next(group for group in summary.groups if group.name == name)
        means, terms = [], {}
        for article in sorted(set(group.article_ids)):
            own = [row["sentence_id"] for row in rows if row["article_id"] == article]
            if not own:
                continue
            means.append(np.mean([odds[key] for key in own]))
            for key in own:
                for cue in cues[key].values():
                    part = slope * valence(cue) / len(own)
                    terms[cue["term"]] = terms.get(cue["term"], 0.0) + part
        sides.append((np.mean(means), {term: v / len(means) for term, v in terms.items()}))
    (first, of_a), (second, of_b) = sides
    parts = {t: of_a.get(t, 0.0) - of_b.get(t, 0.0) for t in {*of_a, *of_b}}
    return slope, first - second, parts


@pytest.mark.parametrize(
    ("a", "b"),
    [("江上酒", "略大参考"), ("略大参考", "江上酒"), ("观察者网 心智观察所", "饭统戴老板")],
)
def test_the_gap_is_as_defined(seeds_summary, a, b):
    found = tone_gap(seeds_summary, a, b, most=1000)
    slope, gap, parts = by_hand(seeds_summary, a, b)
    assert found.slope == pytest.approx(slope, abs=1e-6)
    assert found.gap == pytest.approx(gap, abs=1e-6)
    told = dict(zip(found.terms["term"], found.terms["contribution"], strict=True))
    assert told == pytest.approx(parts, abs=2e-6)
    assert found.other == 0
    assert 0 < found.explained < 1


def test_a_gap_worked_by_hand(analyzer):
    """Two sentences of known scores, one cue each, and one denied."""
    tables = analyzer.analyze_batch(
        [
            Document(text="阿里云领先。阿里云开会。", path="a", source="甲"),
            Document(text="阿里云落后。", path="b", source="乙"),
        ]
    )
    sentences = tables.sentences.with_columns(
        pl.Series("tone_score", [0.5, 0.0, -0.999]), pl.Series("on_target", [True, True, True])
    )
    ids = sentences["sentence_id"].to_list()
    cue = tables.cues.row(0, named=True)

    def of(sentence: int, term: str, frame: str = "tone", **more):
        base = {"start": 0, "end": 2, "weight": 0.5, "polarity": 1, "negated": False, "degree": 1.5}
        told = {"sentence_id": ids[sentence], "term": term, "surface": term, "frame": frame}
        return cue | told | base | {"asserted": 1.0} | more

    cues = pl.DataFrame(
        [
            of(0, "领先"),
            of(0, "领先", "optimistic", weight=1.0),  # the same place in another list
            of(0, "云", "market", polarity=0, start=4, end=5),  # does not judge
            of(1, "失败", polarity=-1, negated=True, asserted=0.5),  # 0.6 * 0.25
            of(2, "落后", "optimistic", polarity=-1, weight=0.8),
            of(2, "落后者", "critical", polarity=-1, weight=0.6),  # first by name
        ],
        schema=tables.cues.schema,
    )
    found = tone_gap(summarise(Tables(tables.articles, sentences, cues)), "甲", "乙")
    y = [math.log(3), 0.0, math.log(0.02 / 1.98)]
    x = [0.5, 0.15, -0.6]
    k = sum(p * q for p, q in zip(x, y, strict=True)) / sum(p * p for p in x)
    assert found.slope == pytest.approx(k, abs=1e-6)
    assert found.gap == pytest.approx((y[0] + y[1]) / 2 - y[2], abs=1e-6)
    assert found.terms.select("term", "n_a", "n_b", "surface").rows() == [
        ("落后者", 0, 1, "落后者"),
        ("领先", 1, 0, "领先"),
        ("失败", 1, 0, "失败"),
    ]
    parts = [0.6 * k, 0.25 * k, 0.075 * k]
    assert found.terms["contribution"].to_list() == pytest.approx(parts, abs=1e-6)
    assert found.explained == pytest.approx(
        k * k * sum(p * p for p in x) / sum(q * q for q in y), abs=1e-6
    )


@pytest.mark.parametrize("most", [0, 1, 3, 12, 1000])
def test_contributions_sum_to_the_gap(seeds_summary, most):
    names = [group.name for group in seeds_summary.groups]
    pairs = [(a, b) for a in names for b in names]
    for (a, b), found in zip(pairs, tone_gaps(seeds_summary, pairs, most), strict=True):
        told = found.terms["contribution"].sum() + found.other + found.remainder
        assert told == pytest.approx(found.gap, abs=1e-9)
        assert found.terms.height <= most
        assert (found.a, found.b) == (a, b)
        size = found.terms["contribution"].abs().to_list()
        assert size == sorted(size, reverse=True)
        if a == b:
            assert found.gap == 0


def test_the_gap_turns_around(seeds_summary):
    there = tone_gap(seeds_summary, "江上酒", "略大参考")
    back = tone_gap(seeds_summary, "略大参考", "江上酒")
    assert back.gap == -there.gap
    assert back.terms["contribution"].to_list() == (-there.terms["contribution"]).to_list()
    assert back.terms["n_a"].to_list() == there.terms["n_b"].to_list()


def test_the_surface_is_the_most_frequent(analyzer):
    texts = [("甲", "阿里雲領先。阿里雲領先。阿里云领先。"), ("乙", "阿里云落后。")]
    found = tone_gap(summary_of(analyzer, texts), "甲", "乙").terms
    assert found.filter(pl.col("term") == "领先").row(0)[2:] == (3, 0, "領先")


def test_no_gap_without_a_sentence_that_counts(analyzer):
    summary = summary_of(analyzer, [("甲", "阿里云领先。"), ("乙", "县城在开会。")])
    assert tone_gap(summary, "甲", "乙") is None
    assert tone_gap(summary, "乙", "甲") is None
    with pytest.raises(KeyError):
        tone_gap(summary, "甲", "丙")
